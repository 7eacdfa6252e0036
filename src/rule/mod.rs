//! Upstream's own API changes, inferred from how it changed its callers, and replayed on what a patch adds.
//!
//! In: texts before and after a change. Out: [`Rule`]s, and what they make of another text. Nothing here reads a
//! repository: bytes come in, bytes go out.
//!
//! ```text
//! text --Tree::read--> places + hash-consed terms (Terms)
//! Change<Pattern> + metavariables = the body of a Rule; matcher: pattern x term -> Bindings; rewrite: the bytes that change
//! ```

pub mod anti_unify;
pub mod apply;
pub mod callback;
pub mod candidates;
pub mod choose;
pub mod declaration;
pub mod declaration_change;
pub mod distance;
pub mod edit;
mod evaluation;
pub mod form;
#[cfg(test)]
mod formal;
pub mod generalise;
pub mod graph;
pub mod infer;
mod lvalue;
pub mod matcher;
pub mod member;
pub mod metavariable;
pub mod pattern;
mod precedence;
pub mod print;
pub mod refusal;
mod rehead;
pub mod renames;
pub mod replace;
pub mod rewrite;
#[expect(clippy::module_inception, reason = "the noun that the room is about")]
pub mod rule;
pub mod safety;
mod shadow;
pub mod site;
pub mod smpl;
pub mod spdiff;
pub mod table;
pub mod template;
pub mod term;
pub mod together;
pub mod tree;
mod type_fit;
pub mod typing;
pub mod verdict;
mod weaving;

pub use declaration::{Declaration, Declared, Parameter};
pub use declaration_change::{DeclarationChange, Difference};
pub use edit::{Edit, edited};
pub use form::Form;
pub use infer::{Learned, Options, Pair, infer_for};
pub use matcher::{Binding, Bindings, Sight, matches};
pub use metavariable::{Metavariable, MetavariableKind};
pub use pattern::Pattern;
pub use refusal::Refusal;
pub use rewrite::{Deed, Rewritten, RuleSite, Where, rewrite};
pub use rule::{Body, Example, Knowledge, Likeness, Requirement, Rule, RuleBook, Site, Step};
pub use term::{Head, Symbol, TermId, Terms};
pub use tree::{Place, Tree};
pub use type_fit::differ_in_struct;
pub use typing::Types;
