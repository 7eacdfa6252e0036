//! Lists as kernel people keep them: what an entry's key is, and whether the entries around a place are in order.
//!
//! In: the lines above and below a place, and the lines that two sides put there. Out: [`sorted`], the lines of both in
//! the order of the list, if the list has one that shows. Entries may be one line (`#include`, `obj-$(X) +=`, `select X`, a row)
//! or blocks (`config X`, `node@addr {`).

use super::line::words;
use crate::syntax::language::Language;
use crate::syntax::lex::{self, is_name_byte};
use bstr::ByteSlice;
use std::cmp::Ordering;

/// What kind of list entry a line opens. Two lines are of one list if their kinds and their indents are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// The words that all entries begin with: `#include`, `config`, `obj`, `extern const struct`, ...
    Word(Vec<u8>),
    /// `label: name@1f00 {`, a device-tree node with an address.
    Node,
}

/// A line as the head of an entry of a list.
#[derive(Clone, Debug)]
struct Head<'a> {
    /// The white space before it.
    indent: &'a [u8],
    /// Which list it belongs to.
    kind: Kind,
    /// What it is sorted by.
    key: Key,
}

/// What a list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    /// A number, where the entry has one to be sorted by.
    number: Option<u64>,
    /// The entry's name, lower case.
    name: Vec<u8>,
}

/// What the order of a list is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Names.
    Name,
    /// Numbers: values, addresses.
    Number,
}

impl Key {
    /// Which of two keys comes first.
    fn compare(&self, other: &Self, by: By) -> Ordering {
        match by {
            By::Name => natural(&self.name, &other.name),
            By::Number => self.number.cmp(&other.number),
        }
    }
}

/// Compares names so that `x9` stands before `x10`: runs of digits by their value.
fn natural(a: &[u8], b: &[u8]) -> Ordering {
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a[i].is_ascii_digit() && b[j].is_ascii_digit() {
            let run = |text: &[u8]| text.iter().take_while(|c| c.is_ascii_digit()).count();
            let (n, m) = (run(&a[i..]), run(&b[j..]));
            let trim = |text: &[u8]| text.iter().take_while(|c| **c == b'0').count().min(text.len() - 1);
            let (x, y) = (&a[i..i + n], &b[j..j + m]);
            let (x, y) = (&x[trim(x)..], &y[trim(y)..]);
            match x.len().cmp(&y.len()).then_with(|| x.cmp(y)) {
                Ordering::Equal => (i, j) = (i + n, j + m),
                other => return other,
            }
        } else {
            match a[i].cmp(&b[j]) {
                Ordering::Equal => (i, j) = (i + 1, j + 1),
                other => return other,
            }
        }
    }
    (a.len() - i).cmp(&(b.len() - j))
}

/// Reads a line as the head of an entry; None for lines that open none (blank, closing, comments, statements).
fn head(line: &[u8]) -> Option<Head<'_>> {
    let text = line.trim_ascii();
    let indent = indent(line);
    if !text.first().is_some_and(|c| c.is_ascii_alphanumeric() || b"#&_.[{\"<-".contains(c)) {
        return None;
    }
    let (kind, name) = kind_and_name(text)?;
    let number = match kind {
        Kind::Node => hex(name),
        Kind::Word(_) => number_of(text, name),
    };
    Some(Head { indent, kind, key: Key { number, name: name.to_ascii_lowercase() } })
}

/// The kind of list, and the part of the line that the list is sorted by.
fn kind_and_name(text: &[u8]) -> Option<(Kind, &[u8])> {
    let after = |words: &[&[u8]]| {
        words.iter().find_map(|word| {
            let rest = text.strip_prefix(*word)?;
            let name = rest.trim_ascii();
            (rest.len() > name.len() && !name.is_empty()).then_some((Kind::Word(word.to_vec()), name))
        })
    };
    let plain: [&[u8]; 8] =
        [b"#include", b"#define", b"config", b"menuconfig", b"select", b"imply", b"source", b"case"];
    if let Some(found) = after(&plain) {
        return Some(found);
    }
    if let Some(address) = node_address(text) {
        return Some((Kind::Node, address));
    }
    let make = text.windows(2).position(|w| matches!(w, b"+=" | b":=")).map(|at| text[..at].trim_ascii());
    if let Some(left) = make.filter(|left| !left.contains(&b' ')) {
        let dash = left.iter().position(|c| *c == b'-')?;
        return Some((Kind::Word(left[..dash].to_vec()), text));
    }
    declaration(text).or_else(|| row(text))
}

/// `int name(...)`, `extern struct x name;`: sorted by the declared name, one list per words before it.
fn declaration(text: &[u8]) -> Option<(Kind, &[u8])> {
    let end = text.iter().position(|c| matches!(c, b'(' | b';' | b'=' | b'['))?;
    let left = text[..end].trim_ascii_end();
    let start = left.iter().rposition(|c| !is_name_byte(*c)).map_or(0, |at| at + 1);
    let before = left[..start].trim_ascii_end();
    let spelled = before.iter().all(|c| is_name_byte(*c) || matches!(c, b' ' | b'\t' | b'*'));
    (spelled && !before.is_empty() && start < left.len() && text.ends_with(b";"))
        .then(|| (Kind::Word(b"declaration".to_vec()), &left[start..]))
}

/// `&name,` `NAME,` `NAME = 1,` `{ "name", ...` `[NAME] = x,` `.name = x,` `MACRO(name, ...)`: a row of a table or enum.
fn row(text: &[u8]) -> Option<(Kind, &[u8])> {
    if !(text.ends_with(b",") || text.ends_with(b"\\") || text.ends_with(b"}") || text.ends_with(b"*/")) {
        return None;
    }
    let start = text.iter().position(|c| is_name_byte(*c) || *c == b'"')?;
    let mark = text[..start].trim_ascii().to_vec();
    let call = text[start..].iter().position(|c| !is_name_byte(*c)).filter(|at| text[start + at] == b'(');
    match call {
        Some(at) => {
            let name = &text[start..start + at];
            Some((Kind::Word([mark, name.to_vec()].concat()), &text[start + at + 1..]))
        }
        None => Some((Kind::Word([mark, b"row".to_vec()].concat()), &text[start..])),
    }
}

/// The address in `label: name@1f00 {`.
fn node_address(text: &[u8]) -> Option<&[u8]> {
    let open = text.strip_suffix(b"{")?.trim_ascii_end();
    let at = open.iter().position(|c| *c == b'@')?;
    let address = &open[at + 1..];
    let digits = address.iter().take_while(|c| c.is_ascii_hexdigit()).count();
    (digits > 0 && (digits == address.len() || address[digits] == b',')).then(|| &address[..digits])
}

/// The value of hexadecimal digits, if it fits.
fn hex(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0u64, |sum, c| {
        let digit = char::from(*c).to_digit(16)?;
        sum.checked_mul(16)?.checked_add(u64::from(digit))
    })
}

/// A number without what says its type: `1UL`.
fn digits(word: &[u8]) -> &[u8] {
    let is_number = word.first().is_some_and(u8::is_ascii_digit);
    if is_number { word.trim_end_with(|c| "uUlL".contains(c)) } else { word }
}

/// The number that an entry is sorted by, if by a number: the value of a define, a case, an enum entry, a row's first.
fn number_of(text: &[u8], name: &[u8]) -> Option<u64> {
    let value = |word: &[u8]| match digits(word).strip_prefix(b"0x").or_else(|| word.strip_prefix(b"0X")) {
        Some(digits) if !digits.is_empty() => hex(digits),
        Some(_) => None,
        None if word.first()?.is_ascii_digit() => digits(word).iter().try_fold(0u64, |sum, c| {
            let digit = char::from(*c).to_digit(10)?;
            sum.checked_mul(10)?.checked_add(u64::from(digit))
        }),
        None => None,
    };
    let from = if text.starts_with(b"#define") {
        name.iter().position(u8::is_ascii_whitespace)?
    } else {
        name.iter().position(|c| *c == b'=').map_or(0, |at| at + 1)
    };
    let number =
        |text: &[u8]| text.split(|c| !is_name_byte(*c)).filter(|word| !word.is_empty()).take(2).find_map(value);
    match name[from..].find("<<") {
        // `(1 << 3)`
        Some(at) => number(&name[from..from + at])?.checked_shl(u32::try_from(number(&name[from + at..])?).ok()?),
        None => number(&name[from..]),
    }
}

/// So many entries above and below are looked at, at most.
const AROUND: usize = 5;
/// So many lines on each side are looked through for them.
const LINES: usize = 200;
/// With fewer entries around, an order may be chance.
const FEWEST: usize = 3;

/// The heads of the entries that stand nearest, nearest first; the list ends at a line of smaller indent, or for one-line
/// entries at any other line.
fn heads_near<'a>(lines: impl Iterator<Item = &'a [u8]>, like: &Head<'_>, one_line: bool) -> Vec<Key> {
    let mut found = Vec::new();
    for line in lines.take(LINES) {
        if found.len() == AROUND {
            break;
        }
        match head(line).filter(|head| head.kind == like.kind && head.indent == like.indent) {
            Some(head) => found.push(head.key),
            None if one_line => break,
            None => {
                let blank = line.trim_ascii().is_empty();
                if !blank && indent(line).len() < like.indent.len() {
                    break;
                }
            }
        }
    }
    found
}

/// An entry of a list with its lines.
type Entry<'a> = (Key, Vec<&'a [u8]>);

/// An inserted run cut into entries: each begins at a line of the kind, what precedes the first belongs to it.
fn entries<'a>(lines: &[&'a [u8]], like: &Head<'_>) -> Option<Vec<Entry<'a>>> {
    let mut found: Vec<Entry<'_>> = Vec::new();
    for line in lines {
        match head(line).filter(|head| head.kind == like.kind && head.indent == like.indent) {
            Some(head) => found.push((head.key, vec![line])),
            None => found.last_mut()?.1.push(line),
        }
    }
    Some(found)
}

/// A list in order, with the entries of both sides in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InOrder<'a> {
    /// The lines.
    pub lines: Vec<&'a [u8]>,
    /// What the list is sorted by.
    pub by: By,
}

/// The lines of both sides in the order of the list around them; None if it shows no order, or they don't fit into it.
pub fn sorted<'a>(above: &[&[u8]], below: &[&[u8]], ours: &[&'a [u8]], theirs: &[&'a [u8]]) -> Option<InOrder<'a>> {
    let like = head(theirs.first()?)?;
    let ours = entries(ours, &like)?;
    let theirs = entries(theirs, &like)?;
    let one_line = ours.iter().chain(&theirs).all(|(_, lines)| lines.len() == 1);
    let up = heads_near(above.iter().rev().copied(), &like, one_line);
    let down = heads_near(below.iter().copied(), &like, one_line);
    if up.len() + down.len() < FEWEST {
        return None;
    }
    let around: Vec<&Key> = up.iter().rev().chain(&down).collect();
    let by = [By::Number, By::Name].into_iter().find(|by| {
        let numbered = *by == By::Name
            || around.iter().copied().chain(ours.iter().chain(&theirs).map(|e| &e.0)).all(|key| key.number.is_some());
        numbered
            && is_sorted(&around, *by)
            && around.iter().any(|key| key.compare(around[0], *by).is_ne())
            && fits(up.first(), &theirs, down.first(), *by)
            && fits(up.first(), &ours, down.first(), *by)
    })?;
    Some(InOrder { lines: joined(ours, theirs, by), by })
}

/// Does each key stand behind those before it?
fn is_sorted(keys: &[&Key], by: By) -> bool {
    keys.windows(2).all(|pair| pair[0].compare(pair[1], by).is_le())
}

/// Do these entries, in their order, fit between what stands above and what stands below?
fn fits(above: Option<&Key>, entries: &[Entry<'_>], below: Option<&Key>, by: By) -> bool {
    let keys: Vec<&Key> = above.into_iter().chain(entries.iter().map(|e| &e.0)).chain(below).collect();
    is_sorted(&keys, by)
}

/// Each entry of theirs in front of the first of ours that is greater; ours keep their order.
fn joined<'a>(ours: Vec<Entry<'a>>, theirs: Vec<Entry<'a>>, by: By) -> Vec<&'a [u8]> {
    let mut theirs = theirs.into_iter().peekable();
    let mut lines = Vec::new();
    for (key, entry) in ours {
        while let Some((_, smaller)) = theirs.next_if(|(other, _)| other.compare(&key, by).is_lt()) {
            lines.extend(smaller);
        }
        lines.extend(entry);
    }
    lines.extend(theirs.flat_map(|(_, entry)| entry));
    lines
}

/// Do both sides put an entry of one list there with the same number (a bit, an id, a value)?
pub fn same_number(ours: &[&[u8]], theirs: &[&[u8]]) -> bool {
    let ours: Vec<Head<'_>> = ours.iter().filter_map(|line| head(line)).collect();
    theirs.iter().filter_map(|line| head(line)).any(|head| {
        head.key.number.is_some()
            && ours.iter().any(|other| other.kind == head.kind && other.key.number == head.key.number)
    })
}

/// Has the order of the two runs no meaning: are both whole items, or entries of a list whose order says nothing?
pub fn order_is_free(ours: &[&[u8]], theirs: &[&[u8]], language: Language) -> bool {
    [ours, theirs].iter().all(|run| is_free(run, language))
}

/// Can this run stand before or behind another of its kind?
fn is_free(run: &[&[u8]], language: Language) -> bool {
    let spoken = || run.iter().filter(|line| !line.trim_ascii().is_empty());
    let Some(least) = spoken().map(|line| indent(line).len()).min() else { return false };
    let mut outer = spoken().filter(|line| indent(line).len() == least);
    match language {
        Language::Kconfig => {
            let free: [&[u8]; 5] = [b"config ", b"menuconfig ", b"select ", b"imply ", b"source "];
            outer.all(|line| free.iter().any(|word| line.trim_ascii().starts_with(word)))
        }
        Language::Make => outer.all(|line| line.starts_with(b"obj-")),
        Language::DeviceTree => balanced(run, language),
        Language::C => {
            least == 0 && balanced(run, language) && outer.all(|line| opens_or_ends_item(line)) && ends_item(run)
        }
        _ => false,
    }
}

/// The white space that a line begins with.
pub fn indent(line: &[u8]) -> &[u8] {
    &line[..line.iter().take_while(|c| matches!(c, b' ' | b'\t')).count()]
}

/// The bytes of a run that can be brackets of the language: not those in comments and texts, where the language has them.
pub fn punctuation(run: &[&[u8]], language: Language) -> Vec<u8> {
    let text = run.concat();
    if !matches!(language, Language::C | Language::DeviceTree | Language::Assembler) {
        return text;
    }
    lex::tokens(&text)
        .iter()
        .filter(|token| token.kind == lex::Kind::Punct)
        .flat_map(|token| token.text)
        .copied()
        .collect()
}

/// Do its brackets pair?
fn balanced(run: &[&[u8]], language: Language) -> bool {
    let mut depth = 0i64;
    for c in punctuation(run, language) {
        match c {
            b'{' | b'(' => depth += 1,
            b'}' | b')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// A line at the margin that can be part of an item: no directive, no label.
fn opens_or_ends_item(line: &[u8]) -> bool {
    let first = line.first().copied().unwrap_or_default();
    (is_name_byte(first) || matches!(first, b'{' | b'}' | b'/')) && !line.trim_ascii_end().ends_with(b":")
}

/// Does the last line that says anything end an item?
fn ends_item(run: &[&[u8]]) -> bool {
    let last = run.iter().rev().map(|line| line.trim_ascii_end()).find(|line| !line.is_empty());
    last.is_some_and(|line| line.ends_with(b";") || line == b"}")
}

/// Is this line the last entry of an enum or table that must stay the last: `__X_MAX`, `NR_X`, `{ }`, `{ /* sentinel */ }`?
pub fn is_sentinel(line: &[u8]) -> bool {
    let text = line.trim_ascii();
    let inner = text.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    if inner.is_some_and(|rest| rest.starts_with(b"}") || rest.starts_with(b"/*") || rest.starts_with(b"0")) {
        return true;
    }
    let name: &[u8] = &text[..text.iter().take_while(|c| is_name_byte(**c)).count()];
    let upper = name.iter().all(|c| !c.is_ascii_lowercase());
    let last: [&[u8]; 8] = [b"MAX", b"NUM", b"NR", b"LAST", b"COUNT", b"END", b"SIZE", b"CNT"];
    let parts = words(name);
    upper && [parts.first(), parts.last()].into_iter().flatten().any(|word| last.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bstr::ByteSlice;

    fn split(text: &str) -> Vec<&[u8]> {
        text.as_bytes().lines_with_terminator().collect()
    }

    /// The order of both runs between two lists, as one text.
    fn order(above: &str, ours: &str, theirs: &str, below: &str) -> Option<(String, By)> {
        let found = sorted(&split(above), &split(below), &split(ours), &split(theirs))?;
        Some((found.lines.concat().to_str_lossy().into_owned(), found.by))
    }

    #[test]
    fn nodes_of_a_device_tree_are_sorted_by_their_addresses_and_stay_whole() {
        let node = |name: &str, at: &str| format!("\t{name}@{at} {{\n\t\treg = <0x{at}>;\n\t}};\n\n");
        let above = [node("uart", "9000"), node("spi", "a000")].concat();
        let below = [node("gpio", "20000")].concat();
        let (ours, theirs) = (node("wifi", "1a000"), node("usb", "b000"));
        assert_eq!(order(&above, &ours, &theirs, &below), Some(([theirs.clone(), ours.clone()].concat(), By::Number)));
    }

    #[test]
    fn names_with_numbers_are_sorted_by_the_numbers() {
        let found = order("\tPIN_8,\n\tPIN_9,\n", "\tPIN_10,\n", "\tPIN_12,\n", "\tPIN_100,\n");
        assert_eq!(found, Some(("\tPIN_10,\n\tPIN_12,\n".to_owned(), By::Name)));
    }

    #[test]
    fn an_entry_that_does_not_fit_is_no_ones_to_place() {
        let above = "\tselect ALPHA\n\tselect BRAVO\n";
        assert_eq!(order(above, "\tselect DELTA\n", "\tselect ZULU\n", "\tselect HOTEL\n"), None);
        assert_eq!(order(above, "\tselect ZULU\n", "\tselect DELTA\n", "\tselect HOTEL\n"), None);
        assert!(order(above, "\tselect ECHO\n", "\tselect DELTA\n", "\tselect HOTEL\n").is_some());
    }

    #[test]
    fn two_entries_may_not_use_one_number() {
        let same = |ours, theirs| same_number(&split(ours), &split(theirs));
        assert!(same("#define F_UP BIT(22)\n#define F_DOWN BIT(23)\n", "#define F_MINE BIT(22)\n"));
        assert!(!same("#define F_UP BIT(22)\n", "#define F_MINE BIT(24)\n"));
        assert!(!same("\tx = 22;\n", "#define F_MINE BIT(22)\n"));
        assert!(same("#define F_UP (1 << 3)\n", "#define F_MINE (1 << 3)\n"));
        assert!(!same("#define F_UP (1 << 3)\n", "#define F_MINE (1 << 4)\n"));
        assert!(same("#define F_UP (1U << 3)\n", "#define F_MINE (1UL << 3)\n"));
        assert!(same("#define F_UP 0x10UL\n", "#define F_MINE 16\n"));
    }

    #[test]
    fn the_order_of_whole_items_is_free_and_that_of_statements_is_not() {
        let free = |ours, theirs, language| order_is_free(&split(ours), &split(theirs), language);
        assert!(free("static int a(void)\n{\n\treturn 1;\n}\n\n", "int b(void);\n", Language::C));
        assert!(free("static int a(void)\n{\n\t/* 1) go */\n\treturn 1;\n}\n\n", "int b(void);\n", Language::C));
        assert!(!free("\ta();\n", "\tb();\n", Language::C));
        assert!(!free("static int a(void)\n{\n", "int b(void);\n", Language::C));
        assert!(free("\tselect A\n", "\tselect B\n", Language::Kconfig));
        assert!(!free("\tdefault y\n", "\tselect B\n", Language::Kconfig));
    }

    #[test]
    fn a_sentinel_is_known_by_its_name_or_its_emptiness() {
        for line in ["\t__IFX_MAX\n", "\tNR_STATES,\n", "\t{ }\n", "\t{ /* sentinel */ },\n", "\t{},\n"] {
            assert!(is_sentinel(line.as_bytes()), "{line}");
        }
        for line in ["\tIFX_MAXIMAL,\n", "\tmax = 3;\n", "\t{ 1, 2 },\n"] {
            assert!(!is_sentinel(line.as_bytes()), "{line}");
        }
    }
}
