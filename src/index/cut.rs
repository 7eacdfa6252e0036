//! Cuts a tree into parts that are kept one by one. In: a root tree. Out: [`Cut`]s: which files, and the key that they are kept under.
//!
//! ```text
//!     drivers/          7,000 files: too many for one part
//!       net/            2,000 files: cut again
//!       usb/              800 files: a part, its key is made of the tree's id
//!       mux/ nfc/ ...    few files each: together with files of drivers/ itself one part, its key made of all their ids
//! ```
//!
//! A later kernel, or a series, changes few directories; the other parts are found again.

use crate::index::read::{Entry, Id, Read, Sort};
use crate::syntax::language::Language;
use sha2::{Digest, Sha256};

/// Files that a directory may have, with all below, to be one part. Measured on v6.12: 1,000 gives about 110 parts of half a megabyte.
const WHOLE: usize = 1_000;
/// Files that make a directory inside a larger one worth a part of its own.
const APART: usize = 150;
/// Files of a part at most: their numbers are stored in 12 bits while it is built.
pub(crate) const MOST: usize = 1 << 12;
/// Directories in directories; what is deeper is not indexed (a kernel has 14 levels).
const DEEPEST: usize = 100;

/// What a part is kept under: made of the index's version and of the ids of all that is in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Key(pub(crate) [u8; 32]);

impl Key {
    /// Of a sort of thing and the pieces that make it up.
    pub(crate) fn of<'a>(sort: &'a str, pieces: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        hash.update(crate::index::VERSION.to_le_bytes());
        for piece in std::iter::once(sort.as_bytes()).chain(pieces) {
            hash.update((piece.len() as u64).to_le_bytes());
            hash.update(piece);
        }
        Self(hash.finalize().into())
    }
}

/// A file to be scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    /// From the folder of its part.
    pub(crate) path: Vec<u8>,
    /// The blob.
    pub(crate) id: Id,
    /// How to read it.
    pub(crate) language: Language,
}

/// A part to be.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    /// Path of the folder from the root, with a slash behind it unless it is the root.
    pub(crate) folder: Vec<u8>,
    /// What it is kept under.
    pub(crate) key: Key,
    /// At most [`MOST`], in the order of the trees.
    pub(crate) files: Vec<File>,
}

/// A directory, with the files in it that hold names.
struct Folder {
    path: Vec<u8>,
    id: Id,
    parent: usize,
    depth: usize,
    files: Vec<File>,
    children: Vec<usize>,
    /// Files in it and below.
    count: usize,
}

/// Cuts a whole tree.
pub(crate) fn cut<R: Read>(root: Id, reader: &mut R) -> Result<Vec<Cut>, R::Error> {
    let folders = walk(root, reader)?;
    let (mut cuts, mut open) = (Vec::new(), vec![0]);
    while let Some(at) = open.pop() {
        let folder = &folders[at];
        if folder.count == 0 {
            continue;
        }
        if folder.count <= WHOLE {
            let files = gather(&folders, at, at);
            cuts.push(Cut { folder: folder.path.clone(), key: Key::of("tree", [folder.id.as_bytes()]), files });
            continue;
        }
        let (apart, together): (Vec<_>, Vec<_>) = folder.children.iter().partition(|c| folders[**c].count >= APART);
        open.extend(apart);
        rest(&folders, at, &together, &mut cuts);
    }
    Ok(cuts)
}

/// Parts of the files and small directories of a large one.
fn rest(folders: &[Folder], at: usize, together: &[usize], cuts: &mut Vec<Cut>) {
    let mut files: Vec<File> = Vec::new();
    let mut close = |files: &mut Vec<File>| {
        let pieces = files.iter().flat_map(|f| [f.path.as_slice(), f.id.as_bytes()]);
        let key = Key::of("files", pieces);
        cuts.push(Cut { folder: folders[at].path.clone(), key, files: std::mem::take(files) });
    };
    let own = folders[at].files.chunks(APART).map(<[File]>::to_vec);
    let below = together.iter().map(|child| gather(folders, at, *child));
    for more in own.chain(below) {
        if files.len() + more.len() > MOST {
            close(&mut files);
        }
        files.extend(more);
    }
    if !files.is_empty() {
        close(&mut files);
    }
}

/// The files in a directory and below, with paths from the directory `base`.
fn gather(folders: &[Folder], base: usize, top: usize) -> Vec<File> {
    let skip = folders[base].path.len();
    let (mut files, mut open) = (Vec::with_capacity(folders[top].count), vec![top]);
    while let Some(at) = open.pop() {
        let folder = &folders[at];
        let prefix = &folder.path[skip..];
        let full = |f: &File| File { path: [prefix, &f.path].concat(), ..f.clone() };
        files.extend(folder.files.iter().map(full));
        open.extend(folder.children.iter().rev());
    }
    files
}

/// All directories, parents first.
fn walk<R: Read>(root: Id, reader: &mut R) -> Result<Vec<Folder>, R::Error> {
    let folder = |path, id, parent, depth| {
        let (files, children) = (Vec::new(), Vec::new());
        Folder { path, id, parent, depth, files, children, count: 0 }
    };
    let mut folders = vec![folder(Vec::new(), root, 0, 0)];
    let mut at = 0;
    while at < folders.len() {
        let depth = folders[at].depth;
        for Entry { name, sort, id } in reader.tree(&folders[at].id)? {
            match (sort, Some(Language::of(&name)).filter(|l| !matches!(l, Language::Maintainers | Language::Other))) {
                (Sort::File, Some(language)) => folders[at].files.push(File { path: name, id, language }),
                (Sort::Directory, _) if depth < DEEPEST => {
                    let path = [&folders[at].path, name.as_slice(), b"/"].concat();
                    let child = folders.len();
                    folders[at].children.push(child);
                    folders.push(folder(path, id, at, depth + 1));
                }
                _ => {}
            }
        }
        at += 1;
    }
    for at in (0..folders.len()).rev() {
        folders[at].count += folders[at].files.len();
        if at > 0 {
            let (count, parent) = (folders[at].count, folders[at].parent);
            folders[parent].count += count;
        }
    }
    Ok(folders)
}
