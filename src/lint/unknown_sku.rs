//! `unknown-sku`: a SKU that the catalog does not have.

use crate::diagnostic::{Code, Level};

/// `unknown-sku`.
pub static UNKNOWN_SKU: Code =
    Code { code: "SS101", name: "unknown-sku", level: Level::Warn, what: "", why: "", bad: "", good: "" };
