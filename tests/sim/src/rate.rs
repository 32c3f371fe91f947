//! How many requests came within the last second.

use std::collections::VecDeque;

/// At most so many requests within any second.
#[derive(Clone, Debug)]
pub struct Rate {
    times_ms: VecDeque<i64>,
    /// How many; requests above it are refused, and not counted.
    pub per_second_max: usize,
}

impl Rate {
    /// So many a second.
    #[must_use]
    pub fn new(per_second_max: usize) -> Self {
        Self { times_ms: VecDeque::new(), per_second_max }
    }

    /// Whether one more may come now.
    pub fn takes(&mut self, now_ms: i64) -> bool {
        while self.times_ms.front().is_some_and(|time| now_ms - time >= 1000) {
            self.times_ms.pop_front();
        }
        let takes = self.times_ms.len() < self.per_second_max;
        if takes {
            self.times_ms.push_back(now_ms);
        }
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;

    #[test]
    fn any_second() {
        let mut rate = Rate::new(2);
        let taken: Vec<bool> =
            [0, 900, 950, 1000, 1800, 1900].into_iter().map(|now| rate.takes(now)).collect();
        assert_eq!(taken, [true, true, false, true, false, true]);
    }
}
