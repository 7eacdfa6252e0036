//! How a question is asked until an answer holds.
//!
//! In: a brief, an [`Oracle`] (a model behind the network, a program, a scripted fake), a check of the result. Out: [`Settled`]. A
//! refused answer is asked again with what was said to it; how often is the caller's policy. Whoever wants many questions in flight at once
//! uses the pieces: [`prompt`], [`read`], [`Brief::again`].

use super::brief::Brief;
use super::choice::choose;
use super::edits::{Edits, apply};
use super::migration::prompt;
use super::oracle::{Answer, Oracle};
use super::prompt::{Limit, Prompt};
use super::reply::{Reply, read};

/// What came of asking.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// Edits that passed the check.
    Edits(Edits),
    /// Nobody settled it; the last reason.
    Open(String),
}

/// What asking took.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What came of it.
    pub settled: Settled,
    /// How often was asked.
    pub queries: usize,
    /// What was said to answers that did not hold, in order.
    pub refusals: Vec<String>,
}

/// How often to ask, and how long a prompt may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// After how many refused answers nobody is asked any more.
    pub tries: usize,
    /// The context.
    pub limit: Limit,
}

impl Default for Patience {
    fn default() -> Self {
        Self { tries: 3, limit: Limit::default() }
    }
}

/// Asks until edits pass `check`, which is given them and says in words what is wrong with them. Of several samples that pass, the one is
/// taken that the others and what was proposed agree with most ([`choose`]).
pub fn settle(
    mut brief: Brief,
    oracle: &mut dyn Oracle,
    patience: Patience,
    check: &dyn Fn(&Edits) -> Result<(), String>,
) -> Asked {
    let mut asked = Asked { settled: Settled::Open("nobody was asked".to_owned()), queries: 0, refusals: Vec::new() };
    while asked.queries < patience.tries {
        let Some(prompt) = prompt(&brief, patience.limit) else {
            asked.settled = Settled::Open("the question is longer than the context limit".to_owned());
            return asked;
        };
        let answers = match oracle.answers(&prompt) {
            Ok(answers) => answers,
            Err(said) => {
                asked.settled = Settled::Open(said);
                return asked;
            }
        };
        asked.queries += 1;
        match heard((&brief, &prompt), &answers, check) {
            Ok(settled) => {
                asked.settled = settled;
                return asked;
            }
            Err((answer, said)) => {
                asked.refusals.push(said.clone());
                asked.settled = Settled::Open(said.clone());
                brief = brief.again(&answer, &said);
            }
        }
    }
    asked
}

/// What samples come to; else the first that does not hold, and what is wrong with it.
fn heard(
    (brief, prompt): (&Brief, &Prompt),
    answers: &[Answer],
    check: &dyn Fn(&Edits) -> Result<(), String>,
) -> Result<Settled, (String, String)> {
    let (mut passed, mut open, mut refused) = (Vec::new(), None, None);
    for answer in answers {
        let said = match read(answer, brief, prompt) {
            Ok(Reply::Edits(edits)) => match check(&edits) {
                Ok(()) => {
                    passed.push(edits);
                    continue;
                }
                Err(said) => said,
            },
            Ok(Reply::AlreadyThere(reason)) => {
                passed.push(Edits { reason, ..Edits::default() });
                continue;
            }
            Ok(Reply::LeftOpen(reason)) => {
                open.get_or_insert(format!("the model leaves it open: {reason}"));
                continue;
            }
            Err(refusal) => refusal.said,
        };
        refused.get_or_insert((answer.text.clone(), said));
    }
    let texts: Vec<_> = passed.iter().map(|edits| apply(&brief.sides.ours, &edits.list)).collect();
    let proposed: Vec<_> = brief.proposed.iter().map(|made| made.text.as_slice()).collect();
    match (choose(&texts, &proposed), refused) {
        (Some(chosen), _) => Ok(Settled::Edits(passed.swap_remove(chosen.at))),
        (None, Some(refused)) => Err(refused),
        (None, None) => Ok(Settled::Open(open.unwrap_or_else(|| "no answer came".to_owned()))),
    }
}
