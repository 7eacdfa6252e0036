//! One hunk: `@@ -l,n +l,n @@ heading` and its lines.

use crate::quilt::lines::Lines;
use std::ops::Range;

/// What a line of a hunk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It stands on both sides.
    Context,
    /// It is taken away.
    Removed,
    /// It is put there.
    Added,
}

/// A line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it does.
    pub kind: Kind,
    /// Its bytes without the sign, with the line end unless `\ No newline at end of file` follows it.
    pub text: Vec<u8>,
}

/// Lines of one side, as the `@@` line has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First line, from 1; of an empty span the line before it, from 0.
    pub start: usize,
    /// How many lines.
    pub count: usize,
}

/// Do the numbers of the `@@` line agree with the lines below it?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// They do.
    Right,
    /// They do not, and the lines were counted instead (`git apply --recount`). GNU patch and quilt stop here: "malformed patch".
    Recounted,
    /// It ends before they do, where its text ends, and without the unchanged lines that end a hunk: lines of it are lost, or taken away by
    /// hand. Nobody can say what the patch was.
    Short,
    /// They do, but `+` or `-` lines follow that belong to no hunk. GNU patch and quilt ignore those without a word, and so do we, with
    /// this one.
    LinesLeftOver,
}

/// A hunk of a unified diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Its bytes in the patch file, the `@@` line included.
    pub whole: Range<usize>,
    /// The old side, as written.
    pub old: Span,
    /// The new side, as written.
    pub new: Span,
    /// What follows the second `@@`, with its leading blank, without the line end.
    pub heading: Vec<u8>,
    /// The lines.
    pub lines: Vec<Line>,
    /// Whether the numbers are right.
    pub counts: Counts,
}

impl Hunk {
    /// The lines of one side: context and those of `kind`.
    pub fn side(&self, kind: Kind) -> Vec<&[u8]> {
        self.lines.iter().filter(|l| l.kind == Kind::Context || l.kind == kind).map(|l| l.text.as_slice()).collect()
    }

    /// Unchanged lines before the first change, and after the last one.
    pub fn context(&self) -> (usize, usize) {
        let is_context = |l: &&Line| l.kind == Kind::Context;
        (self.lines.iter().take_while(is_context).count(), self.lines.iter().rev().take_while(is_context).count())
    }

    /// The hunk that takes this one back.
    pub fn reversed(&self) -> Self {
        let turned = |l: &Line| {
            let kind = match l.kind {
                Kind::Context => Kind::Context,
                Kind::Removed => Kind::Added,
                Kind::Added => Kind::Removed,
            };
            Line { kind, text: l.text.clone() }
        };
        Self { old: self.new, new: self.old, lines: self.lines.iter().map(turned).collect(), ..self.clone() }
    }
}

/// Reads the hunk whose `@@` line is line `at`. Gives it with the number of the line behind it.
pub(super) fn read(lines: &Lines<'_>, at: usize, end: usize) -> Option<(Hunk, usize)> {
    let (old, new, heading) = numbers(lines.bare(at))?;
    let mut body = Body { lines, end, next: at + 1, read: Vec::new() };
    let counts = match body.by_counts(old.count, new.count) {
        true if body.lines_left_over() => Counts::LinesLeftOver,
        true => Counts::Right,
        false => {
            body = Body { lines, end, next: at + 1, read: Vec::new() };
            match body.by_looks() {
                End::Open if body.falls_short(old.count, new.count) => Counts::Short,
                End::Open | End::Closed => Counts::Recounted,
            }
        }
    };
    let next = body.next;
    let hunk = Hunk { whole: lines.span(at..next), old, new, heading: heading.to_vec(), lines: body.read, counts };
    Some((hunk, next))
}

/// Reads `@@ -l[,n] +l[,n] @@ heading`.
pub(super) fn numbers(line: &[u8]) -> Option<(Span, Span, &[u8])> {
    let (old, rest) = span(line.strip_prefix(b"@@ -")?)?;
    let (new, rest) = span(rest.strip_prefix(b" +")?)?;
    Some((old, new, rest.strip_prefix(b" @@")?))
}

/// Reads `l[,n]`.
fn span(text: &[u8]) -> Option<(Span, &[u8])> {
    let (start, rest) = number(text)?;
    match rest.strip_prefix(b",") {
        None => Some((Span { start, count: 1 }, rest)),
        Some(rest) => number(rest).map(|(count, rest)| (Span { start, count }, rest)),
    }
}

/// Reads a line number; no text has more than 10^9 lines.
fn number(text: &[u8]) -> Option<(usize, &[u8])> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    (1..=9).contains(&digits).then(|| {
        let value = text[..digits].iter().fold(0, |value, b| value * 10 + usize::from(b - b'0'));
        (value, &text[digits..])
    })
}

/// What stands behind a hunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The next hunk of the file, or a mail's signature: nothing that would be there if the text had been cut off.
    Closed,
    /// Anything else, or nothing.
    Open,
}

/// The lines below an `@@` line, being read.
struct Body<'a, 'b> {
    lines: &'a Lines<'b>,
    /// The line behind the last one of this mail.
    end: usize,
    next: usize,
    read: Vec<Line>,
}

impl Body<'_, '_> {
    /// Reads as many lines as the `@@` line says. False if they do not come.
    fn by_counts(&mut self, mut old: usize, mut new: usize) -> bool {
        while old > 0 || new > 0 {
            if self.no_newline() {
                continue;
            }
            let Some(kind) = self.kind() else { return false };
            let (o, n) = match kind {
                Kind::Context => (1, 1),
                Kind::Removed => (1, 0),
                Kind::Added => (0, 1),
            };
            if o > old || n > new {
                return false;
            }
            (old, new) = (old - o, new - n);
            self.take(kind);
        }
        self.no_newline();
        true
    }

    /// Reads lines as long as they look like a hunk's. Blank lines and a mail's signature at the end are none.
    fn by_looks(&mut self) -> End {
        let first = self.next;
        while self.next < self.end && !self.at_signature() && !self.at_names() {
            if self.no_newline() {
                continue;
            }
            let Some(kind) = self.kind() else { break };
            self.take(kind);
        }
        let next_hunk = self.next < self.end && numbers(self.lines.bare(self.next)).is_some();
        let end = if next_hunk || self.at_signature() { End::Closed } else { End::Open };
        while self.next > first && self.lines.bare(self.next - 1).is_empty() {
            self.next -= 1;
            self.read.pop();
        }
        end
    }

    /// Are there fewer lines than the `@@` line says, and not the unchanged ones at their end that a whole hunk has?
    fn falls_short(&self, old: usize, new: usize) -> bool {
        let count = |kind: Kind| self.read.iter().filter(|line| line.kind == kind).count();
        let same = count(Kind::Context);
        let fewer = count(Kind::Removed) + same <= old && count(Kind::Added) + same <= new;
        let is_same = |line: &&Line| line.kind == Kind::Context;
        let before = self.read.iter().take_while(is_same).count();
        let behind = self.read.iter().rev().take_while(is_same).count();
        fewer && (same == self.read.len() || behind < before.max(1))
    }

    /// What the next line does; `None` if it is no line of a hunk.
    fn kind(&self) -> Option<Kind> {
        if self.next >= self.end {
            return None;
        }
        match self.lines.get(self.next) {
            [b'+', ..] => Some(Kind::Added),
            [b'-', ..] => Some(Kind::Removed),
            // Blanks at line ends are eaten by mailers and editors; patch takes both forms.
            [b' ' | b'\t' | b'\n', ..] | [b'\r', b'\n'] => Some(Kind::Context),
            _ => None,
        }
    }

    /// Takes the next line.
    fn take(&mut self, kind: Kind) {
        let line = self.lines.get(self.next);
        let text = match line {
            [b'+' | b'-' | b' ', text @ ..] => text,
            eaten => eaten,
        };
        self.read.push(Line { kind, text: text.to_vec() });
        self.next += 1;
    }

    /// Takes a `\ No newline at end of file`, in any language, and the line end from the line before.
    fn no_newline(&mut self) -> bool {
        let here = self.next < self.end && self.lines.get(self.next).starts_with(b"\\ ");
        if here {
            self.next += 1;
            if let Some(line) = self.read.last_mut() {
                let bare = line.text.strip_suffix(b"\n").map(<[u8]>::len);
                line.text.truncate(bare.unwrap_or(line.text.len()));
            }
        }
        here
    }

    /// Is the next line a mail's `-- `, with at most a few lines of signature behind it?
    fn at_signature(&self) -> bool {
        const LONGEST: usize = 4;
        let follows = |n: usize| self.lines.get(n).first().is_some_and(|b| matches!(b, b'+' | b'-' | b'@'));
        self.lines.bare(self.next) == b"-- " && !(self.next + 1..self.end.min(self.next + LONGEST)).any(follows)
    }

    /// Do the names of the next file stand here?
    fn at_names(&self) -> bool {
        self.lines.get(self.next).starts_with(b"--- ") && self.lines.get(self.next + 1).starts_with(b"+++ ")
    }

    /// Do changed lines follow that the counts leave out?
    fn lines_left_over(&self) -> bool {
        let line = if self.next < self.end { self.lines.get(self.next) } else { b"" };
        let changed = matches!(line, [b'+' | b'-', ..]);
        changed && !self.at_signature() && !self.at_names() && self.lines.bare(self.next) != b"---"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hunk(text: &str) -> (Hunk, usize) {
        let lines = Lines::new(text.as_bytes());
        read(&lines, 0, lines.count()).expect("it is there")
    }

    #[test]
    fn counts_decide_where_a_hunk_ends() {
        let (found, next) = hunk("@@ -1,2 +1,2 @@ int f(void)\n a\n-b\n+c\n-- \n2.39\n");
        assert_eq!((found.counts, next, found.heading.as_slice()), (Counts::Right, 4, b" int f(void)".as_slice()));
        let (found, _) = hunk("@@ -1 +1,2 @@\n a\n+- \n");
        assert_eq!(found.lines[1].text, b"- \n");
    }

    #[test]
    fn wrong_counts_are_counted_again_and_the_signature_stays_out() {
        let (found, next) = hunk("@@ -1,9 +1,9 @@\n a\n-b\n+c\n-- \n2.39\n\n");
        assert_eq!((found.counts, next, found.lines.len()), (Counts::Recounted, 4, 3));
        let (found, next) = hunk("@@ -1,9 +1,9 @@\n a\n-b\n c\n\n\n");
        assert_eq!((found.counts, next), (Counts::Recounted, 4));
    }

    #[test]
    fn a_hunk_whose_text_is_cut_off_is_told_from_one_whose_numbers_are_wrong() {
        for cut in [
            "",
            " a\n",
            " a\n-b\n",
            " a\n-b\n+c\n",
            " a\n b\n-c\n+d\n e\n",
            " a\n-b\ndiff --git a/y b/y\n",
            " a\n-b\n\n\n",
        ] {
            assert_eq!(hunk(&format!("@@ -1,9 +1,9 @@\n{cut}")).0.counts, Counts::Short, "{cut}");
        }
        for whole in [" a\n-b\n+c\n d\n", " a\n-b\n-- \n2.39\n", " a\n-b\n@@ -20 +20 @@\n-x\n+y\n", "-a\n+b\n c\n"] {
            assert_eq!(hunk(&format!("@@ -1,9 +1,9 @@\n{whole}")).0.counts, Counts::Recounted, "{whole}");
        }
        let longer = hunk("@@ -1,2 +1,2 @@\n a\n-b\n-c\n-d\n");
        assert_eq!(longer.0.counts, Counts::Recounted, "nothing is missing");
    }

    #[test]
    fn lines_that_the_counts_leave_out_are_told() {
        let (found, next) = hunk("@@ -1,1 +1,2 @@\n a\n+b\n+c\n");
        assert_eq!((found.counts, next), (Counts::LinesLeftOver, 3));
        let (found, _) = hunk("@@ -1,1 +1,2 @@\n a\n+b\n-- \n2.39\n");
        assert_eq!(found.counts, Counts::Right);
    }

    #[test]
    fn a_missing_newline_is_taken_from_the_line_it_follows() {
        let (found, next) = hunk("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
        assert_eq!(
            (found.lines[0].text.as_slice(), found.lines[1].text.as_slice()),
            (b"a".as_slice(), b"a\n".as_slice())
        );
        assert_eq!(next, 4);
        let (found, next) = hunk("@@ -1 +1 @@\n-a\n+a\n\\ Kein Zeilenumbruch am Dateiende.\n");
        assert_eq!((found.lines[1].text.as_slice(), next), (b"a".as_slice(), 4));
    }

    #[test]
    fn context_lines_whose_blank_was_eaten_count() {
        let (found, _) = hunk("@@ -1,3 +1,3 @@\n\n\ttab\n-b\n+c\n");
        assert_eq!(found.counts, Counts::Right);
        assert_eq!(found.side(Kind::Removed), [b"\n".as_slice(), b"\ttab\n", b"b\n"]);
    }

    #[test]
    fn numbers_beyond_reason_are_no_hunk() {
        assert!(numbers(b"@@ -99999999999999999999 +1 @@").is_none());
        assert!(numbers(b"@@ -1,2 +1,2 @").is_none());
    }
}
