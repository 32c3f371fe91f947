//! A text in 24 bytes, or where it stands if it is longer.

use super::key::TextKey;
use foldhash::fast::FixedState;
use std::borrow::Cow;
use std::hash::BuildHasher;

/// A text of 23 bytes at most; or where a longer one stands, so that a look at a text touches one place in memory.
///
/// A longer one that is looked for is [`Short::LONG`], which is no short one's: then it takes the text itself to tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::catalog) struct Short([u8; BYTES]);

/// The last byte is the length of the text.
const BYTES: usize = 24;
/// It is this where the text is long.
const LONG: u8 = u8::MAX;

/// By length: which bits of a text's words are its own.
const OWN: [[u64; 3]; BYTES] = {
    let mut masks = [[0; 3]; BYTES];
    let mut rest: &mut [[u64; 3]] = &mut masks;
    let mut length = 0;
    while let [[one, two, three], behind @ ..] = rest {
        (*one, *two, *three) = (own(length, 0), own(length, 1), own(length, 2));
        length += 1;
        rest = behind;
    }
    masks
};

/// Which bits of a word belong to a text of so many bytes.
const fn own(length: usize, word: usize) -> u64 {
    match length.saturating_sub(word * 8) {
        bytes @ 0..8 => (1 << (bytes * 8)) - 1,
        _ => u64::MAX,
    }
}

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
    #[inline(always)]
    pub(in crate::catalog) fn cut(text: &str, start: usize, end: usize) -> Self {
        let length = end.saturating_sub(start);
        let Some(&[first, second, third]) = OWN.get(length) else { return Self::LONG };
        let around = text.as_bytes().get(start..).and_then(|rest| rest.first_chunk::<BYTES>());
        let Some(words) = around.map(|around| Self(*around).words()) else {
            return Self::cut_at_end(text, start, end);
        };
        // What stands behind the text is taken off.
        let [one, two, three] = words;
        Self::of_words([one & first, two & second, three & third], length)
    }

    #[cold]
    fn cut_at_end(text: &str, start: usize, end: usize) -> Self {
        Self::of(text.get(start..end).unwrap_or_default())
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

    /// It as three words, the last of them with the length.
    #[inline]
    pub(in crate::catalog) fn words(&self) -> [u64; 3] {
        let (words, _) = self.0.as_chunks::<8>();
        let &[one, two, three] = words else { return [0; 3] };
        [u64::from_le_bytes(one), u64::from_le_bytes(two), u64::from_le_bytes(three)]
    }

    /// The one of these words.
    #[inline]
    pub(in crate::catalog) fn from_words(words: [u64; 3]) -> Self {
        Self::of_words(words, 0)
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

    /// The first 16 bytes of a short text, zeros behind its end.
    pub(super) fn beginning(&self) -> u128 {
        self.0.first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes))
    }

    /// The hash of the text, which is `text` where it is long.
    #[inline]
    pub(super) fn hash<'t>(&self, text: impl FnOnce() -> Cow<'t, str>) -> u32 {
        match self.is_long() {
            false => hash_of(self.words()),
            true => (FixedState::default().hash_one(&*text()) >> 32) as u32,
        }
    }

    /// A text as it is looked for, and its hash.
    pub(super) fn with_hash(text: &str) -> (Self, u32) {
        let short = Self::of(text);
        (short, short.hash(|| Cow::Borrowed(text)))
    }
}

#[inline]
fn hash_of([one, two, three]: [u64; 3]) -> u32 {
    (FixedState::default().hash_one((one, two, three)) >> 32) as u32
}

/// A text of 15 bytes at most, behind them its length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Narrow([u8; NARROW_BYTES]);

const NARROW_BYTES: usize = 16;
/// The length of a text, in the last word of either.
const LENGTH: u64 = 0xFF << 56;

impl Short {
    /// The same in less room, where there is enough of it.
    #[inline]
    pub(super) fn narrow(&self) -> Option<Narrow> {
        (usize::from(self.length()) < NARROW_BYTES).then(|| Narrow::of_words(self.folded()))
    }

    /// The words of the [`Narrow`] one. Those of a longer text are no narrow one's: a length would stand in them that none has.
    #[inline]
    fn folded(&self) -> [u64; 2] {
        let [one, two, three] = self.words();
        [one, two | three]
    }
}

impl Narrow {
    /// The empty text.
    pub(super) const EMPTY: Self = Self([0; NARROW_BYTES]);

    #[inline]
    fn of_words([one, two]: [u64; 2]) -> Self {
        let mut bytes = [0; NARROW_BYTES];
        let (places, _) = bytes.as_chunks_mut::<8>();
        if let [first, second] = places {
            (*first, *second) = (one.to_le_bytes(), two.to_le_bytes());
        }
        Self(bytes)
    }

    #[inline]
    fn words(&self) -> [u64; 2] {
        let (words, _) = self.0.as_chunks::<8>();
        let &[one, two] = words else { return [0; 2] };
        [u64::from_le_bytes(one), u64::from_le_bytes(two)]
    }

    /// The text, zeros behind its end.
    #[inline]
    pub(super) fn beginning(&self) -> u128 {
        u128::from_be_bytes(self.0) & !0xFF
    }

    /// The hash of the text, as of the [`Short`] one.
    #[inline]
    pub(super) fn hash(&self) -> u32 {
        let [one, two] = self.words();
        hash_of([one, two & !LENGTH, two & LENGTH])
    }

    /// What it is sorted by.
    #[inline]
    pub(super) fn key(&self) -> TextKey {
        TextKey::of_bytes(self.0)
    }

    /// Whether it is that text.
    #[inline]
    pub(super) fn is(&self, short: &Short) -> bool {
        self.words() == short.folded()
    }

    /// The same in more room.
    #[inline]
    pub(super) fn widen(&self) -> Short {
        let [one, two] = self.words();
        let mut bytes = [0; BYTES];
        let (places, _) = bytes.as_chunks_mut::<8>();
        if let [first, second, third] = places {
            *first = one.to_le_bytes();
            *second = (two & !LENGTH).to_le_bytes();
            *third = (two & LENGTH).to_le_bytes();
        }
        Short(bytes)
    }

    /// The text.
    pub(super) fn text(&self) -> Option<&str> {
        let length = usize::from(*self.0.last()?);
        self.0.get(..length).and_then(|text| std::str::from_utf8(text).ok())
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
                assert_eq!(short.is_long(), end - start >= BYTES);
                if !short.is_long() {
                    assert_eq!(short.text(), Some(&text[start..end]));
                    assert!(short.narrow().is_none_or(|narrow| narrow.hash() == short.hash(|| "".into())));
                    let mut bytes = text[start..end].bytes();
                    let beginning =
                        (0..16).fold(0, |sum, _| sum << 8 | u128::from(bytes.next().unwrap_or(0)));
                    assert_eq!(short.beginning(), beginning);
                }
            }
        }
        assert_eq!((Short::of(""), Short::of(&text)), (Short::EMPTY, Short::LONG));
        assert_ne!(Short::of("a"), Short::of("a\0"));
    }
}
