// Tables of numbers, each cell as blue or red as its number is large, with what it is made of on hover.
export default function (component) {
  const { data, parentElement } = component;
  const box = parentElement.querySelector(".numbers");
  const wanted = JSON.stringify(data);
  if (box.dataset.shown === wanted) return;
  box.dataset.shown = wanted;
  box.classList.toggle("stacked", data.stacked);
  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  const write = (value) => {
    if (value === null) return "";
    const size = Math.abs(value);
    if (size !== 0 && (size < 0.001 || size >= 10000)) return value.toExponential(1).replace("-", "−");
    const text = value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : data.digits);
    return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−"); // never -0.00
  };
  box.replaceChildren(
    ...data.blocks.map((block) => {
      const part = make("div", undefined, block.faded ? "block faded" : "block");
      if (block.title) part.append(make("h4", block.title));
      const table = make("table");
      if (block.columns.length) {
        const head = make("tr");
        if (block.rows.length) head.append(make("th"));
        for (const name of block.columns) head.append(make("th", name));
        table.append(head);
      }
      block.values.forEach((values, r) => {
        const row = make("tr");
        if (block.rows.length) row.append(make("th", block.rows[r]));
        values.forEach((value, c) => {
          const cell = make("td", write(value), value === null ? "empty" : block.strong.includes(c) ? "strong" : "");
          if (value !== null && block.scale > 0) {
            const share = Math.min(1, Math.abs(value) / block.scale);
            const hue = value < 0 ? "--st-red-color" : "--st-blue-color";
            // At most a third of the hue, so that the figure on it stays readable in both themes.
            cell.style.background = `color-mix(in srgb, var(${hue}) ${Math.round(34 * share)}%, var(--st-secondary-background-color))`;
          }
          if (block.hints.length) cell.title = block.hints[r][c];
          row.append(cell);
        });
        table.append(row);
      });
      const scroll = make("div", undefined, "scroll");
      scroll.append(table);
      part.append(scroll);
      if (block.note) part.append(make("p", block.note));
      return part;
    }),
  );
}
