//! From a finding to a fix. In: what compilers and analysers report. Out: their messages as values ([`read`]), verified diffs
//! ([`mend`]), and pairs of both to teach a model with ([`dataset`]).
//!
//! ```text
//!   report --read--> diagnostics --mend--> fix: a fixer, else a model -> proof -> the tool again -> diff
//! ```

pub mod ask;
pub mod dataset;
pub mod diff;
pub mod fix;
pub mod mend;
pub mod proof;
pub mod read;
pub mod surroundings;
pub mod text;
