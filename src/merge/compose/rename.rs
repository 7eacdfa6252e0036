//! A name that upstream changed everywhere in the hunk, in the lines that the patch adds.
//!
//! ```text
//!   ours    f(ctx, a)  ->  f(env, a)        theirs adds  g(ctx);        carried as  g(env);
//! ```

use super::align::Edit;
use super::join::{Edits, Pieces};
use super::pieces::{Kind, Part, Piece};
use crate::merge::{Open, Proposal};
use crate::syntax::lex::has_word;
use bstr::ByteSlice;

/// Puts upstream's names into the patch's new pieces, and says so.
pub fn carry<'a>(open: &Open<'_>, edits: &Edits, pieces: &mut Pieces<'a>, proposal: &mut Proposal) {
    for (old, new) in renames(edits, pieces) {
        let mut carried = 0;
        for edit in &edits.theirs {
            let fresh = pieces.theirs[edit.side.clone()].iter_mut();
            for piece in fresh.filter(|p| p.kind == Kind::Word && p.of == Part::Code && p.text == old) {
                piece.text = new;
                carried += 1;
            }
        }
        let (old_name, new_name) = (old.as_bstr(), new.as_bstr());
        if carried > 0 {
            proposal
                .reasons
                .push(format!("upstream calls {old_name} {new_name} here, and so do the patch's new words"));
        }
        if carried > 0 && has_word(open.files.ours, old) {
            proposal.doubts.push(format!("upstream still has {old_name} elsewhere in the file").into());
        }
    }
}

/// The words that upstream replaced by one other word wherever they stood in the hunk.
fn renames<'a>(edits: &Edits, pieces: &Pieces<'a>) -> Vec<(&'a [u8], &'a [u8])> {
    let of = |e: &&Edit| is_rename(e, pieces);
    let mut all: Vec<(&[u8], &[u8])> = Vec::new();
    for edit in edits.ours.iter().filter(of) {
        let pair = (pieces.base[edit.base.start].text, pieces.ours[edit.side.start].text);
        if !all.contains(&pair) {
            all.push(pair);
        }
    }
    let stays = |old: &[u8]| pieces.ours.iter().any(|p| p.kind == Kind::Word && p.text == old);
    let twofold = |old: &[u8]| all.iter().filter(|(other, _)| *other == old).count() > 1;
    all.iter().copied().filter(|(old, _)| !stays(old) && !twofold(old)).collect()
}

/// Whether upstream replaced one name by one name, in code: in prose and lists of files other words are other things.
pub fn is_rename(edit: &Edit, pieces: &Pieces<'_>) -> bool {
    let word = |run: &[Piece<'_>]| {
        run.len() == 1 && run[0].kind == Kind::Word && run[0].of == Part::Code && run[0].weight() > 2
    };
    word(&pieces.base[edit.base.clone()]) && word(&pieces.ours[edit.side.clone()])
}
