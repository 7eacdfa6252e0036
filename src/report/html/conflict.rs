//! Conflicts as three sides and what became of them.

use crate::error::Result;
use crate::git::{Repo, Store};
use crate::merge::delta::{self, Hunk};
use crate::merge::{Change, Merged, Sides, marker_size_in, settlements};
use crate::report::plain::lossy;
use crate::report::unified::Hunks;
use crate::run::{FileOutcome, Method};
use bstr::ByteSlice;
use serde::Serialize;
use std::ops::Range;

/// Upstream's changes so many lines from the patch are shown beside it.
const NEAR: usize = 12;

/// One conflict of a file.
#[derive(Debug, PartialEq, Serialize)]
pub struct ThreeWays {
    /// Its first line in ours, from 1.
    line: usize,
    /// Before both changes.
    base: String,
    /// What upstream made of it.
    ours: String,
    /// What the patch made of it.
    theirs: String,
    /// What stands in its place; `None` where nobody can say which lines those are.
    result: Option<String>,
    /// Nothing could settle it.
    open: bool,
    /// Upstream's own change here, as a patch.
    upstream: String,
}

/// The sides of a file and what came out, as far as they are text.
pub type Texts<'a> = (Sides<Option<&'a [u8]>>, Option<&'a [u8]>);

/// The conflicts of a file: those that are open, or, where more than plain merging settled it, those that its plain merge had.
///
/// # Errors
/// The text with the markers is missing.
pub fn three_ways(
    (repo, store): (&Repo, &mut Store),
    file: &FileOutcome,
    (sides, came): Texts<'_>,
    plain: Option<Merged>,
) -> Result<Vec<ThreeWays>> {
    let Sides { base: Some(base), ours: Some(ours), theirs: Some(_) } = sides else {
        return Ok(Vec::new());
    };
    let diff3 = file.conflict.as_ref().and_then(|conflict| repo.written_id(conflict.diff3.as_deref()));
    let merged = match diff3 {
        Some(id) => {
            let diff3 = store.blob(id)?.data;
            Some(Merged::parse(&diff3, marker_size_in(&diff3)))
        }
        None => plain.filter(|_| file.method != Method::Text),
    };
    let Some(merged) = merged else { return Ok(Vec::new()) };
    Ok(told(&merged, came, (Change { before: base, after: ours }, file.conflict.is_some())))
}

fn told(merged: &Merged, came: Option<&[u8]>, (upstream, open): (Change<&[u8]>, bool)) -> Vec<ThreeWays> {
    let became = came.map(|came| settlements(merged, came)).unwrap_or_default();
    let lines = merged.lines_in_ours(upstream.after);
    let upstreams = Hunks::of(upstream);
    let each = |(k, (sides, line)): (usize, (&Sides<Vec<u8>>, usize))| {
        let region = line..line + sides.ours.lines().count();
        let near = |h: &Hunk| h.after.start <= region.end && region.start <= h.after.end;
        ThreeWays {
            line: line + 1,
            base: lossy(&sides.base),
            ours: lossy(&sides.ours),
            theirs: lossy(&sides.theirs),
            result: became.get(k).map(|(_, text)| lossy(text)),
            open,
            upstream: written(&upstreams, &near),
        }
    };
    merged.conflicts().zip(lines).enumerate().map(each).collect()
}

fn written(hunks: &Hunks<'_>, wanted: &dyn Fn(&Hunk) -> bool) -> String {
    let mut out = Vec::new();
    hunks.write(&mut out, wanted);
    lossy(&out)
}

/// What upstream changed near the lines that the patch changes.
pub fn upstream_near(sides: Sides<Option<&[u8]>>) -> Option<String> {
    let Sides { base, ours, theirs } = sides;
    let (base, ours, theirs) = (base?, ours?, theirs?);
    let patch: Vec<Range<usize>> =
        delta::hunks(Change { before: base, after: theirs }).into_iter().map(|h| h.before).collect();
    let near = |h: &Hunk| patch.iter().any(|p| h.before.start <= p.end + NEAR && p.start <= h.before.end + NEAR);
    let told = written(&Hunks::of(Change { before: base, after: ours }), &near);
    (!told.is_empty()).then_some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_shows_its_sides_what_became_of_it_and_upstreams_change() {
        let base = b"1\n2\n3\n4\n5\n6\n7\n";
        let ours = b"1\n2\n3\nfour\n5\n6\n7\n";
        let diff3 = b"1\n2\n3\n<<<<<<< ours (upstream)\nfour\n||||||| base\n4\n=======\nvier\n>>>>>>> theirs (the patch)\n5\n6\n7\n";
        let merged = Merged::parse(diff3, 7);
        let came: &[u8] = b"1\n2\n3\nfour and vier\n5\n6\n7\n";
        let found = told(&merged, Some(came), (Change { before: base, after: ours }, false));
        let [one] = &found[..] else { panic!("one conflict") };
        assert_eq!((one.line, one.base.as_str(), one.theirs.as_str()), (4, "4\n", "vier\n"));
        assert_eq!(one.result.as_deref(), Some("four and vier\n"));
        assert!(one.upstream.contains("-4\n+four\n"), "{}", one.upstream);
    }

    #[test]
    fn a_conflict_is_at_its_line_of_ours_whatever_the_patch_adds_above_it() {
        let base = b"1\n2\n3\n4\n5\n";
        let ours = b"1\n2\n3\nfour\n5\n";
        let diff3 = b"1\nnew\nnewer\nnewest\n2\n3\n<<<<<<< ours (upstream)\nfour\n||||||| base\n4\n=======\nvier\n>>>>>>> theirs (the patch)\n5\n";
        let found = told(&Merged::parse(diff3, 7), None, (Change { before: base, after: ours }, true));
        assert_eq!(found[0].line, 4);
        assert!(found[0].upstream.contains("+four\n"), "{}", found[0].upstream);
    }

    #[test]
    fn upstreams_change_far_from_the_patch_is_not_shown() {
        let base: String = (1..=80).map(|n| format!("{n}\n")).collect();
        let theirs = base.replace("\n10\n", "\nten\n");
        let near = base.replace("\n15\n", "\nfifteen\n");
        let far = base.replace("\n70\n", "\nseventy\n");
        let told = |ours: &str| {
            upstream_near(Sides {
                base: Some(base.as_bytes()),
                ours: Some(ours.as_bytes()),
                theirs: Some(theirs.as_bytes()),
            })
        };
        assert!(told(&near).is_some_and(|text| text.contains("+fifteen")));
        assert_eq!(told(&far), None);
    }
}
