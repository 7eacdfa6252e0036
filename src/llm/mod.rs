//! ASKING: what stays open after the deterministic methods, put into words for a model (or a person), and what comes back read as edits.
//!
//! In: a [`Brief`], plain data that the rooms above put together. Out: a [`Prompt`], which somebody else sends; and from the answer
//! [`Edits`] of numbered lines, or a refusal in words that can be sent back. Only the [`door`] knows a network and a clock; nothing
//! here knows a repository.
//!
//! ```text
//!   Brief --migration--> Prompt ~~~ Oracle ~~~> Answer --reply--> Edits --apply--> s_new' -> verify
//!                          ^                                |                         |
//!                          `------ Brief::refused <---------+-------------------------'
//! ```
//!
//! What stands in a repository is data: it is shown within fences that it cannot close ([`page`]), what cannot be shown is marked
//! ([`shown`]), and an answer can do no more than change lines of its own snippet ([`reply`]).

mod answered;
pub mod ask;
mod associated;
mod bounds;
pub mod brief;
pub mod choice;
pub mod door;
pub mod edits;
pub mod location;
pub mod mending;
pub mod migration;
mod oracle;
pub mod page;
mod parts;
mod prompt;
mod refusal;
pub mod reply;
pub mod retrieval;
pub mod shown;
pub mod snippet;
mod together;
mod unified;

pub use answered::{answered, said_to_be_there};
pub use ask::settle;
pub use brief::Brief;
pub use edits::{Edit, Edits, apply};
pub use migration::prompt;
pub use oracle::{Answer, Answers, Ended, Oracle};
pub use prompt::{Limit, Prompt, Stage};
pub use refusal::{Refusal, Why};
pub use reply::{Reply, read};
pub use snippet::Snippet;
pub use together::together;
