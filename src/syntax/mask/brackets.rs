//! Every bracket of a text, with its partner and with what it holds.
//!
//! In: the tokens after annotations and directives are gone. Out: per token the bracket that it lies in, per bracket its
//! kind, told by the words before it and the bracket around.

use crate::syntax::annotation::{is_storage, is_type_word};
use crate::syntax::lex::{Kind, Token, is_keyword};

/// What a bracket holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// The text itself: top level.
    Top,
    /// `{ statements }`
    Code,
    /// `{ fields }`
    Fields,
    /// `{ constants }` of an enum.
    Constants,
    /// `{ values }` of an initialiser.
    Values,
    /// `(parameters)` of a declarator.
    Parameters,
    /// `(arguments)` of a call.
    Call,
    /// `(...)` of `if`, `while`, `for`, `switch`.
    Control,
    /// `(...)` of `sizeof`, `typeof`.
    Type,
    /// `(...)` of `asm`.
    Assembly,
    /// `(...)` of an expression, a cast or a declarator.
    Group,
    /// `[...]`
    Index,
}

/// One bracket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bracket {
    /// The token that opens it; 0 of the text itself.
    pub(super) open: usize,
    /// The token that closes it; one behind the last if none does.
    pub(super) close: usize,
    /// What it holds.
    pub(super) class: Class,
    /// The bracket around it.
    pub(super) parent: usize,
}

/// All brackets; number 0 is the text itself.
pub(super) struct Brackets {
    /// In order of their opening.
    pub(super) list: Vec<Bracket>,
    /// Per token the innermost bracket around it; of a bracket's own tokens the one around it.
    pub(super) around: Vec<usize>,
    /// Per token that opens or closes a bracket, that bracket; else 0.
    pub(super) own: Vec<usize>,
    /// Per bracket whether a statement may begin behind it: it is the condition of a macro's loop, or got a `;`.
    pub(super) ends_statement: Vec<bool>,
}

impl Brackets {
    /// Finds the brackets of `tokens`.
    pub(super) fn of(tokens: &[Token<'_>]) -> Self {
        let top = Bracket { open: 0, close: tokens.len(), class: Class::Top, parent: 0 };
        let mut all = Self {
            list: vec![top],
            around: vec![0; tokens.len()],
            own: vec![0; tokens.len()],
            ends_statement: Vec::new(),
        };
        let mut stack: Vec<(usize, bool)> = vec![(0, false)]; // bracket, and whether `=` came in its statement
        for (at, token) in tokens.iter().enumerate() {
            let (around, assigned) = *stack.last().unwrap_or(&(0, false));
            all.around[at] = around;
            if token.kind != Kind::Punct {
                continue;
            }
            match token.text {
                b"(" | b"[" | b"{" => {
                    let class = all.class_of(tokens, at, assigned);
                    all.own[at] = all.list.len();
                    stack.push((all.list.len(), false));
                    all.list.push(Bracket { open: at, close: tokens.len(), class, parent: around });
                }
                b")" | b"]" | b"}" => all.close(tokens, at, &mut stack),
                b"=" => set(&mut stack, true),
                b";" => set(&mut stack, false),
                b"," if all.list[around].class == Class::Parameters => set(&mut stack, false),
                _ => {}
            }
            if token.is("}") && matches!(all.list[all.around[at]].class, Class::Top | Class::Code) {
                set(&mut stack, false);
            }
        }
        all.ends_statement = vec![false; all.list.len()];
        all
    }

    /// Closes the innermost bracket of the kind; without one, nothing.
    fn close(&mut self, tokens: &[Token<'_>], at: usize, stack: &mut Vec<(usize, bool)>) {
        let opens: &[u8] = match tokens[at].text {
            b")" => b"(",
            b"]" => b"[",
            _ => b"{",
        };
        // a brace closes the parentheses in it, a parenthesis closes no brace
        let deep = stack.len().saturating_sub(64);
        let found = stack[deep..].iter().rposition(|(n, _)| {
            *n > 0 && (tokens[self.list[*n].open].text == opens || tokens[self.list[*n].open].text == b"{")
        });
        let Some(found) = found.map(|n| n + deep).filter(|n| tokens[self.list[stack[*n].0].open].text == opens) else {
            return;
        };
        let (n, _) = stack[found];
        stack.truncate(found);
        self.list[n].close = at;
        self.own[at] = n;
        self.around[at] = self.list[n].parent;
    }

    /// What the bracket that opens at `at` holds.
    fn class_of(&self, tokens: &[Token<'_>], at: usize, assigned: bool) -> Class {
        match tokens[at].text {
            b"[" => Class::Index,
            b"(" => self.class_of_paren(tokens, at, assigned),
            _ => self.class_of_brace(tokens, at, assigned),
        }
    }

    /// What `(` holds.
    fn class_of_paren(&self, tokens: &[Token<'_>], at: usize, assigned: bool) -> Class {
        let around = self.list[self.around[at]].class;
        let Some(previous) = at.checked_sub(1).map(|n| &tokens[n]) else { return Class::Group };
        let declares = matches!(around, Class::Top | Class::Fields | Class::Parameters) && !assigned;
        if previous.is(")") {
            let named = self.list[self.own[at - 1]];
            let local = around == Class::Code
                && named.class == Class::Group
                && named.open > 0
                && is_type_word(tokens[named.open - 1].text);
            return if declares || local { Class::Parameters } else { Class::Call };
        }
        if previous.kind != Kind::Word {
            return if previous.is("]") || previous.is("}") { Class::Call } else { Class::Group };
        }
        match previous.text {
            b"if" | b"while" | b"for" | b"switch" => return Class::Control,
            b"sizeof" | b"typeof" | b"__typeof__" | b"__typeof" | b"_Alignof" | b"__alignof__" | b"alignof"
            | b"_Alignas" => return Class::Type,
            word if is_keyword(word) || is_type_word(word) => {
                let asm = is_assembly(tokens, at - 1);
                return if asm { Class::Assembly } else { Class::Group };
            }
            _ if is_assembly(tokens, at - 1) => return Class::Assembly,
            _ => {}
        }
        let before = at.checked_sub(2).map(|n| &tokens[n]);
        let word = before.is_some_and(|t| t.kind == Kind::Word && !is_storage(t.text) && !is_keyword(t.text));
        let star = before.is_some_and(|t| t.is("*"));
        match around {
            Class::Top | Class::Fields if !assigned && (word || star) => Class::Parameters,
            Class::Parameters if word || star => Class::Parameters,
            Class::Parameters => Class::Call,
            Class::Code if word && !assigned => Class::Parameters,
            _ => Class::Call,
        }
    }

    /// What `{` holds.
    fn class_of_brace(&self, tokens: &[Token<'_>], at: usize, assigned: bool) -> Class {
        let around = self.list[self.around[at]].class;
        let values = around == Class::Values;
        let Some(previous) = at.checked_sub(1).map(|n| &tokens[n]) else { return Class::Code };
        if previous.kind == Kind::Word {
            let tag = (1..=3)
                .filter_map(|n| at.checked_sub(n))
                .map(|n| tokens[n].text)
                .find(|word| matches!(*word, b"struct" | b"union" | b"enum"));
            return match tag {
                Some(b"enum") => Class::Constants,
                Some(_) => Class::Fields,
                None if values || previous.is_word("return") => Class::Values,
                None => Class::Code,
            };
        }
        match previous.text {
            b"=" => Class::Values,
            b")" => {
                let group = self.list[self.own[at - 1]];
                if tokens.get(at + 1).is_some_and(|t| t.is(".")) {
                    return Class::Values;
                }
                let literal = group.class == Class::Group && (assigned || around != Class::Top);
                if literal || values { Class::Values } else { Class::Code }
            }
            b"(" if around != Class::Call => Class::Code,
            b"(" | b"," if around == Class::Call => self.class_of_argument(tokens, at),
            _ if values || previous.is("]") => Class::Values,
            _ => Class::Code,
        }
    }

    /// What `{` holds that is an argument of a call: an initialiser, if its beginning says so.
    fn class_of_argument(&self, tokens: &[Token<'_>], at: usize) -> Class {
        let text = |n: usize| tokens.get(at + n).map_or(&b""[..], |t| t.text);
        let value = tokens.get(at + 1).is_some_and(|t| matches!(t.kind, Kind::Number | Kind::Literal));
        let begins = value || matches!(text(1), b"." | b"[" | b"{" | b"}" | b"-" | b"&");
        if begins || matches!(text(2), b"," | b"}" | b"|") { Class::Values } else { Class::Code }
    }

    /// What the bracket around the token at `at` holds.
    pub(super) fn class_around(&self, at: usize) -> Class {
        self.list[self.around.get(at).copied().unwrap_or(0)].class
    }

    /// The bracket that opens with the token at `at`, if it is of this class.
    pub(super) fn opened(&self, at: usize, class: Class) -> Option<Bracket> {
        let bracket = self.list[self.own.get(at).copied().filter(|n| *n > 0)?];
        (bracket.open == at && bracket.class == class).then_some(bracket)
    }

    /// The pieces of a bracket between its commas: first and last token, `None` of an empty one.
    pub(super) fn arguments(&self, tokens: &[Token<'_>], bracket: Bracket) -> Vec<Option<(usize, usize)>> {
        let (mut pieces, mut at, mut first) = (Vec::new(), bracket.open + 1, bracket.open + 1);
        let piece = |first: usize, end: usize| (end > first).then(|| (first, end - 1));
        while at < bracket.close.min(tokens.len()) {
            if tokens[at].is(",") {
                pieces.push(piece(first, at));
                first = at + 1;
            }
            at = self.beyond(at);
        }
        if first < at || !pieces.is_empty() {
            pieces.push(piece(first, at.min(bracket.close)));
        }
        pieces
    }

    /// The token behind `at`, or behind the bracket that opens there.
    pub(super) fn beyond(&self, at: usize) -> usize {
        match self.own.get(at) {
            Some(&n) if n > 0 && self.list[n].open == at => self.list[n].close + 1,
            _ => at + 1,
        }
    }
}

/// Notes whether the innermost statement has an `=`.
fn set(stack: &mut [(usize, bool)], assigned: bool) {
    if let Some(last) = stack.last_mut() {
        last.1 = assigned;
    }
}

/// Whether the word at `at` ends the words that begin an `asm` statement.
pub(super) fn is_assembly(tokens: &[Token<'_>], at: usize) -> bool {
    let qualifier =
        |word: &[u8]| matches!(word, b"volatile" | b"__volatile__" | b"goto" | b"inline" | b"__inline__" | b"__inline");
    let first = (0..4).filter_map(|n| at.checked_sub(n)).find(|n| !qualifier(tokens[*n].text));
    first.is_some_and(|n| is_asm_word(tokens[n].text))
}

/// A word that begins an `asm` statement, the kernel's own among them.
pub(super) fn is_asm_word(word: &[u8]) -> bool {
    matches!(word, b"asm" | b"__asm__" | b"__asm" | b"asm_volatile_goto" | b"asm_goto_output" | b"asm_inline")
}
