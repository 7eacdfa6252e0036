//! What a walk asks and what it was told: answers of this walk, and those that the run's journal has from earlier ones.
//!
//! In: answers, whoever gave them. Out: for a question its answers and who gave them, and what the walk used, to be written down. An answer
//! that settled something counts in every later walk, whoever is asked then: what a person has seen and accepted does not become open
//! again because another model is set up, or none. One that settled nothing counts where nobody is asked.

use crate::llm::{Answer, Ended, Limit, Prompt};
use crate::merge::Remark;
use crate::run::{AnsweredQuestion, Sample};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// What was heard of a question.
#[derive(Clone, Debug)]
pub enum Heard {
    /// One text for each sample.
    Answers(Vec<Answer>),
    /// There is no answer to be had, in words: then it is not asked again.
    Nothing(String),
}

/// A question that nobody has answered yet.
#[derive(Clone, Debug)]
pub struct Unanswered {
    /// Position of the commit in the series, from 1.
    pub n: usize,
    /// The file.
    pub path: String,
    /// What is asked.
    pub prompt: Prompt,
}

/// What a walk asks, and what it was told.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    /// Who answers, as a trailer of the commit says it; empty if nobody is asked.
    pub model: String,
    /// How long a question may be.
    pub limit: Limit,
    heard: FxHashMap<String, Heard>,
    unanswered: Vec<Unanswered>,
    /// Questions that earlier walks had answers to.
    recalled: Vec<Unanswered>,
    /// What earlier walks were told, by the question's hash.
    known: FxHashMap<String, AnsweredQuestion>,
    /// What this walk used, in order.
    used: Vec<AnsweredQuestion>,
    /// Who settled something in a commit, by its position.
    helped: BTreeMap<usize, BTreeSet<String>>,
}

impl Asking {
    /// Asks this model.
    pub fn of(model: String, limit: Limit) -> Self {
        Self { model, limit, ..Self::default() }
    }

    /// With what earlier walks of the run were told. The last word on a question counts.
    #[must_use]
    pub fn knowing<'a>(mut self, known: impl Iterator<Item = &'a AnsweredQuestion>) -> Self {
        for one in known {
            self.known.insert(one.question.clone(), one.clone());
        }
        self
    }

    /// The walk begins anew.
    pub fn rewind(&mut self) {
        self.used.clear();
        self.recalled.clear();
        self.helped.clear();
    }

    /// Takes the questions that the walk had no answer to, in series order.
    pub fn take_unanswered(&mut self) -> Vec<Unanswered> {
        std::mem::take(&mut self.unanswered)
    }

    /// The questions that answers of earlier walks were used for, in series order.
    pub fn recalled_questions(&self) -> &[Unanswered] {
        &self.recalled
    }

    /// What the walk used that no earlier one has written down as it is.
    pub fn new_answers(&self) -> Vec<AnsweredQuestion> {
        let is_new = |one: &&AnsweredQuestion| {
            let known = self.known.get(&one.question);
            known.is_none_or(|known| (&known.answers, known.settled) != (&one.answers, one.settled))
        };
        self.used.iter().filter(is_new).cloned().collect()
    }

    /// Who settled something in a commit.
    pub fn helpers(&self, n: usize) -> Vec<&str> {
        self.helped.get(&n).into_iter().flatten().map(String::as_str).collect()
    }

    /// What is known of a question from now on.
    pub fn hear(&mut self, prompt: &Prompt, heard: Heard) {
        self.heard.insert(prompt.id(), heard);
    }

    /// How long a question may be: as it was when an earlier walk asked it, else as whoever is asked now takes it.
    pub(super) fn limit_of(&self, question: impl Fn(Limit) -> Option<Prompt>) -> Limit {
        let mut limits: Vec<usize> = self.known.values().map(|one| one.tokens).collect();
        limits.sort_unstable();
        limits.dedup();
        let is_known = |limit: &Limit| question(*limit).is_some_and(|prompt| self.recalled(&prompt.id()).is_some());
        limits.into_iter().map(|tokens| Limit { tokens }).find(is_known).unwrap_or(self.limit)
    }

    /// What an earlier walk was told, if that counts.
    fn recalled(&self, id: &str) -> Option<&AnsweredQuestion> {
        self.known.get(id).filter(|one| one.settled || self.model.is_empty())
    }

    /// How much the walk has used so far.
    pub(super) fn mark(&self) -> usize {
        self.used.len()
    }

    /// What was used since then settled something in a commit; who said the last of it.
    pub(super) fn settled_since(&mut self, mark: usize, n: usize) -> String {
        let since = self.used.get_mut(mark..).unwrap_or_default();
        since.iter_mut().for_each(|one| one.settled = true);
        let who = since.last().map_or_else(|| self.model.clone(), |one| one.model.clone());
        let all = self.used[mark.min(self.used.len())..].iter().map(|one| one.model.clone());
        self.helped.entry(n).or_default().extend(all);
        who
    }

    /// What was answered to a question of a commit's file; one that nobody has answered is noted.
    pub(super) fn heard(
        &mut self,
        (prompt, limit): (&Prompt, Limit),
        (n, path, old): (usize, &str, &str),
    ) -> Result<Vec<Answer>, Silent> {
        let id = prompt.id();
        let recalled = self.recalled(&id).cloned();
        if let Some(one) = recalled {
            let answers = one.answers.iter().map(answer).collect();
            self.recalled.push(Unanswered { n, path: path.to_owned(), prompt: prompt.clone() });
            self.used.push(AnsweredQuestion { old: old.to_owned(), ..one });
            return Ok(answers);
        }
        match self.heard.get(&id) {
            Some(Heard::Answers(answers)) => {
                self.used.push(AnsweredQuestion {
                    old: old.to_owned(),
                    model: self.model.clone(),
                    tokens: limit.tokens,
                    question: id,
                    answers: answers.iter().map(sample).collect(),
                    settled: false,
                });
                Ok(answers.clone())
            }
            Some(Heard::Nothing(why)) => Err(Silent(Some(why.clone()))),
            None => {
                self.unanswered.push(Unanswered { n, path: path.to_owned(), prompt: prompt.clone() });
                Err(Silent(None))
            }
        }
    }
}

/// An answer as it is written down.
fn sample(answer: &Answer) -> Sample {
    let Answer { text, ended, mean_log_probability } = answer.clone();
    Sample { text, is_cut: ended == Ended::Cut, mean_log_probability }
}

/// The same, read.
fn answer(sample: &Sample) -> Answer {
    let Sample { text, is_cut, mean_log_probability } = sample.clone();
    Answer { text, ended: if is_cut { Ended::Cut } else { Ended::Whole }, mean_log_probability }
}

/// A question without an answer: why nobody will answer it, if that is so.
#[derive(Debug)]
pub(super) struct Silent(Option<String>);

impl Silent {
    /// What is to be said of that, at a line.
    pub fn told(self, line: usize) -> Option<Remark> {
        self.0.map(|why| Remark::new(line, format!("the model was not heard: {why}")))
    }
}
