// The picture beside a feature map: resting on a pixel of the map shows what it sees of the picture, a click takes
// it apart in Python. Fields are reckoned here, so that the frame follows the pointer at once.

export default function build(root) {
  const [picture, map] = root.querySelectorAll("canvas");
  const [sees, value] = root.querySelectorAll("figcaption");
  const lens = { pick: () => {} };
  let data = null;
  let here = null; // row and column under the pointer
  const style = (name) => getComputedStyle(map).getPropertyValue(name).trim();

  function size(canvas, rows, columns) {
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round((canvas.width * rows) / columns);
    return canvas.width / columns;
  }

  function cells(canvas, { rows, columns, colours, values }) {
    const unit = size(canvas, rows, columns);
    const context = canvas.getContext("2d");
    const edge = (i) => Math.round(i * unit);
    const ink = style("--st-text-color");
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const i = r * columns + c;
        if (colours === 3) {
          context.fillStyle = `rgb(${[0, 1, 2].map((k) => Math.round(255 * values[3 * i + k])).join(",")})`;
        } else {
          context.globalAlpha = Math.min(1, Math.max(0, values[i]));
          context.fillStyle = ink;
        }
        context.fillRect(edge(c), edge(r), edge(c + 1) - edge(c), edge(r + 1) - edge(r));
        context.globalAlpha = 1;
      }
    }
    return unit;
  }

  function frame(canvas, x, y, width, height, hue) {
    const context = canvas.getContext("2d");
    const scale = window.devicePixelRatio || 1;
    for (const [thick, colour] of [[5, style("--st-background-color")], [2.5, hue]]) {
      context.lineWidth = thick * scale;
      context.strokeStyle = colour;
      context.strokeRect(x, y, width, height);
    }
  }

  function paint() {
    if (!data || !map.clientWidth) return;
    const { field } = data;
    const hue = style("--st-orange-color");
    const inPicture = cells(picture, data.picture);
    const inMap = cells(map, data.map);
    const [row, column] = here || data.chosen;
    frame(map, column * inMap, row * inMap, inMap, inMap, hue);
    const clip = (first, side) => [Math.max(0, first), Math.min(side, first + field.size)];
    const [top, bottom] = clip(field.start + row * field.jump, data.picture.rows);
    const [left, right] = clip(field.start + column * field.jump, data.picture.columns);
    frame(picture, left * inPicture, top * inPicture, (right - left) * inPicture, (bottom - top) * inPicture, hue);
    sees.textContent = `It sees rows ${top + 1} to ${bottom}, columns ${left + 1} to ${right} of the picture.`;
    const number = data.map.raw[row * data.map.columns + column];
    value.textContent = `${data.title}, row ${row + 1}, column ${column + 1}: ${number.toFixed(2)}. A click takes it apart.`;
  }

  function place(event) {
    const box = map.getBoundingClientRect();
    const at = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    return [
      at((event.clientY - box.top) / box.height, data.map.rows),
      at((event.clientX - box.left) / box.width, data.map.columns),
    ];
  }

  map.onpointermove = (event) => {
    here = place(event);
    paint();
  };
  map.onpointerleave = () => {
    here = null;
    paint();
  };
  map.onclick = (event) => {
    data.chosen = place(event);
    paint();
    lens.pick(data.chosen);
  };
  map.onkeydown = (event) => {
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (!(event.key in moves)) return;
    event.preventDefault();
    here = null;
    const [down, right] = moves[event.key];
    data.chosen = [
      Math.min(data.map.rows - 1, Math.max(0, data.chosen[0] + down)),
      Math.min(data.map.columns - 1, Math.max(0, data.chosen[1] + right)),
    ];
    paint();
    lens.pick(data.chosen);
  };

  const resized = new ResizeObserver(paint);
  resized.observe(map);
  lens.stop = () => resized.disconnect();
  lens.update = (fresh, { setTriggerValue }) => {
    lens.pick = (place) => setTriggerValue("pixel", place);
    data = fresh;
    map.setAttribute("aria-label", `${fresh.title}; arrows choose a pixel`);
    paint();
  };
  return lens;
}
