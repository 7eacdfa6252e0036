//! The options of a kernel's configuration that a text names. In: Kconfig or a makefile. Out: each [`Named`] option, by line.
//!
//! ```text
//!   config ACME               ACME is defined
//!   \tdepends on BUS && !OLD   BUS and OLD are used; what stands in strings, comments and help texts is not
//!   obj-$(CONFIG_ACME) += a.o  ACME is used: code and makefiles call it CONFIG_ACME
//! ```

use super::language::Language;
use super::lex::is_name_byte;
use bstr::ByteSlice;
use memchr::memchr;

/// What code and makefiles put before an option's name.
pub const PREFIX: &[u8] = b"CONFIG_";

/// An option that a line names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// The line, from 0.
    pub line: usize,
    /// Its name, without [`PREFIX`].
    pub name: &'a [u8],
    /// `config X`, and not a use of it.
    pub is_defined: bool,
}

/// How a name of code is written in a language: Kconfig leaves out what code puts before an option's name.
pub fn written(language: Language, name: &[u8]) -> &[u8] {
    match language {
        Language::Kconfig => name.strip_prefix(PREFIX).unwrap_or(name),
        _ => name,
    }
}

/// The first line (from 0) of Kconfig or of a makefile that uses an option, called by its name in code.
pub fn line_of(language: Language, text: &[u8], name: &[u8]) -> Option<usize> {
    let name = name.strip_prefix(PREFIX)?;
    let mut first = None;
    options(language, text, |named| {
        if first.is_none() && named.name == name && !named.is_defined {
            first = Some(named.line);
        }
    });
    first
}

/// Tells each option that a text names; of other languages than Kconfig and make none.
pub fn options<'a>(language: Language, text: &'a [u8], mut tell: impl FnMut(Named<'a>)) {
    match language {
        Language::Kconfig => kconfig(text, &mut tell),
        Language::Make => make(text, &mut tell),
        _ => {}
    }
}

/// Words of Kconfig's own.
const KCONFIG_WORDS: [&[u8]; 24] = [
    b"depends",
    b"on",
    b"if",
    b"endif",
    b"select",
    b"imply",
    b"default",
    b"def_bool",
    b"def_tristate",
    b"bool",
    b"tristate",
    b"string",
    b"hex",
    b"int",
    b"prompt",
    b"range",
    b"source",
    b"menu",
    b"endmenu",
    b"choice",
    b"endchoice",
    b"y",
    b"n",
    b"m",
];

/// The words of a line, up to a comment that begins with `#`; strings hold none.
fn words_of(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = line;
    std::iter::from_fn(move || {
        loop {
            match *rest.first()? {
                b'#' => return None,
                quote @ (b'"' | b'\'') => {
                    let close = memchr(quote, &rest[1..])?;
                    rest = &rest[close + 2..];
                }
                byte if is_name_byte(byte) => {
                    let end = rest.iter().position(|b| !is_name_byte(*b)).unwrap_or(rest.len());
                    let (word, behind) = rest.split_at(end);
                    rest = behind;
                    return Some(word);
                }
                _ => rest = &rest[1..],
            }
        }
    })
}

/// Kconfig: `config X` defines X, other words outside help texts use it.
fn kconfig<'a>(text: &'a [u8], tell: &mut impl FnMut(Named<'a>)) {
    let mut help = Help::None;
    for (at, line) in text.lines().enumerate() {
        let Some(indent) = line.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r')) else {
            continue;
        };
        if help.covers(columns(&line[..indent])) {
            continue;
        }
        match line[indent..].trim_ascii() {
            b"help" | b"---help---" => help = Help::Begins(columns(&line[..indent])),
            _ => kconfig_line((at, line), tell),
        }
    }
}

/// Width of white space, tabs going to the next multiple of eight.
fn columns(blank: &[u8]) -> usize {
    blank.iter().fold(0, |at, b| if *b == b'\t' { at / 8 * 8 + 8 } else { at + 1 })
}

/// Whether lines belong to a help text, which ends with the first line that is indented less than its first.
#[derive(Clone, Copy)]
enum Help {
    None,
    /// The keyword stood in this column.
    Begins(usize),
    /// The first line stood in this column.
    Text(usize),
}

impl Help {
    /// Does a line that begins in this column belong to the help text?
    fn covers(&mut self, column: usize) -> bool {
        match *self {
            Self::Begins(keyword) if column > keyword || column > 0 => *self = Self::Text(column),
            Self::Text(first) if column >= first => {}
            _ => *self = Self::None,
        }
        !matches!(self, Self::None)
    }
}

/// A line of Kconfig outside help texts.
fn kconfig_line<'a>((at, line): (usize, &'a [u8]), tell: &mut impl FnMut(Named<'a>)) {
    let mut all = words_of(line);
    let Some(first) = all.next() else {
        return;
    };
    let defines = matches!(first, b"config" | b"menuconfig");
    let rest = if defines { None } else { Some(first) };
    for (i, name) in rest.into_iter().chain(all).enumerate() {
        if !KCONFIG_WORDS.contains(&name) && !is_number(name) {
            tell(Named { line: at, name, is_defined: defines && i == 0 });
        }
    }
}

/// Is this a number? Symbols may begin with a digit: `config 8139TOO`.
fn is_number(word: &[u8]) -> bool {
    word.iter().all(u8::is_ascii_digit) || word.starts_with(b"0x")
}

/// Makefiles: only `CONFIG_` names; the others are files and variables.
fn make<'a>(text: &'a [u8], tell: &mut impl FnMut(Named<'a>)) {
    for (line, words) in text.lines().map(words_of).enumerate() {
        words
            .filter_map(|word| word.strip_prefix(PREFIX))
            .for_each(|name| tell(Named { line, name, is_defined: false }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(language: Language, text: &str) -> Vec<String> {
        let mut all = Vec::new();
        options(language, text.as_bytes(), |Named { line, name, is_defined }| {
            let what = if is_defined { "defines" } else { "uses" };
            all.push(format!("{line} {what} {}", String::from_utf8_lossy(name)));
        });
        all
    }

    #[test]
    fn kconfig_defines_and_uses_options_outside_of_strings_comments_and_help() {
        let text = "config ACME\n\tbool \"an OLD one\" if EXPERT # NOT\n\tdepends on BUS && !OLD\n\thelp\n\t  Say Y to FOO.\n\nmenuconfig 8X\n\tselect BAR\n";
        let wanted = ["0 defines ACME", "1 uses EXPERT", "2 uses BUS", "2 uses OLD", "6 defines 8X", "7 uses BAR"];
        assert_eq!(told(Language::Kconfig, text), wanted);
    }

    #[test]
    fn makefiles_use_options_by_the_name_that_they_have_in_code() {
        let text = "obj-$(CONFIG_ACME) += acme.o\nifdef CONFIG_BUS # CONFIG_NOT\n";
        assert_eq!(told(Language::Make, text), ["0 uses ACME", "1 uses BUS"]);
        assert_eq!(told(Language::Other, text), [""; 0]);
        assert_eq!(written(Language::Kconfig, b"CONFIG_ACME"), b"ACME");
        assert_eq!(written(Language::Make, b"CONFIG_ACME"), b"CONFIG_ACME");
        let line = |text: &[u8]| line_of(Language::Kconfig, text, b"CONFIG_BUS");
        assert_eq!(line(b"config BUS\n\tdepends on A\nconfig C\n\tselect BUS\n\tselect BUS\n"), Some(3));
        assert_eq!(line(b"config BUS\n\thelp\n\t  A BUS.\n"), None);
    }
}
