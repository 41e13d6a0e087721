// Around every component's script: what goes wrong in it is said where it went wrong, and in the console.
// Errors of later moments (frames, clicks, timers) reach only the window; those of this script are told by its address.
const guardedRoots = new Set();
const ownAddress = (String(new Error().stack).match(/([^\s()@]+):\d+:\d+\)?\s*$/m) || [null, import.meta.url])[1];

const built = new WeakMap();

// For scripts that build something once for its place: it is updated with the component's data until it goes.
function drawBuilt(component, build) {
  const root = component.parentElement;
  let it = built.get(root);
  if (!it) built.set(root, (it = build(root)));
  it.update(component.data, component);
  return () => {
    it.stop();
    built.delete(root);
  };
}

function tellFailure(root, error) {
  const name = (error && error.name) || "Error";
  const what = String((error && error.message) || error).slice(0, 200);
  let notice = root.querySelector("[data-failed]");
  if (!notice) {
    notice = document.createElement("p");
    notice.dataset.failed = "";
    notice.setAttribute("role", "alert");
    notice.style.cssText =
      "margin: 0.5rem 0; padding: 0.5rem 0.75rem; font: 0.9rem var(--st-font); color: var(--st-text-color); " +
      "border-left: 4px solid var(--st-red-color); background: var(--st-secondary-background-color)";
    root.append(notice);
  }
  notice.textContent = `This part of the page failed in the browser (${name}: ${what}). Reload the page to go on.`;
}

function tellEverywhere(error) {
  for (const root of guardedRoots) tellFailure(root, error);
}

function isOurs(error, address) {
  return address === ownAddress || String((error && error.stack) || "").includes(`${ownAddress}:`);
}

window.addEventListener("error", (event) => {
  if (isOurs(event.error, event.filename)) tellEverywhere(event.error || event.message);
});
window.addEventListener("unhandledrejection", (event) => {
  if (isOurs(event.reason, "")) tellEverywhere(event.reason);
});

export default function guarded(component) {
  const root = component.parentElement;
  guardedRoots.add(root);
  let stop;
  try {
    stop = drawComponent(component);
  } catch (error) {
    console.error(error);
    tellFailure(root, error);
  }
  return () => {
    guardedRoots.delete(root);
    if (stop) stop();
  };
}
