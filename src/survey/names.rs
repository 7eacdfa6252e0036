//! Who defines and who uses a name on a kernel: the index over this repository's objects, kept beside its runs.

use crate::error::{Error, Result};
use crate::git::tree::{self, Sort};
use crate::git::{Kind, Oid, Place, Repo, Store, Writes};
use crate::index::{self, Cache, Damaged, Entry, Id, Index, Progress};
use bstr::BString;

/// Bytes of cache where `kmigrate.cacheSize` says nothing: four kernels.
const CACHE_BYTES: u64 = 256 << 20;

/// The index's view of a repository, for one thread.
struct Objects {
    store: Store,
}

impl index::Read for Objects {
    type Error = Error;

    fn tree(&mut self, id: &Id) -> Result<Vec<Entry>> {
        let entry = |(name, entry): (BString, tree::Entry)| {
            let sort = match entry.sort() {
                Sort::File => index::Sort::File,
                Sort::Directory => index::Sort::Directory,
                Sort::Link | Sort::Gitlink => index::Sort::Other,
            };
            Some(Entry { name: name.into(), sort, id: Id::new(entry.id.as_bytes())? })
        };
        Ok(tree::list(&mut self.store, oid(id)?, b"".into())?.into_iter().filter_map(entry).collect())
    }

    fn blob(&mut self, id: &Id, see: &mut dyn FnMut(&[u8])) -> Result<()> {
        self.store.see(oid(id)?, Kind::Blob, see)
    }
}

fn oid(id: &Id) -> Result<Oid> {
    Oid::from_bytes(id.as_bytes()).map_err(|_| Error::fatal("an id of the wrong length"))
}

/// The index of each tree, from the cache where it is there.
///
/// # Errors
/// An object is missing or damaged, or `kmigrate.cacheSize` is no size.
pub fn names(repo: &Repo, trees: &[Oid], progress: impl Fn(Progress) + Sync) -> Result<Vec<Index>> {
    let dir = repo.common_dir().join("kmigrate-cache").join("index");
    let limit = match repo.setting("kmigrate.cachesize") {
        None => CACHE_BYTES,
        Some(text) => bytes(text).ok_or_else(|| {
            Error::usage(format!("bad value '{text}' for kmigrate.cacheSize"))
                .hint("it is a number of bytes, with k, m or g behind it for more")
        })?,
    };
    let ids: Vec<Id> = trees.iter().filter_map(|tree| Id::new(tree.as_bytes())).collect();
    let place: Place = repo.place();
    let make = || Ok(Objects { store: Store::open(place.clone(), Writes::Nowhere)? });
    Index::open_or_build(&Cache { dir, limit }, &ids, make, progress)
}

/// Asks the index of each tree something.
///
/// # Errors
/// As [`names`], or the disk is broken: a cache file that was damaged is made again, and is damaged again.
pub fn ask_names<A>(
    repo: &Repo,
    trees: &[Oid],
    question: impl Fn(&[Index]) -> std::result::Result<A, Damaged>,
) -> Result<A> {
    for _ in 0..2 {
        if let Ok(answer) = question(&names(repo, trees, |_| {})?) {
            return Ok(answer);
        }
    }
    Err(Error::fatal("the index in kmigrate-cache is damaged again and again").hint("see whether the disk is well"))
}

/// A size as git config has it.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let (digits, factor) = match text.to_ascii_lowercase().chars().last()? {
        'k' => (&text[..text.len() - 1], 1 << 10),
        'm' => (&text[..text.len() - 1], 1 << 20),
        'g' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_as_git_config_has_them() {
        assert_eq!([bytes("12"), bytes("3k"), bytes("2M"), bytes("1g")], [12, 3 << 10, 2 << 20, 1 << 30].map(Some));
        assert_eq!([bytes(""), bytes("m"), bytes("many"), bytes("99999999999g")], [None; 4]);
    }
}
