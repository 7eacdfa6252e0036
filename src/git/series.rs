//! The series: which commits, in which order, on which base, under which name.
//!
//! In comes what the user typed ([`Ask`]); out goes a [`Series`], or the reason why these commits are none.

use super::remerge::{Merges, without_merges};
use super::{Commit, Oid, Repo, Store};
use crate::error::{Error, Result};
use bstr::ByteSlice;
use std::collections::HashSet;

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Ask {
    /// `A..B`, `A...B`, `B`; none means the current branch.
    pub ranges: Vec<String>,
    /// Ids from standard input, in order, instead of ranges.
    pub listed: Option<Vec<String>>,
    /// What the series is called, where that is no revision.
    pub named: Option<String>,
    /// From the first commit of history on.
    pub root: bool,
    /// The old upstream, where the commits don't tell.
    pub base: Option<String>,
    /// The new upstream, as typed.
    pub onto: String,
    /// What to do with merge commits.
    pub merges: Merges,
}

/// The ordered commits of an out-of-tree series.
#[derive(Debug)]
pub struct Series {
    /// In the order in which they are picked.
    pub commits: Vec<Commit>,
    /// Old upstream; `None` for a series that begins history (`--root`).
    pub base: Option<Oid>,
    /// New upstream.
    pub onto: Oid,
    /// New upstream, as typed.
    pub onto_name: String,
    /// The branch or tag that the series was read from, short; or an id; or what it was called.
    pub source: String,
    /// The last commit as the user named it, to see later whether the branch moved. It may be a merge that was left out.
    pub end: Option<Oid>,
    /// The one ref that the series was read from, in full; `None`: several ranges, a list, or no ref.
    pub reference: Option<String>,
    /// What was to be done with merge commits.
    pub merges: Merges,
    /// Merge commits that `--merges=drop` left out.
    pub dropped_merges: Vec<Oid>,
}

/// A stretch of history: everything of `end` that `start` has not.
#[derive(Debug)]
struct Stretch {
    start: Option<Oid>,
    end: Oid,
    typed: String,
}

impl Series {
    /// Finds the series that was asked for.
    ///
    /// # Errors
    /// Unknown revisions, an empty range, merges that are refused, upstream's commits in the range, several bases, or history
    /// that a shallow clone lacks.
    pub fn find(repo: &Repo, store: &mut Store, ask: &Ask) -> Result<Self> {
        Self::found(repo, store, ask).map_err(|e| repo.lacking(e))
    }

    fn found(repo: &Repo, store: &mut Store, ask: &Ask) -> Result<Self> {
        let onto = repo.resolve(&ask.onto)?;
        let base = ask.base.as_deref().map(|b| repo.resolve(b)).transpose()?;
        let stretches = stretches(repo, ask, (base, onto))?;
        let ids = match &ask.listed {
            Some(listed) => listed_commits(repo, listed)?,
            None => commits_of(repo, store, &stretches)?,
        };
        let mut commits: Vec<Commit> = Vec::with_capacity(ids.len());
        for id in ids {
            commits.push(store.commit(id)?);
        }
        refuse_backwards(ask, &commits)?;
        let end = stretches.last();
        let typed = end.map_or_else(|| last_listed(ask), |s| s.typed.clone());
        if commits.is_empty() {
            return Err(nothing(ask));
        }
        let dropped_merges = without_merges(repo, &mut commits, ask.merges)?;
        let found = find_base(repo, &commits, base)?;
        if let (Some(found), None, None) = (found, base, &ask.listed) {
            super::stable::refuse_upstream_commits(repo, store, &stretch_names(&typed, found, &commits))?;
        }
        Ok(Self {
            source: ask.named.clone().map_or_else(|| short_name(repo, &typed), Ok)?,
            end: end.map(|s| s.end),
            reference: if stretches.len() == 1 { full_name(repo, &typed)? } else { None },
            merges: ask.merges,
            base: base.or(found),
            onto,
            onto_name: ask.onto.clone(),
            dropped_merges,
            commits,
        })
    }
}

fn stretch_names<'a>(typed: &'a str, base: Oid, commits: &'a [Commit]) -> super::stable::Suspect<'a> {
    super::stable::Suspect { end: typed, base, commits }
}

fn last_listed(ask: &Ask) -> String {
    let listed = ask.listed.as_deref().unwrap_or_default();
    listed.last().cloned().unwrap_or_default()
}

fn nothing(ask: &Ask) -> Error {
    let what = match &ask.listed {
        Some(_) => "no commits on standard input".to_owned(),
        None => format!("no commits in {}", typed_ranges(ask)),
    };
    Error::fatal(format!("empty range: {what}"))
        .hint("the series is written as <old upstream>..<patched branch>, for example v6.1..rt-branch")
}

fn typed_ranges(ask: &Ask) -> String {
    match ask.ranges.is_empty() {
        true => "HEAD".to_owned(),
        false => ask.ranges.join(" "),
    }
}

/// Reads the ranges; `A..B` stays as typed, `A...B` and `B` start at a merge base.
fn stretches(repo: &Repo, ask: &Ask, (base, onto): (Option<Oid>, Oid)) -> Result<Vec<Stretch>> {
    if ask.listed.is_some() {
        return Ok(Vec::new());
    }
    let here = ["HEAD".to_owned()];
    let ranges = match ask.ranges.is_empty() {
        true => &here[..],
        false => &ask.ranges,
    };
    let or_head = |r: &str| if r.is_empty() { "HEAD" } else { r }.to_owned();
    let mut stretches = Vec::new();
    for range in ranges {
        let (start, end) = if let Some((a, b)) = range.split_once("...") {
            let (a, b) = (repo.resolve(&or_head(a))?, or_head(b));
            (Some(merge_base(repo, a, repo.resolve(&b)?, range)?), b)
        } else if let Some((a, b)) = range.split_once("..") {
            (Some(repo.resolve(&or_head(a))?), or_head(b))
        } else if ask.root {
            (None, range.clone())
        } else if base.is_some() {
            (base, range.clone())
        } else {
            let end = repo.resolve(range)?;
            (Some(merge_base(repo, onto, end, range)?), range.clone())
        };
        stretches.push(Stretch { end: repo.resolve(&end)?, start, typed: end });
    }
    Ok(stretches)
}

/// The way out of a shallow clone.
const DEEPEN: &str = "deepen it: git fetch --deepen=<n>, or git fetch --unshallow";

fn merge_base(repo: &Repo, a: Oid, b: Oid, typed: &str) -> Result<Oid> {
    let found = repo.ids(&["merge-base", "--all", &a.to_string(), &b.to_string()]);
    match found.unwrap_or_default()[..] {
        [one] => Ok(one),
        [] if repo.is_shallow() => Err(Error::fatal(format!(
            "{typed}: the histories have no commit in common as far as this shallow repository has them"
        ))
        .hint(DEEPEN)),
        [] => Err(Error::fatal(format!("{typed}: the histories have no commit in common"))
            .hint("name the old upstream: <old upstream>..<patched branch>, or --base, or --root")),
        _ => Err(Error::fatal(format!("{typed}: the histories have several merge bases"))
            .hint("name the old upstream: <old upstream>..<patched branch>")),
    }
}

/// Longest straight line of commits that is followed before git is asked to walk.
const LINE: usize = 20_000;

/// The commits of a stretch that is one straight line from start to end, which most series are.
fn straight_line(store: &mut Store, stretch: &Stretch) -> Result<Option<Vec<Oid>>> {
    let mut line = Vec::new();
    let mut at = stretch.end;
    while Some(at) != stretch.start {
        let commit = store.commit(at)?;
        match commit.parents[..] {
            [parent] if line.len() < LINE && store.has(parent) => {
                line.push(at);
                at = parent;
            }
            _ => return Ok(None),
        }
    }
    line.reverse();
    Ok(Some(line))
}

fn commits_of(repo: &Repo, store: &mut Store, stretches: &[Stretch]) -> Result<Vec<Oid>> {
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for stretch in stretches {
        if let Some(line) = straight_line(store, stretch)? {
            all.extend(line.into_iter().filter(|id| seen.insert(*id)));
            continue;
        }
        let end = stretch.end.to_string();
        let mut args = vec!["rev-list", "--reverse", "--topo-order", &end];
        let start = stretch.start.map(|s| format!("^{s}"));
        args.extend(start.as_deref());
        let ids = repo.ids(&args)?;
        all.extend(ids.into_iter().filter(|id| seen.insert(*id)));
    }
    Ok(all)
}

fn listed_commits(repo: &Repo, listed: &[String]) -> Result<Vec<Oid>> {
    let ids = listed.iter().map(|typed| repo.resolve(typed)).collect::<Result<Vec<Oid>>>()?;
    let mut seen = HashSet::new();
    for (id, typed) in ids.iter().zip(listed) {
        if !seen.insert(*id) {
            return Err(Error::fatal(format!("commit '{typed}' is listed twice")));
        }
    }
    Ok(ids)
}

/// The base: the parent of the first commit. Other ways into the series must come from it, or be settled by `--base`.
fn find_base(repo: &Repo, commits: &[Commit], named: Option<Oid>) -> Result<Option<Oid>> {
    refuse_cut_history(repo, commits)?;
    let inside: HashSet<Oid> = commits.iter().map(|c| c.id).collect();
    let mut ways_in: Vec<Oid> = Vec::new();
    for commit in commits {
        let outside = commit.parents.iter().filter(|p| !inside.contains(p));
        for parent in outside {
            if !ways_in.contains(parent) {
                ways_in.push(*parent);
            }
        }
    }
    let first = commits.first().and_then(|c| c.parents.first().copied());
    if named.is_some() {
        return Ok(first);
    }
    let (Some(base), [_, _, ..]) = (first, &ways_in[..]) else {
        return Ok(first);
    };
    // A list with holes enters a branch again above its base: rev-list names only those that don't come from the base.
    for other in ways_in.iter().filter(|w| **w != base) {
        if !repo.is_ancestor(base, *other)? {
            return Err(Error::fatal(format!("the series has several bases: {base} and {other}"))
                .hint("say which upstream it was made for with --base=<commit>"));
        }
    }
    Ok(Some(base))
}

/// A list in which a commit comes before its own parent is `git log` output, newest first; or the ranges are in the wrong order.
fn refuse_backwards(ask: &Ask, commits: &[Commit]) -> Result<()> {
    let hint = match &ask.listed {
        Some(_) => "list them oldest first: git rev-list --reverse <range>, or git log --reverse --format=%H <range>",
        None => "give the ranges oldest first: the one that another is built on comes before it",
    };
    let mut seen = HashSet::new();
    let listed: HashSet<Oid> = commits.iter().map(|c| c.id).collect();
    for commit in commits {
        let ahead = commit.parents.iter().find(|p| listed.contains(p) && !seen.contains(*p));
        if let Some(parent) = ahead {
            let said = format!("commit {} is listed before its parent {parent}", commit.id);
            return Err(Error::fatal(said).hint(hint));
        }
        seen.insert(commit.id);
    }
    Ok(())
}

fn refuse_cut_history(repo: &Repo, commits: &[Commit]) -> Result<()> {
    if !repo.is_shallow() {
        return Ok(());
    }
    let list = std::fs::read(repo.common_dir().join("shallow")).unwrap_or_default();
    let cut: HashSet<Oid> = list.lines().filter_map(|l| repo.parse_id(l)).collect();
    let Some(commit) = commits.iter().find(|c| cut.contains(&c.id)) else {
        return Ok(());
    };
    let lacks = commit.parents.first();
    let lacks = lacks.map_or_else(String::new, |p| format!(" ({p})"));
    Err(Error::fatal(format!(
        "this is a shallow repository and the series reaches its edge: the parent of {}{lacks} is not here",
        commit.id
    ))
    .hint(DEEPEN))
}

/// The ref that was typed, if it was one.
fn full_name(repo: &Repo, typed: &str) -> Result<Option<String>> {
    let args = ["rev-parse", "--symbolic-full-name", "--verify", "--quiet", typed];
    Ok(repo.git.line(&args)?.filter(|full| full.starts_with("refs/")))
}

/// The short name of what was typed: a branch, a tag, or an abbreviated id.
fn short_name(repo: &Repo, typed: &str) -> Result<String> {
    let full = full_name(repo, typed)?.unwrap_or_default();
    let prefixes = ["refs/heads/", "refs/tags/", "refs/remotes/"];
    if let Some(short) = prefixes.iter().find_map(|p| full.strip_prefix(p)) {
        return Ok(short.to_owned());
    }
    let id = repo.resolve(typed)?.to_string();
    Ok(id[..12].to_owned())
}
