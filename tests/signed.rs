//! `--gpg-sign` and `commit.gpgSign`: git itself says whether the signatures are good.

use crate::support::{Repo, beside_upstream, lines};

/// Two commits onto a kernel that has one more file; the first has an author and a header that `git commit-tree` would not write so.
fn series() -> Repo {
    let repo = beside_upstream();
    repo.write("x.c", lines(60).replace("line 10\n", "one 10\n")).commit("one");
    let odd = repo.git(&["cat-file", "commit", "topic"]);
    let odd = odd.replace("Ada Author", "Ada Author Jr.").replace("\n\none", "\nx-kept as it is\n\none") + "\n";
    let file = repo.beside("odd");
    std::fs::write(&file, odd).expect("a file");
    let id = repo.git(&["hash-object", "-w", "-t", "commit", &file.display().to_string()]);
    repo.git(&["reset", "-q", "--hard", &id]);
    repo.write("x.c", lines(60).replace("line 10\n", "one 10\n").replace("line 40\n", "two 40\n")).commit("two");
    repo.git(&["checkout", "-q", "main"]);
    repo
}

/// A throw-away key that git is told of; without ssh-keygen there is none.
fn with_key() -> Option<Repo> {
    let repo = series();
    let key = repo.beside("key").display().to_string();
    let mut command = repo.command("ssh-keygen");
    let Ok(made) = command.args(["-q", "-t", "ed25519", "-N", "", "-C", "carl@example.org", "-f", &key]).output()
    else {
        eprintln!("skipped: there is no ssh-keygen");
        return None;
    };
    assert!(made.status.success());
    let public = std::fs::read_to_string(format!("{key}.pub")).expect("a public key");
    let allowed = repo.beside("allowed");
    std::fs::write(&allowed, format!("carl@example.org {public}")).expect("a file");
    for (name, value) in [
        ("gpg.format", "ssh"),
        ("user.signingKey", &key),
        ("gpg.ssh.allowedSignersFile", &allowed.display().to_string()),
    ] {
        repo.git(&["config", name, value]);
    }
    Some(repo)
}

/// What a commit says, without its signature.
fn bare(repo: &Repo, commit: &str) -> String {
    let raw = repo.git(&["cat-file", "commit", commit]);
    let (head, message) = raw.split_once("\n\n").expect("a message");
    let head = head.split("\ngpgsig ").next().expect("headers");
    format!("{head}\n\n{message}")
}

#[test]
fn commits_are_signed_in_order_carried_byte_for_byte_and_never_twice() {
    let Some(repo) = with_key() else { return };
    repo.git(&["config", "commit.gpgSign", "true"]);
    let plain = repo.run(&["v1..topic", "--onto", "v2", "--no-gpg-sign", "--branch=plain"]);
    assert_eq!(plain.code, 0, "{}{}", plain.out, plain.err);
    let (outcomes, _) = repo.outcomes(&["v1..topic", "--onto", "v2"]);
    let tip = repo.git(&["rev-parse", "topic-v2"]);
    for commit in ["topic-v2", "topic-v2~1"] {
        repo.git(&["verify-commit", commit]);
    }
    assert_eq!(outcomes[1]["new"], tip.as_str(), "what is told is what is in the branch");
    assert_eq!(bare(&repo, "topic-v2~1"), bare(&repo, "plain~1"));
    assert!(bare(&repo, "topic-v2~1").contains("Ada Author Jr. <ada@example.org>"));
    assert!(bare(&repo, "topic-v2~1").contains("\nx-kept as it is\n\none"));
    assert_eq!(repo.git(&["log", "--format=%G? %s", "v2..plain"]), "N two\nN one");
    assert!(repo.run(&["list"]).out.contains(&tip[..8]), "the record has it");
    // Without the key nothing can be signed, and nothing has to be.
    std::fs::remove_file(repo.beside("key")).expect("the key");
    let again = repo.run(&["continue"]);
    assert_eq!((again.code, repo.git(&["rev-parse", "topic-v2"])), (0, tip.clone()), "{}", again.err);
    // A commit that comes out otherwise has to be.
    assert_eq!(repo.run(&["drop", "1"]).code, 0);
    let refused = repo.run(&["continue"]);
    assert_eq!(refused.code, 128, "{}", refused.out);
    assert!(refused.err.contains("could not be signed") && refused.err.contains("--no-gpg-sign"), "{}", refused.err);
    assert_eq!(repo.git(&["rev-parse", "topic-v2"]), tip);
    assert_eq!(repo.run(&["continue", "--no-gpg-sign"]).code, 0);
    assert_eq!(repo.git(&["log", "--format=%G? %s", "v2..topic-v2"]), "N two");
    repo.git(&["fsck", "--strict"]);
}

#[test]
fn a_key_is_given_to_the_program_that_is_set_and_what_it_refuses_moves_nothing() {
    let repo = series();
    let [program, heard] = ["program", "heard"].map(|name| repo.beside(name));
    let script = |ends: &str| {
        let text = format!(
            "#!/bin/sh\necho \"$@\" >> {}\ncat > /dev/null\necho '-----BEGIN PGP SIGNATURE-----'\necho x\n{ends}\n",
            heard.display()
        );
        std::fs::write(&program, text).expect("a script");
        assert!(repo.command("chmod").arg("+x").arg(&program).status().expect("chmod").success());
    };
    repo.git(&["config", "gpg.program", &program.display().to_string()]);
    script("echo 'no secret key' >&2; exit 2");
    let refused = repo.run(&["v1..topic", "--onto", "v2", "--gpg-sign=ABCD"]);
    assert!(refused.code == 128 && refused.err.contains("no secret key"), "{}", refused.err);
    assert!(!repo.git(&["branch"]).contains("topic-v2"));
    script("echo '[GNUPG:] SIG_CREATED D' >&2");
    assert_eq!(repo.run(&["continue"]).code, 0);
    assert!(
        repo.git(&["cat-file", "commit", "topic-v2~1"]).contains("\ngpgsig -----BEGIN PGP SIGNATURE-----\n x\n\none")
    );
    let heard = std::fs::read_to_string(heard).expect("it was called");
    assert_eq!(heard, "--status-fd=2 -bsau ABCD\n".repeat(3));
}

#[test]
fn a_dry_run_and_an_unfinished_run_sign_nothing() {
    let repo = series();
    repo.git(&["config", "gpg.program", "/nonexistent/program"]);
    assert_eq!(repo.run(&["v1..topic", "--onto", "v2", "--gpg-sign", "-n"]).code, 0);
    repo.branch("other", "v2");
    repo.write("x.c", lines(60).replace("line 10\n", "elsewhere\n")).commit("upstream goes on");
    let open = repo.run(&["v1..topic", "--onto", "other", "--gpg-sign"]);
    assert_eq!(open.code, 1, "{}{}", open.out, open.err);
}
