//! How upstream's own code changed where it used a name that is gone. In: files of both kernels that used it. Out: a few lines before
//! and after, with their places, that a person can read.

use super::kernels::Kernels;
use crate::error::Result;
use crate::merge::line::shown;
use crate::merge::line_edit::{Fate, line_edits};
use crate::merge::{Change, Evidence};
use crate::run::quoted;
use crate::syntax::lex::has_word;
use bstr::{BStr, ByteSlice};

/// Examples of a name.
const EXAMPLES: usize = 3;
/// Files that are looked into for them.
const FILES: usize = 16;
/// Up to [`EXAMPLES`] lines of these files that had the name and were rewritten without it; one of each file.
///
/// # Errors
/// An object is missing or damaged.
pub fn examples(kernels: &mut Kernels, name: &[u8], users: &[Vec<u8>]) -> Result<Vec<Evidence>> {
    let mut examples = Vec::new();
    for path in users.iter().take(FILES) {
        if examples.len() == EXAMPLES {
            break;
        }
        let path = BStr::new(path);
        let Some(file) = kernels.file(path)? else { continue };
        let place = |line: usize| format!("{}:{line}", quoted(path));
        let change = Change { before: &file.before[..], after: &file.after };
        examples.extend(example(change, name).map(|(line, said)| Evidence::new(said).at(place(line))));
    }
    Ok(examples)
}

/// The first line with the name that became one without it: its number in the new file, from 1, and both in words.
fn example(change: Change<&[u8]>, name: &[u8]) -> Option<(usize, String)> {
    let lines: Vec<&[u8]> = change.before.lines_with_terminator().collect();
    let edits = line_edits(change);
    let (at, after) = edits.fates.iter().enumerate().find_map(|(at, fate)| match fate {
        Fate::Edited(after) if has_word(lines[at], name) && !has_word(after, name) => Some((at, *after)),
        _ => None,
    })?;
    let line = change.after.lines_with_terminator().position(|line| std::ptr::eq(line, after)).map_or(1, |at| at + 1);
    Some((line, format!("'{}' became '{}'", shown(lines[at]), shown(after))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_lost_the_name_is_shown_as_it_was_and_as_it_is() {
        let before = b"int a;\nb = old_call(x);\nold_call_other(y);\n";
        let after = b"int a;\nint more;\nb = new_call(x, 0);\nold_call_other(y);\n";
        let found = example(Change { before, after }, b"old_call");
        assert_eq!(found, Some((3, "'b = old_call(x);' became 'b = new_call(x, 0);'".to_owned())));
        assert_eq!(example(Change { before, after }, b"old_call_other"), None);
    }
}
