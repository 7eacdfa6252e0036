//! What was learned, in words.

use crate::error::Result;
use crate::learn::{Learned, New, Seen};

/// Tells what was looked at and what is remembered of it; `new` is `None` if nothing was written.
///
/// # Errors
/// Standard output is closed.
pub fn learned(learned: &Learned, new: Option<New>) -> Result<()> {
    let Seen { commits, alone, added, files, conflicts, unclear, evolved } = learned.seen;
    let mut text = String::new();
    if commits > 0 {
        let of = if alone > 0 { format!(", {alone} without a pair") } else { String::new() };
        text.push_str(&format!("{commits:>6} commits with what became of them{of}\n"));
    }
    if added > 0 {
        text.push_str(&format!(
            "{added:>6} commits of the new range are nobody's counterpart: no migration brings them\n"
        ));
    }
    text.push_str(&format!("{files:>6} files that both sides changed\n"));
    text.push_str(&format!("{conflicts:>6} conflicts of text merging in them\n"));
    if unclear > 0 {
        text.push_str(&format!("{unclear:>6} of these not remembered: the lines around them were changed, too\n"));
    }
    if evolved > 0 {
        text.push_str(&format!("{evolved:>6} files merge cleanly and were left otherwise: no conflict to remember\n"));
    }
    let (found, decided) = (learned.entries.len(), learned.decisions.len());
    text.push_str(&match new {
        Some(New { resolutions, .. }) => format!("{found:>6} resolutions, {resolutions} of them new\n"),
        None => format!("{found:>6} resolutions; nothing was written\n"),
    });
    if decided > 0 {
        let of = new.map(|new| format!(", {} of them new", new.decisions)).unwrap_or_default();
        text.push_str(&format!("{decided:>6} decisions on whole commits and files{of}\n"));
    }
    super::say(&text)
}
