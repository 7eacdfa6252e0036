//! Times the cascade by itself: what a conflicted file costs within a run, where no process is begun for it and the sides are known.
//!
//! ```text
//! cargo bench --bench cascade [-- --runs 3]
//! ```
//!
//! It needs the benchmark kit in `$KMIGRATE_BENCH` (default `~/.cache/kmigrate-bench`); without it, it says so and ends well. The kit is
//! only read, before anything is timed. Every file of the kit that text merging leaves open is merged on one thread, and the fastest of
//! the runs counts: text merging, the methods, the door, and the doubts that it has. Milliseconds by the clock; `files` has the same as
//! processes of their own, beside other tools.

use kmigrate::cascade::{Whole, whole};
use kmigrate::git::text::{TextMerge, merge};
use kmigrate::merge::Sides;
use kmigrate::run::Method;
use kmigrate::syntax::language::Language;
use kmigrate::verify::Question;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Methods that settle a conflict, as by default.
const METHODS: [Method; 4] = [Method::Text, Method::Line, Method::Token, Method::Relocated];

/// A file to merge.
struct File {
    path: String,
    sides: Sides<Vec<u8>>,
}

/// The files of the kit that text merging leaves open.
fn conflicted(kit: &Path) -> Vec<File> {
    let samples = std::fs::read_to_string(kit.join("samples.jsonl")).expect("the kit has samples");
    let mut git = Command::new("git")
        .args(["cat-file", "--batch"])
        .current_dir(kit.join("repo"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git starts");
    let (mut ask, mut told) = (git.stdin.take().expect("piped"), BufReader::new(git.stdout.take().expect("piped")));
    let mut blob = |id: &str| {
        writeln!(ask, "{id}").expect("git listens");
        let mut head = String::new();
        told.read_line(&mut head).expect("git answers");
        let size: usize = head.split_whitespace().nth(2).and_then(|size| size.parse().ok()).expect("a blob");
        let mut text = vec![0; size + 1];
        told.read_exact(&mut text).expect("all of it");
        text.truncate(size);
        text
    };
    let mut files = Vec::new();
    for line in samples.lines() {
        let sample: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let mut side = |name: &str| blob(sample[name].as_str().expect("an id"));
        let sides = Sides { base: side("base"), ours: side("ours"), theirs: side("theirs") };
        let path = sample["path_new"].as_str().expect("a path").to_owned();
        let texts = sides.as_ref().map(|text| &text[..]);
        if matches!(merge(texts).expect("memory"), TextMerge::Conflicted(_)) {
            files.push(File { path, sides });
        }
    }
    drop(ask);
    git.wait().expect("git ends");
    files
}

fn main() {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache/kmigrate-bench");
    let kit = std::env::var_os("KMIGRATE_BENCH").map_or_else(home, PathBuf::from);
    if !kit.join("samples.jsonl").exists() {
        println!("skipped: no kit in {}", kit.display());
        return;
    }
    let mut words = std::env::args().skip_while(|word| word != "--runs").skip(1);
    let runs: usize = words.next().map_or(3, |word| word.parse().expect("--runs is a number"));
    let (mut took, mut settled) = (Vec::new(), 0);
    for File { path, sides } in conflicted(&kit) {
        let question =
            Question { language: Language::of(path.as_bytes()), sides: sides.as_ref().map(|text| &text[..]) };
        let mut best = f64::INFINITY;
        for run in 0..runs.max(1) {
            let began = Instant::now();
            let made = whole(&question, &METHODS).expect("memory");
            best = best.min(began.elapsed().as_secs_f64() * 1e3);
            settled += usize::from(run == 0 && matches!(made, Whole::Joined(_)));
        }
        took.push((best, path));
    }
    took.sort_by(|a, b| a.0.total_cmp(&b.0));
    let at = |tenths: usize| took.get(took.len() * tenths / 10).or(took.last()).map_or(0.0, |one| one.0);
    println!("{} conflicted files, {settled} of them settled; fastest of {runs} runs, one thread", took.len());
    println!("ms: median {:.1}, nine tenths {:.1}, worst {:.1}", at(5), at(9), at(10));
    for (ms, path) in took.iter().rev().take(3) {
        println!("  {ms:.1}  {path}");
    }
}
