// The panel beside the picture: what the player of this very frame thought, saw and got.
const UNITS = { probability: (p) => `${Math.round(100 * p)} %` };

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// A row with a name, a bar and a figure, as the last of a box.
function barOf(box, className, name) {
  const row = element("div", className);
  const fill = element("i");
  const track = element("span", "track");
  track.append(fill);
  const share = element("span", "share", "");
  row.append(element("span", "name", name), track, share);
  box.append(row);
  return { row, fill, share };
}

function number(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  return size !== 0 && size < 0.01 ? value.toExponential(1) : value.toFixed(size < 10 ? 2 : size < 1000 ? 1 : 0);
}

function makeReadout(root) {
  const box = root.querySelector(".readout");
  let names = null;
  let bars = [];
  let figures = {};
  let saw = null;

  // Rebuilt only when a stream starts; while it plays, text and widths change in place and nothing moves.
  function build(data) {
    box.replaceChildren();
    bars = [];
    figures = {};
    names = data.actions;
    const list = element("dl", "figures");
    const shown = { step: "step", reward: "reward", return: "return so far" };
    if (data.has_value) shown.value = "value";
    for (const [key, label] of Object.entries(shown)) {
      const cell = element("div");
      const term = element("dt", "", label);
      term.title = HINTS[key];
      figures[key] = element("dd", "", "–");
      cell.append(term, figures[key]);
      list.append(cell);
    }
    box.append(list);
    if (data.has_probabilities) {
      const title = element("h4", "", "Next action");
      title.title = "Probability of each action at this moment; the filled one was taken.";
      box.append(title);
      bars = names.map((name) => barOf(box, "bar", name));
    }
    saw = data.sees ? makeSight(box, data.sees) : null;
  }

  function show(frame) {
    figures.step.textContent = String(frame.t);
    figures.reward.textContent = number(frame.r);
    figures.return.textContent = number(frame.g);
    if (figures.value) figures.value.textContent = number(frame.v);
    bars.forEach((bar, index) => {
      const p = frame.p ? frame.p[index] : 0;
      bar.fill.style.width = `${100 * p}%`;
      bar.share.textContent = frame.p ? UNITS.probability(p) : "";
      bar.row.classList.toggle("taken", frame.a === index);
    });
    if (saw) saw(frame.o);
  }
  return { build, show };
}

const HINTS = {
  step: "Steps since the episode began.",
  reward: "What the last step paid.",
  return: "Sum of the rewards of this episode so far.",
  value: "The return the agent expects from here on, discounted.",
};

// Numbers become signed bars, pixels one small picture per channel.
function makeSight(box, sees) {
  const title = element("h4", "", "What it sees");
  title.title = "The observation: all the agent knows about this moment.";
  box.append(title);
  if (sees.kind === "numbers") {
    const rows = sees.names.map((name) => barOf(box, "bar signed", name));
    const largest = new Array(rows.length).fill(1e-6);
    return (obs) => {
      if (!obs) return;
      rows.forEach(({ fill, share }, index) => {
        const value = obs[index];
        largest[index] = Math.max(largest[index], Math.abs(value));
        const half = (50 * Math.abs(value)) / largest[index];
        fill.style.left = value < 0 ? `${50 - half}%` : "50%";
        fill.style.width = `${half}%`;
        share.textContent = number(value);
      });
    };
  }
  const [height, width, channels] = sees.shape;
  const row = element("div", "channels");
  const canvases = [];
  for (let c = 0; c < channels; c++) {
    const figure = element("figure");
    const canvas = element("canvas");
    canvas.width = width;
    canvas.height = height;
    figure.append(canvas, element("figcaption", "", sees.names[c]));
    row.append(figure);
    canvases.push(canvas);
  }
  box.append(row);
  const ink = channelsOf(getComputedStyle(row).color).slice(0, 3);
  return (obs) => {
    if (!obs) return;
    canvases.forEach((canvas, c) => {
      const context = canvas.getContext("2d");
      const picture = context.createImageData(width, height);
      for (let i = 0; i < width * height; i++) {
        picture.data.set([...ink, 255 * obs[i * channels + c]], 4 * i);
      }
      context.putImageData(picture, 0, 0);
    });
  };
}
