//! Corrections in history: commits whose message names an analyser, or says `Fixes:`. In: a range. Out: one for each of their files, where
//! a commit changes few.

use super::{Correction, Lesson, Origin, Provenance};
use crate::error::Result;
use crate::git::tree::{self, Sort};
use crate::git::{Repo, Store};
use crate::merge::Change;
use crate::repair::read::{Format, read};
use crate::run::quoted;
use crate::syntax::language::Language;
use bstr::ByteSlice;
use regex::Regex;
use std::sync::LazyLock;

/// A commit of more files is no small fix.
const MOST_FILES: usize = 3;
/// Longer files are left, in bytes.
const LONGEST: usize = 1 << 20;
/// Bytes of a message that are kept.
const LONGEST_MESSAGE: usize = 6000;

/// Analysers, as messages name them; the first that fits counts.
const TOOLS: [(&str, &str); 10] = [
    ("coverity", r"(?i)\bcoverity\b|\bCID[: ]#?\d{3,}"),
    ("smatch", r"(?i)\bsmatch\b"),
    ("coccinelle", r"(?i)\bcoccinelle\b|\bcoccicheck\b|\.cocci\b"),
    (
        "sparse",
        r"(?i)\bsparse\b[^.\n]{0,40}\b(?:warn|complain|error|report)|(?:warnings?|reported|found) (?:by|from) sparse\b|^sparse:",
    ),
    ("clang", r"(?i)clang[- ](?:tidy|analyzer|static)|scan-build|\bclang\b[^.\n]{0,40}\bwarn"),
    ("gcc", r"(?i)-fanalyzer|\bgcc\b[^.\n]{0,40}\bwarn|\[-W(?:error=)?[a-z-]+"),
    ("svace", r"(?i)\bsvace\b|linuxtesting\.org"),
    ("syzbot", r"(?i)\bsyzbot\b|\bsyzkaller\b"),
    ("kernel-test-robot", r"(?i)kernel test robot|\blkp@intel\.com"),
    ("fixes", r"(?m)^Fixes: [0-9a-f]{8,40}\b"),
];

/// What kind of a fault a message speaks of; the first that fits counts.
const KINDS: [(&str, &str); 9] = [
    ("use-after-free", r"(?i)use[- ]after[- ]free|\bUAF\b|double[- ]free"),
    ("overflow", r"(?i)overflow|out[- ]of[- ]bounds|overrun|\bOOB\b"),
    ("null-dereference", r"(?i)\bnull\b[- ](?:pointer|ptr|deref|check|test)|NULL[- ]deref"),
    ("leak", r"(?i)\bleak"),
    ("uninitialised", r"(?i)uninit"),
    ("unchecked-return", r"(?i)(?:check|unchecked|ignor)\w* (?:the )?return"),
    ("race", r"(?i)\brace\b|deadlock|\block(?:ing)?\b"),
    ("build", r"(?i)build (?:error|fail)|compil(?:e|ation) (?:error|fail)|implicit declaration|undefined reference"),
    ("warning", r"(?i)\bwarning|\bunused\b"),
];

/// Names, each with the form that it is known by.
type Forms = Vec<(&'static str, Regex)>;

/// Tools and kinds, ready to be looked for.
static FORMS: LazyLock<(Forms, Forms)> = LazyLock::new(|| {
    let read = |(name, form): &(&'static str, &str)| (*name, Regex::new(form).expect("a valid expression"));
    (TOOLS.iter().map(read).collect(), KINDS.iter().map(read).collect())
});

/// Reads a range, and gives each correction to `take`.
///
/// # Errors
/// git fails, or an object is missing.
pub fn of_history((repo, store): (&Repo, &mut Store), range: &str, take: &mut dyn FnMut(Correction)) -> Result<()> {
    for id in repo.ids(&["rev-list", "--no-merges", "--reverse", range, "--"])? {
        let commit = store.commit(id)?;
        let message = commit.message().to_str_lossy().into_owned();
        let Some(tool) = named(&FORMS.0, &message) else { continue };
        let Some(parent) = commit.parents.first() else { continue };
        let before = store.commit(*parent)?.tree;
        let roots = Change { before: Some(before), after: Some(commit.tree) };
        let Some(changed) = tree::diff_up_to(store, roots, MOST_FILES)? else { continue };
        for file in changed {
            let (Some(old), Some(new)) = (file.entry.before, file.entry.after) else { continue };
            if Language::of(&file.path) != Language::C || old.sort() != Sort::File || new.sort() != Sort::File {
                continue;
            }
            let (old_text, new_text) = (store.blob(old.id)?.data.to_vec(), store.blob(new.id)?.data.to_vec());
            if old_text.len() > LONGEST {
                continue;
            }
            take(Correction {
                lesson: Lesson::Finding(finding(&message)),
                kind: named(&FORMS.1, &message).unwrap_or("other").to_owned(),
                tool: Some(tool.to_owned()),
                source: Provenance {
                    from: Origin::History,
                    commit: id.to_string(),
                    old: None,
                    path: quoted(file.path.as_ref()),
                    before: old.id.to_string(),
                    after: new.id.to_string(),
                    entry: None,
                },
                path: file.path,
                before: old_text,
                after: new_text,
                why: commit.subject(),
            });
        }
    }
    Ok(())
}

/// The first form that a message has.
fn named(forms: &Forms, message: &str) -> Option<&'static str> {
    forms.iter().find(|(_, form)| form.is_match(message)).map(|(name, _)| *name)
}

/// What the tool said, where the message quotes it; else the message without its trailers.
fn finding(message: &str) -> String {
    let unindented: String =
        message.lines().map(|line| format!("{}\n", line.trim_start_matches([' ', '\t', '>']))).collect();
    let told = read(unindented.as_bytes(), Format::Log).diagnostics;
    let quoted: String = told.into_iter().map(|one| one.raw).collect();
    if !quoted.is_empty() {
        return quoted;
    }
    let is_trailer = |line: &&str| {
        line.split_once(": ").is_some_and(|(key, _)| {
            key.ends_with("-by") || matches!(key, "Fixes" | "Cc" | "Link" | "Closes" | "Change-Id")
        })
    };
    let plain: Vec<&str> = message.lines().filter(|line| !is_trailer(line)).collect();
    plain.join("\n").trim().chars().take(LONGEST_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_name_a_tool_are_known_and_the_fault_with_them() {
        for (message, tool, kind) in [
            ("a: fix\n\nAddresses-Coverity: CID 12345 (\"Resource leak\")", Some("coverity"), Some("leak")),
            ("a: fix\n\nsmatch warns: potential null dereference 'x'", Some("smatch"), None),
            ("a: fix buffer overflow\n\nFixes: 0123456789ab (\"b\")", Some("fixes"), Some("overflow")),
            ("a: sparse arrays are packed", None, None),
            ("a: better words", None, None),
        ] {
            assert_eq!(
                (named(&FORMS.0, message), tool.and(kind)),
                (tool, named(&FORMS.1, message).filter(|_| kind.is_some())),
                "{message}"
            );
        }
    }

    #[test]
    fn a_quoted_report_is_the_finding_and_trailers_never_are() {
        let quoted =
            "a: fix\n\n  drivers/a.c:3:9: warning: unused variable 'y' [-Wunused-variable]\n\nSigned-off-by: A <a@b>\n";
        assert_eq!(finding(quoted), "drivers/a.c:3:9: warning: unused variable 'y' [-Wunused-variable]\n");
        assert_eq!(
            finding("a: fix\n\nIt leaks.\n\nFixes: 12 (\"x\")\nSigned-off-by: A <a@b>\n"),
            "a: fix\n\nIt leaks."
        );
    }
}
