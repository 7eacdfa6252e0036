//! Elements with a separator: `|| a`, `, b`, `| C`.

use super::pieces::Piece;

/// What stands between the elements of a list.
const SEPARATORS: [&str; 6] = [",", "|", "||", "&&", "+", ";"];

/// Whether two runs are elements of one list: both begin, or both end, with the same separator, and their brackets close.
pub fn are_elements(a: &[Piece<'_>], b: &[Piece<'_>]) -> bool {
    let separator = |p: Option<&Piece<'_>>| p.and_then(separator);
    let same = |x: Option<usize>, y: Option<usize>| x.is_some() && x == y;
    let begin = same(separator(a.first()), separator(b.first()));
    let end = same(separator(a.last()), separator(b.last()));
    begin != end && depth(a) == Some(0) && depth(b) == Some(0)
}

/// Which separator a piece is.
pub fn separator(piece: &Piece<'_>) -> Option<usize> {
    SEPARATORS.iter().position(|s| piece.is(s))
}

/// How many brackets a run leaves open; None if it closes one that it did not open.
pub fn depth(run: &[Piece<'_>]) -> Option<i32> {
    let mut depth = 0;
    for piece in run {
        depth += bracket(piece);
        if depth < 0 {
            return None;
        }
    }
    Some(depth)
}

/// 1 for a bracket that opens, -1 for one that closes.
pub fn bracket(piece: &Piece<'_>) -> i32 {
    let one_of = |marks: &[&str]| marks.iter().any(|m| piece.is(m));
    i32::from(one_of(&["(", "[", "{", "$("])) - i32::from(one_of(&[")", "]", "}"]))
}
