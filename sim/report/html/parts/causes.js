// What led to an event: the panel at the side.
const why = byId("why"), whyBody = byId("why-body"), cursor = byId("cursor");
let cameFrom = null;

// link is an event that can be clicked.
function link(run, e) {
  const button = make("button", { type: "button" }, make("time", { textContent: clock(e.at) }), make("i", { textContent: e.actor }), make("span", { textContent: e.text }));
  Object.assign(button.dataset, { run, seq: e.seq });
  return button;
}

// explain shows what led to an event, and what it led to.
async function explain(run, seq) {
  const story = stories[run];
  if (!story.event(seq)) await story.whole();
  const e = story.event(seq);
  if (!e) {
    byId("said").textContent = "This was there from the beginning, or this browser cannot show all events.";
    return;
  }
  const chain = story.chain(seq), effects = story.effects(seq);
  const list = make("ol", { className: "chain" }, ...chain.map((one) => make("li", { className: one === e ? "here" : "" }, link(run, one))));
  whyBody.replaceChildren(make("p", { className: "note", textContent: chain.length > 1 ? `${chain.length} events, from the first cause to the one chosen` : "It has no cause but the beginning of the run" }), list);
  if (effects.length) {
    const most = 12;
    whyBody.append(make("h3", { textContent: effects.length > most ? `It led to ${effects.length} events; the first ${most}` : "It led to" }),
      make("ol", { className: "chain effects" }, ...effects.slice(0, most).map((next) => make("li", {}, link(run, next)))));
  }
  if (why.hidden) cameFrom = document.activeElement;
  why.hidden = false;
  list.lastChild.scrollIntoView({ block: "nearest" });
  list.lastChild.querySelector("button").focus({ preventScroll: true });
  point(run, e);
}

// point shows in the chart and in the list where an event is.
function point(run, e) {
  const x = (100 * e.at) / data.length + "%";
  cursor.setAttribute("x1", x);
  cursor.setAttribute("x2", x);
  cursor.removeAttribute("hidden");
  for (const lit of all(".lit, .lines .here")) lit.classList.remove("lit", "here");
  for (const thing of all(`[data-run="${run}"][data-seq="${e.seq}"]`)) {
    if (thing.closest("#lanes")) thing.classList.add("lit");
    else if (thing.closest(".lines")) thing.parentNode.classList.add("here");
  }
  if (e.at < shownFrom() || e.at > shownFrom() + shownLong()) look(e.at - shownLong() / 2, shownLong());
}

function closeWhy() {
  if (why.hidden) return;
  why.hidden = true;
  cursor.setAttribute("hidden", "");
  for (const lit of all(".lit, .lines .here")) lit.classList.remove("lit", "here");
  if (cameFrom?.isConnected) cameFrom.focus({ preventScroll: true });
}

byId("why-close").addEventListener("click", closeWhy);
addEventListener("keydown", (e) => { if (e.key === "Escape") { closeWhy(); hideTip(); } });
addEventListener("click", (e) => {
  const thing = e.target.closest("[data-seq]");
  if (thing && +thing.dataset.seq) explain(+thing.dataset.run, +thing.dataset.seq);
});

// The tip says what is under the pointer, or has the focus.
const tip = byId("tip");
function showTip(text, x, y) {
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(x + 12, innerWidth - box.width - 8)) + "px";
  tip.style.top = (y + 18 + box.height > innerHeight ? y - box.height - 10 : y + 18) + "px";
}
function hideTip() { tip.hidden = true; }

// tipOf words a thing of the chart; of a client, what became of its requests at that instant.
function tipOf(thing, clientX) {
  if (!thing.matches(".bars")) return thing.getAttribute("aria-label");
  const box = thing.getBoundingClientRect(), bars = data.clients[thing.dataset.run][thing.dataset.client];
  const i = Math.min(Math.max(Math.floor(((clientX - box.left) / box.width) * bars.length), 0), bars.length - 1);
  const [ok, failed, unknown, lost, median] = bars[i], long = data.length / bars.length;
  const parts = [`${ok} succeeded` + (ok ? `, half of them within ${(median / 1e3).toFixed(1)} ms` : ""), failed && `${failed} failed`, unknown && `${unknown} never answered`, lost && `${lost} acknowledged and lost`];
  return `${thing.dataset.about}\n${clock(i * long)} – ${clock((i + 1) * long)}\n` + parts.filter(Boolean).join("\n");
}
lanes.addEventListener("pointermove", (e) => {
  const thing = e.target.closest(".span, .mark, .bars, .band");
  thing ? showTip(tipOf(thing, e.clientX), e.clientX, e.clientY) : hideTip();
});
lanes.addEventListener("pointerleave", hideTip);
lanes.addEventListener("focusin", (e) => {
  const box = e.target.getBoundingClientRect();
  showTip(tipOf(e.target, box.left + box.width / 2), Math.max(box.left, frame.getBoundingClientRect().left + namesWidth()), box.bottom - 10);
});
lanes.addEventListener("focusout", hideTip);
