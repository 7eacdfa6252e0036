//! `git kmigrate repair`: what compilers and analysers report, listed, or fixed as far as that is sure.

use super::args::Repair;
use super::model::{self, Asker};
use super::semantic::rules;
use super::words::ReportForm;
use super::{Exit, input, mend_run};
use crate::check::Again;
use crate::error::{Error, Result};
use crate::git::{Git, Repo, Worktree};
use crate::llm::Prompt;
use crate::repair::mend::{Means, Mended, Mender, Rescan, Rescanned, without_repeats};
use crate::repair::read::{Format, read};
use crate::repair::surroundings::{From, Revision, path_in_tree};
use crate::repair::text::Text;
use crate::report;
use crate::resolve::{OnDisk, on_disk, write_file};
use crate::run::{Diagnostic, Finding, FindingKind};
use bstr::{BStr, BString};

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
        let text = input::bytes(path)?;
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
        if read.understood_nothing {
            report::warn(&format!("{}: none of its lines is a message of a tool that is known here", path.display()));
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
    let worktree = match args.tree {
        Some(_) => None,
        None => Some(worktree(&repo)?),
    };
    let top = worktree.as_ref().map(|worktree| worktree.top.clone());
    let from = top.clone().map_or(From::Tree, From::Worktree);
    let surroundings = Revision::new(&repo, tree, from)?;
    let mut tool = match (&args.rescan, &worktree) {
        (Some(command), Some(worktree)) => {
            Some(Tool { again: Again::new(command, worktree)?, top: format!("{}/", worktree.top.display()) })
        }
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
    let texts = mender.into_texts();
    if let Some(worktree) = worktree.filter(|_| args.apply) {
        write(&worktree, &texts)?;
    }
    if let Some(tool) = tool {
        tool.again.leave()?;
    }
    if let Some(asker) = asker {
        report::asked(&asker.door.close()?.to_string(), 0);
    }
    report::mended(&mended, (None, args.json))?;
    let open = mended.iter().any(|one| one.verdict.is_err() || one.is_unproved());
    Ok(if open { Exit::Unsettled } else { Exit::Done })
}

/// The worktree.
fn worktree(repo: &Repo) -> Result<Worktree> {
    repo.git.line(&["rev-parse", "--show-toplevel"])?.ok_or_else(|| {
        Error::fatal("this repository has no worktree").hint("name a revision whose files are meant: --tree=<tree-ish>")
    })?;
    repo.worktree()
}

/// Writes the files that were fixed, each whole; if one cannot be written, those before it are put back.
fn write(worktree: &Worktree, texts: &[(BString, Text)]) -> Result<()> {
    let mut done: Vec<(&BString, OnDisk)> = Vec::new();
    for (path, text) in texts.iter().filter(|(_, text)| text.before != text.now) {
        let written = write_one(worktree, (path, text));
        match written {
            Ok(was) => done.extend(was.map(|was| (path, was))),
            Err(e) => {
                let back = |(path, was): &(&BString, OnDisk)| {
                    write_file(worktree, path, Some((&was.bytes, was.mode))).err().map(|_| path.to_string())
                };
                let left: Vec<String> = done.iter().filter_map(back).collect();
                return Err(match left.is_empty() {
                    true => e,
                    false => e.hint(format!("these have their fixes already: {}", left.join(", "))),
                });
            }
        }
    }
    Ok(())
}

/// Writes a file that is as it was read; what it was. `None`: the text stands there already, as the tool that ran again saw it.
fn write_one(worktree: &Worktree, (path, text): (&BString, &Text)) -> Result<Option<OnDisk>> {
    let was = on_disk(worktree, path);
    let was = was.ok_or_else(|| Error::fatal(format!("{path} is no regular file of the worktree any more")))?;
    if was.bytes == text.now {
        return Ok(None);
    }
    if was.bytes != text.before {
        return Err(Error::fatal(format!("{path} was changed since it was read")));
    }
    write_file(worktree, path, Some((&text.now, was.mode)))?;
    Ok(Some(was))
}

/// The tool that is run again, in the worktree; its top, with a `/` behind it.
struct Tool {
    again: Again,
    top: String,
}

impl Rescan for Tool {
    fn rescan(&mut self, path: &BStr, text: &[u8]) -> Result<Rescanned> {
        let said = self.again.run(path, text)?;
        let mut told = read(&said.output, Format::of(&said.output)).diagnostics;
        told.retain(|one| one.file.as_deref().is_some_and(|file| path_in_tree(file, Some(&self.top)) == *path));
        Ok(Rescanned { told: without_repeats(told), failed: said.failed })
    }
}
