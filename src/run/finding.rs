//! What an analyser says of lines that a commit adds: the schema of `findings` in `--json`, and of `repair --list --json`.
//!
//! One noun for both: what the survey knows of a name has no tool, and what a compiler or an analyser says stands in `diagnostic`.

use super::Diagnostic;
use crate::merge::Evidence;
use serde::{Deserialize, Serialize};

/// What kind of a finding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A line uses a name that old upstream had and new upstream has no more.
    StaleName,
    /// It does not compile.
    Build,
    /// An analyser says something of it.
    Analysis,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its kind.
    pub kind: FindingKind,
    /// The name that it is about; of a diagnostic, what its tool calls it, else the tool.
    pub name: String,
    /// In words, with `path:line` of what came out.
    pub said: Evidence,
    /// What the name was, on old upstream; of a build, what the original commit does there. A stale name always has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Evidence>,
    /// How upstream's own code changed where it used the name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Evidence>,
    /// What a compiler or an analyser said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnostic: Option<Box<Diagnostic>>,
}

impl Finding {
    /// What a tool said.
    pub fn told(kind: FindingKind, diagnostic: Diagnostic) -> Self {
        let said = Evidence::new(diagnostic.message.clone());
        Self {
            kind,
            name: diagnostic.kind.clone().unwrap_or_else(|| diagnostic.tool.clone()),
            said: match diagnostic.place() {
                Some(place) => said.at(place),
                None => said,
            },
            was: None,
            examples: Vec::new(),
            diagnostic: Some(Box::new(diagnostic)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Severity;

    #[test]
    fn a_stale_name_is_written_as_it_always_was_and_read_back() {
        let old = r#"{"kind":"stale_name","name":"f","said":{"statement":"f is gone","place":"a.c:3"},"was":{"statement":"function f was here","place":"b.h"}}"#;
        let finding: Finding = serde_json::from_str(old).expect("a finding of an earlier version");
        assert_eq!(serde_json::to_string(&finding).expect("plain data"), old);
    }

    #[test]
    fn what_a_tool_says_has_its_place_and_its_name() {
        let mut diagnostic = Diagnostic::new("gcc", Severity::Error, "no member named 'x'");
        (diagnostic.file, diagnostic.line, diagnostic.column) = (Some("a.c".into()), Some(3), Some(7));
        let finding = Finding::told(FindingKind::Build, diagnostic);
        assert_eq!(finding.said, Evidence::new("no member named 'x'").at("a.c:3:7"));
        assert_eq!(finding.name, "gcc");
        let text = serde_json::to_string(&finding).expect("plain data");
        assert!(!text.contains("\"was\""), "{text}");
        assert_eq!(serde_json::from_str::<Finding>(&text).expect("the same"), finding);
    }
}
