//! What became of a commit and of each of its files: the schema of `--json`, of the run's record, and of every report.
//!
//! Fields are added, never redefined.

use super::{Checked, Finding, Method, SideIds, Signals, Vote};
use crate::merge::Evidence;
use bstr::{BStr, BString, ByteSlice};
use serde::{Deserialize, Serialize};

/// What became of a commit. Each commit of a series has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Carried; the same lines removed and added.
    Unmodified,
    /// Carried; other lines removed or added than before.
    Modified,
    /// Upstream has it, with proof.
    Upstream,
    /// It was empty from the start, and is kept.
    Empty,
    /// Some file's sides could not be joined.
    Conflicted,
    /// Left out by `--on-conflict=skip`.
    Skipped,
    /// Left out by a person.
    Dropped,
    /// Not looked at, after a stop.
    Pending,
}

/// What a person should know beside the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Somebody should look before it is used.
    ToReview,
    /// It touches lines that stand only because of an open conflict.
    Provisional,
    /// A part of it is upstream already.
    PartlyUpstream,
    /// A person made or changed it.
    ByHand,
    /// A conflict of it was settled as a person had settled the same one in another commit.
    Remembered,
    /// A conflict of it was settled as a model proposed.
    Assisted,
    /// The series itself takes it back, or it takes back an earlier commit of the series: left out, as was asked for.
    TakenBack,
}

/// What kind of conflict a file has; git's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ConflictKind {
    /// Lines of a text.
    #[serde(rename = "content")]
    Content,
    /// Both sides add the file.
    #[serde(rename = "add/add")]
    AddAdd,
    /// Upstream removed what the patch changes, or the other way round.
    #[serde(rename = "modify/delete")]
    ModifyDelete,
    /// No text, changed on both sides.
    #[serde(rename = "binary")]
    Binary,
    /// A link, a submodule or a type that both sides changed.
    #[serde(rename = "type")]
    Type,
    /// The executable bit, changed on both sides.
    #[serde(rename = "mode")]
    Mode,
    /// Both sides moved the file, to different places.
    #[serde(rename = "rename/rename")]
    RenameRename,
    /// A file stands where a directory is needed, or the other way round.
    #[serde(rename = "directory/file")]
    DirectoryFile,
}

impl ConflictKind {
    /// git's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::AddAdd => "add/add",
            Self::ModifyDelete => "modify/delete",
            Self::Binary => "binary",
            Self::Type => "type",
            Self::Mode => "mode",
            Self::RenameRename => "rename/rename",
            Self::DirectoryFile => "directory/file",
        }
    }
}

/// How a file came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileResult {
    /// Upstream left it alone: the patch's version, as it is.
    Taken,
    /// Both changed it, and the changes were joined.
    Merged,
    /// Upstream made the same change.
    Same,
    /// Not joined.
    Conflict,
}

/// A conflicting hunk: lines from 1 in ours, and how many there are on each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HunkOutcome {
    /// First line in the tip's file, from 1.
    pub line: usize,
    /// Lines of base, ours, theirs.
    pub lengths: [usize; 3],
}

/// The conflict record of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflicted {
    /// What kind of conflict.
    pub kind: ConflictKind,
    /// Object id of the text with diff3 markers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff3: Option<String>,
}

/// A question about a hunk that was put to a model, and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// First line of the hunk in the tip's file, from 1.
    pub line: usize,
    /// Object id of what was asked.
    pub prompt: String,
    /// Object id of the answer.
    pub answer: String,
    /// Why the answer was not taken; `None` if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Who else says so, if it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vote: Option<Vote>,
}

/// What became of one file of a commit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileOutcome {
    /// Its path on the new kernel; quoted as git does if it is not UTF-8.
    pub path: String,
    /// Its path before, where that differs: in the old series, or before the commit moved it.
    pub path_old: Option<String>,
    /// How it was won.
    pub method: Method,
    /// How it came out.
    pub result: FileResult,
    /// The tool asks nobody to look at it.
    pub accepted: bool,
    /// P(a maintainer would change nothing); `None` if a person settled it.
    pub confidence: Option<f64>,
    /// Expected line edit distance to what a maintainer would have.
    pub predicted_distance: Option<f64>,
    /// What the confidence is computed from, where something was merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signals: Option<Signals>,
    /// Findings in it: names that do not hold any more in the new kernel.
    #[serde(default)]
    pub findings: usize,
    /// Why one is not sure of it, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Object ids of base, ours, theirs, where they exist.
    #[serde(default)]
    pub sides: SideIds,
    /// The conflicting hunks.
    pub hunks: Vec<HunkOutcome>,
    /// Set if the file is conflicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflict: Option<Conflicted>,
    /// What a model was asked of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Asked>,
}

/// What became of one commit of the series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Of this schema.
    pub schema_version: u32,
    /// Position in the series, from 1.
    pub n: usize,
    /// The commit.
    pub old: String,
    /// The commit on the new kernel; for a conflicted one, the walk commit.
    pub new: Option<String>,
    /// For people; bytes that are no UTF-8 are replaced.
    pub subject: String,
    /// What became of it.
    pub status: Status,
    /// What else to know.
    pub flags: Vec<Flag>,
    /// Positions of the commits whose open conflicts it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rests_on: Vec<usize>,
    /// P(a maintainer would change nothing).
    pub confidence: Option<f64>,
    /// Expected line edit distance.
    pub predicted_distance: Option<f64>,
    /// Its files, by path.
    pub files: Vec<FileOutcome>,
    /// What analysers say.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// What speaks for and against.
    pub evidence: Vec<Evidence>,
    /// What building it came to, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Checked>,
}

impl Outcome {
    /// Version of the schema.
    pub const SCHEMA: u32 = 1;

    /// Does the flag stand?
    pub fn has(&self, flag: Flag) -> bool {
        self.flags.contains(&flag)
    }

    /// Raises a flag; flags stay in order.
    pub fn raise(&mut self, flag: Flag) {
        if !self.has(flag) {
            self.flags.push(flag);
            self.flags.sort_unstable();
        }
    }

    /// Does the tool ask nobody to look? Whoever raises a finding raises [`Flag::ToReview`], which a person can take back.
    pub fn is_accepted(&self) -> bool {
        let open = matches!(self.status, Status::Conflicted | Status::Pending | Status::Skipped);
        !open && !self.has(Flag::ToReview) && !self.has(Flag::Provisional)
    }
}

/// How many lines a maintainer will still have to touch, in the bands that MigGPT counts its edits by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// None.
    Zero,
    /// One or two.
    BelowThree,
    /// Three to five.
    ThreeToFive,
    /// Six to eight.
    SixToEight,
    /// Nine or more.
    NineOrMore,
}

impl Band {
    /// The band of an expected distance, rounded to whole lines.
    pub fn of(lines: f64) -> Self {
        match lines.round() {
            n if n < 1.0 => Self::Zero,
            n if n < 3.0 => Self::BelowThree,
            n if n < 6.0 => Self::ThreeToFive,
            n if n < 9.0 => Self::SixToEight,
            _ => Self::NineOrMore,
        }
    }

    /// As it is written.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Zero => "0",
            Self::BelowThree => "<3",
            Self::ThreeToFive => "3-5",
            Self::SixToEight => "6-8",
            Self::NineOrMore => ">=9",
        }
    }
}

/// A path for people and JSON: as it is, or in git's C-style quotes if it is not plain UTF-8.
pub fn quoted(path: &BStr) -> String {
    if let Ok(text) = path.to_str()
        && !text.chars().any(|c| c.is_control() || c == '"' || c == '\\')
    {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            0x20..=0x7e => out.push(char::from(byte)),
            other => out.push_str(&format!("\\{other:03o}")),
        }
    }
    out.push('"');
    out
}

/// The path that [`quoted`] made.
pub fn unquoted(path: &str) -> BString {
    let Some(inside) = path.strip_prefix('"').and_then(|p| p.strip_suffix('"')) else {
        return path.into();
    };
    let mut out = Vec::new();
    let mut rest = inside.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, used) = match (first, tail) {
            (b'\\', [b'n', ..]) => (b'\n', 2),
            (b'\\', [b't', ..]) => (b'\t', 2),
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..]) => {
                ((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'), 4)
            }
            (b'\\', [other, ..]) => (*other, 2),
            (byte, _) => (*byte, 1),
        };
        out.push(byte);
        rest = &rest[used..];
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_no_utf8_is_quoted_as_git_does() {
        assert_eq!(quoted(b"a/b.c".as_bstr()), "a/b.c");
        assert_eq!(quoted(b"d\xe4tei\n".as_bstr()), r#""d\344tei\n""#);
    }

    #[test]
    fn an_expected_distance_is_in_the_band_of_its_whole_lines() {
        let bands = [0.0, 0.4, 0.5, 2.4, 2.5, 5.4, 5.5, 8.4, 8.5, 300.0].map(|lines| Band::of(lines).words());
        assert_eq!(bands, ["0", "0", "<3", "<3", "3-5", "3-5", "6-8", "6-8", ">=9", ">=9"]);
    }

    #[test]
    fn quoting_loses_nothing() {
        let odd: Vec<u8> = (1..=255).collect();
        for path in [b"a/b.c".as_slice(), b"d\xe4tei\n\"x\\", &odd] {
            assert_eq!(unquoted(&quoted(path.as_bstr())), path.as_bstr());
        }
    }
}
