//! What merging promises whatever the texts are, on generated files in the shape of kernel code; `tests/kit/properties.rs` holds real
//! ones to the same (the functions that check are these).
//!
//! White space aside where lines are compared with line merging and what is above it: a line that upstream has indented anew and the patch
//! has edited gets upstream's indentation.
//!
//! | promise | text | line | token | cascade | driver | commit |
//! |---|---|---|---|---|---|---|
//! | a side that is the base gives the other side | yes | yes, or nothing | yes, or nothing | yes | yes | yes |
//! | equal sides give that side | yes | (1) | (1) | yes | yes | (2) |
//! | sides exchanged give the same, up to order | yes | yes | (3) | (4) | yes | |
//! | each line is of a side | yes | yes | words (5) | but those that the token method made | as the cascade | |
//! | onto the same kernel: the same ids | | | | | | yes |
//!
//! 1. They are asked about hunks that text merging leaves open, and it leaves no hunk open that is equal on both sides. Both sides' lines
//!    would be two insertions to them.
//! 2. It is upstream then, and left out: see `tests/proof.rs`.
//! 3. Words, not lines: white space that both sides changed and numbers that both advanced are upstream's, and the patch's go on from
//!    there; the last element of a series ends otherwise than the others. Upstream's new names go into the patch's words, and what upstream
//!    has already is taken out of the patch's edits, never the other way round: where that is said, and where one direction has no
//!    answer, there is nothing to compare.
//! 4. Its sides have parts that are not alike: ours is the kernel that stays, and the patch's lines must stand where the patch puts them.
//!    Lines that both move are looked for in ours only, and the door judges the patch. Where both directions come out without a doubt,
//!    by text or line by line, they have the same lines.
//! 5. The token method joins edits of one statement: its lines are new, their words are not, but for numbers that both sides advanced.

use crate::support::Repo;
use bstr::{BString, ByteSlice};
use kmigrate::cascade::{self, Whole};
use kmigrate::git::text::{self, FileMerge, Style, TextMerge};
use kmigrate::memory::Memory;
use kmigrate::merge::{Open, Proposal, Sides, compose, weave};
use kmigrate::resolve::{By, Driven, Patch, drive};
use kmigrate::run::Method;
use kmigrate::syntax::language::Language;
use kmigrate::verify::Question;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

type Texts = Sides<Vec<u8>>;

/// Methods that need nobody else.
const METHODS: [Method; 4] = [Method::Text, Method::Line, Method::Token, Method::Relocated];

fn borrowed(texts: &Texts) -> Sides<&[u8]> {
    texts.as_ref().map(|text| &text[..])
}

fn exchanged<T>(sides: Sides<T>) -> Sides<T> {
    Sides { base: sides.base, ours: sides.theirs, theirs: sides.ours }
}

/// Lines, without their ends: a merge may have to end the last one.
fn lines_of(text: &[u8]) -> Vec<&[u8]> {
    text.lines().collect()
}

/// A line without white space.
fn ink(line: &[u8]) -> Vec<u8> {
    line.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect()
}

/// The same lines in any order, white space aside.
fn same_lines(one: &[u8], other: &[u8]) -> bool {
    let sorted = |text| {
        let mut lines: Vec<Vec<u8>> = lines_of(text).into_iter().map(ink).collect();
        lines.sort_unstable();
        lines
    };
    sorted(one) == sorted(other)
}

/// The same words in any order; numbers count as one word.
fn same_words(one: &[u8], other: &[u8]) -> bool {
    let sorted = |text: &[u8]| {
        let text = text.to_str_lossy().into_owned();
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
        let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
        let mut words: Vec<String> =
            words.map(|word| if is_number(word) { "0".into() } else { word.to_owned() }).collect();
        words.sort_unstable();
        words
    };
    sorted(one) == sorted(other)
}

/// Lines of a text that no side has, white space aside.
fn strangers<'a>(text: &'a [u8], sides: &Sides<&[u8]>) -> Vec<&'a [u8]> {
    let known: BTreeSet<Vec<u8>> = sides.named().iter().flat_map(|(_, side)| side.lines().map(ink)).collect();
    lines_of(text).into_iter().filter(|line| !known.contains(&ink(line))).collect()
}

/// Words of a text that no side has, without numbers.
fn strange_words(text: &[u8], sides: &Sides<&[u8]>) -> Vec<String> {
    let words = |text: &[u8]| -> BTreeSet<String> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let text = text.to_str_lossy().into_owned();
        text.split(|c| !is_word(c)).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let known: BTreeSet<String> = sides.named().iter().flat_map(|(_, side)| words(side)).collect();
    let is_number = |word: &String| word.starts_with(|c: char| c.is_ascii_digit());
    words(text).into_iter().filter(|word| !known.contains(word) && !is_number(word)).collect()
}

/// The whole file by one way of merging: its text if nothing is left open, and the method.
fn by_cascade(sides: Sides<&[u8]>, language: Language) -> Option<(Vec<u8>, cascade::Won)> {
    match cascade::whole(&Question { language, sides }, &METHODS).expect("memory") {
        Whole::Joined(joined) if joined.objection.is_none() => Some((joined.text, joined.won)),
        _ => None,
    }
}

fn by_driver(sides: Sides<&[u8]>, path: &str, patch: Patch) -> Option<Vec<u8>> {
    let labels = Sides { base: "base", ours: "ours", theirs: "theirs" }.map(str::to_owned);
    let merge = FileMerge { labels, style: Style::Merge, favor: None, marker_size: 7 };
    let by = By { patch, methods: &METHODS, memory: &Memory::default };
    match drive(&BString::from(path), sides, &by, &merge).expect("memory") {
        Driven::ByText(text) | Driven::ByMethods(text, _) => Some(text),
        Driven::Open(..) | Driven::Binary => None,
    }
}

/// The hunks that text merging leaves open, with what stands around them.
fn each_open(sides: Sides<&[u8]>, language: Language, each: &mut dyn FnMut(&Open<'_>)) {
    let TextMerge::Conflicted(open) = text::merge(sides).expect("memory") else { return };
    let walk = open.merged.walk();
    for (hunk, lines) in open.merged.conflicts().zip(open.merged.positions(&sides)) {
        let hunk = hunk.as_ref().map(|text| &text[..]);
        each(&Open { sides: hunk, before: &walk, after: &walk, files: sides, lines, language });
    }
}

/// One side is the base, or both are equal: every way of merging gives the other one.
pub fn one_side_gives_the_other(texts: &Texts, path: &str) {
    let Sides { base, ours, theirs } = borrowed(texts);
    let language = Language::of(path.as_bytes());
    for (sides, wanted) in [
        (Sides { base, ours: base, theirs }, theirs),
        (Sides { base, ours, theirs: base }, ours),
        (Sides { base, ours, theirs: ours }, ours),
        (Sides { base, ours: theirs, theirs }, theirs),
    ] {
        let TextMerge::Clean(merged) = text::merge(sides).expect("memory") else { panic!("text merging conflicts") };
        assert_eq!(merged.as_bstr(), wanted.as_bstr(), "text");
        let Whole::Joined(joined) = cascade::whole(&Question { language, sides }, &METHODS).expect("memory") else {
            panic!("the cascade leaves something open");
        };
        assert_eq!(joined.text.as_bstr(), wanted.as_bstr(), "cascade");
        for patch in [Patch::Ours, Patch::Theirs, Patch::Either] {
            assert_eq!(by_driver(sides, path, patch).expect("merged").as_bstr(), wanted.as_bstr(), "driver");
        }
    }
}

/// A hunk of which one side is the base is what the other side makes of it, or is not answered.
pub fn one_side_of_a_hunk_gives_the_other(texts: &Texts, path: &str) {
    let sides = borrowed(texts);
    each_open(sides, Language::of(path.as_bytes()), &mut |open| {
        let Sides { base, ours, theirs } = open.sides;
        for (sides, wanted) in
            [(Sides { base, ours: base, theirs }, theirs), (Sides { base, ours, theirs: base }, ours)]
        {
            let open = Open { sides, ..*open };
            for (by, method) in METHODS_OF_HUNKS {
                if let Some(proposal) = method(&open) {
                    assert_eq!(proposal.text.as_bstr(), wanted.as_bstr(), "{by}");
                }
            }
        }
    });
}

type OfHunks = fn(&Open<'_>) -> Option<Proposal>;

/// What is asked about a hunk.
const METHODS_OF_HUNKS: [(&str, OfHunks); 3] =
    [("line", weave::propose), ("line, within", weave::propose_within), ("token", compose::propose)];

/// Sides exchanged give the same, up to order.
pub fn exchanged_sides_agree(texts: &Texts, path: &str) {
    let sides = borrowed(texts);
    let language = Language::of(path.as_bytes());
    match (text::merge(sides).expect("memory"), text::merge(exchanged(sides)).expect("memory")) {
        (TextMerge::Clean(one), TextMerge::Clean(other)) => assert_eq!(one.as_bstr(), other.as_bstr(), "text"),
        (TextMerge::Conflicted(_), TextMerge::Conflicted(_)) | (TextMerge::Binary, TextMerge::Binary) => {}
        _ => panic!("text merges in one direction only"),
    }
    each_open(sides, language, &mut |open| {
        let other =
            Open { sides: exchanged(open.sides), lines: exchanged(open.lines), files: exchanged(sides), ..*open };
        for (by, method) in METHODS_OF_HUNKS {
            if let (Some(one), Some(other)) = (method(open), method(&other)) {
                let has_some = |p: &Proposal| {
                    p.reasons
                        .iter()
                        .chain(p.doubts.iter().map(|doubt| &doubt.said))
                        .any(|said| said.contains("already") || said.contains("and so do the patch's new words"))
                };
                let same = match by {
                    "token" if has_some(&one) || has_some(&other) => true,
                    "token" => same_words(&one.text, &other.text),
                    _ => same_lines(&one.text, &other.text),
                };
                assert!(same, "{by}:\n{}\n--- and ---\n{}", one.text.as_bstr(), other.text.as_bstr());
            }
        }
    });
    let sure =
        |sides| by_cascade(sides, language).filter(|(_, won)| won.doubts.is_empty() && won.method <= Method::Line);
    if let (Some((one, _)), Some((other, _))) = (sure(sides), sure(exchanged(sides))) {
        assert!(same_lines(&one, &other), "cascade:\n{}\n--- and ---\n{}", one.as_bstr(), other.as_bstr());
    }
    let driven = [sides, exchanged(sides)].map(|sides| by_driver(sides, path, Patch::Either));
    if let [Some(one), Some(other)] = driven {
        assert!(same_lines(&one, &other), "driver:\n{}\n--- and ---\n{}", one.as_bstr(), other.as_bstr());
    }
}

/// No line comes from nowhere, unless the method that made it says so.
pub fn every_line_is_of_a_side(texts: &Texts, path: &str) {
    let sides = borrowed(texts);
    let language = Language::of(path.as_bytes());
    let none: Vec<&[u8]> = Vec::new();
    match text::merge(sides).expect("memory") {
        TextMerge::Clean(text) => assert_eq!(strangers(&text, &sides), none, "text"),
        TextMerge::Conflicted(open) => assert_eq!(strangers(&open.merged.walk(), &sides), none, "text, open"),
        TextMerge::Binary => {}
    }
    each_open(sides, language, &mut |open| {
        for (_, method) in &METHODS_OF_HUNKS[..2] {
            if let Some(proposal) = method(open) {
                assert_eq!(strangers(&proposal.text, &open.sides), none, "line");
            }
        }
        if let Some(proposal) = compose::propose(open) {
            assert_eq!(strange_words(&proposal.text, &open.files), Vec::<String>::new(), "token");
        }
    });
    match cascade::whole(&Question { language, sides }, &METHODS).expect("memory") {
        Whole::Joined(joined) => explained(&joined.text, Some(&joined.won), &sides),
        Whole::Open(open) => explained(&open.merged.walk(), open.won.as_ref(), &sides),
        Whole::Binary => {}
    }
}

/// Lines that no side has are those that the token method answers for.
fn explained(text: &[u8], won: Option<&cascade::Won>, sides: &Sides<&[u8]>) {
    for line in strangers(text, sides) {
        let by_token = won.is_some_and(|won| {
            won.method >= Method::Token && won.composed.iter().any(|made| made.trim_end() == line.trim_end())
        });
        assert!(by_token, "cascade: {:?} is of no side, and nobody says where it is from", line.as_bstr());
    }
}

/// Lines of a file of some sort; few different ones, so that they repeat.
fn vocabulary(path: &str) -> &'static [&'static str] {
    match Language::of(path.as_bytes()) {
        Language::Kconfig => {
            &["config ACME", "config BOLT", "\tbool \"Acme\"", "\tdepends on OF", "\tselect REGMAP", ""]
        }
        Language::Make => {
            &["obj-y += a.o", "obj-$(CONFIG_ACME) += acme.o", "obj-$(CONFIG_BOLT) += bolt.o", "ccflags-y := -I$(src)"]
        }
        _ => &[
            "#include <linux/acme.h>",
            "#include <linux/bolt.h>",
            "static int probe(struct device *dev)",
            "{",
            "\tint ret;",
            "\tret = setup(dev, 1);",
            "\tif (ret)",
            "\t\treturn ret;",
            "\treturn 0;",
            "}",
            "",
            "\t{ .compatible = \"acme,one\", .data = &one },",
            "\tcase ACME_ONE:",
            "\t\tbreak;",
            "#ifdef CONFIG_ACME",
            "#endif",
            "/* why */",
        ],
    }
}

/// A whole function of C, so that not all is nonsense.
const FUNCTION: [&str; 8] = [
    "static int acme_probe(struct device *dev)",
    "{",
    "\tint ret = acme_setup(dev, 1);",
    "",
    "\tif (ret < 0)",
    "\t\treturn ret;",
    "\treturn acme_register(dev, 3);",
    "}",
];

/// An edit: where, how many lines go, which ones come.
type Edit = (usize, usize, Vec<usize>);

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    proptest::collection::vec((0..60usize, 0..3usize, proptest::collection::vec(0..40usize, 0..3)), 0..4)
}

/// What an edit puts there: a line of the vocabulary, or an old line with another number or name.
fn put(path: &str, at: usize, old: &[String]) -> String {
    let words = vocabulary(path);
    match (at / words.len(), old.get(at)) {
        (0, _) => words[at % words.len()].to_owned(),
        (_, Some(line)) => line.replace("ret", "err").replace('1', "2").replace("dev)", "dev, true)"),
        _ => format!("\tadded_{at}(dev);"),
    }
}

fn after(base: &[String], edits: &[Edit], path: &str) -> Vec<u8> {
    let mut lines = base.to_vec();
    for (at, gone, come) in edits {
        let at = at % (lines.len() + 1);
        let end = (at + gone).min(lines.len());
        lines.splice(at..end, come.iter().map(|n| put(path, *n, base)));
    }
    lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect()
}

/// A word of the function made another one, so that both sides edit one statement.
const REWORDED: [[&str; 2]; 5] = [
    ["", ""],
    ["acme_setup(dev", "acme_setup_one(dev"],
    ["dev, 1)", "dev, 1, true)"],
    ["int ret", "long ret"],
    ["acme_register(dev, 3)", "acme_register(dev, 4)"],
];

fn reworded(text: &[u8], by: usize) -> Vec<u8> {
    let [old, new] = REWORDED[by % REWORDED.len()];
    if old.is_empty() { text.to_vec() } else { text.replace(old, new) }
}

/// Three sides of a file and its path; now and then without a newline at an end.
fn three() -> impl Strategy<Value = (Texts, &'static str)> {
    let path = prop_oneof![4 => Just("a.c"), 1 => Just("Kconfig"), 1 => Just("Makefile"), 1 => Just("a.dts")];
    let of = (path, proptest::collection::vec(0..60usize, 2..24), edits(), edits(), (0..8u8, 0..10usize, 0..10usize));
    of.prop_map(|(path, base, one, two, (cut, by, other))| {
        let mut lines: Vec<String> = base.iter().map(|n| put(path, *n, &[])).collect();
        if path == "a.c" {
            let middle = lines.len() / 2;
            lines.splice(middle..middle, FUNCTION.map(str::to_owned));
        }
        let ours = reworded(&after(&lines, &one, path), by);
        let theirs = reworded(&after(&lines, &two, path), other);
        let mut texts = Sides { ours, theirs, base: after(&lines, &[], path) };
        match cut {
            0 => _ = texts.ours.pop(),
            1 => _ = texts.theirs.pop(),
            2 => _ = texts.base.pop(),
            _ => {}
        }
        (texts, path)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(250) })]

    #[test]
    fn merging_with_one_side_unchanged_or_both_equal_gives_that_side((texts, path) in three()) {
        one_side_gives_the_other(&texts, path);
        one_side_of_a_hunk_gives_the_other(&texts, path);
    }

    #[test]
    fn merging_with_the_sides_exchanged_agrees_up_to_order((texts, path) in three()) {
        exchanged_sides_agree(&texts, path);
    }

    #[test]
    fn no_line_of_a_result_comes_from_nowhere((texts, path) in three()) {
        every_line_is_of_a_side(&texts, path);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(6) })]

    #[test]
    fn a_migration_onto_the_same_kernel_is_the_identity(series in proptest::collection::vec((three(), any::<bool>()), 1..5)) {
        let repo = Repo::new();
        repo.write("a.c", &series[0].0.0.base).write("Kconfig", "config ACME\n").commit("base");
        repo.git(&["tag", "v1"]);
        repo.branch("topic", "v1");
        for (n, ((texts, path), removes)) in series.iter().enumerate() {
            repo.write(path, &texts.theirs).write("new/file.c", &texts.ours);
            if *removes {
                std::fs::remove_file(repo.path().join(path)).expect("removed");
            }
            repo.commit(&format!("commit {n}"));
        }
        repo.git(&["checkout", "-q", "main"]);
        let said = repo.run(&["v1..topic", "--onto", "v1"]);
        prop_assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        prop_assert_eq!(repo.id("topic-v1"), repo.id("topic"));
    }
}

/// How often the generated sides conflict, and what settles them: properties of texts that all merge cleanly would say nothing.
#[test]
fn the_generated_texts_try_every_method() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..300 {
        let (texts, path) = three().new_tree(&mut runner).expect("a value").current();
        let word = match by_cascade(borrowed(&texts), Language::of(path.as_bytes())) {
            Some((_, won)) => format!("{:?}", won.method),
            None => "open".to_owned(),
        };
        *seen.entry(word).or_default() += 1;
    }
    for word in ["Text", "Line", "Token", "open"] {
        assert!(seen.get(word).is_some_and(|count| *count >= 5), "{seen:?}");
    }
}
