// Numbers over two axes as a picture. The pointer reads a cell; a click, or the arrow keys, pick a row.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const canvas = parentElement.querySelector("canvas");
  const said = parentElement.querySelector(".said");
  const { rows, columns, values, signed, scale } = data;
  const style = getComputedStyle(canvas);
  const wanted = JSON.stringify(data) + style.color;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const place = (v, size, count) => Math.min(count - 1, Math.max(0, Math.floor((v / size) * count)));
    return [place(event.clientY - box.top, box.height, rows), place(event.clientX - box.left, box.width, columns)];
  };
  canvas.onpointermove = (event) => {
    const [row, column] = at(event);
    const value = values[row * columns + column];
    const name = data.names[row] ?? `${data.yName} ${row + 1}`;
    said.textContent = `${name}, ${data.xName} ${data.first + column}: ${value}`;
  };
  canvas.onpointerleave = () => { said.textContent = data.note; };
  const pick = (row) => setTriggerValue("picked", { row, at: Date.now() });
  canvas.onclick = data.pickable ? (event) => pick(at(event)[0]) : null;
  canvas.onkeydown = data.pickable
    ? (event) => {
        const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
        if (!by) return;
        event.preventDefault();
        pick(Math.min(rows - 1, Math.max(0, (data.picked ?? -1) + by)));
      }
    : null;
  if (canvas.dataset.shown === wanted) return;
  canvas.dataset.shown = wanted;
  canvas.classList.toggle("pickable", data.pickable);
  canvas.tabIndex = data.pickable ? 0 : -1;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", data.alt);
  canvas.style.height = data.square ? "" : `${data.height}px`;
  canvas.style.aspectRatio = data.square ? `${columns} / ${rows}` : "";
  parentElement.querySelector(".y").textContent = data.yTitle;
  parentElement.querySelector(".x").replaceChildren(
    ...[String(data.first), data.xTitle, String(data.first + columns - 1)].map((text) => {
      const span = document.createElement("span");
      span.textContent = text;
      return span;
    }),
  );
  said.textContent = data.note;
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const hue = (name) => style.getPropertyValue(name).trim();
  const inks = [hue("--st-text-color"), hue("--st-blue-color"), hue("--st-red-color")];
  values.forEach((value, i) => {
    context.globalAlpha = Math.min(1, Math.abs(value) / scale);
    context.fillStyle = signed ? inks[value < 0 ? 2 : 1] : inks[0];
    context.fillRect(i % columns, Math.floor(i / columns), 1, 1);
  });
  if (data.picked !== null && data.picked !== undefined) {
    context.globalAlpha = 1;
    context.fillStyle = hue("--st-primary-color");
    context.fillRect(0, data.picked, Math.max(1, Math.round(columns / 60)), 1);
  }
}
