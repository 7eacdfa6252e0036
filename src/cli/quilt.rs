//! `git kmigrate --quilt DIR --from OLD --onto NEW [--overlay DIR] [--out DIR2]`: a series kept as patch files.

use super::args::Migrate;
use super::model::Asker;
use super::typed::{manner, options, target};
use super::walk::{After, walked};
use super::{Exit, settings};
use crate::error::{Error, Result};
use crate::git::{Ask, Oid, Repo, Writes};
use crate::quilt::directory::{self, Collection};
use crate::quilt::unified::Counts;
use crate::quilt::{Drift, PatchFile};
use crate::rebase::patches::{Ground, Imported, export, import, unsure};
use crate::rebase::{Rebase, Target};
use crate::report;
use crate::run::{Options, Outcome};
use bstr::ByteSlice;
use std::path::{Path, PathBuf};

/// Reads patch files, migrates them as a series of commits, writes patch files.
pub fn run(repo: Repo, args: &Migrate, onto: String) -> Result<Exit> {
    let from = repo.resolve(args.from.as_deref().unwrap_or_default())?;
    let new = repo.resolve(&onto)?;
    if let Some(out) = &args.out {
        refuse_unwritable(out)?;
        directory::refuse_full(out)?;
    }
    let collections = args.quilt.iter().map(|place| directory::read(place)).collect::<Result<Vec<Collection>>>()?;
    let mut overlay = Vec::new();
    for folder in &args.overlay {
        overlay.extend(directory::overlay(folder)?);
    }
    let mut store = repo.store(Writes::Packs)?;
    let guards: Vec<Vec<u8>> = args.guard.iter().map(|word| word.clone().into_bytes()).collect();
    collections.iter().try_for_each(|collection| refuse_missing(collection, &guards))?;
    let ground = Ground { from, onto: new, overlay: &overlay, guards: &guards };
    let imported = import((&repo, &mut store), ground, &collections)?;
    for (name, why) in collections.iter().flat_map(|c| &c.left_alone) {
        report::warn(&format!("{name}: left alone: {why}"));
    }
    collections.iter().flat_map(|c| &c.files).flat_map(|file| odd(file, &guards)).for_each(|said| report::warn(&said));
    imported.notes.iter().for_each(|note| report::warn(note));
    if imported.commits.is_empty() {
        return Err(Error::fatal("there is no patch in what --quilt names")
            .hint("name a folder with a series file or with patches, a mailbox, or a patch"));
    }
    let ask = Ask {
        ranges: Vec::new(),
        listed: Some(imported.commits.iter().map(Oid::to_string).collect()),
        named: Some(called(&args.quilt)),
        root: false,
        base: Some(from.to_string()),
        onto,
        merges: settings::merges(&repo, args.merges)?,
    };
    let target = target(&repo, args, None);
    let target = Target { branch: target.branch.or_else(|| Some(branch(&args.quilt[0], &ask.onto))), ..target };
    let asker = Asker::of(&repo, &args.asking, None)?;
    let options = Options {
        model: asker.as_ref().and_then(|asker| asker.name.clone()),
        doubted: imported.doubted.clone(),
        ..options(&repo, args, None)?
    };
    drop(store);
    let place = repo.place();
    let after = After::of(args, &options)?;
    let (exit, outcomes) = walked(Rebase::start(repo, &ask, options, target)?, asker, manner(args), after)?;
    let Some(out) = &args.out else { return Ok(exit) };
    let mut store = crate::git::Store::open(place, Writes::Nowhere)?;
    let drift = if args.keep_offsets { Drift::Keep } else { Drift::Refresh };
    let written = export(&mut store, &collections, (&imported, &outcomes), (new, drift))?;
    let tally = write(out, &collections, written)?;
    tell(&imported, &outcomes, &tally);
    tell_unsure(&collections, (&imported, &outcomes), &tally);
    Ok(match (exit, tally.unresolved.is_empty()) {
        (Exit::Done, false) => Exit::Unsettled,
        (exit, _) => exit,
    })
}

/// Refuses a series that names a patch which is asked for and not there.
fn refuse_missing(collection: &Collection, guards: &[Vec<u8>]) -> Result<()> {
    let listed = collection.series.iter().flat_map(|file| file.series.entries());
    let is_read = |name: &[u8]| collection.files.iter().any(|file| file.name == name);
    match listed.into_iter().find(|entry| entry.active(guards) && !is_read(&entry.name)) {
        Some(entry) => {
            let name = String::from_utf8_lossy(&entry.name);
            Err(Error::fatal(format!("series: {name}: its guard is met, and it is not there")))
        }
        None => Ok(()),
    }
}

/// Refuses a place for patch files where nothing could be written at the end.
fn refuse_unwritable(out: &Path) -> Result<()> {
    if out.exists() && !out.is_dir() {
        return Err(Error::fatal(format!("--out {}: it is no folder", out.display()))
            .hint("name a folder that is new or empty"));
    }
    let whole = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
    let Some(there) = whole.ancestors().find(|place| place.exists()) else { return Ok(()) };
    // One that is there is replaced where the folder above it can be written, and filled where not.
    let above = whole.parent().filter(|above| there == whole && above.exists());
    let tried = [Some(there), above].into_iter().flatten().map(tempfile::tempfile_in);
    match tried.reduce(|one, other| one.or(other)) {
        Some(Err(e)) => {
            let said = format!("--out {}: {} cannot be written: {}", out.display(), there.display(), e.kind());
            Err(Error::fatal(said).hint("name another folder"))
        }
        _ => Ok(()),
    }
}

/// What a person should know of a patch file as it is written: guards that are not met, numbers that are wrong.
fn odd(file: &PatchFile, guards: &[Vec<u8>]) -> Vec<String> {
    let name = String::from_utf8_lossy(&file.name);
    if !file.entry.active(guards) {
        let why = if file.entry.disabled { "it is switched off" } else { "its guard is not met (--guard selects one)" };
        return vec![format!("{name}: copied as it is: {why}")];
    }
    let hunks = file.sections().flat_map(|section| &section.hunks);
    let said = hunks.filter_map(|hunk| {
        let line = file.text(&hunk.whole).lines().next().unwrap_or_default().to_str_lossy();
        match hunk.counts {
            Counts::Right | Counts::Short => None,
            Counts::Recounted => {
                Some(format!("{name}: {line}: the numbers are wrong, and were counted anew (patch and quilt refuse it)"))
            }
            Counts::LinesLeftOver => Some(format!(
                "{name}: {line}: changed lines follow that it does not count; they belong to no hunk (patch ignores them, too)"
            )),
        }
    });
    said.collect()
}

/// What the series is called: its folders, each with the one that it is in. A series stays the same one when its patches change.
fn called(places: &[PathBuf]) -> String {
    let name = |place: &PathBuf| {
        let whole = place.canonicalize().unwrap_or_else(|_| place.clone());
        let names: Vec<String> = whole.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        names[names.len().saturating_sub(2)..].join("/")
    };
    let names: Vec<String> = places.iter().map(name).collect();
    names.join(", ")
}

/// The branch, called after the first folder.
fn branch(place: &Path, onto: &str) -> String {
    let name = place.canonicalize().ok();
    let name = name.as_deref().and_then(Path::file_name).map_or_else(|| "patches".into(), |n| n.to_string_lossy());
    format!("{name}-{}", onto.replace('/', "-")).replace([' ', '~', '^', ':', '?', '*', '['], "-")
}

/// What was written, over all folders.
#[derive(Default)]
struct Tally {
    patches: usize,
    /// Copied, and nothing of them was applied: there is no diff in them.
    empty: usize,
    refreshed: usize,
    removed: Vec<(Vec<u8>, String)>,
    unresolved: Vec<(Vec<u8>, String)>,
}

/// Writes the folders: one into `out` itself, several below it under their own names. All of them or nothing.
fn write(out: &Path, collections: &[Collection], written: Vec<crate::quilt::Written>) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut files = Vec::new();
    for (n, (collection, written)) in collections.iter().zip(written).enumerate() {
        let name = collection.folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let below = match collections.len() {
            1 => String::new(),
            _ => format!("{:02}-{name}/", n + 1),
        };
        files.extend(written.files.into_iter().map(|(name, bytes)| ([below.as_bytes(), &name].concat(), bytes)));
        tally.patches += collection.files.len();
        tally.empty += collection.files.iter().filter(|file| file.sections().next().is_none()).count();
        tally.refreshed += written.refreshed.len();
        tally.removed.extend(written.removed);
        tally.unresolved.extend(written.unresolved);
    }
    directory::write(out, &files)?;
    Ok(tally)
}

/// Says which patches are written and not finished: somebody should look, or an open conflict decides about them.
fn tell_unsure(collections: &[Collection], (imported, outcomes): (&Imported, &[Outcome]), tally: &Tally) {
    for made in &imported.made {
        let commit = made.commit.to_string();
        let said = outcomes.iter().find(|outcome| outcome.old == commit).and_then(unsure);
        let file = collections.get(made.at.0).and_then(|collection| collection.files.get(made.at.1));
        let (Some(said), Some(file)) = (said, file) else { continue };
        let is_told = tally.removed.iter().chain(&tally.unresolved).any(|(name, _)| *name == file.name);
        if !is_told {
            report::aside(&format!("written, not finished: {}: {said}", String::from_utf8_lossy(&file.name)));
        }
    }
}

/// Says what was written, on standard error: standard output has the outcomes.
fn tell(imported: &Imported, outcomes: &[Outcome], tally: &Tally) {
    let line = |(name, why): &(Vec<u8>, String)| format!("{}: {why}", String::from_utf8_lossy(name));
    report::aside(&format!(
        "{}: {} kept, {} refreshed, {} removed, {} unresolved{} ({} commits made, {} outcomes)",
        if tally.patches == 1 { "1 patch file".to_owned() } else { format!("{} patch files", tally.patches) },
        tally.patches - tally.empty - tally.refreshed - tally.removed.len() - tally.unresolved.len(),
        tally.refreshed,
        tally.removed.len(),
        tally.unresolved.len(),
        if tally.empty > 0 { format!(", {} without a patch", tally.empty) } else { String::new() },
        imported.commits.len(),
        outcomes.len(),
    ));
    tally.removed.iter().for_each(|entry| report::aside(&format!("removed: {}", line(entry))));
    tally.unresolved.iter().for_each(|entry| report::aside(&format!("unresolved: {}", line(entry))));
    if !tally.unresolved.is_empty() {
        report::advise(&[
            "settle what conflicts: git kmigrate list --open, edit <n>, continue".to_owned(),
            "then give the same command once more, with another --out: what was settled holds".to_owned(),
        ]);
    }
}
