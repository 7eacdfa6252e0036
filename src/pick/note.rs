//! What was seen of a file, in order. In: facts, doubts, and what the door says. Out: how it is told, and whether a person should look.

use crate::cascade::Won;
use crate::merge::{About, Evidence};
use crate::verify::Objection;
use rustc_hash::FxHashSet;

/// One thing that was seen.
#[derive(Clone, Debug)]
enum Note {
    /// As it is.
    Fact(Evidence),
    /// What suggests that the text is not finished: a person should look.
    Doubt(Evidence),
    /// What suggests that the patch's lines may belong elsewhere: a person should look if one cannot be sure of the file.
    Place(Evidence),
    /// What the door says against it: a person should look.
    Objection(Evidence),
}

impl Note {
    /// As it is told of a file that a person is asked to look at, or not.
    fn told(&self, look: Look) -> Evidence {
        let named = |what: &str, seen: &Evidence| {
            let statement = format!("{what}: {}", seen.statement);
            Evidence { statement, ..seen.clone() }
        };
        match (self, look) {
            (Self::Fact(seen) | Self::Objection(seen), _) => seen.clone(),
            (Self::Doubt(seen), _) | (Self::Place(seen), Look::Asked) => named("to look at", seen),
            (Self::Place(seen), Look::Spared) => named("a small doubt", seen),
        }
    }
}

/// Whether a person is asked to look at a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Something speaks against taking it.
    Asked,
    /// Nothing does, or not enough.
    Spared,
}

/// All that was seen of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes(Vec<Note>);

impl Notes {
    /// These facts.
    pub(super) fn of_facts(seen: impl IntoIterator<Item = Evidence>) -> Self {
        Self(seen.into_iter().map(Note::Fact).collect())
    }

    /// Adds a fact.
    pub(super) fn see(&mut self, seen: Evidence) {
        self.0.push(Note::Fact(seen));
    }

    /// Adds what suggests that a person should look.
    pub(super) fn doubt(&mut self, seen: Evidence) {
        self.0.push(Note::Doubt(seen));
    }

    /// Adds why a text was won, and what speaks against it; `path` as it is told.
    pub(super) fn see_won(&mut self, path: &str, won: &Won) {
        let seen = |line: usize, said: &str| Evidence::new(said).at(format!("{path}:{line}"));
        self.0.extend(won.reasons.iter().map(|reason| Note::Fact(seen(reason.line, &reason.said))));
        self.0.extend(won.doubts.iter().map(|doubt| match doubt.about {
            About::Text => Note::Doubt(seen(doubt.line, &doubt.said)),
            About::Place => Note::Place(seen(doubt.line, &doubt.said)),
        }));
    }

    /// Adds what the door says; `path` as it is told.
    pub(super) fn see_objection(&mut self, path: &str, objection: Objection) {
        self.0.push(Note::Objection(Evidence::new(objection.said).at(format!("{path}:{}", objection.line))));
    }

    /// As they are told.
    pub(super) fn told(&self, look: Look) -> impl Iterator<Item = Evidence> {
        self.0.iter().map(move |note| note.told(look))
    }

    /// How many speak against taking it without a look.
    pub(super) fn doubts(&self) -> usize {
        self.0.iter().filter(|note| !matches!(note, Note::Fact(_))).count()
    }

    /// Of those, how many are about nothing but the place.
    pub(super) fn places(&self) -> usize {
        self.0.iter().filter(|note| matches!(note, Note::Place(_))).count()
    }

    /// Forgets doubts that say this, and what the door said: another text passed it.
    pub(super) fn answer(&mut self, answered: &FxHashSet<&str>) {
        self.0.retain(|note| match note {
            Note::Fact(_) => true,
            Note::Doubt(seen) | Note::Place(seen) => !answered.contains(seen.statement.as_str()),
            Note::Objection(_) => false,
        });
    }

    /// Forgets all but facts.
    pub(super) fn keep_facts(&mut self) {
        self.0.retain(|note| matches!(note, Note::Fact(_)));
    }
}
