// Two pictures over each other. A range lies over them unseen: it takes pointer, touch and arrow keys alike.
export default function build(root) {
  const pair = root.querySelector(".pair");
  const range = root.querySelector("input");
  const [before, after] = [root.querySelector(".before"), root.querySelector(".after")];
  const [left, right] = [root.querySelector(".left"), root.querySelector(".right")];
  let names = ["", ""];

  function divide() {
    const share = Number(range.value);
    pair.style.setProperty("--at", `${share}%`);
    left.style.opacity = share > 12 ? 1 : 0;
    right.style.opacity = share < 88 ? 1 : 0;
    range.setAttribute("aria-valuetext", `${names[0]} on ${Math.round(share)} % of the width, then ${names[1]}`);
  }
  range.addEventListener("input", divide);

  return {
    update(data) {
      names = data.names;
      range.setAttribute("aria-label", `Divider between ${names[0]} and ${names[1]}`);
      if (before.src !== data.before) before.src = data.before;
      if (after.src !== data.after) after.src = data.after;
      before.alt = left.textContent = names[0];
      after.alt = right.textContent = names[1];
      pair.style.setProperty("--ratio", `${data.width} / ${data.height}`);
      pair.style.setProperty("--most", `${(data.width / data.height) * 560}px`);
      divide();
    },
    stop() {
      range.removeEventListener("input", divide);
    },
  };
}
