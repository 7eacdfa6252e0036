//! `git kmigrate infer`: rules learned from files before and after a change.

use super::Exit;
use super::args::Infer;
use crate::error::{Error, Result, io};
use crate::report;
use crate::rule::graph::example::{FilePair, Focus, Scope};
use crate::rule::graph::infer::{Inferred, infer};
use crate::rule::smpl;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Runs it.
pub fn run(args: &Infer) -> Result<Exit> {
    let [before, after] = args.pairs.as_slice() else {
        return Err(Error::usage("--pairs takes two folders"));
    };
    let (old, new) = (files(before)?, files(after)?);
    let pairs: Vec<FilePair> = old
        .into_iter()
        .filter_map(|(path, before)| Some(FilePair { after: new.get(&path)?.clone(), path, before }))
        .collect();
    if pairs.is_empty() {
        let said = format!("{} and {} have no file of C in common", before.display(), after.display());
        return Err(Error::fatal(said).hint("files are paired by their names below the two folders"));
    }
    let focus = Focus {
        words: args.uses.iter().map(|name| name.clone().into_bytes()).collect(),
        scope: if args.only_uses { Scope::Nodes } else { Scope::Functions },
    };
    let inferred = infer(&pairs, &focus);
    if args.support {
        tell(&inferred);
    }
    if inferred.book.rules.is_empty() {
        report::warn(&format!("nothing could be learned from {} changed functions", inferred.functions));
    }
    report::say(&smpl::print(&inferred.book))?;
    Ok(Exit::Done)
}

/// What each rule was learned from.
fn tell(inferred: &Inferred) {
    for rule in &inferred.book.rules {
        let knowledge = &rule.knowledge;
        report::warn(&format!("{}: {} places in {} functions", rule.name, knowledge.support, knowledge.functions));
        for counter in &knowledge.counter_examples {
            report::warn(&format!("{}: not changed in {}: {}", rule.name, counter.site.path, counter.before));
        }
    }
    inferred.notes.iter().for_each(|note| report::warn(note));
}

/// The files of C below a folder, by their paths in it.
fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).map_err(io(next.display()))? {
            let path = entry.map_err(io(next.display()))?.path();
            let is_c = path.extension().is_some_and(|kind| kind == "c" || kind == "h");
            if path.is_dir() {
                open.push(path);
            } else if is_c && let Ok(name) = path.strip_prefix(folder) {
                found.insert(name.display().to_string(), fs::read(&path).map_err(io(path.display()))?);
            }
        }
    }
    Ok(found)
}
