//! The record of a run: what it began with and what it decided, for `show` and for later runs.
//!
//! It is a tree under `refs/kmigrate/runs/<name>/record`: `inputs.json`, `outcomes.jsonl`, and the text with diff3 markers of
//! each conflicted file as `conflicts/<n>/<k>`. `.../tip` pins the walk commits.

use super::{Folds, MergePolicy, Options, Outcome};
use serde::{Deserialize, Serialize};

/// Everything an outcome depends on, written down when a run begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// Of this schema.
    pub schema_version: u32,
    /// The tool's version.
    pub tool: String,
    /// The series, in order.
    pub commits: Vec<String>,
    /// Where it was read from.
    pub source: String,
    /// Old upstream.
    pub base: Option<String>,
    /// New upstream.
    pub onto: String,
    /// New upstream, as typed.
    pub onto_name: String,
    /// The branch the run makes.
    pub branch: String,
    /// Committer and the one committer date of the run.
    pub committer: String,
    /// The policies.
    pub options: Options,
    /// What the series was read from.
    #[serde(default)]
    pub origin: Origin,
    /// Branches that stand at its commits and get new ones with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stacked: Vec<Stacked>,
    /// What `--autosquash` made of the source.
    #[serde(default, skip_serializing_if = "Folds::is_empty")]
    pub folds: Folds,
}

/// A branch that stands at a commit of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stacked {
    /// The branch, which stays.
    pub source: String,
    /// The commit.
    pub at: String,
    /// The branch to make of it.
    pub branch: String,
}

/// What a series was read from: enough to see later whether it has grown, and to take what was added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The one ref, in full. `None`: several ranges, a list, or no ref; such a series does not grow.
    #[serde(default)]
    pub reference: Option<String>,
    /// Where that ref was; not the last commit of the series if that was a merge.
    #[serde(default)]
    pub end: Option<String>,
    /// Merge commits in it.
    #[serde(default)]
    pub merges: MergePolicy,
}

/// A finished walk.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What it began with.
    pub inputs: Inputs,
    /// One per commit, in order.
    pub outcomes: Vec<Outcome>,
}

/// Names the refs of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunName(pub String);

impl RunName {
    /// All runs.
    pub const ROOT: &str = "refs/kmigrate/runs/";
    /// The record of the run that was made last.
    pub const LAST: &str = "refs/kmigrate/last";

    /// Pins the walk commits.
    pub fn tip(&self) -> String {
        format!("{}{}/tip", Self::ROOT, self.0)
    }

    /// Pins the series as it was read.
    pub fn source(&self) -> String {
        format!("{}{}/source", Self::ROOT, self.0)
    }

    /// What the run wrote to its branch, to know later whether somebody else has moved that.
    pub fn written(&self) -> String {
        format!("{}{}/written", Self::ROOT, self.0)
    }

    /// Pins what people settled.
    pub fn fixes(&self) -> String {
        format!("{}{}/fixes", Self::ROOT, self.0)
    }

    /// The record.
    pub fn record(&self) -> String {
        format!("{}{}/record", Self::ROOT, self.0)
    }

    /// Is this the name of a record's ref?
    pub fn is_record(name: &str) -> bool {
        name.starts_with(Self::ROOT) && name.ends_with("/record")
    }
}

impl Record {
    /// File names in the record's tree.
    pub const INPUTS: &str = "inputs.json";
    /// One JSON object a line.
    pub const OUTCOMES: &str = "outcomes.jsonl";

    /// The two JSON files, by name.
    pub fn files(&self) -> [(&'static str, Vec<u8>); 2] {
        let mut outcomes = Vec::new();
        for outcome in &self.outcomes {
            serde_json::to_writer(&mut outcomes, outcome).expect("an outcome is plain data");
            outcomes.push(b'\n');
        }
        let inputs = serde_json::to_vec_pretty(&self.inputs).expect("inputs are plain data");
        [(Self::INPUTS, inputs), (Self::OUTCOMES, outcomes)]
    }

    /// Reads the two JSON files back; the message names the one that is wrong.
    ///
    /// # Errors
    /// A file is not what this version writes.
    pub fn parse(inputs: &[u8], outcomes: &[u8]) -> Result<Self, String> {
        let inputs = serde_json::from_slice(inputs).map_err(|e| format!("{}: {e}", Self::INPUTS))?;
        let outcomes = serde_json::Deserializer::from_slice(outcomes)
            .into_iter()
            .collect::<Result<_, _>>()
            .map_err(|e| format!("{}: {e}", Self::OUTCOMES))?;
        Ok(Self { inputs, outcomes })
    }
}
