// An opened commit: what is known of it, what speaks against it, its message, its files.

/** Shows a commit in its row. */
async function showCommit(commit) {
  const body = el("div", { className: "detail" }, "…");
  commit.row.append(body);
  const detail = await details(commit);
  if (state.opened !== commit) return;
  refill(body, facts(commit), findings(commit), targets(commit), evidence(commit), message(detail), files(commit, detail), nextSteps(commit));
}

/** Who wrote it, which commit it was and is, how sure one can be. */
function facts(commit) {
  const rows = [["author", author(commit.author)], ["was", copied(commit.old, commit.short.old)]];
  rows.push(["is", commit.new ? copied(commit.new, commit.short.new) : "not carried"]);
  if (commit.confidence !== null) {
    const lines = commit.predicted_distance;
    const much = lines === null ? "" : `; about ${lines.toFixed(1)} lines to change (band ${commit.band})`;
    rows.push(["sure", `${percent(commit.confidence)} that a maintainer would change nothing${much}`]);
  }
  if (commit.rests_on?.length) rows.push(["rests on", commit.rests_on.map(jump)]);
  return el("dl", {}, rows.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

/** A way to another commit. */
function jump(n) {
  const go = () => open(state.commits[n - 1], true);
  return el("button", { className: "jump", onclick: go }, `${n}`);
}

/** "Name <mail>, date" of what stands in the commit. */
function author(raw) {
  const parts = /^(.*>) (\d+) ([+-]\d{4})$/.exec(raw ?? "");
  if (!parts) return raw ?? "not here";
  const date = new Date(Number(parts[2]) * 1000);
  return `${parts[1]}, ${Number.isNaN(date.valueOf()) ? parts[2] : date.toISOString().slice(0, 10)}`;
}

/** What is wrong: names that are gone, with what they were and what upstream's own code does now; what a compiler says. */
function findings(commit) {
  if (commit.findings.length === 0) return null;
  const one = (finding) =>
    el("li", { className: "place" }, said(finding.said), finding.was ? el("div", { className: "was" }, said(finding.was)) : null,
      (finding.diagnostic?.notes ?? []).map((note) => el("div", { className: "was" }, said(note))),
      (finding.examples ?? []).map((example) => el("div", { className: "example" }, "upstream: ", said(example))));
  return [el("h3", {}, count(commit.findings.length, "finding")), el("ul", { className: "findings" }, commit.findings.map(one))];
}

/** What came of a target. */
const BUILT = { passed: "builds", not_checked: "not checked", failed_before: "does not build, and did not before", failed: "does not build" };

/** What building came to; what builds is said last. */
function targets(commit) {
  const all = commit.check?.targets ?? [];
  if (all.length === 0) return null;
  const one = ({ target, verdict, at, why }) =>
    el("li", { className: "built-" + verdict }, el("b", {}, target), ` ${BUILT[verdict]}`, at && at !== commit.n ? [", seen at ", jump(at)] : null, why ? `: ${why}` : null);
  const sorted = [...all].sort((a, b) => (a.verdict === "passed") - (b.verdict === "passed"));
  return [el("h3", {}, "What building came to", el("small", {}, ` ${commit.check.command}`)), el("ul", { className: "targets" }, sorted.map(one))];
}

/** Places of one statement that are named. */
const PLACES = 10;

/** What speaks for and against. */
function evidence(commit) {
  if (commit.evidence.length === 0) return null;
  // What is said of several places is said once; what asks for a look comes first.
  const places = new Map();
  for (const e of commit.evidence) places.set(e.statement, [...(places.get(e.statement) ?? []), ...(e.place ? [e.place] : [])]);
  const asks = (statement) => (statement.startsWith("to look at") ? 0 : 1);
  const sorted = [...places].sort(([a], [b]) => asks(a) - asks(b));
  const list = sorted.map(([statement, at]) => el("li", {}, statement, at.slice(0, PLACES).map((place) => [" ", commitOf(place)]), at.length > PLACES ? ` and ${at.length - PLACES} more places` : null));
  const shown = el("ul", {}, list.slice(0, 12));
  const rest = list.length > 12 ? el("details", {}, el("summary", {}, `${list.length - 12} more`), el("ul", {}, list.slice(12))) : null;
  return [el("h3", {}, "What was seen"), shown, rest];
}

/** A statement with its place. */
function said(e) {
  return e.place ? [e.statement, " ", commitOf(e.place)] : e.statement;
}

/** A place; if it is a commit of upstream and somebody said where those are on the web, with a way there. */
function commitOf(place) {
  const url = state.run.commit_url;
  if (!url || !/^https?:\/\//.test(url) || !/^[0-9a-f]{7,64}$/.test(place)) return copied(place);
  const props = { href: url.replace("%s", place), target: "_blank", rel: "noreferrer", title: "see " + place, className: "commit" };
  return [copied(place, place.slice(0, 12)), " ", el("a", props, "see it")];
}

function message(detail) {
  const lines = detail.message.trimEnd().split("\n");
  const text = el("pre", { className: "message" }, detail.message.trimEnd());
  if (lines.length <= 1) return null;
  return el("details", { open: lines.length < 12 }, el("summary", {}, "Message"), text);
}

function files(commit, detail) {
  const order = commit.files.map((file, k) => [file, detail.files[k]]);
  // What needs a person comes first.
  const weight = ([file]) => (file.conflict ? 2 : file.accepted ? 0 : 1);
  order.sort((a, b) => weight(b) - weight(a));
  return order.map(([file, more], k) => fileOf(file, more, k));
}

/** One file; what needs nobody is closed if there are many. */
function fileOf(file, more, k) {
  const was = file.path_old ? [" (was ", file.path_old, ")"] : null;
  const result = file.conflict ? `${file.conflict.kind} conflict` : file.result;
  const how = file.method === "text" ? "" : ` by ${file.method}`;
  const sure = file.confidence === null ? null : el("span", { className: "sure" }, percent(file.confidence));
  const flag = file.conflict ? "conflicted" : file.accepted ? "accepted" : "review";
  const head = el("summary", { className: flag }, el("b", {}, file.path), was, el("span", { className: "how" }, result + how), sure,
    el("span", { className: "why" }, (file.reasons ?? []).join("; ")));
  const body = () => [
    (more.conflicts ?? []).map((conflict) => threeWays(conflict)),
    upstreamCommits(more),
    folded("Upstream's own change near the patch", more.upstream),
    folded("What was done beyond plain merging", more.machine),
    (more.asked ?? []).map(exchange),
    patchOf(more),
  ];
  return lazily({ className: "file", open: k < 12 || !file.accepted }, head, body);
}

/** A fold whose content is built when it opens first. */
function lazily(props, head, body) {
  const fold = el("details", { className: props.className }, head);
  const build = () => {
    if (fold.open && fold.childElementCount === 1) append(fold, body());
  };
  fold.addEventListener("toggle", build);
  if (props.open) {
    fold.open = true;
    build();
  }
  return fold;
}

function folded(title, patch) {
  return patch ? lazily({ className: "extra" }, el("summary", {}, title), () => [unified(patch)]) : null;
}

/** What a model was asked and said, word for word. */
function exchange({ line, id, question, answer, refused }) {
  const verdict = refused === undefined ? "taken" : `not taken: ${refused}`;
  const body = () => [
    el("h5", {}, "Question ", copied(id)), el("pre", { className: "message" }, question),
    el("h5", {}, "Answer"), el("pre", { className: "message" }, answer),
  ];
  return lazily({ className: "extra" }, el("summary", {}, `What a model was asked at line ${line}; its answer was ${verdict}`), body);
}

function upstreamCommits(more) {
  if (!more.commits?.length) return null;
  const one = (line) => {
    const [id, ...subject] = line.split(" ");
    return el("li", {}, commitOf(id), " ", subject.join(" "));
  };
  return [el("h4", {}, "Upstream's commits to this file"), el("ul", {}, more.commits.map(one))];
}

function patchOf(more) {
  if (more.absent) return el("p", { className: "quiet" }, "The objects of this file are not in the repository that made this page.");
  if (more.patch !== undefined) return more.patch === "" ? el("p", { className: "quiet" }, "nothing is changed here") : unified(more.patch);
  if (more.new === undefined) return [el("p", { className: "quiet" }, "The patch, which was not carried:"), unified(more.old)];
  return sideBySide(more.old, more.new, more.map);
}

/** A conflict without the tabs that all its lines begin with: three columns have no room for them. */
function dedented(conflict) {
  const sides = ["base", "ours", "theirs", "result"].filter((side) => conflict[side] !== null);
  const lines = sides.flatMap((side) => conflict[side].split("\n")).filter((line) => line.trim() !== "");
  const depth = Math.min(...lines.map((line) => /^\t*/.exec(line)[0].length));
  if (!Number.isFinite(depth) || depth === 0) return { ...conflict, depth: 0 };
  const cut = (text) => text.split("\n").map((line) => (line.trim() === "" ? line : line.slice(depth))).join("\n");
  return { ...conflict, ...Object.fromEntries(sides.map((side) => [side, cut(conflict[side])])), depth };
}

/** A conflict: base, both sides, and what became of it. */
function threeWays(whole) {
  const conflict = dedented(whole);
  const sides = [
    ["base, with who took lines away", baseLines(conflict)],
    ["ours: upstream", sideLines(conflict.ours, conflict.base)],
    ["theirs: the patch", sideLines(conflict.theirs, conflict.base)],
  ];
  const column = ([title, lines]) => el("div", {}, el("h5", {}, title), lines);
  const became = conflict.open ? "Open: until it is settled, later commits see this" : "What became of it";
  const head = `${conflict.open ? "Open conflict" : "Conflict that was settled"} at line ${conflict.line} of upstream's file`;
  const indent = conflict.depth === 0 ? null : el("small", {}, ` ${count(conflict.depth, "tab")} of indentation left out`);
  return el("section", { className: "conflict place" + (conflict.open ? " open" : "") },
    el("h4", {}, head, indent),
    el("div", { className: "three" }, sides.map(column)),
    conflict.result === null ? null : outcomeOf(conflict, became),
    folded("Upstream's own change here", conflict.upstream));
}

/** What stands there now; a side as it is is told in words. */
function outcomeOf(conflict, title) {
  const sides = [["theirs", "the patch's side"], ["ours", "upstream's side"], ["base", "the base"]];
  const whole = sides.find(([side]) => conflict[side] === conflict.result);
  return whole ? el("h5", {}, `${title}: ${whole[1]}, as it is`) : [el("h5", {}, title, ": U upstream's line, P the patch's, * neither's"), resultLines(conflict)];
}

/** Lines of a side; those that the base has not are marked. */
function sideLines(text, base) {
  const known = new Set(base.split("\n"));
  const line = (l) => el("span", { className: l.trim() !== "" && !known.has(l) ? "line new" : "line" }, l, "\n");
  return text === "" ? el("pre", { className: "quiet" }, "(nothing)") : el("pre", {}, linesOf(text).map(line));
}

/** Lines of the base; those that a side has no more say whose. */
function baseLines({ base: text, ours, theirs }) {
  const [upstream, patch] = [new Set(ours.split("\n")), new Set(theirs.split("\n"))];
  const gone = (l) => (l.trim() === "" ? "" : (upstream.has(l) ? "" : "U") + (patch.has(l) ? "" : "P"));
  const words = { "": "kept by both", U: "upstream took it away", P: "the patch took it away", UP: "both took it away" };
  const line = (l) => el("span", { className: gone(l) ? "line gone" : "line", title: words[gone(l)] }, el("i", {}, gone(l)), l, "\n");
  if (text === "") return el("pre", { className: "quiet" }, "(nothing)");
  return el("pre", {}, linesOf(text).map(line));
}

/** Lines of the result, each with the side that it comes from. */
function resultLines(conflict) {
  const [ours, theirs] = [new Set(conflict.ours.split("\n")), new Set(conflict.theirs.split("\n"))];
  const from = (l) => (ours.has(l) ? (theirs.has(l) ? " " : "U") : theirs.has(l) ? "P" : "*");
  const words = { " ": "on both sides", U: "upstream's line", P: "the patch's line", "*": "on neither side" };
  const line = (l) => el("span", { className: "line from" + ({ U: "Ours", P: "Theirs", "*": "None" }[from(l)] ?? "Both"), title: words[from(l)] },
    el("i", {}, from(l)), l, "\n");
  if (conflict.result === "") return el("pre", { className: "quiet" }, "(nothing)");
  return el("pre", { className: "result" }, linesOf(conflict.result).map(line));
}

function linesOf(text) {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Commands that go on from here. */
function nextSteps(commit) {
  const run = "--run=" + state.run.name;
  const steps = { conflicted: [`git kmigrate edit ${run} ${commit.n}`, `git kmigrate choose ${run} ${commit.n} theirs`], review: [`git kmigrate accept ${run} ${commit.n}`, `git kmigrate edit ${run} ${commit.n}`] };
  return el("p", { className: "steps" }, [`git kmigrate show ${run} ${commit.n}`, ...(steps[commit.todo] ?? [])].map((step) => copied(step)));
}
