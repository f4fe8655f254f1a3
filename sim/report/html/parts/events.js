// The list of events: as the page came with it, until somebody filters.
for (const section of all("section.events")) {
  const run = +section.dataset.run, story = stories[run], portion = 200;
  const input = section.querySelector("input"), select = section.querySelector("select");
  const list = section.querySelector("ol"), note = section.querySelector("[role=status]"), more = section.querySelector(".more");
  const levels = [0, 1, 2].map((level) => story.events.filter((e) => e.level <= level).length);
  levels[2] += story.more;
  [...select.options].forEach((option, i) => { option.textContent += ` (${levels[i].toLocaleString("en")})`; });
  let found = [], shown = 0;

  const extend = () => {
    const items = found.slice(shown, shown + portion).map((e) => make("li", { className: "level" + e.level }, link(run, e)));
    list.append(...items);
    shown += items.length;
    more.hidden = shown >= found.length;
  };
  const filter = async () => {
    const complete = +select.value < 2 || await story.whole(); // while it unpacks, somebody may ask for something else
    const level = +select.value, words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = story.events.filter((e) => e.level <= level && words.every((word) => (e.actor + " " + e.text).toLowerCase().includes(word)));
    note.textContent = `${found.length.toLocaleString("en")} ${found.length === 1 ? "event" : "events"}` +
      (complete ? "" : "; this browser cannot unpack those that led to nothing else");
    section.querySelector(".note.plain")?.remove();
    list.replaceChildren();
    shown = 0;
    extend();
  };
  let soon = 0;
  input.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(filter, 80); });
  select.addEventListener("change", filter);
  more.addEventListener("click", extend);
}
