//! What was learned before the walk about the lines that a commit adds, told of the text that came out.

use super::Picker;
use super::file::FileMerge;
use crate::error::Result;
use crate::git::Oid;
use crate::merge::Evidence;
use crate::run::{Finding, FindingKind, Outcome, quoted};
use crate::survey::{StaleName, has_word};
use bstr::ByteSlice;

/// Adds the findings of each file of the commit to what became of it; a file with one is to review.
///
/// # Errors
/// An object is missing or damaged.
pub fn find(picker: &mut Picker<'_>, commit: Oid, (outcome, files): (&mut Outcome, &mut [FileMerge])) -> Result<()> {
    for file in files {
        let stale: Vec<&StaleName> = picker.survey.stale.of(commit, &file.own).collect();
        let (false, Some(entry)) = (stale.is_empty(), file.in_tip.after) else { continue };
        let text = picker.store.blob(entry.id)?;
        for name in stale {
            // A person may have settled it without the name.
            let line = text.data.lines().position(|line| has_word(line, &name.used.name));
            if let Some(line) = line {
                outcome.findings.push(finding(name, &format!("{}:{}", quoted(file.path.as_bstr()), line + 1)));
                file.to_review = true;
            }
        }
    }
    Ok(())
}

fn finding(name: &StaleName, place: &str) -> Finding {
    let word = name.used.name.to_str_lossy().into_owned();
    let said = Evidence::new(format!("{word} is not in the new kernel any more")).at(place);
    Finding { kind: FindingKind::StaleName, name: word, said, was: name.was.clone(), examples: name.examples.clone() }
}
