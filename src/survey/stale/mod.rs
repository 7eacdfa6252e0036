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

mod added;
mod alias;
mod alike;
mod asked;
mod beside;
mod brought;
mod chance;
mod declared;
mod examples;
mod habits;
mod headers;
mod here;
mod include;
mod kernels;
mod learn;
mod own;
mod owned;
mod reach;
mod stale_name;
mod standing;
mod uses;

use super::shares::shared_out;
use super::{Changes, Country, Moves};
use crate::error::Result;
use crate::git::{Oid, Repo, Series, Store, Writes, tree};
use crate::rule::member::Member;
use crate::run::LookUp;
use crate::syntax::scope::{Extent, Scopes, What};
use added::{Added, added};
use bstr::BString;
use kernels::Kernels;
use own::Own;
use reach::Reach;
use rustc_hash::{FxHashMap, FxHashSet};
use standing::{Found, Standing, standing};
use std::collections::{BTreeMap, BTreeSet};

pub use asked::{Taught, taught};
pub use headers::place_of;
pub use include::{include, included};
pub use stale_name::{Header, How, StaleName};
pub use uses::{Role, Use, names_in};

/// The names that are gone, and who uses them.
#[derive(Debug, Default)]
pub struct Stale {
    names: Vec<StaleName>,
    /// By commit of the series and path; positions in `names`.
    used: FxHashMap<(Oid, BString), Vec<usize>>,
}

impl Stale {
    /// Looks up what the series uses.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn survey(
        (repo, store): (&Repo, &mut Store),
        (country, moves): (Country, &Moves),
        (series, changes): (&Series, &[Changes]),
        look_up: LookUp,
    ) -> Result<Self> {
        let Some((_, base)) = country.base.filter(|(_, base)| *base != country.onto.1) else {
            return Ok(Self::default());
        };
        let mut added = added(repo, (series, changes))?;
        let own = Own::of(&added);
        for file in &mut added {
            let path = &file.changed.path;
            file.uses.retain(|used| !own.has(path, used));
            file.members.retain(|member| !own.has_member(path, member));
        }
        let asked: BTreeSet<&Use> = added.iter().flat_map(|a| &a.uses).collect();
        let members: BTreeSet<Member> = added.iter().flat_map(|a| &a.members).cloned().collect();
        if asked.is_empty() && members.is_empty() && added.iter().all(|file| file.includes.is_empty()) {
            return Ok(Self::default());
        }
        let trees = (base, country.onto.1);
        let asked: Vec<&Use> = asked.into_iter().collect();
        let standing = standing(repo, trees, &asked)?;
        let mut kernels = Kernels::new(repo.store(Writes::Nowhere)?, trees);
        let found = standing.stale(store, &mut kernels)?;
        let found = near_first(found, &added);
        let mut stale = Self { names: learned(repo, trees, &found)?, used: FxHashMap::default() };
        stale.add_headers((store, &mut kernels), (&standing, moves), &added)?;
        if look_up == LookUp::Habits {
            let known: FxHashSet<&Use> = stale.names.iter().map(|name| &name.used).collect();
            let given_up = habits::stale(&mut kernels, (&standing, &known))?;
            stale.names.extend(given_up);
        }
        let places: FxHashMap<Use, Vec<usize>> = stale.by_use();
        stale.add_members((repo, &mut kernels), &members, &added)?;
        stale.add_here(&mut kernels, &added)?;
        stale.note_uses((store, &mut kernels), &added, &places)?;
        stale.add_own_rules(&mut kernels)?;
        stale.add_brought(repo, (store, &mut kernels), &added)?;
        alike::tell(repo, trees, &mut stale.names)?;
        chance::forget(repo, base, &mut stale.names)?;
        Ok(stale)
    }

    /// Positions by use.
    fn by_use(&self) -> FxHashMap<Use, Vec<usize>> {
        let mut places: FxHashMap<Use, Vec<usize>> = FxHashMap::default();
        for (at, name) in self.names.iter().enumerate() {
            places.entry(name.used.clone()).or_default().push(at);
        }
        places
    }

    /// Adds a name, and notes that the lines of these files use it.
    fn add<'f, 'a: 'f>(&mut self, name: StaleName, files: impl IntoIterator<Item = &'f Added<'a>>) {
        let at = self.names.len();
        self.names.push(name);
        files.into_iter().for_each(|file| self.note(file, [at]));
    }

    /// Notes that a file's lines use names.
    fn note(&mut self, file: &Added<'_>, names: impl IntoIterator<Item = usize>) {
        for name in names {
            let all = self.used.entry(file.key()).or_default();
            if !all.contains(&name) {
                all.push(name);
            }
        }
    }

    /// Notes which names the files use.
    fn note_uses(
        &mut self,
        (store, kernels): (&mut Store, &mut Kernels),
        added: &[Added<'_>],
        places: &FxHashMap<Use, Vec<usize>>,
    ) -> Result<()> {
        let mut by_path: BTreeMap<&BString, Vec<(&Added<'_>, Vec<usize>)>> = BTreeMap::new();
        for file in added {
            let path = &file.changed.path;
            let found = file.uses.iter().filter_map(|used| places.get(used)).flatten().copied();
            let found: Vec<usize> = found.filter(|at| self.names[*at].was_known_to(path)).collect();
            if !found.is_empty() {
                by_path.entry(path).or_default().push((file, found));
            }
        }
        for (path, files) in by_path {
            let is_asked = files.iter().flat_map(|(_, found)| found).any(|at| self.names[*at].how != How::Changed);
            let now = if is_asked { kernels.now(path.as_ref())? } else { None };
            let there = now.as_ref().map(|text| Scopes::of(path, text));
            for (file, found) in files {
                let found = self.without_own((store, there.as_ref()), file.changed, found)?;
                self.note(file, found);
            }
        }
        Ok(())
    }

    /// Adds headers that are gone, and declarations that went to another one.
    fn add_headers(
        &mut self,
        (store, kernels): (&mut Store, &mut Kernels),
        (standing, moves): (&Standing<'_>, &Moves),
        added: &[Added<'_>],
    ) -> Result<()> {
        let stale: FxHashSet<&Use> = self.names.iter().map(|name| &name.used).collect();
        let moved = headers::moved(kernels, standing)?;
        let moved: Vec<StaleName> = moved.into_iter().filter(|name| !stale.contains(&name.used)).collect();
        self.names.extend(moved);
        let mut gone = headers::gone((store, kernels), added)?;
        gone.extend(beside::gone((store, kernels), moves, added)?);
        for (name, files) in gone {
            self.add(name, files.into_iter().map(|at| &added[at]));
        }
        Ok(())
    }

    /// Adds members that are declared otherwise although others of their name are not.
    fn add_members(
        &mut self,
        (repo, kernels): (&Repo, &mut Kernels),
        members: &BTreeSet<Member>,
        added: &[Added<'_>],
    ) -> Result<()> {
        for (member, name) in owned::stale(repo, kernels, members)? {
            if !self.names.iter().any(|known| known.owner.is_none() && known.used == name.used) {
                self.add(name, added.iter().filter(|file| file.members.contains(&member)));
            }
        }
        Ok(())
    }

    /// Adds names that rules bring into files that do not see their headers.
    fn add_brought(
        &mut self,
        repo: &Repo,
        (store, kernels): (&mut Store, &mut Kernels),
        added: &[Added<'_>],
    ) -> Result<()> {
        let brought = brought::brought(repo, kernels, &self.names)?;
        if brought.is_empty() {
            return Ok(());
        }
        let mut reach = Reach::new(store, added)?;
        for one in brought {
            let mut files = Vec::new();
            for file in added {
                let names = self.used.get(&file.key()).map_or(&[][..], Vec::as_slice);
                let is_used = names.iter().any(|at| one.by.contains(at));
                if is_used && one.is_unseen_in((store, kernels, &mut reach), file)? {
                    files.push(file);
                }
            }
            self.add(one.name, files);
        }
        Ok(())
    }

    /// Puts names with a file's own rules in the place of those that all have.
    fn add_own_rules(&mut self, kernels: &mut Kernels) -> Result<()> {
        let is_plain =
            |at: &usize| self.names[*at].owner.is_none() && matches!(self.names[*at].how, How::Gone | How::Changed);
        let asked: BTreeSet<(&[u8], usize)> = self
            .used
            .iter()
            .flat_map(|((_, path), names)| names.iter().filter(|at| is_plain(at)).map(|at| (path.as_slice(), *at)))
            .collect();
        let own = here::own_rules(kernels, (&self.names, &asked))?;
        for (path, old, name) in own {
            let new = self.names.len();
            self.names.push(name);
            for ((_, place), names) in &mut self.used {
                if **place == path {
                    names.iter_mut().filter(|at| **at == old).for_each(|at| *at = new);
                }
            }
        }
        Ok(())
    }

    /// Adds types that upstream's code in a file uses no more.
    fn add_here(&mut self, kernels: &mut Kernels, added: &[Added<'_>]) -> Result<()> {
        let known = self.by_use();
        let is_open = |used: &&Use| used.role == Role::Tag && !known.contains_key(*used);
        let asked: BTreeSet<(&[u8], &Use)> = added
            .iter()
            .filter(|file| file.changed.entry.before.is_some())
            .flat_map(|file| file.uses.iter().filter(is_open).map(|used| (file.changed.path.as_slice(), used)))
            .collect();
        for name in here::stale(kernels, &asked)? {
            let (used, path) = (name.used.clone(), name.known_in.first().cloned());
            let uses = |file: &&Added<'_>| path.as_deref() == Some(&file.changed.path) && file.uses.contains(&used);
            self.add(name, added.iter().filter(uses));
        }
        Ok(())
    }

    /// Looks up what a series uses, and nothing else of it.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn of_series(repo: &Repo, store: &mut Store, series: &Series) -> Result<Self> {
        let found = super::changes(repo, store, series).and_then(|changes| {
            let country = Country::of(store, series)?;
            let standing = super::standing(store, country, &super::paths(&changes))?;
            let moves = Moves::survey(repo, store, country, &standing)?;
            Self::survey((repo, store), (country, &moves), (series, &changes), LookUp::Habits)
        });
        found.map_err(|e| repo.lacking(e))
    }

    /// Each name that some line of the series uses, with the commits and paths that do.
    pub fn users(&self) -> Vec<(&StaleName, Vec<(Oid, BString)>)> {
        let mut all: Vec<(&StaleName, Vec<(Oid, BString)>)> =
            self.names.iter().map(|name| (name, Vec::new())).collect();
        for (place, names) in &self.used {
            names.iter().for_each(|at| all[*at].1.push(place.clone()));
        }
        all.retain(|(name, used)| !used.is_empty() && name.how != How::Brought);
        all.iter_mut().for_each(|(_, used)| used.sort_unstable());
        all
    }

    /// The names that a commit's lines in a file use.
    pub fn of(&self, commit: Oid, path: &BString) -> impl Iterator<Item = &StaleName> {
        let found = self.used.get(&(commit, path.clone())).map_or(&[][..], Vec::as_slice);
        found.iter().map(|at| &self.names[*at])
    }

    /// Without the names that the file declares at its top on new upstream; where upstream has none there, the series' file tells. A
    /// static function of the file is called as it always was, whatever became of another one of its name.
    fn without_own(
        &self,
        (store, there): (&mut Store, Option<&Scopes<'_>>),
        changed: &tree::Changed,
        mut found: Vec<usize>,
    ) -> Result<Vec<usize>> {
        let Some(entry) = changed.entry.after else { return Ok(found) };
        let is_asked = there.is_none() || found.iter().any(|at| self.names[*at].how == How::Changed);
        let text = if is_asked { Some(store.blob(entry.id)?.data) } else { None };
        let here = text.as_ref().map(|text| Scopes::of(&changed.path, text));
        found.retain(|at| {
            let StaleName { used, how, .. } = &self.names[*at];
            let (of, extent) = match how {
                How::Changed => (here.as_ref(), Some(Extent::File)),
                _ => (there.or(here.as_ref()), None),
            };
            let is_it =
                |(what, far): (&What, Extent)| used.role.is_meant_by(what) && extent.is_none_or(|one| one == far);
            !of.is_some_and(|scopes| scopes.kept_as(&used.name).any(is_it))
        });
        Ok(found)
    }
}

/// Puts the users of each name first that are nearest to a file of the series that uses it: what a subsystem does is the better example
/// for what is in it.
fn near_first(mut found: Vec<Found>, added: &[Added<'_>]) -> Vec<Found> {
    let mut places: FxHashMap<&Use, Vec<&[u8]>> = FxHashMap::default();
    for file in added {
        file.uses.iter().for_each(|used| places.entry(used).or_default().push(&file.changed.path));
    }
    for one in &mut found {
        let here = places.get(&one.used).map_or(&[][..], Vec::as_slice);
        let near = |path: &[u8]| here.iter().map(|other| folders_in_common(path, other)).max();
        // The paths are in order, and stay so where they are equally near.
        one.users.sort_by_cached_key(|path| std::cmp::Reverse(near(path)));
    }
    found
}

/// How many folders two paths share, from the root down.
fn folders_in_common(one: &[u8], other: &[u8]) -> usize {
    let folders = |path| <[u8]>::split(path, |c| *c == b'/');
    let same = folders(one).zip(folders(other)).take_while(|(a, b)| a == b).count();
    // The same file is in the same folder, and no nearer than that.
    same - usize::from(one == other)
}

/// What upstream's own callers teach about each; the names are shared out among threads.
fn learned(repo: &Repo, trees: (Oid, Oid), found: &[Found]) -> Result<Vec<StaleName>> {
    shared_out(&repo.place(), found, |store, share| {
        let mut kernels = Kernels::new(store, trees);
        let one = |found: &Found| {
            let name = found.used.name.as_slice();
            let examples = match found.how() {
                How::Changed => examples::examples_of_calls(&mut kernels, name, &found.users)?,
                _ => examples::examples(&mut kernels, name, &found.users)?,
            };
            let pairs = learn::pairs(&mut kernels, name, &found.users)?;
            let rules = learn::rules_and_alias(&mut kernels, found.asking(), &pairs)?;
            Ok(StaleName {
                examples,
                rules,
                known_in: found.known_in.clone(),
                declared: found.changed.as_ref().map(|changed| changed.declared.clone()),
                ..StaleName::new(found.used.clone(), found.was.clone(), found.how())
            })
        };
        share.iter().map(one).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_same_folder_is_nearer() {
        let near = |one: &[u8], other: &[u8]| folders_in_common(one, other);
        assert_eq!(
            [near(b"fs/a/x.c", b"fs/a/y.c"), near(b"fs/b/x.c", b"fs/a/y.c"), near(b"mm/a.c", b"fs/a.c")],
            [2, 1, 0]
        );
        assert_eq!(near(b"fs/a.c", b"fs/a.c"), near(b"fs/b.c", b"fs/a.c"));
    }
}
