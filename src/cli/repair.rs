//! `git kmigrate repair`: what compilers and analysers report, listed, or fixed as far as that is sure.

use super::args::Repair;
use super::model::{self, Asker};
use super::words::ReportForm;
use super::{Exit, mend_run};
use crate::check::Again;
use crate::error::{Error, Result, io};
use crate::git::{Git, Repo};
use crate::llm::Prompt;
use crate::repair::fix::Rules;
use crate::repair::mend::{Means, Mended, Mender, Rescan, Rescanned, without_repeats};
use crate::repair::read::{Format, read};
use crate::repair::surroundings::{From, Revision, path_in_tree};
use crate::report;
use crate::rule::smpl::{self, Problem, apply::Ready};
use crate::run::{Diagnostic, Finding, FindingKind};
use bstr::{BStr, ByteSlice};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Runs it.
pub fn run(args: &Repair) -> Result<Exit> {
    if let Some(run) = &args.run {
        return mend_run::run(args, run.as_deref());
    }
    let (told, problems) = reports(args)?;
    if args.list {
        let findings: Vec<Finding> = told.into_iter().map(|told| Finding::told(FindingKind::Analysis, told)).collect();
        report::findings(&findings, args.json)?;
        return refused(problems).map(|()| Exit::Done);
    }
    let exit = mend(args, told)?;
    refused(problems).map(|()| exit)
}

/// Records that could not be read are an error, after all others are told.
fn refused(problems: usize) -> Result<()> {
    match problems {
        0 => Ok(()),
        n => Err(Error::fatal(format!("{n} records could not be read; the others were"))),
    }
}

/// The messages of all reports, and how many records could not be read.
fn reports(args: &Repair) -> Result<(Vec<Diagnostic>, usize)> {
    let mut told = Vec::new();
    let mut problems = 0;
    for path in &args.reports {
        let text = text(path)?;
        let format = match args.format {
            None => Format::of(&text),
            Some(ReportForm::Coverity) => Format::Coverity,
            Some(ReportForm::Sarif) => Format::Sarif,
            Some(ReportForm::GccJson) => Format::GccJson,
            Some(ReportForm::Log) => Format::Log,
        };
        let read = read(&text, format);
        for problem in &read.problems {
            report::warn(&format!("{}:{}: {}", path.display(), problem.line, problem.what));
        }
        problems += read.problems.len();
        told.extend(read.diagnostics);
    }
    Ok((told, problems))
}

/// Fixes what can be fixed, and tells of each finding.
fn mend(args: &Repair, told: Vec<Diagnostic>) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let rules = rules(&args.rules)?;
    let revision = args.tree.as_deref().unwrap_or("HEAD");
    let tree = repo.tree_of(revision)?.ok_or_else(|| Error::fatal(format!("bad revision '{revision}'")))?;
    let top = match args.tree {
        Some(_) => None,
        None => Some(worktree(&repo)?),
    };
    let from = top.clone().map_or(From::Tree, From::Worktree);
    let surroundings = Revision::new(&repo, tree, from)?;
    let mut tool = match (&args.rescan, &top) {
        (Some(command), Some(top)) => Some(Tool { again: Again::new(command, top)?, top: top.clone() }),
        _ => None,
    };
    let mut asker = Asker::of(&repo, &args.asking, None)?;
    let mut oracle = asker.as_mut().map(|asker| |prompt: &Prompt| model::one(&mut asker.door, prompt));
    let means = Means {
        tree: &surroundings,
        rules: &rules,
        migration: None,
        tool: tool.as_mut().map(|tool| tool as &mut dyn Rescan),
        model: oracle.as_mut().map(|oracle| oracle as &mut dyn crate::llm::Oracle),
        top: top.as_ref().map(|top| format!("{}/", top.display())),
    };
    let mut mender = Mender::new(means);
    let mended = without_repeats(told).iter().map(|told| mender.mend(told)).collect::<Result<Vec<Mended>>>()?;
    if let Some(top) = top.filter(|_| args.apply) {
        for (path, text) in mender.texts().iter().filter(|(_, text)| text.before != text.now) {
            write(&top, path.as_ref(), &text.now)?;
        }
    }
    drop(mender);
    if let Some(asker) = asker {
        report::asked(&asker.door.close()?.to_string(), 0);
    }
    report::mended(&mended, (None, args.json))?;
    let open = mended.iter().any(|one| one.verdict.is_err());
    Ok(if open { Exit::Unsettled } else { Exit::Done })
}

/// The semantic patches that were named.
pub(super) fn rules(files: &[PathBuf]) -> Result<Vec<Rules>> {
    let one = |path: &PathBuf| {
        let text = std::fs::read(path).map_err(io(path.display()))?;
        let bad = |problem: Problem| Error::fatal(format!("{}:{}: {}", path.display(), problem.line, problem.what));
        let patch = smpl::read(&text).map_err(bad)?;
        for skipped in &patch.skipped {
            report::warn(&format!("{}: skipped: {skipped}", path.display()));
        }
        Ok(Rules::Semantic(Box::new(Ready::new(&patch).map_err(bad)?), path.display().to_string()))
    };
    files.iter().map(one).collect()
}

/// The top of the worktree.
fn worktree(repo: &Repo) -> Result<PathBuf> {
    let top = repo.git.line(&["rev-parse", "--show-toplevel"])?;
    top.map(PathBuf::from).ok_or_else(|| {
        Error::fatal("this repository has no worktree").hint("name a revision whose files are meant: --tree=<tree-ish>")
    })
}

fn write(top: &Path, path: &BStr, text: &[u8]) -> Result<()> {
    let place = top.join(path.to_os_str_lossy());
    std::fs::write(&place, text).map_err(io(place.display()))
}

/// The tool that is run again, in the worktree.
struct Tool {
    again: Again,
    top: PathBuf,
}

impl Rescan for Tool {
    fn rescan(&mut self, path: &BStr, text: &[u8]) -> Result<Rescanned> {
        write(&self.top, path, text)?;
        let said = self.again.run(path)?;
        let mut told = read(&said.output, Format::of(&said.output)).diagnostics;
        let top = format!("{}/", self.top.display());
        told.retain(|one| one.file.as_deref().is_some_and(|file| path_in_tree(file, Some(&top)) == *path));
        Ok(Rescanned { told: without_repeats(told), failed: said.failed })
    }
}

fn text(path: &Path) -> Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut text = Vec::new();
        std::io::stdin().lock().read_to_end(&mut text).map_err(io("standard input"))?;
        return Ok(text);
    }
    std::fs::read(path).map_err(io(path.display()))
}
