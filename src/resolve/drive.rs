//! One file for git's own merge machinery: the merge driver and the mergetool.
//!
//! In: three texts as git has them. Out: [`Driven`]: a text that is taken without a look, or nothing. Text merging comes first, so that
//! the cascade is asked only where that leaves something open; and what the cascade settles must be without a doubt, for nobody is told
//! of one here.

use super::attempt::Trial;
use super::attempted::Tried;
use super::side::Patch;
use crate::error::Result;
use crate::git::text::{FileMerge, MergedFile, merge_file};
use crate::memory::Memory;
use crate::merge::Sides;
use crate::run::Method;
use bstr::BString;

/// What came of a file.
#[derive(Debug)]
pub enum Driven {
    /// Text merging did it.
    ByText(Vec<u8>),
    /// The cascade did it.
    ByMethods(Vec<u8>, Tried),
    /// It is open: as text merging leaves it, with markers, and what the cascade has to say.
    Open(Vec<u8>, Tried),
    /// It is binary.
    Binary,
}

/// How a file is merged.
pub struct By<'a> {
    /// The side that is the patch.
    pub patch: Patch,
    /// Methods that may settle a conflict.
    pub methods: &'a [Method],
    /// What people settled before. git starts a driver for each file: it is read only where something is open.
    pub memory: &'a dyn Fn() -> Memory,
}

/// The text merge of a file, as git's own driver makes it.
///
/// # Errors
/// libgit2 ran out of memory.
pub fn plain_merge(texts: Sides<&[u8]>, merge: &FileMerge) -> Result<Option<MergedFile>> {
    merge_file(texts, merge)
}

/// Merges a file.
///
/// # Errors
/// libgit2 ran out of memory.
pub fn drive(path: &BString, texts: Sides<&[u8]>, by: &By<'_>, merge: &FileMerge) -> Result<Driven> {
    let Some(plain) = plain_merge(texts, merge)? else { return Ok(Driven::Binary) };
    if plain.conflicts == 0 {
        return Ok(Driven::ByText(plain.text));
    }
    let memory = (by.memory)();
    let trial = Trial { patch: by.patch, methods: by.methods, least: None, files: 1, memory: &memory };
    let mut tried = trial.try_texts(path, texts)?;
    match tried.text.take_if(|_| tried.because.is_empty()) {
        Some(text) => Ok(Driven::ByMethods(text, tried)),
        None => Ok(Driven::Open(plain.text, tried)),
    }
}
