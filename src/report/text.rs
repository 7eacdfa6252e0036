//! For people: a line per commit, totals in maintainers' words, advice.

use super::{Totals, Verbosity, plain};
use crate::rebase::{Branch, Finished, Unexpected, Unsettled};
use crate::run::{CheckedTarget, FileOutcome, FileResult, FindingKind, Flag, Inputs, Outcome, Status, Verdict};
use anstyle::{AnsiColor, Style};
use std::io::Write;

/// Paths that `--expect-tree` lists before it only counts.
const LISTED: usize = 20;

/// One commit; `of` is the length of the series.
pub fn outcome(out: &mut Vec<u8>, (outcome, of): (&Outcome, usize), verbosity: Verbosity) {
    let width = of.to_string().len();
    let (word, style) = word(outcome.status);
    let ids = ids(outcome);
    let likely = outcome.confidence.map(percent).unwrap_or_default();
    let subject = plain::line(&outcome.subject);
    let _ = write!(out, "{:>width$}/{of} {style}{word:<10}{style:#} {likely:>4} {ids:<19}  {subject}", outcome.n);
    for remark in remarks(outcome) {
        let _ = write!(out, "  ({})", plain::line(&remark));
    }
    out.push(b'\n');
    let conflicted = outcome.files.iter().filter(|f| f.conflict.is_some());
    for file in conflicted {
        let _ = writeln!(out, "{:width$}   {}", "", conflict_line(file));
    }
    if verbosity >= Verbosity::Verbose {
        for file in outcome.files.iter().filter(|f| f.conflict.is_none()) {
            let _ = writeln!(out, "{:width$}   {:<8} {}{}", "", result_word(file.result), place(file), sure(file));
        }
        for evidence in &outcome.evidence {
            let at = evidence.place.as_ref().map(|p| format!(" [{p}]")).unwrap_or_default();
            let _ = writeln!(out, "{:width$}   - {}{at}", "", plain::lines(&evidence.statement));
        }
    }
}

/// A confidence for people; what rounds to certainty is not certain.
pub fn percent(likely: f64) -> String {
    format!("{:.0} %", (likely * 100.0).clamp(1.0, 99.0))
}

/// How a status is said, and in which colour.
pub fn word(status: Status) -> (&'static str, Style) {
    let colour = |c: AnsiColor| Style::new().fg_color(Some(c.into()));
    match status {
        Status::Unmodified => ("unmodified", colour(AnsiColor::Green)),
        Status::Modified => ("modified", colour(AnsiColor::Green)),
        Status::Upstream => ("upstream", colour(AnsiColor::Cyan)),
        Status::Empty => ("empty", colour(AnsiColor::Cyan)),
        Status::Conflicted => ("conflicted", colour(AnsiColor::Red)),
        Status::Skipped => ("skipped", colour(AnsiColor::Yellow)),
        Status::Dropped => ("dropped", colour(AnsiColor::Yellow)),
        Status::Pending => ("pending", colour(AnsiColor::Yellow)),
    }
}

/// A whole object id.
pub fn is_id(place: &str) -> bool {
    place.len() >= 40 && place.bytes().all(|c| c.is_ascii_hexdigit())
}

/// `old -> new`, abbreviated.
pub fn ids(outcome: &Outcome) -> String {
    let short = |id: &str| id[..id.len().min(8)].to_owned();
    match &outcome.new {
        Some(new) => format!("{} -> {}", short(&outcome.old), short(new)),
        None => short(&outcome.old),
    }
}

/// What stands behind the subject, in brackets.
pub fn remarks(outcome: &Outcome) -> Vec<String> {
    let mut remarks = Vec::new();
    for flag in &outcome.flags {
        remarks.push(match flag {
            Flag::ToReview => "to review".to_owned(),
            Flag::Provisional => format!("provisional: rests on {}", numbers(&outcome.rests_on)),
            Flag::PartlyUpstream => "partly upstream".to_owned(),
            Flag::ByHand => "by hand".to_owned(),
            Flag::Remembered => "remembered".to_owned(),
            Flag::Assisted => "a model helped".to_owned(),
            Flag::TakenBack => outcome.evidence.first().map_or("taken back".to_owned(), |said| said.statement.clone()),
        });
    }
    let stale = outcome.findings.iter().filter(|finding| finding.kind == FindingKind::StaleName);
    // Gone, or declared otherwise: the finding tells which.
    let mut names: Vec<&str> = stale.map(|finding| finding.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [] => {}
        [name] => remarks.push(format!("stale: {name}")),
        [name, rest @ ..] => remarks.push(format!("stale: {name} and {} more", rest.len())),
    }
    match outcome.check.as_ref().map(|check| check.verdict) {
        Some(Verdict::Failed) => remarks.push("does not build".to_owned()),
        Some(Verdict::FailedBefore) => remarks.push("did not build before".to_owned()),
        Some(Verdict::Passed) => remarks.push("builds".to_owned()),
        Some(Verdict::Partly) => remarks.push("builds, as far as it was checked".to_owned()),
        Some(Verdict::NotChecked) | None => {}
    }
    match outcome.findings.iter().filter(|finding| finding.kind == FindingKind::Analysis).count() {
        0 => {}
        1 => remarks.push("an analyser finds something new".to_owned()),
        many => remarks.push(format!("analysers find {many} new things")),
    }
    if outcome.status == Status::Upstream
        && let Some(place) = outcome.evidence.iter().find_map(|e| e.place.as_ref().filter(|place| is_id(place)))
    {
        remarks.push(place.get(..12).unwrap_or(place).to_owned());
    }
    remarks
}

/// What came of building a target.
pub fn target(target: &CheckedTarget) -> String {
    let word = match target.verdict {
        Verdict::Passed | Verdict::Partly => "builds",
        Verdict::NotChecked => "not checked",
        Verdict::FailedBefore => "does not build, and did not before",
        Verdict::Failed => "does not build",
    };
    let at = target.at.map(|n| format!(" at {n}")).unwrap_or_default();
    let why = target.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    format!("{word}{at}{why}")
}

/// A list of positions; a long one is cut.
pub fn numbers(of: &[usize]) -> String {
    let all: Vec<String> = of.iter().map(usize::to_string).collect();
    match all.len() > 5 {
        true => format!("{} and {} more", all[..5].join(", "), all.len() - 5),
        false => all.join(", "),
    }
}

/// `path:line: kind conflict`.
pub fn conflict_line(file: &FileOutcome) -> String {
    let kind = file.conflict.as_ref().map_or("content", |c| c.kind.word());
    let lines: Vec<String> = file.hunks.iter().map(|h| h.line.to_string()).collect();
    let at = if lines.is_empty() { String::new() } else { format!(":{}", lines.join(",")) };
    format!("{kind} conflict in {}{at}", place(file))
}

fn result_word(result: FileResult) -> &'static str {
    match result {
        FileResult::Taken => "taken",
        FileResult::Merged => "merged",
        FileResult::Same => "same",
        FileResult::Conflict => "conflict",
    }
}

fn place(file: &FileOutcome) -> String {
    match &file.path_old {
        Some(old) => format!("{} (was {old})", file.path),
        None => file.path.clone(),
    }
}

/// How sure one is of a file, and why not surer.
pub fn sure(file: &FileOutcome) -> String {
    let Some(likely) = file.confidence else { return String::new() };
    let because = if file.reasons.is_empty() { String::new() } else { format!(": {}", file.reasons.join("; ")) };
    format!("  ({}{because})", percent(likely))
}

/// So many files.
pub fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// The end of a run.
pub fn totals(out: &mut Vec<u8>, inputs: &Inputs, (totals, finished): (&Totals, &Finished)) {
    let of = |s| totals.of(s);
    let carried = of(Status::Unmodified) + of(Status::Modified);
    let by_hand = of(Status::Dropped) - totals.dropped_remembered - totals.dropped_taken_back;
    let _ = writeln!(out, "\n{} commits of {} onto {}:", totals.commits, inputs.source, inputs.onto_name);
    let rows = [
        (
            "automatically rebased",
            carried,
            format!("{} unmodified, {} modified", of(Status::Unmodified), of(Status::Modified)),
        ),
        ("removed upstreamed", of(Status::Upstream) - totals.upstream_kept, String::new()),
        ("upstream, kept", totals.upstream_kept, String::new()),
        ("empty, kept", of(Status::Empty), String::new()),
        ("conflicted", of(Status::Conflicted), files(totals.conflicted_files)),
        ("skipped", of(Status::Skipped), String::new()),
        ("dropped by hand", by_hand, String::new()),
        ("dropped as remembered", totals.dropped_remembered, String::new()),
        ("dropped, taken back", totals.dropped_taken_back, String::new()),
        ("pending", of(Status::Pending), String::new()),
    ];
    for (what, count, detail) in rows {
        if count > 0 {
            let detail = if detail.is_empty() { detail } else { format!("  ({detail})") };
            let _ = writeln!(out, "  {what:<22} {count:>6}{detail}");
        }
    }
    let flags = [Flag::ToReview, Flag::Provisional, Flag::PartlyUpstream];
    let names = ["to review", "provisional", "partly upstream"];
    let flagged: Vec<String> = flags
        .iter()
        .zip(names)
        .filter(|(f, _)| totals.flagged(**f) > 0)
        .map(|(f, name)| format!("{} {name}", totals.flagged(*f)))
        .collect();
    if !flagged.is_empty() {
        let _ = writeln!(out, "  of all: {}", flagged.join(", "));
    }
    let _ = writeln!(out, "  {:<22} {:>6}", "accepted", totals.accepted);
    if !totals.check.is_empty() {
        let _ = writeln!(out, "  of all: {}", built(totals));
    }
    branch(out, finished, totals.of(Status::Skipped));
    if let Some(unexpected) = &finished.unexpected {
        expected(out, unexpected);
    }
}

/// What building came to, in numbers; those that are 0 are left out.
pub fn built(totals: &Totals) -> String {
    let words = [
        (Verdict::Failed, "do not build"),
        (Verdict::FailedBefore, "do not build and did not before"),
        (Verdict::Passed, "build"),
        (Verdict::Partly, "build as far as they were checked"),
        (Verdict::NotChecked, "not checked"),
    ];
    let of = |verdict| totals.check.get(&verdict).copied().unwrap_or(0);
    let said: Vec<String> =
        words.iter().filter(|(v, _)| of(*v) > 0).map(|(v, word)| format!("{} {word}", of(*v))).collect();
    said.join(", ")
}

fn branch(out: &mut Vec<u8>, finished: &Finished, skipped: usize) {
    let tip = &finished.tip.to_string()[..12];
    let name = &finished.name;
    let _ = match &finished.branch {
        Branch::Written(open) if open.is_empty() => writeln!(out, "branch {name} is at {tip}"),
        Branch::Written(open) => writeln!(out, "branch {name} is at {tip}; it holds {}", unsettled(open)),
        Branch::Withheld(open) => {
            writeln!(out, "branch {name} is not written: there are {}; the walk ends at {tip}", unsettled(open))
        }
        Branch::DryRun(open) if open.is_empty() => {
            writeln!(out, "dry run: nothing was written; branch {name} would be at {tip}")
        }
        Branch::DryRun(open) => {
            let why = unsettled(open);
            writeln!(out, "dry run: nothing was written; branch {name} would not be either: there are {why}")
        }
    };
    for (name, at) in &finished.stacked {
        let _ = writeln!(out, "branch {name} is at {}", &at.to_string()[..12]);
    }
    if skipped > 0 {
        let _ = writeln!(out, "{skipped} skipped commits are not in it");
    }
}

fn unsettled(open: &[Unsettled]) -> String {
    let word = |a: &Unsettled| match a {
        Unsettled::Conflicts => "conflicts",
        Unsettled::Unreviewed => "commits that nobody has reviewed",
        Unsettled::Pending => "commits that were not looked at",
    };
    open.iter().map(word).collect::<Vec<_>>().join(" and ")
}

fn expected(out: &mut Vec<u8>, unexpected: &[Unexpected]) {
    if unexpected.is_empty() {
        let _ = writeln!(out, "the tree is the expected one");
        return;
    }
    let _ = writeln!(out, "the tree is not the expected one; {} paths differ:", unexpected.len());
    for path in unexpected.iter().take(LISTED) {
        let by = match &path.by {
            Some((n, subject)) => format!("last touched by {n}: {}", plain::line(subject)),
            None => "touched by no commit of the series".to_owned(),
        };
        let _ = writeln!(out, "  {}  ({by})", path.path);
    }
    if unexpected.len() > LISTED {
        let _ = writeln!(out, "  ... and {} more", unexpected.len() - LISTED);
    }
}

/// What to do next.
pub fn advice(totals: &Totals, finished: &Finished) -> Vec<String> {
    let Branch::Withheld(open) = &finished.branch else {
        return Vec::new();
    };
    let mut hints = Vec::new();
    if let Some(n) = totals.first_open {
        hints.push(format!("see `git kmigrate show {n}`"));
    }
    if open.contains(&Unsettled::Pending) {
        hints.push("the walk stopped; --on-conflict=carry and --upstream=drop go on to the end".to_owned());
        return hints;
    }
    let flag = |o: &Unsettled| match o {
        Unsettled::Conflicts => Some("--allow-conflicts"),
        Unsettled::Unreviewed => Some("--unreviewed"),
        Unsettled::Pending => None,
    };
    let flags: Vec<&str> = open.iter().filter_map(flag).collect();
    hints.push(format!("to have the branch all the same, run again with {}", flags.join(" ")));
    hints
}
