//! Conditionals: those that stand between statements stay, those that split one become blanks, with both branches left.
//!
//! In: the tokens with directives. Out: blanks and separators, and the tokens without directives.
//!
//! ```text
//! #ifdef X              (blank)
//! if (a) {              if (a) ;      an arm that opens more than it closes gives that up, the last one excepted
//! #else                 (blank)
//! if (b) {              if (b) {
//! #endif                (blank)
//! = 1                   = 1
//! #else                 ,             arms of an expression are joined by `,`, of declarations by `;`
//! + 2                   + 2           unless an operator joins them
//! ```

use super::brackets::{Brackets, Class};
use super::directives;
use super::sheet::Sheet;
use crate::syntax::lex::{Kind, Token, directive};

/// Groups nested deeper than this are taken for balanced.
const NESTED: usize = 32;

/// What becomes of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It stays.
    Kept,
    /// It becomes blank.
    Dropped,
    /// It becomes `;`.
    Semicolon,
}

/// One `#if` group: its directives, from `#if` to `#endif`.
struct Group {
    /// Tokens, at least two.
    directives: Vec<usize>,
    /// No arm opens or closes more than the other way round.
    balanced: bool,
}

/// Masks the directives.
pub(super) fn mask(sheet: &mut Sheet<'_>) {
    if !sheet.tokens.iter().any(|t| t.kind == Kind::Directive) {
        return;
    }
    let mut fates = vec![Fate::Kept; sheet.tokens.len()];
    let (groups, loose) = balance(&sheet.tokens, &mut fates);
    let view = View::of(&sheet.tokens, &fates);
    let mut separators = vec![None; sheet.tokens.len()];
    for at in loose {
        blank_directive(sheet, at);
    }
    for group in &groups {
        if view.is_clean(&sheet.tokens, group) {
            for at in &group.directives {
                directives::tidy(sheet, *at);
            }
            continue;
        }
        for (n, at) in group.directives.iter().enumerate() {
            blank_directive(sheet, *at);
            if n > 0 && n + 1 < group.directives.len() {
                separators[*at] = view.separator(*at);
            }
        }
    }
    for at in 0..sheet.tokens.len() {
        let token = sheet.tokens[at];
        if token.kind == Kind::Directive && !super::directives::is_conditional(token.text) {
            if view.allows_directive(at, token.text) { directives::tidy(sheet, at) } else { blank_directive(sheet, at) }
        }
    }
    write(sheet, &fates, &separators);
}

/// Makes blanks of a directive.
fn blank_directive(sheet: &mut Sheet<'_>, at: usize) {
    sheet.blank_tokens(at, at);
}

/// Writes fates and separators, and keeps the tokens that are left.
fn write(sheet: &mut Sheet<'_>, fates: &[Fate], separators: &[Option<u8>]) {
    let mut kept = Vec::with_capacity(sheet.tokens.len());
    for (at, fate) in fates.iter().enumerate() {
        let token = sheet.tokens[at];
        let sign = match (*fate, separators[at]) {
            (Fate::Semicolon, _) => Some(b';'),
            (Fate::Dropped, _) => {
                sheet.blank(token.at, token.end());
                None
            }
            (Fate::Kept, None) if token.kind != Kind::Directive => {
                kept.push(token);
                None
            }
            (Fate::Kept, separator) => separator,
        };
        if let Some(sign) = sign {
            sheet.put(token.at, sign);
            let text: &[u8] = if sign == b';' { b";" } else { b"," };
            kept.push(Token { kind: Kind::Punct, text, ..token });
        }
    }
    sheet.keep(kept);
}

/// Finds the groups, the inner ones first, and takes away brackets so that at most one arm of each is unbalanced. Also
/// the conditionals that have no group.
fn balance(tokens: &[Token<'_>], fates: &mut [Fate]) -> (Vec<Group>, Vec<usize>) {
    let (mut groups, mut loose, mut open) = (Vec::new(), Vec::new(), Vec::<Vec<usize>>::new());
    for (at, token) in tokens.iter().enumerate().filter(|(_, t)| t.kind == Kind::Directive) {
        match directive(token.text) {
            b"if" | b"ifdef" | b"ifndef" => open.push(vec![at]),
            b"endif" => match open.pop() {
                Some(mut directives) => {
                    directives.push(at);
                    let balanced = open.len() >= NESTED || balance_group(tokens, &directives, fates);
                    groups.push(Group { directives, balanced });
                }
                None => loose.push(at),
            },
            b"elif" | b"elifdef" | b"elifndef" | b"else" => match open.last_mut() {
                Some(group) => group.push(at),
                None => loose.push(at),
            },
            _ => {}
        }
    }
    loose.extend(open.into_iter().flatten());
    (groups, loose)
}

/// Balances the arms of one group; whether they were so already.
fn balance_group(tokens: &[Token<'_>], directives: &[usize], fates: &mut [Fate]) -> bool {
    let arms: Vec<Vec<usize>> =
        directives.windows(2).map(|pair| unmatched(tokens, pair[0] + 1, pair[1], fates)).collect();
    if arms.iter().all(Vec::is_empty) {
        return true;
    }
    for kind in [b"{}", b"()"] {
        let net = |arm: &Vec<usize>| {
            arm.iter()
                .map(|at| if tokens[*at].text[0] == kind[0] { 1 } else { -i32::from(tokens[*at].text[0] == kind[1]) })
                .sum::<i32>()
        };
        let Some(stays) = arms.iter().rposition(|arm| net(arm) != 0) else { continue };
        for (n, arm) in arms.iter().enumerate().filter(|(n, _)| *n != stays) {
            let _ = n;
            let excess = net(arm);
            let sign = kind[usize::from(excess < 0)];
            let brackets = arm.iter().filter(|at| tokens[**at].text[0] == sign);
            for at in brackets.rev().take(excess.unsigned_abs() as usize) {
                drop_bracket(tokens, *at, fates);
            }
        }
    }
    false
}

/// Gives up a bracket.
fn drop_bracket(tokens: &[Token<'_>], at: usize, fates: &mut [Fate]) {
    fates[at] = match tokens[at].text {
        b"{" => Fate::Semicolon,
        _ => Fate::Dropped,
    };
    if tokens[at].is(")") && tokens.get(at + 1).is_some_and(|t| t.is(";")) {
        fates[at + 1] = Fate::Dropped;
    }
    // `) {` gave up both: what follows goes on in the same parentheses
    if tokens[at].is(")") && fates.get(at + 1) == Some(&Fate::Semicolon) {
        fates[at + 1] = Fate::Dropped;
    }
}

/// The brackets between two tokens that have no partner there.
fn unmatched(tokens: &[Token<'_>], from: usize, to: usize, fates: &[Fate]) -> Vec<usize> {
    let mut open: Vec<usize> = Vec::new();
    let mut closed = Vec::new();
    for at in from..to {
        if fates[at] != Fate::Kept || tokens[at].kind != Kind::Punct {
            continue;
        }
        let partner: &[u8] = match tokens[at].text {
            b"{" | b"(" => {
                open.push(at);
                continue;
            }
            b"}" => b"{",
            b")" => b"(",
            _ => continue,
        };
        match open.last() {
            Some(last) if tokens[*last].text == partner => {
                open.pop();
            }
            _ => closed.push(at),
        }
    }
    closed.extend(open);
    closed
}

/// The text as it is when every directive is blank: for looking what stands around one.
struct View<'a> {
    /// The tokens that are kept.
    tokens: Vec<Token<'a>>,
    /// Per token of the sheet, how many kept ones come before it.
    index: Vec<usize>,
    /// Their brackets.
    brackets: Brackets,
}

impl<'a> View<'a> {
    /// The view of these tokens.
    fn of(tokens: &[Token<'a>], fates: &[Fate]) -> Self {
        let (mut kept, mut index) = (Vec::with_capacity(tokens.len()), Vec::with_capacity(tokens.len() + 1));
        for (token, fate) in tokens.iter().zip(fates) {
            index.push(kept.len());
            match fate {
                Fate::Kept if token.kind != Kind::Directive => kept.push(*token),
                Fate::Semicolon => kept.push(Token { text: b";", ..*token }),
                _ => {}
            }
        }
        let brackets = Brackets::of(&kept);
        Self { tokens: kept, index, brackets }
    }

    /// What the place of a token of the sheet lies in.
    fn class_at(&self, at: usize) -> Class {
        let k = self.index[at];
        match self.brackets.own.get(k) {
            Some(&own) if own > 0 && self.brackets.list[own].close == k => self.brackets.list[own].class,
            _ if k >= self.tokens.len() => {
                self.tokens.len().checked_sub(1).map_or(Class::Top, |last| match self.brackets.own[last] {
                    0 => self.brackets.class_around(last),
                    own if self.brackets.list[own].open == last => self.brackets.list[own].class,
                    _ => self.brackets.class_around(last),
                })
            }
            _ => self.brackets.class_around(k),
        }
    }

    /// The kept token before a place.
    fn before(&self, at: usize) -> Option<&Token<'a>> {
        self.tokens.get(self.index[at].checked_sub(1)?)
    }

    /// Whether a statement, declaration or field ends before a place.
    fn is_boundary(&self, at: usize) -> bool {
        let Some(token) = self.before(at) else { return true };
        if self.tokens.get(self.index[at]).is_some_and(|next| next.is_word("else")) {
            return false;
        }
        match token.text {
            b";" | b"{" => true,
            b":" => self.class_at(at) == Class::Code,
            b"}" => {
                let own = self.brackets.own[self.index[at] - 1];
                self.brackets.list[own].class == Class::Code
            }
            _ => false,
        }
    }

    /// Whether a group stands between statements, declarations or fields, in each of its arms.
    fn is_clean(&self, tokens: &[Token<'_>], group: &Group) -> bool {
        let place = matches!(self.class_at(group.directives[0]), Class::Top | Class::Code | Class::Fields);
        let known = group.directives.iter().all(|at| directives::is_readable(tokens[*at].text));
        place && group.balanced && known && group.directives.iter().all(|at| self.is_boundary(*at))
    }

    /// Whether a directive that is no conditional may stay where it is.
    fn allows_directive(&self, at: usize, line: &[u8]) -> bool {
        let class = self.class_at(at);
        let place =
            matches!(class, Class::Top | Class::Code) || class == Class::Fields && directive(line) != b"include";
        place && self.is_boundary(at) && !directive(line).is_empty()
    }

    /// What must stand between two arms when the directive between them is blank.
    fn separator(&self, at: usize) -> Option<u8> {
        let previous = self.before(at).map_or(&b""[..], |t| t.text);
        let next = self.tokens.get(self.index[at]).map_or(&b""[..], |t| t.text);
        let statements = matches!(self.class_at(at), Class::Top | Class::Code | Class::Fields);
        let ended = matches!(previous, b";" | b"{" | b"," | b"(" | b"[" | b"")
            || statements && previous == b"}"
            || is_operator(previous);
        let joined =
            matches!(next, b";" | b"," | b")" | b"]" | b"}" | b"") || is_joining(next) || statements && next == b"{";
        if ended || joined || previous == b"else" { None } else { Some(if statements { b';' } else { b',' }) }
    }
}

/// An operator that something must follow.
fn is_operator(text: &[u8]) -> bool {
    is_joining(text) || matches!(text, b"*" | b"&" | b"!" | b"~" | b"+=" | b"-=" | b"|=" | b"&=" | b"." | b"return")
}

/// An operator that something must stand before.
fn is_joining(text: &[u8]) -> bool {
    matches!(
        text,
        b"=" | b"+"
            | b"-"
            | b"/"
            | b"%"
            | b"|"
            | b"^"
            | b"&&"
            | b"||"
            | b"<"
            | b">"
            | b"<="
            | b">="
            | b"=="
            | b"!="
            | b"<<"
            | b">>"
            | b"?"
            | b":"
            | b"->"
    )
}
