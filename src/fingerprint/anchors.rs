//! Where a snippet stands in a text: exact line ranges of the text, best first.
//!
//! In: the fingerprint of a snippet (s_old, or a model's answer) and that of a file. Out: [`Place`]s whose lines are copied from
//! the file, never from the snippet; all of them, with their scores, so that whoever reads sees what is ambiguous.
//!
//! ```text
//!   candidates   statements like the snippet's first one, and where its rare statements say that it begins
//!   window       from there as far as the sum of shared statements pays
//!   alignment    the snippet's statements against the window's; the first and last match give the lines
//!   lines        on to the snippet's own first and last line while line after line is the same
//! ```

use super::align::{self, Match, PerMille, Side};
use super::cfp::{Fingerprint, Node, NodeKind};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// How many places are looked at and told.
const PLACES: usize = 48;

/// A statement of the snippet that occurs more often in the file says nothing of its place.
const RARE: usize = 8;

/// A statement weighs as many tokens as it has, up to this.
const HEAVIEST: usize = 24;

/// A place that shares less than this with the snippet is none, unless it defines the same name.
const ENOUGH: PerMille = 250;

/// What two definitions of one name are alike at least.
const SAME_NAME: PerMille = 600;

/// A place that shares less than this may be found, but is not clear.
const HALF: PerMille = 500;

/// A place is clear if the next one is worse by this.
const CLEARLY: PerMille = 100;

/// How a snippet's first or last line was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The same but for spacing and comments.
    Exact,
    /// As a statement that is alike.
    Similar(PerMille),
    /// Not at all: the lines begin or end with what was found next.
    Missing,
}

/// Where a snippet may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The lines of the file, from 1, the last one included.
    pub lines: (usize, usize),
    /// How much snippet and lines have in common: 1000 is all.
    pub score: PerMille,
    /// How the snippet's first line was found.
    pub first: Anchor,
    /// How its last line was found.
    pub last: Anchor,
}

/// The bytes of lines (from 1, the last one included) of a text, with their line ends.
pub fn lines_of(text: &[u8], (first, last): (usize, usize)) -> &[u8] {
    let ends = || text.iter().enumerate().filter(|(_, c)| **c == b'\n').map(|(at, _)| at + 1);
    let start = if first <= 1 { 0 } else { ends().nth(first - 2).unwrap_or(text.len()) };
    let end = if last == 0 { 0 } else { ends().nth(last - 1).unwrap_or(text.len()) };
    &text[start.min(end)..end]
}

/// Whether the first place is the one: more than half of it is the same, and nothing else comes near.
pub fn is_clear(places: &[Place]) -> bool {
    match places {
        [] => false,
        [best] => best.score >= HALF,
        [best, next, ..] => best.score >= HALF && best.score >= next.score + CLEARLY,
    }
}

/// Where the snippet may stand in the file: the best place first, then by line.
pub fn locate(snippet: &Fingerprint<'_>, file: &Fingerprint<'_>) -> Vec<Place> {
    let search = Search::new(snippet, file);
    let mut places: Vec<Place> = search.starts().into_iter().filter_map(|start| search.place(start)).collect();
    places.sort_by_key(|place| (std::cmp::Reverse(place.score), place.lines));
    let mut told: Vec<Place> = Vec::new();
    for place in places {
        let apart = |other: &Place| other.lines.1 < place.lines.0 || place.lines.1 < other.lines.0;
        if told.iter().all(apart) {
            told.push(place);
        }
    }
    told
}

/// What a search needs.
struct Search<'f, 'a> {
    /// The snippet.
    snippet: Side<'f, 'a>,
    /// The file.
    file: Side<'f, 'a>,
    /// The snippet's lines.
    snippet_lines: Vec<&'a [u8]>,
    /// The file's lines.
    file_lines: Vec<&'a [u8]>,
    /// The weights of the snippet's statements, by their keys.
    wanted: HashMap<(u8, u64), usize>,
    /// The weight of all of them.
    weight: usize,
    /// The statements of the snippet that define what the file defines too.
    defined: Vec<usize>,
}

impl<'f, 'a> Search<'f, 'a> {
    /// Prepares both sides.
    fn new(snippet: &'f Fingerprint<'a>, file: &'f Fingerprint<'a>) -> Self {
        let (snippet_lines, file_lines) = (split(snippet.text), split(file.text));
        let (snippet, file) = (Side::of(snippet), Side::of(file));
        let mut wanted = HashMap::new();
        for at in 0..snippet.len() {
            *wanted.entry(snippet.key(at)).or_insert(0) += 1;
        }
        let weight = (0..snippet.len()).map(|at| weight(&snippet, at)).sum();
        let defined = defined_in_both(snippet.fingerprint, file.fingerprint);
        Self { snippet, file, snippet_lines, file_lines, wanted, weight, defined }
    }

    /// The nodes of the file at which the snippet may begin, in order.
    fn starts(&self) -> Vec<usize> {
        if self.snippet.len() == 0 || self.file.len() == 0 {
            return Vec::new();
        }
        let like = |at: usize| (at, align::similarity((&self.snippet, 0), (&self.file, at)));
        let mut first: Vec<(usize, PerMille)> = (0..self.file.len()).map(like).filter(|found| found.1 >= 600).collect();
        first.sort_by_key(|found| (std::cmp::Reverse(found.1), found.0));
        let mut starts: Vec<usize> = first.into_iter().take(PLACES).map(|found| found.0).collect();
        starts.extend(self.voted());
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    /// The starts for which most rare statements of the snippet speak.
    fn voted(&self) -> Vec<usize> {
        let mut places: HashMap<(u8, u64), Vec<usize>> = HashMap::new();
        for at in (0..self.file.len()).filter(|at| self.wanted.contains_key(&self.file.key(*at))) {
            let list = places.entry(self.file.key(at)).or_default();
            if list.len() <= RARE {
                list.push(at);
            }
        }
        // Votes of one place differ by what was inserted and removed before: they are counted by steps.
        let step = self.snippet.len() / 2 + 4;
        let mut votes: HashMap<usize, (usize, usize)> = HashMap::new();
        for at in 0..self.snippet.len() {
            let found = places.get(&self.snippet.key(at)).filter(|list| list.len() <= RARE);
            for place in found.into_iter().flatten() {
                let start = place.saturating_sub(at);
                let vote = votes.entry(start / step).or_insert((0, start));
                *vote = (vote.0 + weight(&self.snippet, at), vote.1.min(start));
            }
        }
        let mut best: Vec<(usize, usize)> = votes.into_values().collect();
        best.sort_by_key(|vote| (std::cmp::Reverse(vote.0), vote.1));
        // Upstream may have inserted something before them.
        let earlier = |start: usize| start.saturating_sub(self.snippet.len() / 8 + 2);
        best.into_iter().take(PLACES).map(|vote| earlier(vote.1)).collect()
    }

    /// The place for a start. What changed at the snippet's end is not shared, so if that is not found, some nodes more are
    /// looked at, of which the alignment takes what it likes.
    fn place(&self, start: usize) -> Option<Place> {
        let window = self.window(start);
        let place = self.place_in(window.clone());
        if place.as_ref().is_some_and(|place| place.last != Anchor::Missing) {
            return place;
        }
        let longer = self.place_in(start..self.file.len().min(window.end + self.snippet.len() / 4 + 4));
        std::cmp::max_by_key(longer, place, |place| place.as_ref().map(|place| place.score))
    }

    /// The place within a window.
    fn place_in(&self, window: Range<usize>) -> Option<Place> {
        let matches = align::align_in(&self.snippet, &self.file, (0..self.snippet.len(), window));
        let (first, last) = (matches.first()?, self.last_match(&matches)?);
        let (first_line, first_anchor) = self.first_line(first);
        let (last_line, last_anchor) = self.last_line(&last);
        let lines = (first_line, last_line.max(first_line));
        let score = self.score(&matches, lines);
        let is_same = |found: &Match| self.is_defined(found.old) && found.similarity >= SAME_NAME;
        (score >= ENOUGH || matches.iter().any(is_same)).then_some(Place {
            lines,
            score,
            first: first_anchor,
            last: last_anchor,
        })
    }

    /// From a start on as many nodes as share most with the snippet.
    fn window(&self, start: usize) -> Range<usize> {
        let limit = self.file.len().min(start + 2 * self.snippet.len() + 32);
        let mut left = self.wanted.clone();
        let (mut shared, mut passed) = (0, 0);
        let mut best = (0, start + 1);
        for at in start..limit {
            let weight = weight(&self.file, at);
            passed += weight;
            if let Some(count @ 1..) = left.get_mut(&self.file.key(at)) {
                *count -= 1;
                shared += weight;
            }
            let score = 2000 * shared / (self.weight + passed).max(1);
            if score > best.0 {
                best = (score, at + 1);
            }
        }
        start..best.1
    }

    /// The match that tells the last line: of the outermost statement that ends the snippet, if it is whole, else the last.
    fn last_match(&self, matches: &[Match]) -> Option<Match> {
        let nodes = &self.snippet.fingerprint.nodes;
        let end = nodes.iter().map(|node| node.end).max()?;
        let closes = |found: &&Match| nodes[found.old].end == end && !nodes[found.old].is_cut;
        matches.iter().find(closes).or(matches.last()).copied()
    }

    /// The line at which the snippet begins, from its first match.
    fn first_line(&self, found: &Match) -> (usize, Anchor) {
        let mine = self.snippet.fingerprint.nodes[found.old].pos;
        let theirs = self.file.fingerprint.nodes[found.new].pos;
        let above = |line: usize| line.checked_sub(2);
        let steps = (0..mine.min(theirs)).take_while(|step| {
            let pair = above(mine - step).zip(above(theirs - step));
            pair.is_some_and(|(my, their)| same(self.snippet_lines[my], self.file_lines[their]))
        });
        let steps = steps.count();
        let reaches = self.snippet_lines[..mine - 1 - steps].iter().all(|line| line.trim_ascii().is_empty());
        (theirs - steps, anchor(reaches, steps > 0, found.similarity))
    }

    /// The line at which the snippet ends, from the match that tells it.
    fn last_line(&self, found: &Match) -> (usize, Anchor) {
        // Of a statement that the snippet's end cuts off, only the head is known to be in it.
        let is_cut = self.snippet.fingerprint.nodes[found.old].is_cut;
        let mine = end_line(self.snippet.fingerprint, found.old, is_cut);
        let theirs = end_line(self.file.fingerprint, found.new, is_cut);
        let (my_rest, their_rest) = (&self.snippet_lines[mine..], &self.file_lines[theirs..]);
        let steps = my_rest.iter().zip(their_rest).take_while(|(my, their)| same(my, their)).count();
        let reaches = my_rest[steps..].iter().all(|line| line.trim_ascii().is_empty());
        (theirs + steps, anchor(reaches, steps > 0, found.similarity))
    }

    /// How much the snippet has in common with lines: matched weight by all weight of both.
    fn score(&self, matches: &[Match], lines: (usize, usize)) -> PerMille {
        let nodes = &self.file.fingerprint.nodes;
        let is_within = |found: &&Match| (lines.0..=lines.1).contains(&nodes[found.new].pos);
        let kept: Vec<&Match> = matches.iter().filter(is_within).collect();
        let shared: usize = kept.iter().map(|found| found.similarity as usize * weight(&self.snippet, found.old)).sum();
        let from = nodes.partition_point(|node| node.pos < lines.0);
        let to = nodes.partition_point(|node| node.pos <= lines.1);
        let passed: usize = (from..to).map(|at| weight(&self.file, at)).sum();
        let score = (2 * shared / (self.weight + passed).max(1)).min(1000);
        // What the snippet defines and the file defines too, but not here, speaks against here.
        let here = kept.iter().filter(|found| self.is_defined(found.old) && found.similarity >= SAME_NAME).count();
        let somewhere = self.defined.len();
        (score * (somewhere + here)).checked_div(2 * somewhere).unwrap_or(score) as PerMille
    }

    /// Whether a statement of the snippet defines what the file defines too.
    fn is_defined(&self, at: usize) -> bool {
        self.defined.binary_search(&at).is_ok()
    }
}

/// How an end was found: whether the snippet's end was reached, by lines that are the same or by a statement.
fn anchor(reaches: bool, by_lines: bool, similarity: PerMille) -> Anchor {
    match (reaches, by_lines || similarity == 1000) {
        (true, true) => Anchor::Exact,
        (true, false) => Anchor::Similar(similarity),
        (false, _) => Anchor::Missing,
    }
}

/// How much a node counts: what defines a name, most.
fn weight(side: &Side<'_, '_>, at: usize) -> usize {
    let node = &side.fingerprint.nodes[at];
    match node.kind {
        NodeKind::FuncDef(_) | NodeKind::Struct(_) | NodeKind::Union(_) | NodeKind::Enum(_) => HEAVIEST,
        _ => side.fingerprint.tokens(node).len().clamp(1, HEAVIEST),
    }
}

/// The name of a function or record that a node defines.
fn definition<'a>(node: &Node<'a>) -> Option<&'a [u8]> {
    let defines =
        matches!(node.kind, NodeKind::FuncDef(_) | NodeKind::Struct(_) | NodeKind::Union(_) | NodeKind::Enum(_));
    Some(node.kind.name()).filter(|name| defines && !name.is_empty())
}

/// The nodes of the snippet that define a name which the file defines too.
fn defined_in_both(snippet: &Fingerprint<'_>, file: &Fingerprint<'_>) -> Vec<usize> {
    let there: HashSet<&[u8]> = file.nodes.iter().filter_map(definition).collect();
    let in_both = |at: &usize| definition(&snippet.nodes[*at]).is_some_and(|name| there.contains(name));
    (0..snippet.nodes.len()).filter(in_both).collect()
}

/// The last line of a node, or of its head.
fn end_line(fingerprint: &Fingerprint<'_>, at: usize, of_head: bool) -> usize {
    let node = &fingerprint.nodes[at];
    let newlines = || fingerprint.text[node.head.clone()].iter().filter(|c| **c == b'\n').count();
    if of_head { node.pos + newlines() } else { node.end }
}

/// The lines of a text without their ends.
fn split(text: &[u8]) -> Vec<&[u8]> {
    text.strip_suffix(b"\n").unwrap_or(text).split(|c| *c == b'\n').collect()
}

/// Whether two lines are the same but for spacing.
fn same(one: &[u8], other: &[u8]) -> bool {
    let black = |line: &'_ [u8]| line.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect::<Vec<u8>>();
    one == other || black(one) == black(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(snippet: &str, file: &str) -> Vec<Place> {
        locate(&Fingerprint::of(snippet.as_bytes()), &Fingerprint::of(file.as_bytes()))
    }

    const FILE: &str = "#include <linux/a.h>\n\nstatic int one(int a)\n{\n\tif (a)\n\t\treturn 1;\n\tgo(a, 1);\n\treturn 0;\n}\n\n\
                        static int two(int a)\n{\n\tif (a > 2)\n\t\treturn 1;\n\tgo(a, 2);\n\treturn 0;\n}\n\nmodule_init(one);\n";

    #[test]
    fn a_snippet_may_be_cut_anywhere() {
        let file = "/*\n * one\n * two\n */\nint f(int a)\n{\n\tfirst(a);\n\t/* then\n\t * so\n\t */\n\tif (a ||\n\t    b) {\n\t\tx = \"s\";\n\t}\n}\n#define X(a) /*\n * x\n */ \\\n\ty(a)\n";
        let lines: Vec<&str> = file.split_inclusive('\n').collect();
        for (from, to) in (0..lines.len()).flat_map(|from| (from + 1..=lines.len()).map(move |to| (from, to))) {
            let (snippet, rest) = (lines[from..to].concat(), lines[..to].concat());
            for place in find(&snippet, file).into_iter().chain(find(&snippet, &rest)) {
                assert!(place.lines.0 >= 1 && place.lines.1 <= lines.len(), "{snippet:?} {:?}", place.lines);
            }
        }
    }

    #[test]
    fn a_snippet_is_found_at_its_own_lines() {
        let places = find("static int two(int a)\n{\n\tif (a > 2)\n\t\treturn 1;\n\tgo(a, 2);\n\treturn 0;\n}\n", FILE);
        assert_eq!((places[0].lines, places[0].score), ((11, 17), 1000));
        assert_eq!((places[0].first, places[0].last), (Anchor::Exact, Anchor::Exact));
        assert!(lines_of(FILE.as_bytes(), places[0].lines).starts_with(b"static int two"));
        assert!(lines_of(FILE.as_bytes(), places[0].lines).ends_with(b"return 0;\n}\n"));
    }

    #[test]
    fn an_ambiguous_snippet_has_all_its_places() {
        let places = find("\tif (a)\n\t\treturn 1;\n\tgo(a, 3);\n\treturn 0;\n", FILE);
        assert_eq!(places.iter().map(|place| place.lines).collect::<Vec<_>>(), [(5, 8), (13, 16)]);
        assert!(places[0].score > places[1].score);
        let twice = find("\t\treturn 1;\n", FILE);
        assert_eq!(twice.iter().map(|place| place.score).take(3).collect::<Vec<_>>(), [1000, 1000, 666]);
        assert!(!is_clear(&twice) && is_clear(&twice[1..]));
    }

    #[test]
    fn a_changed_function_is_found_by_its_name_and_ends_at_its_own_brace() {
        let new = FILE
            .replace("static int two(int a)", "static long two(struct x *x, int a)")
            .replace("go(a, 2);\n", "went(a);\n\tmore(x);\n");
        let places = find("static int two(int a)\n{\n\tif (a > 2)\n\t\treturn 1;\n\tgo(a, 2);\n\treturn 0;\n}\n", &new);
        assert_eq!(places[0].lines, (11, 18));
        assert!(matches!(places[0].first, Anchor::Similar(_)));
    }

    #[test]
    fn a_cut_that_begins_and_ends_within_statements_keeps_its_lines() {
        let places = find("}\n\nstatic int two(int a)\n{\n\tif (a > 2)\n", FILE);
        assert_eq!(places[0].lines, (9, 13));
        assert_eq!((places[0].first, places[0].last), (Anchor::Exact, Anchor::Exact));
    }

    #[test]
    fn lines_added_by_a_model_around_the_answer_are_not_in_the_file() {
        let places = find(
            "/* Here is the code */\nstatic int one(int a)\n{\n\tif (a)\n\t\treturn 1;\n\tgo(a, 1);\n\treturn 0;\n}\n",
            FILE,
        );
        assert_eq!((places[0].lines, places[0].first), ((3, 9), Anchor::Missing));
    }

    #[test]
    fn what_is_not_there_has_no_place() {
        assert_eq!(find("struct other {\n\tu8 x;\n};\n", FILE), []);
        assert_eq!(find("", FILE), []);
        assert_eq!(find("x = 1;\n", ""), []);
    }
}
