//! How a walk ends: packs and the record are written, then all refs move at once, if nothing stands in the way of the branch.

use super::record::write_record;
use super::{Branch, Finished, Leaves, Rebase, Unexpected, Unsettled, folded, stacked};
use crate::error::Result;
use crate::git::tree::{self, Changed};
use crate::git::{Move, Oid};
use crate::merge::Change;
use crate::run::{Flag, Operation, Outcome, Record, RunName, Status, quoted};
use bstr::ByteSlice;

impl Rebase {
    /// Writes packs and the record, and moves all refs at once, if nothing stands in the way of the branch.
    ///
    /// # Errors
    /// The disk is full, or a ref is not where it was. No ref was moved.
    pub fn finish(mut self) -> Result<Finished> {
        self.sign()?;
        let tip = self.tip.commit.unwrap_or(self.series.onto);
        let unexpected = match self.expected {
            Some(expected) => Some(self.unexpected(expected)?),
            None => None,
        };
        let (open, stands) = self.unsettled();
        let mut finished = Finished {
            name: self.inputs.branch.clone(),
            branch: match stands.is_empty() {
                true => Branch::Written(open),
                false => Branch::Withheld(stands.clone()),
            },
            tip,
            stacked: Vec::new(),
            record: None,
            unexpected,
        };
        if self.target.leaves != Leaves::Run {
            finished.branch = Branch::DryRun(stands);
            self.store.flush()?;
            return Ok(finished);
        }
        self.keep_answers()?;
        let (record, stacked) = self.write_refs(tip, &finished.branch)?;
        finished.record = Some(record);
        finished.stacked = stacked;
        if matches!(finished.branch, Branch::Written(_)) {
            self.repo.after_rewrite(&self.rewritten())?;
        }
        Ok(finished)
    }

    /// What is not settled: all of it, and what of it is not allowed in the branch.
    pub(super) fn unsettled(&self) -> (Vec<Unsettled>, Vec<Unsettled>) {
        let any = |is: &dyn Fn(&Outcome) -> bool| self.outcomes.iter().any(is);
        let mut open = Vec::new();
        if any(&|o| o.status == Status::Conflicted) {
            open.push(Unsettled::Conflicts);
        }
        if any(&|o| o.has(Flag::ToReview)) {
            open.push(Unsettled::Unreviewed);
        }
        if any(&|o| o.status == Status::Pending) {
            open.push(Unsettled::Pending);
        }
        let stands = open.iter().filter(|o| !self.target.allowed.contains(o)).copied().collect();
        (open, stands)
    }

    fn write_refs(&mut self, tip: Oid, branch: &Branch) -> Result<(String, Vec<(String, Oid)>)> {
        let run = RunName(self.inputs.branch.clone());
        let earlier = self.repo.object(&run.record())?;
        let record = Record { inputs: self.inputs.clone(), outcomes: std::mem::take(&mut self.outcomes) };
        let written = write_record(&self.repo, &mut self.store, &record, earlier);
        self.outcomes = record.outcomes;
        let record = written?;
        self.store.flush()?;
        let mut moves = vec![self.moved(run.tip(), tip)?, self.moved(run.record(), record)?];
        if let Some(pin) = folded::pin(&mut self.store, &self.series, &self.inputs)? {
            moves.push(self.moved(run.source(), pin)?);
            self.store.flush()?;
        }
        let (source, onto) = (&self.series.source, &self.series.onto_name);
        let mut along = Vec::new();
        let said = match branch {
            Branch::Written(open) => {
                let name = format!("refs/heads/{}", self.inputs.branch);
                moves.push(Move { name, new: Some(tip), old: self.branch_was });
                moves.push(self.moved(run.written(), tip)?);
                let journaled = self.run.as_ref().expect("only a dry run has none");
                along = stacked::moves((&self.repo, journaled), &self.inputs, (&self.outcomes, self.series.onto))?;
                moves.extend(along.iter().cloned());
                let unsettled = if open.is_empty() { "" } else { ", with unsettled commits" };
                format!("kmigrate (finish): {source} onto {onto}{unsettled}")
            }
            Branch::Withheld(_) | Branch::DryRun(_) => format!("kmigrate (walk): {source} onto {onto}"),
        };
        let open = self.run.as_mut().expect("only a dry run has none");
        open.move_refs(&self.repo, (&moves, &said), |moves| Operation::Finish { moves })?;
        let along = along.into_iter().filter_map(|moved| {
            let name = moved.name.trim_start_matches("refs/heads/").to_owned();
            Some((name, moved.new?))
        });
        Ok((run.record(), along.collect()))
    }

    fn moved(&self, name: String, new: Oid) -> Result<Move> {
        let old = self.repo.object(&name)?;
        Ok(Move { name, new: Some(new), old })
    }

    fn rewritten(&self) -> Vec<(Oid, Oid)> {
        let pairs = self.outcomes.iter().filter_map(|o| {
            let new = self.repo.written_id(o.new.as_deref())?;
            Some((self.repo.parse_id(self.inputs.folds.source_of(&o.old).as_bytes())?, new))
        });
        let pairs: Vec<(Oid, Oid)> = pairs.collect();
        let folded = folded::pairs(&self.repo, &self.inputs.folds, &pairs);
        pairs.into_iter().chain(folded).filter(|(old, new)| old != new).collect()
    }

    fn unexpected(&mut self, expected: Oid) -> Result<Vec<Unexpected>> {
        let change = Change { before: Some(expected), after: Some(self.tip.tree) };
        let differing: Vec<Changed> = tree::diff(&mut self.store, change)?;
        let last = |path: &str| {
            let touched = |o: &&Outcome| o.files.iter().any(|f| f.path == path);
            let by = self.outcomes.iter().rev().find(touched);
            by.map(|o| (o.n, o.subject.clone()))
        };
        let paths = differing.iter().map(|c| quoted(c.path.as_bstr()));
        Ok(paths.map(|path| Unexpected { by: last(&path), path }).collect())
    }
}
