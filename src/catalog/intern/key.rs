//! What texts are sorted by without a look at them.

/// A text of 15 bytes at most, or the beginning of a longer one: in the order of texts by code point. Where two longer ones begin alike, the texts decide.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct TextKey([u8; BYTES]);

/// The last byte is the length of the text. Of two where one is the beginning of the other, padded with zeros, that puts the shorter one first.
const BYTES: usize = 16;
/// It is this where the text is longer.
const LONGER: u8 = u8::MAX;

impl TextKey {
    pub(super) fn of(text: &str) -> Self {
        let mut bytes = [0; BYTES];
        bytes.iter_mut().zip(text.as_bytes()).for_each(|(to, from)| *to = *from);
        if let Some(last) = bytes.last_mut() {
            *last = if text.len() < BYTES { text.len() as u8 } else { LONGER };
        }
        Self(bytes)
    }

    /// One that is put together already.
    #[inline]
    pub(super) fn of_bytes(bytes: [u8; BYTES]) -> Self {
        Self(bytes)
    }

    /// The text, where it is short.
    pub fn text(&self) -> Option<&str> {
        let length = usize::from(*self.0.last()?);
        self.0.get(..length).and_then(|text| std::str::from_utf8(text).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_stand_in_the_order_of_texts(one in "[ab\0ก]{0,20}", other in "[ab\0ก]{0,20}") {
            let (keys, texts) = (TextKey::of(&one).cmp(&TextKey::of(&other)), one.cmp(&other));
            let both_longer = one.len() > 15 && other.len() > 15;
            prop_assert!(keys == texts || both_longer && keys.is_eq());
            let key = TextKey::of(&one);
            prop_assert_eq!(key.text(), (one.len() < 16).then_some(one.as_str()));
        }
    }
}
