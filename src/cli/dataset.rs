//! `git kmigrate dataset`: what people made of findings and conflicts, written, counted and checked.

use super::Exit;
use super::args::{Dataset, DatasetExport, DatasetWhat};
use super::memory::here;
use super::output::write;
use crate::error::{Error, Result, io};
use crate::git::{Git, Repo, Store, Writes};
use crate::memory::{Entry, REF};
use crate::merge::Change;
use crate::repair::dataset::{
    Correction, Counts, Part, Row, VERSION, of_history, of_memory, of_rebase, parts_of, split, teach,
};
use crate::repair::diff;
use crate::report;
use std::collections::BTreeMap;
use std::path::Path;

/// Runs it.
pub fn run(args: &Dataset) -> Result<Exit> {
    match &args.what {
        DatasetWhat::Export(args) => export(args),
        DatasetWhat::Stats(args) => report::stats(&Counts::of(&rows(&args.file.file)?), args.json).map(|()| Exit::Done),
        DatasetWhat::Check(args) => check(&rows(&args.file)?),
    }
}

fn export(args: &DatasetExport) -> Result<Exit> {
    if args.history.is_empty() && args.rebased.is_empty() && !args.memory {
        return Err(Error::usage("nothing says where corrections are")
            .hint("name a range with --history, two with --rebased <old range> <new range>, or --memory"));
    }
    let repo = Repo::open(Git::here())?;
    let mut store = repo.store(Writes::Nowhere)?;
    let mut taught = Vec::new();
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
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
    let mut untaught = BTreeMap::new();
    if args.memory {
        let memory = here(&repo, &mut store)?;
        untaught = of_memory((&repo, &mut store), &memory, &mut take)?;
    }
    let found = taught.len();
    let rows = split(taught, args.held_out);
    let mut text = Vec::new();
    for row in &rows {
        serde_json::to_writer(&mut text, row).expect("plain data");
        text.push(b'\n');
    }
    match &args.out {
        Some(path) => write(path, &text)?,
        None => report::say_bytes(&text)?,
    }
    let held = rows.iter().filter(|row| row.split == Part::HeldOut).count();
    report::aside(&format!("{} rows, {held} held out; {} repeats were left out", rows.len(), found - rows.len()));
    for (why, count) in untaught {
        report::aside(&format!("{count} resolutions of the memory were left out: {why}"));
    }
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
    if let Some(name) = &row.source.entry {
        let Some(entry) = entry((repo, store), name)? else { return Ok(None) };
        let Change { before, after } = parts_of(&entry);
        return Ok(Some(gives(row, &before, &after)));
    }
    let ids = [&row.source.before, &row.source.after].map(|hex| repo.written_id(Some(hex)));
    let [Some(before), Some(after)] = ids else { return Ok(None) };
    if !store.has(before) || !store.has(after) {
        return Ok(None);
    }
    let (before, after) = (store.blob(before)?, store.blob(after)?);
    Ok(Some(gives(row, &before.data, &after.data)))
}

/// Does its diff make the one of the other?
fn gives(row: &Row, before: &[u8], after: &[u8]) -> std::result::Result<(), String> {
    let made = diff::applied(row.diff.as_bytes(), before)?;
    if made == after { Ok(()) } else { Err("its diff gives another text".to_owned()) }
}

/// An entry of the memory, by its name; `None`: it is not there.
fn entry((repo, store): (&Repo, &mut Store), name: &str) -> Result<Option<Entry>> {
    let Some((shard, rest)) = name.split_at_checked(2) else { return Ok(None) };
    let Some(id) = repo.object(&format!("{REF}:{shard}/{rest}"))? else { return Ok(None) };
    Ok(Entry::parse(&store.blob(id)?.data).ok().filter(|entry| entry.name() == name))
}
