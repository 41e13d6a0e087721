// The playground: points to paint over the network's answer, and the network with a small map for each neuron.
// Python sends small arrays about ten times a second; between two of them everything is blended here.
const boards = new WeakMap();
const EDGE = 1.1; // the plane reaches from -EDGE to EDGE
const PATIENCE = 700; // ms until what a person did is sent again, if Python has not said that it arrived
const SPRAY = 0.035; // how far painted points scatter around the pointer
const APART = 0.07; // way of the pointer between two of them
const RUBBER = 0.09; // radius within which points are erased
const STEP = 0.05; // one arrow key press
const MOST = 1000; // points
const KEPT = "deep-sandbox:neurons:points"; // what was painted last, so that a reload finds it
const CLASS_HUES = ["--st-blue-color", "--st-orange-color", "--st-green-color", "--st-red-color"];
const LETTERS = ["A", "B", "C", "D"];

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  let board = boards.get(parentElement);
  if (!board) {
    board = makeBoard(parentElement);
    boards.set(parentElement, board);
  }
  board.send = (acts) => setStateValue("acts", acts);
  board.receive(data);
  return () => {
    board.stop();
    boards.delete(parentElement);
  };
}

function makeBoard(root) {
  const find = (selector) => root.querySelector(selector);
  const stage = find("canvas.stage");
  const words = find(".words");
  const context = stage.getContext("2d");
  const board = { send: () => {} };
  const net = makeNet(root, (edit) => act("turn", edit));
  const tools = makeTools(root, replacePoints);
  let data = null;
  let points = []; // [x, y, hue of the class or value, held out]
  let surface = null; // {now, from, to}: red, green and blue of each cell
  let cursor = null; // the keyboard's
  let last = null; // where the pointer painted last
  let painting = false;
  let handle = 0;
  let begin = 0; // of the blend
  let arrived = 0;
  let span = 100; // ms between the last two arrivals, smoothed
  let shown = 0;
  const pending = {}; // what a person did, until Python has it: kind -> {id, ...}
  let timer = 0;
  let restored = false; // whether points of before a reload were looked for

  const colour = (name) => channelsOf(getComputedStyle(stage).getPropertyValue(name));

  function act(kind, value) {
    const before = pending[kind];
    const edits = kind === "turn" ? { ...(before ? before.edits : {}), ...value } : undefined;
    pending[kind] = { id: Date.now() + Math.random(), ...(edits ? { edits } : value) };
    if (!timer) timer = setTimeout(flush, 60);
  }

  function flush() {
    clearTimeout(timer);
    timer = 0;
    if (!Object.keys(pending).length) return;
    board.send({ ...pending, at: Date.now() });
    timer = setTimeout(flush, PATIENCE);
  }

  board.receive = (fresh) => {
    const now = performance.now();
    for (const kind of Object.keys(pending)) {
      if (fresh.acks[kind] === pending[kind].id) delete pending[kind];
    }
    const same = data && data.version === fresh.version && data.frame === fresh.frame;
    const theme = getComputedStyle(stage).backgroundColor + getComputedStyle(stage).color;
    if (same && board.theme === theme) return;
    board.theme = theme;
    if (arrived) span = Math.min(400, Math.max(60, 0.7 * span + 0.3 * (now - arrived)));
    arrived = begin = now;
    data = fresh;
    if (!pending.paint && !painting) points = unpackPoints(fresh);
    if (fresh.painted && !points.length && !restored) restore();
    const hues = CLASS_HUES.map(colour);
    const paper = colour("--st-background-color");
    const signs = [colour("--st-red-color"), colour("--st-secondary-background-color"), colour("--st-blue-color")];
    if (fresh.surface) {
      const to = decodeSurface(fresh.surface, fresh.classes.length, hues, paper, signs);
      surface = { from: surface ? surface.now : to, to, now: surface ? surface.now : to };
    } else surface = null;
    tools.update(fresh);
    stage.classList.toggle("fixed", !fresh.paint);
    stage.setAttribute("aria-label", fresh.paint
      ? `${fresh.label}; with the keyboard: arrows move, space paints, 1 to 4 choose the class, e erases`
      : fresh.label);
    net.update(fresh, { hues, paper, signs, pending: Boolean(pending.turn) });
    words.textContent = fresh.words;
    if (!handle) handle = requestAnimationFrame(tick);
  };

  function tick(now) {
    handle = 0; // so that the next arrival begins anew, whatever happens here
    const share = Math.min(1, (now - begin) / span);
    if (surface) {
      const { from, to } = surface;
      const mixed = share >= 1 ? to : new Float32Array(to.length);
      if (share < 1) for (let i = 0; i < to.length; i++) mixed[i] = from[i] + share * (to[i] - from[i]);
      surface.now = mixed;
    }
    paint();
    net.blend(share);
    shown += 1;
    stage.dataset.shown = String(shown);
    stage.dataset.frame = String(data.frame);
    if (share < 1) handle = requestAnimationFrame(tick);
  }

  function paint() {
    const side = stage.clientWidth;
    if (!side || !data) return;
    const scale = window.devicePixelRatio || 1;
    const pixels = Math.round(side * scale);
    if (stage.width !== pixels) stage.width = stage.height = pixels;
    const style = (name) => getComputedStyle(stage).getPropertyValue(name).trim();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = style("--st-background-color");
    context.fillRect(0, 0, pixels, pixels);
    if (surface) drawSurface(context, surface.now, pixels);
    context.setTransform(pixels / (2 * EDGE), 0, 0, pixels / (2 * EDGE), pixels / 2, pixels / 2);
    const hues = CLASS_HUES.map(style);
    const ink = style("--st-text-color");
    const paper = style("--st-background-color");
    if (data.bumps) drawBumps(context, data.bumps, ink);
    const signs = ["--st-red-color", "--st-blue-color"].map(style);
    const valued = !data.classes.length;
    for (const [x, y, number, held] of points) {
      const target = valued ? number / 1000 : number;
      const hue = valued ? signs[target < 0 ? 0 : 1] : hues[target];
      context.globalAlpha = valued ? 0.35 + 0.65 * Math.min(1, Math.abs(target)) : 1;
      drawPoint(context, x, -y, valued ? 0 : target, held, hue, paper);
    }
    context.globalAlpha = 1;
    if (data.example) drawRing(context, data.example, ink);
    if (cursor) drawRing(context, [cursor.x, cursor.y], style("--st-primary-color"));
  }

  // Painting.
  const place = (event) => {
    const box = stage.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 2 - 1;
    const y = 1 - ((event.clientY - box.top) / box.height) * 2;
    return [EDGE * x, EDGE * y];
  };

  function touch(x, y, spray) {
    const brush = tools.brush();
    if (brush === "erase") {
      const kept = points.filter(([px, py]) => Math.hypot(px - x, py - y) > RUBBER);
      if (kept.length !== points.length) replacePoints(kept);
      return;
    }
    if (points.length >= MOST) return;
    const off = () => spray * (Math.random() + Math.random() - 1) * 2;
    const inside = (v) => Math.round(1000 * Math.max(-1.05, Math.min(1.05, v))) / 1000;
    replacePoints([...points, [inside(x + off()), inside(y + off()), brush, 0]]);
  }

  function replacePoints(next) {
    points = next;
    const painted = points.map(([x, y, hue]) => [x, y, hue]);
    act("paint", { points: painted });
    try {
      localStorage.setItem(KEPT, JSON.stringify(painted));
    } catch {
      // A browser that keeps nothing: the points live as long as the page.
    }
    paint();
  }

  // After a reload Python knows no points any more; Python checks what it gets.
  function restore() {
    restored = true;
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(KEPT));
    } catch {
      return;
    }
    if (!Array.isArray(kept) || !kept.every((point) => Array.isArray(point) && point.every(Number.isFinite))) return;
    const known = kept.filter(([, , hue]) => hue in LETTERS).slice(0, MOST);
    if (known.length) replacePoints(known.map(([x, y, hue]) => [x, y, hue, 0]));
  }

  stage.onpointerdown = (event) => {
    if (!data || !data.paint) return;
    event.preventDefault();
    stage.focus({ preventScroll: true });
    stage.setPointerCapture(event.pointerId);
    painting = true;
    cursor = null;
    last = place(event);
    touch(...last, 0);
  };
  stage.onpointermove = (event) => {
    if (!painting) return;
    const here = place(event);
    if (Math.hypot(here[0] - last[0], here[1] - last[1]) < APART) return;
    last = here;
    touch(...here, SPRAY);
  };
  stage.onpointerup = stage.onpointercancel = () => {
    painting = false;
  };
  stage.onkeydown = (event) => {
    if (!data || !data.paint) return;
    const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
    if (event.key in moves) {
      cursor ??= { x: 0, y: 0 };
      cursor.x = Math.max(-1, Math.min(1, cursor.x + moves[event.key][0]));
      cursor.y = Math.max(-1, Math.min(1, cursor.y + moves[event.key][1]));
    } else if (event.key === " " || event.key === "Enter") {
      cursor ??= { x: 0, y: 0 };
      touch(cursor.x, cursor.y, 0);
    } else if (!tools.key(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    paint();
  };
  stage.onblur = () => {
    cursor = null;
    paint();
  };

  const resized = new ResizeObserver(() => {
    paint();
    net.layout();
  });
  resized.observe(stage);
  resized.observe(find(".net"));
  board.stop = () => {
    flush(); // what a person did a moment ago is not lost with the board
    cancelAnimationFrame(handle);
    clearTimeout(timer);
    resized.disconnect();
  };
  return board;
}

// The row of brushes under the plane.
function makeTools(root, replace) {
  const row = root.querySelector(".tools");
  let chosen = 0;
  let built = false;
  const buttons = new Map();

  function choose(brush) {
    chosen = brush;
    for (const [each, button] of buttons) button.setAttribute("aria-pressed", String(each === brush));
  }

  function add(brush, label, title, mark) {
    const button = document.createElement("button");
    button.type = "button";
    button.title = title;
    if (mark) button.append(mark);
    button.append(label);
    button.onclick = () => choose(brush);
    buttons.set(brush, button);
    row.append(button);
  }

  return {
    brush: () => chosen,
    key(key) {
      if (key >= "1" && key <= "4") choose(Number(key) - 1);
      else if (key === "e") choose("erase");
      else return false;
      return true;
    },
    update(data) {
      row.hidden = !data.paint;
      if (!data.paint || built) return;
      built = true; // once: a button that is made anew under the pointer loses the click
      LETTERS.forEach((letter, i) => add(i, letter, `Paint points of class ${letter} (key ${i + 1})`, markOf(i)));
      add("erase", "Erase", "Erase points (key e)");
      const clear = document.createElement("button");
      clear.type = "button";
      clear.textContent = "Clear";
      clear.title = "Begin with an empty plane";
      clear.onclick = () => replace([]);
      row.append(clear);
      choose(chosen);
    },
  };
}

function markOf(shape) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "-1 -1 2 2");
  svg.setAttribute("aria-hidden", "true");
  const forms = ["M0.8 0A0.8 0.8 0 1 1 -0.8 0A0.8 0.8 0 1 1 0.8 0Z", "M-0.7-0.7H0.7V0.7H-0.7Z", "M0-0.9L0.9 0.7H-0.9Z", "M0-1L1 0L0 1L-1 0Z"];
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", forms[shape]);
  path.style.fill = `var(${CLASS_HUES[shape]})`;
  svg.append(path);
  return svg;
}

// Drawing.
function drawPoint(context, x, y, shape, held, hue, paper) {
  const r = 0.022;
  context.beginPath();
  if (shape === 0) context.arc(x, y, r, 0, 2 * Math.PI);
  else if (shape === 1) context.rect(x - 0.85 * r, y - 0.85 * r, 1.7 * r, 1.7 * r);
  else if (shape === 2) {
    context.moveTo(x, y - 1.15 * r);
    context.lineTo(x + 1.1 * r, y + 0.8 * r);
    context.lineTo(x - 1.1 * r, y + 0.8 * r);
    context.closePath();
  } else {
    context.moveTo(x, y - 1.25 * r);
    context.lineTo(x + 1.25 * r, y);
    context.lineTo(x, y + 1.25 * r);
    context.lineTo(x - 1.25 * r, y);
    context.closePath();
  }
  context.fillStyle = held ? paper : hue;
  context.fill();
  context.lineWidth = held ? 0.011 : 0.007;
  context.strokeStyle = held ? hue : paper;
  context.stroke();
}

function drawRing(context, [x, y], hue) {
  context.beginPath();
  context.arc(x, -y, 0.055, 0, 2 * Math.PI);
  context.lineWidth = 0.014;
  context.strokeStyle = hue;
  context.stroke();
}

function drawBumps(context, bumps, ink) {
  context.strokeStyle = ink;
  context.lineWidth = 0.006;
  context.globalAlpha = 0.55;
  for (const [x, y, width] of bumps) {
    context.beginPath();
    context.moveTo(x - 0.025, -y);
    context.lineTo(x + 0.025, -y);
    context.moveTo(x, -y - 0.025);
    context.lineTo(x, -y + 0.025);
    context.stroke();
    context.setLineDash([0.025, 0.02]);
    context.beginPath();
    context.arc(x, -y, width, 0, 2 * Math.PI);
    context.stroke();
    context.setLineDash([]);
  }
  context.globalAlpha = 1;
}

const scratch = new WeakMap(); // one small canvas for each context
function drawSurface(context, cells, pixels) {
  const side = Math.round(Math.sqrt(cells.length / 3));
  let small = scratch.get(context);
  if (!small) {
    small = document.createElement("canvas");
    scratch.set(context, small);
  }
  small.width = small.height = side;
  const inner = small.getContext("2d");
  const picture = inner.createImageData(side, side);
  for (let i = 0; i < side * side; i++) {
    picture.data[4 * i] = cells[3 * i];
    picture.data[4 * i + 1] = cells[3 * i + 1];
    picture.data[4 * i + 2] = cells[3 * i + 2];
    picture.data[4 * i + 3] = 255;
  }
  inner.putImageData(picture, 0, 0);
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, pixels, pixels);
}

// Decoding.
// Of each point x, y, the hue of its class (or its value in thousandths), and whether it is held out.
function unpackPoints({ points: flat, classes, letters }) {
  const found = [];
  for (let i = 0; i < flat.length; i += 4) {
    const [x, y, target, held] = flat.slice(i, i + 4);
    found.push([x / 1000, y / 1000, classes.length ? letters[target] ?? target : target, held]);
  }
  return found;
}

const SURE = 0.55; // how far the ground goes towards a class' hue where the answer is certain
function decodeSurface(text, classes, hues, paper, signs) {
  const raw = bytesOf(text);
  const found = new Float32Array(3 * raw.length);
  for (let i = 0; i < raw.length; i++) {
    let hue = hues[raw[i] >> 6];
    let amount = (SURE * (raw[i] & 63)) / 63;
    if (!classes) {
      hue = signs[raw[i] < 128 ? 0 : 2];
      amount = (0.8 * Math.abs(raw[i] - 127.5)) / 127.5;
    }
    for (let c = 0; c < 3; c++) found[3 * i + c] = paper[c] + amount * (hue[c] - paper[c]);
  }
  return found;
}
