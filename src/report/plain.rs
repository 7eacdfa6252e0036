//! Bytes and text made safe for what they are written into: JSON and pages want UTF-8, XML wants five characters escaped.

/// Bytes as text; one that is no UTF-8 becomes its number in angle brackets, as `less` shows it.
pub fn lossy(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("<{byte:02X}>"));
        }
    }
    out
}

/// Text of somebody else for one line of a terminal: what would steer it becomes U+FFFD, and a tab a space.
pub fn line(text: &str) -> String {
    let plain = |c: char| match c {
        '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(plain).collect()
}

/// The same for several lines.
pub fn lines(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A number and what is counted, which has one more letter where it is not one.
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Text for XML and SVG, within an element or a quoted attribute. Characters that XML cannot hold become U+FFFD.
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(c),
            // A reader makes a newline of a bare one.
            '\r' => out.push_str("&#13;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Text for one line of Markdown, outside of code: nothing of it is read as markup, a mention or a reference.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        match c {
            // Within a word it is no emphasis, and names of the kernel are full of it.
            '_' if before.is_alphanumeric() && after.is_alphanumeric() => out.push(c),
            '&' if !after.is_alphanumeric() && after != '#' => out.push(c),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' => out.extend(['\\', c]),
            // Nobody is to get a mail because a subject names them.
            '@' => out.push_str("@\u{2060}"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// A path or an id as Markdown's code.
pub fn code(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() || c == '`' { '?' } else { c }).collect();
    format!("`{plain}`")
}

/// The bytes of base 64, padded.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let at = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            let value = bits >> (18 - 6 * digit) & 63;
            let is_padding = digit > group.len();
            out.push(if is_padding { '=' } else { char::from(DIGITS[value as usize]) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_utf8_are_seen_as_numbers() {
        assert_eq!(lossy(b"d\xe4tei \xf0\x9f\n"), "d<E4>tei <F0><9F>\n");
        assert_eq!(lossy("grün".as_bytes()), "grün");
    }

    #[test]
    fn nothing_in_a_line_steers_a_terminal() {
        assert_eq!(line("a\u{1b}]0;pwn\u{7}\u{9b}1m"), "a\u{fffd}]0;pwn\u{fffd}\u{fffd}1m");
        assert_eq!(line("a\tb\r"), "a b\u{fffd}");
        assert_eq!(lines("a\u{1b}\r\n\nb\n"), "a\u{fffd}\n\nb");
        assert_eq!((count(1, "finding"), count(0, "finding")), ("1 finding".to_owned(), "0 findings".to_owned()));
    }

    #[test]
    fn nothing_in_a_text_is_xml_markup() {
        assert_eq!(xml("<a b=\"c\">'&'</a>"), "&lt;a b=&quot;c&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
        assert_eq!(xml("\u{1b}[31m\u{0}\t\u{ffff}"), "\u{fffd}[31m\u{fffd}\t\u{fffd}");
    }

    #[test]
    fn nothing_in_a_text_is_markdown() {
        let plain = markdown("<img src=x> `a` *b* [c](d) #1 @who");
        assert_eq!(plain, "\\<img src=x\\> \\`a\\` \\*b\\* \\[c\\](d) \\#1 @\u{2060}who");
        assert_eq!(markdown("vc4_vec.c & _x_ &lt;"), "vc4_vec.c & \\_x\\_ \\&lt;");
        assert_eq!(code("a`b\n"), "`a?b?`");
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
        assert_eq!(base64(&[0xff, 0xfe, 0xfd, 0xfb]), "//79+w==");
    }
}
