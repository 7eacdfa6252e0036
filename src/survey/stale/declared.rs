//! Functions and macros that are still there and have to be called otherwise. In: names that the series calls, and both kernels.
//! Out: those whose declaration changed so that the old call would not compile.

use super::uses::{Role, Use};
use crate::error::Result;
use crate::git::tree::Finder;
use crate::git::{Oid, Store};
use crate::index::Place;
use crate::merge::line::alike;
use crate::merge::{Change, Evidence};
use crate::rule::{Declaration, DeclarationChange, Requirement};
use crate::run::quoted;
use crate::syntax::items::{Item, ItemKind, items};
use bstr::{BStr, ByteSlice};
use rustc_hash::FxHashMap;

/// A declaration that changed.
pub struct Changed {
    /// The name and how it is used.
    pub used: Use,
    /// What happened, and where the old declaration stands.
    pub was: Evidence,
    /// The texts of both declarations, without the bodies of functions.
    pub declared: Change<Vec<u8>>,
    /// The change itself.
    pub change: DeclarationChange,
}

/// Longer headers are lists that programs wrote, in bytes.
const LONGEST: usize = 1 << 20;
/// A name that more headers declare is many names.
const HEADERS: usize = 3;

/// Where the headers that declare a name are, on both kernels.
pub struct Asked<'a> {
    /// The name and how it is used.
    pub used: &'a Use,
    /// Headers of old upstream.
    pub then: Vec<Place>,
    /// Headers of new upstream.
    pub now: Vec<Place>,
}

impl<'a> Asked<'a> {
    /// `None` for what is not called, or what no header declares.
    pub fn of(used: &'a Use, then: &[Place], now: &[Place]) -> Option<Self> {
        let headers = |places: &[Place]| -> Vec<Place> {
            let is_one = |p: &&Place| p.path.ends_with(b".h") && Role::Call.is_defined_by(p.kinds);
            places.iter().filter(is_one).cloned().collect()
        };
        let (then, now) = (headers(then), headers(now));
        let is_few = |places: &[Place]| (1..=HEADERS).contains(&places.len());
        (used.role == Role::Call && is_few(&then) && is_few(&now)).then_some(Self { used, then, now })
    }
}

/// Those that changed so that old calls do not compile.
///
/// # Errors
/// An object is missing or damaged.
pub fn changed(store: &mut Store, (base, onto): (Oid, Oid), asked: &[Asked<'_>]) -> Result<Vec<Changed>> {
    let (mut then, mut now) = (Headers::new(base), Headers::new(onto));
    for one in asked {
        one.then.iter().for_each(|place| then.want(&place.path, &one.used.name));
        one.now.iter().for_each(|place| now.want(&place.path, &one.used.name));
    }
    let (then, now) = (then.read(store)?, now.read(store)?);
    let mut changed = Vec::new();
    for one in asked {
        let of = |texts: &Declarations, places: &[Place]| -> Vec<(Vec<u8>, Vec<u8>)> {
            let key = |place: &Place| (place.path.clone(), one.used.name.clone());
            let found = places
                .iter()
                .flat_map(|p| texts.get(&key(p)).into_iter().flatten().map(|t| (p.path.clone(), t.clone())));
            found.collect()
        };
        let (before, after) = (of(&then, &one.then), of(&now, &one.now));
        // One that stands there as it did serves the old call.
        if before.iter().any(|(_, old)| after.iter().any(|(_, new)| alike(old, new))) {
            continue;
        }
        changed.extend(difference(one.used, &before, &after));
    }
    Ok(changed)
}

/// The change if every declaration there is now refuses the old call.
fn difference(used: &Use, before: &[(Vec<u8>, Vec<u8>)], after: &[(Vec<u8>, Vec<u8>)]) -> Option<Changed> {
    let read = |(path, text): &(Vec<u8>, Vec<u8>)| Some((path.clone(), Declaration::read(&used.name, text)?));
    let (then, (path, old)) = before.iter().find_map(|one| Some((&one.1, read(one)?)))?;
    let now = &after.first()?.1;
    // What cannot be read as a declaration could be the one that still serves.
    let after: Vec<(Vec<u8>, Declaration)> = after.iter().map(read).collect::<Option<_>>()?;
    let mut changes = after.iter().map(|(_, new)| DeclarationChange::between(&old, Some(new)));
    let change = changes.next()?;
    let all =
        change.requirement() == Requirement::Required && changes.all(|c| c.requirement() == Requirement::Required);
    let was = Evidence::new(change.told()).at(quoted(path.as_bstr()));
    let declared = Change { before: then.clone(), after: now.clone() };
    all.then(|| Changed { used: used.clone(), was, declared, change })
}

/// A name in a file.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The file.
    pub path: &'a [u8],
    /// The name.
    pub name: &'a [u8],
}

/// What files of a kernel declare names to be.
///
/// # Errors
/// An object is missing or damaged.
pub fn texts(store: &mut Store, tree: Oid, wanted: &[Wanted<'_>]) -> Result<Declarations> {
    let mut headers = Headers::new(tree);
    wanted.iter().for_each(|one| headers.want(one.path, one.name));
    headers.read(store)
}

/// By path and name, the texts that declare it.
pub type Declarations = FxHashMap<(Vec<u8>, Vec<u8>), Vec<Vec<u8>>>;

/// Headers of one kernel, each to be read once.
struct Headers {
    finder: Finder,
    wanted: std::collections::BTreeMap<Vec<u8>, Vec<Vec<u8>>>,
}

impl Headers {
    fn new(tree: Oid) -> Self {
        Self { finder: Finder::new(tree), wanted: std::collections::BTreeMap::new() }
    }

    fn want(&mut self, path: &[u8], name: &[u8]) {
        self.wanted.entry(path.to_vec()).or_default().push(name.to_vec());
    }

    fn read(mut self, store: &mut Store) -> Result<Declarations> {
        let mut found = Declarations::default();
        for (path, names) in self.wanted {
            let Some(entry) = self.finder.find(store, BStr::new(&path))? else { continue };
            let text = store.blob(entry.id)?;
            if text.data.len() > LONGEST {
                continue;
            }
            let all = items(&text.data);
            for item in &all.list {
                let Some(name) = declared_name(&text.data, item) else { continue };
                if names.iter().any(|n| n == name) {
                    found.entry((path.clone(), name.to_vec())).or_default().push(item.declaration(&text.data));
                }
            }
        }
        Ok(found)
    }
}

/// The name that an item declares, of those that can be called.
fn declared_name<'t>(text: &'t [u8], item: &Item) -> Option<&'t [u8]> {
    let is_callable =
        matches!(item.kind, ItemKind::Function | ItemKind::Prototype | ItemKind::FunctionMacro | ItemKind::ObjectMacro);
    text.get(item.name.clone()).filter(|name| is_callable && !name.is_empty())
}
