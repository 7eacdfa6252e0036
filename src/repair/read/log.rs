//! A log of lines: each is read by its own shape, as the output of a build holds messages of several tools. In: the text. Out: the
//! messages, with the lines that belong to them; everything else (`CC foo.o`, what make says) is passed over.

use super::shape::{Mark, Placed, TooLong, placed};
use super::{Problem, Report, checkpatch, gcc, gcc_json};
use crate::merge::Evidence;
use crate::run::{Diagnostic, Severity};

/// Longer lines are cut, in bytes.
const LONGEST_LINE: usize = 1 << 16;
/// So many lines of one message are kept.
const MOST_LINES: usize = 200;

/// What is known while a log is read.
#[derive(Default)]
struct Reader {
    report: Report,
    /// The function that gcc said it is in, with its file.
    function: Option<(String, String)>,
    /// Lines of the last message that were kept; `None`: nothing more belongs to it.
    kept: Option<usize>,
    /// The last line had a caret below code.
    caret: bool,
    /// The report is one of checkpatch.
    checkpatch: bool,
    /// clang has counted its messages somewhere.
    clang: bool,
}

/// Reads all lines.
pub(super) fn read(text: &[u8]) -> Report {
    let lines: Vec<String> = text.split(|c| *c == b'\n').map(line_of).collect();
    let generated = |line: &String| line.ends_with(" generated.") && line.starts_with(|c: char| c.is_ascii_digit());
    let mut reader = Reader {
        checkpatch: lines.iter().any(|line| checkpatch::is_total(line)),
        clang: lines.iter().any(generated),
        ..Reader::default()
    };
    for (at, line) in lines.iter().enumerate() {
        reader.line(at + 1, line);
    }
    let mut report = reader.report;
    report.understood_nothing =
        report.diagnostics.is_empty() && report.problems.is_empty() && lines.iter().any(|line| !line.trim().is_empty());
    report
}

fn line_of(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    // An array of messages is one line, however long, and nothing when it is cut.
    let cut = line.get(..LONGEST_LINE).filter(|_| !line.starts_with(b"[{"));
    String::from_utf8_lossy(cut.unwrap_or(line)).replace(['\u{2018}', '\u{2019}'], "'")
}

impl Reader {
    fn line(&mut self, at: usize, line: &str) {
        if line.starts_with("[{") {
            return self.messages(at, line);
        }
        if self.context(line) {
            self.kept = None;
            return;
        }
        match placed(line) {
            Ok(Some(found)) => self.placed(line, &found),
            Ok(None) => self.bare(at, line),
            Err(TooLong) => {
                self.kept = None;
                self.report.problems.push(Problem::new(at, "a number in it is too long to be one of a line"));
            }
        }
    }

    /// The array of gcc's JSON, which it writes in one line, among those of a build.
    fn messages(&mut self, at: usize, line: &str) {
        self.kept = None;
        let Report { diagnostics, problems, .. } = gcc_json::read(line.as_bytes());
        self.report.diagnostics.extend(diagnostics);
        self.report
            .problems
            .extend(problems.into_iter().map(|problem| Problem { line: at + problem.line - 1, ..problem }));
    }

    /// `a.c: In function 'f':`, `a.c: At top level:`.
    fn context(&mut self, line: &str) -> bool {
        let Some((file, said)) = line.split_once(": ").filter(|(file, _)| !file.contains(char::is_whitespace)) else {
            return false;
        };
        if let Some(name) = said.strip_prefix("In function '").and_then(|name| name.strip_suffix("':")) {
            self.function = Some((file.to_owned(), name.to_owned()));
            return true;
        }
        let outside = said == "At top level:";
        if outside {
            self.function = None;
        }
        outside
    }

    fn placed(&mut self, line: &str, found: &Placed<'_>) {
        if self.goes_on(line, found) {
            return;
        }
        let Some(mut told) = checkpatch::placed_line(found).or_else(|| gcc::diagnostic(found)) else {
            self.kept = None;
            return;
        };
        if told.tool == "gcc" && self.clang {
            told.tool = "clang".to_owned();
        }
        let last = self.report.diagnostics.last_mut().filter(|_| self.kept.is_some());
        if let (Severity::Note, Some(last), true) = (told.severity, last, found.mark == Mark::Colon)
            && told.tool != "checkpatch"
        {
            let place = told.place().unwrap_or_default();
            last.notes.push(Evidence::new(told.message).at(place));
            self.keep(line);
            return;
        }
        let here = self.function.as_ref().filter(|(file, _)| file.trim_start_matches("./") == found.file);
        if matches!(told.tool.as_str(), "gcc" | "clang") {
            told.function = here.map(|(_, name)| name.clone());
        }
        self.begin(told, line);
    }

    /// sparse says the rest of a message in lines of the same place: `a.c:12:5:    expected int`.
    fn goes_on(&mut self, line: &str, found: &Placed<'_>) -> bool {
        let last = self.report.diagnostics.last_mut().filter(|_| self.kept.is_some());
        let same = |last: &Diagnostic| {
            last.file.as_deref() == Some(found.file) && last.line == Some(found.line) && last.column == found.column
        };
        let Some(last) = last.filter(|last| found.rest.starts_with("  ") && same(last)) else { return false };
        let place = last.place().unwrap_or_default();
        last.notes.push(Evidence::new(found.rest.trim()).at(place));
        self.keep(line);
        true
    }

    fn bare(&mut self, at: usize, line: &str) {
        if let Some(told) = gcc::linker(line) {
            return self.begin(told, line);
        }
        if self.checkpatch
            && let Some(told) = checkpatch::headed(line)
        {
            return self.begin(told, line);
        }
        let last = self.report.diagnostics.last_mut().filter(|_| self.kept.is_some());
        let Some(last) = last else { return };
        if last.tool == "checkpatch" {
            return self.below_checkpatch(at, line);
        }
        // Code, carets and what to write instead are indented.
        if !line.starts_with([' ', '\t']) {
            self.kept = None;
            return;
        }
        if let Some((number, code)) = line.split_once('|')
            && number.trim().is_empty()
        {
            let has_caret = code.contains(['^', '~']);
            // Below the carets of an event there is a line that leads to its number, and no word to write.
            let is_word = code.contains(|c: char| c.is_alphanumeric() || "_;,(){}*&".contains(c))
                && !code.contains(['|', '+'])
                && !code.trim_start().starts_with('(');
            if self.caret && !has_caret && is_word && last.suggestion.is_none() {
                last.suggestion = Some(code.trim().to_owned());
            }
            self.caret = has_caret;
        }
        self.keep(line);
    }

    fn below_checkpatch(&mut self, at: usize, line: &str) {
        let Some(last) = self.report.diagnostics.last_mut() else { return };
        match checkpatch::place(line) {
            Some(checkpatch::Where::File(file, number)) => {
                (last.file, last.line) = (Some(file), Some(number));
                self.keep(line);
            }
            Some(checkpatch::Where::Patch) => self.keep(line),
            Some(checkpatch::Where::Malformed) => {
                self.report.problems.push(Problem::new(at, "checkpatch's place is no path with a line"));
                self.kept = None;
            }
            None if line.starts_with(['+', '-', ' ', '\t']) => self.keep(line),
            None => self.kept = None,
        }
    }

    fn begin(&mut self, mut told: Diagnostic, line: &str) {
        told.raw = format!("{line}\n");
        self.report.diagnostics.push(told);
        (self.kept, self.caret) = (Some(1), false);
    }

    fn keep(&mut self, line: &str) {
        let Some(count) = self.kept.filter(|count| *count < MOST_LINES) else { return };
        if let Some(last) = self.report.diagnostics.last_mut() {
            last.raw.push_str(line);
            last.raw.push('\n');
        }
        self.kept = Some(count + 1);
    }
}
