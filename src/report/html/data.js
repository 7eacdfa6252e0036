// The data of the page: the index is unpacked at once, the details of a commit when it is opened.
"use strict";

/** What the page knows: the run, its commits, and what is shown of them. */
const state = {
  run: null,
  commits: [],
  /** Commits that pass the filters, in the chosen order. */
  shown: [],
  /** The commit under the cursor, and the one that is open. */
  current: null,
  opened: null,
  /** Probability from which on a commit would be taken. */
  line: 0.9,
};

/** Details by chunk, as promises. */
const chunks = new Map();

/** Unpacks JSON that was deflated and written as base 64. */
async function unpacked(id) {
  const text = document.getElementById(id).textContent;
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

/** Unpacks the index and completes it with what is derived from it. */
async function load() {
  const index = await unpacked("index");
  state.run = index.run;
  state.commits = index.commits;
  let chunk = -1;
  let at = 0;
  for (const commit of state.commits) {
    at = commit.chunk === chunk ? at + 1 : 0;
    chunk = commit.chunk;
    commit.at = at;
    commit.short = { old: commit.old.slice(0, 12), new: commit.new ? commit.new.slice(0, 12) : null };
    commit.todo = todo(commit);
    commit.methods = [...new Set(commit.files.map((file) => file.method))];
    commit.places = [...new Set(commit.files.map((file) => subsystem(file.path)))];
    commit.haystack = haystack(commit);
  }
}

/** The details of a commit. */
async function details(commit) {
  if (!chunks.has(commit.chunk)) {
    chunks.set(commit.chunk, unpacked("chunk" + commit.chunk));
  }
  return (await chunks.get(commit.chunk))[commit.at];
}

/** What a person has to do about a commit. */
function todo(commit) {
  if (commit.status === "conflicted") return "conflicted";
  if (commit.is_accepted) return "accepted";
  if (commit.status === "pending" || commit.status === "skipped") return "open";
  return commit.flags.includes("to_review") ? "review" : "waits";
}

/** The part of the kernel that a path belongs to. */
function subsystem(path) {
  const parts = path.replace(/^"/, "").split("/");
  const depth = ["drivers", "arch", "include", "sound", "tools", "Documentation"].includes(parts[0]) ? 2 : 1;
  return parts.length > depth ? parts.slice(0, depth).join("/") : parts.slice(0, -1).join("/") || parts[0];
}

/** Everything of a commit that the search looks at. */
function haystack(commit) {
  const files = commit.files.flatMap((file) => [file.path, file.path_old ?? ""]);
  const said = [...commit.evidence, ...commit.findings.map((finding) => finding.said)].map((e) => e.statement);
  return [commit.n, commit.subject, commit.author, commit.old, commit.new ?? "", ...files, ...said].join("\n").toLowerCase();
}

/** How risky a commit is: the larger, the more it asks for a person. */
function risk(commit) {
  const step = { conflicted: 4, open: 3, review: 2, waits: 1, accepted: 0 }[commit.todo];
  return step * 2 + (commit.check?.verdict === "failed" ? 1 : 1 - (commit.confidence ?? 1));
}
