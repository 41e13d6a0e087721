// Linear layers with ReLU between and a squashing end, as torch computes them: the very decoder, in the browser.
function decoderOf(layers, squash) {
  const read = layers.map(({ rows, columns, weight, bias }) => ({
    rows, columns, weight: floats(weight), bias: floats(bias), out: new Float32Array(rows),
  }));
  const last = read.length - 1;
  return (code) => {
    let x = code;
    read.forEach(({ rows, columns, weight, bias, out }, index) => {
      for (let i = 0; i < rows; i++) {
        let sum = bias[i];
        for (let j = 0, at = i * columns; j < columns; j++, at++) sum += weight[at] * x[j];
        out[i] = index < last ? Math.max(0, sum) : ends[squash](sum);
      }
      x = out;
    });
    return x;
  };
}
const ends = {
  clamp: (v) => Math.min(1, Math.max(0, v)),
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
  tanh: (v) => (Math.tanh(v) + 1) / 2,
};
