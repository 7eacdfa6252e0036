//! Retrieval asked of a scripted model.
#![allow(clippy::single_range_in_vec_init, reason = "ranges of lines are what is meant")]

use super::super::oracle::Answer;
use super::super::prompt::Stage;
use super::super::snippet::Snippet;
use super::*;
use bstr::ByteSlice;

const OLD: &str = "static int demo_read(struct demo *d)\n{\n\tlock(d);\n\treturn d->value;\n}\n";
const FILE: &str = "#include <linux/demo.h>\n\nstatic int demo_write(struct demo *d)\n{\n\tlock(d);\n\treturn d->value;\n}\n\n\nstatic int demo_read(struct demo *d, int flags)\n{\n\tguard(d);\n\treturn d->value;\n}\n";

fn sought() -> Sought {
    Sought {
        path: "drivers/demo/demo.c".to_owned(),
        old: Snippet::new(OLD, 90),
        file: FILE.into(),
        signatures: vec!["static int demo_read(struct demo *d)".to_owned()],
        ends: Some(("static int demo_read(struct demo *d)".to_owned(), "}".to_owned())),
        ..Sought::default()
    }
}

/// Asks somebody who says these things one after another; the prompts that were sent, and what was found.
fn script(sought: &Sought, answers: &[&str]) -> (Found, Vec<Prompt>) {
    sampled(sought, &answers.iter().map(std::slice::from_ref).collect::<Vec<_>>())
}

/// The same of somebody who says several things to each question.
fn sampled(sought: &Sought, answers: &[&[&str]]) -> (Found, Vec<Prompt>) {
    let mut sent = Vec::new();
    let mut rest = answers.iter();
    let mut oracle = |prompt: &Prompt| {
        sent.push(prompt.clone());
        let samples = rest.next().map(|all| all.iter().map(|text| Answer::whole(*text)).collect());
        samples.ok_or_else(|| "silent".to_owned())
    };
    let file: Vec<&[u8]> = FILE.as_bytes().lines().collect();
    let locate = |code: &[u8]| {
        let first = code.lines().next()?;
        let at = file.iter().position(|line| *line == first)?;
        Some(at..(at + code.lines().count()).min(file.len()))
    };
    let check = |lines: &[Range<usize>]| {
        let holds = lines.iter().any(|range| range.clone().any(|at| file[at].contains_str("demo_read(")));
        let said = "lines hold demo_write, not demo_read".to_owned();
        if holds { Ok(()) } else { Err(Wrong { said, hide: lines.to_vec() }) }
    };
    let judge = Judge { locate: &locate, check: &check };
    let found = seek(sought, &mut oracle, Patience::default(), &judge);
    (found, sent)
}

#[test]
fn mg_20_to_22_the_prompt_has_the_old_lines_the_file_structure_and_alignment() {
    let (_, sent) = script(&sought(), &["=== lines 10-14 ==="]);
    let text = &sent[0].user;
    for part in [
        "## The old lines",
        "## What they define",
        "## How they begin and end",
        "10|static int demo_read(struct demo *d, int flags)",
        "=== lines 812-840 ===",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!((sent[0].stage, sent[0].shown.as_slice()), (Stage::Retrieve, &[0..14][..]));
    let nothing = Sought { signatures: Vec::new(), ends: None, ..sought() };
    let (_, sent) = script(&nothing, &["=== lines 10-14 ==="]);
    assert!(!sent[0].user.contains("What they define"), "empty if s_old defines none");
}

#[test]
fn mg_24_a_sibling_returned_twice_is_asked_again_and_hidden() {
    let (found, sent) = script(
        &sought(),
        &["=== lines 3-7 ===", "```c\nstatic int demo_write(struct demo *d)\n{\n```", "=== lines 10-14 ==="],
    );
    assert_eq!((found.queries, found.lines.as_slice()), (3, &[9..14][..]));
    assert_eq!(
        sent.iter().map(|p| p.stage).collect::<Vec<_>>(),
        [Stage::Retrieve, Stage::RetrieveAgain, Stage::RetrieveAgain]
    );
    assert!(
        sent[1].user.contains("hold demo_write") && !sent[1].user.contains("3|static int demo_write"),
        "{}",
        sent[1].user
    );
    assert!(sent[1].user.contains("10|static int demo_read"), "the rest keeps its numbers");
}

#[test]
fn mg_24_after_m_retries_nothing_is_found() {
    let (found, sent) = script(
        &sought(),
        &["=== lines 3-7 ===", "no", "=== lines 1-2 ===", "=== lines 99-100 ===", "=== lines 10-14 ==="],
    );
    assert_eq!((found.queries, found.lines.len(), sent.len()), (4, 0, 4));
    assert_eq!(found.refusals.len(), 4);
}

#[test]
fn mg_26_lines_are_snapped_to_the_file() {
    let found = |answer: &str| script(&sought(), &[answer]).0.lines;
    assert_eq!(found("The lines are:\n\n**Lines 8-14**"), [9..14], "blank lines at the ends are no part");
    assert_eq!(found("```c\nstatic int demo_read(struct demo *d, int flags)\n{\n\tinvented();\n}\n```"), [9..13]);
    assert_eq!(found("=== lines 10-14 ===\n=== lines 3-7 ===\n=== end ==="), [2..7, 9..14], "in the order of the file");
    assert_eq!(found("=== not here ===\nreason: gone"), [0..0; 0]);
    assert_eq!(found("=== lines 10-14 ===\n=== lines 12-13 ==="), [0..0; 0], "ranges overlap");
}

#[test]
fn of_several_samples_the_lines_that_most_mean_are_taken() {
    let (own, sibling, longer) = ("=== lines 10-14 ===", "=== lines 3-7 ===", "=== lines 9-14 ===");
    let (found, _) = sampled(&sought(), &[&[sibling, "=== lines 3-14 ===", own, longer, "gone"]]);
    assert_eq!((found.lines.as_slice(), found.queries), (&[9..14][..], 1), "blank lines at the ends are no part");
    assert_eq!(found.answers, [own], "the record has the sample that counted");
    let (found, sent) = sampled(&sought(), &[&[sibling, "no"], &["=== not here ===\nreason: gone", own]]);
    assert_eq!((found.lines.as_slice(), sent.len()), (&[9..14][..], 2), "asked again only if none holds");
    assert_eq!(found.answers, [sibling, own]);
}

#[test]
fn mg_28_retries_and_migration_are_cooler_than_the_first_retrieval() {
    assert_eq!([Stage::Retrieve, Stage::RetrieveAgain, Stage::Migrate].map(Stage::temperature), [0.5, 0.4, 0.4]);
}

#[test]
fn mg_29_each_augmentation_can_be_left_out() {
    let has = |manner: Manner| {
        let (_, sent) = script(&Sought { manner, ..sought() }, &["=== lines 10-14 ==="]);
        (sent[0].user.contains("What they define"), sent[0].user.contains("How they begin"))
    };
    assert_eq!(has(Manner::Full), (true, true));
    assert_eq!(has(Manner::NoStructure), (false, true));
    assert_eq!(has(Manner::NoAlignment), (true, false));
    assert_eq!(has(Manner::Vanilla), (false, false));
}

#[test]
fn of_a_long_file_the_lines_in_its_words_are_shown_with_their_numbers() {
    let filler: String = (0..4000).map(|n| format!("\tregister_{n} = {n};\n")).collect();
    let long = Sought { file: [filler.as_bytes(), FILE.as_bytes(), filler.as_bytes()].concat(), ..sought() };
    let prompt = prompt(&long, (&[], None), Limit { tokens: 4000 }).expect("it fits");
    assert!(prompt.tokens <= 4000, "{}", prompt.tokens);
    assert!(prompt.user.contains("\n4010|static int demo_read(struct demo *d, int flags)\n"));
    assert!(super::prompt(&long, (&[], None), Limit { tokens: 300 }).is_none());
}
