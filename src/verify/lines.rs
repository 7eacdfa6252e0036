//! Every line that differs from ours is explained, and no line of the patch is lost.
//!
//! Counted, not aligned: what came and went of a line between ours and the result must be what came and went of it between base
//! and theirs. Where the result lacks some of that, upstream must have made the change itself.

use super::case::Case;
use super::{Objection, Reason};
use crate::merge::line::{is_telling, shown};
use crate::merge::{Remark, delta};
use crate::syntax::version::Version;
use rustc_hash::{FxHashMap, FxHashSet};

/// So many lines of the patch that upstream has are a part of it, as in a commit that is upstream by content.
const A_PART: usize = 3;

/// By line, how often it came and went between two texts.
type Balance<'a> = FxHashMap<&'a [u8], Count>;

/// Looks for markers, and for lines that nothing explains.
pub fn check(case: &Case<'_>, composed: &FxHashSet<Vec<u8>>) -> Result<Explained, Objection> {
    let Case { sides, result, patch, carried, .. } = case;
    for hunk in carried {
        for at in hunk.after.clone() {
            if is_marker(result.lines[at]) && !sides.theirs.lines.contains(&result.lines[at]) {
                return Err(rejection(Reason::Marker, "a conflict marker is left", at));
            }
        }
    }
    let wanted = balance(patch, (&sides.base, &sides.theirs));
    let found = balance(carried, (&sides.ours, result));
    if wanted == found {
        return Ok(Explained::default());
    }
    let upstream = balance(case.upstream(), (&sides.base, &sides.ours));
    let mut upstream_has: Vec<(&[u8], usize)> = Vec::new();
    let place = |line: &[u8]| result.lines.iter().position(|l| *l == line).unwrap_or(0);
    let mut seen = FxHashSet::default();
    // In the order of the files, so that the first one is the same each time.
    let all = [lines_of(carried, (&sides.ours, result)), lines_of(patch, (&sides.base, &sides.theirs))].concat();
    for line in all.into_iter().filter(|line| !composed.contains(*line) && seen.insert(*line)) {
        match count(&found, line).against(count(&wanted, line), count(&upstream, line)) {
            Ok(false) => {}
            Ok(true) => upstream_has.push((line, place(line) + 1)),
            Err(Reason::Missing) => {
                let said = format!("a line of the patch is lost: {}", shown(line));
                return Err(rejection(Reason::Missing, said, place(line)));
            }
            Err(reason) => {
                let said = format!("a line differs from upstream that the patch does not change: {}", shown(line));
                return Err(rejection(reason, said, place(line)));
            }
        }
    }
    Ok(already(&upstream_has))
}

/// What explains lines that the patch alone does not.
#[derive(Debug, Default)]
pub struct Explained {
    /// As it is.
    pub evidence: Vec<Remark>,
    /// What a person should look at.
    pub doubts: Vec<Remark>,
}

/// Says which lines of the patch upstream has made itself: the first, and how many. One or two may be by chance; with more upstream has
/// done some of what the patch is for, and may have done it otherwise.
fn already(lines: &[(&[u8], usize)]) -> Explained {
    let Some((line, at)) = lines.first() else { return Explained::default() };
    let said = match lines.len() - 1 {
        0 => format!("upstream has made a change of the patch already: {}", shown(line)),
        more => format!("upstream has made changes of the patch already: {} and {more} more", shown(line)),
    };
    let evidence = vec![Remark::new(*at, said)];
    let doubt = || Remark::new(*at, "upstream has done a part of what the patch does".to_owned());
    let doubts = if lines.len() >= A_PART { vec![doubt()] } else { Vec::new() };
    Explained { evidence, doubts }
}

/// How often a line came and went between two texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    came: usize,
    went: usize,
}

impl Count {
    /// Compares what became of a line with what the patch does to it: whether upstream did some of that, or what is wrong.
    fn against(self, wanted: Self, upstream: Self) -> Result<bool, Reason> {
        // A line that moved may come and go more often in one diff than in another.
        if self.came + wanted.went == wanted.came + self.went {
            return Ok(false);
        }
        if self.came > wanted.came || self.went > wanted.went {
            return Err(Reason::Unexplained);
        }
        match wanted.came - self.came <= upstream.came && wanted.went - self.went <= upstream.went {
            true => Ok(true),
            false => Err(Reason::Missing),
        }
    }
}

fn balance<'a>(hunks: &[delta::Hunk], (before, after): (&Version<'a>, &Version<'a>)) -> Balance<'a> {
    let mut balance = Balance::default();
    for hunk in hunks {
        before.lines[hunk.before.clone()].iter().for_each(|line| balance.entry(*line).or_default().went += 1);
        after.lines[hunk.after.clone()].iter().for_each(|line| balance.entry(*line).or_default().came += 1);
    }
    // Brackets and blank lines say nothing of whose they are; one too many is a matter for the parser.
    balance.retain(|line, _| is_telling(line));
    balance
}

fn lines_of<'a>(hunks: &[delta::Hunk], (before, after): (&Version<'a>, &Version<'a>)) -> Vec<&'a [u8]> {
    let lines = |hunk: &delta::Hunk| [&before.lines[hunk.before.clone()], &after.lines[hunk.after.clone()]].concat();
    hunks.iter().flat_map(lines).collect()
}

fn count(balance: &Balance<'_>, line: &[u8]) -> Count {
    balance.get(line).copied().unwrap_or_default()
}

/// `<<<<<<<`, `|||||||` or `>>>>>>>`, longer ones too, alone or before a label. A row of `=` may be a heading.
fn is_marker(line: &[u8]) -> bool {
    let Some(first) = line.first().filter(|c| b"<|>".contains(c)) else {
        return false;
    };
    let run = line.iter().take_while(|c| *c == first).count();
    run >= 7 && line[run..].first().is_none_or(|c| c.is_ascii_whitespace())
}

fn rejection(reason: Reason, said: impl Into<String>, at: usize) -> Objection {
    Objection { reason, said: said.into(), line: at + 1 }
}
