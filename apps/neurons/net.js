// The network: a column of small maps for each layer, wires between them as thick as their weights are large,
// and an editor for the one that is chosen.
const HEAD = 22; // height of the layers' names
const FOOT = 6;
const LARGEST = 46; // side of a map
const SPARE = 58; // for the names of the outputs

function makeNet(root, send) {
  const box = root.querySelector(".net");
  const editor = root.querySelector(".editor");
  const menu = editor.querySelector("select");
  const slider = editor.querySelector("input[type=range]");
  const number = editor.querySelector("input[type=number]");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "wires");
  svg.setAttribute("aria-hidden", "true"); // the editor's menu has every weight
  let data = null;
  let look = null; // colours
  let built = "";
  let units = []; // by layer: {button, context, now, from, to}
  let wires = []; // {layer, to, of, path, hit}
  let chosen = null; // "layer,to,of"
  let touchedAt = 0; // when a person last moved the editor

  const key = (layer, to, of) => `${layer},${to},${of}`;
  const weight = (layer, to, of) =>
    of < 0 ? data.wires[layer - 1].biases[to] : data.wires[layer - 1].weights[to][of];

  function build() {
    box.replaceChildren(svg);
    svg.replaceChildren();
    units = data.maps.map((maps, layer) =>
      maps.map((_, unit) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "unit";
        button.onclick = () => choose(key(layer, unit, -1));
        button.disabled = layer === 0;
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = data.map;
        button.append(canvas);
        box.append(button);
        return { button, context: canvas.getContext("2d"), now: null, from: null, to: null };
      }),
    );
    wires = [];
    data.wires.forEach(({ weights }, index) => {
      weights.forEach((row, to) => {
        row.forEach((_, of) => {
          const [path, hit] = ["wire", "hit"].map((name) => {
            const element = document.createElementNS("http://www.w3.org/2000/svg", "path");
            element.setAttribute("class", name);
            svg.append(element);
            return element;
          });
          const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
          hit.append(title);
          hit.onclick = () => choose(key(index + 1, to, of));
          wires.push({ layer: index + 1, to, of, path, hit, title });
        });
      });
    });
    data.names.forEach((names, layer) => {
      const title = document.createElement("span");
      title.className = "title";
      title.textContent = data.titles[layer];
      title.dataset.layer = String(layer);
      box.append(title);
      if (layer === data.names.length - 1 || layer === 0) {
        names.forEach((name, unit) => {
          const label = document.createElement("span");
          label.className = "name";
          label.textContent = name;
          label.title = name;
          label.dataset.place = `${layer},${unit}`;
          box.append(label);
        });
      }
    });
    menu.replaceChildren();
    data.wires.forEach(({ weights, kind }, index) => {
      const group = document.createElement("optgroup");
      group.label = data.titles[index + 1];
      weights.forEach((row, to) => {
        const target = data.names[index + 1][to];
        [-1, ...row.keys()].forEach((of) => {
          const option = document.createElement("option");
          option.value = key(index + 1, to, of);
          option.textContent = describe(kind, data.names[index], target, of);
          group.append(option);
        });
      });
      menu.append(group);
    });
    chosen = null;
    choose(key(1, 0, 0), false);
  }

  function describe(kind, sources, target, of) {
    if (kind === "bumps") return of < 0 ? `width of ${target}` : `${sources[of]} of ${target}`;
    return of < 0 ? `bias of ${target}` : `${sources[of]} → ${target}`;
  }

  function choose(value, focus = true) {
    chosen = value;
    menu.value = value;
    touchedAt = 0;
    showEditor();
    restyle();
    if (focus) number.focus({ preventScroll: true });
  }

  function showEditor() {
    if (!data || !data.maps || !chosen || performance.now() - touchedAt < 800) return;
    const value = weight(...chosen.split(",").map(Number));
    const end = Math.max(5, Math.ceil(Math.abs(value)));
    slider.min = String(-end);
    slider.max = String(end);
    slider.value = String(value);
    if (root.activeElement !== number) number.value = String(value);
    for (const each of [menu, slider, number]) each.disabled = !data.turn;
  }

  function edit(text) {
    const value = Number(text);
    if (!data.turn || text === "" || !Number.isFinite(value)) return;
    touchedAt = performance.now();
    slider.value = number.value = text;
    const [layer, to, of] = chosen.split(",").map(Number);
    if (of < 0) data.wires[layer - 1].biases[to] = value;
    else data.wires[layer - 1].weights[to][of] = value;
    restyle();
    send({ [chosen]: value });
  }
  menu.onchange = () => choose(menu.value, false);
  slider.oninput = () => edit(slider.value);
  number.onchange = () => edit(number.value);

  function layout() {
    if (!data || !data.maps || !units.length || !box.clientWidth) return;
    const tallest = Math.max(...units.map((layer) => layer.length));
    const width = box.clientWidth;
    const room = width < 480 ? 6 : SPARE;
    const columns = units.length;
    const pitch = Math.min(LARGEST + 8, Math.max(26, 430 / tallest), (0.62 * (width - room)) / columns);
    const side = Math.round(Math.min(LARGEST, 0.86 * pitch));
    const height = HEAD + FOOT + pitch * tallest;
    box.style.height = `${height}px`;
    const left = side / 2 + 2 + (width < 480 ? 4 : 34);
    const right = width - side / 2 - room;
    const x = (layer) => left + ((right - left) * layer) / Math.max(1, columns - 1);
    const y = (layer, unit) => HEAD + pitch * (unit + 0.5 + (tallest - units[layer].length) / 2);
    units.forEach((layer, i) =>
      layer.forEach(({ button }, unit) => {
        Object.assign(button.style, {
          left: `${x(i) - side / 2}px`,
          top: `${y(i, unit) - side / 2}px`,
          width: `${side}px`,
          height: `${side}px`,
        });
      }),
    );
    for (const { layer, to, of, path, hit } of wires) {
      const [x1, y1] = [x(layer - 1) + side / 2, y(layer - 1, of)];
      const [x2, y2] = [x(layer) - side / 2, y(layer, to)];
      const bend = (x2 - x1) / 2;
      const line = `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
      path.setAttribute("d", line);
      hit.setAttribute("d", line);
    }
    for (const title of box.querySelectorAll(".title")) {
      const layer = Number(title.dataset.layer);
      title.style.left = `${Math.min(Math.max(x(layer), 24), width - 24)}px`;
      title.style.top = "0";
    }
    for (const name of box.querySelectorAll(".name")) {
      const [layer, unit] = name.dataset.place.split(",").map(Number);
      name.style.display = width < 480 ? "none" : "";
      name.style.top = `${y(layer, unit)}px`;
      if (layer) name.style.left = `${x(layer) + side / 2 + 6}px`;
      else name.style.right = `${width - x(layer) + side / 2 + 6}px`;
    }
  }

  function restyle() {
    if (!data || !data.maps || !look) return;
    const rgb = ([r, g, b]) => `rgb(${Math.round(r)}, ${Math.round(g)}, ${Math.round(b)})`;
    const [negative, , positive] = look.signs;
    const scales = data.wires.map(({ weights }) => Math.max(1, ...weights.flat().map(Math.abs)));
    for (const { layer, to, of, path, title } of wires) {
      const { kind } = data.wires[layer - 1];
      const value = weight(layer, to, of);
      const strong = kind === "bumps" ? 0.15 : Math.abs(value) / scales[layer - 1];
      path.style.stroke = kind === "bumps" ? "var(--st-border-color)" : rgb(value < 0 ? negative : positive);
      path.style.strokeWidth = String(0.6 + 4.4 * strong);
      path.style.opacity = String(0.25 + 0.7 * strong);
      const picked = chosen === key(layer, to, of);
      if (picked) Object.assign(path.style, { opacity: "1", strokeWidth: String(Math.max(3, 0.6 + 4.4 * strong)) });
      path.classList.toggle("chosen", picked);
      title.textContent = `${describe(kind, data.names[layer - 1], data.names[layer][to], of)}: ${value}`;
    }
    units.forEach((layer, i) =>
      layer.forEach(({ button }, unit) => {
        button.classList.toggle("chosen", chosen === key(i, unit, -1));
        const extra = i ? `: bias ${weight(i, unit, -1)}` : "";
        button.title = `${data.names[i][unit]}${extra}`;
        button.setAttribute("aria-label", `${data.names[i][unit]}, its answer over the plane`);
      }),
    );
  }

  return {
    layout,
    update(fresh, colours) {
      data = fresh;
      look = colours;
      box.parentElement.hidden = !fresh.maps;
      if (!fresh.maps) return;
      const shape = JSON.stringify([fresh.names, fresh.titles, fresh.map]);
      if (shape !== built) {
        built = shape;
        build();
        layout();
      }
      fresh.maps.forEach((layer, i) =>
        layer.forEach((text, unit) => {
          const kept = units[i][unit];
          const last = i === fresh.maps.length - 1 && fresh.classes.length;
          kept.to = decodeMap(text, last ? look.hues[fresh.letters[unit] ?? unit] : null, look);
          kept.from = kept.now || kept.to;
        }),
      );
      restyle();
      showEditor();
    },
    blend(share) {
      if (!data || !data.maps) return; // the points alone: what learned them is gone
      for (const unit of units.flat()) {
        if (!unit.to) continue;
        const side = data.map;
        const picture = unit.context.createImageData(side, side);
        const now = share >= 1 ? unit.to : new Float32Array(unit.to.length);
        if (share < 1) for (let i = 0; i < now.length; i++) now[i] = unit.from[i] + share * (unit.to[i] - unit.from[i]);
        unit.now = now;
        for (let i = 0; i < side * side; i++) {
          for (let c = 0; c < 3; c++) picture.data[4 * i + c] = now[3 * i + c];
          picture.data[4 * i + 3] = 255;
        }
        unit.context.putImageData(picture, 0, 0);
      }
    },
  };
}

// Signed values as red, paper and blue; an output's probability as paper to the hue of its class.
function decodeMap(text, hue, { signs, paper }) {
  const raw = bytesOf(text);
  const found = new Float32Array(3 * raw.length);
  for (let i = 0; i < raw.length; i++) {
    const value = (raw[i] - 127.5) / 127.5;
    const towards = hue || signs[value < 0 ? 0 : 2];
    const from = hue ? paper : signs[1];
    const amount = Math.abs(value);
    for (let c = 0; c < 3; c++) found[3 * i + c] = from[c] + amount * (towards[c] - from[c]);
  }
  return found;
}
