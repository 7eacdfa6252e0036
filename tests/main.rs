//! One test binary. What belongs in each module stands above it.

/// Small hermetic repositories with fixed names and dates, so that ids are stable.
mod support;

/// Ranges, merges, the stable trap: which commits a series has.
mod ranges;

/// What became of a commit: every status and flag, files of every sort, upstreamed commits, moves, provisional ones.
mod outcomes;

/// What a series adds, in the words that the new kernel speaks: members, headers, types of a file, habits, conflicts.
mod spoken;

/// What is proof that upstream has a commit, and what is not.
mod proof;

/// What upstream has by content alone.
mod asked;
mod asked_again;
mod asked_places;
mod confidence;
mod content;
/// Whose change of upstream's a conflict is with.
mod culprits;

/// The demo and its expected outcomes.
mod demo;

/// What people settled before: remembered, learned, shared, forgotten.
mod memory;

/// Many series onto many upstreams as a job array, and one report of all.
mod matrix;

/// Files that upstream, the series or both move.
mod moves;

/// Files of every sort: modes, links, binaries, submodules, clashes, renames.
mod outcomes_files;

/// What a run writes: commits byte for byte, refs, reflogs, hooks, records; `show`, `--json`, `--expect-tree`.
mod outcomes_written;

/// The same result in a bare clone, a worktree, sha256, reftable, a partial clone.
mod outcomes_places;

/// Bad input, damaged and unusual repositories: a clear error or a right result, and nothing lost.
mod bad_input;

/// Odd files, paths and commits: a right result.
mod bad_input_files;

/// A run that people work with: decide, fix, continue, undo, survive.
mod folded;
mod reverted;
mod rules;
mod run;
mod signed;
mod stacked;
mod words;

/// What people decide of a commit is what comes out, now and in later walks.
mod run_decisions;

/// A commit that is laid out, and whatever a person may leave there.
mod run_desk;

/// The same series again, longer, elsewhere, beside another run, undone; which run is meant.
mod run_again;

/// Flags, exit codes, settings, man page and completions.
mod cli;

/// `git kmigrate names` and `judge`; the cache of names.
mod names;

/// What the commits touch is built, and whoever broke it is found.
mod check;

/// What compilers and analysers report.
mod repair;

/// Fixes of what a run broke, a model that is asked, and the data set.
mod repair_run;

/// What text merging leaves open, settled line by line.
mod cascade;

/// Where the code of a hunk lives now.
mod resolve;
mod resolve_mail;
mod retrieve;

/// The quilt room against GNU patch and `git diff`, and under arbitrary bytes.
mod quilt_room;

/// `--quilt`: a series kept as patch files, in and out.
mod quilt;

/// `git kmigrate merge-file` against `git merge-file`.
mod merge_driver;
mod merge_file;

/// `git kmigrate evaluate`: what is measured cannot see the answer.
mod drivers;
mod evaluate;

/// The model's door against servers and programs of our own.
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod model;

/// What a model is asked, word for word, and what it may do.
mod prompts;

/// `git merge-file` and `git merge-tree` as oracles, on small inputs.
mod oracle;

/// What merging promises, whatever the texts are.
mod properties;

/// `git kmigrate report`: page, ticks, Markdown, JUnit, SARIF, map, notes, schema; the pager.
mod remembered;
mod report;

/// Paths, links, trees, patches, configuration and state made to do harm; keys that must not be seen.
mod hostile;

/// Failure at every call to the disk, of ours and of git's.
mod faults;

/// Inputs that fuzzing found, and some to begin with, through the functions that are fuzzed.
mod fuzzed;

/// The house rules: floors, doors, sizes; no circles.
mod circles;
mod findings;
mod house;

/// Checks on the benchmark's kernels; skipped with a word when KMIGRATE_BENCH is unset.
mod kit;
