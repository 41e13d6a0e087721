// A pad to draw on. The strokes are kept as polylines in units of the pad (0 to 1), drawn here at the screen's
// resolution, and sent to Python together with the small picture they make. A unit is the pad's height; a pad for a
// line is several units wide.
const PEN = 0.085; // stroke width
const STEP = 0.04; // one arrow key press

export default function build(root) {
  const canvas = root.querySelector("canvas");
  const hint = root.querySelector(".hint");
  const undo = root.querySelector(".undo");
  const clear = root.querySelector(".clear");
  const context = canvas.getContext("2d");
  const pad = { strokes: [], cells: 64, wide: 1, picture: null, columns: 0, token: undefined, send: () => {} };
  let drawing = false;
  let pen = null; // the keyboard's pen: {x, y, down}
  let waiting = 0;
  let touched = false; // since the last token; until then the picture may still come

  const style = (name) => getComputedStyle(canvas).getPropertyValue(name).trim();

  function paint() {
    const width = canvas.clientWidth;
    if (!width) return;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round((width * scale) / pad.wide);
    context.setTransform(canvas.height, 0, 0, canvas.height, 0, 0);
    context.fillStyle = style("--pad-paper");
    context.fillRect(0, 0, pad.wide, 1);
    if (pad.picture && !pad.strokes.length) paintPicture();
    inkStrokes(context, pad.strokes, style("--pad-ink"));
    if (pen) {
      context.beginPath();
      context.arc(pen.x, pen.y, 0.025, 0, 2 * Math.PI);
      context.lineWidth = 0.01;
      context.strokeStyle = style("--st-primary-color");
      context.stroke();
    }
    hint.hidden = Boolean(pad.strokes.length || pad.picture);
    undo.disabled = !pad.strokes.length;
    clear.disabled = !pad.strokes.length && !pad.picture;
  }

  function paintPicture() {
    const [columns, rows] = [pad.columns, pad.picture.length / pad.columns];
    const across = (i) => Math.round((i * canvas.width) / columns); // whole pixels, so that no seams show
    const down = (i) => Math.round((i * canvas.height) / rows);
    context.save();
    context.resetTransform();
    context.fillStyle = style("--pad-ink");
    pad.picture.forEach((value, i) => {
      const [x, y] = [i % columns, Math.floor(i / columns)];
      context.globalAlpha = value;
      context.fillRect(across(x), down(y), across(x + 1) - across(x), down(y + 1) - down(y));
    });
    context.restore();
  }

  function report() {
    clearTimeout(waiting);
    waiting = 0;
    touched = true;
    const strokes = pad.strokes.map((stroke) => stroke.map((v) => Math.round(v * 1000) / 1000));
    pad.send({ strokes, pixels: rasterise(pad.strokes, pad.cells, pad.wide), token: pad.token });
  }

  function reportSoon() {
    if (!waiting) waiting = setTimeout(report, 250);
  }

  function point(event) {
    const box = canvas.getBoundingClientRect();
    const clamp = (v) => Math.min(1, Math.max(0, v));
    return [pad.wide * clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height)];
  }

  canvas.onpointerdown = (event) => {
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    pen = null;
    pad.picture = null;
    pad.strokes.push(point(event));
    paint();
  };
  canvas.onpointermove = (event) => {
    if (!drawing) return;
    const moves = event.getCoalescedEvents ? event.getCoalescedEvents() : [event];
    for (const move of moves.length ? moves : [event]) pad.strokes[pad.strokes.length - 1].push(...point(move));
    paint();
    reportSoon();
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!drawing) return;
    drawing = false;
    report();
  };
  canvas.onkeydown = (event) => {
    const moves = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    if (event.key in moves) {
      pen ??= { x: 0.5, y: 0.2, down: false };
      pen.x = Math.min(pad.wide, Math.max(0, pen.x + moves[event.key][0]));
      pen.y = Math.min(1, Math.max(0, pen.y + moves[event.key][1]));
      if (pen.down) {
        pad.strokes[pad.strokes.length - 1].push(pen.x, pen.y);
        reportSoon();
      }
    } else if (event.key === " " || event.key === "Enter") {
      pen ??= { x: 0.5, y: 0.2, down: false };
      pen.down = !pen.down;
      if (pen.down) {
        pad.picture = null;
        pad.strokes.push([pen.x, pen.y]);
      } else report();
    } else if (event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey))) {
      undo.onclick();
    } else if (event.key === "Delete" || event.key === "Escape") {
      clear.onclick();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    paint();
  };
  canvas.onblur = () => {
    pen = null;
    paint();
  };
  undo.onclick = () => {
    pad.strokes.pop();
    paint();
    report();
  };
  clear.onclick = () => {
    pad.strokes = [];
    pad.picture = null;
    pen = null;
    paint();
    report();
  };

  const resized = new ResizeObserver(paint);
  resized.observe(canvas);
  pad.stop = () => {
    clearTimeout(waiting);
    resized.disconnect();
  };
  // A new token replaces what is on the pad: a chosen sample, or the strokes of before a page switch.
  pad.update = (data, { setStateValue }) => {
    pad.send = (value) => setStateValue("sketch", value);
    pad.cells = data.cells;
    pad.wide = data.wide;
    pad.columns = data.columns;
    canvas.style.aspectRatio = pad.wide;
    if (pad.wide > 1) root.querySelector(".pad").style.maxWidth = "none";
    canvas.setAttribute("aria-label", `${data.label}; with the keyboard: arrows move, space lowers the pen`);
    hint.textContent = data.label;
    if (data.token !== pad.token && !drawing) {
      pad.token = data.token;
      pad.strokes = (data.strokes || []).map((stroke) => [...stroke]);
      pad.picture = data.picture || null;
      touched = false;
    } else if (!touched && !pad.strokes.length) pad.picture = data.picture || null;
    paint();
  };
  return pad;
}

function inkStrokes(context, strokes, colour) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = PEN;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0], stroke[1]);
    for (let i = 2; i < stroke.length; i += 2) context.lineTo(stroke[i], stroke[i + 1]);
    if (stroke.length === 2) context.lineTo(stroke[0] + 1e-4, stroke[1]);
    context.stroke();
  }
}

// The ink in each cell of so many rows, 0 to 1, row by row.
function rasterise(strokes, cells, wide) {
  if (!strokes.length) return null;
  const columns = Math.round(cells * wide);
  const scratch = new OffscreenCanvas(columns, cells);
  const context = scratch.getContext("2d", { willReadFrequently: true });
  context.setTransform(cells, 0, 0, cells, 0, 0);
  inkStrokes(context, strokes, "#000");
  const rgba = context.getImageData(0, 0, columns, cells).data;
  return Array.from({ length: columns * cells }, (_, i) => Math.round(rgba[4 * i + 3] / 2.55) / 100);
}
