//! Lines as they are shown, and the bytes behind a line that was shown.
//!
//! In: bytes of a file, of any encoding. Out: text in which a person sees every character, with [`HIDDEN`] in place of what
//! is no text or has no look of its own: bytes that are not UTF-8, controls, zero-width and direction marks, tag characters (with which
//! instructions can be hidden from people, but not from models). A line that comes back just as it was shown is given its bytes again;
//! a line that comes back changed and still has a mark in it is no line of anybody, and is refused.

use bstr::ByteSlice;
use rustc_hash::FxHashMap;

/// Stands for what cannot be shown.
pub const HIDDEN: char = '\u{fffd}';

/// A line without its end, as text.
pub fn shown(line: &[u8]) -> String {
    let line = without_end(line);
    line.to_str_lossy().chars().map(|c| if is_visible(c) { c } else { HIDDEN }).collect()
}

/// Text of a message or a reason: the lines of it, as they are shown.
pub fn shown_lines(text: &[u8]) -> Vec<String> {
    text.lines().map(shown).collect()
}

/// A path, a name or a reason that stands in a sentence: one line, without backticks, which could open a fence.
pub fn inline(text: &str) -> String {
    text.chars().map(|c| if c == '`' { '\'' } else { c }).map(|c| if is_visible(c) { c } else { ' ' }).collect()
}

/// A line without its end.
pub fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Has a character a look of its own? Tabs do.
fn is_visible(c: char) -> bool {
    let hidden = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e01ef}');
    c == '\t' || !(c.is_control() || hidden)
}

/// The lines that are not what they look like, by how they are shown.
#[derive(Clone, Debug, Default)]
pub struct Originals<'a> {
    /// `None`: two lines look like this one.
    by_look: FxHashMap<String, Option<&'a [u8]>>,
}

impl<'a> Originals<'a> {
    /// Of the lines of some texts.
    pub fn of(texts: &[&'a [u8]]) -> Self {
        let mut by_look: FxHashMap<String, Option<&'a [u8]>> = FxHashMap::default();
        for line in texts.iter().flat_map(|text| text.lines()) {
            let line = without_end(line);
            let look = shown(line);
            if look.contains(HIDDEN) {
                let known = by_look.entry(look).or_insert(Some(line));
                *known = known.filter(|other| *other == line);
            }
        }
        Self { by_look }
    }

    /// The bytes of a line that came back; `None` if nobody can tell them.
    pub fn bytes(&self, line: &str) -> Option<Vec<u8>> {
        match self.by_look.get(line) {
            Some(original) => original.map(<[u8]>::to_vec),
            None if line.contains(HIDDEN) => None,
            None => Some(line.as_bytes().to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_look_is_marked_and_tabs_are_kept() {
        assert_eq!(shown(b"\ta = 1;\r\n"), "\ta = 1;");
        assert_eq!(shown(b"caf\xe9"), "caf\u{fffd}");
        assert_eq!(shown("a\u{202e}b\u{200b}c\u{e0041}".as_bytes()), "a\u{fffd}b\u{fffd}c\u{fffd}");
        assert_eq!(shown("ü".as_bytes()), "ü");
        assert_eq!(inline("a`b\nc"), "a'b c");
    }

    #[test]
    fn a_line_that_comes_back_as_it_was_shown_has_its_bytes_again() {
        let originals = Originals::of(&[b"/* caf\xe9 */\nint a;\n"]);
        assert_eq!(originals.bytes("/* caf\u{fffd} */"), Some(b"/* caf\xe9 */".to_vec()));
        assert_eq!(originals.bytes("int a;"), Some(b"int a;".to_vec()));
        assert_eq!(originals.bytes("/* the caf\u{fffd} */"), None, "changed, and nobody knows the byte");
    }

    #[test]
    fn of_two_lines_that_look_alike_nobody_can_tell() {
        let originals = Originals::of(&[b"x\xe9\n", b"x\xe8\n"]);
        assert_eq!(originals.bytes("x\u{fffd}"), None);
    }
}
