//! Hashes that are the same in every version and on every machine: they are kept between runs.
//!
//! Not against an adversary: they tell whether a table is another one, not whether someone forged it.

const MULTIPLIERS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];

/// The 64-bit hash of a text, seeded by what came before it.
pub(super) fn hash(seed: u64, text: &str) -> u64 {
    text.as_bytes().chunks(8).fold(number(seed, text.len() as u64), |hash, chunk| {
        let mut word = [0; 8];
        for (byte, &from) in word.iter_mut().zip(chunk) {
            *byte = from;
        }
        number(hash, u64::from_le_bytes(word))
    })
}

/// The hash of one number, seeded by what came before it.
pub(super) fn number(seed: u64, number: u64) -> u64 {
    let [first, second] = MULTIPLIERS;
    let product = u128::from(seed.rotate_left(23) ^ number ^ first) * u128::from(second);
    ((product >> 64) as u64 ^ product as u64).wrapping_add(first)
}

/// The sum over rows of two hashes each: the same in whatever order the rows come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum([u64; 2]);

impl Sum {
    /// Adds one row.
    pub(super) fn add(&mut self, row: u64) {
        let Self([first, second]) = self;
        *first = first.wrapping_add(number(1, row));
        *second = second.wrapping_add(number(2, row.rotate_left(32)));
    }

    /// As one number, seeded by what the rows are of.
    pub(super) fn key(self, seed: u64) -> u64 {
        let [first, second] = self.0;
        number(number(seed, first), second)
    }

    /// As hexadecimal digits.
    pub(super) fn hex(self) -> String {
        let [first, second] = self.0;
        format!("{first:016x}{second:016x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_changes_between_versions() {
        assert_eq!(hash(0, ""), 0x680f_ee83_d724_5c6a);
        assert_eq!(hash(0, "SKU-1"), 0xbf3f_a039_f6d3_e906);
        assert_eq!(hash(7, "SKU-1"), 0x2682_aa7e_5e20_eb53);
    }

    #[test]
    fn tells_texts_apart_that_only_padding_would_join() {
        let all = ["", "\0", "\0\0", "a", "a\0", "aaaaaaaa", "aaaaaaaaa", "aaaaaaab"];
        for (n, one) in all.iter().enumerate() {
            for other in all.iter().skip(n + 1) {
                assert_ne!(hash(0, one), hash(0, other), "{one:?} {other:?}");
            }
        }
    }
}
