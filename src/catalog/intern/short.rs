//! A text in 24 bytes, or where it stands if it is longer.

use foldhash::fast::FixedState;
use std::borrow::Cow;
use std::hash::BuildHasher;

/// A text of 23 bytes at most; or where a longer one stands, so that a look at a text touches one place in memory.
///
/// A longer one that is looked for is [`Short::LONG`], which is no short one's: then it takes the text itself to tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::catalog) struct Short([u8; BYTES]);

const BYTES: usize = 24;
/// The last byte is the length of the text.
const SHORT_BYTES_MAX: usize = BYTES - 1;
/// It is this where the text is long.
const LONG: u8 = u8::MAX;

impl Short {
    /// The empty text.
    pub(in crate::catalog) const EMPTY: Self = Self([0; BYTES]);

    /// A text that is not short, where it is looked for.
    pub(in crate::catalog) const LONG: Self = {
        let mut bytes = [0; BYTES];
        if let Some(last) = bytes.last_mut() {
            *last = LONG;
        }
        Self(bytes)
    };

    /// A text as it is looked for.
    #[inline]
    pub(in crate::catalog) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let length = bytes.len();
        let first = || bytes.first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
        // The last eight bytes of the text, less those that stand in words before.
        let last = |words: usize| {
            let word = bytes.last_chunk().map_or(0, |word| u64::from_le_bytes(*word));
            word.checked_shr((words * 64 - length * 8) as u32).unwrap_or(0)
        };
        match length {
            0..8 => {
                let word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
                Self::of_words([word, 0, 0], length)
            }
            8..16 => Self::of_words([first(), last(2), 0], length),
            16..BYTES => {
                let second = bytes.get(8..).and_then(|rest| rest.first_chunk());
                Self::of_words([first(), second.map_or(0, |word| u64::from_le_bytes(*word)), last(3)], length)
            }
            _ => Self::LONG,
        }
    }

    /// The piece `start..end` of a text as it is looked for; a text around it makes it quicker.
    #[inline]
    pub(in crate::catalog) fn cut(text: &str, start: usize, end: usize) -> Self {
        let length = end.saturating_sub(start);
        if length > SHORT_BYTES_MAX {
            return Self::LONG;
        }
        let around = text.as_bytes().get(start..).and_then(|rest| rest.first_chunk::<BYTES>());
        let Some(words) = around.map(|around| Self(*around).words()) else {
            return Self::of(text.get(start..end).unwrap_or_default());
        };
        // What stands behind the text is taken off.
        let own = |word: usize| {
            let behind = u64::MAX.checked_shl((length * 8).saturating_sub(word * 64) as u32);
            !behind.unwrap_or(0)
        };
        let [one, two, three] = words;
        Self::of_words([one & own(0), two & own(1), three & own(2)], length)
    }

    #[inline]
    fn of_words([one, two, three]: [u64; 3], length: usize) -> Self {
        let mut bytes = [0; BYTES];
        let (places, _) = bytes.as_chunks_mut::<8>();
        if let [first, second, third] = places {
            *first = one.to_le_bytes();
            *second = two.to_le_bytes();
            *third = (three | (length as u64) << 56).to_le_bytes();
        }
        Self(bytes)
    }

    #[inline]
    fn words(&self) -> [u64; 3] {
        let (words, _) = self.0.as_chunks::<8>();
        let &[one, two, three] = words else { return [0; 3] };
        [u64::from_le_bytes(one), u64::from_le_bytes(two), u64::from_le_bytes(three)]
    }

    /// What stands for a long text that lies from `start` to `end`.
    pub(super) fn at(start: u32, end: u32) -> Self {
        let mut bytes = [0; BYTES];
        let places = start.to_le_bytes().into_iter().chain(end.to_le_bytes());
        bytes.iter_mut().zip(places.chain(std::iter::repeat(LONG))).for_each(|(to, from)| *to = from);
        Self(bytes)
    }

    /// From where to where a long text lies.
    pub(super) fn place(&self) -> Option<(u32, u32)> {
        let (words, _) = self.0.as_chunks::<4>();
        let (&[start, end, ..], LONG) = (words, self.length()) else { return None };
        Some((u32::from_le_bytes(start), u32::from_le_bytes(end)))
    }

    /// A short text.
    pub(super) fn text(&self) -> Option<&str> {
        self.0.get(..usize::from(self.length())).and_then(|text| std::str::from_utf8(text).ok())
    }

    fn length(&self) -> u8 {
        self.0.last().copied().unwrap_or_default()
    }

    /// Whether it stands for a text that is not short.
    #[inline]
    pub(in crate::catalog) fn is_long(&self) -> bool {
        self.length() == LONG
    }

    /// A look at both ends.
    pub(super) fn ends(&self) -> u8 {
        let Self([first, .., last]) = self;
        first ^ last
    }

    /// The hash of the text, which is `text` where it is long.
    #[inline]
    pub(super) fn hash<'t>(&self, text: impl FnOnce() -> Cow<'t, str>) -> u32 {
        let [one, two, three] = self.words();
        let hash = match self.is_long() {
            false => FixedState::default().hash_one((one, two, three)),
            true => FixedState::default().hash_one(&*text()),
        };
        (hash >> 32) as u32
    }

    /// A text as it is looked for, and its hash.
    pub(super) fn with_hash(text: &str) -> (Self, u32) {
        let short = Self::of(text);
        (short, short.hash(|| Cow::Borrowed(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_same_however_they_are_cut() {
        let text: String = ('a'..='z').chain('A'..='Z').chain("กขฃ".chars()).collect();
        let ends: Vec<usize> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
        for (at, &start) in ends.iter().enumerate() {
            for &end in &ends[at..] {
                let short = Short::cut(&text, start, end);
                assert_eq!(short, Short::of(&text[start..end]));
                assert_eq!(short.is_long(), end - start > SHORT_BYTES_MAX);
                if !short.is_long() {
                    assert_eq!(short.text(), Some(&text[start..end]));
                }
            }
        }
        assert_eq!((Short::of(""), Short::of(&text)), (Short::EMPTY, Short::LONG));
        assert_ne!(Short::of("a"), Short::of("a\0"));
    }
}
