// Plays moments that Python computes in batches: a queue ahead, a ring of what was shown behind, one clock.
// Python is asked for the next batch when the queue runs low, so a slow server or a hidden tab never piles up work.
const RING = 240; // frames kept to look back at
const LOW = 2.5; // ask for more below so many seconds of queue
const AHEAD = 2.0; // seconds of play in one batch
const FIRST = 0.3; // the first ones are shorter, so that something moves at once
const PATIENCE = 700; // ms until an unanswered request is sent again, at least
const EARLY = 8; // frames ahead of the clock whose images are decoded already
const SETTLE = 120; // ms left to Streamlit to finish the run that brought a batch: it loses requests made before

// The operations of each picture of a frame.
const drawings = (frame) => [frame.d, ...(frame.others || [])];

export default function build(root) {
  const find = (selector) => root.querySelector(selector);
  const canvas = find("canvas.stage");
  const stages = find(".stages");
  const board = find(".board");
  let shaped = ""; // titles and size that the pictures were made for
  let pictures = []; // {canvas, context, line}, the first with the canvas that has the keys
  const notice = find(".notice");
  const slider = find(".ring");
  const buttons = { pause: find(".pause"), live: find(".live"), back: find(".back"), on: find(".on"), help: find(".keyshelp") };
  const speedMenu = find(".speed");
  const keysRow = find(".keys");
  const help = find(".help");
  let heldUp = false; // the help has paused it
  const readout = makeReadout(root);

  const player = {};
  let ask = () => {};
  let data = null;
  let frames = []; // absolute index of frames[0] is `base`
  let base = 0;
  let batch = -1; // the last batch that arrived
  let now = 0; // position of the clock, in frames
  let edge = 0; // the furthest frame shown
  let running = true;
  let speed = 1;
  let asked = null; // {at, want} of the request under way
  let arrived = 0; // when the last batch did
  let roundTrip = 200; // ms, smoothed
  let drawn = -1; // the frame that is to be seen
  let seen = -1; // and the one that is
  let count = 0;
  let last = 0;
  let readAt = 0;
  let handle = 0;
  let started = false; // a person's first key
  const held = []; // actions of the keys that are down, the newest last
  let taps = []; // actions of keys pressed since the last request

  const playing = () => data && data.mode === "play";
  const end = () => base + frames.length;
  const rate = () => data.fps * speed;

  // Shows a frame once its images are decoded; until then the one before stays.
  function paint() {
    const index = drawn;
    const frame = frames[index - base];
    if (!frame) return;
    for (const next of frames.slice(index - base + 1, index - base + 1 + EARLY)) undecoded(drawings(next).flat());
    const waiting = undecoded(drawings(frame).flat());
    if (!waiting.length) return show(frame, index);
    const stream = data.stream;
    Promise.all(waiting.map((kept) => kept.decoded)).then(() => {
      // A late frame is still newer than what is seen, unless somebody has gone back.
      if (data.stream === stream && (index === drawn || (index > seen && index < drawn))) show(frame, index);
    });
  }

  function show(frame, index) {
    if (!canvas.clientWidth) return;
    const scale = window.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * scale);
    const height = Math.round((width * data.size[1]) / data.size[0]);
    const unit = width / data.size[0];
    drawings(frame).forEach((ops, i) => {
      const picture = pictures[i];
      if (!picture) return;
      if (picture.canvas.width !== width || picture.canvas.height !== height) {
        picture.canvas.width = width;
        picture.canvas.height = height;
      }
      picture.context.setTransform(unit, 0, 0, unit, 0, 0);
      replay(picture.context, data.size, ops);
      if (picture.line) {
        picture.line.textContent = frame.said[i][0];
        picture.line.dataset.how = frame.said[i][1];
      }
    });
    if (frame.board) board.textContent = frame.board;
    seen = index;
    count += 1;
    canvas.dataset.shown = String(count);
    canvas.dataset.step = String(frame.t);
  }

  function tick(time) {
    handle = requestAnimationFrame(tick);
    const passed = Math.min(100, time - last) / 1000;
    last = time;
    if (!data || !frames.length) return;
    if (running) now = Math.min(now + passed * rate(), end() - 1e-3);
    const index = Math.max(base, Math.floor(now));
    if (index !== drawn) {
      drawn = index;
      edge = Math.max(edge, index);
      paint();
      trim();
      if (!running || time - readAt > 66) {
        readAt = time;
        if (!data.titles.length) readout.show(frames[drawn - base]);
        showControls();
      }
      showNotice();
    }
    request(time);
  }

  function trim() {
    const excess = Math.min(drawn, edge) - RING - base;
    if (excess > 0) {
      frames.splice(0, excess);
      base += excess;
    }
  }

  function request(time) {
    if (asked) {
      // Sent again as it was: an answer that is already under way is the same.
      if (time - asked.at > Math.max(PATIENCE, 3 * roundTrip)) {
        asked.at = time;
        ask({ ...asked.want });
      }
      return;
    }
    if (time - arrived < SETTLE) return;
    if (data.finished || (!running && !taps.length)) return;
    if (playing()) return requestPlay(time);
    if ((end() - now) / rate() > LOW) return;
    const wanted = Math.ceil(Math.min(200, Math.max(4, rate() * Math.min(AHEAD, FIRST * 2 ** batch))));
    send(time, { count: wanted });
  }

  function requestPlay(time) {
    if (!started) return;
    const stepwise = data.pace === "step";
    if (stepwise ? !taps.length : end() - 1 - now > (rate() * 0.8 * roundTrip) / 1000) return;
    const period = Math.min(0.6, Math.max(0.08, roundTrip / 1000));
    const moments = stepwise ? taps.length : Math.max(1, Math.round(rate() * period));
    const holding = held.length ? held[held.length - 1] : null;
    const actions = Array.from({ length: moments }, (_, i) => (i < taps.length ? taps[i] : holding));
    taps = taps.slice(moments);
    send(time, { actions });
  }

  function send(time, want) {
    asked = { at: time, want: { stream: data.stream, batch: batch + 1, ...want } };
    ask(asked.want);
  }

  player.update = (next, { setStateValue }) => {
    ask = (want) => setStateValue("want", want);
    const fresh = !data || next.stream !== data.stream;
    data = next;
    if (fresh) {
      frames = [];
      base = now = edge = count = 0;
      batch = drawn = seen = -1;
      running = true;
      help.hidden = true;
      started = false;
      asked = null;
      taps = [];
      held.length = 0;
      buildPictures();
      canvas.setAttribute("aria-label", data.label);
      if (!data.titles.length) readout.build(data);
      showKeys();
      if (playing()) canvas.focus({ preventScroll: true });
    }
    if (data.batch === batch + 1 || (fresh && data.frames.length)) {
      if (asked && asked.want.batch === data.batch) {
        roundTrip = 0.7 * roundTrip + 0.3 * (performance.now() - asked.at);
        asked = null;
      }
      batch = data.batch;
      arrived = performance.now();
      frames.push(...data.frames);
      if (playing() && data.pace === "step") now = end() - 1e-3;
    }
    showControls();
    showNotice();
  };

  function act(action, down) {
    const index = held.indexOf(action);
    if (!down) {
      if (index >= 0) held.splice(index, 1);
      return;
    }
    if (data.finished) {
      if (drawn === end() - 1 && !asked) send(performance.now(), { restart: true });
      return;
    }
    if (index < 0) held.push(action);
    if (taps.length < 3) taps.push(action);
    started = true;
    running = true;
    showNotice();
  }

  const NAMES = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", " ": "space", Enter: "return" };
  const keyAction = (event) => data && data.keys[NAMES[event.key] || event.key.toLowerCase()];
  canvas.onkeydown = (event) => {
    if (!data || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = playing() ? keyAction(event) : undefined;
    if (action !== undefined) {
      if (!event.repeat) act(action, true);
    } else if (event.key === "h" || event.key === "H" || event.key === "?") toggleHelp();
    else if (event.key === "Escape" && !help.hidden) toggleHelp();
    else if (event.key === " " || event.key === "p") buttons.pause.onclick();
    else if (event.key === "ArrowLeft") buttons.back.onclick();
    else if (event.key === "ArrowRight") buttons.on.onclick();
    else if (event.key === "l") buttons.live.onclick();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  canvas.onkeyup = (event) => {
    const action = playing() ? keyAction(event) : undefined;
    if (action !== undefined) act(action, false);
  };
  canvas.onblur = () => (held.length = 0);
  canvas.onclick = () => canvas.focus({ preventScroll: true });

  // What the keys do; the clock stands while it is read.
  function toggleHelp() {
    help.hidden = !help.hidden;
    buttons.help.setAttribute("aria-expanded", String(!help.hidden));
    if (!help.hidden) {
      help.replaceChildren(...keysOf().flatMap(([key, does]) => [element("dt", "", key), element("dd", "", does)]));
      heldUp = running;
      running = false;
    } else if (heldUp) running = true;
    showControls();
    showNotice();
  }

  function keysOf() {
    const own = new Map();
    for (const [key, action] of Object.entries(playing() ? data.keys : {})) {
      const name = data.actions[action] || "act";
      own.set(name, [...(own.get(name) || []), key]);
    }
    const rows = [...own].map(([name, keys]) => [keys.join("  "), name]);
    const taken = (key) => playing() && key in data.keys;
    rows.push([taken("space") ? "P" : "space", "pause or resume"]);
    if (!taken("left") && !taken("right")) rows.push(["left  right", "one frame back or on"]);
    if (!taken("l")) rows.push(["L", "jump to the newest frame"]);
    return [...rows, ["H", "show or hide these keys"]];
  }

  function moveTo(index) {
    running = false;
    now = Math.min(edge, Math.max(base, index)) + 1e-6;
    showControls();
  }
  buttons.pause.onclick = () => {
    running = !running;
    showControls();
  };
  buttons.back.onclick = () => moveTo(drawn - 1);
  buttons.on.onclick = () => {
    if (drawn < edge) moveTo(drawn + 1);
    else if (drawn + 1 < end()) {
      edge = drawn + 1;
      moveTo(edge);
    }
  };
  buttons.live.onclick = () => {
    now = Math.max(now, edge);
    running = true;
    showControls();
  };
  buttons.help.onclick = toggleHelp;
  slider.oninput = () => moveTo(Number(slider.value));
  speedMenu.onchange = () => (speed = Number(speedMenu.value));

  function showControls() {
    buttons.pause.textContent = running ? "Pause" : "Play";
    buttons.pause.setAttribute("aria-pressed", String(!running));
    buttons.live.disabled = running && drawn >= edge;
    slider.min = base;
    slider.max = Math.max(edge, base + 1);
    slider.value = drawn;
    const behind = edge - drawn;
    slider.setAttribute("aria-valuetext", behind ? `${behind} frames ago` : "now");
  }

  function showNotice() {
    let text = data.notice || "";
    if (playing() && !data.finished && !started) text = `Press ${Object.keys(data.keys).join(" or ")} to start`;
    if (data.finished && drawn < end() - 1) text = "";
    notice.textContent = text;
    notice.hidden = !text || !help.hidden;
  }

  // One picture, or several side by side with names over them and a line about each below. A canvas that is put
  // in its place anew loses the keyboard, so that is done only when something has changed.
  function buildPictures() {
    const titles = data.titles;
    const shape = JSON.stringify([titles, data.size]);
    if (shape === shaped) return;
    shaped = shape;
    root.querySelector(".player").classList.toggle("several", titles.length > 0);
    board.hidden = !titles.length;
    pictures = (titles.length ? titles : [""]).map((title, i) => {
      const one = i ? element("canvas", "stage") : canvas;
      one.style.aspectRatio = `${data.size[0]} / ${data.size[1]}`;
      one.style.width = `min(100%, calc(max(40vh, 240px) * ${data.size[0] / data.size[1]}))`;
      const context = one.getContext("2d", { alpha: false });
      if (!titles.length) return { canvas: one, context, box: one };
      if (i) one.setAttribute("aria-hidden", "true"); // the label of the first is about all
      const box = element("div", "one");
      const line = element("div", "said");
      box.append(element("div", "who", title), one, line);
      return { canvas: one, context, line, box };
    });
    stages.replaceChildren(...pictures.map((picture) => picture.box));
  }

  function showKeys() {
    keysRow.replaceChildren();
    keysRow.hidden = !playing();
    if (!playing()) return;
    for (const [name, action] of Object.entries(data.keys)) {
      const button = element("button", "", name);
      button.type = "button";
      button.onpointerdown = (event) => {
        event.preventDefault();
        canvas.focus({ preventScroll: true });
        act(action, true);
      };
      button.onpointerup = button.onpointerleave = () => act(action, false);
      keysRow.append(button);
    }
  }

  const resized = new ResizeObserver(() => data && paint());
  resized.observe(canvas);
  handle = requestAnimationFrame(tick);
  player.stop = () => {
    cancelAnimationFrame(handle);
    resized.disconnect();
  };
  return player;
}
