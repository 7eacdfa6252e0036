//! `git kmigrate survey`: what a series will meet on another kernel, before anything is carried.

use super::args::Survey;
use super::{Exit, settings};
use crate::error::Result;
use crate::git::{Ask, Git, Repo, Series, Writes};
use crate::report::{self, Format};
use crate::survey::Stale;

/// Runs it.
pub fn run(args: &Survey) -> Result<Exit> {
    let repo = Repo::open(Git::here())?;
    let ask = Ask {
        ranges: args.ranges.clone(),
        listed: None,
        named: None,
        root: false,
        base: args.base.clone(),
        onto: args.onto.clone(),
        merges: settings::merges(&repo, args.merges)?,
    };
    let mut store = repo.store(Writes::Nowhere)?;
    let series = Series::find(&repo, &mut store, &ask)?;
    let stale = Stale::of_series(&repo, &mut store, &series)?;
    report::survey(&series, &stale, if args.json { Format::Json } else { Format::Text })?;
    Ok(Exit::Done)
}
