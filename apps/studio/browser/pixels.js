// Numbers that come as base64, and pictures in [0, 1] as ink on paper or as colours.
const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const floats = (text) => new Float32Array(bytesOf(text).buffer);
const shorts = (text) => new Int16Array(bytesOf(text).buffer);

// Draws a picture (C, H, W) of values in [0, 1] pixel by pixel into a canvas of its own.
function pictureOf(values, [channels, height, width], ink) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const area = width * height;
  for (let i = 0; i < area; i++) {
    if (channels === 3) {
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = 255 * values[c * area + i];
      image.data[4 * i + 3] = 255;
    } else {
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = ink[c];
      image.data[4 * i + 3] = 255 * values[i];
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// Red, green and blue of a CSS colour.
function channelsOf(colour) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}

// A canvas as large as it is shown, so that lines are crisp; returns its context in CSS pixels.
function sharp(canvas) {
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  context.imageSmoothingEnabled = false;
  return context;
}
