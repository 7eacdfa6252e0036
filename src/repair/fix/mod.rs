//! FIXERS: what is done of itself about a finding. In: a message, the text of its file, and what the tree knows of names. Out: edits, or
//! why not. A fix is refused rather than guessed: each says what it must see before it changes anything.
//!
//! ```text
//!   bounded        sprintf, strcpy, strcat on an array of known size     null_check   an allocation that nothing tests
//!   counted        n * sizeof(x) as the size of an allocation            leak         a return that passes a label by
//!   strlcpy        strlcpy, which is gone                                unchecked    a result that must be looked at
//!   include        a function that no header in sight declares           unused       a variable that nothing uses
//!   null_pointer   0 where a pointer is meant                            unused_set   one that is only ever set
//!                                                                        unused_function  one that nothing calls
//!   semantic       what a semantic patch, or a rule of upstream's, says  linkage      a symbol of one file without `static`
//! ```

mod bounded;
mod counted;
mod include;
mod leak;
mod left_behind;
mod linkage;
mod migration;
mod null_check;
mod null_pointer;
mod semantic;
pub mod source;
mod strlcpy;
mod unchecked;
mod unused;
mod unused_function;
mod unused_set;
mod way_out;

use crate::error;
use crate::index::is_other_program;
use crate::rule::{Edit, Rule};
use crate::run::Diagnostic;
use bstr::{BStr, BString};
use source::{Call, Function, Source};

pub use migration::Migration;
pub use semantic::Rules;

/// What the tree around a file knows.
pub trait Surroundings {
    /// The files that a name stands in, sorted by path.
    ///
    /// # Errors
    /// The tree cannot be read.
    fn places(&self, name: &[u8]) -> error::Result<Vec<Spot>>;

    /// A file's text; `None` if there is no such file.
    ///
    /// # Errors
    /// The tree cannot be read.
    fn read(&self, path: &BStr) -> error::Result<Option<Vec<u8>>>;
}

/// A file that knows a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The file.
    pub path: BString,
    /// Does it define or declare the name?
    pub is_declared: bool,
    /// Does it use it apart from that?
    pub is_used: bool,
}

/// A finding and where it is.
pub struct Case<'a> {
    /// What was said.
    pub told: &'a Diagnostic,
    /// The file.
    pub path: &'a BStr,
    /// Its text.
    pub source: Source<'a>,
    /// The line, from 1, in this text.
    pub line: usize,
    /// The tree.
    pub tree: &'a dyn Surroundings,
    /// Semantic patches that the user gave, and rules that a run knows.
    pub rules: &'a [Rules],
    /// What there was before, where the text comes out of a migration.
    pub migration: Option<&'a Migration<'a>>,
}

/// What is to be done about a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fix {
    /// In the order of the text.
    pub edits: Vec<Edit>,
    /// Why that is right, in words.
    pub why: String,
    /// Why something outside of the function named changes; `None`: nothing may.
    pub elsewhere: Option<String>,
    /// A function or variable of the file that goes; `None`: none may.
    pub gone: Option<Vec<u8>>,
}

impl Fix {
    /// Edits within the function.
    fn within(edits: Vec<Edit>, why: impl Into<String>) -> Self {
        Self { edits, why: why.into(), elsewhere: None, gone: None }
    }
}

/// Why a finding is left as it is.
#[derive(Debug)]
pub enum No {
    /// It is no finding of this fixer's.
    NotMine,
    /// It is, and this speaks against it.
    Refused(String),
    /// The tree could not be read.
    Failed(error::Error),
}

impl From<String> for No {
    fn from(why: String) -> Self {
        Self::Refused(why)
    }
}

impl From<&str> for No {
    fn from(why: &str) -> Self {
        Self::Refused(why.to_owned())
    }
}

impl From<error::Error> for No {
    fn from(error: error::Error) -> Self {
        Self::Failed(error)
    }
}

/// What a fixer makes of a case.
pub type Made = Result<Fix, No>;

/// A fixer, by its name.
type Fixer = (&'static str, fn(&Case<'_>) -> Made);

/// All fixers, in the order in which they are asked. What the user gave goes first.
const FIXERS: [Fixer; 13] = [
    ("rules", semantic::fix),
    ("bounded-copy", bounded::fix),
    ("strlcpy", strlcpy::fix),
    ("counted-allocation", counted::fix),
    ("null-check", null_check::fix),
    ("leak", leak::fix),
    ("unchecked-return", unchecked::fix),
    ("include", include::fix),
    ("unused-variable", unused::fix),
    ("unused-value", unused_set::fix),
    ("unused-function", unused_function::fix),
    ("static", linkage::fix),
    ("null-pointer", null_pointer::fix),
];

/// The first fix; else why not, in words.
///
/// # Errors
/// The tree cannot be read.
pub fn propose(case: &Case<'_>) -> error::Result<Result<(&'static str, Fix), String>> {
    let mut refused = Vec::new();
    for (name, fixer) in FIXERS {
        match fixer(case) {
            Ok(fix) => return Ok(Ok((name, fix))),
            Err(No::NotMine) => {}
            Err(No::Refused(why)) => refused.push(format!("{name}: {why}")),
            Err(No::Failed(error)) => return Err(error),
        }
    }
    let none = "no fixer is for this kind of finding".to_owned();
    Ok(Err(if refused.is_empty() { none } else { refused.join("; ") }))
}

impl<'a> Case<'a> {
    /// What the finding says of itself, in one text: kind, message, suggestion.
    fn said(&self) -> String {
        let Diagnostic { kind, message, suggestion, .. } = self.told;
        let kind = kind.as_deref().unwrap_or_default();
        format!("{kind}\n{message}\n{}", suggestion.as_deref().unwrap_or_default())
    }

    /// Is the tool's name of the kind, or a word of what it says, one of these?
    fn is_about(&self, kinds: &[&str], words: &[&str]) -> bool {
        let kind = self.told.kind.as_deref().unwrap_or_default();
        // clang-tidy's name for a check of the analyser.
        let kind = kind.strip_prefix("clang-analyzer-").unwrap_or(kind);
        let said = self.told.message.to_lowercase();
        kinds.contains(&kind) || words.iter().any(|word| said.contains(word))
    }

    /// Names that the message quotes, in order.
    fn quoted(&self) -> Vec<&'a str> {
        let parts = self.told.message.split(['\'', '"', '`']);
        parts.skip(1).step_by(2).filter(|name| !name.is_empty()).collect()
    }

    /// The function that the finding is in: by its line, and by its name where the line is in another one.
    fn function(&self) -> Result<Function<'a>, String> {
        let on_line = self.source.function_on(self.line);
        let Some(name) = self.told.function.as_deref() else { return on_line };
        match on_line {
            Ok(function) if function.name == name.as_bytes() => Ok(function),
            other => self.source.function_named(name).unwrap_or(other),
        }
    }

    /// The call that is meant: the one on the line that fits, or within the plain statement that the line is one of.
    fn one_call(&self, function: &Function<'a>, fits: impl Fn(&[u8]) -> bool) -> Result<Option<Call>, String> {
        let all: Vec<Call> = function.calls().into_iter().filter(|call| fits(function.bytes(&call.callee))).collect();
        let holds = |node: usize| {
            let (first, last) = function.lines_of(node);
            (first..=last).contains(&self.line)
        };
        let on_line = |call: &&Call| {
            let statement = function.statement(call.node);
            let is_plain =
                matches!(function.kind(statement), "expression_statement" | "declaration" | "return_statement");
            holds(call.node) || is_plain && holds(statement)
        };
        let near: Vec<&Call> = all.iter().filter(on_line).collect();
        match (near.as_slice(), all.as_slice()) {
            ([one], _) => Ok(Some((*one).clone())),
            ([], []) => Ok(None),
            ([], _) => Err("the line has none of these calls; the function has, elsewhere".to_owned()),
            _ => Err("the line has several of these calls".to_owned()),
        }
    }

    /// Does the message quote another function than this one: one that the function calls, or one of the compiler's own?
    fn names_another(&self, function: &Function<'_>, callee: &[u8]) -> Option<&'a str> {
        let calls = function.calls();
        let plain = |name: &'a str| {
            let plain = name.strip_prefix("__builtin_").map(|name| name.trim_start_matches("__"));
            plain.map(|name| name.strip_suffix("_chk").unwrap_or(name)).unwrap_or(name)
        };
        let is_function = |name: &str, plain: &str| {
            name != plain
                || name.starts_with("__builtin")
                || LIBRARY.contains(&plain)
                || calls.iter().any(|call| function.bytes(&call.callee) == plain.as_bytes())
        };
        // What is followed by brackets is a function, whatever it is quoted with.
        let quoted = self.quoted().into_iter().map(|name| (name, plain(name.trim_end_matches("()"))));
        quoted
            .filter(|(_, plain)| plain.as_bytes() != callee && plain.as_bytes() != function.name)
            .find_map(|(name, plain)| is_function(name, plain).then_some(plain))
    }

    /// A function that a fix would call must be one of the kernel's that this file is part of.
    fn kernel_has(&self, name: &str) -> Result<(), No> {
        if is_other_program(self.path) || self.path.starts_with(b"usr/") {
            return Err(format!("{} is no code of the kernel itself, and may not have {name}", self.path).into());
        }
        let is_it = |spot: &Spot| spot.is_declared && spot.path.starts_with(b"include/") && spot.path.ends_with(b".h");
        match STANDARD.contains(&name) || self.tree.places(name.as_bytes())?.iter().any(is_it) {
            true => Ok(()),
            false => Err(format!("no header in include/ of this tree declares {name}").into()),
        }
    }
}

/// Functions of the C library that compilers know and warn about by name.
const LIBRARY: [&str; 16] = [
    "memcpy",
    "memmove",
    "memset",
    "memcmp",
    "strcpy",
    "strncpy",
    "strlcpy",
    "strscpy",
    "strcat",
    "strncat",
    "strlcat",
    "sprintf",
    "snprintf",
    "vsprintf",
    "vsnprintf",
    "strlen",
];

/// Functions that every kernel has.
const STANDARD: [&str; 2] = ["snprintf", "vsnprintf"];

/// The rules of a run, as a fixer takes them.
pub fn learned(rules: Vec<Rule>, name: impl Into<String>) -> Rules {
    Rules::Learned(rules, name.into())
}
