// Play, pause, single step and a slider over frames; what one frame looks like is somebody else's.
function transport(root, draw, { loop = false } = {}) {
  const play = root.querySelector(".play");
  const slider = root.querySelector("input[type=range]");
  const speed = root.querySelector("select");
  const bar = root.querySelector(".bar");
  const told = root.querySelector(".told");
  const state = { frames: [], at: 0, playing: false, timer: 0 };
  const show = () => {
    const frame = state.frames[state.at];
    if (!frame) return;
    slider.value = state.at;
    slider.setAttribute("aria-valuetext", frame.told);
    told.textContent = frame.told;
    draw(frame);
  };
  const set = (at) => {
    state.at = Math.min(state.frames.length - 1, Math.max(0, at));
    show();
  };
  const pause = () => {
    state.playing = false;
    clearTimeout(state.timer);
    play.textContent = "Play";
  };
  const tick = () => {
    const last = state.at >= state.frames.length - 1;
    if (last && !loop) return pause();
    set(last ? 0 : state.at + 1);
    state.timer = setTimeout(tick, Number(speed.value));
  };
  play.onclick = () => {
    if (state.playing) return pause();
    if (state.at >= state.frames.length - 1) set(0);
    state.playing = true;
    play.textContent = "Pause";
    state.timer = setTimeout(tick, Number(speed.value));
  };
  root.querySelector(".back").onclick = () => { pause(); set(state.at - 1); };
  root.querySelector(".on").onclick = () => { pause(); set(state.at + 1); };
  slider.oninput = () => { pause(); set(Number(slider.value)); };
  return {
    show,
    stop: pause,
    // At its right end it follows what comes; elsewhere it stays.
    load(frames, { restart, begin }) {
      const atEnd = state.at >= state.frames.length - 1;
      state.frames = frames;
      bar.hidden = frames.length < 2;
      slider.max = Math.max(0, frames.length - 1);
      if (restart) {
        pause();
        set(begin ? 0 : frames.length - 1);
        if (begin && !matchMedia("(prefers-reduced-motion: reduce)").matches) play.onclick();
      } else set(atEnd && !state.playing ? frames.length - 1 : state.at);
    },
  };
}
