//! Patterns found by what must stand at one end of a SKU.

use super::matcher::{Candidate, Table};
use hashbrown::HashMap;

/// A text of at most so many bytes is a number, and found without comparing texts.
const WORD_BYTES: usize = 8;

/// Patterns whose anchors are of one length and stand at the same end.
#[derive(Debug)]
pub(super) struct Anchored {
    bytes: usize,
    /// The first of its candidates.
    pub(super) first: usize,
    by_anchor: Anchors,
}

#[derive(Debug)]
enum Anchors {
    Short(HashMap<u64, Vec<Candidate>, foldhash::fast::RandomState>),
    Long(Table),
}

/// The end of a SKU at which an anchor stands.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// Where it begins.
    Front,
    /// Where it ends.
    Back,
}

/// A SKU, and both its ends as numbers.
#[derive(Clone, Copy)]
pub(super) struct Ends<'s> {
    sku: &'s str,
    front: u64,
    back: u64,
}

impl<'s> Ends<'s> {
    pub(super) fn of(sku: &'s str) -> Self {
        let bytes = sku.as_bytes();
        let (front, back) = match (bytes.first_chunk(), bytes.last_chunk()) {
            (Some(front), Some(back)) => (u64::from_le_bytes(*front), u64::from_be_bytes(*back)),
            _ => (word(bytes.iter()), word(bytes.iter().rev())),
        };
        Self { sku, front, back }
    }

    /// So many bytes of one end, at most [`WORD_BYTES`]; `None` where there are not so many.
    fn word(self, end: End, bytes: usize) -> Option<u64> {
        let whole = match end {
            End::Front => self.front,
            End::Back => self.back,
        };
        let unused = u32::try_from((WORD_BYTES - bytes.min(WORD_BYTES)) * 8).ok()?;
        (self.sku.len() >= bytes).then(|| whole & u64::MAX.checked_shr(unused).unwrap_or(0))
    }
}

/// Bytes as a number, the first one the lowest.
fn word<'b>(bytes: impl Iterator<Item = &'b u8>) -> u64 {
    bytes.take(WORD_BYTES).zip((0..).step_by(8)).fold(0, |word, (byte, at)| word | u64::from(*byte) << at)
}

impl Anchored {
    /// The patterns whose anchor stands at the end of the SKU.
    pub(super) fn find(&self, sku: Ends<'_>, end: End) -> Option<&[Candidate]> {
        let found = match &self.by_anchor {
            Anchors::Short(by_word) => by_word.get(&sku.word(end, self.bytes)?),
            Anchors::Long(table) => {
                let anchor = match end {
                    End::Front => sku.sku.get(..self.bytes)?,
                    End::Back => sku.sku.get(sku.sku.len().checked_sub(self.bytes)?..)?,
                };
                table.get(anchor)
            }
        };
        found.map(Vec::as_slice)
    }
}

/// The tables that hold the smallest ranks first, so that the others are often not asked.
pub(super) fn anchored(
    tables: HashMap<usize, Table, foldhash::fast::RandomState>,
    end: End,
) -> Vec<Anchored> {
    let mut all: Vec<Anchored> = tables
        .into_iter()
        .map(|(bytes, table)| {
            let first = table.values().flatten().map(|candidate| candidate.place).min();
            let by_anchor = if bytes <= WORD_BYTES {
                let key = |anchor: &str| Ends::of(anchor).word(end, bytes).unwrap_or_default();
                Anchors::Short(table.into_iter().map(|(anchor, found)| (key(&anchor), found)).collect())
            } else {
                Anchors::Long(table)
            };
            Anchored { bytes, first: first.unwrap_or(usize::MAX), by_anchor }
        })
        .collect();
    all.sort_by_key(|anchored| (anchored.first, anchored.bytes));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_bytes_of_one_end() {
        for sku in ["", "a", "ab\0", "abcdefg", "abcdefgh", "abcdefghi", "ก-鞋-👟-x"] {
            for bytes in 0..=WORD_BYTES {
                let ends = Ends::of(sku);
                let front = sku.as_bytes().get(..bytes).map(|front| word(front.iter()));
                assert_eq!(ends.word(End::Front, bytes), front, "{sku} {bytes}");
                let back = sku.len().checked_sub(bytes).and_then(|from| sku.as_bytes().get(from..));
                assert_eq!(
                    ends.word(End::Back, bytes),
                    back.map(|back| word(back.iter().rev())),
                    "{sku} {bytes}"
                );
            }
        }
    }
}
