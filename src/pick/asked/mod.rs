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

mod asking;
mod names;
mod place;
mod placed;
mod splice;
mod talk;
mod tried;

use super::file_merge::FileMerge;
use super::{Pickable, Picker};
use crate::cascade::Won;
use crate::error::Result;
use crate::git::{self, Kind, Oid, Store, tree};
use crate::llm::Brief;
use crate::llm::brief::{Commit, Example, Stale};
use crate::merge::{Change, Remark};
use crate::run::{Asked, quoted, unquoted};
use crate::survey::{How, StaleName};
use crate::syntax::items::{Item, items};
use crate::syntax::language::Language;
use crate::verify::Question;
use bstr::ByteSlice;
use names::Known;
use place::Places;
use rustc_hash::FxHashSet;
use talk::{Said, Talk};
use tried::Tried;

pub use asking::{Asking, Heard, Unanswered};

/// Longer files are not read for a declaration, in bytes.
const LONGEST: usize = 1 << 20;
/// Lines of a declaration that are told; a macro may have many.
const DECLARATION: usize = 24;

/// Settles the open hunks of a file by what was answered, and notes what was not.
///
/// # Errors
/// An object is missing or damaged, or a pack could not be written.
pub(super) fn ask(picker: &mut Picker<'_>, pickable: Pickable<'_>, file: &mut FileMerge) -> Result<()> {
    let Some(asking) = picker.asking.as_deref_mut() else { return Ok(()) };
    let Some(merged) = file.open_hunks().cloned() else { return Ok(()) };
    let Some((sides, _)) = file.texts(picker.store)? else { return Ok(()) };
    if picker.repo.keeps_from_models(picker.onto, &file.path)? {
        let said = Remark::new(1, "no model is asked about this file: its attributes say kmigrate-llm=never");
        let told = Won {
            method: file.method,
            reasons: vec![said],
            doubts: Vec::new(),
            composed: std::mem::take(&mut file.composed),
        };
        file.tell(Some(Box::new(told)), None);
        return Ok(());
    }
    let (path, own_path) = (quoted(file.path.as_bstr()), file.path.clone());
    let upstream = file.culprits.iter().map(|culprit| Ok(words_of(&picker.store.commit(culprit.id)?)));
    let upstream = upstream.collect::<Result<Vec<Commit>>>()?;
    let mut stale = Vec::new();
    for name in picker.survey.stale.of(pickable.commit.id, &file.own) {
        let was = declared_then(picker.store, pickable.parent_tree, name)?;
        stale.push(told(name, was));
    }
    let language = Language::of(&file.path);
    let question = Question { language, sides: sides.as_ref().map(|side| &side[..]) };
    let places = Places::new(&path, language, question.sides);
    let mut talk = Talk {
        n: pickable.n,
        old: pickable.commit.id.to_string(),
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

/// What a name that is gone was declared as, in the file that had it.
fn declared_then(store: &mut Store, tree: Option<Oid>, name: &StaleName) -> Result<Option<Vec<u8>>> {
    let (Some(tree), Some(place), How::Gone, None) = (tree, &name.was.place, name.how, &name.declared) else {
        return Ok(None);
    };
    let Some(entry) = tree::lookup(store, tree, unquoted(place).as_bstr())? else { return Ok(None) };
    if entry.sort() != tree::Sort::File {
        return Ok(None);
    }
    let text = store.blob(entry.id)?;
    if text.data.len() > LONGEST {
        return Ok(None);
    }
    let all = items(&text.data);
    let is_it = |item: &&Item| item.identity(&text.data) == name.used.name.as_slice();
    Ok(all.list.iter().find(is_it).map(|item| item.declaration(&text.data)))
}

/// A stale name for the one who is asked, with its declaration if it is gone.
fn told(name: &StaleName, was: Option<Vec<u8>>) -> Stale {
    let examples = name.rules.iter().flat_map(|rule| &rule.knowledge.examples).map(|example| Example {
        place: format!("{}, {}", example.site.path, example.site.function),
        before: example.before.clone().into_bytes(),
        after: example.after.clone().into_bytes(),
    });
    // What it was is shown as code, or not at all: in words it says what became of it.
    let is_gone = name.how == How::Gone;
    let change = if is_gone { String::new() } else { name.was.statement.clone() };
    let was = was.filter(|_| is_gone).map(|was| declaration(&was)).unwrap_or_default();
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
