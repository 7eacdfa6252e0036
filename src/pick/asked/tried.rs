//! What the deterministic methods made of the open hunks of a file, where the door did not take it: a model is told, so that it need not
//! make the same mistake.

use crate::cascade::{Cascaded, Refused, settle};
use crate::llm::brief::{Brief, Proposed};
use crate::merge::{Chunk, Merged, Sides};
use crate::run::Method;
use crate::verify::Question;
use bstr::ByteSlice;

/// An attempt that was refused, by the places of its hunks.
#[derive(Clone, Debug)]
pub struct Tried {
    refused: Refused,
    /// The hunks' places and their chunks.
    hunks: Vec<(Sides<usize>, usize)>,
}

impl Tried {
    /// Has the methods try once more; `None` if they have nothing, or settle some of it.
    pub fn again(question: &Question<'_>, merged: &Merged, methods: &[Method]) -> Option<Self> {
        let Cascaded::Open(Some(refused)) = settle(question, merged, methods) else { return None };
        let open = merged.chunks.iter().enumerate().filter(|(_, chunk)| matches!(chunk, Chunk::Open(_)));
        let hunks = merged.positions(&question.sides).into_iter().zip(open.map(|(at, _)| at)).collect();
        Some(Self { refused: *refused, hunks })
    }

    /// What was made of the hunk at a place, within the snippet that a brief shows of ours.
    pub fn of_hunk(&self, place: Sides<usize>, brief: &Brief) -> Option<Proposed> {
        let (_, at) = self.hunks.iter().find(|(known, _)| *known == place)?;
        let Chunk::Settled(made) = self.refused.merged.chunks.get(*at)? else { return None };
        let (open, shown) = (&brief.open.ours, brief.sides.ours.place());
        let lines: Vec<&[u8]> = brief.sides.ours.text.lines_with_terminator().collect();
        let (start, end) = (open.start.checked_sub(shown.start)?, open.end.checked_sub(shown.start)?);
        let text = [lines.get(..start)?.concat(), made.clone(), lines.get(end..)?.concat()].concat();
        let why_not = format!("at line {} of the result: {}", self.refused.objection.line, self.refused.objection.said);
        Some(Proposed { by: self.refused.by().to_owned(), text, why_not })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::Open;
    use crate::syntax::language::Language;
    use crate::verify::{Objection, Reason};

    #[test]
    fn what_the_door_refused_is_shown_with_the_reason() {
        let base = b"int f(void)\n{\n\treturn start(1);\n}\n".as_slice();
        let theirs = b"int f(void)\n{\n\tint late = 0;\n\n\treturn start(1);\n}\n".as_slice();
        let sides = Sides { base, ours: b"int f(void)\n{\n\treturn start(2);\n}\n".as_slice(), theirs };
        let question = Question { language: Language::C, sides };
        let settled = |text: &[u8]| Chunk::Settled(text.to_vec());
        let open = Sides {
            base: b"\treturn start(1);\n".to_vec(),
            ours: b"\treturn start(2);\n".to_vec(),
            theirs: theirs[14..].to_vec(),
        };
        let merged = Merged { chunks: vec![settled(&base[..14]), Chunk::Open(open.clone()), settled(b"}\n")] };
        let place = merged.positions(&sides)[0];
        let attempt = Merged {
            chunks: vec![settled(&base[..14]), settled(b"\tint late = 0;\n\n\treturn start(2);\n"), settled(b"}\n")],
        };
        let objection = Objection { reason: Reason::Misplaced, said: "it is in another function".to_owned(), line: 3 };
        let refused = Refused { merged: attempt, method: Method::Line, objection };
        let tried = Tried { refused, hunks: vec![(place, 1)] };
        let open = open.as_ref().map(Vec::as_slice);
        let open =
            Open { sides: open, before: &base[..14], after: b"}\n", files: sides, lines: place, language: Language::C };
        let (brief, _) = Brief::of_open("a.c", &open);
        let proposed = tried.of_hunk(place, &brief).expect("it was tried");
        assert_eq!(proposed.by, "merging line by line");
        assert_eq!(proposed.text, b"int f(void)\n{\n\tint late = 0;\n\n\treturn start(2);\n}\n");
        assert_eq!(proposed.why_not, "at line 3 of the result: it is in another function");
        assert!(Tried::again(&question, &merged, &[]).is_none(), "without methods nothing is tried");
    }
}
