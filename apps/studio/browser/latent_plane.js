// The plane of codes: pictures where they are coded, and under the handle the picture that the decoder makes of it.
const COLUMNS = 17, ROWS = 12; // tiles behind the points
const REACH = 14; // pixels from a point within which a click means it
const STEP = 0.02; // of the range, for the arrow keys

export default function build(root) {
  const stage = root.querySelector("canvas.stage");
  const answer = root.querySelector("canvas.answer");
  const [original, rebuilt] = root.querySelectorAll("canvas.small");
  const said = root.querySelector(".said");
  const pair = root.querySelector(".pair");
  const wander = root.querySelector(".wander");
  const tilesOn = root.querySelector(".tiles input");
  const plane = { token: null, spot: null, picked: null, walking: 0 };
  let data, decode, points, labels, codes, thumbs, mosaic, ink, dragging = false;

  const code = () => {
    const full = Float32Array.from(plane.picked === null ? data.base : codesOf(plane.picked));
    full[data.axes[0]] = plane.spot[0];
    if (data.axes[1] !== data.axes[0]) full[data.axes[1]] = plane.spot[1];
    return full;
  };
  const codesOf = (index) => codes.subarray(index * data.base.length, (index + 1) * data.base.length);
  const place = ([x, y]) => [
    ((x - data.range[0][0]) / (data.range[0][1] - data.range[0][0])) * stage.clientWidth,
    (1 - (y - data.range[1][0]) / (data.range[1][1] - data.range[1][0])) * stage.clientHeight,
  ];
  const value = (event) => {
    const box = stage.getBoundingClientRect();
    const share = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
    return share.map((s, i) => {
      const [low, high] = data.range[i];
      return low + Math.min(1, Math.max(0, s)) * (high - low);
    });
  };

  function lay() {
    const [, height, width] = data.shape;
    const [across, down] = [width + 2, height + 2];
    mosaic = new OffscreenCanvas(COLUMNS * across, ROWS * down);
    const context = mosaic.getContext("2d");
    const full = Float32Array.from(plane.picked === null ? data.base : codesOf(plane.picked));
    for (let row = 0; row < ROWS; row++) {
      for (let column = 0; column < COLUMNS; column++) {
        const [xs, ys] = data.range;
        full[data.axes[0]] = xs[0] + ((column + 0.5) / COLUMNS) * (xs[1] - xs[0]);
        if (data.axes[1] !== data.axes[0]) full[data.axes[1]] = ys[1] - ((row + 0.5) / ROWS) * (ys[1] - ys[0]);
        context.drawImage(pictureOf(decode(full), data.shape, ink), column * across + 1, row * down + 1);
      }
    }
  }

  function paint() {
    if (!data || !stage.clientWidth) return;
    const begin = performance.now();
    const now = code();
    const values = decode(now);
    const [, height, width] = data.shape;
    answer.width = width;
    answer.height = height;
    answer.getContext("2d").drawImage(pictureOf(values, data.shape, ink), 0, 0);
    answer.dataset.values = Array.from(values.slice(0, 256), (v) => v.toFixed(4)).join(" ");
    answer.dataset.code = Array.from(now, (v) => v.toFixed(4)).join(" ");
    const context = sharp(stage);
    context.globalAlpha = labels.length ? 0.22 : 1;
    if (tilesOn.checked) context.drawImage(mosaic, 0, 0, stage.clientWidth, stage.clientHeight);
    context.globalAlpha = 1;
    context.font = `600 ${stage.clientWidth < 330 ? 10 : 12}px ${getComputedStyle(stage).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let i = 0; i < labels.length; i++) {
      const [x, y] = place([points[2 * i], points[2 * i + 1]]);
      context.fillStyle = data.hues[labels[i] % data.hues.length];
      const name = data.classes[labels[i]] ?? "";
      if (name.length < 3) context.fillText(name, x, y);
      else context.fillRect(x - 2.5, y - 2.5, 5, 5);
    }
    const [x, y] = place(plane.spot);
    const style = getComputedStyle(stage);
    for (const [colour, line] of [["--st-background-color", 6], ["--st-primary-color", 3]]) {
      context.strokeStyle = style.getPropertyValue(colour);
      context.lineWidth = line;
      context.beginPath();
      context.arc(x, y, 9, 0, 2 * Math.PI);
      context.stroke();
    }
    pair.hidden = plane.picked === null;
    if (plane.picked !== null) {
      const size = data.shape[0] * height * width;
      const whole = thumbs.subarray(plane.picked * size, (plane.picked + 1) * size);
      show(original, Float32Array.from(whole, (v) => v / 255));
      show(rebuilt, decode(codesOf(plane.picked)));
      pair.querySelector(".which").textContent = `unseen ${data.classes[labels[plane.picked]]}, and rebuilt from its code`;
    }
    said.textContent = `${data.names[0]} ${plane.spot[0].toFixed(2)}` +
      (data.axes[1] === data.axes[0] ? "" : `, ${data.names[1]} ${plane.spot[1].toFixed(2)}`);
    stage.dataset.ms = (performance.now() - begin).toFixed(2);
  }

  function show(canvas, values) {
    canvas.width = data.shape[2];
    canvas.height = data.shape[1];
    canvas.getContext("2d").drawImage(pictureOf(values, data.shape, ink), 0, 0);
  }

  // A click on a point takes its whole code, also the numbers that are on no axis.
  function pick(event) {
    const box = stage.getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top];
    let best = null, least = REACH;
    for (let i = 0; i < labels.length; i++) {
      const [x, y] = place([points[2 * i], points[2 * i + 1]]);
      const apart = Math.hypot(x - at[0], y - at[1]);
      if (apart < least) [best, least] = [i, apart];
    }
    if (best === null) return false;
    plane.picked = best;
    plane.spot = [points[2 * best], points[2 * best + 1]];
    if (data.base.length > 2) lay();
    return true;
  }
  const report = () => plane.send("spot", { token: data.kind, code: Array.from(code()), index: plane.picked });

  stage.onpointerdown = (event) => {
    event.preventDefault();
    halt();
    stage.focus({ preventScroll: true });
    stage.setPointerCapture(event.pointerId);
    dragging = true;
    if (!pick(event)) plane.spot = value(event);
    paint();
  };
  stage.onpointermove = (event) => {
    if (!dragging || (!event.movementX && !event.movementY)) return;
    plane.spot = value(event);
    paint();
  };
  stage.onpointerup = stage.onpointercancel = () => {
    if (!dragging) return;
    dragging = false;
    report();
  };
  let waiting;
  stage.onkeydown = (event) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!by) return;
    event.preventDefault();
    halt();
    plane.spot = plane.spot.map((v, i) => {
      const [low, high] = data.range[i];
      return Math.min(high, Math.max(low, v + by[i] * STEP * (high - low)));
    });
    paint();
    clearTimeout(waiting);
    waiting = setTimeout(report, 250);
  };
  const halt = () => {
    cancelAnimationFrame(plane.walking);
    plane.walking = 0;
    wander.setAttribute("aria-pressed", "false");
  };
  wander.onclick = () => {
    if (plane.walking) {
      halt();
      report();
      return;
    }
    wander.setAttribute("aria-pressed", "true");
    const begin = performance.now();
    const walk = (now) => {
      const t = (now - begin) / 4000;
      plane.spot = data.range.map(([low, high], i) => {
        const wave = i ? Math.sin(2.3 * t) : Math.cos(1.7 * t);
        return (low + high) / 2 + 0.38 * (high - low) * wave;
      });
      paint();
      plane.walking = requestAnimationFrame(walk);
    };
    plane.walking = requestAnimationFrame(walk);
  };
  tilesOn.onchange = paint;

  const resized = new ResizeObserver(paint);
  resized.observe(stage);
  plane.stop = () => {
    clearTimeout(waiting);
    halt();
    resized.disconnect();
  };
  plane.update = (next, { setStateValue }) => {
    plane.send = setStateValue;
    const theme = getComputedStyle(stage).color;
    if (plane.token === next.token + theme) return;
    const same = data && data.kind === next.kind;
    plane.token = next.token + theme;
    data = next;
    ink = channelsOf(theme);
    decode = decoderOf(data.layers, data.squash);
    points = floats(data.points);
    labels = bytesOf(data.labels);
    codes = floats(data.codes);
    thumbs = bytesOf(data.thumbs);
    if (!same) {
      plane.spot = data.spot;
      plane.picked = null;
    } else if (plane.picked !== null) {
      // The same picture at another age has another code.
      if (plane.picked >= labels.length) plane.picked = null;
      else plane.spot = [points[2 * plane.picked], points[2 * plane.picked + 1]];
    }
    plane.spot = plane.spot.map((v, i) => Math.min(data.range[i][1], Math.max(data.range[i][0], v)));
    stage.setAttribute("aria-label", data.alt);
    root.querySelector(".x").textContent = data.names[0];
    root.querySelector(".y").textContent = data.axes[1] === data.axes[0] ? "" : data.names[1];
    root.querySelector(".hint").textContent = data.hint;
    lay();
    paint();
  };
  return plane;
}
