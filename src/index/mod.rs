//! Index: who defines and who uses a name in a tree. In: objects, through [`Read`]. Out: [`Index`], kept in a [`Cache`].
//!
//! ```text
//!     cut      a tree into some hundred parts, each kept under the ids of what is in it
//!     build    the missing parts, in parallel:  blob -> scan -> names -> part -> block
//!     cache    parts as files, those used last within a limit of bytes
//!     look     questions: where is it defined, who uses it, is it known at all
//! ```
//!
//! Names are kept as hashes of 56 bits, and places as files: whoever wants the line scans the file.

mod block;
mod build;
mod cache;
mod cut;
mod kind;
mod look;
mod name;
mod open;
mod part;
mod read;
mod scan;
mod tree;
mod varint;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests;

pub use build::Progress;
pub use cache::Cache;
pub use kind::{Kind, Kinds, Resolved};
pub use look::{Damaged, Index, Place};
pub use read::{Entry, Id, Read, Sort};

/// Is a file of a program that comes with the kernel and is no code of it? What it defines, nothing of the kernel can use.
pub fn is_other_program(path: &[u8]) -> bool {
    let folders: [&[u8]; 4] = [b"tools/", b"scripts/", b"samples/", b"Documentation/"];
    folders.iter().any(|folder| path.starts_with(folder))
}

/// Of everything that decides what is on disk: scanner, hashes, cuts, formats. Each change is a new number, and old files are made
/// again and go when room is needed.
pub const VERSION: u32 = 1;
