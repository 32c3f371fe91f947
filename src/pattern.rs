//! SKU patterns: what they match, and whether two can match the same SKU.

/// A SKU pattern: `*` any run of characters, `?` one Unicode scalar value, all else itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pattern {
    parts: Vec<Part>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Part {
    Literal(String),
    One,
    Any,
}

/// The SKUs that a list takes: what its terms match, less what its exceptions match.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SkuSet {
    /// A SKU is in the set if one of these takes it …
    pub terms: Vec<SkuTerm>,
    /// … and none of these.
    pub except: Vec<SkuTerm>,
}

/// One item of a SKU list.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum SkuTerm {
    /// Every SKU.
    All,
    /// What a pattern matches.
    Pattern(Pattern),
    /// Another list that has exceptions of its own.
    Set(SkuSet),
}
