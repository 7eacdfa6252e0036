//! The header of a rule: `@name depends on patch && !r disable a, b exists@`.
//!
//! In: the text between two `@`. Out: [`Header`]. What a rule depends on is kept as a formula of names.

use super::problem::Problem;
use std::collections::BTreeSet;

/// What a rule waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dependency {
    /// Nothing.
    Always,
    /// A rule that matched, or a virtual name that is defined.
    Name(String),
    /// Not that.
    Not(Box<Self>),
    /// Both.
    And(Box<Self>, Box<Self>),
    /// One of them.
    Or(Box<Self>, Box<Self>),
}

impl Dependency {
    /// Whether it holds, if `known` says which names do.
    pub fn holds(&self, known: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Always => true,
            Self::Name(name) => known(name),
            Self::Not(inner) => !inner.holds(known),
            Self::And(left, right) => left.holds(known) && right.holds(known),
            Self::Or(left, right) => left.holds(known) || right.holds(known),
        }
    }

    /// Whether it asks for one of these to have matched.
    pub fn rests_on(&self, names: &BTreeSet<String>) -> bool {
        match self {
            Self::Always | Self::Not(_) => false,
            Self::Name(name) => names.contains(name),
            Self::And(left, right) | Self::Or(left, right) => left.rests_on(names) || right.rests_on(names),
        }
    }

    /// Whether it can hold at all: `known` says `None` for what is decided later.
    pub fn may_hold(&self, known: &dyn Fn(&str) -> Option<bool>) -> bool {
        self.decided(known) != Some(false)
    }

    /// As far as it is decided.
    fn decided(&self, known: &dyn Fn(&str) -> Option<bool>) -> Option<bool> {
        match self {
            Self::Always => Some(true),
            Self::Name(name) => known(name),
            Self::Not(inner) => inner.decided(known).map(|holds| !holds),
            Self::And(left, right) => match (left.decided(known), right.decided(known)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(left, right) => match (left.decided(known), right.decided(known)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
        }
    }
}

/// Over how many ways a path must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paths {
    /// Over every way.
    #[default]
    All,
    /// Over one.
    Exists,
}

/// A header, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The rule's name; empty if it has none.
    pub name: String,
    /// What it waits for.
    pub depends: Dependency,
    /// Names of isomorphisms that it does without.
    pub disabled: Vec<String>,
    /// Over how many ways its paths must hold.
    pub paths: Paths,
    /// Whether the body is an expression, whatever it looks like.
    pub expression: bool,
}

/// Formulas nested deeper are refused.
const MOST_DEPTH: usize = 64;

/// Reads a header on the given line.
pub fn read(text: &[u8], line: usize) -> Result<Header, Problem> {
    let words = words(text);
    let mut work = Reader { words: &words, at: 0, line };
    let mut header = Header {
        name: String::new(),
        depends: Dependency::Always,
        disabled: Vec::new(),
        paths: Paths::All,
        expression: false,
    };
    if let Some(name) =
        work.peek().filter(|word| !["depends", "disable", "exists", "forall", "expression"].contains(word))
    {
        header.name = name.to_owned();
        work.at += 1;
    }
    while let Some(word) = work.next() {
        match word {
            "depends" => {
                work.expect("on")?;
                // `ever` and `exists`/`forall` before the formula say what is the default here.
                header.depends = work.formula(0)?;
            }
            "disable" => header.disabled = work.names(),
            "exists" => header.paths = Paths::Exists,
            "forall" => header.paths = Paths::All,
            "expression" => header.expression = true,
            word => return Err(Problem::new(line, &format!("`{word}` in a rule's header"))),
        }
    }
    Ok(header)
}

/// Words and signs of a header.
fn words(text: &[u8]) -> Vec<String> {
    let (mut out, mut word): (Vec<String>, String) = (Vec::new(), String::new());
    let mut take = |word: &mut String| {
        if !word.is_empty() {
            out.push(std::mem::take(word));
        }
    };
    let mut pieces: Vec<u8> = text.to_vec();
    pieces.push(b' ');
    for c in pieces {
        if super::lex::is_letter(c) && c.is_ascii() || c == b'.' {
            if matches!(word.as_str(), "&&" | "||" | "&" | "|") {
                take(&mut word);
            }
            word.push(char::from(c));
            continue;
        }
        // `&&` and `||` are one word each.
        if (c == b'&' || c == b'|') && word == char::from(c).to_string() {
            word.push(char::from(c));
            continue;
        }
        take(&mut word);
        if !c.is_ascii_whitespace() {
            word.push(char::from(c));
            if c != b'&' && c != b'|' {
                take(&mut word);
            }
        }
    }
    out
}

/// A header while it is read.
struct Reader<'a> {
    words: &'a [String],
    at: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    /// The next word, which stays.
    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).map(String::as_str)
    }

    /// The next word.
    fn next(&mut self) -> Option<&'a str> {
        self.at += 1;
        self.words.get(self.at - 1).map(String::as_str)
    }

    /// The next word must be this.
    fn expect(&mut self, word: &str) -> Result<(), Problem> {
        if self.next() == Some(word) { Ok(()) } else { Err(Problem::new(self.line, &format!("`{word}` is missing"))) }
    }

    /// Names with commas between them.
    fn names(&mut self) -> Vec<String> {
        let mut out: Vec<String> = self.next().into_iter().map(str::to_owned).collect();
        while self.peek() == Some(",") {
            self.at += 1;
            out.extend(self.next().map(str::to_owned));
        }
        out
    }

    /// A formula: `||` binds less than `&&`.
    fn formula(&mut self, depth: usize) -> Result<Dependency, Problem> {
        let mut left = self.conjunction(depth)?;
        while self.peek() == Some("||") {
            self.at += 1;
            left = Dependency::Or(Box::new(left), Box::new(self.conjunction(depth)?));
        }
        Ok(left)
    }

    /// What stands between two `||`.
    fn conjunction(&mut self, depth: usize) -> Result<Dependency, Problem> {
        let mut left = self.atom(depth)?;
        while self.peek() == Some("&&") {
            self.at += 1;
            left = Dependency::And(Box::new(left), Box::new(self.atom(depth)?));
        }
        Ok(left)
    }

    /// A name, its opposite, or a formula in parentheses.
    fn atom(&mut self, depth: usize) -> Result<Dependency, Problem> {
        if depth > MOST_DEPTH {
            return Err(Problem::new(self.line, "a dependency that is nested too deep"));
        }
        match self.next() {
            Some("!" | "never") => Ok(Dependency::Not(Box::new(self.atom(depth + 1)?))),
            Some("ever") => self.atom(depth + 1),
            Some("(") => {
                let inner = self.formula(depth + 1)?;
                self.expect(")")?;
                Ok(inner)
            }
            Some(word) if word.bytes().all(super::lex::is_letter) => Ok(Dependency::Name(word.to_owned())),
            _ => Err(Problem::new(self.line, "a dependency that cannot be read")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_is_a_formula_in_which_and_binds_more_than_or() {
        let header = read(b"r depends on patch && !context || (a && b) disable x, y exists", 1).expect("a header");
        assert_eq!((header.name.as_str(), header.paths), ("r", Paths::Exists));
        assert_eq!(header.disabled, ["x", "y"]);
        let holds = |names: &[&str]| header.depends.holds(&|name| names.contains(&name));
        assert!(holds(&["patch"]) && !holds(&["patch", "context"]) && holds(&["context", "a", "b"]) && !holds(&["a"]));
    }

    #[test]
    fn a_rule_without_a_name_may_have_dependencies_and_what_is_unknown_is_refused() {
        assert_eq!(read(b" depends on patch ", 1).expect("a header").name, "");
        assert_eq!(read(b"", 1).expect("a header").depends, Dependency::Always);
        assert_eq!(read(b"r extends q", 7).expect_err("unknown").line, 7);
        assert!(read(format!("r depends on {}", "(".repeat(5000)).as_bytes(), 7).is_err());
    }
}
