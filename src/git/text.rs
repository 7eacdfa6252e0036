//! Text three-way merging, as libgit2 does it: xdiff, Myers, zealous (git's merge-ort uses histogram: a named difference).

use crate::error::{Error, Result};
use crate::merge::{LABELS, Merged, Sides, marker_size};
use git2::{FileFavor, MergeFileInput, MergeFileOptions, MergeFileResult};

/// Bytes at the head of a file in which a NUL makes it binary; git's own measure.
const BINARY_HEAD: usize = 8000;
/// Files above this are not merged as text (git's core.bigFileThreshold).
const TEXT_BYTES: usize = 512 << 20;

/// What came of a text merge.
#[derive(Debug)]
pub enum TextMerge {
    /// The sides could be joined.
    Clean(Vec<u8>),
    /// They could not, somewhere.
    Conflicted(Box<Conflicted>),
    /// A side is binary, or too large for a text merge.
    Binary,
}

/// A file whose sides could not be joined everywhere.
#[derive(Debug)]
pub struct Conflicted {
    /// The merge with diff3 markers, for people.
    pub diff3: Vec<u8>,
    /// The same, cut into chunks.
    pub merged: Merged,
}

/// Is it text, as git sees it?
pub fn is_text(data: &[u8]) -> bool {
    let head = &data[..data.len().min(BINARY_HEAD)];
    data.len() <= TEXT_BYTES && memchr::memchr(0, head).is_none()
}

/// Merges three texts.
///
/// # Errors
/// libgit2 ran out of memory.
pub fn merge(sides: Sides<&[u8]>) -> Result<TextMerge> {
    if !(is_text(sides.base) && is_text(sides.ours) && is_text(sides.theirs)) {
        return Ok(TextMerge::Binary);
    }
    if let Some(other) = of_one_side(sides) {
        return Ok(TextMerge::Clean(other.to_vec()));
    }
    let plain = run(sides, &mut MergeFileOptions::new())?;
    if plain.is_automergeable() {
        return Ok(TextMerge::Clean(plain.content().to_vec()));
    }
    let size = marker_size(&sides);
    let mut options = MergeFileOptions::new();
    options.style_diff3(true).marker_size(size);
    let [ours, base, theirs] = LABELS;
    options.our_label(ours).ancestor_label(base).their_label(theirs);
    let diff3 = run(sides, &mut options)?;
    Ok(TextMerge::Conflicted(Box::new(Conflicted {
        merged: Merged::parse(diff3.content(), size).with_ends_of(&sides),
        diff3: diff3.content().to_vec(),
    })))
}

/// The text that merging gives where one side is the base, or both are equal.
///
/// It saves the work, and more: where a merged text is empty, libgit2 has a null pointer for it, which `git2` makes a slice of; that is
/// undefined behaviour. After this a clean merge has at least the line that both sides keep between their changes, a conflict has its
/// markers, and with a side in every conflict only a side that is empty leaves nothing: it takes everything away, in one conflict.
fn of_one_side(sides: Sides<&[u8]>) -> Option<&[u8]> {
    let Sides { base, ours, theirs } = sides;
    match () {
        () if base == ours || ours == theirs => Some(theirs),
        () if base == theirs => Some(ours),
        () => None,
    }
}

/// `git2::merge_file` does not set libgit2 up, and without that libgit2 has no allocator; any id does.
fn set_up() {
    static READY: std::sync::Once = std::sync::Once::new();
    READY.call_once(|| drop(git2::Oid::from_bytes(&[0; 20])));
}

fn run(sides: Sides<&[u8]>, options: &mut MergeFileOptions) -> Result<MergeFileResult> {
    set_up();
    let inputs = sides.map(|text| {
        let mut input = MergeFileInput::new();
        input.content(text);
        input
    });
    git2::merge_file(&inputs.base, &inputs.ours, &inputs.theirs, Some(options))
        .map_err(|e| Error::fatal(format!("cannot merge texts: {}", e.message())))
}

/// What stands between conflict markers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Ours and theirs.
    Merge,
    /// The base, too.
    Diff3,
    /// The base, too, without lines that both sides share at their ends.
    ZealousDiff3,
}

/// The side that settles a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Favor {
    /// Upstream's.
    Ours,
    /// The patch's.
    Theirs,
    /// Both, ours first.
    Union,
}

/// How to merge one file, as `git merge-file` is told.
#[derive(Clone, Debug)]
pub struct FileMerge {
    /// Names of the versions in conflicts.
    pub labels: Sides<String>,
    /// What conflicts show.
    pub style: Style,
    /// `None` leaves conflicts open.
    pub favor: Option<Favor>,
    /// Characters of a marker.
    pub marker_size: u16,
}

/// A file merged.
#[derive(Debug)]
pub struct MergedFile {
    /// With markers where it is open.
    pub text: Vec<u8>,
    /// How many are open.
    pub conflicts: usize,
}

/// Merges one file as `git merge-file` does; `None` for binaries.
///
/// # Errors
/// libgit2 ran out of memory.
pub fn merge_file(sides: Sides<&[u8]>, merge: &FileMerge) -> Result<Option<MergedFile>> {
    if !(is_text(sides.base) && is_text(sides.ours) && is_text(sides.theirs)) {
        return Ok(None);
    }
    let favored = match merge.favor {
        Some(Favor::Ours) => Some(sides.ours),
        Some(Favor::Theirs) => Some(sides.theirs),
        Some(Favor::Union) | None => None,
    };
    if let Some(text) = of_one_side(sides).or(favored.filter(|side| side.is_empty())) {
        return Ok(Some(MergedFile { text: text.to_vec(), conflicts: 0 }));
    }
    let labels = &merge.labels;
    let run_with = |size: u16| {
        let mut options = MergeFileOptions::new();
        options.our_label(&*labels.ours).ancestor_label(&*labels.base).their_label(&*labels.theirs);
        options.simplify_alnum(true).marker_size(size);
        match merge.style {
            Style::Merge => {}
            Style::Diff3 => _ = options.style_diff3(true),
            Style::ZealousDiff3 => _ = options.style_zdiff3(true),
        }
        match merge.favor {
            None => {}
            Some(Favor::Ours) => _ = options.favor(FileFavor::Ours),
            Some(Favor::Theirs) => _ = options.favor(FileFavor::Theirs),
            Some(Favor::Union) => _ = options.favor(FileFavor::Union),
        }
        run(sides, &mut options)
    };
    let merged = run_with(merge.marker_size)?;
    // A marker size that no line can be mistaken for counts the conflicts.
    let conflicts = match merged.is_automergeable() {
        true => 0,
        false => {
            let size = marker_size(&sides);
            Merged::parse(run_with(size)?.content(), size).conflicts().count()
        }
    };
    Ok(Some(MergedFile { text: merged.content().to_vec(), conflicts }))
}
