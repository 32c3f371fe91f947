//! Numbers by hash: only texts of one hash are compared, growing touches no text at all, and a look touches one place in memory.

use super::short::Short;
use crate::threads::Threads;
use std::fmt::Debug;

/// A table of numbers by hash.
#[derive(Debug)]
pub(super) struct Slots<S> {
    /// What has no room in its own place stands in the next free one.
    slots: Vec<S>,
    used: usize,
}

/// A place of a table: a number beside its hash.
pub(in crate::catalog) trait Slot: Copy + Debug + Send + Sync {
    /// A place that holds nothing. It is not 0, so that a new table is written before it is looked at: memory that is read first is taken
    /// from one page of zeros, and taken again, one page at a time on all processors, when it is written.
    const FREE: Self;
    /// Whether it holds the text itself where that is short.
    const HOLDS_TEXT: bool;
    /// How many a line of memory holds, which is 64 bytes long: a power of two.
    const IN_LINE: usize = 64 / size_of::<Self>();

    fn new(hash: u32, id: u32, text: &Short) -> Self;
    fn hash(&self) -> u32;
    fn id(&self) -> u32;
    fn is_free(&self) -> bool;
    /// Whether it holds a text as it is looked for; `None` where it does not say.
    fn is(&self, text: &Short) -> Option<bool>;
}

/// The hash above the number.
impl Slot for u64 {
    const FREE: u64 = u64::MAX;
    const HOLDS_TEXT: bool = false;

    fn new(hash: u32, id: u32, _text: &Short) -> u64 {
        u64::from(hash) << 32 | u64::from(id)
    }

    fn hash(&self) -> u32 {
        (self >> 32) as u32
    }

    fn id(&self) -> u32 {
        *self as u32
    }

    fn is_free(&self) -> bool {
        *self == Self::FREE
    }

    fn is(&self, _text: &Short) -> Option<bool> {
        None
    }
}

/// A number and its hash beside the text, within half a line of memory.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
pub(in crate::catalog) struct Beside {
    text: Short,
    hash: u32,
    id: u32,
}

impl Slot for Beside {
    const FREE: Self = Self { text: Short::LONG, hash: u32::MAX, id: u32::MAX };
    const HOLDS_TEXT: bool = true;

    fn new(hash: u32, id: u32, text: &Short) -> Self {
        Self { text: *text, hash, id }
    }

    fn hash(&self) -> u32 {
        self.hash
    }

    fn id(&self) -> u32 {
        self.id
    }

    fn is_free(&self) -> bool {
        self.id == Self::FREE.id
    }

    fn is(&self, text: &Short) -> Option<bool> {
        Some(self.text == *text)
    }
}

/// What became of a number.
#[derive(Clone, Copy)]
enum Added {
    Once,
    /// It is there already.
    Twice,
    /// No place is free before the end.
    NoRoom,
}

/// So many places behind its own a number that comes in order is looked for room in at once.
const CROWD_MAX: usize = 1 << 10;

/// So much of a table stays near the processor while it is filled.
const REGION_BYTES: usize = 1 << 17;

impl<S> Default for Slots<S> {
    fn default() -> Self {
        Self { slots: Vec::new(), used: 0 }
    }
}

impl<S: Slot> Slots<S> {
    /// Two places in three are used at most, and one in two where a line of memory holds but two.
    fn for_so_many(count: usize) -> Self {
        Self { slots: vec![S::FREE; Self::len_for(count)], used: 0 }
    }

    fn len_for(count: usize) -> usize {
        let free = if S::HOLDS_TEXT { count } else { count / 2 };
        count + free + 8
    }

    /// The number with this hash that `is_it`.
    #[inline]
    pub(super) fn find(&self, hash: u32, is_it: impl Fn(&S) -> bool) -> Option<u32> {
        let mut at = self.place(hash);
        for _ in 0..self.slots.len() {
            let slot = self.slots.get(at)?;
            if slot.is_free() {
                return None;
            }
            if slot.hash() == hash && is_it(slot) {
                return Some(slot.id());
            }
            at = self.behind(at);
        }
        None
    }

    /// A place with this hash in the line of memory of its first one; `None` where it may stand behind the line.
    #[inline]
    pub(super) fn find_in_line(&self, hash: u32) -> Option<Option<&S>> {
        let place = self.place(hash);
        let line = self.slots.get(place..place + S::IN_LINE)?;
        // All of the line is looked at: where it will be cannot be foreseen, and a wrong guess takes longer.
        let found =
            line.iter().fold(None, |found, slot| if slot.hash() == hash { Some(slot) } else { found });
        match found.filter(|slot| !slot.is_free()) {
            // A line fills up from its start.
            None if line.last().is_some_and(Slot::is_free) => Some(None),
            found => found.map(Some),
        }
    }

    /// The place behind another; behind the last is the first.
    fn behind(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }

    /// Looks at the first place of every hash before any of them is needed: the processor fetches them together.
    pub(super) fn look(&self, hashes: &[u32]) {
        self.look_at(hashes.iter().map(|&hash| self.place(hash)));
    }

    /// Looks at the places behind the line of the first place of every hash.
    pub(super) fn look_behind(&self, hashes: impl Iterator<Item = u32>) {
        self.look_at(hashes.map(|hash| self.place(hash) + S::IN_LINE));
    }

    #[inline]
    fn look_at(&self, places: impl Iterator<Item = usize>) {
        let id = |place| self.slots.get(place).map_or(0, Slot::id);
        std::hint::black_box(places.map(id).fold(0, |sum, id| sum ^ id));
    }

    /// A table of numbers at once. `None` where two are the `same`.
    ///
    /// They are put where about they belong, all of a region one behind the other, and then region by region in their own places: both
    /// touch memory that is near the processor, where one number after another would go anywhere in the table. Each thread has regions of its own.
    pub(super) fn of<I: Iterator<Item = S>>(
        count: usize,
        numbers: impl Fn() -> I + Sync,
        same: impl Fn(&S, &S) -> bool + Sync,
        threads: Threads,
    ) -> Option<Self> {
        let mut table = Self::for_so_many(count);
        let places = table.places();
        let length = table.slots.len().div_ceil(REGION_BYTES / size_of::<S>()).div_ceil(threads.count());
        let length = length.max(1) * (REGION_BYTES / size_of::<S>());
        let shares = table.slots.chunks_mut(length).enumerate();
        let left = threads.each(shares, |(share, slots)| {
            let share = Share { start: share * length, slots, places };
            share.fill(numbers(), &same)
        });
        let left: Vec<Vec<S>> = left.into_iter().collect::<Option<_>>()?;
        table.used = count - left.iter().map(Vec::len).sum::<usize>();
        left.into_iter().flatten().all(|new| table.add_new(new, &same)).then_some(table)
    }

    /// The same of numbers that stand region by region already; and whether no two are the `same`. Of those only the first is in the table.
    ///
    /// The table grows as they come: each place is written shortly before something is put there.
    pub(super) fn in_order(
        count: usize,
        numbers: impl Iterator<Item = S>,
        same: impl Fn(&S, &S) -> bool,
    ) -> (Self, bool) {
        let len = Self::len_for(count);
        let mut table = Self { slots: Vec::with_capacity(len), used: 0 };
        let places = Places { count: len, ..table.places() };
        let (mut is_distinct, mut left) = (true, Vec::new());
        for new in numbers {
            let place = places.first(new.hash(), S::IN_LINE);
            if place + CROWD_MAX > table.slots.len() {
                table.slots.resize(len.min(place + CROWD_MAX + REGION_BYTES / size_of::<S>()), S::FREE);
            }
            match table.add_from(place, new, &same) {
                Added::Once => {}
                Added::Twice => is_distinct = false,
                Added::NoRoom => left.push(new),
            }
        }
        table.slots.resize(len, S::FREE);
        left.into_iter().for_each(|new| is_distinct &= table.add_new(new, &same));
        (table, is_distinct)
    }

    /// Looks at a part of the table, the `part`th of so many, from one end to the other, before numbers of it are looked for in no order.
    pub(super) fn look_through(&self, part: usize, parts: usize) {
        let place = |part: usize| part * self.slots.len() / parts.max(1);
        let slots = self.slots.get(place(part)..place(part + 1)).unwrap_or_default();
        std::hint::black_box(slots.iter().step_by(S::IN_LINE).fold(0, |sum, slot| sum ^ slot.id()));
    }

    /// Adds a number where no other is the `same`; whether there was none. There must be room.
    fn add_new(&mut self, new: S, same: impl Fn(&S, &S) -> bool) -> bool {
        let added = match self.add_from(self.place(new.hash()), new, &same) {
            // Behind the end is the first place.
            Added::NoRoom => self.add_from(0, new, &same),
            added => added,
        };
        matches!(added, Added::Once)
    }

    /// Puts it into the first free place from one on, but not behind the end.
    fn add_from(&mut self, at: usize, new: S, same: impl Fn(&S, &S) -> bool) -> Added {
        let added = add(self.slots.get_mut(at..).unwrap_or_default(), new, same);
        self.used += usize::from(matches!(added, Added::Once));
        added
    }

    /// Adds a number that is not there.
    pub(super) fn add(&mut self, new: S) {
        if (self.used + 1) * 3 > self.slots.len() * 2 {
            let old = std::mem::take(&mut self.slots);
            self.slots = vec![S::FREE; (old.len() * 2).max(16)];
            old.into_iter().filter(|slot| !slot.is_free()).for_each(|slot| self.put(slot));
        }
        self.put(new);
        self.used += 1;
    }

    fn put(&mut self, new: S) {
        let place = self.place(new.hash());
        let (before, from) = self.slots.split_at_mut(place);
        if let Some(free) = from.iter_mut().chain(before).find(|slot| slot.is_free()) {
            *free = new;
        }
    }

    #[inline]
    fn place(&self, hash: u32) -> usize {
        self.places().first(hash, S::IN_LINE)
    }

    #[inline]
    fn places(&self) -> Places {
        let before = self.slots.as_ptr().addr() / size_of::<S>() % S::IN_LINE;
        Places { count: self.slots.len(), before }
    }
}

/// Puts a number into the first free place, where no other before it is the `same`.
fn add<S: Slot>(slots: &mut [S], new: S, same: impl Fn(&S, &S) -> bool) -> Added {
    for slot in slots {
        if slot.is_free() {
            *slot = new;
            return Added::Once;
        }
        if slot.hash() == new.hash() && same(slot, &new) {
            return Added::Twice;
        }
    }
    Added::NoRoom
}

/// How many places a table has, and how many the line of memory holds before the first of them.
#[derive(Clone, Copy)]
struct Places {
    count: usize,
    before: usize,
}

impl Places {
    /// The first place of a hash: a hash of 32 bits scaled down to the places there are, and the first one of its line of memory.
    #[inline]
    fn first(self, hash: u32, in_line: usize) -> usize {
        let place = ((u64::from(hash) * self.count as u64) >> 32) as usize;
        ((place + self.before) & !(in_line - 1)).saturating_sub(self.before)
    }
}

/// Some regions of a table that is being made.
struct Share<'s, S> {
    /// The number of its first place.
    start: usize,
    slots: &'s mut [S],
    places: Places,
}

impl<S: Slot> Share<'_, S> {
    /// Puts those of all numbers in their places that belong here; those that find no room. `None` where two are the `same`.
    fn fill(self, numbers: impl Iterator<Item = S>, same: impl Fn(&S, &S) -> bool) -> Option<Vec<S>> {
        let Self { start, slots, places } = self;
        let region = REGION_BYTES / size_of::<S>();
        let place = |new: &S| places.first(new.hash(), S::IN_LINE).wrapping_sub(start);
        let mut ends: Vec<usize> = (0..slots.len()).step_by(region).collect();
        let mut left = Vec::new();
        for new in numbers {
            let Some(end) = ends.get_mut(place(&new) / region) else { continue };
            let has_room = *end < (place(&new) / region + 1) * region;
            match slots.get_mut(*end).filter(|_| has_room) {
                Some(slot) => (*slot, *end) = (new, *end + 1),
                None => left.push(new),
            }
        }
        let mut some = Vec::with_capacity(region.min(slots.len()));
        // What has no room in its region goes into the next one, which has its numbers in their places already.
        for (at, &end) in ends.iter().enumerate().rev() {
            let staged = slots.get_mut(at * region..end).unwrap_or_default();
            some.extend_from_slice(staged);
            staged.fill(S::FREE);
            for new in some.drain(..) {
                match add(slots.get_mut(place(&new)..).unwrap_or_default(), new, &same) {
                    Added::Once => {}
                    Added::Twice => return None,
                    Added::NoRoom => left.push(new),
                }
            }
        }
        Some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZero;

    /// Numbers of these hashes, each found again by its own.
    fn check(hashes: &[u32]) {
        let numbers = (0..).zip(hashes).map(|(id, &hash)| u64::new(hash, id, &Short::EMPTY));
        let mut plain = Slots::default();
        numbers.clone().for_each(|new| plain.add(new));
        for threads in [Threads::ONE, Threads::new(NonZero::<usize>::MIN.saturating_add(2))] {
            let table = Slots::of(hashes.len(), || numbers.clone(), |_, _| false, threads).unwrap();
            for new in numbers.clone() {
                for table in [&table, &plain] {
                    assert_eq!(table.find(new.hash(), |slot| *slot == new), Some(new.id()));
                }
            }
            assert_eq!((table.used, plain.used), (hashes.len(), hashes.len()));
            let again = || numbers.clone().chain(numbers.clone().take(1));
            let table = Slots::of(hashes.len() + 1, again, |one, other| one == other, threads);
            assert_eq!(table.is_none(), !hashes.is_empty());
        }
    }

    #[test]
    fn numbers_that_come_in_order_are_found_too() {
        let spread = |count: u32| (0..count).map(|n| n.wrapping_mul(0x9E37_79B9));
        // Spread, all in one place at the end, and many in one place before others.
        let crowd = std::iter::repeat_n(7_000_000, 3_000).chain(spread(20_000));
        for hashes in
            [Vec::new(), spread(1).collect(), spread(50_000).collect(), vec![u32::MAX; 300], crowd.collect()]
        {
            let mut hashes: Vec<u32> = hashes;
            hashes.sort_by_key(|hash| hash >> 20);
            let numbers = || (0..).zip(&hashes).map(|(id, &hash)| u64::new(hash, id, &Short::EMPTY));
            let (table, is_distinct) = Slots::in_order(hashes.len(), numbers(), |_, _| false);
            assert!(is_distinct && table.used == hashes.len());
            for (part, new) in numbers().enumerate() {
                table.look_through(part, hashes.len());
                assert_eq!(table.find(new.hash(), |slot| *slot == new), Some(new.id()));
            }
            let again = numbers().flat_map(|new| [new, new]);
            let (table, is_distinct) = Slots::in_order(2 * hashes.len(), again, |one, other| one == other);
            assert_eq!((is_distinct, table.used), (hashes.is_empty(), hashes.len()));
        }
    }

    #[test]
    fn numbers_are_found_wherever_there_is_room() {
        let spread = |count: u32| (0..count).map(|n| n.wrapping_mul(0x9E37_79B9)).collect::<Vec<_>>();
        check(&[]);
        check(&spread(1));
        check(&spread(50_000));
        // All in one place, at the start, in the middle, and at the end, behind which the first place is.
        for hash in [0, 1 << 31, u32::MAX] {
            check(&[hash; 300]);
        }
        // More than a region holds, at either end.
        let crowded =
            |hash: u32| spread(40_000).into_iter().map(|spread| hash ^ spread >> 4).collect::<Vec<_>>();
        check(&crowded(0));
        check(&crowded(u32::MAX));
    }
}
