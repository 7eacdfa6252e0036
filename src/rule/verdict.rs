//! What a replacement is to the uses of a name. In: nothing; `choose` judges. Out: a [`Verdict`] for each use, and what they say together.

use super::apply::Patch;
use super::safety::Support;

/// What a replacement is to one use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It does not match there.
    Apart,
    /// It would change what was left as it was.
    Wrong,
    /// It would do something else than what was done.
    Otherwise,
    /// It does a safe part of what was done.
    Part,
    /// It does what was done to the use; around it more was done.
    Unit,
    /// It does all that was done to the statement.
    Whole,
}

impl Verdict {
    /// What it is worth on a use that no rule explains yet.
    pub fn worth(self) -> u64 {
        match self {
            Self::Whole => 4,
            Self::Unit => 3,
            Self::Part => 1,
            Self::Apart | Self::Wrong | Self::Otherwise => 0,
        }
    }
}

/// A replacement with its condition and its verdicts.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The replacement.
    pub patch: Patch,
    /// The type whose initialiser it must stand in.
    pub within: Option<Vec<u8>>,
    /// One for each use.
    pub verdicts: Vec<Verdict>,
}

impl Chosen {
    /// The uses with a verdict that the question holds for.
    pub fn which(&self, asked: impl Fn(Verdict) -> bool) -> Support {
        (0..self.verdicts.len()).filter(|at| asked(self.verdicts[*at])).collect()
    }

    /// The uses that it explains, or safely begins to.
    pub fn supporting(&self) -> Support {
        self.which(|verdict| verdict >= Verdict::Part)
    }

    /// The uses that speak against it.
    pub fn against(&self) -> Support {
        self.which(|verdict| matches!(verdict, Verdict::Wrong | Verdict::Otherwise))
    }
}
