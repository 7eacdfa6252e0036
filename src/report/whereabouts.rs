//! Where the code that a conflicted patch changes lives on the new kernel, for `show`.

use crate::error::Result;
use crate::fingerprint::align::PerMille;
use crate::fingerprint::retrieve::{How, Location, Retriever};
use crate::git::{Oid, Repo, Store, tree};
use crate::index::{Index, Kind, Place};
use crate::merge::{Change, Sides, delta};
use crate::run::Inputs;
use crate::survey::names;
use crate::syntax::language::Language;
use crate::syntax::outline::{Section, SectionKind};
use bstr::{BStr, BString};
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;

/// A hunk with this much of its surroundings around it is where it was.
const WELL: PerMille = 900;
/// Files that a missing section is looked for in; a name that more of them define tells nothing.
const FILES: usize = 8;

/// Tells for each hunk of the patch where its lines live now, unless they are where they were.
///
/// # Errors
/// An object is missing or damaged.
pub fn whereabouts(
    out: &mut Vec<u8>,
    objects: (&Repo, &mut Store),
    (inputs, path): (&Inputs, &BStr),
    sides: Sides<&[u8]>,
) -> Result<()> {
    let mut kernel = Kernel::new(objects, inputs);
    let retriever = Retriever::new(Language::of(path), sides.base, sides.ours);
    for hunk in delta::hunks(Change { before: sides.base, after: sides.theirs }) {
        let then = told(&hunk.before);
        if let Some(section) = retriever.missing_section(&hunk.before) {
            let name = String::from_utf8_lossy(&section.name).into_owned();
            let _ =
                writeln!(out, "retrieve base lines {then} are in {} {name}, which is not here", section.kind.word());
            for (file, location) in kernel.places(&retriever, (&hunk.before, section))? {
                let _ = writeln!(out, "         it is in {file}: lines {} of it", told(&location.lines));
            }
        }
        let all = retriever.locate(&hunk.before);
        // What is where it was is not worth a line.
        if let Some(location) = all.first().filter(|l| l.score > 0 && !stayed(l)) {
            let how = match &location.how {
                How::Section => "in the section of the same name".to_owned(),
                How::Renamed(name) => format!("in {}, which has its statements", String::from_utf8_lossy(name)),
                How::Block(Some(name)) => {
                    format!("in {}, where its statements stand now", String::from_utf8_lossy(name))
                }
                How::Block(None) => "where its statements stand now".to_owned(),
                How::Neighbours => "between its neighbours".to_owned(),
            };
            let share = location.score / 10;
            let _ = writeln!(
                out,
                "retrieve base lines {then} live in lines {} of ours, {how}; {share} % of their surroundings are there",
                told(&location.lines)
            );
        }
    }
    Ok(())
}

fn stayed(location: &Location) -> bool {
    matches!(location.how, How::Section | How::Neighbours) && location.score >= WELL
}

/// Paths, each with the blob there.
type Files = Vec<(BString, Oid)>;

/// The new kernel, asked for sections that a file of it does not have. Hunks of one section are many.
struct Kernel<'a> {
    repo: &'a Repo,
    store: &'a mut Store,
    inputs: &'a Inputs,
    /// Its tree and its names, from the first question on.
    names: Option<(Oid, Index)>,
    /// The files that define a section, by the section.
    known: BTreeMap<(SectionKind, Vec<u8>), Files>,
}

impl<'a> Kernel<'a> {
    /// Nothing is asked yet.
    fn new((repo, store): (&'a Repo, &'a mut Store), inputs: &'a Inputs) -> Self {
        Self { repo, store, inputs, names: None, known: BTreeMap::new() }
    }

    /// The files that define a section of this name, with the hunk's place in each.
    fn places(
        &mut self,
        retriever: &Retriever<'_>,
        (hunk, section): (&Range<usize>, &Section),
    ) -> Result<Vec<(String, Location)>> {
        let mut found = Vec::new();
        for (path, id) in self.files(section)? {
            let text = self.store.blob(id)?.data;
            found.extend(retriever.locate_in(hunk, &text).map(|location| (path.to_string(), location)));
        }
        Ok(found)
    }

    /// The files that define a section of this name.
    fn files(&mut self, section: &Section) -> Result<Files> {
        let key = (section.kind, section.name.clone());
        if let Some(files) = self.known.get(&key) {
            return Ok(files.clone());
        }
        if self.names.is_none() {
            self.names = self.open()?;
        }
        let Some((root, index)) = &self.names else {
            return Ok(Vec::new());
        };
        let name = match section.kind {
            SectionKind::Entry => [b"CONFIG_", &section.name[..]].concat(),
            _ => section.name.clone(),
        };
        let Ok(places) = index.defined(&name) else {
            // A cache that is damaged has been thrown away; the next question makes it anew.
            self.names = None;
            return Ok(Vec::new());
        };
        let mut files = Vec::new();
        for path in defining(&places) {
            let entry = tree::lookup(self.store, *root, path.as_ref())?;
            files.extend(entry.map(|entry| (path, entry.id)));
        }
        self.known.insert(key, files.clone());
        Ok(files)
    }

    /// Its names, made if nobody has asked for them before.
    fn open(&mut self) -> Result<Option<(Oid, Index)>> {
        let Some(onto) = self.repo.parse_id(self.inputs.onto.as_bytes()) else {
            return Ok(None);
        };
        let root = self.store.commit(onto)?.tree;
        Ok(names(self.repo, &[root], |_| {})?.into_iter().next().map(|index| (root, index)))
    }
}

/// The files that have the definition itself; none if they are too many.
fn defining(places: &[Place]) -> Vec<BString> {
    let defines = |kind| places.iter().filter(move |p| p.kinds.defines(kind));
    let kinds = [Kind::Function, Kind::Struct, Kind::Union, Kind::Enum, Kind::Variable, Kind::Macro, Kind::Config];
    let paths: Vec<BString> = kinds.into_iter().flat_map(defines).map(|p| p.path.clone().into()).collect();
    if paths.len() > FILES { Vec::new() } else { paths }
}

/// Lines (from 0, the end excluded) as people count them.
fn told(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("before {}", lines.start + 1),
        1 => format!("{}", lines.start + 1),
        _ => format!("{} to {}", lines.start + 1, lines.end),
    }
}
