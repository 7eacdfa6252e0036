//! `git kmigrate evaluate --miggpt` and `--to-miggpt`: MigGPT's own task.

use super::super::args::Evaluate;
use super::super::model::{self, Asker};
use super::super::output::write;
use super::super::{Exit, words};
use super::bar;
use crate::error::{Error, Result, io};
use crate::evaluate::miggpt::{self, Ablate, Plan, Row, Sample, Steps, Told};
use crate::git::{Git, Repo};
use crate::llm::{Oracle, Prompt, together};
use crate::report;
use std::fs;
use std::io::BufReader;
use std::path::Path;

/// Runs the task.
pub fn run(args: &Evaluate, data: &Path) -> Result<Exit> {
    let plan = plan(args)?;
    let file = fs::File::open(data).map_err(io(data.display()))?;
    let rows = miggpt::read(BufReader::new(file)).map_err(|e| e.while_doing(data.display()))?;
    let bar = bar(rows.len());
    // The task needs no repository; without one there are no settings to choose a model by.
    let mut asker = match (Repo::open(Git::here()), &args.asking.model) {
        (Ok(repo), _) => Asker::of(&repo, &args.asking, None)?,
        (Err(_), None) => None,
        (Err(e), Some(_)) => return Err(e),
    };
    let one = |row: &Row, oracle: Option<&mut dyn Oracle>| {
        let told = miggpt::run(row, plan, oracle);
        bar.tick();
        told
    };
    let told: Result<Vec<Told>> = match &mut asker {
        Some(Asker { door, .. }) => {
            let ask = &mut |prompts: &[Prompt]| model::each(door, prompts);
            together(&rows, &|row, oracle| one(row, Some(oracle)), ask).into_iter().collect()
        }
        None => rows.iter().map(|row| one(row, None)).collect(),
    };
    bar.finish();
    let told = told?;
    let id = asker.as_ref().map(|asker| asker.asking.model.clone());
    if let Some(Asker { door, .. }) = asker {
        let paid = door.paid();
        model::Silence::default().tell((door.close()?, paid));
    }
    if let Some(out) = &args.out {
        let lines: String = told.iter().map(|row| row.json() + "\n").collect();
        write(out, lines.as_bytes())?;
    }
    let who = id.as_deref().unwrap_or("no model");
    let method = match plan.ablate {
        Some(ablate) => format!("{who}, no {ablate:?}").to_ascii_lowercase(),
        None => who.to_owned(),
    };
    report::say(&miggpt::tables(&method, &told))?;
    Ok(Exit::Done)
}

/// What is meant.
fn plan(args: &Evaluate) -> Result<Plan> {
    if args.vanilla && args.asking.model.is_none() {
        return Err(Error::usage("--vanilla is a model by itself: it needs --model"));
    }
    let steps = match args.stage {
        words::Stage::Retrieve => Steps::Retrieve,
        words::Stage::Migrate => Steps::Migrate,
        words::Stage::Both => Steps::Both,
    };
    let ablate = args.ablate.map(|part| match part {
        words::Ablate::Structure => Ablate::Structure,
        words::Ablate::Alignment => Ablate::Alignment,
        words::Ablate::Location => Ablate::Location,
        words::Ablate::Cfp => Ablate::Cfp,
    });
    Ok(Plan { steps, ablate, is_vanilla: args.vanilla })
}

/// Makes a data set of files that people carried.
pub fn convert(args: &Evaluate, data: &Path) -> Result<Exit> {
    let path = args.samples.as_deref().ok_or_else(|| Error::usage("--to-miggpt needs --samples"))?;
    let text = fs::read_to_string(path).map_err(io(path.display()))?;
    let mut samples: Vec<Sample> = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let sample = serde_json::from_str(line);
        samples.push(sample.map_err(|e| Error::fatal(format!("{}: line {}: {e}", path.display(), at + 1)))?);
    }
    let (rows, left) = miggpt::from_repo(&Repo::open(Git::here())?, &samples)?;
    let mut file = Vec::new();
    miggpt::write(&rows, &mut file)?;
    write(data, &file)?;
    report::say(&format!(
        "{} samples of {} files; left out: {} where upstream or the patch changes nothing, {} where people changed nothing, {} without \
         counterpart, {} too long\n",
        rows.len(),
        samples.len(),
        left.trivial,
        left.dropped,
        left.homeless,
        left.long
    ))?;
    Ok(Exit::Done)
}
