//! What is odd about a part of a mail that `git am` stopped at: wrong numbers, lost line ends, a symbolic link. In: the part, and what was made
//! of its file. Out: the same with doubts, and left to a person where it must be.

use super::am::Part;
use super::attempted::{Attempted, Disk, Fate, Index, Note, Weight};
use crate::error::{Error, Result};
use crate::git::{Repo, Staged, Worktree};
use crate::merge::Remark;
use crate::quilt::apply::How;
use crate::quilt::unified::Counts;
use crate::quilt::{Direction, Hunk, apply};
use crate::run::quoted;
use bstr::ByteSlice;

/// What a hunk with wrong numbers does is to look at: nobody else reads it, and something of it may be lost.
pub(super) fn doubt_numbers(
    (repo, worktree): (&Repo, &Worktree),
    part: &Part<'_>,
    attempted: &mut Attempted,
) -> Result<()> {
    let Some(hunk) = part.section.hunks.iter().find(|hunk| hunk.counts == Counts::Recounted) else { return Ok(()) };
    let said = "the numbers of the patch's @@ line are wrong: its lines were counted instead";
    attempted.notes.push(Note { weight: Weight::Doubt, remark: Remark::new(hunk.old.start.max(1), said.to_owned()) });
    let made = match (attempted.fate, &attempted.plan.disk) {
        (Fate::Staged, Disk::Write(text, mode)) => Some(Staged { mode: *mode, id: repo.write_blob(worktree, text)? }),
        (Fate::Staged, Disk::Remove) => None,
        _ => return Ok(()),
    };
    attempted.fate = Fate::ToReview;
    attempted.because = "to look at".to_owned();
    attempted.plan.index = Index::Stages([None, part.was[0], part.was[0], made]);
    Ok(())
}

/// A mail loses the carriage returns at line ends on its way, unless it is told to keep them.
pub(super) fn doubt_line_ends(part: &Part<'_>, attempted: &mut Attempted) {
    let Some((_, ours)) = &part.ours else { return };
    let returns = |text: &[u8]| text.ends_with(b"\r\n");
    let has_them = |hunk: &Hunk| hunk.lines.iter().any(|line| returns(&line.text));
    let all = ours.lines_with_terminator().filter(|line| line.ends_with(b"\n")).all(returns);
    if attempted.fate == Fate::Staged || !all || ours.is_empty() || part.section.hunks.iter().any(has_them) {
        return;
    }
    let said = "HEAD's lines end in CR LF, the patch's do not: git am --keep-cr keeps what a mail says, git apply \
                --ignore-whitespace passes over it";
    attempted.notes.push(Note { weight: Weight::Doubt, remark: Remark::new(1, said.to_owned()) });
}

/// A symbolic link that the patch makes: git lays it down, when a person says so.
pub(super) fn link(
    (repo, worktree): (&Repo, &Worktree),
    (part, mode): (&Part<'_>, u32),
    attempted: &mut Attempted,
) -> Result<()> {
    let target = apply(part.section, None, How { fuzz: 0, direction: Direction::Forward });
    let Some(target) = target.after.filter(|_| part.section.creates()) else {
        let said = format!("{} becomes a symbolic link", quoted(attempted.path.as_bstr()));
        return Err(Error::fatal(said).hint("apply it by hand"));
    };
    let made = Staged { mode, id: repo.write_blob(worktree, &target)? };
    attempted.plan.index = Index::Stages([None, None, part.was[0], Some(made)]);
    attempted.because = "the patch makes a symbolic link: git checkout --theirs, then git add, makes it".to_owned();
    Ok(())
}
