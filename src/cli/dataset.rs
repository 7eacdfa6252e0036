//! `git kmigrate dataset`: what people made of findings and conflicts, written, counted and checked.

use super::Exit;
use super::args::{Dataset, DatasetExport, DatasetWhat};
use crate::error::{Error, Result, io};
use crate::git::{Git, Repo, Store, Writes};
use crate::repair::dataset::{Correction, Part, Row, VERSION, of_history, of_rebase, split, teach};
use crate::repair::diff;
use crate::report;
use std::collections::BTreeMap;
use std::path::Path;

/// Runs it.
pub fn run(args: &Dataset) -> Result<Exit> {
    match &args.what {
        DatasetWhat::Export(args) => export(args),
        DatasetWhat::Stats(args) => stats(&rows(&args.file)?),
        DatasetWhat::Check(args) => check(&rows(&args.file)?),
    }
}

fn export(args: &DatasetExport) -> Result<Exit> {
    if args.history.is_empty() && args.rebased.is_empty() {
        return Err(Error::usage("nothing says where corrections are")
            .hint("name a range with --history, or two with --rebased <old range> <new range>"));
    }
    let repo = Repo::open(Git::here())?;
    let mut store = repo.store(Writes::Nowhere)?;
    let mut taught = Vec::new();
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    // Memory, too, would give its corrections to this.
    let mut take = |correction: Correction| match teach(&correction) {
        Ok(row) => taught.push(row),
        Err(why) => *left.entry(why).or_default() += 1,
    };
    for range in &args.history {
        of_history((&repo, &mut store), range, &mut take)?;
    }
    for ranges in args.rebased.chunks_exact(2) {
        let paired = of_rebase((&repo, &mut store), (&ranges[0], &ranges[1]), &mut take)?;
        report::aside(&format!("{paired} commits are in both {} and {}", ranges[0], ranges[1]));
    }
    let found = taught.len();
    let rows = split(taught, args.held_out);
    let mut text = Vec::new();
    for row in &rows {
        serde_json::to_writer(&mut text, row).expect("plain data");
        text.push(b'\n');
    }
    match &args.out {
        Some(path) => std::fs::write(path, text).map_err(io(path.display()))?,
        None => report::say_bytes(&text)?,
    }
    let held = rows.iter().filter(|row| row.split == Part::HeldOut).count();
    report::aside(&format!("{} rows, {held} held out; {} repeats were left out", rows.len(), found - rows.len()));
    for (why, count) in left {
        report::aside(&format!("{count} corrections were left out: {why}"));
    }
    Ok(Exit::Done)
}

/// The rows of a file.
fn rows(path: &Path) -> Result<Vec<Row>> {
    let text = std::fs::read(path).map_err(io(path.display()))?;
    let lines = text.split(|c| *c == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty());
    let one = |(at, line): (usize, &[u8])| {
        let row: Row = serde_json::from_slice(line)
            .map_err(|e| Error::fatal(format!("{}:{}: this is no row of a data set: {e}", path.display(), at + 1)))?;
        match row.schema_version {
            VERSION => Ok(row),
            other => Err(Error::fatal(format!("{}:{}: its version is {other}", path.display(), at + 1))),
        }
    };
    lines.map(one).collect()
}

fn stats(rows: &[Row]) -> Result<Exit> {
    let mut counts: BTreeMap<(&str, String), [usize; 2]> = BTreeMap::new();
    let mut bytes = [0, 0];
    for row in rows {
        let side = usize::from(row.split == Part::HeldOut);
        let from = serde_json::to_value(row.source.from).expect("plain data");
        let licence = row.licence.clone().unwrap_or_else(|| "not said".to_owned());
        let tool = row.tool.clone().unwrap_or_else(|| "-".to_owned());
        let from = from.as_str().unwrap_or_default().to_owned();
        for (what, value) in [
            ("task", row.task.clone()),
            ("kind", row.kind.clone()),
            ("tool", tool),
            ("source", from),
            ("licence", licence),
        ] {
            counts.entry((what, value)).or_default()[side] += 1;
        }
        counts.entry(("rows", String::new())).or_default()[side] += 1;
        bytes[side] += row.messages.iter().map(|message| message.content.len()).sum::<usize>();
    }
    let mut said = format!("{:32} {:>8} {:>8}\n", "", "train", "held out");
    for ((what, value), [train, held]) in &counts {
        said.push_str(&format!("{:32} {train:>8} {held:>8}\n", format!("{what} {value}")));
    }
    said.push_str(&format!("{:32} {:>8} {:>8}\n", "bytes", bytes[0], bytes[1]));
    report::say(&said)?;
    Ok(Exit::Done)
}

fn check(rows: &[Row]) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut store = repo.store(Writes::Nowhere)?;
    let (mut wrong, mut absent) = (0, 0);
    for (at, row) in rows.iter().enumerate() {
        match checked((&repo, &mut store), row)? {
            Some(Ok(())) => {}
            Some(Err(why)) => {
                wrong += 1;
                report::warn(&format!("row {}: {}: {why}", at + 1, row.source.path));
            }
            None => absent += 1,
        }
    }
    let good = rows.len() - wrong - absent;
    report::say(&format!(
        "{} rows: {good} apply, {wrong} do not, {absent} are of objects that are not here\n",
        rows.len()
    ))?;
    Ok(if wrong + absent > 0 { Exit::Unsettled } else { Exit::Done })
}

/// Does a row's diff make its one blob of the other? `None`: they are not here.
fn checked((repo, store): (&Repo, &mut Store), row: &Row) -> Result<Option<std::result::Result<(), String>>> {
    let ids = [&row.source.before, &row.source.after].map(|hex| repo.written_id(Some(hex)));
    let [Some(before), Some(after)] = ids else { return Ok(None) };
    if !store.has(before) || !store.has(after) {
        return Ok(None);
    }
    let (before, after) = (store.blob(before)?, store.blob(after)?);
    let made = diff::applied(row.diff.as_bytes(), &before.data);
    Ok(Some(made.and_then(|made| match made == *after.data {
        true => Ok(()),
        false => Err("its diff gives another text".to_owned()),
    })))
}
