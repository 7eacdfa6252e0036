//! How many rows a data set has, of what. In: rows. Out: counts by side.

use super::{Part, Row};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A number of something on either side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sides {
    /// To learn from.
    pub train: usize,
    /// To measure with.
    pub held_out: usize,
}

impl Sides {
    fn add(&mut self, part: Part, count: usize) {
        match part {
            Part::Train => self.train += count,
            Part::HeldOut => self.held_out += count,
        }
    }
}

/// Rows by some word of theirs.
pub type By = BTreeMap<String, Sides>;

/// What a data set has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows.
    pub rows: Sides,
    /// Bytes of their messages.
    pub bytes: Sides,
    /// Files that they are about.
    pub files: Sides,
    /// By what is to be done.
    pub task: By,
    /// By kind of fault or conflict.
    pub kind: By,
    /// By who found it; `-`: nobody is named.
    pub tool: By,
    /// By where they are from.
    pub source: By,
    /// By what their files say of themselves.
    pub licence: By,
}

impl Counts {
    /// Counts rows.
    pub fn of(rows: &[Row]) -> Self {
        let mut counts = Self::default();
        let mut files = BTreeSet::new();
        for row in rows {
            let part = row.split;
            let licence = row.licence.as_deref().unwrap_or("not said");
            counts.rows.add(part, 1);
            counts.bytes.add(part, row.messages.iter().map(|message| message.content.len()).sum());
            if files.insert((part, row.source.path.as_str())) {
                counts.files.add(part, 1);
            }
            let by = |by: &mut By, word: &str| by.entry(word.to_owned()).or_default().add(part, 1);
            by(&mut counts.task, &row.task);
            by(&mut counts.kind, &row.kind);
            by(&mut counts.tool, row.tool.as_deref().unwrap_or("-"));
            by(&mut counts.source, row.source.from.word());
            by(&mut counts.licence, licence);
        }
        counts
    }

    /// All of them in lines: what, which, how many.
    pub fn lines(&self) -> Vec<(&'static str, &str, Sides)> {
        let one = [("rows", self.rows), ("bytes", self.bytes), ("files", self.files)].map(|(what, n)| (what, "", n));
        let all = [
            ("task", &self.task),
            ("kind", &self.kind),
            ("tool", &self.tool),
            ("source", &self.source),
            ("licence", &self.licence),
        ];
        let by =
            all.into_iter().flat_map(|(what, by)| by.iter().map(move |(word, sides)| (what, word.as_str(), *sides)));
        one.into_iter().chain(by).collect()
    }
}
