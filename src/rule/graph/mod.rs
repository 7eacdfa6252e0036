//! Rules along control flow, inferred from pairs of changed functions, and put to use (Spinfer: Serrano et al., USENIX ATC 2020).
//!
//! In: files before and after upstream's change, and the words that it is about. Out: a `RuleBook`, whose rules replace expressions
//! (`Body::Term`) or run along the paths of a function (`Body::Path`), in the order in which they apply; and texts after them.
//!
//! ```text
//!   text -> function (build, edges, cfg, dominance) -> cfg_diff -> example: changed nodes
//!     -> shape, weights (FF-ITF), noise, cluster -> instance -> candidate (generalise) -> corpus (score) -> order -> RuleBook
//!   RuleBook -> stages -> path (matches) -> written, apply (edits of bytes)
//! ```
//!
//! What goes beyond the paper: a rule about a function's header may ask in which field of which table its name is put (`uses`);
//! an exchanged expression is a rule without the statement around it (`reduce`); constants that no example shows are told (`bias`).
//! What falls short of it: fragments on paths that neither follow each other nor lie beside each other are separate rules.

pub mod apply;
pub mod bias;
pub mod build;
pub mod candidate;
pub mod cfg;
pub mod cfg_diff;
pub mod cluster;
pub mod corpus;
pub mod dominance;
mod edges;
pub mod example;
pub mod function;
mod gather;
pub mod generalise;
pub mod infer;
pub mod instance;
pub mod level;
pub mod order;
pub mod path;
pub mod reduce;
pub mod score;
pub mod shape;
pub mod stages;
#[cfg(test)]
mod tests;
pub mod told;
pub mod uses;
pub mod weights;
pub mod written;
