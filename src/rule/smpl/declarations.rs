//! Declarations of metavariables, read.
//!
//! In: the text between a rule's header and its `@@`. Out: [`Declared`]s. A type that is no keyword of SmPL makes a typed expression:
//! `struct sk_buff *skb;`.

use super::declare::{Declared, Limits, Sort, Wanted};
use super::lex;
use super::problem::Problem;

/// Reads declarations that begin on a line; what is left out is told.
pub fn read(text: &[u8], line: usize, skipped: &mut Vec<String>) -> Result<Vec<Declared>, Problem> {
    let mut out = Vec::new();
    let all = statements(text);
    for (nth, (at, statement)) in all.iter().enumerate() {
        let line = line + at;
        let mut work = Words::of(statement, line)?;
        if work.peek().is_some() {
            work.declaration(&mut out, skipped)?;
            if nth + 1 == all.len() {
                return work.problem("the `;` behind a declaration is missing");
            }
        }
    }
    Ok(out)
}

/// The text without comments, cut at `;`: each with the number of lines before it.
fn statements(text: &[u8]) -> Vec<(usize, &[u8])> {
    let (mut out, mut start, mut line) = (Vec::new(), 0, 0);
    let (mut at, mut quoted) = (0, false);
    let lead = |part: &[u8]| part.len() - part.trim_ascii_start().len();
    while at < text.len() {
        match text[at] {
            b'"' => quoted = !quoted,
            b'\\' if quoted => at += 1,
            b'/' if !quoted && text[at..].starts_with(b"//") => {
                at += text[at..].iter().position(|c| *c == b'\n').unwrap_or(text.len() - at);
                continue;
            }
            b';' if !quoted => {
                let part = &text[start..at];
                let before = part[..lead(part)].iter().filter(|c| **c == b'\n').count();
                out.push((line + before, part));
                line += part.iter().filter(|c| **c == b'\n').count();
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    let part = text.get(start..).unwrap_or_default();
    out.push((line + part[..lead(part)].iter().filter(|c| **c == b'\n').count(), part));
    out
}

/// A word of a set, and the rule that it comes from.
type Member = (Vec<u8>, Option<String>);

/// Words of SmPL that are no types.
const KEYWORDS: [&[u8]; 16] = [
    b"expression",
    b"idexpression",
    b"identifier",
    b"constant",
    b"statement",
    b"function",
    b"type",
    b"parameter",
    b"declaration",
    b"initializer",
    b"initialiser",
    b"field",
    b"position",
    b"symbol",
    b"typedef",
    b"local",
];

/// Words that make a type of C together.
const BASIC: [&[u8]; 10] =
    [b"signed", b"unsigned", b"short", b"long", b"int", b"char", b"float", b"double", b"void", b"_Bool"];

/// Whether words are one type: `struct sk_buff`, `unsigned long`, `u8`. Two declarations without a `;` between them are none.
fn is_type(words: &[&[u8]]) -> bool {
    match words {
        [b"struct" | b"union" | b"enum", name] => !KEYWORDS.contains(name),
        [name] => !KEYWORDS.contains(name),
        all => all.iter().all(|word| BASIC.contains(word)),
    }
}

/// The words of a declaration while they are read.
struct Words {
    all: Vec<Vec<u8>>,
    at: usize,
    line: usize,
}

impl Words {
    /// Those of a text that begins on a line.
    fn of(text: &[u8], line: usize) -> Result<Self, Problem> {
        // A mark in the first column has no meaning here.
        let lines: Vec<Vec<u8>> = text.split(|c| *c == b'\n').map(|line| [b" ", line].concat()).collect();
        let all = lex::tokens(&lines.join(&b'\n'), line)?.into_iter().map(|token| token.text).collect();
        Ok(Self { all, at: 0, line })
    }

    /// The next word, which stays.
    fn peek(&self) -> Option<&[u8]> {
        self.all.get(self.at).map(Vec::as_slice)
    }

    /// Whether the next word is this; then it goes.
    fn take(&mut self, word: &[u8]) -> bool {
        let is = self.peek() == Some(word);
        self.at += usize::from(is);
        is
    }

    /// Whether the next two words are these; then they go.
    fn take_two(&mut self, one: &[u8], two: &[u8]) -> bool {
        let is = self.peek() == Some(one) && self.all.get(self.at + 1).is_some_and(|w| w == two);
        self.at += if is { 2 } else { 0 };
        is
    }

    /// A problem on this line.
    fn problem<T>(&self, what: &str) -> Result<T, Problem> {
        Err(Problem::new(self.line, what))
    }

    /// One declaration of one or more names.
    fn declaration(&mut self, out: &mut Vec<Declared>, skipped: &mut Vec<String>) -> Result<(), Problem> {
        if self.take(b"fresh") {
            return self.problem("`fresh identifier` is not read");
        }
        let sort = self.sort()?;
        loop {
            let mut sort = sort.clone();
            let stars = self.stars();
            if let Sort::Expression(wanted) | Sort::Local(wanted) | Sort::Name(wanted) = &mut sort
                && stars > 0
            {
                wanted.get_or_insert(Wanted { base: Vec::new(), stars: 0, array: false }).stars += stars;
            }
            let mut found = self.named(sort)?;
            self.limits(&mut found, skipped)?;
            out.push(found);
            if !self.take(b",") {
                break;
            }
        }
        match self.peek() {
            Some(_) => self.problem("a declaration that cannot be read, or the `;` behind it is missing"),
            None => Ok(()),
        }
    }

    /// Counts and takes stars.
    fn stars(&mut self) -> usize {
        let mut count = 0;
        while self.take(b"*") {
            count += 1;
        }
        count
    }

    /// What is declared: one or two keywords, or a type.
    fn sort(&mut self) -> Result<Sort, Problem> {
        let two: &[(&[u8], &[u8], Sort)] = &[
            (b"expression", b"list", Sort::ExpressionList),
            (b"statement", b"list", Sort::StatementList),
            (b"parameter", b"list", Sort::ParameterList),
            (b"initializer", b"list", Sort::InitialiserList),
            (b"initialiser", b"list", Sort::InitialiserList),
            (b"field", b"list", Sort::FieldList),
            (b"iterator", b"name", Sort::Word),
            (b"declarer", b"name", Sort::Word),
            (b"attribute", b"name", Sort::Word),
            (b"binary", b"operator", Sort::Binary),
            (b"assignment", b"operator", Sort::Assignment),
        ];
        for (one, other, sort) in two {
            if self.take_two(one, other) {
                self.length();
                return Ok(sort.clone());
            }
        }
        if self.take_two(b"local", b"idexpression") {
            return Ok(Sort::Local(self.wanted()?));
        }
        let one: &[(&[u8], Sort)] = &[
            (b"identifier", Sort::Identifier),
            (b"type", Sort::Type),
            (b"statement", Sort::Statement),
            (b"function", Sort::Function),
            (b"parameter", Sort::Parameter),
            (b"declaration", Sort::Declaration),
            (b"initializer", Sort::Initialiser),
            (b"initialiser", Sort::Initialiser),
            (b"field", Sort::Field),
            (b"position", Sort::Position),
            (b"iterator", Sort::Iterator),
            (b"declarer", Sort::Declarer),
            (b"symbol", Sort::Word),
            (b"typedef", Sort::Word),
        ];
        for (word, sort) in one {
            if self.take(word) {
                if *sort == Sort::Position {
                    let _ = self.take(b"any");
                }
                return Ok(sort.clone());
            }
        }
        for word in [&b"format"[..], b"metavariable", b"pragma", b"global", b"comments"] {
            if self.peek() == Some(word) {
                return self
                    .problem(&format!("metavariables of the kind `{}` are not read", String::from_utf8_lossy(word)));
            }
        }
        if self.take(b"constant") {
            // The constant's own type is not asked for.
            let _ = self.wanted()?;
            return Ok(Sort::Constant);
        }
        if self.take(b"idexpression") {
            return Ok(Sort::Name(self.wanted()?));
        }
        if self.take(b"expression") {
            return Ok(Sort::Expression(self.wanted()?));
        }
        match self.wanted()? {
            Some(wanted) => Ok(Sort::Expression(Some(wanted))),
            None => self.problem("a declaration that cannot be read"),
        }
    }

    /// The length of a list in brackets, which is not asked for: lists of the same elements have the same length.
    fn length(&mut self) {
        if self.take(b"[") {
            while self.peek().is_some() && !self.take(b"]") {
                self.at += 1;
            }
        }
    }

    /// A type before the name that is declared; `None` if only names follow.
    fn wanted(&mut self) -> Result<Option<Wanted>, Problem> {
        if self.take(b"{") {
            let mut all: Vec<Vec<u8>> = vec![Vec::new()];
            while let Some(word) = self.peek().map(<[u8]>::to_vec).filter(|word| *word != b"}") {
                self.at += 1;
                match all.last_mut() {
                    Some(last) if word != b"," => {
                        last.extend_from_slice(if last.is_empty() { b"" } else { b" " });
                        last.extend_from_slice(&word);
                    }
                    _ => all.push(Vec::new()),
                }
            }
            let _ = self.take(b"}");
            return Ok(Some(Wanted { base: all.join(&b'|'), stars: self.stars(), array: false }));
        }
        let is_word = |word: &[u8]| word.first().is_some_and(|c| lex::is_letter(*c));
        let rest = &self.all[self.at.min(self.all.len())..];
        let count = rest.iter().take_while(|word| is_word(word)).count();
        let ends = rest.get(count).map(Vec::as_slice);
        // In `T *x` and `T[] x` all words are the type; in `T x` the last one is the name.
        let is_whole = matches!(ends, Some(b"*" | b"[")) && count > 0;
        let length = if is_whole { count } else { count.saturating_sub(1) };
        // `expression *x` and `r.x` have no type.
        if length == 0 {
            return Ok(None);
        }
        let is_said = |word: &&[u8]| !matches!(*word, b"const" | b"volatile");
        let base: Vec<&[u8]> = rest[..length].iter().map(Vec::as_slice).filter(is_said).collect();
        if !is_type(&base) {
            return self.problem("a type that cannot be read, or the `;` behind a declaration is missing");
        }
        let base = base.join(&b' ');
        self.at += length;
        let stars = self.stars();
        let mut array = false;
        if self.take(b"[") {
            array = true;
            let _ = self.take(b"]");
        }
        Ok(Some(Wanted { base, stars, array }))
    }

    /// A name, or `rule.name`.
    fn named(&mut self, sort: Sort) -> Result<Declared, Problem> {
        let Some(first) = self.peek().filter(|w| w.first().is_some_and(|c| lex::is_letter(*c))) else {
            return self.problem("a name is missing");
        };
        let first = String::from_utf8_lossy(first).into_owned();
        self.at += 1;
        let mut found =
            Declared { name: first.clone(), sort, inherited: None, limits: Limits::default(), line: self.line };
        if self.take(b".") {
            let Some(name) = self.peek().map(|w| String::from_utf8_lossy(w).into_owned()) else {
                return self.problem("a name is missing");
            };
            self.at += 1;
            found.inherited = Some((first, name.clone()));
            found.name = name;
        }
        Ok(found)
    }

    /// What the metavariable must be and must not be.
    fn limits(&mut self, found: &mut Declared, skipped: &mut Vec<String>) -> Result<(), Problem> {
        loop {
            if self.take(b"=~") {
                found.limits.matching = Some(self.pattern()?);
            } else if self.take(b"!~") {
                found.limits.unlike = Some(self.pattern()?);
            } else if self.take(b"=") {
                found.limits.only = self.set()?.into_iter().map(|(word, _)| word).collect();
            } else if self.take(b"<=") {
                let mut set = self.set()?;
                let Some((word, Some(rule))) = set.pop() else { return self.problem("what it is part of is missing") };
                found.limits.part_of = Some((rule, String::from_utf8_lossy(&word).into_owned()));
            } else if self.take(b"!=") {
                for (word, of) in self.set()? {
                    match of {
                        Some(rule) => {
                            let name = String::from_utf8_lossy(&word).into_owned();
                            found.limits.except_bound.push((rule, name));
                        }
                        None => found.limits.except.push(word),
                    }
                }
            } else if self.take(b":") {
                // A script decides: here it always agrees.
                skipped.push(format!("line {}: a script's constraint on `{}`", self.line, found.name));
                let mut depth = 0_usize;
                while let Some(word) = self.peek() {
                    match word {
                        b"{" | b"(" => depth += 1,
                        b"}" | b")" => depth = depth.saturating_sub(1),
                        b"," if depth == 0 => break,
                        _ => {}
                    }
                    self.at += 1;
                }
            } else if !self.take(b"&&") {
                return Ok(());
            }
        }
    }

    /// A regular expression in quotes.
    fn pattern(&mut self) -> Result<String, Problem> {
        let Some(text) = self.peek().and_then(|w| w.strip_prefix(b"\"")).and_then(|w| w.strip_suffix(b"\"")) else {
            return self.problem("a regular expression is missing");
        };
        // OCaml's old spelling of groups.
        let text = String::from_utf8_lossy(text)
            .replace("\\\\", "\\")
            .replace("\\(", "(")
            .replace("\\|", "|")
            .replace("\\)", ")");
        self.at += 1;
        if regex::bytes::Regex::new(&text).is_err() {
            return self.problem("a regular expression that cannot be read");
        }
        Ok(text)
    }

    /// One word or several in braces, each with the rule it comes from.
    fn set(&mut self) -> Result<Vec<Member>, Problem> {
        let many = self.take(b"{");
        let mut out = Vec::new();
        loop {
            let Some(word) = self.peek().map(<[u8]>::to_vec) else { return self.problem("a value is missing") };
            self.at += 1;
            if self.take(b".") {
                let Some(name) = self.peek().map(<[u8]>::to_vec) else { return self.problem("a name is missing") };
                self.at += 1;
                out.push((name, Some(String::from_utf8_lossy(&word).into_owned())));
            } else {
                out.push((word, None));
            }
            if !many {
                return Ok(out);
            }
            if self.take(b"}") {
                return Ok(out);
            }
            if !self.take(b",") {
                return self.problem("a set that does not end");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Declarations of a text.
    fn declared(text: &str) -> Vec<Declared> {
        read(text.as_bytes(), 1, &mut Vec::new()).expect("declarations")
    }

    #[test]
    fn keywords_types_lists_and_inheritance_are_read() {
        let all = declared(
            "expression x, *y;\nlocal idexpression struct dentry *r.dent;\nT[] E;\nunsigned long n;\nexpression list [n1] es;",
        );
        let wanted = |base: &str, stars, array| Some(Wanted { base: base.into(), stars, array });
        assert_eq!(all[0].sort, Sort::Expression(None));
        assert_eq!(all[1].sort, Sort::Expression(wanted("", 1, false)));
        assert_eq!(all[2].sort, Sort::Local(wanted("struct dentry", 1, false)));
        assert_eq!(all[2].inherited, Some(("r".to_owned(), "dent".to_owned())));
        assert_eq!(all[3].sort, Sort::Expression(wanted("T", 0, true)));
        assert_eq!((&all[4].sort, all[4].line), (&Sort::Expression(wanted("unsigned long", 0, false)), 4));
        assert_eq!((&all[5].sort, all[5].name.as_str()), (&Sort::ExpressionList, "es"));
    }

    #[test]
    fn a_declaration_without_its_semicolon_is_an_error_with_its_line() {
        for (text, line) in [
            ("expression X\nexpression Y;", 1),
            ("expression X", 1),
            ("expression X;\n\nexpression Y // last\n", 3),
            ("identifier f;\nidentifier g\nexpression Y;", 2),
            ("expression X\nstruct sk_buff *Y;", 1),
            ("expression X\nu8 Y;", 1),
            ("constant c\nidentifier i;", 1),
        ] {
            let told = read(text.as_bytes(), 1, &mut Vec::new()).expect_err(text);
            assert_eq!(told.line, line, "{text}: {told}");
            assert!(told.what.contains("`;`"), "{text}: {told}");
        }
        assert_eq!(declared("expression X; // one\n/* two */\nconst unsigned long int n;\n// three\n").len(), 2);
    }

    #[test]
    fn limits_are_words_sets_patterns_and_bound_values() {
        let all = declared(
            "identifier f =~ \"^wait_\\(a\\|b\\)\", g != {a, b};\nposition p != {r.p, q.p};\nbinary operator o = {<=, <};",
        );
        assert_eq!(all[0].limits.matching.as_deref(), Some("^wait_(a|b)"));
        assert_eq!(all[1].limits.except, [b"a", b"b"]);
        assert_eq!(all[2].limits.except_bound.len(), 2);
        assert_eq!(all[3].limits.only, [&b"<="[..], b"<"]);
    }

    #[test]
    fn a_scripts_constraint_is_told_and_what_is_unknown_is_refused() {
        let mut skipped = Vec::new();
        let all = read(b"position p : script:python() { f(p) };\ntype T;", 3, &mut skipped).expect("declarations");
        assert_eq!((all.len(), skipped.len()), (2, 1));
        for text in ["format d;", "expression;", "identifier x =~ 3;", "x y z w q ,;"] {
            assert!(read(text.as_bytes(), 1, &mut Vec::new()).is_err(), "{text}");
        }
    }
}
