// A few pictures that change over time, played in a loop. Pixels come as whole numbers from 0 to 99.
const films = new WeakMap();

export default function (component) {
  const { data, parentElement } = component;
  let film = films.get(parentElement);
  if (!film) {
    film = make(parentElement);
    films.set(parentElement, film);
  }
  film.update(data);
  return () => {
    film.stop();
    films.delete(parentElement);
  };
}

function make(root) {
  const canvas = root.querySelector("canvas");
  const button = root.querySelector("button");
  const slider = root.querySelector("input");
  const said = root.querySelector(".said");
  const context = canvas.getContext("2d");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const film = { data: null, frame: 0, playing: !still, shown: "", last: 0, request: 0 };

  function paint() {
    const { frames, rows, columns, across, fixed } = film.data;
    const pictures = frames[film.frame];
    const down = Math.ceil(pictures.length / across);
    const gap = 1;
    const width = across * (columns + gap) - gap;
    const height = down * (rows + gap) - gap;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    context.clearRect(0, 0, width, height);
    const style = getComputedStyle(canvas);
    const ink = style.color;
    const kept = style.getPropertyValue("--st-blue-color").trim();
    pictures.forEach((values, which) => {
      const left = (which % across) * (columns + gap);
      const top = Math.floor(which / across) * (rows + gap);
      for (let i = 0; i < values.length; i++) {
        context.globalAlpha = values[i] / 99;
        context.fillStyle = fixed && fixed[i] ? kept : ink;
        context.fillRect(left + (i % columns), top + Math.floor(i / columns), 1, 1);
      }
    });
    context.globalAlpha = 1;
    slider.value = film.frame;
    said.textContent = `${film.data.unit} ${film.frame + 1}`;
    canvas.dataset.frame = film.frame;
    button.textContent = film.playing ? "Pause" : "Play";
  }

  function tick(now) {
    film.request = requestAnimationFrame(tick);
    if (!film.playing || now - film.last < 1000 / film.data.fps) return;
    film.last = now;
    film.frame = (film.frame + 1) % film.data.frames.length;
    paint();
  }

  button.onclick = () => {
    film.playing = !film.playing;
    paint();
  };
  slider.oninput = () => {
    film.playing = false;
    film.frame = Number(slider.value);
    paint();
  };
  film.update = (data) => {
    const wanted = JSON.stringify(data) + getComputedStyle(canvas).color;
    film.data = data;
    if (film.shown !== wanted) {
      film.shown = wanted;
      film.frame = Math.min(film.frame, data.frames.length - 1);
      slider.max = data.frames.length - 1;
      canvas.setAttribute("aria-label", data.label);
      paint();
    }
    if (!film.request) film.request = requestAnimationFrame(tick);
  };
  film.stop = () => cancelAnimationFrame(film.request);
  return film;
}
