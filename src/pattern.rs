//! SKU patterns: what they match, and whether two can match the same SKU.

mod anchors;
mod automaton;
mod formula;
mod glob;
mod gone;
mod graph;
mod index;
mod judge;
mod matcher;
mod meet;
mod overlap;
mod parse;
mod reach;
#[cfg(test)]
mod sample;
mod set;
mod sign;

pub use index::Index;
pub use judge::Scratch;
pub use matcher::Matcher;
pub(crate) use overlap::meet_at_once;
pub use overlap::{Effort, Overlap, Sought, find, overlap};
pub use parse::PatternFault;
pub use set::Patterns;
use std::sync::Arc;

/// A SKU pattern: `*` any run of characters, `?` one Unicode scalar value, all else itself.
///
/// Kept in one normal form, so that equal values mean the same SKUs: no two literals side by side, no empty
/// literal, and every run of wildcards is some `?` and then at most one `*`. Rules, lists and what is made of them for matching
/// all hold the same patterns: they share them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pattern {
    parts: Arc<[Part]>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Part {
    Literal(String),
    One,
    Any,
}

/// The SKUs that a list takes: what its terms match, less what its exceptions match.
///
/// Lists may name lists in long chains, so nothing here recurses from set to set: neither matching, nor
/// comparing, nor dropping.
#[derive(Clone, Debug, Default)]
pub struct SkuSet {
    /// A SKU is in the set if one of these takes it …
    pub terms: Vec<SkuTerm>,
    /// … and none of these.
    pub except: Vec<SkuTerm>,
}

/// One item of a SKU list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SkuTerm {
    /// Every SKU.
    All,
    /// What a pattern matches.
    Pattern(Pattern),
    /// Another list that has exceptions of its own, shared by all that name it.
    Set(Arc<SkuSet>),
}
