//! Edits of a text by byte ranges.
//!
//! In: edits in the order of the text, none over another. Out: the new text; two lots of edits, the second of what the first
//! made, as one lot of the first text.

use std::ops::Range;

/// A run of bytes and what stands there instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// First byte and one past the last; equal where something is only put in.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What stands there instead.
    pub text: Vec<u8>,
}

impl Edit {
    /// An edit of these bytes.
    pub fn new(range: Range<usize>, text: impl Into<Vec<u8>>) -> Self {
        Self { start: range.start, end: range.end, text: text.into() }
    }
}

/// The text with the edits made. What lies outside of the text or over an earlier edit is left out.
pub fn edited(text: &[u8], edits: &[Edit]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::with_capacity(text.len()), 0);
    for edit in edits {
        if let Some(kept) = text.get(at..edit.start).filter(|_| edit.end >= edit.start && edit.end <= text.len()) {
            out.extend_from_slice(kept);
            out.extend_from_slice(&edit.text);
            at = edit.end;
        }
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    out
}

/// One lot of edits of the first text that does what `first` and then `second` (of what `first` makes) do.
///
/// ```text
/// text   ....[--a--]......[--b--]....       first:  a -> AAA, b -> BB
/// made   ....[AAA]......[BB]....            second: over A's end and what follows
///                [--c--]                    one:    a and the bytes behind it -> AA + c's text
/// ```
pub fn composed(text: &[u8], first: &[Edit], second: &[Edit]) -> Vec<Edit> {
    let made = edited(text, first);
    let spans = spans(first);
    let mut out: Vec<Edit> = Vec::new();
    let (mut one, mut two) = (0, 0);
    while one < first.len() || two < second.len() {
        // The next run of edits that touch each other, in both coordinates.
        let start_one = spans.get(one).map(|span| span.start);
        let start_two = second.get(two).map(|edit| edit.start);
        let begin = start_one.into_iter().chain(start_two).min().unwrap_or(0);
        let (mut end, from) = (begin, (one, two));
        loop {
            if let Some(span) = spans.get(one).filter(|span| span.start <= end) {
                end = end.max(span.end);
                one += 1;
            } else if let Some(edit) = second.get(two).filter(|edit| edit.start <= end) {
                end = end.max(edit.end);
                two += 1;
            } else {
                break;
            }
        }
        let inner: Vec<Edit> = second[from.1..two]
            .iter()
            .map(|edit| Edit { start: edit.start - begin, end: edit.end - begin, text: edit.text.clone() })
            .collect();
        let replaced = edited(made.get(begin..end).unwrap_or_default(), &inner);
        out.push(Edit::new(back(begin, first, &spans, from.0)..back(end, first, &spans, one), replaced));
    }
    out.retain(|edit| text.get(edit.start..edit.end) != Some(&edit.text[..]));
    out
}

/// Where the texts of edits lie in what they make.
fn spans(edits: &[Edit]) -> Vec<Range<usize>> {
    let mut made = 0;
    let mut at = 0;
    let span = |edit: &Edit| {
        made += edit.start.saturating_sub(at);
        at = edit.end;
        let start = made;
        made += edit.text.len();
        start..made
    };
    edits.iter().map(span).collect()
}

/// The offset in the first text of one behind the first `count` edits, which is in none of them.
fn back(offset: usize, edits: &[Edit], spans: &[Range<usize>], count: usize) -> usize {
    match count.checked_sub(1).and_then(|last| Some((edits.get(last)?, spans.get(last)?))) {
        Some((edit, span)) => edit.end + offset.saturating_sub(span.end),
        None => offset,
    }
}

/// Where a range of the text lies in what the edits make: edits that touch it are in it.
pub fn carried(range: &Range<usize>, edits: &[Edit]) -> Range<usize> {
    let shift = |at: usize, is_end: bool| {
        let mut at_new = at;
        for edit in edits {
            let counts = if is_end { edit.start <= at } else { edit.end < at || edit.start < at && edit.end <= at };
            if counts {
                at_new = (at_new + edit.text.len()).saturating_sub(edit.end.min(at.max(edit.start)) - edit.start);
            }
        }
        at_new
    };
    shift(range.start, false)..shift(range.end, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edits_are_made_in_order() {
        let edits = [Edit::new(1..2, *b"XX"), Edit::new(3..3, *b"-")];
        assert_eq!(edited(b"abcd", &edits), b"aXXc-d");
        assert_eq!(edited(b"ab", &[Edit::new(1..9, *b"x")]), b"ab");
    }

    #[test]
    fn a_range_goes_along_with_the_edits_before_and_in_it() {
        let edits = [Edit::new(0..1, *b"XYZ"), Edit::new(4..5, *b"")];
        assert_eq!(carried(&(2..6), &edits), 4..7);
        assert_eq!(carried(&(2..3), &edits), 4..5);
    }

    /// Edits of a text of this length, in order, apart from each other.
    fn edits(length: usize) -> impl Strategy<Value = Vec<Edit>> {
        proptest::collection::vec((0..=length, 0..4_usize, "[xyz]{0,3}"), 0..5).prop_map(move |mut all| {
            all.sort();
            let mut at = 0;
            let mut out = Vec::new();
            for (start, count, text) in all {
                if start >= at && start + count <= length {
                    out.push(Edit::new(start..start + count, text.into_bytes()));
                    at = start + count + 1;
                }
            }
            out
        })
    }

    proptest! {
        #[test]
        fn composed_edits_do_what_both_do(first in edits(12), second in edits(10)) {
            let text = b"abcdefghijkl";
            let made = edited(text, &first);
            let second: Vec<Edit> = second.into_iter().filter(|edit| edit.end <= made.len()).collect();
            let both = edited(&made, &second);
            prop_assert_eq!(edited(text, &composed(text, &first, &second)), both);
        }
    }
}
