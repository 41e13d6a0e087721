// A picture on which a rectangle is drawn with a pointer, or moved with the arrow keys (with Shift: its far corner).
const STEP = 0.02; // of the picture, for a key

export default function build(root) {
  const stage = root.querySelector(".stage");
  const picture = root.querySelector("img");
  const mark = root.querySelector(".mark");
  const clear = root.querySelector("button");
  let zone = null, begin = null, token = null, send = () => {};

  const within = (value) => Math.min(1, Math.max(0, value));
  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
  };
  function paint() {
    mark.hidden = clear.disabled = zone === null;
    if (zone === null) return;
    const [left, top, right, bottom] = zone.map((value) => 100 * value);
    mark.style.left = `${left}%`;
    mark.style.top = `${top}%`;
    mark.style.width = `${right - left}%`;
    mark.style.height = `${bottom - top}%`;
  }
  function tell() {
    paint();
    send({ token, zone });
  }
  stage.onpointerdown = (event) => {
    stage.setPointerCapture(event.pointerId);
    begin = place(event);
    event.preventDefault();
    stage.focus();
  };
  stage.onpointermove = (event) => {
    if (begin === null) return;
    const [x, y] = place(event);
    zone = [Math.min(x, begin[0]), Math.min(y, begin[1]), Math.max(x, begin[0]), Math.max(y, begin[1])];
    paint();
  };
  stage.onpointerup = stage.onpointercancel = () => {
    if (begin === null) return;
    begin = null;
    if (zone !== null && (zone[2] - zone[0] < STEP || zone[3] - zone[1] < STEP)) zone = null;
    tell();
  };
  stage.onkeydown = (event) => {
    const ways = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    const now = zone ?? [0.4, 0.4, 0.6, 0.6];
    const near = event.shiftKey ? [0, 0] : way;
    zone = [within(now[0] + near[0]), within(now[1] + near[1]), within(now[2] + way[0]), within(now[3] + way[1])];
    if (zone[2] - zone[0] < STEP || zone[3] - zone[1] < STEP) zone = now;
    tell();
  };
  clear.onclick = () => {
    zone = null;
    tell();
  };

  return {
    update(data, { setStateValue }) {
      send = (value) => setStateValue("zone", value);
      if (picture.src !== data.picture) picture.src = data.picture;
      picture.alt = data.label;
      stage.setAttribute("aria-label", `${data.label}. Arrow keys move the zone, with Shift its far corner.`);
      if (token !== data.token) {
        token = data.token;
        zone = data.zone;
      }
      if (begin === null) paint();
    },
    stop() {},
  };
}
