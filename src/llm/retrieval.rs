//! Asking where a snippet lives now: only when the deterministic retrieval does not find it, or not for sure.
//!
//! In: s_old and file_new, with what the snippet defines (the structure prompt) and how it begins and ends (the alignment prompt). Out: line ranges
//! of the file: s_new is copied from there, never from an answer. After "MigGPT" (arXiv 2504.09474, algorithm 1): a wrong answer is
//! asked again up to m times, each time with what was wrong and without the lines that were wrongly taken.
//!
//! ```text
//!   Sought -> prompt ~~~ Oracle ~~~> lines | code -> snapped to the file -> checked -> found
//!               ^                                                             |
//!               `---------- what was wrong; those lines are hidden <----------'
//! ```

mod place;
#[cfg(test)]
mod tests;
mod windows;

use super::brief::Refused;
use super::oracle::{Answer, Oracle};
use super::page::{self, Part, fit, tokens};
use super::parts::NEEDED;
use super::prompt::{Limit, Prompt, SYSTEM, Stage};
use super::shown::{inline, shown_lines};
use super::snippet::Snippet;
use std::ops::Range;

pub use place::Pointed;

/// What of MigGPT's retrieval is left out, to measure what it is worth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// Nothing.
    #[default]
    Full,
    /// The structure prompt, and the check of signatures that goes with it.
    NoStructure,
    /// The alignment prompt.
    NoAlignment,
    /// Both: a model by itself.
    Vanilla,
}

/// A snippet that is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// The file, in the new kernel.
    pub path: String,
    /// s_old.
    pub old: Snippet,
    /// file_new, all of it.
    pub file: Vec<u8>,
    /// The heads of the functions that s_old defines.
    pub signatures: Vec<String>,
    /// What it is, in words (`function demo_probe`), where the file has nothing of that name: then `signatures` are not asked for.
    pub missing: Option<String>,
    /// Its first and its last statement.
    pub ends: Option<(String, String)>,
    /// Where the deterministic retrieval would look: lines of the file, from 0, and why it is not sure.
    pub hunches: Vec<(Range<usize>, String)>,
    /// What is left out of the prompt.
    pub manner: Manner,
}

/// What is wrong with a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrong {
    /// In words, for whoever named it.
    pub said: String,
    /// Lines of the file that are something else for sure: they are not shown again.
    pub hide: Vec<Range<usize>>,
}

/// Whether lines of the file can be what is looked for.
pub type Check<'c> = dyn Fn(&[Range<usize>]) -> Result<(), Wrong> + 'c;

/// What the caller knows of the file, as closures: this room has no fingerprints.
pub struct Judge<'j> {
    /// Where code that a model wrote down stands in the file, if it does.
    pub locate: &'j dyn Fn(&[u8]) -> Option<Range<usize>>,
    /// Whether lines can be what is looked for.
    pub check: &'j Check<'j>,
}

/// How often and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How often a wrong answer is asked again: m of MigGPT's algorithm 1.
    pub retries: usize,
    /// The context.
    pub limit: Limit,
}

impl Default for Patience {
    fn default() -> Self {
        Self { retries: 3, limit: Limit::default() }
    }
}

/// What came of looking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Lines of the file, from 0, in its order; the functions that the snippet was split into are among them. Empty: not found.
    pub lines: Vec<Range<usize>>,
    /// How often was asked.
    pub queries: usize,
    /// To each question that was answered, the sample that counted.
    pub answers: Vec<String>,
    /// What was said to answers that did not hold.
    pub refusals: Vec<String>,
    /// What the last answer says if it says that the lines are not there.
    pub not_here: Option<String>,
}

/// Asks until a place passes the check.
pub fn seek(sought: &Sought, oracle: &mut dyn Oracle, patience: Patience, judge: &Judge<'_>) -> Found {
    let mut found = Found::default();
    let mut hidden = Vec::new();
    let mut refused: Option<Refused> = None;
    while found.queries <= patience.retries {
        let Some(prompt) = prompt(sought, (&hidden, refused.as_ref()), patience.limit) else { break };
        let answers = match oracle.answers(&prompt) {
            Ok(answers) => answers,
            Err(said) => {
                found.refusals.push(said);
                break;
            }
        };
        found.queries += 1;
        let (at, place) = pointed_out((sought, &prompt), &answers, judge);
        let answer = answers.into_iter().nth(at).unwrap_or_default().text;
        found.answers.push(answer.clone());
        match place {
            Ok(Place::Here(lines)) => {
                found.lines = lines;
                break;
            }
            Ok(Place::NotHere(why)) => {
                found.not_here = Some(why);
                break;
            }
            Err(wrong) => {
                found.refusals.push(wrong.said.clone());
                hidden.extend(wrong.hide);
                refused = Some(Refused { answer, said: wrong.said });
            }
        }
    }
    found
}

/// Where a sample says that it is.
enum Place {
    Here(Vec<Range<usize>>),
    NotHere(String),
}

/// The lines that most samples mean, of those that can be it, of equals the first; else what the first sample comes to. Which sample it
/// is, and what it says.
fn pointed_out(
    (sought, prompt): (&Sought, &Prompt),
    answers: &[Answer],
    judge: &Judge<'_>,
) -> (usize, Result<Place, Wrong>) {
    let come_to = |answer: &Answer| match place::read(answer, sought, prompt) {
        Ok(Pointed::NotHere(why)) => Ok(Place::NotHere(why)),
        Ok(pointed) => snapped(pointed, judge).map(Place::Here),
        Err(refusal) => Err(Wrong { said: refusal.said, hide: Vec::new() }),
    };
    let mut all: Vec<_> = answers.iter().map(come_to).collect();
    let here = |one: &Result<Place, Wrong>| match one {
        Ok(Place::Here(lines)) => Some(lines.clone()),
        _ => None,
    };
    let places: Vec<_> = all.iter().map(here).collect();
    let votes = |at: &usize| places.iter().filter(|other| **other == places[*at]).count();
    // Of equals `max_by_key` takes the last.
    let most = (0..all.len()).rev().filter(|at| places[*at].is_some()).max_by_key(votes).unwrap_or(0);
    match all.is_empty() {
        true => (0, Ok(Place::NotHere("no answer came".to_owned()))),
        false => (most, all.swap_remove(most)),
    }
}

/// The lines that are meant, if they can be it.
fn snapped(pointed: Pointed, judge: &Judge<'_>) -> Result<Vec<Range<usize>>, Wrong> {
    let lines = match pointed {
        Pointed::Lines(lines) => lines,
        Pointed::Code(code) => match (judge.locate)(&code) {
            Some(lines) => vec![lines],
            None => {
                let said = "the code of the answer is not in the new file; name its lines by their numbers";
                return Err(Wrong { said: said.to_owned(), hide: Vec::new() });
            }
        },
        Pointed::NotHere(_) => Vec::new(),
    };
    (judge.check)(&lines).map(|()| lines)
}

/// The question in words; `None` if it does not fit. `hidden` lines were named before and are not it.
pub fn prompt(sought: &Sought, (hidden, refused): (&[Range<usize>], Option<&Refused>), limit: Limit) -> Option<Prompt> {
    let mut parts = vec![task(sought), old(sought)];
    parts.extend(missing(sought).or_else(|| structure(sought)));
    parts.extend(alignment(sought));
    parts.extend(hunches(sought));
    parts.extend(refused.map(last_answer));
    parts.push(form());
    let most = limit.tokens.checked_sub(tokens(SYSTEM))?;
    let left_out = fit(&mut parts, most);
    let room = most.checked_sub(tokens(&page::write(&parts))).filter(|room| *room > 0)?;
    let lines = windows::shown(sought, hidden, room);
    if lines.is_empty() {
        return None;
    }
    parts.insert(parts.len() - 1, windows::part(sought, &lines));
    let stage = if refused.is_some() { Stage::RetrieveAgain } else { Stage::Retrieve };
    Some(Prompt::of(stage, &parts, (lines, left_out)))
}

/// What it is about.
fn task(sought: &Sought) -> Part {
    Part::new("The task", NEEDED).say(format!(
        "The lines below stood in the file {} of an old Linux kernel. Find the lines of the new kernel's file that they have become: the same \
         functions, types or tables, as upstream has them now. They may have been changed, moved, renamed or split.",
        inline(&sought.path)
    ))
}

/// s_old.
fn old(sought: &Sought) -> Part {
    Part::new("The old lines", NEEDED).show("c", shown_lines(&sought.old.text))
}

/// The structure prompt: what is defined, and that it is not to be invented. Nothing if nothing is.
fn structure(sought: &Sought) -> Option<Part> {
    let is_out = matches!(sought.manner, Manner::NoStructure | Manner::Vanilla) || sought.signatures.is_empty();
    (!is_out).then(|| {
        Part::new("What they define", NEEDED)
            .say("The old lines define these functions:")
            .show("c", sought.signatures.iter().flat_map(|head| shown_lines(head.as_bytes())).collect())
            .say(
                "Your lines must hold the definition of each of them, as it stands in the new file only; functions of similar names or bodies are \
                 others. If upstream moved a part of one of them into a new function, name the lines of that function, too.",
            )
    })
}

/// The structure prompt where the new file has nothing of that name.
fn missing(sought: &Sought) -> Option<Part> {
    let what = inline(sought.missing.as_deref()?);
    Some(Part::new("What they are", NEEDED).say(format!(
        "The old lines are {what}. The new file has nothing of this name: upstream renamed it, gave its statements to others, or removed it. \
         Name the lines that do now what it did, as they stand in the new file only: the whole of a function, type or table, and more than one \
         if it was split. Something of a similar name that does something else is not it."
    )))
}

/// The alignment prompt: how the snippet begins and ends.
fn alignment(sought: &Sought) -> Option<Part> {
    let is_out = matches!(sought.manner, Manner::NoAlignment | Manner::Vanilla);
    let (first, last) = sought.ends.as_ref().filter(|_| !is_out)?;
    let lines = |text: &str| shown_lines(text.as_bytes());
    let part = Part::new("How they begin and end", NEEDED)
        .say("The first statement of the old lines is:")
        .show("c", lines(first));
    let part = part.say("The last one is:").show("c", lines(last));
    Some(part.say("Your lines begin and end with what these are in the new file: not a line earlier or later."))
}

/// Where it may be.
fn hunches(sought: &Sought) -> Option<Part> {
    let is_told = !sought.hunches.is_empty() && sought.manner == Manner::Full;
    is_told.then(|| {
        let said = sought
            .hunches
            .iter()
            .map(|(lines, why)| format!("- lines {}-{}: {}", lines.start + 1, lines.end, inline(why)));
        Part::new("Where it may be", 50).say(said.collect::<Vec<_>>().join("\n"))
    })
}

/// What was wrong.
fn last_answer(refused: &Refused) -> Part {
    Part::new("Why your last answer was not taken", NEEDED).show("text", shown_lines(refused.said.as_bytes()))
}

/// How to answer.
fn form() -> Part {
    let example = ["=== lines 812-840 ===", "=== lines 900-911 ===", "=== end ==="].map(str::to_owned).to_vec();
    Part::new("Your answer", NEEDED)
        .say("Answer with line numbers of the new file, in exactly this form (more than one range only if what was together is apart now):")
        .show("text", example)
        .say("If the lines are not in this file any more, answer only \"=== not here ===\" and a line \"reason: ...\".")
}
