//! `git kmigrate evaluate`.

use super::args::Evaluate;
use super::words;
use super::{Exit, settings};
use crate::error::{Result, io};
use crate::evaluate::{evaluate, read_pairs};
use crate::git::{Git, Repo};
use crate::report::{self, Bar, Format, Manner, Verbosity};
use crate::run::{OnConflict, Options, Progress, UpstreamPolicy};
use std::fs;
use std::io::Write;
use std::path::Path;

/// Runs it.
pub fn run(args: &Evaluate) -> Result<Exit> {
    let source = Repo::open(Git::here())?;
    let text = fs::read_to_string(&args.pairs).map_err(io(args.pairs.display()))?;
    let pairs = read_pairs(&text).map_err(|e| e.while_doing(args.pairs.display().to_string()))?;
    let place = args.repo.clone().unwrap_or_else(|| args.out.with_extension("git"));
    let options = Options {
        on_conflict: OnConflict::Carry,
        upstream: match args.upstream {
            Some(words::Upstream::Keep) => UpstreamPolicy::Keep,
            Some(words::Upstream::DropContent) => UpstreamPolicy::DropContent,
            Some(words::Upstream::DropNamed) => UpstreamPolicy::DropNamed,
            None | Some(words::Upstream::Drop | words::Upstream::Stop) => UpstreamPolicy::Drop,
        },
        methods: settings::methods(&source, args.methods.as_ref())?,
        look_up: settings::look_up(&source, args.look_up)?,
    };
    let manner = Manner { format: Format::Text, verbosity: Verbosity::Normal, progress: Progress::Auto };
    let bar = Bar::new(manner, pairs.len());
    let answers = evaluate((&source, &place), &pairs, &options, &|| bar.tick());
    bar.finish();
    let answers = answers?;
    let mut lines = Vec::new();
    for answer in &answers {
        serde_json::to_writer(&mut lines, answer).expect("an answer is plain data");
        lines.push(b'\n');
    }
    let folder = args.out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut out = tempfile::NamedTempFile::new_in(folder).map_err(io(folder.display()))?;
    out.write_all(&lines).map_err(io(args.out.display()))?;
    out.persist(&args.out).map_err(|e| io(args.out.display())(e.error))?;
    report::say(&format!("{} pairs; their commits are in {}\n", answers.len(), place.display()))?;
    Ok(Exit::Done)
}
