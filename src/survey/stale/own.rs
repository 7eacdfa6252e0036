//! What the series declares itself, and which uses that answers.
//!
//! In: what its files declare, each as what and how far it counts. Out: whether a use in a file means something of the series.

use super::Added;
use super::uses::Use;
use crate::rule::member::Member;
use crate::syntax::scope::{Declared, Extent, What};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// As what a name is declared, and the file that it counts in, if that is one alone.
type Counted = (What, Option<Vec<u8>>);

/// By name, what is declared.
#[derive(Default)]
pub struct Own(FxHashMap<Vec<u8>, BTreeSet<Counted>>);

impl Own {
    /// What any commit of the series declares: a later one may bring what an earlier one uses.
    pub fn of(added: &[Added<'_>]) -> Self {
        let mut own = Self::default();
        for file in added {
            file.declares.iter().for_each(|one| own.add(one, &file.changed.path));
        }
        own
    }

    fn add(&mut self, one: &Declared, path: &[u8]) {
        let file = (one.extent == Extent::File).then(|| path.to_vec());
        self.0.entry(one.name.clone()).or_default().insert((one.what.clone(), file));
    }

    /// Does a use in a file mean something of the series?
    pub fn has(&self, path: &[u8], used: &Use) -> bool {
        self.any(path, &used.name, |what| used.role.is_meant_by(what))
    }

    /// Is it a member that the series gives that very type?
    pub fn has_member(&self, path: &[u8], member: &Member) -> bool {
        self.any(path, &member.field, |what| match what {
            What::Macro => true,
            What::Member(of) => of.is_empty() || of == member.tag(),
            What::Name | What::Tag => false,
        })
    }

    fn any(&self, path: &[u8], name: &[u8], is_meant: impl Fn(&What) -> bool) -> bool {
        let all = self.0.get(name).into_iter().flatten();
        all.filter(|(_, file)| file.as_deref().is_none_or(|file| file == path)).any(|(what, _)| is_meant(what))
    }
}

#[cfg(test)]
mod tests {
    use super::super::uses::{Role, of_lines};
    use super::*;
    use crate::rule::member::Access;
    use crate::syntax::items::items;

    fn own(files: &[(&str, &str)]) -> Own {
        let mut own = Own::default();
        for (path, text) in files {
            let (place, text) = (path.as_bytes(), text.as_bytes());
            let declares = of_lines((place, text), &items(text).list, std::slice::from_ref(&(0..99))).1;
            declares.iter().for_each(|one| own.add(one, path.as_bytes()));
        }
        own
    }

    fn has(own: &Own, path: &str, name: &str, role: Role) -> bool {
        own.has(path.as_bytes(), &Use { name: name.into(), role })
    }

    #[test]
    fn a_local_or_a_static_of_another_file_answers_for_nothing_here() {
        let local = "int o(void)\n{\n\tint acme_get = 3;\n\n\treturn acme_get;\n}\n";
        let other = "static int acme_get(void)\n{\n\treturn 3;\n}\n";
        for text in [local, other] {
            assert!(!has(&own(&[("drivers/o.c", text)]), "drivers/mine.c", "acme_get", Role::Call), "{text}");
        }
        assert!(has(&own(&[("drivers/o.c", other)]), "drivers/o.c", "acme_get", Role::Call));
    }

    #[test]
    fn what_a_header_or_a_linked_function_of_the_series_brings_back_is_its_own_everywhere() {
        for (path, text) in [
            ("lib/a.c", "int acme_get(int n)\n{\n\treturn n;\n}\n"),
            ("include/a.h", "#define acme_get(n) (n)\n"),
            ("include/a.h", "static inline int acme_get(int n)\n{\n\treturn n;\n}\n"),
            ("include/a.h", "enum {\n\tacme_get,\n};\n"),
        ] {
            assert!(has(&own(&[(path, text)]), "drivers/mine.c", "acme_get", Role::Call), "{text}");
        }
        let field = own(&[("include/a.h", "struct acme {\n\tint users;\n\tvoid (*remove)(struct acme *a);\n};\n")]);
        assert!(has(&field, "drivers/mine.c", "users", Role::Member) && has(&field, "a.c", "remove", Role::Member));
        assert!(!has(&field, "drivers/mine.c", "users", Role::Call), "a member is no function");
    }

    #[test]
    fn a_member_of_one_type_is_none_of_another_where_the_type_is_known() {
        let own = own(&[("drivers/mine.c", "struct mine {\n\tint users;\n};\n")]);
        let member = |owner: &str| Member { owner: owner.into(), field: b"users".to_vec(), form: Access::Read };
        assert!(own.has_member(b"drivers/mine.c", &member("struct mine")));
        assert!(!own.has_member(b"drivers/mine.c", &member("struct acme")));
        assert!(has(&own, "drivers/mine.c", "users", Role::Member), "of which type it is, is not known");
        assert!(!has(&own, "drivers/other.c", "users", Role::Member));
    }
}
