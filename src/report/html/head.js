// The head of the page: totals, the bars, the histogram with its line, the filters.

/** What each status is called, with a sign that needs no colour. */
const STATUS = {
  unmodified: "✓ unmodified",
  modified: "± modified",
  conflicted: "✗ conflicted",
  upstream: "= upstream",
  empty: "∅ empty",
  skipped: "» skipped",
  dropped: "− dropped",
  pending: "… pending",
};
/** The same for what a person has to do. */
const TODO = { accepted: "✓ accepted", waits: "~ rests on a conflict", review: "! to review", conflicted: "✗ conflicted", open: "… not looked at" };
const FLAGS = { to_review: "to review", provisional: "provisional", partly_upstream: "partly upstream", by_hand: "by hand", remembered: "remembered", finding: "with findings", failed: "does not build", passed: "builds", partly: "builds in part", failed_before: "did not build before", not_checked: "not built" };

/** What is filtered by. */
const filter = { text: "", status: "", todo: "", flag: "", method: "", place: "", below: false, fresh: false, order: "risk" };

function showHead() {
  const { source, onto_name, base, tool, name } = state.run;
  document.title = `${source} onto ${onto_name}`;
  refill(document.getElementById("title"), source, el("small", {}, " onto "), onto_name);
  refill(document.getElementById("subtitle"), `${state.commits.length} commits`, base ? [" from ", copied(base, base.slice(0, 12))] : null,
    " · branch ", copied(name), ` · git-kmigrate ${tool} · `, el("button", { onclick: () => document.getElementById("help").showModal() }, "keys (?)"));
  refill(document.getElementById("totals"), bar("What there is to do", "todo", TODO, (commit) => commit.todo),
    bar("What became of them", "status", STATUS, (commit) => commit.status));
  refill(document.getElementById("likely"), histogram(), lineSlider(), el("p", { id: "taken" }));
  showFilters();
  showLine();
  showTicks();
}

/** A stacked bar with its legend; a click filters. */
function bar(title, key, words, of) {
  const counts = Object.keys(words).map((word) => [word, state.commits.filter((commit) => of(commit) === word).length]);
  const present = counts.filter(([, n]) => n > 0);
  const choose = (word) => () => {
    filter[key] = filter[key] === word ? "" : word;
    showFilters();
    showList();
  };
  const segment = ([word, n]) => {
    const piece = el("span", { className: `segment ${key}-${word}`, title: `${words[word]}: ${n}`, onclick: choose(word) });
    piece.style.flexGrow = n;
    return piece;
  };
  const legend = ([word, n]) => el("button", { className: `legend ${key}-${word}`, onclick: choose(word) }, `${words[word]} `, el("b", {}, n));
  return el("div", { className: "bar" }, el("h2", {}, title), el("div", { className: "segments" }, present.map(segment)), el("div", {}, present.map(legend)));
}

const BINS = 20;
const WIDTH = 480;
const HEIGHT = 90;

/** How many commits have which confidence, stacked by what there is to do. */
function histogram() {
  const kinds = ["accepted", "waits", "review", "conflicted", "open"];
  const bins = Array.from({ length: BINS }, () => Object.fromEntries(kinds.map((kind) => [kind, 0])));
  for (const commit of state.commits) {
    if (commit.confidence !== null) bins[Math.min(BINS - 1, Math.floor(commit.confidence * BINS))][commit.todo]++;
  }
  const total = (bin) => kinds.reduce((sum, kind) => sum + bin[kind], 0);
  const most = Math.max(1, ...bins.map(total));
  const tall = (n) => (Math.sqrt(n) / Math.sqrt(most)) * HEIGHT;
  const column = (bin, k) => {
    let top = HEIGHT;
    const share = total(bin) === 0 ? 0 : tall(total(bin)) / total(bin);
    const from = `${(k / BINS).toFixed(2)} to ${((k + 1) / BINS).toFixed(2)}`;
    const blocks = kinds.map((kind) => {
      const height = bin[kind] * share;
      top -= height;
      return svg("rect", { x: (k * WIDTH) / BINS + 1, y: top, width: WIDTH / BINS - 2, height, class: "todo-" + kind });
    });
    return svg("g", {}, blocks, svg("title", {}, `${from}: ` + kinds.filter((kind) => bin[kind]).map((kind) => `${bin[kind]} ${TODO[kind].slice(2)}`).join(", ")));
  };
  const line = svg("line", { id: "line", y1: 0, y2: HEIGHT });
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT + 2}`, role: "img" }, bins.map(column), svg("line", { x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT, class: "axis" }), line);
  return [el("h2", {}, "How sure one can be ", el("small", {}, "P(a maintainer would change nothing); heights are square roots")), picture];
}

/** The slider below the histogram. */
function lineSlider() {
  const move = (event) => {
    state.line = Number(event.currentTarget.value) / 100;
    showLine();
    if (filter.below) showList();
  };
  return el("input", { id: "slider", type: "range", min: 0, max: 100, step: 1, value: state.line * 100, oninput: move, ariaLabel: "least confidence" });
}

/** Says what taking everything from the line on would mean. */
function showLine() {
  const x = state.line * WIDTH;
  const line = document.getElementById("line");
  line.setAttribute("x1", x);
  line.setAttribute("x2", x);
  const known = state.commits.filter((commit) => commit.confidence !== null && commit.todo !== "open");
  const above = known.filter((commit) => (commit.todo === "accepted" || commit.todo === "review") && commit.confidence >= state.line);
  const review = known.filter((commit) => commit.todo === "review");
  const taken = review.filter((commit) => commit.confidence >= state.line);
  const under = known.filter((commit) => commit.todo === "accepted" && commit.confidence < state.line);
  const p = state.line.toFixed(2);
  refill(document.getElementById("taken"), el("b", {}, `${above.length} of ${known.length}`), ` would be accepted at ${p}. `,
    taken.length > 0 ? [`Of ${review.length} to review, `, el("b", {}, taken.length), " would be taken by ", copied(`git kmigrate accept --run=${state.run.name} --min-confidence=${p}`, `accept --min-confidence=${p}`), ". "] : null,
    under.length > 0 ? [el("b", {}, under.length), ` accepted ones are below it; `, copied(`--min-confidence=${p}`), " on the next run makes them to review." ] : null);
}

/** A choice with the number of commits that each has. */
function choice(key, title, options, has) {
  const pick = (event) => {
    filter[key] = event.currentTarget.value;
    showList();
  };
  const counted = options.map(([value, word]) => [value, word, state.commits.filter((commit) => has(commit, value)).length]);
  const shown = counted.filter(([, , n]) => n > 0);
  const option = ([value, word, n]) => el("option", { value, selected: filter[key] === value }, `${word} (${n})`);
  return el("select", { onchange: pick, title }, el("option", { value: "" }, title), shown.map(option));
}

function showFilters() {
  const toggle = (key, words) => {
    const flip = (event) => {
      filter[key] = event.currentTarget.checked;
      showList();
    };
    return el("label", {}, el("input", { type: "checkbox", checked: filter[key], onchange: flip }), words);
  };
  const search = (event) => {
    filter.text = event.currentTarget.value;
    showList();
  };
  const methods = [...new Set(state.commits.flatMap((commit) => commit.methods))].sort().map((m) => [m, m]);
  const places = [...new Set(state.commits.flatMap((commit) => commit.places))].sort().map((p) => [p, p]);
  refill(document.getElementById("filters"),
    el("input", { id: "search", type: "search", placeholder: "filter by words, path, id, author  ( / )", value: filter.text, oninput: search }),
    choice("todo", "anything to do", Object.entries(TODO), hasTodo), choice("status", "any status", Object.entries(STATUS), hasStatus),
    choice("flag", "any flag", Object.entries(FLAGS), hasFlag), choice("method", "any method", methods, hasMethod), choice("place", "anywhere", places, hasPlace),
    toggle("below", "below the line"), toggle("fresh", "not ticked"),
    el("select", { onchange: (event) => reorder(event.currentTarget.value), title: "order" }, [["risk", "riskiest first"], ["series", "in series order"]].map(([value, word]) => el("option", { value, selected: filter.order === value }, word))),
    el("span", { id: "counted" }), el("span", { id: "reviewed" }), el("button", { id: "export", onclick: exportTicks }));
  showTicks();
}

const hasTodo = (commit, value) => commit.todo === value;
const hasStatus = (commit, value) => commit.status === value;
const hasFlag = (commit, value) => (value === "finding" ? commit.findings.length > 0 : commit.flags.includes(value) || commit.check?.verdict === value);
const hasMethod = (commit, value) => commit.methods.includes(value);
const hasPlace = (commit, value) => commit.places.includes(value);

/** Does a commit pass the filters? */
function passes(commit) {
  const words = filter.text.toLowerCase().split(/\s+/).filter((word) => word);
  const isBelow = commit.confidence !== null && commit.confidence < state.line;
  return (
    words.every((word) => commit.haystack.includes(word)) &&
    (!filter.todo || hasTodo(commit, filter.todo)) && (!filter.status || hasStatus(commit, filter.status)) && (!filter.flag || hasFlag(commit, filter.flag)) &&
    (!filter.method || hasMethod(commit, filter.method)) && (!filter.place || hasPlace(commit, filter.place)) &&
    (!filter.below || isBelow) && (!filter.fresh || !ticked.has(commit.outcome))
  );
}
