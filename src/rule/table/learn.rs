//! How the entries of a table are written now, learned from those that both kernels have.
//!
//! In: the parts of entries before and after. Out: for each part when it is there and what it is, and what that makes of another entry.
//!
//! ```text
//!   { "a16", INFO(0x1c2016, 0, 64 * 1024, 32) FLAGS(A) }     .id    the bytes of INFO 0 in ID()          always
//!   { .id = ID(0x1c, 0x20, 0x16), .name = "a16",             .name  value 0                              always
//!     .size = SZ_2M, .flags = A }                            .size  INFO 2 times INFO 3                  always
//!                                                            .flags FLAGS 0                              where there is FLAGS
//! ```
//!
//! Values are compared as numbers, so that a product may become the name of a size; a field stands for what it is in nearly all pairs.

use super::entry::Place;
use std::collections::BTreeMap;

/// The parts of an entry, by place.
pub type Parts = BTreeMap<Place, Vec<u8>>;

/// Fewer pairs say nothing.
const LEAST: usize = 2;
/// Of ten pairs so many must agree.
const OF_TEN: usize = 9;

/// Entries that are asked what a part may be made of.
const ASKED: usize = 3;

/// What a field is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum How {
    /// The same words.
    Copy(Place),
    /// The bytes of a number, as the arguments of a macro.
    Bytes(Place, Vec<u8>),
    /// The product of two numbers, as the name of a size.
    Product(Place, Place),
    /// Always the same.
    Same(Vec<u8>),
}

impl How {
    /// The parts that it is made of.
    fn places(&self) -> Vec<&Place> {
        match self {
            Self::Copy(place) | Self::Bytes(place, _) => vec![place],
            Self::Product(one, other) => vec![one, other],
            Self::Same(_) => Vec::new(),
        }
    }
}

/// When a field is there.
#[derive(Clone, Debug, PartialEq, Eq)]
enum When {
    Always,
    /// Where the entry has this.
    Has(Place),
    /// Where this is something else.
    Unless(Place, Vec<u8>),
}

/// One part of an entry as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    name: Place,
    how: How,
    when: When,
}

/// How entries are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// In the order in which they are written.
    fields: Vec<Field>,
    /// What stands at places that make no difference, where it is always the same.
    idle: Parts,
    /// How many pairs it was learned from.
    pub pairs: usize,
    /// How many of them it makes what upstream made of them.
    pub obeyed: usize,
}

/// An entry before, and its parts after.
pub type Pair = (Parts, Written);

/// The parts of an entry in order, each with its place.
pub type Written = Vec<(Place, Vec<u8>)>;

impl Style {
    /// Learns; `None` if some field that most entries have cannot be explained.
    pub fn of(pairs: &[Pair]) -> Option<Self> {
        if pairs.len() < LEAST {
            return None;
        }
        let mut names: BTreeMap<&Place, (usize, usize)> = BTreeMap::new();
        for (_, fields) in pairs {
            for (at, (name, _)) in fields.iter().enumerate() {
                let known = names.entry(name).or_default();
                (known.0, known.1) = (known.0 + at * 100, known.1 + 1);
            }
        }
        // Of two at the same place the one that more entries have comes first.
        let mean = |(sum, count): &(usize, usize)| (sum / count, usize::MAX - count);
        let mut order: Vec<(&Place, (usize, usize))> = names.iter().map(|(name, sums)| (*name, mean(sums))).collect();
        order.sort_by_key(|(_, mean)| *mean);
        let mut fields = Vec::new();
        for (name, _) in order {
            match field(name, pairs) {
                Some(field) => fields.push(field),
                // What few have may be anything; what most have must be understood.
                None if names[name].1 * 2 > pairs.len() => return None,
                None => {}
            }
        }
        let mut style = Self { fields, idle: idle(pairs), pairs: pairs.len(), obeyed: 0 };
        let is_obeyed = |(parts, after): &&Pair| style.fields(parts).is_some_and(|made| is_same(&made, after));
        style.obeyed = pairs.iter().filter(is_obeyed).count();
        Some(style)
    }

    /// The parts of another entry; `None` if something in it is not understood.
    pub fn fields(&self, parts: &Parts) -> Option<Written> {
        let (mut made, mut used): (Written, Vec<&Place>) = (Vec::new(), Vec::new());
        for field in &self.fields {
            let is_there = match &field.when {
                When::Always => true,
                When::Has(place) => parts.contains_key(place),
                When::Unless(place, usual) => {
                    used.push(place);
                    parts.get(place) != Some(usual)
                }
            };
            if is_there {
                made.push((field.name.clone(), made_of(&field.how, parts)?));
                used.extend(field.how.places());
                if let When::Has(place) = &field.when {
                    used.push(place);
                }
            }
        }
        let is_known = |(place, text): (&Place, &Vec<u8>)| used.contains(&place) || self.idle.get(place) == Some(text);
        parts.iter().all(is_known).then_some(made)
    }
}

/// Whether two entries say the same; numbers may be written with other letters.
pub fn is_same(one: &Written, other: &Written) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.0 == b.0 && a.1.eq_ignore_ascii_case(&b.1))
}

/// What stands at a place in all entries, and is the same in each: what only some have means something.
fn idle(pairs: &[Pair]) -> Parts {
    let Some(((first, _), others)) = pairs.split_first() else { return Parts::new() };
    let is_idle = |(place, text): &(&Place, &Vec<u8>)| others.iter().all(|(parts, _)| parts.get(place) == Some(text));
    first.iter().filter(is_idle).map(|(place, text)| (place.clone(), text.clone())).collect()
}

/// Whether nearly all of so many agree.
pub fn nearly(agree: usize, of: usize) -> bool {
    agree * 10 >= of * OF_TEN
}

/// What a field is and when.
fn field(name: &Place, pairs: &[Pair]) -> Option<Field> {
    let value = |pair: &Pair| pair.1.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
    let holders: Vec<(&Parts, Vec<u8>)> = pairs.iter().filter_map(|pair| Some((&pair.0, value(pair)?))).collect();
    let fits = |how: &How| {
        let right = holders.iter().filter(|(parts, value)| is_made(how, parts, value)).count();
        nearly(right, holders.len())
    };
    // The first of them may be the exception.
    let told = holders.iter().take(ASKED).flat_map(|(parts, value)| candidates(parts, value));
    let how = told.into_iter().find(|how| fits(how))?;
    let has = |pair: &Pair| value(pair).is_some();
    let agree = |when: &dyn Fn(&Parts) -> bool| pairs.iter().filter(|pair| when(&pair.0) == has(pair)).count();
    if nearly(holders.len(), pairs.len()) {
        return Some(Field { name: name.clone(), how, when: When::Always });
    }
    let mut places: Vec<&Place> = pairs.iter().flat_map(|pair| pair.0.keys()).collect();
    places.sort_unstable();
    places.dedup();
    // Where few have a field, many a rare part agrees with most entries: the one that agrees with the most tells, and of those the one
    // that the field is made of.
    let agreed =
        places.iter().map(|place| (agree(&|parts| parts.contains_key(place)), how.places().contains(place), place));
    let found = agreed.rev().max_by_key(|(agreed, is_source, _)| (*agreed, *is_source));
    if let Some((_, _, place)) = found.filter(|(agreed, ..)| nearly(*agreed, pairs.len())) {
        return Some(Field { name: name.clone(), how, when: When::Has((*place).clone()) });
    }
    let usual = |place: &Place| {
        let without = pairs.iter().find(|pair| !has(pair))?;
        let usual = without.0.get(place)?;
        let right = agree(&|parts| parts.get(place) != Some(usual));
        nearly(right, pairs.len()).then(|| When::Unless(place.clone(), usual.clone()))
    };
    let when = places.iter().find_map(|place| usual(place))?;
    Some(Field { name: name.clone(), how, when })
}

/// What a value may be made of, as one entry tells; the most telling first.
fn candidates(parts: &Parts, value: &[u8]) -> Vec<How> {
    let mut all: Vec<How> = Vec::new();
    all.extend(parts.iter().filter(|(_, text)| *text == value).map(|(place, _)| How::Copy(place.clone())));
    if let Some(end) = value.iter().position(|c| *c == b'(') {
        all.extend(parts.keys().map(|place| How::Bytes(place.clone(), value[..end].to_vec())));
    }
    if value.starts_with(b"SZ_") {
        let numbers: Vec<&Place> = parts.iter().filter(|(_, text)| number(text).is_some()).map(|(p, _)| p).collect();
        for (at, one) in numbers.iter().enumerate() {
            all.extend(numbers[at + 1..].iter().map(|other| How::Product((*one).clone(), (*other).clone())));
        }
    }
    all.push(How::Same(value.to_vec()));
    all.retain(|how| is_made(how, parts, value));
    all
}

/// Whether a value is what the parts make.
fn is_made(how: &How, parts: &Parts, value: &[u8]) -> bool {
    made_of(how, parts).is_some_and(|made| made.eq_ignore_ascii_case(value))
}

/// The value that the parts make.
fn made_of(how: &How, parts: &Parts) -> Option<Vec<u8>> {
    match how {
        How::Copy(place) => parts.get(place).cloned(),
        How::Same(value) => Some(value.clone()),
        How::Bytes(place, name) => {
            let digits = parts.get(place)?.strip_prefix(b"0x").filter(|digits| !digits.is_empty())?;
            let is_whole = digits.len() % 2 == 0 && digits.iter().all(u8::is_ascii_hexdigit);
            let bytes: Vec<Vec<u8>> = digits.chunks(2).map(|two| [b"0x", two].concat()).collect();
            is_whole.then(|| [&name[..], b"(", &bytes.join(&b", "[..]), b")"].concat())
        }
        How::Product(one, other) => size(number(parts.get(one)?)?.checked_mul(number(parts.get(other)?)?)?),
    }
}

/// The kernel's name of a size.
fn size(bytes: u64) -> Option<Vec<u8>> {
    let units = [(30, "G"), (20, "M"), (10, "K"), (0, "")];
    let (shift, unit) = units.into_iter().find(|(shift, _)| bytes >= 1 << shift)?;
    let is_power = bytes.is_power_of_two();
    is_power.then(|| format!("SZ_{}{unit}", bytes >> shift).into_bytes())
}

/// The number that a product of literals is.
fn number(text: &[u8]) -> Option<u64> {
    let literal = |word: &[u8]| {
        let word = std::str::from_utf8(word).ok()?.trim();
        match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => word.parse().ok(),
        }
    };
    text.split(|c| *c == b'*').map(literal).try_fold(1_u64, |all, one| all.checked_mul(one?))
}

#[cfg(test)]
mod tests {
    use super::super::entry::entries;
    use super::*;

    fn parts(entry: &str) -> Parts {
        let text = format!("struct s a[] = {{ {{ {entry} }} }};");
        entries(text.as_bytes()).remove(0).parts.into_iter().collect()
    }

    fn pair(before: &str, after: &[(&str, &str)]) -> Pair {
        let field = |(name, value): &(&str, &str)| (Place::Field(name.as_bytes().to_vec()), value.as_bytes().to_vec());
        (parts(before), after.iter().map(field).collect())
    }

    fn style() -> Style {
        let pairs = [
            pair(
                "\"a\", INFO(0x1c2016, 0, 64 * 1024, 64) FLAGS(A | B)",
                &[("id", "ID(0x1c, 0x20, 0x16)"), ("name", "\"a\""), ("size", "SZ_4M"), ("flags", "A | B")],
            ),
            pair(
                "\"b\", INFO(0x1C2017, 0, 64 * 1024, 128)",
                &[("id", "ID(0x1c, 0x20, 0x17)"), ("name", "\"b\""), ("size", "SZ_8M")],
            ),
            pair(
                "\"c\", INFO(0x1c2018, 0, 32 * 1024, 8)",
                &[("id", "ID(0x1c, 0x20, 0x18)"), ("name", "\"c\""), ("size", "SZ_256K"), ("sector", "SZ_32K")],
            ),
            pair(
                "\"d\", INFO(0x1c2019, 0, 64 * 1024, 32) FLAGS(B)",
                &[("id", "ID(0x1c, 0x20, 0x19)"), ("name", "\"d\""), ("size", "SZ_2M"), ("flags", "B")],
            ),
        ];
        Style::of(&pairs).expect("it is learned")
    }

    #[test]
    fn another_entry_is_written_as_those_of_both_kernels_are_now() {
        let made = style().fields(&parts("\"e\", INFO(0xc84020, 0, 64 * 1024, 1024) FLAGS(C)")).expect("understood");
        let told: Vec<String> = made
            .iter()
            .map(|(name, value)| match name {
                Place::Field(name) => {
                    format!(".{} = {}", String::from_utf8_lossy(name), String::from_utf8_lossy(value))
                }
                _ => panic!("a field"),
            })
            .collect();
        assert_eq!(told, [".id = ID(0xc8, 0x40, 0x20)", ".name = \"e\"", ".size = SZ_64M", ".flags = C"]);
    }

    #[test]
    fn what_is_not_understood_is_left_to_people() {
        for entry in [
            "\"e\", INFO(0xc84020, 1, 64 * 1024, 1024)",
            "\"e\", INFO(0xc84020, 0, 64 * 1024, 1024) OTHER(C)",
            "\"e\", INFO(0xc84020, 0, SECTOR, 1024)",
            "\"e\", INFO(0xc8402, 0, 64 * 1024, 1024)",
        ] {
            assert_eq!(style().fields(&parts(entry)), None, "{entry}");
        }
    }

    #[test]
    fn sizes_have_the_kernels_names_and_numbers_may_be_products() {
        assert_eq!(size(16 << 20).as_deref(), Some(&b"SZ_16M"[..]));
        assert_eq!(size(512), Some(b"SZ_512".to_vec()));
        assert_eq!((size(3 << 20), size(0)), (None, None));
        assert_eq!((number(b"64 * 1024"), number(b"0x10"), number(b"A * 2")), (Some(65536), Some(16), None));
    }
}
