//! Programs of the user's as models.

use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

fn program(command: &str) -> Model {
    let mut model = Model::choose(Some(&format!("command:{command}")), &[]).unwrap().unwrap();
    model.limits.timeout = Duration::from_secs(20);
    model
}

fn answer(command: &str, text: &str) -> Result<Answer, Failure> {
    one(&mut door(program(command)), text)
}

#[test]
fn the_question_is_on_stdin_and_the_answer_on_stdout() {
    let answer = answer("tr a-z A-Z", "héllo").unwrap();
    assert_eq!(texts(&answer), ["BE TERSE\n\nHéLLO"]);
    assert!(answer.usage.estimated && answer.usage.completion > 0);
}

#[test]
fn earlier_turns_have_headings() {
    let mut conversation = ask("first");
    conversation.messages.push(Message::new(Role::Assistant, "no"));
    conversation.messages.push(Message::new(Role::User, "again"));
    let answers = all(&mut door(program("cat")), &[conversation]);
    let expected = "== system\nbe terse\n\n== user\nfirst\n\n== assistant\nno\n\n== user\nagain";
    assert_eq!(texts(answers[0].as_ref().unwrap()), [expected]);
}

#[test]
fn samples_are_draws() {
    let mut model = program("echo $KMIGRATE_DRAW of $KMIGRATE_MAX_TOKENS");
    model.sampling.n = 3;
    assert_eq!(texts(&one(&mut door(model), "x").unwrap()), ["0 of 4096\n", "1 of 4096\n", "2 of 4096\n"]);
}

#[test]
fn an_exit_code_is_a_failure_with_the_programs_last_words() {
    let failure = answer("seq 10000 >&2; echo 'out of luck' >&2; echo half an answer; exit 3", "x").unwrap_err();
    let Failure::Program { words } = &failure else { panic!("{failure}") };
    assert!(words.contains("exit status: 3") && words.ends_with("out of luck") && words.len() < 500, "{words}");
    assert_eq!(answer("true", "x"), Err(Failure::Empty));
    assert!(matches!(answer("kill -9 $$", "x"), Err(Failure::Program { words }) if words.contains("signal: 9")));
}

#[test]
fn a_program_that_is_not_there_is_not_tried_again() {
    let mut model = program("no-such-program-anywhere");
    model.limits.concurrency = 1;
    let start = Instant::now();
    let answers = all(&mut door(model), &asks(200));
    assert!(answers.iter().all(|a| matches!(a, Err(Failure::Down { words, .. }) if words.contains("not found"))));
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn output_without_end_is_ended() {
    let start = Instant::now();
    let failure = answer("yes", &"x".repeat(1 << 18)).unwrap_err();
    assert!(matches!(&failure, Failure::Program { words } if words.contains("more than")), "{failure}");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_program_need_not_read_its_input() {
    // More than any pipe holds.
    let mut long = door(program("echo done"));
    long = Door::new(Model { limits: roomy(&long), ..long.model().clone() }).unwrap();
    assert_eq!(texts(&one(&mut long, &"x".repeat(1 << 20)).unwrap()), ["done\n"]);
}

fn roomy(door: &Door) -> kmigrate::llm::door::Limits {
    kmigrate::llm::door::Limits { context: 10_000_000, ..door.model().limits.clone() }
}

#[test]
fn a_program_may_write_while_it_reads() {
    let mut model = program("cat; cat /dev/null");
    model.limits.context = 10_000_000;
    let text = "y".repeat(1 << 20);
    assert_eq!(one(&mut door(model), &text).unwrap().samples[0].text.len(), text.len() + "be terse\n\n".len());
}

/// Waits until there is no such process, for two seconds at most.
fn is_gone(number: &str) -> bool {
    (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        // Ended, and not yet waited for by whoever has inherited it.
        stat.is_empty() || stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
    })
}

/// Starts a child that writes its number to a file, and waits for it for ever.
fn hanging(dir: &Path) -> (Model, std::path::PathBuf) {
    let file = dir.join("number");
    (program(&format!("sleep 1000 & echo $! > {0}.new; mv {0}.new {0}; wait", file.display())), file)
}

#[test]
fn a_program_that_hangs_is_ended_with_all_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let (mut model, file) = hanging(dir.path());
    model.limits.timeout = Duration::from_millis(300);
    let after = model.limits.timeout;
    assert_eq!(one(&mut door(model), "x"), Err(Failure::TimedOut { after }));
    assert!(is_gone(std::fs::read_to_string(file).unwrap().trim()));
}

#[test]
fn ctrl_c_ends_a_program_with_all_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let (model, file) = hanging(dir.path());
    let flag = Arc::new(AtomicBool::new(false));
    let (there, pressed) = (file.clone(), Arc::clone(&flag));
    let person = std::thread::spawn(move || {
        while !there.exists() {
            std::thread::sleep(Duration::from_millis(5));
        }
        pressed.store(true, Ordering::Relaxed);
    });
    let start = Instant::now();
    assert_eq!(one(&mut door(model).interrupted_by(flag), "x"), Err(Failure::Interrupted));
    assert!(start.elapsed() < Duration::from_secs(5));
    person.join().unwrap();
    assert!(is_gone(std::fs::read_to_string(file).unwrap().trim()));
}
