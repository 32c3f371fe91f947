//! Store SKUs by number, without a string for each.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher};

/// Texts in one piece of memory, each once, numbered in the order they came.
#[derive(Debug)]
pub(crate) struct Skus {
    seed: DefaultHasher,
    text: String,
    ends: Vec<usize>,
    by_hash: HashMap<u64, usize, BuildHasherDefault<AsItIs>>,
}

impl Skus {
    /// `entropy` keeps a file from being made so that its SKUs collide.
    pub(crate) fn new(entropy: &str) -> Self {
        let mut seed = DefaultHasher::new();
        seed.write(entropy.as_bytes());
        Self { seed, text: String::new(), ends: Vec::new(), by_hash: HashMap::default() }
    }

    /// Numbers a SKU; `Err` is the number it has already.
    pub(crate) fn insert(&mut self, sku: &str) -> Result<usize, usize> {
        let hash = match self.place(sku) {
            Ok(number) => return Err(number),
            Err(hash) => hash,
        };
        let number = self.ends.len();
        self.text.push_str(sku);
        self.ends.push(self.text.len());
        self.by_hash.insert(hash, number);
        Ok(number)
    }

    /// The number of a SKU.
    pub(crate) fn get(&self, sku: &str) -> Option<usize> {
        self.place(sku).ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The number of a SKU, or a free place for it. Two SKUs of one hash stand one behind the other.
    fn place(&self, sku: &str) -> Result<usize, u64> {
        let mut hasher = self.seed.clone();
        hasher.write(sku.as_bytes());
        let mut hash = hasher.finish();
        while let Some(number) = self.by_hash.get(&hash) {
            if self.text(*number) == sku {
                return Ok(*number);
            }
            hash = hash.wrapping_add(1);
        }
        Err(hash)
    }

    fn text(&self, number: usize) -> &str {
        let end = |number: usize| self.ends.get(number).copied().unwrap_or_default();
        let start = if number == 0 { 0 } else { end(number - 1) };
        self.text.get(start..end(number)).unwrap_or_default()
    }
}

/// The keys are hashes already.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::Skus;

    #[test]
    fn each_once() {
        let mut skus = Skus::new("00ff");
        assert_eq!([skus.insert("a"), skus.insert("ก"), skus.insert("")], [Ok(0), Ok(1), Ok(2)]);
        assert_eq!([skus.insert("ก"), skus.insert("")], [Err(1), Err(2)]);
        assert_eq!([skus.get("a"), skus.get("b")], [Some(0), None]);
    }

    #[test]
    fn two_of_one_hash_are_two() {
        let mut skus = Skus::new("");
        let hash = skus.place("b").err();
        let _ = skus.insert("a");
        skus.by_hash.extend(hash.map(|hash| (hash, 0)));
        assert_eq!([skus.insert("b"), skus.insert("b")], [Ok(1), Err(1)]);
        assert_eq!(skus.get("b"), Some(1));
    }
}
