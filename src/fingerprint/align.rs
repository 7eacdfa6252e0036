//! Which statement of one text became which statement of another.
//!
//! In: two fingerprints. Out: matched pairs of nodes in the order of both, each with its similarity.
//!
//! ```text
//!   old  a b c X d e          equal nodes that occur once in both are anchors (patience); between two anchors, equal
//!   new  a b Y c d e          beginnings and ends; then the best sum of similarities (dynamic programming), if the gap
//!        | | \ /  | |         is small enough
//! ```
//!
//! Anchors: B. Cohen's patience diff. The work is capped: by levels of anchors, by cells of one gap and of all gaps together.

use super::cfp::{Fingerprint, NodeKind};
use std::collections::HashMap;
use std::mem::discriminant;
use std::ops::Range;

/// A similarity in thousandths: 1000 is equal but for comments and spacing, 0 is not comparable.
pub type PerMille = u32;

/// Two statements share at least half of their tokens, or they are not matched.
const ENOUGH: PerMille = 500;

/// How many times gaps between anchors are searched for further anchors.
const LEVELS: usize = 24;

/// The largest gap, in pairs of nodes, whose best alignment is computed.
const GAP_CELLS: usize = 1 << 16;

/// How many pairs of nodes are compared in all gaps together: for each node so many, ...
const CELLS_A_NODE: usize = 256;

/// ... and at most so many.
const ALL_CELLS: usize = 1 << 22;

/// How far a large gap is searched for the next equal node.
const LOOK_AHEAD: usize = 24;

/// Two nodes that are the same statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// Index of the node in the old fingerprint.
    pub old: usize,
    /// Index of the node in the new one.
    pub new: usize,
    /// How much they are alike.
    pub similarity: PerMille,
}

/// The key by which nodes are equal.
pub(super) type Key = (u8, u64);

/// Which kinds can become one another: equal numbers.
fn family(kind: &NodeKind<'_>) -> u8 {
    use NodeKind as K;
    match kind {
        K::Comment => 1,
        K::Define(_) | K::OtherDirective(_) => 2,
        K::Include(_) => 3,
        K::PpIf(_) | K::Ifdef(_) | K::Ifndef(_) | K::Elif(_) => 4,
        K::PpElse => 5,
        K::Endif => 6,
        K::FuncDef(_) => 7,
        K::FuncDecl(_) => 8,
        K::Struct(_) | K::Union(_) | K::Typedef(_) => 9,
        K::Enum(_) => 10,
        K::Enumerator(_) => 11,
        K::Entry(_) => 12,
        K::Asm => 13,
        K::If | K::ElseIf | K::While => 14,
        K::Else => 15,
        K::For => 16,
        K::Do => 17,
        K::Switch => 18,
        K::Case | K::Default => 19,
        K::Label(_) => 20,
        K::Return | K::Break | K::Continue | K::Goto(_) => 21,
        K::Block => 22,
        K::MacroCall(_)
        | K::VarDec(_)
        | K::FieldDeclaration(_)
        | K::FuncCall(_)
        | K::Assign
        | K::Expression
        | K::Continuation => 23,
    }
}

/// Whether a kind's name says what it is: two names are two things.
fn is_named_for_good(kind: &NodeKind<'_>) -> bool {
    use NodeKind as K;
    matches!(
        kind,
        K::Define(_)
            | K::Include(_)
            | K::FuncDef(_)
            | K::FuncDecl(_)
            | K::Struct(_)
            | K::Union(_)
            | K::Enum(_)
            | K::Typedef(_)
            | K::Enumerator(_)
            | K::Entry(_)
            | K::Label(_)
            | K::FieldDeclaration(_)
    )
}

/// A fingerprint prepared for comparisons.
pub struct Side<'f, 'a> {
    /// The fingerprint.
    pub fingerprint: &'f Fingerprint<'a>,
    /// The nodes' token hashes, each node's in ascending order.
    sorted: Vec<u32>,
    /// The nodes' keys.
    keys: Vec<Key>,
}

impl<'f, 'a> Side<'f, 'a> {
    /// Prepares a fingerprint.
    pub fn of(fingerprint: &'f Fingerprint<'a>) -> Self {
        let mut sorted = fingerprint.all_tokens().to_vec();
        let keys = fingerprint.nodes.iter().map(|node| (family(&node.kind), node.hash)).collect();
        for node in &fingerprint.nodes {
            sorted[node.tokens.clone()].sort_unstable();
        }
        Self { fingerprint, sorted, keys }
    }

    /// The token hashes of a node in ascending order.
    pub(super) fn bag(&self, at: usize) -> &[u32] {
        &self.sorted[self.fingerprint.nodes[at].tokens.clone()]
    }

    /// The key of a node.
    pub(super) fn key(&self, at: usize) -> Key {
        self.keys[at]
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }
}

/// How much two nodes are alike: 1000 if equal, 0 if of unlike kinds; else twice the tokens they share by the tokens they have
/// (Dice, with repetitions). The same name of a definition counts for much, another name against it.
pub fn similarity((old, at): (&Side<'_, '_>, usize), (new, to): (&Side<'_, '_>, usize)) -> PerMille {
    if old.keys[at] == new.keys[to] {
        return 1000;
    }
    if old.keys[at].0 != new.keys[to].0 {
        return 0;
    }
    let shared = dice(old.bag(at), new.bag(to)).min(999);
    let (one, other) = (&old.fingerprint.nodes[at].kind, &new.fingerprint.nodes[to].kind);
    match same_name(one, other) {
        None => shared,
        Some(true) => 600 + shared * 2 / 5,
        Some(false) => shared * 3 / 5,
    }
}

/// Whether two nodes of one kind, whose names say what they are, have the same name.
pub(super) fn same_name(one: &NodeKind<'_>, other: &NodeKind<'_>) -> Option<bool> {
    let is_told = is_named_for_good(one) && discriminant(one) == discriminant(other);
    let are_named = !one.name().is_empty() && !other.name().is_empty();
    (is_told && are_named).then(|| one.name() == other.name())
}

/// Dice's coefficient of two ascending lists, with repetitions; two empty ones are alike.
fn dice(one: &[u32], other: &[u32]) -> PerMille {
    let (mut at, mut to, mut shared) = (0, 0, 0usize);
    while at < one.len() && to < other.len() {
        match one[at].cmp(&other[to]) {
            std::cmp::Ordering::Less => at += 1,
            std::cmp::Ordering::Greater => to += 1,
            std::cmp::Ordering::Equal => (at, to, shared) = (at + 1, to + 1, shared + 1),
        }
    }
    let all = one.len() + other.len();
    (2000 * shared).checked_div(all).map_or(1000, |share| share as PerMille)
}

/// The matched nodes of two fingerprints: both indices ascend.
pub fn align(old: &Fingerprint<'_>, new: &Fingerprint<'_>) -> Vec<Match> {
    let (old, new) = (Side::of(old), Side::of(new));
    align_in(&old, &new, (0..old.len(), 0..new.len()))
}

/// The matched nodes of two ranges of nodes.
pub fn align_in(old: &Side<'_, '_>, new: &Side<'_, '_>, ranges: (Range<usize>, Range<usize>)) -> Vec<Match> {
    let cells = ALL_CELLS.min(GAP_CELLS + CELLS_A_NODE * (ranges.0.len() + ranges.1.len()));
    let mut aligner = Aligner { old, new, matches: Vec::new(), cells };
    let mut gaps = vec![(ranges, 0)];
    while let Some(((olds, news), level)) = gaps.pop() {
        let (olds, news) = aligner.trim(olds, news);
        if olds.is_empty() || news.is_empty() {
            continue;
        }
        let anchors = if level < LEVELS { aligner.anchors(&olds, &news) } else { Vec::new() };
        if anchors.is_empty() {
            aligner.fill(olds, news);
            continue;
        }
        let (mut from, mut to) = (olds.start, news.start);
        for (at, place) in anchors {
            aligner.matches.push(Match { old: at, new: place, similarity: 1000 });
            gaps.push(((from..at, to..place), level + 1));
            (from, to) = (at + 1, place + 1);
        }
        gaps.push(((from..olds.end, to..news.end), level + 1));
    }
    let mut matches = aligner.matches;
    matches.sort_unstable_by_key(|found| found.old);
    // Two functions of other names are alike by their headers only as far as their bodies are, which `match_parents` asks.
    matches.retain(|found| {
        let (one, other) = (&old.fingerprint.nodes[found.old].kind, &new.fingerprint.nodes[found.new].kind);
        !(matches!(one, NodeKind::FuncDef(_)) && same_name(one, other) == Some(false))
    });
    match_parents(old, new, &mut matches);
    matches
}

/// Matches what is left over by what stands in it: a renamed function, by its body. The new pairs fit between the others.
fn match_parents(old: &Side<'_, '_>, new: &Side<'_, '_>, matches: &mut Vec<Match>) {
    let parents = |found: &Match| {
        let mine = old.fingerprint.nodes[found.old].parent?;
        let theirs = new.fingerprint.nodes[found.new].parent?;
        (old.keys[mine].0 == new.keys[theirs].0).then_some((mine, theirs))
    };
    let mut votes: Vec<(usize, usize)> = matches.iter().filter_map(parents).collect();
    votes.sort_unstable();
    let runs = votes.chunk_by(|one, other| one == other);
    let mut best: Vec<(usize, usize, usize)> = runs.map(|run| (run[0].0, run.len(), run[0].1)).collect();
    best.sort_by_key(|(mine, count, theirs)| (*mine, std::cmp::Reverse(*count), *theirs));
    best.dedup_by_key(|vote| vote.0);
    let mut found: Vec<Match> = Vec::new();
    for (mine, _, theirs) in best {
        let at = matches.partition_point(|pair| pair.old < mine);
        let is_free = matches.get(at).is_none_or(|pair| pair.old > mine && pair.new > theirs);
        let fits = is_free && at.checked_sub(1).is_none_or(|before| matches[before].new < theirs);
        let after_last = found.last().is_none_or(|pair| pair.new < theirs);
        if fits && after_last {
            found.push(Match { old: mine, new: theirs, similarity: similarity((old, mine), (new, theirs)) });
        }
    }
    matches.extend(found);
    matches.sort_unstable_by_key(|pair| pair.old);
}

/// What is needed to align.
struct Aligner<'s, 'f, 'a> {
    /// The old nodes.
    old: &'s Side<'f, 'a>,
    /// The new nodes.
    new: &'s Side<'f, 'a>,
    /// The pairs so far, in any order.
    matches: Vec<Match>,
    /// How many pairs may still be compared.
    cells: usize,
}

impl Aligner<'_, '_, '_> {
    /// Matches the equal beginnings and ends of two ranges, and gives what is left of them.
    fn trim(&mut self, mut olds: Range<usize>, mut news: Range<usize>) -> (Range<usize>, Range<usize>) {
        while !olds.is_empty() && !news.is_empty() && self.old.keys[olds.start] == self.new.keys[news.start] {
            self.matches.push(Match { old: olds.start, new: news.start, similarity: 1000 });
            (olds.start, news.start) = (olds.start + 1, news.start + 1);
        }
        while !olds.is_empty() && !news.is_empty() && self.old.keys[olds.end - 1] == self.new.keys[news.end - 1] {
            (olds.end, news.end) = (olds.end - 1, news.end - 1);
            self.matches.push(Match { old: olds.end, new: news.end, similarity: 1000 });
        }
        (olds, news)
    }

    /// The nodes that occur once in each range, as far as their order is the same.
    fn anchors(&self, olds: &Range<usize>, news: &Range<usize>) -> Vec<(usize, usize)> {
        let once = |side: &Side<'_, '_>, range: &Range<usize>| {
            let mut places: HashMap<Key, Option<usize>> = HashMap::with_capacity(range.len());
            for at in range.clone() {
                places.entry(side.keys[at]).and_modify(|place| *place = None).or_insert(Some(at));
            }
            places
        };
        let (in_old, in_new) = (once(self.old, olds), once(self.new, news));
        let unique = |at: usize| {
            let key = self.old.keys[at];
            let here = in_old.get(&key).copied().flatten() == Some(at);
            in_new.get(&key).copied().flatten().filter(|_| here).map(|place| (at, place))
        };
        ascending(&olds.clone().filter_map(unique).collect::<Vec<_>>())
    }

    /// Matches a range without anchors: for the best sum of similarities, or if it is large by the next equal nodes.
    fn fill(&mut self, olds: Range<usize>, news: Range<usize>) {
        let cells = olds.len().saturating_mul(news.len());
        if cells > GAP_CELLS || cells > self.cells {
            self.greedy(olds, news);
        } else {
            self.cells -= cells;
            self.best(&olds, &news);
        }
    }

    /// Matches equal nodes, each with the next one in sight.
    fn greedy(&mut self, mut olds: Range<usize>, mut news: Range<usize>) {
        while !olds.is_empty() && !news.is_empty() {
            let steps = (0..LOOK_AHEAD).flat_map(|sum| (0..=sum).map(move |skip| (skip, sum - skip)));
            let equal = steps.into_iter().find(|(skip, other)| {
                skip < &olds.len()
                    && other < &news.len()
                    && self.old.keys[olds.start + skip] == self.new.keys[news.start + other]
            });
            let (skip, other) = equal.unwrap_or((LOOK_AHEAD, LOOK_AHEAD));
            if equal.is_some() {
                self.matches.push(Match { old: olds.start + skip, new: news.start + other, similarity: 1000 });
            }
            (olds.start, news.start) = (olds.start + skip + 1, news.start + other + 1);
        }
    }

    /// Matches for the best sum of similarities (Needleman and Wunsch, without a price for gaps).
    fn best(&mut self, olds: &Range<usize>, news: &Range<usize>) {
        let width = news.len() + 1;
        let mut sums = vec![0u32; (olds.len() + 1) * width];
        let mut alike = vec![0u32; olds.len() * news.len()];
        for row in (0..olds.len()).rev() {
            for column in (0..news.len()).rev() {
                let found = similarity((self.old, olds.start + row), (self.new, news.start + column));
                let found = if found < ENOUGH { 0 } else { found };
                alike[row * news.len() + column] = found;
                let skip = sums[(row + 1) * width + column].max(sums[row * width + column + 1]);
                let take = if found == 0 { 0 } else { found + sums[(row + 1) * width + column + 1] };
                sums[row * width + column] = skip.max(take);
            }
        }
        let (mut row, mut column) = (0, 0);
        while row < olds.len() && column < news.len() {
            let (found, sum) = (alike[row * news.len() + column], sums[row * width + column]);
            if found > 0 && sum == found + sums[(row + 1) * width + column + 1] {
                self.matches.push(Match { old: olds.start + row, new: news.start + column, similarity: found });
                (row, column) = (row + 1, column + 1);
            } else if sum == sums[(row + 1) * width + column] {
                row += 1;
            } else {
                column += 1;
            }
        }
    }
}

/// A longest part of the pairs in which the second numbers ascend; the first ones do already.
fn ascending(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // `tails[n]`: the pair with the least second number at the end of an ascending run of n + 1.
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (at, pair) in pairs.iter().enumerate() {
        let length = tails.partition_point(|tail| pairs[*tail].1 < pair.1);
        before.push(length.checked_sub(1).map(|shorter| tails[shorter]));
        if length == tails.len() {
            tails.push(at);
        } else {
            tails[length] = at;
        }
    }
    let mut run: Vec<(usize, usize)> =
        std::iter::successors(tails.last().copied(), |at| before[*at]).map(|at| pairs[at]).collect();
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(old: &str, new: &str) -> Vec<(usize, usize)> {
        let (old, new) = (Fingerprint::of(old.as_bytes()), Fingerprint::of(new.as_bytes()));
        let line = |m: &Match| (old.nodes[m.old].pos, new.nodes[m.new].pos);
        align(&old, &new).iter().map(line).collect()
    }

    const BODY: &str = "int f(void)\n{\n\tlock(&a);\n\tx = read(a, 1);\n\tunlock(&a);\n\treturn x;\n}\n";

    #[test]
    fn equal_texts_match_node_by_node() {
        assert_eq!(pairs(BODY, BODY), [(1, 1), (3, 3), (4, 4), (5, 5), (6, 6)]);
    }

    #[test]
    fn spacing_and_comments_do_not_count() {
        let new = BODY.replace("read(a, 1)", "read( a,\n\t\t1 )").replace("lock(&a);", "lock(&a); /* why */");
        assert_eq!(align(&Fingerprint::of(BODY.as_bytes()), &Fingerprint::of(new.as_bytes())).len(), 5);
    }

    #[test]
    fn an_inserted_statement_is_left_over_and_a_changed_one_matches() {
        let new = BODY.replace("\tx = read(a, 1);", "\tcheck(a);\n\tx = read_more(a, 1, 2);");
        assert_eq!(pairs(BODY, &new), [(1, 1), (3, 3), (4, 5), (5, 6), (6, 7)]);
    }

    #[test]
    fn a_function_keeps_its_match_by_its_name_when_its_parameters_change() {
        let old = "static int probe(struct device *dev)\n{\n}\nstatic int remove(struct device *dev)\n{\n}\n";
        let new = "static void remove(struct device *dev)\n{\n}\nstatic int probe(struct pdev *p, int id)\n{\n}\n";
        let (old, new) = (Fingerprint::of(old.as_bytes()), Fingerprint::of(new.as_bytes()));
        let (one, other) = (Side::of(&old), Side::of(&new));
        assert!(similarity((&one, 1), (&other, 0)) > 900);
        assert!(similarity((&one, 0), (&other, 1)) > 700);
        assert!(similarity((&one, 0), (&other, 0)) < 600, "a sibling with the same parameters");
        assert_eq!(similarity((&one, 0), (&other, 9.min(other.len() - 1))), similarity((&one, 0), (&other, 1)));
    }

    #[test]
    fn a_renamed_function_matches_by_its_body() {
        let old = Fingerprint::of(BODY.as_bytes());
        let text = BODY.replace("int f(void)", "static long board_go(struct board *b)");
        let new = Fingerprint::of(text.as_bytes());
        let matches = align(&old, &new);
        assert_eq!((matches.len(), matches[0].old, matches[0].new), (5, 0, 0));
        assert!(matches[0].similarity < ENOUGH);
    }

    #[test]
    fn matches_ascend_on_both_sides_even_in_long_lists_of_equal_entries() {
        let old = "\t{ 1, 2 },\n".repeat(2000);
        let new = format!("{}\t{{ 3, 4 }},\n{}", "\t{ 1, 2 },\n".repeat(900), "\t{ 1, 2 },\n\t{ 5 },\n".repeat(1000));
        let pairs = pairs(&old, &new);
        assert!(pairs.len() > 1000);
        assert!(pairs.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1));
    }
}
