//! Entries on paper and back, and what is recalled of conflicts that are the same, nearly the same, and others.

use super::*;
use crate::merge::{Beside, Chunk, Merged, Sides};
use proptest::prelude::*;

fn conflict(sides: [&str; 3]) -> Conflict {
    let [base, ours, theirs] = sides.map(|side| side.as_bytes().to_vec());
    let chunks = vec![
        Chunk::Settled(b"a\nb\nc\nd\n".to_vec()),
        Chunk::Open(Sides { base, ours, theirs }),
        Chunk::Settled(b"e\nf\n".to_vec()),
    ];
    Conflict::all("net/chip.c", &Merged { chunks }).remove(0)
}

const SIDES: [&str; 3] =
    ["\tsetup(dev);\n\trun(dev);\n", "\tsetup(dev, 0);\n\trun(dev);\n", "\tsetup(dev);\n\trun(dev, FAST);\n"];
const MADE: &str = "\tsetup(dev, 0);\n\trun(dev, FAST);\n";

fn entry(sides: [&str; 3], made: &str) -> Entry {
    let mut origin = Origin::new(How::Run);
    origin.set("commit", "0123456789abcdef0123456789abcdef01234567");
    origin.set("by", "Ada <ada@example.org> 1700000000 +0100");
    origin.set("run", "work-v2");
    Entry { conflict: conflict(sides), made: made.into(), conflicts: 1, beside: Vec::new(), origin }
}

/// Joins as `git merge-file` does.
fn join(sides: Sides<&[u8]>) -> Option<Vec<u8>> {
    match crate::git::text::merge(sides).expect("it is merged") {
        crate::git::text::TextMerge::Clean(text) => Some(text),
        _ => None,
    }
}

fn recalled(entries: Vec<Entry>, conflict: &Conflict) -> Recalled {
    Memory::of(entries).recall(conflict, &join)
}

fn as_text(recalled: Recalled) -> (String, Vec<String>) {
    match recalled {
        Recalled::As(found) => (String::from_utf8(found.text).expect("text"), found.doubts),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_entry_is_the_same_after_it_was_written_and_read() {
    let mut one = entry(SIDES, MADE);
    assert_eq!(Entry::parse(&one.print()), Ok(one.clone()));
    one.conflict.sides.ours = b"no newline".to_vec();
    one.conflict.below = Vec::new();
    one.made = b"\\\n= x".to_vec();
    one.conflicts = 3;
    one.beside = vec![
        Beside { before: b"x\n".to_vec(), ..Beside::default() },
        Beside { above: b"@\n".to_vec(), after: b"\\\ny".to_vec(), ..Beside::default() },
    ];
    assert_eq!(Entry::parse(&one.print()), Ok(one));
}

#[test]
fn an_entry_reads_as_people_write_conflicts() {
    let text = String::from_utf8(entry(SIDES, MADE).print()).expect("text");
    assert_eq!(
        text,
        "kmigrate memory 1\npath: net/chip.c\nhow: run\ncommit: 0123456789abcdef0123456789abcdef01234567\n\
         by: Ada <ada@example.org> 1700000000 +0100\nrun: work-v2\n\n  b\n  c\n  d\n< \tsetup(dev, 0);\n< \trun(dev);\n\
         | \tsetup(dev);\n| \trun(dev);\n> \tsetup(dev);\n> \trun(dev, FAST);\n= \tsetup(dev, 0);\n= \trun(dev, FAST);\n  e\n  f\n"
    );
}

#[test]
fn the_same_conflict_is_settled_as_it_was_without_a_doubt() {
    assert_eq!(as_text(recalled(vec![entry(SIDES, MADE)], &conflict(SIDES))), (MADE.into(), vec![]));
}

#[test]
fn it_is_the_same_whichever_side_is_called_ours() {
    let [base, ours, theirs] = SIDES;
    assert_eq!(as_text(recalled(vec![entry(SIDES, MADE)], &conflict([base, theirs, ours]))), (MADE.into(), vec![]));
}

#[test]
fn in_another_file_or_between_other_lines_somebody_should_look() {
    let mut other = conflict(SIDES);
    other.path = "net/other.c".into();
    let (text, doubts) = as_text(recalled(vec![entry(SIDES, MADE)], &other));
    assert_eq!((text.as_str(), &doubts[..]), (MADE, &["it was settled in another file, net/chip.c".to_owned()][..]));
    let mut other = conflict(SIDES);
    other.above = b"x\n".to_vec();
    assert!(as_text(recalled(vec![entry(SIDES, MADE)], &other)).1[0].contains("other lines"));
}

#[test]
fn with_another_base_it_is_another_conflict() {
    let [_, ours, theirs] = SIDES;
    let other = conflict(["\tboot(dev);\n", ours, theirs]);
    assert_eq!(recalled(vec![entry(SIDES, MADE)], &other), Recalled::Nothing);
}

#[test]
fn what_people_settled_in_two_ways_is_not_recalled() {
    let mut other = entry(SIDES, "\tsetup(dev, 1);\n");
    other.origin.set("commit", "ffff456789abcdef0123456789abcdef01234567");
    match recalled(vec![entry(SIDES, MADE), other], &conflict(SIDES)) {
        Recalled::Differs(origins) => assert_eq!(origins.len(), 2),
        found => panic!("{found:?}"),
    }
}

#[test]
fn of_one_place_in_one_commit_the_last_word_counts() {
    let mut later = entry(SIDES, "\tlater(dev);\n");
    later.origin.set("by", "Ada <ada@example.org> 1700000009 +0100");
    for entries in [vec![entry(SIDES, MADE), later.clone()], vec![later.clone(), entry(SIDES, MADE)]] {
        assert_eq!(as_text(recalled(entries, &conflict(SIDES))).0, "\tlater(dev);\n");
    }
    assert!(later.seat().is_some() && later.seat() == entry(SIDES, MADE).seat());
    later.origin.set("by", "Ada <ada@example.org> 1700000000 +0100");
    let found = recalled(vec![entry(SIDES, MADE), later], &conflict(SIDES));
    assert!(matches!(found, Recalled::Differs(_)), "nobody knows which of the two was last: {found:?}");
}

#[test]
fn white_space_makes_no_other_conflict_but_a_doubt() {
    let spaced = SIDES.map(|side| side.replace('\t', "    "));
    let (text, doubts) = as_text(recalled(vec![entry(SIDES, MADE)], &conflict(spaced.each_ref().map(String::as_str))));
    assert_eq!((text.as_str(), doubts.len()), (MADE, 1), "{doubts:?}");
}

const LONG: &str = "\tone(dev);\n\ttwo(dev);\n\tthree(dev);\n\tfour(dev);\n\tfive(dev);\n";

#[test]
fn where_upstream_changed_a_line_beside_it_the_same_edit_is_made_and_looked_at() {
    let ours = LONG.replace("three(dev)", "three(dev, 0)");
    let theirs = LONG.replace("three(dev)", "three(dev, FAST)");
    let made = LONG.replace("three(dev)", "three(dev, 0, FAST)");
    let now = ours.replace("one(dev)", "one(dev, NULL)");
    let (text, doubts) =
        as_text(recalled(vec![entry([LONG, &ours, &theirs], &made)], &conflict([LONG, &now, &theirs])));
    assert_eq!(text, made.replace("one(dev)", "one(dev, NULL)"));
    assert_eq!(doubts, ["upstream's side is a little other than where it was settled"]);
}

#[test]
fn where_upstream_changed_the_very_line_or_much_nothing_is_recalled() {
    let ours = LONG.replace("three(dev)", "three(dev, 0)");
    let theirs = LONG.replace("three(dev)", "three(dev, FAST)");
    let made = LONG.replace("three(dev)", "three(dev, 0, FAST)");
    let known = || vec![entry([LONG, &ours, &theirs], &made)];
    let same = ours.replace("three(dev, 0)", "three(dev, 1)");
    assert_eq!(recalled(known(), &conflict([LONG, &same, &theirs])), Recalled::Nothing);
    let much = ours.replace("one(dev)", "uno()").replace("five(dev)", "cinque()");
    assert_eq!(recalled(known(), &conflict([LONG, &much, &theirs])), Recalled::Nothing);
}

#[test]
fn that_upstreams_side_was_taken_says_nothing_of_a_newer_one() {
    let ours = LONG.replace("three(dev)", "three(dev, 0)");
    let theirs = LONG.replace("three(dev)", "three(dev, FAST)");
    let now = ours.replace("one(dev)", "one(dev, NULL)");
    let known = vec![entry([LONG, &ours, &theirs], &ours)];
    assert_eq!(recalled(known, &conflict([LONG, &now, &theirs])), Recalled::Nothing);
}

#[test]
fn what_more_was_changed_with_it_is_told_with_it() {
    let mut known = entry(SIDES, MADE);
    known.beside = vec![Beside { after: b"more\n".to_vec(), ..Beside::default() }];
    let mut other = known.clone();
    match recalled(vec![known.clone()], &conflict(SIDES)) {
        Recalled::As(found) => assert_eq!(found.beside, known.beside),
        found => panic!("{found:?}"),
    }
    other.origin.set("commit", "ffff456789abcdef0123456789abcdef01234567");
    other.beside.clear();
    assert!(matches!(recalled(vec![known, other], &conflict(SIDES)), Recalled::Differs(_)));
}

#[test]
fn a_conflict_of_git_rerere_fits_without_what_both_sides_begin_with() {
    let [_, ours, theirs] = ["", "\tsame();\n\tone();\n", "\tsame();\n\ttwo();\n"];
    let mut known = entry(["", "\ttwo();\n", "\tone();\n"], "\tboth();\n");
    known.conflict.base = conflict::Base::Unknown;
    let (text, doubts) = as_text(recalled(vec![known], &conflict(["\told();\n", ours, theirs])));
    assert_eq!(text, "\tsame();\n\tboth();\n");
    assert!(doubts[0].contains("rerere"));
}

#[test]
fn a_blob_at_another_place_is_no_entry() {
    let one = entry(SIDES, MADE);
    let (text, place) = (one.print(), one.place());
    assert_eq!(Memory::read([(place.as_str(), &text[..])]).unread(), 0);
    let memory = Memory::read([("ab/cdef", &text[..]), ("x", b"rubbish")]);
    assert_eq!((memory.unread(), memory.entries().len()), (2, 0));
}

#[test]
fn what_was_said_of_a_commit_on_one_upstream_is_no_later_word_on_another() {
    let (here, other) = ("a".repeat(40), "b".repeat(40));
    let said = |what: What, seconds: u64| {
        let mut origin = Origin::new(How::Commits);
        origin.subject = "net: a change".to_owned();
        origin.by = format!("Ada <ada@example.org> {seconds} +0100");
        Decision { what, origin }
    };
    let accept = |on: &str, seconds| {
        said(What::Accept { patch: "p".into(), seen: vec![], changes: vec![], on: on.to_owned() }, seconds)
    };
    let left_out = |only: &str, seconds| {
        said(What::Drop { patch: "p".into(), because: String::new(), only: only.to_owned() }, seconds)
    };
    let words = |decisions: Vec<Decision>| {
        let memory = Memory::default().with(decisions);
        let found = memory.of_commit(("net: a change", "p"), &here);
        found.into_iter().map(|decision| decision.told()).collect::<Vec<_>>()
    };
    let (right, out) = ("found right: net: a change", "left out: net: a change");
    assert_eq!(words(vec![accept(&here, 1), accept(&other, 9)]), [right, right]);
    assert_eq!(words(vec![left_out(&here, 1), accept(&other, 9)]), [out, right]);
    assert_eq!(words(vec![left_out("", 1), accept(&other, 9)]), [right], "it is wanted since");
    assert_eq!(words(vec![accept(&here, 1), left_out("", 9)]), [out]);
    assert_eq!(words(vec![accept(&here, 1), left_out(&other, 9)]), [right]);
}

proptest! {
    #[test]
    fn no_blob_is_too_strange_to_be_read(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..9), cut in any::<prop::sample::Index>()) {
        let mut whole = entry(SIDES, MADE);
        whole.beside = vec![Beside { above: b"a\n".to_vec(), after: b"b\n".to_vec(), ..Beside::default() }];
        let mut text = whole.print();
        for (at, byte) in &changes {
            let at = at.index(text.len());
            text[at] = *byte;
        }
        text.truncate(cut.index(text.len()) + 1);
        if let Ok(read) = Entry::parse(&text) {
            let _ = Memory::of(vec![read.clone()]).recall(&conflict(SIDES), &join);
            let again = Entry::parse(&read.print()).expect("what was read can be written and read");
            prop_assert_eq!(again, read);
        }
    }

    #[test]
    fn no_bytes_are_too_strange(text in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Entry::parse(&text);
        let _ = Entry::parse(&[b"kmigrate memory 1\npath: a\nhow: run\n\n", &text[..]].concat());
    }
}
