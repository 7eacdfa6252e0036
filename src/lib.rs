//! The map of git-kmigrate.
pub mod cli;
pub mod error;
pub mod git;
pub mod merge;
pub mod pick;
pub mod rebase;
pub mod report;
pub mod run;
pub mod survey;
