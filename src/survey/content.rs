//! What upstream has by content alone: each hunk of a commit looked for at its place in the new kernel.
//!
//! In: what the commits change, and both kernels. Out: for each commit the hunks that stand in the new kernel. That is evidence for people, not proof: a commit is left out for it only where that was asked for.
//!
//! ```text
//!   a hunk that the old kernel had, too, is the series taking its own change back: it is no contradiction, and tells nothing
//! ```

use super::shares::shared_out;
use super::{Changes, Country, Moves};
use crate::error::Result;
use crate::fingerprint::already::{self, Found, Search, Wanted};
use crate::git::tree::{self, Changed, Entry, Sort};
use crate::git::{Bytes, Oid, Place, Store, text};
use crate::merge::delta::Hunk;
use crate::merge::{Change, Evidence};
use crate::run::quoted;
use crate::syntax::language::Language;
use bstr::{BString, ByteSlice};
use rustc_hash::{FxHashMap, FxHashSet};

/// What upstream has of the commits of a series.
#[derive(Debug, Default)]
pub struct Content {
    /// By their position in the series, from 0.
    commits: FxHashMap<usize, Held>,
    positions: FxHashMap<Oid, usize>,
}

/// What upstream has of a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Hunks of the commit; what is no text counts as one.
    pub hunks: usize,
    /// Those that stand in the new kernel.
    pub standing: usize,
    /// Some of them without a doubt.
    sure: bool,
    /// The files with hunks that stand there.
    files: Vec<HeldFile>,
}

/// A file of a commit of which upstream has something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldFile {
    /// In the old series.
    pub path: BString,
    /// In the new kernel.
    pub there: BString,
    /// The new kernel's content; `None` where it has removed the file, as the commit does.
    pub onto: Option<Oid>,
    /// The hunks that stand there.
    pub hunks: Vec<Found>,
}

impl Held {
    /// All of it is there: every hunk, and one of them without a doubt.
    pub fn is_whole(&self) -> bool {
        self.hunks > 0 && self.standing == self.hunks && self.sure
    }

    /// Some of it is there, told by lines of its own.
    pub fn is_partly(&self) -> bool {
        !self.is_whole() && self.files.iter().flat_map(|file| &file.hunks).any(Found::is_told)
    }

    fn add(&mut self, file: &FileTexts, hunks: Vec<Found>) {
        self.standing += hunks.len();
        self.sure |= hunks.iter().any(Found::is_sure);
        if !hunks.is_empty() {
            let (path, there) = (file.path.clone(), file.there.clone());
            self.files.push(HeldFile { path, there, onto: Some(file.id), hunks });
        }
    }

    /// What is there of one file.
    pub fn file(&self, path: &BString) -> Option<&HeldFile> {
        self.files.iter().find(|file| file.path == *path)
    }

    /// What was seen, hunk by hunk.
    pub fn evidence(&self) -> impl Iterator<Item = Evidence> {
        self.files.iter().flat_map(|file| file.hunks.iter().map(|found| evidence(&file.there, found)))
    }
}

/// A hunk that stands somewhere, with the lines that it stands in.
pub fn evidence(path: &BString, found: &Found) -> Evidence {
    let path = quoted(path.as_bstr());
    let lines = found.lines.clone().unwrap_or_default();
    if found.hunk.after.is_empty() {
        let said = "the lines that the patch removes are gone here already";
        return Evidence::new(said).at(format!("{path}:{}", lines.start + 1));
    }
    let said = match found.telling {
        _ if found.missing > 0 => format!("this is the new file, but for {} of its lines", found.missing),
        0 => "the lines that the patch adds stand here already, between the same lines".to_owned(),
        1 => "the lines that the patch adds stand here already, one of them nowhere else".to_owned(),
        n => format!("the lines that the patch adds stand here already, {n} of them nowhere else"),
    };
    let at = match lines.len() {
        0 | 1 => format!("{path}:{}", lines.start + 1),
        _ => format!("{path}:{}-{}", lines.start + 1, lines.end),
    };
    Evidence::new(said).at(at)
}

impl Content {
    /// Looks at every commit.
    ///
    /// # Errors
    /// An object is missing or damaged.
    pub fn survey(
        place: &Place,
        country: Country,
        (commits, changes): (&[Oid], &[Changes]),
        (moves, drifted): (&Moves, &FxHashSet<BString>),
    ) -> Result<Self> {
        let numbered: Vec<(usize, &Changes)> = changes.iter().enumerate().collect();
        let held = shared_out(place, &numbered, |store, share| Look { store, country, moves, drifted }.share(share))?;
        let positions = commits.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        Ok(Self { commits: held.into_iter().collect(), positions })
    }

    /// What upstream has of a commit, if it has anything.
    pub fn of(&self, commit: Oid) -> Option<&Held> {
        self.at(*self.positions.get(&commit)?)
    }

    /// The same by the commit's position in the series, from 0.
    pub fn at(&self, position: usize) -> Option<&Held> {
        self.commits.get(&position)
    }
}

/// A file of a commit, to be looked at line by line.
struct FileTexts {
    language: Language,
    path: BString,
    there: BString,
    before: Bytes,
    after: Bytes,
    onto: Bytes,
    /// The new kernel's file.
    id: Oid,
    /// The old kernel's file, if the series has changed it before.
    base: Option<Entry>,
}

impl FileTexts {
    fn patch(&self) -> Change<&[u8]> {
        Change { before: &self.before[..], after: &self.after[..] }
    }

    fn search(&self) -> Search<'_> {
        Search::new(self.language, self.patch(), &self.onto)
    }
}

/// One thread's look.
struct Look<'a> {
    store: Store,
    country: Country,
    moves: &'a Moves,
    drifted: &'a FxHashSet<BString>,
}

impl Look<'_> {
    /// What is there of each commit, by its position; only those of which something is.
    fn share(mut self, commits: &[(usize, &Changes)]) -> Result<Vec<(usize, Held)>> {
        let mut all = Vec::new();
        for (position, changes) in commits {
            let held = self.commit(&changes.paths)?;
            if held.standing > 0 {
                all.push((*position, held));
            }
        }
        Ok(all)
    }

    /// What is there of a commit.
    fn commit(&mut self, changes: &[Changed]) -> Result<Held> {
        let mut held = Held::default();
        let mut texts = Vec::new();
        for changed in changes {
            texts.extend(self.file(changed, &mut held)?);
        }
        let searches: Vec<Search<'_>> = texts.iter().map(FileTexts::search).collect();
        // Where something is not there at all, only what tells by itself is worth placing.
        let may_be_whole = held.standing == held.hunks && searches.iter().all(Search::may_all_stand);
        let wanted = if may_be_whole { Wanted::All } else { Wanted::Told };
        for (search, file) in searches.iter().zip(&texts) {
            let mut found = search.find(wanted);
            held.hunks += found.len();
            self.silence(&mut found, file)?;
            found.retain(|f| f.lines.is_some());
            held.add(file, found);
        }
        Ok(held)
    }

    /// Counts what is seen of one file without its text; else the texts.
    fn file(&mut self, changed: &Changed, held: &mut Held) -> Result<Option<FileTexts>> {
        let (before, after) = (file(changed.entry.before), file(changed.entry.after));
        // Where upstream did nothing, it has nothing.
        if !self.drifted.contains(&changed.path) || (after.is_none() && before.is_none()) {
            held.hunks += 1;
            return Ok(None);
        }
        let (there, onto) = self.in_onto(changed)?;
        let base = self.in_base(changed)?;
        let (Some(after), Some(onto)) = (after, file(onto)) else {
            held.hunks += 1;
            if changed.entry.after.is_none() && onto.is_none() && base.is_some() {
                let hunks = vec![removed_file()];
                held.standing += 1;
                held.files.push(HeldFile { path: changed.path.clone(), there, onto: None, hunks });
            }
            return Ok(None);
        };
        // The executable bit is a hunk of its own.
        if before.map_or(onto.mode, |b| b.mode) != after.mode {
            held.hunks += 1;
            held.standing += usize::from(onto.mode == after.mode);
        }
        if before.is_some_and(|before| before.id == after.id) {
            return Ok(None);
        }
        let mut read = |entry: Entry| self.store.blob(entry.id).map(|object| object.data);
        let mut texts = FileTexts {
            language: Language::of(&there),
            path: changed.path.clone(),
            there,
            before: before.map_or_else(|| Ok([].into()), &mut read)?,
            after: read(after)?,
            onto: read(onto)?,
            id: onto.id,
            base: file(base).filter(|base| before.is_some_and(|before| before.id != base.id)),
        };
        if ![&texts.before, &texts.after, &texts.onto].iter().all(|text| text::is_text(text)) {
            held.hunks += 1;
            return Ok(None);
        }
        if before.is_some() {
            return Ok(Some(texts));
        }
        held.hunks += 1;
        // A file that the old kernel had is one that the series took away and brings back.
        let whole = if base.is_none() { already::look_whole(&texts.after, &texts.onto) } else { None };
        texts.base = None;
        held.add(&texts, whole.into_iter().filter(|f| f.lines.is_some()).collect());
        Ok(None)
    }

    /// Hunks that the old kernel had, too, tell nothing.
    fn silence(&mut self, found: &mut [Found], file: &FileTexts) -> Result<()> {
        let Some(base) = file.base.filter(|_| found.iter().any(|f| f.lines.is_some())) else {
            return Ok(());
        };
        let base = self.store.blob(base.id)?.data;
        for (now, then) in found.iter_mut().zip(already::look(file.language, file.patch(), &base)) {
            if then.lines.is_some() {
                now.silence();
            }
        }
        Ok(())
    }

    fn in_onto(&mut self, changed: &Changed) -> Result<(BString, Option<Entry>)> {
        let found = tree::lookup(&mut self.store, self.country.onto.1, changed.path.as_ref())?;
        if found.is_some_and(|e| e.sort() != Sort::Directory) {
            return Ok((changed.path.clone(), found));
        }
        let moved = match changed.entry.before {
            Some(_) => self.moves.of_file(changed.path.as_ref()),
            None => self.moves.of_added(changed.path.as_ref()),
        };
        let Some(moved) = moved else {
            return Ok((changed.path.clone(), None));
        };
        let found = tree::lookup(&mut self.store, self.country.onto.1, moved.path.as_ref())?;
        Ok((moved.path, found))
    }

    fn in_base(&mut self, changed: &Changed) -> Result<Option<Entry>> {
        match self.country.base {
            Some((_, base)) => tree::lookup(&mut self.store, base, changed.path.as_ref()),
            None => Ok(None),
        }
    }
}

fn file(entry: Option<Entry>) -> Option<Entry> {
    entry.filter(|e| e.sort() == Sort::File)
}

/// Stands for all of a file that both removed.
fn removed_file() -> Found {
    let hunk = Hunk { before: 0..0, after: 0..0 };
    Found { hunk, lines: Some(0..0), telling: 0, missing: 0, around: 0, is_framed: false }
}
