//! Where upstream moved the files and folders that the series changes.
//!
//! Asked once, and only where the series misses something: a file of base that onto lacks, or a folder whose files went elsewhere
//! while the series adds to it.
//!
//! ```text
//!   base: arch/arm/boot/dts/bcm2711-a.dts   ->  onto: arch/arm/boot/dts/broadcom/bcm2711-a.dts
//!         arch/arm/boot/dts/imx6q-b.dts     ->        arch/arm/boot/dts/nxp/imx6q-b.dts
//!   the series adds arch/arm/boot/dts/bcm2711-c.dts: its nearest sibling by name went to broadcom/, so it goes there
//! ```

use super::{Country, Standing};
use crate::error::Result;
use crate::git::tree::{self, Sort};
use crate::git::{Oid, Renames, Repo, Store};
use crate::merge::Evidence;
use crate::run::quoted;
use bstr::{BStr, BString, ByteSlice};
use std::collections::{BTreeMap, BTreeSet};

/// Upstream's moves, as far as the series needs them.
#[derive(Debug, Default)]
pub struct Moves {
    files: Renames,
    /// Folders of base that lost most of their files.
    folders: BTreeMap<BString, Emptied>,
}

/// A folder that lost most of its files.
#[derive(Debug, Default)]
struct Emptied {
    /// Where each of them went.
    went: Vec<(BString, BString)>,
    /// New upstream still has the folder, so a new file may belong there after all.
    lives_on: bool,
}

/// Where something of the series goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The path on the new kernel.
    pub path: BString,
    /// Why.
    pub evidence: Evidence,
    /// Upstream's own files went to several places: a person should look.
    pub to_review: bool,
}

impl Moves {
    /// Finds the moves for `paths`.
    ///
    /// # Errors
    /// A tree is missing, or git fails.
    pub fn survey(repo: &Repo, store: &mut Store, country: Country, paths: &[Standing]) -> Result<Self> {
        let Some((_, base)) = country.base else {
            return Ok(Self::default());
        };
        let onto = country.onto.1;
        let missing: Vec<&BString> = paths
            .iter()
            .filter(|p| p.base.is_some() && p.onto.is_none_or(|e| e.sort() == Sort::Directory))
            .map(|p| &p.path)
            .collect();
        let added = paths.iter().filter(|p| p.base.is_none());
        let parents: BTreeSet<&BStr> = added.map(|p| folder(p.path.as_ref())).collect();
        let mut emptied = Vec::new();
        for dir in parents {
            if is_emptied(store, (base, onto), dir)? {
                emptied.push(dir.to_owned());
            }
        }
        if missing.is_empty() && emptied.is_empty() {
            return Ok(Self::default());
        }
        let mut files = repo.renames(base, onto)?;
        let dirs: BTreeSet<BString> = missing
            .iter()
            .filter(|path| !files.contains_key(**path))
            .map(|path| neighbourhood(path.as_ref()).to_owned())
            .filter(|dir| !dir.is_empty())
            .collect();
        let dirs: Vec<BString> = dirs.into_iter().collect();
        if !dirs.is_empty() {
            for (from, rename) in repo.renames_within(base, onto, &dirs)? {
                files.entry(from).or_insert(rename);
            }
        }
        let mut folders = BTreeMap::new();
        for dir in emptied {
            let went = went(&files, dir.as_ref());
            let lives_on = !tree::list(store, onto, dir[..dir.len() - 1].as_bstr())?.is_empty();
            if !went.is_empty() {
                folders.insert(dir, Emptied { went, lives_on });
            }
        }
        Ok(Self { folders, files })
    }

    /// Where upstream moved a file that the series changes.
    pub fn of_file(&self, path: &BStr) -> Option<Placement> {
        let rename = self.files.get(path)?;
        let said = format!("upstream moved {} here ({} % similar)", quoted(path), rename.similarity);
        Some(Placement {
            path: rename.to.clone(),
            evidence: Evidence::new(said).at(quoted(rename.to.as_ref())),
            to_review: false,
        })
    }

    /// Where a file goes that the series adds to a folder that upstream moved or split.
    pub fn of_added(&self, path: &BStr) -> Option<Placement> {
        let dir = folder(path);
        let Emptied { went: siblings, lives_on } = self.folders.get(dir)?;
        let name = &path[dir.len()..];
        let nearness = |sibling: &BString| likeness(name, &sibling[dir.len()..]);
        let nearest = siblings.iter().map(|(from, _)| nearness(from)).max()?;
        let all: BTreeSet<&BStr> = siblings.iter().map(|(_, to)| folder(to.as_ref())).collect();
        let moved = format!("upstream moved {} files out of {}, to {} folders", siblings.len(), quoted(dir), all.len());
        if all.len() > 1 && nearest.1 < ALIKE {
            let said = format!("{moved}; no name among them is like this one");
            let evidence = Evidence::new(said).at(quoted(path));
            return Some(Placement { path: path.to_owned(), evidence, to_review: true });
        }
        let near: Vec<_> = siblings.iter().filter(|(from, _)| nearness(from) == nearest).collect();
        let mut votes: BTreeMap<&BStr, usize> = BTreeMap::new();
        for (_, to) in &near {
            *votes.entry(folder(to.as_ref())).or_default() += 1;
        }
        // The most votes; on a tie the first folder by name.
        let (to, _) = votes.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)))?;
        let example = near.iter().find(|(_, t)| folder(t.as_ref()) == *to)?;
        let place = BString::from([to.as_bytes(), &path[dir.len()..]].concat());
        let example = (quoted(example.0.as_ref()), quoted(example.1.as_ref()));
        let said = format!("{moved}; the one nearest by name, {}, went to {}", example.0, example.1);
        Some(Placement {
            evidence: Evidence::new(said).at(quoted(place.as_ref())),
            path: place,
            to_review: all.len() > 1 || *lives_on,
        })
    }
}

/// Letters at the head of two names that make them alike.
const ALIKE: usize = 3;

/// The folder of a path, with its `/`; empty at the root.
fn folder(path: &BStr) -> &BStr {
    path.rfind_byte(b'/').map_or(&path[..0], |i| &path[..=i]).as_bstr()
}

/// The two outermost folders: where every pair of files is compared for a file that no cheap look found.
fn neighbourhood(path: &BStr) -> &BStr {
    let ends: Vec<usize> = path.find_iter("/").take(2).collect();
    ends.last().map_or(&path[..0], |end| &path[..*end]).as_bstr()
}

/// Letters that two names share, at the head and (the extension) at the tail.
fn likeness(a: &[u8], b: &[u8]) -> (bool, usize) {
    let extension = |n: &[u8]| n.rfind_byte(b'.').map(|i| n[i..].to_vec());
    let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    (extension(a) == extension(b), head)
}

/// Did at least half of the folder's files leave it?
fn is_emptied(store: &mut Store, (base, onto): (Oid, Oid), dir: &BStr) -> Result<bool> {
    if dir.is_empty() {
        return Ok(false);
    }
    let dir = dir[..dir.len() - 1].as_bstr();
    let here = tree::list(store, onto, dir)?;
    let here: BTreeSet<BString> = here.into_iter().map(|(name, _)| name).collect();
    let files = tree::list(store, base, dir)?;
    let files: Vec<_> = files.iter().filter(|(_, e)| e.sort() == Sort::File).collect();
    let gone = files.iter().filter(|(name, _)| !here.contains(name)).count();
    Ok(gone > 0 && 2 * gone >= files.len())
}

/// The files that left a folder, with where they went.
fn went(files: &Renames, dir: &BStr) -> Vec<(BString, BString)> {
    let inside = |path: &BString| path.starts_with(dir) && !path[dir.len()..].contains(&b'/');
    let mut went: Vec<_> = files
        .iter()
        .filter(|(from, rename)| inside(from) && folder(rename.to.as_ref()) != dir)
        .map(|(from, rename)| (from.clone(), rename.to.clone()))
        .collect();
    went.sort();
    went
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves(dir: &str, pairs: &[(&str, &str)]) -> Moves {
        let went = pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        let emptied = Emptied { went, lives_on: false };
        Moves { files: Renames::new(), folders: BTreeMap::from([(dir.into(), emptied)]) }
    }

    #[test]
    fn a_file_added_to_a_split_folder_follows_its_nearest_sibling_and_is_to_review() {
        let moves = moves(
            "dts/",
            &[
                ("dts/bcm2711-rpi-4-b.dts", "dts/broadcom/bcm2711-rpi-4-b.dts"),
                ("dts/imx6q.dts", "dts/nxp/imx6q.dts"),
                ("dts/imx7d.dts", "dts/nxp/imx7d.dts"),
            ],
        );
        let placed = moves.of_added(b"dts/bcm2711-rpi-cm4.dts".as_bstr()).expect("placed");
        assert_eq!(placed.path, "dts/broadcom/bcm2711-rpi-cm4.dts");
        assert!(placed.to_review);
    }

    #[test]
    fn a_folder_that_moved_whole_takes_new_files_along() {
        let moves = moves("old/", &[("old/a.c", "new/a.c"), ("old/b.c", "new/b.c")]);
        let placed = moves.of_added(b"old/z.c".as_bstr()).expect("placed");
        assert_eq!(placed.path, "new/z.c");
        assert!(!placed.to_review);
        assert_eq!(moves.of_added(b"elsewhere/z.c".as_bstr()), None);
    }
}
