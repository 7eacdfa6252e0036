//! A matrix of runs: each of several series onto each of several upstreams, as jobs with a complete command line.
//!
//! In come series and upstreams as a person types them; out come [`Job`]s, in the order of the series and then of the upstreams.

use serde::Serialize;
use std::collections::BTreeSet;

/// One run of a matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Job {
    /// From 0; its place in an array.
    pub job: usize,
    /// Its name, of letters, digits and `+-._` alone, unlike that of every other job: of a file, an artifact, a test suite.
    pub name: String,
    /// The series, as typed.
    pub series: String,
    /// The new upstream, as typed.
    pub onto: String,
    /// The file that its JSON Lines go to.
    pub output: String,
    /// The program and its arguments, whose standard output is to go there.
    pub argv: Vec<String>,
    /// All of that for a POSIX shell: makes the folder, runs the program, writes the file.
    pub command: String,
}

/// What a matrix is made of.
#[derive(Clone, Copy, Debug)]
pub struct Crossed<'a> {
    /// The series.
    pub series: &'a [String],
    /// The new upstreams.
    pub onto: &'a [String],
    /// Options that each run is given.
    pub options: &'a [String],
    /// The folder that results go to.
    pub results: &'a str,
}

impl Crossed<'_> {
    /// Each series onto each upstream.
    pub fn jobs(self) -> Vec<Job> {
        let mut taken = BTreeSet::new();
        let pairs = self.series.iter().flat_map(|series| self.onto.iter().map(move |onto| (series, onto)));
        pairs.enumerate().map(|(at, pair)| self.job(at, (pair.0, pair.1), &mut taken)).collect()
    }

    fn job(self, at: usize, (series, onto): (&str, &str), taken: &mut BTreeSet<String>) -> Job {
        let plain = file_name(&format!("{}-{onto}", source(series)));
        let mut name = plain.clone();
        let mut count = 1;
        while !taken.insert(name.to_lowercase()) {
            count += 1;
            name = format!("{plain}-{count}");
        }
        let output = format!("{}/{name}.jsonl", self.results.trim_end_matches('/'));
        let words = ["git", "kmigrate", series, "--onto", onto].map(str::to_owned);
        // Without a name of its own it would make the branch that another job makes.
        let branch = (count > 1).then(|| format!("--branch={name}"));
        let words = words.into_iter().chain(self.options.iter().cloned());
        let argv: Vec<String> = words.chain(branch).chain(["--json".to_owned()]).collect();
        let line: Vec<String> = argv.iter().map(|word| for_shell(word)).collect();
        let command = format!("mkdir -p -- {} && {} > {}", for_shell(self.results), line.join(" "), for_shell(&output));
        Job { job: at, name, series: series.to_owned(), onto: onto.to_owned(), output, argv, command }
    }
}

/// What a series is called after: its end.
fn source(series: &str) -> &str {
    let end = series.rsplit_once("..").map_or(series, |(_, end)| end);
    let end = end.strip_prefix("refs/heads/").unwrap_or(end);
    if end.is_empty() { "HEAD" } else { end }
}

/// A name that every file system and every artifact store takes.
fn file_name(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "+-._".contains(c) { c } else { '-' };
    let name: String = text.chars().map(safe).collect();
    // No hidden file, and no option.
    let name = name.trim_start_matches(['.', '-']);
    if name.is_empty() { "run".to_owned() } else { name.to_owned() }
}

/// A word as a POSIX shell reads it back; it is left bare where nobody could take it otherwise.
pub fn for_shell(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-._/:@%,=".contains(c);
    // `=` may make an assignment of a first word, and zsh expands it at the beginning of any.
    match !word.is_empty() && !word.starts_with('=') && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(series: &[&str], onto: &[&str]) -> Vec<String> {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let (series, onto) = (owned(series), owned(onto));
        let crossed = Crossed { series: &series, onto: &onto, options: &[], results: "out" };
        crossed.jobs().into_iter().map(|job| job.name).collect()
    }

    #[test]
    fn each_series_goes_onto_each_upstream_in_this_order() {
        assert_eq!(names(&["v6.1..rt", "rpi"], &["v6.6", "v6.12"]), ["rt-v6.6", "rt-v6.12", "rpi-v6.6", "rpi-v6.12"]);
    }

    #[test]
    fn names_that_would_be_one_file_are_told_apart_also_where_case_does_not_count() {
        assert_eq!(names(&["v1..topic", "v2..topic", "Topic"], &["v3"]), ["topic-v3", "topic-v3-2", "Topic-v3-3"]);
        assert_eq!(names(&["a/b", "a b", "a-b-v3"], &["v3"]), ["a-b-v3", "a-b-v3-2", "a-b-v3-v3"]);
    }

    #[test]
    fn names_are_of_plain_characters_whatever_is_typed() {
        assert_eq!(names(&["../$(reboot)'\"\n"], &[":/fix it"]), ["reboot-----:-fix-it".replace(':', "-")]);
        assert_eq!(names(&["é"], &["^"]), ["run"]);
        assert_eq!(names(&["v1.."], &["v2"]), ["HEAD-v2"]);
    }

    #[test]
    fn words_are_quoted_for_a_shell_where_they_must() {
        for plain in ["v6.1..rt", "--onto", "a/b", "HEAD@1", "--methods=text,line"] {
            assert_eq!(for_shell(plain), plain);
        }
        assert_eq!(for_shell("it's $HOME"), r"'it'\''s $HOME'");
        for quoted in ["", "a b", "~", "^x", "!1", "=ls", "a;b", "{a,b}", "#x", "é"] {
            assert_eq!(for_shell(quoted), format!("'{quoted}'"));
        }
    }
}
