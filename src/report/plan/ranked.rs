//! The rows that matter most, worst first, for formats that cannot show all.

use super::Change;
use crate::plan::{Row, Rows};
use std::cmp::Reverse;

/// How many rows make a change, and the worst of them.
pub(super) struct Ranked {
    pub(super) change: Change,
    pub(super) total: usize,
    /// Indices of rows: the largest change first, equal ones in the order of the rows.
    pub(super) worst: Vec<usize>,
}

/// The rows by what becomes of them, drops to zero first; at most `rows_max` of each.
pub(super) fn ranked(rows: &dyn Rows, rows_max: usize) -> Vec<Ranked> {
    let mut keyed: [Vec<(Reverse<u128>, usize)>; 4] = Default::default();
    let places = Change::ALL.iter().zip(&mut keyed);
    for (&change, into) in places {
        let of_change = (0..rows.len()).filter_map(|index| {
            let row = rows.row(index);
            (Change::of(&row) == change).then(|| (Reverse(swing(&row)), index))
        });
        into.extend(of_change);
    }
    let lists = Change::ALL.into_iter().zip(keyed);
    lists
        .map(|(change, keyed)| Ranked { change, total: keyed.len(), worst: worst(keyed, rows_max) })
        .collect()
}

fn worst(mut keyed: Vec<(Reverse<u128>, usize)>, rows_max: usize) -> Vec<usize> {
    if rows_max > 0 && keyed.len() > rows_max {
        keyed.select_nth_unstable(rows_max);
    }
    keyed.truncate(rows_max);
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, index)| index).collect()
}

/// By how much a number changes; an unknown one counts as 0.
fn swing(row: &Row) -> u128 {
    i128::from(row.planned).abs_diff(i128::from(row.current.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{hostile, many};
    use super::*;

    #[test]
    fn the_largest_change_comes_first() {
        let ranked = ranked(&hostile(), 10);
        let shown: Vec<_> = ranked.iter().map(|r| (r.change, r.total, r.worst.clone())).collect();
        let expected = vec![
            (Change::ToZero, 2, vec![3, 2]),
            (Change::Lower, 2, vec![0, 1]),
            (Change::Raise, 2, vec![5, 4]),
            (Change::Unchanged, 0, vec![]),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn only_the_worst_are_kept() {
        let ranked = ranked(&many(1000), 3);
        let zero: Vec<_> = ranked.iter().take(1).map(|r| (r.total, r.worst.clone())).collect();
        assert_eq!(zero, [(1000, vec![999, 998, 997])]);
    }
}
