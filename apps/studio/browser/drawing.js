// Replays the operations of an envs.engine.canvas.DisplayList on a 2-D canvas context whose unit is the environment's.
const images = new Map(); // data address -> {image, ready, decoded}, the newest few

function imageFor(source) {
  let kept = images.get(source);
  if (!kept) {
    const image = new Image();
    image.src = source;
    kept = { image, ready: false };
    // One that cannot be decoded is ready, too: the rest of its picture is drawn without it.
    const done = () => (kept.ready = true);
    kept.decoded = image.decode().then(done, done);
    images.set(source, kept);
    if (images.size > 300) images.delete(images.keys().next().value);
  }
  return kept;
}

// The images of these operations that are not decoded yet; asking begins to decode them.
function undecoded(ops) {
  return ops.filter(([name]) => name === "image").map(([, source]) => imageFor(source)).filter((kept) => !kept.ready);
}

const draw = {
  background(c, size, color) {
    c.fillStyle = color;
    c.fillRect(0, 0, size[0], size[1]);
  },
  rect(c, size, x, y, w, h, color, radius) {
    c.fillStyle = color;
    if (!radius) return c.fillRect(x, y, w, h);
    c.beginPath();
    c.roundRect(x, y, w, h, radius);
    c.fill();
  },
  circle(c, size, x, y, r, color) {
    c.fillStyle = color;
    c.beginPath();
    c.arc(x, y, r, 0, 2 * Math.PI);
    c.fill();
  },
  line(c, size, x1, y1, x2, y2, color, width) {
    c.strokeStyle = color;
    c.lineWidth = width;
    c.lineCap = "round";
    c.beginPath();
    c.moveTo(x1, y1);
    c.lineTo(x2, y2);
    c.stroke();
  },
  polygon(c, size, flat, color) {
    c.fillStyle = color;
    c.beginPath();
    for (let i = 0; i < flat.length; i += 2) c.lineTo(flat[i], flat[i + 1]);
    c.closePath();
    c.fill();
  },
  text(c, size, x, y, string, height, color, align) {
    c.fillStyle = color;
    c.font = `bold ${height}px "Source Sans", sans-serif`;
    c.textAlign = align;
    c.textBaseline = "middle";
    c.fillText(string, x, y);
  },
  image(c, size, source, x, y, w, h, smooth) {
    const { image } = imageFor(source);
    c.imageSmoothingEnabled = smooth;
    if (image.naturalWidth) c.drawImage(image, x, y, w, h);
  },
};

function replay(context, size, ops) {
  for (const [name, ...args] of ops) draw[name](context, size, ...args);
}
