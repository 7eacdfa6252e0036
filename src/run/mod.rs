//! What a run was asked and what it has decided, as plain values that can be written down.

mod checked;
mod decisions;
mod diagnostic;
mod finding;
mod folds;
mod job;
mod journal;
mod lock;
mod options;
mod outcome;
mod record;
mod seen;
mod signals;
mod signed;
mod told;

pub use checked::{Analysed, Checked, CheckedTarget, Checks, Kept, Verdict};
pub use decisions::{Decisions, Extra, Fix};
pub use diagnostic::{Diagnostic, Severity};
pub use finding::{Finding, FindingKind};
pub use folds::{Fold, Folded, Folds, Remade, Unfolded};
pub use job::{Crossed, Job, for_shell};
pub use journal::{AnsweredQuestion, Broken, Journal, Operation, RefMove, Sample};
pub use lock::{Lock, Refused};
pub use options::{
    Additions, Limits, LookUp, MergePolicy, Method, OnConflict, Options, Progress, Signing, UpstreamPolicy,
};
pub use outcome::{
    Asked, Band, ConflictKind, Conflicted, FileOutcome, FileResult, Flag, HunkOutcome, Outcome, Status, quoted,
    unquoted,
};
pub use record::{Inputs, Origin, Record, RunName, Stacked};
pub use seen::{Seen, SideIds, Stored};
pub use signals::{Built, Signals, Vote};
pub use signed::SignedCommits;
pub use told::{Last, Told, Unreadable, told};
