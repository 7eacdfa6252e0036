//! Which language a file of a kernel tree is written in, judged by its path alone.
//!
//! In: a path inside the tree, `/`-separated bytes. Out: a `Language`; whoever reads the file decides what to do with it.

/// The languages of a kernel tree that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// C: `.c`, `.h`, what is included as `.inc`, grammars for yacc and lex, the shipped kinds of them.
    C,
    /// `Kconfig*`: the configuration language.
    Kconfig,
    /// `Makefile*`, `Kbuild*`, `*.mk`: make.
    Make,
    /// `.dts`, `.dtsi`, `.dtso`: device trees.
    DeviceTree,
    /// `.S`, `.s`, and linker scripts: assembler, through the C preprocessor.
    Assembler,
    /// `.rs`: Rust.
    Rust,
    /// `MAINTAINERS`: who looks after what.
    Maintainers,
    /// Whatever is left.
    Other,
}

impl Language {
    /// The language of the file at `path`.
    pub fn of(path: &[u8]) -> Self {
        let name = path.rsplit(|c| *c == b'/').next().unwrap_or(path);
        let name = name.strip_suffix(b"_shipped").unwrap_or(name);
        let suffix = name.iter().rposition(|c| *c == b'.').map_or(&b""[..], |dot| &name[dot + 1..]);
        let is_kind = |word: &[u8]| {
            name.strip_prefix(word).is_some_and(|rest| matches!(rest.first(), None | Some(b'.' | b'-' | b'_')))
        };
        match suffix {
            b"c" | b"h" | b"inc" | b"y" | b"l" | b"cc" | b"cpp" => Self::C,
            b"dts" | b"dtsi" | b"dtso" => Self::DeviceTree,
            b"S" | b"s" | b"lds" => Self::Assembler,
            b"rs" => Self::Rust,
            b"mk" => Self::Make,
            _ if name == b"MAINTAINERS" => Self::Maintainers,
            _ if is_kind(b"Kconfig") => Self::Kconfig,
            _ if is_kind(b"Makefile") || is_kind(b"Kbuild") => Self::Make,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_the_language() {
        let of = |path: &str| Language::of(path.as_bytes());
        assert_eq!(of("kernel/fork.c"), Language::C);
        assert_eq!(of("a.b/x.tab.h_shipped"), Language::C);
        assert_eq!(of("arch/x/Kconfig.debug"), Language::Kconfig);
        assert_eq!(of("Kconfig"), Language::Kconfig);
        assert_eq!(of("scripts/Makefile.build"), Language::Make);
        assert_eq!(of("drivers/Kbuild"), Language::Make);
        assert_eq!(of("a/b.dtsi"), Language::DeviceTree);
        assert_eq!(of("x/entry.S"), Language::Assembler);
        assert_eq!(of("x/KconfigX.txt"), Language::Other);
        assert_eq!(of("c/h"), Language::Other);
        assert_eq!(of("MAINTAINERS"), Language::Maintainers);
    }
}
