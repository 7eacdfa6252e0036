//! CONFLICT: what text merging left open, hunk by hunk. Each method proposes a text; the door decides over the whole file.
//!
//! In: the three sides and the merged chunks. Out: [`Cascaded`]. For each hunk `choose` asks the methods; `relocate` restates a hunk
//! whose lines stand elsewhere now. If the door rejects what came of it, hunks are rather put where their lines went, and then not at all:
//! what stayed where it was may be in another function now, and what went elsewhere may not belong there.

mod anchored;
mod choice;
mod choose;
mod ground;
mod recalled;
mod relocate;
mod sections;
mod whole;

pub use recalled::{Known, recalled};
pub use whole::{Joined, StillOpen, Whole, whole};

use crate::merge::mates::Anchor;
use crate::merge::{Change, Chunk, Listed, Merged, Open, Remark, Sides, delta, entries};
use crate::run::Method;
use crate::syntax::language::Language;
use crate::syntax::version::Version;
use crate::verify::{Candidate, LONGEST, Objection, Question, verify};
use bstr::ByteSlice;
use choice::Choice;
use choose::{Chooser, Elsewhere};
use ground::Ground;
use rustc_hash::FxHashSet;

/// What became of the open hunks of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cascaded {
    /// All are settled, and the door let the file pass: the whole file.
    Settled(Vec<u8>, Won),
    /// Some are settled, or something is known of them; the rest is open.
    Partly(Merged, Won),
    /// None is settled; the attempt, if there was one, and what the door said to it.
    Open(Option<Box<Refused>>),
}

/// An attempt that the door did not let pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its chunks, all settled, in the places of those that were merged.
    pub merged: Merged,
    /// The last method in the order of methods that settled a hunk.
    pub method: Method,
    /// What the door said.
    pub objection: Objection,
}

impl Refused {
    /// Who made it, in words.
    pub fn by(&self) -> &'static str {
        choose::in_words(self.method)
    }
}

/// How a text was won.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Won {
    /// The last method in the order of methods that settled a hunk.
    pub method: Method,
    /// What speaks for it.
    pub reasons: Vec<Remark>,
    /// What speaks against taking it without a look.
    pub doubts: Vec<Remark>,
    /// Lines that the methods answered for at the door.
    pub composed: FxHashSet<Vec<u8>>,
}

impl Won {
    /// By nothing but text so far.
    pub fn by_text() -> Self {
        Self { method: Method::Text, reasons: Vec::new(), doubts: Vec::new(), composed: FxHashSet::default() }
    }

    /// Adds a hunk; its text is what is left of the choice.
    fn take(&mut self, choice: &mut Choice) -> Vec<u8> {
        let proposal = std::mem::take(&mut choice.proposal);
        let line = choice.line + 1;
        self.method = self.method.max(choice.method);
        self.reasons.extend(proposal.reasons.into_iter().map(|said| Remark::new(line, said)));
        self.doubts.extend(proposal.doubts.into_iter().map(|doubt| Remark::of(line, doubt)));
        proposal.text
    }
}

/// Has each method try each open hunk.
pub fn settle(question: &Question<'_>, merged: &Merged, methods: &[Method]) -> Cascaded {
    listed(question, methods).unwrap_or_else(|| settle_rest(question, merged, methods, &FxHashSet::default()))
}

/// The same where some hunks were settled by others, who answer for these lines at the door.
fn settle_rest(
    question: &Question<'_>,
    merged: &Merged,
    methods: &[Method],
    answered: &FxHashSet<Vec<u8>>,
) -> Cascaded {
    let files = question.sides;
    // What the door would not look at is left as text merging left it.
    if files.ours.len() + files.theirs.len() > LONGEST {
        return Cascaded::Open(None);
    }
    let chooser = Chooser::new(methods, (question.language, Change { before: files.base, after: files.ours }));
    let case = Case { question, merged, hunks: merged.positions(&files), chooser, answered };
    let mut refused = None;
    // What could have gone elsewhere, had nothing else stayed open.
    let mut told = Vec::new();
    for elsewhere in [Elsewhere::IfNeeded, Elsewhere::Rather, Elsewhere::Never] {
        let attempt = case.attempt(elsewhere);
        let uses = attempt.won.method == Method::Relocated;
        let is_open = attempt.now.conflicts().next().is_some();
        match elsewhere {
            // What is open in part is not looked at by the door: nothing is put elsewhere unseen.
            Elsewhere::IfNeeded if is_open && uses => {
                told = attempt.went;
                continue;
            }
            Elsewhere::Rather if is_open || !uses => continue,
            _ => {}
        }
        if is_open {
            told.extend(case.strays());
            return attempt.in_part(told);
        }
        // That nothing is left of the patch is for a person to say, not for a method.
        let text = attempt.now.walk();
        if answered.is_empty() && text == question.sides.ours {
            continue;
        }
        match attempt.finish(question, text) {
            Ok(settled) => return settled,
            Err(said) => refused = refused.or(Some(said)),
        }
    }
    Cascaded::Open(refused)
}

/// The whole file at once, where it is a list of entries; `None` if it is none, or if the door does not let it pass.
fn listed(question: &Question<'_>, methods: &[Method]) -> Option<Cascaded> {
    let Question { language, sides } = question;
    let is_too_long = sides.ours.len() + sides.theirs.len() > LONGEST;
    if *language != Language::Maintainers || !methods.contains(&Method::Line) || is_too_long {
        return None;
    }
    let Listed { text, mut reasons, mut doubts } = entries(&question.sides)?;
    let (text, seen, doubted) = verify(question, Candidate::of_lines(text, Method::Line)).ok()?.into_parts();
    reasons.extend(seen);
    doubts.extend(doubted);
    Some(Cascaded::Settled(text, Won { method: Method::Line, reasons, doubts, ..Won::by_text() }))
}

/// A file with open hunks.
struct Case<'c, 'a> {
    question: &'c Question<'a>,
    merged: &'c Merged,
    /// Where the hunks are.
    hunks: Vec<Sides<usize>>,
    chooser: Chooser<'c, 'a>,
    /// Lines of hunks that were settled before.
    answered: &'c FxHashSet<Vec<u8>>,
}

/// The file with some of its hunks settled.
struct Attempt {
    now: Merged,
    won: Won,
    composed: FxHashSet<Vec<u8>>,
    anchors: Vec<Anchor>,
    /// Where hunks went that went elsewhere.
    went: Vec<Remark>,
}

impl Case<'_, '_> {
    /// Tries each hunk.
    fn attempt(&self, elsewhere: Elsewhere) -> Attempt {
        let files = self.question.sides;
        let ground = Ground::of(self.merged, files.ours, &self.hunks);
        let mut attempt = Attempt {
            now: self.merged.clone(),
            won: Won::by_text(),
            composed: self.answered.clone(),
            anchors: Vec::new(),
            went: Vec::new(),
        };
        let mut hunks = self.hunks.iter().copied();
        let walk = self.merged.walk();
        // What is before a hunk has the hunks that were settled; what is behind it is as it came.
        let (mut before, mut after) = (Vec::with_capacity(walk.len()), walk.as_slice());
        for (at, chunk) in self.merged.chunks.iter().enumerate() {
            after = &after[chunk.walk().len()..];
            if let Chunk::Open(sides) = chunk {
                let lines = hunks.next().unwrap_or_default();
                let sides = sides.as_ref().map(Vec::as_slice);
                let language = self.question.language;
                let open = Open { sides, before: &before, after, files, lines, language };
                attempt.take(at, self.chooser.choose(&open, elsewhere), &ground);
            }
            before.extend_from_slice(attempt.now.chunks[at].walk());
        }
        attempt
    }

    /// Functions and tables that open hunks of the patch change and that the file has no more: they may live in another one.
    fn strays(&self) -> Vec<Remark> {
        let version = |text| Version::new(self.question.language, text);
        let Sides { base, ours, .. } = self.question.sides.map(version);
        let mut strays: Vec<Remark> = Vec::new();
        let open = self.merged.conflicts().zip(&self.hunks);
        for (sides, lines) in open {
            for hunk in delta::hunks(Change { before: &sides.base, after: &sides.theirs }) {
                let Some(section) = base.section_at(hunk.before.start + lines.base) else { continue };
                if ours.same(section).next().is_some() {
                    continue;
                }
                let (kind, name) = (section.kind.word(), section.name.to_str_lossy());
                let said = format!("the patch changes {kind} {name}, which is not in this file any more");
                if strays.iter().all(|known| known.said != said) {
                    strays.push(Remark::new(lines.ours + 1, said));
                }
            }
        }
        strays
    }
}

impl Attempt {
    /// Puts a chunk as it was chosen, unless what it edits elsewhere cannot be edited.
    fn take(&mut self, at: usize, choice: Option<Choice>, ground: &Ground<'_>) {
        let Some(mut choice) = choice else { return };
        if !choice.elsewhere.is_empty() {
            let Some(chunks) = ground.edited(&self.now.chunks, &choice.elsewhere) else { return };
            self.now.chunks = chunks;
        }
        if choice.method == Method::Relocated {
            let line = choice.line + 1;
            self.went.extend(choice.proposal.reasons.iter().map(|said| Remark::new(line, said.as_str())));
        }
        self.now.chunks[at] = Chunk::Settled(self.won.take(&mut choice));
        self.composed.extend(choice.composed);
        self.anchors.extend(choice.anchors);
    }

    /// With hunks that are open still, and what is known of them.
    fn in_part(mut self, told: Vec<Remark>) -> Cascaded {
        self.won.reasons.extend(told);
        // Whoever settles the rest comes to the door with these lines, too.
        self.won.composed = self.composed;
        match self.won.method {
            Method::Text if self.won.reasons.is_empty() => Cascaded::Open(None),
            _ => Cascaded::Partly(self.now, self.won),
        }
    }

    /// Through the door, as the text that its chunks make.
    fn finish(mut self, question: &Question<'_>, text: Vec<u8>) -> Result<Cascaded, Box<Refused>> {
        let composed = self.composed.clone();
        let candidate = Candidate { composed, relocated: self.anchors, ..Candidate::of_lines(text, self.won.method) };
        match verify(question, candidate) {
            Ok(resolution) => {
                let (text, reasons, doubts) = resolution.into_parts();
                self.won.reasons.extend(reasons);
                self.won.doubts.extend(doubts);
                self.won.composed = self.composed;
                Ok(Cascaded::Settled(text, self.won))
            }
            Err(rejection) => {
                let (method, objection) = (self.won.method, rejection.objection);
                Err(Box::new(Refused { merged: self.now, method, objection }))
            }
        }
    }
}

#[cfg(test)]
mod tests;
