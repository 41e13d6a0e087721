// Generator against discriminator in the plane: what the discriminator believes, and where made-up points go.
const MILLI = 1000;

export default function build(root) {
  const stage = root.querySelector("canvas.stage");
  let data, real, hues;
  let shown = null;
  const scale = ([x, y]) => [
    ((x / MILLI + data.edge) / (2 * data.edge)) * stage.clientWidth,
    (1 - (y / MILLI + data.edge) / (2 * data.edge)) * stage.clientHeight,
  ];

  function draw(frame) {
    if (frame) shown = frame;
    if (!shown || !stage.clientWidth) return;
    const context = sharp(stage);
    context.imageSmoothingEnabled = true;
    context.drawImage(surface(shown), 0, 0, stage.clientWidth, stage.clientHeight);
    context.globalAlpha = 0.75;
    context.fillStyle = hues.real;
    dots(context, real, 1.6);
    context.globalAlpha = 1;
    if (shown.mesh) mesh(context, shorts(shown.mesh));
    const made = shorts(shown.made);
    if (shown.pull) arrows(context, made, shorts(shown.pull));
    for (const [colour, radius] of [[hues.paper, 3.4], [hues.made, 2.5]]) {
      context.fillStyle = colour;
      dots(context, made, radius);
    }
  }
  function dots(context, flat, radius) {
    for (let i = 0; i < flat.length; i += 2) {
      const [x, y] = scale([flat[i], flat[i + 1]]);
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
    }
  }
  // The sheet of noise, as the generator lays it into the plane.
  function mesh(context, flat) {
    const side = Math.round(Math.sqrt(flat.length / 2));
    context.strokeStyle = hues.made;
    context.globalAlpha = 0.35;
    context.lineWidth = 1;
    for (const turned of [false, true]) {
      for (let i = 0; i < side; i++) {
        context.beginPath();
        for (let j = 0; j < side; j++) {
          const at = 2 * (turned ? j * side + i : i * side + j);
          const [x, y] = scale([flat[at], flat[at + 1]]);
          if (j) context.lineTo(x, y);
          else context.moveTo(x, y);
        }
        context.stroke();
      }
    }
    context.globalAlpha = 1;
  }
  function arrows(context, from, pull) {
    context.strokeStyle = hues.text;
    context.lineWidth = 1.2;
    context.beginPath();
    for (let i = 0; i < from.length; i += 2) {
      const [x, y] = scale([from[i], from[i + 1]]);
      const [u, v] = scale([from[i] + pull[i], from[i + 1] + pull[i + 1]]);
      const angle = Math.atan2(v - y, u - x);
      context.moveTo(x, y);
      context.lineTo(u, v);
      if (Math.hypot(u - x, v - y) < 5) continue;
      for (const turn of [2.6, -2.6]) {
        context.moveTo(u, v);
        context.lineTo(u + 4 * Math.cos(angle + turn), v + 4 * Math.sin(angle + turn));
      }
    }
    context.stroke();
  }
  function surface({ belief }) {
    const values = bytesOf(belief);
    const canvas = new OffscreenCanvas(data.side, data.side);
    const context = canvas.getContext("2d");
    const image = context.createImageData(data.side, data.side);
    values.forEach((value, i) => {
      const sure = value / 127.5 - 1;
      image.data.set(sure < 0 ? hues.madeInk : hues.realInk, 4 * i);
      image.data[4 * i + 3] = 130 * Math.abs(sure);
    });
    context.putImageData(image, 0, 0);
    return canvas;
  }

  const film = transport(root, draw);
  const resized = new ResizeObserver(() => draw());
  resized.observe(stage);
  return {
    stop() {
      film.stop();
      resized.disconnect();
    },
    update(next) {
      const style = getComputedStyle(stage);
      const wanted = next.token + style.color;
      if (stage.dataset.token === wanted) return;
      stage.dataset.token = wanted;
      const restart = !data || data.film !== next.film;
      data = next;
      real = shorts(data.real);
      hues = {
        real: data.hues.real, made: data.hues.made, text: style.color,
        paper: style.getPropertyValue("--st-background-color"),
        realInk: channelsOf(data.hues.real), madeInk: channelsOf(data.hues.made),
      };
      stage.setAttribute("aria-label", data.alt);
      film.load(data.frames, { restart, begin: data.begin });
    },
  };
}
