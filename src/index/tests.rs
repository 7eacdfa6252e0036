//! The whole index over trees in memory.

use crate::index::{Cache, Damaged, Entry, Id, Index, Kind, Read, Resolved, Sort};
use sha2::{Digest, Sha256};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Trees and blobs, and how often they were read.
#[derive(Default, Clone)]
struct Repo {
    trees: HashMap<Id, Vec<Entry>>,
    blobs: HashMap<Id, Vec<u8>>,
    reads: Arc<AtomicUsize>,
}

fn id(data: &[u8]) -> Id {
    Id::new(&Sha256::digest(data)[..20]).unwrap()
}

impl Repo {
    /// Adds a tree of these files.
    fn tree(&mut self, files: &[(String, String)]) -> Id {
        let mut below: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
        let mut entries = Vec::new();
        for (path, text) in files {
            match path.split_once('/') {
                Some((dir, rest)) => below.entry(dir).or_default().push((rest.to_owned(), text.clone())),
                None => {
                    self.blobs.insert(id(text.as_bytes()), text.clone().into_bytes());
                    entries.push(Entry { name: path.clone().into(), sort: Sort::File, id: id(text.as_bytes()) });
                }
            }
        }
        for (dir, files) in below {
            let id = self.tree(&files);
            entries.push(Entry { name: dir.into(), sort: Sort::Directory, id });
        }
        let id = id(format!("{entries:?}").as_bytes());
        self.trees.insert(id, entries);
        id
    }

    fn open(&self, cache: &Cache, trees: &[Id]) -> Vec<Index> {
        Index::open_or_build(cache, trees, || Ok(self), |_| ()).unwrap()
    }

    /// How many blobs were read since the last time.
    fn blobs_read(&self) -> usize {
        self.reads.swap(0, Ordering::Relaxed)
    }
}

impl Read for &Repo {
    type Error = String;

    fn tree(&mut self, id: &Id) -> Result<Vec<Entry>, String> {
        self.trees.get(id).cloned().ok_or(format!("no tree {id:?}"))
    }

    fn blob(&mut self, id: &Id, see: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        see(self.blobs.get(id).ok_or(format!("no blob {id:?}"))?);
        Ok(())
    }
}

/// Files of a small kernel, with so many in each of its folders.
fn files(count: usize) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for dir in ["drivers/net", "drivers/usb", "fs", "kernel"] {
        for i in 0..count {
            let name = format!("{}_{i}", dir.replace('/', "_"));
            let text =
                format!("#define {name}_LIMIT {i}\nint {name}(int a)\n{{\n\treturn shared(a) + {name}_LIMIT;\n}}\n");
            all.push((format!("{dir}/file{i}.c"), text));
        }
    }
    all.push(("lib/shared.c".into(), "int shared(int a)\n{\n\treturn a;\n}\nEXPORT_SYMBOL(shared);\n".into()));
    all
}

fn cache(dir: &tempfile::TempDir) -> Cache {
    Cache { dir: dir.path().join("index"), limit: u64::MAX }
}

fn paths(places: Vec<crate::index::Place>) -> Vec<String> {
    places.into_iter().map(|p| String::from_utf8(p.path).unwrap()).collect()
}

/// Everything that the tests ask, as one text.
fn answers(index: &Index) -> Result<String, Damaged> {
    let names: Vec<String> = files(40).iter().map(|(p, _)| p.replace(['/', '.'], "_")).collect();
    let mut names: Vec<String> = names.iter().map(|n| n.replace("_file", "_").replace("_c", "")).collect();
    names.extend(["shared", "fs_3_LIMIT", "nobody", "a", "int"].map(str::to_owned));
    let names: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
    Ok(format!("{:?} {:?} {:?}", index.resolves(&names)?, index.places(&names, |_| true)?, index.users(b"shared")?))
}

#[test]
fn definitions_and_uses_are_found_with_their_files() {
    let (mut repo, dir) = (Repo::default(), tempfile::tempdir().unwrap());
    let tree = repo.tree(&files(3));
    let index = &repo.open(&cache(&dir), &[tree])[0];
    let shared = index.defined(b"shared").unwrap();
    assert!(shared[0].kinds.defines(Kind::Function) && shared[0].kinds.defines(Kind::Export));
    assert_eq!(paths(shared), ["lib/shared.c"]);
    assert_eq!(paths(index.defined(b"drivers_net_1_LIMIT").unwrap()), ["drivers/net/file1.c"]);
    let users = paths(index.users(b"shared").unwrap());
    assert_eq!(users.len(), 12, "an export is no use");
    assert_eq!(users[0], "drivers/net/file0.c");
    let known = Resolved { defined: true, used: true };
    let alone = Resolved { defined: true, used: false };
    assert_eq!(
        index.resolves(&[b"shared", b"nobody", b"fs_1", b"int"]).unwrap(),
        [known, Resolved::default(), alone, Resolved::default()]
    );
}

#[test]
fn what_is_kept_is_not_read_again_and_answers_alike() {
    let (mut repo, dir) = (Repo::default(), tempfile::tempdir().unwrap());
    let tree = repo.tree(&files(40));
    let first = answers(&repo.open(&cache(&dir), &[tree])[0]).unwrap();
    assert_eq!(repo.blobs_read(), 161);
    let empty = Repo::default();
    assert_eq!(answers(&empty.open(&cache(&dir), &[tree])[0]).unwrap(), first, "not even a tree is read");
}

#[test]
fn only_the_part_that_changed_is_read_again() {
    let (mut repo, dir) = (Repo::default(), tempfile::tempdir().unwrap());
    let mut all = files(400);
    let before = repo.tree(&all);
    assert!(repo.open(&cache(&dir), &[before])[0].parts() > 3);
    assert_eq!(repo.blobs_read(), 1601);
    all[0].1.push_str("int fresh;\n");
    let after = repo.tree(&all);
    let index = &repo.open(&cache(&dir), &[after])[0];
    assert_eq!(repo.blobs_read(), 800, "drivers/ is one part");
    assert_eq!(paths(index.defined(b"fresh").unwrap()), ["drivers/net/file0.c"]);
}

#[test]
fn what_two_trees_share_is_read_once() {
    let (mut repo, dir) = (Repo::default(), tempfile::tempdir().unwrap());
    let mut all = files(400);
    let base = repo.tree(&all);
    all[0].1.push_str("int fresh;\n");
    all[1].0 = "fs/moved.c".into();
    let onto = repo.tree(&all);
    let both = repo.open(&cache(&dir), &[base, onto]);
    assert_eq!(repo.blobs_read(), 1602);
    assert_eq!(paths(both[0].defined(b"drivers_net_1").unwrap()), ["drivers/net/file1.c"]);
    assert_eq!(paths(both[1].defined(b"drivers_net_1").unwrap()), ["fs/moved.c"]);
    let alone = tempfile::tempdir().unwrap();
    repo.open(&cache(&alone), &[onto]);
    repo.open(&cache(&alone), &[base]);
    assert_eq!(contents(&cache(&alone).dir), contents(&cache(&dir).dir), "together or alone: the same files");
}

/// Every file of a directory.
fn contents(dir: &PathBuf) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(|e| e.unwrap());
    entries.map(|e| (e.file_name().into(), fs::read(e.path()).unwrap())).collect()
}

#[test]
fn a_directory_of_more_files_than_a_part_holds_is_cut() {
    let (mut repo, dir) = (Repo::default(), tempfile::tempdir().unwrap());
    let all: Vec<_> = (0..9_000).map(|i| (format!("big/f{i:05}.c"), format!("int v{i};\n"))).collect();
    let tree = repo.tree(&all);
    let index = &repo.open(&cache(&dir), &[tree])[0];
    assert_eq!(index.parts(), 3);
    assert_eq!(paths(index.defined(b"v8999").unwrap()), ["big/f08999.c"]);
}

#[test]
fn a_damaged_cache_is_made_again_and_never_believed() {
    let (mut repo, dir) = (Repo::default(), tempfile::tempdir().unwrap());
    let tree = repo.tree(&files(12));
    let right = answers(&repo.open(&cache(&dir), &[tree])[0]).unwrap();
    let good = contents(&cache(&dir).dir);
    for (name, bytes) in &good {
        for at in (0..bytes.len()).step_by(1 + bytes.len() / 300) {
            let mut bad = bytes.clone();
            match at % 3 {
                0 => bad.truncate(at),
                1 => bad[at] ^= 0x40,
                _ => bad[at..].iter_mut().for_each(|b| *b = 0),
            }
            if bad == *bytes {
                continue;
            }
            fs::write(cache(&dir).dir.join(name), &bad).unwrap();
            let found = answers(&repo.open(&cache(&dir), &[tree])[0]);
            let found = found.or_else(|Damaged| answers(&repo.open(&cache(&dir), &[tree])[0]));
            assert_eq!(found.as_ref(), Ok(&right), "{name:?} {at}");
        }
        fs::write(cache(&dir).dir.join(name), bytes).unwrap();
    }
}

#[test]
fn a_cache_that_cannot_be_written_is_no_failure() {
    let (mut repo, dir) = (Repo::default(), tempfile::tempdir().unwrap());
    let tree = repo.tree(&files(40));
    let right = answers(&repo.open(&cache(&dir), &[tree])[0]).unwrap();
    let blocked = dir.path().join("a file");
    fs::write(&blocked, b"").unwrap();
    let index = &repo.open(&Cache { dir: blocked, limit: 1 << 20 }, &[tree])[0];
    assert_eq!(answers(index).unwrap(), right);
}

#[test]
fn the_cache_stays_within_its_limit_and_what_is_open_stays_readable() {
    let (mut repo, dir) = (Repo::default(), tempfile::tempdir().unwrap());
    let tree = repo.tree(&files(40));
    let all = cache(&dir);
    let right = answers(&repo.open(&all, &[tree])[0]).unwrap();
    let size: u64 = contents(&all.dir).values().map(|b| b.len() as u64).sum();
    let small = Cache { limit: size / 2, dir: dir.path().join("small") };
    let index = &repo.open(&small, &[tree])[0];
    assert_eq!(answers(index).unwrap(), right);
    assert!(contents(&small.dir).values().map(|b| b.len() as u64).sum::<u64>() <= size / 2);
    let roomy = Cache { limit: size + size / 2, ..all };
    let mut others = files(40);
    others[0].1.push_str("int other;\n");
    let other = repo.tree(&others);
    repo.open(&roomy, &[other]);
    repo.blobs_read();
    repo.open(&roomy, &[other]);
    assert_eq!(repo.blobs_read(), 0, "what was used last is still there");
}

#[test]
fn builds_at_the_same_time_do_not_hurt_one_another() {
    let (mut repo, dir) = (Repo::default(), tempfile::tempdir().unwrap());
    let tree = repo.tree(&files(100));
    let right = answers(&repo.open(&Cache { dir: dir.path().join("own"), limit: u64::MAX }, &[tree])[0]).unwrap();
    let (repo, cache) = (&repo, &cache(&dir));
    std::thread::scope(|scope| {
        let builds: Vec<_> =
            (0..4).map(|_| scope.spawn(move || answers(&repo.open(cache, &[tree])[0]).unwrap())).collect();
        builds.into_iter().for_each(|build| assert_eq!(build.join().unwrap(), right));
    });
    assert!(contents(&cache.dir).keys().all(|name| !name.to_string_lossy().starts_with("aside")));
}

#[test]
fn a_missing_object_is_told_and_nothing_half_is_kept() {
    let (mut repo, dir) = (Repo::default(), tempfile::tempdir().unwrap());
    let all = files(40);
    let tree = repo.tree(&all);
    let gone = id(all[7].1.as_bytes());
    let blob = repo.blobs.remove(&gone).unwrap();
    let error = Index::open_or_build(&cache(&dir), &[tree], || Ok(&repo), |_| ()).unwrap_err();
    assert_eq!(error, format!("no blob {gone:?}"));
    repo.blobs.insert(gone, blob);
    assert_eq!(paths(repo.open(&cache(&dir), &[tree])[0].defined(b"drivers_net_7").unwrap()), ["drivers/net/file7.c"]);
}

#[test]
fn progress_ends_with_everything_done() {
    let (mut repo, dir) = (Repo::default(), tempfile::tempdir().unwrap());
    let tree = repo.tree(&files(40));
    let most = AtomicUsize::new(0);
    let told = |p: crate::index::Progress| {
        assert_eq!(p.total, 161);
        most.fetch_max(p.done, Ordering::Relaxed);
    };
    Index::open_or_build(&cache(&dir), &[tree], || Ok(&repo), told).unwrap();
    assert_eq!(most.into_inner(), 161);
}

#[test]
fn the_same_tree_twice_and_a_tree_without_code_are_fine() {
    let (mut repo, dir) = (Repo::default(), tempfile::tempdir().unwrap());
    let tree = repo.tree(&files(2));
    let empty = repo.tree(&[("README".to_owned(), "int x;\n".to_owned())]);
    let all = repo.open(&cache(&dir), &[tree, empty, tree]);
    let found: Cell<usize> = Cell::new(0);
    all.iter().for_each(|i| found.set(found.get() + i.defined(b"shared").unwrap().len()));
    assert_eq!((all.len(), all[1].parts(), found.get()), (3, 0, 2));
}
