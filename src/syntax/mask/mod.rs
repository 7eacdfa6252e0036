//! The mask: kernel idioms rewritten in place into C that a plain C grammar reads, byte for byte of the same length.
//!
//! In: the text of an item or of any cut. Out: as many bytes, with line ends where they were, so that every place in a tree
//! of the masked text is a place in the text. Purely lexical; no branch of an `#if` is dropped.
//!
//! ```text
//! static int __init f(void __user *p)      static int        f(void        *p)     words
//! list_for_each_entry(p, h, list) {        while              (p, h, list) {       statements
//! container_of(p, struct s, m)             container_of(p, struct_s, m)            arguments
//! SYSCALL_DEFINE2(f, int, a, u8 *, b) {    SYSCALL_DEFINE2 f( int  a, u8 *  b) {   heads
//! DECLARE_BITMAP(name, BITS);              DECLARE_BITMAP name[ BITS];             fields
//! #ifdef X  / if (a) { / #else / if (b) { / #endif      blanks; `if (a) ;`, blanks; `if (b) {`   splits
//! ```

mod arguments;
mod assembly;
mod brackets;
mod declarations;
mod directives;
mod expressions;
mod heads;
mod sheet;
mod splits;
mod statements;
mod words;

use brackets::Brackets;
use sheet::Sheet;

/// The masked text: as long as `text`, with its line ends.
pub fn mask(text: &[u8]) -> Vec<u8> {
    let mut sheet = Sheet::new(text);
    sheet.clean_bytes();
    words::mask(&mut sheet);
    splits::mask(&mut sheet);
    let brackets = Brackets::of(&sheet.tokens);
    declarations::mask(&mut sheet, &brackets);
    let mut brackets = Brackets::of(&sheet.tokens);
    assembly::mask(&mut sheet, &brackets);
    heads::mask(&mut sheet, &brackets);
    statements::mask(&mut sheet, &mut brackets);
    expressions::mask(&mut sheet, &brackets);
    arguments::mask(&mut sheet, &brackets);
    sheet.out
}

#[cfg(test)]
mod tests;
