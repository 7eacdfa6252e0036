//! `git kmigrate continue`, `skip`, `quit`, `abort` and `undo`.

use super::args::{Continue, Run};
use super::model::Asker;
use super::walk::Notes;
use super::{Exit, look, settings, walk};
use crate::error::{Error, Result};
use crate::git::{Git, Merges, Repo, Writes};
use crate::learn::New;
use crate::rebase::{
    self, Leaves, OpenRun, Rebase, Target, extend, forget, laid_out, merges_of, put_away, source_now, strangers,
    take_back, undo_last,
};
use crate::report::{self, Format, Manner, Verbosity};
use crate::run::{Decisions, Inputs, Operation, Progress, Status};

/// Takes back what was edited and walks again.
pub fn resume(args: &Continue) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut run = OpenRun::find(&repo, args.run.run.as_deref())?.going()?;
    let mut store = repo.store(Writes::Packs)?;
    if args.extend {
        let merges = match merges_of(run.inputs()?) {
            Merges::Drop => Merges::Drop,
            Merges::Refuse => settings::merges(&repo, None)?,
        };
        let added = extend(&repo, &mut store, &mut run, merges)?;
        report::warn(&format!("{added} commits of {} are new in this run", run.inputs()?.source));
    }
    let mut inputs = run.inputs()?.clone();
    if let Some(signing) = args.signing.given().filter(|given| *given != inputs.options.signing) {
        inputs.options.signing = signing;
        run.append([Operation::Begin { inputs: Box::new(inputs.clone()) }])?;
    }
    if let Some(moved) = report::source_moved(&inputs, source_now(&repo, &inputs)?) {
        report::warn(&moved);
    }
    report::strangers(&strangers(&run)?);
    let taken = take_back(&repo, &mut store, (&mut run, &inputs))?;
    if !args.quiet && !args.json {
        report::taken_back(&inputs, &taken)?;
    }
    let inputs_of_run = inputs.clone();
    let allowed = args.regardless.allowed();
    let model = inputs.options.model.clone();
    let target = Target { branch: Some(inputs.branch), allowed, ..Target::plain(Leaves::Run) };
    let manner = Manner {
        format: if args.json { Format::Json } else { Format::Text },
        verbosity: if args.quiet { Verbosity::Quiet } else { Verbosity::Normal },
        progress: Progress::Auto,
    };
    let asker = Asker::of(&repo, &args.asking, model.as_deref())?;
    let settled = (inputs_of_run, run.decisions());
    let rebase = Rebase::resume(repo, run, target)?;
    let rebase = if args.asking.asks_nobody() { rebase.asking_nobody() } else { rebase };
    let exit = walk::walk(rebase, asker, manner, Notes::if_asked(args.notes))?;
    remember((&settled.0, &settled.1), manner.verbosity);
    Ok(exit)
}

/// Adds what people settled in the run to the memory. The walk is done: that it cannot be written is worth a word, and no more.
fn remember(settled: (&Inputs, &Decisions), verbosity: Verbosity) {
    let kept = Repo::open(Git::here()).and_then(|repo| match settings::remembers(&repo)? {
        true => rebase::remember(&repo, settled),
        false => Ok(New::default()),
    });
    match kept {
        Ok(new) if new.all() > 0 && verbosity > Verbosity::Quiet => {
            let New { resolutions, decisions } = new;
            let more = if decisions > 0 { format!(", and {decisions} decisions") } else { String::new() };
            report::aside(&format!(
                "{resolutions} resolutions are remembered for other runs{more}: see git kmigrate memory list"
            ));
        }
        Ok(_) => {}
        Err(e) => report::warn(&format!("what was settled could not be remembered: {e}")),
    }
}

/// Leaves out the first conflicted commit and walks again.
pub fn skip(args: &Continue) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut run = OpenRun::find(&repo, args.run.run.as_deref())?.going()?;
    let mut store = repo.store(Writes::Nowhere)?;
    let record = look::walked(&repo, &mut store, &run)?;
    let first = record.outcomes.iter().find(|o| o.status == Status::Conflicted);
    let first = first.ok_or_else(|| {
        Error::fatal("no commit of this run is conflicted, so there is none to skip")
            .hint("git kmigrate drop <n> leaves out any commit; git kmigrate list shows them")
    })?;
    report::put_away(&put_away((&repo, &mut store), &run, &[first])?);
    run.append([Operation::Drop { old: first.old.clone(), because: None }])?;
    drop(run);
    resume(args)
}

/// Stops the run and keeps it: record, journal and what is laid out.
pub fn quit(args: &Run) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut run = OpenRun::find(&repo, args.run.as_deref())?.going()?;
    run.append([Operation::Quit])?;
    report::say(&format!("the run of {} is stopped; its record and decisions stay\n", run.inputs()?.branch))?;
    let open = laid_out(&run)?;
    let left = open.iter().map(|dir| format!("still laid out, and not taken back: {}", dir.join("files").display()));
    report::advise(&left.collect::<Vec<_>>());
    Ok(Exit::Done)
}

/// Forgets the run.
pub fn abort(args: &Run) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let all = OpenRun::all(&repo);
    let others = |branch: &str| {
        let names: Vec<&str> = all.iter().map(|run| run.branch.as_str()).filter(|name| *name != branch).collect();
        names.join(", ")
    };
    // Whoever stopped a run and now forgets one may mean either.
    if let (None, [last, _, ..]) = (&args.run, &all[..])
        && last.is_quit
    {
        let (last, others) = (&last.branch, others(&last.branch));
        return Err(Error::fatal(format!("the run of '{last}' was stopped; say which run to forget"))
            .hint(format!("git kmigrate abort --run={last}; the others are: {others}")));
    }
    let run = OpenRun::find(&repo, args.run.as_deref())?;
    let branch = run.inputs()?.branch.clone();
    forget(&repo, run)?;
    report::say(&format!("the run of {branch} is forgotten; branches are where they were\n"))?;
    if all.len() > 1 {
        report::advise(&[format!("still there: the runs of {}", others(&branch))]);
    }
    Ok(Exit::Done)
}

/// Puts refs back.
pub fn undo(args: &Run) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let mut run = OpenRun::find(&repo, args.run.as_deref())?;
    let moved = undo_last(&repo, &mut run)?;
    report::undone(&moved)?;
    Ok(Exit::Done)
}
