//! MENDING: finding by finding to a verified diff. In: messages of tools and the tree that they are about. Out: for each message a fix
//! with its diff, or why there is none; and the files as they are then.
//!
//! ```text
//!   message -> its line in the text as it is now -> fixers, then the model -> proof -> the tool once more -> the text from now on
//! ```
//!
//! Diffs follow each other: the second of a file is one of the text that the first made.

use super::ask::{self, Asked};
use super::fix::source::Source;
use super::fix::{Case, Fix, Migration, Rules, Surroundings, propose};
use super::proof::{Scope, prove};
use super::surroundings::path_in_tree;
use super::text::{Standing, Text};
use crate::error::Result;
use crate::llm::Oracle;
use crate::merge::Change;
use crate::rule::edited;
use crate::run::{Diagnostic, Severity};
use crate::syntax::language::Language;
use crate::syntax::lex::{Kind, tokens};
use bstr::{BStr, BString};
use std::collections::BTreeMap;

/// Longer files are left as they are, in bytes.
const LONGEST: usize = 4 << 20;

/// Tools whose notes are remarks about another message; those of the others are findings of little weight.
const REMARK: [&str; 5] = ["gcc", "clang", "sparse", "smatch", "checkpatch"];

/// What a tool said of a file when it was run again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rescanned {
    /// Its messages about the file.
    pub told: Vec<Diagnostic>,
    /// Did it end with an error?
    pub failed: bool,
}

/// The tool, to be run again.
pub trait Rescan {
    /// Runs it on a file that has this text.
    ///
    /// # Errors
    /// It cannot be run, or the file cannot be written.
    fn rescan(&mut self, path: &BStr, text: &[u8]) -> Result<Rescanned>;
}

/// What running the tool again showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It was not run.
    NotAsked,
    /// The finding is gone, and nothing new came.
    Gone,
    /// The tool did not say it before the fix either: that nothing new came is all that is known.
    NotReproduced,
}

impl Seen {
    /// As JSON says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotAsked => "not_asked",
            Self::Gone => "gone",
            Self::NotReproduced => "not_reproduced",
        }
    }
}

/// A fix that was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The file.
    pub path: BString,
    /// The fixer; `model` is a model.
    pub by: String,
    /// Why it is right.
    pub why: String,
    /// Why it is not in the function of the finding alone.
    pub elsewhere: Option<String>,
    /// From the text that the fix before it left.
    pub diff: Vec<u8>,
    /// What the tool says now.
    pub seen: Seen,
}

/// What became of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// As it was read.
    pub told: Diagnostic,
    /// The fix, or why there is none.
    pub verdict: std::result::Result<Fixed, String>,
}

impl Mended {
    /// Is there a fix of which the tool that was run again could not tell that it is one?
    pub fn is_unproved(&self) -> bool {
        self.verdict.as_ref().is_ok_and(|fixed| fixed.seen == Seen::NotReproduced)
    }
}

/// What mending works with.
pub struct Means<'a> {
    /// The tree.
    pub tree: &'a dyn Surroundings,
    /// Semantic patches and learned rules.
    pub rules: &'a [Rules],
    /// What there was before, where the tree comes out of a migration: then only what that brought is mended.
    pub migration: Option<&'a Migration<'a>>,
    /// The tool, where it can be run again.
    pub tool: Option<&'a mut dyn Rescan>,
    /// A model, for what no fixer does.
    pub model: Option<&'a mut dyn Oracle>,
    /// The top of the worktree, as reports may write it in front of paths: with a `/` behind it.
    pub top: Option<String>,
}

/// Findings on their way.
pub struct Mender<'a> {
    means: Means<'a>,
    texts: BTreeMap<BString, Text>,
    scans: BTreeMap<BString, Rescanned>,
}

/// What a fix is, before it is proved.
struct Proposed {
    by: String,
    why: String,
    elsewhere: Option<String>,
    gone: Option<Vec<u8>>,
    after: Vec<u8>,
}

impl<'a> Mender<'a> {
    /// With these means.
    pub fn new(means: Means<'a>) -> Self {
        Self { means, texts: BTreeMap::new(), scans: BTreeMap::new() }
    }

    /// The files that were read, with what became of them.
    pub fn texts(&self) -> &BTreeMap<BString, Text> {
        &self.texts
    }

    /// Goes on with files that another one left.
    pub fn take_texts(&mut self, texts: Vec<(BString, Text)>) {
        self.texts = texts.into_iter().collect();
    }

    /// The files, for another one to go on with. What they were before stays what it was.
    pub fn into_texts(self) -> Vec<(BString, Text)> {
        self.texts.into_iter().collect()
    }

    /// Mends one finding.
    ///
    /// # Errors
    /// The tree cannot be read, or the tool cannot be run.
    pub fn mend(&mut self, told: &Diagnostic) -> Result<Mended> {
        let verdict = self.verdict(told)?;
        Ok(Mended { told: told.clone(), verdict })
    }

    fn verdict(&mut self, told: &Diagnostic) -> Result<std::result::Result<Fixed, String>> {
        let (Some(file), Some(line)) = (&told.file, told.line) else {
            return Ok(Err("the message names no place".to_owned()));
        };
        let path = path_in_tree(file, self.means.top.as_deref());
        if told.severity == Severity::Note && REMARK.contains(&told.tool.as_str()) {
            return Ok(Err("it is a remark".to_owned()));
        }
        if !self.read(path.as_ref())? {
            return Ok(Err(format!("{path} is no file of the tree")));
        }
        let text = &self.texts[&path];
        if text.now.len() > LONGEST {
            return Ok(Err("the file is too long".to_owned()));
        }
        let (line, is_changed) = match text.standing(line) {
            Some(Standing::Untouched(at)) => (at + 1, false),
            Some(Standing::Changed(at)) => (at + 1, true),
            Some(Standing::Gone) => {
                return Ok(Err("an earlier fix took this line away: have the tool look again".to_owned()));
            }
            None => return Ok(Err(format!("the file has no line {line}"))),
        };
        let now = text.now.clone();
        let place = Place { told, path: path.as_ref(), text: &now, line };
        let why = match self.by_fixer(place)? {
            Ok(proposed) => match self.pass(place, proposed)? {
                Ok(fixed) => return Ok(Ok(fixed)),
                Err(why) => why,
            },
            Err(why) => why,
        };
        let why = if is_changed { format!("{why}; an earlier fix changed this line") } else { why };
        match self.by_model(place, &why)? {
            Some(verdict) => Ok(verdict),
            None => Ok(Err(why)),
        }
    }

    /// Reads a file, once; is it there?
    fn read(&mut self, path: &BStr) -> Result<bool> {
        if !self.texts.contains_key(path) {
            let Some(text) = self.means.tree.read(path)? else { return Ok(false) };
            self.texts.insert(path.to_owned(), Text::new(text));
        }
        Ok(true)
    }

    fn by_fixer(&self, place: Place<'_>) -> Result<std::result::Result<Proposed, String>> {
        let Place { told, path, text, line } = place;
        let Means { tree, rules, migration, .. } = self.means;
        let case = Case { told, path, source: Source::new(text), line, tree, rules, migration };
        let made = propose(&case)?;
        let of = |(by, fix): (&str, Fix)| Proposed {
            after: edited(text, &fix.edits),
            by: by.to_owned(),
            why: fix.why,
            elsewhere: fix.elsewhere,
            gone: fix.gone,
        };
        Ok(made.map(of))
    }

    /// Asks the model; `None`: there is none.
    fn by_model(&mut self, place: Place<'_>, why_not: &str) -> Result<Option<std::result::Result<Fixed, String>>> {
        let Place { told, path, text, line } = place;
        let Some(oracle) = self.means.model.take() else { return Ok(None) };
        let top = self.means.top.clone();
        let question = Asked { told, path, text, line, why_not, tree: self.means.tree, top: top.as_deref() };
        let mut conversation = ask::Conversation::new(&question);
        let mut last = None;
        while last.is_none() {
            last = match conversation.next(oracle)? {
                Err(why) => Some(Err(format!("{why_not}; the model: {why}"))),
                Ok(answered) if !speaks_of_comments(told) && is_same_code((path, text), &answered.after) => {
                    conversation.refuse("the edits change nothing but comments and white space");
                    None
                }
                Ok(answered) => {
                    let (by, why, after) = ("model".to_owned(), answered.why, answered.after);
                    let proposed = Proposed { by, why, elsewhere: None, gone: None, after };
                    match self.pass(place, proposed)? {
                        Ok(fixed) => Some(Ok(fixed)),
                        Err(why) => {
                            conversation.refuse(&why);
                            None
                        }
                    }
                }
            };
        }
        self.means.model = Some(oracle);
        Ok(last)
    }

    /// Proves a fix, has the tool look, and keeps the text.
    fn pass(&mut self, place: Place<'_>, proposed: Proposed) -> Result<std::result::Result<Fixed, String>> {
        let Place { told, path, text, line } = place;
        let Proposed { by, why, elsewhere, gone, after } = proposed;
        let (function, gone) = (told.function.as_deref(), gone.as_deref());
        let scope = Scope { path, line, function, elsewhere: elsewhere.as_deref(), gone };
        let diff = match prove(Change { before: text, after: &after }, &scope) {
            Ok(diff) => diff,
            Err(said) => return Ok(Err(format!("{by}: {said}"))),
        };
        let seen = match self.scan(told, path, Change { before: text, after: &after })? {
            Ok(seen) => seen,
            Err(said) => return Ok(Err(format!("{by}: {said}"))),
        };
        if let Some(kept) = self.texts.get_mut(path) {
            kept.take(after);
        }
        Ok(Ok(Fixed { path: path.to_owned(), by, why, elsewhere, diff, seen }))
    }

    /// Runs the tool on the file with the fix; what it said of the file before is kept.
    fn scan(
        &mut self,
        told: &Diagnostic,
        path: &BStr,
        change: Change<&[u8]>,
    ) -> Result<std::result::Result<Seen, String>> {
        let Some(tool) = self.means.tool.as_deref_mut() else { return Ok(Ok(Seen::NotAsked)) };
        if !self.scans.contains_key(path) {
            let before = tool.rescan(path, change.before)?;
            self.scans.insert(path.to_owned(), before);
        }
        let now = tool.rescan(path, change.after)?;
        let verdict = compared(told, &self.scans[path], &now);
        match &verdict {
            Ok(_) => {
                self.scans.insert(path.to_owned(), now);
            }
            // The file is as it was.
            Err(_) => drop(tool.rescan(path, change.before)?),
        }
        Ok(verdict)
    }
}

/// Is a message of a tool that looks at comments and white space as well?
fn speaks_of_comments(told: &Diagnostic) -> bool {
    matches!(told.tool.as_str(), "checkpatch" | "kernel-doc")
}

/// Are two texts of C the same to a compiler?
fn is_same_code((path, before): (&BStr, &[u8]), after: &[u8]) -> bool {
    let code = |text| -> Vec<_> {
        let all = tokens(text).into_iter().filter(|token| token.kind != Kind::Comment);
        all.map(|token| token.text).collect()
    };
    Language::of(path) == Language::C && code(before) == code(after)
}

/// A finding, and the text that it is about now.
#[derive(Clone, Copy)]
struct Place<'t> {
    told: &'t Diagnostic,
    path: &'t BStr,
    text: &'t [u8],
    line: usize,
}

/// Is the finding gone, and is nothing new?
fn compared(told: &Diagnostic, before: &Rescanned, now: &Rescanned) -> std::result::Result<Seen, String> {
    let count = |scan: &Rescanned| {
        let mut all: BTreeMap<(Option<String>, String), usize> = BTreeMap::new();
        for one in &scan.told {
            *all.entry((one.kind.clone(), one.message.clone())).or_default() += 1;
        }
        all
    };
    let (old, new) = (count(before), count(now));
    if now.failed && !before.failed {
        return Err("the tool fails on the file with the fix".to_owned());
    }
    if let Some(((_, message), _)) = new.iter().find(|(key, n)| old.get(*key).unwrap_or(&0) < n) {
        return Err(format!("with the fix the tool says something new: {message}"));
    }
    // One tool's name of a kind is not another's, nor that of its text form that of its other forms.
    let says = |scan: &Rescanned| scan.told.iter().filter(|one| one.message == told.message).count();
    match (says(before), says(now)) {
        (0, _) if before.failed => Err("the tool fails on the file as it is, and does not say this of it".to_owned()),
        (0, _) => Ok(Seen::NotReproduced),
        (old, new) if new < old => Ok(Seen::Gone),
        _ => Err("the tool still finds it with the fix".to_owned()),
    }
}

/// Finds the same messages once: a header's are told of every file that includes it.
pub fn without_repeats(told: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = std::collections::BTreeSet::new();
    let key = |one: &Diagnostic| (one.file.clone(), one.line, one.column, one.kind.clone(), one.message.clone());
    told.into_iter().filter(|one| seen.insert(key(one))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(message: &str) -> Diagnostic {
        Diagnostic::new("gcc", Severity::Warning, message)
    }

    fn scan(messages: &[&str]) -> Rescanned {
        Rescanned { told: messages.iter().map(|message| told(message)).collect(), failed: false }
    }

    #[test]
    fn comments_and_white_space_are_no_code() {
        let same = |after: &str| is_same_code(("a.c".into(), b"f(a);\n"), after.as_bytes());
        assert!(same("/* checked */\nf( a ); // twice\n") && !same("f(a, 0);\n") && !same("(void)f(a);\n"));
    }

    #[test]
    fn a_finding_is_gone_only_if_it_was_there_and_nothing_new_came() {
        let a = told("a");
        assert_eq!(compared(&a, &scan(&["a", "a", "b"]), &scan(&["a", "b"])), Ok(Seen::Gone));
        assert_eq!(compared(&a, &scan(&["b"]), &scan(&["b"])), Ok(Seen::NotReproduced));
        assert!(compared(&a, &scan(&["a"]), &scan(&["a"])).is_err());
        assert!(compared(&a, &scan(&["a"]), &scan(&["b"])).expect_err("new").contains("new: b"));
        let failed = Rescanned { told: Vec::new(), failed: true };
        assert!(compared(&a, &scan(&["a"]), &failed).is_err());
        assert!(compared(&a, &failed, &failed).expect_err("it only fails").contains("as it is"));
        let named = Diagnostic { kind: Some("-Wa".to_owned()), ..told("a") };
        assert!(compared(&named, &scan(&["a"]), &scan(&["a"])).expect_err("it is there").contains("still"));
        assert_eq!(compared(&named, &scan(&["a"]), &scan(&[])), Ok(Seen::Gone));
    }
}
