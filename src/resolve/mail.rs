//! A mail that `git am` could not apply and left no stages for: its patch, file by file, becomes what `git am -3` would have left.
//!
//! ```text
//!   rebase-apply/patch ──> sections ──> applies to HEAD's file         merged
//!                                  ├──> the blob that it was made for is here    base = that blob
//!                                  └──> else                                     base = rebuilt from its context, to look at
//!                          base, HEAD's file, base with the patch ──> the cascade, as for any other conflict
//! ```
//!
//! Nothing of the mail was applied, so everything is done here: what stays open gets its three stages in the index, and `git am
//! --continue` will not pass it over.

use super::am::{LINK, Part, SORT, is_resolved, parts, patch, stages, subject};
use super::attempt::Trial;
use super::attempted::{Attempted, Disk, Fate, Index, Note, Plan, Weight};
use super::odd_mail::{doubt_line_ends, doubt_numbers, link};
use super::put::put;
use super::standing::on_disk;
use super::{Ask, Leaves, Resolved, open, side};
use crate::error::{Error, Result};
use crate::git::text::{self, TextMerge};
use crate::git::{Kind, Operation, Repo, Staged, Stages, Store, Worktree, inflated};
use crate::merge::{Remark, Sides};
use crate::quilt::apply::How;
use crate::quilt::binary::Binary;
use crate::quilt::{Direction, Section, Standing, Touched, apply, cut_off, rebuilt_base};
use crate::run::{Method, quoted};
use bstr::{BString, ByteSlice};
use std::collections::BTreeSet;

/// The mode of a file that the patch makes, if it does not say.
const PLAIN: u32 = 0o100_644;
/// Resolves it.
///
/// # Errors
/// The worktree has changes in the files of the patch, or the patch does what is not done here; nothing was changed.
pub fn resolve(
    (repo, worktree, store): (&Repo, &Worktree, &mut Store),
    ask: &Ask,
    operation: Operation,
) -> Result<Resolved> {
    if !ask.paths.is_empty() {
        return Err(Error::usage("an am that left no conflicts is resolved as a whole, without paths"));
    }
    if is_resolved((repo, worktree), &operation)? {
        return Err(super::nothing(&operation, 0));
    }
    let file = patch(worktree)?;
    if file.sections().next().is_none() {
        return Err(Error::fatal("the mail that git am stopped at holds no patch").hint("git am --skip"));
    }
    if let Some(said) = cut_off(&file) {
        return Err(Error::fatal(format!("the mail that git am stopped at: {said}"))
            .hint("git am --abort, and begin again with the whole mail; or apply it by hand"));
    }
    let parts = parts((repo, worktree, store), &file)?;
    refuse_changed(worktree, &parts)?;
    let bearing = side::bearing(repo, &operation, ask.patch)?;
    let trial = Trial {
        patch: bearing.patch,
        methods: &ask.methods,
        least: ask.min_confidence,
        files: parts.len(),
        memory: &ask.memory,
    };
    let mut files = Vec::new();
    let (aside, _scratch) = worktree.aside(repo)?;
    let here = if ask.leaves == Leaves::Nothing { &aside } else { worktree };
    for part in parts {
        files.extend(attempt((repo, here, store), &trial, part)?);
    }
    let mut told = Resolved { operation, subject: subject(worktree), bearing, files, elsewhere: 0 };
    put((repo, worktree), ask.leaves, &mut told)?;
    if ask.leaves == Leaves::Files {
        open::keep(worktree, &told)?;
    }
    Ok(told)
}

/// What somebody has changed in these files since is not written over.
fn refuse_changed(worktree: &Worktree, parts: &[Part<'_>]) -> Result<()> {
    let paths = parts.iter().flat_map(|part| [&part.touched.before, &part.touched.after]).flatten();
    let paths: BTreeSet<&Vec<u8>> = paths.collect();
    worktree.git.run(&["update-index", "-q", "--refresh"], b"")?;
    for path in paths {
        let name = path.to_str_lossy().into_owned();
        let args = ["--literal-pathspecs", "diff-index", "--quiet", "HEAD", "--", &name];
        let untracked = worktree.file(path.as_bstr()).symlink_metadata().is_ok()
            && worktree
                .git
                .run(&["--literal-pathspecs", "ls-files", "--error-unmatch", "--", &name], b"")?
                .status
                .code()
                != Some(0);
        if untracked || !worktree.git.run(&args, b"")?.status.success() {
            let said = format!("{} has changes of somebody's since git am stopped", quoted(path.as_bstr()));
            return Err(Error::fatal(said)
                .hint("if the mail is settled: git add what belongs to it, then git am --continue")
                .hint("to have it resolved here, put them aside first (git stash)"));
        }
    }
    Ok(())
}

/// What becomes of a section; of a file that it moves, its old path, too.
fn attempt(
    (repo, worktree, store): (&Repo, &Worktree, &mut Store),
    trial: &Trial<'_>,
    part: Part<'_>,
) -> Result<Vec<Attempted>> {
    let Touched { before, after } = &part.touched;
    let old = before.clone().map(BString::from);
    let place = BString::from(after.as_ref().or(before.as_ref()).cloned().unwrap_or_default());
    let is_move = old.as_ref().is_some_and(|old| *old != place);
    let was = if is_move { stages((repo, worktree), &place)? } else { part.was };
    let mut attempted = Attempted::left(place.clone(), (was, on_disk(worktree, &place)), "");
    if is_move && was[0].is_some() {
        let said = format!("the patch moves a file to {}, which is there", quoted(place.as_bstr()));
        return Err(Error::fatal(said).hint("apply it by hand"));
    }
    make((repo, worktree, store), (trial, &part), &mut attempted)?;
    attempted.notes.splice(0..0, part.notes.iter().cloned());
    doubt_numbers((repo, worktree), &part, &mut attempted)?;
    doubt_line_ends(&part, &mut attempted);
    let copies = part.section.git.as_ref().is_some_and(|git| git.copied.is_some());
    let Some(old) = old.filter(|_| is_move && !copies && part.ours.is_some()) else { return Ok(vec![attempted]) };
    let mut gone = Attempted::left(old.clone(), (part.was, on_disk(worktree, &old)), "");
    gone.fate = Fate::Staged;
    gone.method = Some(Method::Text);
    gone.notes = vec![Note::fact(format!("the patch moves it to {}", quoted(place.as_bstr())))];
    gone.plan = Plan { index: Index::Gone, disk: Disk::Remove };
    Ok(vec![attempted, gone])
}

/// Makes the file of a section.
fn make(
    (repo, worktree, store): (&Repo, &Worktree, &mut Store),
    (trial, part): (&Trial<'_>, &Part<'_>),
    attempted: &mut Attempted,
) -> Result<()> {
    let Part { section, ours, .. } = part;
    let bytes = ours.as_ref().map(|(_, bytes)| bytes.as_slice());
    let said = section.git.as_ref().and_then(|git| git.new_mode);
    let mode = said.or(ours.as_ref().map(|(mode, _)| *mode)).unwrap_or(PLAIN);
    if mode & SORT == LINK {
        return link((repo, worktree), (part, mode), attempted);
    }
    if let Some(after) = applied((section, bytes), &attempted.path)? {
        attempted.fate = Fate::Staged;
        attempted.method = Some(Method::Text);
        match after {
            Some(text) => attempted.plan = Plan { index: Index::Merged(mode), disk: Disk::Write(text, mode) },
            None => attempted.plan = Plan { index: Index::Gone, disk: Disk::Remove },
        }
        return Ok(());
    }
    let base = base((repo, store), section, bytes)?;
    if base.before.is_some() && base.after == ours.as_ref().map(|(_, bytes)| bytes.clone()) {
        attempted.fate = Fate::Staged;
        attempted.method = Some(Method::Text);
        attempted.notes = vec![Note::fact("HEAD has this part of the patch already".to_owned())];
        // What the patch does beside it: a move, a mode.
        let is_moved = part.touched.before != part.touched.after;
        if let Some((old_mode, bytes)) = ours.clone().filter(|(old_mode, _)| is_moved || *old_mode != mode) {
            let said = match (is_moved, old_mode == mode) {
                (true, true) => "HEAD has the patch's lines already, where the file was".to_owned(),
                _ => format!("HEAD has the patch's lines already, with mode {old_mode:06o}"),
            };
            attempted.notes = vec![Note::fact(said)];
            attempted.plan = Plan { index: Index::Merged(mode), disk: Disk::Write(bytes, mode) };
        }
        return Ok(());
    }
    let stage = |text: Option<&[u8]>, mode: u32| -> Result<Option<Staged>> {
        text.map(|text| Ok(Staged { mode, id: repo.write_blob(worktree, text)? })).transpose()
    };
    let old_mode = ours.as_ref().map_or(mode, |(mode, _)| *mode);
    let stages: Stages =
        [None, stage(base.before.as_deref(), old_mode)?, stage(bytes, old_mode)?, stage(base.after.as_deref(), mode)?];
    attempted.plan.index = Index::Stages(stages);
    let (Some(before), Some(ours), Some(after)) = (&base.before, bytes, &base.after) else {
        return one_sided((&base, mode), attempted);
    };
    let texts = Sides { base: &before[..], ours, theirs: &after[..] };
    let tried = trial.try_texts(&attempted.path, texts)?;
    let open = match text::merge(texts)? {
        TextMerge::Conflicted(open) => Some(open.diff3),
        TextMerge::Clean(text) => Some(text),
        TextMerge::Binary => None,
    };
    attempted.take(tried, mode);
    attempted.notes.extend(base.notes);
    if attempted.fate == Fate::Staged && base.is_rebuilt {
        attempted.fate = Fate::ToReview;
        attempted.because = "to look at".to_owned();
        attempted.plan.index = Index::Stages(stages);
    }
    if let (Fate::Left, Some(open)) = (attempted.fate, open) {
        attempted.plan.disk = Disk::Write(open, mode);
    }
    Ok(())
}

/// A file that one side does not have.
fn one_sided((base, mode): (&Base, u32), attempted: &mut Attempted) -> Result<()> {
    let (because, text) = match (&base.before, &base.after) {
        (None, Some(_)) => ("the patch makes a file that is there", None),
        (Some(_), None) => ("the patch removes a file that HEAD has otherwise", None),
        (_, after) => ("HEAD does not have this file: it was removed or moved", after.clone()),
    };
    attempted.because = because.to_owned();
    if let Some(text) = text {
        attempted.plan.disk = Disk::Write(text, mode);
    }
    attempted.notes.extend(base.notes.clone());
    Ok(())
}

/// What a section makes of `HEAD`'s file, if it applies with all of its context. `Some(None)` if it removes the file.
fn applied((section, ours): (&Section, Option<&[u8]>), path: &BString) -> Result<Option<Option<Vec<u8>>>> {
    if let Some(binary) = &section.binary {
        let unpacked = match binary {
            Binary::Patch { forward, .. } => forward.unpack(ours.unwrap_or_default(), &inflated),
            Binary::Differs | Binary::Damaged => None,
        };
        let Some(bytes) = unpacked else {
            let said = format!("{} is binary, and the patch is for another version of it", quoted(path.as_bstr()));
            return Err(Error::fatal(said).hint("apply it by hand"));
        };
        return Ok(Some((!section.deletes()).then_some(bytes)));
    }
    let applied = apply(section, ours, How { fuzz: 0, direction: Direction::Forward });
    Ok((applied.is_whole() && !(section.deletes() && ours.is_none())).then_some(applied.after))
}

/// What a patch was made for, and what it makes of it.
struct Base {
    before: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
    is_rebuilt: bool,
    notes: Vec<Note>,
}

/// The base of a section that does not apply to `HEAD`'s file.
fn base((repo, store): (&Repo, &mut Store), section: &Section, ours: Option<&[u8]>) -> Result<Base> {
    let written =
        section.git.as_ref().and_then(|git| git.index.as_ref()).map(|index| index.old.to_str_lossy().into_owned());
    if let Some(id) = written.map(|id| repo.object(&id)).transpose()?.flatten()
        && let Ok(old) = store.read(id, Kind::Blob)
    {
        let applied = apply(section, Some(&old), How { fuzz: 0, direction: Direction::Forward });
        if applied.is_whole() {
            let notes = vec![Note::fact(format!("the patch was made for blob {:.12}, which is here", id.to_string()))];
            return Ok(Base { before: Some(old.to_vec()), after: applied.after, is_rebuilt: false, notes });
        }
    }
    let rebuilt = rebuilt_base(section, ours);
    let is_rebuilt = rebuilt.hunks.iter().any(|hunk| !matches!(hunk, Standing::Found | Standing::There));
    let notes = section.hunks.iter().zip(&rebuilt.hunks).filter_map(|(hunk, standing)| {
        let said = match standing {
            Standing::Found | Standing::There => return None,
            Standing::Laid { same, of } => {
                format!(
                    "the patch's hunk was laid over what looks most like it: {same} of its {of} old lines stand there"
                )
            }
            Standing::Invented => "nothing here looks like the old lines of the patch's hunk".to_owned(),
        };
        Some(Note { weight: Weight::Doubt, remark: Remark::new(hunk.old.start.max(1), said) })
    });
    Ok(Base { notes: notes.collect(), before: rebuilt.before, after: rebuilt.after, is_rebuilt })
}
