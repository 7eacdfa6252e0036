//! What each tool prints, read; and that nothing a file may hold makes a reader fall over.

use super::coverity::Records;
use super::{Format, Problem, Report, read};
use crate::run::{Diagnostic, Severity};
use proptest::prelude::*;

/// The record that the work began with.
const RECORD: &str = "CID: 1845632
Type: Buffer overflow
Category: BUFFER_OVERFLOW
Classification: Bad use of string function
Severity: High
Certainty: Absolute
Status: New
Function: cxl_mem_create_range_info
File: drivers/cxl/core/mem.c
Line: 723

Issue:
Unbounded sprintf can cause buffer overflow. The code uses sprintf() without size limits to write into buffer 'range_id', which could lead to buffer overflow if the formatted string exceeds the buffer size.

Description:
The function cxl_mem_create_range_info() uses sprintf() to format a memory range identifier into a string buffer 'range_id' without checking if the resulting string will fit in the destination buffer. This could lead to a buffer overflow if the range address and size generate a string longer than the size of range_id.

Use snprintf instead
";

fn log(text: &str) -> Vec<Diagnostic> {
    let report = read(text.as_bytes(), Format::Log);
    assert_eq!(report.problems, []);
    report.diagnostics
}

/// Tool, severity, place, message of each.
fn told(all: &[Diagnostic]) -> Vec<(&str, Severity, String, &str)> {
    let one = |d: &'_ Diagnostic| d.place().unwrap_or_default();
    all.iter().map(|d| (d.tool.as_str(), d.severity, one(d), d.message.as_str())).collect()
}

#[test]
fn a_record_is_read_field_by_field() {
    assert_eq!(Format::of(RECORD.as_bytes()), Format::Coverity);
    let report = read(RECORD.as_bytes(), Format::Coverity);
    assert_eq!(report.problems, []);
    let [told] = &report.diagnostics[..] else { panic!("one record") };
    assert_eq!((told.tool.as_str(), told.kind.as_deref()), ("coverity", Some("BUFFER_OVERFLOW")));
    assert_eq!(told.severity, Severity::Error);
    assert_eq!(told.place().as_deref(), Some("drivers/cxl/core/mem.c:723"));
    assert_eq!(told.function.as_deref(), Some("cxl_mem_create_range_info"));
    assert!(told.message.starts_with("Unbounded sprintf can cause"), "{}", told.message);
    assert_eq!(told.suggestion.as_deref(), Some("Use snprintf instead"));
    assert_eq!(told.raw, RECORD);
    let record = &Records::parse(RECORD.as_bytes()).records[0];
    let fields = [
        ("CID", "1845632"),
        ("Type", "Buffer overflow"),
        ("Classification", "Bad use of string function"),
        ("Certainty", "Absolute"),
        ("Status", "New"),
    ];
    for (name, value) in fields {
        assert_eq!(record.field(name).as_deref(), Some(value));
    }
}

#[test]
fn records_print_as_they_were_read() {
    let odd = format!("exported on Monday\n\n{RECORD}\n\n{}", RECORD.replace('\n', "\r\n").replace(": ", ":  "));
    let records = Records::parse(odd.as_bytes());
    assert_eq!(records.records.len(), 2);
    assert_eq!(records.text(), odd.as_bytes());
    let report = read(odd.as_bytes(), Format::Coverity);
    assert_eq!((report.diagnostics.len(), report.problems.len()), (2, 0));
    assert_eq!(report.diagnostics[1].suggestion.as_deref(), Some("Use snprintf instead"));
}

#[test]
fn a_malformed_record_is_told_with_its_line_and_the_others_are_read() {
    let bad = [
        ("Line: 723", "Line: here", 10, "'here' is no line number"),
        ("File: drivers/cxl/core/mem.c\n", "", 1, "the record has no File"),
        ("Status: New", "Status: New\nStatus: Old", 8, "Status is there twice"),
        ("Status: New", "something else", 7, "'something else' is neither field nor section"),
    ];
    for (was, is, line, what) in bad {
        let text = format!("{}\n{RECORD}", RECORD.replacen(was, is, 1));
        let report = read(text.as_bytes(), Format::Coverity);
        assert_eq!(report.problems, [Problem { line, what: what.to_owned() }]);
        assert_eq!(report.diagnostics.len(), 1, "{what}");
    }
    assert_eq!(read(b"no records", Format::Coverity).problems[0].line, 1);
}

#[test]
fn gcc_says_where_in_which_function_by_which_option_and_what_to_write() {
    let text = "\
  CC      drivers/x.o
In file included from drivers/x.c:3:
drivers/x.c: In function \u{2018}acme_probe\u{2019}:
drivers/x.c:12:9: error: implicit declaration of function \u{2018}acme_gett\u{2019}; did you mean \u{2018}acme_get\u{2019}? [-Werror=implicit-function-declaration]
   12 |         acme_gett(acme);
      |         ^~~~~~~~~
      |         acme_get
drivers/x.c:14:3: error: too few arguments to function \u{2018}acme_get\u{2019}
   14 |   acme_get();
      |   ^~~~~~~~
include/acme.h:6:5: note: declared here
    6 | int acme_get(struct acme *);
      |     ^~~~~~~~
drivers/x.c: At top level:
drivers/x.c:20:12: warning: \u{2018}f\u{2019} defined but not used [-Wunused-function]
cc1: some warnings being treated as errors
make[2]: *** [scripts/Makefile.build:229: drivers/x.o] Error 1
";
    let all = log(text);
    assert_eq!(
        told(&all),
        [
            (
                "gcc",
                Severity::Error,
                "drivers/x.c:12:9".into(),
                "implicit declaration of function 'acme_gett'; did you mean 'acme_get'?"
            ),
            ("gcc", Severity::Error, "drivers/x.c:14:3".into(), "too few arguments to function 'acme_get'"),
            ("gcc", Severity::Warning, "drivers/x.c:20:12".into(), "'f' defined but not used"),
        ]
    );
    assert_eq!(all[0].kind.as_deref(), Some("-Wimplicit-function-declaration"));
    assert_eq!(all[0].suggestion.as_deref(), Some("'acme_get'"));
    assert_eq!(all[0].raw.lines().count(), 4);
    assert_eq!(all[1].notes[0].place.as_deref(), Some("include/acme.h:6:5"));
    let functions: Vec<Option<&str>> = all.iter().map(|d| d.function.as_deref()).collect();
    assert_eq!(functions, [Some("acme_probe"), Some("acme_probe"), None]);
}

#[test]
fn a_build_log_may_hold_what_several_tools_say() {
    let text = "\
drivers/x.c:5:12: warning: symbol 'acme' was not declared. Should it be static?
drivers/x.c:7:20: warning: incorrect type in assignment (different address spaces)
drivers/x.c:7:20:    expected void *base
drivers/x.c:7:20:    got void [noderef] __iomem *
drivers/x.c:9 acme_probe() warn: variable dereferenced before check 'acme' (see line 8)
./drivers/x.c:11:2-7: WARNING: NULL check before some freeing functions is not needed.
drivers/x.c:13:8-9: Unneeded semicolon
drivers/x.c:15: warning: Function parameter or member 'how' not described in 'acme_get'
drivers/x.c:17: WARNING:LONG_LINE: line length of 105 exceeds 100 columns
ld: drivers/x.o: in function `acme_probe':
x.c:(.text+0x12): undefined reference to `acme_get'
ERROR: modpost: \"acme_get\" [drivers/x.ko] undefined!
";
    let all = log(text);
    let tools: Vec<&str> = all.iter().map(|d| d.tool.as_str()).collect();
    let wanted =
        ["sparse", "sparse", "smatch", "coccicheck", "coccicheck", "kernel-doc", "checkpatch", "ld", "modpost"];
    assert_eq!(tools, wanted);
    assert_eq!(all[1].notes.len(), 2);
    assert_eq!(all[2].function.as_deref(), Some("acme_probe"));
    assert_eq!(all[3].message, "NULL check before some freeing functions is not needed.");
    assert_eq!((all[3].line, all[3].column), (Some(11), Some(2)));
    assert_eq!(all[4].message, "Unneeded semicolon");
    assert_eq!(all[6].kind.as_deref(), Some("LONG_LINE"));
    assert_eq!(all[7].file.as_deref(), Some("x.c"));
}

#[test]
fn clang_is_known_by_its_options_and_by_its_count() {
    let all = log("a.c:1:2: error: unused variable 'x' [-Werror,-Wunused-variable]\n");
    assert_eq!((all[0].tool.as_str(), all[0].kind.as_deref()), ("clang", Some("-Wunused-variable")));
    let all =
        log("a.c:1:2: warning: unused variable 'x' [-Wunused-variable]\n  int x;\n      ^\n1 warning generated.\n");
    assert_eq!(all[0].tool, "clang");
    assert_eq!(all[0].raw.lines().count(), 3);
    let all = log("a.c:1:2: warning: Dereference of null pointer [core.NullDereference]\n\
        a.c:3:4: warning: stored and never read [clang-analyzer-deadcode.DeadStores,-warnings-as-errors]\n\
        a.c:5:6: warning: got restricted __be16 [usertype]\n");
    let told: Vec<_> = all.iter().map(|one| (one.tool.as_str(), one.kind.as_deref())).collect();
    let checks = [Some("core.NullDereference"), Some("clang-analyzer-deadcode.DeadStores")];
    assert_eq!(told, [("clang", checks[0]), ("clang", checks[1]), ("sparse", None)]);
}

#[test]
fn checkpatch_says_where_below_what() {
    let text = "\
WARNING:BAD_SIGN_OFF: Non-standard signature: Signed-of-by:
#7: 
Signed-of-by: A

ERROR: trailing whitespace
#20: FILE: drivers/x.c:3:
+int a; $

CHECK: Alignment should match open parenthesis
#24: FILE: drivers/x.c:7:
+\tfoo(a,
+\t\tb);

total: 1 errors, 1 warnings, 1 checks, 9 lines checked
";
    let all = log(text);
    assert_eq!(
        told(&all),
        [
            ("checkpatch", Severity::Warning, String::new(), "Non-standard signature: Signed-of-by:"),
            ("checkpatch", Severity::Error, "drivers/x.c:3".into(), "trailing whitespace"),
            ("checkpatch", Severity::Note, "drivers/x.c:7".into(), "Alignment should match open parenthesis"),
        ]
    );
    assert_eq!(all[0].kind.as_deref(), Some("BAD_SIGN_OFF"));
    assert_eq!(all[2].raw.lines().count(), 4);
    let broken = read(text.replace("x.c:7:", "x.c:seven:").as_bytes(), Format::Log);
    assert_eq!(broken.problems, [Problem { line: 10, what: "checkpatch's place is no path with a line".into() }]);
    assert_eq!(log("ERROR: Kernel configuration is invalid.\n"), [], "somebody else's");
}

#[test]
fn a_number_that_no_file_has_is_told_with_its_line() {
    let report = read(b"CC a.o\na.c:99999999999999999999:1: error: x\na.c:2:1: error: y\n", Format::Log);
    assert_eq!(report.problems[0].line, 2);
    assert_eq!(report.diagnostics.len(), 1);
}

const SARIF: &str = r#"{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
  "runs": [
    {"tool": {"driver": {"name": "GNU C", "rules": [
        {"id": "-Wanalyzer-malloc-leak", "defaultConfiguration": {"level": "error"},
         "messageStrings": {"leak": {"text": "leak of {0} in {1}"}}}]}},
     "results": [
      {"ruleId": "-Wunused-variable", "level": "note", "message": {"text": "unused"},
       "locations": [{"physicalLocation": {"artifactLocation": {"uri": "file:///k/a%20b.c"},
                      "region": {"startLine": 3, "startColumn": 7}},
                      "logicalLocations": [{"name": "f", "fullyQualifiedName": "f"}]}],
       "fixes": [{"artifactChanges": [{"replacements": [{"insertedContent": {"text": "g"}}]}]}],
       "relatedLocations": [{"message": {"text": "here"}, "physicalLocation": {
          "artifactLocation": {"uri": "a.h"}, "region": {"startLine": 9}}}]},
      {"ruleIndex": 0, "message": {"id": "leak", "arguments": ["p", "f"]}},
      {"ruleId": "no message"},
      {"message": {"text": "x"}, "locations": [{"physicalLocation": {"region": {"startLine": -1}}}]}
     ]},
    {"tool": {"driver": {"name": "other"}}, "results": [{"message": {"text": "y"}}]}
  ]
}
"#;

#[test]
fn sarif_results_are_read_one_by_one() {
    assert_eq!(Format::of(SARIF.as_bytes()), Format::Sarif);
    let Report { diagnostics, problems, .. } = read(SARIF.as_bytes(), Format::Sarif);
    let lines: Vec<(usize, &str)> = problems.iter().map(|p| (p.line, p.what.as_str())).collect();
    assert_eq!(lines, [(16, "the result has no message"), (17, "a line or column of the result is no number from 1")]);
    assert_eq!(
        told(&diagnostics),
        [
            ("GNU C", Severity::Note, "/k/a b.c:3:7".into(), "unused"),
            ("GNU C", Severity::Error, String::new(), "leak of p in f"),
            ("other", Severity::Warning, String::new(), "y"),
        ]
    );
    assert_eq!(diagnostics[0].function.as_deref(), Some("f"));
    assert_eq!(diagnostics[0].suggestion.as_deref(), Some("g"));
    assert_eq!(diagnostics[0].notes[0].place.as_deref(), Some("a.h:9"));
    assert_eq!(diagnostics[1].kind.as_deref(), Some("-Wanalyzer-malloc-leak"));
    assert_eq!(read(b"{}", Format::Sarif).problems[0].what, "this is no SARIF: it has no runs");
    assert_eq!(read(b"{\"runs\": [\n{]", Format::Sarif).problems[0].line, 2);
}

#[test]
fn gcc_json_is_an_array_for_each_unit() {
    let text = r#"[{"kind": "warning", "message": "unused variable 'x'", "option": "-Wunused-variable",
  "locations": [{"caret": {"file": "./a.c", "line": 3, "column": 5, "display-column": 5, "byte-column": 5}}],
  "children": [{"kind": "note", "message": "here", "locations": [{"caret": {"file": "a.h", "line": 2}}]}],
  "fixits": []}]
[]
[{"kind": "error", "message": "x", "locations": [], "children": []},
 {"kind": "odd"}]
"#;
    assert_eq!(Format::of(text.as_bytes()), Format::GccJson);
    let Report { diagnostics, problems, .. } = read(text.as_bytes(), Format::GccJson);
    assert_eq!(
        told(&diagnostics),
        [
            ("gcc", Severity::Warning, "a.c:3:5".into(), "unused variable 'x'"),
            ("gcc", Severity::Error, String::new(), "x"),
        ]
    );
    assert_eq!(diagnostics[0].notes[0].place.as_deref(), Some("a.h:2"));
    assert_eq!(problems, [Problem { line: 7, what: "the message says nothing".into() }]);
}

/// Lines that are nearly what a tool prints.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "a.c",
        ":",
        "12",
        ":5",
        "-7",
        " f() ",
        "warn: ",
        "error: ",
        "WARNING:",
        "[-Wx]",
        "#3: FILE: ",
        "\n",
        "\r\n",
        "|",
        "^~",
        "CID: 1",
        "Line: ",
        "Issue:",
        "{",
        "}",
        "[",
        "]",
        "\"runs\"",
        "\"results\"",
        "\"",
        "\\",
        ",",
        "total: 1 errors, ",
        "In function 'f':",
        "undefined reference to ",
        "\u{2018}",
        "999999999999",
        "0",
        " ",
        "   | ",
        "sparse: ",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for format in [Format::Coverity, Format::Sarif, Format::GccJson, Format::Log, Format::of(&bytes)] {
            let _ = read(&bytes, format);
        }
    }

    #[test]
    fn nothing_that_is_nearly_a_report_makes_a_reader_panic(text in nearly()) {
        for format in [Format::Coverity, Format::Sarif, Format::GccJson, Format::Log, Format::of(&text)] {
            let report = read(&text, format);
            let lines = text.iter().filter(|c| **c == b'\n').count() + 1;
            prop_assert!(report.problems.iter().all(|p| (1..=lines).contains(&p.line)), "{:?}", report.problems);
        }
        prop_assert_eq!(Records::parse(&text).text(), text);
    }
}

#[test]
fn deep_brackets_are_no_matter() {
    let deep = [vec![b'['; 200_000], vec![b']'; 200_000]].concat();
    assert_eq!(read(&deep, Format::Sarif).diagnostics, []);
    let deep = format!("{{\"runs\": [{{\"results\": [{{\"message\": {}1{}}}]}}]}}", "[".repeat(5000), "]".repeat(5000));
    assert_eq!(read(deep.as_bytes(), Format::Sarif).problems.len(), 1);
}

#[test]
fn gccs_json_among_the_lines_of_a_build_is_read_with_its_line() {
    let one = r#"[{"kind":"warning","message":"m","option":"-Wx","locations":[{"caret":{"file":"a.c","line":3}}]}]"#;
    let log = format!("  CC      a.o\n{one}\na.c:7:1: warning: n [-Wy]\n[{{\"kind\":1\nmake: done\n");
    let report = read(log.as_bytes(), Format::of(log.as_bytes()));
    let places: Vec<_> = report.diagnostics.iter().map(|told| (told.message.as_str(), told.line)).collect();
    assert_eq!(places, [("m", Some(3)), ("n", Some(7))]);
    assert_eq!(report.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [4]);
    assert!(!report.understood_nothing);
    let nothing = |text: &str| read(text.as_bytes(), Format::Log).understood_nothing;
    assert!(nothing("  CC a.o\n  LD a.ko\n") && !nothing("\n"));
}

#[test]
fn the_lines_to_an_event_are_nothing_to_write_instead() {
    let log = "a.c:3:9: warning: leak of 'p' [-Wanalyzer-malloc-leak]\n    3 |  f();\n      |  ^~~\n      |  |\n      |  (1) here\n\
               a.c:4:9: warning: implicit declaration of function 'x' [-Wimplicit-function-declaration]\n    4 |  x();\n      |  ^\n      |  xx\n";
    let all = read(log.as_bytes(), Format::Log).diagnostics;
    assert_eq!(all.iter().map(|told| told.suggestion.as_deref()).collect::<Vec<_>>(), [None, Some("xx")]);
}
