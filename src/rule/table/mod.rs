//! Tables whose entries are written otherwise now: an entry that a patch adds follows the form of its neighbours.
//!
//! In: the three sides of a file. Out: ours with the entries that the patch adds, each behind the one that it stood behind, and with what
//! it changes in entries that upstream only wrote otherwise, in the form that the entries of both kernels tell. Only where the patch does
//! nothing else to the file.
//!
//! ```text
//!   { "a16", INFO(0x1c2016, 0, 64 * 1024, 32) },   ->   { .id = ID(0x1c, 0x20, 0x16), .name = "a16", .size = SZ_2M },
//!   { .vendor = "A", .part = "B", .fix = f },      ->   QUIRK("A", "B", f),
//! ```

mod entry;
mod layout;
mod learn;

use crate::merge::Sides;
use crate::syntax::items::{ItemKind, items};
use crate::syntax::lex::{Kind, tokens};
use entry::{Entry, Place, Shape, entries};
use layout::Around;
use learn::{Pair, Style, Written};
use std::ops::Range;

/// More entries than this are not added by hand.
const MOST: usize = 64;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restyled {
    /// The whole file.
    pub text: Vec<u8>,
    /// How many entries that both kernels have were learned from.
    pub pairs: usize,
    /// How many of them are what the learned form makes of them.
    pub obeyed: usize,
    /// The keys of the entries that were written anew, or changed.
    pub keys: Vec<Vec<u8>>,
}

/// A table of the three sides: where it is.
struct Table {
    sides: Sides<Range<usize>>,
}

/// Writes what the patch adds in the form that the table's entries have now; `None` if nothing has to be, or something is not
/// understood.
pub fn restyled(sides: &Sides<&[u8]>) -> Option<Restyled> {
    let mut found = None;
    for table in tables(sides) {
        if let Some(restyled) = of_table(sides, &table) {
            // Two tables at once: nobody knows which was meant.
            if found.replace(restyled).is_some() {
                return None;
            }
        }
    }
    found
}

/// The tables of all three sides that upstream and the patch changed.
fn tables(sides: &Sides<&[u8]>) -> Vec<Table> {
    let all = sides.map(items);
    let is_table = |item: &&crate::syntax::items::Item| item.kind == ItemKind::Variable && !item.body.is_empty();
    let mut found = Vec::new();
    for item in all.base.list.iter().filter(is_table) {
        let name = item.identity(sides.base);
        let in_side = |items: &crate::syntax::items::Items, text: &[u8]| {
            let mut same = items.list.iter().filter(is_table).filter(|other| other.identity(text) == name);
            same.next().filter(|_| same.next().is_none()).map(|item| item.span.clone())
        };
        let (Some(ours), Some(theirs)) = (in_side(&all.ours, sides.ours), in_side(&all.theirs, sides.theirs)) else {
            continue;
        };
        let spans = Sides { base: item.span.clone(), ours, theirs };
        let is_changed = sides.base[spans.base.clone()] != sides.theirs[spans.theirs.clone()]
            && sides.base[spans.base.clone()] != sides.ours[spans.ours.clone()];
        if is_changed {
            found.push(Table { sides: spans });
        }
    }
    found
}

/// One table.
fn of_table(sides: &Sides<&[u8]>, table: &Table) -> Option<Restyled> {
    let of = |text: &[u8], span: &Range<usize>| shifted(entries(&text[span.clone()]), span.start);
    let base = of(sides.base, &table.sides.base);
    let (ours, theirs) = (of(sides.ours, &table.sides.ours), of(sides.theirs, &table.sides.theirs));
    let has = |all: &[Entry], key: &[u8]| all.iter().any(|entry| entry.key == key);
    let added: Vec<&Entry> = theirs.iter().filter(|entry| !has(&base, &entry.key)).collect();
    let changed: Vec<(&Entry, &Entry)> = theirs
        .iter()
        .filter_map(|entry| Some((only(&base, &entry.key)?, only(&theirs, &entry.key)?)))
        .filter(|(before, after)| (&before.shape, &before.parts) != (&after.shape, &after.parts))
        .collect();
    let all = added.len() + changed.len();
    if all == 0 || all > MOST || added.iter().any(|entry| has(&ours, &entry.key)) {
        return None;
    }
    if !is_only_change(sides, &added, &changed) {
        return None;
    }
    let rewritten = rewritten(&base, &ours)?;
    let mut found = Restyled { text: sides.ours.to_vec(), pairs: usize::MAX, obeyed: usize::MAX, keys: Vec::new() };
    for entry in added.into_iter().chain(changed.iter().map(|(_, after)| *after)) {
        let (shape, style) = form(&rewritten, entry)?;
        let parts = style.fields(&entry.parts.iter().cloned().collect())?;
        // Those before it in the patch's table, the nearest first.
        let at = theirs.iter().position(|other| other == entry)?;
        let end = (table.sides.ours.end + found.text.len()).checked_sub(sides.ours.len())?;
        let now = shifted(entries(&found.text[table.sides.ours.start..end]), table.sides.ours.start);
        let here = |other: &Entry| now.iter().find(|entry| entry.key == other.key);
        let before = changed.iter().find(|(_, after)| *after == entry).map(|(before, _)| *before);
        found.text = match (before, theirs[..at].iter().rev().find_map(here)) {
            (Some(before), _) => {
                let was = form(&rewritten, before)?.1.fields(&before.parts.iter().cloned().collect())?;
                Around::of(&found.text, here(entry)?)?.instead(&shape, &edited(&was, &parts, here(entry)?)?)?
            }
            (None, Some(behind)) => Around::of(&found.text, behind)?.behind(&shape, &parts)?,
            (None, None) => Around::of(&found.text, theirs[at + 1..].iter().find_map(here)?)?.before(&shape, &parts)?,
        };
        // Of several the weakest speaks.
        if style.pairs < found.pairs || style.pairs - style.obeyed > found.pairs - found.obeyed {
            (found.pairs, found.obeyed) = (style.pairs, style.obeyed);
        }
        found.keys.push(entry.key.clone());
    }
    // That nothing is left of the patch no learned form can say.
    (found.text != sides.ours).then_some(found)
}

/// With their places in the file.
fn shifted(mut all: Vec<Entry>, by: usize) -> Vec<Entry> {
    all.iter_mut().for_each(|entry| entry.span = entry.span.start + by..entry.span.end + by);
    all
}

/// What an entry of ours becomes: the parts that the patch makes others, the rest as upstream spells it. `None` unless upstream's entry is
/// what the learned form makes of the base's: then upstream changed it, too.
fn edited(was: &Written, made: &Written, now: &Entry) -> Option<Written> {
    let kept = |(place, value): &(Place, Vec<u8>)| {
        let is_kept = was.iter().any(|part| part == &(place.clone(), value.clone()));
        let spelled = now.parts.iter().find(|(other, _)| other == place).map(|(_, value)| value.clone());
        (place.clone(), spelled.filter(|_| is_kept).unwrap_or_else(|| value.clone()))
    };
    learn::is_same(was, &now.parts).then(|| made.iter().map(kept).collect())
}

/// The entry with this key, if there is one and no other.
fn only<'e>(all: &'e [Entry], key: &[u8]) -> Option<&'e Entry> {
    let mut same = all.iter().filter(|entry| entry.key == key);
    same.next().filter(|_| same.next().is_none())
}

/// Entries of both kernels that are written otherwise now; `None` if some are and some are not.
fn rewritten<'e>(base: &'e [Entry], ours: &'e [Entry]) -> Option<Vec<(&'e Entry, &'e Entry)>> {
    let both: Vec<(&Entry, &Entry)> =
        base.iter().filter_map(|before| Some((only(base, &before.key)?, only(ours, &before.key)?))).collect();
    let changed: Vec<(&Entry, &Entry)> = both.iter().filter(|(old, new)| !old.is_like(new)).copied().collect();
    learn::nearly(changed.len(), both.len()).then_some(changed).filter(|changed| !changed.is_empty())
}

/// The form for an entry: that of all, or that of those with the same parts, if that is one.
fn form(rewritten: &[(&Entry, &Entry)], entry: &Entry) -> Option<(Shape, Style)> {
    let places = |entry: &Entry| entry.parts.iter().map(|(place, _)| place.clone()).collect::<Vec<_>>();
    let own = places(entry);
    let same = rewritten.iter().filter(|(old, _)| old.shape == entry.shape && places(old) == own).copied().collect();
    [rewritten.to_vec(), same].into_iter().find_map(|pairs| {
        let (_, first) = *pairs.first()?;
        let is_one = pairs.iter().all(|(old, new)| old.shape == entry.shape && new.shape == first.shape);
        // What has no designators has all its parts.
        let is_whole = first.is_designated() || pairs.iter().all(|(_, new)| new.is_like(first));
        let learned: Vec<Pair> =
            pairs.iter().map(|(old, new)| (old.parts.iter().cloned().collect(), new.parts.clone())).collect();
        let style = Style::of(&learned).filter(|_| is_one && is_whole)?;
        Some((first.shape.clone(), style))
    })
}

/// Whether the patch adds and changes these entries and nothing else.
fn is_only_change(sides: &Sides<&[u8]>, added: &[&Entry], changed: &[(&Entry, &Entry)]) -> bool {
    let words = |text: &[u8], without: &[&Entry]| {
        let all = tokens(text);
        let mut kept: Vec<Vec<u8>> = Vec::new();
        let mut drops_comma = false;
        for token in all.iter().filter(|token| token.kind != Kind::Comment) {
            if without.iter().any(|entry| entry.span.contains(&token.at)) {
                drops_comma = true;
            } else if !(std::mem::take(&mut drops_comma) && token.is(",")) {
                kept.push(token.text.to_vec());
            }
        }
        kept
    };
    let (before, after): (Vec<&Entry>, Vec<&Entry>) = changed.iter().copied().unzip();
    words(sides.theirs, &[added, &after].concat()) == words(sides.base, &before)
        && comments(sides.theirs) == comments(sides.base)
}

/// The comments of a text: what somebody says of an entry must not get lost.
fn comments(text: &[u8]) -> Vec<&[u8]> {
    tokens(text).iter().filter(|token| token.kind == Kind::Comment).map(|token| token.text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "static const struct part parts[] = {\n\t{ \"a16\", INFO(0x1c2016, 0, 64 * 1024, 64) },\n\t{ \"a17\", INFO(0x1c2017, 0, 64 * 1024, 128)\n\t\tFLAGS(A) },\n\t{ \"a18\", INFO(0x1c2018, 0, 64 * 1024, 256) },\n};\n";
    const OURS: &str = "static const struct part parts[] = {\n\t{\n\t\t.id = ID(0x1c, 0x20, 0x16),\n\t\t.name = \"a16\",\n\t\t.size = SZ_4M,\n\t}, {\n\t\t.id = ID(0x1c, 0x20, 0x17),\n\t\t.name = \"a17\",\n\t\t.size = SZ_8M,\n\t\t.flags = A,\n\t}, {\n\t\t.id = ID(0x1c, 0x20, 0x18),\n\t\t.name = \"a18\",\n\t\t.size = SZ_16M,\n\t},\n};\n";

    fn made(theirs: &str) -> Option<String> {
        let sides = Sides { base: BASE.as_bytes(), ours: OURS.as_bytes(), theirs: theirs.as_bytes() };
        restyled(&sides).map(|made| String::from_utf8(made.text).expect("text"))
    }

    #[test]
    fn a_part_that_few_entries_have_is_not_lost() {
        let old = |n: usize, more: &str| format!("\t{{ \"a{n}\", INFO(0x1c20{n}, 0, 64 * 1024, 64){more} }},\n");
        let new = |n: usize, more: &str| {
            format!("\t{{\n\t\t.id = ID(0x1c, 0x20, 0x{n}),\n\t\t.name = \"a{n}\",\n\t\t.size = SZ_4M,\n{more}\t}},\n")
        };
        let table = |entries: String| format!("static const struct part parts[] = {{\n{entries}}};\n");
        let few = |n: usize| if n == 12 { (" EARLY(Z)", "\t\t.early = Z,\n") } else { ("", "") };
        let both = (" ALSO(W) FLAGS(A)", "\t\t.also = W,\n\t\t.flags = A,\n");
        let flags = |n: usize| if n == 15 { both } else { few(n) };
        let base = table((10..30).map(|n| old(n, flags(n).0)).collect());
        let ours = table((10..30).map(|n| new(n, flags(n).1)).collect());
        let theirs = base.replace("0x1c2020, 0, 64 * 1024, 64)", "0x1c2020, 0, 64 * 1024, 64) FLAGS(A)");
        let sides = Sides { base: base.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
        let made = restyled(&sides).map(|made| String::from_utf8(made.text).expect("text"));
        assert_eq!(made, Some(ours.replace(&new(20, ""), &new(20, "\t\t.flags = A,\n"))));
        let unknown = base.replace("0x1c2020, 0, 64 * 1024, 64)", "0x1c2020, 0, 64 * 1024, 64) RARE(A)");
        assert_eq!(restyled(&Sides { theirs: unknown.as_bytes(), ..sides }), None, "nobody knows what becomes of it");
    }

    #[test]
    fn what_the_patch_changes_in_an_entry_is_changed_in_the_new_form() {
        let theirs = BASE.replace("256) },", "256)\n\t\tFLAGS(A | B) },");
        let wanted = OURS.replace(".size = SZ_16M,\n", ".size = SZ_16M,\n\t\t.flags = A | B,\n");
        assert_eq!(made(&theirs), Some(wanted));
        let less = BASE.replace("\n\t\tFLAGS(A) },", " },");
        assert_eq!(made(&less), Some(OURS.replace("\t\t.flags = A,\n", "")));
        let ours = OURS.replace("SZ_16M", "SZ_32M");
        let sides = Sides { base: BASE.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
        assert_eq!(restyled(&sides), None, "upstream changed that entry, too");
    }

    #[test]
    fn an_added_entry_follows_the_form_of_its_neighbours() {
        let entry = "\t{ \"b15\", INFO(0x0b4015, 0, 64 * 1024, 32) FLAGS(B | C) },\n";
        let new = "\t\t.id = ID(0x0b, 0x40, 0x15),\n\t\t.name = \"b15\",\n\t\t.size = SZ_2M,\n\t\t.flags = B | C,\n";
        let last = BASE.replace("};\n", &format!("{entry}}};\n"));
        let wanted = OURS.replace("\t},\n};\n", &format!("\t}}, {{\n{new}\t}},\n}};\n"));
        assert_eq!(made(&last), Some(wanted));
        let middle = BASE.replace("\t{ \"a17\"", &format!("{entry}\t{{ \"a17\""));
        let wanted =
            OURS.replace("\t\t.id = ID(0x1c, 0x20, 0x17)", &format!("{new}\t}}, {{\n\t\t.id = ID(0x1c, 0x20, 0x17)"));
        assert_eq!(made(&middle), Some(wanted));
    }

    #[test]
    fn the_first_entry_goes_before_the_second() {
        let entry = "\t{ \"b15\", INFO(0x0b4015, 0, 64 * 1024, 32) },\n";
        let new = "\t\t.id = ID(0x0b, 0x40, 0x15),\n\t\t.name = \"b15\",\n\t\t.size = SZ_2M,\n";
        let first = BASE.replace("\t{ \"a16\"", &format!("{entry}\t{{ \"a16\""));
        assert_eq!(made(&first), Some(OURS.replacen("\t{\n", &format!("\t{{\n{new}\t}}, {{\n"), 1)));
    }

    #[test]
    fn fields_may_have_become_the_arguments_of_a_macro() {
        let entry = |vendor: &str| format!("\t{{ .vendor = \"{vendor}\", .part = \"P\", .fix = f_{vendor}, }},\n");
        let call = |vendor: &str| format!("\tQUIRK(\"{vendor}\", \"P\", f_{vendor}),\n");
        let table = |of: &dyn Fn(&str) -> String, all: &[&str]| {
            let inner: String = all.iter().map(|vendor| of(vendor)).collect();
            format!("static const struct quirk quirks[] = {{\n{inner}}};\n")
        };
        let of = |all: &[&str]| table(&entry, all);
        let ours = table(&call, &["a", "b", "n", "c"]);
        let (base, theirs) = (of(&["a", "b", "c"]), of(&["a", "x", "b", "c", "y"]));
        let sides = Sides { base: base.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
        let made = restyled(&sides).expect("it is learned");
        assert_eq!(String::from_utf8_lossy(&made.text), table(&call, &["a", "x", "b", "n", "c", "y"]));
        assert_eq!((made.pairs, made.obeyed), (3, 3));
    }

    #[test]
    fn a_table_of_which_upstream_rewrote_a_part_only_tells_nothing() {
        let half = OURS.replace(
            ".id = ID(0x1c, 0x20, 0x16),\n\t\t.name = \"a16\",\n\t\t.size = SZ_4M,",
            "\"a16\", INFO(0x1c2016, 0, 64 * 1024, 64)",
        );
        let theirs = BASE.replace("};\n", "\t{ \"b15\", INFO(0x0b4015, 0, 64 * 1024, 32) },\n};\n");
        let sides = Sides { base: BASE.as_bytes(), ours: half.as_bytes(), theirs: theirs.as_bytes() };
        assert_eq!(restyled(&sides), None);
        let said = theirs.replace("\t{ \"b15\"", "\t/* ours */\n\t{ \"b15\"");
        assert_eq!(made(&said), None, "a comment would be lost");
    }

    #[test]
    fn a_patch_that_does_more_than_add_and_change_entries_is_left_alone() {
        let entry = "\t{ \"b15\", INFO(0x0b4015, 0, 64 * 1024, 32) },\n";
        let more = BASE.replace("};\n", &format!("{entry}}};\nint more;\n"));
        assert_eq!(made(&more), None);
        let less = BASE.replace("\t{ \"a16\", INFO(0x1c2016, 0, 64 * 1024, 64) },\n", entry);
        assert_eq!(made(&less), None, "an entry is gone");
        assert_eq!(made(BASE), None);
    }
}
