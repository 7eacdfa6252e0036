//! Which headers a file sees: those that it includes, those that these include, and so on.
//!
//! In: a file's path and text, the tree of new upstream, the series' own headers. Out: whether some way leads to a header. Every branch of the preprocessor and every
//! architecture counts as taken: what no way leads to is seen under no configuration.

use super::Added;
use super::headers::{ARCHITECTURES, included};
use super::kernels::Kernels;
use crate::error::Result;
use crate::git::Store;
use bstr::{BStr, ByteSlice};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// The headers that each header includes, read when they are first asked for.
pub struct Reach {
    /// Of new upstream's, by path.
    known: FxHashMap<Vec<u8>, Vec<Vec<u8>>>,
    /// Of the series' own, by path.
    own: FxHashMap<Vec<u8>, Vec<Vec<u8>>>,
}

impl Reach {
    /// With what the series' own headers include.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn new(store: &mut Store, added: &[Added<'_>]) -> Result<Self> {
        let mut own: FxHashMap<Vec<u8>, Vec<Vec<u8>>> = FxHashMap::default();
        for file in added.iter().filter(|file| file.changed.path.ends_with(b".h")) {
            let Some(entry) = file.changed.entry.after else { continue };
            let path = file.changed.path.to_vec();
            let text = store.blob(entry.id)?;
            let next = included(&text.data).iter().flat_map(|one| places(&path, one)).collect::<Vec<_>>();
            own.entry(path).or_default().extend(next);
        }
        Ok(Self { known: FxHashMap::default(), own })
    }

    /// Does a way lead from a file that has these includes, as they are written, to a header of this path?
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn leads_to(
        &mut self,
        kernels: &mut Kernels,
        (file, includes): (&[u8], &BTreeSet<Vec<u8>>),
        header: &[u8],
    ) -> Result<bool> {
        let mut waiting: Vec<Vec<u8>> = includes.iter().flat_map(|one| places(file, one)).collect();
        let mut seen: FxHashSet<Vec<u8>> = waiting.iter().cloned().collect();
        while let Some(path) = waiting.pop() {
            if path == header {
                return Ok(true);
            }
            if !self.known.contains_key(&path) {
                let text = kernels.now(BStr::new(&path))?;
                let next = |text: &[u8]| included(text).iter().flat_map(|one| places(&path, one)).collect();
                self.known.insert(path.clone(), text.map_or_else(Vec::new, |text| next(&text)));
            }
            let next = self.known[&path].iter().chain(self.own.get(&path).into_iter().flatten());
            waiting.extend(next.filter(|place| seen.insert((*place).clone())).cloned());
        }
        Ok(false)
    }
}

/// Where a header may stand that a file includes.
fn places(file: &[u8], written: &[u8]) -> Vec<Vec<u8>> {
    let name = &written[1..written.len() - 1];
    let mut places = vec![[b"include/", name].concat(), [b"include/uapi/", name].concat()];
    if let Some(name) = name.strip_prefix(b"asm/") {
        places.push([b"include/asm-generic/", name].concat());
        places.extend(ARCHITECTURES.iter().map(|arch| [b"arch/", *arch, b"/include/asm/", name].concat()));
    }
    if written.starts_with(b"\"") {
        places.extend(beside(file, name));
    }
    places
}

/// A path as it is seen from a file's folder; `None` if it leads out of the tree.
pub fn beside(file: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let folder = file.iter().rposition(|c| *c == b'/').map_or(&b""[..], |end| &file[..end]);
    let mut parts: Vec<&[u8]> = folder.split_str("/").filter(|part| !part.is_empty()).collect();
    for part in name.split_str("/") {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_include_is_looked_for_beside_its_file_and_in_every_folder_of_headers() {
        let has = |file: &str, written: &str, place: &str| {
            places(file.as_bytes(), written.as_bytes()).contains(&place.into())
        };
        assert!(has("drivers/a/b.c", "<linux/x.h>", "include/linux/x.h"));
        assert!(has("drivers/a/b.c", "<asm/io.h>", "arch/arm64/include/asm/io.h"));
        assert!(has("drivers/a/b.c", "\"../c.h\"", "drivers/c.h") && has("drivers/a/b.c", "\"d.h\"", "drivers/a/d.h"));
        assert_eq!(beside(b"a.c", b"../../etc/passwd"), None);
    }
}
