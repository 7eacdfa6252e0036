//! Unified diffs over bytes: git's, quilt's, `diff -ruN`'s.
//!
//! In: the lines of a patch file. Out: [`Section`]s, one for each file that the diff speaks of, as byte ranges of the patch file plus
//! what was understood. Reading is tolerant as `patch` is, and says where it was ([`Counts`]); nothing is ever thrown away.
//!
//! A diff starts at column 0. (`patch` also takes a whole diff that is indented; such a thing in a kernel's commit message is a
//! quotation, and is left alone, as git does.) A section starts at `diff --git` with an extended header or a `---` line behind it, or
//! at `---`, `+++`, `@@` in three lines; `diff`, `Index:`, `===` and `Only in` lines right before it belong to it.

mod head;
mod hunk;
mod section;

pub use head::{GitHead, Index};
pub use hunk::{Counts, Hunk, Kind, Line, Span};
pub use section::{LineEnd, Section};

pub(super) use section::sections;
