//! The scanner: walks over the tokens once and ends items where they end.
//!
//! In: the tokens. Out: items. Where brackets don't add up, a definition at the beginning of a line starts afresh.

use super::ahead::definition_ahead;
use super::group::{Body, Depth, Ending, Group, Open, group_ends, is_conditional};
use super::{Item, ItemKind, Items, head};
use crate::syntax::annotation;
use crate::syntax::lex::{Kind, Token, directive, tokens};

/// The walk over the tokens.
pub(super) struct Scanner<'a> {
    /// The text.
    pub(super) text: &'a [u8],
    /// All its tokens.
    pub(super) tokens: Vec<Token<'a>>,
    /// For conditional directives, the token of the group's `#endif`.
    pub(super) ends: Vec<usize>,
    /// What was found.
    pub(super) items: Items,
    /// Brackets that are open.
    pub(super) depth: Depth,
    /// The item that has begun.
    pub(super) open: Option<Open<'a>>,
    /// The `#if` groups around.
    pub(super) groups: Vec<Group<'a>>,
    /// How many more there are around, beyond the limit.
    pub(super) ignored: usize,
    /// Up to which token a look ahead found no definition.
    pub(super) looked: usize,
}

impl<'a> Scanner<'a> {
    /// Before the first token.
    pub(super) fn new(text: &'a [u8]) -> Self {
        let tokens = tokens(text);
        let ends = group_ends(&tokens);
        let (items, depth) = (Items::default(), Depth::default());
        Self { text, tokens, ends, items, depth, open: None, groups: Vec::new(), ignored: 0, looked: 0 }
    }

    /// Walks to the end.
    pub(super) fn run(mut self) -> Items {
        for at in 0..self.tokens.len() {
            match self.tokens[at].kind {
                Kind::Comment => {}
                Kind::Directive => self.directive(at),
                _ if self.groups.last().is_some_and(|group| group.assembler) => {}
                _ => self.token(at),
            }
        }
        if !self.tokens.is_empty() {
            self.finish(self.tokens.len() - 1);
        }
        self.items
    }

    /// Reads a token that is neither comment nor directive.
    fn token(&mut self, at: usize) {
        if self.is_runaway(at) {
            self.finish(self.before(at));
            self.forget_depth();
        } else if self.is_macro_call_before(at) {
            self.finish(self.before(at));
        }
        let token = self.tokens[at];
        if self.open.is_none() {
            if token.is(";") || token.is("}") {
                return self.stray(at);
            }
            self.begin(at);
        }
        self.bracket(at);
        if token.is(";") && self.depth.is_top() && !self.is_parameter_of_old_style(at) {
            self.finish(at);
        }
    }

    /// Counts a bracket and keeps the head.
    fn bracket(&mut self, at: usize) {
        let token = self.tokens[at];
        let Some(open) = self.open.as_mut() else { return };
        let depth = &mut self.depth;
        let outside = depth.braces == 0;
        match if token.kind == Kind::Punct { token.text } else { b"" } {
            b"(" | b"[" => depth.parens += 1,
            b")" | b"]" => depth.parens = depth.parens.saturating_sub(1),
            b"{" => {
                let returned = open.body == Body::Data && open.head.last().is_some_and(|last| last.is(")"));
                if depth.is_top() && returned && !open.head.iter().any(|t| t.is("=")) {
                    (open.body, open.braces) = (Body::Code, (token.at, 0)); // `struct s { ... } f(...) {`
                }
                if depth.is_top() && open.body == Body::None {
                    open.body = body_of(&open.head);
                    open.braces.0 = token.at;
                }
                if outside {
                    depth.outer = depth.parens;
                }
                depth.braces += 1;
            }
            b"}" => return self.close_brace(at),
            _ => {}
        }
        if outside {
            open.head.push(token);
        }
    }

    /// Counts `}`; the outermost one may end the item.
    fn close_brace(&mut self, at: usize) {
        let (Some(open), Some(braces)) = (self.open.as_mut(), self.depth.braces.checked_sub(1)) else { return };
        self.depth.braces = braces;
        if braces > 0 {
            return;
        }
        self.depth.parens = self.depth.outer;
        if self.depth.parens > 0 {
            return;
        }
        if open.braces.1 == 0 {
            open.braces.1 = self.tokens[at].end();
        }
        if open.body == Body::Code {
            self.finish(at);
        }
    }

    /// Begins an item.
    fn begin(&mut self, at: usize) {
        let branch = self.items.branches.current();
        self.open = Some(Open { start: at, head: Vec::new(), body: Body::None, braces: (0, 0), branch, told: None });
    }

    /// A `;` or `}` outside of any item: part of the item that ended just before, else of none.
    fn stray(&mut self, at: usize) {
        let before = self.before(at);
        let end = self.tokens[before].end();
        let token = self.tokens[at];
        if let Some(last) =
            self.items.list.last_mut().filter(|last| token.is(";") && last.span.end == end && before < at)
        {
            last.span.end = token.end();
            last.lines.1 = token.line;
        }
    }

    /// The last token before `at` that is no comment; `at` itself if there is none.
    pub(super) fn before(&self, at: usize) -> usize {
        (0..at).rev().find(|n| self.tokens[*n].kind != Kind::Comment).unwrap_or(at)
    }

    /// Whether the open item is a complete macro call without `;`, and the word at `at` begins the next item.
    fn is_macro_call_before(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        let Some(open) = &self.open else { return false };
        if token.kind != Kind::Word || !self.depth.is_top() || open.body != Body::None {
            return false;
        }
        open.head.last().is_some_and(|last| last.is(")") && last.line < token.line) && head::is_macro_call(&open.head)
    }

    /// Whether a `;` ends a parameter's declaration: `int f(a) int a; {`.
    fn is_parameter_of_old_style(&self, at: usize) -> bool {
        let Some(open) = self.open.as_ref().filter(|open| open.body == Body::None) else { return false };
        let head = &open.head[..open.head.len().min(64)];
        let Some(first) = head.iter().position(|t| t.is("(")) else { return false };
        let Some(last) = head.iter().skip(first).position(|t| t.is(")")).map(|n| n + first) else { return false };
        let names = head[first + 1..last].chunks(2);
        let plain = last > first + 1
            && names.into_iter().all(|pair| pair[0].kind == Kind::Word && pair.get(1).is_none_or(|t| t.is(",")));
        let typed = first > 1 && head[..first].iter().all(|t| t.kind == Kind::Word || t.is("*"));
        let named = |t: &Token<'_>| {
            t.kind == Kind::Word && !annotation::resembles(t.text) && !annotation::takes_arguments(t.text)
        };
        let declared = head.get(last + 1).is_some_and(named)
            && head.get(last + 2).is_some_and(|t| t.kind == Kind::Word || t.is("*"))
            && head[last + 1].line > head[last].line;
        let next = self.tokens[at + 1..].iter().find(|t| t.kind != Kind::Comment);
        plain && typed && declared && next.is_some_and(|t| t.is("{") || t.kind == Kind::Word)
    }

    /// Whether brackets are open although what comes at the beginning of this line can only stand at top level.
    fn is_runaway(&mut self, at: usize) -> bool {
        let token = self.tokens[at];
        let column_0 = token.at == 0 || self.text[token.at - 1] == b'\n';
        if self.depth.is_top() || !column_0 || token.kind != Kind::Word || at < self.looked {
            return false;
        }
        match definition_ahead(&self.tokens, at) {
            Ok(()) => true,
            Err(seen) => {
                self.looked = seen;
                false
            }
        }
    }

    /// Starts afresh: nothing is open, here and wherever an arm goes back to.
    fn forget_depth(&mut self) {
        self.depth = Depth::default();
        for group in &mut self.groups {
            group.depth = Depth::default();
            group.open = None;
            if let Some(first) = group.first.as_mut() {
                *first = Ending::default();
            }
        }
    }

    /// Reads a directive.
    fn directive(&mut self, at: usize) {
        let line = self.tokens[at].text;
        let conditional = is_conditional(line);
        if self.ends_before_directive(at, conditional) {
            self.finish(self.before(at));
        }
        let lone = self.open.is_none();
        let place = self.tokens[at].at..self.tokens[at].end();
        match directive(line) {
            b"if" | b"ifdef" | b"ifndef" => {
                self.enter_group(at);
                if lone {
                    self.push_directive(at);
                }
                self.items.branches.enter(place);
                return;
            }
            b"endif" => {
                self.leave_group(at);
                self.items.branches.leave();
            }
            _ if conditional => {
                self.next_arm(at);
                self.items.branches.next_arm(place);
            }
            _ => {}
        }
        let ended = self.items.list.last().is_some_and(|last| last.span.end >= self.tokens[at].end());
        if self.open.is_none() && !ended {
            self.push_directive(at);
        }
    }

    /// Whether the open item cannot go on behind the directive at `at`.
    fn ends_before_directive(&self, at: usize, conditional: bool) -> bool {
        let Some(open) = self.open.as_ref().filter(|_| self.depth.is_top()) else { return false };
        if !conditional {
            // `int f(void)`, `#define FLAG 1`, `{`
            let next =
                self.tokens[at + 1..].iter().take(64).find(|t| !matches!(t.kind, Kind::Comment | Kind::Directive));
            if next.is_some_and(|t| t.is("{")) {
                return false;
            }
            return !open.head.last().is_some_and(|t| t.is("=") || t.is(","))
                && self.groups.iter().all(|g| g.open.is_none());
        }
        let behind = if directive(self.tokens[at].text).starts_with(b"if") { at } else { self.ends[at].max(at) };
        let next = self.tokens[behind + 1..].iter().find(|t| t.kind != Kind::Comment);
        head::is_macro_call(&open.head) && open.body == Body::None && next.is_none_or(|t| t.kind != Kind::Punct)
    }

    /// Makes an item of a directive.
    fn push_directive(&mut self, at: usize) {
        let token = self.tokens[at];
        let inner = tokens(token.text.strip_prefix(b"#").unwrap_or(token.text));
        let base = token.at + usize::from(token.text.starts_with(b"#"));
        let place = |t: &Token<'_>| base + t.at..base + t.end();
        let mut name = inner.get(1).map_or(0..0, place);
        let kind = match directive(token.text) {
            b"define" => match (inner.get(1), inner.get(2)) {
                (Some(word), Some(next)) if next.is("(") && next.at == word.end() => ItemKind::FunctionMacro,
                _ => ItemKind::ObjectMacro,
            },
            b"include" => {
                name.end = inner.iter().rfind(|t| t.kind != Kind::Comment).map_or(name.end, |last| base + last.end());
                ItemKind::Include
            }
            line if is_conditional(line) => ItemKind::Conditional,
            _ => ItemKind::Directive,
        };
        let span = token.at..token.end();
        let (comment, lines) = (self.comment_above(at), (token.line, token.last_line()));
        let signature = span.clone();
        let branch = self.items.branches.current();
        self.items.list.push(Item { kind, name, argument: 0..0, span, comment, lines, signature, body: 0..0, branch });
    }

    /// Where the comments directly above the token at `at` begin.
    fn comment_above(&self, at: usize) -> usize {
        let mut first = at;
        while let Some(above) = first.checked_sub(1).filter(|n| self.tokens[*n].kind == Kind::Comment) {
            let comment = &self.tokens[above];
            let behind_something = above.checked_sub(1).is_some_and(|n| self.tokens[n].last_line() == comment.line);
            if behind_something || comment.last_line() + 1 < self.tokens[first].line {
                break;
            }
            first = above;
        }
        self.tokens[first].at
    }

    /// Ends the open item with the token at `at`.
    pub(super) fn finish(&mut self, at: usize) {
        let Some(open) = self.open.take() else { return };
        self.depth = Depth::default();
        let mut item = open.told.clone().unwrap_or_else(|| self.item_of(&open));
        let mut end = at.max(open.start);
        // a comment behind it on its last line, if the line ends there
        let comment =
            self.tokens.get(end + 1).filter(|t| t.kind == Kind::Comment && t.line == self.tokens[end].last_line());
        if comment.is_some_and(|c| self.tokens.get(end + 2).is_none_or(|t| t.line > c.last_line())) {
            end += 1;
        }
        item.span.end = self.tokens[end].end();
        item.lines.1 = self.tokens[end].last_line();
        if item.body.is_empty() {
            item.signature.end = item.span.end;
        } else {
            item.body.end = item.body.end.min(item.span.end);
        }
        self.items.list.push(item);
    }

    /// What the open item is; its end is set by the caller.
    fn item_of(&self, open: &Open<'a>) -> Item {
        let told = head::tell(&open.head);
        let start = &self.tokens[open.start];
        let body = match open.braces {
            (0, _) if open.body == Body::None => 0..0,
            (from, 0) => from..self.text.len(),
            (from, to) => from..to,
        };
        let mut argument = told.argument;
        if told.kind == Some(ItemKind::Enum) && told.name.is_empty() {
            let inside = self.tokens.partition_point(|t| t.at <= body.start);
            let constant = self.tokens.get(inside..).unwrap_or_default().iter().find(|t| t.kind == Kind::Word);
            argument = constant.map_or(0..0, |t| t.at..t.end());
        }
        Item {
            kind: told.kind.unwrap_or(ItemKind::Other),
            name: told.name,
            argument,
            span: start.at..start.end(),
            comment: self.comment_above(open.start),
            lines: (start.line, start.line),
            signature: start.at..body.start,
            body,
            branch: open.branch,
        }
    }
}

/// What the braces behind this head hold.
fn body_of(head: &[Token<'_>]) -> Body {
    let assigned = head.iter().any(|t| t.is("="));
    let typedef = head.first().is_some_and(|t| t.is_word("typedef"));
    if !assigned && !typedef && head::is_code(head) { Body::Code } else { Body::Data }
}
