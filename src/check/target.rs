//! What has to be built to check a commit. In: the files that it touches. Out: objects, and what cannot be built.
//!
//! A `.c` or `.S` file is its object. A header is the objects of `.c` files that include it: those that the series touches, and those
//! of the header's own folder; a few of them, as all users of `linux/kernel.h` would be the kernel.

use crate::error::Result;
use crate::git::tree::{self, Finder, Sort};
use crate::git::{Oid, Store};
use crate::run::{FileResult, Outcome, unquoted};
use bstr::{BString, ByteSlice};
use std::collections::{BTreeMap, BTreeSet};

/// So many files that include a header are built for it.
const MOST_USERS: usize = 4;
/// So many files of a folder, and of a series, are asked whether they include something.
const MOST_ASKED: usize = 256;
/// Longer files are not asked, in bytes.
const LONGEST: usize = 1 << 20;

/// The targets of a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// To build.
    pub objects: BTreeSet<String>,
    /// Touched, and nothing to build is known: why.
    pub without: BTreeMap<String, String>,
}

/// Looks targets up, and remembers what files include.
pub struct Finding<'a> {
    store: &'a mut Store,
    /// `.c` files that the series touches.
    own: Vec<BString>,
    /// What a blob includes.
    includes: BTreeMap<Vec<u8>, Vec<BString>>,
}

impl<'a> Finding<'a> {
    /// For the commits of a series.
    pub fn new(store: &'a mut Store, outcomes: &[Outcome]) -> Self {
        let files = outcomes.iter().flat_map(|o| &o.files).map(|file| unquoted(&file.path));
        let own: BTreeSet<BString> = files.filter(|path| path.ends_with(b".c")).collect();
        Self { store, own: own.into_iter().take(MOST_ASKED).collect(), includes: BTreeMap::new() }
    }

    /// The targets of a commit, in whose tree they are looked up.
    ///
    /// # Errors
    /// A tree or a blob is missing.
    pub fn of(&mut self, outcome: &Outcome, tree: Oid) -> Result<Targets> {
        let mut targets = Targets::default();
        for file in outcome.files.iter().filter(|file| file.result != FileResult::Same) {
            let path = unquoted(&file.path);
            if tree::lookup(self.store, tree, path.as_ref())?.is_none_or(|entry| entry.sort() != Sort::File) {
                continue;
            }
            if let Some(object) = object_of(&path) {
                match object {
                    Ok(object) => targets.objects.insert(object),
                    Err(why) => targets.without.insert(file.path.clone(), why).is_none(),
                };
            } else if path.ends_with(b".h") {
                let users = self.users(&path, tree)?;
                if users.is_empty() {
                    let why = "no file that includes it is known".to_owned();
                    targets.without.insert(file.path.clone(), why);
                }
                targets.objects.extend(users);
            }
        }
        Ok(targets)
    }

    /// Objects of files that include a header.
    fn users(&mut self, header: &BString, tree: Oid) -> Result<BTreeSet<String>> {
        let folder = header.rsplit_once_str("/").map(|(dir, _)| BString::from(dir)).unwrap_or_default();
        let beside = tree::list(self.store, tree, folder.as_ref())?;
        let beside = beside.into_iter().filter(|(name, entry)| name.ends_with(b".c") && entry.sort() == Sort::File);
        let whole = |name: BString| BString::from([folder.as_slice(), b"/", &name].concat());
        let asked: Vec<BString> =
            self.own.iter().cloned().chain(beside.take(MOST_ASKED).map(|(name, _)| whole(name))).collect();
        let mut finder = Finder::new(tree);
        let mut users = BTreeSet::new();
        for path in asked {
            if users.len() == MOST_USERS {
                break;
            }
            let Some(entry) = finder.find(self.store, path.as_ref())?.filter(|e| e.sort() == Sort::File) else {
                continue;
            };
            let is_user = self.includes(entry.id)?.iter().any(|named| is_named(header, named));
            if let (true, Some(Ok(object))) = (is_user, object_of(&path)) {
                users.insert(object);
            }
        }
        Ok(users)
    }

    fn includes(&mut self, blob: Oid) -> Result<&[BString]> {
        let key = blob.as_bytes().to_vec();
        if !self.includes.contains_key(&key) {
            let text = self.store.blob(blob)?.data;
            self.includes.insert(key.clone(), included(text.get(..LONGEST.min(text.len())).unwrap_or_default()));
        }
        Ok(&self.includes[&key])
    }
}

/// The names in `#include` lines.
fn included(text: &[u8]) -> Vec<BString> {
    let name = |line: &[u8]| {
        let rest =
            line.trim_ascii().strip_prefix(b"#")?.trim_ascii_start().strip_prefix(b"include")?.trim_ascii_start();
        let close = match rest.first()? {
            b'<' => b'>',
            b'"' => b'"',
            _ => return None,
        };
        Some(BString::from(rest[1..].split(|c| *c == close).next()?))
    };
    text.lines().filter_map(name).collect()
}

/// May a header be what an `#include` names? `linux/fb.h` is `include/linux/fb.h`; the compiler knows for sure.
fn is_named(header: &BString, named: &BString) -> bool {
    let mut named = named.as_slice();
    while let Some(rest) = named.strip_prefix(b"../").or_else(|| named.strip_prefix(b"./")) {
        named = rest;
    }
    let before = header.strip_suffix(named);
    !named.is_empty() && before.is_some_and(|before| before.is_empty() || before.ends_with(b"/"))
}

/// The object of a source file; why it has none that make can be asked for.
fn object_of(path: &BString) -> Option<std::result::Result<String, String>> {
    let stem = path.strip_suffix(b".c").or_else(|| path.strip_suffix(b".S"))?;
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"/._-+@,".contains(&c);
    Some(match stem.to_str() {
        Ok(stem) if stem.bytes().all(plain) && !stem.starts_with('-') => Ok(format!("{stem}.o")),
        _ => Err("its name is nothing for make".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_include_line_names_a_header_by_the_end_of_its_path() {
        let named = included(b"#include <linux/fb.h>\n # include \"../a/b.h\" /* x */\n#include MACRO\nint include;\n");
        assert_eq!(named, ["linux/fb.h", "../a/b.h"]);
        assert!(is_named(&"include/linux/fb.h".into(), &named[0]));
        assert!(is_named(&"drivers/a/b.h".into(), &named[1]));
        assert!(!is_named(&"include/linux/xfb.h".into(), &"fb.h".into()));
    }

    #[test]
    fn only_names_that_make_and_a_shell_take_as_they_are_become_targets() {
        assert_eq!(object_of(&"drivers/a-b.c".into()), Some(Ok("drivers/a-b.o".into())));
        assert_eq!(object_of(&"arch/x86/a.S".into()), Some(Ok("arch/x86/a.o".into())));
        assert_eq!(object_of(&"Makefile".into()), None);
        for odd in ["a b.c", "a$(x).c", "a;b.c", "-x.c", "d\u{e4}.c"] {
            assert!(matches!(object_of(&odd.into()), Some(Err(_))), "{odd}");
        }
    }
}
