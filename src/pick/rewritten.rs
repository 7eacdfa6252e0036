//! The words spoken now: lines that a commit adds, rewritten by the rules that upstream's own changes teach; and findings where a
//! name is stale and no rule could help.
//!
//! In: a file as it was merged. Out: the same file, perhaps with another text that passed the door, and what is left to say.

use super::Picker;
use super::file::FileMerge;
use crate::cascade::Won;
use crate::error::Result;
use crate::git::Oid;
use crate::merge::{Change, Evidence, Remark, Sides, delta};
use crate::rule::{Deed, Rewritten, Rule, Where, edited, rewrite};
use crate::run::{Finding, FindingKind, Method, quoted};
use crate::survey::{How, StaleName};
use crate::syntax::language::Language;
use crate::syntax::lex::has_word;
use crate::verify::{Candidate, Question, verify};
use bstr::ByteSlice;
use rustc_hash::FxHashSet;
use std::ops::Range;

/// What so many functions teach is a rule.
const SEVERAL: usize = 2;

/// Rewrites what the commit adds to each file, and adds the findings that are left to what became of it.
///
/// # Errors
/// An object is missing or damaged, or a pack could not be written.
pub fn rewrite_all(picker: &mut Picker<'_>, commit: Oid, files: &mut [FileMerge]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in files {
        let survey = picker.survey;
        let stale: Vec<&StaleName> = survey.stale.of(commit, &file.own).collect();
        if !stale.is_empty() {
            findings.extend(rewrite_file(picker, &stale, file)?);
        }
    }
    Ok(findings)
}

/// What a person settled is left as it is.
fn rewrite_file(picker: &mut Picker<'_>, stale: &[&StaleName], file: &mut FileMerge) -> Result<Vec<Finding>> {
    let Some((sides, mut text)) = file.texts(picker.store)? else { return Ok(Vec::new()) };
    let sides = sides.as_ref().map(|side| &side[..]);
    let mut attempt = Attempt::new(stale, &sides, &text);
    let is_ours =
        file.conflict.is_none() && !matches!(file.method, Method::ByHand | Method::Model | Method::Remembered);
    if is_ours && let Some(new) = attempt.text(&text, &file.composed) {
        let question = Question { language: Language::of(&file.path), sides };
        match verify(&question, new) {
            Ok(resolution) => {
                let (rewritten, _, mut doubts) = resolution.into_parts();
                text = rewritten.as_slice().into();
                file.put(picker.store, rewritten, None)?;
                let reasons = attempt.reasons();
                doubts.extend(attempt.doubts());
                file.forget_doubts();
                let composed = std::mem::take(&mut file.composed);
                file.tell(Some(Box::new(Won { method: Method::Rewritten, reasons, doubts, composed })), None);
            }
            Err(_) => attempt.done = Rewritten::default(),
        }
    }
    let left = attempt.left(&text);
    file.to_review |= !left.is_empty();
    let path = quoted(file.path.as_bstr());
    Ok(left.into_iter().map(|(name, line)| finding(name, &format!("{path}:{line}"))).collect())
}

/// The rules of the names of a file, and what they do to it.
struct Attempt<'a> {
    stale: &'a [&'a StaleName],
    /// All rules, with the name that each is of.
    rules: Vec<(usize, &'a Rule)>,
    done: Rewritten,
}

impl<'a> Attempt<'a> {
    fn new(stale: &'a [&'a StaleName], sides: &Sides<&[u8]>, text: &[u8]) -> Self {
        let rules: Vec<(usize, &Rule)> =
            stale.iter().enumerate().flat_map(|(at, name)| name.rules.iter().map(move |rule| (at, rule))).collect();
        let own: Vec<Rule> = rules.iter().map(|(_, rule)| (*rule).clone()).collect();
        let done = if own.is_empty() {
            Rewritten::default()
        } else {
            rewrite(text, &own, Where::Within(&added(Change { before: sides.ours, after: text })))
        };
        Self { stale, rules, done }
    }

    /// What the rules make of the text; its changed lines are theirs to answer for. Of the others `composed` are answered for by
    /// what made the text.
    fn text(&self, text: &[u8], composed: &FxHashSet<Vec<u8>>) -> Option<Candidate> {
        if self.done.edits.is_empty() {
            return None;
        }
        let new = edited(text, &self.done.edits);
        let mut composed = composed.clone();
        let changed = delta::lines(Change { before: text, after: &new });
        composed.extend(changed.removed.iter().chain(&changed.added).map(|line| line.to_vec()));
        Some(Candidate { composed, ..Candidate::of_lines(new, Method::Rewritten) })
    }

    /// What was done, with the line of the text before.
    fn reasons(&self) -> Vec<Remark> {
        let mut reasons: Vec<Remark> = Vec::new();
        for site in self.done.sites.iter().filter(|site| site.deed == Deed::Rewritten) {
            let Some((_, rule)) = self.rules.get(site.rule) else { continue };
            let knowledge = &rule.knowledge;
            let example = knowledge.examples.first().map(|e| format!(", as in {}", e.site.path)).unwrap_or_default();
            let said = format!("{}: as upstream did in {} of its functions{example}", rule.told(), knowledge.functions);
            if !reasons.iter().any(|reason| reason.said == said) {
                reasons.push(Remark::new(1, said));
            }
        }
        reasons
    }

    /// What one place taught may have been that place's own.
    fn doubts(&self) -> Option<Remark> {
        let used = self.done.sites.iter().filter(|site| site.deed == Deed::Rewritten);
        let weak =
            used.filter_map(|site| self.rules.get(site.rule)).find(|(_, rule)| rule.knowledge.functions < SEVERAL);
        weak.map(|(_, rule)| Remark::new(1, format!("{} was learned from one function", rule.told())))
    }

    /// The names that are still written as they were, with the line of the text, from 1.
    fn left(&self, text: &[u8]) -> Vec<(&'a StaleName, usize)> {
        let line = |name: &StaleName| text.lines().position(|line| has_word(line, &name.used.name));
        let is_settled = |at: usize, name: &StaleName| {
            let mut deeds = self.done.sites.iter().filter(|site| self.rules[site.rule].0 == at).map(|site| site.deed);
            // A name that is gone is settled where it is gone; one that stays, where each of its uses was rewritten.
            name.how == How::Changed && deeds.clone().count() > 0 && deeds.all(|deed| deed == Deed::Rewritten)
        };
        let open = self.stale.iter().enumerate().filter(|(at, name)| !is_settled(*at, name));
        open.filter_map(|(_, name)| Some((*name, line(name)? + 1))).collect()
    }
}

/// The bytes of the lines that a change adds.
fn added(change: Change<&[u8]>) -> Vec<Range<usize>> {
    let starts: Vec<usize> =
        std::iter::once(0).chain(memchr::memchr_iter(b'\n', change.after).map(|at| at + 1)).collect();
    let at = |line: usize| starts.get(line).copied().unwrap_or(change.after.len());
    let hunks = delta::hunks(change).into_iter().filter(|hunk| !hunk.after.is_empty());
    hunks.map(|hunk| at(hunk.after.start)..at(hunk.after.end)).collect()
}

fn finding(name: &StaleName, place: &str) -> Finding {
    let word = name.used.name.to_str_lossy().into_owned();
    let what = match name.how {
        How::Gone => "is not in the new kernel any more",
        How::Changed => "is declared otherwise in the new kernel",
    };
    Finding {
        kind: FindingKind::StaleName,
        said: Evidence::new(format!("{word} {what}")).at(place),
        name: word,
        was: Some(name.was.clone()),
        examples: name.examples.clone(),
        diagnostic: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Edit;

    /// What the door says to a text with a line that nobody explains, once a rule has rewritten another one; `composed` are lines
    /// that were answered for.
    fn passes(composed: &[&str]) -> bool {
        let sides = Sides { base: &b"int a;\n"[..], ours: b"int a;\n", theirs: b"int a;\nold(x);\n" };
        let text = b"int a;\nold(x);\nint stray;\n";
        let done = Rewritten { edits: vec![Edit::new(7..10, *b"new")], ..Rewritten::default() };
        let attempt = Attempt { stale: &[], rules: Vec::new(), done };
        let composed = composed.iter().map(|line| line.as_bytes().to_vec()).collect();
        let candidate = attempt.text(text, &composed).expect("something is edited");
        assert_eq!(candidate.text, b"int a;\nnew(x);\nint stray;\n");
        verify(&Question { language: Language::C, sides }, candidate).is_ok()
    }

    #[test]
    fn a_rule_answers_for_the_lines_that_it_rewrites_and_for_no_others() {
        assert!(!passes(&[]));
        assert!(passes(&["int stray;\n"]), "what made the text answers for the line");
    }
}
