//! Writing a patch again, where its files have changed, and only there.
//!
//! ```text
//!   section still applies exactly, and to the same effect?      -> its bytes stay
//!   its hunks still apply, elsewhere or with fuzz?              -> the same edits, new line numbers and context
//!   some of them?                                               -> theirs, and what the differ finds for the rest
//!   else                                                        -> the edits that the differ finds between the new before and after
//! ```
//!
//! In: a mail of a patch file, and for each of its sections the file on the old kernel and both sides on the new one ([`Turn`]). Out: the
//! mail's bytes. Header, message and everything between sections stay as they are; a diffstat is made anew only if the old one is
//! exactly what would be made for the old sections ([`super::stat`]). Taking the patch's own edits first keeps it from being rewritten
//! by another diff algorithm's taste.

use super::apply::{How, apply};
use super::binary::{self, Deflate};
use super::edits::{Edits, kept_edits};
use super::form::{Announced, Form};
use super::patch_file::{Mail, PatchFile};
use super::path::quoted;
use super::print::{Differ, Look, hunks_of};
use super::stat;
use super::unified::{Counts, LineEnd, Section};
use crate::merge::{Change, delta};

/// Does a section count as changed when only line numbers are off?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drift {
    /// Yes: OpenWrt's checks want patches without offsets.
    #[default]
    Refresh,
    /// No: an offset is no reason to touch a patch file.
    Keep,
}

/// One side of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileSide<'a> {
    /// Its path.
    pub path: &'a [u8],
    /// Its git mode.
    pub mode: u32,
    /// Its bytes.
    pub text: &'a [u8],
    /// Its blob id in hex; may be empty, and then no `index` line is written.
    pub id: &'a str,
}

/// What becomes of a file of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn<'a> {
    /// The section that speaks of it; `None` for a file that the patch did not touch before.
    pub section: Option<usize>,
    /// The file on the old kernel before the patch, if it was there.
    pub old: Option<&'a [u8]>,
    /// The file on the new kernel, before and after the patch.
    pub new: Change<Option<FileSide<'a>>>,
}

/// What was done with a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// Its bytes stayed.
    Kept,
    /// The same edits at other places.
    Moved,
    /// Other edits.
    Rewritten,
    /// It was not there before.
    Added,
    /// Nothing is left of it.
    Removed,
}

/// A mail that was written again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refreshed {
    /// Its bytes; without any section left, those of its head and tail.
    pub bytes: Vec<u8>,
    /// What became of each section, in order; then of each new file.
    pub sections: Vec<Fresh>,
}

/// What refreshing needs of others.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// Finds edits.
    pub differ: &'a Differ<'a>,
    /// Packs binary files.
    pub deflate: &'a Deflate<'a>,
    /// Whether line numbers alone are a reason.
    pub drift: Drift,
}

/// A section's new bytes and how they came about.
struct Piece {
    /// Where it belongs among the others.
    path: Vec<u8>,
    bytes: Vec<u8>,
    fresh: Fresh,
    /// Lines put there and taken away.
    counts: stat::Counts,
}

/// Writes a mail again. A section without a turn is gone.
pub fn refreshed(file: &PatchFile, mail: &Mail, turns: &[Turn<'_>], means: Means<'_>) -> Refreshed {
    let of_section = |n: usize| turns.iter().find(|t| t.section == Some(n));
    let olds: Vec<Option<&[u8]>> = (0..mail.sections.len()).map(|n| of_section(n).and_then(|t| t.old)).collect();
    let writer = Writer { file, form: Form::of(file, mail, &olds), means };
    let mut pieces: Vec<Piece> = Vec::new();
    for (n, section) in mail.sections.iter().enumerate() {
        pieces.push(writer.section(section, of_section(n)));
    }
    let mut sections: Vec<Fresh> = pieces.iter().map(|p| p.fresh).collect();
    for turn in turns.iter().filter(|t| t.section.is_none() && t.new.before != t.new.after) {
        let piece = writer.new_section(turn);
        sections.push(piece.fresh);
        let sorted = pieces.is_sorted_by(|a, b| a.path <= b.path);
        let at = pieces.iter().position(|p| sorted && p.path > piece.path).unwrap_or(pieces.len());
        pieces.insert(at, piece);
    }
    let counts: Vec<&stat::Counts> = pieces.iter().filter(|p| p.fresh != Fresh::Removed).map(|p| &p.counts).collect();
    let mut bytes = writer.head(mail, &counts);
    pieces.iter().for_each(|piece| bytes.extend(&piece.bytes));
    bytes.extend(file.text(&mail.tail));
    Refreshed { bytes, sections }
}

/// Writes sections of one mail.
struct Writer<'a> {
    file: &'a PatchFile,
    form: Form,
    means: Means<'a>,
}

impl Writer<'_> {
    /// The mail's head, with a new diffstat if the old one can be made.
    fn head(&self, mail: &Mail, new: &[&stat::Counts]) -> Vec<u8> {
        let head = self.file.text(&mail.head);
        let notes = self.file.text(&mail.notes);
        let old: Vec<stat::Counts> = mail.sections.iter().map(|s| stat::Counts::of(s, self.file.entry.strip)).collect();
        let same = old.iter().eq(new.iter().copied());
        let renewed = if same { None } else { stat::renewed(notes, &old, new) };
        match renewed {
            Some(renewed) => [&head[..head.len() - notes.len()], &renewed].concat(),
            None => head.to_vec(),
        }
    }

    /// What becomes of a section.
    fn section(&self, section: &Section, turn: Option<&Turn<'_>>) -> Piece {
        let strip = self.file.entry.strip;
        let touched = section.touched(strip, &|_| false).ok();
        let path = touched.and_then(|t| t.after.or(t.before)).unwrap_or_default();
        let piece = |fresh, bytes, counts| Piece { path: path.clone(), bytes, fresh, counts };
        let Some(turn) = turn.filter(|t| t.new.before != t.new.after) else {
            return piece(Fresh::Removed, Vec::new(), stat::Counts::default());
        };
        if self.stands(section, turn, &path) {
            let counts = stat::Counts::of(section, strip);
            return piece(Fresh::Kept, self.file.text(&section.whole).to_vec(), counts);
        }
        let text = |side: Option<FileSide<'_>>| side.map(|s| s.text.to_vec()).unwrap_or_default();
        let (before, after) = (text(turn.new.before), text(turn.new.after));
        let change = Change { before: before.as_slice(), after: after.as_slice() };
        let (edits, fresh) = match kept_edits(section, change, self.means.differ) {
            Some(Edits::Own(edits)) => (Some(edits), Fresh::Moved),
            Some(Edits::Mixed(edits)) => (Some(edits), Fresh::Rewritten),
            None => (None, Fresh::Rewritten),
        };
        let head = self.section_head(section, turn, &path);
        let (body, counts) = self.body(turn, edits, section.line_end);
        piece(fresh, [head, body].concat(), counts)
    }

    /// A section for a file that the patch did not touch before.
    fn new_section(&self, turn: &Turn<'_>) -> Piece {
        let (body, counts) = self.body(turn, None, LineEnd::Lf);
        let path = turn.new.after.or(turn.new.before).map(|s| s.path.to_vec()).unwrap_or_default();
        Piece { path, bytes: [self.fresh_head(turn), body].concat(), fresh: Fresh::Added, counts }
    }

    /// Does the section do what is wanted as it stands?
    fn stands(&self, section: &Section, turn: &Turn<'_>, path: &[u8]) -> bool {
        if section.hunks.iter().any(|hunk| hunk.counts == Counts::Recounted) {
            // Nobody else would read it.
            return false;
        }
        let sides = [turn.new.before, turn.new.after];
        if section.binary.is_some() {
            return binary_stands(section, turn);
        }
        let here = same_paths(section, turn, self.file.entry.strip) || sides.iter().flatten().all(|s| s.path == path);
        if !here || !modes_stand(section, turn) || section.creates() != sides[0].is_none() {
            return false;
        }
        let applied = apply(section, sides[0].map(|s| s.text), How { fuzz: 0, ..How::default() });
        let placed = match self.means.drift {
            Drift::Refresh => applied.is_exact(),
            Drift::Keep => applied.without_fuzz(),
        };
        placed && applied.after.as_deref() == sides[1].map(|s| s.text)
    }

    /// A section's old head, with what has changed in it; or a new one where its sort has changed.
    fn section_head(&self, section: &Section, turn: &Turn<'_>, path: &[u8]) -> Vec<u8> {
        let sides = turn.new;
        let sort = (section.creates(), section.deletes()) == (sides.before.is_none(), sides.after.is_none());
        let renamed = section.git.as_ref().is_some_and(|git| git.renamed.is_some() || git.copied.is_some());
        let moves = sides.before.zip(sides.after).is_some_and(|(b, a)| b.path != a.path);
        if !sort || renamed || moves || !modes_stand(section, turn) || section.binary.is_some() {
            return [self.between(section), self.fresh_head(turn)].concat();
        }
        let new_path = sides.after.or(sides.before).map_or(path, |s| s.path);
        let mut out = Vec::new();
        for line in super::lines::split(self.file.text(&section.head)) {
            let names = [b"diff ".as_slice(), b"Index: ", b"--- ", b"+++ "].iter().any(|word| line.starts_with(word));
            match line {
                line if line.starts_with(b"index ") && self.form.index.is_some() => out.extend(self.index_line(turn)),
                line if names && new_path != path => out.extend(replaced(line, path, new_path)),
                line => out.extend(line),
            }
        }
        out
    }

    /// Text in front of a section's head lines that belongs to nobody else.
    fn between(&self, section: &Section) -> Vec<u8> {
        let announces =
            |line: &&[u8]| [b"diff ".as_slice(), b"Index: ", b"--- "].iter().any(|word| line.starts_with(word));
        super::lines::split(self.file.text(&section.head))
            .into_iter()
            .take_while(|line| !announces(line))
            .flatten()
            .copied()
            .collect()
    }

    /// A new head in the form of the mail.
    fn fresh_head(&self, turn: &Turn<'_>) -> Vec<u8> {
        let sides = turn.new;
        let name = |prefix: &[u8], side: Option<FileSide<'_>>, other: Option<FileSide<'_>>| {
            let path = side.or(other).map(|s| s.path).unwrap_or_default();
            quoted(&[prefix, path].concat())
        };
        let old = name(&self.form.old_prefix, sides.before, sides.after);
        let new = name(&self.form.new_prefix, sides.after, sides.before);
        let mut out = Vec::new();
        if self.form.git {
            out.extend([b"diff --git ".as_slice(), &old, b" ", &new, b"\n"].concat());
            out.extend(extended(turn));
            out.extend(self.index_line(turn));
        }
        let rule = [b"=".repeat(67).as_slice(), b"\n"].concat();
        match self.form.announced {
            Announced::Index => out.extend([b"Index: ".as_slice(), &new, b"\n", &rule].concat()),
            Announced::Diff => out.extend([b"diff -Nurp ".as_slice(), &old, b" ", &new, b"\n"].concat()),
            Announced::Not => {}
        }
        if !has_lines(turn) {
            return out;
        }
        let old = sides.before.map_or(b"/dev/null".to_vec(), |_| old);
        let new = sides.after.map_or(b"/dev/null".to_vec(), |_| new);
        out.extend([b"--- ".as_slice(), &old, b"\n+++ ", &new, b"\n"].concat());
        out
    }

    /// The `index` line, if there is to be one.
    fn index_line(&self, turn: &Turn<'_>) -> Vec<u8> {
        let (Some(digits), true) = (self.form.index, texts_differ(turn)) else { return Vec::new() };
        let sides = [turn.new.before, turn.new.after];
        if sides.iter().flatten().any(|s| s.id.is_empty()) {
            return Vec::new();
        }
        let full = sides.iter().flatten().map(|s| s.id.len()).max().unwrap_or_default();
        let digits = if is_binary(turn) { full } else { digits.min(full) };
        let id =
            |side: Option<FileSide<'_>>| side.map_or("0".repeat(digits), |s| s.id[..digits.min(s.id.len())].to_owned());
        let mode = match sides {
            [Some(before), Some(after)] if before.mode == after.mode => format!(" {:06o}", after.mode),
            _ => String::new(),
        };
        format!("index {}..{}{mode}\n", id(sides[0]), id(sides[1])).into_bytes()
    }

    /// The hunks, or the binary patch.
    fn body(&self, turn: &Turn<'_>, own: Option<Vec<delta::Hunk>>, line_end: LineEnd) -> (Vec<u8>, stat::Counts) {
        let text = |side: Option<FileSide<'_>>| side.map(|s| s.text.to_vec()).unwrap_or_default();
        let (before, after) = (text(turn.new.before), text(turn.new.after));
        let path = turn.new.after.or(turn.new.before).map(|s| s.path).unwrap_or_default();
        if is_binary(turn) {
            let counts = stat::Counts { path: path.to_vec(), plain: false, ..stat::Counts::default() };
            return (binary::print(&before, &after, self.means.deflate), counts);
        }
        let change = Change { before: before.as_slice(), after: after.as_slice() };
        let edits = own.unwrap_or_else(|| (self.means.differ)(change));
        let look = Look { path, headings: self.form.headings, context: self.form.context };
        let body = hunks_of(change, &edits, look);
        let renamed = turn.new.before.zip(turn.new.after).is_some_and(|(b, a)| b.path != a.path);
        let counts = stat::Counts {
            path: path.to_vec(),
            added: edits.iter().map(|e| e.after.len()).sum(),
            removed: edits.iter().map(|e| e.before.len()).sum(),
            plain: !renamed,
            created: turn.new.after.filter(|_| turn.new.before.is_none()).map(|s| s.mode),
            deleted: turn.new.before.filter(|_| turn.new.after.is_none()).map(|s| s.mode),
        };
        match line_end {
            LineEnd::Lf => (body, counts),
            LineEnd::Crlf => (replaced(&body, b"\n", b"\r\n"), counts),
        }
    }
}

/// The extended headers of a turn.
fn extended(turn: &Turn<'_>) -> Vec<u8> {
    match (turn.new.before, turn.new.after) {
        (None, Some(after)) => format!("new file mode {:06o}\n", after.mode).into_bytes(),
        (Some(before), None) => format!("deleted file mode {:06o}\n", before.mode).into_bytes(),
        (Some(before), Some(after)) => {
            let mut out = Vec::new();
            if before.mode != after.mode {
                out.extend(format!("old mode {:06o}\nnew mode {:06o}\n", before.mode, after.mode).into_bytes());
            }
            if before.path != after.path {
                let percent = stat::similarity(before.text, after.text);
                out.extend(format!("similarity index {percent}%\n").into_bytes());
                out.extend(
                    [b"rename from ".as_slice(), &quoted(before.path), b"\nrename to ", &quoted(after.path), b"\n"]
                        .concat(),
                );
            }
            out
        }
        (None, None) => Vec::new(),
    }
}

/// Do the bytes change?
fn texts_differ(turn: &Turn<'_>) -> bool {
    turn.new.before.map(|s| s.text) != turn.new.after.map(|s| s.text)
}

/// Are there hunks, and so `---` and `+++` lines?
fn has_lines(turn: &Turn<'_>) -> bool {
    let text = |side: Option<FileSide<'_>>| side.map(|s| s.text.to_vec()).unwrap_or_default();
    text(turn.new.before) != text(turn.new.after) && !is_binary(turn)
}

/// Bytes in which a NUL makes a file binary, as git has it.
const BINARY_HEAD: usize = 8000;

/// Is a side no text?
fn is_binary(turn: &Turn<'_>) -> bool {
    let binary = |text: &[u8]| memchr::memchr(0, &text[..text.len().min(BINARY_HEAD)]).is_some();
    [turn.new.before, turn.new.after].iter().flatten().any(|s| binary(s.text))
}

/// A binary patch says which blobs it is between, in full.
fn binary_stands(section: &Section, turn: &Turn<'_>) -> bool {
    let Some(index) = section.git.as_ref().and_then(|git| git.index.as_ref()) else { return false };
    let is = |written: &[u8], side: Option<FileSide<'_>>| match side {
        Some(side) => !side.id.is_empty() && side.id.as_bytes() == written,
        None => written.iter().all(|b| *b == b'0'),
    };
    is(&index.old, turn.new.before) && is(&index.new, turn.new.after)
}

/// Is the file where the section says, on both sides?
fn same_paths(section: &Section, turn: &Turn<'_>, strip: usize) -> bool {
    let path = |side: Option<FileSide<'_>>| side.map(|s| s.path.to_vec());
    section
        .touched(strip, &|_| false)
        .is_ok_and(|t| t.before == path(turn.new.before) && t.after == path(turn.new.after))
}

/// Does the section say of modes what is wanted? A plain diff says nothing of them.
fn modes_stand(section: &Section, turn: &Turn<'_>) -> bool {
    let Some(git) = &section.git else { return true };
    let wanted = match (turn.new.before, turn.new.after) {
        (Some(before), Some(after)) if before.mode == after.mode => (None, None),
        (before, after) => (before.map(|s| s.mode), after.map(|s| s.mode)),
    };
    (git.old_mode, git.new_mode) == wanted
}

/// A text with every `old` in it made `new`.
fn replaced(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    use bstr::ByteSlice;
    if old.is_empty() { text.to_vec() } else { text.replace(old, new) }
}
