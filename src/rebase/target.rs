//! Where a result shall go, and what came of it.

use crate::git::{Oid, Writes};
use crate::run::Operation;

/// What is not settled at the end of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsettled {
    /// Conflicted commits, of which the branch would have the walk trees (`--allow-conflicts`).
    Conflicts,
    /// Commits that nobody has reviewed (`--unreviewed`).
    Unreviewed,
    /// Commits that were not looked at after a stop. No branch is made without them.
    Pending,
}

/// Where the result goes.
#[derive(Clone, Debug)]
pub struct Target {
    /// The branch to make; by default `<source>-<onto>`.
    pub branch: Option<String>,
    /// What may be in it.
    pub allowed: Vec<Unsettled>,
    /// Decisions of another run to begin with.
    pub decisions: Vec<Operation>,
    /// What becomes of other branches that stand in the series.
    pub stacked: StackedBranches,
    /// Which commits are left out beside those that people name.
    pub leaving_out: LeavingOut,
    /// Whether commits that are meant for others go into them.
    pub folding: Folding,
    /// A revision whose tree the result must have.
    pub expect_tree: Option<String>,
    /// What stays when the walk is over.
    pub leaves: Leaves,
}

impl Target {
    /// The branch by its default name, everything settled in it, nothing besides.
    pub fn plain(leaves: Leaves) -> Self {
        Self {
            branch: None,
            allowed: Vec::new(),
            decisions: Vec::new(),
            stacked: StackedBranches::default(),
            leaving_out: LeavingOut::default(),
            folding: Folding::default(),
            expect_tree: None,
            leaves,
        }
    }
}

/// What becomes of branches that stand at commits of the series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StackedBranches {
    /// Nothing.
    #[default]
    Alone,
    /// Each gets a new one on the new kernel.
    Along,
}

/// Which commits are left out without being named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeavingOut {
    /// None.
    #[default]
    None,
    /// Those that the series itself takes back exactly, with what takes them back.
    Reverted,
}

/// What becomes of commits that are meant for others: `fixup!`, `squash!`, `amend!`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Folding {
    /// They are carried as they are.
    #[default]
    None,
    /// They go into the commits that they name.
    Autosquash,
}

/// What a walk leaves in the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// A dry run: nothing at all.
    Nothing,
    /// The new commits, which no ref names: for measuring.
    Objects,
    /// A run that people can work with: journal, record, and the branch if nothing stands in the way.
    Run,
}

impl Leaves {
    /// Where new objects go.
    pub fn writes(self) -> Writes {
        match self {
            Self::Nothing => Writes::Nowhere,
            Self::Objects | Self::Run => Writes::Packs,
        }
    }
}

/// What came of the branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Branch {
    /// Written, with what is in it although it is not settled.
    Written(Vec<Unsettled>),
    /// Not written: what stands in the way.
    Withheld(Vec<Unsettled>),
    /// No ref was to be moved: what would stand in the way.
    DryRun(Vec<Unsettled>),
}

/// A path whose result is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unexpected {
    /// The path, quoted where needed.
    pub path: String,
    /// The commit that touched it last: position and subject.
    pub by: Option<(usize, String)>,
}

/// A finished run.
#[derive(Debug)]
pub struct Finished {
    /// The branch's name.
    pub name: String,
    /// What came of it.
    pub branch: Branch,
    /// The last commit of the walk.
    pub tip: Oid,
    /// Branches that were made along with it, and where they are.
    pub stacked: Vec<(String, Oid)>,
    /// The ref of the run's record, if it leaves one.
    pub record: Option<String>,
    /// Paths that differ from `--expect-tree`; `None` if none was asked for.
    pub unexpected: Option<Vec<Unexpected>>,
}
