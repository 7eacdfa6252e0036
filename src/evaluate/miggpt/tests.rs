//! The task on samples of our own, with nobody and with scripted models.

use super::*;
use crate::evaluate::metrics::Closeness;
use crate::llm::Stage;
use crate::llm::{Answer, Prompt};

const DATA: &str = include_str!("../../../fixtures/miggpt/data.csv");

fn data() -> Vec<Row> {
    read(DATA.as_bytes()).expect("a data set")
}

fn best(verdict: Option<Option<Verdict>>) -> bool {
    verdict.flatten().is_some_and(|verdict| verdict.closeness == Closeness::Best)
}

fn all(plan: Plan) -> Vec<Told> {
    data().iter().map(|row| run(row, plan, None).expect("memory")).collect()
}

/// Runs a row with a model that says these things one after another; what became of it, and the prompts.
fn scripted(row: &Row, plan: Plan, answers: &[&str]) -> (Told, Vec<Prompt>) {
    let mut sent = Vec::new();
    let mut rest = answers.iter();
    let mut oracle = |prompt: &Prompt| {
        sent.push(prompt.clone());
        rest.next().map(|text| vec![Answer::whole(*text)]).ok_or_else(|| "silent".to_owned())
    };
    let told = run(row, plan, Some(&mut oracle)).expect("memory");
    (told, sent)
}

#[test]
fn mg_05_the_data_set_has_both_types_and_second_truths() {
    let rows = data();
    let types = |kind| rows.iter().filter(|row| row.kind == kind).count();
    assert_eq!((types(Type::One), types(Type::Two)), (7, 7));
    assert!(rows[10].new.other.is_some() && rows[8].new.other.is_none() && rows[8].migrated.other.is_some());
}

#[test]
fn without_a_model_every_snippet_is_found_and_most_are_migrated_without_a_query() {
    let told = all(Plan::default());
    let wrong = |step: fn(&Told) -> Option<Option<Verdict>>| -> Vec<String> {
        told.iter().filter(|row| !best(step(row))).map(|row| row.name.clone()).collect()
    };
    assert_eq!(wrong(|row| row.retrieval), [""; 0]);
    assert_eq!(wrong(|row| row.migration), ["9", "10"], "a table that was written anew, and a split function");
    assert!(told.iter().all(|row| row.queries == 0));
}

#[test]
fn mg_03_what_upstream_did_not_change_takes_the_patch_and_asks_nobody() {
    let mut row = data().swap_remove(0);
    (row.file, row.new.one, row.migrated.one) = (row.old.clone(), row.old.clone(), row.patched.clone());
    let (told, sent) = scripted(&row, Plan::default(), &["nonsense"]);
    assert!(best(told.migration) && sent.is_empty());
}

#[test]
fn what_is_in_doubt_is_asked_and_goes_through_the_door() {
    let row = &data()[9];
    let right =
        "=== insert after 2 ===\n\t{ .name = \"demo-b\", .id = 0x1b, .lanes = 4 },\n=== end ===\nconfidence: 0.8\n";
    let (told, sent) = scripted(row, Plan::default(), &[right]);
    assert!(best(told.retrieval) && best(told.migration), "{told:?}");
    assert_eq!((told.queries, sent.len(), sent[0].stage), (1, 1, Stage::Migrate));
    assert!(sent[0].user.contains("What merging makes of it"));
    // The patch's line left out, then a missing brace, then right.
    let without = right.replace("demo-b", "x").replace("0x1b", "1").replace(".lanes = 4", "");
    let broken = right.replace(" },", "");
    let (told, sent) = scripted(row, Plan::default(), &[&without, &broken, right]);
    assert!(best(told.migration), "{told:?}");
    assert_eq!(told.queries, 3);
    assert!(sent[1].user.contains("Why your last answer was not taken"));
    // Nobody knows better: the attempt stays.
    let (told, _) = scripted(row, Plan::default(), &["=== leave open ===\nreason: no idea"]);
    assert_eq!(told.migrated.map(|migrated| migrated.by == By::Model), Some(false));
}

#[test]
fn what_is_not_found_is_asked_for_up_to_m_times_and_a_sibling_is_not_taken() {
    let row = &data()[11];
    // Without fingerprints the sibling of the same beginning is no hit: a model is asked.
    let mut gone = row.clone();
    gone.old = b"static int demo_init(struct demo *d)\n{\n\tsomething_else(d);\n\treturn all_other(d);\n}\n".to_vec();
    gone.file = String::from_utf8_lossy(&row.file)
        .replace("static int demo_init(struct demo *d)", "static long demo_init(struct demo *d)")
        .into_bytes();
    let lines: Vec<String> = String::from_utf8_lossy(&gone.file).lines().map(str::to_owned).collect();
    let at = |head: &str| lines.iter().position(|line| line.contains(head)).expect("it is there") + 1;
    let (late, real) = (at("demo_init_late("), at("long demo_init("));
    let (wrong, right) = (format!("=== lines {late}-{} ===", late + 13), format!("=== lines {real}-{} ===", real + 13));
    let plan = Plan { steps: Steps::Retrieve, ablate: Some(Ablate::Cfp), ..Plan::default() };
    let (told, sent) = scripted(&gone, plan, &[&wrong, &right]);
    // No structure prompt and no check without fingerprints: the sibling is believed.
    assert_eq!((told.queries, sent.len()), (1, 1));
    assert!(!sent[0].user.contains("What they define"));
}

#[test]
fn mg_24_with_the_check_a_sibling_is_asked_again() {
    let row = &data()[11];
    let mut unsure = row.clone();
    // Twice the same function: no place is clear.
    let twice = [&row.file[..], b"\n#else\n", &row.new.one].concat();
    unsure.file = twice;
    let lines: Vec<String> = String::from_utf8_lossy(&unsure.file).lines().map(str::to_owned).collect();
    let at = |head: &str| lines.iter().position(|line| line.contains(head)).expect("it is there") + 1;
    let (late, real) = (at("demo_init_late("), at("int demo_init(struct"));
    let (wrong, right) = (format!("=== lines {late}-{} ===", late + 13), format!("=== lines {real}-{} ===", real + 13));
    let plan = Plan { steps: Steps::Retrieve, ..Plan::default() };
    let (told, sent) = scripted(&unsure, plan, &[&wrong, &wrong, &right]);
    assert_eq!((told.queries, best(told.retrieval)), (3, true), "{told:?}");
    assert_eq!(
        sent.iter().map(|p| p.stage).collect::<Vec<_>>(),
        [Stage::Retrieve, Stage::RetrieveAgain, Stage::RetrieveAgain]
    );
    assert!(
        sent[1].user.contains("do not hold the definition of demo_init; they hold demo_init_late"),
        "{}",
        sent[1].user
    );
    let (told, sent) = scripted(&unsure, plan, &["no"; 9]);
    assert_eq!((told.queries, sent.len()), (4, 4), "m = 3 retries, then the best that is known");
    let plan = Plan { ablate: Some(Ablate::Structure), ..plan };
    assert_eq!(scripted(&unsure, plan, &[&wrong]).0.queries, 1, "without it the sibling is believed");
}

#[test]
fn mg_29_a_model_by_itself_is_asked_once_a_step_and_believed() {
    let row = &data()[4];
    let plan = Plan { is_vanilla: true, ..Plan::default() };
    let new = format!("```c\n{}```", String::from_utf8_lossy(&row.new.one));
    let migrated = format!("```c\n{}```", String::from_utf8_lossy(&row.migrated.one));
    let (told, sent) = scripted(row, plan, &[&new, &migrated]);
    assert!(best(told.retrieval) && best(told.migration), "{told:?}");
    assert_eq!(told.queries, 2);
    assert!(!sent[0].user.contains("What they define") && !sent[1].user.contains("Change 1"));
    let (told, _) = scripted(row, plan, &["I cannot find it."]);
    assert_eq!(
        (told.retrieval, told.migration, told.queries),
        (Some(None), Some(None), 1),
        "not found is failed twice"
    );
}

#[test]
fn each_part_can_be_left_out_of_the_prompts() {
    let row = &data()[9];
    let user =
        |ablate| scripted(row, Plan { ablate, steps: Steps::Migrate, ..Plan::default() }, &["no"]).1[0].user.clone();
    assert!(user(None).contains("Change 1:") && user(Some(Ablate::Structure)).contains("Change 1:"));
    assert!(!user(Some(Ablate::Location)).contains("Change 1:"));
}

#[test]
fn the_tables_have_every_type_the_bins_and_the_queries() {
    let text = tables("no model", &all(Plan::default()));
    for part in [
        "Table 1: retrieval",
        "Type 1 (7)",
        "All (14)",
        "Table 2: migration",
        "85.71 %",
        "Table 4: line edit distance",
        "queries per sample: 0.00",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let json = all(Plan::default()).iter().map(Told::json).collect::<Vec<_>>();
    assert!(json[4].contains("\"by\":\"line\"") && json[4].contains("\"lines\":[[24,37]]"), "{}", json[4]);
}

#[test]
fn carried_files_become_samples_of_whole_functions_with_their_truth() {
    let row = &data()[4];
    let file = |snippet: &[u8]| {
        let text = String::from_utf8_lossy(&row.file).into_owned();
        text.replace(&*String::from_utf8_lossy(&row.new.one), &String::from_utf8_lossy(snippet)).into_bytes()
    };
    let (base, theirs, truth) = (file(&row.old), file(&row.patched), file(&row.migrated.one));
    let sides = Sides { base: &base[..], ours: &row.file[..], theirs: &theirs };
    let (made, left) = rows("x", sides, &truth);
    assert_eq!((made.len(), left), (1, Left::default()));
    assert_eq!((&made[0].old, &made[0].patched, made[0].kind), (&row.old, &row.patched, Type::Two));
    assert_eq!((&made[0].new.one, &made[0].migrated.one), (&row.new.one, &row.migrated.one));
    let (made, left) = rows("x", Sides { ours: &base, ..sides }, &theirs);
    assert_eq!((made.len(), left.trivial), (0, 1), "upstream changed nothing there");
}
