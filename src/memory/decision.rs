//! What people decided that no text of a conflict tells: a commit left out, a commit to review that was found right, a whole file taken or not.
//!
//! ```text
//!   kmigrate decision 1
//!   what: drop | accept | file
//!   patch: 0123456789abcdef              of drop and accept: a hash of what the commit changes
//!   because: superseded                  of drop, if somebody said so
//!   only: <commit>                       of drop: the new upstream that it is known for; without it, any
//!   path: drivers/net/old.c              of file, in git's quotes
//!   sides: <base> <ours> <theirs>        of file: ids, a dash for none
//!   modes: <base> <ours> <theirs>        of file, where the sides are of several sorts or modes, or it was moved on both
//!   content: 100644 <id>                 of file: what stands there then; a dash for nothing
//!   seen: <ours> 100644 <id> <path>      of accept: each file that changed
//!   change: <id>                         of the file before it: the change as hunks, kept beside this
//!   on: <commit>                         of accept: the new upstream on which it came out so
//!   subject: ...                         and the other words of the origin
//! ```
//!
//! These hold only for what is the same to the byte: a person has seen that and nothing else.

use super::CONTENT;
use super::conflict::hash;
use super::origin::{How, Origin};

/// The first line of a decision of this form.
const HEAD: &str = "kmigrate decision 1";

/// An id, if there is one.
pub type Id = Option<String>;
/// A mode and an id, if there is a file.
pub type Content = Option<(u32, String)>;

/// Modes of base, ours, theirs; none where there is no file.
pub type Modes = [Option<u32>; 3];

/// A file of a commit as a person saw it come out: its path, what the tip had, what it has then.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sight {
    /// In the tip.
    pub path: String,
    /// Before.
    pub ours: Id,
    /// After.
    pub result: Content,
}

/// What is remembered of a file as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfFile<'m> {
    /// Nothing.
    Unknown,
    /// People settled it so: who first, and what stands there then.
    As(&'m Origin, &'m Content),
    /// People settled it, and not all in one way.
    InSeveralWays,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The commit is left out.
    Drop {
        /// What its patch changes, hashed.
        patch: String,
        /// Why, if somebody said so.
        because: String,
        /// The new upstream that it is known for; empty for any.
        only: String,
    },
    /// The commit is right as it came out.
    Accept {
        /// What its patch changes, hashed.
        patch: String,
        /// The files that it changes, sorted.
        seen: Vec<Sight>,
        /// Of each of these, as far as they are text: the blob with its hunks.
        changes: Vec<Id>,
        /// The new upstream on which it came out so; empty if nobody knows.
        on: String,
    },
    /// A file on which the sides do not agree as a whole.
    File {
        /// In the tip.
        path: String,
        /// Base, ours, theirs.
        sides: [Id; 3],
        /// Their modes, where these are a part of the conflict, or where it is of places.
        modes: Option<Modes>,
        /// What stands there then.
        result: Content,
    },
}

/// A decision and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub what: What,
    /// By whom, where; its subject is the commit's.
    pub origin: Origin,
}

impl Decision {
    /// What it is called: hashes of what it is about and of all of it.
    pub fn name(&self) -> String {
        format!("{}-{}", self.about(), hash(&[self.print().as_bytes()]))
    }

    /// What it is about: two with the same are two words on one thing.
    pub fn about(&self) -> String {
        match &self.what {
            What::Drop { patch, .. } | What::Accept { patch, .. } => {
                hash(&[b"commit", patch.as_bytes(), self.origin.subject.as_bytes()])
            }
            What::File { path, sides, modes, .. } => about_file(path, sides, modes.as_ref()),
        }
    }

    /// Where it is kept in the tree of a memory.
    pub fn place(&self) -> String {
        let name = self.name();
        let (shard, rest) = name.split_at(2);
        format!("{shard}/{rest}")
    }

    /// The blobs that are kept beside it, by the places where: a file that was settled as a whole, the changes of a commit.
    pub fn contents(&self) -> Vec<(String, &str)> {
        let place = self.place();
        match &self.what {
            What::File { result: Some((_, id)), .. } => vec![(format!("{place}{CONTENT}"), id)],
            What::Accept { changes, .. } => {
                let named = changes.iter().enumerate();
                named.filter_map(|(at, id)| Some((format!("{place}.{at}{CONTENT}"), id.as_deref()?))).collect()
            }
            What::File { result: None, .. } | What::Drop { .. } => Vec::new(),
        }
    }

    /// The new upstream that it was said of, if it was one.
    pub fn upstream(&self) -> Option<&str> {
        let said = match &self.what {
            What::Accept { on, .. } => on,
            What::Drop { only, .. } => only,
            What::File { .. } => return None,
        };
        Some(said.as_str()).filter(|said| !said.is_empty())
    }

    /// Does it hold on this new upstream? That one commit became another which is only like it, or which leaves some of its files out, is
    /// known for the one that it was carried to.
    pub fn holds_on(&self, onto: &str) -> bool {
        match &self.what {
            What::Accept { on, .. } => !matches!(self.origin.how, How::Alike | How::LeftOut) || on == onto,
            What::Drop { only, .. } => only.is_empty() || only == onto,
            What::File { .. } => true,
        }
    }

    /// The file that it speaks of, or those of its commit.
    pub fn paths(&self) -> Vec<&str> {
        match &self.what {
            What::File { path, .. } => vec![path],
            What::Accept { seen, .. } => seen.iter().map(|sight| sight.path.as_str()).collect(),
            What::Drop { .. } => Vec::new(),
        }
    }

    /// In words.
    pub fn told(&self) -> String {
        match &self.what {
            What::Drop { because, .. } if because.is_empty() => format!("left out: {}", self.origin.subject),
            What::Drop { because, .. } => format!("left out: {} ({because})", self.origin.subject),
            What::Accept { .. } => format!("found right: {}", self.origin.subject),
            What::File { path, result: None, .. } => format!("{path}: removed"),
            What::File { path, .. } => format!("{path}: settled as a whole"),
        }
    }

    /// As a blob.
    pub fn print(&self) -> String {
        let id = |id: &Id| id.clone().unwrap_or_else(|| "-".to_owned());
        let content =
            |content: &Content| content.as_ref().map_or("-".to_owned(), |(mode, id)| format!("{mode:o} {id}"));
        let mut lines = vec![HEAD.to_owned(), format!("what: {}", self.word())];
        match &self.what {
            What::Drop { patch, because, only } => {
                lines.extend([format!("patch: {patch}"), format!("because: {because}"), format!("only: {only}")]);
            }
            What::Accept { patch, seen, changes, on } => {
                lines.push(format!("patch: {patch}"));
                for (at, sight) in seen.iter().enumerate() {
                    lines.push(format!("seen: {} {} {}", id(&sight.ours), content(&sight.result), sight.path));
                    lines.extend(changes.get(at).cloned().flatten().map(|id| format!("change: {id}")));
                }
                lines.push(format!("on: {on}"));
            }
            What::File { path, sides, modes, result } => {
                lines.push(format!("path: {path}"));
                lines.push(format!("sides: {} {} {}", id(&sides[0]), id(&sides[1]), id(&sides[2])));
                let mode = |mode: &Option<u32>| mode.map_or("-".to_owned(), |mode| format!("{mode:o}"));
                lines.extend(modes.as_ref().map(|modes| format!("modes: {}", modes.each_ref().map(mode).join(" "))));
                lines.push(format!("content: {}", content(result)));
            }
        }
        lines.push(format!("how: {}", self.origin.how.word()));
        lines.extend(self.origin.words().iter().map(|(name, word)| format!("{name}: {word}")));
        let one_line = |line: &String| line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        let said = lines.iter().map(one_line).filter(|line| !line.ends_with(": "));
        said.map(|line| line.trim_end().to_owned() + "\n").collect()
    }

    fn word(&self) -> &'static str {
        match self.what {
            What::Drop { .. } => "drop",
            What::Accept { .. } => "accept",
            What::File { .. } => "file",
        }
    }

    /// Reads a blob; `None` if it is no decision of this form.
    pub fn parse(blob: &[u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(blob).ok()?.lines();
        if lines.next() != Some(HEAD) || blob.iter().any(|byte| byte.is_ascii_control() && *byte != b'\n') {
            return None;
        }
        let mut origin = Origin::new(How::Run);
        let (mut what, mut patch, mut because, mut only, mut path) = Default::default();
        let (mut sides, mut modes, mut result) = (None, None, None);
        let (mut seen, mut changes, mut on) = (Vec::new(), Vec::new(), String::new());
        for line in lines {
            let (name, word) = line.split_once(": ")?;
            match name {
                "what" => what = word,
                "patch" => patch = word.to_owned(),
                "because" => because = word.to_owned(),
                "only" => only = word.to_owned(),
                "path" => path = word.to_owned(),
                "how" => origin.how = How::of(word)?,
                "sides" => {
                    let ids: Vec<Id> = word.split(' ').map(id).collect::<Option<_>>()?;
                    sides = Some(<[Id; 3]>::try_from(ids).ok()?);
                }
                "modes" => modes = Some(modes_of(word)?),
                "on" => on = word.to_owned(),
                "change" => *changes.last_mut()? = Some(id(word)??),
                "content" => result = Some(content(word)?.0),
                "seen" => {
                    let (ours, rest) = word.split_once(' ')?;
                    let (result, path) = content(rest)?;
                    seen.push(Sight { path: path.to_owned(), ours: id(ours)?, result });
                    changes.push(None);
                }
                _ if origin.set(name, word) => {}
                _ => return None,
            }
        }
        let what = match what {
            "drop" if !patch.is_empty() => What::Drop { patch, because, only },
            "accept" if !patch.is_empty() => What::Accept { patch, seen, changes, on },
            "file" => What::File { path, sides: sides?, modes, result: result? },
            _ => return None,
        };
        Some(Self { what, origin })
    }
}

/// What a decision on a file is about.
pub fn about_file(path: &str, sides: &[Id; 3], modes: Option<&Modes>) -> String {
    let [base, ours, theirs] = sides.each_ref().map(|id| id.as_deref().unwrap_or("-").as_bytes());
    let known = [b"file", path.as_bytes(), base, ours, theirs];
    match modes {
        None => hash(&known),
        Some(modes) => hash(&[&known[..], &[format!("{modes:?}").as_bytes()]].concat()),
    }
}

/// Three modes, a dash for none.
fn modes_of(words: &str) -> Option<Modes> {
    let mode = |word: &str| match word {
        "-" => Some(None),
        _ => u32::from_str_radix(word, 8).ok().map(Some),
    };
    let modes: Vec<Option<u32>> = words.split(' ').map(mode).collect::<Option<_>>()?;
    Modes::try_from(modes).ok()
}

/// An id or a dash.
fn id(word: &str) -> Option<Id> {
    let is_id = word.len() >= 40 && word.bytes().all(|b| b.is_ascii_hexdigit());
    match word {
        "-" => Some(None),
        _ => is_id.then(|| Some(word.to_owned())),
    }
}

/// A mode and an id or a dash, and what stands behind.
fn content(words: &str) -> Option<(Content, &str)> {
    if let Some(rest) = words.strip_prefix('-') {
        return Some((None, rest.trim_start()));
    }
    let (mode, rest) = words.split_once(' ')?;
    let (hex, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    Some((Some((u32::from_str_radix(mode, 8).ok()?, id(hex)??)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decisions() -> Vec<Decision> {
        let id = |c: char| Some(c.to_string().repeat(40));
        let origin = Origin {
            subject: "net: a\tchange".to_owned(),
            run: "topic-v2".to_owned(),
            result: "e".repeat(40),
            ..Origin::new(How::Run)
        };
        let of = |what| Decision { what, origin: origin.clone() };
        let result = Some((0o100_755, "d".repeat(40)));
        vec![
            of(What::Drop { patch: "aa".into(), because: "superseded".into(), only: String::new() }),
            of(What::Accept {
                patch: "aa".into(),
                seen: vec![
                    Sight { path: "a b.c".into(), ours: id('a'), result: result.clone() },
                    Sight { path: "gone.c".into(), ours: id('b'), result: None },
                ],
                changes: vec![id('f'), None],
                on: "c".repeat(40),
            }),
            of(What::File { path: "x y.bin".into(), sides: [id('a'), None, id('c')], modes: None, result }),
            of(What::File {
                path: "x".into(),
                sides: [id('a'), id('b'), id('c')],
                modes: Some([None, Some(0o120_000), Some(0o100_644)]),
                result: None,
            }),
        ]
    }

    #[test]
    fn a_decision_that_was_written_is_read_again() {
        for mut decision in decisions() {
            let read = Decision::parse(decision.print().as_bytes());
            decision.origin.subject = "net: a change".to_owned();
            assert_eq!(read, Some(decision));
        }
    }

    #[test]
    fn what_is_about_the_same_commit_or_file_has_one_name_in_front() {
        let all = decisions();
        assert_eq!(all[0].about(), all[1].about());
        assert_ne!(all[2].about(), all[3].about());
        assert_ne!(all[0].name(), all[1].name());
    }

    #[test]
    fn what_is_no_decision_is_not_read_as_one() {
        for text in [
            "",
            "kmigrate memory 1\n",
            "kmigrate decision 1\nwhat: drop\n",
            "kmigrate decision 1\nwhat: file\npath: a\nsides: - -\ncontent: -\n",
        ] {
            assert_eq!(Decision::parse(text.as_bytes()), None, "{text}");
        }
    }
}
