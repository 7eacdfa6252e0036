//! A change of a function's head, and who else uses the function: whoever calls it as it was does not compile any more.
//!
//! In: a change of a whole function whose name an earlier rule has found, and the text. Out: whether all other uses of the name still fit.
//!
//! ```text
//! static int a_remove(p) -> static void a_remove(p)      a_remove(p);           fits
//!                                                        return a_remove(p);    does not
//! static int a_probe(c, id) -> static int a_probe(c)     a_probe(c, NULL);      does not
//! ```

use super::pattern::Pattern;
use crate::merge::Change;
use crate::syntax::lex::{Kind, Token, has_word, is_keyword, tokens};

/// A function's head, changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rehead {
    /// The metavariable that stands for the function's name.
    pub name: u32,
    /// Which calls still fit.
    calls: Calls,
}

/// Calls of a function whose head has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Calls {
    /// Those whose value nobody takes.
    WithoutValue,
    /// None.
    None,
}

impl Rehead {
    /// What a change does to the head of a function that a metavariable names; `None` if it is about no such function, or leaves its head.
    pub fn of(change: &Change<Pattern>) -> Option<Self> {
        let (before, after) = (head(&change.before)?, head(&change.after)?);
        let Pattern::Meta(name) = before.name else { return None };
        let calls = if before.parameters == after.parameters { Calls::WithoutValue } else { Calls::None };
        (before != after).then_some(Self { name: *name, calls })
    }

    /// Of functions that are known to be used in so many places each: those that a text uses nowhere else but in their definition and
    /// in calls that still fit.
    pub fn fitting<'n>(&self, text: &[u8], known: impl IntoIterator<Item = (&'n [u8], usize)>) -> Vec<Box<[u8]>> {
        let tokens: Vec<Token<'_>> = tokens(text).into_iter().filter(|token| token.kind != Kind::Comment).collect();
        let fits = known.into_iter().filter(|(name, times)| self.fits(&tokens, name, *times));
        fits.map(|(name, _)| name.into()).collect()
    }

    fn fits(&self, tokens: &[Token<'_>], name: &[u8], times: usize) -> bool {
        let is_it = |at: &usize| tokens[*at].kind == Kind::Word && tokens[*at].text == name;
        // What a macro does with it, its users tell, and they are anywhere.
        if tokens.iter().any(|token| token.kind == Kind::Directive && has_word(token.text, name)) {
            return false;
        }
        let uses = (0..tokens.len()).filter(is_it).filter(|at| !self.still_fits(tokens, *at)).count();
        uses == times + 1
    }

    /// What a definition of the function matches whose head is as the change makes it.
    pub fn new_head(change: &Change<Pattern>) -> Pattern {
        match change.after.clone() {
            Pattern::Node { kind, word, mut children } => {
                if let Some(body) = children.last_mut() {
                    *body = Pattern::Dots;
                }
                Pattern::Node { kind, word, children }
            }
            other => other,
        }
    }

    fn still_fits(&self, tokens: &[Token<'_>], at: usize) -> bool {
        self.calls == Calls::WithoutValue && begins_statement(&tokens[..at]) && ends_behind_call(&tokens[at + 1..])
    }
}

/// Whether a statement begins behind these tokens.
fn begins_statement(before: &[Token<'_>]) -> bool {
    let ends = |token: &Token<'_>| ["{", "}", ";"].into_iter().any(|mark| token.is(mark));
    match before {
        [.., last] if ends(last) || last.is_word("else") => true,
        [inner @ .., last] if last.is(")") => is_head(inner),
        // A label, and not the second half of `a ? b : c`.
        [.., first, label, colon] if colon.is(":") && label.kind == Kind::Word => {
            ends(first) || first.is(":") || first.is_word("case") || label.is_word("default")
        }
        _ => false,
    }
}

/// Whether the parentheses that end behind these tokens are those of `if (..)`, of a macro like `list_for_each(..)`, or `(void)`; what
/// stands behind those of a cast is a value that somebody takes.
fn is_head(inner: &[Token<'_>]) -> bool {
    let mut depth = 1usize;
    let opens = |token: &Token<'_>| {
        depth = if token.is(")") { depth + 1 } else { depth - usize::from(token.is("(")) };
        depth == 0
    };
    let Some(open) = inner.iter().rposition(opens) else { return false };
    let before = &inner[..open];
    match before {
        [.., word] if word.kind == Kind::Word && !is_keyword(word.text) => true,
        [.., word] if ["if", "for", "while", "switch"].iter().any(|head| word.is_word(head)) => true,
        _ => matches!(&inner[open + 1..], [only] if only.is_word("void")) && begins_statement(before),
    }
}

/// Whether tokens begin with arguments in parentheses and a `;`.
fn ends_behind_call(tokens: &[Token<'_>]) -> bool {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            token if token.is("(") => depth += 1,
            token if token.is(")") && depth > 1 => depth -= 1,
            token if token.is(")") => return tokens.get(at + 1).is_some_and(|next| next.is(";")),
            _ if depth == 0 => return false,
            _ => {}
        }
    }
    false
}

/// The head of a function's definition.
#[derive(PartialEq, Eq)]
struct Head<'p> {
    /// What stands before its declarator.
    words: &'p [Pattern],
    name: &'p Pattern,
    parameters: &'p Pattern,
}

fn head(pattern: &Pattern) -> Option<Head<'_>> {
    let Pattern::Node { kind: "function_definition", children, .. } = pattern else { return None };
    let is_declarator = |child: &Pattern| matches!(child, Pattern::Node { kind: "function_declarator", .. });
    let at = children.iter().position(is_declarator)?;
    let Pattern::Node { children: parts, .. } = &children[at] else { return None };
    let [name, .., parameters] = &parts[..] else { return None };
    Some(Head { words: &children[..at], name, parameters })
}

#[cfg(test)]
mod tests {
    use super::super::form::Form;
    use super::super::metavariable::{Metavariable, MetavariableKind};
    use super::*;

    fn rehead(before: &str, after: &str) -> Option<Rehead> {
        let metas = [
            Metavariable::new("F", MetavariableKind::Identifier),
            Metavariable::new("PS", MetavariableKind::Parameters),
            Metavariable::new("SL", MetavariableKind::List),
        ];
        let read = |text: &str| Pattern::parse(text, Form::Item, &metas).expect("an item");
        Rehead::of(&Change { before: read(before), after: read(after) })
    }

    fn fits(head: Rehead, text: &str, times: usize) -> bool {
        !head.fitting(text.as_bytes(), [(&b"f"[..], times)]).is_empty()
    }

    #[test]
    fn of_a_function_that_returns_nothing_now_only_calls_without_a_value_fit() {
        let head = rehead("static int F(PS) { SL; return 0; }", "static void F(PS) { SL; }").expect("a head");
        let definition = "static int f(struct a *p)\n{\n\treturn 0;\n}\n";
        let fits = |more: &str, times| fits(head, &format!("{definition}{more}"), times);
        assert!(fits("", 0) && fits("void g(void) { f(a(b)); if (x) f(c); else f(d); out: f(o); } /* f(e) */", 0));
        assert!(fits("struct d d = { .remove = f, };", 1) && !fits("struct d d = { .remove = f, };", 0));
        for other in
            ["int f(struct a *p);", "int g(void) { return f(a); }", "void g(void) { x = y ? z : f(a); }", "EXPORT(f);"]
        {
            assert!(!fits(other, 0), "{other}");
        }
    }

    #[test]
    fn behind_a_cast_a_value_is_taken_and_behind_a_head_or_void_it_is_not() {
        let head = rehead("static int F(PS) { SL; return 0; }", "static void F(PS) { SL; }").expect("a head");
        let definition = "static int f(struct a *p)\n{\n\treturn 0;\n}\n";
        let fits = |code: &str| fits(head, &format!("{definition}void g(void) {{ {code} }}"), 0);
        for code in ["(void)f(a);", "else (void)f(a);", "list_for_each(b, (c)) f(b);", "while (x(y)) f(a);"] {
            assert!(fits(code), "{code}");
        }
        for code in ["long r = (long)f(a);", "return (u32)f(a);", "r = (void)f(a);", "return (int)(u32)f(a);"] {
            assert!(!fits(code), "{code}");
        }
    }

    #[test]
    fn a_macro_that_uses_the_function_may_take_its_value() {
        let head = rehead("static int F(PS) { SL; return 0; }", "static void F(PS) { SL; }").expect("a head");
        let definition = "static int f(struct a *p)\n{\n\treturn 0;\n}\n";
        assert!(!fits(head, &format!("#define DROP(p) (f(p) < 0)\n{definition}"), 0));
        assert!(fits(head, &format!("#define DROP(p) (g(p) < 0)\n{definition}"), 0));
    }

    #[test]
    fn of_a_function_that_takes_less_now_no_call_fits() {
        let head = rehead("static int F(int a, int b) { SL; }", "static int F(int a) { SL; }").expect("a head");
        assert!(fits(head, "static int f(int a, int b) { }", 0));
        assert!(!fits(head, "static int f(int a, int b) { } void g(void) { f(1, 2); }", 0));
    }

    #[test]
    fn what_leaves_the_head_or_names_it_is_none() {
        assert_eq!(rehead("static int F(PS) { SL; return 0; }", "static int F(PS) { SL; return 1; }"), None);
        assert_eq!(rehead("static int f(PS) { SL; }", "static void f(PS) { SL; }"), None);
    }
}
