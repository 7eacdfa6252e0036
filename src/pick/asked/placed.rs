//! A hunk's question put where the hunk's code lives now; where nothing tells, a model is asked for that first.
//!
//! In: the question as text merging left it. Out: the same, or one about other lines of ours; none while nobody knows the place: then the hunk
//! stays open, rather than that its lines go somewhere.

use super::Asking;
use super::place::{Where, changed};
use super::talk::{Asked, Said, Talk};
use crate::llm::brief::{Place, around};
use crate::llm::retrieval::{self, Found, Patience, Sought, seek};
use crate::llm::{Brief, Prompt};
use crate::merge::{Chunk, Remark, Sides};
use std::ops::Range;

/// A hull of more lines than this is not one place any more.
const HULL: usize = 240;

impl Talk<'_> {
    /// A hunk's question at its place.
    pub(super) fn placed(
        &mut self,
        asking: &mut Asking,
        (brief, text): (Brief, Vec<u8>),
        (at, lines): (usize, Sides<usize>),
    ) -> Option<Asked> {
        let Chunk::Open(hunk) = &self.chunks[at] else { return None };
        let all = changed(hunk.as_ref().map(Vec::as_slice), lines.base);
        let here = Asked { brief, text, moved: Vec::new() };
        let Some(first) = all.first() else { return Some(here) };
        // What belongs to several functions is asked about where text merging left it.
        if !self.places.is_in_one_section(&all) {
            return Some(here);
        }
        let (now, how) = match self.places.of(first) {
            Where::Here => return Some(here),
            Where::At(now, how) => (now, how),
            Where::Unknown(sought) => self.sought(asking, &sought, lines.ours + 1)?,
        };
        Some(self.moved_to(here, first, (&now, how)))
    }

    /// Asks where code is; `None` if there is no answer yet, or none that holds.
    fn sought(&mut self, asking: &mut Asking, sought: &Sought, line: usize) -> Option<(Vec<Range<usize>>, Place)> {
        let limit = asking.limit_of(|limit| retrieval::prompt(sought, (&[], None), limit));
        let patience = Patience { limit, ..Patience::default() };
        let whose = (self.n, self.path.as_str(), self.old.as_str());
        let mut prompts: Vec<Prompt> = Vec::new();
        let mut silence = None;
        let mut oracle = |prompt: &Prompt| {
            let answers = asking.heard((prompt, limit), whose).map_err(|silent| {
                silence = Some(silent);
                String::new()
            })?;
            prompts.push(prompt.clone());
            Ok(answers)
        };
        let Found { lines, answers, refusals, not_here, .. } =
            self.places.judged(sought, |judge| seek(sought, &mut oracle, patience, judge));
        self.reasons.extend(silence.and_then(|silent| silent.told(line)));
        let what = sought.missing.clone().unwrap_or_default();
        let mut refusals = refusals.into_iter();
        for (prompt, answer) in prompts.into_iter().zip(answers) {
            let verdict = refusals.next().filter(|said| !said.is_empty()).map_or(Ok(None), Err);
            if let Err(said) = &verdict {
                let told = format!("an answer of the model to where {what} is was refused: {said}");
                self.reasons.push(Remark::new(line, told));
            }
            self.asked.push(Said { line, prompt, answer, verdict });
        }
        if lines.is_empty() {
            let told = not_here.map(|why| format!("the model says that {what} is not in this file any more: {why}"));
            self.reasons.extend(told.map(|told| Remark::new(line, told)));
            return None;
        }
        let told: Vec<String> = lines.iter().map(|range| format!("{}-{}", range.start + 1, range.end)).collect();
        let said = format!("that {what} is in lines {} of the new file is the model's word", told.join(" and "));
        self.reasons.push(Remark::new(line, said));
        Some((lines, Place { how: "by a model that was asked where the old lines are".to_owned(), score: None }))
    }

    /// The question about other lines of ours.
    fn moved_to(&self, here: Asked, lines: &Range<usize>, (now, how): (&[Range<usize>], Place)) -> Asked {
        let in_text: Vec<Range<usize>> =
            now.iter().filter_map(|range| self.places.in_text(&here.text, range)).collect();
        let (Some(start), Some(end)) = (in_text.iter().map(|r| r.start).min(), in_text.iter().map(|r| r.end).max())
        else {
            return here;
        };
        let hull = start..end;
        let longest = in_text.into_iter().max_by_key(|range| (range.len(), std::cmp::Reverse(range.start)));
        let place = if hull.len() <= HULL { hull } else { longest.unwrap_or(hull) };
        let mut brief = here.brief.at(&here.text, place, how);
        let (first, last) = (now.iter().map(|range| range.start).min(), now.iter().map(|range| range.end).max());
        let language = brief.language.unwrap_or(self.language);
        brief.kernel = first.zip(last).map(|(first, last)| around(language, self.files.ours, &(first..last)));
        Asked { brief, moved: self.places.moved(lines, now), text: here.text }
    }
}
