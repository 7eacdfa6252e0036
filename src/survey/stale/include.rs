//! What a line includes, and where that may stand.
//!
//! In: lines of C, and the path of the file that they are in. Out: the headers as they are written, and the paths that they may mean.
//!
//! ```text
//!   drivers/a/b.c: #include <asm/io.h>     include/asm/io.h, include/uapi/.., include/asm-generic/io.h, arch/arm/include/asm/io.h, ..
//!                  #include "../c.h"       drivers/c.h as well
//! ```

use crate::error::Result;
use crate::git::Store;
use crate::git::tree::Finder;
use crate::syntax::lex;
use bstr::{BStr, ByteSlice};
use std::collections::BTreeSet;

/// Architectures of which each has the headers that every architecture has.
const ARCHITECTURES: [&[u8]; 4] = [b"arm", b"arm64", b"riscv", b"x86"];

/// The headers that lines of a text include, as they are written.
pub fn included(text: &[u8]) -> BTreeSet<Vec<u8>> {
    text.lines().filter_map(include).map(<[u8]>::to_vec).collect()
}

/// What a line includes: `<linux/fb.h>`, `"core.h"`.
pub fn include(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii_start();
    if !line.starts_with(b"#") || lex::directive(line) != b"include" {
        return None;
    }
    let start = line.iter().position(|c| matches!(c, b'<' | b'"'))?;
    let close = if line[start] == b'<' { b'>' } else { b'"' };
    let end = line[start + 1..].iter().position(|c| *c == close)? + start + 2;
    Some(&line[start..end])
}

/// Where a header may stand that a file includes.
pub fn places(file: &[u8], written: &[u8]) -> Vec<Vec<u8>> {
    let name = &written[1..written.len() - 1];
    let mut places = vec![[b"include/", name].concat(), [b"include/uapi/", name].concat()];
    if let Some(name) = name.strip_prefix(b"asm/") {
        places.push([b"include/asm-generic/", name].concat());
        places.extend(ARCHITECTURES.iter().map(|arch| [b"arch/", *arch, b"/include/asm/", name].concat()));
    }
    if written.starts_with(b"\"") {
        places.extend(beside(file, name));
    }
    places
}

/// A path as it is seen from a file's folder; `None` if it leads out of the tree.
pub fn beside(file: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let folder = file.iter().rposition(|c| *c == b'/').map_or(&b""[..], |end| &file[..end]);
    let mut parts: Vec<&[u8]> = folder.split_str("/").filter(|part| !part.is_empty()).collect();
    for part in name.split_str("/") {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}

/// The number of the first of these paths that a tree has.
pub fn first(store: &mut Store, tree: &mut Finder, places: &[Vec<u8>]) -> Result<Option<usize>> {
    for (number, place) in places.iter().enumerate() {
        if tree.find(store, BStr::new(place))?.is_some() {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn includes_are_read_as_they_are_written() {
        let text = b"#include <linux/a.h>\n # include \"own.h\" /* x */\n/* #include <no.h> */\n#define X <a.h>\n";
        let found: Vec<Vec<u8>> = included(text).into_iter().collect();
        assert_eq!(found, [b"\"own.h\"".to_vec(), b"<linux/a.h>".to_vec()]);
    }

    #[test]
    fn an_include_is_looked_for_beside_its_file_and_in_every_folder_of_headers() {
        let has = |file: &str, written: &str, place: &str| {
            places(file.as_bytes(), written.as_bytes()).contains(&place.into())
        };
        assert!(has("drivers/a/b.c", "<linux/x.h>", "include/linux/x.h"));
        assert!(has("drivers/a/b.c", "<asm/io.h>", "arch/arm64/include/asm/io.h"));
        assert!(has("drivers/a/b.c", "\"../c.h\"", "drivers/c.h") && has("drivers/a/b.c", "\"d.h\"", "drivers/a/d.h"));
        assert_eq!(beside(b"a.c", b"../../etc/passwd"), None);
    }
}
