//! `git kmigrate report` and what goes with it: the page and its ticks, Markdown, JUnit, SARIF, map, range-diff, notes, schema, pager.

use crate::support::{Repo, edited, lines, problems};
use serde_json::{Value, json};
use std::fs;
use std::io::{Seek, SeekFrom};
use std::path::PathBuf;

/// A commit that stays as it is, one that conflicts, one of another file.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("far.c", lines(40)).write("near.c", lines(40)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("near.c", edited(40, &[(20, "upstream 20")])).commit("upstream changes line 20");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("far.c", edited(40, &[(5, "mine 5")])).commit("one, far");
    repo.write("near.c", edited(40, &[(20, "mine 20")])).commit("two, conflicts");
    repo.write("far.c", edited(40, &[(5, "mine 5"), (30, "mine 30")])).commit("three, far too");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

/// The same, migrated.
fn migrated() -> Repo {
    let repo = repo();
    assert_eq!(repo.run(&["v1..topic", "--onto", "v2"]).code, 1);
    repo
}

/// Runs `report` with a file and returns what is in that.
fn reported(repo: &Repo, flag: &str, name: &str) -> String {
    let place = repo.beside(name);
    let said = repo.run(&["report", flag, place.to_str().expect("UTF-8")]);
    assert_eq!(said.code, 0, "{}", said.err);
    fs::read_to_string(place).expect("a report is UTF-8")
}

fn printed(repo: &Repo, args: &[&str]) -> String {
    let said = repo.run(&[&["report"], args].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    said.out
}

/// JSON that a page carries.
pub fn unpacked(page: &str, id: &str) -> Value {
    let head = format!("<script type=\"text/plain\" id=\"{id}\">");
    let (_, rest) = page.split_once(&head).unwrap_or_else(|| panic!("no {id}"));
    let (text, _) = rest.split_once("</script>").expect("an end");
    let digit = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{other} is no digit of base 64"),
    };
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for c in text.bytes().filter(|c| *c != b'=') {
        bits = bits << 6 | u32::from(digit(c));
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 255) as u8);
        }
    }
    let mut plain = vec![0; 8 << 20];
    let length = libdeflater::Decompressor::new().zlib_decompress(&bytes, &mut plain).expect("deflated");
    serde_json::from_slice(&plain[..length]).expect("JSON")
}

#[test]
fn the_page_holds_the_outcomes_both_patches_and_conflicts_three_ways() {
    let page = reported(&migrated(), "--html", "r.html");
    let index = unpacked(&page, "index");
    assert_eq!(index["run"]["name"], "topic-v2");
    let statuses: Vec<&str> =
        index["commits"].as_array().expect("commits").iter().filter_map(|c| c["status"].as_str()).collect();
    assert_eq!(statuses, ["unmodified", "conflicted", "unmodified"]);
    let details = unpacked(&page, "chunk0");
    assert!(details[0]["files"][0]["patch"].as_str().is_some_and(|p| p.contains("-line 5\n+mine 5\n")), "kept once");
    let open = &details[1]["files"][0]["conflicts"][0];
    let side = |name: &str| open[name].as_str().expect("a text");
    assert_eq!([side("base"), side("ours"), side("theirs")], ["line 20\n", "upstream 20\n", "mine 20\n"]);
    assert_eq!((side("result"), open["open"].as_bool()), ("mine 20\n", Some(true)), "the walk has the patch's side");
    assert!(side("upstream").contains("-line 20\n+upstream 20\n"));
    let commits = details[1]["files"][0]["commits"][0].as_str().expect("upstream's commit");
    assert!(commits.ends_with("upstream changes line 20"), "{commits}");
}

#[test]
fn a_patch_whose_surroundings_changed_is_shown_before_and_after() {
    let repo = Repo::new();
    repo.write("a.c", lines(40)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("a.c", edited(40, &[(22, "upstream 22")])).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("a.c", edited(40, &[(20, "mine 20")])).commit("mine");
    assert!(repo.run(&["v1..topic", "--onto", "v2"]).code < 2);
    let page = reported(&repo, "--html", "r.html");
    let file = &unpacked(&page, "chunk0")[0]["files"][0];
    assert!(file["old"].as_str().is_some_and(|p| p.contains(" line 22\n")), "{file}");
    assert!(file["new"].as_str().is_some_and(|p| p.contains(" upstream 22\n")), "{file}");
    assert_eq!(file["map"], json!([[7, 8, 7, 8]]));
}

#[test]
fn a_record_that_was_fetched_alone_makes_a_page_without_patches() {
    let repo = migrated();
    let other = Repo::new();
    let from = repo.path().to_str().expect("UTF-8").to_owned();
    other.git(&["fetch", "-q", &from, "refs/kmigrate/runs/topic-v2/record:refs/kmigrate/last"]);
    let page = reported(&other, "--html", "r.html");
    let index = unpacked(&page, "index");
    assert_eq!(index["commits"][1]["status"], "conflicted");
    assert_eq!(index["commits"][1]["outcome"], Value::Null, "what cannot be seen cannot be ticked");
    assert_eq!(unpacked(&page, "chunk0")[1]["files"][0], json!({"absent": true}));
    assert!(printed(&other, &["--markdown"]).contains("two, conflicts"));
}

/// What a subject, a path and a file may hold to get out of where they are shown.
const HOSTILE: &str = "</script><img src=x onerror=alert(1)>\u{2028}<!-- ]]> &amp; '\"`";

fn hostile() -> Repo {
    let repo = Repo::new();
    let text = |middle: &[u8]| [lines(10).as_bytes(), b"\xe4", middle, b"\r\n", lines(10).as_bytes()].concat();
    repo.write("<b>&\".c", text(b"0")).commit("base");
    repo.git(&["tag", "v1"]);
    repo.write("<b>&\".c", text(b"upstream")).commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("<b>&\".c", text(HOSTILE.as_bytes())).commit(&format!("{HOSTILE}\n\n{HOSTILE}"));
    repo.run(&["v1..topic", "--onto", "v2"]);
    repo
}

#[test]
fn nothing_of_a_commit_is_markup_of_the_page() {
    let page = reported(&hostile(), "--html", "r.html");
    assert!(!page.contains("onerror") && !page.contains('\u{2028}'));
    assert_eq!(page.matches("<script").count(), 3, "index, a chunk, and the page's own");
    assert_eq!(page.matches("</script").count(), 3);
    let (index, details) = (unpacked(&page, "index"), unpacked(&page, "chunk0"));
    // git cuts the subject's end; what is left is there as it is.
    assert_eq!(index["commits"][0]["subject"], HOSTILE);
    let theirs = details[0]["files"][0]["conflicts"][0]["theirs"].as_str().expect("a side");
    assert_eq!(theirs, format!("<E4>{HOSTILE}\r\n"), "bytes that are no UTF-8 are seen");
}

#[test]
fn nothing_of_a_commit_is_markup_of_another_report() {
    let repo = hostile();
    let junit = reported(&repo, "--junit", "j.xml");
    assert!(!junit.contains("<img") && junit.contains("&lt;img src=x onerror=alert(1)&gt;"), "{junit}");
    let markdown = printed(&repo, &["--markdown"]);
    assert!(!markdown.replace("\\<", "").contains("<img"), "{markdown}");
    let sarif: Value = serde_json::from_str(&reported(&repo, "--sarif", "s.sarif")).expect("JSON");
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(place["uri"], "%3Cb%3E%26%22.c");
}

/// The ticks that the page exports, of the commits with these positions.
fn ticks(repo: &Repo, which: &[usize]) -> Value {
    let index = unpacked(&reported(repo, "--html", "t.html"), "index");
    let of = |n: &usize| {
        let commit = &index["commits"][n - 1];
        json!({"n": n, "old": commit["old"], "outcome": commit["outcome"], "subject": commit["subject"]})
    };
    let commits: Vec<Value> = which.iter().map(of).collect();
    json!({"kind": "git-kmigrate reviewed", "schema_version": 1, "run": index["run"]["name"], "commits": commits})
}

fn written(repo: &Repo, ticks: &Value) -> PathBuf {
    let place = repo.beside("ticks.json");
    fs::write(&place, ticks.to_string()).expect("written");
    place
}

fn accept_from(repo: &Repo, ticks: &Value) -> crate::support::Said {
    let place = written(repo, ticks);
    repo.run(&["accept", "--from", place.to_str().expect("UTF-8")])
}

#[test]
fn what_was_ticked_is_accepted_and_what_comes_out_otherwise_since_is_refused_by_name() {
    let repo = repo();
    // All are to review: nobody is that sure.
    assert_eq!(repo.run(&["v1..topic", "--onto", "v2", "--min-confidence=0.999"]).code, 1);
    let ticks = ticks(&repo, &[1, 2, 3]);
    let said = repo.feed("kmigrate", &["accept", "--from", "-"], ticks.to_string().as_bytes());
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.out.contains("2 accepted"), "{}{}", said.out, said.err);
    assert!(said.err.contains("commit 2 is conflicted and cannot be accepted"), "{}", said.err);
    assert_eq!(repo.run(&["continue", "-q"]).code, 1);
    let list = repo.run(&["list", "--json"]).out;
    let accepted = list.lines().filter(|l| !l.contains("to_review") && !l.contains("conflicted")).count();
    assert_eq!(accepted, 2, "{list}");
    // Without the first commit, the third is put on another file, and the second comes out as it was.
    assert_eq!(repo.run(&["reset", "3"]).code, 0);
    assert_eq!(repo.run(&["drop", "1"]).code, 0);
    repo.run(&["continue", "-q"]);
    let said = accept_from(&repo, &ticks);
    assert_eq!(said.code, 128, "{}{}", said.out, said.err);
    assert!(said.err.contains("commit 1 ("), "{}", said.err);
    assert!(said.err.contains("three, far too) comes out otherwise now"), "{}", said.err);
    assert!(said.err.contains("nothing in"), "{}", said.err);
}

#[test]
fn a_tick_holds_though_another_commit_before_it_has_changed() {
    let repo = Repo::new();
    repo.write("a.c", lines(40)).write("b.c", lines(40)).commit("base");
    repo.git(&["tag", "v1"]);
    repo.commit("upstream");
    repo.git(&["tag", "v2"]);
    repo.branch("topic", "v1");
    repo.write("a.c", edited(40, &[(5, "mine")])).commit("of a");
    repo.write("b.c", edited(40, &[(5, "mine")])).commit("of b");
    repo.run(&["v1..topic", "--onto", "v2", "--min-confidence=0.999"]);
    let ticks = ticks(&repo, &[2]);
    let new = |repo: &Repo| repo.git(&["rev-parse", "refs/kmigrate/runs/topic-v2/tip"]);
    let before = new(&repo);
    assert_eq!(repo.run(&["drop", "1"]).code, 0);
    repo.run(&["continue", "-q"]);
    assert_ne!(new(&repo), before, "its id is another");
    let said = accept_from(&repo, &ticks);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("1 accepted"), "{}", said.out);
}

#[test]
fn a_file_that_holds_no_ticks_of_this_run_is_refused() {
    let repo = migrated();
    let good = ticks(&repo, &[1]);
    let with = |key: &str, value: Value| {
        let mut other = good.clone();
        other[key] = value;
        accept_from(&repo, &other)
    };
    let other_run = with("run", json!("elsewhere"));
    assert_eq!(other_run.code, 128);
    assert!(other_run.err.contains("is of the run of 'elsewhere', not of 'topic-v2'"), "{}", other_run.err);
    assert!(with("kind", json!("x")).err.contains("is no list of ticks"));
    assert!(with("schema_version", json!(9)).err.contains("its version is 9"));
    assert!(with("commits", json!(3)).err.contains("is no list of ticks"));
    let none = accept_from(&repo, &good);
    assert!(none.err.contains("nothing in"), "commit 1 needs nobody: {}", none.err);
    let stranger = with("commits", json!([{"n": 7, "old": "0".repeat(40), "outcome": "x", "subject": "a\u{1b}[31mb"}]));
    assert!(stranger.err.contains("commit 7 (000000000000 a\\u{1b}[31mb) is not in this run"), "{}", stranger.err);
    let missing = repo.run(&["accept", "--from", "/nowhere"]);
    assert_eq!(missing.code, 128);
}

#[test]
fn markdown_says_what_is_manual_what_is_automatic_and_what_upstream_has() {
    let repo = repo();
    repo.git(&["checkout", "-q", "-B", "upstream", "v2"]);
    repo.write("far.c", edited(40, &[(5, "mine 5")])).commit("one, far");
    assert_eq!(repo.run(&["v1..topic", "--onto", "upstream"]).code, 1);
    let text = printed(&repo, &["--markdown"]);
    assert!(text.starts_with("### topic onto upstream\n\n3 patches: **2** accepted, **1** conflicted."), "{text}");
    let ours = repo.git(&["log", "-1", "--format=%H", "v1..upstream", "--", "near.c"]);
    let told = format!("- 2 two, conflicts: `near.c`; upstream's `{}`\n", &ours[..12]);
    assert!(text.contains(&format!("**Conflicted, to be rebased manually** (1)\n\n{told}")), "{text}");
    assert!(text.contains("**Removed upstreamed** (1)\n\n- 1 one, far"), "{text}");
    assert!(text.contains("Automatically rebased: 1, of which 0 changed"), "{text}");
}

#[test]
fn upstreams_commits_are_links_where_somebody_said_where_they_are() {
    let repo = repo();
    assert_eq!(repo.run(&["v1..topic", "--onto", "v2"]).code, 1);
    let ours = repo.git(&["log", "-1", "--format=%H", "v1..v2", "--", "near.c"]);
    repo.git(&["config", "kmigrate.commitUrl", "https://git.example.org/c/%s"]);
    let text = printed(&repo, &["--markdown"]);
    assert!(text.contains(&format!("[`{}`](https://git.example.org/c/{ours})", &ours[..12])), "{text}");
    let page = reported(&repo, "--html", "page.html");
    assert!(!page.contains("git.example.org"), "the page holds its data packed");
    let index = unpacked(&page, "index");
    assert_eq!(index["run"]["commit_url"], "https://git.example.org/c/%s");
    for hostile in ["javascript:alert(1)//%s", "https://git.example.org/%s\" onclick=\"x", "data:text/html,%s"] {
        repo.git(&["config", "kmigrate.commitUrl", hostile]);
        let said = repo.run(&["report", "--markdown"]);
        assert_eq!(said.code, 129, "{}{}", said.out, said.err);
        assert!(said.err.contains("bad value") && said.err.contains("kmigrate.commiturl"), "{}", said.err);
        assert!(!said.out.contains("alert"), "{}", said.out);
    }
}

#[test]
fn junit_has_a_test_for_each_commit_and_conflicts_fail() {
    let text = reported(&migrated(), "--junit", "j.xml");
    assert!(text.contains("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"0\""), "{text}");
    assert_eq!(text.matches("<testcase ").count(), 3);
    assert!(text.contains("<failure type=\"conflicted\" message=\"content conflict in near.c:20\">"), "{text}");
    assert!(text.contains("upstream changed code within three lines"), "{text}");
}

#[test]
fn sarif_has_a_result_for_each_conflict_and_each_hunk_to_review() {
    let repo = repo();
    repo.run(&["v1..topic", "--onto", "v2", "--min-confidence=0.999"]);
    let sarif: Value = serde_json::from_str(&reported(&repo, "--sarif", "s.sarif")).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules: Vec<&Value> =
        run["tool"]["driver"]["rules"].as_array().expect("rules").iter().map(|r| &r["id"]).collect();
    let results = run["results"].as_array().expect("results");
    let told = |r: &Value| {
        let place = &r["locations"][0]["physicalLocation"];
        let line = |name: &str| place["region"][name].as_u64().expect("a line");
        let id = r["ruleId"].as_str().expect("a rule").to_owned();
        assert_eq!(
            Some(rules[usize::try_from(r["ruleIndex"].as_u64().expect("an index")).expect("small")]),
            Some(&json!(id))
        );
        assert!(r["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        assert!(["error", "warning"].contains(&r["level"].as_str().expect("a level")));
        (id, place["artifactLocation"]["uri"].as_str().expect("a place").to_owned(), line("startLine"), line("endLine"))
    };
    let found: Vec<(String, String, u64, u64)> = results.iter().map(told).collect();
    let at = |rule: &str, path: &str, line| (rule.to_owned(), path.to_owned(), line, line);
    assert_eq!(found, [at("review", "far.c", 5), at("conflict", "near.c", 20), at("review", "far.c", 30)]);
    let prints: std::collections::BTreeSet<String> =
        results.iter().map(|r| r["partialFingerprints"]["kmigrate/v1"].to_string()).collect();
    assert_eq!(prints.len(), results.len(), "each is told from the others");
}

#[test]
fn what_stands_where_a_report_is_written_stays_what_it_is() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    let repo = migrated();
    let at = |name: &str| repo.beside(name);
    let write = |name: &str| repo.run(&["report", "--junit", at(name).to_str().expect("UTF-8")]);
    let whole = |name: &str| fs::read_to_string(at(name)).expect("there").trim_end().ends_with("</testsuites>");
    // A pipe is written to, as standard error's is, and no file takes its place.
    assert!(repo.command("mkfifo").arg(at("pipe")).status().expect("it starts").success());
    let reader = repo.command("cat").arg(at("pipe")).stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    assert_eq!(write("pipe").code, 0);
    let read = reader.wait_with_output().expect("it ends");
    assert!(read.stdout.trim_ascii_end().ends_with(b"</testsuites>"));
    assert!(fs::metadata(at("pipe")).expect("there").file_type().is_fifo());
    // A link is followed, to a file or to none, and stays.
    for (link, to) in [("new-link", "new.xml"), ("old-link", "old.xml")] {
        symlink(to, at(link)).expect("a link");
    }
    fs::write(at("old.xml"), "old").expect("written");
    fs::set_permissions(at("old.xml"), fs::Permissions::from_mode(0o640)).expect("set");
    for (link, to) in [("new-link", "new.xml"), ("old-link", "old.xml")] {
        assert_eq!(write(link).code, 0, "{}", write(link).err);
        assert!(whole(to) && fs::symlink_metadata(at(link)).expect("there").is_symlink());
    }
    let mode = |name: &str| fs::metadata(at(name)).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode("old.xml"), 0o640);
    // What cannot be written is named as it was asked for, and nothing stays beside it.
    fs::create_dir(at("folder")).expect("made");
    for (name, why) in
        [("nowhere/x.xml", "No such file"), ("folder", "Is a directory"), ("old.xml/x", "Not a directory")]
    {
        let said = write(name);
        assert_eq!(said.code, 128, "{}", said.err);
        let named = format!("fatal: {}: {why}", at(name).display());
        assert!(said.err.starts_with(&named) && !said.err.contains(".kmigrate-"), "{}", said.err);
    }
    let left = fs::read_dir(at("")).expect("there").map(|entry| entry.expect("there").file_name());
    assert!(!left.into_iter().any(|name| name.to_string_lossy().starts_with(".kmigrate-")));
}

#[test]
fn standard_output_that_goes_to_a_file_keeps_what_is_in_it() {
    let repo = migrated();
    let place = repo.beside("log");
    for (named, more) in [("/dev/stdout", &[][..]), ("/dev/fd/2", &[]), ("/proc/self/fd/1", &["--markdown"])] {
        for appends in [true, false] {
            fs::write(&place, "earlier\n").expect("written");
            let mut log = fs::OpenOptions::new().append(appends).write(true).open(&place).expect("there");
            log.seek(SeekFrom::End(0)).expect("a file");
            let other = log.try_clone().expect("the same");
            let mut command = repo.kmigrate();
            command.args(["report", "--junit", named]).args(more).stdout(log).stderr(other);
            assert_eq!(command.status().expect("it starts").code(), Some(0));
            let text = fs::read_to_string(&place).expect("there");
            assert!(text.starts_with("earlier\n") && text.contains("</testsuites>"), "{named}: {text}");
            assert_eq!(text.contains("# "), !more.is_empty(), "{named}: {text}");
        }
    }
}

#[test]
fn the_map_tells_old_new_and_status_for_people_and_scripts() {
    let repo = migrated();
    let text = printed(&repo, &["--map"]);
    let old: Vec<String> = repo.git(&["rev-list", "--reverse", "v1..topic"]).lines().map(str::to_owned).collect();
    let tip = repo.git(&["rev-parse", "refs/kmigrate/runs/topic-v2/tip"]);
    assert!(text.ends_with(&format!("{} {tip} unmodified\n", old[2])), "{text}");
    assert_eq!(text.replace('\n', "\0"), printed(&repo, &["--map", "-z"]));
    assert_eq!(repo.run(&["drop", "1"]).code, 0);
    repo.run(&["continue", "-q"]);
    assert!(printed(&repo, &["--map"]).starts_with(&format!("{} - dropped\n", old[0])));
}

#[test]
fn range_diff_is_gits_own() {
    let repo = migrated();
    let text = printed(&repo, &["--range-diff"]);
    assert!(text.lines().next().is_some_and(|l| l.starts_with("1:  ") && l.contains(" = 1:  ")), "{text}");
    assert!(text.contains("two, conflicts"), "{text}");
}

#[test]
fn notes_say_what_became_of_a_commit_and_no_other_ref_moves() {
    let repo = migrated();
    let before = repo.refs();
    let said = repo.run(&["report", "--notes"]);
    assert!(said.out.starts_with("3 notes are in refs/notes/kmigrate"), "{}{}", said.out, said.err);
    let (notes, others): (Vec<String>, Vec<String>) =
        repo.refs().lines().map(str::to_owned).partition(|line| line.starts_with("refs/notes/"));
    assert_eq!((notes.len(), others.join("\n")), (1, before));
    let note = |revision: &str| repo.git(&["notes", "--ref=kmigrate", "show", revision]);
    let tip = "refs/kmigrate/runs/topic-v2/tip";
    let first = note(&format!("{tip}~2"));
    assert!(first.starts_with(&format!("Migrated-from: {}\nMigrated-onto: ", repo.id("topic~2"))), "{first}");
    assert!(first.contains("\nStatus: unmodified\n") && first.contains("\nConfidence: 0."), "{first}");
    let second = note(&format!("{tip}~1"));
    assert!(second.contains("\nFile: near.c; conflict by "), "{second}");
    // Again, and beside somebody else's note.
    repo.git(&["notes", "--ref=kmigrate", "add", "-m", "seen", "v1"]);
    assert_eq!(repo.run(&["report", "--notes"]).code, 0);
    assert_eq!(note("v1"), "seen");
    assert_eq!(note(&format!("{tip}~2")), first);
    repo.is_sound();
}

#[test]
fn notes_come_with_the_branch_and_not_without_it() {
    let repo = repo();
    assert_eq!(repo.run(&["v1..topic", "--onto", "v2", "--notes", "-q"]).code, 1);
    assert!(!repo.has("refs/notes/kmigrate"), "the branch was not written");
    assert_eq!(repo.run(&["v1..topic~2", "--onto", "v2", "--notes", "-q", "-b", "x"]).code, 0);
    assert!(repo.git(&["notes", "--ref=kmigrate", "show", "x"]).contains("Status: unmodified"));
}

#[test]
fn what_is_written_as_json_is_as_the_schema_says() {
    let schema: Value = serde_json::from_str(&printed(&repo(), &["--json-schema"])).expect("JSON");
    let mut checked = 0;
    for repo in [repo(), hostile()] {
        for more in [
            &["--min-confidence=0.9"][..],
            &["--on-conflict=stop"],
            &["--on-conflict=skip", "--dry-run"],
            &["--expect-tree=v1"],
        ] {
            let said = repo.run(&[&["v1..topic", "--onto", "v2", "--json"], more].concat());
            for line in said.out.lines() {
                let value: Value = serde_json::from_str(line).expect("JSON");
                assert_eq!(problems(&schema, &value), Vec::<String>::new(), "{line}");
                checked += 1;
            }
        }
        let record = repo.git(&["show", "refs/kmigrate/last:outcomes.jsonl"]);
        for line in record.lines() {
            let value: Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(problems(&schema, &value), Vec::<String>::new(), "{line}");
        }
    }
    assert!(checked > 15, "{checked}");
}

#[test]
fn the_schema_refuses_what_is_not_as_it_says() {
    let schema: Value = serde_json::from_str(&printed(&repo(), &["--json-schema"])).expect("JSON");
    let repo = repo();
    let line = repo.outcomes(&["v1..topic", "--onto", "v2"]).0.remove(1);
    let broken = |pointer: &str, value: Value| {
        let mut line = line.clone();
        *line.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        problems(&schema, &line)
    };
    for (pointer, value) in [
        ("/n", json!(0)),
        ("/status", json!("fine")),
        ("/old", json!("short")),
        ("/confidence", json!(1.5)),
        ("/files/0/method", json!("magic")),
        ("/files/0/sides", json!([null])),
        ("/files/0/hunks/0/line", json!("12")),
    ] {
        assert!(!broken(pointer, value.clone()).is_empty(), "{pointer} {value}");
    }
    let mut more = line.clone();
    more["undocumented"] = json!(1);
    assert!(!problems(&schema, &more).is_empty(), "a field must be in the schema");
}

#[test]
fn a_report_says_what_it_needs() {
    let repo = repo();
    assert_eq!(repo.run(&["report"]).code, 129, "which form?");
    let none = repo.run(&["report", "--markdown"]);
    assert_eq!(none.code, 128);
    assert!(none.err.contains("there is no record of a run"), "{}", none.err);
    repo.run(&["v1..topic", "--onto", "v2"]);
    let unknown = repo.run(&["report", "--markdown", "--run=elsewhere"]);
    assert!(unknown.err.contains("there is no run of 'elsewhere' here"), "{}", unknown.err);
    let nowhere = repo.run(&["report", "--html", "/nowhere/r.html"]);
    assert_eq!(nowhere.code, 128);
    assert_eq!(printed(&repo, &["--junit", "-"]).lines().next(), Some("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"));
}

/// Runs the program on a terminal, with a variable of the environment.
fn on_a_terminal(repo: &Repo, args: &str, variable: Option<(&str, &str)>) -> String {
    let mut command = repo.command("script");
    command.args(["-qec", &format!("{} {args}", env!("CARGO_BIN_EXE_git-kmigrate")), "/dev/null"]);
    command.env_remove("PAGER").env("TERM", "dumb").envs(variable);
    String::from_utf8_lossy(&command.output().expect("script starts").stdout).into_owned()
}

#[test]
fn what_is_long_goes_through_the_pager_that_git_would_take() {
    if std::process::Command::new("script").arg("--version").output().is_err() {
        eprintln!("skipped: there is no script(1) to make a terminal with");
        return;
    }
    let repo = migrated();
    let pager = |name: &str| format!("sed s/^/{name}:/");
    let through = |variable: Option<(&str, &str)>| {
        let out = on_a_terminal(&repo, "list", variable);
        out.split(':').next().unwrap_or_default().to_owned()
    };
    assert_eq!(through(Some(("PAGER", &pager("PAGER")))), "PAGER");
    repo.git(&["config", "core.pager", &pager("core")]);
    assert_eq!(through(Some(("PAGER", &pager("PAGER")))), "core");
    repo.git(&["config", "pager.kmigrate", &pager("own")]);
    assert_eq!(through(None), "own");
    assert_eq!(through(Some(("GIT_PAGER", &pager("variable")))), "variable");
    assert!(on_a_terminal(&repo, "list", Some(("GIT_PAGER", "cat"))).starts_with("1/3 "), "--no-pager");
    repo.git(&["config", "pager.kmigrate", "false"]);
    assert!(through(None).starts_with("1/3 "));
    for verb in ["show 2", "show --machine 2", "log"] {
        let out = on_a_terminal(&repo, verb, Some(("GIT_PAGER", &pager("variable"))));
        assert!(out.starts_with("variable:"), "{verb}: {out}");
    }
    // A line that looks like the head of a diff makes delta wait for the diff, and swallow what follows.
    assert!(!repo.run(&["show", "2"]).out.lines().any(|line| line.starts_with("--- ") || line.starts_with("+++ ")));
    // Nobody pages what goes into a file.
    assert!(repo.run(&["list"]).out.starts_with("1/3 "));
}
