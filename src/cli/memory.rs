//! `git kmigrate learn`, `forget` and `memory`: resolutions that people made, taken in, told and taken out.

use super::args::{Forget, Learn, Memory as Typed, MemoryWhat};
use super::{Exit, input};
use crate::error::{Error, Result};
use crate::git::{Git, KnownBy, Pair, Repo, Store, Writes};
use crate::learn::{self, Learned, New};
use crate::memory::{Decision, Entry, Memory, REF};
use crate::report;

/// Shorter beginnings of keys are not taken.
const KEY: usize = 4;
/// Characters of a key that are told.
const TOLD: usize = 12;

/// Learns.
pub fn learn(args: &Learn) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut store = repo.store(if args.dry_run { Writes::Nowhere } else { Writes::Packs })?;
    let (learned, said) = gathered(&repo, &mut store, args)?;
    let new = match args.dry_run {
        true => New::default(),
        false => learn::keep(&repo, &mut store, &learned, &format!("kmigrate: {said}"))?,
    };
    report::learned(&learned, if args.dry_run { None } else { Some(new) })?;
    Ok(Exit::Done)
}

/// What there is to learn, and from what, in words.
fn gathered(repo: &Repo, store: &mut Store, args: &Learn) -> Result<(Learned, String)> {
    if let [old, new] = &args.ranges[..] {
        let (learned, is_too_many) = learn::ranges(repo, store, [old, new])?;
        if is_too_many {
            report::warn(
                "the commits without a pair are too many for git range-diff; shorter ranges pair more of them",
            );
        }
        return Ok((learned, format!("learned from {old} and {new}")));
    }
    if let Some(branch) = &args.from_merges {
        let learned = learn::merges(repo, store, branch)?;
        if learned.seen.commits == learn::MERGES {
            report::warn(&format!("only the last {} merges were made again; give a range for others", learn::MERGES));
        }
        return Ok((learned, format!("learned from the merges of {branch}")));
    }
    match args.rr_cache {
        true => Ok((learn::rerere(repo)?, "learned from git rerere".to_owned())),
        false => {
            Ok((learn::commits(store, (&pairs(repo)?, ""))?, "learned from commits that were rewritten".to_owned()))
        }
    }
}

/// Pairs from standard input; words behind the two ids are left out.
fn pairs(repo: &Repo) -> Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for line in input::lines()? {
        let mut words = line.split_whitespace();
        let (Some(old), Some(new)) = (words.next(), words.next()) else {
            return Err(Error::fatal(format!("'{line}' is no pair of commits")).hint("each line is: <old> <new>"));
        };
        pairs.push(Pair { old: repo.resolve(old)?, new: repo.resolve(new)?, known_by: KnownBy::Name });
    }
    Ok(pairs)
}

/// The memory of this repository.
pub(super) fn here(repo: &Repo, store: &mut Store) -> Result<Memory> {
    let Some(id) = repo.object(REF)? else {
        return Err(Error::fatal("nothing is remembered here").hint("git kmigrate learn <old range> <new range>"));
    };
    let memory = learn::load(store, id)?;
    if memory.unread() > 0 {
        report::warn(&format!("{} entries of {REF} cannot be read and are left out", memory.unread()));
    }
    Ok(memory)
}

/// The entries and decisions that are meant.
fn named<'a>(memory: &'a Memory, key: &str, paths: &[String]) -> Result<(Vec<&'a Entry>, Vec<&'a Decision>)> {
    if !key.is_empty() && key.len() < KEY {
        return Err(Error::usage(format!("'{key}' is too short: {KEY} characters of a key at the least")));
    }
    let found = (memory.find(key, paths), memory.find_decisions(key, paths));
    match found.0.is_empty() && found.1.is_empty() {
        true => Err(Error::fatal("nothing of that is remembered").hint("git kmigrate memory list shows what is")),
        false => Ok(found),
    }
}

/// Forgets.
pub fn forget(args: &Forget) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    if args.all {
        // Also one that cannot be read.
        if repo.object(REF)?.is_none() {
            return Err(Error::fatal("nothing is remembered here"));
        }
        learn::forget_all(&repo)?;
        report::say("everything is forgotten\n")?;
        return Ok(Exit::Done);
    }
    let mut store = repo.store(Writes::Packs)?;
    let memory = here(&repo, &mut store)?;
    let found = named(&memory, args.key.as_deref().unwrap_or_default(), &args.paths)?;
    learn::forget(&repo, &mut store, (&found.0, &found.1))?;
    report::say(&format!("forgot {} resolutions\n", found.0.len() + found.1.len()))?;
    Ok(Exit::Done)
}

/// Lists, shows, joins.
pub fn memory(args: &Typed) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut store = repo.store(Writes::Packs)?;
    match &args.what {
        MemoryWhat::List(list) => {
            let memory = here(&repo, &mut store)?;
            let line =
                |entry: &&Entry| format!("{}  {}  {}\n", &entry.key()[..TOLD], entry.conflict.path, entry.origin);
            let mut text: String = memory.find("", &list.paths).iter().map(line).collect();
            for decision in memory.find_decisions("", &list.paths) {
                text.push_str(&format!("{}  {}  {}\n", &decision.name()[..TOLD], decision.told(), decision.origin));
            }
            report::paged(&repo, text.as_bytes())?;
        }
        MemoryWhat::Show(show) => {
            let memory = here(&repo, &mut store)?;
            let found = named(&memory, &show.key, &[])?;
            let decisions = found.1.iter().map(|decision| decision.print().into_bytes());
            let texts: Vec<Vec<u8>> = found.0.iter().map(|entry| entry.print()).chain(decisions).collect();
            report::say_bytes(&texts.join(&b"\n"[..]))?;
        }
        MemoryWhat::Merge(merge) => {
            let New { resolutions, decisions } = learn::join(&repo, &mut store, &merge.other)?;
            let more = if decisions > 0 { format!(", and {decisions} decisions") } else { String::new() };
            report::say(&format!("{resolutions} resolutions of {} are new here{more}\n", merge.other))?;
        }
    }
    Ok(Exit::Done)
}
