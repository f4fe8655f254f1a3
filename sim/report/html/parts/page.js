// Colours, copying, failovers, paper.
const themes = ["system", "light", "dark"];
let stored = null;
try { stored = localStorage.getItem("theme"); } catch { /* a file may have no storage */ }
function theme(name) {
  if (name === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  byId("theme").querySelector("span").textContent = { system: "System", light: "Light", dark: "Dark" }[name];
  byId("theme").setAttribute("aria-label", "Colours: " + { system: "as the system has them", light: "light", dark: "dark" }[name]);
  try { localStorage.setItem("theme", name); } catch { /* likewise */ }
}
theme(themes.includes(stored) ? stored : "system");
byId("theme").addEventListener("click", () => {
  const now = document.documentElement.dataset.theme ?? "system";
  theme(themes[(themes.indexOf(now) + 1) % themes.length]);
});

async function copy(text, button) {
  const area = make("textarea", { value: text, readOnly: true });
  try {
    await navigator.clipboard.writeText(text);
  } catch { // pages that are files may not use the clipboard
    area.className = "unseen";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.textContent = "Copied";
  byId("said").textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}
for (const button of all("[data-copy]")) button.addEventListener("click", () => copy(button.dataset.copy, button));
for (const button of all("[data-copy-next]")) button.addEventListener("click", () => copy(button.parentNode.nextElementSibling.textContent, button));

for (const button of all("[data-from]")) {
  button.addEventListener("click", () => {
    look(+button.dataset.from, button.dataset.until - button.dataset.from);
    byId("chart").scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    frame.focus({ preventScroll: true });
  });
}

// On paper everything is open, and the chart is whole.
let before = null;
addEventListener("beforeprint", () => {
  before = { from: shownFrom(), long: shownLong(), closed: all("details:not([open])") };
  for (const details of before.closed) details.open = true;
  look(0, data.length);
  fit(540, 0);
});
addEventListener("afterprint", () => {
  for (const details of before.closed) details.open = false;
  look(before.from, before.long);
});

document.documentElement.classList.add("live");
refresh();
