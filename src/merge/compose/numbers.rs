//! A counter or a bit that both sides advanced takes the next free number.
//!
//! ```text
//!   base    #define X_MAX 40                      (nothing)
//!   ours    #define X_MAX 44                      #define X_A BIT(22)
//!   theirs  #define X_MAX 41   (one more)         #define X_B BIT(22)
//!   result  #define X_MAX 45                      #define X_A BIT(22), #define X_B BIT(23)
//! ```
//! The number may be known outside of the tree (an interface, a firmware), so this always is a doubt.

use super::align::Edit;
use super::join::{Edits, Meeting, Pieces, meeting};
use super::pieces::{Kind, Piece, pieces};
use crate::merge::{Open, Proposal};
use bstr::ByteSlice;

/// The most that one patch advances a counter by.
const MOST_STEPS: u64 = 16;

/// The numbers that both edits advanced, further advanced: the piece of upstream's side, and its new text. The patch's edit of
/// it is taken out of `edits`. None if an overlap is about something else.
pub fn advance(edits: &mut Edits, pieces: &Pieces<'_>, proposal: &mut Proposal) -> Option<Vec<(usize, Vec<u8>)>> {
    let mut advanced = Vec::new();
    let mut taken = Vec::new();
    for (n, theirs) in edits.theirs.iter().enumerate() {
        for ours in edits.ours.iter().filter(|ours| meeting(ours, theirs) == Meeting::Overlap) {
            let text = counted(ours, theirs, pieces)?;
            let name = pieces.base[..ours.base.start].iter().rfind(|p| p.kind == Kind::Word);
            let said = (name.map_or(&b""[..], |p| p.text).as_bstr().to_owned(), text.as_bstr().to_owned());
            let said = format!("both sides advanced {}: {} is the next free number, not the patch's", said.0, said.1);
            proposal.doubts.push(said.into());
            advanced.push((ours.side.start, text));
            taken.push(n);
        }
    }
    let mut n = 0;
    edits.theirs.retain(|_| {
        n += 1;
        !taken.contains(&(n - 1))
    });
    Some(advanced)
}

/// The number that follows upstream's as the patch's followed the base's.
fn counted(ours: &Edit, theirs: &Edit, pieces: &Pieces<'_>) -> Option<Vec<u8>> {
    let one = |e: &Edit| e.base.len() == 1 && e.side.len() == 1;
    if !one(ours) || !one(theirs) || !is_counter(&pieces.base, ours.base.start) {
        return None;
    }
    let base = number(&pieces.base[ours.base.start])?;
    let (up, patch) = (number(&pieces.ours[ours.side.start])?, number(&pieces.theirs[theirs.side.start])?);
    let steps = patch.checked_sub(base).filter(|steps| (1..=MOST_STEPS).contains(steps))?;
    (up > base).then(|| (up + steps).to_string().into_bytes())
}

/// Whether the number at `at` is defined as how many there are: `#define X_MAX 40`, `X_COUNT = 3,`, `NUM_X 4`.
fn is_counter(base: &[Piece<'_>], at: usize) -> bool {
    const PARTS: [&[u8]; 8] = [b"MAX", b"NUM", b"COUNT", b"CNT", b"LAST", b"NR", b"END", b"TOTAL"];
    let mut before = base[..at].iter().rev().skip_while(|p| p.is("=") || p.is("("));
    let Some(name) = before.next().filter(|p| p.kind == Kind::Word) else { return false };
    name.text.split(|c| *c == b'_').any(|part| PARTS.contains(&part))
}

/// A decimal number; others have a form of their own.
fn number(piece: &Piece<'_>) -> Option<u64> {
    let digits = piece.text.iter().all(u8::is_ascii_digit) && piece.text.len() < 10;
    let plain = piece.kind == Kind::Number && digits && (piece.text.len() == 1 || piece.text[0] != b'0');
    plain.then(|| piece.text.iter().fold(0, |n, c| 10 * n + u64::from(c - b'0')))
}

/// Definitions that both sides put at one place under the same numbers: the patch's come behind upstream's, with the next ones.
pub fn inserted(open: &Open<'_>) -> Option<Proposal> {
    let side =
        |text: &'_ [u8]| -> Option<Vec<Numbered>> { text.lines_with_terminator().map(|l| numbered(l, open)).collect() };
    let (ours, theirs) = (side(open.sides.ours)?, side(open.sides.theirs)?);
    let first = theirs.first()?;
    let (prefix, shape) = (first.prefix.clone(), &first.shape);
    let one_list = |n: &Numbered| n.shape == *shape && n.prefix == prefix;
    if !ours.iter().chain(&theirs).all(one_list) || !theirs.iter().any(|n| ours.iter().any(|o| o.number == n.number)) {
        return None;
    }
    let next = ours.iter().map(|n| n.number).max()? + 1;
    let run = |all: &[Numbered]| all.windows(2).all(|w| w[1].number == w[0].number + 1);
    if !run(&ours) || !run(&theirs) || is_taken(open, &prefix, shape, next..next + theirs.len() as u64) {
        return None;
    }
    let mut text = ended(open.sides.ours);
    let mut doubts = Vec::new();
    for (line, number) in theirs.iter().zip(next..) {
        text.extend(line.with(number));
        let name = line.name.as_bstr();
        let said = format!("{name} is {number}, the next free number: upstream uses {} for another", line.number);
        doubts.push(said.into());
    }
    let reasons = vec!["both sides add to one list of numbers".into()];
    Some(Proposal { text, reasons, doubts, ..Proposal::default() })
}

/// The text with an end to its last line.
fn ended(text: &[u8]) -> Vec<u8> {
    let end: &[u8] = if text.ends_with(b"\n") { b"" } else { b"\n" };
    [text, end].concat()
}

/// A line that gives a name a number.
struct Numbered {
    name: Vec<u8>,
    /// The first part of the name, which the list shares: `BR` of `BR_PORT_MAB`.
    prefix: Vec<u8>,
    number: u64,
    /// The pieces but for name and number: `# define BIT ( )`.
    shape: Vec<Vec<u8>>,
    /// The line before and behind the number.
    around: (Vec<u8>, Vec<u8>),
}

impl Numbered {
    /// The line with another number.
    fn with(&self, number: u64) -> Vec<u8> {
        ended(&[&self.around.0[..], number.to_string().as_bytes(), &self.around.1].concat())
    }
}

/// Reads `#define NAME BIT(3)`, `#define NAME 3`, `NAME = BIT(3),` and `NAME = 3,`, with or without a comment behind.
fn numbered(line: &[u8], open: &Open<'_>) -> Option<Numbered> {
    let all = pieces(line, open.language);
    let skip = if all.first()?.is("#") { 2 } else { 0 };
    let name = all.get(skip).filter(|p| p.kind == Kind::Word && (skip == 0 || all[1].text == b"define"))?;
    let at = (skip + 1..all.len()).find(|i| all[*i].kind == Kind::Number)?;
    const FORMS: [&[&str]; 4] = [&[], &["BIT", "("], &["="], &["=", "BIT", "("]];
    let between: Vec<&[u8]> = all[skip + 1..at].iter().map(|p| p.text).collect();
    let form = FORMS.iter().position(|f| f.iter().map(|w| w.as_bytes()).eq(between.iter().copied()))?;
    if (skip == 0) != (form >= 2) {
        return None;
    }
    let before: usize = all[..at].iter().map(|p| p.lead.len() + p.text.len()).sum::<usize>() + all[at].lead.len();
    let prefix = name.text.split(|c| *c == b'_').next().unwrap_or(name.text);
    Some(Numbered {
        name: name.text.to_vec(),
        prefix: prefix.to_vec(),
        number: number(&all[at])?,
        shape: all[..skip].iter().chain(&all[skip + 1..at]).map(|p| p.text.to_vec()).collect(),
        around: (line[..before].to_vec(), line[before + all[at].text.len()..].to_vec()),
    })
}

/// Whether upstream's file gives one of the numbers to a name of the same list.
fn is_taken(open: &Open<'_>, prefix: &[u8], shape: &[Vec<u8>], numbers: std::ops::Range<u64>) -> bool {
    // Only lines near the hunk: another list may have the same prefix.
    const NEAR: usize = 64;
    let first = open.lines.ours.saturating_sub(NEAR);
    let near = open.files.ours.lines_with_terminator().skip(first).take(2 * NEAR);
    let mut found = near.filter_map(|line| numbered(line, open));
    found.any(|n| n.prefix == prefix && n.shape == shape && numbers.contains(&n.number))
}
