//! One file with open hunks, and who is asked about them. In: its chunks, and what was heard. Out: chunks with settled hunks, what explains
//! them, and the questions that nobody has answered.

use super::place::Places;
use super::splice::{edited, of_upstream, standing, without_others};
use super::tried::Tried;
use super::{Asking, names};
use crate::cascade::Won;
use crate::error;
use crate::git::Store;
use crate::llm::brief::Past;
use crate::llm::choice::choose;
use crate::llm::{Answer, Brief, Edit, Edits, Prompt, Reply, Snippet, answered, apply, prompt, read, said_to_be_there};
use crate::memory::{Entry, Memory};
use crate::merge::line::{is_telling, shown};
use crate::merge::{Chunk, Merged, Open, Remark, Sides};
use crate::pick::file_merge::FileMerge;
use crate::run::{Method, Vote};
use crate::syntax::language::Language;
use crate::syntax::lex::has_word;
use crate::verify::{Candidate, Moved, Question, verify};
use bstr::ByteSlice;
use rustc_hash::FxHashSet;

/// How often a hunk is asked about.
const TRIES: usize = 3;
/// How many similar conflicts of the memory are told of.
const PAST: usize = 3;

/// Something that was asked and answered.
pub struct Said {
    /// The hunk's line in ours, from 1.
    pub line: usize,
    /// What was asked.
    pub prompt: Prompt,
    /// What came back.
    pub answer: String,
    /// Why it was not taken, if it was not; who else says so, if it was and somebody could.
    pub verdict: Result<Option<Vote>, String>,
}

/// One file and who is asked about it.
pub struct Talk<'a> {
    /// Position of the commit, from 1.
    pub n: usize,
    /// Its id.
    pub old: String,
    /// The file, as it is told.
    pub path: String,
    /// What it is written in.
    pub language: Language,
    /// What all briefs of the file have.
    pub frame: Brief,
    /// The three sides.
    pub files: Sides<&'a [u8]>,
    /// What people settled before.
    pub memory: &'a Memory,
    /// Where code lives now that is not where it was.
    pub places: Places<'a>,
    /// Sections of the base that became others.
    pub moved: Vec<Moved>,
    /// What the methods made of its open hunks, and the door refused.
    pub tried: Option<Tried>,
    /// The merged file, some of it open.
    pub chunks: Vec<Chunk>,
    /// Lines that a method or the model answers for.
    pub composed: FxHashSet<Vec<u8>>,
    /// What is known of it.
    pub reasons: Vec<Remark>,
    /// What speaks against taking it without a look.
    pub doubts: Vec<Remark>,
    /// What was asked and answered.
    pub asked: Vec<Said>,
    /// The words of all sides.
    pub words: FxHashSet<&'a [u8]>,
    /// Names that nobody has.
    pub strange: FxHashSet<Vec<u8>>,
}

/// Who answers, and who says which of some names nobody has.
pub type Witness<'w> = (&'w mut Asking, &'w mut dyn FnMut(&[Vec<u8>]) -> FxHashSet<Vec<u8>>);

/// An answer that the door let pass.
struct Passed {
    chunks: Vec<Chunk>,
    composed: FxHashSet<Vec<u8>>,
    moved: Vec<Moved>,
    /// Who said it.
    by: String,
    /// It says that upstream has it already.
    is_there: bool,
    reason: String,
    /// Lines of its own, and lines of upstream's that go with it.
    own: Vec<String>,
    /// Who else says so.
    vote: Vote,
}

/// An answer that could be read.
struct Sample {
    /// Which of the answers.
    at: usize,
    /// The text that it makes of the one that it edits.
    text: Vec<u8>,
    /// What the door says.
    made: Result<Passed, No>,
}

/// A hunk as it is asked about.
pub struct Asked {
    /// What is told.
    pub brief: Brief,
    /// What its answers edit.
    pub text: Vec<u8>,
    /// Sections that became others, if its code stands elsewhere now.
    pub moved: Vec<Moved>,
}

impl<'a> Talk<'a> {
    /// Asks about each hunk; how many are settled.
    pub fn all(&mut self, (asking, learn): Witness<'_>) -> usize {
        let merged = Merged { chunks: self.chunks.clone() };
        let sizes: Vec<Sides<Vec<u8>>> = merged.conflicts().cloned().collect();
        let places = standing(&merged.positions(&self.files), &sizes, &self.files);
        let mut open: Vec<bool> = vec![true; places.len()];
        let mut settled = 0;
        for first in 0..places.len() {
            let nth = open[..first].iter().filter(|is_open| **is_open).count();
            let is_open = |(_, chunk): &(usize, &Chunk)| matches!(chunk, Chunk::Open(_));
            let Some(at) = self.chunks.iter().enumerate().filter(is_open).nth(nth).map(|(at, _)| at) else { break };
            let theirs = without_others(self.files.theirs, (&places, &sizes), |other| open[other] && other != first);
            if let Some(passed) = self.hunk((asking, learn), at, (places[first], &theirs)) {
                let line = places[first].ours + 1;
                let (did, doubt) = match passed.is_there {
                    true => {
                        ("says that the new kernel has this already", "only a model says that the new kernel has this")
                    }
                    false => ("proposed this", "a model settled this; no method could confirm it"),
                };
                self.reasons.push(Remark::new(line, format!("{} {did}: {}", passed.by, passed.reason)));
                self.doubts.push(Remark::new(line, doubt));
                self.doubts.extend(passed.own.into_iter().map(|said| Remark::new(line, said)));
                (self.chunks, self.composed, self.moved) = (passed.chunks, passed.composed, passed.moved);
                open[first] = false;
                settled += 1;
            }
        }
        settled
    }

    /// Asks about one hunk, again where the answer does not hold.
    fn hunk(&mut self, (asking, learn): Witness<'_>, at: usize, place: (Sides<usize>, &[u8])) -> Option<Passed> {
        let brief = self.brief(at, place.0)?;
        let mark = asking.mark();
        let mut asked = self.placed(asking, brief, (at, place.0))?;
        let limit = asking.limit_of(|limit| prompt(&asked.brief, limit));
        for _ in 0..TRIES {
            let Some(prompt) = prompt(&asked.brief, limit) else {
                let said =
                    format!("the question does not fit into {} tokens, so the model was not asked", limit.tokens);
                self.reasons.push(Remark::new(place.0.ours + 1, said));
                return None;
            };
            let answers = match asking.heard((&prompt, limit), (self.n, &self.path, &self.old)) {
                Ok(answers) => answers,
                Err(silent) => {
                    self.reasons.extend(silent.told(place.0.ours + 1));
                    return None;
                }
            };
            self.strange.extend(learn(&self.new_names((&asked, &prompt), &answers)));
            let (answer, made) = self.best((&asked, &prompt), &answers, (at, place.1));
            let verdict = made.as_ref().map(|passed| Some(passed.vote)).map_err(|no| no.said().to_owned());
            self.asked.push(Said { line: place.0.ours + 1, prompt, answer: answer.clone(), verdict });
            match made {
                Ok(passed) => return Some(Passed { by: asking.settled_since(mark, self.n), ..passed }),
                Err(No::Open(why)) => {
                    self.reasons.push(Remark::new(place.0.ours + 1, format!("the model leaves it open: {why}")));
                    return None;
                }
                Err(No::Refused(said)) => {
                    let told = format!("an answer of the model was refused: {said}");
                    self.reasons.push(Remark::new(place.0.ours + 1, told));
                    asked.brief = asked.brief.again(&answer, &said);
                }
            }
        }
        None
    }

    /// The names of answers that no side has.
    fn new_names(&self, (asked, prompt): (&Asked, &Prompt), answers: &[Answer]) -> Vec<Vec<u8>> {
        let edits = answers.iter().filter_map(|answer| match read(answer, &asked.brief, prompt) {
            Ok(Reply::Edits(edits)) => Some(names::new_names(self.language, &edits.list, &self.words)),
            _ => None,
        });
        let mut names: Vec<Vec<u8>> = edits.flatten().collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// What is asked of a hunk, and the text that its answers edit.
    fn brief(&self, at: usize, lines: Sides<usize>) -> Option<(Brief, Vec<u8>)> {
        let Chunk::Open(sides) = &self.chunks[at] else { return None };
        let (before, after) = (of_upstream(&self.chunks[..at]), of_upstream(&self.chunks[at + 1..]));
        let sides = sides.as_ref().map(Vec::as_slice);
        let open = Open { sides, before: &before, after: &after, files: self.files, lines, language: self.language };
        let (brief, text) = Brief::of_open(&self.path, &open);
        let Brief { path_old, commit, upstream, mut stale, .. } = self.frame.clone();
        // The patch's other lines in this file are asked about elsewhere.
        stale.retain(|stale| {
            [open.sides.base, open.sides.theirs].iter().any(|side| has_word(side, stale.name.as_bytes()))
        });
        let proposed = self.tried.iter().filter_map(|tried| tried.of_hunk(lines, &brief)).collect();
        let past = self.past(open.sides);
        Some((Brief { path_old, commit, upstream, stale, proposed, past, ..brief }, text))
    }

    /// What people made of conflicts like this one.
    fn past(&self, sides: Sides<&[u8]>) -> Vec<Past> {
        let told = |entry: &Entry| {
            // Who it was is nobody else's business.
            let place = format!("{}, {}", entry.conflict.path, entry.origin.place());
            Past { place, sides: entry.conflict.sides.clone(), made: entry.made.clone() }
        };
        self.memory.similar(&self.path, sides, PAST).into_iter().map(told).collect()
    }

    /// Of the answers that the door lets pass the one that agrees most with all others and with what the methods made, and what it makes of
    /// the file; if none passes, the same of those that do not.
    fn best(
        &self,
        (asked, prompt): (&Asked, &Prompt),
        answers: &[Answer],
        place: (usize, &[u8]),
    ) -> (String, Result<Passed, No>) {
        let replies: Vec<_> = answers.iter().map(|answer| read(answer, &asked.brief, prompt)).collect();
        let whole = Snippet::new(asked.text.as_slice(), 1);
        let edits = |reply: &Result<Reply, _>| match reply {
            Ok(Reply::Edits(edits)) => Some(edits.clone()),
            Ok(Reply::AlreadyThere(reason)) => Some(Edits { reason: reason.clone(), ..Edits::default() }),
            _ => None,
        };
        let sample = |(at, reply)| {
            let edits = edits(reply)?;
            let text = apply(&whole, &edits.list);
            Some(Sample { at, text, made: self.pass((asked, &edits), place) })
        };
        let samples = replies.iter().enumerate().filter_map(sample);
        let (passed, refused): (Vec<_>, Vec<_>) = samples.partition(|sample: &Sample| sample.made.is_ok());
        let (mut eligible, others) = if passed.is_empty() { (refused, passed) } else { (passed, refused) };
        let in_place = |text: &Vec<u8>| Edit { at: asked.brief.sides.ours.place(), text: text.clone() };
        let proposed = asked.brief.proposed.iter().map(|made| apply(&whole, &[in_place(&made.text)]));
        let against: Vec<Vec<u8>> = others.into_iter().map(|sample| sample.text).chain(proposed).collect();
        let texts: Vec<&[u8]> = eligible.iter().map(|sample| sample.text.as_slice()).collect();
        let Some(chosen) = choose(&texts, &against) else {
            let said = match replies.into_iter().next() {
                Some(Ok(Reply::LeftOpen(why))) => No::Open(why),
                Some(Err(refusal)) => No::Refused(refusal.said),
                _ => No::Open("there was no answer".to_owned()),
            };
            return (answers.first().map(|a| a.text.clone()).unwrap_or_default(), Err(said));
        };
        // Whoever says the same to the letter each time was not asked several times: a program, or a model that draws nothing by chance.
        let all: FxHashSet<&str> = answers.iter().map(|answer| answer.text.as_str()).collect();
        let equal = eligible.iter().filter(|sample| sample.text == eligible[chosen.at].text);
        let equal: FxHashSet<&str> = equal.map(|sample| answers[sample.at].text.as_str()).collect();
        let vote = Vote {
            // An answer that leaves it open, or that nobody can read, does not say the same either.
            others: all.len() - 1 + asked.brief.proposed.len(),
            same: equal.len() - 1 + chosen.confirmed,
            mean_distance: chosen.mean_distance,
            mean_log_probability: answers[eligible[chosen.at].at].mean_log_probability,
        };
        let Sample { at, made, .. } = eligible.swap_remove(chosen.at);
        (answers[at].text.clone(), made.map(|passed| Passed { vote, ..passed }))
    }

    /// Takes an answer through the door, for its hunk alone: what else is open is taken as if the patch did not have it.
    fn pass(&self, (asked, edits): (&Asked, &Edits), (hunk, theirs): (usize, &[u8])) -> Result<Passed, No> {
        let chunks = edited(&self.chunks, hunk, &edits.list).map_err(No::Refused)?;
        let mut composed = self.composed.clone();
        let is_there = edits.list.is_empty();
        composed.extend(if is_there { said_to_be_there(&asked.brief) } else { answered(&asked.brief, edits) });
        // What upstream split off is in another section; that the patch's lines belong there is the model's word.
        let ours = asked.brief.sides.ours.place();
        let beyond = edits.list.iter().map(|edit| &edit.at).filter(|at| at.end < ours.start || ours.end < at.start);
        let into = self.places.moved_into(&asked.brief.open.base, (&asked.text, beyond));
        let moved = [&self.moved[..], &asked.moved, &into].concat();
        let text = of_upstream(&chunks);
        self.is_nothing_more(&text, edits)?;
        let question = Question { language: self.language, sides: Sides { theirs, ..self.files } };
        let (lines, sections) = (composed.clone(), moved.clone());
        let candidate = Candidate { composed: lines, moved: sections, ..Candidate::of_lines(text, Method::Model) };
        match verify(&question, candidate) {
            Ok(_) => {
                let (reason, own) = (edits.reason.clone(), self.own_lines(&asked.text, edits));
                let (by, vote) = (String::new(), Vote::default());
                Ok(Passed { chunks, composed, moved, by, is_there, reason, own, vote })
            }
            Err(rejection) => Err(No::Refused(rejection.objection.said)),
        }
    }

    /// Does an answer bring nothing that nobody has, and define nothing that the patch does not?
    fn is_nothing_more(&self, text: &[u8], edits: &Edits) -> Result<(), No> {
        let mut names = names::new_names(self.language, &edits.list, &self.words);
        names.retain(|name| self.strange.contains(name));
        if !names.is_empty() {
            let said = format!("neither the new kernel nor the patch has {}", names::told(&names));
            return Err(No::Refused(said));
        }
        if self.language != Language::C || edits.list.is_empty() {
            return Ok(());
        }
        match names::new_definition(text, self.files.ours, self.files.theirs) {
            None => Ok(()),
            Some(name) => Err(No::Refused(format!("it defines {}, which the patch does not", names::told(&[name])))),
        }
    }

    /// What of an answer is neither the patch's nor upstream's, in words: for a person to look at.
    fn own_lines(&self, text: &[u8], edits: &Edits) -> Vec<String> {
        let known: FxHashSet<&[u8]> =
            [self.files.ours, self.files.theirs].into_iter().flat_map(|side| side.lines()).map(<[u8]>::trim).collect();
        let came = edits.list.iter().flat_map(|edit| edit.text.lines());
        let came: Vec<&[u8]> = came.filter(|line| is_telling(line) && !known.contains(line.trim())).collect();
        let lines: Vec<&[u8]> = text.lines().collect();
        let gone = edits.list.iter().flat_map(|edit| lines.get(edit.at.clone()).unwrap_or_default());
        let patch: FxHashSet<&[u8]> = self.files.base.lines().map(<[u8]>::trim).collect();
        let gone: Vec<&[u8]> = gone.filter(|line| is_telling(line) && !patch.contains(line.trim())).copied().collect();
        let quote = |what: &str, lines: &[&[u8]]| match lines {
            [] => None,
            [line] => Some(format!("{what}: {}", shown(line))),
            [line, more @ ..] => Some(format!("{what}: {} and {} more", shown(line), more.len())),
        };
        let own = quote("the model's own line, which the patch does not have", &came);
        own.into_iter().chain(quote("the model takes away what upstream has", &gone)).collect()
    }

    /// Puts what came of it in the file's place. The whole has to pass the door as well.
    pub fn put(mut self, store: &mut Store, file: &mut FileMerge, settled: usize) -> error::Result<()> {
        let merged = Merged { chunks: self.chunks };
        let (is_open, method) = (merged.conflicts().next().is_some(), file.method);
        let mut won = Won { method, reasons: self.reasons, doubts: Vec::new(), composed: FxHashSet::default() };
        let mut objection = None;
        if settled > 0 {
            won.method = Method::Model;
            won.doubts = self.doubts;
            if is_open {
                file.put(store, merged.walk(), Some(merged))?;
            } else {
                let question = Question { language: self.language, sides: self.files };
                let composed = std::mem::take(&mut self.composed);
                let moved = std::mem::take(&mut self.moved);
                let candidate = Candidate { composed, moved, ..Candidate::of_lines(merged.walk(), Method::Model) };
                match verify(&question, candidate) {
                    Ok(resolution) => {
                        let (text, reasons, doubts) = resolution.into_parts();
                        won.reasons.extend(reasons);
                        won.doubts.extend(doubts);
                        file.put(store, text, None)?;
                    }
                    Err(rejection) => {
                        (won.method, won.doubts) = (method, Vec::new());
                        objection = Some(rejection.objection);
                    }
                }
            }
        }
        file.tell(Some(Box::new(won)), objection);
        Ok(())
    }
}

/// Why an answer settles nothing.
enum No {
    /// It says so itself.
    Open(String),
    /// It does not hold.
    Refused(String),
}

impl No {
    fn said(&self) -> &str {
        match self {
            Self::Open(said) | Self::Refused(said) => said,
        }
    }
}
