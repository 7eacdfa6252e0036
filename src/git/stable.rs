//! The stable trap: `v6.1..B` where B stands on v6.1.90 holds ten thousand commits of stable kernels, which are upstream's.

use super::claims::{Release, release_of_makefile};
use super::{Commit, Oid, Repo, Store, tree};
use crate::error::{Error, Result};
use bstr::ByteSlice;

/// A range that may hold upstream's commits.
#[derive(Debug)]
pub struct Suspect<'a> {
    /// The end, as typed.
    pub end: &'a str,
    /// Where it starts.
    pub base: Oid,
    /// What it holds.
    pub commits: &'a [Commit],
}

/// Stops if a tag `v<base>.<n>`, or a ref that `kmigrate.upstream` names, reaches commits of the range.
///
/// # Errors
/// It does; the message has their count and the range that was probably meant.
pub fn refuse_upstream_commits(repo: &Repo, store: &mut Store, suspect: &Suspect<'_>) -> Result<()> {
    let mut refs = stable_tags(repo, store, suspect.base)?;
    refs.extend(repo.upstream_refs()?.into_iter().map(|(name, _)| name));
    if refs.is_empty() {
        return Ok(());
    }
    let last = suspect.commits.last().map(|c| c.id.to_string());
    let last = last.unwrap_or_default();
    let not_base = format!("^{}", suspect.base);
    let mut args = vec!["rev-list", "--count", &last, &not_base, "--not"];
    args.extend(refs.iter().map(String::as_str));
    let said = repo.git.output(&args)?;
    let own: usize = said.trim().to_str_lossy().parse().unwrap_or(usize::MAX);
    let all = repo.git.output(&args[..4])?;
    let all: usize = all.trim().to_str_lossy().parse().unwrap_or(0);
    if own >= all {
        return Ok(());
    }
    let nearest = nearest(repo, &refs, &last)?;
    let mut error = Error::fatal(format!(
        "{} of the {all} commits in the range are upstream's, not the series': {nearest} reaches them",
        all - own
    ));
    error = error.hint(format!("you probably mean {nearest}..{}", suspect.end));
    Err(error.hint("if they are to be carried all the same, say so with --base=<commit>"))
}

/// The release that a kernel tree says it is.
///
/// # Errors
/// The Makefile is missing or damaged, or cannot be fetched.
pub fn release(repo: &Repo, store: &mut Store, tree: Oid) -> Result<Option<Release>> {
    match tree::lookup(store, tree, b"Makefile".as_bstr())? {
        Some(entry) if entry.sort() == tree::Sort::File => {
            repo.bring(store, [entry.id])?;
            Ok(release_of_makefile(&store.blob(entry.id)?.data))
        }
        _ => Ok(None),
    }
}

/// Tags `v<base>.<n>` of the base's release, from its Makefile or its own tag.
fn stable_tags(repo: &Repo, store: &mut Store, base: Oid) -> Result<Vec<String>> {
    let tree = store.commit(base)?.tree;
    let patterns = match release(repo, store, tree)? {
        Some(r) => vec![format!("refs/tags/v{}.{}.*", r.major, r.minor)],
        None => {
            let at = format!("--points-at={base}");
            let said = repo.git.output(&["for-each-ref", "--format=%(refname)", &at, "refs/tags/v*"])?;
            said.lines().map(|l| format!("{}.*", l.to_str_lossy())).collect()
        }
    };
    if patterns.is_empty() {
        return Ok(Vec::new());
    }
    let mut args = vec!["for-each-ref", "--format=%(refname:short)"];
    args.extend(patterns.iter().map(String::as_str));
    let said = repo.git.output(&args)?;
    let numbered = |tag: &&[u8]| tag.rsplit_once_str(".").is_some_and(|(_, n)| n.iter().all(u8::is_ascii_digit));
    let tags = said.lines().filter(numbered);
    Ok(tags.map(|l| l.to_str_lossy().into_owned()).collect())
}

/// The upstream ref from which the fewest commits lead to `end`.
fn nearest(repo: &Repo, refs: &[String], end: &str) -> Result<String> {
    let mut best = (usize::MAX, String::new());
    for name in refs {
        let said = repo.git.output(&["rev-list", "--count", end, &format!("^{name}")])?;
        let count = said.trim().to_str_lossy().parse().unwrap_or(usize::MAX);
        if count < best.0 {
            best = (count, name.clone());
        }
    }
    Ok(best.1)
}
