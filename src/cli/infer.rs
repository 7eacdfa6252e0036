//! `git kmigrate infer`: rules learned from how files were changed: two folders, commits, or two kernels.

use super::Exit;
use super::args::Infer;
use crate::error::{Error, Result, io};
use crate::git::tree::{self, Entry, Sort};
use crate::git::{Git, Oid, Repo, Store, Writes};
use crate::merge::Change;
use crate::report;
use crate::rule::graph::example::{FilePair, Focus, Scope};
use crate::rule::together::infer_both;
use crate::rule::{Rule, RuleBook, smpl};
use crate::run::quoted;
use crate::survey::{How, Taught, taught};
use crate::syntax::language::Language;
use crate::syntax::lex::has_word;
use bstr::{BString, ByteSlice};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// More changed files than this are not learned from at once.
const MOST_FILES: usize = 1000;
/// A commit of more paths is a whole kernel, and no change of one thing.
const MOST_PATHS: usize = 2000;
/// Longer files are lists that programs wrote, in bytes.
const LONGEST: usize = 1 << 20;

/// Runs it.
pub fn run(args: &Infer) -> Result<Exit> {
    match (&args.from, &args.to) {
        (Some(from), Some(to)) => between_kernels(args, (from, to)),
        _ => from_files(args),
    }
}

/// Learns from pairs of files.
fn from_files(args: &Infer) -> Result<Exit> {
    let pairs = match &args.commits {
        Some(range) => of_commits(args, range)?,
        None => of_folders(args)?,
    };
    let words = args.uses.iter().map(|name| name.clone().into_bytes()).collect();
    let focus = Focus { words, scope: if args.only_uses { Scope::Nodes } else { Scope::Functions } };
    let mut inferred = infer_both(&pairs, &focus);
    let least = args.threshold.map_or(1, |n| n as usize);
    inferred.book.rules.retain(|rule| rule.knowledge.functions >= least);
    if args.support {
        tell(&inferred.book.rules);
        inferred.notes.iter().for_each(|note| report::warn(note));
    }
    if inferred.book.rules.is_empty() && !args.spatch {
        report::warn(&format!("nothing could be learned from {} changed functions", inferred.functions));
    }
    report::say(&smpl::print(&inferred.book))?;
    Ok(Exit::Done)
}

/// Learns what upstream's own users of names teach.
fn between_kernels(args: &Infer, (from, to): (&str, &str)) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let tree = |revision: &str| {
        repo.tree_of(revision)?.ok_or_else(|| Error::fatal(format!("bad revision '{revision}': it names no tree here")))
    };
    let trees = (tree(from)?, tree(to)?);
    let names: Vec<Vec<u8>> = args.uses.iter().map(|name| name.clone().into_bytes()).collect();
    let mut store = repo.store(Writes::Nowhere)?;
    let threshold = args.threshold.map(|n| n as usize);
    let mut said = Vec::new();
    for one in taught((&repo, &mut store), trees, &names, threshold)? {
        if !one.known {
            let name = one.name.to_str_lossy();
            let hint = format!("'git kmigrate names {name} --on {from} --on {to}' says where each kernel has it");
            return Err(Error::fatal(format!("nothing in {from} is called '{name}'")).hint(hint));
        }
        if args.support {
            tell(&one.rules);
        }
        let mut part = if args.spatch { String::new() } else { heading(&one, (from, to)) };
        part.push_str(&smpl::print(&RuleBook { rules: one.rules }));
        said.push(part);
    }
    said.retain(|part| !part.is_empty());
    report::say(&said.join("\n"))?;
    Ok(Exit::Done)
}

/// What is known of a name, as a comment.
fn heading(one: &Taught, (from, to): (&str, &str)) -> String {
    let name = one.name.to_str_lossy();
    let happened = match one.how {
        None => format!("{to} still declares it as {from} does, as far as can be seen"),
        Some(How::Gone) => format!("gone in {to}"),
        Some(_) => format!("declared otherwise in {to}"),
    };
    let was = one.was.as_ref().map(|was| format!("; {}", was.statement)).unwrap_or_default();
    let (files, functions) = one.from;
    let used = format!("// {files} files of {from} use it; learned from {functions} changed functions\n");
    let rules: String = one.rules.iter().map(|rule| format!("// {}  {}\n", rule.told(), support(rule))).collect();
    format!("// {name}: {happened}{was}\n{used}{rules}")
}

/// How often upstream did what a rule says, and how often not.
fn support(rule: &Rule) -> String {
    let knowledge = &rule.knowledge;
    let counter = match knowledge.counter_examples.len() {
        0 => String::new(),
        n => format!(", not done in {n}"),
    };
    format!("({} places in {} functions{counter})", knowledge.support, knowledge.functions)
}

/// What each rule was learned from.
fn tell(rules: &[Rule]) {
    for rule in rules {
        let knowledge = &rule.knowledge;
        report::warn(&format!("{}: {} places in {} functions", rule.name, knowledge.support, knowledge.functions));
        for counter in &knowledge.counter_examples {
            report::warn(&format!("{}: not changed in {}: {}", rule.name, counter.site.path, counter.before));
        }
    }
}

/// The files that both folders have.
fn of_folders(args: &Infer) -> Result<Vec<FilePair>> {
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
    Ok(pairs)
}

/// The files that commits changed, each commit's by itself.
fn of_commits(args: &Infer, range: &str) -> Result<Vec<FilePair>> {
    let repo = Repo::open(Git::here())?;
    let mut store = repo.store(Writes::Nowhere)?;
    let mut asked = vec!["rev-list", "--reverse", "--no-merges", "--end-of-options", range, "--"];
    asked.extend(args.paths.iter().map(String::as_str));
    let listed = repo.git.output(&asked)?;
    let ids: Vec<Oid> = listed.lines().filter_map(|line| repo.parse_id(line)).collect();
    if ids.is_empty() {
        let said = format!("'{range}' has no commit that changes what was asked for");
        return Err(Error::fatal(said).hint("a range is <old>..<new>; merges are left out"));
    }
    let mut pairs = Vec::new();
    for id in ids {
        pairs.extend(of_commit(args, &mut store, id)?);
        if pairs.len() > MOST_FILES {
            let said = format!("'{range}' changes more than {MOST_FILES} files of C");
            return Err(Error::fatal(said).hint("name paths behind --, or what it is about with --uses"));
        }
    }
    Ok(pairs)
}

/// The files of C that one commit changed and that have one of the names, before or after.
fn of_commit(args: &Infer, store: &mut Store, id: Oid) -> Result<Vec<FilePair>> {
    let commit = store.commit(id)?;
    let Some(parent) = commit.parents.first() else { return Ok(Vec::new()) };
    let roots = Change { before: Some(store.commit(*parent)?.tree), after: Some(commit.tree) };
    let short = &id.to_string()[..12];
    let Some(changed) = tree::diff_up_to(store, roots, MOST_PATHS)? else {
        report::warn(&format!("{short} changes more than {MOST_PATHS} files, and is passed over; see --from and --to"));
        return Ok(Vec::new());
    };
    let asked: Vec<BString> = args.paths.iter().map(|path| BString::from(path.trim_end_matches('/'))).collect();
    let mut pairs = Vec::new();
    for file in changed.into_iter().filter(|file| is_asked(&asked, &file.path)) {
        let is_file = |entry: &Entry| entry.sort() == Sort::File;
        let (Some(before), Some(after)) = (file.entry.before.filter(is_file), file.entry.after.filter(is_file)) else {
            continue;
        };
        let (before, after) = (store.blob(before.id)?.data, store.blob(after.id)?.data);
        let has = |name: &String| has_word(&before, name.as_bytes()) || has_word(&after, name.as_bytes());
        let is_about = args.uses.is_empty() || args.uses.iter().any(has);
        if is_about && before.len().max(after.len()) <= LONGEST {
            let path = format!("{short}:{}", quoted(file.path.as_bstr()));
            pairs.push(FilePair { path, before: before.to_vec(), after: after.to_vec() });
        }
    }
    Ok(pairs)
}

/// Is a file one of C, at or below a path that was asked for?
fn is_asked(asked: &[BString], path: &BString) -> bool {
    let below = |asked: &BString| {
        path.strip_prefix(asked.as_slice()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    };
    Language::of(path) == Language::C && (asked.is_empty() || asked.iter().any(below))
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
