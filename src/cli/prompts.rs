//! `git kmigrate prompts`: what a model would be asked, sent by nobody, by somebody else, or in a batch.

use super::args::{Prompts, PromptsShow, PromptsWhat};
use super::model::{self, Asker, ModelArgs};
use super::output::write;
use super::{Exit, input, look, walk};
use crate::error::{Error, Result};
use crate::git::{Git, Repo, Writes};
use crate::llm::door::{Ask, Door};
use crate::pick::Unanswered;
use crate::rebase::{Leaves, OpenRun, Rebase, Target};
use crate::report::{self, Format, Manner, Verbosity};
use crate::run::{Operation, Progress};
use std::path::Path;

/// Runs it.
pub fn run(args: &Prompts) -> Result<Exit> {
    match &args.what {
        PromptsWhat::Show(show) => self::show(show),
        PromptsWhat::Export(export) => self::export(export.out.as_deref(), export.run.run.as_deref(), &export.model),
        PromptsWhat::Import(import) => self::import(&import.answers, import.run.run.as_deref(), &import.model),
    }
}

/// The questions of a run, with all answers that are at hand taken in; nothing is sent.
struct Open {
    door: Door,
    /// Those without an answer.
    questions: Vec<Unanswered>,
    /// Those with one.
    answered: Vec<Unanswered>,
    /// Commits of the series.
    commits: usize,
}

impl Open {
    fn of(run: Option<&str>, typed: &ModelArgs) -> Result<Self> {
        let repo = Repo::open(Git::here())?;
        let open = OpenRun::look(&repo, run)?;
        look::walked(&repo, &mut repo.store(Writes::Nowhere)?, &open)?;
        let inputs = open.inputs()?.clone();
        let Asker { mut door, asking, .. } = Asker::offline(&repo, typed, inputs.options.model.as_deref())?;
        let mut rebase = Rebase::resume(repo, open, target(inputs.branch, Leaves::Nothing))?.asking(asking);
        let model::Walked { open: questions, answered, .. } = model::walk(&mut rebase, &mut door, quiet())?;
        Ok(Self { door, questions, answered, commits: inputs.commits.len() })
    }

    fn asks(&self) -> Vec<Ask> {
        self.questions.iter().map(model::ask).collect()
    }
}

fn target(branch: String, leaves: Leaves) -> Target {
    Target { branch: Some(branch), ..Target::plain(leaves) }
}

/// Without a bar: nothing is waited for.
fn quiet() -> Manner {
    Manner { format: Format::Text, verbosity: Verbosity::Quiet, progress: Progress::Never }
}

/// Prints what would be sent of a commit, and what it would take.
fn show(args: &PromptsShow) -> Result<Exit> {
    let mut open = Open::of(args.run.run.as_deref(), &args.model)?;
    if let Some(n) = args.n {
        if n == 0 || n > open.commits {
            return Err(Error::usage(format!("the series has no commit {n}"))
                .hint(format!("its commits are 1 to {}; see git kmigrate list", open.commits)));
        }
        open.questions.retain(|question| question.n == n);
        open.answered.retain(|question| question.n == n);
    }
    let asks = open.asks();
    let mut text = String::new();
    for (question, ask) in open.questions.iter().zip(&asks) {
        text.push_str(&format!("--- question about {} (commit {})\n", question.path, question.n));
        match args.raw {
            true => open.door.preview(ask).into_iter().for_each(|sent| text.push_str(&(sent + "\n"))),
            false => text.push_str(&(open.door.preview_of_text(ask) + "\n")),
        }
    }
    let estimate = open.door.estimate(&asks);
    let cost = estimate.cost.map(|cost| format!(", at most {cost}")).unwrap_or_default();
    text.push_str(&format!(
        "{} questions to {}: about {} tokens asked, up to {} answered{cost}\n",
        asks.len(),
        open.door.model().host(),
        estimate.prompt_tokens,
        estimate.completion_tokens,
    ));
    report::say(&text)?;
    if !open.answered.is_empty() {
        let which = args.n.map_or("<n>".to_owned(), |n| n.to_string());
        let said = format!("{} questions have an answer already: see git kmigrate show {which}", open.answered.len());
        report::advise(&[said]);
    }
    Ok(Exit::Done)
}

/// Writes the open questions as a batch.
fn export(out: Option<&Path>, run: Option<&str>, typed: &ModelArgs) -> Result<Exit> {
    let open = Open::of(run, typed)?;
    let exported = open.door.export(&open.asks());
    match out {
        Some(place) => {
            write(place, &exported.lines)?;
            report::aside(&format!("{} questions are in {}", exported.questions, place.display()));
        }
        None => report::say_bytes(&exported.lines)?,
    }
    Ok(Exit::Done)
}

/// Takes the answers of a batch, and continues the run with them.
fn import(answers: &Path, run: Option<&str>, typed: &ModelArgs) -> Result<Exit> {
    let lines = input::bytes(answers)?;
    let open = Open::of(run, typed)?;
    // An answer that comes once more is of a question that is not open any more.
    let asks: Vec<Ask> = open.questions.iter().chain(&open.answered).map(model::ask).collect();
    let imported = open.door.import(&asks, &lines).map_err(|e| e.while_doing(answers.display().to_string()))?;
    for (line, why) in &imported.failed {
        report::warn(&format!("{}:{line}: no answer: {why}", answers.display()));
    }
    for (line, id) in &imported.unknown {
        report::warn(&format!("{}:{line}: no question of this run has the id {id}", answers.display()));
    }
    for line in &imported.duplicates {
        report::warn(&format!("{}:{line}: this question was answered before", answers.display()));
    }
    report::aside(&format!("{} answers taken, {} were known", imported.taken, imported.known));
    open.door.close()?;
    let repo = Repo::open(Git::here())?;
    let run = OpenRun::find(&repo, run)?.going()?;
    let mut run = run;
    let mut inputs = run.inputs()?.clone();
    let asker = Asker::offline(&repo, typed, inputs.options.model.as_deref())?;
    // The next walk asks whoever answered.
    if asker.name.is_some() && asker.name != inputs.options.model {
        inputs.options.model.clone_from(&asker.name);
        run.append([Operation::Begin { inputs: Box::new(inputs.clone()) }])?;
    }
    let manner = Manner { format: Format::Text, verbosity: Verbosity::Normal, progress: Progress::Auto };
    walk::walk(Rebase::resume(repo, run, target(inputs.branch, Leaves::Run))?, Some(asker), manner, walk::Notes::None)
}
