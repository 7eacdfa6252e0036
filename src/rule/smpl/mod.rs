//! Semantic patches (Coccinelle's SmPL): read, printed, and applied.
//!
//! In: a `.cocci` file's bytes, or rules of this house. Out: [`SemanticPatch`], what it makes of a C text ([`apply()`]), what of it the
//! house's own rules can say ([`convert::rule`]), and any [`RuleBook`](super::RuleBook) as a file that `spatch` accepts ([`print()`]).
//!
//! ```text
//! bytes --lex--> tokens with marks (- + context) --file--> rules: header, metavariables (declarations), body tokens
//! body: + tokens hang on their neighbours; the rest (the old code) becomes C with placeholders for ... ( | ) <... ...> (as_c),
//!       is read by the same parser as the file (reading), and matched place by place (matching, slots, binding) and along control
//!       flow (flow)
//! match: each token of the old code knows the file's tokens it stands for; - ones go, + ones come (write)
//! ```
//!
//! # What of Coccinelle is here
//!
//! Named rules, inheritance, `virtual`, `depends on` (the mode `patch` is defined, all other virtual names are not), `exists`,
//! all metavariable kinds that `declare` lists, positions (also `!=`), `...` with `when`, nests, disjunctions and conjunctions.
//! Script rules and `position p : script:...` constraints are skipped, and said so in [`SemanticPatch::skipped`].
//!
//! # Isomorphisms
//!
//! These and no others; a rule disables them by these names, and other names say nothing here:
//! `is_null` (`X == NULL`, `NULL == X`, `!X` stand for each other), `isnt_null` (`X != NULL`, `NULL != X`, and `X` where a truth
//! value is asked for), `commute_eq` (`==` and `!=` with sides swapped).

pub mod apply;
pub mod as_c;
pub mod binding;
pub mod body;
pub mod compile;
pub mod compiled;
pub mod convert;
mod declarations;
pub mod declare;
pub mod file;
pub mod flow;
mod front;
pub mod gap;
pub mod header;
pub mod hit;
pub mod iso;
pub mod lex;
pub mod lists;
pub mod matching;
pub mod print;
mod problem;
mod reading;
pub mod shape;
mod sheet;
pub mod slots;
pub mod typing;
pub mod write;

pub use apply::{Outcome, apply};
pub use file::{SemanticPatch, read};
pub use problem::Problem;

pub use print::{print, sayable};
