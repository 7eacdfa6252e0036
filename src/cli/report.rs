//! `git kmigrate report`: a run's record in the form that a reviewer, a pull request, a CI system or a script wants.

use super::args::Report;
use super::look::{self, Told};
use super::output::write;
use super::{Exit, settings};
use crate::error::{Error, Result};
use crate::git::{Git, Repo, Store, Writes};
use crate::rebase::note;
use crate::report::{self, Bar, CommitUrl, Format, Manner, Shown, Verbosity};
use crate::run::{Progress, RunName};

/// Runs it.
pub fn run(args: &Report) -> Result<Exit> {
    if args.json_schema {
        report::say(report::SCHEMA)?;
        return Ok(Exit::Done);
    }
    if !args.merge.is_empty() {
        return super::merged::run(args);
    }
    let repo = Repo::open(Git::here())?;
    let mut store = repo.store(Writes::Nowhere)?;
    let told = look::told(&repo, &mut store, args.run.run.as_deref())?;
    let url = settings::commit_url(&repo)?;
    if let Some(place) = &args.html {
        write(place, &page(&repo, &mut store, (&told, url.as_ref()))?)?;
    }
    if let Some(place) = &args.junit {
        write(place, report::junit(&told.record).as_bytes())?;
    }
    if let Some(place) = &args.sarif {
        write(place, &report::sarif(&repo, &mut store, &told.record)?)?;
    }
    if args.notes {
        let count = notes(&repo, &told)?;
        report::say(&format!("{count} notes are in refs/notes/kmigrate; git log --notes=kmigrate shows them\n"))?;
    }
    if args.markdown {
        report::say(&report::markdown(&told.record, url.as_ref()))?;
    }
    if args.map {
        report::say(&report::map(&told.record, if args.nul { '\0' } else { '\n' }))?;
    }
    if args.range_diff {
        range_diff(&repo, &told)?;
    }
    Ok(Exit::Done)
}

fn page(repo: &Repo, store: &mut Store, (told, commit_url): (&Told, Option<&CommitUrl>)) -> Result<Vec<u8>> {
    let shown = Shown { name: &told.name, id: told.id, record: &told.record, commit_url };
    let manner = Manner { format: Format::Text, verbosity: Verbosity::Normal, progress: Progress::Auto };
    let bar = Bar::new(manner, told.record.outcomes.len());
    let page = report::html(repo, store, shown, &|| bar.tick());
    bar.finish();
    page
}

/// Writes the notes of a run and says how many.
pub(super) fn notes(repo: &Repo, told: &Told) -> Result<usize> {
    let notes: Vec<_> = report::notes(&told.record)
        .into_iter()
        .filter_map(|(commit, text)| Some((repo.parse_id(commit.as_bytes())?, text)))
        .collect();
    note(repo, &told.record.inputs, &notes)?;
    Ok(notes.len())
}

/// git's own comparison of the two series, in git's own pager.
fn range_diff(repo: &Repo, told: &Told) -> Result<()> {
    let run = RunName(told.name.clone());
    let inputs = &told.record.inputs;
    let Some(base) = &inputs.base else {
        return Err(Error::fatal(
            "the series was not read from one range, so git range-diff cannot be told where it begins",
        )
        .hint("git kmigrate report --map tells which commit became which"));
    };
    let last = inputs.commits.last().ok_or_else(|| Error::fatal("the run has no commits"))?;
    let old = format!("{base}..{last}");
    let new = format!("{}..{}", inputs.onto, run.tip());
    repo.git.shown(&["range-diff", &old, &new])
}
