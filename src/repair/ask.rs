//! A model is asked about a finding that no fixer is for. In: the finding, its file, the tree. Out: the file as the model would have it;
//! it passes the same proof as every other fix, and is asked for again, with the reason, if it does not.

use super::fix::Surroundings;
use super::fix::source::Source;
use super::surroundings::path_in_tree;
use crate::error::Result;
use crate::llm::brief::{Brief, around};
use crate::llm::mending::{Mending, question};
use crate::llm::snippet::Excerpt;
use crate::llm::{Answer, Limit, Oracle, Prompt, Reply, Snippet, apply, read};
use crate::run::{Diagnostic, quoted};
use crate::syntax::items::{ItemKind, items};
use crate::syntax::language::Language;
use crate::syntax::lex::{Kind, tokens};
use bstr::{BStr, ByteSlice};
use std::collections::{BTreeSet, VecDeque};

/// How often a finding is asked about.
const TRIES: usize = 3;
/// Declarations and places that are shown beside the function.
const MOST_SHOWN: usize = 12;
/// Longer declarations are not shown, in lines.
const LONGEST_SHOWN: usize = 60;
/// Names whose declarations are looked for in the tree.
const MOST_ASKED: usize = 6;

/// What is asked.
pub struct Asked<'a> {
    /// The finding.
    pub told: &'a Diagnostic,
    /// The file.
    pub path: &'a BStr,
    /// Its text.
    pub text: &'a [u8],
    /// The line, from 1.
    pub line: usize,
    /// Why the fixers left it.
    pub why_not: &'a str,
    /// The tree.
    pub tree: &'a dyn Surroundings,
    /// The top of the worktree, as places may begin.
    pub top: Option<&'a str>,
}

/// What a model would do.
pub struct Answered {
    /// The whole file.
    pub after: Vec<u8>,
    /// What it says for itself.
    pub why: String,
}

/// Question and answers about one finding. Of several samples each is heard before anything is asked again.
pub struct Conversation<'a> {
    asked: &'a Asked<'a>,
    mending: Option<Mending>,
    /// What was asked last, as answers to it are read.
    question: Option<(Brief, Prompt)>,
    /// Samples that were not heard yet.
    waiting: VecDeque<Answer>,
    /// The last answer.
    answer: String,
    tries: usize,
}

impl<'a> Conversation<'a> {
    /// Not begun yet.
    pub fn new(asked: &'a Asked<'a>) -> Self {
        Self { asked, mending: None, question: None, waiting: VecDeque::new(), answer: String::new(), tries: 0 }
    }

    /// The next answer that can be read; else why there is none.
    ///
    /// # Errors
    /// The tree cannot be read.
    pub fn next(&mut self, oracle: &mut dyn Oracle) -> Result<std::result::Result<Answered, String>> {
        let mut open = None;
        loop {
            let Some(answer) = self.waiting.pop_front() else {
                match open.take().map_or_else(|| self.ask(oracle), |why| Ok(Err(why)))? {
                    Ok(()) => continue,
                    Err(why) => return Ok(Err(why)),
                }
            };
            let Some((brief, prompt)) = &self.question else { return Ok(Err("nobody was asked".to_owned())) };
            let read = read(&answer, brief, prompt);
            self.answer = answer.text;
            match read {
                Ok(Reply::Edits(edits)) => {
                    let after = apply(&Snippet::new(self.asked.text, 1), &edits.list);
                    return Ok(Ok(Answered { after, why: edits.reason }));
                }
                Ok(Reply::LeftOpen(why) | Reply::AlreadyThere(why)) => open = Some(format!("leaves it open: {why}")),
                Err(refusal) => self.refuse(&refusal.said),
            }
        }
    }

    /// Asks, for the first time or with what was wrong; else says why nobody is asked.
    fn ask(&mut self, oracle: &mut dyn Oracle) -> Result<std::result::Result<(), String>> {
        if self.mending.is_none() {
            self.mending = Some(mending(self.asked)?);
        }
        let Some(mending) = self.mending.as_ref().filter(|_| self.tries < TRIES) else {
            // What was said of the answer before is why there is none, if nobody may be asked again.
            let refused = self.mending.as_ref().and_then(|mending| mending.refused.as_ref());
            return Ok(Err(refused.map_or_else(|| "no answer came".to_owned(), |(_, said)| said.clone())));
        };
        let Some((brief, prompt)) = question(mending, Limit::default()) else {
            return Ok(Err("the question is longer than the context limit".to_owned()));
        };
        self.tries += 1;
        let came = oracle.answers(&prompt);
        self.question = Some((brief, prompt));
        Ok(came.map(|answers| self.waiting = answers.into()))
    }

    /// Says what was wrong with the last answer.
    pub fn refuse(&mut self, said: &str) {
        if let Some(mending) = &mut self.mending {
            mending.refused = Some((self.answer.clone(), said.to_owned()));
        }
    }
}

/// All that is shown with a finding.
fn mending(asked: &Asked<'_>) -> Result<Mending> {
    let language = Language::of(asked.path);
    let lines = asked.line - 1..asked.line;
    let snippet = around(language, asked.text, &lines);
    let mut context = noted(asked)?;
    if language == Language::C {
        context.extend(declarations(asked, &snippet)?);
    }
    context.truncate(MOST_SHOWN);
    let said = match asked.told.raw.is_empty() {
        true => format!("{}: {}", asked.told.tool, asked.told.message),
        false => asked.told.raw.clone(),
    };
    let (path, line, why_not) = (quoted(asked.path), asked.line, asked.why_not.to_owned());
    Ok(Mending { path, line, said, why_not, snippet, context, refused: None })
}

/// The functions around the other places that the tool names, of whatever file.
fn noted(asked: &Asked<'_>) -> Result<Vec<Excerpt>> {
    let mut shown = Vec::new();
    let mut seen = BTreeSet::new();
    for place in asked.told.notes.iter().filter_map(|note| note.place.as_deref()) {
        let mut parts = place.split(':');
        let (Some(file), Some(Ok(line))) = (parts.next(), parts.next().map(str::parse::<usize>)) else { continue };
        let path = path_in_tree(file, asked.top);
        let here = path == *asked.path;
        let own = Source::new(asked.text).item_on(asked.line).map(|item| item.lines);
        if line == 0 || here && own.is_some_and(|(first, last)| (first..=last).contains(&line)) {
            continue;
        }
        let text = if here { Some(asked.text.to_vec()) } else { asked.tree.read(path.as_ref())? };
        let Some(text) = text else { continue };
        let snippet = around(Language::of(&path), &text, &(line - 1..line));
        if seen.insert((path.clone(), snippet.first)) {
            shown.push(Excerpt {
                what: "what the tool also names".to_owned(),
                path: quoted(path.as_ref()),
                snippet,
                ..Excerpt::default()
            });
        }
    }
    Ok(shown)
}

/// Types and functions that the snippet names: of the file itself, and those that one header declares.
fn declarations(asked: &Asked<'_>, snippet: &Snippet) -> Result<Vec<Excerpt>> {
    let all = tokens(&snippet.text);
    let words = all.iter().filter(|token| token.kind == Kind::Word && !crate::syntax::lex::is_reserved(token.text));
    let names: BTreeSet<&[u8]> = words.map(|token| token.text).collect();
    let own = items(asked.text).list;
    let mut shown = Vec::new();
    for item in &own {
        let is_type =
            matches!(item.kind, ItemKind::Struct | ItemKind::Union | ItemKind::Variable | ItemKind::ObjectMacro);
        let (first, last) = item.lines;
        let inside = snippet.place().contains(&(first - 1));
        if is_type && !inside && last - first < LONGEST_SHOWN && names.contains(item.identity(asked.text)) {
            let what = format!("{}, which the lines name", item.identity(asked.text).to_str_lossy());
            shown.push(Excerpt {
                what,
                path: quoted(asked.path),
                snippet: Snippet::of(asked.text, &(first - 1..last)),
                ..Excerpt::default()
            });
        }
    }
    let quoted_names = asked.told.message.split(['\'', '"', '`']).skip(1).step_by(2);
    for name in quoted_names.filter(|name| names.contains(name.as_bytes())).take(MOST_ASKED) {
        if own.iter().any(|item| item.identity(asked.text) == name.as_bytes()) {
            continue;
        }
        let headers = asked.tree.places(name.as_bytes())?;
        let headers: Vec<_> =
            headers.into_iter().filter(|spot| spot.is_declared && spot.path.ends_with(b".h")).collect();
        let [one] = &headers[..] else { continue };
        let text = asked.tree.read(one.path.as_ref())?.unwrap_or_default();
        let found = items(&text).list.into_iter().find(|item| item.identity(&text) == name.as_bytes());
        let Some(item) = found.filter(|item| item.lines.1 - item.lines.0 < LONGEST_SHOWN) else { continue };
        let snippet = Snippet::of(&text, &(item.lines.0 - 1..item.lines.1));
        shown.push(Excerpt {
            what: format!("{name}, which the tool names"),
            path: quoted(one.path.as_ref()),
            snippet,
            ..Excerpt::default()
        });
    }
    Ok(shown)
}
