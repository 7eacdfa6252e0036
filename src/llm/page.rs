//! A prompt as a page: titled parts of prose and of fenced lines, cut to fit.
//!
//! In: parts, each with what it is worth. Out: the text. The fence is longer than any run of backticks in what it holds, so nothing in a
//! repository can close it; a line is shown whole or not at all.

/// Characters of code that are one token, at the least: kernel code has 3 to 4.
const BYTES_A_TOKEN: usize = 3;

/// How many tokens a text is, estimated from above.
pub fn tokens(text: &str) -> usize {
    text.len().div_ceil(BYTES_A_TOKEN)
}

/// Something on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Our own words.
    Prose(String),
    /// Lines of somebody else, in a fence that says what they are (`c`, `diff`, `text`).
    Fenced(&'static str, Vec<String>),
}

/// A titled part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is called, also in the list of what was left out.
    pub title: String,
    /// What is in it.
    pub pieces: Vec<Piece>,
    /// The order in which parts are dropped: the highest goes first, 0 never goes.
    pub rank: u32,
}

impl Part {
    /// An empty part.
    pub fn new(title: impl Into<String>, rank: u32) -> Self {
        Self { title: title.into(), pieces: Vec::new(), rank }
    }

    /// Adds our own words.
    #[must_use]
    pub fn say(mut self, prose: impl Into<String>) -> Self {
        self.pieces.push(Piece::Prose(prose.into()));
        self
    }

    /// Adds somebody else's lines.
    #[must_use]
    pub fn show(mut self, kind: &'static str, lines: Vec<String>) -> Self {
        self.pieces.push(Piece::Fenced(kind, lines));
        self
    }
}

/// Longest run of backticks in a line.
fn run(line: &str) -> usize {
    line.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// The parts one after another.
pub fn write(parts: &[Part]) -> String {
    let pieces = || parts.iter().flat_map(|part| &part.pieces);
    let fenced = pieces().filter_map(|piece| match piece {
        Piece::Fenced(_, lines) => Some(lines),
        Piece::Prose(_) => None,
    });
    let longest = fenced.flatten().map(|line| run(line)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let mut text = String::new();
    for part in parts {
        text.push_str(&format!("## {}\n\n", part.title));
        for piece in &part.pieces {
            match piece {
                Piece::Prose(words) => text.push_str(&format!("{words}\n\n")),
                Piece::Fenced(kind, lines) => {
                    text.push_str(&format!("{fence}{kind}\n"));
                    lines.iter().for_each(|line| text.push_str(&format!("{line}\n")));
                    text.push_str(&format!("{fence}\n\n"));
                }
            }
        }
    }
    text
}

/// Drops parts, the least useful first, until the rest fits into so many tokens; the titles of what was dropped.
pub fn fit(parts: &mut Vec<Part>, most: usize) -> Vec<String> {
    let mut dropped = Vec::new();
    while tokens(&write(parts)) > most {
        // Of equal ones the last goes first: lists are in order of use.
        let worst = parts.iter().enumerate().filter(|(_, part)| part.rank > 0).max_by_key(|(_, part)| part.rank);
        let Some((at, _)) = worst else { break };
        dropped.push(parts.remove(at).title);
    }
    dropped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_anything_in_it() {
        let part = Part::new("T", 0).show("c", vec!["/* ````` */".to_owned(), "```".to_owned()]).say("words");
        let text = write(&[part]);
        assert!(text.contains("\n``````c\n/* ````` */\n```\n``````\n"), "{text}");
        assert_eq!(text.matches("\n``````").count(), 2);
    }

    #[test]
    fn the_least_useful_goes_first_and_the_rest_stays_whole() {
        let part = |title: &str, rank, lines| Part::new(title, rank).show("c", vec!["0123456789".to_owned(); lines]);
        let all = vec![part("task", 0, 9), part("a", 1, 9), part("b", 7, 9), part("c", 7, 9)];
        let mut parts = all.clone();
        assert_eq!(fit(&mut parts, 1000), [""; 0]);
        let mut parts = all.clone();
        assert_eq!(fit(&mut parts, tokens(&write(&all[..3]))), ["c"]);
        let mut parts = all;
        assert_eq!(fit(&mut parts, 1), ["c", "b", "a"]);
        assert_eq!(parts.len(), 1);
    }
}
