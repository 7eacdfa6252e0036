//! Names and types in declarations: what a function's header, a prototype, a variable or a member says.
//!
//! In: a statement's own tokens, without comments. Out: [`Signature`] or [`Declaration`]; nothing where the words are not those
//! of a declaration. Brackets are counted, never recursed into.

use super::cfp::{Declaration, Parameter, Signature};
use crate::syntax::lex::{Kind, Token};

/// Words before a `(` that is no parameter list: the kernel's attributes that take arguments, and `typeof`.
const ATTRIBUTES: [&[u8]; 26] = [
    b"__attribute__",
    b"__attribute",
    b"__printf",
    b"__scanf",
    b"__aligned",
    b"__section",
    b"__acquires",
    b"__releases",
    b"__must_hold",
    b"__cond_acquires",
    b"__cond_releases",
    b"__nonnull",
    b"__alloc_size",
    b"__realloc_size",
    b"__counted_by",
    b"__alias",
    b"__cleanup",
    b"__assume_aligned",
    b"__no_sanitize",
    b"__declspec",
    b"_Alignas",
    b"typeof",
    b"__typeof__",
    b"__typeof",
    b"__diagnose_as",
    b"__error",
];

/// Words that begin or are a type.
const TYPES: [&[u8]; 27] = [
    b"void",
    b"char",
    b"short",
    b"int",
    b"long",
    b"float",
    b"double",
    b"signed",
    b"unsigned",
    b"bool",
    b"_Bool",
    b"struct",
    b"union",
    b"enum",
    b"const",
    b"volatile",
    b"static",
    b"extern",
    b"inline",
    b"register",
    b"typedef",
    b"typeof",
    b"__typeof__",
    b"auto",
    b"restrict",
    b"asmlinkage",
    b"__auto_type",
];

/// Words that may follow a name and say how the thing is placed or checked.
const MARKS: [&[u8]; 21] = [
    b"__read_mostly",
    b"__initdata",
    b"__initconst",
    b"__exitdata",
    b"__refdata",
    b"__ro_after_init",
    b"__cacheline_aligned",
    b"__cacheline_aligned_in_smp",
    b"____cacheline_aligned",
    b"____cacheline_aligned_in_smp",
    b"____cacheline_internodealigned_in_smp",
    b"__page_aligned_bss",
    b"__page_aligned_data",
    b"__maybe_unused",
    b"__always_unused",
    b"__used",
    b"__unused",
    b"__packed",
    b"__weak",
    b"__latent_entropy",
    b"__randomize_layout",
];

/// Words that say how a thing is stored, not what type it has.
const STORAGE: [&[u8]; 9] = [
    b"static",
    b"extern",
    b"inline",
    b"const",
    b"volatile",
    b"register",
    b"__always_inline",
    b"__initdata",
    b"__maybe_unused",
];

/// Whether a word is an attribute that takes arguments.
pub(super) fn is_attribute(word: &[u8]) -> bool {
    ATTRIBUTES.contains(&word)
}

/// Whether a word begins a type or is one, whatever else the text declares.
pub(super) fn is_type(word: &[u8]) -> bool {
    TYPES.contains(&word)
}

/// The types and the place of the first name of a declaration: its leading words and `*`.
#[derive(Default)]
pub(super) struct Lead<'a> {
    /// The words and `*` in order, attributes' arguments left out.
    words: Vec<&'a [u8]>,
    /// How many of them are words.
    count: usize,
    /// Index of the token after them.
    next: usize,
}

impl<'a> Lead<'a> {
    /// The leading words of a statement.
    pub fn of(own: &[&Token<'a>]) -> Self {
        let mut lead = Self::default();
        while let Some(token) = own.get(lead.next) {
            let is_word = token.kind == Kind::Word;
            if is_word && is_attribute(token.text) && own.get(lead.next + 1).is_some_and(|next| next.is("(")) {
                lead.next = after_group(own, lead.next + 1);
                continue;
            }
            if !is_word && !token.is("*") {
                break;
            }
            lead.words.push(token.text);
            lead.count += usize::from(is_word);
            lead.next += 1;
        }
        lead
    }

    /// Whether these words can only begin a declaration: two words, or a type.
    pub fn declares(&self) -> bool {
        self.count >= 2 || self.words.first().is_some_and(|word| is_type(word))
    }

    /// Whether a parameter list follows: `(` that does not begin a pointer to a function.
    pub fn is_before_parameters(&self, own: &[&Token<'a>]) -> bool {
        let opens = own.get(self.next).is_some_and(|token| token.is("("));
        opens && !own.get(self.next + 1).is_some_and(|token| token.is("*"))
    }

    /// Whether a macro is called that declares: `static DEFINE_MUTEX(name)`.
    pub fn macro_name(&self, own: &[&Token<'a>]) -> Option<&'a [u8]> {
        let (name, storage) = self.words.split_last()?;
        let is_called = own.get(self.next).is_some_and(|next| next.is("("));
        let is_macro = is_called && !is_type(name) && storage.iter().all(|word| STORAGE.contains(word));
        is_macro.then_some(name)
    }
}

/// The index after the bracket group that opens at `at`, or of the end.
fn after_group(own: &[&Token<'_>], at: usize) -> usize {
    let mut depth = 0usize;
    for (offset, token) in own[at..].iter().enumerate() {
        depth = nested(depth, token);
        if depth == 0 {
            return at + offset + 1;
        }
    }
    own.len()
}

/// The depth after a token.
fn nested(depth: usize, token: &Token<'_>) -> usize {
    match (token.kind, token.text) {
        (Kind::Punct, b"(" | b"[" | b"{") => depth + 1,
        (Kind::Punct, b")" | b"]" | b"}") => depth.saturating_sub(1),
        _ => depth,
    }
}

/// The variables or members that a statement declares.
pub(super) fn declaration<'a>(own: &[&Token<'a>], lead: Lead<'a>) -> Declaration<'a> {
    let mut declared = Declaration { names: Vec::new(), types: lead.words };
    let mut next = lead.next;
    let is_pointer_to_function =
        own.get(next).is_some_and(|token| token.is("(")) && own.get(next + 1).is_some_and(|token| token.is("*"));
    if is_pointer_to_function {
        let word = own[next..].iter().find(|token| token.kind == Kind::Word && !MARKS.contains(&token.text));
        declared.names.extend(word.map(|token| token.text));
        next = after_group(own, next);
    } else if drop_marks(&mut declared.types).is_some_and(|word| *word != b"*") && declared.types.len() > 1 {
        declared.names.extend(declared.types.pop());
    }
    let mut depth = 0;
    let mut expects_name = false;
    for token in &own[next.min(own.len())..] {
        if depth == 0 && token.is(",") {
            expects_name = true;
        } else if expects_name && token.kind == Kind::Word {
            declared.names.push(token.text);
            expects_name = false;
        }
        depth = nested(depth, token);
    }
    declared
}

/// Takes the marks behind a name away, and gives the name.
fn drop_marks<'w, 'a>(words: &'w mut Vec<&'a [u8]>) -> Option<&'w &'a [u8]> {
    while words.len() > 2 && words.last().is_some_and(|word| MARKS.contains(word)) {
        words.pop();
    }
    words.last()
}

/// The header of a function: what stands before its body or its `;`.
pub(super) fn signature<'a>(own: &[&Token<'a>]) -> Option<Signature<'a>> {
    let open = parameters_open(own)?;
    let group = &own[open + 1..after_group(own, open).max(open + 2).min(own.len() + 1) - 1];
    let name = own[open - 1].text;
    let types: Vec<&[u8]> = Lead::of(&own[..open]).words;
    let is_macro = types.len() <= 1 && has_no_lower_case(name);
    if is_macro {
        return Some(by_macro(name, group));
    }
    let types = types[..types.len().saturating_sub(1)].to_vec();
    Some(Signature { name, types, params: parameters(group) })
}

/// The index of the `(` of the parameter list: the first one outside of brackets after a word that is no attribute, else the
/// first one after a word at all (`int (*name(int a))(void)`).
fn parameters_open(own: &[&Token<'_>]) -> Option<usize> {
    let mut depth = 0;
    let mut inner = None;
    for (at, pair) in own.windows(2).enumerate() {
        depth = nested(depth, pair[0]);
        let names =
            pair[0].kind == Kind::Word && pair[1].is("(") && !is_attribute(pair[0].text) && !is_type(pair[0].text);
        if names && depth == 0 {
            return inner.or(Some(at + 1));
        }
        if names {
            inner = inner.or(Some(at + 1));
        }
    }
    inner
}

/// Whether a name is a macro's: no small letter but digits' suffixes, as in `SYSCALL_DEFINE3` and `SYSCALL_DEFINEx`.
fn has_no_lower_case(name: &[u8]) -> bool {
    let bare = name.strip_suffix(b"x").unwrap_or(name);
    bare.iter().any(u8::is_ascii_uppercase) && !bare.iter().any(u8::is_ascii_lowercase)
}

/// The header that a macro stands for: `SYSCALL_DEFINE2(name, type, arg, type, arg)` or `TEST(name)`.
fn by_macro<'a>(name: &'a [u8], group: &[&Token<'a>]) -> Signature<'a> {
    let parts = split(group);
    let words: Vec<Parameter<'a>> = parts.iter().map(|part| parameter(part)).collect();
    let defined = words.first().map_or(name, |first| if first.name.is_empty() { name } else { first.name });
    let is_syscall = name.windows(7).any(|part| part == b"SYSCALL");
    let rest = words.get(1..).unwrap_or_default();
    let params = if is_syscall { rest.chunks(2).map(typed_and_named).collect() } else { rest.to_vec() };
    Signature { name: defined, types: vec![name], params }
}

/// The parameter of a `type, name` pair of macro arguments.
fn typed_and_named<'a>(pair: &[Parameter<'a>]) -> Parameter<'a> {
    let mut types = pair[0].types.clone();
    // A type alone reads as a name, except `char *`.
    if !pair[0].name.is_empty() {
        types.push(pair[0].name);
    }
    Parameter { types, name: pair.get(1).map_or(b"", |second| second.name) }
}

/// The parameters of a list, none for `(void)`.
fn parameters<'a>(group: &[&Token<'a>]) -> Vec<Parameter<'a>> {
    match group {
        [] => Vec::new(),
        [only] if only.is_word("void") => Vec::new(),
        _ => split(group).into_iter().map(parameter).collect(),
    }
}

/// A list at its commas outside of brackets.
fn split<'t, 'a>(group: &'t [&'t Token<'a>]) -> Vec<&'t [&'t Token<'a>]> {
    let mut depth = 0;
    group
        .split(|token| {
            let is_comma = depth == 0 && token.is(",");
            depth = nested(depth, token);
            is_comma
        })
        .collect()
}

/// One parameter.
fn parameter<'a>(part: &[&Token<'a>]) -> Parameter<'a> {
    if part.first().is_some_and(|first| first.is("...")) {
        return Parameter { types: vec![part[0].text], name: b"" };
    }
    let lead = Lead::of(part);
    let only_type = lead.count == 1 && lead.words.last().is_some_and(|word| is_type(word));
    let mut declared = declaration(part, lead);
    if declared.names.is_empty() && declared.types.len() == 1 && !only_type {
        declared.names.extend(declared.types.pop());
    }
    let name = declared.names.first().copied().unwrap_or(b"");
    // `unsigned int` and `struct page` name no parameter.
    if declared.types.len() <= 1 && is_type(name) {
        declared.types.push(name);
        return Parameter { types: declared.types, name: b"" };
    }
    Parameter { types: declared.types, name }
}
