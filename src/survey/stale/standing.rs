//! Where names are defined and used on both kernels, and which of them are stale by that.
//!
//! In: names with the role that each is used in, the index of both kernels. Out: a [`Found`] for each that is gone or declared otherwise.

use super::declared::{self, Changed};
use super::kernels::Kernels;
use super::learn::Asking;
use super::stale_name::How;
use super::uses::{Role, Use};
use crate::error::Result;
use crate::git::{Oid, Repo, Store};
use crate::index::{self, Index, Kinds, is_other_program};
use crate::merge::Evidence;
use crate::rule::Requirement;
use crate::survey::ask_names;
use crate::syntax::scope::{Extent, Scopes, What, is_unit};
use bstr::ByteSlice;
use rustc_hash::FxHashMap;

/// A name whose definition the scanner does not see was known if so many files used it.
const KNOWN: usize = 3;
/// What more files define is many names.
const HOLDERS: usize = 8;

/// A name that is stale, with the files that used it.
pub struct Found {
    pub used: Use,
    pub was: Evidence,
    /// The first file of old upstream that had what is gone.
    path: Option<Vec<u8>>,
    pub changed: Option<Changed>,
    pub users: Vec<Vec<u8>>,
    pub known_in: Vec<Vec<u8>>,
}

impl Found {
    /// A name that is gone from these files of old upstream, all of whose files are `then`.
    fn gone(used: &Use, said: String, (then, from): (&[index::Place], &[&index::Place])) -> Self {
        let path = from.first().map(|place| place.path.clone());
        let was = Evidence::new(said).at(path.as_deref().unwrap_or_default().to_str_lossy());
        let known_in: Option<Vec<Vec<u8>>> = from.iter().map(|place| own_folder(&place.path)).collect();
        let known_in = known_in.unwrap_or_default();
        Self { used: used.clone(), was, path, changed: None, users: users(used, then), known_in }
    }

    /// Is it gone, or declared otherwise?
    pub fn how(&self) -> How {
        if self.changed.is_some() { How::Changed } else { How::Gone }
    }

    /// As its rules are asked for.
    pub fn asking(&self) -> Asking<'_> {
        let changed = self.changed.as_ref();
        let header = self.path.as_deref().filter(|path| path.ends_with(b".h"));
        Asking { changed, header, ..Asking::of(&self.used.name, Requirement::Required) }
    }
}

/// Asks the index of both kernels.
pub fn standing<'a>(repo: &Repo, trees: (Oid, Oid), asked: &[&'a Use]) -> Result<Standing<'a>> {
    if asked.is_empty() {
        return Ok(Standing { names: Vec::new() });
    }
    ask_names(repo, &[trees.0, trees.1], |both| match both {
        [base, onto] => Standing::of(base, onto, asked),
        _ => Ok(Standing { names: Vec::new() }),
    })
}

/// Where names are defined and used on both kernels: those that could be stale.
pub struct Standing<'a> {
    pub names: Vec<(&'a Use, Vec<index::Place>, Vec<index::Place>)>,
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
        let names = kept.into_iter().zip(then.into_iter().zip(now)).map(|(used, (mut then, mut now))| {
            // A copy of a header among the tools keeps no name of the kernel alive.
            if then.iter().any(|place| !is_other_program(&place.path)) {
                then.retain(|place| !is_other_program(&place.path));
                now.retain(|place| !is_other_program(&place.path));
            }
            (used, then, now)
        });
        Ok(Self { names: names.collect() })
    }

    /// All that are stale.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn stale(&self, store: &mut Store, kernels: &mut Kernels) -> Result<Vec<Found>> {
        let mut found = self.gone();
        found.extend(self.changed(store, kernels.trees)?);
        found.extend(self.withdrawn(kernels)?);
        Ok(found)
    }

    /// Those that nobody defines any more.
    fn gone(&self) -> Vec<Found> {
        let mut gone = Vec::new();
        for (used, then, now) in &self.names {
            let defining: Vec<&index::Place> = then.iter().filter(|p| used.role.is_defined_by(p.kinds)).collect();
            let is_there = |path: &[u8]| now.binary_search_by(|p| p.path.as_slice().cmp(path)).is_ok();
            let defined = now.iter().any(|p| used.role.is_defined_by(p.kinds));
            if defining.is_empty() && now.is_empty() && then.len() >= KNOWN {
                let said = format!("{} was used in {} files", used.name.to_str_lossy(), then.len());
                gone.push(Found::gone(used, said, (then, &then.iter().collect::<Vec<_>>())));
                continue;
            }
            let Some(first) = defining.first().filter(|_| !defined) else { continue };
            if defining.iter().any(|place| is_there(&place.path)) {
                continue;
            }
            let kind = first.kinds.iter().next().map_or("name", index::Kind::word);
            let said = format!("{kind} {} was here", used.name.to_str_lossy());
            gone.push(Found::gone(used, said, (then, &defining)));
        }
        gone
    }

    /// Functions that a header declared, and that are static now in files of their own: gone for everybody else.
    fn withdrawn(&self, kernels: &mut Kernels) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        for (used, then, now) in self.names.iter().filter(|(used, ..)| used.role == Role::Call) {
            let is_one = |p: &&index::Place| p.path.ends_with(b".h") && used.role.is_defined_by(p.kinds);
            let declaring: Vec<&index::Place> = then.iter().filter(is_one).collect();
            let holders: Vec<&index::Place> = now.iter().filter(|p| used.role.is_defined_by(p.kinds)).collect();
            let is_few = (1..=HOLDERS).contains(&holders.len()) && !declaring.is_empty();
            if !is_few || !is_static_in_all(kernels, &used.name, &holders)? {
                continue;
            }
            let said =
                format!("{} was here, and is static in {} now", used.name.to_str_lossy(), holders[0].path.as_bstr());
            found.push(Found::gone(used, said, (then, &declaring)));
        }
        Ok(found)
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
                path: None,
                changed: Some(changed),
                users,
                known_in: Vec::new(),
            }
        };
        Ok(changed.into_iter().map(found).collect())
    }
}

/// Is a name a static function in each of these files, and nothing else there that others see?
fn is_static_in_all(kernels: &mut Kernels, name: &[u8], holders: &[&index::Place]) -> Result<bool> {
    // A header is seen by others, whatever stands in it.
    if holders.iter().any(|place| !is_unit(&place.path)) {
        return Ok(false);
    }
    for place in holders {
        let Some(text) = kernels.now(place.path.as_bstr())? else { return Ok(false) };
        if !is_static(&text, name) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Is all that a file of its own declares by a name a static function or variable?
fn is_static(text: &[u8], name: &[u8]) -> bool {
    let scopes = Scopes::of(b"unit.c", text);
    let mut all = scopes.kept_as(name).peekable();
    all.peek().is_some() && all.all(|(what, extent)| *what == What::Name && extent == Extent::File)
}

/// The files that used a name.
pub fn users(used: &Use, then: &[index::Place]) -> Vec<Vec<u8>> {
    let using = then.iter().filter(|p| p.kinds.is_used() && !used.role.is_defined_by(p.kinds));
    using.map(|place| place.path.clone()).collect()
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

    #[test]
    fn what_is_static_in_a_file_is_there_for_nobody_else() {
        let text = b"static int acme_get(int n)\n{\n\treturn n;\n}\nint acme_put(int n)\n{\n\treturn acme_get(n);\n}\n";
        assert!(is_static(text, b"acme_get") && !is_static(text, b"acme_put"));
        assert!(!is_static(text, b"acme_new"), "nothing is declared");
        assert!(!is_static(b"#define acme_get(n) (n)\nint acme_get(int n)\n{\n\treturn n;\n}\n", b"acme_get"));
    }
}
