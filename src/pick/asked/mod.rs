//! What no method settled, put to a model: the questions of a walk, and what their answers make of a file.
//!
//! ```text
//!   open hunk -> brief -> prompt -- known? -> answer -> edits -> THE DOOR, for this hunk alone -> settled
//!                   ^                 |                             |
//!                   |                 `-> noted, and left open      `-> again, with what the door said
//!                   `-----------------------------------------------'
//! ```
//!
//! Nothing is sent from here. A walk uses the answers that it was given and notes the questions that have none; whoever walks gets them answered
//! and walks again. So an answer counts only where the question is the same to the byte, and the same answers make the same branch.

mod names;
mod place;
mod placed;
mod splice;
mod talk;
mod tried;

use super::file::FileMerge;
use super::{Pickable, Picker};
use crate::error::Result;
use crate::git::{self, Kind, Store};
use crate::llm::brief::{Commit, Example, Stale};
use crate::llm::{Answer, Brief, Limit, Prompt};
use crate::merge::{Change, Remark};
use crate::run::{Asked, quoted};
use crate::survey::{How, StaleName};
use crate::syntax::language::Language;
use crate::verify::Question;
use bstr::ByteSlice;
use names::Known;
use place::Places;
use rustc_hash::{FxHashMap, FxHashSet};
use talk::{Said, Talk};
use tried::Tried;

/// Lines of a declaration that are told; a macro may have many.
const DECLARATION: usize = 24;

/// What was heard of a question.
#[derive(Clone, Debug)]
pub enum Heard {
    /// One text for each sample.
    Answers(Vec<Answer>),
    /// There is no answer to be had, in words: then it is not asked again.
    Nothing(String),
}

/// A question that nobody has answered yet.
#[derive(Clone, Debug)]
pub struct Unanswered {
    /// Position of the commit in the series, from 1.
    pub n: usize,
    /// The file.
    pub path: String,
    /// What is asked.
    pub prompt: Prompt,
}

/// What a walk asks, and what it was told.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    /// Who answers, as a trailer of the commit says it.
    pub model: String,
    /// How long a question may be.
    pub limit: Limit,
    heard: FxHashMap<(String, String), Heard>,
    unanswered: Vec<Unanswered>,
}

impl Asking {
    /// Asks this model.
    pub fn of(model: String, limit: Limit) -> Self {
        Self { model, limit, ..Self::default() }
    }

    /// Takes the questions that the walk had no answer to, in series order.
    pub fn take_unanswered(&mut self) -> Vec<Unanswered> {
        std::mem::take(&mut self.unanswered)
    }

    /// What was answered to a question of a commit's file; one that nobody has answered is noted.
    fn heard(&mut self, prompt: &Prompt, (n, path): (usize, &str)) -> std::result::Result<Vec<Answer>, Silent> {
        match self.heard.get(&key(prompt)) {
            Some(Heard::Answers(answers)) => Ok(answers.clone()),
            Some(Heard::Nothing(why)) => Err(Silent(Some(why.clone()))),
            None => {
                self.unanswered.push(Unanswered { n, path: path.to_owned(), prompt: prompt.clone() });
                Err(Silent(None))
            }
        }
    }

    /// What is known of a question from now on.
    pub fn hear(&mut self, prompt: &Prompt, heard: Heard) {
        self.heard.insert(key(prompt), heard);
    }
}

/// A question without an answer: why nobody will answer it, if that is so.
#[derive(Debug)]
struct Silent(Option<String>);

impl Silent {
    /// What is to be said of that, at a line.
    fn told(self, line: usize) -> Option<Remark> {
        self.0.map(|why| Remark::new(line, format!("the model was not heard: {why}")))
    }
}

fn key(prompt: &Prompt) -> (String, String) {
    (prompt.system.clone(), prompt.user.clone())
}

/// Settles the open hunks of a file by what was answered, and notes what was not.
///
/// # Errors
/// An object is missing or damaged, or a pack could not be written.
pub(super) fn ask(picker: &mut Picker<'_>, pickable: Pickable<'_>, file: &mut FileMerge) -> Result<()> {
    let Some(asking) = picker.asking.as_deref_mut() else { return Ok(()) };
    let Some(merged) = file.open_hunks().cloned() else { return Ok(()) };
    let Some((sides, _)) = file.texts(picker.store)? else { return Ok(()) };
    let (path, own_path) = (quoted(file.path.as_bstr()), file.path.clone());
    let upstream = file.culprits.iter().map(|culprit| Ok(words_of(&picker.store.commit(culprit.id)?)));
    let upstream = upstream.collect::<Result<Vec<Commit>>>()?;
    let stale = picker.survey.stale.of(pickable.commit.id, &file.own).map(told).collect();
    let language = Language::of(&file.path);
    let question = Question { language, sides: sides.as_ref().map(|side| &side[..]) };
    let places = Places::new(&path, language, question.sides);
    let mut talk = Talk {
        n: pickable.n,
        frame: Brief {
            path_old: (file.path != file.old_path).then(|| quoted(file.old_path.as_bstr())),
            commit: words_of(pickable.commit),
            upstream,
            stale,
            ..Brief::default()
        },
        path,
        language,
        files: question.sides,
        memory: picker.memory,
        places,
        moved: Vec::new(),
        tried: Tried::again(&question, &merged, &picker.options.methods),
        chunks: merged.chunks,
        composed: std::mem::take(&mut file.composed),
        reasons: Vec::new(),
        doubts: Vec::new(),
        asked: Vec::new(),
        words: names::words_of(&question.sides),
        strange: FxHashSet::default(),
    };
    let known = Known {
        repo: picker.repo,
        onto: picker.onto,
        series: picker.survey.changes.get(..pickable.n).unwrap_or_default(),
        look_up: picker.options.look_up,
    };
    let mut trouble = None;
    let mut learn = |names: &[Vec<u8>]| {
        let found = known.strange(picker.store, &own_path, names);
        found.map_err(|e| trouble.get_or_insert(e)).unwrap_or_default()
    };
    let settled = talk.all((asking, &mut learn));
    if let Some(trouble) = trouble {
        return Err(trouble);
    }
    file.asked = keep(picker.store, &talk.asked)?;
    talk.put(picker.store, file, settled)
}

/// A commit's own words.
fn words_of(commit: &git::Commit) -> Commit {
    let message = commit.message().to_str_lossy().trim().to_owned();
    let (subject, rest) = message.split_once('\n').unwrap_or((message.as_str(), ""));
    Commit { subject: subject.to_owned(), message: rest.trim().to_owned() }
}

/// A stale name for the one who is asked.
fn told(name: &StaleName) -> Stale {
    let examples = name.rules.iter().flat_map(|rule| &rule.knowledge.examples).map(|example| Example {
        place: format!("{}, {}", example.site.path, example.site.function),
        before: example.before.clone().into_bytes(),
        after: example.after.clone().into_bytes(),
    });
    // Of what is gone it says what it was; of anything else, what became of it.
    let said = name.was.statement.clone();
    let (was, change) = if name.how == How::Gone { (said, String::new()) } else { (String::new(), said) };
    let text = |side: fn(&Change<Vec<u8>>) -> &Vec<u8>| name.declared.as_ref().map(|both| declaration(side(both)));
    Stale {
        name: name.used.name.to_str_lossy().into_owned(),
        was: text(|both| &both.before).unwrap_or(was),
        is: text(|both| &both.after).unwrap_or_default(),
        change,
        examples: examples.collect(),
    }
}

/// A declaration as it is told: its first lines.
fn declaration(text: &[u8]) -> String {
    let text = text.trim().to_str_lossy();
    let text = text.strip_suffix("{ }").map_or(&*text, str::trim_end);
    let mut lines: Vec<&str> = text.lines().take(DECLARATION).collect();
    if text.lines().count() > DECLARATION {
        lines.push("/* and so on */");
    }
    lines.join("\n")
}

/// Keeps what was asked and answered, for the record.
fn keep(store: &mut Store, said: &[Said]) -> Result<Vec<Asked>> {
    let one = |said: &Said| {
        let prompt = format!("{}\n\n{}", said.prompt.system, said.prompt.user);
        Ok(Asked {
            line: said.line,
            prompt: store.put(Kind::Blob, prompt.into_bytes(), None)?.id.to_string(),
            answer: store.put(Kind::Blob, said.answer.clone().into_bytes(), None)?.id.to_string(),
            vote: said.verdict.as_ref().ok().copied().flatten(),
            refused: said.verdict.clone().err(),
        })
    };
    said.iter().map(one).collect()
}
