//! From a finding to a fix. In: what compilers and analysers report. Out: their messages as values ([`read`]), and verified diffs
//! ([`mend`]).
//!
//! ```text
//!   report --read--> diagnostics --mend--> fix: a fixer, else a model -> proof -> the tool again -> diff
//! ```

pub mod ask;
pub mod diff;
pub mod fix;
pub mod mend;
pub mod proof;
pub mod read;
pub mod surroundings;
