//! Analysers on four trees: the old kernel and the new one, each without and with the series. In: command lines, and the objects of each
//! commit. Out: findings of the commit that brought them, at lines of its own tree.
//!
//! ```text
//!   old base, old patched, new base, migrated --hear--> remarks --differential--> brought
//!   brought, of a file --> the commits that touch it, in order: the first in whose tree it is said --> finding
//! ```
//!
//! An object that an analyser cannot look at in one of the trees is compared in none, and that is said.

use super::differential::{Four, Likeness, Remark, beyond};
use super::program::{End, MOST};
use super::site::{OBJECTS, Parts, Side, Site};
use super::{Asked, Series, Targets, old_name};
use crate::error::{Error, Result};
use crate::merge::Evidence;
use crate::repair::mend::without_repeats;
use crate::repair::read::{Format, read};
use crate::repair::surroundings::path_in_tree;
use crate::run::{Analysed, FileResult, Finding, FindingKind, Kept, Severity, Status};
use bstr::ByteSlice;
use std::collections::{BTreeMap, BTreeSet};

/// Stands in the command for the sources.
const FILES: &str = "{files}";

/// Refuses commands that do not say what to look at.
///
/// # Errors
/// One does not.
pub fn refuse(asked: &Asked) -> Result<()> {
    match asked.analysers.iter().find(|command| !command.contains(OBJECTS) && !command.contains(FILES)) {
        None => Ok(()),
        Some(command) => Err(Error::usage(format!("the analyser '{command}' does not say what to look at"))
            .hint(format!("write {OBJECTS} or {FILES} where that goes: make -k C=2 {OBJECTS}"))),
    }
}

/// What an analyser says in one tree.
#[derive(Clone, Debug, Default)]
struct Heard {
    remarks: Vec<Remark>,
    /// Objects that it cannot look at there, and why.
    deaf: BTreeMap<String, String>,
}

/// What is looked at, under the names of the new kernel.
#[derive(Default)]
struct Scope {
    objects: BTreeSet<String>,
    /// Files that the series touches; of others nothing is asked.
    files: BTreeSet<String>,
    /// What a file was called on the old kernel, where that differs.
    old: BTreeMap<String, String>,
}

impl Scope {
    fn of(series: &Series<'_>, targets: &[Targets]) -> Self {
        let mut scope = Self { objects: targets.iter().flat_map(|t| t.objects.clone()).collect(), ..Self::default() };
        for outcome in &series.commits {
            for file in outcome.files.iter().filter(|file| file.result != FileResult::Same) {
                scope.files.insert(file.path.clone());
                if let Some(old) = &file.path_old {
                    scope.old.insert(file.path.clone(), old.clone());
                }
            }
            for object in &scope.objects {
                let old = old_name(outcome, object);
                if old != *object {
                    scope.old.insert(object.clone(), old);
                }
            }
        }
        scope
    }

    /// A name as a side has it.
    fn named<'s>(&'s self, side: &Side, name: &'s str) -> &'s str {
        let is_old = side.name == "old";
        self.old.get(name).filter(|_| is_old).map_or(name, String::as_str)
    }

    /// A file of a side, as the new kernel calls it; `None`: the series does not touch it.
    fn touched(&self, side: &Side, path: &str) -> Option<String> {
        self.files.iter().find(|file| self.named(side, file) == path).cloned()
    }
}

/// Runs all analysers, and adds what the migration brought to what is kept of the commits.
///
/// # Errors
/// An object is missing, or the disk.
pub fn analyse(
    parts: Parts<'_>,
    (series, old, targets): (&Series<'_>, Side, &[Targets]),
    (asked, told): (&Asked, &dyn Fn(&str)),
    kept: &mut [(String, Kept)],
) -> Result<()> {
    let scope = Scope::of(series, targets);
    let Parts { store, ground, shell } = parts;
    let mut before = Vec::new();
    {
        let parts = Parts { store: &mut *store, ground: &mut *ground, shell: &mut *shell };
        let mut site = Site::new(parts, &old, (asked, ""), told)?;
        for command in &asked.analysers {
            let mut heard = Vec::new();
            for at in 0..old.trees.len() {
                heard.push(site.hear(at, command, (&scope, &scope.objects))?);
            }
            let patched = heard.pop().unwrap_or_default();
            before.push((heard.pop().unwrap_or_default(), patched));
        }
    }
    let mut site = Site::new(Parts { store, ground, shell }, &series.side, (asked, ""), told)?;
    for (command, (base, patched)) in asked.analysers.iter().zip(before) {
        let onto = site.hear(0, command, (&scope, &scope.objects))?;
        let migrated = site.hear(series.commits.len(), command, (&scope, &scope.objects))?;
        let mut round = Round { command, scope: &scope, series, targets, deaf: BTreeMap::new() };
        let four = round.comparable([base, patched, onto, migrated]);
        for (at, remark) in round.owned(&mut site, &four)? {
            kept[at - 1].1.findings.push(finding(remark));
        }
        for (at, targets) in targets.iter().enumerate() {
            kept[at].1.checked.analysed.extend(targets.objects.iter().map(|target| round.analysed(target)));
        }
    }
    Ok(())
}

fn finding(remark: Remark) -> Finding {
    let was = "the analyser says it neither of the new kernel nor of the series on the old one".to_owned();
    Finding { was: Some(Evidence::new(was)), ..Finding::told(FindingKind::Analysis, remark.told) }
}

/// One analyser.
struct Round<'a> {
    command: &'a str,
    scope: &'a Scope,
    series: &'a Series<'a>,
    targets: &'a [Targets],
    /// Objects that are not compared, and why.
    deaf: BTreeMap<String, String>,
}

impl Round<'_> {
    /// Without what concerns objects that could not be looked at everywhere.
    fn comparable(&mut self, heard: [Heard; 4]) -> [Vec<Remark>; 4] {
        for one in &heard {
            self.deaf.extend(one.deaf.clone());
        }
        let deaf: BTreeSet<&str> = self.deaf.keys().filter_map(|object| object.strip_suffix(".o")).collect();
        let is_known = |remark: &Remark| match remark.told.file.as_deref().and_then(|file| file.rsplit_once('.')) {
            // Who includes a header is not known so well.
            Some((_, "h")) | None => deaf.is_empty(),
            Some((stem, _)) => !deaf.contains(stem),
        };
        heard.map(|one| one.remarks.into_iter().filter(is_known).collect())
    }

    fn analysed(&self, target: &str) -> Analysed {
        let why = self.deaf.get(target).cloned();
        Analysed { command: self.command.to_owned(), target: target.to_owned(), why }
    }

    /// What was brought, with the position of the commit that did, and its lines there.
    fn owned(&self, site: &mut Site<'_>, trees: &[Vec<Remark>; 4]) -> Result<Vec<(usize, Remark)>> {
        let [base, patched, onto, migrated] = trees;
        let four = Four { base, patched, onto, migrated };
        let mut by_file: BTreeMap<String, Vec<Remark>> = BTreeMap::new();
        for remark in four.brought() {
            by_file.entry(remark.told.file.clone().unwrap_or_default()).or_default().push(remark);
        }
        let known = four.known();
        let mut found = Vec::new();
        for (file, brought) in by_file {
            found.extend(self.owners(site, (&file, brought), (four.allowed(), &known))?);
        }
        found.retain(|(at, _)| self.series.commits[at - 1].status != Status::Conflicted);
        Ok(found)
    }

    /// Of one file. Where several commits touch it, each is looked at until all is found.
    fn owners(
        &self,
        site: &mut Site<'_>,
        (file, mut brought): (&str, Vec<Remark>),
        (mut allowed, known): (BTreeMap<Likeness, usize>, &[&Remark]),
    ) -> Result<Vec<(usize, Remark)>> {
        let touches = |at: &usize| {
            let files = &self.series.commits[at - 1].files;
            files.iter().any(|one| one.path == file && one.result != FileResult::Same)
        };
        let positions: Vec<usize> = (1..=self.series.commits.len()).filter(touches).collect();
        let Some((last, earlier)) = positions.split_last() else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for at in earlier {
            if brought.is_empty() {
                break;
            }
            let objects: BTreeSet<String> = match file.strip_suffix(".c") {
                Some(stem) => [format!("{stem}.o")].into(),
                None => positions.iter().flat_map(|at| self.targets[at - 1].objects.clone()).collect(),
            };
            let mut heard = site.hear(*at, self.command, (self.scope, &objects))?;
            heard.remarks.retain(|one| one.told.file.as_deref() == Some(file));
            for remark in beyond(&heard.remarks, &allowed, known) {
                // What a later commit of the series mends is no finding of the series.
                let Some(same) = brought.iter().position(|one| one.likeness() == remark.likeness()) else { continue };
                brought.remove(same);
                *allowed.entry(remark.likeness()).or_default() += 1;
                found.push((*at, remark));
            }
        }
        // Nobody touches the file behind the last one: its lines are those of the tip.
        found.extend(brought.into_iter().map(|remark| (*last, remark)));
        Ok(found)
    }
}

impl Site<'_> {
    /// What an analyser says of objects at a position.
    fn hear(&mut self, at: usize, command: &str, (scope, objects): (&Scope, &BTreeSet<String>)) -> Result<Heard> {
        self.go_to(at)?;
        (self.told)(&format!("{}: analysing {} objects", self.side.called[at], objects.len()));
        let mut heard = Heard::default();
        let mut open = Vec::new();
        for object in objects {
            let here = scope.named(self.side, object).to_owned();
            // Of what is not there nothing is said.
            if self.source_of(&here).is_none() {
                continue;
            }
            match self.why_not(&here)? {
                Some(why) => drop(heard.deaf.insert(object.clone(), why)),
                None => open.push((object, here)),
            }
        }
        let all: Vec<&str> = open.iter().map(|(_, here)| here.as_str()).collect();
        if all.is_empty() {
            return Ok(heard);
        }
        let mut output = Vec::new();
        match self.listen(command, &all)? {
            Ok(said) => output = said,
            // One by one: who fails is not compared.
            Err(_) => {
                for (object, here) in &open {
                    match self.listen(command, &[here])? {
                        Ok(said) => output.extend(said),
                        Err(why) => drop(heard.deaf.insert((*object).clone(), why)),
                    }
                }
            }
        }
        heard.remarks = self.remarks(&output, scope);
        Ok(heard)
    }

    /// What it says of these; else why that is not known.
    fn listen(&mut self, command: &str, objects: &[&str]) -> Result<std::result::Result<Vec<u8>, String>> {
        objects.iter().for_each(|object| self.unmake(object));
        let files: Vec<String> = objects.iter().filter_map(|object| self.source_of(object)).collect();
        let said = self.shell.run(&command.replace(OBJECTS, &objects.join(" ")).replace(FILES, &files.join(" ")))?;
        let called = self.side.name;
        Ok(match said.end {
            End::Well if said.output.len() < MOST => Ok(said.output),
            End::Well => Err(format!("the analyser says too much of it on the {called} kernel")),
            End::TimedOut => Err(format!("the analyser took too long on the {called} kernel")),
            End::Badly | End::Killed => Err(format!("the analyser fails on it on the {called} kernel")),
        })
    }

    /// The warnings and errors about files of the series.
    fn remarks(&self, output: &[u8], scope: &Scope) -> Vec<Remark> {
        let top = format!("{}/", self.ground.root().display());
        let mut texts: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut remarks = Vec::new();
        for mut told in without_repeats(read(output, Format::of(output)).diagnostics) {
            let (Some(file), Some(at)) = (&told.file, told.line) else { continue };
            let path = path_in_tree(file, Some(&top)).to_str_lossy().into_owned();
            let Some(named) = scope.touched(self.side, &path).filter(|_| told.severity != Severity::Note) else {
                continue;
            };
            let text = texts.entry(path).or_insert_with_key(|path| {
                // Without its text a line is like any other.
                std::fs::read(self.ground.root().join(path)).unwrap_or_default()
            });
            let line = text.lines().nth(at.saturating_sub(1)).unwrap_or_default().trim().to_vec();
            told.file = Some(named);
            remarks.push(Remark { told, line });
        }
        remarks
    }
}
