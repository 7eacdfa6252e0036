//! Series that are kept as patch files: quilt, Debian, OpenWrt, Armbian, SUSE, mbox, maildir, bare diffs. In and out.
//!
//! ```text
//!   directory ──> Series + PatchFile(Mail(head, Section(Hunk..)..)..)     read, every byte accounted for
//!                              │
//!                              ├─> message      who, when, what it is about
//!                              ├─> apply        onto the old kernel: exact, with offset, with fuzz, per hunk
//!                              └─> rebuild      where it does not apply: the base that its own context speaks of
//!
//!   the same PatchFile + what became of its files ──> refresh ──> the same bytes, but for the sections that changed
//! ```
//!
//! Pure: bytes in, bytes out. Only [`directory`] reads the file system. Objects, zlib and mail decoding belong to the git room: what
//! is needed of them is handed in as a closure.

pub mod apply;
pub mod binary;
mod cut;
pub mod directory;
mod edits;
mod form;
mod function;
mod lines;
mod locate;
pub mod message;
mod out;
pub mod patch_file;
mod path;
mod print;
mod rebuild;
mod refresh;
pub mod series;
mod stat;
pub mod unified;

pub use apply::{Applied, Direction, Placement, apply};
pub use cut::cut_off;
pub use edits::own_edits;
pub use form::{Form, Headings};
pub use message::{Message, message};
pub use out::{Fate, Written, write_back};
pub use patch_file::{Mail, PatchFile};
pub use path::{Name, Refusal, Touched, objection_to_link};
pub use print::{Differ, Look, hunks_of};
pub use rebuild::{Rebuilt, Standing, rebuilt_base};
pub use refresh::{Drift, FileSide, Fresh, Means, Refreshed, Turn, refreshed};
pub use series::{Entry, Series};
pub use unified::{Hunk, Section};
