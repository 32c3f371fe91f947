//! Whether a text came twice, without keeping any text.

/// Hashes of texts in the order they came.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    seed: [u64; 2],
    hashes: Vec<u64>,
}

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
/// Bits of the first look for each text: about one text in 16 is looked at again.
const BITS_A_TEXT: usize = 8;
/// Bits of the second look for each of those.
const BITS_A_TEXT_AGAIN: usize = 32;

impl Seen {
    /// `entropy` keeps a file from being made so that its SKUs collide; if some do, more is read, and nothing goes wrong.
    pub(crate) fn new(entropy: &str) -> Self {
        let (one, other) = entropy.split_at_checked(entropy.len() / 2).unwrap_or_default();
        let number =
            |text: &str| text.bytes().fold(MULTIPLIER, |sum, byte| fold(sum ^ u64::from(byte), MULTIPLIER));
        Self { seed: [number(one), number(other) | 1], hashes: Vec::new() }
    }

    pub(crate) fn push(&mut self, text: &str) {
        let [start, step] = self.seed;
        let bytes = text.as_bytes();
        let (words, rest) = bytes.as_chunks::<8>();
        let hash = words
            .iter()
            .fold(start ^ text.len() as u64, |hash, word| fold(hash ^ u64::from_le_bytes(*word), step));
        // The last eight bytes, of which some may have been taken before; of a shorter text all there are.
        let last = bytes.last_chunk().map_or_else(
            || rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
            |word| u64::from_le_bytes(*word),
        );
        self.hashes.push(fold(fold(hash ^ last, step), MULTIPLIER));
    }

    /// Whether two texts have one hash: then they are equal, or one pair in 2^64 that is not.
    pub(crate) fn maybe_twice(&self) -> bool {
        let places = (self.hashes.len() * BITS_A_TEXT).next_power_of_two().max(64);
        let mut bits = vec![0_u64; places / 64];
        let mut again: Vec<u64> = Vec::new();
        for &hash in &self.hashes {
            let place = (hash as usize) & (places - 1);
            if let Some(word) = bits.get_mut(place / 64) {
                let bit = 1 << (place % 64);
                if *word & bit != 0 {
                    again.push(hash);
                }
                *word |= bit;
            }
        }
        if again.is_empty() {
            return false;
        }
        again.sort_unstable();
        if again.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
            return true;
        }
        // Each of these came once after something with its bit: was that something itself?
        let mut counted = vec![0_u8; again.len()];
        let places = (again.len() * BITS_A_TEXT_AGAIN).next_power_of_two().max(64);
        let mask = bits_of(&again, places);
        for &hash in &self.hashes {
            let place = (hash as usize) & (places - 1);
            if mask.get(place / 64).is_none_or(|word| word & (1 << (place % 64)) == 0) {
                continue;
            }
            if let Ok(at) = again.binary_search(&hash)
                && let Some(count) = counted.get_mut(at)
            {
                *count += 1;
                if *count == 2 {
                    return true;
                }
            }
        }
        false
    }
}

/// The bits of some hashes.
fn bits_of(hashes: &[u64], places: usize) -> Vec<u64> {
    let mut bits = vec![0_u64; places / 64];
    for &hash in hashes {
        let place = (hash as usize) & (places - 1);
        if let Some(word) = bits.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }
    bits
}

/// Every bit of both reaches every bit of the result.
fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn one_that_came_twice_is_noticed_and_no_other() {
        for count in [0_usize, 1, 2, 63, 64, 1_000, 50_000] {
            let mut seen = Seen::new("00ff00ff00ff00ff0123456789abcdef");
            let texts: Vec<String> = (0..count).map(|number| format!("B0{number:08X}")).collect();
            texts.iter().for_each(|text| seen.push(text));
            assert!(!seen.maybe_twice(), "{count}");
            for again in [0, count / 2, count.saturating_sub(1)] {
                if let Some(text) = texts.get(again) {
                    seen.push(text);
                    assert!(seen.maybe_twice(), "{count} {again}");
                    seen.hashes.pop();
                }
            }
        }
    }

    #[test]
    fn texts_that_only_padding_would_join_are_told_apart() {
        let mut seen = Seen::new("");
        ["", "\0", "\0\0", "a", "a\0", "aaaaaaaa", "aaaaaaaa\0", "aaaaaaab", "baaaaaaa"]
            .iter()
            .for_each(|text| seen.push(text));
        assert!(!seen.maybe_twice());
    }
}
