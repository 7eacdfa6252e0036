//! What a text of C declares, as what, and how far each declaration counts.
//!
//! In: a file. Out: of each of its names whether it is declared there or used, and what counts outside of its function.
//!
//! ```text
//!   int users = acme->users;         in a function: a local, which hides the name in that function and no member
//!   static int acme_get(void) {      counts in this file
//!   struct mine { int users; };      a member of `mine` alone: in this file, or everywhere if it stands in a header
//!   #define users nr_users           anything, wherever the macro is seen
//!   if (WARN_ON(acme_get(acme)))     an expression declares nothing, whatever the macro is called
//! ```

mod declarator;
mod walk;

use super::items::{Item, items};
use super::lex::{self, Token};
use rustc_hash::FxHashSet;
use walk::Walk;

/// What a name is declared as.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// A function, variable, type or constant.
    Name,
    /// A member of the type with this tag; of one without a tag it is empty.
    Member(Vec<u8>),
    /// The tag of a type.
    Tag,
    /// A macro, which may stand for anything.
    Macro,
}

/// How far a declaration counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extent {
    /// In its file.
    File,
    /// Wherever it is included, or linked.
    Everywhere,
}

/// A declaration that counts outside of the function that it stands in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Declared {
    /// Its name.
    pub name: Vec<u8>,
    /// As what.
    pub what: What,
    /// How far.
    pub extent: Extent,
}

/// What a word is where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Used, or nothing of a name.
    Use,
    /// Declared for what it stands in.
    Local,
    /// Declared for others, too.
    Kept(What, Extent),
}

/// A text, with what each of its words is.
pub struct Scopes<'t> {
    /// The tokens of its code: no comments, no directives.
    pub tokens: Vec<Token<'t>>,
    /// Its directives.
    pub directives: Vec<Token<'t>>,
    places: Vec<Place>,
    /// The number of the item that each token stands in.
    owners: Vec<usize>,
    locals: FxHashSet<(usize, &'t [u8])>,
}

/// Is it a file of its own, that nobody includes?
pub fn is_unit(path: &[u8]) -> bool {
    path.ends_with(b".c")
}

impl<'t> Scopes<'t> {
    /// Reads a file; what is at its top counts everywhere if others include it.
    pub fn of(path: &[u8], text: &'t [u8]) -> Self {
        Self::of_items(path, text, &items(text).list)
    }

    /// The same of a file whose items are known.
    pub fn of_items(path: &[u8], text: &'t [u8], items: &[Item]) -> Self {
        Self::read(text, items, is_unit(path))
    }

    /// Reads a piece, of which nobody knows what it stands in.
    pub fn of_piece(text: &'t [u8]) -> Self {
        Self::read(text, &[], true)
    }

    fn read(text: &'t [u8], items: &[Item], is_unit: bool) -> Self {
        let all = lex::tokens(text).into_iter().filter(|token| token.kind != lex::Kind::Comment);
        let (directives, tokens): (Vec<_>, Vec<_>) = all.partition(|token| token.kind == lex::Kind::Directive);
        let mut walk = Walk::new(text, &tokens, is_unit);
        let (mut places, mut owners, mut next) = (Vec::new(), Vec::new(), 0);
        for (at, token) in tokens.iter().enumerate() {
            while items.get(next).is_some_and(|item| item.span.end <= token.at) {
                next += 1;
            }
            let item = items.get(next).filter(|item| item.span.contains(&token.at));
            walk.step(at, item);
            places.push(walk.place(at));
            owners.push(item.map_or(usize::MAX, |_| next));
        }
        let mut locals = FxHashSet::default();
        for at in (0..tokens.len()).filter(|at| places[*at] == Place::Local) {
            locals.insert((owners[at], tokens[at].text));
        }
        Self { tokens, directives, places, owners, locals }
    }

    /// What the token at an index is.
    pub fn place(&self, at: usize) -> &Place {
        &self.places[at]
    }

    /// Does what the token stands in declare a variable of its name?
    pub fn is_local(&self, at: usize) -> bool {
        self.locals.contains(&(self.owners[at], self.tokens[at].text))
    }

    /// What it declares for others than the function that it stands in.
    pub fn kept(&self) -> impl Iterator<Item = (usize, Declared)> {
        self.places.iter().enumerate().filter_map(|(at, place)| match place {
            Place::Kept(what, extent) => {
                Some((at, Declared { name: self.tokens[at].text.to_vec(), what: what.clone(), extent: *extent }))
            }
            _ => None,
        })
    }

    /// As what it declares a name for others, each time.
    pub fn kept_as(&self, name: &[u8]) -> impl Iterator<Item = (&What, Extent)> {
        self.places.iter().zip(&self.tokens).filter_map(move |(place, token)| match place {
            Place::Kept(what, extent) if token.text == name => Some((what, *extent)),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(path: &str, text: &str) -> Vec<String> {
        let scopes = Scopes::of(path.as_bytes(), text.as_bytes());
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let told = |d: Declared| match d.what {
            What::Member(tag) => format!("{}.{} {:?}", lossy(&tag), lossy(&d.name), d.extent),
            what => format!("{what:?} {} {:?}", lossy(&d.name), d.extent),
        };
        scopes.kept().map(|(_, declared)| told(declared)).collect()
    }

    fn locals(text: &str) -> Vec<String> {
        let scopes = Scopes::of(b"a.c", text.as_bytes());
        let all = (0..scopes.tokens.len()).filter(|at| *scopes.place(*at) == Place::Local);
        all.map(|at| String::from_utf8_lossy(scopes.tokens[at].text).into_owned()).collect()
    }

    #[test]
    fn what_is_at_the_top_counts_in_its_file_or_everywhere() {
        let text = "static int acme_count;\nint acme_total;\nstatic int acme_get(struct acme *a)\n{\n\tint x;\n\treturn x;\n}\nint acme_put(int n)\n{\n\treturn n;\n}\nstatic DEFINE_MUTEX(acme_lock);\nDEFINE_SPINLOCK(acme_spin);\nint acme_far(int m);\n";
        let unit = ["Name acme_count File", "Name acme_total Everywhere", "Name acme_get File"];
        let rest =
            ["Name acme_put Everywhere", "Name acme_lock File", "Name acme_spin Everywhere", "Name acme_far File"];
        assert_eq!(kept("a.c", text), [&unit[..], &rest[..]].concat());
        assert!(kept("a.h", text).iter().all(|told| told.ends_with("Everywhere")));
    }

    #[test]
    fn members_are_of_their_type_and_constants_are_names() {
        let text = "struct acme {\n\tint users;\n\tu32 a:1, b:2;\n\tint (*remove)(struct device *dev, int how);\n\tunion {\n\t\tvoid *left;\n\t};\n\tstruct part {\n\t\tint inner;\n\t} part;\n\tDECLARE_BITMAP(bits, 8);\n\tDECLARE_FLEX_ARRAY(u8, tail);\n} __packed;\nenum how {\n\tHOW_ONE,\n\tHOW_TWO = OTHER(3, FOUR),\n};\n";
        let wanted = [
            "Tag acme",
            "acme.users",
            "acme.a",
            "acme.b",
            "acme.remove",
            "acme.left",
            "Tag part",
            "part.inner",
            "acme.part",
            "acme.bits",
            "acme.tail",
            "Tag how",
            "Name HOW_ONE",
            "Name HOW_TWO",
        ];
        assert_eq!(kept("a.h", text), wanted.map(|told| format!("{told} Everywhere")));
    }

    #[test]
    fn a_parameter_without_a_name_is_no_member() {
        let text = "struct acme_ops {\n\tvoid (*done)(int, gone_t);\n\tint (*far)(int (*how)(u8, far_t), near_t);\n\tDECLARE_FLEX_ARRAY(u8, tail);\n};\n";
        let wanted = ["Tag acme_ops", "acme_ops.done", "acme_ops.far", "acme_ops.tail"];
        assert_eq!(kept("a.h", text), wanted.map(|told| format!("{told} Everywhere")));
    }

    #[test]
    fn variables_and_parameters_stay_in_their_function() {
        let text = "int f(struct acme *acme, acme_t *it)\n{\n\tconst struct acme *one = g(it), *two;\n\tacme_t *three;\n\tLIST_HEAD(four);\n\n\tfor (acme_t *five = three; five; five++)\n\t\tg(five);\n}\n";
        assert_eq!(locals(text), ["acme", "it", "one", "three", "four", "five"]);
        assert_eq!(kept("a.c", text), ["Name f Everywhere"]);
    }

    #[test]
    fn an_expression_declares_nothing() {
        let text = "int f(int n)\n{\n\tif (WARN_ON(acme_get(n)))\n\t\treturn n * acme_put(n);\n\tWARN_ON(acme_get(n));\n\tn = g(n * acme_size, n);\n\tBUG_ON(acme_flag);\n\tg(n,\n\t  ACME_FLAG,\n\t  ACME_OTHER);\n}\n";
        assert_eq!(locals(text), ["n"]);
        assert_eq!(kept("a.c", text), ["Name f Everywhere"]);
        assert_eq!(kept("a.c", "EXPORT_SYMBOL_GPL(acme_get);\nNOKPROBE_SYMBOL(acme_get);\n"), [""; 0]);
    }

    #[test]
    fn in_a_piece_only_what_is_called_so_makes_a_variable() {
        let kept = |text: &'static str| -> Vec<Vec<u8>> {
            Scopes::of_piece(text.as_bytes()).kept().map(|(_, declared)| declared.name).collect()
        };
        for text in ["IS_ENABLED(CONFIG_GONE)", "BIT(OLD_SHIFT)", "\tWARN_ON(invented_flag);\n"] {
            assert_eq!(kept(text), Vec::<Vec<u8>>::new(), "{text}");
        }
        assert_eq!(kept("static DEFINE_MUTEX(acme_lock);\nLIST_HEAD(acme_list);\n"), [&b"acme_lock"[..], b"acme_list"]);
    }
}
