//! Answers of every form and fault.
#![allow(clippy::single_range_in_vec_init, reason = "ranges of lines are what is meant")]

use super::super::brief::Brief;
use super::super::edits::{Edit, apply};
use super::super::migration::prompt;
use super::super::oracle::{Answer, Ended};
use super::super::prompt::{Limit, Prompt};
use super::super::refusal::Why;
use super::super::snippet::{Excerpt, May, Snippet};
use super::{Reply, read};
use crate::merge::Sides;
use proptest::prelude::*;

const BASE: &str = "static int demo_probe(struct device *dev)\n{\n\tint ret;\n\n\tret = demo_setup(dev);\n\tif (ret)\n\t\treturn ret;\n\n\treturn 0;\n}\n";
const OURS: &str = "static int demo_probe(struct platform_device *pdev)\n{\n\tstruct device *dev = &pdev->dev;\n\tint ret;\n\n\tret = devm_demo_setup(dev);\n\tif (ret)\n\t\treturn dev_err_probe(dev, ret, \"no setup\\n\");\n\n\treturn 0;\n}\n";
const THEIRS: &str = "static int demo_probe(struct device *dev)\n{\n\tint ret;\n\n\tret = demo_setup(dev);\n\tif (ret)\n\t\treturn ret;\n\n\tdemo_quirk(dev);\n\treturn 0;\n}\n";
/// The line of the new file, from 1, at which the snippet begins.
const FIRST: usize = 812;
const RIGHT: &str = "=== insert after 820 ===\n\tdemo_quirk(dev);\n=== end ===\nconfidence: 0.9\nreason: the call goes before the return\n";

fn brief() -> Brief {
    let sides =
        Sides { base: Snippet::new(BASE, 700), ours: Snippet::new(OURS, FIRST), theirs: Snippet::new(THEIRS, 700) };
    Brief::of_snippets("drivers/demo/demo.c", sides)
}

fn asked(brief: &Brief) -> Prompt {
    prompt(brief, Limit::default()).expect("short")
}

fn told(text: &str) -> Result<Reply, Why> {
    read(&Answer::whole(text), &brief(), &asked(&brief())).map_err(|refusal| refusal.why)
}

/// The new snippet, if the answer holds.
fn result(text: &str) -> Result<String, Why> {
    match told(text)? {
        Reply::Edits(edits) => Ok(String::from_utf8(apply(&brief().sides.ours, &edits.list)).expect("text")),
        Reply::AlreadyThere(reason) => Ok(format!("there: {reason}")),
        Reply::LeftOpen(reason) => Ok(format!("open: {reason}")),
    }
}

fn expected() -> String {
    OURS.replace("\treturn 0;\n", "\tdemo_quirk(dev);\n\treturn 0;\n")
}

#[test]
fn the_form_that_is_asked_for_is_read() {
    let Ok(Reply::Edits(edits)) = told(RIGHT) else { panic!("{:?}", told(RIGHT)) };
    assert_eq!(edits.list, [Edit { at: 820..820, text: b"\tdemo_quirk(dev);\n".to_vec() }]);
    assert_eq!((edits.confidence, edits.reason.as_str()), (Some(0.9), "the call goes before the return"));
    assert_eq!(result(RIGHT), Ok(expected()));
}

#[test]
fn lines_that_are_told_beside_may_be_edited_if_that_was_said_and_they_were_shown() {
    let mut brief = brief();
    let half = "static int demo_half(struct device *dev)\n{\n\tdemo_power(dev);\n\treturn 0;\n}\n";
    let (what, path) = ("function demo_half".to_owned(), brief.path.clone());
    brief.associated = vec![Excerpt { what, path, snippet: Snippet::new(half, 101), may: May::BeEdited }];
    let answer = |prompt: &Prompt| {
        let text = "=== insert after 103 ===\n\tdemo_quirk(dev);\n=== end ===\nreason: it went there\n";
        read(&Answer::whole(text), &brief, prompt).map_err(|refusal| refusal.said)
    };
    let whole = asked(&brief);
    assert!(whole.user.contains("You may edit lines 812-822 and 101-105, and no others."), "{}", whole.user);
    let Ok(Reply::Edits(edits)) = answer(&whole) else { panic!("{:?}", answer(&whole)) };
    assert_eq!(edits.list, [Edit { at: 103..103, text: b"\tdemo_quirk(dev);\n".to_vec() }]);
    assert!(super::super::answered(&brief, &edits).contains(&b"\tdemo_quirk(dev);\n"[..]));
    let short = (1..whole.tokens).rev().filter_map(|tokens| prompt(&brief, Limit { tokens }));
    let short = short.into_iter().find(|short| !short.user.contains("demo_half")).expect("it is dropped first");
    assert!(short.user.contains("You may edit lines 812-822, and no others."), "{}", short.user);
    assert!(answer(&short).is_err_and(|said| said.contains("the place behind line 103 cannot be edited")));
    brief.associated[0].may = May::BeRead;
    let read_only = asked(&brief);
    assert!(read_only.user.contains("demo_half") && !read_only.user.contains("101-105"), "{}", read_only.user);
    let text = "=== replace 103-103 ===\n\tdemo_quirk(dev;\n=== end ===\n";
    assert!(read(&Answer::whole(text), &brief, &read_only).is_err());
    brief.associated[0].may = May::BeEdited;
    let broken = read(&Answer::whole(text), &brief, &whole).map_err(|refusal| refusal.why);
    assert_eq!(broken, Err(Why::Parse), "the second region is checked, too");
}

#[test]
fn the_form_may_be_loose() {
    for text in [
        format!("Here is my answer:\n\n```text\n{RIGHT}```\nHope that helps!"),
        format!("```\n{}```\n", RIGHT.replace("=== end ===\n", "")),
        RIGHT.replace('\n', "\r\n"),
        format!("<think>\nmaybe === delete 812-822 ===\n</think>\n{RIGHT}"),
        format!("so I insert it\n</think>\n{RIGHT}"),
        RIGHT.replace("=== insert after 820 ===", "=== Insert before line 821"),
        RIGHT.replace("=== insert after 820 ===", "== replace 821 ==").replace("(dev);\n", "(dev);\n\treturn 0;\n"),
        RIGHT.replace("\tdemo_quirk(dev);\n", "```c\n\tdemo_quirk(dev);\n```\n"),
        RIGHT.replace("\tdemo", "        demo"),
        RIGHT.replace("\tdemo", "821|\tdemo"),
    ] {
        assert_eq!(result(&text), Ok(expected()), "{text}");
    }
}

#[test]
fn json_is_read_whatever_stands_around_it() {
    let json =
        r#"{"edits":[{"after":820,"lines":["\tdemo_quirk(dev);"]}],"confidence":0.75,"reason":"before the return"}"#;
    for text in [
        json.to_owned(),
        format!("Sure, {{here}} it is:\n```json\n{json}\n```\nDone."),
        format!("{json} and that is all {{"),
        json.replace(r#""after":820,"lines":["#, r#""from":821,"to":"821","lines":["#)
            .replace("dev);\"]", "dev);\\n\\treturn 0;\"]"),
        json.replace(r#"["\tdemo_quirk(dev);"]"#, r#""\tdemo_quirk(dev);\n""#),
    ] {
        assert_eq!(result(&text), Ok(expected()), "{text}");
    }
    let Ok(Reply::Edits(edits)) = told(json) else { panic!("edits") };
    assert_eq!((edits.confidence, edits.reason.as_str()), (Some(0.75), "before the return"));
}

#[test]
fn a_whole_snippet_is_compared_with_the_new_kernel_s() {
    let code = expected();
    for text in [
        format!("```c\n{code}```"),
        format!("The migrated code:\n```\n{code}```\nNote the call."),
        format!("~~~c\n{code}~~~"),
        format!("```c\n{}```", code.replace('\t', "    ")),
        format!("First the old code:\n```c\nint x;\n```\nnow:\n```c\n{code}```"),
        code.clone(),
        format!("```c\n{code}"),
        // Only the part that changes.
        "```c\n\tif (ret)\n\t\treturn dev_err_probe(dev, ret, \"no setup\\n\");\n\n\tdemo_quirk(dev);\n\treturn 0;\n}\n```".to_owned(),
    ] {
        assert_eq!(result(&text), Ok(expected()), "{text}");
    }
}

#[test]
fn what_is_cut_off_is_said_to_be() {
    let json = r#"{"edits":[{"after":820,"lines":["\tdemo_qu"#;
    for text in [
        "=== insert after 820 ===\n\tdemo_qu",
        json,
        "<think>\nfirst, I",
        "```c\nstatic int demo_probe(struct platform_device *pdev)\n{\n",
    ] {
        assert_eq!(told(text), Err(Why::CutOff), "{text}");
    }
    let cut = Answer { ended: Ended::Cut, ..Answer::whole("I would say that") };
    assert_eq!(read(&cut, &brief(), &asked(&brief())).map_err(|r| r.why), Err(Why::CutOff));
    let whole = Answer { ended: Ended::Cut, ..Answer::whole(RIGHT) };
    assert!(read(&whole, &brief(), &asked(&brief())).is_ok(), "only the reason was cut");
}

#[test]
fn what_is_no_answer_is_refused_with_the_reason() {
    let cases = [
        ("", Why::NoAnswer),
        ("I'm sorry, but I cannot help with that.", Why::NoAnswer),
        ("```c\nint unrelated;\n```", Why::NoAnswer),
        ("```diff\n@@ -820,1 +820,2 @@\n+\tdemo_quirk(dev);\n \treturn 0;\n```", Why::Malformed),
        ("=== insert 820 somewhere ===\n\tx();\n=== end ===\n", Why::Malformed),
        ("=== replace 822-820 ===\n\tx();\n=== end ===\n", Why::Malformed),
        ("=== replace 0-3 ===\n\tx();\n=== end ===\n", Why::Malformed),
        (r#"{"edits":[{"lines":["x"]}]}"#, Why::Malformed),
        (r#"{"edits":["x"] oops}"#, Why::Malformed),
        ("=== insert after 5 ===\n\tx();\n=== end ===\n", Why::OutOfRange),
        ("=== replace 820-999999999 ===\n\tx();\n=== end ===\n", Why::OutOfRange),
        ("=== replace 818-820 ===\n\tx();\n=== delete 819 ===\n=== end ===\n", Why::Overlap),
        ("=== replace 818-820 ===\n\tx();\n=== insert after 819 ===\n\ty();\n=== end ===\n", Why::Overlap),
        ("=== insert after 820 ===\n<<<<<<< ours\n\tx();\n=======\n>>>>>>> theirs\n=== end ===\n", Why::Marker),
        ("=== replace 814-820 ===\n\t/* ... existing code ... */\n\tdemo_quirk(dev);\n=== end ===\n", Why::Elided),
        ("=== insert after 820 ===\n\t/* caf\u{fffd} */\n=== end ===\n", Why::Unshowable),
        ("=== insert after 820 ===\n\tif (dev) {\n\t\tdemo_quirk(dev);\n=== end ===\n", Why::Parse),
        ("=== replace 821 ===\n\treturn 0;\n=== end ===\n", Why::Unchanged),
        ("=== end ===\n", Why::Unchanged),
        ("=== already there ===\n", Why::NoAnswer),
        ("=== delete 819 ===\n=== already there ===\nreason: line 820\n", Why::Malformed),
    ];
    for (text, why) in cases {
        assert_eq!(told(text), Err(why), "{text}");
    }
}

#[test]
fn an_answer_that_rewrites_everything_is_refused() {
    let other: String = (0..11).map(|n| format!("\tother_{n}(dev);\n")).collect();
    assert_eq!(told(&format!("=== replace 812-822 ===\n{other}=== end ===\n")), Err(Why::Rewrites));
    assert_eq!(told("=== delete 812-822 ===\n=== end ===\n"), Err(Why::Rewrites));
    // The old kernel with the patch, as if upstream had done nothing.
    assert_eq!(told(&format!("```c\n{THEIRS}```")), Err(Why::Upstreams));
}

#[test]
fn it_may_be_left_open() {
    assert_eq!(
        result("=== leave open ===\nreason: demo_quirk() is gone\n"),
        Ok("open: demo_quirk() is gone".to_owned())
    );
    assert_eq!(told(&RIGHT.replace("=== end", "=== leave open ===\n=== end")), Err(Why::Malformed));
}

#[test]
fn bytes_that_are_no_text_survive_and_crlf_stays_crlf() {
    let sides = Sides {
        base: b"a();\r\nb();\r\n".to_vec(),
        ours: b"/* caf\xe9 */\r\na();\r\nb2();\r\n".to_vec(),
        theirs: b"a();\r\nx(); // \xe9\r\nb();\r\n".to_vec(),
    };
    let brief = Brief::of_snippets("a.c", sides.map(|text| Snippet::new(text, 1)));
    let text = "=== replace 1-3 ===\n/* caf\u{fffd} */\na();\nx(); // \u{fffd}\nb2();\n=== end ===\n";
    let Ok(Reply::Edits(edits)) = read(&Answer::whole(text), &brief, &asked(&brief)) else { panic!("edits") };
    assert_eq!(edits.list, [Edit { at: 2..2, text: b"x(); // \xe9\r\n".to_vec() }], "the retyped lines are no edits");
    assert_eq!(apply(&brief.sides.ours, &edits.list), b"/* caf\xe9 */\r\na();\r\nx(); // \xe9\r\nb2();\r\n");
}

#[test]
fn a_narrowed_prompt_narrows_what_may_be_edited() {
    let mut prompt = asked(&brief());
    prompt.shown = vec![817..822];
    let answer = |text: &str| read(&Answer::whole(text), &brief(), &prompt).map_err(|r| r.why);
    assert!(answer(RIGHT).is_ok());
    assert_eq!(answer("=== delete 813 ===\n=== end ===\n"), Err(Why::OutOfRange));
    let tail: String = OURS.lines().skip(6).map(|line| format!("{line}\n")).collect();
    assert!(
        answer(&format!("```c\n{}```", tail.replace("\treturn 0;\n", "\tdemo_quirk(dev);\n\treturn 0;\n"))).is_ok()
    );
}

#[test]
fn many_thoughts_and_many_brackets_are_read_in_time() {
    let thoughts = format!("{}{RIGHT}", "<think>x</think>".repeat(100_000));
    assert_eq!(result(&thoughts), Ok(expected()));
    assert_eq!(told(&format!("{{\"edits\":{}", "[".repeat(200_000))), Err(Why::Malformed));
    assert_eq!(told(&format!("=== insert after 820 ===\n{}\n=== end ===\n", "(".repeat(100_000))), Err(Why::Parse));
}

/// What holds of every answer: no panic, and nothing but shown lines changes.
fn holds(text: &str) {
    let brief = brief();
    let prompt = asked(&brief);
    if let Ok(Reply::Edits(edits)) = read(&Answer::whole(text), &brief, &prompt) {
        assert!(!edits.list.is_empty());
        assert!(edits.list.windows(2).all(|two| two[0].at.end <= two[1].at.start));
        let shown = &prompt.shown[0];
        assert!(edits.list.iter().all(|edit| shown.start <= edit.at.start && edit.at.end <= shown.end));
        let kept =
            OURS.lines().enumerate().filter(|(at, _)| !edits.list.iter().any(|e| e.at.contains(&(at + FIRST - 1))));
        let result = apply(&brief.sides.ours, &edits.list);
        let result = String::from_utf8_lossy(&result).into_owned();
        let mut rest = result.lines();
        assert!(kept.into_iter().all(|(_, line)| rest.any(|other| other == line)), "{text}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer_or_a_refusal(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        holds(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_words_of_the_form_are_an_answer_or_a_refusal(parts in proptest::collection::vec(0usize..18, 0..12), n in 800usize..830) {
        let words = ["=== ", "replace ", "insert after ", "delete ", "end ===\n", "\n", "```", "```c\n", "{\"edits\":[", "{\"from\":", "}]}",
            "\treturn 0;\n", "<think>", "</think>", "-", "leave open ===\n", " ===\n", "\u{fffd}"];
        let text: String = parts.iter().map(|at| if *at % 5 == 3 { format!("{n}") } else { words[*at].to_owned() }).collect();
        holds(&text);
    }

    #[test]
    fn a_damaged_answer_is_an_answer_or_a_refusal(at in 0usize..120, with in any::<char>(), length in 0usize..6, form in 0usize..3) {
        let json = r#"{"edits":[{"after":820,"lines":["\tdemo_quirk(dev);"]}],"confidence":0.75}"#;
        let whole = [RIGHT.to_owned(), json.to_owned(), format!("```c\n{}```", expected())];
        let mut chars: Vec<char> = whole[form].chars().collect();
        let at = at.min(chars.len());
        let end = (at + length).min(chars.len());
        chars.splice(at..end, [with]);
        holds(&chars.into_iter().collect::<String>());
    }
}
