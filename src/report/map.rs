//! Which commit became which, for scripts: `old new status`, a line or a NUL-ended item for each commit of the series, in its order.

use crate::run::{Record, Status};

/// What a status is called in JSON and in the map.
pub const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Unmodified => "unmodified",
        Status::Modified => "modified",
        Status::Upstream => "upstream",
        Status::Empty => "empty",
        Status::Conflicted => "conflicted",
        Status::Skipped => "skipped",
        Status::Dropped => "dropped",
        Status::Pending => "pending",
    }
}

/// The map; a commit that was not carried has `-` for its new id. Fields are ids and words, so nothing is quoted.
pub fn map(record: &Record, end: char) -> String {
    let line = |o: &crate::run::Outcome| {
        format!("{} {} {}{end}", o.old, o.new.as_deref().unwrap_or("-"), status_word(o.status))
    };
    record.outcomes.iter().map(line).collect()
}
