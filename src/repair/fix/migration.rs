//! What a migration had before it: whether it is the migration that left a function of a file unused. In: the trees. Out: yes, or whose
//! function it is.
//!
//! ```text
//!   old kernel with the series    there, and used        a function of the series, or one that it carries on
//!   new kernel without it         not there              else it is upstream's, and a use of it was lost
//!   the series to its end         used by nothing        else a later commit needs it
//! ```

use super::Surroundings;
use crate::error::Result;
use crate::syntax::items::items;
use crate::syntax::lex::has_word;
use bstr::{BStr, BString, ByteSlice};
use std::collections::BTreeMap;
use std::ops::Range;

/// The trees around a tree that a migration made.
pub struct Migration<'a> {
    /// The old kernel, with as much of the series.
    pub was: &'a dyn Surroundings,
    /// The new kernel, without the series.
    pub onto: &'a dyn Surroundings,
    /// The new kernel with the whole series.
    pub tip: &'a dyn Surroundings,
    /// Paths on the old kernel, by the path on the new one, where they differ.
    pub renamed: BTreeMap<BString, BString>,
}

impl Migration<'_> {
    /// Did the migration leave a function unused which the file has? Else why it is not to be removed.
    ///
    /// # Errors
    /// A tree cannot be read.
    pub fn left_unused(&self, path: &BStr, name: &str) -> Result<std::result::Result<(), String>> {
        let old = self.renamed.get(path).map_or(path, |old| old.as_ref());
        let knows = |tree: &dyn Surroundings, path: &BStr| -> Result<Knows> {
            let text = tree.read(path)?.unwrap_or_default();
            Ok(Knows::of(&text, name.as_bytes()))
        };
        Ok(match (knows(self.was, old)?, knows(self.onto, path)?, knows(self.tip, path)?) {
            (_, Knows::Defines | Knows::Uses, _) => {
                Err(format!("the new kernel itself has {name} there: the series may have lost a use of it"))
            }
            (Knows::Nothing, ..) => Err(format!("on the old kernel the series has no {name} there")),
            (Knows::Defines, ..) => Err(format!("on the old kernel nothing used {name} either")),
            (Knows::Uses, _, Knows::Uses) => Err(format!("a later commit of the series uses {name}")),
            (Knows::Uses, ..) => Ok(()),
        })
    }
}

/// What a file knows of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Knows {
    /// Nothing: it has none of that name.
    Nothing,
    /// It defines it, and names it nowhere else.
    Defines,
    /// It defines and names it.
    Uses,
}

impl Knows {
    /// Of a text.
    fn of(text: &[u8], name: &[u8]) -> Self {
        let inside: Vec<Range<usize>> = items(text)
            .list
            .iter()
            .filter(|item| item.kind.is_function() && item.identity(text) == name)
            .map(|item| item.comment..item.span.end)
            .collect();
        match (inside.is_empty(), named_elsewhere(text, name, &inside)) {
            (true, _) => Self::Nothing,
            (false, None) => Self::Defines,
            (false, Some(_)) => Self::Uses,
        }
    }
}

/// The line, from 1, of a word outside of some places; comments count, too: they would speak of nothing.
pub(super) fn named_elsewhere(text: &[u8], name: &[u8], inside: &[Range<usize>]) -> Option<usize> {
    let mut at = 0;
    for (line, one) in (1..).zip(text.lines_with_terminator()) {
        if has_word(one, name) && !inside.iter().any(|range| range.contains(&at)) {
            return Some(line);
        }
        at += one.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::Spot;
    use super::*;

    /// A tree of one file.
    struct One(&'static str);

    impl Surroundings for One {
        fn places(&self, _: &[u8]) -> Result<Vec<Spot>> {
            Ok(Vec::new())
        }

        fn read(&self, path: &BStr) -> Result<Option<Vec<u8>>> {
            Ok((path == "b.c").then(|| self.0.into()))
        }
    }

    const DEFINED: &str = "static int f(void)\n{\n\treturn 1;\n}\n";
    const USED: &str = "static int f(void)\n{\n\treturn 1;\n}\n\nint g(void)\n{\n\treturn f();\n}\n";

    fn asked(was: &'static str, onto: &'static str, tip: &'static str) -> std::result::Result<(), String> {
        let renamed = BTreeMap::new();
        let trees = (One(was), One(onto), One(tip));
        let migration = Migration { was: &trees.0, onto: &trees.1, tip: &trees.2, renamed };
        migration.left_unused("b.c".into(), "f").expect("it can be read")
    }

    #[test]
    fn only_a_function_that_the_migrated_series_used_and_the_new_kernel_lacks_was_left_unused() {
        assert_eq!(asked(USED, "int g;\n", DEFINED), Ok(()));
        let why = |was, onto, tip| asked(was, onto, tip).expect_err("left");
        assert!(why("int g;\n", "", DEFINED).contains("the series has no f"));
        assert!(why(DEFINED, "", DEFINED).contains("nothing used f either"));
        assert!(why(USED, USED, DEFINED).contains("the new kernel itself has f"));
        assert!(why(USED, DEFINED, DEFINED).contains("the new kernel itself has f"));
        assert!(why(USED, "", USED).contains("a later commit"));
    }

    #[test]
    fn a_file_is_asked_for_under_its_old_path() {
        let (was, onto) = (One(USED), One(""));
        let renamed = BTreeMap::from([("a.c".into(), "b.c".into())]);
        let migration = Migration { was: &was, onto: &onto, tip: &onto, renamed };
        assert_eq!(migration.left_unused("a.c".into(), "f").expect("it can be read"), Ok(()));
    }
}
