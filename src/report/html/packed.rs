//! Data as a page carries them: JSON, deflated (zlib), as base 64, so that whatever is in it is no markup; the browser unpacks it.

use crate::report::plain::base64;
use libdeflater::{CompressionLvl, Compressor};
use serde::Serialize;

/// Good and fast: level 9 saves 2 % for twice the time.
const LEVEL: i32 = 6;

/// Packs a value.
pub fn packed(value: &impl Serialize) -> String {
    deflated(&serde_json::to_vec(value).expect("a page's data are plain data"))
}

/// Packs bytes.
pub fn deflated(bytes: &[u8]) -> String {
    let level = CompressionLvl::new(LEVEL).expect("a level that libdeflate has");
    let mut compressor = Compressor::new(level);
    let mut out = vec![0; compressor.zlib_compress_bound(bytes.len())];
    let length = compressor.zlib_compress(bytes, &mut out).expect("the bound is enough");
    base64(&out[..length])
}
