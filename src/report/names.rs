//! Who defines and who uses a name, for people.

use super::say;
use crate::error::Result;
use crate::index::{Kind, Place};
use std::fmt::Write;

/// Files of a kind that are named; of more only the number.
const NAMED: usize = 8;

/// Tells for each name, kernel by kernel, where it is defined and how many files use it.
///
/// # Errors
/// Standard output cannot be written.
pub fn names((names, kernels): (&[String], &[String]), found: &[Vec<Vec<Place>>]) -> Result<()> {
    let mut said = String::new();
    for (at, name) in names.iter().enumerate() {
        for (kernel, places) in kernels.iter().zip(found) {
            tell(&mut said, (name, kernel), &places[at]);
        }
    }
    say(&said)
}

fn tell(said: &mut String, (name, kernel): (&str, &str), places: &[Place]) {
    let path = |place: &Place| String::from_utf8_lossy(&place.path).into_owned();
    let users = places.iter().filter(|p| p.kinds.is_used()).count();
    let known = if places.is_empty() {
        ": not known".to_owned()
    } else {
        format!(": used in {users} file{}", if users == 1 { "" } else { "s" })
    };
    let _ = writeln!(said, "{name} on {kernel}{known}");
    for kind in Kind::ALL {
        let files: Vec<String> = places.iter().filter(|p| p.kinds.defines(kind)).map(path).collect();
        let more = files.len().saturating_sub(NAMED);
        for file in files.iter().take(NAMED) {
            let _ = writeln!(said, "    {} in {file}", kind.word());
        }
        if more > 0 {
            let _ = writeln!(said, "    {} in {more} more files", kind.word());
        }
    }
}
