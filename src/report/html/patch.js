// Patches as tables: one below the other where both are the same, side by side where they differ.

/** Rows that are built at once; more on request. */
const ROWS = 1200;
/** Equal rows beside a difference that stay in sight, and the shortest run that is folded. */
const BESIDE = 6;
const FOLD = 20;

/** A patch as lines with their sign and their number before and after. */
function patchLines(text) {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  let before = 0;
  let after = 0;
  return lines.map((line) => {
    const head = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/.exec(line);
    if (head) {
      [before, after] = [Number(head[1]), Number(head[2])];
      return { sign: "@", text: line };
    }
    const sign = " +-".includes(line[0]) && line !== "" ? line[0] : "\\";
    const text = sign === "\\" ? line : line.slice(1);
    const row = { sign, text, before: null, after: null };
    if (sign === " " || sign === "-") row.before = before++;
    if (sign === " " || sign === "+") row.after = after++;
    return row;
  });
}

/** The class of a line by its sign. */
const SIGNS = { "+": "added", "-": "removed", "@": "hunk", " ": "", "\\": "meta" };

/** A cell with a line of code; `part` is the range of it that differs from the line beside it. */
function codeCell(line, part) {
  if (!line) return el("td", { className: "none" });
  const sign = line.sign === "@" || line.sign === "\\" ? "" : line.sign;
  if (!part) return el("td", { className: SIGNS[line.sign] }, el("i", {}, sign), line.text);
  const [from, to] = part;
  const pieces = [line.text.slice(0, from), el("mark", {}, line.text.slice(from, to)), line.text.slice(to)];
  return el("td", { className: SIGNS[line.sign] }, el("i", {}, sign), pieces);
}

function numberCell(n) {
  return el("td", { className: "no" }, n ?? "");
}

/** One patch. */
function unified(text) {
  const lines = patchLines(text);
  const row = (line) => () =>
    el("tr", {}, numberCell(line.before), numberCell(line.after), codeCell(line));
  return table("code one", lines.map(row));
}

/** A table that builds its first rows now and the others when asked. */
function table(className, rows) {
  const body = el("tbody", {});
  const more = (from) => {
    append(body, rows.slice(from, from + ROWS).map((row) => row()));
    const left = rows.length - from - ROWS;
    if (left <= 0) return;
    const go = (event) => {
      event.currentTarget.closest("tr").remove();
      more(from + ROWS);
    };
    body.append(el("tr", { className: "fold" }, el("td", { colSpan: 4 }, el("button", { onclick: go }, `${left} more lines`))));
  };
  more(0);
  return el("table", { className }, body);
}

/** Two patches; `map` tells the runs of lines in which they differ. */
function sideBySide(oldText, newText, map) {
  const [old, now] = [patchLines(oldText), patchLines(newText)];
  const rows = [];
  let [i, j] = [0, 0];
  for (const [a, b, c, d] of [...map, [old.length, old.length, now.length, now.length]]) {
    const first = rows.length === 0;
    equalRows(rows, pairs(old.slice(i, a), now.slice(j, c)), [first, a === old.length && c === now.length]);
    const run = pairs(old.slice(a, b), now.slice(c, d));
    // Other lines around a change are worth a mark, and not a stop.
    const isPlace = run.flat().some((line) => line?.sign === "+" || line?.sign === "-");
    run.forEach((pair, k) => rows.push(() => changedRow(pair, [isPlace, k === 0])));
    [i, j] = [b, d];
  }
  const head = el("thead", {}, el("tr", {}, el("th", { colSpan: 2 }, "the patch as it was"), el("th", { colSpan: 2 }, "the patch as it is carried")));
  const whole = table("code two", rows);
  whole.prepend(el("colgroup", {}, ["no", "side", "no", "side"].map((c) => el("col", { className: c }))), head);
  return whole;
}

function pairs(left, right) {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, k) => [left[k], right[k]]);
}

function sideNumbers(left, right) {
  return [left?.after ?? left?.before, right?.after ?? right?.before];
}

function plainRow([left, right]) {
  const [a, b] = sideNumbers(left, right);
  return el("tr", {}, numberCell(a), codeCell(left), numberCell(b), codeCell(right));
}

function changedRow([left, right], [isPlace, isFirst]) {
  const [a, b] = sideNumbers(left, right);
  const [l, r] = left && right && left.sign !== "@" ? inner(left.text, right.text) : [null, null];
  const className = (isPlace ? "differs" : "differs around") + (isPlace && isFirst ? " place" : "");
  return el("tr", { className }, numberCell(a), codeCell(left, l), numberCell(b), codeCell(right, r));
}

/** Rows that are the same on both sides; a long run of them is folded. */
function equalRows(rows, equal, [isFirst, isLast]) {
  const head = isFirst ? 0 : BESIDE;
  const tail = isLast ? 0 : BESIDE;
  if (equal.length < FOLD + head + tail) {
    equal.forEach((pair) => rows.push(() => plainRow(pair)));
    return;
  }
  const hidden = equal.slice(head, equal.length - tail);
  equal.slice(0, head).forEach((pair) => rows.push(() => plainRow(pair)));
  rows.push(() => foldRow(hidden));
  equal.slice(equal.length - tail, equal.length).forEach((pair) => rows.push(() => plainRow(pair)));
}

function foldRow(hidden) {
  const open = (event) => event.currentTarget.closest("tr").replaceWith(...hidden.map(plainRow));
  const said = `${hidden.length} lines are the same in both`;
  return el("tr", { className: "fold" }, el("td", { colSpan: 4 }, el("button", { onclick: open }, said)));
}

/** The ranges in which two lines differ; null where they have nothing in common. */
function inner(left, right) {
  let head = 0;
  while (head < left.length && head < right.length && left[head] === right[head]) head++;
  let tail = 0;
  const most = Math.min(left.length, right.length) - head;
  while (tail < most && left.at(-1 - tail) === right.at(-1 - tail)) tail++;
  if (head + tail < Math.max(left.length, right.length) / 3) return [null, null];
  return [
    [head, left.length - tail],
    [head, right.length - tail],
  ];
}
