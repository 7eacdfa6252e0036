//! Answers that are kept: cached, recorded, replayed.

use super::*;
use kmigrate::llm::door::Origin;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn origins(answers: &Answers) -> Vec<Origin> {
    answers.iter().map(|a| a.as_ref().unwrap().origin).collect()
}

/// The same answers, wherever they came from.
fn same(one: &Answers, other: &Answers) -> bool {
    let plain = |a: &Answers| a.iter().map(|a| a.clone().map(|a| (a.samples, a.usage))).collect::<Vec<_>>();
    plain(one) == plain(other)
}

#[test]
fn the_same_run_twice_asks_nothing() {
    let server = Server::answering(shout);
    let dir = tempfile::tempdir().unwrap();
    for dialect in DIALECTS {
        let first = all(&mut cached(server.door(dialect), dir.path()), &asks(5));
        let asked = server.requests().len();
        let second = all(&mut cached(server.door(dialect), dir.path()), &asks(5));
        assert_eq!(server.requests().len(), asked);
        assert!(same(&first, &second));
        assert_eq!(origins(&second), [Origin::Cached; 5]);
    }
    for file in files(dir.path()) {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn an_unusable_answer_is_paid_for_and_not_asked_for_again() {
    let server =
        Server::answering(|_: &Request| ResponseTemplate::new(200).set_body_json(Dialect::Chat.ended("int", "length")));
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let failure = one(&mut cached(server.door(Dialect::Chat), dir.path()), "hello").unwrap_err();
        assert_eq!(failure, Failure::Truncated { tokens: 4096 });
    }
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_damaged_entry_is_asked_for_again() {
    let server = Server::answering(shout);
    let dir = tempfile::tempdir().unwrap();
    let run = || all(&mut cached(server.door(Dialect::Chat), dir.path()), &asks(2));
    let first = run();
    let [one, other] = &files(dir.path())[..] else { panic!("two files") };
    let whole = fs::read(one).unwrap();
    let swapped = fs::read(other).unwrap();
    let changed = String::from_utf8(whole.clone()).unwrap().replace("\"text\":\"Q", "\"text\":\"X");
    assert_ne!(changed.as_bytes(), whole);
    let uncheckable = String::from_utf8(whole.clone()).unwrap().replace("\"check\"", "\"chuck\"");
    let damages = [&whole[..whole.len() / 2], b"", b"\xff\xfe", &swapped, changed.as_bytes(), uncheckable.as_bytes()];
    for (count, damage) in (1..).zip(damages) {
        fs::write(one, damage).unwrap();
        assert!(same(&first, &run()));
        assert_eq!(server.requests().len(), 2 + count, "{}", String::from_utf8_lossy(damage));
    }
}

#[test]
fn a_cache_is_kept_small() {
    let server = Server::answering(shout);
    let dir = tempfile::tempdir().unwrap();
    let limited = || {
        let cache = CacheDir { dir: dir.path().to_owned(), limit: 2500 };
        server.door(Dialect::Chat).with_cache(&cache).unwrap()
    };
    let mut door = limited();
    all(&mut door, &asks(20));
    assert_eq!(files(dir.path()).len(), 20);
    door.close().unwrap();
    let left: u64 = files(dir.path()).iter().map(|f| fs::metadata(f).unwrap().len()).sum();
    assert!(left <= 2500 && left > 1000, "{left}");
}

#[test]
fn a_record_is_readable_and_can_be_replayed_without_a_server() {
    let (record, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = Server::answering(shout);
    let model = server.model(Dialect::Chat);
    // One of them comes from the cache, and is recorded all the same.
    one(&mut cached(server.door(Dialect::Chat), cache.path()), "q01").unwrap();
    let mut recording = cached(server.door(Dialect::Chat), cache.path()).recording(record.path()).unwrap();
    let first = all(&mut recording, &asks(3));
    recording.close().unwrap();
    drop(server);
    let text = fs::read_to_string(&files(record.path())[0]).unwrap();
    assert!(text.contains("\n  \"question\": {\n") && text.contains("abc1234 q0"), "{text}");
    let mut door = door(consenting(model.clone(), Consent::Never)).replaying(record.path()).unwrap();
    let replayed = all(&mut door, &asks(3));
    assert!(same(&first, &replayed));
    assert_eq!(origins(&replayed), [Origin::Replayed; 3]);
    let failure = one(&mut door, "new").unwrap_err();
    assert!(matches!(&failure, Failure::NotRecorded { .. }), "{failure}");
    assert!(Door::new(model).unwrap().replaying(&record.path().join("none")).is_err());
}

#[test]
fn a_person_may_write_an_answer_into_a_record() {
    let record = tempfile::tempdir().unwrap();
    let server = Server::answering(shout);
    one(&mut server.door(Dialect::Chat).recording(record.path()).unwrap(), "hello").unwrap();
    let file = &files(record.path())[0];
    fs::write(file, fs::read_to_string(file).unwrap().replace("HELLO", "by hand")).unwrap();
    let mut door = server.door(Dialect::Chat).replaying(record.path()).unwrap();
    assert_eq!(texts(&one(&mut door, "hello").unwrap()), ["by hand"]);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_record_that_cannot_be_written_is_said_in_the_end() {
    let record = tempfile::tempdir().unwrap();
    let dir = record.path().join("deep");
    let server = Server::answering(shout);
    let mut door = server.door(Dialect::Chat).recording(&dir).unwrap();
    fs::remove_dir(&dir).unwrap();
    assert!(one(&mut door, "hello").is_ok(), "the answer counts");
    assert!(door.close().unwrap_err().to_string().contains("deep"));
}
