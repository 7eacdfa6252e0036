//! `git kmigrate merge-file` says and writes what `git merge-file` says and writes.

use crate::oracle::{Random, cases, sides_of};
use crate::support::{Repo, Said, lines, said};
use kmigrate::merge::Sides;

const OPTIONS: [&[&str]; 9] = [
    &[],
    &["--diff3"],
    &["--zdiff3"],
    &["--ours"],
    &["--theirs"],
    &["--union"],
    &["--marker-size=11"],
    &["-L", "new kernel", "-L", "old", "-L", "patch"],
    &["-q", "-L", "only the first"],
];

fn by_git(repo: &Repo, args: &[&str]) -> Said {
    let args = [&["merge-file", "--diff-algorithm=myers"], args].concat();
    said(repo.command("git").args(args).output().expect("git starts"))
}

fn by_us(repo: &Repo, args: &[&str]) -> Said {
    repo.run(&[&["merge-file"], args].concat())
}

fn write(repo: &Repo, sides: &Sides<Vec<u8>>) {
    repo.write("ours.c", &sides.ours).write("base.c", &sides.base).write("theirs.c", &sides.theirs);
}

fn agree(repo: &Repo, name: &str, sides: &Sides<Vec<u8>>) {
    for options in OPTIONS {
        write(repo, sides);
        let args = [&["-p"], options, &["ours.c", "base.c", "theirs.c"]].concat();
        let (git, us) = (by_git(repo, &args), by_us(repo, &args));
        assert_eq!((us.code, us.out), (git.code, git.out), "{name} {options:?}");
    }
}

#[test]
fn golden_cases_come_out_as_from_git_with_every_option() {
    let repo = Repo::new();
    for case in cases() {
        agree(&repo, &case.display().to_string(), &sides_of(&case));
    }
}

#[test]
fn generated_texts_come_out_as_from_git_with_every_option() {
    let repo = Repo::new();
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for round in 0..12 {
        let length = 3 + random.below(40);
        let base: Vec<String> = (0..length).map(|_| format!("\tline({});\n", random.below(12))).collect();
        let sides =
            Sides { ours: random.edited(&base), theirs: random.edited(&base), base: base.concat().into_bytes() };
        agree(&repo, &format!("round {round}"), &sides);
    }
}

#[test]
fn without_p_the_first_file_is_replaced_and_the_exit_code_counts_the_conflicts() {
    let repo = Repo::new();
    let two = cases().into_iter().find(|case| case.ends_with("two-conflicts")).expect("a golden case");
    write(&repo, &sides_of(&two));
    let args = ["ours.c", "base.c", "theirs.c"];
    assert_eq!(by_git(&repo, &args).code, 2);
    let expected = std::fs::read(repo.path().join("ours.c")).expect("written by git");
    write(&repo, &sides_of(&two));
    assert_eq!(by_us(&repo, &args).code, 2);
    assert_eq!(std::fs::read(repo.path().join("ours.c")).expect("written"), expected);
}

#[test]
fn objects_can_be_merged_by_their_ids() {
    let repo = Repo::new();
    write(&repo, &sides_of(&cases()[0]));
    let ids: Vec<String> = ["ours.c", "base.c", "theirs.c"].map(|name| repo.git(&["hash-object", "-w", name])).into();
    let args = ["--object-id", &ids[0], &ids[1], &ids[2]];
    let (git, us) = (by_git(&repo, &args), by_us(&repo, &args));
    assert_eq!((us.code, &us.out), (git.code, &git.out));
    assert_eq!(repo.git(&["cat-file", "-t", us.out.trim()]), "blob");
}

#[test]
fn binaries_and_missing_files_are_errors_and_nothing_is_written() {
    let repo = Repo::new();
    repo.write("ours.c", b"a\0b").write("base.c", "a\n").write("theirs.c", "b\n");
    let said = by_us(&repo, &["ours.c", "base.c", "theirs.c"]);
    assert_eq!((said.code, said.err.trim()), (128, "fatal: cannot merge binary files: ours.c"));
    assert_eq!(std::fs::read(repo.path().join("ours.c")).expect("there"), b"a\0b");
    let said = by_us(&repo, &["gone.c", "base.c", "theirs.c"]);
    assert!(said.code == 128 && said.err.starts_with("fatal: gone.c: "), "{}", said.err);
}

#[test]
fn control_characters_are_printed_as_they_are() {
    let repo = Repo::new();
    let text = |last: &str| format!("a\u{1b}[31mb\u{c}\u{7f}\u{1}\n{}{last}\n", lines(9));
    for (name, last) in [("ours", "x"), ("base", "x"), ("theirs", "y")] {
        repo.write(name, text(last));
    }
    let said = repo.run(&["merge-file", "-p", "ours", "base", "theirs"]);
    assert_eq!(said.out, text("y"));
}
