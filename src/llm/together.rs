//! Tasks that ask one question after the other, many of them at once. In: the tasks, what each of them does with an [`Oracle`], and
//! somebody who answers many prompts together. Out: what each came to, in order.
//!
//! ```text
//!   task 1 --prompt--.                    .--> task 1 ...
//!   task 2 --prompt---> all that wait ---<---> task 2 ...
//!   task 3 (at work) ..  ask(&[Prompt])
//! ```
//!
//! A round goes out when every task that is under way waits for an answer, its prompts in the order of the tasks: neither threads nor
//! a server decide what is asked in which order, or what a budget is spent on.

use super::oracle::Answers;
use super::{Oracle, Prompt};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// Tasks that are under way at once.
const MOST: usize = 256;

/// What a thread says.
enum Said {
    /// The task of this number asks, and is answered here.
    Asks(usize, Box<Prompt>, SyncSender<Answers>),
    /// There is no task left for it.
    Done,
}

/// Says that a thread is done, also if its task panicked.
struct Leaving(Sender<Said>);

impl Drop for Leaving {
    fn drop(&mut self) {
        // Nobody listens any more if asking panicked, which `scope` passes on.
        self.0.send(Said::Done).ok();
    }
}

/// Does all tasks. `ask` is given the prompts of a round and answers each.
pub fn together<T: Sync, R: Send>(
    tasks: &[T],
    work: &(dyn Fn(&T, &mut dyn Oracle) -> R + Sync),
    ask: &mut dyn FnMut(&[Prompt]) -> Vec<Answers>,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let threads = tasks.len().min(MOST);
    let (say, said) = channel();
    let run = |say: Leaving| {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::SeqCst);
            let Some(task) = tasks.get(at) else { break };
            let mut oracle = |prompt: &Prompt| {
                let (reply, answers) = sync_channel(1);
                // Nobody hears it, or answers, if asking panicked.
                let gone = || "nobody answers any more".to_owned();
                say.0.send(Said::Asks(at, Box::new(prompt.clone()), reply)).map_err(|_| gone())?;
                answers.recv().map_err(|_| gone())?
            };
            done.push((at, work(task, &mut oracle)));
        }
        done
    };
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads)
            .map(|_| {
                let say = Leaving(say.clone());
                scope.spawn(|| run(say))
            })
            .collect();
        drop(say);
        rounds(&said, threads, ask);
        let mut done: Vec<(usize, R)> = Vec::new();
        for one in all {
            done.extend(one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, result)| result).collect()
    })
}

/// Answers round by round until every thread is done.
fn rounds(said: &Receiver<Said>, mut threads: usize, ask: &mut dyn FnMut(&[Prompt]) -> Vec<Answers>) {
    let mut waiting = Vec::new();
    while let Some(one) = (threads > 0).then(|| said.recv().ok()).flatten() {
        match one {
            Said::Asks(at, prompt, reply) => waiting.push((at, *prompt, reply)),
            Said::Done => threads -= 1,
        }
        if waiting.is_empty() || waiting.len() < threads {
            continue;
        }
        waiting.sort_by_key(|(at, ..)| *at);
        let (prompts, replies): (Vec<Prompt>, Vec<_>) =
            waiting.drain(..).map(|(_, prompt, reply)| (prompt, reply)).unzip();
        let mut answers = ask(&prompts).into_iter();
        for reply in replies {
            let answer = answers.next().unwrap_or_else(|| Err("nothing came".to_owned()));
            // A task that panicked waits for nothing.
            reply.send(answer).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::{Answer, Stage};

    fn prompt(user: &str) -> Prompt {
        let (system, shown, left_out) = (String::new(), Vec::new(), Vec::new());
        Prompt { stage: Stage::Migrate, system, user: user.to_owned(), tokens: 1, shown, left_out }
    }

    /// Asks as often as its number says; what came.
    fn asks(times: &usize, oracle: &mut dyn Oracle) -> Vec<String> {
        let one = |at| match oracle.answers(&prompt(&format!("{times}.{at}"))) {
            Ok(answers) => answers[0].text.clone(),
            Err(why) => why,
        };
        (0..*times).map(one).collect()
    }

    #[test]
    fn questions_of_many_tasks_go_out_together_in_the_order_of_the_tasks() {
        let mut rounds = Vec::new();
        let mut ask = |prompts: &[Prompt]| {
            let users: Vec<String> = prompts.iter().map(|prompt| prompt.user.clone()).collect();
            rounds.push(users.clone());
            users.into_iter().map(|user| Ok(vec![Answer::whole(format!("to {user}"))])).collect()
        };
        let done = together(&[2, 0, 1, 3], &asks, &mut ask);
        assert_eq!(done[0], ["to 2.0", "to 2.1"]);
        assert_eq!((&done[1][..], &done[2][..]), (&[][..], &["to 1.0".to_owned()][..]));
        assert_eq!(done[3], ["to 3.0", "to 3.1", "to 3.2"]);
        assert_eq!(rounds, [vec!["2.0", "1.0", "3.0"], vec!["2.1", "3.1"], vec!["3.2"]]);
    }

    #[test]
    fn more_tasks_than_are_under_way_at_once_are_all_done() {
        let tasks = vec![1; MOST + 9];
        let mut most = 0;
        let mut ask = |prompts: &[Prompt]| {
            most = most.max(prompts.len());
            prompts.iter().map(|_| Ok(vec![Answer::whole("yes")])).collect()
        };
        let done = together(&tasks, &asks, &mut ask);
        assert!(done.len() == tasks.len() && done.iter().all(|one| one == &["yes"]));
        assert_eq!(most, MOST);
    }

    #[test]
    fn who_is_not_answered_is_told_so() {
        assert_eq!(together(&[1], &asks, &mut |_| Vec::new()), [["nothing came"]]);
        assert!(together(&[], &asks, &mut |_| Vec::new()).is_empty());
    }
}
