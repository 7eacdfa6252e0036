//! `git kmigrate repair`: what compilers and analysers report. Fixing comes later; today they are listed.

use super::Exit;
use super::args::Repair;
use super::words::ReportForm;
use crate::error::{Error, Result, io};
use crate::repair::read::{Format, read};
use crate::report;
use crate::run::{Finding, FindingKind};
use std::io::Read;
use std::path::Path;

/// Runs it.
pub fn run(args: &Repair) -> Result<Exit> {
    let mut findings = Vec::new();
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
        findings.extend(read.diagnostics.into_iter().map(|told| Finding::told(FindingKind::Analysis, told)));
    }
    report::findings(&findings, args.json)?;
    match problems {
        0 => Ok(Exit::Done),
        n => Err(Error::fatal(format!("{n} records could not be read; the others were"))),
    }
}

fn text(path: &Path) -> Result<Vec<u8>> {
    if path != Path::new("-") {
        return std::fs::read(path).map_err(io(path.display()));
    }
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text).map_err(io("standard input"))?;
    Ok(text)
}
