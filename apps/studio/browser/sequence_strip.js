// A sequence as rows of cells over time, broken into lines that fit the width. Bits and marks are toggled by a
// click, symbols go to the next one, bars are set to the height of the click; arrows and typed characters do
// the same. The edited rows are sent to Python.
const LABEL = 84; // width of the names, in pixels
const LEAST = 20;
const MOST = 34;

export default function build(root) {
  const box = root.querySelector(".strip");
  const strip = { values: {}, width: 0 };
  let shown = "";
  const observer = new ResizeObserver(() => {
    if (Math.abs(box.clientWidth - strip.width) > 4) strip.draw();
  });
  observer.observe(box);
  strip.stop = () => observer.disconnect();
  strip.update = (data, { setStateValue }) => {
    strip.send = (values) => setStateValue("edit", { token: data.token, values });
    strip.draw = () => draw(box, strip, data);
    const wanted = JSON.stringify(data);
    if (shown === wanted) return;
    shown = wanted;
    for (const row of data.rows) if (row.editable) strip.values[row.name] = [...row.values];
    strip.draw();
  };
  return strip;
}

function draw(box, strip, data) {
  strip.width = box.clientWidth;
  const room = Math.max(LEAST, strip.width - LABEL);
  const steps = Math.max(...data.rows.map((row) => row.offset + row.values.length));
  const most = Math.max(1, Math.floor(room / (LEAST + 2)));
  const lines = Math.ceil(steps / most);
  const each = Math.ceil(steps / lines);
  box.style.setProperty("--cell", `${Math.min(MOST, Math.floor(room / each) - 2)}px`);
  const active = box.getRootNode().activeElement?.dataset?.place;
  box.replaceChildren(
    ...Array.from({ length: lines }, (_, line) => {
      const block = document.createElement("div");
      block.className = "line";
      const begin = line * each;
      const end = Math.min(steps, begin + each);
      for (const row of data.rows) {
        if (row.offset >= end || row.offset + row.values.length <= begin) continue;
        const name = document.createElement("span");
        name.className = "name";
        name.textContent = row.name;
        const cells = document.createElement("div");
        cells.className = "cells";
        for (let t = begin; t < end; t++) cells.append(cellOf(row, t, strip, data));
        block.append(name, cells);
      }
      return block;
    }),
  );
  if (active) box.querySelector(`[data-place="${CSS.escape(active)}"]`)?.focus();
}

function cellOf(row, t, strip, data) {
  const i = t - row.offset;
  const there = i >= 0 && i < row.values.length;
  const edits = there && row.editable && i < row.editable;
  const cell = document.createElement(edits ? "button" : "span");
  cell.className = "cell";
  if (!there) {
    cell.classList.add("none");
    return cell;
  }
  const values = edits ? strip.values[row.name] : row.values;
  const value = values[i];
  paint(cell, row, value, data, i);
  if (row.wrong && row.wrong[i]) cell.classList.add("wrong");
  if (!edits) return cell;
  cell.type = "button";
  cell.dataset.place = `${row.name}:${t}`;
  const set = (next) => {
    values[i] = next;
    paint(cell, row, next, data, i);
    strip.send(strip.values);
  };
  const [low, high] = row.range || [0, 1];
  const clamp = (v) => Math.min(high, Math.max(low, v));
  const round = (v) => Math.round(v * 1000) / 1000;
  cell.onclick = (event) => {
    if (row.kind === "symbol") set((values[i] + 1) % row.choices.length);
    else if (row.kind !== "bar") set(values[i] ? 0 : 1);
    else if (event.detail) {
      const frame = cell.getBoundingClientRect();
      set(round(clamp(low + (high - low) * (1 - (event.clientY - frame.top) / frame.height))));
    }
  };
  cell.onkeydown = (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const typed = row.kind === "symbol" ? row.choices.indexOf(event.key.toUpperCase()) : -1;
    if (by && row.kind === "bar") set(round(clamp(values[i] + (by * (high - low)) / 20)));
    else if (by && row.kind === "symbol") set((values[i] + by + row.choices.length) % row.choices.length);
    else if (typed >= 0) set(typed);
    else if ((event.key === "0" || event.key === "1") && row.kind !== "bar" && row.kind !== "symbol") set(Number(event.key));
    else return;
    event.preventDefault();
  };
  return cell;
}

function paint(cell, row, value, data, i) {
  const step = `step ${row.offset + i + 1}`;
  cell.classList.toggle("bar", row.kind === "bar");
  cell.classList.toggle("lit", row.kind === "bar" && Boolean(row.lit && row.lit[i]));
  cell.classList.toggle("on", (row.kind === "bit" || row.kind === "mark") && Boolean(value));
  if (row.kind === "bar") {
    const [low, high] = row.range || [0, 1];
    const fill = document.createElement("i");
    fill.style.height = `${(100 * (value - low)) / (high - low || 1)}%`;
    cell.replaceChildren(fill);
  } else if (row.kind === "symbol") cell.textContent = row.choices[value] ?? "·";
  else if (row.kind === "mark") cell.textContent = value ? "+" : "";
  else cell.textContent = value;
  const said = row.kind === "symbol" ? (row.choices[value] ?? "nothing") : row.kind === "mark" ? (value ? "marked" : "not marked") : value;
  cell.title = `${row.name}, ${step}: ${said}`;
  cell.setAttribute("aria-label", cell.title);
}
