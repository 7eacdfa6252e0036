// Keys, and the beginning of everything.

const KEYS = [
  ["j, k", "next, previous commit"],
  ["Enter, o", "open or close it"],
  ["n, p", "next, previous place to look at in the open commit"],
  ["r", "tick it as reviewed"],
  ["/", "filter"],
  ["s", "riskiest first or series order"],
  ["x", "no filters"],
  ["Escape", "close; leave the filter"],
  ["?", "these keys"],
];

/** Moves the cursor; what was open gives way to what is reached. */
function step(by) {
  const at = state.shown.indexOf(state.current);
  const next = state.shown[Math.min(state.shown.length - 1, Math.max(0, at + by))];
  if (!next) return;
  if (state.opened && next !== state.opened) open(next, true);
  else select(next, true);
}

/** Goes to the next place in the open commit. */
function place(by) {
  const places = [...(state.opened?.row.querySelectorAll(".place") ?? [])].filter((element) => element.offsetParent !== null);
  if (places.length === 0) return;
  const at = places.findIndex((element) => element.classList.contains("here"));
  places[at]?.classList.remove("here");
  const next = at === -1 ? (by > 0 ? 0 : places.length - 1) : (at + by + places.length) % places.length;
  places[next].classList.add("here");
  const isTall = places[next].offsetHeight > innerHeight / 2;
  places[next].scrollIntoView({ block: isTall ? "start" : "center" });
}

const ACTIONS = {
  j: () => step(1),
  k: () => step(-1),
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  n: () => place(1),
  p: () => place(-1),
  r: () => state.current && tick(state.current),
  o: () => (state.opened ? close() : state.current && open(state.current, true)),
  Enter: () => (state.opened ? close() : state.current && open(state.current, true)),
  "/": () => document.getElementById("search").focus(),
  s: () => reorder(filter.order === "risk" ? "series" : "risk"),
  x: clearFilters,
  Escape: close,
  "?": () => document.getElementById("help").showModal(),
};

function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || document.getElementById("help").open) return;
  const at = document.activeElement;
  const types = at?.matches("input:not([type=checkbox]):not([type=range]), select");
  if (types) {
    if (event.key === "Escape" || (event.key === "Enter" && at.id === "search")) at.blur();
    return;
  }
  if (event.key === "Enter" && at?.matches("button, summary, a")) return;
  const act = ACTIONS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

/** What sticks to the top of the window must not hide what is scrolled to. */
function measure() {
  document.documentElement.style.setProperty("--bar", document.getElementById("filters").offsetHeight + "px");
}

function showHelp() {
  const row = ([key, what]) => el("tr", {}, el("td", {}, el("kbd", {}, key)), el("td", {}, what));
  const help = document.getElementById("help");
  refill(help, el("h2", {}, "Keys"), el("table", {}, KEYS.map(row)),
    el("p", {}, "Ticks are kept by this browser. Export them, then ", el("code", {}, `git kmigrate accept --run=${state.run.name} --from FILE`), " accepts what was ticked, as far as the same still comes out."),
    el("button", { onclick: () => help.close() }, "close"));
}

load().then(() => {
  loadTicks();
  const first = takePlace();
  showHead();
  showList();
  showHelp();
  document.addEventListener("keydown", pressed);
  new ResizeObserver(measure).observe(document.getElementById("filters"));
  measure();
  if (first) open(first, true);
  performance.mark("ready");
  document.documentElement.dataset.ready = "true";
}).catch((error) => {
  document.getElementById("title").textContent = "This page cannot be shown: " + error.message;
  throw error;
});
