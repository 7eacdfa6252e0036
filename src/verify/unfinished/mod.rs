//! What suggests that the patch itself must change: a result may be clean and yet not finished.
//!
//! In: a [`Case`] whose result passed the checks. Out: [`Remark`]s, which make a person look. The signs are the file's own, no
//! other file is read:
//!
//! ```text
//!   gone        the patch's line uses a name, and where this file had it upstream writes something else, everywhere
//!   like        the patch's line is written like a line of the base that upstream rewrote, everywhere
//!   left        the patch takes a line or a name away in several places, which are all, and upstream has it in a new one
//!   moved       the patch takes a line away, and upstream has moved it
//!   within      upstream added lines among those that the patch takes away as one
//!   crossed     the patch leaves the function, and upstream moved lines across that place
//!   enclosed    the patch's lines are under a condition that upstream turned round
//!   paired      the patch leaves the function between what upstream takes and gives back, or gives back what upstream does not
//!   context     all lines that a hunk stood between are gone
//!   rewritten   of the function or table that a hunk changes three quarters of the lines were rewritten
//! ```

mod crossed;
mod enclosed;
mod form;
mod moved;
mod paired;

use super::case::Case;
use crate::merge::delta::Hunk;
use crate::merge::line::{alike, ink, is_telling, shown, speaks};
use crate::merge::line_edit::{Fate, LineEdits};
use crate::merge::mates::Anchor;
use crate::merge::{Change, Remark, Sides};
use crate::syntax::language::Language;
use crate::syntax::lex::{has_word, is_name_byte, is_reserved};
use bstr::ByteSlice;
use form::{Form, Grain};
use rustc_hash::{FxHashMap, FxHashSet};

/// Shorter names are anybody's.
const SHORTEST: usize = 3;
/// Lines with fewer bytes that are not white space are like too many others.
const LEAST_INK: usize = 8;
/// A line with one telling word only is compared with those so near the hunk, in lines.
const NEAR: usize = 10;
/// Pairs of lines (the patch's times upstream's) that are compared for likeness at most.
const PAIRS: usize = 1_000_000;
/// What the patch takes away in so many places it takes away on principle.
const SEVERAL: usize = 2;
/// Lines on each side of a hunk that are its context.
const CONTEXT: usize = 3;

/// Looks for signs that the patch is not finished with this.
pub fn doubts(case: &Case<'_>, relocated: &[Anchor]) -> Vec<Remark> {
    if case.upstream().is_empty() {
        return Vec::new();
    }
    let signs = Signs::new(case);
    let mut doubts = signs.gone();
    // A line with a name that is gone has been told.
    let like = signs.like().into_iter().filter(|like| doubts.iter().all(|doubt| doubt.line != like.line));
    doubts.extend(like.collect::<Vec<_>>());
    doubts.extend(signs.left());
    doubts.extend(signs.within());
    doubts.extend(moved::moved(&signs));
    doubts.extend(crossed::crossed(case));
    doubts.extend(paired::paired(case));
    doubts.extend(enclosed::enclosed(case));
    doubts.extend(signs.surroundings(relocated));
    doubts.sort_by(|a, b| (a.line, &a.said).cmp(&(b.line, &b.said)));
    doubts.dedup_by(|a, b| a.said == b.said);
    doubts
}

/// Does the patch take a line away that upstream has only moved?
pub fn is_only_moved(case: &Case<'_>) -> bool {
    !case.upstream().is_empty() && !moved::moved(&Signs::new(case)).is_empty()
}

/// The case, and what became of each line of the base upstream.
struct Signs<'c, 'a> {
    case: &'c Case<'a>,
    upstream: LineEdits<'a>,
    /// Lines that upstream wrote anew.
    rewritten: Vec<Rewritten<'a>>,
}

/// What upstream wrote instead of a line.
struct Rewritten<'a> {
    /// The line of the base, from 0.
    at: usize,
    before: &'a [u8],
    after: &'a [u8],
}

impl<'a> Signs<'_, 'a> {
    fn new<'c>(case: &'c Case<'a>) -> Signs<'c, 'a> {
        let Sides { base, ours, .. } = &case.sides;
        let upstream = LineEdits::of(case.upstream(), Change { before: &base.lines, after: &ours.lines });
        let rewritten = |(at, fate): (usize, &Fate<'a>)| match fate {
            Fate::Edited(after) => Some(Rewritten { at, before: base.lines[at], after }),
            _ => None,
        };
        let rewritten = upstream.fates.iter().enumerate().filter_map(rewritten).collect();
        Signs { case, upstream, rewritten }
    }

    /// The lines that the patch adds, with their hunks.
    fn added(&self) -> Vec<(&Hunk, &'a [u8])> {
        let lines = &self.case.sides.theirs.lines;
        self.case.patch.iter().flat_map(|hunk| hunk.after.clone().map(move |at| (hunk, lines[at]))).collect()
    }

    /// Names that upstream no longer writes in this file, in lines of the patch.
    fn gone(&self) -> Vec<Remark> {
        let mut lost: FxHashMap<&[u8], String> = FxHashMap::default();
        for line in &self.rewritten {
            let kept = names(self.case.language, line.after);
            for name in names(self.case.language, line.before).into_iter().filter(|name| !kept.contains(name)) {
                lost.entry(name).or_insert_with(|| {
                    format!("upstream has '{}' where the file had '{}'", shown(line.after), shown(line.before))
                });
            }
        }
        for section in self.case.sides.base.sections() {
            let name = section.name.as_slice();
            let line = self.case.sides.base.lines[section.lines.start];
            if let Some(name) = names(self.case.language, line).into_iter().find(|n| *n == name) {
                lost.entry(name).or_insert_with(|| {
                    format!("upstream has no {} '{}' here any more", section.kind.word(), name.to_str_lossy())
                });
            }
        }
        let mut doubts = Vec::new();
        for (_, line) in self.added() {
            for name in names(self.case.language, line) {
                let Some(said) = lost.get(name) else { continue };
                // What was rewritten on the way is the patch's no more.
                if !has_word(self.case.sides.ours.text, name) && has_word(self.case.result.text, name) {
                    let said = format!("the patch writes '{}', and {said}", name.to_str_lossy());
                    doubts.push(Remark::new(self.case.line_of(line), said));
                    lost.remove(name);
                }
            }
        }
        doubts
    }

    /// Lines of the patch that are written like lines that upstream rewrote, all of them.
    fn like(&self) -> Vec<Remark> {
        let added: Vec<_> = self.added().into_iter().filter(|(_, line)| ink(line).count() >= LEAST_INK).collect();
        if self.rewritten.len() * added.len() > PAIRS {
            return Vec::new();
        }
        let grains = [Grain::Words, Grain::Parts].map(|grain| (grain, grain.known(self.case.sides.base.text)));
        let mut doubts = Vec::new();
        for (hunk, line) in added {
            let found =
                grains.iter().find_map(|(grain, known)| self.rewritten_like(&Form::of(line, *grain, known), hunk));
            if let Some(old) = found {
                let said = format!(
                    "upstream has '{}' where the file had '{}', and the patch's line '{}' is written like that",
                    shown(old.after),
                    shown(old.before),
                    shown(line)
                );
                doubts.push(Remark::new(self.case.line_of(line), said));
            }
        }
        doubts
    }

    /// A line of the form that upstream rewrote, if it rewrote them all, and the patch's came out in it.
    fn rewritten_like(&self, form: &Form<'_>, hunk: &Hunk) -> Option<&Rewritten<'a>> {
        let old = self.rewritten.iter().find(|old| form.has(old.before) && form.is_known_at(hunk, old.at))?;
        let result = &self.case.result.lines;
        let came_out = || self.case.written().any(|at| form.has(result[at]));
        (!self.is_still_written(form, hunk) && came_out()).then_some(old)
    }

    /// Does upstream still write lines in this form: anywhere, or, of a form that says little, near the hunk?
    fn is_still_written(&self, form: &Form<'_>, hunk: &Hunk) -> bool {
        if form.telling >= 2 {
            return self.case.sides.ours.lines.iter().any(|line| form.has(line));
        }
        let base = &self.case.sides.base.lines;
        let near = hunk.before.start.saturating_sub(NEAR)..(hunk.before.end + NEAR).min(base.len());
        near.into_iter().any(|at| form.has(base[at]) && matches!(self.upstream.fates[at], Fate::Kept))
    }

    /// Lines and names that the patch takes away in several places, which are all, and that are there.
    fn left(&self) -> Vec<Remark> {
        let Sides { base, theirs, .. } = &self.case.sides;
        let removed: Vec<&[u8]> =
            self.case.patch.iter().flat_map(|hunk| &base.lines[hunk.before.clone()]).copied().collect();
        let mut doubts = Vec::new();
        let mut told: FxHashSet<usize> = FxHashSet::default();
        let mut say = |what: String, at: usize| {
            // A line whose names have been told needs no second word.
            if told.insert(at) {
                let said = format!("the patch takes '{what}' away everywhere, and upstream has it here");
                doubts.push(Remark::new(at + 1, said));
            }
        };
        let spoken: Vec<Vec<&[u8]>> = removed.iter().map(|line| names(self.case.language, line)).collect();
        let result = &self.case.result.lines;
        // Where it is in the result; of its lines only those with the bytes are taken apart.
        let says =
            |name: &[u8], line: &[u8]| line.contains_str(name) && names(self.case.language, line).contains(&name);
        let mut seen: FxHashSet<&[u8]> = FxHashSet::default();
        for (line, own) in removed.iter().zip(&spoken) {
            for name in own {
                let is_told = || spoken.iter().filter(|names| names.contains(name)).count() >= SEVERAL;
                if !seen.insert(name) || !is_told() || has_word(theirs.text, name) {
                    continue;
                }
                if let Some(at) = result.iter().position(|line| says(name, line)) {
                    say(name.to_str_lossy().into_owned(), at);
                }
            }
            let is_it = |other: &&&[u8]| alike(other, line);
            let told = ink(line).count() >= LEAST_INK && is_telling(line) && seen.insert(line);
            if !told || removed.iter().filter(is_it).count() < SEVERAL || theirs.lines.iter().any(|line| is_it(&line)) {
                continue;
            }
            if let Some(at) = result.iter().position(|line| is_it(&line)) {
                say(shown(line), at);
            }
        }
        doubts
    }

    /// Lines that upstream added among those that the patch takes away as one: they are of what is taken away.
    fn within(&self) -> Vec<Remark> {
        let mut doubts = Vec::new();
        for hunk in self.case.patch.iter().filter(|hunk| hunk.after.is_empty()) {
            let among = (hunk.before.start + 1..hunk.before.end).flat_map(|at| &self.upstream.inserted[at]);
            let left = among.filter(|line| speaks(line)).find_map(|line| {
                let at = self.case.result.lines.iter().position(|other| other == line)?;
                Some(Remark::new(at + 1, format!("upstream added '{}' to what the patch takes away", shown(line))))
            });
            doubts.extend(left);
        }
        doubts
    }

    /// Hunks whose surroundings are not what they were.
    fn surroundings(&self, relocated: &[Anchor]) -> Vec<Remark> {
        let base = &self.case.sides.base;
        let ours = &self.case.sides.ours;
        let now = |a: &Anchor| ours.lines.get(a.ours).copied().unwrap_or_default();
        let went = |at: usize| relocated.iter().any(|a| a.base == at && alike(base.lines[at], now(a)));
        let is_gone = |at: &usize| !self.upstream.fates[*at].survives() && !went(*at);
        let mut doubts = Vec::new();
        for hunk in &self.case.patch {
            let line = self.line_near(hunk);
            let before = hunk.before.start.saturating_sub(CONTEXT)..hunk.before.start;
            let after = hunk.before.end..(hunk.before.end + CONTEXT).min(base.lines.len());
            let context: Vec<usize> = before.chain(after).filter(|at| speaks(base.lines[*at])).collect();
            let gone = context.iter().filter(|at| is_gone(at)).count();
            if gone >= CONTEXT && gone == context.len() {
                let said = "all lines that it stood between are gone".to_owned();
                doubts.push(Remark::new(line, said));
            }
            // What is put in front of a section is not in it.
            let section = match hunk.before.is_empty() {
                true => base.section_of(&hunk.before),
                false => base.section_at(hunk.before.start),
            };
            let Some(section) = section else { continue };
            let lines: Vec<usize> = section.lines.clone().filter(|at| speaks(base.lines[*at])).collect();
            // One that stands elsewhere is compared with itself.
            let there = ours.only_called(section.kind, &section.name).map_or(0..0, |there| there.lines.clone());
            let is_there = |at: &usize| ours.lines[there.clone()].iter().any(|line| alike(base.lines[*at], line));
            let gone = lines.iter().filter(|at| is_gone(at) && !is_there(at)).count();
            if gone >= CONTEXT && 4 * gone >= 3 * lines.len() {
                let said = format!("upstream rewrote most of {} {}", section.kind.word(), section.name.to_str_lossy());
                doubts.push(Remark::new(line, said));
            }
        }
        doubts
    }

    /// The line of the result (from 1) where a hunk of the patch is.
    fn line_near(&self, hunk: &Hunk) -> usize {
        let theirs = &self.case.sides.theirs.lines;
        let telling = hunk.after.clone().map(|at| theirs[at]).find(|line| is_telling(line));
        telling.map_or(1, |line| self.case.line_of(line))
    }
}

/// The names that a line of code uses: no comments, no strings, nothing of the language's own; in files that are mostly words only
/// those that no prose has.
fn names(language: Language, line: &[u8]) -> Vec<&[u8]> {
    let line = line.trim_start();
    let is_c = matches!(language, Language::C | Language::DeviceTree | Language::Assembler | Language::Rust);
    // A search for bytes by bstr is made ready for long texts, which takes longer than a line is.
    let comment = match is_c {
        true => line.windows(2).position(|two| matches!(two, b"//" | b"/*")),
        false => line.iter().position(|byte| *byte == b'#'),
    };
    let is_comment = line.starts_with(b"* ") || is_c && line.starts_with(b"*/");
    let end = comment.unwrap_or(line.len());
    let code = if is_comment { &line[..0] } else { &line[..end] };
    let unquoted = code.split(|c| *c == b'"').step_by(2);
    let words = unquoted.flat_map(|part| part.split(|c| !is_name_byte(*c)));
    words.filter(|word| is_name(language, word)).collect()
}

fn is_name(language: Language, word: &[u8]) -> bool {
    let begins = word.first().is_some_and(|c| !c.is_ascii_digit());
    let said = match language {
        Language::C | Language::Rust => !is_reserved(word),
        _ => word.contains(&b'_'),
    };
    begins && said && word.len() >= SHORTEST
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::{Candidate, Question, verify};

    const BASE: &str = "static const struct entry null_entry = {\n\t.refcnt = COUNT_INIT(1),\n\t.input = drop,\n};\n\nint a_init(void);\nvoid a_exit(void);\n\nvoid a(struct dev *dev)\n{\n\tcheck_old(dev);\n\tfirst(dev);\n\tsecond(dev);\n\tthird(dev);\n\tcheck_old(dev);\n}\n";

    /// The doubts about the patch on the tip, which touch different places.
    fn said(theirs: &str, ours: &str, result: &str) -> Vec<String> {
        let sides = Sides { base: BASE.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
        let question = Question { language: Language::C, sides };
        let passed =
            verify(&question, Candidate::of_lines(result.into(), crate::run::Method::Text)).expect("it passes");
        passed.doubts().iter().map(|doubt| format!("{}: {}", doubt.line, doubt.said)).collect()
    }

    #[test]
    fn a_name_that_upstream_writes_otherwise_everywhere_is_told_with_what_it_writes() {
        let own =
            "static const struct entry own_entry = {\n\t.refcnt = COUNT_INIT(1),\n\t.input = own,\n};\n\nint a_init";
        let patch = |text: &str| text.replace("int a_init", own);
        let ours = BASE.replace("\t.refcnt = COUNT_INIT(1),", "\t.rcuref = RCU_INIT(1),");
        let told = said(&patch(BASE), &ours, &patch(&ours));
        assert_eq!(told.len(), 2, "{told:?}");
        let wanted = "7: the patch writes 'refcnt', and upstream has '.rcuref = RCU_INIT(1),' where the file had '.refcnt = COUNT_INIT(1),'";
        assert!(told.contains(&wanted.to_owned()), "{told:?}");
        let elsewhere = ours.replace(".input = drop", ".input = refcnt(COUNT_INIT)");
        assert_eq!(
            said(&patch(BASE), &elsewhere, &patch(&elsewhere)).len(),
            1,
            "the names are still used; the line is not"
        );
    }

    #[test]
    fn a_line_written_like_its_neighbours_which_upstream_rewrote_is_told() {
        let patch = |text: &str| text.replace("\nvoid a(", "int b_init(void);\nvoid b_exit(void);\n\nvoid a(");
        let ours = BASE.replace("int a_init(void);\nvoid", "extern int a_init(void);\nextern void");
        let told = said(&patch(BASE), &ours, &patch(&ours));
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("the patch's line 'int b_init(void);' is written like that"), "{told:?}");
    }

    #[test]
    fn a_name_that_is_patterned_on_one_that_upstream_writes_otherwise_is_told() {
        let base = "void x(void)\n{\n\tchip_one_init();\n\tchip_two_init();\n}\n";
        let patch = |text: &str| text.replace("}\n", "\tchip_new_init();\n}\n");
        let ours = base.replace("\tchip", "\terr |= chip");
        let sides = Sides { base: base.as_bytes(), ours: ours.as_bytes(), theirs: &patch(base).into_bytes() };
        let candidate = |text: String| Candidate::of_lines(text.into(), crate::run::Method::Text);
        let question = Question { language: Language::C, sides };
        let passed = verify(&question, candidate(patch(&ours))).expect("it passes");
        let [doubt] = passed.doubts() else { panic!("{:?}", passed.doubts()) };
        assert!(doubt.said.ends_with("the patch's line 'chip_new_init();' is written like that"), "{}", doubt.said);
        // In the form of its neighbours nothing is left to say.
        let composed = ["\tchip_new_init();\n", "\terr |= chip_new_init();\n"].map(|line| line.as_bytes().to_vec());
        let text = ours.replace("}\n", "\terr |= chip_new_init();\n}\n");
        let rewritten = Candidate { composed: composed.into_iter().collect(), ..candidate(text) };
        assert_eq!(verify(&question, rewritten).expect("it passes").doubts(), []);
    }

    #[test]
    fn what_upstream_added_to_a_list_that_the_patch_takes_away_is_told() {
        let list = "# kept\n!.first-one\n!.second-one\n!.third-one\n\n";
        let base = format!("{list}last\n");
        let ours = base.replace("!.third", "!.brought\n!.third");
        let sides = Sides { base: base.as_bytes(), ours: ours.as_bytes(), theirs: b"last\n" };
        let candidate = Candidate::of_lines(b"!.brought\nlast\n".to_vec(), crate::run::Method::Line);
        let passed = verify(&Question { language: Language::Other, sides }, candidate).expect("it passes");
        let said: Vec<&str> = passed.doubts().iter().map(|doubt| doubt.said.as_str()).collect();
        assert!(said.contains(&"upstream added '!.brought' to what the patch takes away"), "{said:?}");
    }

    #[test]
    fn what_the_patch_takes_away_everywhere_and_upstream_has_in_a_new_place_is_told() {
        let patch = |text: &str| text.replacen("\tcheck_old(dev);\n", "", 2);
        let ours = format!("{BASE}\nvoid b(struct dev *dev)\n{{\n\tcheck_old(dev);\n}}\n");
        assert_eq!(
            said(&patch(BASE), &ours, &patch(&ours)),
            ["18: the patch takes 'check_old' away everywhere, and upstream has it here"]
        );
    }

    #[test]
    fn a_hunk_without_any_of_its_surroundings_is_told() {
        let patch = |text: &str| text.replace("\tsecond(dev);\n", "\tmine(dev);\n");
        let ours = BASE.replace("\tcheck_old(dev);\n\tfirst(dev);\n", "\tx(1);\n\ty(2);\n");
        let ours = ours.replace("\tthird(dev);\n\tcheck_old(dev);\n", "\tp(3);\n\tq(4);\n");
        let told = said(&patch(BASE), &ours, &patch(&ours));
        assert_eq!(told, ["13: all lines that it stood between are gone"]);
    }

    #[test]
    fn a_patch_whose_surroundings_are_as_they_were_has_no_doubts() {
        let patch = |text: &str| text.replace("\tsecond(dev);\n", "\tmine(dev);\n");
        let ours = BASE.replace("int a_init(void);", "int a_init(int how);");
        assert_eq!(said(&patch(BASE), &ours, &patch(&ours)), Vec::<String>::new());
    }
}
