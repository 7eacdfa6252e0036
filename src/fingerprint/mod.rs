//! Code fingerprints (CFP): a text as a linear list of statements, to find a snippet again and to say where a change goes.
//!
//! In: bytes of C, whole files or any cut of one. Out: [`Fingerprint`] and, made from it, [`align`] (which statement became
//! which), [`moves`] (blocks that stand elsewhere), [`anchors`] (where a snippet stands in a file) and [`delta`] (what kind of migration a change is, and its points).
//!
//! ```text
//!   bytes -> syntax::lex -> build (scopes, spans, conditionals) -> kinds (what each statement is) -> Fingerprint
//! ```
//!
//! After "MigGPT" (arXiv 2504.09474, sections 5.3 to 5.6 and appendix D.5), from scratch: nothing is needed but brackets, so it
//! works on texts that do not compile.

pub mod align;
pub mod already;
pub mod anchors;
mod bare;
mod build;
mod cfp;
mod declare;
pub mod delta;
mod directives;
mod ends;
mod kinds;
pub mod moves;
pub mod retrieve;
mod scope;
#[cfg(test)]
mod tests;
mod work;

pub use cfp::{Declaration, Fingerprint, Node, NodeKind, Parameter, Signature};
