//! `git kmigrate prompts`: what a model would be asked, sent by nobody, by somebody else, or in a batch.

use super::args::{Prompts, PromptsWhat};
use super::migrate;
use super::model::{self, Asker, ModelArgs};
use super::{Exit, look};
use crate::error::{Result, io};
use crate::git::{Git, Repo, Writes};
use crate::llm::door::{Ask, Door};
use crate::pick::Unanswered;
use crate::rebase::{Leaves, OpenRun, Rebase, Target};
use crate::report::{self, Format, Manner, Verbosity};
use crate::run::Progress;
use std::io::Write;
use std::path::Path;

/// Runs it.
pub fn run(args: &Prompts) -> Result<Exit> {
    match &args.what {
        PromptsWhat::Show(show) => self::show(show.n, show.run.run.as_deref(), &show.model),
        PromptsWhat::Export(export) => self::export(export.out.as_deref(), export.run.run.as_deref(), &export.model),
        PromptsWhat::Import(import) => self::import(&import.answers, import.run.run.as_deref(), &import.model),
    }
}

/// The open questions of a run, with all answers that are at hand taken in; nothing is sent.
struct Open {
    door: Door,
    questions: Vec<Unanswered>,
}

impl Open {
    fn of(run: Option<&str>, typed: &ModelArgs) -> Result<Self> {
        let repo = Repo::open(Git::here())?;
        let open = OpenRun::look(&repo, run)?;
        look::walked(&repo, &mut repo.store(Writes::Nowhere)?, &open)?;
        let inputs = open.inputs()?.clone();
        let Asker { mut door, asking, .. } = Asker::offline(&repo, typed, inputs.options.model.as_deref())?;
        let mut rebase = Rebase::resume(repo, open, target(inputs.branch, Leaves::Nothing))?.asking(asking);
        let questions = model::walk(&mut rebase, &mut door, quiet())?;
        Ok(Self { door, questions })
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

/// Prints exactly what would be sent of a commit, and what it would take.
fn show(n: Option<usize>, run: Option<&str>, typed: &ModelArgs) -> Result<Exit> {
    let mut open = Open::of(run, typed)?;
    if let Some(n) = n {
        open.questions.retain(|question| question.n == n);
    }
    let asks = open.asks();
    let mut text = String::new();
    for (question, ask) in open.questions.iter().zip(&asks) {
        text.push_str(&format!("--- question about {} (commit {})\n", question.path, question.n));
        for sent in open.door.preview(ask) {
            text.push_str(&sent);
            text.push('\n');
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
    let lines = std::fs::read(answers).map_err(io(answers.display()))?;
    let open = Open::of(run, typed)?;
    let asks = open.asks();
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
    let inputs = run.inputs()?.clone();
    let asker = Asker::offline(&repo, typed, inputs.options.model.as_deref())?;
    let manner = Manner { format: Format::Text, verbosity: Verbosity::Normal, progress: Progress::Auto };
    migrate::walk(
        Rebase::resume(repo, run, target(inputs.branch, Leaves::Run))?,
        Some(asker),
        manner,
        migrate::Notes::None,
    )
}

/// A file whole or not at all.
fn write(place: &Path, text: &[u8]) -> Result<()> {
    let folder = place.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut out = tempfile::NamedTempFile::new_in(folder).map_err(io(folder.display()))?;
    out.write_all(text).map_err(io(place.display()))?;
    out.persist(place).map(drop).map_err(|e| io(place.display())(e.error))
}
