//! What a compiler or an analyser says of a place in the source: one noun for all tools, part of the schema of `findings`.

use crate::merge::Evidence;
use serde::{Deserialize, Serialize};

/// How bad the tool says it is, in three steps for all tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A remark: `note`, `info`, `CHECK`, Low.
    Note,
    /// A warning: `warning`, `warn`, `WARNING`, Medium.
    Warning,
    /// An error: `error`, `ERROR`, High, Critical.
    Error,
}

impl Severity {
    /// As it is said.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One message of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Who says it: `gcc`, `sparse`, `checkpatch`, as SARIF names it.
    pub tool: String,
    /// The tool's name for what it found: `-Wunused-variable`, `BUFFER_OVERFLOW`, a rule's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// The file, as the tool names it, without a leading `./`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column, counted as the tool does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The function that it is in, where the tool tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// What it says, without place, severity and kind.
    pub message: String,
    /// What the tool would do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// What else it says of the same thing, with places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Evidence>,
    /// The record as it was read; bytes that are no UTF-8 are replaced.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub raw: String,
}

impl Diagnostic {
    /// A message of a tool, of no place yet.
    pub fn new(tool: impl Into<String>, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            tool: tool.into(),
            kind: None,
            severity,
            file: None,
            line: None,
            column: None,
            function: None,
            message: message.into(),
            suggestion: None,
            notes: Vec::new(),
            raw: String::new(),
        }
    }

    /// `file:line:column`, as far as they are known.
    pub fn place(&self) -> Option<String> {
        let mut place = self.file.clone()?;
        for number in [self.line, self.line.and(self.column)].into_iter().flatten() {
            place.push_str(&format!(":{number}"));
        }
        Some(place)
    }
}
