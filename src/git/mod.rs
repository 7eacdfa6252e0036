//! The only room that knows git2 or runs `git`; nothing borrowed leaves it.
//!
//! git2 reads objects and merges texts; the git program does refs, config, hooks, history, rename detection. [`Store`] is objects
//! in and out, [`tree`] paths, [`Series`] which commits, [`Repo`] all the rest.

mod batch;
mod claims;
mod commit;
mod conflicted;
mod credential;
mod delta;
mod driver;
mod entry;
mod fetch;
mod history;
mod isolated;
mod mail;
mod merged_again;
mod notes;
mod object;
mod operation;
mod pack;
mod pager;
mod pairs;
mod program;
mod refs;
mod remerge;
mod renames;
mod repo;
mod rerere;
mod series;
mod shelf;
mod sign;
mod stable;
mod store;
pub mod text;
pub mod tree;
mod words;
mod worktree;

pub use claims::{Claim, Named, Release, Source, claims};
pub use commit::Commit;
pub use conflicted::{Staged, Stages, Worktree};
pub use credential::Account;
pub use driver::{Driver, Drove};
pub use history::{Direction, History, Stretch, UpstreamCommit, changes_of, paths_of};
pub use mail::{Letter, Person};
pub use merged_again::Remerged;
pub use object::{Bytes, Kind, Object, ObjectFormat, Oid, object_id, parse_id};
pub use operation::{Doing, Operation};
pub use pack::{deflated, inflated};
pub use pairs::{KnownBy, Pair, Pairs};
pub use program::Git;
pub use refs::{Move, Standing};
pub use remerge::Merges;
pub use renames::{Rename, Renames};
pub use repo::{Repo, Setting};
pub use series::{Ask, Series};
pub use shelf::Put;
pub use sign::Signer;
pub use stable::release;
pub use store::{Place, Store, Writes};
pub use words::Words;
pub use worktree::Stage;
