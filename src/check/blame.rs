//! What is said of a target that does not build. In: the compiler's output, and what the original commit does on the old kernel.
//! Out: the verdict, and findings with place and message.

use super::stretch::State;
use crate::merge::Evidence;
use crate::repair::read::{Format, read};
use crate::run::{CheckedTarget, Diagnostic, Finding, FindingKind, Severity, Verdict};
use bstr::ByteSlice;

/// So many messages of a target are told; the first is the cause of most others.
const MOST: usize = 5;
/// Bytes of a message that no compiler's form has.
const LONGEST: usize = 300;

/// A target that does not build since a commit.
pub struct Broken<'a> {
    /// As on the new kernel.
    pub target: &'a str,
    /// What was said.
    pub output: &'a [u8],
    /// What the original commit came to on the old kernel, by its id; none: it was not tried.
    pub before: Option<(&'a str, &'a State)>,
}

impl Broken<'_> {
    /// Who is to blame, in which words.
    pub fn judged(&self, at: usize) -> (CheckedTarget, Vec<Finding>) {
        let (verdict, why, was) = match self.before {
            Some((old, State::Built)) => {
                let was = Evidence::new(format!("the original commit builds {} on the old kernel", self.target));
                (Verdict::Failed, None, was.at(old))
            }
            Some((old, State::Broken(_))) => {
                let why = "the original commit does not build on the old kernel either".to_owned();
                (Verdict::FailedBefore, Some(why.clone()), Evidence::new(why).at(old))
            }
            Some((old, State::Absent(why))) => {
                let why = format!("whether the original commit builds on the old kernel is not known: {why}");
                (Verdict::Failed, Some(why.clone()), Evidence::new(why).at(old))
            }
            None => {
                let why = "whether the original commit builds was not tried".to_owned();
                (Verdict::Failed, Some(why.clone()), Evidence::new(why))
            }
        };
        let target = CheckedTarget { target: self.target.to_owned(), verdict, at: Some(at), why };
        // What was there before is said, not blamed.
        let blamed = verdict == Verdict::Failed;
        let findings = if blamed { self.findings(&was) } else { Vec::new() };
        (target, findings)
    }

    fn findings(&self, was: &Evidence) -> Vec<Finding> {
        let told = |diagnostic| Finding { was: Some(was.clone()), ..Finding::told(FindingKind::Build, diagnostic) };
        let all = errors(self.output);
        if all.is_empty() {
            let mut plain = Diagnostic::new("build", Severity::Error, self.last_words());
            plain.file = Some(self.target.to_owned());
            return vec![told(plain)];
        }
        all.into_iter().take(MOST).map(told).collect()
    }

    /// The line that says most, of an output that no reader knows.
    fn last_words(&self) -> String {
        let lines = || self.output.lines().map(|l| l.trim()).filter(|l| !l.is_empty());
        let telling =
            lines().find(|l| l.find(b"rror").is_some()).or_else(|| lines().next_back()).unwrap_or(b"it failed");
        telling.get(..LONGEST).unwrap_or(telling).to_str_lossy().into_owned()
    }
}

/// The errors in an output, with paths from the top of the tree.
fn errors(output: &[u8]) -> Vec<Diagnostic> {
    let mut all = read(output, Format::Log).diagnostics;
    all.retain(|d| d.severity == Severity::Error);
    for diagnostic in &mut all {
        if let Some(file) = &mut diagnostic.file {
            // Objects lie one folder below the tree.
            *file = file.trim_start_matches("../").to_owned();
        }
        for place in diagnostic.notes.iter_mut().filter_map(|note| note.place.as_mut()) {
            *place = place.trim_start_matches("../").to_owned();
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &[u8] = b"  CC      a.o\n../a.c: In function 'f':\n../a.c:3:9: error: too few arguments to function 'g'\nmake[1]: *** [a.o] Error 1\n";

    #[test]
    fn a_commit_whose_original_builds_is_blamed_with_place_and_message() {
        let broken = Broken { target: "a.o", output: OUTPUT, before: Some(("1234", &State::Built)) };
        let (target, findings) = broken.judged(7);
        assert_eq!((target.verdict, target.at), (Verdict::Failed, Some(7)));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].said, Evidence::new("too few arguments to function 'g'").at("a.c:3:9"));
        let diagnostic = findings[0].diagnostic.as_ref().expect("what gcc said");
        assert_eq!((diagnostic.tool.as_str(), diagnostic.function.as_deref()), ("gcc", Some("f")));
        assert_eq!(findings[0].was.as_ref().and_then(|was| was.place.as_deref()), Some("1234"));
    }

    #[test]
    fn what_failed_before_is_said_and_not_blamed() {
        let state = State::Broken(Vec::new());
        let (target, findings) = Broken { target: "a.o", output: OUTPUT, before: Some(("1234", &state)) }.judged(7);
        assert_eq!((target.verdict, findings.len()), (Verdict::FailedBefore, 0));
        assert!(target.why.expect("words").contains("not build on the old kernel either"));
    }

    #[test]
    fn an_output_of_no_known_form_is_told_by_its_telling_line() {
        let before = State::Absent("its source is not there".into());
        let broken = Broken { target: "a.o", output: b"hm\nBIG ERROR: x\nrror y\nbye\n", before: Some(("1", &before)) };
        let (target, findings) = broken.judged(1);
        assert_eq!(target.verdict, Verdict::Failed, "it does not build, whatever was before");
        assert!(target.why.expect("words").ends_with("its source is not there"));
        assert_eq!(findings[0].said.statement, "rror y");
        assert_eq!(findings[0].said.place.as_deref(), Some("a.o"));
    }
}
