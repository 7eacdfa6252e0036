//! What the methods propose for one hunk, and which of the proposals is taken.
//!
//! In: an open hunk. Out: a [`Choice`]. Line and token merging are asked first. Where neither has anything, or what they propose
//! stands between lines that are gone or elsewhere, the hunk is looked for elsewhere, too. A proposal without doubts goes
//! before one with doubts; of several with doubts the one that differs least from the others; and where that says nothing, what went with its lines
//! goes before what stayed without them.

use super::choice::Choice;
use super::relocate::{self, Files};
use crate::merge::{Change, Footing, Open, compose, weave};
use crate::run::Method;
use crate::syntax::language::Language;
use std::cell::OnceCell;

/// How much is looked for elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// What the other methods leave or doubt.
    IfNeeded,
    /// All that can be found there: what the other methods made of it was rejected.
    Rather,
    /// Nothing.
    Never,
}

/// The methods, and what they share over the hunks of a file.
pub struct Chooser<'m, 'a> {
    methods: &'m [Method],
    files: Change<&'a [u8]>,
    language: Language,
    known: OnceCell<Files<'a>>,
}

impl<'m, 'a> Chooser<'m, 'a> {
    /// For hunks of a file with this base (before) and ours (after).
    pub fn new(methods: &'m [Method], (language, files): (Language, Change<&'a [u8]>)) -> Self {
        Self { methods, files, language, known: OnceCell::new() }
    }

    /// Asks the methods and chooses.
    pub fn choose(&self, open: &Open<'_>, elsewhere: Elsewhere) -> Option<Choice> {
        let ask = |method: &Method| {
            let proposal = match method {
                Method::Line => weave::propose(open),
                Method::Token => compose::propose(open),
                Method::Text | Method::Relocated | Method::Rewritten => None,
                Method::Driver | Method::Remembered | Method::Model | Method::ByHand => None,
            };
            proposal.map(|proposal| Choice::here(*method, proposal, open))
        };
        let mut all: Vec<Choice> = self.methods.iter().filter_map(ask).collect();
        let is_firm = all.iter().any(|choice| choice.proposal.footing == Footing::Firm);
        let looks = match elsewhere {
            Elsewhere::IfNeeded => !is_firm,
            Elsewhere::Rather => true,
            Elsewhere::Never => false,
        };
        if looks && self.methods.contains(&Method::Relocated) {
            let files = self.known.get_or_init(|| Files::of(self.language, self.files));
            let found = relocate::propose(open, files);
            if found.is_some() && elsewhere == Elsewhere::Rather {
                all.clear();
            }
            all.extend(found);
        }
        best(all)
    }
}

/// The best of the proposals, with a doubt if another one differs.
fn best(mut all: Vec<Choice>) -> Option<Choice> {
    let others: Vec<usize> = all.iter().map(|one| all.iter().map(|other| one.distance(other)).sum()).collect();
    let rank = |(at, choice): &(usize, &Choice)| {
        let is_doubted = !choice.proposal.doubts.is_empty();
        // What went with its lines goes before what stayed without them.
        let stayed = choice.method != Method::Relocated && choice.proposal.footing == Footing::Shaky;
        (is_doubted, others[*at], stayed, choice.method)
    };
    let (at, _) = all.iter().enumerate().min_by_key(rank)?;
    let mut chosen = all.swap_remove(at);
    let mut contradicts = false;
    for other in all.into_iter().filter(|other| chosen.distance(other) > 0).collect::<Vec<_>>() {
        // What doubts its own place contradicts nothing that is sure of its.
        contradicts |= chosen.proposal.footing == Footing::Shaky || other.proposal.footing == Footing::Firm;
        if chosen.line != other.line {
            chosen.proposal.reasons.push(format!("{} would put it at line {}", in_words(other.method), other.line + 1));
        }
    }
    if contradicts {
        chosen.proposal.doubts.push("two methods propose different texts".into());
    }
    Some(chosen)
}

/// A method, as it is said.
pub fn in_words(method: Method) -> &'static str {
    match method {
        Method::Line => "merging line by line",
        Method::Token => "merging token by token",
        _ => "looking for its lines elsewhere",
    }
}
