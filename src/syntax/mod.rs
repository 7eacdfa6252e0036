//! C as the kernel writes it: tokens, top-level items, a length-preserving mask for its macros, trees.
//!
//! In: bytes of a file or of any cut of one. Out: items with their places (`items`), trees and their faults (`parse`), the
//! errors that a merge made (`new_errors`), what each word declares (`scope`), the options that Kconfig and makefiles name (`options`), a whole file as all that (`version`). The only room that knows tree-sitter, and the only one that is tolerant of
//! kernel macros.

pub mod annotation;
pub mod conditionals;
pub mod items;
pub mod language;
pub mod lex;
pub mod mask;
pub mod new_errors;
pub mod options;
pub mod outline;
pub mod parse;
pub mod scope;
pub mod syntax_tree;
pub mod version;
