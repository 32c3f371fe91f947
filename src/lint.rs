//! Warnings: one file each, one row each in [`LINTS`].

pub mod unknown_sku;

use crate::diagnostic::Code;

/// One lint.
pub struct Lint {
    /// What `explain` says of it.
    pub code: &'static Code,
}

/// Every lint, by its code.
pub static LINTS: &[Lint] = &[];
