// A few pictures that change over time, played in a loop. Pixels come as whole numbers from 0 to 99.
export default function build(root) {
  const canvas = root.querySelector("canvas");
  let data, shown = "";

  function draw({ pictures }) {
    const { rows, columns, across, fixed } = data;
    canvas.width = across * (columns + 1) - 1;
    canvas.height = Math.ceil(pictures.length / across) * (rows + 1) - 1;
    const context = canvas.getContext("2d");
    const style = getComputedStyle(canvas);
    const kept = style.getPropertyValue("--st-blue-color").trim();
    pictures.forEach((values, which) => {
      const left = (which % across) * (columns + 1);
      const top = Math.floor(which / across) * (rows + 1);
      values.forEach((value, i) => {
        context.globalAlpha = value / 99;
        context.fillStyle = fixed && fixed[i] ? kept : style.color;
        context.fillRect(left + (i % columns), top + Math.floor(i / columns), 1, 1);
      });
    });
  }

  const film = transport(root, draw, { loop: true });
  return {
    stop: film.stop,
    update(next) {
      const wanted = JSON.stringify(next) + getComputedStyle(canvas).color;
      if (shown === wanted) return;
      const restart = !shown;
      shown = wanted;
      data = next;
      canvas.setAttribute("aria-label", data.label);
      film.load(data.frames, { restart, begin: true });
    },
  };
}
