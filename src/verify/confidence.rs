//! How sure: P(a maintainer would change nothing) of a file and of a commit, and how many lines they would still have to touch.
//!
//! In: the [`Signals`] of a merge, as they stand in a [`FileOutcome`]. Out: a [`Confidence`], and its reasons in words. The model is
//! logistic with one coefficient for each of [`FEATURES`]; the coefficients are in `calibration.txt` beside this file, which
//! `git kmigrate evaluate --calibrate` writes. A commit has a model of its own, over its weakest file and the rest of them.

use crate::run::{FileOutcome, FileResult, Method, Signals, Vote};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The coefficients that come with the program.
const SHIPPED: &str = include_str!("calibration.txt");
/// Nothing is surer, and nothing less sure, than what this many merges could show.
const EXTREME: f64 = 0.005;
/// Of what does not compile: no figure that is fitted, nobody leaves it so.
pub const HOPELESS: f64 = EXTREME;
/// From here on a doubt about nothing but the place holds no file: of all files that were this sure, 95 of 100 were right whichever
/// of two kernels was the new one.
pub const PLACED: f64 = 0.85;
/// Upstream's change is far from the patch from so many unchanged lines on.
const FAR: usize = 200;

/// P(a maintainer would change nothing), and the expected line edit distance to what they would have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence {
    /// From 0 to 1.
    pub likely: f64,
    /// In lines; `None` where no line tells, as of a conflict of a whole file.
    pub distance: Option<f64>,
}

/// What the confidence in a file is computed from.
pub struct Feature {
    /// Its coefficient is called `file.` and this.
    pub name: &'static str,
    /// Its value; counts go in as ln(1 + count).
    pub value: fn(&Signals) -> f64,
    /// What it says where it lowers the confidence.
    because: fn(&Signals) -> Option<String>,
}

/// All of them.
pub const FEATURES: [Feature; 12] = [
    Feature {
        name: "near",
        value: |s| ln(s.near),
        because: |s| (s.near > 0).then(|| format!("upstream changed code within three lines of {}", hunks(s.near))),
    },
    Feature {
        name: "gap",
        value: |s| ln(s.gap.unwrap_or(FAR).min(FAR)),
        because: |s| {
            let gap = s.gap.filter(|gap| s.near == 0 && *gap < 30)?;
            Some(format!("upstream changed code {gap} lines from the patch"))
        },
    },
    Feature {
        name: "size",
        value: |s| ln(s.size),
        because: |s| (s.size >= 50).then(|| format!("the patch changes {} lines of the file", s.size)),
    },
    Feature {
        name: "open",
        // That something is open says more than how long it is.
        value: |s| 2.0 * is(s.open > 0) + ln(s.open),
        because: |s| (s.open > 0).then(|| format!("{} lines are in open conflicts", s.open)),
    },
    Feature {
        name: "doubts",
        value: |s| s.doubted().ln_1p(),
        because: |s| match s.doubts {
            0 => None,
            1 => Some("something speaks against taking it without a look".to_owned()),
            many => Some(format!("{many} things speak against taking it without a look")),
        },
    },
    // A method that settled some of it says nothing of what is open.
    Feature { name: "line", value: |s| is(s.open == 0 && s.won == Some(Method::Line)), because: |_| None },
    Feature {
        name: "composed",
        value: |s| is(s.open == 0 && matches!(s.won, Some(Method::Token | Method::Relocated | Method::Rewritten))),
        because: |_| None,
    },
    Feature { name: "findings", value: |s| ln(s.findings), because: |s| (s.findings > 0).then(|| stale(s.findings)) },
    Feature { name: "files", value: |s| ln(s.files), because: |_| None },
    Feature {
        name: "model",
        value: |s| is(s.open == 0 && s.won == Some(Method::Model)),
        because: |s| (s.won == Some(Method::Model)).then(|| "a model made a part of it".to_owned()),
    },
    Feature {
        name: "agreement",
        value: |s| s.vote.map_or(0.0, |vote| vote.agreement()),
        because: |s| {
            let vote = s.vote.filter(|vote| vote.same < vote.others)?;
            let Vote { others, same, .. } = vote;
            Some(format!("{same} of {others} other answers and methods say what the model's answer says"))
        },
    },
    Feature {
        name: "tokens",
        value: |s| s.vote.and_then(|vote| vote.mean_log_probability).unwrap_or(0.0),
        because: |s| {
            let likely = s.vote?.mean_log_probability?.exp();
            (likely < 0.9).then(|| format!("the words of the model's answer had probability {likely:.2} in the mean"))
        },
    },
];

/// What the confidence in a commit is computed from; their coefficients are called `commit.` and this.
pub const COMMIT_FEATURES: [&str; 2] = ["weakest", "others"];

/// The coefficients.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calibration {
    by_name: BTreeMap<String, f64>,
}

impl Calibration {
    /// Those that come with the program.
    pub fn shipped() -> &'static Self {
        static CALIBRATION: OnceLock<Calibration> = OnceLock::new();
        CALIBRATION.get_or_init(|| Self::parse(SHIPPED))
    }

    /// Reads a name and a number a line; `#` begins a comment, and what is neither is passed over.
    pub fn parse(text: &str) -> Self {
        let entry = |line: &str| {
            let (name, value) = line.split('#').next()?.trim().split_once(' ')?;
            Some((name.to_owned(), value.trim().parse().ok()?))
        };
        Self { by_name: text.lines().filter_map(entry).collect() }
    }

    /// Of these coefficients.
    pub fn of(by_name: BTreeMap<String, f64>) -> Self {
        Self { by_name }
    }

    /// All of them, by name.
    pub fn entries(&self) -> impl Iterator<Item = (&str, f64)> {
        self.by_name.iter().map(|(name, value)| (name.as_str(), *value))
    }

    /// A coefficient; one that is not there is 0.
    pub fn get(&self, name: &str) -> f64 {
        self.by_name.get(name).copied().unwrap_or(0.0)
    }

    /// How sure one can be of a file; `None` if a person settled it.
    pub fn file(&self, file: &FileOutcome) -> Option<Confidence> {
        if file.method == Method::ByHand {
            return None;
        }
        let (score, distance) = match (own_signals(file), Sort::of(file)) {
            (Some(signals), _) => {
                let value = |f: &Feature| self.get(&format!("file.{}", f.name)) * (f.value)(&signals);
                let score = self.get("file.one") + FEATURES.iter().map(value).sum::<f64>();
                let doubted = (1.0 - sigmoid(score)) * signals.doubted() * self.get("distance.doubt");
                (score, Some(count(signals.rework) + doubted))
            }
            (None, sort) => {
                let score = self.get(sort.name()) + self.get("file.findings") * ln(file.findings);
                (score, (sort != Sort::Whole).then_some(0.0))
            }
        };
        // A name that does not hold any more is a line to change, at least.
        let distance = distance.map(|lines| rounded(lines + count(file.findings)));
        Some(Confidence { likely: bounded(sigmoid(score)), distance })
    }

    /// How sure one can be of a commit with these files; `None` if nothing is known of any. One of several files is never surer than
    /// its weakest, whatever such commits came to on the whole; one of a single file is as sure as that.
    pub fn commit(&self, files: &[Confidence]) -> Option<Confidence> {
        let values = commit_values(files)?;
        let weakest = files.iter().map(|file| file.likely).min_by(f64::total_cmp)?;
        let terms = COMMIT_FEATURES.iter().zip(values).map(|(name, v)| self.get(&format!("commit.{name}")) * v);
        let likely = match files {
            [only] => only.likely,
            _ => bounded(sigmoid(self.get("commit.one") + terms.sum::<f64>())).min(weakest),
        };
        Some(Confidence { likely, distance: files.iter().map(|f| f.distance).sum::<Option<f64>>().map(rounded) })
    }
}

/// The signals of a file, with its own findings in the place of the commit's: a name that is stale in one file says nothing of another.
pub fn own_signals(file: &FileOutcome) -> Option<Signals> {
    file.signals.map(|signals| Signals { findings: file.findings, ..signals })
}

/// The values of [`COMMIT_FEATURES`]: the log-odds of the weakest file, and what the others lack to certainty, -ln P each.
pub fn commit_values(files: &[Confidence]) -> Option<[f64; 2]> {
    let weakest = files.iter().map(|f| f.likely).min_by(f64::total_cmp)?;
    let lack = files.iter().map(|f| -f.likely.ln()).sum::<f64>() + weakest.ln();
    Some([(weakest / (1.0 - weakest)).ln(), lack.max(0.0)])
}

/// What a file is of which nothing was merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Upstream left it alone, or made the same change.
    Taken,
    /// The patch adds C code.
    AddedC,
    /// The patch adds something else.
    Added,
    /// A conflict of the whole file.
    Whole,
}

impl Sort {
    /// Of a file.
    pub fn of(file: &FileOutcome) -> Self {
        let [base, _, theirs] = &file.sides;
        let is_c = file.path.ends_with(".c");
        match file.result {
            FileResult::Conflict => Self::Whole,
            _ if base.is_some() || theirs.is_none() => Self::Taken,
            _ if is_c => Self::AddedC,
            _ => Self::Added,
        }
    }

    /// Its coefficient.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::AddedC => "added.c",
            Self::Added => "added",
            Self::Whole => "whole",
        }
    }
}

/// Why one is not sure of a file, in words; empty if nothing stands out.
pub fn reasons(file: &FileOutcome) -> Vec<String> {
    match (own_signals(file), Sort::of(file)) {
        _ if file.method == Method::ByHand => Vec::new(),
        (Some(signals), _) => FEATURES.iter().filter_map(|f| (f.because)(&signals)).collect(),
        (None, sort) if file.findings > 0 && sort != Sort::Whole => vec![stale(file.findings)],
        (None, Sort::AddedC | Sort::Added) => vec!["nothing tells how new code fits the new kernel".to_owned()],
        (None, Sort::Whole) => vec!["the whole file is in conflict".to_owned()],
        (None, Sort::Taken) => Vec::new(),
    }
}

/// What so many findings in a file come to.
fn stale(findings: usize) -> String {
    match findings {
        1 => "it uses something that the new kernel has no more, or declares otherwise".to_owned(),
        many => format!("it uses {many} things that the new kernel has no more, or declares otherwise"),
    }
}

/// The logistic function.
pub fn sigmoid(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}

/// Four digits: more would promise what nobody measured, and differ from machine to machine.
fn bounded(likely: f64) -> f64 {
    (likely.clamp(EXTREME, 1.0 - EXTREME) * 10_000.0).round() / 10_000.0
}

/// A tenth of a line.
fn rounded(distance: f64) -> f64 {
    (distance * 10.0).round() / 10.0
}

fn ln(count: usize) -> f64 {
    self::count(count).ln_1p()
}

fn is(so: bool) -> f64 {
    f64::from(u8::from(so))
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts of lines are far below 2^52")]
fn count(count: usize) -> f64 {
    count as f64
}

fn hunks(count: usize) -> String {
    match count {
        1 => "a hunk of the patch".to_owned(),
        many => format!("{many} hunks of the patch"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::SideIds;

    fn file(result: FileResult, signals: Option<Signals>) -> FileOutcome {
        let id = || Some("1".repeat(40));
        FileOutcome {
            path: "drivers/x.c".to_owned(),
            path_old: None,
            method: Method::Text,
            result,
            accepted: true,
            confidence: None,
            predicted_distance: None,
            signals,
            findings: 0,
            reasons: Vec::new(),
            sides: [id(), id(), id()],
            hunks: Vec::new(),
            conflict: None,
            asked: Vec::new(),
        }
    }

    fn easy() -> Signals {
        Signals { size: 4, gap: Some(120), files: 1, won: Some(Method::Text), ..Signals::default() }
    }

    fn likely(signals: Signals) -> f64 {
        Calibration::shipped().file(&file(FileResult::Merged, Some(signals))).expect("no person settled it").likely
    }

    #[test]
    fn what_is_near_doubted_open_or_found_lowers_the_confidence() {
        let easy_one = likely(easy());
        assert!(easy_one > 0.9, "{easy_one}");
        let near = likely(Signals { near: 2, gap: Some(0), ..easy() });
        let doubted = likely(Signals { doubts: 1, ..easy() });
        let open = likely(Signals { open: 20, ..easy() });
        let stale = FileOutcome { findings: 2, ..file(FileResult::Merged, Some(easy())) };
        let found = Calibration::shipped().file(&stale).expect("no person settled it").likely;
        let large = likely(Signals { size: 300, ..easy() });
        for worse in [near, doubted, open, found, large] {
            assert!(worse < easy_one, "{worse} is not below {easy_one}");
        }
    }

    #[test]
    fn a_method_that_settled_a_part_raises_nothing_while_the_rest_is_open() {
        let open = |won| likely(Signals { open: 4, rework: 2, near: 2, gap: Some(0), won: Some(won), ..easy() });
        assert_eq!(open(Method::Token), open(Method::Text));
        assert_eq!(open(Method::Line), open(Method::Text));
        assert_eq!(open(Method::Model), open(Method::Text));
    }

    #[test]
    fn who_agrees_with_a_model_and_how_sure_its_words_were_raises_or_lowers_the_confidence() {
        let by_model = |vote| likely(Signals { won: Some(Method::Model), doubts: 1, vote, ..easy() });
        let vote = |others, same| Some(Vote { others, same, ..Vote::default() });
        let alone = by_model(vote(0, 0));
        assert!(alone > by_model(vote(3, 0)) && alone < by_model(vote(3, 3)), "one answer alone: {alone}");
        let unsure = by_model(Some(Vote { mean_log_probability: Some(-0.7), ..Vote::default() }));
        assert!(unsure < alone, "{unsure} is not below {alone}");
        assert!(alone < likely(easy()), "a model is not surer than text merging");
    }

    #[test]
    fn open_hunks_and_justified_doubts_are_lines_to_change() {
        let distance =
            |signals| Calibration::shipped().file(&file(FileResult::Conflict, Some(signals))).and_then(|c| c.distance);
        assert_eq!(distance(easy()), Some(0.0));
        assert_eq!(distance(Signals { open: 30, rework: 20, ..easy() }), Some(20.0));
        assert!(distance(Signals { doubts: 2, ..easy() }).is_some_and(|lines| lines > 0.5));
    }

    #[test]
    fn a_file_of_a_person_has_no_confidence_and_new_code_less_than_untouched_code() {
        let by_hand = FileOutcome { method: Method::ByHand, ..file(FileResult::Merged, None) };
        assert_eq!(Calibration::shipped().file(&by_hand), None);
        let none: SideIds = [None, None, Some("1".repeat(40))];
        let added = FileOutcome { sides: none, ..file(FileResult::Taken, None) };
        let taken = file(FileResult::Taken, None);
        let likely = |f: &FileOutcome| Calibration::shipped().file(f).map(|c| c.likely);
        assert!(likely(&added) < likely(&taken));
        assert!(!reasons(&added).is_empty());
        assert!(reasons(&taken).is_empty());
        let stale = FileOutcome { findings: 1, ..taken.clone() };
        assert!(likely(&stale) < likely(&taken) && !reasons(&stale).is_empty(), "what lowers it is said");
    }

    #[test]
    fn a_commit_is_no_surer_for_more_files() {
        let sure = Confidence { likely: 0.97, distance: Some(0.0) };
        let shaky = Confidence { likely: 0.4, distance: Some(3.0) };
        let commit = |files: &[Confidence]| Calibration::shipped().commit(files).map(|c| c.likely);
        assert!(commit(&[sure, sure]) < commit(&[sure]));
        assert!(commit(&[sure, shaky]) < commit(&[sure, sure]));
        assert_eq!(commit(&[]), None);
        let whole = Calibration::shipped().commit(&[sure, shaky]).expect("files are known");
        assert_eq!(whole.distance, Some(3.0));
        let unknown = Confidence { distance: None, ..shaky };
        let whole = Calibration::shipped().commit(&[sure, unknown]).expect("files");
        assert_eq!(whole.distance, None, "a sum of which one part is not known");
    }

    #[test]
    fn every_feature_has_a_coefficient_that_was_fitted() {
        let shipped = Calibration::shipped();
        let names = FEATURES.iter().map(|f| format!("file.{}", f.name));
        let commit = COMMIT_FEATURES.iter().map(|name| format!("commit.{name}"));
        let others = ["file.one", "commit.one", "taken", "added", "added.c", "whole", "distance.doubt"];
        for name in names.chain(commit).chain(others.map(str::to_owned)) {
            assert!(shipped.entries().any(|(known, value)| known == name && value.is_finite()), "{name}");
        }
        assert_eq!(shipped.entries().count(), FEATURES.len() + COMMIT_FEATURES.len() + 7);
    }

    #[test]
    fn what_no_line_says_counts_nothing() {
        let read = Calibration::parse("# words 3\nfile.near -1.5 # why\nnonsense\nfile.gap x\n");
        assert_eq!(read.entries().collect::<Vec<_>>(), [("file.near", -1.5)]);
    }
}
