//! Runs as `--json` told them, read back: what `report --merge` merges.
//!
//! In comes the text of a file: for each run an object per commit and one with the totals, one run after the other. Out come the
//! runs, each with whether it came to its end; or the line that is none of that.

use super::Outcome;
use serde::Deserialize;
use serde_json::Value;

/// A run that somebody was told of.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// As far as it was told.
    pub outcomes: Vec<Outcome>,
    /// How it ended. `None`: it was killed, or could not go on.
    pub last: Option<Last>,
}

/// The line with the totals, as far as others need it: the counts are made anew.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Last {
    /// Where the series was read from.
    pub source: String,
    /// Old upstream.
    pub base: Option<String>,
    /// New upstream.
    pub onto: String,
    /// The same as it was typed; programs before this was written told only the id.
    #[serde(default)]
    pub onto_name: Option<String>,
    /// The last commit.
    pub tip: String,
    /// The branch that the run makes.
    pub branch: String,
    /// Whether it was made, and why not. As it was told.
    pub result: Value,
    /// How many commits the run says that it has told of.
    totals: Counted,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Counted {
    commits: usize,
}

impl Last {
    /// New upstream as people call it.
    pub fn onto_name(&self) -> &str {
        self.onto_name.as_deref().unwrap_or(self.onto.get(..12).unwrap_or(&self.onto))
    }

    /// Was the branch made?
    pub fn is_written(&self) -> bool {
        self.result["written"] == Value::Bool(true)
    }
}

/// A line that is no line of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Reads what was told. A file without a line is a run that never began to tell.
///
/// # Errors
/// A line is no line of a run. (Half a line at the end is of a run that was killed.)
pub fn told(text: &[u8]) -> Result<Vec<Told>, Unreadable> {
    let mut runs = Vec::new();
    let mut outcomes: Vec<Outcome> = Vec::new();
    let mut rest = text;
    let mut line = 0;
    while !rest.is_empty() {
        line += 1;
        let end = rest.iter().position(|&byte| byte == b'\n');
        let (this, after) = end.map_or((rest, &[][..]), |end| (&rest[..end], &rest[end + 1..]));
        rest = after;
        let unreadable = |why: String| Unreadable { line, why };
        match Line::read(this) {
            Err(_) if end.is_none() => break,
            Err(why) => return Err(unreadable(why)),
            Ok(Line::Outcome(outcome)) => {
                let due = outcomes.len() + 1;
                if outcome.n != due {
                    return Err(unreadable(format!("it tells of commit {}, where {due} is due", outcome.n)));
                }
                outcomes.push(*outcome);
            }
            Ok(Line::Last(last)) => {
                let (said, listed) = (last.totals.commits, outcomes.len());
                if said != listed {
                    return Err(unreadable(format!("it counts {said} commits, and {listed} stand before it")));
                }
                runs.push(Told { outcomes: std::mem::take(&mut outcomes), last: Some(*last) });
            }
        }
    }
    if !outcomes.is_empty() || runs.is_empty() {
        runs.push(Told { outcomes, last: None });
    }
    Ok(runs)
}

enum Line {
    Outcome(Box<Outcome>),
    Last(Box<Last>),
}

impl Line {
    fn read(line: &[u8]) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(line).map_err(|e| format!("it is no JSON: {e}"))?;
        match value["schema_version"].as_u64() {
            Some(version) if version == u64::from(Outcome::SCHEMA) => {}
            Some(version) => {
                return Err(format!("its version is {version}, and this program reads {}", Outcome::SCHEMA));
            }
            None => return Err("it is no line of git kmigrate --json".to_owned()),
        }
        let is_last = value.get("totals").is_some();
        let unlike = |e: serde_json::Error| format!("it is no line of git kmigrate --json: {e}");
        match is_last {
            true => serde_json::from_value(value).map(|last| Self::Last(Box::new(last))).map_err(unlike),
            false => serde_json::from_value(value).map(|outcome| Self::Outcome(Box::new(outcome))).map_err(unlike),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(n: usize) -> String {
        format!(
            "{{\"schema_version\":1,\"n\":{n},\"old\":\"{n:040x}\",\"new\":null,\"subject\":\"s\",\"status\":\"empty\",\"flags\":[],\
             \"confidence\":null,\"predicted_distance\":null,\"files\":[],\"findings\":[],\"evidence\":[]}}\n"
        )
    }

    fn last(commits: usize) -> String {
        format!(
            "{{\"schema_version\":1,\"totals\":{{\"commits\":{commits}}},\"source\":\"rt\",\"base\":null,\"onto\":\"{0:040x}\",\
             \"tip\":\"{0:040x}\",\"branch\":\"rt-v2\",\"result\":{{\"written\":true}}}}\n",
            7
        )
    }

    fn shape(text: &str) -> Vec<(usize, bool)> {
        let runs = told(text.as_bytes()).expect("readable");
        runs.iter().map(|run| (run.outcomes.len(), run.last.is_some())).collect()
    }

    #[test]
    fn runs_stand_one_after_the_other_and_one_without_totals_did_not_end() {
        assert_eq!(shape(""), [(0, false)]);
        assert_eq!(shape(&[commit(1), commit(2), last(2), commit(1)].concat()), [(2, true), (1, false)]);
        assert_eq!(shape(&[last(0), commit(1), last(1)].concat()), [(0, true), (1, true)]);
    }

    #[test]
    fn half_a_line_at_the_end_is_of_a_run_that_was_killed() {
        let whole = [commit(1), commit(2)].concat();
        assert_eq!(shape(&whole[..whole.len() - 9]), [(1, false)]);
    }

    #[test]
    fn what_is_no_line_of_a_run_is_said_with_its_number() {
        let wrong = |text: String| told(text.as_bytes()).expect_err("not readable");
        assert_eq!(wrong([&commit(1), "nonsense\n"].concat()).line, 2);
        assert!(wrong([commit(1), commit(3)].concat()).why.contains("commit 3, where 2 is due"));
        assert!(wrong([commit(1), last(2)].concat()).why.contains("counts 2 commits, and 1 stand"));
        assert!(wrong(commit(1).replace("\"schema_version\":1", "\"schema_version\":9")).why.contains("version is 9"));
        assert!(wrong("{\"a\":1}\n".to_owned()).why.contains("no line of git kmigrate"));
        assert!(wrong(commit(1).replace("empty", "unheard")).why.contains("no line of git kmigrate"));
    }
}
