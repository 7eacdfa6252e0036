//! MigGPT's data set as it is published: one CSV file, a sample a row.
//!
//! Columns: an unnamed index, `type`, `s_old`, `s_old_p` (patched), `file_new`, `s_new_gt1`, `s_new_gt2`, `s_new_p_gt1`, `s_new_p_gt2`; the
//! word `none` stands for no second truth. There is no old file. Fields are bytes; every text ends with a newline here.

use crate::error::{Error, Result};
use std::io::{Read, Write};

/// What stands where there is no second truth.
const NONE: &[u8] = b"none";
/// The columns behind the index, in their order.
const COLUMNS: [&str; 8] =
    ["type", "s_old", "s_old_p", "file_new", "s_new_gt1", "s_new_gt2", "s_new_p_gt1", "s_new_p_gt2"];

/// Whether upstream's change and the patch touch, as the data set says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// They do not.
    One,
    /// They overlap or touch.
    Two,
}

/// What people say is right: one text, or one of two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// The first.
    pub one: Vec<u8>,
    /// Another that is as good.
    pub other: Option<Vec<u8>>,
}

/// A sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its index, as it stands there.
    pub name: String,
    /// Its type.
    pub kind: Type,
    /// s_old.
    pub old: Vec<u8>,
    /// s_old'.
    pub patched: Vec<u8>,
    /// file_new.
    pub file: Vec<u8>,
    /// s_new.
    pub new: Truth,
    /// s_new'.
    pub migrated: Truth,
}

/// Reads a data set.
///
/// # Errors
/// It is no CSV, a column is missing, or a type is none; the row is named.
pub fn read(source: impl Read) -> Result<Vec<Row>> {
    let mut reader = csv::ReaderBuilder::new().from_reader(source);
    let wrong = |e: csv::Error| Error::fatal(format!("no data set of MigGPT's form: {e}"));
    let header = reader.byte_headers().map_err(wrong)?.clone();
    let place = |name: &str| {
        header.iter().position(|field| field.trim_ascii() == name.as_bytes()).ok_or_else(|| {
            Error::fatal(format!("the data set has no column {name}"))
                .hint(format!("its columns are: {}", COLUMNS.join(", ")))
        })
    };
    let places = COLUMNS.iter().map(|name| place(name)).collect::<Result<Vec<usize>>>()?;
    let mut rows = Vec::new();
    for (at, record) in reader.byte_records().enumerate() {
        let record = record.map_err(wrong)?;
        let field = |column: usize| record.get(places[column]).unwrap_or_default();
        let kind =
            kind(field(0)).ok_or_else(|| Error::fatal(format!("row {}: its type is neither 1 nor 2", at + 1)))?;
        let name = match places.contains(&0) {
            true => at.to_string(),
            false => String::from_utf8_lossy(record.get(0).unwrap_or_default()).into_owned(),
        };
        rows.push(Row {
            name,
            kind,
            old: ended(field(1)),
            patched: ended(field(2)),
            file: ended(field(3)),
            new: Truth { one: ended(field(4)), other: other(field(5)) },
            migrated: Truth { one: ended(field(6)), other: other(field(7)) },
        });
    }
    Ok(rows)
}

/// `type1`, `Type 2`, `1`.
fn kind(field: &[u8]) -> Option<Type> {
    match field.iter().filter(|c| c.is_ascii_digit()).collect::<Vec<_>>().as_slice() {
        [b'1'] => Some(Type::One),
        [b'2'] => Some(Type::Two),
        _ => None,
    }
}

/// A text whose last line ends: that a cell does not says nothing of the code.
fn ended(text: &[u8]) -> Vec<u8> {
    match text.last() {
        None | Some(b'\n') => text.to_vec(),
        Some(_) => [text, b"\n"].concat(),
    }
}

/// A second truth, if there is one.
fn other(field: &[u8]) -> Option<Vec<u8>> {
    let word = field.trim_ascii();
    (!word.is_empty() && !word.eq_ignore_ascii_case(NONE)).then(|| ended(field))
}

/// Writes a data set.
///
/// # Errors
/// It cannot be written.
pub fn write(rows: &[Row], out: impl Write) -> Result<()> {
    let wrong = |e: csv::Error| Error::fatal(format!("cannot write the data set: {e}"));
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(std::iter::once("").chain(COLUMNS)).map_err(wrong)?;
    for row in rows {
        let kind: &[u8] = if row.kind == Type::One { b"type1" } else { b"type2" };
        let other = |truth: &'_ Truth| truth.other.clone().unwrap_or_else(|| NONE.to_vec());
        let (new, migrated) = (other(&row.new), other(&row.migrated));
        let fields: [&[u8]; 9] = [
            row.name.as_bytes(),
            kind,
            &row.old,
            &row.patched,
            &row.file,
            &row.new.one,
            &new,
            &row.migrated.one,
            &migrated,
        ];
        writer.write_byte_record(&csv::ByteRecord::from(&fields[..])).map_err(wrong)?;
    }
    writer.flush().map_err(|e| Error::fatal(format!("cannot write the data set: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_newlines_quotes_and_bytes_included() {
        let text = |said: &str| said.as_bytes().to_vec();
        let row = Row {
            name: "7".to_owned(),
            kind: Type::Two,
            old: text("int a; /* \"one\", two */\n\n"),
            patched: b"caf\xe9\r\n".to_vec(),
            file: text("a\nb\n"),
            new: Truth { one: text("a\n"), other: Some(text("b\n")) },
            migrated: Truth { one: text("none of it\n"), other: None },
        };
        let mut file = Vec::new();
        write(std::slice::from_ref(&row), &mut file).expect("memory");
        assert_eq!(read(&file[..]).expect("a data set"), [row]);
    }

    #[test]
    fn a_missing_column_and_a_strange_type_are_named() {
        let said = |text: &str| read(text.as_bytes()).expect_err("wrong").to_string();
        assert_eq!(said(",type,s_old\n0,1,x\n"), "the data set has no column s_old_p");
        let head = format!(",{}\n", COLUMNS.join(","));
        assert_eq!(said(&format!("{head}0,odd,a,b,c,d,e,f,g\n")), "row 1: its type is neither 1 nor 2");
        assert!(said(&format!("{head}0,1,a\n")).starts_with("no data set of MigGPT's form"));
    }
}
