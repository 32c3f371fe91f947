//! When a server misbehaves, and how: decided by a seed and by how many requests came before.

/// A way to misbehave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An internal error in the marketplace's own words; nothing was done.
    Broken,
    /// HTTP 502, from something in between; nothing was done.
    BadGateway,
    /// Asked too much, in the marketplace's own words; nothing was done.
    Throttle,
    /// The connection is closed before anything is done.
    DropBefore,
    /// The connection is closed after it was done, and nothing is said.
    DropAfter,
    /// It was done, and half of the answer comes before the connection is closed.
    HalfBody,
    /// It was done, and what comes is no answer that anybody could read.
    Garbage,
    /// It was done, and the answer comes late by so many milliseconds.
    Late(u64),
}

/// A plan of faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Which of the requests.
    pub seed: u64,
    /// One of so many requests fails; 0 for none. Never more than two in a row, where it is 2 or more.
    pub one_in: u64,
    /// How, each in turn.
    pub kinds: Vec<Fault>,
}

impl Faults {
    /// Every way that a request can fail without being late, for one of so many requests.
    #[must_use]
    pub fn all(seed: u64, one_in: u64) -> Self {
        use Fault::{BadGateway, Broken, DropAfter, DropBefore, Garbage, HalfBody, Throttle};
        let kinds = vec![Broken, DropAfter, Throttle, HalfBody, BadGateway, DropBefore, Garbage];
        Self { seed, one_in, kinds }
    }

    /// What befalls the request that so many came before.
    #[must_use]
    pub fn of(&self, number: u64) -> Option<Fault> {
        let window = number.checked_div(self.one_in)?;
        let place = mixed(self.seed ^ window) % self.one_in;
        let kind = window.wrapping_add(self.seed).checked_rem(self.kinds.len() as u64)?;
        (number % self.one_in == place).then(|| self.kinds.get(usize::try_from(kind).ok()?).copied())?
    }
}

fn mixed(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_three_and_each_kind_in_turn() {
        let faults = Faults::all(7, 3);
        let hit: Vec<Option<Fault>> = (0..63).map(|number| faults.of(number)).collect();
        assert_eq!(hit.iter().flatten().count(), 21);
        assert!(hit.chunks(3).all(|three| three.iter().flatten().count() == 1));
        assert!(faults.kinds.iter().all(|kind| hit.contains(&Some(*kind))));
        assert_eq!(Faults::default().of(0), None);
    }
}
