//! `git kmigrate repair --run`: what `check` found of a run's commits, and nothing else: what built before they were carried, and what
//! analysers say since then. Each fix is shown; `--apply` makes commits of them on the branch, or, with `--fold`, decisions of the run.

use super::args::Repair;
use super::model::{self, Asker};
use super::semantic::rules;
use super::{Exit, look};
use crate::error::{Error, Result};
use crate::git::{Git, Repo, Store, Writes};
use crate::llm::{Oracle, Prompt};
use crate::rebase::{FixUp, OpenRun, fold_fixes, put_fixups, series_of};
use crate::repair::fix::{Migration, Rules, Surroundings, learned};
use crate::repair::mend::{Means, Mended, Mender, without_repeats};
use crate::repair::surroundings::{From, Revision, path_in_tree};
use crate::repair::text::line_between;
use crate::report;
use crate::run::{Diagnostic, FindingKind, Outcome, Record, Verdict, unquoted};
use crate::survey::Stale;
use bstr::BString;
use std::collections::{BTreeMap, BTreeSet};

/// A run whose commits are repaired.
struct Site<'a> {
    repo: &'a Repo,
    record: &'a Record,
    args: &'a Repair,
    rules: Vec<Rules>,
}

/// Who said what at a line of a file.
#[derive(Default)]
struct Heard(BTreeMap<(String, usize, String), String>);

impl Heard {
    /// Has another tool said just that already? Two compilers, or a compiler and an analyser, find the same.
    fn is_of_another(&mut self, told: &Diagnostic) -> bool {
        let (Some(file), Some(line)) = (&told.file, told.line) else { return false };
        let first = self.0.entry((file.clone(), line, told.message.clone())).or_insert_with(|| told.tool.clone());
        *first != told.tool
    }
}

/// Runs it.
pub fn run(args: &Repair, name: Option<&str>) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut run = OpenRun::find(&repo, name)?;
    let mut store = repo.store(Writes::Packs)?;
    let record = look::walked(&repo, &mut store, &run)?;
    let broken: Vec<&Outcome> = record.outcomes.iter().filter(|outcome| !told(outcome).is_empty()).collect();
    if broken.is_empty() {
        return nothing(&record);
    }
    let mut rules = rules(&args.rules)?;
    rules.extend(upstreams(&repo, &mut store, &record)?);
    let site = Site { repo: &repo, record: &record, args, rules };
    let mut asker = Asker::of(&repo, &args.asking, None)?;
    let assisted = asker.as_ref().map(|asker| asker.asking.model.clone());
    let mut oracle = asker.as_mut().map(|asker| |prompt: &Prompt| model::one(&mut asker.door, prompt));
    let model = oracle.as_mut().map(|oracle| oracle as &mut dyn Oracle);
    let (mut fixups, open) = site.mend(&mut store, &broken, model)?;
    if let Some(asker) = asker {
        report::asked(&asker.door.close()?.to_string(), 0);
    }
    for fixup in &mut fixups {
        let by_model = fixup.why.iter().any(|why| why.starts_with("model: "));
        fixup.assisted = assisted.clone().filter(|_| by_model);
    }
    if args.apply && !fixups.is_empty() {
        write((&repo, &mut store), (&mut run, &record), (args, &fixups))?;
    }
    Ok(if open { Exit::Unsettled } else { Exit::Done })
}

/// There is nothing to repair: what was checked builds, or nothing was checked.
fn nothing(record: &Record) -> Result<Exit> {
    if record.outcomes.iter().all(|outcome| outcome.check.is_none()) {
        return Err(
            Error::fatal("nothing of this run was built").hint("git kmigrate check builds what its commits touch")
        );
    }
    report::say("0 findings: what was built builds as it did before, and no analyser says anything new\n")?;
    Ok(Exit::Done)
}

/// What the compiler and analysers said of a commit.
fn told(outcome: &Outcome) -> Vec<Diagnostic> {
    let all = [FindingKind::Build, FindingKind::Analysis];
    without_repeats(all.into_iter().flat_map(|kind| told_of(outcome, kind)).collect())
}

/// Of one kind.
fn told_of(outcome: &Outcome, kind: FindingKind) -> Vec<Diagnostic> {
    let all = outcome.findings.iter().filter(|finding| finding.kind == kind);
    all.filter_map(|finding| finding.diagnostic.as_deref().cloned()).collect()
}

/// The rules of upstream's own callers, as the survey of the series learns them.
fn upstreams(repo: &Repo, store: &mut Store, record: &Record) -> Result<Option<Rules>> {
    let series = series_of(repo, store, &record.inputs)?;
    let stale = Stale::of_series(repo, store, &series)?;
    let all: Vec<_> = stale.users().into_iter().flat_map(|(name, _)| name.rules.clone()).collect();
    Ok((!all.is_empty()).then(|| learned(all, "what upstream's callers do")))
}

fn write(
    (repo, store): (&Repo, &mut Store),
    (run, record): (&mut OpenRun, &Record),
    (args, fixups): (&Repair, &[FixUp<'_>]),
) -> Result<()> {
    if args.fold {
        for left in fold_fixes((repo, store), (run, record), fixups)? {
            report::warn(&left);
        }
        report::advise(&["git kmigrate continue walks again with it".to_owned()]);
        return Ok(());
    }
    let tip = put_fixups((repo, store), (run, record), fixups)?;
    let count = fixups.len();
    report::aside(&format!("{count} fixup commit{}, the last is {tip}", if count == 1 { "" } else { "s" }));
    report::advise(&["git kmigrate check builds them, too; git kmigrate undo takes them away".to_owned()]);
    Ok(())
}

impl<'a> Site<'a> {
    /// Mends what these commits brought, in series order; is something left?
    fn mend(
        &self,
        store: &mut Store,
        broken: &[&'a Outcome],
        mut model: Option<&mut dyn Oracle>,
    ) -> Result<(Vec<FixUp<'a>>, bool)> {
        let last = self.record.outcomes.iter().rev().find(|outcome| outcome.new.is_some());
        let last = last.ok_or_else(|| Error::fatal("the run has carried no commit"))?;
        let tip = self.revision(store, last.new.as_deref())?;
        let onto = self.revision(store, Some(&self.record.inputs.onto))?;
        let renamed = self.renamed();
        let (mut fixups, mut open) = (Vec::new(), false);
        // Fixes that follow each other at the tip are of one text; those of each commit's own tree are not.
        let mut kept = Vec::new();
        for outcome in broken {
            let own = self.revision(store, outcome.new.as_deref())?;
            let seen = self.revision(store, self.built_at(outcome))?;
            let (target, counterpart) = if self.args.fold { (&own, *outcome) } else { (&tip, last) };
            let was = self.revision(store, Some(&counterpart.old))?;
            let migration = Migration { was: &was, onto: &onto, tip: &tip, renamed: renamed.clone() };
            let means = Means {
                tree: target,
                rules: &self.rules,
                migration: Some(&migration),
                tool: None,
                // An explicit loan: the model is asked about each commit.
                model: model.as_mut().map(|model| &mut **model as &mut dyn Oracle),
                top: None,
            };
            let mut mender = Mender::new(means);
            if !self.args.fold {
                mender.take_texts(std::mem::take(&mut kept));
            }
            let (mut all, mut heard) = (Vec::new(), Heard::default());
            for (kind, seen) in [(FindingKind::Build, &seen), (FindingKind::Analysis, &own)] {
                all.extend(self.all((told_of(outcome, kind), seen), (&mut mender, target), &mut heard)?);
            }
            if !self.args.json {
                let subject = report::plain_line(&outcome.subject);
                report::say(&format!("{}/{} {subject}\n", outcome.n, self.record.outcomes.len()))?;
            }
            report::mended(&all, (Some(outcome.n), self.args.json))?;
            open |= all.iter().any(|one| one.verdict.is_err());
            fixups.extend(fixup(outcome, &all, &mender));
            kept = mender.into_texts();
        }
        Ok((fixups, open))
    }

    /// Findings that were seen in a tree, one by one, each at its line in the target.
    fn all(
        &self,
        (told, seen): (Vec<Diagnostic>, &Revision<'_>),
        (mender, target): (&mut Mender<'_>, &Revision<'_>),
        heard: &mut Heard,
    ) -> Result<Vec<Mended>> {
        let mut all = Vec::new();
        for mut told in without_repeats(told) {
            if let (Some(file), Some(line)) = (told.file.as_deref(), told.line) {
                let path = path_in_tree(file, None);
                if let (Some(before), Some(after)) = (seen.read(path.as_ref())?, target.read(path.as_ref())?) {
                    let Some(line) = line_between((&before, &after), line) else {
                        let why = "another commit of the series changes this line".to_owned();
                        all.push(Mended { told, verdict: Err(why) });
                        continue;
                    };
                    told.line = Some(line);
                }
            }
            if heard.is_of_another(&told) {
                continue;
            }
            all.push(mender.mend(&told)?);
        }
        Ok(all)
    }

    /// The commit in whose tree the compiler saw it: the commit itself, or the end of its stretch.
    fn built_at(&self, outcome: &'a Outcome) -> Option<&'a str> {
        let targets = outcome.check.iter().flat_map(|check| &check.targets);
        let at = targets.filter(|target| target.verdict == Verdict::Failed).find_map(|target| target.at);
        let seen = self.record.outcomes.iter().find(|other| Some(other.n) == at);
        seen.and_then(|seen| seen.new.as_deref()).or(outcome.new.as_deref())
    }

    /// Paths on the old kernel by those on the new one, where they differ.
    fn renamed(&self) -> BTreeMap<BString, BString> {
        let files = self.record.outcomes.iter().flat_map(|outcome| &outcome.files);
        files.filter_map(|file| Some((unquoted(&file.path), unquoted(file.path_old.as_deref()?)))).collect()
    }

    fn revision(&self, store: &mut Store, commit: Option<&str>) -> Result<Revision<'a>> {
        let id = self.repo.written_id(commit).ok_or_else(|| Error::fatal("the record names a commit by no id"))?;
        Revision::new(self.repo, store.commit(id)?.tree, From::Tree)
    }
}

/// The fixes of a commit as one; `None` if there are none.
fn fixup<'a>(outcome: &'a Outcome, all: &[Mended], mender: &Mender<'_>) -> Option<FixUp<'a>> {
    let fixed: Vec<_> = all.iter().filter_map(|one| one.verdict.as_ref().ok()).collect();
    let paths: BTreeSet<&BString> = fixed.iter().map(|fixed| &fixed.path).collect();
    let text = |path: &BString| mender.texts().get(path).map(|text| (path.clone(), text.now.clone()));
    let files: Vec<_> = paths.into_iter().filter_map(text).collect();
    let why = fixed.iter().map(|fixed| format!("{}: {}", fixed.by, fixed.why)).collect();
    (!files.is_empty()).then_some(FixUp { outcome, files, why, assisted: None })
}
