//! What each node of a tree is: its kind with its names, its calls, its hash.
//!
//! In: the tree of `build`. Out: the [`Fingerprint`]. The tokens are put in order by their nodes (a counting sort), so that each
//! node sees its own tokens only: not those of what stands in it.

use super::build::{self, Tree};
use super::cfp::{Fingerprint, Node, NodeKind};
use super::declare::{self, Lead};
use super::directives;
use super::scope::{Raw, Seed};
use super::work::Inside;
use crate::syntax::lex::{self, Kind, Token};
use std::ops::Range;

/// Keywords that stand before `(` without a call.
const NO_CALLS: [&[u8]; 18] = [
    b"if",
    b"for",
    b"while",
    b"switch",
    b"return",
    b"sizeof",
    b"typeof",
    b"__typeof__",
    b"_Alignof",
    b"__alignof__",
    b"_Generic",
    b"_Static_assert",
    b"case",
    b"else",
    b"do",
    b"defined",
    b"goto",
    b"__attribute__",
];

impl<'a> Fingerprint<'a> {
    /// The fingerprint of any text: linear in its length, never an error.
    pub fn of(text: &'a [u8]) -> Self {
        let tokens = lex::tokens(text);
        read(text, &tokens, &build::tree(text, &tokens))
    }
}

/// The fingerprint of a tree.
fn read<'a>(text: &'a [u8], tokens: &[Token<'a>], tree: &Tree) -> Fingerprint<'a> {
    let ranges = ranges_by_owner(tree);
    let order = order_by_owner(tree, &ranges);
    let mut reader = Reader { text, hashes: Vec::with_capacity(tokens.len()), own: Vec::new() };
    let nodes = tree.nodes.iter().zip(ranges).map(|(raw, range)| {
        reader.own.clear();
        reader.own.extend(order[range].iter().map(|at| tokens[*at as usize]));
        reader.node(raw)
    });
    let nodes = nodes.collect();
    Fingerprint::from_parts(text, nodes, reader.hashes)
}

/// For each node, where its tokens are in the order by nodes.
fn ranges_by_owner(tree: &Tree) -> Vec<Range<usize>> {
    let mut counts = vec![0usize; tree.nodes.len()];
    tree.owners.iter().for_each(|owner| counts[*owner as usize] += 1);
    let mut start = 0;
    let range = |count: usize| {
        start += count;
        start - count..start
    };
    counts.into_iter().map(range).collect()
}

/// The tokens' indices, node after node.
fn order_by_owner(tree: &Tree, ranges: &[Range<usize>]) -> Vec<u32> {
    let mut next: Vec<usize> = ranges.iter().map(|range| range.start).collect();
    let mut order = vec![0; tree.owners.len()];
    for (token, owner) in tree.owners.iter().enumerate() {
        let place = &mut next[*owner as usize];
        order[*place] = token as u32;
        *place += 1;
    }
    order
}

/// What is needed to read a node.
struct Reader<'a> {
    /// The text.
    text: &'a [u8],
    /// The token hashes of the nodes so far.
    hashes: Vec<u32>,
    /// The node's own tokens.
    own: Vec<Token<'a>>,
}

impl<'a> Reader<'a> {
    /// Reads one node.
    fn node(&mut self, raw: &Raw) -> Node<'a> {
        let inner: Vec<Token<'a>>;
        let (kind, own): (NodeKind<'a>, Vec<&Token<'a>>) = match raw.seed {
            Seed::Comment => {
                inner = words(self.own[0].text);
                (NodeKind::Comment, inner.iter().collect())
            }
            Seed::Directive => {
                inner = lex::tokens(self.own[0].text.get(1..).unwrap_or_default());
                let own: Vec<&Token<'a>> = inner.iter().filter(|token| token.kind != Kind::Comment).collect();
                (directives::directive(self.own[0].text, &own), own)
            }
            Seed::Continuation => (NodeKind::Continuation, self.own.iter().collect()),
            Seed::Statement { inside, body } => {
                let own: Vec<&Token<'a>> = self.own.iter().collect();
                // Of a header that is cut off the body is missing, not the `;`.
                let body = body.or((raw.is_cut && is_header(&own, inside)).then_some(Inside::Block));
                let at_margin = raw.start.at == 0 || self.text[raw.start.at - 1] == b'\n';
                (statement(&own, (inside, body), at_margin), own)
            }
        };
        let has_braces = matches!(raw.seed, Seed::Statement { body: Some(_), .. });
        let head_end = if has_braces { head_end(&own, raw) } else { None };
        let first_hash = self.hashes.len();
        let hash = hash(&own, has_braces, &mut self.hashes);
        let is_text = matches!(kind, NodeKind::Comment | NodeKind::Include(_) | NodeKind::OtherDirective(_));
        let calls = if is_text { Vec::new() } else { calls(&own, &kind) };
        let own_end = self.own.last().map_or(raw.end.at, Token::end);
        Node {
            kind,
            pos: raw.start.line,
            end: raw.end.line,
            bytes: raw.start.at..raw.end.at,
            head: raw.start.at..head_end.unwrap_or(own_end),
            hash,
            calls,
            depth: raw.depth as usize,
            parent: raw.parent.map(|parent| parent as usize),
            is_cut: raw.is_cut,
            tokens: first_hash..self.hashes.len(),
        }
    }
}

/// Whether a statement without its end is the header of a function.
fn is_header(own: &[&Token<'_>], inside: Inside) -> bool {
    let closed = own.last().is_some_and(|last| last.is(")"));
    let lead = Lead::of(own);
    inside == Inside::Top
        && closed
        && lead.declares()
        && lead.is_before_parameters(own)
        && lead.macro_name(own).is_none()
}

/// Where the own tokens before a body end.
fn head_end(own: &[&Token<'_>], raw: &Raw) -> Option<usize> {
    let open = own.iter().position(|token| token.is("{"))?;
    Some(if open == 0 { raw.start.at + 1 } else { own[open - 1].end() })
}

/// The words of a comment, without its stars and slashes.
fn words(comment: &[u8]) -> Vec<Token<'_>> {
    let mut words = Vec::new();
    for word in comment.split(u8::is_ascii_whitespace) {
        let bare = word.strip_prefix(b"/*").or(word.strip_prefix(b"//")).unwrap_or(word);
        let bare = bare.strip_suffix(b"*/").unwrap_or(bare);
        if bare.iter().any(|c| *c != b'*' && *c != b'/') {
            words.push(Token { kind: Kind::Word, text: bare, at: 0, line: 1 });
        }
    }
    words
}

/// The hash of a node's tokens, each of which is appended to `hashes`.
fn hash(own: &[&Token<'_>], has_braces: bool, hashes: &mut Vec<u32>) -> u64 {
    let mut all = 0xcbf2_9ce4_8422_2325u64;
    let last = own.len().saturating_sub(1);
    for (at, token) in own.iter().enumerate() {
        let is_body = has_braces && (token.is("{") || token.is("}"));
        if is_body || (at == last && at > 0 && token.is(",")) {
            continue;
        }
        let one = fnv(token.text);
        all = (all.rotate_left(5) ^ one).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hashes.push((one ^ (one >> 32)) as u32);
    }
    all
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, c| (hash ^ u64::from(*c)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The names called: words before `(`, without keywords and without the name that the node itself defines.
fn calls<'a>(own: &[&Token<'a>], kind: &NodeKind<'a>) -> Vec<&'a [u8]> {
    let defines = match kind {
        NodeKind::FuncDef(_) | NodeKind::FuncDecl(_) => return Vec::new(),
        NodeKind::Define(name) => name,
        _ => &b""[..],
    };
    let pairs = own.windows(2).filter(|pair| pair[0].kind == Kind::Word && pair[1].is("("));
    let called = pairs.filter(|pair| !NO_CALLS.contains(&pair[0].text) && !declare::is_type(pair[0].text));
    called.map(|pair| pair[0].text).filter(|name| *name != defines).collect()
}

/// What a statement is, by its own tokens, by what it stands in and what stands in it.
fn statement<'a>(own: &[&Token<'a>], (inside, body): (Inside, Option<Inside>), at_margin: bool) -> NodeKind<'a> {
    let Some(first) = own.first() else { return NodeKind::Expression };
    match inside {
        Inside::Enumeration => NodeKind::Enumerator(first.text),
        Inside::Initialiser => NodeKind::Entry(entry_name(own)),
        Inside::Record => record(own, body).unwrap_or_else(|| field(own)),
        Inside::Top | Inside::Block => by_keyword(own)
            .or_else(|| record(own, body))
            .or_else(|| with_body(own, body, at_margin && inside == Inside::Top))
            .unwrap_or_else(|| simple(own, inside == Inside::Top, at_margin)),
    }
}

/// The name of an entry: its designator's word, or its only word.
fn entry_name<'a>(own: &[&Token<'a>]) -> &'a [u8] {
    match own {
        [dot, name, ..] if dot.is(".") || dot.is("[") => name.text,
        [name] => name.text,
        [name, comma] if comma.is(",") => name.text,
        _ => b"",
    }
}

/// A member of a struct or union.
fn field<'a>(own: &[&Token<'a>]) -> NodeKind<'a> {
    let lead = Lead::of(own);
    if lead.macro_name(own).is_some() {
        return NodeKind::MacroCall(own[0].text);
    }
    NodeKind::FieldDeclaration(declare::declaration(own, lead))
}

/// A statement that its first word tells.
fn by_keyword<'a>(own: &[&Token<'a>]) -> Option<NodeKind<'a>> {
    let second = own.get(1).map_or(&b""[..], |token| token.text);
    let paren = second == b"(";
    Some(match own[0].text {
        b"if" if paren => NodeKind::If,
        b"else" if second == b"if" => NodeKind::ElseIf,
        b"else" => NodeKind::Else,
        b"for" if paren => NodeKind::For,
        b"while" if paren => NodeKind::While,
        b"do" => NodeKind::Do,
        b"switch" if paren => NodeKind::Switch,
        b"case" => NodeKind::Case,
        b"default" if second == b":" => NodeKind::Default,
        b"return" => NodeKind::Return,
        b"break" => NodeKind::Break,
        b"continue" => NodeKind::Continue,
        b"goto" => NodeKind::Goto(second),
        b"asm" | b"__asm__" | b"__asm" | b"asm_inline" => NodeKind::Asm,
        b"typedef" => NodeKind::Typedef(typedef_name(own)),
        b"." | b"[" => NodeKind::Entry(entry_name(own)),
        b"{" if own[own.len() - 1].is(",") => NodeKind::Entry(b""),
        b"{" => NodeKind::Block,
        name if second == b":" && own.len() == 2 && own[0].kind == Kind::Word => NodeKind::Label(name),
        name if second == b"," && own.len() == 2 && own[0].kind == Kind::Word => NodeKind::Entry(name),
        _ => return None,
    })
}

/// The name that a `typedef` gives: of a pointer to a function the word after its `*`, else the last word that no `(` follows.
fn typedef_name<'a>(own: &[&Token<'a>]) -> &'a [u8] {
    let pointer = own.windows(3).find(|three| three[0].is("(") && three[1].is("*") && three[2].kind == Kind::Word);
    let words = own.windows(2).rev().find(|pair| pair[0].kind == Kind::Word && !pair[1].is("(") && !pair[1].is(")"));
    pointer.map(|three| three[2].text).or(words.map(|pair| pair[0].text)).unwrap_or(b"")
}

/// A struct, union or enum with its body.
fn record<'a>(own: &[&Token<'a>], body: Option<Inside>) -> Option<NodeKind<'a>> {
    if !matches!(body, Some(Inside::Record | Inside::Enumeration)) {
        return None;
    }
    let at = own.iter().position(|token| matches!(token.text, b"struct" | b"union" | b"enum"))?;
    let is_name = |token: &&&Token<'a>| token.kind == Kind::Word && !token.text.starts_with(b"__");
    let name =
        own[at + 1..].iter().take_while(|token| !token.is("{")).find(is_name).map_or(&b""[..], |token| token.text);
    Some(match own[at].text {
        b"struct" => NodeKind::Struct(name),
        b"union" => NodeKind::Union(name),
        _ => NodeKind::Enum(name),
    })
}

/// A statement with a block as its body: a function, or a macro that stands for a loop.
fn with_body<'a>(own: &[&Token<'a>], body: Option<Inside>, at_margin: bool) -> Option<NodeKind<'a>> {
    if body != Some(Inside::Block) {
        return None;
    }
    let open = own.iter().position(|token| token.is("{")).unwrap_or(own.len());
    let head = &own[..open];
    let is_call = head.len() > 1 && head[0].kind == Kind::Word && head[1].is("(");
    if is_call && !at_margin {
        return Some(NodeKind::For);
    }
    Some(declare::signature(head).map_or(NodeKind::Block, |signature| NodeKind::FuncDef(Box::new(signature))))
}

/// A statement without a body.
fn simple<'a>(own: &[&Token<'a>], is_top: bool, at_margin: bool) -> NodeKind<'a> {
    if let Some(name) = only_call(own) {
        let is_macro = is_top && at_margin && own.get(1).is_some_and(|second| second.is("("));
        return if is_macro { NodeKind::MacroCall(name) } else { NodeKind::FuncCall(name) };
    }
    let lead = Lead::of(own);
    if lead.declares() {
        if let Some(name) = lead.macro_name(own) {
            return NodeKind::MacroCall(name);
        }
        return declared(own, lead);
    }
    let by_macro = is_top && at_margin && own.len() > 1 && own[0].kind == Kind::Word && own[1].is("(");
    if by_macro {
        return NodeKind::MacroCall(own[0].text);
    }
    if assigns(own) { NodeKind::Assign } else { NodeKind::Expression }
}

/// A prototype or variables.
fn declared<'a>(own: &[&Token<'a>], lead: Lead<'a>) -> NodeKind<'a> {
    let is_prototype = lead.is_before_parameters(own);
    match declare::signature(own) {
        Some(signature) if is_prototype => NodeKind::FuncDecl(Box::new(signature)),
        _ => NodeKind::VarDec(declare::declaration(own, lead)),
    }
}

/// The name of a statement that is one call, the last word outside of brackets: `word ( ... ) ;`, `a(b)->c ( ... )`,
/// `(void) word ( ... )`, `guard(lock)(&a)`.
fn only_call<'a>(own: &[&Token<'a>]) -> Option<&'a [u8]> {
    let own = match own {
        [rest @ .., end] if end.is(";") => rest,
        _ => own,
    };
    let own = match own {
        [open, void, close, rest @ ..] if open.is("(") && void.is_word("void") && close.is(")") => rest,
        _ => own,
    };
    let mut depth = 0usize;
    let mut name: Option<&Token<'a>> = None;
    let mut before: Option<&Token<'a>> = None;
    for token in own {
        depth = depth.saturating_sub(usize::from(token.is(")") || token.is("]")));
        if depth == 0 {
            let joins = before.is_none_or(|before| before.is("->") || before.is("."));
            match token.kind {
                Kind::Word if joins => name = Some(token),
                Kind::Punct if !joins && matches!(token.text, b"->" | b"." | b"(" | b")" | b"[" | b"]") => {}
                _ => return None,
            }
            before = Some(token);
        }
        depth += usize::from(token.is("(") || token.is("["));
    }
    let is_called = depth == 0 && before.is_some_and(|last| last.is(")"));
    name.map(|name| name.text).filter(|name| is_called && !NO_CALLS.contains(name) && !declare::is_type(name))
}

/// Whether there is an assignment, `++` or `--` outside of brackets.
fn assigns(own: &[&Token<'_>]) -> bool {
    let mut depth = 0usize;
    own.iter().any(|token| {
        if token.kind != Kind::Punct {
            return false;
        }
        match token.text {
            b"(" | b"[" | b"{" => depth += 1,
            b")" | b"]" | b"}" => depth = depth.saturating_sub(1),
            b"=" | b"+=" | b"-=" | b"*=" | b"/=" | b"%=" | b"&=" | b"|=" | b"^=" | b"<<=" | b">>=" | b"++" | b"--" => {
                return depth == 0;
            }
            _ => {}
        }
        false
    })
}
