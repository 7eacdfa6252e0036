//! `git kmigrate evaluate`.

mod confidence;
mod miggpt;

use super::args::Evaluate;
use super::model::{self, Asker};
use super::output::write;
use super::{Exit, settings, words};
use crate::error::{Error, Result, io};
use crate::evaluate::{Answer, Questioner, evaluate, read_pairs};
use crate::git::{Git, Repo, Writes};
use crate::learn;
use crate::llm::door::{Ask, Door};
use crate::pick::{Heard, Unanswered};
use crate::report::{self, Bar, Format, Manner, Verbosity};
use crate::run::{Additions, Limits, OnConflict, Options, Progress, Signing, UpstreamPolicy};
use std::fs;
use std::path::Path;

/// Runs it: pairs by the whole pipeline, or MigGPT's task, or what makes a data set for that.
pub fn run(args: &Evaluate) -> Result<Exit> {
    match args {
        Evaluate { pairs: Some(pairs), .. } => of_pairs(args, pairs),
        Evaluate { miggpt: Some(data), .. } => miggpt::run(args, data),
        Evaluate { to_miggpt: Some(data), .. } => miggpt::convert(args, data),
        Evaluate { calibrate: Some(results), known: Some(known), .. } => confidence::calibrate(results, known),
        Evaluate { cross_validate: Some(results), known: Some(known), out: Some(out), .. } => {
            confidence::cross_validate((results, known), out, args.html.as_deref())
        }
        _ => Err(Error::usage("say what to evaluate: --pairs, --miggpt, --to-miggpt, --calibrate or --cross-validate")),
    }
}

/// How far it is.
fn bar(steps: usize) -> Bar {
    Bar::new(manner(), steps)
}

fn manner() -> Manner {
    Manner { format: Format::Text, verbosity: Verbosity::Normal, progress: Progress::Auto }
}

/// All of a file of text.
fn text_of(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(io(path.display()))
}

/// A JSON object a line.
fn lines_of(answers: &[Answer]) -> Vec<u8> {
    let mut lines = Vec::new();
    for answer in answers {
        serde_json::to_writer(&mut lines, answer).expect("an answer is plain data");
        lines.push(b'\n');
    }
    lines
}

/// The commit of a memory that can be read.
fn memory_of(source: &Repo, name: &str) -> Result<String> {
    let id = source.resolve(name)?;
    let memory = learn::load(&mut source.store(Writes::Nowhere)?, id)?;
    match memory.unread() {
        0 => Ok(id.to_string()),
        unread => Err(Error::fatal(format!("{unread} entries of {name} cannot be read"))),
    }
}

/// Commits whose answer somebody else knows.
fn of_pairs(args: &Evaluate, path: &Path) -> Result<Exit> {
    let out = args.out.as_deref().ok_or_else(|| Error::usage("--pairs needs --out"))?;
    let source = Repo::open(Git::here())?;
    let pairs = read_pairs(&text_of(path)?).map_err(|e| e.while_doing(path.display().to_string()))?;
    let place = args.repo.clone().unwrap_or_else(|| out.with_extension("git"));
    let options = Options {
        on_conflict: OnConflict::Carry,
        upstream: match args.upstream {
            Some(words::Upstream::Keep) => UpstreamPolicy::Keep,
            Some(words::Upstream::DropContent) => UpstreamPolicy::DropContent,
            Some(words::Upstream::DropNamed) => UpstreamPolicy::DropNamed,
            None | Some(words::Upstream::Drop | words::Upstream::Stop) => UpstreamPolicy::Drop,
        },
        methods: settings::methods(&source, args.methods.as_ref())?,
        look_up: settings::look_up(&source, args.look_up, false)?,
        limits: Limits::default(),
        model: None,
        memory: args.memory.as_deref().map(|name| memory_of(&source, name)).transpose()?,
        additions: Additions::default(),
        signing: Signing::Never,
        doubted: Default::default(),
    };
    let bar = bar(pairs.len());
    let is_batch = args.export_prompts.is_some() || args.import_answers.is_some();
    let asker = match is_batch {
        true => Some(Asker::offline(&source, &args.asking, None)?),
        false => Asker::of(&source, &args.asking, None)?,
    };
    let tick = || bar.tick();
    let answers = match asker {
        None => evaluate((&source, &place), &pairs, (&options, None), &tick)?,
        Some(Asker { door, asking, .. }) => {
            let mut batch = Batch::of(door, args.import_answers.as_deref())?;
            let mut heard = |questions: &[Unanswered]| batch.heard(questions);
            let model = Questioner { asking, answers: &mut heard };
            let answers = evaluate((&source, &place), &pairs, (&options, Some(model)), &tick)?;
            batch.end(args.export_prompts.as_deref())?;
            answers
        }
    };
    bar.finish();
    write(out, &lines_of(&answers))?;
    report::say(&format!("{} pairs; their commits are in {}\n", answers.len(), place.display()))?;
    Ok(Exit::Done)
}

/// A model that pairs are put to, or the files of a batch that stand for it.
struct Batch {
    door: Door,
    silence: model::Silence,
    /// Questions that have no answer.
    open: Vec<Ask>,
    /// The lines of an answer file.
    answers: Option<Vec<u8>>,
}

impl Batch {
    fn of(door: Door, answers: Option<&Path>) -> Result<Self> {
        let answers = answers.map(|path| fs::read(path).map_err(io(path.display()))).transpose()?;
        Ok(Self { door, silence: model::Silence::default(), open: Vec::new(), answers })
    }

    /// What is heard of questions.
    fn heard(&mut self, questions: &[Unanswered]) -> Vec<Heard> {
        let asks: Vec<Ask> = questions.iter().map(model::ask).collect();
        if let Some(lines) = &self.answers
            && let Err(e) = self.door.import(&asks, lines)
        {
            report::warn(&format!("the answers could not be taken: {e}"));
        }
        let heard = model::answers((&mut self.door, &mut self.silence), questions, manner());
        let open = asks.into_iter().zip(&heard).filter(|(_, heard)| matches!(heard, Heard::Nothing(_)));
        self.open.extend(open.map(|(ask, _)| ask));
        heard
    }

    /// Says what it took, and writes what is open.
    fn end(self, export: Option<&Path>) -> Result<()> {
        if let Some(place) = export {
            let exported = self.door.export(&self.open);
            write(place, &exported.lines)?;
            report::aside(&format!("{} questions are in {}", exported.questions, place.display()));
            return self.door.close().map(drop);
        }
        let paid = self.door.paid();
        self.silence.tell((self.door.close()?, paid));
        match self.silence.is_interrupted() {
            true => Err(Error::interrupted().hint("run it again: answers that came are kept, and not asked for again")),
            false => Ok(()),
        }
    }
}
