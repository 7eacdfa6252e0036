//! What a data set has, for people and as JSON.

use super::say_bytes;
use crate::error::Result;
use crate::repair::dataset::Counts;
use std::io::Write;

/// Tells the counts.
///
/// # Errors
/// Standard output cannot be written.
pub fn stats(counts: &Counts, as_json: bool) -> Result<()> {
    let mut out = Vec::new();
    if as_json {
        serde_json::to_writer(&mut out, counts).expect("plain data");
        out.push(b'\n');
        return say_bytes(&out);
    }
    let _ = writeln!(out, "{:40} {:>9} {:>9}", "", "train", "held out");
    for (what, which, sides) in counts.lines() {
        let name = format!("{what} {which}");
        let _ = writeln!(out, "{:40} {:>9} {:>9}", name.trim_end(), sides.train, sides.held_out);
    }
    say_bytes(&out)
}
