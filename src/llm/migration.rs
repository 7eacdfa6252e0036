//! The migration prompt: a [`Brief`] as a page that a person or a model can answer.
//!
//! In: the brief and a limit. Out: [`Prompt`], with the lines of s_new that it shows; an answer may change no others.
//!
//! The answer is a list of edits between `===` lines, not JSON and not the whole snippet. Code in JSON must be escaped, and kernel code is
//! full of what must be (`\n` in strings, `\` at the ends of macro lines, tabs, quotes): one slip spoils a right answer, or worse,
//! changes it. A whole snippet retyped lets lines slip that nobody asked about (17 % of the failures that MigGPT lists, and another 31 %
//! are snippets too long to be retyped). Here unchanged lines are referred to by number and never retyped, so that bytes
//! that are no text survive; new lines are verbatim; a person can read it; and an answer that was cut off lacks its last line. [`super::reply`] takes
//! JSON and whole snippets as well, for models that answer so all the same.

use super::brief::Brief;
use super::page::{self, Part, fit, tokens};
use super::parts::{NEEDED, editable, numbered, parts};
use super::prompt::{Limit, Prompt, SYSTEM, Stage};
use std::ops::Range;

/// The form of an answer.
const FORM: &str = "Answer with edits of the new kernel's lines, by their numbers, in exactly this form (the numbers are only an example):";

/// An answer as it should look.
pub(super) const EXAMPLE: [&str; 8] = [
    "=== replace 812-814 ===",
    "\tnew text that stands instead of lines 812 to 814, as many lines as needed",
    "=== insert after 820 ===",
    "\tnew text that comes directly behind line 820",
    "=== delete 830-831 ===",
    "=== end ===",
    "confidence: 0.9",
    "reason: one or two sentences for the person who reviews this",
];

/// What else there is to know of the form.
const RULES: &str = "- Lines that you do not name stay as they are. Do not retype unchanged lines, and write no line numbers in front of new ones.\n\
- All numbers are those of the new kernel's lines above, before any edit. Edits must not overlap.\n\
- Write new lines whole and verbatim, with their tabs; no placeholders such as \"...\", no conflict markers, no escaping.\n\
- Every line that the patch adds must be in the result, at its place and adapted where the new kernel asks for it, unless the new kernel \
has it already.\n\
- Edit only where the patch could not be placed, and where its changes are said to be. Take away no line of the new kernel that the patch does \
not change, and use only names that the new kernel or the patch has.\n\
- confidence is the probability, from 0 to 1, that a maintainer would change nothing in your result.\n\
- If the new kernel's lines do all of it already, in whatever words, answer only \"=== already there ===\" and a line \"reason: ...\" that \
names the lines which do it.\n\
- If it cannot be decided from what is shown, answer only \"=== leave open ===\" and a line \"reason: ...\": a person will look. That is \
better than a guess.";

/// Puts a brief into words; `None` if not even the changes and the lines next to what is open fit.
pub fn prompt(brief: &Brief, limit: Limit) -> Option<Prompt> {
    let most = limit.tokens.saturating_sub(tokens(SYSTEM));
    let mut all = parts(brief);
    let place = brief.sides.ours.place();
    let target = all.len();
    all.push(new_kernel(brief, &place));
    let may = |window: &Range<usize>, all: &[Part]| [vec![window.clone()], editable(brief, all)].concat();
    all.push(form(&may(&place, &all)));
    let mut left_out = fit(&mut all, most);
    let last = all.len() - 1;
    all[last] = form(&may(&place, &all));
    let mut window = place.clone();
    while tokens(&page::write(&all)) > most {
        // Lines far from what is open go last, from both ends at once.
        let narrower = narrowed(&window, &brief.open.ours)?;
        let at = all.len() - 2;
        debug_assert!(at <= target);
        all[at] = new_kernel(brief, &narrower);
        all[at + 1] = form(&may(&narrower, &all));
        window = narrower;
    }
    if window != place {
        left_out.push(format!("lines {}-{} but for {}-{}", place.start + 1, place.end, window.start + 1, window.end));
    }
    let shown = may(&window, &all);
    Some(Prompt::of(Stage::Migrate, &all, (shown, left_out)))
}

/// Half of what a window has beyond the open lines; `None` if it has nothing.
fn narrowed(window: &Range<usize>, open: &Range<usize>) -> Option<Range<usize>> {
    let start = window.start + open.start.clamp(window.start, window.end).saturating_sub(window.start).div_ceil(2);
    let end = window.end - window.end.saturating_sub(open.end.clamp(window.start, window.end)).div_ceil(2);
    let narrower = start..end.max(start);
    (narrower != *window).then_some(narrower)
}

/// The lines that the answer is about.
fn new_kernel(brief: &Brief, window: &Range<usize>) -> Part {
    let side = &brief.sides.ours;
    let title = format!("The new kernel: these lines of {} are yours to edit", super::shown::inline(&brief.path));
    let part = Part::new(title, NEEDED);
    let part = match (window.start > side.place().start, window.end < side.place().end) {
        (false, false) => part,
        _ => part.say("(Lines above or below are not shown; they stay as they are.)"),
    };
    let open = &brief.open.ours;
    let part = match *open == side.place() {
        true => part,
        false if open.is_empty() => part.say(format!("The patch could not be placed around line {}.", open.start + 1)),
        false if open.len() == 1 => part.say(format!("The patch could not be placed at line {}.", open.end)),
        false => part.say(format!("The patch could not be placed at lines {}-{}.", open.start + 1, open.end)),
    };
    part.show("text", numbered(side, window))
}

/// How to answer, and of which lines.
fn form(may: &[Range<usize>]) -> Part {
    let example = EXAMPLE.iter().map(|line| (*line).to_owned()).collect();
    let told = |lines: &Range<usize>| match lines.is_empty() {
        true => format!("behind line {}", lines.start),
        false => format!("{}-{}", lines.start + 1, lines.end),
    };
    let lines: Vec<String> = may.iter().map(told).collect();
    let only = match lines.split_last() {
        Some((last, [])) => format!("You may edit lines {last}, and no others."),
        Some((last, rest)) => format!("You may edit lines {} and {last}, and no others.", rest.join(", ")),
        None => String::new(),
    };
    Part::new("Your answer", NEEDED).say(FORM).show("text", example).say(only).say(RULES)
}
