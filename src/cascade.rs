//! CONFLICT: what text merging left open, hunk by hunk. Each method proposes a text; the door decides over the whole file.
//!
//! In: the three sides and the merged chunks. Out: [`Cascaded`]. Methods are asked in their own order; a proposal without doubts
//! goes before one with doubts, and of proposals that differ the first is taken and the difference is a doubt.

use crate::merge::{Chunk, Merged, Open, Proposal, Remark, Sides, compose, weave};
use crate::run::Method;
use crate::verify::{Candidate, Objection, Question, verify};
use rustc_hash::FxHashSet;

/// A longer file is left as text merging left it.
const LONGEST: usize = 4 << 20;

/// What became of the open hunks of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cascaded {
    /// All are settled, and the door let the file pass: the whole file.
    Settled(Vec<u8>, Won),
    /// Some are settled; the rest is open.
    Partly(Merged, Won),
    /// None is settled; what the door said to the attempt, if there was one.
    Open(Option<Objection>),
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
}

impl Won {
    /// By nothing but text so far.
    pub const fn by_text() -> Self {
        Self { method: Method::Text, reasons: Vec::new(), doubts: Vec::new() }
    }
}

/// A hunk that a method settles.
struct Choice {
    method: Method,
    proposal: Proposal,
}

impl Won {
    /// Adds the hunk at a line of ours, from 1; its text is what is left of the choice.
    fn take(&mut self, line: usize, Choice { method, proposal }: Choice) -> Vec<u8> {
        self.method = self.method.max(method);
        self.reasons.extend(proposal.reasons.into_iter().map(|said| Remark::new(line, said)));
        self.doubts.extend(proposal.doubts.into_iter().map(|said| Remark::new(line, said)));
        proposal.text
    }
}

/// Has each method try each open hunk.
pub fn settle(question: &Question<'_>, merged: &Merged, methods: &[Method]) -> Cascaded {
    let files = question.sides;
    if files.ours.len() + files.theirs.len() > LONGEST {
        return Cascaded::Open(None);
    }
    let mut won = Won::by_text();
    let mut composed = FxHashSet::default();
    let mut now = merged.clone();
    let mut hunks = merged.positions(&files).into_iter();
    let walk = merged.walk();
    // What is before a hunk has the hunks that were settled; what is behind it is as it came.
    let (mut before, mut after) = (Vec::with_capacity(walk.len()), walk.as_slice());
    for chunk in &mut now.chunks {
        after = &after[chunk.walk().len()..];
        if let Chunk::Open(sides) = &*chunk {
            let lines = hunks.next().unwrap_or_default();
            let open = Open {
                sides: sides.as_ref().map(Vec::as_slice),
                before: &before,
                after,
                files,
                lines,
                language: question.language,
            };
            if let Some(choice) = choose(&open, methods) {
                if choice.method == Method::Token {
                    answer_for(&mut composed, (&open.sides, &choice.proposal.text));
                }
                *chunk = Chunk::Settled(won.take(lines.ours + 1, choice));
            }
        }
        before.extend_from_slice(chunk.walk());
    }
    if won.method == Method::Text {
        return Cascaded::Open(None);
    }
    if now.conflicts().next().is_some() {
        return Cascaded::Partly(now, won);
    }
    let text = before;
    // That nothing is left of the patch is not for these methods to say.
    if text == files.ours {
        return Cascaded::Open(None);
    }
    let candidate = Candidate { text, method: won.method, composed };
    match verify(question, candidate) {
        Ok(resolution) => {
            let (text, reasons, doubts) = resolution.into_parts();
            won.reasons.extend(reasons);
            won.doubts.extend(doubts);
            Cascaded::Settled(text, won)
        }
        Err(rejection) => Cascaded::Open(Some(rejection.objection)),
    }
}

/// Asks the methods and chooses.
fn choose(open: &Open<'_>, methods: &[Method]) -> Option<Choice> {
    let ask = |method: &Method| {
        let proposal = match method {
            Method::Line => weave::propose(open),
            Method::Token => compose::propose(open),
            Method::Text | Method::Remembered | Method::ByHand => None,
        };
        proposal.map(|proposal| Choice { method: *method, proposal })
    };
    let all: Vec<Choice> = methods.iter().filter_map(ask).collect();
    let differ = all.windows(2).any(|two| two[0].proposal.text != two[1].proposal.text);
    let mut chosen = all.into_iter().min_by_key(|choice| (!choice.proposal.doubts.is_empty(), choice.method))?;
    if differ {
        chosen.proposal.doubts.push("two methods propose different texts".to_owned());
    }
    Some(chosen)
}

/// The lines that a composed hunk answers for: all of its sides, and what was made of them.
fn answer_for(composed: &mut FxHashSet<Vec<u8>>, (sides, text): (&Sides<&[u8]>, &[u8])) {
    for part in [sides.base, sides.ours, sides.theirs, text] {
        composed.extend(part.split_inclusive(|c| *c == b'\n').map(<[u8]>::to_vec));
    }
}
