//! A correction as question and answer: the question as the program itself asks it, the answer as it reads it. In: a correction. Out: a
//! row, or why it teaches nothing. What is learned can so be served as a model of `--model`, and an answer that the reader refuses is
//! never taught.

use super::{Correction, Lesson, Message, Part, Row, VERSION};
use crate::llm::brief::{Commit, around};
use crate::llm::mending::{Mending, question};
use crate::llm::{Answer, Brief, Limit, Prompt, Reply, Snippet, apply, prompt, read};
use crate::merge::delta::{self, Hunk};
use crate::merge::{Change, Sides};
use crate::repair::diff;
use crate::run::quoted;
use crate::syntax::language::Language;
use bstr::{BStr, ByteSlice};
use std::ops::Range;

/// Lines from the first to the last that an answer changes: more is no small context.
const LONGEST: usize = 120;
/// Lines that an answer takes away or adds.
const MOST_CHANGED: usize = 40;

/// The row of a correction.
///
/// # Errors
/// Why it teaches nothing, in words that can be counted.
pub fn teach(correction: &Correction) -> Result<Row, &'static str> {
    let Correction { before, after, path, .. } = correction;
    let hunks = delta::hunks(Change { before, after });
    let hull = hull(&hunks).ok_or("nothing changes")?;
    let changed: usize = hunks.iter().map(|hunk| hunk.before.len() + hunk.after.len()).sum();
    if hull.len() > LONGEST || changed > MOST_CHANGED {
        return Err("too much changes");
    }
    let language = Language::of(path);
    let snippet = around(language, before, &hull);
    let place = snippet.place();
    if hull.start < place.start || hull.end > place.end {
        return Err("it changes several functions");
    }
    let (brief, prompt) = asked(correction, (snippet, &hull)).ok_or("the question is too long")?;
    let answer = answer(&hunks, after, &correction.why).ok_or("the answer is no text")?;
    let holds = match read(&Answer::whole(answer.clone()), &brief, &prompt) {
        Ok(Reply::Edits(edits)) => apply(&Snippet::new(before.clone(), 1), &edits.list) == *after,
        _ => false,
    };
    if !holds {
        return Err("the answer would be refused");
    }
    let diff =
        diff::unified(path.as_ref(), Change { before, after }).to_str().map_err(|_| "the diff is no text")?.to_owned();
    let say = |role: &str, content: String| Message { role: role.to_owned(), content };
    let messages = vec![say("system", prompt.system), say("user", prompt.user), say("assistant", answer)];
    let mut hash = blake3::Hasher::new();
    for message in &messages {
        hash.update(message.content.as_bytes());
    }
    Ok(Row {
        schema_version: VERSION,
        id: hash.finalize().to_hex()[..32].to_owned(),
        split: Part::Train,
        task: if matches!(correction.lesson, Lesson::Finding(_)) { "finding" } else { "conflict" }.to_owned(),
        kind: correction.kind.clone(),
        tool: correction.tool.clone(),
        licence: licence(before),
        source: correction.source.clone(),
        messages,
        diff,
    })
}

/// From the first to the last line that changes.
fn hull(hunks: &[Hunk]) -> Option<Range<usize>> {
    Some(hunks.first()?.before.start..hunks.last()?.before.end)
}

/// The question.
fn asked(correction: &Correction, (snippet, hull): (Snippet, &Range<usize>)) -> Option<(Brief, Prompt)> {
    let path = quoted(correction.path.as_ref());
    match &correction.lesson {
        Lesson::Finding(said) => {
            let (said, line) = (said.clone(), hull.start + 1);
            question(&Mending { path, line, said, snippet, ..Mending::default() }, Limit::default())
        }
        Lesson::Conflict { base, theirs, subject } => {
            let language = Language::of(&correction.path);
            let patch = delta::hunks(Change { before: base, after: theirs });
            let (first, last) = (patch.first()?, patch.last()?);
            let sides = Sides {
                base: around(language, base, &(first.before.start..last.before.end)),
                ours: snippet,
                theirs: around(language, theirs, &(first.after.start..last.after.end)),
            };
            let mut brief = Brief::of_snippets(&path, sides);
            brief.commit = Commit { subject: subject.clone(), message: String::new() };
            let prompt = prompt(&brief, Limit::default())?;
            Some((brief, prompt))
        }
    }
}

/// Edits in the form that is asked for; `None` if a line is no plain text.
fn answer(hunks: &[Hunk], after: &[u8], why: &str) -> Option<String> {
    let lines: Vec<&[u8]> = after.lines().collect();
    let mut text = String::new();
    for Hunk { before, after } in hunks {
        let (first, last) = (before.start + 1, before.end);
        text.push_str(&match (before.len(), after.is_empty()) {
            (0, _) => format!("=== insert after {last} ===\n"),
            (1, true) => format!("=== delete {last} ===\n"),
            (_, true) => format!("=== delete {first}-{last} ===\n"),
            (1, false) => format!("=== replace {last} ===\n"),
            (_, false) => format!("=== replace {first}-{last} ===\n"),
        });
        for line in &lines[after.clone()] {
            text.push_str(line.to_str().ok()?);
            text.push('\n');
        }
    }
    let why = crate::llm::shown::inline(why);
    Some(format!("{text}=== end ===\nreason: {why}\n"))
}

/// What a file's first lines say of its licence.
fn licence(text: &[u8]) -> Option<String> {
    let mark = b"SPDX-License-Identifier:";
    let line = text.lines().take(3).find_map(|line| line.find(mark).map(|at| &line[at + mark.len()..]))?;
    let told: &BStr = line.trim().trim_end_with(|c| c == '/' || c == '*').trim().as_bstr();
    Some(told.to_str().ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{Origin, Provenance};
    use super::*;

    fn correction(before: &str, after: &str, lesson: Lesson) -> Correction {
        let source = Provenance {
            from: Origin::History,
            commit: "1".into(),
            old: None,
            path: "a.c".into(),
            before: "2".into(),
            after: "3".into(),
            entry: None,
        };
        let (before, after) = (before.as_bytes().to_vec(), after.as_bytes().to_vec());
        let (kind, why) = ("overflow".to_owned(), "it is bounded".to_owned());
        Correction { lesson, kind, tool: None, path: "a.c".into(), before, after, why, source }
    }

    const BEFORE: &str =
        "// SPDX-License-Identifier: GPL-2.0\nint f(char *a)\n{\n\tchar b[4];\n\n\tstrcpy(b, a);\n\treturn b[0];\n}\n";

    #[test]
    fn a_fix_becomes_a_question_and_an_answer_that_the_program_reads_itself() {
        let after = BEFORE.replace("strcpy(b, a);", "strscpy(b, a, sizeof(b));");
        let row = teach(&correction(BEFORE, &after, Lesson::Finding("unbounded strcpy".into()))).expect("a row");
        assert_eq!(
            row.messages[2].content,
            "=== replace 6 ===\n\tstrscpy(b, a, sizeof(b));\n=== end ===\nreason: it is bounded\n"
        );
        assert!(row.messages[1].content.contains("6|\tstrcpy(b, a);"), "{}", row.messages[1].content);
        assert_eq!(row.licence.as_deref(), Some("GPL-2.0"));
        assert_eq!(diff::applied(row.diff.as_bytes(), BEFORE.as_bytes()).as_deref(), Ok(after.as_bytes()));
    }

    #[test]
    fn a_conflict_is_asked_as_a_migration_asks_it() {
        let ours = BEFORE.replace("return b[0]", "return b[1]");
        let theirs = BEFORE.replace("strcpy(b, a);", "strncpy(b, a, 3);");
        let after = ours.replace("strcpy(b, a);", "strncpy(b, a, 3);");
        let lesson = Lesson::Conflict { base: BEFORE.into(), theirs: theirs.into_bytes(), subject: "bound it".into() };
        let row = teach(&correction(&ours, &after, lesson)).expect("a row");
        assert_eq!(row.task, "conflict");
        assert!(row.messages[1].content.contains("bound it"));
        assert!(row.messages[2].content.starts_with("=== replace 6 ==="));
    }

    #[test]
    fn what_is_too_long_or_nothing_teaches_nothing() {
        let lesson = || Lesson::Finding("x".into());
        assert_eq!(teach(&correction(BEFORE, BEFORE, lesson())), Err("nothing changes"));
        let long = BEFORE.replace("\treturn b[0];\n", &"\tb[0]++;\n".repeat(60));
        assert_eq!(teach(&correction(BEFORE, &long, lesson())), Err("too much changes"));
    }
}
