//! Warnings: one file each, one row each in [`LINTS`].

use crate::diagnostic::Code;

/// One lint.
pub struct Lint {
    /// What `explain` says of it.
    pub code: &'static Code,
}

/// Every lint, by its code.
pub static LINTS: &[Lint] = &[];
