//! What `--autosquash` made of a series, as it is written down: which commit went into which, which stayed, and which commits of the series
//! stand for ones of the source.

use super::Outcome;
use crate::merge::Evidence;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How a commit went into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// `fixup!`: its target's message stays.
    Fixup,
    /// `squash!`: what it says is added.
    Squash,
    /// `amend!`: what it says replaces the message.
    Amend,
}

impl Fold {
    /// What stands before the subject.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Fixup => "fixup! ",
            Self::Squash => "squash! ",
            Self::Amend => "amend! ",
        }
    }
}

/// A commit of the source that is in another one now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folded {
    /// It.
    pub commit: String,
    /// Its subject.
    pub subject: String,
    /// How it went in.
    pub how: Fold,
    /// The target, as the source has it.
    pub into: String,
    /// The target's subject, as the source has it.
    pub target: String,
    /// The commit of the series that has what it had last of all: the one before it that is left.
    pub before: String,
}

/// A commit that asks to be folded and was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfolded {
    /// It.
    pub commit: String,
    /// Its subject.
    pub subject: String,
    /// Why.
    pub because: String,
}

/// A commit of the series that stands for one of the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remade {
    /// In the series.
    pub commit: String,
    /// In the source.
    pub from: String,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folds {
    /// What was folded, in series order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folded: Vec<Folded>,
    /// What was not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Unfolded>,
    /// Targets, and commits between a target and what went into it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remade: Vec<Remade>,
}

impl Folds {
    /// Is there nothing to tell?
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What of it holds for the series of these commits.
    pub fn of(&self, commits: &BTreeSet<String>) -> Self {
        let remade: Vec<Remade> = self.remade.iter().filter(|r| commits.contains(&r.commit)).cloned().collect();
        let is_there = |folded: &&Folded| remade.iter().any(|r| r.from == folded.into);
        let folded = self.folded.iter().filter(is_there).cloned().collect();
        let left = self.left.iter().filter(|left| commits.contains(&left.commit)).cloned().collect();
        Self { folded, left, remade }
    }

    /// What was made of a series that had been folded before.
    pub fn extend(&mut self, later: Self) {
        let Self { folded, left, remade } = later;
        let source = |id: String, folds: &Self| folds.source_of(&id).to_owned();
        let folded = folded.into_iter().map(|f| {
            let [commit, into, before] = [f.commit, f.into, f.before].map(|id| source(id, self));
            Folded { commit, into, before, ..f }
        });
        let folded: Vec<Folded> = folded.collect();
        let left: Vec<Unfolded> = left.into_iter().map(|l| Unfolded { commit: source(l.commit, self), ..l }).collect();
        let remade: Vec<Remade> = remade.into_iter().map(|r| Remade { from: source(r.from, self), ..r }).collect();
        self.remade.retain(|old| remade.iter().all(|new| new.from != old.from));
        // All of the series was asked again.
        self.left = left;
        self.folded.extend(folded);
        self.remade.extend(remade);
    }

    /// The commit of the source that one of the series stands for.
    pub fn source_of<'a>(&'a self, commit: &'a str) -> &'a str {
        self.remade.iter().find(|remade| remade.commit == commit).map_or(commit, |remade| &remade.from)
    }

    /// The commit of the series at which a commit of the source ends up.
    pub fn now<'a>(&'a self, source: &'a str) -> &'a str {
        let folded = self.folded.iter().find(|folded| folded.commit == source);
        let at = folded.map_or(source, |folded| &folded.before);
        self.remade.iter().find(|remade| remade.from == at).map_or(at, |remade| &remade.commit)
    }

    /// The commit of the series that holds a commit of the source: that it stands for, or that took it in.
    pub fn holder<'a>(&'a self, source: &'a str) -> &'a str {
        let folded = self.folded.iter().find(|folded| folded.commit == source);
        self.now(folded.map_or(source, |folded| &folded.into))
    }

    /// Lines for people: what went where, and what stayed.
    pub fn lines(&self) -> Vec<String> {
        let folded = self.folded.iter().map(|folded| {
            let Folded { commit, subject, into, target, .. } = folded;
            format!("folded: {} {subject} -> {} {target}", short(commit), short(into))
        });
        let left = self.left.iter().map(|left| {
            let Unfolded { commit, subject, because } = left;
            format!("not folded: {} {subject}: {because}", short(commit))
        });
        folded.chain(left).collect()
    }

    /// Says in the outcome of a commit what was folded into it, or why it was not folded itself.
    pub fn tell(&self, outcome: &mut Outcome) {
        let source = self.source_of(&outcome.old);
        let mut said = Vec::new();
        let is_target = self.folded.iter().any(|folded| folded.into == source);
        if is_target && source != outcome.old {
            said.push(Evidence::new("made anew with what is folded into it; in the source it is").at(source));
        }
        for Folded { commit, subject, .. } in self.folded.iter().filter(|folded| folded.into == source) {
            said.push(Evidence::new(format!("folded into it: {subject}")).at(commit.clone()));
        }
        for Unfolded { because, .. } in self.left.iter().filter(|left| left.commit == source) {
            said.push(Evidence::new(format!("not folded: {because}")));
        }
        outcome.evidence.extend(said);
    }
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}
