//! SKU patterns: a stand-in until the real one lands.

use std::fmt;

mod glob;
mod graph;
mod judge;
mod matcher;
mod overlap;
mod parse;
#[cfg(test)]
mod sample;
mod set;

pub use judge::Scratch;
pub use matcher::Matcher;
pub use overlap::{Overlap, overlap};
pub use parse::PatternFault;
pub use set::Patterns;
use std::sync::Arc;

/// A SKU pattern: `*` any run of characters, `?` one Unicode scalar value, all else itself.
///
/// Kept in one normal form, so that equal values mean the same SKUs: no two literals side by side, no empty
/// literal, and every run of wildcards is some `?` and then at most one `*`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pattern {
    parts: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Part {
    Literal(char),
    One,
    Any,
}

/// What is wrong with the text of a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PatternFault {
    /// Where, in bytes into the text.
    pub offset: usize,
    /// What.
    pub message: String,
}

impl Pattern {
    /// A pattern from its text between the quotes, escapes and all.
    pub fn parse(raw: &str) -> Result<Pattern, PatternFault> {
        let mut parts = Vec::new();
        let mut chars = raw.char_indices();
        while let Some((offset, char)) = chars.next() {
            parts.push(match char {
                '*' => Part::Any,
                '?' => Part::One,
                '\\' => match chars.next() {
                    Some((_, escaped @ ('"' | '\\' | '*' | '?'))) => Part::Literal(escaped),
                    _ => return Err(PatternFault { offset, message: "unknown escape".to_owned() }),
                },
                other => Part::Literal(other),
            });
        }
        Ok(Pattern { parts })
    }

    /// The one SKU it matches, where it has no wildcard.
    pub fn literal(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| if let Part::Literal(char) = part { Some(*char) } else { None })
            .collect()
    }

    /// Whether the whole of `sku` matches.
    pub fn matches(&self, sku: &str) -> bool {
        let chars: Vec<char> = sku.chars().collect();
        let mut reach = vec![false; chars.len() + 1];
        if let Some(first) = reach.first_mut() {
            *first = true;
        }
        for part in &self.parts {
            let mut next = vec![false; chars.len() + 1];
            let mut any = false;
            for at in 0..=chars.len() {
                let here = reach.get(at) == Some(&true);
                any |= here;
                let stays = *part == Part::Any && any;
                let steps = here && chars.get(at).is_some_and(|char| step(*part, *char));
                if stays && let Some(slot) = next.get_mut(at) {
                    *slot = true;
                }
                if steps && let Some(slot) = next.get_mut(at + 1) {
                    *slot = true;
                }
            }
            reach = next;
        }
        reach.last() == Some(&true)
    }
}

fn step(part: Part, char: char) -> bool {
    part == Part::One || part == Part::Literal(char)
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Any => write!(f, "*")?,
                Part::One => write!(f, "?")?,
                Part::Literal(char @ ('"' | '\\' | '*' | '?')) => write!(f, "\\{char}")?,
                Part::Literal(char) => write!(f, "{char}")?,
            }
        }
        Ok(())
    }
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
