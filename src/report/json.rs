//! Lists of JSON written an item a line.

use serde::Serialize;
use std::io::{self, Write};

/// `, "NAME": [ … ]`: behind another field of an object.
pub(super) fn write_list<T: Serialize>(
    out: &mut impl Write,
    name: &str,
    items: impl Iterator<Item = T>,
) -> io::Result<()> {
    write!(out, ",\n  \"{name}\": [")?;
    for (index, item) in items.enumerate() {
        out.write_all(if index == 0 { b"\n    " } else { b",\n    " })?;
        serde_json::to_writer(&mut *out, &item)?;
    }
    out.write_all(b"]")
}
