//! The code of a whole kernel: how much of it parses, whether every function is found, whether every cut has a fingerprint.
//!
//! Of v6.12, every tenth C file, or every file with `KMIGRATE_WHOLE` set.

use super::{Blobs, Kit};
use kmigrate::fingerprint::Fingerprint;
use kmigrate::syntax::items::{Item, Items, items};
use kmigrate::syntax::parse::{Reading, parse};
use std::collections::BTreeSet;
use std::process::Command;

/// Paths and contents of C files of v6.12.
fn c_files(kit: &Kit, each: impl FnMut(&str, &[u8])) {
    let step = if std::env::var_os("KMIGRATE_WHOLE").is_some() { 1 } else { 10 };
    let listed = kit.source_git(&["ls-tree", "-r", "v6.12"]);
    let c = |line: &&str| line.ends_with(".c") || line.ends_with(".h");
    let mut blobs = Blobs::open(kit);
    let mut each = each;
    for line in listed.lines().filter(c).step_by(step) {
        let (head, path) = line.split_once('\t').expect("git ls-tree");
        let id = head.rsplit(' ').next().expect("an id");
        each(path, &blobs.read(&id.into()));
    }
}

/// A share for people.
fn share(part: usize, of: usize) -> String {
    format!("{part} of {of} ({:.2} %)", 100.0 * part as f64 / of.max(1) as f64)
}

#[test]
fn most_files_and_functions_parse_by_item_when_they_are_masked() {
    let Some(kit) = Kit::open() else { return };
    let (mut files, mut whole, mut by_item) = (0, 0, 0);
    let (mut functions, mut function_whole, mut function_by_item) = (0, 0, 0);
    c_files(&kit, |_, text| {
        let Some(plain) = parse(text, Reading::Plain) else { return };
        files += 1;
        whole += usize::from(plain.faults.is_empty());
        let faulty = |item: &Item| {
            parse(&text[item.span.clone()], Reading::Masked).is_none_or(|parsed| !parsed.faults.is_empty())
        };
        let mut clean = true;
        for item in &items(text).list {
            let is_faulty = faulty(item);
            clean &= !is_faulty;
            if item.kind.is_function() {
                functions += 1;
                function_by_item += usize::from(!is_faulty);
                let touched = plain.faults.iter().any(|f| f.lines.0 <= item.lines.1 && item.lines.0 <= f.lines.1);
                function_whole += usize::from(!touched);
            }
        }
        by_item += usize::from(clean);
    });
    eprintln!("files without a fault: whole {}, masked by item {}", share(whole, files), share(by_item, files));
    let told = (share(function_whole, functions), share(function_by_item, functions));
    eprintln!("functions without a fault: whole {}, masked by item {}", told.0, told.1);
    assert!(by_item * 100 >= files * 95 && function_by_item * 1000 >= functions * 995);
}

#[test]
fn every_function_that_ctags_finds_is_an_item() {
    let Some(kit) = Kit::open() else { return };
    let told = Command::new("ctags").arg("--version").output();
    if !told.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains("Universal Ctags")) {
        eprintln!("skipped: universal-ctags is not installed");
        return;
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    let mut list = String::new();
    let mut ours: BTreeSet<(String, String)> = BTreeSet::new();
    c_files(&kit, |path, text| {
        let copy = folder.path().join(path.replace('/', "%"));
        std::fs::write(&copy, text).expect("written");
        list.push_str(&format!("{}\n", copy.display()));
        let Items { list: found, .. } = items(text);
        for item in found.iter().filter(|i| i.kind.is_function()) {
            for name in [&item.name, &item.argument] {
                let name = String::from_utf8_lossy(&text[name.clone()]).into_owned();
                ours.insert((copy.display().to_string(), name));
            }
        }
    });
    let names = folder.path().join("list");
    std::fs::write(&names, list).expect("written");
    let mut ctags = Command::new("ctags");
    ctags.args(["--kinds-C=f", "--languages=C", "--langmap=C:.c.h", "-x", "--_xformat=%F\t%N", "--sort=no", "-f", "-"]);
    let said = ctags.arg("-L").arg(&names).output().expect("ctags starts");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let theirs: BTreeSet<(&str, &str)> = said.lines().filter_map(|line| line.split_once('\t')).collect();
    let found = theirs.iter().filter(|(file, name)| ours.contains(&((*file).to_owned(), (*name).to_owned()))).count();
    eprintln!("functions that ctags finds: {} are items", share(found, theirs.len()));
    assert!(!theirs.is_empty() && found * 1000 >= theirs.len() * 998);
}

#[test]
fn any_cut_of_any_file_has_a_fingerprint_that_covers_it() {
    let Some(kit) = Kit::open() else { return };
    let mut random = crate::oracle::Random(0x2545_F491_4F6C_DD1D);
    let (mut cuts, mut bytes) = (0, 0);
    c_files(&kit, |path, text| {
        let text = &text[..text.len().min(1 << 18)];
        for _ in 0..4 {
            let start = random.below(text.len().max(1));
            let cut = &text[start..start + random.below(text.len() - start + 1)];
            let fingerprint = Fingerprint::of(cut);
            let mut covered = vec![false; cut.split(|c| *c == b'\n').count()];
            let mut before = 0;
            for node in &fingerprint.nodes {
                assert!(before <= node.bytes.start && node.bytes.end <= cut.len(), "{path}: in order");
                before = node.bytes.start;
                if let Some(parent) = node.parent {
                    let outer = &fingerprint.nodes[parent];
                    assert!(outer.pos <= node.pos && node.end <= outer.end, "{path}: nested");
                } else {
                    covered[node.pos - 1..node.end].fill(true);
                }
            }
            let blank = |line: &[u8]| line.iter().all(|c| c.is_ascii_whitespace() || matches!(c, 0x0b | b'\\'));
            let missed = cut.split(|c| *c == b'\n').zip(&covered).position(|(line, covered)| !covered && !blank(line));
            assert_eq!(missed, None, "{path} from {start}: a line in no node");
            (cuts, bytes) = (cuts + 1, bytes + cut.len());
        }
    });
    eprintln!("{cuts} cuts, {} MB, all covered", bytes >> 20);
}
