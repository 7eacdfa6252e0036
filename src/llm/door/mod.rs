//! The model's door: the only room that knows reqwest and tokio, and async stops here.
//!
//! In: a [`Model`] from the user's settings, and [`Ask`]s in series order. Out: an [`Answer`] or a [`Failure`] for each, in the
//! same order; a failure is data. What a question is asked with is a `Question`, and its hash is the name
//! of its answer in the cache, in a record and in a batch file:
//!
//! ```text
//!   settings -> Model --\                    shelf: replay, cache      (an answer that is known)
//!                        Door -- questions -<
//!      Ask, Ask, Ask --/    |                line: pace, patience -> wire | program   (one that is not)
//!                           |                                           chat, messages
//!                 ledger: may it be asked, in series order?
//! ```
//!
//! Nothing leaves the machine without [`Consent`]. A key is never printed, logged, kept, or put into an error, not even when the
//! server says it.

mod address;
mod ask;
mod batch;
mod chat;
mod command;
mod consent;
mod doorway;
mod estimate;
mod failure;
mod id;
mod key;
mod ledger;
mod line;
mod messages;
mod model;
mod money;
mod pace;
mod plan;
mod program;
mod question;
mod retry_after;
mod round;
mod settings;
mod shelf;
mod wire;

pub use address::Address;
pub use ask::{Answer, Ask, Finish, Message, Origin, Role, Sample};
pub use batch::{Exported, Imported};
pub use consent::{Consent, Sending};
pub use doorway::Door;
pub use estimate::{Estimate, tokens_of};
pub use failure::Failure;
pub use id::Id;
pub use key::{CredentialRequest, Credentials, KeySource};
pub use ledger::Budget;
pub use line::Patience;
pub use model::{Draws, Endpoint, Limits, Model, Provider, Sampling, TYPED};
pub use money::{Money, Price, Spent, Usage};
pub use settings::{By, Entry, KNOWN, Scope, Setting};
pub use shelf::CacheDir;
