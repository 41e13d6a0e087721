// A map in layers: the wheel and + - zoom, dragging moves, a click says which cell was meant. Zooming stays here.
const MOST = 16;
const STEP = 1.25;
const STILL = 4; // pixels that a click may move

export default function build(root) {
  const map = root.querySelector(".map");
  const window_ = root.querySelector(".window");
  const sheet = root.querySelector(".sheet");
  const picture = root.querySelector("img");
  const lines = root.querySelector("svg");
  const layers = root.querySelector(".layers");
  const legend = root.querySelector(".legend");
  const hint = root.querySelector(".hint");
  const at = { scale: 1, x: 0, y: 0 }; // x and y: of the sheet's corner, in pixels of the window
  const held = new Map(); // pointers that are down
  let data = null;
  let chosen = "";
  let moved = 0;
  let spread = 0;
  let pick = () => {};

  function place() {
    const { clientWidth: width, clientHeight: height } = window_;
    at.x = Math.min(0, Math.max(width * (1 - at.scale), at.x));
    at.y = Math.min(0, Math.max(height * (1 - at.scale), at.y));
    sheet.style.transform = `translate(${at.x}px, ${at.y}px) scale(${at.scale})`;
    for (const end of lines.querySelectorAll(".end")) end.setAttribute("r", radius());
  }

  const radius = () => (data ? (7 * data.columns) / (window_.clientWidth || 400) / at.scale : 1);

  function zoom(factor, x = window_.clientWidth / 2, y = window_.clientHeight / 2) {
    const scale = Math.min(MOST, Math.max(1, at.scale * factor));
    at.x = x - ((x - at.x) * scale) / at.scale;
    at.y = y - ((y - at.y) * scale) / at.scale;
    at.scale = scale;
    place();
  }

  function inside(event) {
    const box = window_.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  function say(x, y) {
    const share = [(y - at.y) / at.scale / window_.clientHeight, (x - at.x) / at.scale / window_.clientWidth];
    const sides = [data.rows, data.columns];
    pick(share.map((each, i) => Math.min(sides[i] - 1, Math.max(0, Math.floor(each * sides[i])))));
  }

  window_.onpointerdown = (event) => {
    if (event.button) return;
    window_.setPointerCapture(event.pointerId);
    held.set(event.pointerId, inside(event));
    if (held.size === 1) moved = 0;
    spread = 0;
  };
  window_.onpointermove = (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const now = inside(event);
    held.set(event.pointerId, now);
    moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (held.size > 1) {
      const [one, other] = [...held.values()];
      const wide = Math.hypot(one[0] - other[0], one[1] - other[1]);
      if (spread) zoom(wide / spread, (one[0] + other[0]) / 2, (one[1] + other[1]) / 2);
      spread = wide;
    } else if (moved > STILL) {
      window_.classList.add("dragging");
      at.x += now[0] - before[0];
      at.y += now[1] - before[1];
      place();
    }
  };
  window_.onpointerup = (event) => {
    const was = held.size;
    if (held.delete(event.pointerId) && was === 1 && moved <= STILL && data) say(...inside(event));
    window_.classList.remove("dragging");
  };
  window_.onpointercancel = (event) => {
    held.delete(event.pointerId);
    window_.classList.remove("dragging");
  };
  const wheel = (event) => {
    // At its edge the page scrolls on.
    if ((event.deltaY > 0 && at.scale === 1) || (event.deltaY < 0 && at.scale === MOST)) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? STEP : 1 / STEP, ...inside(event));
  };
  window_.addEventListener("wheel", wheel, { passive: false });
  window_.onkeydown = (event) => {
    const moves = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (event.key === "+" || event.key === "=") zoom(STEP);
    else if (event.key === "-") zoom(1 / STEP);
    else if (event.key in moves) {
      at.x += 40 * moves[event.key][0];
      at.y += 40 * moves[event.key][1];
      place();
    } else if (event.key === "Enter" && data) say(window_.clientWidth / 2, window_.clientHeight / 2);
    else return;
    event.preventDefault();
  };
  root.querySelector(".in").onclick = () => zoom(STEP ** 2);
  root.querySelector(".out").onclick = () => zoom(STEP ** -2);

  function show() {
    const layer = data.layers.find((each) => each.name === chosen) || data.layers[0];
    chosen = layer.name;
    if (picture.src !== layer.file) picture.src = layer.file;
    for (const button of layers.children) {
      button.setAttribute("aria-checked", String(button.textContent === chosen));
    }
  }

  function part(name, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  function draw() {
    lines.setAttribute("viewBox", `0 0 ${data.columns} ${data.rows}`);
    const drawn = data.routes.flatMap((route) => {
      const points = route.points.map((point) => point.join(",")).join(" ");
      const line = part("polyline", { points, class: "line", stroke: route.hue });
      line.append(part("title", {}));
      line.firstChild.textContent = route.name;
      return [part("polyline", { points, class: "casing" }), line];
    });
    const ends = data.ends.map(([row, column], i) => {
      const fill = i ? "#d55e00" : "#20262f";
      const dot = part("circle", { cx: column + 0.5, cy: row + 0.5, r: radius(), class: "end", fill });
      dot.append(part("title", {}));
      dot.firstChild.textContent = i ? "goal" : "start";
      return dot;
    });
    lines.replaceChildren(...drawn, ...ends);
  }

  const resized = new ResizeObserver(place);
  resized.observe(window_);
  return {
    update(fresh, { setTriggerValue }) {
      data = fresh;
      pick = (cell) => setTriggerValue("spot", cell);
      map.style.setProperty("--ratio", `${data.columns} / ${data.rows}`);
      window_.setAttribute("aria-label", data.alt);
      hint.textContent = data.hint;
      legend.replaceChildren(
        ...data.legend.map(([name, colour]) => {
          const [entry, swatch] = [document.createElement("span"), document.createElement("i")];
          swatch.style.background = colour;
          entry.append(swatch, name);
          return entry;
        }),
      );
      const names = data.layers.map((layer) => layer.name);
      if (names.join("|") !== [...layers.children].map((button) => button.textContent).join("|")) {
        layers.replaceChildren(
          ...names.map((name) => {
            const button = document.createElement("button");
            button.type = "button";
            button.setAttribute("role", "radio");
            button.textContent = name;
            button.onclick = () => {
              chosen = name;
              show();
            };
            return button;
          }),
        );
      }
      show();
      draw();
      place();
    },
    stop() {
      resized.disconnect();
      window_.removeEventListener("wheel", wheel);
    },
  };
}
