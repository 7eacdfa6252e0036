//! The words behind `@@ ... @@`: which function a hunk is in, as far as the tool that wrote the patch could tell.
//!
//! In: the old file's lines and the hunk's first one. Out: the nearest line above it that looks like the start of a function, cut to a
//! length. Who looks how:
//!
//! | written by | a line that counts | bytes |
//! |---|---|---|
//! | GNU `diff -p` (quilt, OpenWrt) | starts with a letter, `_` or `$` | 40 |
//! | git, no driver for the path | the same | 80 |
//! | git, `diff=cpp` (the kernel's `.gitattributes`: .c, .h) | starts with a letter, `_` or `::`, and is no label `word:` | 80 |
//! | git, `diff=dts` (.dts, .dtsi, .dtso) | a node or property name after blanks, and neither `;` nor `=` in the line | 80 |
//! | git, `diff=rust` (.rs) | an item: `struct`, `enum`, `union`, `mod`, `trait`, `fn`, `impl`, `macro_rules!`, with what may stand before it | 80 |
//!
//! The rules are those of gitattributes(5) and of GNU diffutils' manual ("C Function Headings"); written anew here.

/// Who wrote the words behind `@@`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Headings {
    /// Nobody.
    None,
    /// GNU `diff -p`.
    Gnu,
    /// git without a driver.
    GitPlain,
    /// git with the kernel's drivers.
    GitKernel,
}

/// What a line without its line end would put behind `@@`.
type Words = fn(&[u8]) -> Option<&[u8]>;

/// The words behind `@@` of a hunk that starts at line `first`, from 0, with the blank before them.
pub(super) fn heading(headings: Headings, path: &[u8], lines: &[&[u8]], first: usize) -> Vec<u8> {
    let (counts, longest): (Words, usize) = match headings {
        Headings::None => return Vec::new(),
        Headings::Gnu => (plain, 40),
        Headings::GitPlain => (plain, 80),
        Headings::GitKernel => (driver(path), 80),
    };
    let above = lines[..first.min(lines.len())].iter().rev();
    let Some(words) = above.map(|line| line.strip_suffix(b"\n").unwrap_or(line)).find_map(counts) else {
        return Vec::new();
    };
    let words = words[..words.len().min(longest)].trim_ascii_end();
    if words.is_empty() { Vec::new() } else { [b" ", words].concat() }
}

/// git's driver for a path, as the kernel's `.gitattributes` has it.
fn driver(path: &[u8]) -> Words {
    match path.rsplit(|&b| b == b'.').next().unwrap_or_default() {
        b"c" | b"h" => c,
        b"dts" | b"dtsi" | b"dtso" => device_tree,
        b"rs" => rust,
        _ => plain,
    }
}

/// A letter, `_` or `$` at the start.
fn plain(line: &[u8]) -> Option<&[u8]> {
    line.first().is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'$')).then_some(line)
}

/// C: something at the left margin that is no label.
fn c(line: &[u8]) -> Option<&[u8]> {
    if is_label(line) {
        return None;
    }
    let name = line.strip_prefix(b"::").map_or(line, <[u8]>::trim_ascii_start);
    starts_word(name).then_some(line)
}

/// `word:` with nothing behind it, or a comment.
fn is_label(line: &[u8]) -> bool {
    let line = without_blanks(line);
    let word = line.iter().take_while(|&&b| b.is_ascii_alphanumeric() || b == b'_').count();
    let Some(rest) = line[word..].strip_prefix(b":").filter(|_| starts_word(line)) else { return false };
    let rest = rest.trim_ascii_start();
    rest.is_empty() || rest.starts_with(b"//") || rest.starts_with(b"/*")
}

/// Does a name start here?
fn starts_word(text: &[u8]) -> bool {
    text.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
}

/// A line without the blanks and tabs at its start.
fn without_blanks(line: &[u8]) -> &[u8] {
    let blanks = line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    &line[blanks..]
}

/// Device trees: a node.
fn device_tree(line: &[u8]) -> Option<&[u8]> {
    if line.contains(&b';') || line.contains(&b'=') {
        return None;
    }
    let words = without_blanks(line);
    let root = words.strip_prefix(b"/").is_some_and(|rest| without_blanks(rest).starts_with(b"{"));
    let name = words.strip_prefix(b"&").unwrap_or(words).first().is_some_and(u8::is_ascii_alphabetic);
    (root || name).then_some(words)
}

/// Rust: an item.
fn rust(line: &[u8]) -> Option<&[u8]> {
    let words = without_blanks(line);
    let mut rest = words;
    if let Some(behind) = rest.strip_prefix(b"pub") {
        let scope =
            behind.strip_prefix(b"(").and_then(|b| memchr::memchr(b')', b).filter(|&n| n > 0).map(|n| &b[n + 1..]));
        rest = after_blanks(scope.unwrap_or(behind)).unwrap_or(rest);
    }
    // One qualifier is known, not two: git's driver takes no notice of `unsafe extern`.
    let qualifiers = [b"async".as_slice(), b"const", b"unsafe"].into_iter();
    let mut behind = qualifiers.filter_map(|word| rest.strip_prefix(word).and_then(after_blanks));
    if let Some(behind) = behind.next().or_else(|| behind_extern(rest)) {
        rest = behind;
    }
    const ITEMS: [&[u8]; 8] = [b"struct", b"enum", b"union", b"mod", b"trait", b"fn", b"impl", b"macro_rules!"];
    let item = ITEMS
        .iter()
        .filter_map(|word| rest.strip_prefix(*word))
        .any(|behind| behind.first().is_some_and(|b| matches!(b, b'<' | b' ' | b'\t')) && !behind.contains(&b';'));
    item.then_some(words)
}

/// What stands behind `extern "C" `.
fn behind_extern(text: &[u8]) -> Option<&[u8]> {
    let quoted = after_blanks(text.strip_prefix(b"extern")?)?.strip_prefix(b"\"")?;
    after_blanks(&quoted[memchr::memchr(b'"', quoted)? + 1..])
}

/// The rest behind at least one blank.
fn after_blanks(text: &[u8]) -> Option<&[u8]> {
    let rest = without_blanks(text);
    (rest.len() < text.len()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quilt::lines::split;

    fn found(headings: Headings, path: &str, text: &str) -> String {
        let lines = split(text.as_bytes());
        String::from_utf8(heading(headings, path.as_bytes(), &lines, lines.len())).expect("it is there")
    }

    #[test]
    fn gnu_cuts_at_forty_bytes_and_git_at_eighty() {
        let text = "static int a_function_with_a_very_long_name(struct inode *inode,\n\tint b)\n{\n";
        assert_eq!(found(Headings::Gnu, "x.c", text), " static int a_function_with_a_very_long_n");
        assert_eq!(
            found(Headings::GitPlain, "x.c", text),
            " static int a_function_with_a_very_long_name(struct inode *inode,"
        );
        assert_eq!(found(Headings::None, "x.c", text), "");
    }

    #[test]
    fn a_label_is_no_function_in_c() {
        let text = "int f(void)\n{\nout:\n\treturn;\n";
        assert_eq!(found(Headings::GitKernel, "x.c", text), " int f(void)");
        assert_eq!(found(Headings::Gnu, "x.c", text), " out:");
    }

    #[test]
    fn nodes_and_items_are_found_in_their_languages() {
        let text = "/ {\n\tsoc: soc {\n\t\treg = <0>;\n";
        assert_eq!(found(Headings::GitKernel, "x.dts", text), " soc: soc {");
        assert_eq!(
            found(Headings::GitKernel, "x.rs", "impl X {\n    pub(crate) unsafe fn f() {\n        let a;\n"),
            " pub(crate) unsafe fn f() {"
        );
    }
}
