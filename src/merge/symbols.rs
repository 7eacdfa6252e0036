//! A configuration (`*_defconfig`, `*.config`) is a set of symbols, each with one value: merged symbol by symbol, not line by line.
//!
//! In: an [`Open`] hunk. Out: what setting and taking away symbols on both sides comes to, or why not.
//!
//! ```text
//!     base          ours          theirs        merged
//!     CONFIG_A=y    CONFIG_A=y    -             -
//!     CONFIG_B=m    CONFIG_B=y    CONFIG_B=m    CONFIG_B=y
//!                   CONFIG_C=y    CONFIG_D=m    both: the order has no meaning, and the patch's stands behind what it stood behind
//!                   CONFIG_E=y    CONFIG_E=m    open: two values of one symbol
//! ```

use super::{Footing, Open, Proposal, Sides};
use bstr::ByteSlice;
use rustc_hash::{FxHashMap, FxHashSet};

/// What a hunk of configuration comes to.
pub enum Symbols {
    /// It is none.
    Other,
    /// One symbol would have two values, or be set and gone.
    Open,
    /// Merged.
    Merged(Proposal),
}

/// Merges the hunk if all its lines set symbols.
pub fn symbols(open: &Open<'_>) -> Symbols {
    let Sides { base, ours, theirs } = open.sides.map(Settings::of);
    let (Some(base), Some(ours), Some(theirs)) = (base, ours, theirs) else { return Symbols::Other };
    if ours.list.is_empty() && theirs.list.is_empty() {
        return Symbols::Other;
    }
    match merged(open, &Sides { base, ours, theirs }) {
        Some(proposal) => Symbols::Merged(proposal),
        None => Symbols::Open,
    }
}

/// The symbols of some lines, each once.
struct Settings<'a> {
    /// Symbol and line, in order.
    list: Vec<(&'a [u8], &'a [u8])>,
    by_symbol: FxHashMap<&'a [u8], &'a [u8]>,
}

impl<'a> Settings<'a> {
    /// `None` if a line sets no symbol, or two set the same.
    fn of(text: &'a [u8]) -> Option<Self> {
        let mut settings = Self { list: Vec::new(), by_symbol: FxHashMap::default() };
        for line in text.lines_with_terminator() {
            let symbol = symbol(line)?;
            settings.list.push((symbol, line));
            if settings.by_symbol.insert(symbol, line).is_some() {
                return None;
            }
        }
        Some(settings)
    }

    fn value(&self, symbol: &[u8]) -> Option<&'a [u8]> {
        self.by_symbol.get(symbol).map(|line| line.trim_ascii_end())
    }
}

/// The symbol that a line sets: `CONFIG_X=y`, `# CONFIG_X is not set`.
fn symbol(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii_end();
    let (name, is_whole) = match line.strip_prefix(b"# ") {
        Some(rest) => {
            let name = rest.strip_suffix(b" is not set")?;
            (name, true)
        }
        None => {
            let end = line.find_byte(b'=')?;
            (&line[..end], end + 1 < line.len())
        }
    };
    let spelled = name.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'_');
    (is_whole && spelled && name.starts_with(b"CONFIG_")).then_some(name)
}

/// The merged hunk; `None` if one symbol would have two values.
fn merged(open: &Open<'_>, sides: &Sides<Settings<'_>>) -> Option<Proposal> {
    let Sides { base, ours, theirs } = sides;
    let elsewhere: FxHashSet<&[u8]> = open.before.lines().chain(open.after.lines()).filter_map(symbol).collect();
    // What both take away here and the file sets elsewhere one of them has moved; which, nobody knows here.
    let is_moved = |(symbol, _): &(&[u8], &[u8])| {
        ours.value(symbol).is_none() && theirs.value(symbol).is_none() && elsewhere.contains(symbol)
    };
    if base.list.iter().any(is_moved) {
        return None;
    }
    let mut lines: Vec<(&[u8], &[u8])> = Vec::new();
    for (symbol, line) in &ours.list {
        match (base.value(symbol), ours.value(symbol), theirs.value(symbol)) {
            (was, _, patched) if was == patched => lines.push((symbol, line)),
            (_, now, patched) if now == patched => lines.push((symbol, line)),
            (was, now, patched) if was == now => {
                lines.extend(patched.and(theirs.by_symbol.get(symbol)).map(|line| (*symbol, *line)));
            }
            _ => return None,
        }
    }
    for (at, (symbol, line)) in theirs.list.iter().enumerate() {
        if ours.value(symbol).is_some() || base.value(symbol) == theirs.value(symbol) {
            continue;
        }
        // Upstream took away what the patch sets otherwise, or sets it elsewhere in the file.
        if base.value(symbol).is_some() || elsewhere.contains(symbol) {
            return None;
        }
        let place = |other: &(&[u8], &[u8])| lines.iter().position(|(known, _)| *known == other.0);
        let behind = theirs.list[..at].iter().rev().find_map(place).map(|found| found + 1);
        let before = || theirs.list[at + 1..].iter().find_map(place);
        let end = lines.len();
        lines.insert(behind.or_else(before).unwrap_or(end), (*symbol, *line));
    }
    let text = lines.iter().map(|(_, line)| *line).collect::<Vec<_>>().concat();
    let said = "a configuration is a set of symbols: each side's were set, and their order has no meaning";
    Some(Proposal { text, reasons: vec![said.to_owned()], doubts: Vec::new(), footing: Footing::Firm })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::language::Language;

    fn of(sides: [&str; 3], (before, after): (&str, &str)) -> Symbols {
        let [base, ours, theirs] = sides.map(str::as_bytes);
        let sides = Sides { base, ours, theirs };
        let (before, after) = (before.as_bytes(), after.as_bytes());
        symbols(&Open { sides, before, after, files: sides, lines: Sides::default(), language: Language::Other })
    }

    fn text(found: Symbols) -> String {
        match found {
            Symbols::Merged(proposal) => String::from_utf8(proposal.text).expect("it is text"),
            Symbols::Open => "open".to_owned(),
            Symbols::Other => "other".to_owned(),
        }
    }

    #[test]
    fn both_sides_set_their_own_symbols() {
        let sides = [
            "CONFIG_A=y\nCONFIG_B=m\n",
            "CONFIG_A=y\nCONFIG_C=y\nCONFIG_B=y\n",
            "CONFIG_D=m\n# CONFIG_E is not set\nCONFIG_B=m\n",
        ];
        assert_eq!(text(of(sides, ("", ""))), "CONFIG_C=y\nCONFIG_D=m\n# CONFIG_E is not set\nCONFIG_B=y\n");
    }

    #[test]
    fn what_the_patch_sets_stands_behind_what_it_stood_behind() {
        let sides = ["CONFIG_A=y\nCONFIG_Z=y\n", "CONFIG_A=m\nCONFIG_Z=m\n", "CONFIG_A=y\nCONFIG_M=y\nCONFIG_Z=y\n"];
        assert_eq!(text(of(sides, ("", ""))), "CONFIG_A=m\nCONFIG_M=y\nCONFIG_Z=m\n");
    }

    #[test]
    fn two_values_of_one_symbol_are_for_a_person() {
        assert_eq!(text(of(["", "CONFIG_A=y\n", "CONFIG_A=m\n"], ("", ""))), "open");
        assert_eq!(text(of(["CONFIG_A=y\n", "", "CONFIG_A=m\n"], ("", ""))), "open");
        assert_eq!(text(of(["CONFIG_A=y\n", "# CONFIG_A is not set\n", ""], ("", ""))), "open");
        assert_eq!(text(of(["", "CONFIG_B=y\n", "CONFIG_A=m\n"], ("CONFIG_A=y\n", ""))), "open");
        let moved = ["CONFIG_A=y\nCONFIG_B=m\n", "CONFIG_B=y\n", "CONFIG_B=m\n"];
        assert_eq!(text(of(moved, ("", "CONFIG_A=y\n"))), "open", "what upstream moved is not gone");
        assert_eq!(text(of(moved, ("", ""))), "CONFIG_B=y\n");
        let kept = ["CONFIG_A=y\nCONFIG_B=m\n", "CONFIG_B=y\n", "CONFIG_A=y\nCONFIG_B=m\nCONFIG_C=y\n"];
        assert_eq!(text(of(kept, ("", "CONFIG_A=y\n"))), "CONFIG_B=y\nCONFIG_C=y\n", "the patch leaves it where it is");
    }

    #[test]
    fn one_value_of_both_sides_is_one_line() {
        assert_eq!(text(of(["", "CONFIG_A=y\nCONFIG_B=y\n", "CONFIG_A=y\n"], ("", ""))), "CONFIG_A=y\nCONFIG_B=y\n");
    }

    #[test]
    fn what_is_no_set_of_symbols_is_left_to_others() {
        assert_eq!(text(of(["", "CONFIG_A=y\n", "obj-$(CONFIG_A) += a.o\n"], ("", ""))), "other");
        assert_eq!(text(of(["", "# a remark\nCONFIG_A=y\n", "CONFIG_B=y\n"], ("", ""))), "other");
        assert_eq!(text(of(["CONFIG_A=y\nCONFIG_A=m\n", "CONFIG_A=y\n", "CONFIG_A=m\n"], ("", ""))), "other");
    }
}
