//! Step 7: one pool shared by weight, by the largest-remainder (Hamilton) method.

use crate::rules::StoreId;

/// The share of each weight, in the order of `weights`. They add up to `pool` exactly, or are all 0 where the weights' sum
/// is 0. Of equal remainders, the one named first gets the unit.
pub(super) fn shares(pool: u64, weights: &[(StoreId, u32)]) -> Vec<u64> {
    let sum: u128 = weights.iter().map(|&(_, weight)| u128::from(weight)).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: u32| u128::from(pool) * u128::from(weight);
    let mut shares: Vec<u64> =
        weights.iter().map(|&(_, weight)| u64::try_from(exact(weight) / sum).unwrap_or(u64::MAX)).collect();
    let given: u64 = shares.iter().sum();
    let mut by_remainder: Vec<(u128, &mut u64)> =
        weights.iter().map(|&(_, weight)| exact(weight) % sum).zip(shares.iter_mut()).collect();
    // Stable: of equal remainders the one named first stays first.
    by_remainder.sort_by(|(a, _), (b, _)| b.cmp(a));
    let left = usize::try_from(pool - given).unwrap_or(0);
    for (_, share) in by_remainder.into_iter().take(left) {
        *share += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pool: u64, weights: &[u32], expect: &[u64]) {
        let named: Vec<_> = weights.iter().enumerate().map(|(i, &w)| (StoreId(i as u16), w)).collect();
        assert_eq!(shares(pool, &named), expect);
    }

    #[test]
    fn shares_add_up_and_ties_go_to_the_first_named() {
        check(10, &[1, 1], &[5, 5]);
        check(11, &[1, 1], &[6, 5]);
        check(10, &[1, 1, 1], &[4, 3, 3]);
        check(11, &[1, 1, 1], &[4, 4, 3]);
        check(1, &[0, 1, 2], &[0, 0, 1]);
        check(2, &[0, 1, 2], &[0, 1, 1]);
        check(5, &[0, 0], &[0, 0]);
        check(0, &[3, 2], &[0, 0]);
        check(u64::MAX, &[u32::MAX, u32::MAX], &[u64::MAX / 2 + 1, u64::MAX / 2]);
    }
}
