//! The run as one page: no network, opens from a file, holds everything that a reviewer asks for.
//!
//! ```text
//!   record ──> index: run, totals' figures, a line per commit ──┐
//!   objects ─> details: patches, conflicts, in chunks ──────────┴─> deflate, base 64 ─> page.html with page.css and *.js
//! ```
//!
//! Nothing of a commit is ever markup: the file holds base 64 only, and the scripts make text nodes of it. The page forbids itself
//! every request (`Content-Security-Policy`).

mod asked;
mod conflict;
mod cut;
mod detail;
mod packed;

use crate::error::Result;
use crate::git::{Oid, Repo, Store};
use crate::report::CommitUrl;
use crate::report::plain::lossy;
use crate::run::{Band, Outcome, Record};
use bstr::ByteSlice;
use detail::Reader;
use packed::{deflated, packed};
use serde_json::{Value, json};

/// The page without data.
const PAGE: &str = include_str!("page.html");
/// How it looks.
const STYLE: &str = include_str!("page.css");
/// What it does; one script, in this order.
const SCRIPTS: [&str; 8] = [
    include_str!("data.js"),
    include_str!("dom.js"),
    include_str!("review.js"),
    include_str!("patch.js"),
    include_str!("commit.js"),
    include_str!("head.js"),
    include_str!("list.js"),
    include_str!("keys.js"),
];
/// Bytes of details that are unpacked at once.
const CHUNK: usize = 256 << 10;

/// A run that is shown.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The branch that it makes.
    pub name: &'a str,
    /// The commit of the record.
    pub id: Oid,
    /// What is in it.
    pub record: &'a Record,
    /// Where upstream's commits are on the web, if somebody said so.
    pub commit_url: Option<&'a CommitUrl>,
}

/// Makes the page; `told` is called after each commit.
///
/// # Errors
/// An object of the run is missing, or git fails.
pub fn html(repo: &Repo, store: &mut Store, run: Shown<'_>, told: &dyn Fn()) -> Result<Vec<u8>> {
    let mut reader = Reader::new((repo, store), run.record)?;
    let mut commits = Vec::with_capacity(run.record.outcomes.len());
    let mut chunks: Vec<String> = Vec::new();
    let mut open = Vec::new();
    for outcome in &run.record.outcomes {
        let detail = reader.detail(outcome)?;
        open.push(if open.is_empty() { b'[' } else { b',' });
        serde_json::to_writer(&mut open, &detail).expect("a detail is plain data");
        let mut line = line(&mut reader, outcome)?;
        line["chunk"] = json!(chunks.len());
        commits.push(line);
        if open.len() > CHUNK {
            chunks.push(closed(&mut open));
        }
        told();
    }
    if !open.is_empty() {
        chunks.push(closed(&mut open));
    }
    let inputs = &run.record.inputs;
    let index = json!({
        "run": {
            "name": run.name, "record": run.id.to_string(), "source": inputs.source, "base": inputs.base, "onto": inputs.onto,
            "onto_name": inputs.onto_name, "tool": inputs.tool, "options": inputs.options,
            "commit_url": run.commit_url.map(CommitUrl::pattern),
        },
        "commits": commits,
    });
    Ok(page(&packed(&index), &chunks))
}

fn closed(open: &mut Vec<u8>) -> String {
    open.push(b']');
    deflated(&std::mem::take(open))
}

/// What the list shows of a commit: its outcome, who wrote it, and the id by which what was seen of it is accepted.
fn line(reader: &mut Reader<'_>, outcome: &Outcome) -> Result<Value> {
    let mut line = serde_json::to_value(outcome).expect("an outcome is plain data");
    for file in line["files"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        // Ids and counts that no reader asks for.
        file.remove("sides");
        file.remove("signals");
    }
    let old = reader.commit(&outcome.old)?;
    line["author"] = json!(old.map(|commit| lossy(commit.author().as_bytes())));
    line["is_accepted"] = json!(outcome.is_accepted());
    line["band"] = json!(outcome.predicted_distance.map(|lines| Band::of(lines).words()));
    // What cannot be seen cannot be ticked.
    line["outcome"] = if reader.has(outcome)? { json!(reader.outcome_id(outcome)?) } else { Value::Null };
    Ok(line)
}

/// The page with its data.
fn page(index: &str, chunks: &[String]) -> Vec<u8> {
    let data = |id: &str, text: &str| format!("<script type=\"text/plain\" id=\"{id}\">{text}</script>\n");
    let mut all = data("index", index);
    for (n, chunk) in chunks.iter().enumerate() {
        all.push_str(&data(&format!("chunk{n}"), chunk));
    }
    let script = SCRIPTS.concat();
    PAGE.replace("/*style*/", STYLE).replace("/*script*/", &script).replace("<!--data-->", &all).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_make_no_markup_run_no_text_and_ask_for_nothing() {
        let all = SCRIPTS.concat();
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacent",
            "document.write",
            "eval(",
            "Function(",
            "</script",
            "fetch(",
            "XMLHttp",
            "import(",
        ] {
            assert!(!all.contains(word), "{word}");
        }
        let without_svg = all.replace("http://www.w3.org/2000/svg", "");
        assert!(!without_svg.contains("http:") && !without_svg.contains("https:") && !STYLE.contains("url("));
        assert!(PAGE.contains("default-src 'none'"), "the page forbids itself every request");
    }

    #[test]
    fn a_page_has_each_of_its_parts_once() {
        let page = String::from_utf8(page("SU5ERVg=", &["Qw==".to_owned()])).expect("text");
        for part in ["id=\"index\">SU5ERVg=<", "id=\"chunk0\">Qw==<", "color-scheme", "DecompressionStream"] {
            assert!(page.contains(part), "{part}");
        }
        for left in ["/*style*/", "/*script*/", "<!--data-->"] {
            assert!(!page.contains(left), "{left}");
        }
    }
}
