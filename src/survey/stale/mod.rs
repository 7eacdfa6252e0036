//! Names that the series' own lines use, that old upstream had, and that new upstream has no more: what merges cleanly and does
//! not compile.
//!
//! ```text
//!   lines that the series adds -> uses - what the series declares itself
//!     base   defined in the role it is used in, in files D
//!     onto   nobody defines it for that role, and none of D mentions it any more
//!   -> stale, with how upstream's own callers changed, and the rules that are inferred from that
//! ```
//!
//! In: what each commit changes, the index of both kernels. Out: [`Stale`], by commit and path. A name that the scanner of
//! definitions does not see in base, as what macros make by pasting, is stale only if nobody writes it any more. A function or macro that
//! is still there is stale if its declaration refuses the old call.

mod declared;
mod examples;
mod kernels;
mod learn;
mod uses;

use super::shares::shared_out;
use super::{Changes, Country, ask_names};
use crate::error::Result;
use crate::git::tree::{self, Sort};
use crate::git::{Oid, Repo, Series, Store};
use crate::index::{self, Index, Kinds};
use crate::merge::{Change, Evidence, delta};
use crate::rule::Rule;
use crate::syntax::language::Language;
use bstr::{BString, ByteSlice};
use declared::Changed;
use kernels::Kernels;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::ops::Range;

pub use uses::{Role, Use};

/// Longer files are lists that programs wrote, in bytes.
const LONGEST: usize = 1 << 20;
/// A name whose definition the scanner does not see was known if so many files used it.
const KNOWN: usize = 3;

/// How a name is stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Nobody defines it any more.
    Gone,
    /// Its declaration changed so that old calls do not compile.
    Changed,
}

/// A name that is stale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleName {
    /// The name and what it is used as.
    pub used: Use,
    /// What it was, and where: on old upstream.
    pub was: Evidence,
    /// How upstream's own code changed where it used it.
    pub examples: Vec<Evidence>,
    /// What was learned from that; special cases first.
    pub rules: Vec<Rule>,
    /// Is it gone, or declared otherwise?
    pub how: How,
    /// The folders that know it; none if all do.
    known_in: Vec<Vec<u8>>,
}

impl StaleName {
    /// Did a file know the name? What one architecture or tool defines is nothing to the others.
    fn was_known_to(&self, path: &[u8]) -> bool {
        self.known_in.is_empty() || self.known_in.iter().any(|folder| path.starts_with(folder))
    }
}

/// The names that are gone, and who uses them.
#[derive(Debug, Default)]
pub struct Stale {
    names: Vec<StaleName>,
    /// By commit of the series and path; positions in `names`.
    used: FxHashMap<(Oid, BString), Vec<usize>>,
}

/// What a file's added lines use and declare.
struct Added<'a> {
    commit: Oid,
    changed: &'a tree::Changed,
    uses: Vec<Use>,
    declares: Vec<Vec<u8>>,
}

impl Stale {
    /// Looks up what the series uses.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn survey(
        (repo, store): (&Repo, &mut Store),
        country: Country,
        (series, changes): (&Series, &[Changes]),
    ) -> Result<Self> {
        let Some((_, base)) = country.base.filter(|(_, base)| *base != country.onto.1) else {
            return Ok(Self::default());
        };
        let added = added(repo, (series, changes))?;
        let declared: FxHashSet<&[u8]> = added.iter().flat_map(|a| &a.declares).map(Vec::as_slice).collect();
        let asked: BTreeSet<&Use> =
            added.iter().flat_map(|a| &a.uses).filter(|used| !declared.contains(used.name.as_slice())).collect();
        if asked.is_empty() {
            return Ok(Self::default());
        }
        let trees = (base, country.onto.1);
        let found = stale(repo, store, trees, &asked.into_iter().collect::<Vec<_>>())?;
        let mut stale = Self { names: learned(repo, trees, &found)?, used: FxHashMap::default() };
        let places: FxHashMap<Use, usize> =
            stale.names.iter().enumerate().map(|(at, name)| (name.used.clone(), at)).collect();
        for file in added {
            let found = file.uses.iter().filter_map(|used| places.get(used)).copied();
            let found = found.filter(|at| stale.names[*at].was_known_to(&file.changed.path)).collect();
            let found = stale.without_own(store, file.changed, found)?;
            if !found.is_empty() {
                stale.used.entry((file.commit, file.changed.path.clone())).or_default().extend(found);
            }
        }
        Ok(stale)
    }

    /// Looks up what a series uses, and nothing else of it.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn of_series(repo: &Repo, store: &mut Store, series: &Series) -> Result<Self> {
        let changes = super::changes(repo, store, series)?;
        let country = Country::of(store, series)?;
        Self::survey((repo, store), country, (series, &changes))
    }

    /// Each name that some line uses, with the commits and paths that do.
    pub fn users(&self) -> Vec<(&StaleName, Vec<(Oid, BString)>)> {
        let mut all: Vec<(&StaleName, Vec<(Oid, BString)>)> =
            self.names.iter().map(|name| (name, Vec::new())).collect();
        for (place, names) in &self.used {
            names.iter().for_each(|at| all[*at].1.push(place.clone()));
        }
        all.retain(|(_, used)| !used.is_empty());
        all.iter_mut().for_each(|(_, used)| used.sort_unstable());
        all
    }

    /// The names that a commit's lines in a file use.
    pub fn of(&self, commit: Oid, path: &BString) -> impl Iterator<Item = &StaleName> {
        let found = self.used.get(&(commit, path.clone())).map_or(&[][..], Vec::as_slice);
        found.iter().map(|at| &self.names[*at])
    }

    /// Without the names of variables that the file declares somewhere.
    fn without_own(&self, store: &mut Store, changed: &tree::Changed, mut found: Vec<usize>) -> Result<Vec<usize>> {
        let (false, Some(entry)) = (found.is_empty(), changed.entry.after) else { return Ok(found) };
        let declared = uses::declared(&store.blob(entry.id)?.data);
        found.retain(|at| {
            let Use { name, role } = &self.names[*at].used;
            matches!(role, Role::Member | Role::Tag) || !declared.contains(name)
        });
        Ok(found)
    }
}

/// What the series adds to its files of C, and what it declares anywhere; commits are shared out among threads.
fn added<'a>(repo: &Repo, (series, changes): (&Series, &'a [Changes])) -> Result<Vec<Added<'a>>> {
    let all: Vec<(Oid, &tree::Changed)> =
        series.commits.iter().zip(changes).flat_map(|(c, all)| all.paths.iter().map(move |p| (c.id, p))).collect();
    shared_out(&repo.place(), &all, |mut store, share| {
        let one = |(commit, changed): &(Oid, &'a tree::Changed)| of_file(&mut store, *commit, changed);
        share.iter().map(one).filter_map(Result::transpose).collect()
    })
}

fn of_file<'a>(store: &mut Store, commit: Oid, changed: &'a tree::Changed) -> Result<Option<Added<'a>>> {
    let language = Language::of(&changed.path);
    let Some(after) = changed.entry.after.filter(|e| e.sort() == Sort::File) else { return Ok(None) };
    if !matches!(language, Language::C | Language::Kconfig) {
        return Ok(None);
    }
    let text = store.blob(after.id)?;
    let before = match changed.entry.before.filter(|e| e.sort() == Sort::File) {
        Some(entry) => Some(store.blob(entry.id)?),
        None => None,
    };
    if text.data.len() > LONGEST {
        return Ok(None);
    }
    let before: &[u8] = before.as_ref().map_or(&[], |b| &b.data);
    let runs: Vec<Range<usize>> =
        delta::hunks(Change { before, after: &text.data }).into_iter().map(|hunk| hunk.after).collect();
    let (uses, declares) = match language {
        Language::C => uses::of_lines(&text.data, &runs),
        _ => (Vec::new(), uses::entries(&text.data, &runs)),
    };
    Ok(Some(Added { commit, changed, uses, declares }))
}

/// A name that is stale, with the files that used it.
struct Found {
    used: Use,
    was: Evidence,
    changed: Option<Changed>,
    users: Vec<Vec<u8>>,
    known_in: Vec<Vec<u8>>,
}

/// Asks the index of both kernels.
fn stale(repo: &Repo, store: &mut Store, trees: (Oid, Oid), asked: &[&Use]) -> Result<Vec<Found>> {
    let standing = ask_names(repo, &[trees.0, trees.1], |both| match both {
        [base, onto] => Standing::of(base, onto, asked),
        _ => Ok(Standing { names: Vec::new() }),
    })?;
    let mut found = standing.gone();
    found.extend(standing.changed(store, trees)?);
    Ok(found)
}

/// Where names are defined and used on both kernels: those that could be stale.
struct Standing<'a> {
    names: Vec<(&'a Use, Vec<index::Place>, Vec<index::Place>)>,
}

impl<'a> Standing<'a> {
    fn of(base: &Index, onto: &Index, asked: &[&'a Use]) -> std::result::Result<Self, index::Damaged> {
        let words: Vec<&[u8]> = asked.iter().map(|used| used.name.as_slice()).collect();
        let (then, now) = (base.kinds(&words)?, onto.kinds(&words)?);
        let is_asked = |(used, (then, now)): &(&&Use, (&Kinds, &Kinds))| {
            // What nobody knows any more was there, whether the scanner saw its definition or not.
            let is_unknown = now.iter().next().is_none() && !now.is_used();
            is_unknown
                || used.role.is_defined_by(**then) && (used.role == Role::Call || !used.role.is_defined_by(**now))
        };
        let kept: Vec<&'a Use> =
            asked.iter().zip(then.iter().zip(&now)).filter(is_asked).map(|(used, _)| *used).collect();
        let words: Vec<&[u8]> = kept.iter().map(|used| used.name.as_slice()).collect();
        let (then, now) = (base.places(&words, |_| true)?, onto.places(&words, |_| true)?);
        let names = kept.into_iter().zip(then.into_iter().zip(now)).map(|(used, (then, now))| (used, then, now));
        Ok(Self { names: names.collect() })
    }

    /// Those that nobody defines any more.
    fn gone(&self) -> Vec<Found> {
        let mut gone = Vec::new();
        for (used, then, now) in &self.names {
            let defining: Vec<&index::Place> = then.iter().filter(|p| used.role.is_defined_by(p.kinds)).collect();
            let is_there = |path: &[u8]| now.binary_search_by(|p| p.path.as_slice().cmp(path)).is_ok();
            let defined = now.iter().any(|p| used.role.is_defined_by(p.kinds));
            if defining.is_empty() && now.is_empty() && then.len() >= KNOWN {
                let known_in: Option<Vec<Vec<u8>>> = then.iter().map(|place| own_folder(&place.path)).collect();
                let was = Evidence::new(format!("{} was used in {} files", used.name.to_str_lossy(), then.len()));
                let was = was.at(then[0].path.to_str_lossy());
                let (users, known_in) = (users(used, then), known_in.unwrap_or_default());
                gone.push(Found { used: (*used).clone(), was, changed: None, users, known_in });
                continue;
            }
            let Some(first) = defining.first().filter(|_| !defined) else { continue };
            if defining.iter().any(|place| is_there(&place.path)) {
                continue;
            }
            let kind = first.kinds.iter().next().map_or("name", index::Kind::word);
            let said = format!("{kind} {} was here", used.name.to_str_lossy());
            let was = Evidence::new(said).at(first.path.to_str_lossy());
            let known_in: Option<Vec<Vec<u8>>> = defining.iter().map(|place| own_folder(&place.path)).collect();
            let known_in = known_in.unwrap_or_default();
            gone.push(Found { used: (*used).clone(), was, changed: None, users: users(used, then), known_in });
        }
        gone
    }

    /// Those that have to be called otherwise.
    fn changed(&self, store: &mut Store, trees: (Oid, Oid)) -> Result<Vec<Found>> {
        let asked: Vec<declared::Asked<'_>> =
            self.names.iter().filter_map(|(used, then, now)| declared::Asked::of(used, then, now)).collect();
        let changed = declared::changed(store, trees, &asked)?;
        let then: FxHashMap<&Use, &Vec<index::Place>> =
            self.names.iter().map(|(used, then, _)| (*used, then)).collect();
        let found = |changed: Changed| {
            let users = users(&changed.used, then[&changed.used]);
            Found {
                used: changed.used.clone(),
                was: changed.was.clone(),
                changed: Some(changed),
                users,
                known_in: Vec::new(),
            }
        };
        Ok(changed.into_iter().map(found).collect())
    }
}

/// The files that used a name.
fn users(used: &Use, then: &[index::Place]) -> Vec<Vec<u8>> {
    let using = then.iter().filter(|p| p.kinds.is_used() && !used.role.is_defined_by(p.kinds));
    using.map(|place| place.path.clone()).collect()
}

/// What upstream's own callers teach about each; the names are shared out among threads.
fn learned(repo: &Repo, trees: (Oid, Oid), found: &[Found]) -> Result<Vec<StaleName>> {
    shared_out(&repo.place(), found, |store, share| {
        let mut kernels = Kernels::new(store, trees);
        let one = |found: &Found| {
            let name = found.used.name.as_slice();
            let examples = examples::examples(&mut kernels, name, &found.users)?;
            let pairs = learn::pairs(&mut kernels, name, &found.users)?;
            Ok(StaleName {
                used: found.used.clone(),
                was: found.was.clone(),
                examples,
                rules: learn::rules(name, &pairs, found.changed.as_ref()),
                how: if found.changed.is_some() { How::Changed } else { How::Gone },
                known_in: found.known_in.clone(),
            })
        };
        share.iter().map(one).collect()
    })
}

/// The folder of the architecture or of the tools that a file is of.
fn own_folder(path: &[u8]) -> Option<Vec<u8>> {
    let parts = match path.split(|c| *c == b'/').next()? {
        b"arch" => 2,
        b"tools" | b"samples" | b"Documentation" => 1,
        _ => return None,
    };
    let folder: Vec<&[u8]> = path.split_inclusive(|c| *c == b'/').take(parts).collect();
    Some(folder.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_architecture_defines_is_known_to_it_alone() {
        assert_eq!(own_folder(b"arch/arm/lib/copy.S"), Some(b"arch/arm/".to_vec()));
        assert_eq!(own_folder(b"tools/perf/a.c"), Some(b"tools/".to_vec()));
        assert_eq!(own_folder(b"include/linux/fb.h"), None);
    }
}
