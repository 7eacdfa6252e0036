//! The words spoken now: lines that a commit adds, rewritten by the rules that upstream's own changes teach; and findings where a
//! name is stale and no rule could help.
//!
//! In: a file as it was merged. Out: the same file, perhaps with another text that passed the door, and what is left to say.

use super::file_merge::FileMerge;
use super::{Picker, restated, restyled};
use crate::cascade::Won;
use crate::error::Result;
use crate::git::Oid;
use crate::merge::{Change, Evidence, Remark, Sides, delta};
use crate::rule::{Deed, Edit, Likeness, Refusal, Rewritten, Rule, Where, edited, rewrite};
use crate::run::{Finding, FindingKind, Method, quoted};
use crate::survey::{Header, How, StaleName, include, included, place_of};
use crate::syntax::language::Language;
use crate::syntax::lex::has_word;
use crate::syntax::options::line_of;
use crate::verify::{Candidate, Objection, Question, Resolution, verify};
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
        restyled::restyle(picker, file)?;
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
    let Some(mut texts) = file.texts(picker.store)? else { return Ok(Vec::new()) };
    let language = Language::of(&file.path);
    let rules: Vec<&Rule> = stale.iter().flat_map(|name| rules_of(language, name)).collect();
    if restated::settle(picker, &rules, (file, &texts))? {
        let Some(settled) = file.texts(picker.store)? else { return Ok(Vec::new()) };
        texts = settled;
    }
    let (sides, mut text) = texts;
    let sides = sides.as_ref().map(|side| &side[..]);
    let mut attempt = Attempt::new((language, stale), &sides, &text);
    let is_ours =
        file.conflict.is_none() && !matches!(file.method, Method::ByHand | Method::Model | Method::Remembered);
    if is_ours && let Some(new) = attempt.text(&text, &file.composed) {
        let question = Question { language, sides };
        match verify(&question, new) {
            Ok(resolution) => {
                let (rewritten, _, mut doubts) = resolution.into_parts();
                // The door said of the text before what the rules may have answered.
                let before =
                    Candidate { composed: file.composed.clone(), ..Candidate::of_lines(text.to_vec(), file.method) };
                let told = verify(&question, before)
                    .map(Resolution::into_parts)
                    .map_or_else(|_| Vec::new(), |(.., told)| told);
                let is_among = |all: &[Remark], one: &Remark| all.iter().any(|other| other.said == one.said);
                file.answered(told.iter().filter(|one| !is_among(&doubts, one)));
                doubts.retain(|one| !is_among(&told, one));
                text = rewritten.as_slice().into();
                file.put(picker.store, rewritten, None)?;
                let reasons = attempt.reasons();
                doubts.extend(attempt.doubts());
                let composed = std::mem::take(&mut file.composed);
                file.tell(Some(Box::new(Won { method: Method::Rewritten, reasons, doubts, composed })), None);
            }
            Err(rejection) => {
                let Objection { line, said, .. } = rejection.objection;
                let said = format!("what the rules made of it was rejected: {said}");
                file.see(Evidence::new(said).at(format!("{}:{line}", quoted(file.path.as_bstr()))));
                (attempt.done, attempt.included) = (Rewritten::default(), Vec::new());
            }
        }
    }
    let left = attempt.left(&text);
    file.to_review |= !left.is_empty();
    let path = quoted(file.path.as_bstr());
    let told = |(at, line): (usize, usize)| finding(stale[at], attempt.refusal(at), &format!("{path}:{line}"));
    Ok(left.into_iter().map(told).collect())
}

/// The rules of the names of a file, and what they do to it.
struct Attempt<'a> {
    language: Language,
    stale: &'a [&'a StaleName],
    /// All rules, with the name that each is of.
    rules: Vec<(usize, &'a Rule)>,
    done: Rewritten,
    /// The names whose includes were put right.
    included: Vec<usize>,
    /// Those that rules bring and that nothing could be included for.
    unseen: Vec<usize>,
}

impl<'a> Attempt<'a> {
    fn new((language, stale): (Language, &'a [&'a StaleName]), sides: &Sides<&[u8]>, text: &[u8]) -> Self {
        let of_name = |(at, name): (usize, &&'a StaleName)| rules_of(language, name).iter().map(move |rule| (at, rule));
        let rules: Vec<(usize, &Rule)> = stale.iter().enumerate().flat_map(of_name).collect();
        let own: Vec<&Rule> = rules.iter().map(|(_, rule)| *rule).collect();
        let added = added(Change { before: sides.ours, after: text });
        let mut done = if own.is_empty() { Rewritten::default() } else { rewrite(text, &own, Where::Within(&added)) };
        let (mut included, mut unseen) = (Vec::new(), Vec::new());
        let (now, seen) = (edited(text, &done.edits), crate::survey::included(text));
        for (at, name) in stale.iter().enumerate() {
            let Some(header) = &name.header else { continue };
            let is_brought = name.how == How::Brought;
            let is_used =
                if is_brought { is_new(&name.used.name, (text, &now)) } else { has_word(text, &name.used.name) };
            let edits = if header.old.is_some() || is_used { header_edits(header, (text, &added)) } else { Vec::new() };
            if !edits.is_empty() && edits.iter().all(|edit| is_free(edit, &done.edits)) {
                done.edits.extend(edits);
                included.push(at);
            } else if is_brought && is_used && header.new.as_ref().is_some_and(|new| !seen.contains(new)) {
                unseen.push(at);
            }
        }
        done.edits.sort();
        Self { language, stale, rules, done, included, unseen }
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
            let Some((_, rule)) = self.rules.get(site.rule).filter(|(_, rule)| !rule.is_finder()) else { continue };
            let knowledge = &rule.knowledge;
            let example = knowledge.examples.first().map(|e| format!(", as in {}", e.site.path)).unwrap_or_default();
            let said = match knowledge.functions {
                0 => format!("{}: {}", rule.told(), knowledge.why),
                n => {
                    let alike = if knowledge.declared == Likeness::Alike { "; both are declared alike" } else { "" };
                    format!("{}: as upstream did in {n} of its functions{example}{alike}", rule.told())
                }
            };
            if !reasons.iter().any(|reason| reason.said == said) {
                reasons.push(Remark::new(1, said));
            }
        }
        reasons.extend(self.included.iter().map(|at| Remark::new(1, self.stale[*at].was.statement.clone())));
        reasons
    }

    /// What one place taught may have been that place's own; and what others did otherwise may have to be done otherwise here. What
    /// follows from a declaration needs no example.
    fn doubts(&self) -> Vec<Remark> {
        let mut doubts: Vec<Remark> = Vec::new();
        for site in self.done.sites.iter().filter(|site| site.deed == Deed::Rewritten) {
            let Some((at, rule)) = self.rules.get(site.rule).filter(|(_, rule)| !rule.is_finder()) else { continue };
            let said = match (rule.knowledge.functions, rule.knowledge.counter_examples.len()) {
                _ if self.stale[*at].how == How::Here => self.stale[*at].was.statement.clone(),
                _ if rule.knowledge.declared == Likeness::Otherwise => {
                    format!("{}: and the new name is declared otherwise than the old one was", rule.told())
                }
                (0, _) => continue,
                (_, 0) if rule.knowledge.declared == Likeness::Alike => continue,
                (functions, _) if functions < SEVERAL => format!("{} was learned from one function", rule.told()),
                (_, 0) => continue,
                (_, others) => format!("upstream did not do {} in {others} places of that form", rule.told()),
            };
            if doubts.iter().all(|doubt| doubt.said != said) {
                doubts.push(Remark::new(1, said));
            }
        }
        // What calls need an include may come in by another one, unless it was seen that none leads there.
        let missing = |at: &&usize| {
            let name = self.stale[**at];
            name.how != How::Brought && name.header.as_ref().is_some_and(|header| header.old.is_none())
        };
        let told = |at: &usize| Remark::new(1, self.stale[*at].was.statement.clone());
        doubts.extend(self.included.iter().filter(missing).map(told));
        doubts
    }

    /// Why a rule left a use of a name as it was, if one did.
    fn refusal(&self, name: usize) -> Option<Refusal> {
        let mut own = self.done.sites.iter().filter(|site| self.rules[site.rule].0 == name);
        own.find_map(|site| site.deed.refusal())
    }

    /// The names that are still written as they were, by their place among the stale ones, with the line of the text, from 1.
    fn left(&self, text: &[u8]) -> Vec<(usize, usize)> {
        let line = |name: &StaleName| {
            if self.language != Language::C {
                return line_of(self.language, text, &name.used.name);
            }
            let is_it = |line: &[u8]| match &name.header {
                Some(Header { old: Some(old), .. }) => include(line) == Some(old),
                Some(Header { new: Some(new), .. }) if included(text).contains(new) => false,
                _ => has_word(line, &name.used.name),
            };
            text.lines().position(is_it)
        };
        let is_settled = |at: usize, name: &StaleName| {
            let own = || self.done.sites.iter().filter(move |site| self.rules[site.rule].0 == at);
            let (looks, deeds): (Vec<_>, Vec<_>) = own().partition(|site| self.rules[site.rule].1.is_finder());
            // A name that is gone is settled where it is gone; one that stays, where each of its uses was rewritten.
            name.how == How::Changed
                && deeds.len() >= looks.len().max(1)
                && deeds.iter().all(|site| matches!(site.deed, Deed::Rewritten | Deed::There | Deed::Shadowed))
        };
        let is_open = |(at, name): &(usize, &&'a StaleName)| match name.how {
            How::Habit => false,
            How::Brought => self.unseen.contains(at),
            _ => !is_settled(*at, name),
        };
        let open = self.stale.iter().enumerate().filter(is_open);
        open.filter_map(|(at, name)| Some((at, line(name)? + 1))).collect()
    }
}

/// The rules of a name that a language has a use for: they are written in C.
fn rules_of(language: Language, name: &StaleName) -> &[Rule] {
    if language == Language::C { &name.rules } else { &[] }
}

/// What puts the includes of a text right: one that the patch adds is replaced, or goes where the new one is there already; one that is
/// missing comes.
fn header_edits(header: &Header, (text, added): (&[u8], &[Range<usize>])) -> Vec<Edit> {
    let Some(new) = &header.new else { return Vec::new() };
    let is_there = included(text).contains(new);
    let line = [b"#include ", &new[..], b"\n"].concat();
    let Some(old) = &header.old else {
        let at = place_of(text, new).filter(|_| !is_there);
        return at.map(|at| Edit::new(at..at, line)).into_iter().collect();
    };
    let mut edits = Vec::new();
    for range in added {
        let mut at = range.start;
        for one in text[range.clone()].lines_with_terminator() {
            if include(one) == Some(old) {
                let is_first = !is_there && edits.is_empty();
                edits.push(Edit::new(at..at + one.len(), if is_first { line.clone() } else { Vec::new() }));
            }
            at += one.len();
        }
    }
    edits
}

/// Is a name in a text that was not in it before?
fn is_new(name: &[u8], (before, after): (&[u8], &[u8])) -> bool {
    has_word(after, name) && !has_word(before, name)
}

/// Whether an edit touches none of the others.
fn is_free(edit: &Edit, others: &[Edit]) -> bool {
    others.iter().all(|other| edit.end < other.start || other.end < edit.start)
}

/// The bytes of the lines that a change adds.
fn added(change: Change<&[u8]>) -> Vec<Range<usize>> {
    let starts: Vec<usize> =
        std::iter::once(0).chain(memchr::memchr_iter(b'\n', change.after).map(|at| at + 1)).collect();
    let at = |line: usize| starts.get(line).copied().unwrap_or(change.after.len());
    let hunks = delta::hunks(change).into_iter().filter(|hunk| !hunk.after.is_empty());
    hunks.map(|hunk| at(hunk.after.start)..at(hunk.after.end)).collect()
}

fn finding(name: &StaleName, refusal: Option<Refusal>, place: &str) -> Finding {
    let word = name.used.name.to_str_lossy().into_owned();
    let mut what = name.how.said().to_owned();
    if let Some(refusal) = refusal {
        what.push_str("; no rule was put to it: ");
        what.push_str(refusal.said());
    }
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
        let attempt = Attempt {
            language: Language::C,
            stale: &[],
            rules: Vec::new(),
            done,
            included: Vec::new(),
            unseen: Vec::new(),
        };
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
