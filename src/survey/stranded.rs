//! What the series takes away from headers or declares otherwise, and the new kernel uses where old upstream did not: such files merge
//! without anybody's doing, and do not compile.
//!
//! In: what the series changes, the index of both kernels. Out: for each commit and header what to look at.
//!
//! ```text
//!   base     int acme_tune(struct acme *a);     used in u0.c, which the series changes, too
//!   series   (taken away)
//!   onto     int acme_tune(struct acme *a);     used in u0.c and in u9.c, which is new
//! ```
//!
//! A name counts only if the series changes all that used it in base: then it is the series' own matter, and no word that many have.

use super::{Changes, Country, Moves, ask_names};
use crate::error::Result;
use crate::git::tree::{self, Sort};
use crate::git::{Bytes, Oid, Repo, Series, Store};
use crate::index::{Place, is_other_program};
use crate::merge::Evidence;
use crate::rule::{Declaration, DeclarationChange, Requirement};
use crate::run::quoted;
use crate::syntax::items::{ItemKind, items};
use crate::syntax::lex::has_word;
use crate::syntax::scope::{Extent, Scopes};
use bstr::{BStr, BString, ByteSlice};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};

/// Longer headers are lists that programs wrote, in bytes.
const LONGEST: usize = 1 << 20;
/// So many files are named.
const NAMED: usize = 3;
/// Shorter names are anybody's.
const SHORTEST: usize = 4;

/// What of the new kernel the series would leave without a declaration.
#[derive(Debug, Default)]
pub struct Stranded(FxHashMap<(Oid, BString), Vec<Evidence>>);

/// A name that the series takes away or declares otherwise.
struct Taken<'c> {
    name: Vec<u8>,
    /// In words, where it is declared otherwise.
    otherwise: Option<String>,
    commit: Oid,
    header: &'c BString,
}

impl Stranded {
    /// Looks at all headers that the series changes.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn survey(
        (repo, store): (&Repo, &mut Store),
        country: Country,
        (series, changes): (&Series, &[Changes]),
        moves: &Moves,
    ) -> Result<Self> {
        let Some((_, base)) = country.base.filter(|(_, base)| *base != country.onto.1) else {
            return Ok(Self::default());
        };
        let taken = taken(store, (series, changes))?;
        if taken.is_empty() {
            return Ok(Self::default());
        }
        let names: Vec<&[u8]> = taken.iter().map(|one| one.name.as_slice()).collect();
        let places = ask_names(repo, &[base, country.onto.1], |both| match both {
            [base, onto] => Ok((base.places(&names, |_| true)?, onto.places(&names, |_| true)?)),
            _ => Ok((Vec::new(), Vec::new())),
        })?;
        let own: FxHashSet<&[u8]> = changes.iter().flat_map(|c| &c.paths).map(|c| c.path.as_slice()).collect();
        let followed = own.iter().filter_map(|path| moves.of_file(BStr::new(*path)));
        let followed: FxHashSet<Vec<u8>> = followed.map(|placement| placement.path.to_vec()).collect();
        let is_own = |path: &[u8]| own.contains(path) || followed.contains(path);
        let mut found = Self::default();
        for (one, (then, now)) in taken.into_iter().zip(places.0.into_iter().zip(places.1)) {
            let new = new_users((&then, &now), &is_own);
            if let Some(first) = new.first() {
                let said = one.said(&new);
                let evidence = Evidence::new(said).at(quoted(BStr::new(*first)));
                found.0.entry((one.commit, one.header.clone())).or_default().push(evidence);
            }
        }
        Ok(found)
    }

    /// What a commit leaves without what it changes in a header.
    pub fn of(&self, commit: Oid, header: &BString) -> &[Evidence] {
        self.0.get(&(commit, header.clone())).map_or(&[], Vec::as_slice)
    }
}

impl Taken<'_> {
    fn said(&self, users: &[&[u8]]) -> String {
        let mut places: Vec<String> = users.iter().take(NAMED).map(|path| quoted(BStr::new(*path))).collect();
        if users.len() > NAMED {
            places.push(format!("{} more", users.len() - NAMED));
        }
        let what = match &self.otherwise {
            Some(change) => format!("declares a function otherwise ({change})"),
            None => format!("takes '{}' away", self.name.to_str_lossy()),
        };
        format!("the series {what}, and the new kernel uses it in {}, where the old one did not", places.join(", "))
    }
}

/// The files that use a name on the new kernel only; none if the name is not the series' alone.
fn new_users<'p>((then, now): (&[Place], &'p [Place]), is_own: &dyn Fn(&[u8]) -> bool) -> Vec<&'p [u8]> {
    let of_kernel = |place: &&Place| !is_other_program(&place.path) && !place.path.starts_with(b"Documentation/");
    if then.is_empty() || then.iter().filter(of_kernel).any(|place| !is_own(&place.path)) {
        return Vec::new();
    }
    let new = || now.iter().filter(of_kernel).filter(|place| !is_own(&place.path));
    // Somebody else's of that name.
    if new().any(|place| place.kinds.is_defined()) {
        return Vec::new();
    }
    new().filter(|place| place.kinds.is_used()).map(|place| place.path.as_slice()).collect()
}

/// A header of the series: its commits with the entries before and after.
type Steps<'c> = Vec<(Oid, &'c tree::Changed)>;

/// What the series takes away from headers, or declares otherwise there, in all.
fn taken<'c>(store: &mut Store, (series, changes): (&Series, &'c [Changes])) -> Result<Vec<Taken<'c>>> {
    let mut headers: BTreeMap<&BString, Steps<'c>> = BTreeMap::new();
    for (commit, changes) in series.commits.iter().zip(changes) {
        for changed in changes.paths.iter().filter(|changed| changed.path.ends_with(b".h")) {
            headers.entry(&changed.path).or_default().push((commit.id, changed));
        }
    }
    let mut kept: FxHashSet<Vec<u8>> = FxHashSet::default();
    let mut all = Vec::new();
    for (header, steps) in headers {
        let (Some((_, first)), Some((_, last))) = (steps.first(), steps.last()) else { continue };
        let (before, after) = (text(store, first.entry.before)?, text(store, last.entry.after)?);
        if before.len().max(after.len()) > LONGEST {
            continue;
        }
        let now = declared(header, &after);
        for name in declared(header, &before).difference(&now).filter(|name| !has_word(&after, name)) {
            let Some(commit) = last_with(store, &steps, |text| has_word(text, name))? else { continue };
            all.push(Taken { name: name.clone(), otherwise: None, commit, header });
        }
        for (name, change) in otherwise(&before, &after) {
            let read = |text: &[u8]| function(text, &name).map(|declaration| declaration.declared);
            let is = read(&after);
            let Some(commit) = last_with(store, &steps, |text| read(text) != is)? else { continue };
            all.push(Taken { name, otherwise: Some(change), commit, header });
        }
        kept.extend(now);
    }
    // What one header gives to another one stays.
    all.retain(|one| one.otherwise.is_some() || !kept.contains(&one.name));
    Ok(all)
}

/// The last commit before which a header was so.
fn last_with(store: &mut Store, steps: &Steps<'_>, is_so: impl Fn(&[u8]) -> bool) -> Result<Option<Oid>> {
    for (commit, changed) in steps.iter().rev() {
        if is_so(&text(store, changed.entry.before)?) {
            return Ok(Some(*commit));
        }
    }
    Ok(None)
}

/// A file's text; nothing of what is none.
fn text(store: &mut Store, entry: Option<tree::Entry>) -> Result<Bytes> {
    match entry.filter(|entry| entry.sort() == Sort::File) {
        Some(entry) => Ok(store.blob(entry.id)?.data),
        None => Ok([].into()),
    }
}

/// What a header declares for those that include it.
fn declared(header: &BString, text: &[u8]) -> BTreeSet<Vec<u8>> {
    let scopes = Scopes::of(header, text);
    let everywhere = scopes.kept().filter(|(_, one)| one.extent == Extent::Everywhere);
    everywhere.map(|(_, one)| one.name).filter(|name| name.len() >= SHORTEST).collect()
}

/// Functions that old calls do not fit any more, with what changed.
fn otherwise(before: &[u8], after: &[u8]) -> Vec<(Vec<u8>, String)> {
    let names = |text| heads(text).collect::<BTreeMap<Vec<u8>, Vec<u8>>>();
    let (then, now) = (names(before), names(after));
    let changed = then.into_iter().filter_map(|(name, old)| {
        let new = now.get(&name).filter(|new| **new != old)?;
        let (old, new) = (Declaration::read(&name, &old)?, Declaration::read(&name, new)?);
        let change = DeclarationChange::between(&old, Some(&new));
        (change.requirement() == Requirement::Required).then(|| (name, change.told()))
    });
    changed.collect()
}

/// What a header declares a function to be.
fn function(text: &[u8], name: &[u8]) -> Option<Declaration> {
    let (_, declared) = heads(text).find(|(other, _)| other == name)?;
    Declaration::read(name, &declared)
}

/// The functions of a header, each with its declaration.
fn heads(text: &[u8]) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    let list = items(text).list.into_iter();
    let heads = list.filter(|item| matches!(item.kind, ItemKind::Prototype | ItemKind::Function));
    heads.map(|item| (item.identity(text).to_vec(), item.declaration(text).to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_that_takes_more_is_declared_otherwise_and_a_new_one_is_not() {
        let before = b"int acme_tune(struct acme *a, int how);\nint acme_get(void);\n";
        let after = b"int acme_tune(struct acme *a, int how, int prio);\nint acme_get(void);\nint acme_new(void);\n";
        let told = otherwise(before, after);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].0 == b"acme_tune" && told[0].1.contains("argument 3 (int) added"), "{told:?}");
        assert_eq!(otherwise(before, b"int acme_tune(struct acme *a, int which);\nint acme_get(void);\n"), []);
    }
}
