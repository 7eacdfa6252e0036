//! The one door to the file system: reads patch directories and single files, writes new ones.
//!
//! In: paths as they were typed, in order. Out: a [`Collection`] for each: its patches in the order in which they are applied, its series
//! file if it has one, and what was left alone.
//!
//! | what is found | how it is read |
//! |---|---|
//! | `series` (also in `patches/` or `debian/patches/` below) | in its order: quilt, Debian |
//! | `series.conf` | in its order: SUSE, Armbian; names are below the folder of `series.conf`, or below the folder above it |
//! | `cur/` and `new/` | maildir: the mails of both, by name |
//! | any other folder | OpenWrt, Armbian: every file by name, bytewise, as OpenWrt's build does with `LC_ALL=C`; folders below are left alone |
//! | a file, or `-` | an mbox, one mail, or a bare diff |
//!
//! Within a folder only regular files are read, and links to such that stay within it: a folder of patches comes from others, and what it
//! leads to is copied into the one that is written.

use super::patch_file::PatchFile;
use super::path::objection;
use super::series::{Entry, Series};
use crate::error::{Error, Result, io};
use std::collections::HashSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Files above this are no patches.
const LARGEST: u64 = 1 << 30;

/// What a place with patches is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A folder with a series file.
    Series,
    /// A folder whose file names are the order.
    Numbered,
    /// A maildir.
    Maildir,
    /// One file.
    File,
}

/// A series file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesFile {
    /// `series` or `series.conf`.
    pub name: String,
    /// What it says.
    pub series: Series,
}

/// The patches of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    /// Where names are below.
    pub folder: PathBuf,
    /// What it is.
    pub shape: Shape,
    /// The series file.
    pub series: Option<SeriesFile>,
    /// The patches in order, also those that are switched off.
    pub files: Vec<PatchFile>,
    /// Names that were left alone, each with the reason.
    pub left_alone: Vec<(String, &'static str)>,
}

/// Reads one place; `-` is standard input.
///
/// # Errors
/// It cannot be read, or its series names a file that is not there, is packed, or lies outside the folder.
pub fn read(place: &Path) -> Result<Collection> {
    if place == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(LARGEST).read_to_end(&mut bytes).map_err(io("standard input"))?;
        return single(place, b"stdin", bytes);
    }
    if !place.is_dir() {
        let name = place.file_name().unwrap_or(place.as_os_str());
        return single(place.parent().unwrap_or(place), name.as_encoded_bytes(), load(place)?);
    }
    for below in ["", "patches", "debian/patches"] {
        for name in ["series", "series.conf"] {
            if place.join(below).join(name).is_file() {
                return by_series(place, (place.join(below), name));
            }
        }
    }
    if ["cur", "new"].iter().all(|name| place.join(name).is_dir()) {
        return maildir(place);
    }
    by_name(place)
}

/// One file as a collection.
fn single(folder: &Path, name: &[u8], bytes: Vec<u8>) -> Result<Collection> {
    let file = PatchFile::read(Entry::plain(name), bytes);
    let left_alone = nothing_in(&file).into_iter().collect();
    Ok(Collection { folder: folder.to_owned(), shape: Shape::File, series: None, files: vec![file], left_alone })
}

/// Reads a folder in the order of its series file.
fn by_series(place: &Path, (folder, name): (PathBuf, &str)) -> Result<Collection> {
    let series = Series::read(&load_within(place, &folder.join(name))?);
    // SUSE and Armbian name patches from the folder above.
    let here =
        |folder: &Path| series.entries().any(|e| !e.disabled && below(folder, &e.name).is_ok_and(|p| p.is_file()));
    let folder = match folder.parent() {
        Some(above) if name == "series.conf" && !here(&folder) && here(above) => above.to_owned(),
        _ => folder,
    };
    let root = if place.starts_with(&folder) { folder.clone() } else { place.to_owned() };
    let mut files = Vec::new();
    let mut left_alone = Vec::new();
    let mut read = HashSet::new();
    for entry in series.entries() {
        let path = below(&folder, &entry.name)?;
        // Which guards are selected knows who asks for the patches.
        let off =
            if entry.disabled { "switched off, and not there" } else { "its guard is not met, and it is not there" };
        if (entry.disabled || !entry.guards.is_empty()) && !path.is_file() {
            left_alone.push((String::from_utf8_lossy(&entry.name).into_owned(), off));
            continue;
        }
        if path == folder.join(name) {
            return Err(named(&entry.name, "it lists itself").hint("take the series file out of its own list"));
        }
        if !read.insert(path.clone()) {
            return Err(named(&entry.name, "it is listed twice").hint("list each patch once"));
        }
        let file = PatchFile::read(entry.clone(), load_within(&root, &path)?);
        left_alone.extend(nothing_in(&file));
        files.push(file);
    }
    let series = Some(SeriesFile { name: name.to_owned(), series });
    Ok(Collection { folder, shape: Shape::Series, series, files, left_alone })
}

/// Reads a folder in the order of its file names.
fn by_name(folder: &Path) -> Result<Collection> {
    let mut files = Vec::new();
    let mut left_alone = Vec::new();
    for (name, path) in entries(folder)? {
        match no_patch(&name, &path) {
            Some(why) => left_alone.push((String::from_utf8_lossy(&name).into_owned(), why)),
            None => {
                let file = PatchFile::read(Entry::plain(&name), load_within(folder, &path)?);
                left_alone.extend(nothing_in(&file));
                files.push(file);
            }
        }
    }
    Ok(Collection { folder: folder.to_owned(), shape: Shape::Numbered, series: None, files, left_alone })
}

/// Why a file of a numbered folder is no patch.
fn no_patch(name: &[u8], path: &Path) -> Option<&'static str> {
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end.as_bytes()));
    match name {
        _ if path.is_dir() => Some("a folder"),
        [b'.', ..] => Some("hidden"),
        _ if path.exists() && !path.is_file() => Some("no regular file"),
        _ if ends(&[".disabled", ".off", ".skip"]) => Some("switched off by its name"),
        _ if ends(&["~", ".orig", ".rej", ".bak", ".swp"]) => Some("a leftover"),
        _ if name.starts_with(b"README") || ends(&[".md", ".txt"]) => Some("a text for people"),
        _ => None,
    }
}

/// Reads a maildir: what was seen, then what is new, each by name.
fn maildir(folder: &Path) -> Result<Collection> {
    let mut files = Vec::new();
    for part in ["cur", "new"] {
        for (name, path) in entries(&folder.join(part))? {
            if path.is_file() && !name.starts_with(b".") {
                let name = [part.as_bytes(), b"/", &name].concat();
                files.push(PatchFile::read(Entry::plain(&name), load_within(folder, &path)?));
            }
        }
    }
    // The order of a mail is in its name, whichever part it is in.
    files.sort_by(|a, b| a.name[4..].cmp(&b.name[4..]));
    let left_alone = files.iter().filter_map(nothing_in).collect();
    Ok(Collection { folder: folder.to_owned(), shape: Shape::Maildir, series: None, files, left_alone })
}

/// The entries of a folder, by name.
fn entries(folder: &Path) -> Result<Vec<(Vec<u8>, PathBuf)>> {
    let failed = || io(folder.display().to_string());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        found.push((entry.file_name().as_encoded_bytes().to_vec(), entry.path()));
    }
    found.sort();
    Ok(found)
}

/// The path of a name of a series, which must not lead out of the folder.
fn below(folder: &Path, name: &[u8]) -> Result<PathBuf> {
    let text = std::str::from_utf8(name).map_err(|_| named(name, "the name is not UTF-8"))?;
    match objection(name) {
        Some(why) => Err(named(name, why)),
        None => Ok(folder.join(text)),
    }
}

/// An error about an entry of a series.
fn named(name: &[u8], why: &str) -> Error {
    Error::fatal(format!("series: {}: {why}", String::from_utf8_lossy(name)))
}

/// What is to be said of a file that has no diff; it stays as it is.
fn nothing_in(file: &PatchFile) -> Option<(String, &'static str)> {
    if file.entry.disabled || file.sections().next().is_some() {
        return None;
    }
    let is_empty = file.bytes.trim_ascii().is_empty();
    let why = if is_empty { "it is empty" } else { "there is no diff in it" };
    Some((String::from_utf8_lossy(&file.name).into_owned(), why))
}

/// Reads a file of a folder that was named: a regular one, and within the folder, wherever links lead.
fn load_within(root: &Path, path: &Path) -> Result<Vec<u8>> {
    let whole = |path: &Path| std::fs::canonicalize(path).map_err(io(path.display()));
    let (root, real) = (whole(root)?, whole(path)?);
    if !real.starts_with(&root) {
        return Err(Error::fatal(format!(
            "{}: leads out of {}, to {}",
            path.display(),
            root.display(),
            real.display()
        ))
        .hint("a patch that lies elsewhere is read if it is copied into the folder"));
    }
    if !std::fs::metadata(&real).map_err(io(path.display()))?.is_file() {
        return Err(Error::fatal(format!("{}: no regular file", path.display())));
    }
    load(path)
}

/// Reads a patch file.
fn load(path: &Path) -> Result<Vec<u8>> {
    let size = std::fs::metadata(path).map_err(io(path.display()))?.len();
    if size > LARGEST {
        return Err(Error::fatal(format!("{}: too large for a patch", path.display())));
    }
    let bytes = std::fs::read(path).map_err(io(path.display()))?;
    let packed: [&[u8]; 4] = [b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"];
    match packed.iter().any(|magic| bytes.starts_with(magic)) {
        true => Err(Error::fatal(format!("{}: packed patches are not read", path.display())).hint("unpack it first")),
        false => Ok(bytes),
    }
}

/// A file that is copied over the tree before the patches (OpenWrt's `files/`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverlayFile {
    /// Its path in the tree.
    pub path: Vec<u8>,
    /// A git mode: 100644, 100755 or 120000.
    pub mode: u32,
    /// Its bytes, or the target of the link.
    pub bytes: Vec<u8>,
}

/// Folders below each other that an overlay may have.
const DEEPEST: usize = 100;

/// Reads an overlay folder, by path.
///
/// # Errors
/// It cannot be read, or has a `.git`.
pub fn overlay(folder: &Path) -> Result<Vec<OverlayFile>> {
    let mut open = vec![(folder.to_owned(), Vec::new(), 0)];
    let mut found = Vec::new();
    while let Some((dir, prefix, depth)) = open.pop() {
        for (name, from) in entries(&dir)? {
            let path = [prefix.as_slice(), name.as_slice()].concat();
            if let Some(why) = objection(&path) {
                return Err(Error::fatal(format!("{}: {why}", from.display())));
            }
            let kind = std::fs::symlink_metadata(&from).map_err(io(from.display()))?;
            if kind.is_dir() && depth < DEEPEST {
                open.push((from, [path.as_slice(), b"/"].concat(), depth + 1));
            } else if kind.is_symlink() {
                let target = std::fs::read_link(&from).map_err(io(from.display()))?;
                found.push(OverlayFile {
                    path,
                    mode: 0o120_000,
                    bytes: target.as_os_str().as_encoded_bytes().to_vec(),
                });
            } else if kind.is_file() {
                let bytes = std::fs::read(&from).map_err(io(from.display()))?;
                found.push(OverlayFile { path, mode: if executable(&kind) { 0o100_755 } else { 0o100_644 }, bytes });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// May the owner run it?
#[cfg(unix)]
fn executable(kind: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&kind.permissions()) & 0o100 != 0
}

/// No file has such a bit here.
#[cfg(not(unix))]
fn executable(_: &std::fs::Metadata) -> bool {
    false
}

/// Refuses a folder that has something in it.
///
/// # Errors
/// It has, or cannot be read.
pub fn refuse_full(folder: &Path) -> Result<()> {
    if folder.exists() && !entries(folder)?.is_empty() {
        return Err(Error::fatal(format!("{}: not empty", folder.display())).hint("name another folder, or empty it"));
    }
    Ok(())
}

/// Writes files below a folder that is new or empty: a new one appears with all of them, whole, or not at all; one that is there gets
/// each file whole, and is empty again if something fails.
///
/// # Errors
/// The folder has something in it, a name leads out of it or stands for two files, or it cannot be written.
pub fn write(folder: &Path, files: &[(Vec<u8>, Vec<u8>)]) -> Result<()> {
    refuse_full(folder)?;
    let is_there = folder.exists();
    let above = folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(above).map_err(io(above.display()))?;
    // Aside, but on the same file system; in the folder itself only where there is no other place.
    let aside = |place: &Path| tempfile::Builder::new().prefix(".kmigrate-").tempdir_in(place);
    let aside = aside(above).or_else(|e| if is_there { aside(folder) } else { Err(e) }).map_err(io(above.display()))?;
    // The temporary folder is for its owner alone; this one is as the user's others.
    let whole = aside.path().join("whole");
    std::fs::create_dir(&whole).map_err(io(whole.display()))?;
    for (name, bytes) in files {
        let path = below(&whole, name)?;
        let shown = below(folder, name)?;
        let parent = path.parent().unwrap_or(&whole);
        std::fs::create_dir_all(parent).map_err(io(shown.display()))?;
        write_new(&path, bytes).map_err(|e| match e.kind() {
            std::io::ErrorKind::AlreadyExists => named(name, "this name stands for two files"),
            _ => io(shown.display())(e),
        })?;
    }
    if !is_there {
        return std::fs::rename(&whole, folder).map_err(io(folder.display()));
    }
    // In the place of the empty one, unless somebody stands there, or it cannot be replaced: a mount, a link.
    let stands_there = std::env::current_dir().ok() == std::fs::canonicalize(folder).ok();
    let like = std::fs::metadata(folder).and_then(|about| std::fs::set_permissions(&whole, about.permissions()));
    match stands_there || like.is_err() || std::fs::rename(&whole, folder).is_err() {
        true => moved_up(&whole, folder),
        false => Ok(()),
    }
}

/// Writes a file that is not there yet; it is on disk when this returns.
fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Moves what is in a folder into another one, all of it or nothing.
fn moved_up(from: &Path, to: &Path) -> Result<()> {
    let mut done = Vec::new();
    for (name, path) in entries(from)? {
        let there = to.join(path.file_name().unwrap_or_default());
        if let Err(e) = std::fs::rename(&path, &there) {
            // The first error is the one to report.
            done.iter().for_each(|(there, path)| drop(std::fs::rename(there, path)));
            return Err(io(String::from_utf8_lossy(&name).into_owned())(e));
        }
        done.push((there, path));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n";

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("it is there");
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("it is there")).expect("it is there");
            std::fs::write(path, text).expect("it is there");
        }
        dir
    }

    fn names(collection: &Collection) -> Vec<&str> {
        collection.files.iter().map(|f| std::str::from_utf8(&f.name).expect("it is there")).collect()
    }

    #[test]
    fn a_series_decides_the_order_wherever_it_lies() {
        for below in ["", "patches/", "debian/patches/"] {
            let name = |n: &str| format!("{below}{n}");
            let dir = folder(&[
                (&name("series"), "b\nsub/a -p0\n"),
                (&name("b"), DIFF),
                (&name("sub/a"), DIFF),
                (&name("c"), DIFF),
            ]);
            let found = read(dir.path()).expect("it is there");
            assert_eq!((names(&found), found.shape), (vec!["b", "sub/a"], Shape::Series));
        }
    }

    #[test]
    fn armbian_names_patches_from_the_folder_above_and_switches_them_off() {
        let conf = "# comment\n\tpatches.armbian/a.patch\n-\tpatches.armbian/b.patch\n";
        let dir = folder(&[
            ("patches/series.conf", conf),
            ("patches.armbian/a.patch", DIFF),
            ("patches.armbian/b.patch", DIFF),
        ]);
        let found = read(dir.path()).expect("it is there");
        let off: Vec<bool> = found.files.iter().map(|f| f.entry.disabled).collect();
        assert_eq!(
            (names(&found), off),
            (vec!["patches.armbian/a.patch", "patches.armbian/b.patch"], vec![false, true])
        );
    }

    #[test]
    fn numbered_folders_go_by_name_and_leftovers_stay() {
        let dir = folder(&[
            ("100-b.patch", DIFF),
            ("020-a.patch", DIFF),
            ("100-B.patch", DIFF),
            ("x.patch.disabled", DIFF),
            ("y.patch~", ""),
            ("sub/z", DIFF),
        ]);
        let found = read(dir.path()).expect("it is there");
        assert_eq!(names(&found), ["020-a.patch", "100-B.patch", "100-b.patch"]);
        assert_eq!(found.left_alone.len(), 3);
    }

    #[test]
    fn maildirs_and_single_files_are_read() {
        let dir = folder(&[("cur/2.x", DIFF), ("new/1.x", DIFF)]);
        let found = read(dir.path()).expect("it is there");
        assert_eq!((names(&found), found.shape), (vec!["new/1.x", "cur/2.x"], Shape::Maildir));
        let found = read(&dir.path().join("cur/2.x")).expect("it is there");
        assert_eq!((names(&found), found.shape), (vec!["2.x"], Shape::File));
    }

    #[test]
    fn a_series_cannot_name_files_elsewhere_and_missing_or_packed_ones_are_named() {
        for (series, word) in
            [("../x\n", "'..'"), ("/etc/passwd\n", "absolute"), ("gone.patch\n", "gone.patch"), ("z.gz\n", "packed")]
        {
            let dir = folder(&[("series", series), ("z.gz", "\x1f\u{8b}")]);
            std::fs::write(dir.path().join("z.gz"), b"\x1f\x8b\x08").expect("it is there");
            let error = read(dir.path()).expect_err("it fails").to_string();
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn links_are_followed_within_the_folder_only_and_what_is_no_file_is_not_waited_for() {
        use std::os::unix::fs::symlink;
        let elsewhere = folder(&[("secret", DIFF)]);
        let secret = elsewhere.path().join("secret");
        let dir = folder(&[("series", "a\nb\n"), ("sub/a", DIFF), ("b", DIFF)]);
        symlink("sub/a", dir.path().join("a")).expect("a link");
        assert_eq!(names(&read(dir.path()).expect("it stays inside")), ["a", "b"]);
        for (series, place) in [("series", "b"), ("series", "series"), ("numbered", "b")] {
            let dir = folder(&[(series, "b\n"), ("b", DIFF)]);
            std::fs::remove_file(dir.path().join(place)).expect("it is there");
            symlink(&secret, dir.path().join(place)).expect("a link");
            let said = read(dir.path()).expect_err("it leads out").to_string();
            assert!(said.contains("leads out of"), "{said}");
        }
        for series in ["series", "numbered"] {
            let dir = folder(&[(series, "b\n"), ("c", DIFF)]);
            assert!(std::process::Command::new("mkfifo").arg(dir.path().join("b")).status().is_ok_and(|s| s.success()));
            let found = read(dir.path());
            match series {
                "series" => assert!(found.expect_err("nobody writes it").to_string().contains("no regular file")),
                _ => assert!(found.expect("the others").left_alone.contains(&("b".to_owned(), "no regular file"))),
            }
        }
    }

    #[test]
    fn a_file_without_a_diff_is_said() {
        let dir = folder(&[("series", "a\nb\nempty\n"), ("a", DIFF), ("b", "root:x:0\n"), ("empty", "")]);
        let found = read(dir.path()).expect("it is there");
        let said = [("b", "there is no diff in it"), ("empty", "it is empty")];
        assert_eq!(found.left_alone, said.map(|(name, why)| (name.to_owned(), why)));
    }

    #[test]
    fn overlays_are_read_with_modes_and_written_folders_must_be_empty() {
        let dir = folder(&[("drivers/x.c", "x"), ("a", "y")]);
        let found = overlay(dir.path()).expect("it is there");
        assert_eq!(
            found.iter().map(|f| (f.path.as_slice(), f.mode)).collect::<Vec<_>>(),
            [(b"a".as_slice(), 0o100_644), (b"drivers/x.c", 0o100_644)]
        );
        assert!(write(dir.path(), &[]).is_err());
        write(&dir.path().join("new"), &[(b"sub/p".to_vec(), b"text".to_vec())]).expect("it is there");
        assert_eq!(std::fs::read(dir.path().join("new/sub/p")).expect("it is there"), b"text");
    }
}
