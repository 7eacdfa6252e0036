//! The map of git-kmigrate: rebases an out-of-tree Linux kernel patch series onto a new kernel, in memory.
//!
//! # The way of a commit
//!
//! ```text
//!   Options -> Series -> Commit -> Located(Sides) -> Candidate -> Resolution -> FileMerge -> Outcome -> branch, record, Report
//!                  \-> Survey: what each commit changes, what upstream moved, what upstream has already
//! ```
//!
//! [`git::Series`] finds the commits, after which [`survey`] learns the country they go to. [`rebase`] takes them one by one, with
//! the tip; [`pick`] opens a commit file by file, three sides each, has every merged text pass [`verify`], and writes it onto the
//! tip; what became of it is an
//! [`run::Outcome`], told by [`report`]. Refs move in [`rebase::Rebase::finish`] and nowhere else, but for those of the notes and
//! of the memory.
//!
//! # Floors
//!
//! A room uses only what is below it (`tests/house.rs` checks that, and that each crate has one door).
//!
//! | floor | room | what it is for |
//! |---|---|---|
//! | 0 | [`error`] | the world failing; a conflict or a rejection is data, never an error |
//! | 0 | [`syntax`] | C as the kernel writes it: tokens, items, outlines of every language, trees; the only room that knows tree-sitter |
//! | 1 | [`merge`] | plain values: sides, merged chunks, line deltas, lines that rest on an open conflict, evidence |
//! | 2 | [`git`] | the only room that knows git2 or runs `git`: objects, trees, packs, text merging, series, history, refs; and the programs by which git signs |
//! | 2 | [`fingerprint`] | a text as a list of statements: which became which, where a hunk's base lives now |
//! | 2 | [`quilt`] | series kept as patch files: quilt, Debian, OpenWrt, mbox; read, applied, and written again where they changed |
//! | 2 | [`index`] | who defines and who uses a name in a tree; kept on disk, bounded |
//! | 2 | [`rule`] | patterns with metavariables; rules inferred from upstream's own changes, and what they make of another text |
//! | 2 | [`llm`] | what is left put into words for a model, and what comes back read as edits; its door is the only place that knows reqwest and tokio |
//! | 2 | [`memory`] | resolutions and decisions of people, as text with where they come from, found again by content |
//! | 2 | [`run`] | what a run was asked and what it decided, as values that can be written down: the `--json` schema, the record |
//! | 3 | [`verify`] | THE DOOR: a candidate becomes a resolution, or is rejected with the reason |
//! | 4 | [`cascade`] | CONFLICT: methods propose, the door decides |
//! | 4 | [`learn`] | what people made of conflicts, read off runs, ranges, merges and git rerere into the memory; the memory in git |
//! | 4 | [`survey`] | before the walk, read-only during it |
//! | 5 | [`pick`] | COMMIT: files, tree, outcome, next tip |
//! | 5 | [`resolve`] | CONFLICTS of somebody's own cherry-pick, rebase, am, merge: the same cascade, put into worktree and index, undone |
//! | 5 | [`repair`] | what compilers and analysers report, read as findings and fixed; the data set of what people made of them |
//! | 6 | [`rebase`] | SERIES: an iterator of outcomes; packs, record and refs at the end; an open run with its lock, journal, desk and undo |
//! | 7 | [`check`] | builds what commits touch, in a throw-away worktree; the only room that runs programs other than git and the user's models |
//! | 7 | [`evaluate`] | measuring: commits whose answer somebody else knows, each migrated by itself, out of reach of the answer |
//! | 7 | [`report`] | the only room that speaks: text, JSON Lines, progress, `show`; the record as HTML, Markdown, JUnit, SARIF, notes |
//! | 8 | [`cli`] | what was typed becomes what is meant; the only room that knows clap |
//!
//! # Words
//!
//! *base* is a commit's parent, *ours* the tip (upstream plus what was carried already), *theirs* the commit, as in
//! `git cherry-pick`: ours is upstream, theirs is the out-of-tree patch ([`merge::Sides`]). A conflicted commit has a *walk tree*,
//! which later commits see (the patch's side of each conflict, never markers), and a *conflict record*, which people see. A commit
//! that touches lines which stand only because of an open conflict is *provisional*. *Accepted* means that the tool asks nobody to
//! look.

pub mod cascade;
pub mod check;
pub mod cli;
pub mod error;
pub mod evaluate;
pub mod fingerprint;
pub mod git;
pub mod index;
pub mod learn;
pub mod llm;
pub mod memory;
pub mod merge;
pub mod pick;
pub mod quilt;
pub mod rebase;
pub mod repair;
pub mod report;
pub mod resolve;
pub mod rule;
pub mod run;
pub mod survey;
pub mod syntax;
pub mod verify;
