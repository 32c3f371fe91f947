//! What a server saw, and how fast.

use crate::marketplace::Now;

/// A request that was answered, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it came.
    pub at: Now,
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The HTTP status; 0 where the connection was dropped.
    pub status: u16,
    /// Whether the answer was the fault plan's doing.
    pub faulty: bool,
}

/// The most requests that came within any `window_ms` milliseconds.
#[must_use]
pub fn peak(log: &[Entry], window_ms: i64) -> usize {
    let mut from = 0;
    let mut most = 0;
    for (to, entry) in log.iter().enumerate() {
        while log.get(from).is_some_and(|first| entry.at.0 - first.at.0 >= window_ms) {
            from += 1;
        }
        most = most.max(to + 1 - from);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_window() {
        let entry = |ms| Entry {
            at: Now(ms),
            method: String::new(),
            path: String::new(),
            status: 200,
            faulty: false,
        };
        let log: Vec<Entry> = [0, 10, 900, 1000, 1001, 1899, 5000].map(entry).to_vec();
        assert_eq!(peak(&log, 1000), 4);
        assert_eq!(peak(&log, 1), 1);
        assert_eq!(peak(&[], 1000), 0);
    }
}
