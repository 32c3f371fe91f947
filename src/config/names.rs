//! Names of warehouses and stores.

/// Words of the rule language, which cannot be names.
pub const KEYWORDS: &[&str] = &[
    "active",
    "all",
    "at",
    "below",
    "bundle",
    "cap",
    "except",
    "expect",
    "floor",
    "from",
    "let",
    "none",
    "off",
    "order",
    "plus",
    "priority",
    "rate",
    "reserve",
    "round",
    "rule",
    "skus",
    "split",
    "stock",
    "store",
    "stores",
    "test",
    "threshold",
    "until",
    "warehouses",
];

/// Whether it is written like a name, a keyword or not.
pub fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_lowercase())
        && characters
            .all(|next| next.is_ascii_lowercase() || next.is_ascii_digit() || matches!(next, '_' | '-'))
}
