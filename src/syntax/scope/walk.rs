//! The way through the tokens of a text: which braces are open, and what a word is where it stands.

use super::declarator::{
    is, is_declared, is_last_argument, is_pointer_to_function, is_said_of, is_tag, is_type, is_upper, makes_variables,
    tagged,
};
use super::{Extent, Place, What};
use crate::syntax::annotation;
use crate::syntax::items::{Item, ItemKind};
use crate::syntax::lex::{self, Token, has_word, is_keyword};

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
pub struct Walk<'w, 't> {
    text: &'t [u8],
    tokens: &'w [Token<'t>],
    item: Option<Item>,
    /// The braces that are open, each with the parentheses that were open before it.
    stack: Vec<(Opened, usize)>,
    /// The parentheses that are open within the innermost brace.
    parens: usize,
    /// The brackets that are open.
    brackets: usize,
    /// What stands before the outermost parenthesis: of arguments the name that is called.
    caller: Option<usize>,
    /// A value comes, until the declarator ends.
    assigned: bool,
    is_unit: bool,
}

impl<'w, 't> Walk<'w, 't> {
    /// At the beginning of a text.
    pub fn new(text: &'t [u8], tokens: &'w [Token<'t>], is_unit: bool) -> Self {
        let (parens, brackets, stack) = (0, 0, Vec::new());
        Self { text, tokens, item: None, stack, parens, brackets, caller: None, assigned: false, is_unit }
    }

    /// Goes on by one token, which it stands behind then; a bracket is in what it opens or closes.
    pub fn step(&mut self, at: usize, item: Option<&Item>) {
        if self.item.as_ref().map(|item| item.span.start) != item.map(|item| item.span.start) {
            self.item = item.cloned();
            self.stack.clear();
            (self.parens, self.brackets, self.caller, self.assigned) = (0, 0, None, false);
        }
        let token = &self.tokens[at];
        match token.text {
            _ if token.kind != lex::Kind::Punct => {}
            b"(" => {
                if self.parens == 0 {
                    self.caller = at.checked_sub(1);
                }
                self.parens += 1;
            }
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
    pub fn place(&self, at: usize) -> Place {
        let token = &self.tokens[at];
        let is_word = token.kind == lex::Kind::Word && !is_keyword(token.text);
        if !is_word || lex::is_reserved(token.text) || annotation::is_plain(token.text) {
            return Place::Use;
        }
        if is_tag(self.tokens, at) {
            return Place::Kept(What::Tag, self.extent());
        }
        let inside = self.inside();
        match inside {
            Inside::Constants => self.constant(at),
            Inside::Values => Place::Use,
            _ if self.is_made(at, inside) => self.declared(),
            Inside::Top | Inside::Fields if self.assigned || self.brackets > 0 => Place::Use,
            _ if is_pointer_to_function(self.tokens, at) && self.parens <= 1 => self.declared(),
            // What is in parentheses ends with a parameter; members that a macro groups end as all do.
            _ if !is_declared(self.tokens, at, inside == Inside::Code) => Place::Use,
            Inside::Top if self.parens > 0 => Place::Local,
            Inside::Fields if self.parens > 0 && !is(self.tokens, Some(at + 1), &[";", "[", ":"]) => Place::Local,
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

    /// A constant: the first word behind `{` or `,`.
    fn constant(&self, at: usize) -> Place {
        let begins = at.checked_sub(1).is_some_and(|at| self.tokens[at].is("{") || self.tokens[at].is(","));
        if begins && self.parens == 0 { Place::Kept(What::Name, self.extent()) } else { Place::Use }
    }

    /// The argument of a macro that makes what it names: `DEFINE_MUTEX(name)`, where a declaration may stand.
    fn is_made(&self, at: usize, inside: Inside) -> bool {
        let Some(maker) = at.checked_sub(2).filter(|_| is(self.tokens, at.checked_sub(1), &["("])) else {
            // Behind `(*name)` parameters stand, which have types and no names.
            let is_called = self.caller.is_some_and(|at| self.tokens[at].kind == lex::Kind::Word);
            return inside == Inside::Fields && is_called && is_last_argument(self.tokens, at);
        };
        let name = self.tokens[maker].text;
        if self.tokens[maker].kind != lex::Kind::Word || !is(self.tokens, Some(at + 1), &[",", ")"]) || self.parens != 1
        {
            return false;
        }
        let before = maker.checked_sub(1);
        let begins = before.is_none_or(|at| self.item.as_ref().is_some_and(|i| self.tokens[at].at < i.span.start))
            || is(self.tokens, before, &[";", "{", "}"])
            || before.is_some_and(|at| is_type(&self.tokens[at]));
        match inside {
            // A piece may be a condition, or an expression.
            Inside::Top if self.item.is_none() => begins && is_upper(name) && makes_variables(name),
            Inside::Top => begins && is_upper(name) && !is_said_of(name),
            Inside::Fields => begins,
            Inside::Code => begins && is_upper(name) && makes_variables(name),
            _ => false,
        }
    }
}
