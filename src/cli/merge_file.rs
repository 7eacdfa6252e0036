//! `git kmigrate merge-file`: one file, with the options and exit codes of `git merge-file`.

use super::args::MergeFile;
use super::{Exit, output};
use crate::error::{Error, Result, io};
use crate::git::text::{Favor, FileMerge, Style, merge_file};
use crate::git::{Git, Kind, Repo, Writes};
use crate::merge::Sides;
use crate::report;
use std::fs;
use std::path::Path;

/// Most conflicts that an exit code tells of.
const MOST: usize = 127;

/// Runs it. The exit code is the number of conflicts.
pub fn run(args: &MergeFile) -> Result<Exit> {
    let names = Sides { ours: &args.ours, base: &args.base, theirs: &args.theirs };
    let repo = if args.object_id { Some(Repo::open(Git::here())?) } else { None };
    let texts = names.map(|name| read(repo.as_ref(), name)).transpose()?;
    let label = |at: usize, name: &String| args.labels.get(at).unwrap_or(name).clone();
    let merge = FileMerge {
        labels: Sides { ours: label(0, &args.ours), base: label(1, &args.base), theirs: label(2, &args.theirs) },
        style: match (args.diff3, args.zdiff3) {
            (_, true) => Style::ZealousDiff3,
            (true, false) => Style::Diff3,
            (false, false) => Style::Merge,
        },
        favor: match (args.favor_ours, args.favor_theirs, args.union) {
            (true, _, _) => Some(Favor::Ours),
            (_, true, _) => Some(Favor::Theirs),
            (_, _, true) => Some(Favor::Union),
            _ => None,
        },
        marker_size: args.marker_size,
    };
    let merged = merge_file(texts.as_ref().map(Vec::as_slice), &merge)?;
    let merged = merged.ok_or_else(|| Error::fatal(format!("cannot merge binary files: {}", args.ours)))?;
    match &repo {
        _ if args.stdout => report::say_bytes(&merged.text)?,
        Some(repo) => {
            let mut store = repo.store(Writes::Packs)?;
            let object = store.put(Kind::Blob, merged.text, None)?;
            store.flush()?;
            report::say(&format!("{}\n", object.id))?;
        }
        None => output::write_file(Path::new(&args.ours), &merged.text)?,
    }
    Ok(Exit::Conflicts(merged.conflicts.min(MOST) as u8))
}

fn read(repo: Option<&Repo>, name: &str) -> Result<Vec<u8>> {
    match repo {
        None => fs::read(name).map_err(io(name)),
        Some(repo) => {
            let id = repo.object(name)?.ok_or_else(|| Error::fatal(format!("object '{name}' does not exist")))?;
            Ok(repo.store(Writes::Nowhere)?.blob(id)?.data.to_vec())
        }
    }
}
