//! Failure at every call to the disk: after each, nothing is half done, nothing is lost, and doing it again ends where an undisturbed
//! run ends.
//!
//! ```text
//!   case: a repository and a command     clean run under faulty.c: how many calls, and the state it leaves
//!     └─ each fault (how, n)             the folder put back as it was, the command with the n-th call failing
//!           ├─ now                       each ref, file and decision is as before or as after; fsck is content; no panic
//!           ├─ its exit code             that of the clean run only if the state is that of the clean run; else `fatal:` and why
//!           └─ again, as the hint says   the state of the clean run
//! ```
//!
//! The suite injects a sample. `KMIGRATE_FAULTS=<n> cargo test --release --test main faults -- --nocapture` injects up to n faults of
//! each way in each case (`all` for each call there is), and prints a table; `benches/faults` does that.

mod cases;
mod state;

use crate::support::Said;
use cases::{CASES, Case, Stage};
use state::State;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Ways of failing, as `faulty.c` knows them.
const WAYS: [&str; 8] = ["enospc", "eio", "full", "short", "kill", "one", "start", "end"];
/// Faults of each way in each case that the suite injects.
const SAMPLE: usize = 2;

/// Calls that a clean run made.
#[derive(Debug, Default)]
struct Calls {
    /// To the disk.
    disk: Vec<String>,
    /// Programs that were started.
    starts: usize,
    /// Programs that ended with success.
    ends: usize,
}

impl Calls {
    /// Of a log of `faulty`.
    fn of(log: &Path) -> Self {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        let mut calls = Self::default();
        for line in text.lines() {
            match line.split(' ').next() {
                Some("start") => calls.starts += 1,
                Some("end") => calls.ends += 1,
                _ => calls.disk.push(line.to_owned()),
            }
        }
        calls
    }

    /// The numbers of the calls that a way can strike, evenly sampled.
    fn numbers(&self, way: &str, most: usize) -> Vec<usize> {
        let all: Vec<usize> = match way {
            "start" => (1..=self.starts).collect(),
            "end" => (1..=self.ends).collect(),
            "short" => (1..=self.disk.len()).filter(|n| self.disk[n - 1].contains(" write ")).collect(),
            _ => (1..=self.disk.len()).collect(),
        };
        let most = most.min(all.len());
        (0..most).map(|i| all[i * all.len() / most]).collect()
    }
}

/// `faulty`, compiled once; `None` if this machine has no compiler or does not let a process watch another one's calls.
fn faulty() -> Option<&'static Path> {
    static MADE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let make = || {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/faulty.c");
        let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faulty");
        // Aside first: another run may be using the one that is there.
        let aside = made.with_extension(std::process::id().to_string());
        let compiled = Command::new("cc").args(["-O1", "-Wall", "-Werror", "-o"]).arg(&aside).arg(&source).status();
        if !compiled.is_ok_and(|status| status.success()) || std::fs::rename(&aside, &made).is_err() {
            return None;
        }
        let tried = Command::new(&made).args(["count", "0", "/dev/null", "true"]).status();
        tried.is_ok_and(|status| status.success()).then_some(made)
    };
    MADE.get_or_init(make).as_deref()
}

/// What came of the faults of a case.
#[derive(Debug, Default)]
struct Tally {
    /// Calls of the clean run.
    calls: usize,
    /// Faults of each way.
    injected: BTreeMap<&'static str, usize>,
    /// The command did its work all the same.
    unharmed: usize,
    /// It said that it could not.
    refused: usize,
    /// It was killed.
    killed: usize,
    /// git was struck while it moved refs, and had moved some; doing it again moved the rest.
    partly: usize,
    /// A lock of git's own was left, which git's error names, and had to be removed by hand.
    locks: usize,
    /// What came to harm.
    wrong: Vec<String>,
}

impl Tally {
    fn faults(&self) -> usize {
        self.injected.values().sum()
    }
}

/// Where a stage stood before, and where the clean run leaves it.
struct Known {
    before: State,
    after: State,
    code: i32,
}

/// Runs the command of a stage with a fault.
fn struck(stage: &Stage, (way, n): (&str, usize), log: &Path) -> Said {
    let faulty = faulty().expect("asked before").to_str().expect("UTF-8");
    let number = n.to_string();
    let log = log.to_str().expect("UTF-8");
    stage.run_by(&[faulty, way, &number, log])
}

/// Injects faults into a case.
fn torment(case: &Case, most: usize) -> Tally {
    let stage = Stage::of(case);
    let logs = tempfile::tempdir().expect("a temporary folder");
    let log = logs.path().join("log");
    let before = State::of(&stage);
    let clean = struck(&stage, ("count", 0), &log);
    assert!(clean.code == case.code, "{}: {} {}{}", case.name, clean.code, clean.out, clean.err);
    let known = Known { before, after: State::of(&stage), code: clean.code };
    assert_ne!(known.before, known.after, "{}: a case leaves something", case.name);
    let calls = Calls::of(&log);
    let mut tally = Tally { calls: calls.disk.len(), ..Tally::default() };
    let only = std::env::var("KMIGRATE_FAULT").ok();
    for way in WAYS {
        for n in calls.numbers(way, most) {
            if only.as_ref().is_some_and(|only| *only != format!("{way} {n}")) {
                continue;
            }
            stage.restore();
            *tally.injected.entry(way).or_default() += 1;
            let said = struck(&stage, (way, n), &log);
            let said_of = |what: &str| {
                let call = Calls::of(&log).disk.get(n - 1).cloned().unwrap_or_default();
                format!("{}, {way} {n} ({call}): {what}\n  exit {}: {}", case.name, said.code, said.err.trim())
            };
            if let Err(what) = judge(&stage, &known, (way, &said), &mut tally) {
                tally.wrong.push(said_of(&what));
            }
        }
    }
    tally
}

/// Is all well after a fault, and after doing it again?
fn judge(stage: &Stage, known: &Known, (way, said): (&str, &Said), tally: &mut Tally) -> Result<(), String> {
    let now = State::of(stage);
    let was_killed = said.code == 137;
    let is_done = now.is(&known.after);
    match () {
        () if was_killed => tally.killed += 1,
        () if said.code == known.code => tally.unharmed += 1,
        () => tally.refused += 1,
    }
    if said.err.contains("panicked") {
        return Err("it panicked".into());
    }
    if said.code == known.code && !is_done {
        return Err(format!("it says that it is done, and is not: {}", now.difference(&known.after)));
    }
    if !was_killed && said.code != known.code {
        let names_it = said.err.lines().any(|line| {
            line.strip_prefix("fatal: ").or(line.strip_prefix("warning: ")).is_some_and(|what| what.len() > 8)
        });
        if !names_it {
            return Err("it does not say what failed".into());
        }
    }
    let sound = stage.fsck();
    // A worktree that git was making when it was killed is one that git itself finds fault with; the next command of ours removes it.
    let was_struck = matches!(way, "kill" | "one" | "start" | "end");
    if !sound.lines().filter(|line| !line.is_empty()).all(|line| was_struck && line.contains("worktrees/")) {
        return Err(format!("git fsck: {sound}"));
    }
    now.between(&known.before, &known.after).map_err(|what| format!("half done: {what}"))?;
    if now.moved_in_part(&known.before, &known.after) {
        // On a disk that stays full the rest cannot be moved, nor can what was moved be put back: then it is said.
        let is_said = way == "full" && said.err.contains("refs were moved, but not all");
        if !(is_said || matches!(way, "kill" | "one" | "start" | "end")) {
            return Err(format!("refs moved in part: {}", now.difference(&known.after)));
        }
        tally.partly += 1;
    }
    // Who was killed may have been about to say in the journal that it is done: whoever comes next finds out.
    if !is_done {
        again(stage, known, tally)?;
    }
    let sound = stage.fsck();
    if !sound.is_empty() {
        return Err(format!("git fsck, after doing it again: {sound}"));
    }
    let Some(mut undone) = stage.undone() else { return Ok(()) };
    if undone.err.contains(".lock': File exists") && stage.remove_locks() {
        tally.locks += 1;
        undone = stage.undone().unwrap_or(undone);
    }
    let now = State::of(stage);
    // A walk that was done twice is taken back once.
    match now.undoable() == known.before.undoable() || !is_done && now.undoable() == known.after.undoable() {
        true => Ok(()),
        false => Err(format!("undo: exit {}: {}: {}", undone.code, undone.err.trim(), now.difference(&known.before))),
    }
}

/// Does it again, as a person would: until it is done, removing a lock of git's if git says so.
fn again(stage: &Stage, known: &Known, tally: &mut Tally) -> Result<(), String> {
    let mut heard = Vec::new();
    for _ in 0..3 {
        let said = stage.again();
        let now = State::of(stage);
        if now.is(&known.after) && said.code == known.code {
            return Ok(());
        }
        heard.push(format!("exit {}: {}{}", said.code, said.err.trim(), now.difference(&known.after)));
        if said.err.contains(".lock': File exists") {
            tally.locks += usize::from(stage.remove_locks());
        }
    }
    Err(format!("done again, it does not end where a clean run ends: {}", heard.join(" | ")))
}

/// Injects faults into all cases; the table.
fn all(most: usize) -> (String, Vec<String>) {
    let wanted = std::env::var("KMIGRATE_FAULT_CASE").unwrap_or_default();
    let cases: Vec<&Case> = CASES.iter().filter(|case| case.name.contains(&wanted)).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let tallies: Vec<std::sync::Mutex<Tally>> = cases.iter().map(|_| std::sync::Mutex::default()).collect();
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                while let Some((at, case)) = {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    cases.get(at).map(|case| (at, *case))
                } {
                    *tallies[at].lock().expect("nobody panics with it") = torment(case, most);
                }
            });
        }
    });
    let mut table = format!("{:24} {:>6} {:>7}", "case", "calls", "faults");
    WAYS.iter().for_each(|way| table.push_str(&format!(" {way:>6}")));
    table.push_str("  unharmed refused killed partly locks wrong\n");
    let mut wrong = Vec::new();
    let mut sum = [0; 8];
    for (case, tally) in cases.iter().zip(tallies) {
        let tally = tally.into_inner().expect("nobody panics with it");
        table.push_str(&format!("{:24} {:6} {:7}", case.name, tally.calls, tally.faults()));
        for way in WAYS {
            table.push_str(&format!(" {:6}", tally.injected.get(way).copied().unwrap_or(0)));
        }
        let row = [tally.unharmed, tally.refused, tally.killed, tally.partly, tally.locks, tally.wrong.len()];
        table.push_str(&format!("  {:8} {:7} {:6} {:6} {:5} {:5}\n", row[0], row[1], row[2], row[3], row[4], row[5]));
        [tally.calls, tally.faults()].into_iter().chain(row).zip(&mut sum).for_each(|(n, all)| *all += n);
        wrong.extend(tally.wrong);
    }
    let [calls, faults, unharmed, refused, killed, partly, locks, harm] = sum;
    let gap = 7 * WAYS.len();
    table.push_str(&format!(
        "{:24} {calls:6} {faults:7}{:gap$}  {unharmed:8} {refused:7} {killed:6} {partly:6} {locks:5} {harm:5}\n",
        "all", ""
    ));
    (table, wrong)
}

#[test]
fn whatever_call_fails_nothing_is_half_done_and_doing_it_again_ends_as_a_clean_run_does() {
    if faulty().is_none() {
        eprintln!("skipped: no C compiler here, or no seccomp user notification");
        return;
    }
    let most = match std::env::var("KMIGRATE_FAULTS").as_deref() {
        Ok("all") => usize::MAX,
        Ok(most) => most.parse().expect("KMIGRATE_FAULTS is a number, or all"),
        Err(_) => SAMPLE,
    };
    let (table, wrong) = all(most);
    eprintln!("{table}");
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}
