//! A text as a page can show it: no longer than anybody would read there.

use crate::report::plain::lossy;
use bstr::ByteSlice;

/// A longer patch of one file is cut, in bytes.
const LONGEST: usize = 400 << 10;

/// A patch as text, not longer than a page can show.
pub(super) fn cut(patch: &[u8]) -> String {
    if patch.len() <= LONGEST {
        return lossy(patch);
    }
    let end = patch[..LONGEST].rfind_byte(b'\n').map_or(LONGEST, |at| at + 1);
    let left = patch[end..].lines().count();
    format!("{}\\ {left} more lines are left out here; git show has them\n", lossy(&patch[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_that_is_too_long_is_cut_at_a_line_and_says_so() {
        let long = "+a line of some length\n".repeat(LONGEST / 10);
        let short = cut(long.as_bytes());
        assert!(short.len() < LONGEST + 100);
        assert!(short.ends_with("more lines are left out here; git show has them\n"));
        assert!(short.lines().rev().nth(1).is_some_and(|line| line == "+a line of some length"));
    }
}
