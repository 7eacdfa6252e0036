//! What a migration was asked with: what is typed, else what an earlier run was begun with, else what is set.

use super::args::Migrate;
use super::settings;
use crate::error::Result;
use crate::git::Repo;
use crate::rebase::{Folding, Leaves, LeavingOut, StackedBranches, Target, given_branch};
use crate::report::{Format, Manner, Verbosity};
use crate::run::{Additions, Inputs, Limits, Options, Progress};

pub(super) fn options(repo: &Repo, args: &Migrate, earlier: Option<&Inputs>) -> Result<Options> {
    let earlier = earlier.map(|inputs| &inputs.options);
    Ok(Options {
        on_conflict: match (args.on_conflict, earlier) {
            (None, Some(earlier)) => earlier.on_conflict,
            (typed, _) => settings::on_conflict(repo, typed)?,
        },
        upstream: match (args.upstream, earlier) {
            (None, Some(earlier)) => earlier.upstream,
            (typed, _) => settings::upstream(repo, typed)?,
        },
        methods: match (&args.methods, earlier) {
            (None, Some(earlier)) => earlier.methods.clone(),
            (typed, _) => settings::methods(repo, typed.as_ref())?,
        },
        look_up: match (args.look_up, earlier) {
            (None, Some(earlier)) if !args.optional => earlier.look_up,
            (typed, _) => settings::look_up(repo, typed, args.optional)?,
        },
        limits: limits(repo, args, earlier.map(|earlier| earlier.limits))?,
        model: None,
        memory: settings::memory(repo, !args.no_memory)?,
        additions: Additions {
            note: args.note.clone().or_else(|| earlier.and_then(|earlier| earlier.additions.note.clone())),
            signs: args.signoff || earlier.is_some_and(|earlier| earlier.additions.signs),
        },
        signing: args.signing.given().or_else(|| earlier.map(|earlier| earlier.signing.clone())).unwrap_or_default(),
        doubted: earlier.map(|earlier| earlier.doubted.clone()).unwrap_or_default(),
    })
}

/// What is typed, else what the run was begun with, else what is set.
fn limits(repo: &Repo, args: &Migrate, earlier: Option<Limits>) -> Result<Limits> {
    let set = match earlier {
        Some(earlier) => earlier,
        None => settings::limits(repo)?,
    };
    Ok(Limits {
        min_confidence: args.min_confidence.or(set.min_confidence),
        max_distance: args.max_distance.or(set.max_distance),
    })
}

pub(super) fn target(repo: &Repo, args: &Migrate, earlier: Option<&Inputs>) -> Target {
    let given = earlier.and_then(given_branch).map(str::to_owned);
    Target {
        branch: args.branch.clone().or(given).or_else(|| settings::branch(repo, None)),
        allowed: args.regardless.allowed(),
        decisions: Vec::new(),
        stacked: if args.update_refs { StackedBranches::Along } else { StackedBranches::Alone },
        leaving_out: if args.drop_reverted { LeavingOut::Reverted } else { LeavingOut::None },
        folding: if args.autosquash { Folding::Autosquash } else { Folding::None },
        expect_tree: args.expect_tree.clone(),
        leaves: if args.dry_run { Leaves::Nothing } else { Leaves::Run },
    }
}

pub(super) fn manner(args: &Migrate) -> Manner {
    Manner {
        format: if args.json { Format::Json } else { Format::Text },
        verbosity: match (args.quiet, args.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        },
        progress: match (args.progress, args.no_progress) {
            (true, _) => Progress::Always,
            (_, true) => Progress::Never,
            _ => Progress::Auto,
        },
    }
}
