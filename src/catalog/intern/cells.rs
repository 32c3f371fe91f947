//! Short texts by number, in 16 bytes each while all of them fit into that: a third less of memory, and more of it near the processor.

use super::blocks::Blocks;
use super::key::TextKey;
use super::regions::Order;
use super::short::{Narrow, Short};

/// Short texts by number.
#[derive(Debug)]
pub(super) enum Cells {
    Narrow(Blocks<Narrow>),
    /// One of them is longer, or stands elsewhere.
    Wide(Blocks<Short>),
}

impl Default for Cells {
    fn default() -> Self {
        Self::Narrow(Blocks::default())
    }
}

impl Cells {
    pub(super) fn with_capacity(count: usize) -> Self {
        Self::Narrow(Blocks::with_capacity(count))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Narrow(cells) => cells.len(),
            Self::Wide(cells) => cells.len(),
        }
    }

    /// The text of a number; `None` where it stands elsewhere, or for a number that was not given out.
    pub(super) fn text(&self, id: u32) -> Option<&str> {
        match self {
            Self::Narrow(cells) => cells.get(id)?.text(),
            Self::Wide(cells) => cells.get(id)?.text(),
        }
    }

    /// The first 16 bytes of the text of a number, zeros behind its end; `None` where it stands elsewhere.
    pub(super) fn beginning(&self, id: u32) -> Option<u128> {
        match self {
            Self::Narrow(cells) => cells.get(id).map(Narrow::beginning),
            Self::Wide(cells) => cells.get(id).filter(|cell| !cell.is_long()).map(Short::beginning),
        }
    }

    /// What the text of a number is sorted by, where that stands here in the same form.
    pub(super) fn key(&self, id: u32) -> Option<TextKey> {
        match self {
            Self::Narrow(cells) => cells.get(id).map(Narrow::key),
            Self::Wide(_) => None,
        }
    }

    /// What stands for the text of a number.
    pub(super) fn get(&self, id: u32) -> Option<Short> {
        match self {
            Self::Narrow(cells) => cells.get(id).map(Narrow::widen),
            Self::Wide(cells) => cells.get(id).copied(),
        }
    }

    /// Whether that is a number's text.
    #[inline]
    pub(super) fn is(&self, id: u32, short: &Short) -> bool {
        match self {
            Self::Narrow(cells) => cells.get(id).is_some_and(|narrow| narrow.is(short)),
            Self::Wide(cells) => cells.get(id) == Some(short),
        }
    }

    /// Looks at what stands for some numbers before it is compared: all at once, the processor fetches it together.
    pub(super) fn look(&self, ids: impl Iterator<Item = u32>) {
        let beginnings = match self {
            Self::Narrow(cells) => {
                ids.filter_map(|id| cells.get(id)).fold(0, |sum, cell| sum ^ cell.beginning())
            }
            Self::Wide(cells) => {
                ids.filter_map(|id| cells.get(id)).fold(0, |sum, cell| sum ^ cell.beginning())
            }
        };
        std::hint::black_box(beginnings);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Short> {
        let (narrow, wide) = match self {
            Self::Narrow(cells) => (Some(cells), None),
            Self::Wide(cells) => (None, Some(cells)),
        };
        let narrow = narrow.into_iter().flat_map(Blocks::iter).map(Narrow::widen);
        narrow.chain(wide.into_iter().flat_map(Blocks::iter).copied())
    }

    pub(super) fn push(&mut self, short: Short) {
        match (&mut *self, short.narrow()) {
            (Self::Narrow(cells), Some(narrow)) => cells.push(narrow),
            (Self::Wide(cells), _) => cells.push(short),
            (Self::Narrow(_), None) => self.in_wide(|cells| cells.push(short)),
        }
    }

    /// Adds many.
    pub(super) fn extend(&mut self, shorts: &[Short]) {
        match self {
            Self::Narrow(cells) if shorts.iter().all(|short| short.narrow().is_some()) => {
                cells.extend(shorts.iter().filter_map(Short::narrow));
            }
            Self::Narrow(_) | Self::Wide(_) => self.in_wide(|cells| cells.extend(shorts.iter().copied())),
        }
    }

    /// Adds those of others behind its own.
    pub(super) fn append(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Narrow(cells), Self::Narrow(other)) => cells.append(other),
            (_, other) => self.in_wide(|cells| cells.append(other.into_wide())),
        }
    }

    /// The hash of each text; `of_wide` gives that of one which may stand elsewhere.
    pub(super) fn hashes(&self, of_wide: impl Fn(&Short) -> u32) -> Vec<u32> {
        let mut hashes = Vec::with_capacity(self.len());
        match self {
            Self::Narrow(cells) => cells.iter().for_each(|cell| hashes.push(cell.hash())),
            Self::Wide(cells) => cells.iter().for_each(|cell| hashes.push(of_wide(cell))),
        }
        hashes
    }

    /// The same in another order.
    pub(super) fn ordered(self, order: &Order) -> Self {
        match self {
            Self::Narrow(cells) => Self::Narrow(cells.ordered(order, Narrow::EMPTY)),
            Self::Wide(cells) => Self::Wide(cells.ordered(order, Short::EMPTY)),
        }
    }

    /// Does something with them where they have room for longer ones.
    pub(super) fn in_wide(&mut self, work: impl FnOnce(&mut Blocks<Short>)) {
        let mut wide = std::mem::take(self).into_wide();
        work(&mut wide);
        *self = Self::Wide(wide);
    }

    fn into_wide(self) -> Blocks<Short> {
        match self {
            Self::Wide(cells) => cells,
            Self::Narrow(cells) => {
                let mut wide = Blocks::with_capacity(cells.capacity());
                wide.extend(cells.iter().map(Narrow::widen));
                wide
            }
        }
    }

    /// Gives back what was reserved for more.
    pub(super) fn shrink(&mut self) {
        match self {
            Self::Narrow(cells) => cells.shrink(),
            Self::Wide(cells) => cells.shrink(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// In whatever order and manner they come, and wherever the first longer one is among them.
        #[test]
        fn texts_are_what_they_were(parts in prop::collection::vec((prop::collection::vec("[a-zก]{0,23}|[a-z]{0,15}", 0..6), 0_u8..3), 0..8)) {
            let mut cells = Cells::default();
            let mut all = Vec::new();
            for (texts, way) in parts {
                let shorts: Vec<Short> = texts.iter().map(|text| Short::of(text)).filter(|short| !short.is_long()).collect();
                match way {
                    0 => shorts.iter().for_each(|short| cells.push(*short)),
                    1 => cells.extend(&shorts),
                    _ => {
                        let mut other = Cells::with_capacity(1);
                        other.extend(&shorts);
                        cells.append(other);
                    }
                }
                all.extend(shorts);
            }
            prop_assert_eq!(cells.len(), all.len());
            prop_assert_eq!(cells.iter().collect::<Vec<_>>(), &all[..]);
            let is_narrow = all.iter().all(|short| short.text().is_some_and(|text| text.len() < 16));
            prop_assert_eq!(matches!(cells, Cells::Narrow(_)), is_narrow);
            for (id, short) in (0..).zip(&all) {
                prop_assert_eq!((cells.get(id), cells.text(id)), (Some(*short), short.text()));
                prop_assert_eq!(cells.beginning(id), Some(short.beginning()));
                for other in &all {
                    prop_assert_eq!(cells.is(id, other), other == short);
                }
                prop_assert!(!cells.is(id, &Short::LONG));
            }
        }
    }
}
