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
    /// The merge with the patch's side in every conflict: what later commits of the series see.
    pub walk: Vec<u8>,
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
    let plain = run(sides, &mut MergeFileOptions::new())?;
    if plain.is_automergeable() {
        return Ok(TextMerge::Clean(plain.content().to_vec()));
    }
    let size = marker_size(&sides);
    let mut options = MergeFileOptions::new();
    options.favor(FileFavor::Theirs);
    let walk = run(sides, &mut options)?;
    let mut options = MergeFileOptions::new();
    options.style_diff3(true).marker_size(size);
    let [ours, base, theirs] = LABELS;
    options.our_label(ours).ancestor_label(base).their_label(theirs);
    let diff3 = run(sides, &mut options)?;
    Ok(TextMerge::Conflicted(Box::new(Conflicted {
        walk: walk.content().to_vec(),
        merged: Merged::parse(diff3.content(), size).with_ends_of(&sides),
        diff3: diff3.content().to_vec(),
    })))
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
