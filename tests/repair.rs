//! `git kmigrate repair --list`: what tools report, as a table and as JSON.

use crate::support::{Repo, problems};
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

/// The cases of `fixtures/repair`.
fn cases() -> Vec<std::path::PathBuf> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repair");
    let entries = std::fs::read_dir(root).expect("the fixtures");
    let mut cases: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

/// A repository with the tree of a case.
fn repo_of(case: &std::path::Path) -> Repo {
    let repo = Repo::new();
    let copied = repo.command("cp").arg("-r").arg(case.join("tree/.")).arg(repo.path()).status().expect("cp starts");
    assert!(copied.success());
    repo.commit("the tree");
    repo
}

/// What is said to a case's report, with more flags.
fn repaired(repo: &Repo, case: &std::path::Path, flags: &[&str]) -> crate::support::Said {
    let rules = format!("--rules={}", case.join("rules.cocci").display());
    let report = case.join("report").display().to_string();
    let mut args = vec!["repair", report.as_str()];
    if case.join("rules.cocci").exists() {
        args.push(&rules);
    }
    let said = repo.run(&[&args[..], flags].concat());
    crate::support::Said { out: said.out.replace(&format!("{}/", case.display()), ""), ..said }
}

#[test]
fn each_case_is_fixed_or_left_as_expected() {
    let mut wrong = Vec::new();
    for case in cases() {
        let repo = repo_of(&case);
        let said = repaired(&repo, &case, &[]);
        let place = case.join("expected");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&place, &said.out).expect("written");
        }
        let expected = std::fs::read_to_string(&place).unwrap_or_default();
        if said.out != expected {
            wrong.push(format!("{}:\n{}{}", case.display(), said.out, said.err));
        }
        assert_eq!(repo.git(&["status", "--porcelain"]), "", "without --apply nothing is written");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_printed_is_a_patch_that_git_applies_to_what_apply_writes() {
    for case in cases() {
        let (printed, written) = (repo_of(&case), repo_of(&case));
        let said = repaired(&printed, &case, &[]);
        if said.out.contains("diff --git") {
            printed.write("patch", &said.out);
            printed.git(&["apply", "patch"]);
            std::fs::remove_file(printed.path().join("patch")).expect("it is there");
        }
        repaired(&written, &case, &["--apply"]);
        assert_eq!(printed.git(&["diff"]), written.git(&["diff"]), "{}", case.display());
    }
}

#[test]
fn a_fix_with_which_the_tool_still_finds_something_is_put_back() {
    let case = cases().into_iter().find(|case| case.ends_with("unused-variable")).expect("it is there");
    let tool = "echo '{file}:5:13: warning: unused variable '\\''ret'\\'' [-Wunused-variable]'";
    let repo = repo_of(&case);
    let said = repaired(&repo, &case, &["--apply", &format!("--rescan={tool}")]);
    assert!(said.out.contains("the tool still finds it with the fix"), "{}{}", said.out, said.err);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    // A tool that looks for the declaration itself.
    let tool = "grep -n '^.int ret;$' {file} | sed \"s/:.*/:1: warning: unused variable 'ret' [-Wunused-variable]/; s,^,{file}:,\"";
    let said = repaired(&repo, &case, &["--apply", &format!("--rescan={tool}")]);
    assert!(said.out.contains("the tool finds it no more, and nothing new"), "{}{}", said.out, said.err);
    assert!(repo.git(&["status", "--porcelain"]).contains("stop.c"));
    // One that finds something new in every fixed file.
    let repo = repo_of(&case);
    let tool = "git diff --quiet || echo '{file}:1:1: warning: new'";
    let said = repaired(&repo, &case, &["--apply", &format!("--rescan={tool}")]);
    assert!(said.out.contains("with the fix the tool says something new: new"), "{}{}", said.out, said.err);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn fixes_are_told_as_json_and_of_a_revision_as_well() {
    let case = cases().into_iter().find(|case| case.ends_with("stack-overflow")).expect("it is there");
    let repo = repo_of(&case);
    repo.write("drivers/acme/mem.c", "int gone;\n").commit("later");
    let said = repaired(&repo, &case, &["--json", "--tree=HEAD~1"]);
    let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let schema: Value = serde_json::from_str(&repo.run(&["report", "--json-schema"]).out).expect("JSON");
    for line in &lines {
        assert_eq!(problems(&schema, line), Vec::<String>::new(), "{line}");
    }
    let mut more = lines[0].clone();
    more["more"] = 1.into();
    assert!(!problems(&schema, &more).is_empty(), "a field must be in the schema");
    assert_eq!(lines[0]["status"], "fixed");
    assert_eq!(lines[0]["by"], "bounded-copy");
    assert_eq!(lines[0]["finding"]["diagnostic"]["kind"], "BUFFER_OVERFLOW");
    assert_eq!(lines[2]["status"], "left");
    assert_eq!(said.code, 1, "something is left");
    assert_eq!(repaired(&repo, &case, &["--tree=nowhere"]).code, 128);
    assert_eq!(repaired(&repo, &case, &["--rescan=make {file}"]).code, 129, "--rescan writes the worktree");
}

/// A copy into an array, and a report about it; `f.c` lies in the folder.
const COPY: &str = "int f(const char *from)\n{\n\tchar to[8];\n\n\tstrcpy(to, from);\n\treturn to[0];\n}\n";

fn copy_in(folder: &str) -> Repo {
    let repo = Repo::new();
    repo.write("include/linux/string.h", "ssize_t strscpy(char *to, const char *from, size_t size);\n").commit("tree");
    repo.write(&format!("{folder}/f.c"), COPY);
    repo
}

#[test]
fn what_a_link_leads_to_is_neither_read_nor_written() {
    let repo = copy_in("sub");
    let outside = repo.beside("outside");
    std::fs::rename(repo.path().join("sub"), &outside).expect("moved");
    std::os::unix::fs::symlink(&outside, repo.path().join("linked")).expect("a link");
    std::fs::write(repo.beside("log"), "linked/f.c:5:2: warning: overflow [-Wstringop-overflow=]\n").expect("written");
    let said = repo.run(&["repair", "../log", "--apply"]);
    assert!(said.out.contains("linked/f.c is no file of the tree"), "{}{}", said.out, said.err);
    assert_eq!(std::fs::read_to_string(outside.join("f.c")).expect("it is there"), COPY);
}

#[test]
fn an_interrupted_trial_leaves_the_file_as_it_was() {
    let repo = copy_in("sub");
    std::fs::write(repo.beside("log"), "sub/f.c:5:2: warning: overflow [-Wstringop-overflow=]\n").expect("written");
    let tool = "grep -q strscpy {file} && touch ../tried && sleep 60; \
                echo {file}:5:2: 'warning: overflow [-Wstringop-overflow=]'";
    let mut command = repo.command(env!("CARGO_BIN_EXE_git-kmigrate"));
    let mut child = command.args(["repair", "../log", "--apply", &format!("--rescan={tool}")]).spawn().expect("starts");
    while !repo.beside("tried").exists() {
        assert_eq!(child.try_wait().expect("ours"), None, "it waits for the tool");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(repo.command("kill").arg(child.id().to_string()).status().expect("kill starts").success());
    child.wait().expect("ours");
    let text = || std::fs::read_to_string(repo.path().join("sub/f.c")).expect("it is there");
    for _ in 0..500 {
        if text() == COPY {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("{}", text());
}

#[test]
fn a_tool_that_does_not_find_it_proves_nothing_and_what_it_is_told_steers_no_terminal() {
    let repo = copy_in("sub");
    std::fs::write(repo.beside("log"), "sub/f.c:5:2: warning: \u{1b}]0;pwn\u{7}overflow [-Wstringop-overflow=]\n")
        .expect("written");
    let said = repo.run(&["repair", "../log", "--apply", "--rescan=true {file}"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    assert!(
        said.out.contains("unproved  sub/f.c") && said.out.contains("1 finding: 0 fixed, 1 unproved, 0 left"),
        "{}",
        said.out
    );
    let repo_of_json = copy_in("sub");
    std::fs::copy(repo.beside("log"), repo_of_json.beside("log")).expect("copied");
    let json = repo_of_json.run(&["repair", "../log", "--apply", "--json", "--rescan=true {file}"]).out;
    let line: Value = serde_json::from_str(json.trim()).expect("one line");
    let schema: Value = serde_json::from_str(&repo.run(&["report", "--json-schema"]).out).expect("JSON");
    assert_eq!((&line["status"], problems(&schema, &line)), (&"unproved".into(), Vec::<String>::new()));
    assert!(!said.out.contains('\u{1b}') && !repo.run(&["repair", "../log", "--list"]).out.contains('\u{7}'));
    let repo = copy_in("sub");
    std::fs::write(repo.beside("log"), "sub/f.c:5:2: warning: overflow [-Wstringop-overflow=]\n").expect("written");
    let said = repo.run(&["repair", "../log", "--apply", "--rescan=false {file}"]);
    assert!(said.out.contains("the tool fails on the file as it is"), "{}", said.out);
    assert_eq!(std::fs::read_to_string(repo.path().join("sub/f.c")).expect("it is there"), COPY);
}

#[test]
fn flags_that_would_be_ignored_are_refused_and_a_log_of_which_nothing_is_understood_is_said() {
    let repo = copy_in("sub");
    std::fs::write(repo.beside("log"), "  CC      a.o\n").expect("written");
    assert_eq!(repo.run(&["repair", "../log", "--fold"]).code, 129);
    assert_eq!(repo.run(&["repair", "../log", "--tree=HEAD", "--rescan=true {file}"]).code, 129);
    let said = repo.run(&["repair", "../log"]);
    assert!(said.err.contains("none of its lines is a message"), "{}", said.err);
}
