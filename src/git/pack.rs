//! Writes new git objects into a repository as one pack with its index (pack v2, idx v2).
//!
//! In: objects (id, kind, bytes), each perhaps with the earlier version of the same file or
//! directory. Out: `pack-<checksum>.pack` and `.idx` in the repository's `objects/pack`, both or
//! neither. Until then the pack grows in memory, so callers with much to write should start a new
//! pack once `size` says so.

use super::delta;
use super::object::{Kind, digest, raw_len};
use git2::ObjectFormat;
use libdeflater::{CompressionLvl, Compressor, Decompressor};
use std::collections::HashMap;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Longest chain of deltas; git's own default, beyond which reading gets slow.
const MAX_DEPTH: u8 = 50;
/// Entry type of a delta whose base lies a given distance earlier in the same pack.
const OFS_DELTA: u8 = 6;
/// Largest pack offset that the index holds in 32 bits.
const MAX_SHORT_OFFSET: u64 = 0x7fff_ffff;

/// Where an object lies in the pack.
#[derive(Clone, Copy)]
struct Entry {
    offset: u64,
    crc: u32,
    kind: Kind,
    /// Deltas to be applied before the object is whole.
    depth: u8,
}

/// A pack being made, in memory.
pub struct PackBuilder {
    hash: ObjectFormat,
    pack: Vec<u8>,
    entries: HashMap<Vec<u8>, Entry>,
    compressor: Compressor,
}

impl PackBuilder {
    /// A pack without objects.
    pub fn new(hash: ObjectFormat) -> Self {
        Self {
            hash,
            // The last four bytes are the number of objects, known only in the end.
            pack: b"PACK\0\0\0\x02\0\0\0\0".to_vec(),
            entries: HashMap::new(),
            compressor: Compressor::new(CompressionLvl::fastest()),
        }
    }

    /// Appends an object, unless the pack has it.
    ///
    /// `id` must be the `object_id` of the rest. `previous` is id and data of an earlier version of
    /// the same file or directory: if that object is in this pack, of the same kind and not too
    /// deep in a chain, and the difference is less than half of `data`, only that is stored.
    ///
    /// # Panics
    /// If `id` has not the length of this pack's hash.
    pub fn add(&mut self, id: &[u8], kind: Kind, data: &[u8], previous: Option<(&[u8], &[u8])>) {
        assert_eq!(id.len(), raw_len(self.hash), "id of another hash");
        if self.contains(id) {
            return;
        }
        let start = self.pack.len();
        let depth = self.append(kind, data, previous);
        let entry = Entry { offset: start as u64, crc: crc32fast::hash(&self.pack[start..]), kind, depth };
        self.entries.insert(id.to_vec(), entry);
    }

    /// Whether this object has been added.
    pub fn contains(&self, id: &[u8]) -> bool {
        self.entries.contains_key(id)
    }

    /// Number of objects so far.
    pub fn object_count(&self) -> usize {
        self.entries.len()
    }

    /// Writes pack and index into `<objects_dir>/pack`, which is made if missing, and gives their
    /// common path without extension; `None` if there is no object to write.
    ///
    /// Both files are on disk when this returns. After an error neither they nor temporary files
    /// remain, except that a failed sync of the directory may leave the complete pair. Files of
    /// the same name that are already there have the same content and stay.
    pub fn write(mut self, objects_dir: &Path) -> io::Result<Option<PathBuf>> {
        if self.entries.is_empty() {
            return Ok(None);
        }
        let count = u32::try_from(self.entries.len()).map_err(io::Error::other)?;
        self.pack[8..12].copy_from_slice(&count.to_be_bytes());
        let checksum = digest(self.hash, &[&self.pack])?;
        self.pack.extend_from_slice(&checksum);
        let mut entries: Vec<_> = self.entries.into_iter().collect();
        entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let mut index = index_file(&entries, &checksum, MAX_SHORT_OFFSET);
        index.extend(digest(self.hash, &[&index])?);
        let dir = objects_dir.join("pack");
        fs::create_dir_all(&dir)?;
        let name: String = checksum.iter().map(|byte| format!("{byte:02x}")).collect();
        let stem = dir.join(format!("pack-{name}"));
        install(&dir, &stem, &self.pack, &index)?;
        Ok(Some(stem))
    }

    /// Appends the entry's bytes and gives its depth.
    fn append(&mut self, kind: Kind, data: &[u8], previous: Option<(&[u8], &[u8])>) -> u8 {
        let delta = previous.and_then(|(id, old)| {
            // A delta takes over the kind of its base.
            let fits = |base: &Entry| base.kind == kind && base.depth < MAX_DEPTH;
            let base = self.entries.get(id).copied().filter(fits)?;
            Some((base, delta::encode(old, data, data.len() / 2)?))
        });
        let Some((base, delta)) = delta else {
            self.entry_header(kind as u8, data.len());
            self.deflate(data);
            return 0;
        };
        let distance = self.pack.len() as u64 - base.offset;
        self.entry_header(OFS_DELTA, delta.len());
        self.base_distance(distance);
        self.deflate(&delta);
        base.depth + 1
    }

    /// Type and unpacked size: four bits of the size beside the type, then seven a byte.
    fn entry_header(&mut self, code: u8, len: usize) {
        let mut byte = code << 4 | (len & 0x0f) as u8;
        let mut rest = len >> 4;
        while rest > 0 {
            self.pack.push(byte | 0x80);
            byte = (rest & 0x7f) as u8;
            rest >>= 7;
        }
        self.pack.push(byte);
    }

    /// How far back the base starts: seven bits a byte, highest first. Each further byte means one
    /// more than its bits say, so that no distance can be written in two ways.
    fn base_distance(&mut self, distance: u64) {
        let mut bytes = vec![(distance & 0x7f) as u8];
        let mut rest = distance >> 7;
        while rest > 0 {
            rest -= 1;
            bytes.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        self.pack.extend(bytes.iter().rev());
    }

    /// Compresses straight into the pack, which saves a buffer as large as the object.
    fn deflate(&mut self, data: &[u8]) {
        let start = self.pack.len();
        let bound = self.compressor.zlib_compress_bound(data.len());
        self.pack.resize(start + bound, 0);
        let written =
            (self.compressor).zlib_compress(data, &mut self.pack[start..]).expect("the bound is always enough");
        self.pack.truncate(start + written);
    }
}

/// The index without its own checksum: for every id, in order, checksum and offset of its entry.
/// Offsets above `max_short` go into a table of their own with 64 bits each.
fn index_file(entries: &[(Vec<u8>, Entry)], pack_checksum: &[u8], max_short: u64) -> Vec<u8> {
    let mut out = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=u8::MAX {
        let up_to = entries.partition_point(|(id, _)| id[0] <= first);
        // `write` has checked that the number of objects fits.
        out.extend_from_slice(&(up_to as u32).to_be_bytes());
    }
    out.extend(entries.iter().flat_map(|(id, _)| id));
    out.extend((entries.iter()).flat_map(|(_, entry)| entry.crc.to_be_bytes()));
    let mut long = Vec::new();
    for (_, entry) in entries {
        let mut short = entry.offset as u32;
        if entry.offset > max_short {
            // The highest bit marks a position in the table of long offsets.
            short = long.len() as u32 | 0x8000_0000;
            long.push(entry.offset);
        }
        out.extend_from_slice(&short.to_be_bytes());
    }
    out.extend(long.into_iter().flat_map(u64::to_be_bytes));
    out.extend_from_slice(pack_checksum);
    out
}

/// Puts both files in place under `stem`. The index comes last: git looks for packs by their index.
fn install(dir: &Path, stem: &Path, pack: &[u8], index: &[u8]) -> io::Result<()> {
    let (pack_path, index_path) = (stem.with_extension("pack"), stem.with_extension("idx"));
    let had_pack = pack_path.is_file();
    if had_pack && index_path.is_file() {
        return Ok(());
    }
    let pack = temp_file(dir, "tmp_pack_", pack)?;
    let index = temp_file(dir, "tmp_idx_", index)?;
    pack.persist(&pack_path).map_err(|error| error.error)?;
    if let Err(error) = index.persist(&index_path) {
        if !had_pack {
            // Best effort: the first error is the one to report.
            let _ = fs::remove_file(&pack_path);
        }
        return Err(error.error);
    }
    File::open(dir)?.sync_all()
}

/// A synced temporary file that goes away unless it gets its final name. Should the process die,
/// `git gc` removes files with these prefixes.
fn temp_file(dir: &Path, prefix: &str, content: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(prefix).tempfile_in(dir)?;
    file.write_all(content)?;
    let readable = Permissions::from_mode(0o444);
    file.as_file().set_permissions(readable)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A zlib stream of these bytes.
pub fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packer = Compressor::new(CompressionLvl::default());
    let mut out = vec![0; packer.zlib_compress_bound(bytes.len())];
    let length = packer.zlib_compress(bytes, &mut out).expect("the bound is enough");
    out.truncate(length);
    out
}

/// The bytes of a zlib stream, if there are exactly so many.
pub fn inflated(zlib: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; size];
    let length = Decompressor::new().zlib_decompress(zlib, &mut out).ok()?;
    (length == size).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::super::object::object_id;
    use super::*;
    use std::process::{Command, Stdio};
    use tempfile::TempDir;

    const HASHES: [ObjectFormat; 2] = [ObjectFormat::Sha1, ObjectFormat::Sha256];
    const COMMITS: usize = 130;

    struct Object {
        id: Vec<u8>,
        kind: Kind,
        data: Vec<u8>,
    }

    /// Objects in the order of their addition, and the pack that has them.
    struct History {
        hash: ObjectFormat,
        objects: Vec<Object>,
        pack: PackBuilder,
    }

    impl History {
        fn new(hash: ObjectFormat) -> Self {
            let (objects, pack) = (Vec::new(), PackBuilder::new(hash));
            Self { hash, objects, pack }
        }

        /// Adds an object with an earlier one, by position, as its previous version.
        fn add(&mut self, kind: Kind, data: Vec<u8>, previous: Option<usize>) -> usize {
            let id = object_id(self.hash, kind, &data).expect("no attack");
            let previous = previous.map(|at| &self.objects[at]);
            let previous = previous.map(|old| (old.id.as_slice(), old.data.as_slice()));
            self.pack.add(&id, kind, &data, previous);
            assert!(self.pack.contains(&id));
            self.objects.push(Object { id, kind, data });
            self.objects.len() - 1
        }

        fn tree(&mut self, files: &[(&str, usize)], previous: Option<usize>) -> usize {
            let mut data = Vec::new();
            for (name, at) in files {
                data.extend_from_slice(format!("{name}\0").as_bytes());
                data.extend_from_slice(&self.objects[*at].id);
            }
            self.add(Kind::Tree, data, previous)
        }

        fn commit(&mut self, tree: usize, parent: Option<usize>) -> usize {
            let mut text = format!("tree {}\n", hex(&self.objects[tree].id));
            if let Some(parent) = parent {
                text += &format!("parent {}\n", hex(&self.objects[parent].id));
            }
            for role in ["author", "committer"] {
                text += &format!("{role} A U Thor <author@example.com> 1700000000 +0000\n");
            }
            text += "\nA change\n";
            self.add(Kind::Commit, text.into_bytes(), parent)
        }

        /// Commits that edit one file each time, beside files of awkward sizes.
        fn with_commits(hash: ObjectFormat) -> Self {
            let mut history = Self::new(hash);
            let empty = history.add(Kind::Blob, Vec::new(), None);
            let large = noise(1, 400_000);
            let mut edited = large.clone();
            edited[200_000] ^= 1;
            let large = history.add(Kind::Blob, large, None);
            let edited = history.add(Kind::Blob, edited, Some(large));
            let edge = history.add(Kind::Blob, noise(2, 0x1_0000), None);
            let over = [&history.objects[edge].data[..], b"one more"].concat();
            let over = history.add(Kind::Blob, over, Some(edge));
            let (mut file, mut sub, mut root, mut head) = (None, None, None, None);
            let mut text: Vec<u8> = (0..900).flat_map(|n| format!("{n}\n").into_bytes()).collect();
            for n in 0..COMMITS {
                text.splice(n * 20..n * 20 + 3, *b"edited");
                file = Some(history.add(Kind::Blob, text.clone(), file));
                let file = file.expect("just added");
                sub = Some(history.tree(&[("100644 empty", empty), ("100755 file", file)], sub));
                let files = [
                    ("100644 edge", edge),
                    ("100644 edited", edited),
                    ("100644 large", large),
                    ("100644 over", over),
                    ("40000 sub", sub.expect("just added")),
                ];
                root = Some(history.tree(&files, root));
                head = Some(history.commit(root.expect("just added"), head));
            }
            history
        }
    }

    fn noise(seed: u64, len: usize) -> Vec<u8> {
        let mut state = seed * 0x9e37_79b9 + 1;
        let step = |_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        };
        (0..len).map(step).collect()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn git(dir: &Path, args: &[&str], input: &[u8]) -> Vec<u8> {
        let mut stdin = tempfile::tempfile().expect("temp file");
        stdin.write_all(input).expect("input written");
        io::Seek::rewind(&mut stdin).expect("rewound");
        let output = Command::new("git")
            .args(args)
            .current_dir(dir)
            .env_remove("GIT_DIR")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdin(Stdio::from(stdin))
            .output()
            .expect("git runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {errors}");
        assert!(!errors.contains("error") && !errors.contains("warning"), "{errors}");
        output.stdout
    }

    fn repository(hash: ObjectFormat) -> TempDir {
        let dir = TempDir::new().expect("temp dir");
        let format = match hash {
            ObjectFormat::Sha1 => "--object-format=sha1",
            ObjectFormat::Sha256 => "--object-format=sha256",
        };
        git(dir.path(), &["init", "-q", "--bare", format], b"");
        dir
    }

    fn read(stem: &Path, extension: &str) -> Vec<u8> {
        fs::read(stem.with_extension(extension)).expect("file of the pack")
    }

    fn files_in(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).expect("directory");
        let name = |entry: io::Result<fs::DirEntry>| entry.expect("entry").file_name();
        let mut names: Vec<_> = entries.map(name).collect();
        names.sort();
        let text = |name: std::ffi::OsString| name.to_string_lossy().into_owned();
        names.into_iter().map(text).collect()
    }

    fn written(pack: PackBuilder, repo: &TempDir) -> PathBuf {
        let stem = pack.write(&repo.path().join("objects")).expect("written");
        stem.expect("there are objects")
    }

    #[test]
    fn git_accepts_the_pack_and_makes_the_same_index() {
        for hash in HASHES {
            let (repo, fresh) = (repository(hash), repository(hash));
            let stem = written(History::with_commits(hash).pack, &repo);
            let pack = read(&stem, "pack");
            let said = git(fresh.path(), &["index-pack", "--strict", "--stdin"], &pack);
            let said = String::from_utf8(said).expect("text");
            let sum = said.trim().trim_start_matches("pack\t").to_owned();
            assert!(stem.ends_with(format!("pack-{sum}")), "other checksum {sum}");
            let theirs = fresh.path().join(format!("objects/pack/pack-{sum}"));
            assert!(read(&theirs, "idx") == read(&stem, "idx"), "index differs");
            let pack = stem.with_extension("pack");
            let pack = pack.to_str().expect("plain path");
            git(repo.path(), &["index-pack", "--strict", "-o", "again.idx", pack], b"");
            let again = fs::read(repo.path().join("again.idx")).expect("index");
            assert!(again == read(&stem, "idx"), "index differs");
        }
    }

    #[test]
    fn git_finds_no_fault_in_the_repository() {
        for hash in HASHES {
            let repo = repository(hash);
            let history = History::with_commits(hash);
            let head = hex(&history.objects.last().expect("a commit").id);
            written(history.pack, &repo);
            git(repo.path(), &["update-ref", "HEAD", &head], b"");
            let said = git(repo.path(), &["fsck", "--full", "--strict"], b"");
            assert_eq!(String::from_utf8_lossy(&said), "");
            let count = git(repo.path(), &["rev-list", "--count", "HEAD"], b"");
            assert_eq!(count, format!("{COMMITS}\n").as_bytes());
        }
    }

    #[test]
    fn git_reads_every_object_back() {
        for hash in HASHES {
            let repo = repository(hash);
            let History { objects, pack, .. } = History::with_commits(hash);
            written(pack, &repo);
            let (mut ids, mut expected) = (String::new(), Vec::new());
            for Object { id, kind, data } in &objects {
                ids += &format!("{}\n", hex(id));
                let name = format!("{kind:?}").to_lowercase();
                let header = format!("{} {name} {}\n", hex(id), data.len());
                expected.extend([header.as_bytes(), data, b"\n"].concat());
            }
            let got = git(repo.path(), &["cat-file", "--batch"], ids.as_bytes());
            assert!(got == expected, "an object differs");
        }
    }

    #[test]
    fn delta_chains_stop_at_fifty() {
        for hash in HASHES {
            let repo = repository(hash);
            let stem = written(History::with_commits(hash).pack, &repo);
            let index = stem.with_extension("idx");
            let index = index.to_str().expect("plain path");
            let said = git(repo.path(), &["verify-pack", "-v", index], b"");
            let said = String::from_utf8(said).expect("text");
            let length = |line: &str| -> Option<usize> {
                let (length, _) = line.strip_prefix("chain length = ")?.split_once(':')?;
                length.parse().ok()
            };
            assert_eq!(said.lines().filter_map(length).max(), Some(50));
        }
    }

    #[test]
    fn long_offsets_are_indexed_as_git_does() {
        for hash in HASHES {
            let repo = repository(hash);
            let pack = History::with_commits(hash).pack;
            let mut entries: Vec<_> = pack.entries.clone().into_iter().collect();
            entries.sort_by_key(|(id, _)| id.clone());
            let stem = written(pack, &repo);
            let pack_path = stem.with_extension("pack");
            let pack_path = pack_path.to_str().expect("plain path");
            let version = "--index-version=2,0x60000";
            git(repo.path(), &["index-pack", version, "-o", "long.idx", pack_path], b"");
            let theirs = fs::read(repo.path().join("long.idx")).expect("index");
            let pack = read(&stem, "pack");
            let ours = index_file(&entries, &pack[pack.len() - raw_len(hash)..], 0x6_0000);
            assert!(ours.len() > read(&stem, "idx").len(), "no long offsets");
            assert!(theirs.starts_with(&ours), "index differs");
        }
    }

    #[test]
    fn offsets_past_two_gigabytes_take_64_bits() {
        let entry = |offset| Entry { offset, crc: 0, kind: Kind::Blob, depth: 0 };
        let entries = [0x7fff_ffff, 0x8000_0000, 0x1_2345_6789];
        let entries: Vec<_> = (1..).zip(entries).map(|(n, at)| (vec![n; 20], entry(at))).collect();
        let index = index_file(&entries, &[0; 20], MAX_SHORT_OFFSET);
        let offsets = &index[8 + 1024 + 3 * 24..index.len() - 20];
        let expected = "7fffffff800000008000000100000000800000000000000123456789";
        assert_eq!(hex(offsets), expected);
    }

    #[test]
    fn ids_are_those_of_git() {
        for hash in HASHES {
            let repo = repository(hash);
            let data = noise(3, 1000);
            let theirs = git(repo.path(), &["hash-object", "--stdin"], &data);
            let ours = object_id(hash, Kind::Blob, &data).expect("no attack");
            assert_eq!(format!("{}\n", hex(&ours)).as_bytes(), theirs);
        }
    }

    #[test]
    fn a_collision_attack_is_refused() {
        // The published beginning of the two colliding PDF files.
        let text = "\
         255044462d312e330a25e2e3cfd30a0a0a312030206f626a0a3c3c2f57696474682032203020522f\
         4865696768742033203020522f547970652034203020522f537562747970652035203020522f4669\
         6c7465722036203020522f436f6c6f7253706163652037203020522f4c656e677468203820302052\
         2f42697473506572436f6d706f6e656e7420383e3e0a73747265616d0affd8fffe00245348412d31\
         20697320646561642121212121852fec092339759c39b1a1c63c4c97e1fffe017346dc9166b67e11\
         8f029ab621b2560ff9ca67cca8c7f85ba84c79030c2b3de218f86db3a90901d5df45c14f26fedfb3\
         dc38e96ac22fe7bd728f0e45bce046d23c570feb141398bb552ef5a0a82be331fea48037b8b5d71f\
         0e332edf93ac3500eb4ddc0decc1a864790c782c76215660dd309791d06bd0af3f98cda4bc4629b1";
        let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
        let data: Vec<u8> = (0..text.len()).step_by(2).map(byte).collect();
        assert!(digest(ObjectFormat::Sha1, &[&data]).is_err());
        assert!(digest(ObjectFormat::Sha256, &[&data]).is_ok());
    }

    #[test]
    fn an_object_is_stored_once() {
        let mut history = History::new(ObjectFormat::Sha1);
        history.add(Kind::Blob, b"same".to_vec(), None);
        let size = history.pack.pack.len();
        history.add(Kind::Blob, b"same".to_vec(), None);
        assert_eq!((history.pack.object_count(), history.pack.pack.len()), (1, size));
    }

    #[test]
    fn a_previous_version_counts_only_if_it_is_in_the_pack_and_of_the_same_kind() {
        let (old, mut new) = (noise(4, 5000), noise(4, 5000));
        new[7] ^= 1;
        let size = |added: Option<Kind>| {
            let mut pack = PackBuilder::new(ObjectFormat::Sha1);
            let (old_id, new_id) = ([1; 20], [2; 20]);
            if let Some(kind) = added {
                pack.add(&old_id, kind, &old, None);
            }
            let before = pack.pack.len();
            pack.add(&new_id, Kind::Blob, &new, Some((&old_id, &old)));
            pack.pack.len() - before
        };
        assert!(size(None) > 5000 && size(Some(Kind::Tree)) > 5000);
        assert!(size(Some(Kind::Blob)) < 100);
    }

    #[test]
    fn an_empty_pack_writes_nothing() {
        let repo = repository(ObjectFormat::Sha1);
        let pack = PackBuilder::new(ObjectFormat::Sha1);
        let stem = pack.write(&repo.path().join("objects")).expect("nothing to fail");
        assert_eq!(stem, None);
        assert!(files_in(&repo.path().join("objects/pack")).is_empty());
    }

    fn small_pack() -> PackBuilder {
        let mut history = History::new(ObjectFormat::Sha1);
        history.add(Kind::Blob, b"content".to_vec(), None);
        history.pack
    }

    #[test]
    fn writing_the_same_pack_again_succeeds() {
        let repo = repository(ObjectFormat::Sha1);
        let first = written(small_pack(), &repo);
        assert_eq!(written(small_pack(), &repo), first);
        let files = files_in(&repo.path().join("objects/pack"));
        assert_eq!(files.len(), 2, "{files:?}");
    }

    #[test]
    fn the_files_are_read_only_for_everyone() {
        let dir = TempDir::new().expect("temp dir");
        let stem = small_pack().write(&dir.path().join("new/objects"));
        let stem = stem.expect("written").expect("an object");
        for extension in ["pack", "idx"] {
            let meta = fs::metadata(stem.with_extension(extension)).expect("file");
            assert_eq!(meta.permissions().mode() & 0o7777, 0o444);
        }
    }

    #[test]
    fn a_path_that_is_a_file_is_an_error() {
        let dir = TempDir::new().expect("temp dir");
        let path = dir.path().join("file");
        fs::write(&path, b"").expect("file");
        assert!(small_pack().write(&path).is_err());
        assert_eq!(files_in(dir.path()), ["file"]);
    }

    #[test]
    fn a_directory_without_permission_is_an_error_and_stays_empty() {
        let dir = TempDir::new().expect("temp dir");
        let pack = dir.path().join("pack");
        fs::create_dir(&pack).expect("directory");
        fs::set_permissions(&pack, Permissions::from_mode(0o555)).expect("mode");
        let probe = tempfile::tempfile_in(&pack);
        if probe.is_ok() {
            return; // Root may write anywhere.
        }
        assert!(small_pack().write(dir.path()).is_err());
        assert!(files_in(&pack).is_empty());
    }

    #[test]
    fn if_a_name_is_taken_by_a_directory_nothing_is_left_behind() {
        let repo = repository(ObjectFormat::Sha1);
        let stem = written(small_pack(), &repo);
        let name = stem.file_name().expect("a name");
        for extension in ["pack", "idx"] {
            let dir = TempDir::new().expect("temp dir");
            let taken = dir.path().join("pack").join(name).with_extension(extension);
            fs::create_dir_all(taken.join("x")).expect("directory");
            assert!(small_pack().write(dir.path()).is_err());
            assert_eq!(files_in(&dir.path().join("pack")).len(), 1);
        }
    }

    #[test]
    fn a_hundred_megabytes_come_back() {
        let repo = repository(ObjectFormat::Sha1);
        let mut history = History::new(ObjectFormat::Sha1);
        let old = noise(5, 1 << 20).repeat(100);
        let mut new = old.clone();
        new.splice(50 << 20..50 << 20, noise(6, 5000));
        new[3] ^= 1;
        let old = history.add(Kind::Blob, old, None);
        let before = history.pack.pack.len();
        let new = history.add(Kind::Blob, new, Some(old));
        assert!(history.pack.pack.len() - before < 40_000, "no delta");
        let History { objects, pack, .. } = history;
        written(pack, &repo);
        for object in [&objects[old], &objects[new]] {
            let got = git(repo.path(), &["cat-file", "blob", &hex(&object.id)], b"");
            assert!(got == object.data, "differs");
        }
    }

    #[test]
    fn a_builder_can_move_between_threads() {
        fn is_send<T: Send>(_: &T) {}
        is_send(&small_pack());
    }
}
