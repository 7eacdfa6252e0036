//! The program with a server behind it: a network that fails changes nothing that is not its own, and a key is seen by the server only.

use super::*;
use crate::report::unpacked;
use crate::support::{Repo, Said, said, two_questions as repo};
use std::path::PathBuf;
use std::process::Command;

const KEY: &str = "sk-Zq8v-a-very-secret-key-4711";
/// Nobody looks for less than this of it.
const PART: &str = "Zq8v-a-very";

/// The user's own config, beside the repository.
fn configured(repo: &Repo, url: &str, more: &str) -> PathBuf {
    let path = repo.beside("config");
    let text = format!(
        "[kmigrate]\n\tmodel = big\n[kmigrate \"model.big\"]\n\turl = {url}/v1\n\tmodel = test-1\n\tsend = always\n\ttimeout = 1\n{more}"
    );
    std::fs::write(&path, text).unwrap();
    path
}

fn run(repo: &Repo, args: &[&str], env: &[(&str, &str)]) -> Said {
    let mut command = repo.kmigrate();
    command.env("GIT_CONFIG_GLOBAL", repo.beside("config")).envs(env.iter().copied()).args(args);
    said(command.output().unwrap())
}

const WALK: [&str; 3] = ["v1..topic", "--onto", "v2"];
const TIP: &str = "refs/kmigrate/runs/topic-v2/tip";

/// A right answer to whatever is asked: the line that the patch makes of upstream's.
fn right(request: &Request) -> ResponseTemplate {
    let text = "=== leave open ===\nreason: nobody knows\n";
    ResponseTemplate::new(200).set_body_json(Dialect::of(request).answer(text))
}

#[test]
fn a_server_that_stalls_or_is_not_there_costs_its_answers_and_nothing_else() {
    let good = Server::answering(right);
    let wanted = repo();
    configured(&wanted, &good.mock.uri(), "");
    assert_eq!(run(&wanted, &WALK, &[]).code, 1);
    let plain = repo();
    assert_eq!(plain.run(&WALK).code, 1);
    let stalling = Server::answering(|request: &Request| right(request).set_delay(Duration::from_secs(60)));
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for url in [stalling.mock.uri(), format!("http://{gone}")] {
        let repo = repo();
        configured(&repo, &url, "");
        let done = run(&repo, &WALK, &[]);
        assert_eq!(done.code, 1, "{url}: {}{}", done.out, done.err);
        assert!(done.err.contains("have no answer"), "{url}: {}", done.err);
        assert_eq!(repo.id(TIP), plain.id(TIP), "{url}: as if nobody had been asked");
        repo.is_sound();
        configured(&repo, &good.mock.uri(), "");
        assert_eq!(run(&repo, &["continue"], &[]).code, 1, "{url}");
        assert_eq!(repo.id(TIP), wanted.id(TIP), "{url}: as if the server had been there at once");
        let records = [&repo, &wanted].map(|repo| repo.file("refs/kmigrate/runs/topic-v2/record", "outcomes.jsonl"));
        assert_eq!(records[0], records[1], "{url}");
    }
}

/// How a connection ends.
#[derive(Clone, Copy, Debug)]
enum Ending {
    /// In the middle of the head.
    InHead,
    /// In the middle of the body.
    InBody,
    /// Unread, which the other side sees as a reset.
    Reset,
    /// Not at all: half a body, and then nothing.
    Never,
}

/// A server that ends every connection so, until the test ends.
fn broken(ending: Ending) -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            let mut asked = [0; 8192];
            match ending {
                Ending::Reset => _ = stream.read(&mut asked[..1]),
                Ending::InHead => {
                    let _ = stream.read(&mut asked);
                    let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Le");
                }
                Ending::InBody | Ending::Never => {
                    let _ = stream.read(&mut asked);
                    let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{{\"choices\": [{{");
                }
            }
            if let Ending::Never = ending {
                open.push(stream);
            }
        }
    });
    url
}

#[test]
fn half_an_answer_is_none_and_is_not_kept() {
    for ending in [Ending::InHead, Ending::InBody, Ending::Reset, Ending::Never] {
        let cache = tempfile::tempdir().unwrap();
        let mut model = Dialect::Chat.model(&broken(ending), &[]);
        model.limits.timeout = Duration::from_millis(150);
        let failure = one(&mut cached(door(model), cache.path()), "hello").unwrap_err();
        let expected = match ending {
            Ending::Never => matches!(failure, Failure::TimedOut { .. }),
            _ => matches!(failure, Failure::Lost { .. } | Failure::Down { .. }),
        };
        assert!(expected, "{ending:?}: {failure}");
        assert_eq!(std::fs::read_dir(cache.path()).unwrap().count(), 0, "{ending:?}");
        let server = Server::answering(shout);
        let answer = one(&mut cached(server.door(Dialect::Chat), cache.path()), "hello").unwrap();
        assert_eq!(texts(&answer), ["HELLO"], "{ending:?}");
    }
}

/// A server that says the key wherever it can.
fn telling(request: &Request) -> ResponseTemplate {
    let shown = request.headers.get("authorization").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    let text = format!("=== leave open ===\nreason: you are {shown}, {KEY}\n");
    ResponseTemplate::new(200).set_body_json(Dialect::of(request).answer(&text))
}

/// Every byte below a folder that a person could find: files as they are, git's objects inflated, pages unpacked.
fn everything(repo: &Repo, without: &[&str]) -> Vec<(String, String)> {
    let root = repo.path().parent().unwrap().to_owned();
    let mut all = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            match entry.file_type().unwrap().is_dir() {
                true => open.push(path),
                false if without.contains(&&*name) => {}
                false => all.push((name, String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned())),
            }
        }
    }
    let objects = repo.command("git").args(["cat-file", "--batch", "--batch-all-objects"]).output().unwrap();
    all.push(("objects".into(), String::from_utf8_lossy(&objects.stdout).into_owned()));
    let pages: Vec<String> =
        all.iter().filter(|(name, _)| name.ends_with(".html")).map(|(_, text)| text.clone()).collect();
    for page in pages {
        for id in ["index", "chunk0"] {
            all.push((format!("page, {id}"), unpacked(&page, id).to_string()));
        }
    }
    all
}

#[test]
fn a_key_is_nowhere_in_what_a_run_says_or_writes() {
    let helper = "!f() { test \"$1\" = get && echo username=kmigrate && echo password=$(cat \"$HOME/key\"); }; f";
    let places = [
        "\tkeyEnv = BIG_KEY\n".to_owned(),
        "\tkeyCommand = cat \\\"$HOME/key\\\"\n".to_owned(),
        format!("\tkeyCredential = true\n[credential]\n\thelper = \"{}\"\n", helper.replace('"', "\\\"")),
    ];
    let rejecting = |_: &Request| {
        ResponseTemplate::new(401)
            .set_body_json(json!({"error": {"message": format!("wrong key {KEY}, Bearer {KEY}")}}))
    };
    let servers = [Server::answering(telling), Server::answering(rejecting)];
    for place in &places {
        for server in &servers {
            let asked_before = server.requests().len();
            let repo = repo();
            std::fs::write(repo.beside("key"), format!("{KEY}\n")).unwrap();
            configured(&repo, &server.mock.uri(), place);
            let file = |name: &str| repo.beside(name).to_str().unwrap().to_owned();
            let (record, html, junit, sarif) = (file("record"), file("run.html"), file("run.xml"), file("run.sarif"));
            let trace = file("trace");
            let mut env = vec![("RUST_LOG", "trace"), ("GIT_TRACE", "1"), ("GIT_CURL_VERBOSE", "1")];
            env.extend([("GIT_TRACE_SETUP", "1"), ("GIT_TRACE2_EVENT", trace.as_str()), ("RUST_BACKTRACE", "full")]);
            if place.contains("keyEnv") {
                env.push(("BIG_KEY", KEY));
            }
            let runs: [&[&str]; 12] = [
                &["v1..topic", "--onto", "v2", "--record", &record, "--notes", "--allow-conflicts", "--unreviewed"],
                &["prompts", "show"],
                &["prompts", "export"],
                &["report", "--html", &html, "--junit", &junit, "--sarif", &sarif, "--notes"],
                &["report", "--markdown"],
                &["report", "--map"],
                &["list", "--json"],
                &["show", "1"],
                &["show", "2", "--machine"],
                &["log"],
                &["status"],
                &["continue", "--json", "--allow-conflicts", "--unreviewed"],
            ];
            let mut all = Vec::new();
            for args in runs {
                let done = run(&repo, args, &env);
                assert!(done.code < 128, "{args:?}: {}", done.err);
                all.push((format!("{args:?}"), format!("{}{}", done.out, done.err)));
            }
            let requests = server.requests();
            assert!(requests.len() > asked_before, "{place}: nobody was asked");
            assert_eq!(requests.last().unwrap().headers["authorization"], format!("Bearer {KEY}"), "{place}");
            all.extend(everything(&repo, &["key"]));
            assert!(all.iter().any(|(name, _)| name == "trace"), "git has traced");
            for (name, text) in &all {
                assert!(!text.contains(PART), "{place}: the key is in {name}: {}", around(text));
            }
        }
    }
}

/// Where it is.
fn around(text: &str) -> String {
    let at = text.find(PART).unwrap_or(0);
    text.chars().skip(at.saturating_sub(200)).take(300).collect()
}

#[test]
fn the_search_for_a_key_finds_one() {
    let repo = repo();
    let id = repo.store("blob", format!("{}{KEY}", "x".repeat(5000)).as_bytes());
    assert!(everything(&repo, &[]).iter().any(|(name, text)| name == "objects" && text.contains(PART)));
    repo.write("plain", KEY);
    assert!(everything(&repo, &[]).iter().any(|(name, text)| name == "repo/plain" && text.contains(PART)), "{id}");
    let found = Command::new("grep").arg("-r").arg(PART).arg(repo.path().join(".git")).output().unwrap();
    assert!(found.stdout.is_empty(), "what is deflated is not found by grep, so it has to be inflated");
}
