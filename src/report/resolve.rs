//! What became of the conflicts that somebody's own git command left.

use super::text::{files, percent};
use super::unified::unified;
use super::{beside_in_style, plain, say_bytes, styled};
use crate::error::Result;
use crate::git::Doing;
use crate::merge::Change;
use crate::resolve::{Attempted, Fate, Leaves, Note, Patch, Resolved, Undone, Weight};
use crate::run::{Method, quoted};
use anstyle::{AnsiColor, Style};
use bstr::ByteSlice;
use std::fmt::Write;

/// Tells it; of what was only tried on standard error, for the changes go to standard output.
///
/// # Errors
/// Standard output cannot be written.
pub fn resolved(told: &Resolved, leaves: Leaves) -> Result<()> {
    let mut out = String::new();
    let _ = writeln!(out, "{}", first_line(told));
    for file in &told.files {
        one(&mut out, file);
    }
    let count = |fate: Fate| told.files.iter().filter(|file| file.fate == fate).count();
    let staged = if leaves == Leaves::Nothing { "would be staged" } else { "resolved and staged" };
    let _ = write!(
        out,
        "{}: {} {staged}, {} to review, {} left",
        files(told.files.len()),
        count(Fate::Staged),
        count(Fate::ToReview),
        count(Fate::Left)
    );
    if told.elsewhere > 0 {
        let _ = write!(out, "; {} more are conflicted elsewhere", told.elsewhere);
    }
    out.push('\n');
    match leaves {
        Leaves::Files => styled(out.as_bytes()),
        Leaves::Nothing => {
            beside_in_style(out.trim_end());
            Ok(())
        }
    }
}

/// What is in progress, and which side is the patch.
fn first_line(told: &Resolved) -> String {
    let commit = told.operation.commit.map(|id| id.to_string()).unwrap_or_default();
    let named = format!("{} {}", &commit[..commit.len().min(12)], plain::line(&told.subject));
    let named = named.trim();
    let of = if named.is_empty() { String::new() } else { format!(" of {named}") };
    let word = told.operation.doing.word();
    let sides = match (told.bearing.patch, told.operation.doing) {
        (Patch::Either, _) => {
            let tried =
                "only merging line by line and token by token is tried, and taken if it comes out the same either way";
            format!(
                "nobody can tell which side is the patch ({}): {tried}; --patch=ours|theirs decides",
                told.bearing.because
            )
        }
        (Patch::Theirs, Doing::Revert) => "the patch (theirs) takes that commit back from HEAD (ours)".to_owned(),
        (Patch::Theirs, _) => format!("the patch is theirs, the new kernel is ours, HEAD ({})", told.bearing.because),
        (Patch::Ours, _) => format!("the patch is ours, HEAD; the new kernel is theirs ({})", told.bearing.because),
    };
    format!("{word}{of}: {sides}")
}

/// A file.
fn one(out: &mut String, file: &Attempted) {
    let path = quoted(file.path.as_bstr());
    let style = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
    let (word, style) = match file.fate {
        Fate::Staged => ("resolved", style(AnsiColor::Green)),
        Fate::ToReview => ("to review", style(AnsiColor::Yellow)),
        Fate::Left => ("left", style(AnsiColor::Red)),
    };
    let _ = write!(out, "{style}{word:<9}{style:#} {path}");
    if let Some(method) = file.method.filter(|_| file.fate != Fate::Left) {
        let _ = write!(out, ": {}", how(method));
    }
    if let Some(likely) = file.confidence.filter(|_| file.fate != Fate::Left) {
        let _ = write!(out, ", {}", percent(likely));
    }
    if !file.because.is_empty() {
        let _ = write!(out, ": {}", file.because);
    }
    out.push('\n');
    for (weight, said, lines) in grouped(&file.notes) {
        let sign = match weight {
            Weight::Fact => "",
            Weight::Doubt => "to look at: ",
            Weight::SmallDoubt => "a small doubt: ",
            Weight::Objection => "against it: ",
        };
        let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
        let _ = writeln!(out, "          - {sign}{said} [{path}:{}]", lines.join(","));
    }
    if let Some(place) = &file.suggested {
        let _ = writeln!(out, "          suggested: {}", place.display());
    }
}

/// What is said of several lines in the same words is said once.
fn grouped(notes: &[Note]) -> Vec<(Weight, &str, Vec<usize>)> {
    let mut groups: Vec<(Weight, &str, Vec<usize>)> = Vec::new();
    for Note { weight, remark } in notes {
        match groups.iter_mut().find(|(known, said, _)| known == weight && *said == remark.said) {
            Some((.., lines)) => lines.push(remark.line),
            None => groups.push((*weight, &remark.said, vec![remark.line])),
        }
    }
    groups
}

/// How a file was won.
fn how(method: Method) -> &'static str {
    match method {
        Method::Text => "as text",
        Method::Line => "line by line",
        Method::Token => "token by token",
        Method::Relocated => "where its lines stand now",
        Method::Rewritten => "by rules that upstream's changes teach",
        Method::Driver => "by a merge driver",
        Method::Remembered => "as the same conflict was settled before",
        Method::Model => "as a model proposed",
        Method::ByHand => "by hand",
    }
}

/// What would change on disk, as a diff.
///
/// # Errors
/// Standard output cannot be written.
pub fn changes(told: &Resolved) -> Result<()> {
    let mut out = Vec::new();
    for file in &told.files {
        if let Some(change) = file.change.as_ref().filter(|change| change.before != change.after) {
            unified(&mut out, &file.path, Change { before: &change.before, after: &change.after });
        }
    }
    say_bytes(&out)
}

/// Tells what was taken back.
///
/// # Errors
/// Standard output cannot be written.
pub fn taken_back(undone: &Undone) -> Result<()> {
    let mut out = String::new();
    for path in &undone.back {
        let _ = writeln!(out, "as it was  {path}");
    }
    for path in &undone.left {
        let _ = writeln!(out, "left       {path}: it was changed or staged since");
    }
    styled(out.as_bytes())
}
