//! A summary for a pull request, in the words of OpenWrt's kernel bumps: manually rebased, removed upstreamed, automatically rebased.

use super::plain::{code, markdown as plain};
use super::text::{built, is_id, percent, remarks};
use super::{CommitUrl, Totals};
use crate::run::{Flag, Outcome, Record, Status, Verdict};
use std::fmt::Write;

/// Commits that a section names; of more only the number.
const NAMED: usize = 20;
/// Files that are named of a commit.
const FILES: usize = 2;

/// The summary; upstream's commits are links where somebody said where they are.
pub fn markdown(record: &Record, url: Option<&CommitUrl>) -> String {
    let inputs = &record.inputs;
    let mut totals = Totals::default();
    record.outcomes.iter().for_each(|o| totals.add(o));
    let mut text = format!("### {} onto {}\n\n", plain(&inputs.source), plain(&inputs.onto_name));
    let review = of(record, is_to_review);
    let open = of(record, |o| o.status == Status::Conflicted);
    let left = of(record, |o| matches!(o.status, Status::Pending | Status::Skipped));
    let counts = [
        (totals.accepted, "accepted"),
        (review.len(), "to review"),
        (of(record, waits).len(), "resting on a conflict"),
        (open.len(), "conflicted"),
        (left.len(), "not carried yet"),
    ];
    let counts: Vec<String> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("**{n}** {what}")).collect();
    let _ = writeln!(text, "{} patches: {}.\n", totals.commits, counts.join(", "));
    section(&mut text, "Manually rebased", &of(record, |o| o.has(Flag::ByHand)), |_| String::new());
    section(&mut text, "Conflicted, to be rebased manually", &open, |outcome| conflicts(outcome, url));
    let mut doubtful = review;
    doubtful.sort_by(|a, b| builds(a).cmp(&builds(b)).then(surely(a).total_cmp(&surely(b))).then(a.n.cmp(&b.n)));
    let order = match doubtful.iter().all(|o| builds(o)) {
        true => "To review, the least sure first",
        false => "To review, what does not build and then the least sure first",
    };
    section(&mut text, order, &doubtful, why);
    section(
        &mut text,
        "Removed upstreamed",
        &of(record, |o| o.status == Status::Upstream && o.new.is_none()),
        |outcome| upstream(outcome, url),
    );
    let is_own = |o: &Outcome| !o.has(Flag::Remembered) && !o.has(Flag::TakenBack);
    section(&mut text, "Dropped by hand", &of(record, |o| o.status == Status::Dropped && is_own(o)), |_| String::new());
    section(&mut text, "Dropped otherwise", &of(record, |o| o.status == Status::Dropped && !is_own(o)), dropped);
    section(&mut text, "Not carried yet", &left, |_| String::new());
    let automatic = of(record, |o| matches!(o.status, Status::Unmodified | Status::Modified) && !o.has(Flag::ByHand));
    let modified = automatic.iter().filter(|o| o.status == Status::Modified).count();
    let _ = writeln!(
        text,
        "Automatically rebased: {}, of which {modified} changed; all other patches are as they were.",
        automatic.len()
    );
    if !totals.check.is_empty() {
        let _ = writeln!(text, "\nBuild: {}.", built(&totals));
    }
    let _ = writeln!(text, "\nBy git-kmigrate {} onto {}.", plain(&inputs.tool), code(short(&inputs.onto)));
    text
}

fn of(record: &Record, is: impl Fn(&Outcome) -> bool) -> Vec<&Outcome> {
    record.outcomes.iter().filter(|o| is(o)).collect()
}

/// It came out, and somebody should look.
fn is_to_review(outcome: &Outcome) -> bool {
    came_out(outcome) && outcome.has(Flag::ToReview)
}

/// It came out, and would be accepted if what it rests on were settled.
fn waits(outcome: &Outcome) -> bool {
    came_out(outcome) && !outcome.is_accepted() && !outcome.has(Flag::ToReview)
}

fn came_out(outcome: &Outcome) -> bool {
    !matches!(outcome.status, Status::Conflicted | Status::Pending | Status::Skipped)
}

fn surely(outcome: &Outcome) -> f64 {
    outcome.confidence.unwrap_or(1.0)
}

/// As a sure merge may be one that does not compile, what does not comes first.
fn builds(outcome: &Outcome) -> bool {
    outcome.check.as_ref().is_none_or(|check| check.verdict != Verdict::Failed)
}

fn section(text: &mut String, title: &str, outcomes: &[&Outcome], detail: impl Fn(&Outcome) -> String) {
    if outcomes.is_empty() {
        return;
    }
    let _ = writeln!(text, "**{title}** ({})\n", outcomes.len());
    for outcome in outcomes.iter().take(NAMED) {
        let detail = detail(outcome);
        let detail = if detail.is_empty() { detail } else { format!(": {detail}") };
        let _ = writeln!(text, "- {} {}{detail}", outcome.n, plain(&outcome.subject));
    }
    if outcomes.len() > NAMED {
        let _ = writeln!(text, "- and {} more", outcomes.len() - NAMED);
    }
    text.push('\n');
}

/// The conflicted files, and upstream's commits that made them so.
fn conflicts(outcome: &Outcome, url: Option<&CommitUrl>) -> String {
    let files: Vec<String> = outcome.files.iter().filter(|f| f.conflict.is_some()).map(|f| code(&f.path)).collect();
    let files = match files.len().checked_sub(FILES) {
        Some(more @ 1..) => format!("{} and {more} more", files[..FILES].join(", ")),
        _ => files.join(", "),
    };
    let mut culprits: Vec<String> = ids(outcome).map(|id| linked(id, url)).collect();
    culprits.dedup();
    match culprits.is_empty() {
        true => files,
        false => format!("{files}; upstream's {}", culprits.into_iter().take(FILES).collect::<Vec<_>>().join(", ")),
    }
}

/// Why a person should look: how sure one can be, and the first thing that speaks against it.
fn why(outcome: &Outcome) -> String {
    let likely = outcome.confidence.map(percent);
    let flags = remarks(outcome).into_iter().filter(|remark| remark != "to review");
    let reason = outcome.files.iter().filter(|f| !f.accepted).find_map(|f| f.reasons.first()).cloned();
    plain(&likely.into_iter().chain(flags).chain(reason).collect::<Vec<_>>().join(", "))
}

/// What upstream calls it.
fn upstream(outcome: &Outcome, url: Option<&CommitUrl>) -> String {
    match ids(outcome).next() {
        Some(id) => linked(id, url),
        None => outcome.evidence.first().map(|e| plain(&e.statement)).unwrap_or_default(),
    }
}

/// Why a commit was left out.
fn dropped(outcome: &Outcome) -> String {
    outcome.evidence.first().map(|said| plain(&said.statement)).unwrap_or_default()
}

/// Upstream's commits that are evidence.
fn ids(outcome: &Outcome) -> impl Iterator<Item = &str> {
    outcome.evidence.iter().filter_map(|e| e.place.as_deref()).filter(|place| is_id(place))
}

/// A commit of upstream, short.
fn linked(id: &str, url: Option<&CommitUrl>) -> String {
    let told = code(short(id));
    match url.and_then(|url| url.of(id)) {
        Some(url) => format!("[{told}]({url})"),
        None => told,
    }
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
