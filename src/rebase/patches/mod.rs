//! Patch directories as a series of commits, and a walked series as patch directories.
//!
//! ```text
//!   DIR ─(quilt)─> patch files ─(import)─> commits on the old kernel ─(the walk)─> outcomes ─(export)─> patch files ─(quilt)─> DIR2
//! ```
//!
//! In: directories, overlays, the old kernel. Out: commits in the object database, one for each mail of a patch file, and which is which
//! ([`Imported`]); after the walk, for each directory what to write ([`export()`]).

mod export;
mod import;
mod side;

pub use export::{export, unsure};
pub use import::{Ground, Imported, import};
