//! `git kmigrate names`: who defines and who uses a name, on several kernels side by side.

use super::Exit;
use super::args::Names;
use crate::error::{Error, Result};
use crate::git::{Git, Repo};
use crate::report;
use crate::survey::names;

/// Runs it.
pub fn run(args: &Names) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut trees = Vec::new();
    for revision in &args.on {
        let tree = repo.tree_of(revision)?;
        trees.push(tree.ok_or_else(|| Error::fatal(format!("bad revision '{revision}'")))?);
    }
    let asked: Vec<&[u8]> = args.names.iter().map(String::as_bytes).collect();
    // A cache file that was damaged is made again; one that is damaged again is a broken disk.
    for _ in 0..2 {
        let indexes = names(&repo, &trees, |_| {})?;
        let found: std::result::Result<Vec<_>, _> =
            indexes.iter().map(|index| index.places(&asked, |_| true)).collect();
        if let Ok(found) = found {
            report::names((&args.names, &args.on), &found)?;
            return Ok(Exit::Done);
        }
    }
    Err(Error::fatal("the index in kmigrate-cache is damaged again and again").hint("see whether the disk is well"))
}
