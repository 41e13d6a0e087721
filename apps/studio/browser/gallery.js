// Small pictures with a word below each; a click says which one was picked.
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const box = parentElement.querySelector(".gallery");
  const style = getComputedStyle(box);
  const wanted = JSON.stringify(data) + style.color; // also drawn anew in another theme
  if (box.dataset.shown === wanted) return;
  box.dataset.shown = wanted;
  box.style.setProperty("--side", `${data.size}px`);
  box.replaceChildren(
    ...data.items.map((item, index) => {
      const figure = document.createElement(data.pickable ? "button" : "figure");
      if (data.pickable) {
        figure.type = "button";
        figure.onclick = () => setTriggerValue("picked", { index, at: Date.now() });
      }
      const canvas = document.createElement(item.file ? "img" : "canvas");
      if (item.file) canvas.src = item.file;
      else paint(canvas, item, data.signed, style);
      const caption = document.createElement("span");
      caption.textContent = item.caption;
      if (item.tone) caption.className = item.tone;
      figure.setAttribute("aria-label", item.alt);
      figure.title = item.alt;
      figure.append(canvas, caption);
      return figure;
    }),
  );
}

// A photo in its own colours; ink on paper; or, for signed values, two hues away from the paper.
function paint(canvas, { rows, columns, colours, values }, signed, style) {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  if (colours === 3) {
    const photo = context.createImageData(columns, rows);
    for (let i = 0; i < rows * columns; i++) {
      photo.data.set([...values.slice(3 * i, 3 * i + 3).map((value) => 255 * value), 255], 4 * i);
    }
    context.putImageData(photo, 0, 0);
    return;
  }
  const hue = (name) => style.getPropertyValue(name).trim();
  values.forEach((value, i) => {
    context.globalAlpha = Math.min(1, Math.abs(value));
    context.fillStyle = signed ? hue(value < 0 ? "--st-red-color" : "--st-blue-color") : hue("--st-text-color");
    context.fillRect(i % columns, Math.floor(i / columns), 1, 1);
  });
}
