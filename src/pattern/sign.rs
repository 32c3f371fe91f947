//! Patterns sign by sign.

use super::{Part, Pattern};

/// One place in a pattern: a character that stands for itself, or a wildcard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sign {
    Char(char),
    One,
    Any,
}

impl Pattern {
    /// The pattern with a sign for each character.
    pub(super) fn signs(&self) -> Vec<Sign> {
        let mut signs = Vec::with_capacity(self.parts.iter().map(Part::bytes).sum());
        for part in self.parts.iter() {
            match part {
                Part::Literal(text) => signs.extend(text.chars().map(Sign::Char)),
                Part::One => signs.push(Sign::One),
                Part::Any => signs.push(Sign::Any),
            }
        }
        signs
    }
}

impl Part {
    fn bytes(&self) -> usize {
        match self {
            Part::Literal(text) => text.len(),
            Part::One | Part::Any => 1,
        }
    }
}
