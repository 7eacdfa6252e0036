//! All that a person would miss: refs, files, index, decisions. In: a stage. Out: values to compare.

use super::cases::Stage;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What people settled is remembered by itself, beside the run's own refs.
const MEMORY: &str = "refs/kmigrate/memory";

/// What there is, by what it is: `ref <name>`, `file <path>`, `index <path>`, `decided <what>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(BTreeMap<String, String>);

impl State {
    /// Of a stage as it stands.
    pub fn of(stage: &Stage) -> Self {
        let mut all = BTreeMap::new();
        for line in stage.repo.refs().lines() {
            let (name, id) = line.split_once(' ').expect("a name and an id");
            // A walk that is done twice has one more record in its history, and so have notes: their content counts.
            let by_tree = name.ends_with("/record") || name == "refs/kmigrate/last" || name.starts_with("refs/notes/");
            let id = if by_tree { stage.repo.git(&["rev-parse", &format!("{id}^{{tree}}")]) } else { id.to_owned() };
            all.insert(format!("ref {name}"), id);
        }
        for line in stage.repo.git(&["ls-files", "-s"]).lines() {
            let (what, path) = line.split_once('\t').expect("a path");
            let (mode_and_id, number) = what.rsplit_once(' ').expect("a stage");
            all.insert(format!("index {path}:{number}"), mode_and_id.to_owned());
        }
        let folder = stage.folder();
        files(&folder, &mut |path| {
            let name = path.strip_prefix(&folder).expect("below it").to_string_lossy().into_owned();
            // A folder without a manifest is no commit that is laid out.
            let laid = name.split_once("/files/").filter(|(laid, _)| laid.contains("/edit/"));
            let laid = laid.is_some_and(|(laid, _)| folder.join(laid).join("manifest.json").exists());
            let counts = !name.starts_with("repo/.git/") || laid;
            if counts && !name.ends_with("/files/.git") {
                let text = std::fs::read(path).unwrap_or_default();
                all.insert(format!("file {name}"), String::from_utf8_lossy(&text).into_owned());
            }
        });
        for (what, count) in decided(&stage.repo.path().join(".git/kmigrate")) {
            all.insert(format!("decided {what}"), count);
        }
        Self(all)
    }

    /// Is it that one, but for files that a killed process was writing aside?
    pub fn is(&self, other: &Self) -> bool {
        let kept =
            |state: &Self| state.0.clone().into_iter().filter(|(what, _)| !is_aside(what)).collect::<BTreeMap<_, _>>();
        kept(self) == kept(other)
    }

    /// Everything is as before or as after, and nothing in between.
    pub fn between(&self, before: &Self, after: &Self) -> Result<(), String> {
        let all = self.0.keys().chain(before.0.keys()).chain(after.0.keys());
        for what in all.filter(|what| !is_aside(what)) {
            let now = self.0.get(what);
            if now != before.0.get(what) && now != after.0.get(what) {
                return Err(format!(
                    "{what} is {now:?}, was {:?}, becomes {:?}",
                    before.0.get(what),
                    after.0.get(what)
                ));
            }
        }
        Ok(())
    }

    /// Of the refs that one transaction moves, have some moved, and others not?
    pub fn moved_in_part(&self, before: &Self, after: &Self) -> bool {
        let one = |what: &&String| {
            let name = what.strip_prefix("ref ").unwrap_or_default();
            let pinned = name.ends_with("/fixes") || name == "refs/kmigrate/last" || name.starts_with("refs/notes/");
            !name.is_empty() && !pinned && name != MEMORY
        };
        let changing = |what: &&String| before.0.get(*what) != after.0.get(*what);
        let all: Vec<&String> = before.0.keys().chain(after.0.keys()).filter(one).filter(changing).collect();
        let moved = all.iter().filter(|what| self.0.get(**what) == after.0.get(**what)).count();
        moved > 0 && moved < all.len()
    }

    /// What undoing brings back: all of it, but for decisions, what was laid out for them, what pins both, and what is remembered of them.
    pub fn undoable(&self) -> BTreeMap<&str, &str> {
        let stays = |what: &str| {
            what.starts_with("decided ")
                || what.contains("/edit/")
                || what.ends_with("/fixes")
                || what == format!("ref {MEMORY}")
        };
        self.0
            .iter()
            .filter(|(what, _)| !stays(what) && !is_aside(what))
            .map(|(what, id)| (&what[..], &id[..]))
            .collect()
    }

    /// Where two of them part, in short.
    pub fn difference(&self, other: &Self) -> String {
        let short = |text: Option<&String>| {
            text.map_or("nothing".to_owned(), |text| format!("{:?}", text.chars().take(60).collect::<String>()))
        };
        let keys: std::collections::BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        let parts = keys.into_iter().filter(|what| self.0.get(*what) != other.0.get(*what)).take(4);
        let told = parts.map(|what| format!("{what}: {} for {}", short(self.0.get(what)), short(other.0.get(what))));
        told.collect::<Vec<_>>().join("; ")
    }
}

/// A file that is written aside before it gets its name.
fn is_aside(what: &str) -> bool {
    let name = what.rsplit('/').next().unwrap_or_default();
    what.starts_with("file ") && (name.starts_with(".tmp") || what.contains(".kmigrate-") || name.starts_with("aside-"))
}

/// Every file below a folder; links are not followed.
fn files(folder: &Path, each: &mut dyn FnMut(&Path)) {
    let mut open: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            match entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                true => open.push(entry.path()),
                false => each(&entry.path()),
            }
        }
    }
}

/// How often each sort of decision is in the journals.
fn decided(runs: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for run in std::fs::read_dir(runs).into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(run.path().join("journal.jsonl")).unwrap_or_default();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        for line in lines {
            let op = line["op"].as_str().unwrap_or_default().to_owned();
            // The others say how it went, not what was decided.
            if matches!(&op[..], "accept" | "drop" | "fix" | "extra") {
                found.insert(format!("{op} {}", line["old"]), "yes".to_owned());
            }
        }
    }
    found
}
