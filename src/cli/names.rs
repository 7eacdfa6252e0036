//! `git kmigrate names`: who defines and who uses a name, on several kernels side by side.

use super::Exit;
use super::args::Names;
use crate::error::{Error, Result};
use crate::git::{Git, Repo};
use crate::report;
use crate::survey::ask_names;

/// Runs it.
pub fn run(args: &Names) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut trees = Vec::new();
    for revision in &args.on {
        let tree = repo.tree_of(revision)?;
        trees.push(tree.ok_or_else(|| Error::fatal(format!("bad revision '{revision}'")))?);
    }
    let asked: Vec<&[u8]> = args.names.iter().map(String::as_bytes).collect();
    let found: Vec<_> =
        ask_names(&repo, &trees, |indexes| indexes.iter().map(|index| index.places(&asked, |_| true)).collect())?;
    report::names((&args.names, &args.on), &found)?;
    Ok(Exit::Done)
}
