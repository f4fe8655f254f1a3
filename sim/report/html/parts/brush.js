// The brush shows the whole run, and which part of it the chart shows.
const brush = byId("brush"), brushWindow = byId("brush-window");
for (const band of all(".band", lanes)) byId("brush-back").append(svgNode("rect", { class: "band", x: band.getAttribute("x"), width: band.getAttribute("width"), height: "100%" }));
const requests = lanes.querySelector(".bars");
if (requests) {
  const picture = requests.cloneNode(true);
  for (const name of ["tabindex", "role", "aria-label", "data-run", "data-client", "y"]) picture.removeAttribute(name);
  picture.setAttribute("height", "34");
  byId("brush-back").append(picture);
}
for (const guide of all(".guide", lanes)) {
  const x = guide.getAttribute("x"), bad = guide.matches(".g-fault, .g-loss") ? " bad" : "";
  byId("brush-back").append(svgNode("line", { class: "line" + bad, x1: x, x2: x, y1: 4, y2: 32 }));
}
view.listeners.push((from, long) => {
  brushWindow.setAttribute("x", (100 * from) / data.length + "%");
  brushWindow.setAttribute("width", (100 * Math.min(long, data.length)) / data.length + "%");
  brush.setAttribute("aria-valuenow", Math.round((100 * from) / data.length));
  brush.setAttribute("aria-valuetext", byId("range").textContent);
});

// Dragging inside the window moves it; dragging elsewhere draws a new one.
let drag = null;
const brushInstant = (e) => {
  const box = brush.getBoundingClientRect();
  return Math.min(Math.max((e.clientX - box.left) / box.width, 0), 1) * data.length;
};
brush.addEventListener("pointerdown", (e) => {
  const at = brushInstant(e), from = shownFrom(), inside = view.zoom > 1 && at >= from && at <= from + shownLong();
  drag = { at, hold: inside ? at - from : null, long: shownLong() };
  brush.setPointerCapture(e.pointerId);
});
brush.addEventListener("pointermove", (e) => {
  if (!drag) return;
  const at = brushInstant(e);
  if (drag.hold !== null) look(at - drag.hold, drag.long);
  else if (Math.abs(at - drag.at) > data.length / 200) look(Math.min(at, drag.at), Math.abs(at - drag.at));
});
brush.addEventListener("pointerup", (e) => {
  if (drag?.hold === null && Math.abs(brushInstant(e) - drag.at) <= data.length / 200) look(drag.at - drag.long / 2, drag.long);
  drag = null;
});
brush.addEventListener("keydown", (e) => {
  const share = { ArrowLeft: -0.2, ArrowRight: 0.2, PageUp: -1, PageDown: 1 }[e.key];
  if (share) pan(share);
  else if (e.key === "Home") look(0, shownLong());
  else if (e.key === "End") look(data.length, shownLong());
  else if (e.key === "+" || e.key === "=") zoom(1.6);
  else if (e.key === "-") zoom(1 / 1.6);
  else return;
  e.preventDefault();
});
