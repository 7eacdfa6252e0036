// Ticks of a reviewer: kept by the browser, exported for `git kmigrate accept --from`.

/** Outcomes that were ticked, by the id of what was seen: a tick holds as long as the same comes out. */
let ticked = new Set();

/** Where the browser keeps them. */
function shelf() {
  return "git-kmigrate reviewed " + state.run.name;
}

/** Takes up the ticks of an earlier visit. */
function loadTicks() {
  try {
    ticked = new Set(JSON.parse(localStorage.getItem(shelf()) ?? "[]"));
  } catch {
    ticked = new Set();
  }
}

/** Ticks a commit, or takes the tick away. */
function tick(commit) {
  if (commit.outcome === null) return;
  if (!ticked.delete(commit.outcome)) ticked.add(commit.outcome);
  try {
    localStorage.setItem(shelf(), JSON.stringify([...ticked]));
  } catch {
    // A browser that keeps nothing still exports.
  }
  commit.row?.classList.toggle("ticked", ticked.has(commit.outcome));
  const box = commit.row?.querySelector("input");
  if (box) box.checked = ticked.has(commit.outcome);
  showTicks();
}

/** Commits of this run that are ticked. */
function tickedCommits() {
  return state.commits.filter((commit) => ticked.has(commit.outcome));
}

/** Says how many are ticked. */
function showTicks() {
  const mine = tickedCommits();
  const open = state.commits.filter((commit) => commit.todo === "review");
  const done = open.filter((commit) => ticked.has(commit.outcome));
  const button = document.getElementById("export");
  button.textContent = `Export ${count(mine.length, "tick")}`;
  button.disabled = mine.length === 0;
  document.getElementById("reviewed").textContent = `${done.length} of ${open.length} to review are ticked`;
}

/** Gives the ticks away as a file. */
function exportTicks() {
  const commits = tickedCommits().map(({ n, old, outcome, subject }) => ({ n, old, outcome, subject }));
  const { name, record } = state.run;
  const text = JSON.stringify({ kind: "git-kmigrate reviewed", schema_version: 1, run: name, record, commits }, null, 1);
  const file = `reviewed-${name.replace(/[^\w.-]+/g, "-")}.json`;
  const link = el("a", { href: URL.createObjectURL(new Blob([text + "\n"], { type: "application/json" })), download: file });
  link.click();
  document.getElementById("reviewed").textContent = `now: git kmigrate accept --run=${name} --from ${file}`;
}
