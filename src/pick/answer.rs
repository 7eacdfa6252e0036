//! The text merge of one file as a question and its answer: three blobs in, and nothing else decides what comes out.

use crate::cascade::{self, Whole, Won};
use crate::error::Result;
use crate::git::{Kind, Object, Oid, Store};
use crate::merge::delta::{self, Carried};
use crate::merge::{Change, Drift, Merged, Sides};
use crate::run::Method;
use crate::syntax::language::Language;
use crate::verify::{self, Objection};

/// What is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// What the file is written in.
    pub language: Language,
    /// Which blobs; without a base both sides add the file.
    pub sides: Sides<Option<Oid>>,
}

/// What came of merging them.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The tip's version, which the result replaces.
    pub ours: Object,
    /// How far the patch and upstream are from each other.
    pub drift: Drift,
    /// How it came out.
    pub merge: AnsweredMerge,
}

/// How a text merge came out.
#[derive(Clone, Debug)]
pub enum AnsweredMerge {
    /// Joined.
    Joined(Joined),
    /// Not joined in some hunks.
    Open(Open),
    /// Not text.
    Binary,
}

/// A merge without conflicts.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The text.
    pub result: Object,
    /// How the change compares with the commit's.
    pub carried: Carried,
    /// How it was won.
    pub won: Box<Won>,
    /// What the door says against it.
    pub objection: Option<Objection>,
}

/// A merge that is open in some hunks.
#[derive(Clone, Debug)]
pub struct Open {
    /// What later commits see.
    pub walk: Object,
    /// What people see.
    pub diff3: Object,
    /// The same, in chunks.
    pub merged: Merged,
    /// How some of its hunks were settled.
    pub won: Option<Box<Won>>,
    /// What the door said to an attempt to settle all of them.
    pub objection: Option<Objection>,
}

impl Answer {
    /// Merges. `base` is `None` where both sides add the file.
    ///
    /// # Errors
    /// libgit2 ran out of memory, or a text is made to collide under SHA-1.
    pub fn to(
        store: &Store,
        (language, methods): (Language, &[Method]),
        sides: &Sides<Option<Object>>,
    ) -> Result<Option<Self>> {
        let (Some(ours), Some(theirs)) = (&sides.ours, &sides.theirs) else {
            return Ok(None);
        };
        let base: &[u8] = sides.base.as_ref().map_or(&[], |o| &o.data);
        let texts = Sides { base, ours: &ours.data[..], theirs: &theirs.data[..] };
        // What both sides add has no base that could tell a place.
        let methods = if sides.base.is_some() { methods } else { &[] };
        let whole = cascade::whole(&verify::Question { language, sides: texts }, methods)?;
        Self::of(store, (ours, &texts), whole).map(Some)
    }

    /// What came of texts, as objects; `ours` is that side.
    ///
    /// # Errors
    /// A text is made to collide under SHA-1.
    pub fn of(store: &Store, (ours, texts): (&Object, &Sides<&[u8]>), whole: Whole) -> Result<Self> {
        let merge = match whole {
            Whole::Binary => AnsweredMerge::Binary,
            Whole::Joined(joined) => AnsweredMerge::Joined(kept(store, texts, joined)?),
            Whole::Open(open) => AnsweredMerge::Open(Open {
                walk: store.object(Kind::Blob, open.merged.walk())?,
                diff3: store.object(Kind::Blob, open.diff3)?,
                merged: open.merged,
                won: open.won.map(Box::new),
                objection: open.objection,
            }),
        };
        Ok(Self { ours: ours.clone(), drift: Drift::of(texts), merge })
    }
}

/// As an object, compared with the commit's own change.
pub(super) fn kept(store: &Store, texts: &Sides<&[u8]>, joined: cascade::Joined) -> Result<Joined> {
    let cascade::Joined { text, won, objection } = joined;
    let patch = Change { before: texts.base, after: texts.theirs };
    let carried = delta::compare(patch, Change { before: texts.ours, after: &text });
    Ok(Joined { result: store.object(Kind::Blob, text)?, carried, won: Box::new(won), objection })
}
