//! Patch files become commits on the old kernel.
//!
//! In: what [`crate::quilt::directory`] read, the old kernel. Out: commits, each the child of the one before. A patch that does not apply
//! gets a base of its own, rebuilt from its context, in a commit that is no part of the series: the walk reads a commit's base from its
//! parent, and so takes the patch for what it says. That it was so is told.

use super::side::{File, Files, file, written};
use crate::error::{Error, Result};
use crate::git::{Commit, Kind, Oid, Person, Repo, Store, inflated};
use crate::quilt::apply::{Direction, How, Rejection};
use crate::quilt::binary::Binary;
use crate::quilt::directory::{Collection, OverlayFile, Shape};
use crate::quilt::message::Source;
use crate::quilt::unified::Counts;
use crate::quilt::{Mail, PatchFile, Placement, Section, Standing, Touched, apply, cut_off, message, rebuilt_base};
use bstr::ByteSlice;
use std::collections::BTreeMap;

/// A commit that was made from a mail of a patch file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// Which directory, which file in it, which mail in that.
    pub at: (usize, usize, usize),
    /// The commit.
    pub commit: Oid,
}

/// Patch files as a series.
#[derive(Debug, Default)]
pub struct Imported {
    /// All commits of the series, the overlay's first.
    pub commits: Vec<Oid>,
    /// Those that come from patch files.
    pub made: Vec<Made>,
    /// What a person should know: fuzz, rebuilt bases, text that a diff leaves over.
    pub notes: Vec<String>,
    /// Commits that a person should look at whatever becomes of them, by id, and why.
    pub doubted: BTreeMap<String, Vec<String>>,
}

/// What patches are made into commits with.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The old kernel.
    pub from: Oid,
    /// The new one.
    pub onto: Oid,
    /// Files that are copied over either before the patches.
    pub overlay: &'a [OverlayFile],
    /// Guards that are selected.
    pub guards: &'a [Vec<u8>],
}

/// Makes commits of patch files, and of the files that are copied over the tree before them.
///
/// # Errors
/// A patch is cut off, a path leads out of the tree, a binary patch cannot be read, or objects cannot be written.
pub fn import((repo, store): (&Repo, &mut Store), ground: Ground<'_>, collections: &[Collection]) -> Result<Imported> {
    let Ground { from, onto, overlay, guards } = ground;
    for collection in collections {
        collection
            .files
            .iter()
            .filter(|file| file.entry.active(guards))
            .try_for_each(|file| whole(collection, file))?;
    }
    let base = store.commit(from)?;
    let when = committer_date(store, from)?;
    let mut importer = Importer { repo, store, tip: from, tree: base.tree, when, imported: Imported::default() };
    if !overlay.is_empty() {
        importer.overlay(overlay, onto)?;
    }
    for (c, collection) in collections.iter().enumerate() {
        for (f, file) in collection.files.iter().enumerate().filter(|(_, file)| file.entry.active(guards)) {
            for (m, mail) in file.mails.iter().enumerate().filter(|(_, mail)| !mail.sections.is_empty()) {
                importer.patch((c, f, m), file, mail)?;
            }
        }
    }
    importer.store.flush()?;
    Ok(importer.imported)
}

/// Refuses a patch that is not all there: what is left of it would be taken for it.
fn whole(collection: &Collection, file: &PatchFile) -> Result<()> {
    let name = String::from_utf8_lossy(&file.name);
    if let Some(said) = cut_off(file) {
        return Err(Error::fatal(format!("{name}: {said}"))
            .hint("get all of it; where only the numbers are wrong, recountdiff (patchutils) puts them right"));
    }
    // An empty one is as good as none. A folder without a series may hold texts; what a series lists is meant to be applied.
    let is_text = file.sections().next().is_none() && !file.bytes.trim_ascii().is_empty();
    match is_text && collection.shape == Shape::Series {
        true => Err(Error::fatal(format!("{name}: there is no diff in it, and the series lists it"))
            .hint("quilt refuses it, too: get all of it, or comment it out in the series")),
        false => Ok(()),
    }
}

/// When the old kernel was committed, `seconds zone`: the date of what has none, so that the same directory makes the same commits.
fn committer_date(store: &mut Store, id: Oid) -> Result<Vec<u8>> {
    let raw = store.read(id, Kind::Commit)?;
    let line = raw.lines().find_map(|line| line.strip_prefix(b"committer ")).unwrap_or_default();
    let date = line.rfind_byte(b'>').map_or(&b""[..], |at| line[at + 1..].trim());
    Ok(if date.is_empty() { b"0 +0000".to_vec() } else { date.to_vec() })
}

/// What patches are made into, one after the other.
struct Importer<'a> {
    repo: &'a Repo,
    store: &'a mut Store,
    tip: Oid,
    tree: Oid,
    when: Vec<u8>,
    imported: Imported,
}

/// What a patch does to files, on a base of its own if need be.
#[derive(Default)]
struct Effect {
    /// Files as the patch needs them before.
    base: Files,
    /// Files after it.
    after: Files,
    notes: Vec<String>,
}

impl Importer<'_> {
    /// The files that are copied over the tree, as one commit. They take the place of the new kernel's, as they do where the kernel is
    /// built: its base has the new kernel's files there, so that nothing is merged.
    fn overlay(&mut self, overlay: &[OverlayFile], onto: Oid) -> Result<()> {
        let author = self.repo.author(&Person { name: b"overlay".to_vec(), ..Person::default() }, &self.when)?;
        let new_tree = self.store.commit(onto)?.tree;
        let mut base = Files::new();
        let mut said = Vec::new();
        for own in overlay {
            let (old, new) = (file(self.store, self.tree, &own.path)?, file(self.store, new_tree, &own.path)?);
            if old == new {
                continue;
            }
            if new.as_ref().is_some_and(|new| new.bytes != own.bytes) {
                let path = own.path.as_bstr();
                let did = if old.is_some() { "has changed this file since" } else { "has this file, too" };
                said.push(format!("{path}: the new kernel {did}; the overlay's is copied over it"));
            }
            base.insert(own.path.clone(), new);
        }
        if !base.is_empty() {
            let tree = written(self.store, self.tree, &base)?;
            self.commit(tree, &author, b"The new kernel's files that others are copied over\n")?;
        }
        let files = overlay.iter().map(|f| (f.path.clone(), Some(File { mode: f.mode, bytes: f.bytes.clone() })));
        let tree = written(self.store, self.tree, &files.collect())?;
        let id = self.commit(tree, &author, b"Files that are copied over the tree\n")?;
        self.imported.commits.push(id);
        self.imported.notes.extend(said.iter().cloned());
        if !said.is_empty() {
            self.imported.doubted.insert(id.to_string(), said);
        }
        Ok(())
    }

    /// A patch as a commit.
    fn patch(&mut self, at: (usize, usize, usize), file: &PatchFile, mail: &Mail) -> Result<()> {
        let name = String::from_utf8_lossy(&file.name).into_owned();
        let effect = self.effect(file, mail).map_err(|e| e.while_doing(&name))?;
        let (author, text) = self.head(file, mail)?;
        if !effect.base.is_empty() {
            let tree = written(self.store, self.tree, &effect.base).map_err(|e| e.while_doing(&name))?;
            let text = format!("The base of {name}, rebuilt from its context\n");
            self.commit(tree, &author, text.as_bytes())?;
        }
        let tree = written(self.store, self.tree, &effect.after).map_err(|e| e.while_doing(&name))?;
        let commit = self.commit(tree, &author, &text)?;
        self.imported.commits.push(commit);
        self.imported.made.push(Made { at, commit });
        let wrong = mail.sections.iter().flat_map(|s| &s.hunks).filter(|hunk| hunk.counts == Counts::Recounted);
        let wrong: Vec<String> = wrong
            .map(|hunk| {
                let line = file.text(&hunk.whole).lines().next().unwrap_or_default().as_bstr();
                format!("the patch file says {line}, and its lines are not so many: they were counted anew")
            })
            .collect();
        if !wrong.is_empty() {
            self.imported.doubted.insert(commit.to_string(), wrong);
        }
        self.imported.notes.extend(effect.notes.into_iter().map(|note| format!("{name}: {note}")));
        Ok(())
    }

    /// Writes a commit onto the tip.
    fn commit(&mut self, tree: Oid, author: &[u8], text: &[u8]) -> Result<Oid> {
        let head = format!("tree {tree}\nparent {}\n", self.tip);
        let raw = [head.as_bytes(), b"author ", author, b"\ncommitter ", author, b"\n\n", text].concat();
        let object = self.store.put(Kind::Commit, raw, None)?;
        debug_assert!(Commit::parse(object.id, object.data.clone(), self.store.format()).is_some(), "it reads back");
        (self.tip, self.tree) = (object.id, tree);
        Ok(object.id)
    }

    /// Author and message: of mails in git's reading, else in the room's own.
    fn head(&self, file: &PatchFile, mail: &Mail) -> Result<(Vec<u8>, Vec<u8>)> {
        let said = message(file, mail);
        let letter = match said.source {
            Source::Mail => self.repo.letter(file.mail(mail))?,
            Source::Fields | Source::Bare => None,
        };
        let (person, subject, body) = match letter {
            Some(letter) => (letter.author, letter.subject, letter.body),
            None => {
                let author = said
                    .author
                    .unwrap_or(crate::quilt::message::Person { name: b"unknown".to_vec(), email: Vec::new() });
                let date = said.date.unwrap_or_default();
                (Person { name: author.name, mail: author.email, date }, said.subject, said.body)
            }
        };
        let subject = if subject.is_empty() { message(file, mail).subject } else { subject };
        let body = body.trim_end();
        let text = if body.is_empty() {
            [subject.as_slice(), b"\n"].concat()
        } else {
            [&subject, b"\n\n".as_slice(), body, b"\n"].concat()
        };
        Ok((self.repo.author(&person, &self.when)?, text))
    }

    /// What a patch does.
    fn effect(&mut self, file: &PatchFile, mail: &Mail) -> Result<Effect> {
        let mut effect = Effect::default();
        for section in &mail.sections {
            let touched = self.touched(section, file, &effect)?;
            self.section((section, &touched), file, &mut effect)?;
        }
        Ok(effect)
    }

    /// The paths of a section, in the direction in which it is applied.
    fn touched(&mut self, section: &Section, file: &PatchFile, effect: &Effect) -> Result<Touched> {
        let mut known = Vec::new();
        for name in [&section.old, &section.new] {
            if let crate::quilt::Name::Path(path) = name {
                let path: Vec<u8> =
                    path.splitn(file.entry.strip + 1, |b| *b == b'/').last().unwrap_or_default().to_vec();
                let here = !path.is_empty() && self.now(effect, &path)?.is_some();
                known.extend(here.then_some(path));
            }
        }
        let touched = section.touched(file.entry.strip, &|path| known.iter().any(|k| k == path));
        let touched = touched.map_err(|refusal| Error::fatal(refusal.to_string()))?;
        Ok(match file.entry.reversed {
            true => Touched { before: touched.after, after: touched.before },
            false => touched,
        })
    }

    /// A file as the patch has left it so far.
    fn now(&mut self, effect: &Effect, path: &[u8]) -> Result<Option<File>> {
        match effect.after.get(path).or(effect.base.get(path)) {
            Some(file) => Ok(file.clone()),
            None => file(self.store, self.tree, path),
        }
    }

    /// Applies a section.
    fn section(
        &mut self,
        (section, touched): (&Section, &Touched),
        file: &PatchFile,
        effect: &mut Effect,
    ) -> Result<()> {
        let Some(path) = touched.before.as_ref().or(touched.after.as_ref()) else { return Ok(()) };
        let old = self.now(effect, path)?;
        let direction = if file.entry.reversed { Direction::Reverse } else { Direction::Forward };
        let bytes = old.as_ref().map(|f| f.bytes.as_slice());
        let after = match &section.binary {
            Some(binary) => Some(unpacked(binary, bytes.unwrap_or_default(), direction)?),
            None => {
                let applied = apply(section, bytes, How { direction, fuzz: 2 });
                let shown = path.as_bstr();
                if applied.is_whole() {
                    let fuzz = applied.hunks.iter().any(|h| matches!(h, Placement::Placed { fuzz: 1.., .. }));
                    effect.notes.extend(fuzz.then(|| format!("{shown}: applies to the old kernel with fuzz only")));
                    applied.after
                } else if direction == Direction::Reverse {
                    return Err(Error::fatal(format!("{shown}: cannot be taken back from the old kernel")));
                } else {
                    effect.notes.push(format!("{shown}: {}", why(&applied.hunks)));
                    let rebuilt = rebuilt_base(section, bytes);
                    let invented = rebuilt.hunks.iter().filter(|h| **h == Standing::Invented).count();
                    if invented > 0 {
                        effect.notes.push(format!("{shown}: nothing there looks like {invented} of its hunks"));
                    }
                    let mode = old.as_ref().map_or(0o100_644, |f| f.mode);
                    effect.base.insert(path.clone(), rebuilt.before.map(|bytes| File { mode, bytes }));
                    rebuilt.after
                }
            }
        };
        let wanted = section.git.as_ref().and_then(|git| if file.entry.reversed { git.old_mode } else { git.new_mode });
        let mode = wanted.or(old.map(|f| f.mode)).unwrap_or(0o100_644);
        let copied = section.git.as_ref().is_some_and(|git| git.copied.is_some());
        if touched.before != touched.after && !copied {
            effect.after.insert(path.clone(), None);
        }
        let to = touched.after.as_ref().unwrap_or(path);
        effect.after.insert(to.clone(), after.map(|bytes| File { mode, bytes }));
        Ok(())
    }
}

/// The bytes that a binary patch makes.
fn unpacked(binary: &Binary, old: &[u8], direction: Direction) -> Result<Vec<u8>> {
    let side = match (binary, direction) {
        (Binary::Patch { forward, .. }, Direction::Forward) => Some(forward),
        (Binary::Patch { reverse, .. }, Direction::Reverse) => reverse.as_ref(),
        (Binary::Differs | Binary::Damaged, _) => None,
    };
    let unpacked = side.and_then(|side| side.unpack(old, &inflated));
    unpacked.ok_or_else(|| Error::fatal("a binary change that the patch does not hold, or holds for another file"))
}

/// Why a patch does not apply, and what is done about it.
fn why(hunks: &[Placement]) -> &'static str {
    let all = |why: Rejection| hunks.iter().all(|h| *h == Placement::Rejected(why));
    if all(Rejection::There) {
        "the old kernel has this already; taken back there, to have a base"
    } else if all(Rejection::NoFile) {
        "the old kernel has no such file; its base is made from its context"
    } else if all(Rejection::FileExists) {
        "creates a file that the old kernel has; taken as new"
    } else {
        "does not apply to the old kernel; its base is rebuilt from its context"
    }
}
