//! Headers of a driver's own that are gone: `#include "core.h"`.
//!
//! In: the includes in quotes that the series adds, both kernels. Out: those that old upstream had where the compiler looks for them from
//! the file, and that new upstream has nowhere there, seen from where upstream moved the file.
//!
//! ```text
//!   drivers/acme/a.c: #include "p.h"     base has drivers/acme/p.h, onto has not                        -> gone
//!                                        upstream moved a.c to drivers/acme/core/a.c, and p.h not there -> gone
//! ```

use super::headers;
use super::include::{beside, first, included};
use super::kernels::Kernels;
use super::stale_name::{Header, StaleName};
use super::{Added, Role, Use};
use crate::error::Result;
use crate::git::tree::{self, Finder};
use crate::git::{Oid, Store};
use crate::merge::Evidence;
use crate::run::quoted;
use crate::survey::Moves;
use crate::syntax::language::Language;
use bstr::ByteSlice;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

/// An include that old upstream resolves.
struct Include<'a> {
    /// The position of the file that has it.
    at: usize,
    written: &'a [u8],
    /// What it means on old upstream.
    was: Vec<u8>,
    /// How many of the places count where it is looked for on new upstream.
    ways: usize,
}

/// Upstream's files of a folder that are asked whether they have an include.
const FILES: usize = 40;

/// The headers that are gone, each with the positions of the files that include it.
///
/// # Errors
/// An object is missing or damaged, or git fails.
pub fn gone(
    (store, kernels): (&mut Store, &mut Kernels),
    moves: &Moves,
    added: &[Added<'_>],
) -> Result<Vec<(StaleName, Vec<usize>)>> {
    let mut onto = Finder::new(kernels.trees.1);
    let mut upstreams: FxHashMap<(Vec<u8>, &[u8]), bool> = FxHashMap::default();
    let mut found: BTreeMap<(&[u8], Vec<u8>), Vec<usize>> = BTreeMap::new();
    for Include { at, written, was, ways } in resolved(store, kernels.trees.0, added)? {
        let path = &added[at].changed.path;
        let is_away = onto.find(store, path.as_ref())?.is_none();
        let placed = is_away.then(|| moves.of_file(path.as_ref()).or_else(|| moves.of_added(path.as_ref()))).flatten();
        let now = placed.map_or_else(|| path.clone(), |placed| placed.path);
        let places = places(&now, written);
        if first(store, &mut onto, &places[..ways.min(places.len())])?.is_some() {
            continue;
        }
        let folder = now.rfind_byte(b'/').map_or(&b""[..], |end| &now[..end]);
        let is_upstreams = match upstreams.entry((folder.to_vec(), written)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => *new.insert(is_upstreams((store, kernels), folder, written)?),
        };
        if !is_upstreams {
            found.entry((written, was)).or_default().push(at);
        }
    }
    let name = |((written, was), files): ((&[u8], Vec<u8>), Vec<usize>)| {
        let used = Use { name: was.clone(), role: Role::Plain };
        let said = format!("header {} was here", written.to_str_lossy());
        let header = Header { old: Some(written.to_vec()), new: None };
        (headers::name(used, Evidence::new(said).at(quoted(was.as_bstr())), Vec::new(), header), files)
    };
    Ok(found.into_iter().map(name).collect())
}

/// The includes that old upstream has a file for and the series has not.
fn resolved<'a>(store: &mut Store, base: Oid, added: &'a [Added<'_>]) -> Result<Vec<Include<'a>>> {
    let own: FxHashSet<&[u8]> = added.iter().map(|file| file.changed.path.as_slice()).collect();
    let mut tree = Finder::new(base);
    let mut found = Vec::new();
    for (at, file) in added.iter().enumerate() {
        // Only of C is it known what the series adds.
        let is_asked = |written: &&Vec<u8>| {
            written.starts_with(b"\"") && Language::of(&written[1..written.len() - 1]) == Language::C
        };
        for written in file.includes.iter().filter(is_asked) {
            let places = places(&file.changed.path, written);
            if places.iter().any(|place| own.contains(place.as_slice())) {
                continue;
            }
            let Some(place) = first(store, &mut tree, &places)? else { continue };
            // A folder above is one that the makefile names; beside the file it needs none.
            let ways = if place < NEAR { NEAR } else { places.len() };
            found.push(Include { at, written, was: places[place].clone(), ways });
        }
    }
    Ok(found)
}

/// Does a file of new upstream in this folder include it? Then it is found in a way that nobody sees from here.
fn is_upstreams((store, kernels): (&mut Store, &mut Kernels), folder: &[u8], written: &[u8]) -> Result<bool> {
    let all = tree::list(store, kernels.trees.1, folder.as_bstr())?;
    for (name, _) in all.iter().filter(|(name, _)| name.ends_with(b".c")).take(FILES) {
        let path = [folder, b"/", name].concat();
        if kernels.now(path.as_bstr())?.is_some_and(|text| included(&text).contains(written)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Places that need nobody's word.
const NEAR: usize = 3;

/// Where the compiler may look for an include in quotes: beside the file and among all headers, which are `NEAR`, and in folders above,
/// which drivers like to give it.
fn places(file: &[u8], written: &[u8]) -> Vec<Vec<u8>> {
    let name = &written[1..written.len() - 1];
    let mut places = vec![beside(file, name).unwrap_or_default()];
    places.extend([&b"include/"[..], b"include/uapi/"].map(|folder| [folder, name].concat()));
    let mut folder = file;
    while let Some(end) = folder.iter().rposition(|c| *c == b'/') {
        folder = &folder[..end];
        let from = |inner: &[u8]| beside(&[folder, b"/", inner, b"x"].concat(), name);
        places.extend([from(b""), from(b"include/")].into_iter().flatten());
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_include_in_quotes_is_looked_for_beside_its_file_and_above() {
        let has = |written: &str, place: &str| {
            places(b"drivers/acme/core/a.c", written.as_bytes()).contains(&place.as_bytes().to_vec())
        };
        assert!(has("\"p.h\"", "drivers/acme/core/p.h") && has("\"p.h\"", "drivers/acme/p.h"));
        assert!(has("\"p.h\"", "drivers/acme/include/p.h") && has("\"linux/p.h\"", "include/linux/p.h"));
        assert!(has("\"../p.h\"", "drivers/acme/p.h") && !has("\"p.h\"", "drivers/other/p.h"));
    }
}
