//! Text merges done ahead of the walk, on another core.
//!
//! Threads share the paths among them. Each follows its paths through the series and guesses what the tip will hold there. The
//! walk uses an answer only if the question it has at the real tip is the very same, blob for blob; else it merges itself. So
//! threads never decide. What they came to is counted, and a thread that ends before its time says why: the walk merges on alone, which
//! takes twice as long and would not be noticed.

use super::already::{LeftOut, Rest};
use super::answer::{Answer, AnsweredMerge, Question};
use crate::error::Result;
use crate::git::tree::{self, Changed, Entry, Sort};
use crate::git::{Kind, Oid, Place, Store, Writes};
use crate::merge::Sides;
use crate::run::Method;
use crate::survey::{Held, Survey};
use crate::syntax::language::Language;
use bstr::BString;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Threads; more would have to share the paths more evenly than by name.
const THREADS: usize = 2;
/// Commits that a thread may be ahead.
const COMMITS: usize = 64;

type Answers = Vec<(Question, Answer)>;

/// Answers as they come: from each thread one list per commit that has drifted paths of its share.
pub struct Ahead {
    threads: Vec<Thread>,
    here: Answers,
    came_to: CameTo,
}

/// What merging ahead of the walk came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CameTo {
    /// Text merges that the walk had to make.
    pub merges: usize,
    /// Those of them that were made by then.
    pub made: usize,
    /// Why threads ended before their time.
    pub troubles: Vec<String>,
}

/// A thread and what it sends.
struct Thread {
    coming: Receiver<Answers>,
    /// `None` once it is over.
    running: Option<JoinHandle<Result<()>>>,
}

impl Thread {
    /// Starts one.
    fn start(work: impl FnOnce(&SyncSender<Answers>) -> Result<()> + Send + 'static) -> Self {
        let (send, coming) = sync_channel(COMMITS);
        Self { coming, running: Some(std::thread::spawn(move || work(&send))) }
    }

    /// The next list; none if the thread is over. The first time that it is: why.
    fn next(&mut self) -> std::result::Result<Answers, Option<String>> {
        self.coming.recv().map_err(|_| {
            Some(match self.running.take()?.join() {
                Ok(Ok(())) => "it was through with the series too early".to_owned(),
                Ok(Err(error)) => error.to_string(),
                Err(_) => "it panicked".to_owned(),
            })
        })
    }
}

impl Ahead {
    /// Starts the threads, on top of the tree of new upstream.
    pub fn start(place: &Place, survey: &Arc<Survey>, (onto_tree, methods): (Oid, &[Method])) -> Self {
        let start = |share: usize| {
            let (place, survey, methods) = (place.clone(), survey.clone(), methods.to_vec());
            Thread::start(move |send| Guess::run((place, methods), (&survey, share), (onto_tree, send)))
        };
        let threads = if survey.drifted.is_empty() { 0 } else { THREADS };
        Self { threads: (0..threads).map(start).collect(), here: Vec::new(), came_to: CameTo::default() }
    }

    /// What it came to so far.
    pub fn came_to(&self) -> &CameTo {
        &self.came_to
    }

    /// The walk has reached a commit, which changes these paths.
    pub fn reach(&mut self, survey: &Survey, paths: &[Changed]) {
        self.here.clear();
        for (share, thread) in self.threads.iter_mut().enumerate() {
            if !paths.iter().any(|c| is_followed(survey, c, share)) {
                continue;
            }
            match thread.next() {
                Ok(answers) => self.here.extend(answers),
                Err(trouble) => self.came_to.troubles.extend(trouble),
            }
        }
    }

    /// The answer to exactly this question, if it was got ahead.
    pub fn take(&mut self, question: Question) -> Option<Answer> {
        self.came_to.merges += 1;
        let at = self.here.iter().position(|(q, _)| *q == question)?;
        self.came_to.made += 1;
        Some(self.here.swap_remove(at).1)
    }
}

/// What the tip is guessed to hold, by path in the old series.
struct Guess<'a> {
    store: Store,
    survey: &'a Survey,
    methods: Vec<Method>,
    onto_tree: Oid,
    tip: HashMap<BString, Option<Entry>>,
}

impl<'a> Guess<'a> {
    fn run(
        (place, methods): (Place, Vec<Method>),
        (survey, share): (&'a Survey, usize),
        (onto_tree, send): (Oid, &SyncSender<Answers>),
    ) -> Result<()> {
        let mut guess =
            Self { store: Store::open(place, Writes::Nowhere)?, survey, methods, onto_tree, tip: HashMap::new() };
        for (at, changes) in survey.changes.iter().enumerate() {
            if !changes.paths.iter().any(|c| is_followed(survey, c, share)) {
                continue;
            }
            let mut answers = Answers::new();
            for changed in changes.paths.iter().filter(|c| is_followed(survey, c, share)) {
                guess.follow(changed, survey.content.at(at), &mut answers)?;
            }
            guess.store.forget_all_but(guess.tip.values().flatten().map(|entry| entry.id))?;
            if send.send(answers).is_err() {
                // The walk is over.
                break;
            }
        }
        Ok(())
    }

    fn follow(&mut self, changed: &Changed, held: Option<&Held>, answers: &mut Answers) -> Result<()> {
        let entry = changed.entry;
        let ours = self.ours(changed)?;
        let next = match (entry.before, ours, entry.after) {
            (before, ours, after) if ours == before => after,
            (_, Some(ours), Some(after)) if is_text_merge(entry.before, ours, after) => {
                let sides = Sides { base: entry.before, ours: Some(ours), theirs: Some(after) };
                let home = self.home(changed);
                let left_out = LeftOut::of(&mut self.store, held, (&changed.path, &home), sides)?;
                let question = Question { language: Language::of(&home), sides: sides.map(|e| e.map(|e| e.id)) };
                self.merge((question, &left_out), answers)?.map(|id| Entry { id, ..after })
            }
            (_, _, after) => after,
        };
        self.tip.insert(changed.path.clone(), next);
        Ok(())
    }

    /// Where the tip has the path; only a guess, but of the same language.
    fn home(&self, changed: &Changed) -> BString {
        let moved = self.survey.moves.of_file(changed.path.as_ref());
        moved.map_or_else(|| changed.path.clone(), |moved| moved.path.clone())
    }

    fn ours(&mut self, changed: &Changed) -> Result<Option<Entry>> {
        if let Some(known) = self.tip.get(&changed.path) {
            return Ok(*known);
        }
        let found = tree::lookup(&mut self.store, self.onto_tree, changed.path.as_ref())?;
        match self.survey.moves.of_file(changed.path.as_ref()) {
            Some(moved) if found.is_none() => tree::lookup(&mut self.store, self.onto_tree, moved.path.as_ref()),
            _ => Ok(found),
        }
    }

    fn merge(&mut self, (question, left_out): (Question, &LeftOut), answers: &mut Answers) -> Result<Option<Oid>> {
        let sides = question.sides.map(|id| id.map(|id| self.store.blob(id)).transpose()).transpose()?;
        let Some(answer) = Answer::to(&self.store, (question.language, &self.methods), &sides)? else {
            return Ok(None);
        };
        let rest = match left_out.is_empty() {
            true => Rest::NoBetter,
            false => left_out.merge((&self.store, &self.methods), (question.language, &sides), &answer)?,
        };
        let merge = if let Rest::Better(rest) = &rest { &rest.merge } else { &answer.merge };
        let next = match merge {
            AnsweredMerge::Joined(joined) => Some(joined.result.clone()),
            AnsweredMerge::Open(open) => Some(open.walk.clone()),
            AnsweredMerge::Binary => sides.theirs,
        };
        answers.push((question, answer));
        // The next question about the file is about what came out of this one.
        if let Some(next) = &next {
            self.store.keep(next, Kind::Blob, None)?;
        }
        Ok(next.map(|next| next.id))
    }
}

/// Does this thread follow the path? Where both kernels agree there is nothing to merge.
fn is_followed(survey: &Survey, changed: &Changed, share: usize) -> bool {
    let sum = || changed.path.iter().fold(0, |sum, byte| sum + usize::from(*byte));
    survey.drifted.contains(&changed.path) && sum() % THREADS == share
}

fn is_text_merge(before: Option<Entry>, ours: Entry, after: Entry) -> bool {
    let files = [before.unwrap_or(ours), ours, after].iter().all(|e| e.sort() == Sort::File);
    let differ = before.is_none_or(|b| b.id != ours.id && b.id != after.id);
    files && differ && ours.id != after.id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn a_thread_that_ends_before_its_time_says_why_once() {
        let mut failed = Thread::start(|send| {
            send.send(Answers::new()).expect("somebody listens");
            Err(Error::fatal("the disk is gone"))
        });
        assert!(failed.next().is_ok_and(|answers| answers.is_empty()));
        assert_eq!(failed.next().err(), Some(Some("the disk is gone".to_owned())));
        assert_eq!(failed.next().err(), Some(None));
        let mut lost = Thread::start(|_| panic!("on purpose"));
        assert_eq!(lost.next().err(), Some(Some("it panicked".to_owned())));
        let mut early = Thread::start(|_| Ok(()));
        assert!(early.next().is_err_and(|why| why.is_some_and(|why| why.contains("too early"))));
    }
}
