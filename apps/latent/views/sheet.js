// A sheet of units: as a map, and as it lies among the data, at every kept step.

export default function build(root) {
  const map = root.querySelector("canvas.map");
  const space = root.querySelector("canvas.space");
  const said = root.querySelector(".said");
  const sheet = {};
  let data, cloud, cloudHues, ink, shown = null, unit = null;
  let turn = [0.7, 0.45], dragging = null;

  function draw(frame) {
    if (frame) shown = { ...frame, values: bytesOf(frame.codebook) };
    if (!shown || !map.clientWidth) return;
    drawMap();
    drawSpace();
    tell();
  }
  function valuesOf(index) {
    const size = data.shape[0] * data.shape[1] * data.shape[2];
    return Float32Array.from(shown.values.subarray(index * size, (index + 1) * size), (v) => v / 255);
  }
  function drawMap() {
    const [, height, width] = data.shape;
    const gap = height > 1 ? 1 : 0;
    map.width = data.columns * (width + gap);
    map.height = data.rows * (height + gap);
    const context = map.getContext("2d");
    for (let i = 0; i < data.rows * data.columns; i++) {
      const [row, column] = [Math.floor(i / data.columns), i % data.columns];
      context.drawImage(pictureOf(valuesOf(i), data.shape, ink), column * (width + gap), row * (height + gap));
    }
    if (unit === null) return;
    context.strokeStyle = getComputedStyle(map).getPropertyValue("--st-primary-color");
    if (height > 1) context.strokeRect((unit % data.columns) * (width + gap) - 0.5,
      Math.floor(unit / data.columns) * (height + gap) - 0.5, width + gap, height + gap);
  }
  // Three coordinates of a row of numbers: itself for colours, else along the directions of largest variance.
  function coordinates(values) {
    return data.axes.map((axis, k) => {
      let sum = -data.middle[k];
      for (let i = 0; i < values.length; i++) sum += axis[i] * values[i];
      return sum / data.spread;
    });
  }
  function project([x, y, z]) {
    const [a, b] = turn;
    const [u, w] = [x * Math.cos(a) - z * Math.sin(a), x * Math.sin(a) + z * Math.cos(a)];
    const v = y * Math.cos(b) - w * Math.sin(b);
    const half = Math.min(space.clientWidth, space.clientHeight) / 2;
    return [space.clientWidth / 2 + 0.92 * half * u, space.clientHeight / 2 - 0.92 * half * v];
  }
  function drawSpace() {
    const context = sharp(space);
    context.globalAlpha = 0.55;
    for (let i = 0; i < cloud.length / 3; i++) {
      const [x, y] = project([cloud[3 * i], cloud[3 * i + 1], cloud[3 * i + 2]]);
      context.fillStyle = cloudHues[i];
      context.fillRect(x - 1.5, y - 1.5, 3, 3);
    }
    context.globalAlpha = 1;
    const places = [];
    for (let i = 0; i < data.rows * data.columns; i++) places.push(project(coordinates(valuesOf(i))));
    context.strokeStyle = getComputedStyle(space).color;
    context.lineWidth = 1;
    context.beginPath();
    for (let i = 0; i < places.length; i++) {
      if ((i + 1) % data.columns) context.moveTo(...places[i]), context.lineTo(...places[i + 1]);
      if (i + data.columns < places.length) context.moveTo(...places[i]), context.lineTo(...places[i + data.columns]);
    }
    context.stroke();
    const style = getComputedStyle(space);
    places.forEach(([x, y], i) => {
      const values = valuesOf(i);
      context.fillStyle = values.length === 3 ? `rgb(${Array.from(values, (v) => Math.round(255 * v))})`
        : data.unitHues[i] ?? style.color;
      const radius = i === unit ? 7 : 3;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
      if (i === unit) {
        context.strokeStyle = style.getPropertyValue("--st-primary-color");
        context.lineWidth = 2.5;
        context.stroke();
      }
    });
  }
  const tell = () => { said.textContent = unit === null ? data.hint : data.notes[unit] ?? ""; };
  const at = (event) => {
    const box = map.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * data.columns);
    const row = Math.floor(((event.clientY - box.top) / box.height) * data.rows);
    return Math.min(data.rows - 1, Math.max(0, row)) * data.columns + Math.min(data.columns - 1, Math.max(0, column));
  };
  map.onpointermove = (event) => {
    const now = at(event);
    if (now === unit) return;
    unit = now;
    draw();
  };
  map.onclick = (event) => { unit = at(event); draw(); sheet.send("unit", { film: data.film, unit }); };
  map.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -data.columns, ArrowDown: data.columns }[event.key];
    if (!by) return;
    event.preventDefault();
    unit = Math.min(data.rows * data.columns - 1, Math.max(0, (unit ?? -by) + by));
    draw();
    sheet.send("unit", { film: data.film, unit });
  };
  space.onpointerdown = (event) => {
    event.preventDefault();
    space.setPointerCapture(event.pointerId);
    dragging = [event.clientX, event.clientY];
  };
  space.onpointermove = (event) => {
    if (!dragging) return;
    turn = [turn[0] + (event.clientX - dragging[0]) / 120, turn[1] + (event.clientY - dragging[1]) / 120];
    dragging = [event.clientX, event.clientY];
    drawSpace();
  };
  space.onpointerup = space.onpointercancel = () => { dragging = null; };
  space.onkeydown = (event) => {
    const by = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }[event.key];
    if (!by) return;
    event.preventDefault();
    turn = turn.map((v, i) => v + by[i]);
    drawSpace();
  };

  const film = transport(root, draw);
  const resized = new ResizeObserver(() => draw());
  resized.observe(space);
  sheet.stop = () => {
    film.stop();
    resized.disconnect();
  };
  sheet.update = (next, { setStateValue }) => {
    sheet.send = setStateValue;
    const style = getComputedStyle(map);
    const wanted = next.token + style.color;
    if (map.dataset.token === wanted) return;
    map.dataset.token = wanted;
    const restart = !data || data.film !== next.film;
    data = next;
    if (restart) unit = null;
    cloud = floats(data.cloud);
    cloudHues = data.cloudHues;
    ink = channelsOf(style.color);
    map.style.aspectRatio = `${data.columns * data.shape[2]} / ${data.rows * data.shape[1]}`;
    map.setAttribute("aria-label", data.alt);
    film.load(data.frames, { restart, begin: data.begin });
  };
  return sheet;
}
