//! An open conflict in the words spoken now: both sides of the patch rewritten by the rules that upstream's own changes teach, and
//! merged again. One more candidate: the methods have tried the sides as they are.
//!
//! ```text
//!   base    f(THIS_MODULE, a);            ours   f(a, 1);           theirs   f(THIS_MODULE, a) + more;
//!   rule    f(THIS_MODULE, X) -> f(X)
//!   base'   f(a);                         ours   f(a, 1);           theirs'  f(a) + more;          -> merged again
//! ```

use super::Picker;
use super::file_merge::{FileMerge, Texts};
use crate::cascade::{self, Cascaded, Won};
use crate::error::Result;
use crate::git::text::{self, TextMerge};
use crate::merge::{Change, Remark, Sides, delta};
use crate::rule::{Deed, Rule, Where, edited, rewrite};
use crate::run::Method;
use crate::syntax::language::Language;
use crate::verify::{Candidate, Question, verify};
use rustc_hash::FxHashSet;

/// A side as the rules make it, and the lines that they changed.
struct Restated {
    text: Vec<u8>,
    lines: FxHashSet<Vec<u8>>,
    rules: Vec<usize>,
}

impl Restated {
    fn of(text: &[u8], rules: &[&Rule]) -> Self {
        let done = rewrite(text, rules, Where::Everywhere);
        let new = edited(text, &done.edits);
        let changed = delta::lines(Change { before: text, after: &new });
        let lines = changed.removed.iter().chain(&changed.added).map(|line| line.to_vec()).collect();
        let rules = done.sites.iter().filter(|site| site.deed == Deed::Rewritten).map(|site| site.rule).collect();
        Self { text: new, lines, rules }
    }
}

/// Settles the conflict of a file, if it can be settled so and the door lets it pass.
///
/// # Errors
/// An object is missing or damaged, or a pack could not be written.
pub(super) fn settle(
    picker: &mut Picker<'_>,
    rules: &[&Rule],
    (file, (sides, _)): (&mut FileMerge, &Texts),
) -> Result<bool> {
    if file.open_hunks().is_none() || rules.is_empty() {
        return Ok(false);
    }
    let sides = sides.as_ref().map(|side| &side[..]);
    let (base, theirs) = (Restated::of(sides.base, rules), Restated::of(sides.theirs, rules));
    if base.lines.is_empty() {
        return Ok(false);
    }
    let now = Sides { base: &base.text[..], ours: sides.ours, theirs: &theirs.text };
    let language = Language::of(&file.path);
    let (text, mut won) = match text::merge(now)? {
        TextMerge::Binary => return Ok(false),
        TextMerge::Clean(text) => (text, Won::by_text()),
        TextMerge::Conflicted(open) => {
            let question = Question { language, sides: now };
            match cascade::settle(&question, &open.merged, &picker.options.methods) {
                Cascaded::Settled(text, won) => (text, won),
                Cascaded::Partly(..) | Cascaded::Open(_) => return Ok(false),
            }
        }
    };
    let composed = base.lines.into_iter().chain(theirs.lines).collect();
    let candidate = Candidate { composed, ..Candidate::of_lines(text, Method::Rewritten) };
    let Ok(resolution) = verify(&Question { language, sides }, candidate) else { return Ok(false) };
    let (text, reasons, doubts) = resolution.into_parts();
    file.put(picker.store, text, None)?;
    won.method = Method::Rewritten;
    won.reasons.extend(reasons);
    won.doubts.extend(doubts);
    let mut used: Vec<usize> = base.rules.into_iter().chain(theirs.rules).collect();
    used.sort_unstable();
    used.dedup();
    let told = |at: &usize| rules[*at].told();
    let said = format!("settled with both sides rewritten: {}", used.iter().map(told).collect::<Vec<_>>().join("; "));
    won.doubts.push(Remark::new(1, said));
    file.tell(Some(Box::new(won)), None);
    Ok(true)
}
