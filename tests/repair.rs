//! `git kmigrate repair --list`: what tools report, as a table and as JSON.

use crate::support::Repo;
use serde_json::Value;

const LOG: &str = "  CC      drivers/x.o\n\
drivers/x.c: In function 'f':\n\
drivers/x.c:3:9: warning: unused variable 'y' [-Wunused-variable]\n\
drivers/x.c:5:12: warning: symbol 'z' was not declared. Should it be static?\n";

#[test]
fn findings_of_several_reports_are_listed_as_a_table_and_as_json() {
    let repo = Repo::new();
    repo.write("log", LOG)
        .write("cov", "CID: 1\nCategory: LEAK\nSeverity: Low\nFile: a.c\nLine: 7\n\nIssue:\nLeak of p.\n");
    let said = repo.run(&["repair", "--list", "log", "cov"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let table = "\
warning  gcc       -Wunused-variable  drivers/x.c:3:9 f()  unused variable 'y'
warning  sparse    -                  drivers/x.c:5:12 f()  symbol 'z' was not declared. Should it be static?
note     coverity  LEAK               a.c:7                Leak of p.
3 findings
";
    // sparse names no function, and gcc's does not stand for it.
    assert_eq!(said.out, table.replace("drivers/x.c:5:12 f()  s", "drivers/x.c:5:12     s"));
    let json = repo.run(&["repair", "--list", "--json", "log"]).out;
    let first: Value = serde_json::from_str(json.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["kind"], "analysis");
    assert_eq!(first["name"], "-Wunused-variable");
    assert_eq!(first["diagnostic"]["tool"], "gcc");
}

#[test]
fn a_malformed_record_is_named_with_its_line_and_the_others_are_listed() {
    let repo = Repo::new();
    repo.write("cov", "CID: 1\nFile: a.c\nLine: x\n\nCID: 2\nFile: a.c\nLine: 7\n\nIssue:\nLeak of p.\n");
    let said = repo.run(&["repair", "--list", "cov"]);
    assert_eq!(said.code, 128);
    assert!(said.err.contains("warning: cov:3: 'x' is no line number"), "{}", said.err);
    assert!(said.out.contains("Leak of p."), "{}", said.out);
    assert_eq!(repo.run(&["repair", "--list", "nowhere"]).code, 128);
}
