//! What is fuzzed. In: bytes, whatever they are. Out: nothing; a target panics where a promise is broken.
//!
//! Several texts in one input are parted by byte 0x1e (record separator), which no kernel file has. The same functions run over
//! `fixtures/fuzz/<target>/*` in `tests/fuzzed.rs`, so this file uses nothing but the library.

use bstr::BString;
use kmigrate::cascade::{self, Whole};
use kmigrate::evaluate::metrics;
use kmigrate::fingerprint::retrieve::Retriever;
use kmigrate::fingerprint::{Fingerprint, align, already};
use kmigrate::git::text::{self, Favor, FileMerge, Style, TextMerge};
use kmigrate::llm::{self, Answer, Brief, Ended, Limit, Reply, Snippet};
use kmigrate::merge::mates::Mates;
use kmigrate::merge::order::{self, Meeting};
use kmigrate::merge::{Change, Drift, Open, Proposal, Sides, compose, delta, list, weave};
use kmigrate::quilt::apply::{Direction, How};
use kmigrate::quilt::series::Mark;
use kmigrate::quilt::{Drift as Refresh, Entry, FileSide, Means, PatchFile, Series, Turn};
use kmigrate::quilt::{apply, message, rebuilt_base, refreshed};
use kmigrate::resolve;
use kmigrate::rule::graph::example::{FilePair, Focus};
use kmigrate::rule::graph::infer::infer;
use kmigrate::rule::smpl;
use kmigrate::run::{Decisions, Journal, Method, Record};
use kmigrate::syntax::conditionals::Conditionals;
use kmigrate::syntax::items::items;
use kmigrate::syntax::language::Language;
use kmigrate::syntax::lex;
use kmigrate::syntax::mask::mask;
use kmigrate::syntax::new_errors::new_errors;
use kmigrate::syntax::outline::outline;
use kmigrate::syntax::parse::{Reading, parse};
use kmigrate::verify::Question;

/// One of them.
pub type Target = fn(&[u8]);

/// All of them, by name.
pub const TARGETS: [(&str, Target); 17] = [
    ("mask", masked),
    ("items", outlined),
    ("cfp", fingerprinted),
    ("already", looked_for),
    ("text", merged_as_text),
    ("weave", woven),
    ("compose", composed),
    ("order", ordered),
    ("cascade", settled),
    ("driver", driven),
    ("lines", compared),
    ("smpl", semantic_patch),
    ("rules", inferred),
    ("patch", patch_file),
    ("reply", replied),
    ("state", stored),
    ("findings", found),
];

/// Methods that need nobody else.
const METHODS: [Method; 4] = [Method::Text, Method::Line, Method::Token, Method::Relocated];

/// Paths, one for each language.
const PATHS: [&[u8]; 7] =
    [b"a.c", b"Kconfig", b"drivers/Makefile", b"a.dts", b"entry.S", b"lib.rs", b"Documentation/a.txt"];

/// The texts of an input; what is missing is empty.
fn parts<const N: usize>(data: &[u8]) -> [&[u8]; N] {
    let mut parts = data.splitn(N, |byte| *byte == 0x1e);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// Base, ours, theirs.
fn sides(data: &[u8]) -> Sides<&[u8]> {
    let [base, ours, theirs] = parts(data);
    Sides { base, ours, theirs }
}

/// A language, by the length of an input, so that each mutation of the length tries another one.
fn language(data: &[u8]) -> Language {
    Language::of(PATHS[data.len() % PATHS.len()])
}

/// A masked text is as long as the text and has its line ends; masking twice is masking once as far as length goes.
fn masked(data: &[u8]) {
    let out = mask(data);
    assert_eq!(out.len(), data.len(), "a mask has the length of the text");
    let ends =
        |text: &[u8]| text.iter().enumerate().filter(|(_, c)| **c == b'\n').map(|(at, _)| at).collect::<Vec<_>>();
    assert_eq!(ends(&out), ends(data), "a mask has the line ends of the text");
    let _ = parse(data, Reading::Masked);
}

/// Items, sections, tokens and trees lie inside the text, in order.
fn outlined(data: &[u8]) {
    let mut end = 0;
    for token in lex::tokens(data) {
        assert!(token.end() <= data.len() && token.end() >= end, "a token inside the text, behind the one before it");
        end = token.end();
    }
    let _ = items(data);
    let lines = data.split_inclusive(|c| *c == b'\n').count();
    for language in PATHS.map(Language::of) {
        for section in outline(language, data) {
            assert!(section.lines.start <= section.lines.end && section.lines.end <= lines, "{section:?} of {lines}");
        }
        let conditionals = Conditionals::of(language, data);
        (0..lines).for_each(|line| drop(conditionals.at(line).clone()));
    }
    for reading in [Reading::Masked, Reading::Plain] {
        for fault in parse(data, reading).iter().flat_map(|parsed| &parsed.faults) {
            assert!(fault.bytes.1 <= data.len() && fault.bytes.0 <= fault.bytes.1, "{fault:?}");
        }
    }
    let [ours, theirs, result] = parts(data);
    let _ = new_errors(ours, theirs, result);
    let _ = metrics::judge(ours, theirs, None);
}

/// Fingerprints of two texts, which of their nodes are which, and where hunks live.
fn fingerprinted(data: &[u8]) {
    let [old, new, other] = parts(data);
    let (one, two) = (Fingerprint::of(old), Fingerprint::of(new));
    for found in align::align(&one, &two) {
        assert!(found.old < one.nodes.len() && found.new < two.nodes.len(), "a match of nodes that are there");
    }
    let lines = old.split_inclusive(|c| *c == b'\n').count();
    let retriever = Retriever::new(language(data), old, new);
    for start in (0..=lines).step_by(1 + lines / 8) {
        for hunk in [start..start, start..(start + 3).min(lines)] {
            let _ = retriever.missing_section(&hunk);
            let _ = retriever.locate_in(&hunk, other);
            for location in retriever.locate(&hunk).iter().take(4) {
                let _ = retriever.associated(&hunk, location);
            }
        }
    }
}

/// Whether upstream has a patch already.
fn looked_for(data: &[u8]) {
    let [before, after, ours] = parts(data);
    let lines = ours.split_inclusive(|c| *c == b'\n').count();
    for found in already::look(language(data), Change { before, after }, ours) {
        let inside = found.lines.is_none_or(|l| l.start <= l.end && l.end <= lines);
        assert!(inside, "a hunk that stands inside the file");
    }
    let _ = already::look_whole(after, ours);
}

/// Text merging: what does not change one side gives the other, and the chunks are the whole.
fn merged_as_text(data: &[u8]) {
    let sides = sides(data);
    let Ok(merged) = text::merge(sides) else { panic!("out of memory") };
    match merged {
        TextMerge::Clean(result) => {
            for (same, other) in [(sides.ours, sides.theirs), (sides.theirs, sides.ours)] {
                assert!(same != sides.base || result == other, "one side unchanged gives the other");
            }
            assert!(sides.ours != sides.theirs || result == sides.ours, "identical sides collapse");
        }
        TextMerge::Conflicted(open) => {
            assert!(sides.base != sides.ours && sides.base != sides.theirs && sides.ours != sides.theirs);
            let labels = Sides { base: "", ours: "", theirs: "" }.map(str::to_owned);
            let favor = FileMerge { labels, style: Style::Merge, favor: Some(Favor::Theirs), marker_size: 7 };
            if !sides.theirs.is_empty() {
                let whole = text::merge_file(sides, &favor).expect("memory").expect("it is text");
                assert_eq!(open.merged.walk(), whole.text, "the chunks with the patch's side are what --theirs gives");
            }
            let _ = (open.merged.marked(), open.merged.positions(&sides), open.merged.open_lines());
        }
        TextMerge::Binary => {}
    }
}

/// Has a method try each hunk that text merging leaves open.
fn each_open(data: &[u8], method: fn(&Open<'_>) -> Option<Proposal>) {
    let files = sides(data);
    let Ok(TextMerge::Conflicted(open)) = text::merge(files) else { return };
    let walk = open.merged.walk();
    for (sides, lines) in open.merged.conflicts().zip(open.merged.positions(&files)).take(16) {
        let sides = sides.as_ref().map(|text| &text[..]);
        let open = Open { sides, before: &walk, after: files.ours, files, lines, language: language(data) };
        if let Some(proposal) = method(&open) {
            assert!(proposal.text.len() <= 2 * (files.base.len() + files.ours.len() + files.theirs.len()) + 64);
        }
    }
}

/// Line by line, with and without the files around the hunk.
fn woven(data: &[u8]) {
    each_open(data, weave::propose);
    each_open(data, weave::propose_within);
}

/// Token by token.
fn composed(data: &[u8]) {
    each_open(data, compose::propose);
}

/// The order of two runs: each line of both is in it, once.
fn ordered(data: &[u8]) {
    let texts: [&[u8]; 4] = parts(data);
    let [above, below, ours, theirs] = texts.map(|text| text.split_inclusive(|c| *c == b'\n').collect::<Vec<_>>());
    let check = |lines: &[&[u8]]| {
        let both: Vec<&[u8]> = [&ours[..], &theirs[..]].concat();
        assert!(lines.iter().all(|line| both.contains(line)), "each line is one of a side");
        assert!(both.iter().all(|line| lines.contains(line)), "each line of a side is there");
        assert!(lines.len() <= both.len(), "no line is there twice that was there once");
    };
    let _ = list::same_number(&ours, &theirs);
    let _ = list::order_is_free(&ours, &theirs, language(data));
    if let Some(found) = list::sorted(&above, &below, &ours, &theirs) {
        check(&found.lines);
    }
    if !ours.is_empty() && !theirs.is_empty() {
        let meeting = Meeting { above: &above, below: &below, ours: &ours, theirs: &theirs, language: language(data) };
        if let Some(verdict) = order::decide(&meeting) {
            check(&verdict.lines);
        }
    }
}

/// A whole file through the cascade and the door.
fn settled(data: &[u8]) {
    let sides = sides(data);
    let question = Question { language: language(data), sides };
    match cascade::whole(&question, &METHODS) {
        Ok(Whole::Joined(joined)) => {
            for (same, other) in [(sides.ours, sides.theirs), (sides.theirs, sides.ours)] {
                assert!(same != sides.base || joined.text == other, "one side unchanged gives the other");
            }
        }
        Ok(Whole::Open(_) | Whole::Binary) => {}
        Err(e) => panic!("{e}"),
    }
}

/// The merge driver and `merge-file`.
fn driven(data: &[u8]) {
    let sides = sides(data);
    let labels = Sides { base: "base", ours: "ours", theirs: "theirs" }.map(str::to_owned);
    for style in [Style::Merge, Style::Diff3, Style::ZealousDiff3] {
        let merge = FileMerge { labels: labels.clone(), style, favor: None, marker_size: 7 };
        for patch in [resolve::Patch::Ours, resolve::Patch::Theirs, resolve::Patch::Either] {
            let path = BString::from(PATHS[data.len() % PATHS.len()]);
            let by = resolve::By { patch, methods: &METHODS, memory: &kmigrate::memory::Memory::default };
            let _ = resolve::drive(&path, sides, &by, &merge).expect("memory");
        }
    }
}

/// Line comparison: hunks are in order, and putting them onto the one text gives the other.
fn compared(data: &[u8]) {
    let [before, after, other] = parts(data);
    let change = Change { before, after };
    let old: Vec<&[u8]> = before.split_inclusive(|c| *c == b'\n').collect();
    let new: Vec<&[u8]> = after.split_inclusive(|c| *c == b'\n').collect();
    let (mut at, mut to, mut made) = (0, 0, Vec::new());
    for hunk in delta::hunks(change) {
        made.extend_from_slice(&old[at..hunk.before.start]);
        assert_eq!(hunk.before.start - at, hunk.after.start - to, "as much is kept on both sides");
        made.extend_from_slice(&new[hunk.after.clone()]);
        (at, to) = (hunk.before.end, hunk.after.end);
    }
    made.extend_from_slice(&old[at..]);
    assert_eq!(made.concat(), after, "the hunks are the change");
    let mates = Mates::of(change);
    for line in 0..old.len().min(200) {
        let _ = mates.of_line(line);
    }
    let _ = delta::compare(change, Change { before: after, after: other });
    let _ = Drift::of(&Sides { base: before, ours: after, theirs: other });
}

/// A semantic patch is read and applied.
fn semantic_patch(data: &[u8]) {
    let [patch, code] = parts(data);
    let Ok(patch) = smpl::read(patch) else { return };
    let _ = smpl::apply(&patch, code);
}

/// Rules are learned from two versions of a file, printed, and read again.
fn inferred(data: &[u8]) {
    let [before, after] = parts(data);
    let pair = FilePair { path: "a.c".to_owned(), before: before.to_vec(), after: after.to_vec() };
    let learned = infer(&[pair], &Focus::default());
    let printed = smpl::print(&learned.book);
    assert!(
        learned.book.rules.is_empty() || smpl::read(printed.as_bytes()).is_ok(),
        "what is printed is read:\n{printed}"
    );
}

/// A patch file, a mail or a series: read, applied, written again.
fn patch_file(data: &[u8]) {
    let [bytes, old] = parts(data);
    let file = PatchFile::read(Entry::plain(b"0001-x.patch"), bytes.to_vec());
    let mut at = 0;
    for mail in &file.mails {
        let head = [&mail.envelope, &mail.fields, &mail.message, &mail.notes];
        for tile in head.into_iter().chain(mail.sections.iter().map(|s| &s.whole)).chain([&mail.tail]) {
            assert_eq!(tile.start, at, "every byte belongs to one part");
            at = tile.end;
        }
        assert!(!message(&file, mail).subject.contains(&b'\n'), "a subject is one line");
        let rebuilt: Vec<_> = mail.sections.iter().map(|section| tried(section, old)).collect();
        let side = |text| FileSide { path: b"x.c", mode: 0o100_644, text, id: "0123456789" };
        let turns: Vec<Turn<'_>> = rebuilt
            .iter()
            .enumerate()
            .map(|(n, sides)| Turn {
                section: Some(n),
                old: Some(old),
                new: Change { before: sides.before.as_deref().map(side), after: sides.after.as_deref().map(side) },
            })
            .collect();
        let means = Means { differ: &delta::hunks, deflate: &|bytes| bytes.to_vec(), drift: Refresh::Refresh };
        let _ = refreshed(&file, mail, &turns, means);
    }
    assert_eq!(at, bytes.len(), "every byte belongs to a mail");
    let series = Series::read(bytes);
    assert_eq!(series.print(&|_| Mark::Keep), bytes, "a series that nothing happened to is as it was");
}

/// A section is put onto a file in both directions; no path that it names leads out of the tree.
fn tried(section: &kmigrate::quilt::Section, old: &[u8]) -> kmigrate::quilt::Rebuilt {
    for strip in 0..3 {
        if let Ok(touched) = section.touched(strip, &|_| true) {
            for path in [&touched.before, &touched.after].into_iter().flatten() {
                let mut parts = path.split(|c| *c == b'/');
                let leads_out = |part: &[u8]| matches!(part, b"" | b"." | b"..") || part.eq_ignore_ascii_case(b".git");
                assert!(
                    !parts.any(leads_out),
                    "a path that leads out of the tree: {:?}",
                    String::from_utf8_lossy(path)
                );
            }
        }
    }
    for direction in [Direction::Forward, Direction::Reverse] {
        let _ = apply(section, Some(old), How { direction, fuzz: 2 });
        let _ = apply(section, None, How { direction, fuzz: 3 });
    }
    rebuilt_base(section, Some(old))
}

/// A function in three versions, which the model of the targets was asked about.
const ASKED: [&str; 3] = [
    "static int demo_probe(struct device *dev)\n{\n\tint ret;\n\n\tret = demo_setup(dev);\n\tif (ret)\n\t\treturn ret;\n\n\treturn 0;\n}\n",
    "static int demo_probe(struct platform_device *pdev)\n{\n\tstruct device *dev = &pdev->dev;\n\tint ret;\n\n\tret = devm_demo_setup(dev);\n\tif (ret)\n\t\treturn dev_err_probe(dev, ret, \"no setup\\n\");\n\n\treturn 0;\n}\n",
    "static int demo_probe(struct device *dev)\n{\n\tint ret;\n\n\tret = demo_setup(dev);\n\tif (ret)\n\t\treturn ret;\n\n\tdemo_quirk(dev);\n\treturn 0;\n}\n",
];

/// An answer of a model: what is read of it is edits of lines that were shown.
fn replied(data: &[u8]) {
    let [base, ours, theirs] = ASKED;
    let sides =
        Sides { base: Snippet::new(base, 700), ours: Snippet::new(ours, 812), theirs: Snippet::new(theirs, 700) };
    let brief = Brief::of_snippets("drivers/demo/demo.c", sides);
    let prompt = llm::prompt(&brief, Limit::default()).expect("it is short");
    let text = String::from_utf8_lossy(data).into_owned();
    for ended in [Ended::Whole, Ended::Cut] {
        if let Ok(Reply::Edits(edits)) = llm::read(&Answer { ended, ..Answer::whole(text.clone()) }, &brief, &prompt) {
            let place = brief.sides.ours.place();
            for edit in &edits.list {
                assert!(edit.at.start >= place.start && edit.at.end <= place.end + 1, "{:?} of {place:?}", edit.at);
            }
            let _ = llm::apply(&brief.sides.ours, &edits.list);
        }
    }
}

/// Files that a run keeps: journal, record, what `resolve` did, a data set of questions.
fn stored(data: &[u8]) {
    if let Ok((operations, whole)) = Journal::read(data) {
        assert!(whole <= data.len());
        let decisions = Decisions::of(&operations);
        let _ = (decisions.commits(), decisions.blobs().count());
    }
    let [inputs, outcomes] = parts(data);
    if let Ok(record) = Record::parse(inputs, outcomes) {
        let [(_, inputs), (_, outcomes)] = record.files();
        assert_eq!(Record::parse(&inputs, &outcomes), Ok(record), "what is written is read");
    }
    let _ = resolve::Record::parse(data);
    let _ = kmigrate::evaluate::miggpt::read(data);
    let _ = kmigrate::run::unquoted(&String::from_utf8_lossy(data));
}

/// Reports of compilers and analysers, in the form that each seems to have and in all others; records print as they were read.
fn found(data: &[u8]) {
    use kmigrate::repair::read::{Format, coverity, read};
    for format in [Format::of(data), Format::Coverity, Format::Sarif, Format::GccJson, Format::Log] {
        let report = read(data, format);
        let lines = 1 + data.iter().filter(|c| **c == b'\n').count();
        for problem in &report.problems {
            assert!(problem.line <= lines, "{problem} of {lines}");
        }
        for told in &report.diagnostics {
            let _ = told.place();
        }
    }
    assert_eq!(coverity::Records::parse(data).text(), data, "what is read is printed again");
}
