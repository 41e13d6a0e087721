// Optimisers descend a landscape side by side: paths computed in Python, played here; a click sets another start.
const races = new WeakMap();
const PACE = 40; // steps a second
const HUES = ["--st-blue-color", "--st-gray-color", "--st-orange-color", "--st-green-color", "--st-red-color", "--st-text-color"];

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let race = races.get(parentElement);
  if (!race) {
    race = makeRace(parentElement);
    races.set(parentElement, race);
  }
  race.start = (place) => setTriggerValue("start", place);
  race.update(data);
  return () => {
    race.stop();
    races.delete(parentElement);
  };
}

function makeRace(root) {
  const canvas = root.querySelector("canvas");
  const context = canvas.getContext("2d");
  const [again] = root.querySelectorAll("button");
  const slider = root.querySelector("input");
  const output = root.querySelector("output");
  const list = root.querySelector("ol");
  const race = { start: () => {} };
  let data = null;
  let version = "";
  let ground = null;
  let now = 0;
  let last = 0;
  let handle = 0;

  const style = (name) => getComputedStyle(canvas).getPropertyValue(name).trim();
  const spot = ([x, y]) => {
    const [left, right, bottom, top] = data.window;
    return [((x - left) / (right - left)) * canvas.width, ((top - y) / (top - bottom)) * canvas.height];
  };

  function makeGround() {
    const raw = bytesOf(data.ground);
    const { columns, rows } = data;
    ground = document.createElement("canvas");
    ground.width = columns;
    ground.height = rows;
    const inner = ground.getContext("2d");
    const picture = inner.createImageData(columns, rows);
    const [paper, ink] = ["--st-background-color", "--st-text-color"].map((name) => channelsOf(style(name)));
    for (let i = 0; i < raw.length; i++) {
      // Higher is darker; every twelfth of the height a contour.
      const height = raw[i] / 255;
      const band = Math.floor(height * 12) / 12;
      const share = 0.03 + 0.3 * band;
      for (let c = 0; c < 3; c++) picture.data[4 * i + c] = paper[c] + share * (ink[c] - paper[c]);
      picture.data[4 * i + 3] = 255;
    }
    inner.putImageData(picture, 0, 0);
  }

  function paint() {
    if (!data || !canvas.clientWidth) return;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round((canvas.width * 3) / 4);
    context.imageSmoothingEnabled = true;
    context.drawImage(ground, 0, 0, canvas.width, canvas.height);
    const unit = canvas.width / 400;
    for (const place of data.minima) {
      const [x, y] = spot(place);
      context.strokeStyle = style("--st-green-color");
      context.lineWidth = 2 * unit;
      context.beginPath();
      context.moveTo(x - 5 * unit, y);
      context.lineTo(x + 5 * unit, y);
      context.moveTo(x, y - 5 * unit);
      context.lineTo(x, y + 5 * unit);
      context.stroke();
    }
    data.paths.forEach((path, i) => {
      const hue = style(HUES[i]);
      const until = Math.min(path.length - 1, Math.floor(now));
      context.strokeStyle = context.fillStyle = hue;
      context.lineWidth = 2 * unit;
      context.setLineDash(i === 5 ? [4 * unit, 3 * unit] : []);
      context.beginPath();
      path.slice(0, until + 1).forEach((place, k) => context[k ? "lineTo" : "moveTo"](...spot(place)));
      context.stroke();
      context.setLineDash([]);
      context.beginPath();
      context.arc(...spot(path[until]), 5 * unit, 0, 2 * Math.PI);
      context.fill();
      context.strokeStyle = style("--st-background-color");
      context.lineWidth = 1.2 * unit;
      context.stroke();
    });
    const step = Math.floor(now);
    slider.value = String(step);
    output.textContent = `step ${step}`;
    data.names.forEach((name, i) => {
      const height = data.heights[i][Math.min(step, data.heights[i].length - 1)];
      list.children[i].lastChild.textContent = `${name} ${height === null ? "gone" : short(height)}`;
    });
    canvas.dataset.step = String(step);
  }

  function tick(time) {
    now = Math.min(data.steps, now + (Math.max(0, Math.min(100, time - last)) / 1000) * PACE);
    last = time;
    paint();
    handle = now < data.steps ? requestAnimationFrame(tick) : 0;
  }

  function play() {
    cancelAnimationFrame(handle);
    now = 0;
    last = performance.now();
    handle = requestAnimationFrame(tick);
  }

  again.onclick = play;
  slider.oninput = () => {
    cancelAnimationFrame(handle);
    handle = 0;
    now = Number(slider.value);
    paint();
  };
  canvas.onclick = (event) => {
    const box = canvas.getBoundingClientRect();
    const [left, right, bottom, top] = data.window;
    const x = left + ((event.clientX - box.left) / box.width) * (right - left);
    const y = top - ((event.clientY - box.top) / box.height) * (top - bottom);
    race.start([Math.round(1000 * x) / 1000, Math.round(1000 * y) / 1000]);
  };

  const resized = new ResizeObserver(paint);
  resized.observe(canvas);
  race.stop = () => {
    cancelAnimationFrame(handle);
    resized.disconnect();
  };
  race.update = (fresh) => {
    const theme = style("--st-background-color");
    if (version === fresh.version + theme) return;
    const same = data && data.version === fresh.version;
    version = fresh.version + theme;
    data = fresh;
    canvas.setAttribute("aria-label", data.label);
    slider.max = String(data.steps);
    list.replaceChildren(
      ...data.names.map((_, i) => {
        const item = document.createElement("li");
        const dot = document.createElement("i");
        dot.style.background = `var(${HUES[i]})`;
        item.append(dot, document.createElement("span"));
        return item;
      }),
    );
    makeGround();
    if (same) paint();
    else play();
  };
  return race;
}

function short(value) {
  if (value === 0 || (Math.abs(value) >= 0.001 && Math.abs(value) < 10000)) return value.toPrecision(3);
  return value.toExponential(1);
}
