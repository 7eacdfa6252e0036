//! Lines of `checkpatch.pl`: its normal form, `--terse`, `--emacs`, with and without `--show-types`. In: lines. Out: what they say.
//!
//! ```text
//!   WARNING:LONG_LINE: line length of 105 exceeds 100 columns      normal; the type with --show-types only
//!   #12: FILE: drivers/x.c:34:                                     where; of a commit message only "#12:"
//!   +    the line
//!   drivers/x.c:34: WARNING: line length ...                       --terse, and --emacs with the same "#12:" below
//! ```

use super::shape::{Mark, Placed, placed};
use crate::run::{Diagnostic, Severity};

/// Is this the last line but advice of a report? Without one a bare `ERROR: ...` is somebody else's.
pub fn is_total(line: &str) -> bool {
    line.starts_with("total: ") && line.contains(" errors, ")
}

/// `WARNING:TYPE: message`.
pub fn headed(text: &str) -> Option<Diagnostic> {
    let levels = [("ERROR:", Severity::Error), ("WARNING:", Severity::Warning), ("CHECK:", Severity::Note)];
    let (level, severity) = levels.iter().find(|(word, _)| text.starts_with(word))?;
    let rest = &text[level.len()..];
    let is_type = |word: &str| {
        !word.is_empty() && word.bytes().all(|c| c.is_ascii_uppercase() || c == b'_' || c.is_ascii_digit())
    };
    let (kind, message) = match (rest.strip_prefix(' '), rest.split_once(": ")) {
        (Some(message), _) => (None, message),
        (None, Some((kind, message))) if is_type(kind) => (Some(kind), message),
        _ => return None,
    };
    let mut told = Diagnostic::new("checkpatch", *severity, message.trim_end());
    told.kind = kind.map(str::to_owned);
    Some(told)
}

/// A line of `--terse` or `--emacs`.
pub fn placed_line(placed: &Placed<'_>) -> Option<Diagnostic> {
    let text = placed.rest.strip_prefix(' ').filter(|_| placed.mark == Mark::Colon && placed.column.is_none())?;
    let mut told = headed(text)?;
    (told.file, told.line) = (Some(placed.file.to_owned()), Some(placed.line));
    Some(told)
}

/// Where a message is, as the line below it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// A line of a file.
    File(String, usize),
    /// A line of the patch that belongs to no file.
    Patch,
    /// It says so, but in no way that can be read.
    Malformed,
}

/// `#12: FILE: path:34:`; `None` if it is no such line.
pub fn place(line: &str) -> Option<Where> {
    let (number, rest) = line.strip_prefix('#')?.split_once(':')?;
    if number.is_empty() || !number.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let Some(file) = rest.trim_start().strip_prefix("FILE: ") else { return Some(Where::Patch) };
    match placed(file.trim_end()) {
        Ok(Some(Placed { file, line, .. })) => Some(Where::File(file.to_owned(), line)),
        _ => Some(Where::Malformed),
    }
}
