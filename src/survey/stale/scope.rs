//! What a text of C declares, as what, and how far each declaration counts.
//!
//! In: a file. Out: of each of its names whether it is declared there or used, and what counts outside of its function.
//!
//! ```text
//!   int users = acme->users;         in a function: a local, which hides the name in that function and no member
//!   static int acme_get(void) {      counts in this file
//!   struct mine { int users; };      a member of `mine` alone: in this file, or everywhere if it stands in a header
//!   #define users nr_users           anything, wherever the macro is seen
//!   if (WARN_ON(acme_get(acme)))     an expression declares nothing, whatever the macro is called
//! ```

use crate::syntax::annotation;
use crate::syntax::items::{Item, ItemKind, items};
use crate::syntax::lex::{self, Token, has_word, is_keyword};
use rustc_hash::FxHashSet;

/// What a name is declared as.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// A function, variable, type or constant.
    Name,
    /// A member of the type with this tag; of one without a tag it is empty.
    Member(Vec<u8>),
    /// The tag of a type.
    Tag,
    /// A macro, which may stand for anything.
    Macro,
}

/// How far a declaration counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extent {
    /// In its file.
    File,
    /// Wherever it is included, or linked.
    Everywhere,
}

/// A declaration that counts outside of the function that it stands in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Declared {
    /// Its name.
    pub name: Vec<u8>,
    /// As what.
    pub what: What,
    /// How far.
    pub extent: Extent,
}

/// What a word is where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Used, or nothing of a name.
    Use,
    /// Declared for what it stands in.
    Local,
    /// Declared for others, too.
    Kept(What, Extent),
}

/// A text, with what each of its words is.
pub struct Scopes<'t> {
    /// The tokens of its code: no comments, no directives.
    pub tokens: Vec<Token<'t>>,
    places: Vec<Place>,
    /// The number of the item that each token stands in.
    owners: Vec<usize>,
    locals: FxHashSet<(usize, &'t [u8])>,
}

/// Is it a file of its own, that nobody includes?
pub fn is_unit(path: &[u8]) -> bool {
    path.ends_with(b".c")
}

impl<'t> Scopes<'t> {
    /// Reads a file; what is at its top counts everywhere if others include it.
    pub fn of(path: &[u8], text: &'t [u8]) -> Self {
        Self::read(text, &items(text).list, is_unit(path))
    }

    /// Reads a piece, of which nobody knows what it stands in.
    pub fn of_piece(text: &'t [u8]) -> Self {
        Self::read(text, &[], true)
    }

    fn read(text: &'t [u8], items: &[Item], is_unit: bool) -> Self {
        let tokens: Vec<Token<'t>> = code(lex::tokens(text));
        let mut walk = Walk {
            text,
            tokens: &tokens,
            item: None,
            stack: Vec::new(),
            parens: 0,
            brackets: 0,
            assigned: false,
            is_unit,
        };
        let (mut places, mut owners, mut next) = (Vec::new(), Vec::new(), 0);
        for (at, token) in tokens.iter().enumerate() {
            while items.get(next).is_some_and(|item| item.span.end <= token.at) {
                next += 1;
            }
            let item = items.get(next).filter(|item| item.span.contains(&token.at));
            walk.step(at, item);
            places.push(walk.place(at));
            owners.push(item.map_or(usize::MAX, |_| next));
        }
        let mut locals = FxHashSet::default();
        for at in (0..tokens.len()).filter(|at| places[*at] == Place::Local) {
            locals.insert((owners[at], tokens[at].text));
        }
        Self { tokens, places, owners, locals }
    }

    /// What the token at an index is.
    pub fn place(&self, at: usize) -> &Place {
        &self.places[at]
    }

    /// Does what the token stands in declare a variable of its name?
    pub fn is_local(&self, at: usize) -> bool {
        self.locals.contains(&(self.owners[at], self.tokens[at].text))
    }

    /// What it declares for others than the function that it stands in.
    pub fn kept(&self) -> impl Iterator<Item = (usize, Declared)> {
        self.places.iter().enumerate().filter_map(|(at, place)| match place {
            Place::Kept(what, extent) => {
                Some((at, Declared { name: self.tokens[at].text.to_vec(), what: what.clone(), extent: *extent }))
            }
            _ => None,
        })
    }
}

/// Without comments and directives.
pub fn code(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let is_code = |token: &Token<'_>| !matches!(token.kind, lex::Kind::Comment | lex::Kind::Directive);
    tokens.into_iter().filter(is_code).collect()
}

/// What a brace opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opened {
    /// The members of a type; the token of its tag.
    Fields(Option<usize>),
    /// The constants of an enum.
    Constants,
    /// Statements.
    Code,
    /// What a variable begins with.
    Values,
}

/// Where a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Top,
    Fields,
    Constants,
    Code,
    Values,
}

/// The way through the tokens of a text.
struct Walk<'w, 't> {
    text: &'t [u8],
    tokens: &'w [Token<'t>],
    item: Option<Item>,
    /// The braces that are open, each with the parentheses that were open before it.
    stack: Vec<(Opened, usize)>,
    /// The parentheses that are open within the innermost brace.
    parens: usize,
    /// The brackets that are open.
    brackets: usize,
    /// A value comes, until the declarator ends.
    assigned: bool,
    is_unit: bool,
}

impl Walk<'_, '_> {
    /// Goes on by one token, which it stands behind then; a bracket is in what it opens or closes.
    fn step(&mut self, at: usize, item: Option<&Item>) {
        if self.item.as_ref().map(|item| item.span.start) != item.map(|item| item.span.start) {
            self.item = item.cloned();
            self.stack.clear();
            (self.parens, self.brackets, self.assigned) = (0, 0, false);
        }
        let token = &self.tokens[at];
        match token.text {
            _ if token.kind != lex::Kind::Punct => {}
            b"(" => self.parens += 1,
            b")" => self.parens = self.parens.saturating_sub(1),
            b"[" => self.brackets += 1,
            b"]" => self.brackets = self.brackets.saturating_sub(1),
            b"=" => self.assigned = true,
            b";" => self.assigned = false,
            b"," if self.parens == 0 => self.assigned = false,
            b"{" => {
                self.stack.push((self.opened(at), self.parens));
                (self.parens, self.brackets, self.assigned) = (0, 0, false);
            }
            b"}" => {
                self.parens = self.stack.pop().map_or(0, |(_, parens)| parens);
                (self.brackets, self.assigned) = (0, false);
            }
            _ => {}
        }
    }

    fn opened(&self, at: usize) -> Opened {
        match tagged(self.tokens, at) {
            Some((b"enum", _)) => return Opened::Constants,
            Some((_, tag)) => return Opened::Fields(tag),
            None => {}
        }
        let is_value = at.checked_sub(1).is_some_and(|at| self.tokens[at].is("="));
        match self.inside() {
            _ if is_value => Opened::Values,
            Inside::Values => Opened::Values,
            _ => Opened::Code,
        }
    }

    fn inside(&self) -> Inside {
        match self.stack.last() {
            None => Inside::Top,
            Some((Opened::Fields(_), _)) => Inside::Fields,
            Some((Opened::Constants, _)) => Inside::Constants,
            Some((Opened::Code, _)) => Inside::Code,
            Some((Opened::Values, _)) => Inside::Values,
        }
    }

    /// What the word at an index is; the walk stands there.
    fn place(&self, at: usize) -> Place {
        let token = &self.tokens[at];
        let is_word = token.kind == lex::Kind::Word && !is_keyword(token.text);
        if !is_word || lex::is_reserved(token.text) || annotation::is_plain(token.text) {
            return Place::Use;
        }
        if self.is_tag(at) {
            return Place::Kept(What::Tag, self.extent());
        }
        let inside = self.inside();
        match inside {
            Inside::Constants => self.constant(at),
            Inside::Values => Place::Use,
            _ if self.is_made(at, inside) => self.declared(),
            Inside::Top | Inside::Fields if self.assigned || self.brackets > 0 => Place::Use,
            _ if self.is_pointer_to_function(at) && self.parens <= 1 => self.declared(),
            // What is in parentheses ends with a parameter; members that a macro groups end as all do.
            _ if !self.is_declared(at, inside) => Place::Use,
            Inside::Top if self.parens > 0 => Place::Local,
            Inside::Fields if self.parens > 0 && !self.is(Some(at + 1), &[";", "[", ":"]) => Place::Local,
            _ => self.declared(),
        }
    }

    /// As what the name here is declared.
    fn declared(&self) -> Place {
        match self.inside() {
            Inside::Fields => {
                let tag = match self.stack.last() {
                    Some((Opened::Fields(Some(tag)), _)) => self.tokens[*tag].text.to_vec(),
                    _ => self.outer_tag(),
                };
                Place::Kept(What::Member(tag), self.extent())
            }
            Inside::Top => Place::Kept(What::Name, self.extent()),
            _ => Place::Local,
        }
    }

    /// The tag of the type that holds one without a tag.
    fn outer_tag(&self) -> Vec<u8> {
        let tag = |(opened, _): &(Opened, usize)| match opened {
            Opened::Fields(Some(tag)) => Some(self.tokens[*tag].text.to_vec()),
            _ => None,
        };
        self.stack.iter().rev().find_map(tag).unwrap_or_default()
    }

    /// How far what is declared at the top here counts.
    fn extent(&self) -> Extent {
        let Some(item) = &self.item else { return if self.is_unit { Extent::File } else { Extent::Everywhere } };
        let head = &self.text[item.span.start..item.name.start.clamp(item.span.start, item.span.end)];
        let is_linked = matches!(
            item.kind,
            ItemKind::Function | ItemKind::MacroFunction | ItemKind::Variable | ItemKind::MacroCall | ItemKind::Other
        ) && self.stack.is_empty()
            && !has_word(head, b"static")
            && !has_word(head, b"extern");
        if !self.is_unit || is_linked { Extent::Everywhere } else { Extent::File }
    }

    /// `struct name {`.
    fn is_tag(&self, at: usize) -> bool {
        let is_word = |at: usize| self.tokens.get(at).is_some_and(|t| t.kind == lex::Kind::Word);
        let open = (at + 1..at + 1 + ATTRIBUTES).find(|at| !is_word(*at)).unwrap_or(at);
        self.tokens.get(open).is_some_and(|t| t.is("{"))
            && tagged(self.tokens, open).is_some_and(|(_, tag)| tag == Some(at))
    }

    /// A constant: the first word behind `{` or `,`.
    fn constant(&self, at: usize) -> Place {
        let begins = at.checked_sub(1).is_some_and(|at| self.tokens[at].is("{") || self.tokens[at].is(","));
        if begins && self.parens == 0 { Place::Kept(What::Name, self.extent()) } else { Place::Use }
    }

    fn is(&self, at: Option<usize>, puncts: &[&str]) -> bool {
        at.and_then(|at| self.tokens.get(at)).is_some_and(|t| puncts.iter().any(|p| t.is(p)))
    }

    /// `type (*name)(`
    fn is_pointer_to_function(&self, at: usize) -> bool {
        let before = self.tokens[..at].iter().rposition(|t| !t.is("*")).filter(|open| *open + 1 < at);
        let open = before.filter(|open| self.tokens[*open].is("(") && self.is(Some(at + 1), &[")", "["]));
        let kind = open.and_then(|open| open.checked_sub(1)).map(|at| &self.tokens[at]);
        let is_called = self.is(Some(at + 1), &["["]) || self.is(Some(at + 2), &["("]);
        is_called && kind.is_some_and(|t| is_type(t) || t.is("*"))
    }

    /// `type name`, `type *name` before what ends a declarator.
    fn is_declared(&self, at: usize, inside: Inside) -> bool {
        let tokens = self.tokens;
        let (next, in_code) = (Some(at + 1), inside == Inside::Code);
        let starts_attribute = |t: &Token<'_>| t.kind == lex::Kind::Word && t.text.starts_with(b"__");
        let is_attributed = tokens.get(at + 1).is_some_and(starts_attribute) && !starts_attribute(&tokens[at]);
        let ends = tokens.get(at + 1).is_none() || self.is(next, &[";", "=", ",", "[", ")"]);
        let is_other = !in_code && self.is(next, &["(", ":"]);
        let Some(first) = tokens[..at].iter().rposition(|t| !t.is("*")) else { return false };
        if !(ends || is_attributed || is_other) {
            return false;
        }
        let before = &tokens[first];
        if before.is(",") {
            return (ends || is_other) && is_in_declaration(tokens, at);
        }
        if before.is("}") && !in_code {
            // `} name;` behind the body of a type.
            return ends;
        }
        let is_pointer = first + 1 < at;
        // `static DEFINE_MUTEX(x)`: no type stands there.
        let is_storage = !is_pointer && matches!(before.text, b"static" | b"extern" | b"inline");
        let of_type = is_type(before) && (is_pointer || !is_tag_word(before)) && !is_storage || self.ends_typeof(first);
        of_type && (!in_code || self.begins_declaration(first))
    }

    /// `typeof(x)`
    fn ends_typeof(&self, at: usize) -> bool {
        if !self.tokens[at].is(")") {
            return false;
        }
        let mut depth = 0usize;
        for place in (0..=at).rev().take(LONGEST_TYPEOF) {
            match self.tokens[place].text {
                b")" => depth += 1,
                b"(" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let before = place.checked_sub(1).map(|at| self.tokens[at].text);
                return before.is_some_and(|word| matches!(word, b"typeof" | b"__typeof__" | b"typeof_member"));
            }
        }
        false
    }

    /// In code, do the words up to here begin a declaration: `foo_t *`, `const struct foo *`, and not `a *` of a product?
    fn begins_declaration(&self, last: usize) -> bool {
        let tokens = self.tokens;
        let first = tokens[..=last].iter().rposition(|t| !is_type(t)).map_or(0, |at| at + 1);
        if last > first || first > last || is_basic(tokens[last].text) {
            return true;
        }
        let before = first.checked_sub(1);
        let is_for = self.is(before, &["("]) && first > 1 && tokens[first - 2].is_word("for");
        before.is_none() || is_for || self.is(before, &[";", "{", "}"])
    }

    /// The argument of a macro that makes what it names: `DEFINE_MUTEX(name)`, where a declaration may stand.
    fn is_made(&self, at: usize, inside: Inside) -> bool {
        let Some(maker) = at.checked_sub(2).filter(|_| self.is(at.checked_sub(1), &["("])) else {
            return inside == Inside::Fields && self.is_last_argument(at);
        };
        let name = self.tokens[maker].text;
        if self.tokens[maker].kind != lex::Kind::Word || !self.is(Some(at + 1), &[",", ")"]) || self.parens != 1 {
            return false;
        }
        let before = maker.checked_sub(1);
        let begins = before.is_none_or(|at| self.item.as_ref().is_some_and(|i| self.tokens[at].at < i.span.start))
            || self.is(before, &[";", "{", "}"])
            || before.is_some_and(|at| is_type(&self.tokens[at]));
        match inside {
            Inside::Top => begins && is_upper(name) && !is_said_of(name),
            Inside::Fields => begins,
            Inside::Code => begins && is_upper(name) && makes_variables(name),
            _ => false,
        }
    }

    /// `DECLARE_FLEX_ARRAY(type, name);` among members.
    fn is_last_argument(&self, at: usize) -> bool {
        self.is(at.checked_sub(1), &[","]) && self.is(Some(at + 1), &[")"]) && self.is(Some(at + 2), &[";"])
    }
}

/// Tokens that are looked at for the beginning of a `typeof()`.
const LONGEST_TYPEOF: usize = 64;
/// Words between a tag and its brace.
const ATTRIBUTES: usize = 4;

/// The keyword and tag of the type whose body the brace at an index opens.
fn tagged<'t>(tokens: &[Token<'t>], brace: usize) -> Option<(&'t [u8], Option<usize>)> {
    let words = brace.saturating_sub(ATTRIBUTES + 1)..brace;
    let words = words.rev().take_while(|at| tokens[*at].kind == lex::Kind::Word);
    let all: Vec<usize> = words.collect();
    let keyword = all.iter().copied().find(|at| is_tag_word(&tokens[*at]))?;
    let is_attribute = |at: &usize| tokens[*at].text.starts_with(b"__");
    let mut named = (keyword + 1..brace).filter(|at| tokens[*at].kind == lex::Kind::Word);
    let tag = named.clone().find(|at| !is_attribute(at)).or_else(|| named.next());
    Some((tokens[keyword].text, tag))
}

fn is_tag_word(token: &Token<'_>) -> bool {
    [&b"struct"[..], b"union", b"enum"].contains(&token.text)
}

/// A word that a declaration may have before its name.
fn is_type(token: &Token<'_>) -> bool {
    token.kind == lex::Kind::Word && !is_keyword(token.text)
}

/// A type's own word.
fn is_basic(word: &[u8]) -> bool {
    lex::is_reserved(word) && !matches!(word, b"NULL" | b"true" | b"false")
}

fn is_upper(word: &[u8]) -> bool {
    !word.iter().any(u8::is_ascii_lowercase)
}

/// Macros that say something of a thing that is made elsewhere, at the top of a file.
fn is_said_of(word: &[u8]) -> bool {
    [&b"EXPORT_"[..], b"MODULE_", b"ALLOW_", b"BUILD_BUG"].iter().any(|start| word.starts_with(start))
        || word.ends_with(b"_SYMBOL")
}

/// Macros that make variables of a function.
fn makes_variables(word: &[u8]) -> bool {
    [&b"DEFINE"[..], b"DECLARE", b"_HEAD", b"STACK"].iter().any(|part| memchr::memmem::find(word, part).is_some())
}

/// Is the statement up to here a list of variables: `int a = 0, *b`?
fn is_in_declaration(tokens: &[Token<'_>], at: usize) -> bool {
    let is_end = |t: &Token<'_>| t.is(";") || t.is("{") || t.is("}");
    let start = tokens[..at].iter().rposition(is_end).map_or(0, |end| end + 1);
    let statement = &tokens[start..at];
    let of_type = statement.iter().take_while(|t| t.kind == lex::Kind::Word || t.is("*")).count() >= 2;
    let is_plain = |t: &Token<'_>| !["(", ")", "->", ".", "?"].iter().any(|p| t.is(p));
    of_type && statement.first().is_some_and(|t| !is_keyword(t.text)) && statement.iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(path: &str, text: &str) -> Vec<String> {
        let scopes = Scopes::of(path.as_bytes(), text.as_bytes());
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let told = |d: Declared| match d.what {
            What::Member(tag) => format!("{}.{} {:?}", lossy(&tag), lossy(&d.name), d.extent),
            what => format!("{what:?} {} {:?}", lossy(&d.name), d.extent),
        };
        scopes.kept().map(|(_, declared)| told(declared)).collect()
    }

    fn locals(text: &str) -> Vec<String> {
        let scopes = Scopes::of(b"a.c", text.as_bytes());
        let all = (0..scopes.tokens.len()).filter(|at| *scopes.place(*at) == Place::Local);
        all.map(|at| String::from_utf8_lossy(scopes.tokens[at].text).into_owned()).collect()
    }

    #[test]
    fn what_is_at_the_top_counts_in_its_file_or_everywhere() {
        let text = "static int acme_count;\nint acme_total;\nstatic int acme_get(struct acme *a)\n{\n\tint x;\n\treturn x;\n}\nint acme_put(int n)\n{\n\treturn n;\n}\nstatic DEFINE_MUTEX(acme_lock);\nDEFINE_SPINLOCK(acme_spin);\nint acme_far(int m);\n";
        let unit = ["Name acme_count File", "Name acme_total Everywhere", "Name acme_get File"];
        let rest =
            ["Name acme_put Everywhere", "Name acme_lock File", "Name acme_spin Everywhere", "Name acme_far File"];
        assert_eq!(kept("a.c", text), [&unit[..], &rest[..]].concat());
        assert!(kept("a.h", text).iter().all(|told| told.ends_with("Everywhere")));
    }

    #[test]
    fn members_are_of_their_type_and_constants_are_names() {
        let text = "struct acme {\n\tint users;\n\tu32 a:1, b:2;\n\tint (*remove)(struct device *dev, int how);\n\tunion {\n\t\tvoid *left;\n\t};\n\tstruct part {\n\t\tint inner;\n\t} part;\n\tDECLARE_BITMAP(bits, 8);\n\tDECLARE_FLEX_ARRAY(u8, tail);\n} __packed;\nenum how {\n\tHOW_ONE,\n\tHOW_TWO = OTHER(3, FOUR),\n};\n";
        let wanted = [
            "Tag acme",
            "acme.users",
            "acme.a",
            "acme.b",
            "acme.remove",
            "acme.left",
            "Tag part",
            "part.inner",
            "acme.part",
            "acme.bits",
            "acme.tail",
            "Tag how",
            "Name HOW_ONE",
            "Name HOW_TWO",
        ];
        assert_eq!(kept("a.h", text), wanted.map(|told| format!("{told} Everywhere")));
    }

    #[test]
    fn variables_and_parameters_stay_in_their_function() {
        let text = "int f(struct acme *acme, acme_t *it)\n{\n\tconst struct acme *one = g(it), *two;\n\tacme_t *three;\n\tLIST_HEAD(four);\n\n\tfor (acme_t *five = three; five; five++)\n\t\tg(five);\n}\n";
        assert_eq!(locals(text), ["acme", "it", "one", "three", "four", "five"]);
        assert_eq!(kept("a.c", text), ["Name f Everywhere"]);
    }

    #[test]
    fn an_expression_declares_nothing() {
        let text = "int f(int n)\n{\n\tif (WARN_ON(acme_get(n)))\n\t\treturn n * acme_put(n);\n\tWARN_ON(acme_get(n));\n\tn = g(n * acme_size, n);\n\tBUG_ON(acme_flag);\n\tg(n,\n\t  ACME_FLAG,\n\t  ACME_OTHER);\n}\n";
        assert_eq!(locals(text), ["n"]);
        assert_eq!(kept("a.c", text), ["Name f Everywhere"]);
        assert_eq!(kept("a.c", "EXPORT_SYMBOL_GPL(acme_get);\nNOKPROBE_SYMBOL(acme_get);\n"), [""; 0]);
    }
}
