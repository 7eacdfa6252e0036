// The list of commits: a row each, the opened one with its details.

/** Rebuilds the list after a filter or the order changed. */
function showList() {
  state.shown = state.commits.filter(passes);
  if (filter.order === "risk") state.shown.sort((a, b) => risk(b) - risk(a) || a.n - b.n);
  const list = document.getElementById("list");
  list.replaceChildren(...state.shown.map((commit) => (commit.row ??= row(commit))));
  if (!state.shown.includes(state.current)) select(state.shown[0] ?? null, false);
  document.getElementById("counted").textContent = `${state.shown.length} of ${state.commits.length}`;
  keepPlace();
}

function row(commit) {
  const isTicked = ticked.has(commit.outcome);
  const box = el("input", { type: "checkbox", checked: isTicked, disabled: commit.outcome === null, title: "reviewed (r)", onclick: (event) => event.stopPropagation(), onchange: () => tick(commit) });
  const likely = commit.confidence === null ? el("span", { className: "likely" }) : el("span", { className: "likely", title: `band ${commit.band ?? "?"}` }, meter(commit.confidence), percent(commit.confidence));
  const head = el("div", { className: "row", onclick: () => (state.opened === commit ? close() : open(commit, false)) },
    box, el("span", { className: "n" }, commit.n), el("span", { className: `status status-${commit.status}` }, STATUS[commit.status]), likely,
    el("span", { className: "subject" }, commit.subject, remarks(commit)), el("span", { className: "where", title: commit.files.map((file) => file.path).join("\n") }, el("bdi", {}, where(commit))));
  return el("li", { className: "commit todo-" + commit.todo + (isTicked ? " ticked" : ""), id: "n" + commit.n }, head);
}

function meter(share) {
  const bar = el("span", { className: "meter" }, el("span", {}));
  bar.firstChild.style.width = share * 100 + "%";
  return bar;
}

/** What stands behind the subject. */
function remarks(commit) {
  const words = commit.flags.map((flag) => [flag, FLAGS[flag] ?? flag]);
  const stale = [...new Set(commit.findings.filter((finding) => finding.kind === "stale_name").map((finding) => finding.name))];
  if (stale.length > 0) words.push(["finding", "stale: " + stale.slice(0, 2).join(", ")]);
  if (commit.check?.verdict === "failed") words.push(["finding", "does not build"]);
  if (commit.check?.verdict === "failed_before") words.push(["built", "did not build before"]);
  return words.map(([flag, word]) => el("span", { className: "flag " + flag }, word));
}

/** Where the commit is at work: its file, or how many in which part. */
function where(commit) {
  if (commit.files.length === 0) return "";
  if (commit.files.length === 1) return commit.files[0].path;
  return `${commit.files.length} files in ${commit.places.slice(0, 2).join(", ")}${commit.places.length > 2 ? ", …" : ""}`;
}

/** Puts the cursor on a commit. */
function select(commit, scroll) {
  state.current?.row?.classList.remove("current");
  state.current = commit;
  commit?.row?.classList.add("current");
  if (scroll) commit?.row?.scrollIntoView({ block: "nearest" });
}

/** Shows the other order, from its beginning. */
function reorder(order) {
  filter.order = order;
  close();
  showFilters();
  showList();
  select(state.shown[0] ?? null, true);
}

/** Opens a commit, and closes the one that was open. */
function open(commit, scroll) {
  close();
  if (!state.shown.includes(commit)) clearFilters();
  select(commit, false);
  state.opened = commit;
  commit.row.classList.add("opened");
  // Its row sticks to the top, and must not hide what is scrolled to either.
  document.documentElement.style.setProperty("--row", commit.row.firstChild.offsetHeight + "px");
  showCommit(commit);
  commit.row.scrollIntoView({ block: scroll ? "start" : "nearest" });
  keepPlace();
}

function close() {
  const commit = state.opened;
  state.opened = null;
  commit?.row?.classList.remove("opened");
  commit?.row?.querySelector(".detail")?.remove();
}

function clearFilters() {
  Object.assign(filter, { text: "", status: "", todo: "", flag: "", method: "", place: "", below: false, fresh: false });
  showFilters();
  showList();
}

/** The address keeps filters and commit, so that a place can be sent to somebody. Browsers allow few changes of it in a second. */
function keepPlace() {
  clearTimeout(keepPlace.later);
  keepPlace.later = setTimeout(writePlace, 250);
}

function writePlace() {
  const place = new URLSearchParams();
  for (const [key, value] of Object.entries(filter)) {
    if (value && value !== "series") place.set(key, value);
  }
  if (state.opened) place.set("n", state.opened.n);
  try {
    history.replaceState(null, "", "#" + place);
  } catch {
    // Some browsers let no page from a file do that.
  }
}

/** Takes up what the address says. */
function takePlace() {
  const place = new URLSearchParams(location.hash.slice(1));
  for (const key of Object.keys(filter)) {
    const value = place.get(key);
    if (value !== null) filter[key] = typeof filter[key] === "boolean" ? value === "true" : value;
  }
  return state.commits[Number(place.get("n")) - 1] ?? null;
}
