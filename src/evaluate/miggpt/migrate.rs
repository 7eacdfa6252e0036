//! The second step: s_old, s_old' and s_new in, s_new' out; by the methods that a series goes by, and then by asking.
//!
//! ```text
//!   text merge --- clean ------------------------------> s_new'
//!        `-- conflicts -> cascade -> door --- settled --> s_new'
//!                                      `--- open, or in doubt --> a model is asked, its edits go through the same door
//! ```

use super::{Ablate, Plan};
use crate::cascade::{Cascaded, settle};
use crate::error::Result;
use crate::git::text::{TextMerge, merge};
use crate::llm::ask::{Patience, Settled};
use crate::llm::brief::{Brief, Manner, Proposed};
use crate::llm::snippet::Snippet;
use crate::llm::{Edits, Oracle, answered, apply};
use crate::merge::Sides;
use crate::run::Method;
use crate::syntax::language::Language;
use crate::verify::{Candidate, Question, verify};

/// Methods that settle a conflict, as by default.
const METHODS: [Method; 4] = [Method::Text, Method::Line, Method::Token, Method::Relocated];

/// Who made s_new'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A deterministic method.
    Method(Method),
    /// A model.
    Model,
    /// Nobody: the text is an attempt with the patch's side of what is open.
    Open,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// s_new', or the attempt.
    pub text: Vec<u8>,
    /// Who made it.
    pub by: By,
    /// How often a model was asked.
    pub queries: usize,
    /// What speaks against taking it without a look, or what was said to the attempt.
    pub doubts: Vec<String>,
}

impl Migrated {
    /// Is it open, or does something speak against it?
    fn is_unsure(&self) -> bool {
        self.by == By::Open || !self.doubts.is_empty()
    }
}

/// Carries the patch. A model is asked for what is open or in doubt; where it knows nothing better, the attempt stays.
///
/// # Errors
/// libgit2 ran out of memory.
pub fn migrate(sides: Sides<&[u8]>, plan: Plan, oracle: Option<&mut dyn Oracle>) -> Result<Migrated> {
    let by_itself = by_methods(sides)?;
    match oracle {
        Some(oracle) if plan.is_vanilla || by_itself.is_unsure() => Ok(by_model(sides, (&by_itself, plan), oracle)),
        _ => Ok(by_itself),
    }
}

/// By the deterministic methods.
fn by_methods(sides: Sides<&[u8]>) -> Result<Migrated> {
    let open = |text: Vec<u8>, doubts| Migrated { text, by: By::Open, queries: 0, doubts };
    let won = |text: Vec<u8>, method, doubts| Migrated { text, by: By::Method(method), queries: 0, doubts };
    let conflicted = match merge(sides)? {
        TextMerge::Clean(text) => return Ok(won(text, Method::Text, Vec::new())),
        TextMerge::Binary => return Ok(open(sides.ours.to_vec(), vec!["a side is binary".to_owned()])),
        TextMerge::Conflicted(conflicted) => conflicted,
    };
    let said = |remarks: Vec<crate::merge::Remark>| remarks.into_iter().map(|remark| remark.said).collect();
    Ok(match settle(&Question { language: Language::C, sides }, &conflicted.merged, &METHODS) {
        Cascaded::Settled(text, how) => won(text, how.method, said(how.doubts)),
        Cascaded::Partly(merged, how) => open(merged.walk(), said(how.doubts)),
        Cascaded::Open(refused) => {
            open(conflicted.merged.walk(), refused.into_iter().map(|no| no.objection.said).collect())
        }
    })
}

/// By asking.
fn by_model(sides: Sides<&[u8]>, (attempt, plan): (&Migrated, Plan), oracle: &mut dyn Oracle) -> Migrated {
    let mut brief = Brief::of_snippets("the file", sides.map(|side| Snippet::new(side, 1)));
    brief.language = Some(Language::C);
    brief.manner = match plan.ablate {
        _ if plan.is_vanilla => Manner::Vanilla,
        Some(Ablate::Location | Ablate::Cfp) => Manner::NoLocation,
        _ => Manner::Full,
    };
    let why_not = match attempt.doubts.as_slice() {
        [] => "the sides could not be joined everywhere; what is open has the patch's side".to_owned(),
        doubts => doubts.join("; "),
    };
    brief.proposed = vec![Proposed { by: "merging".to_owned(), text: attempt.text.clone(), why_not }];
    let known = brief.clone();
    let check = |edits: &Edits| if plan.is_vanilla { Ok(()) } else { passes(sides, (&known, edits)) };
    let patience =
        Patience { tries: if plan.is_vanilla { 1 } else { Patience::default().tries }, ..Patience::default() };
    let asked = crate::llm::settle(brief, oracle, patience, &check);
    match asked.settled {
        Settled::Edits(edits) => Migrated {
            text: apply(&known.sides.ours, &edits.list),
            by: By::Model,
            queries: asked.queries,
            doubts: asked.refusals,
        },
        Settled::Open(_) => Migrated { queries: asked.queries, ..attempt.clone() },
    }
}

/// Through the door: the model answers for what it changes and adapts.
fn passes(sides: Sides<&[u8]>, (brief, edits): (&Brief, &Edits)) -> std::result::Result<(), String> {
    // The door does not look at the method.
    let candidate = Candidate::of_lines(apply(&brief.sides.ours, &edits.list), Method::Rewritten);
    let candidate = Candidate { composed: answered(brief, edits), ..candidate };
    verify(&Question { language: Language::C, sides }, candidate).map(drop).map_err(|rejection| {
        let objection = rejection.objection;
        format!("with your edits, at line {} of the result: {}", objection.line, objection.said)
    })
}
