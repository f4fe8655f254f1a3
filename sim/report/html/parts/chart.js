// The chart is drawn in shares of its width: zooming widens it, and panning scrolls.
const frame = byId("frame"), lanes = byId("lanes"), axis = byId("axis"), grid = byId("grid");
const widest = 4e6; // pixels: more than that a browser does not draw exactly
const margin = 10, gutter = 8; // beside the ends of the axis, as the style sheet has them
const view = { zoom: 1, from: 0, long: data.length, listeners: [] };
const svgNode = (name, attributes) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  return node;
};

const namesWidth = () => frame.querySelector(".names").offsetWidth + gutter;
const room = () => Math.max(frame.clientWidth - namesWidth() - margin, 1);
const most = () => Math.min(widest / room(), Math.max(data.length / 2e3, 1));
const shownFrom = () => (frame.scrollLeft / (room() * view.zoom)) * data.length;
const shownLong = () => data.length / view.zoom;

// look shows a stretch of time.
function look(from, long) {
  view.zoom = Math.min(Math.max(data.length / long, 1), most());
  if (view.zoom === 1) frame.style.removeProperty("--plot");
  else frame.style.setProperty("--plot", room() * view.zoom + "px");
  frame.scrollLeft = (from / data.length) * room() * view.zoom;
  refresh();
}

// zoom makes everything so many times as wide, and leaves the instant at in its place.
function zoom(by, at = shownFrom() + shownLong() / 2) {
  const long = data.length / Math.min(Math.max(view.zoom * by, 1), most());
  look(at - (at - shownFrom()) * (long / shownLong()), long);
}

const pan = (share) => look(shownFrom() + share * shownLong(), shownLong());

// roundStep divides a stretch into at most n parts at round figures.
function roundStep(long, n) {
  const raw = long / n, power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((f) => f * power).find((step) => step >= raw);
}

// fit shows the labels that have room in their spans, each where its span begins to be seen.
const labels = all(".span > text", lanes).map((text) => {
  const span = text.parentNode, share = (name) => parseFloat(span.getAttribute(name)) / 100;
  return { text, span, from: share("x"), long: share("width"), needs: 6.2 * [...text.textContent].length + 12, was: null };
});
function fit(width, left) {
  for (const label of labels) {
    const hidden = Math.max(left - label.from * width, 0), tight = label.long * width - hidden < label.needs;
    const x = tight ? null : 6 + hidden;
    if (x === label.was && x !== null) continue;
    label.was = x;
    label.span.classList.toggle("tight", tight);
    if (!tight) label.text.setAttribute("x", x);
  }
}

// refresh writes the axis for what is shown, and tells whoever follows.
function refresh() {
  const from = shownFrom(), long = shownLong(), step = roundStep(long, Math.max(room() / 95, 2));
  Object.assign(view, { from, long });
  const texts = [], lines = [];
  const digits = Math.max(0, 6 - Math.floor(Math.log10(step)));
  for (let at = Math.max(0, Math.floor(from / step) * step); at <= Math.min(from + long, data.length); at += step) {
    const x = (100 * at) / data.length + "%";
    if (((data.length - at) / long) * room() > 46) texts.push(Object.assign(svgNode("text", { x, y: 16 }), { textContent: (at / 1e6).toFixed(digits) + " s" }));
    lines.push(svgNode("line", { class: "grid", x1: x, x2: x, y2: "100%" }));
  }
  axis.replaceChildren(...texts);
  grid.replaceChildren(...lines);
  fit(room() * view.zoom, frame.scrollLeft);
  byId("range").textContent = `${clock(from)} – ${clock(Math.min(from + long, data.length))}`;
  for (const listener of view.listeners) listener(from, long);
}

const instantAt = (clientX) => shownFrom() + ((clientX - frame.getBoundingClientRect().left - namesWidth()) / room()) * shownLong();

frame.addEventListener("wheel", (e) => {
  if (!e.ctrlKey && !e.metaKey) return;
  e.preventDefault();
  zoom(Math.exp(-e.deltaY * 0.005), instantAt(e.clientX));
}, { passive: false });

let pending = false;
frame.addEventListener("scroll", () => {
  if (pending) return;
  pending = true;
  requestAnimationFrame(() => { pending = false; refresh(); });
});

// Two fingers zoom around the middle between them.
const fingers = new Map();
let apart = 0;
const spread = () => { const [a, b] = [...fingers.values()]; return Math.hypot(a.x - b.x, a.y - b.y); };
frame.addEventListener("pointerdown", (e) => {
  if (e.pointerType === "touch") fingers.set(e.pointerId, { x: e.clientX, y: e.clientY });
  if (fingers.size === 2) apart = spread();
});
frame.addEventListener("pointermove", (e) => {
  if (!fingers.has(e.pointerId)) return;
  fingers.set(e.pointerId, { x: e.clientX, y: e.clientY });
  if (fingers.size !== 2 || !apart) return;
  const now = spread(), [a, b] = [...fingers.values()];
  zoom(now / apart, instantAt((a.x + b.x) / 2));
  apart = now;
});
for (const type of ["pointerup", "pointercancel"]) frame.addEventListener(type, (e) => { fingers.delete(e.pointerId); apart = 0; });
frame.addEventListener("touchmove", (e) => { if (e.touches.length > 1) e.preventDefault(); }, { passive: false });

// step moves the focus to the next or the last thing of a lane, or to the lane above or below.
function step(key) {
  const rows = all(".lane", lanes).map((lane) => all(".span, .mark, .bars", lane)).filter((things) => things.length);
  const now = document.activeElement, row = rows.findIndex((things) => things.includes(now));
  let next;
  if (row < 0) next = rows[0]?.[0];
  else if (key === "ArrowLeft" || key === "ArrowRight") next = rows[row][rows[row].indexOf(now) + (key === "ArrowRight" ? 1 : -1)];
  else {
    const x = now.getBoundingClientRect().left, below = rows[row + (key === "ArrowDown" ? 1 : -1)];
    next = below?.findLast((thing) => thing.getBoundingClientRect().left <= x + 1) ?? below?.[0];
  }
  if (!next) return;
  next.focus({ preventScroll: true });
  reveal(next);
}

// reveal scrolls a thing of the chart into what is shown.
function reveal(thing) {
  const box = thing.getBoundingClientRect(), shown = frame.getBoundingClientRect(), left = shown.left + namesWidth();
  if (box.right < left + 8 || box.left < left && box.width < shown.width) frame.scrollLeft -= left + 30 - box.left;
  else if (box.left > shown.right - 8) frame.scrollLeft += box.left - shown.right + 60;
  if (box.top < shown.top + 26) frame.scrollTop -= shown.top + 30 - box.top;
  else if (box.bottom > shown.bottom) frame.scrollTop += box.bottom - shown.bottom + 10;
}

frame.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  const share = { ArrowLeft: -0.2, ArrowRight: 0.2 }[e.key];
  if (e.key === "+" || e.key === "=") zoom(1.6);
  else if (e.key === "-") zoom(1 / 1.6);
  else if (e.key === "0") look(0, data.length);
  else if (e.shiftKey && share) pan(share);
  else if (e.key.startsWith("Arrow")) step(e.key);
  else if (e.key === "Enter" || e.key === " ") document.activeElement.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  else return;
  e.preventDefault();
});

byId("zoom-in").addEventListener("click", () => zoom(1.6));
byId("zoom-out").addEventListener("click", () => zoom(1 / 1.6));
byId("zoom-all").addEventListener("click", () => look(0, data.length));
let known = room();
new ResizeObserver(() => {
  if (room() === known) return;
  known = room();
  look(view.from, view.long);
}).observe(frame);

// What a thing is stands in its label; a title would show the browser's own tip beside ours. With a script some can be pressed.
for (const title of all("title", lanes)) {
  const thing = title.parentNode;
  thing.setAttribute("aria-label", title.textContent);
  if (thing.dataset.seq) thing.setAttribute("role", "button");
  title.remove();
}
