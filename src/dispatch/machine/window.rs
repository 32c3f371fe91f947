//! The part of the outbox that is at hand, in the order of writes.

use super::Try;
use crate::dispatch::Class;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// The order of writes: class, planned number, store SKU.
type Place = (Class, u64, String);

/// Writes that wait.
#[derive(Clone, Debug)]
pub(super) struct Window {
    waiting: BTreeMap<Place, Try>,
    places: HashMap<String, Place>,
    max: usize,
    /// Whether there is more on disk.
    more: bool,
    /// Whether it was asked for, and nothing happened since.
    asked: bool,
}

impl Window {
    pub(super) fn new(max: usize, more: bool) -> Self {
        Self { waiting: BTreeMap::new(), places: HashMap::new(), max: max.max(1), more, asked: false }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn room(&self) -> usize {
        self.max.saturating_sub(self.waiting.len())
    }

    pub(super) fn offered(&mut self, more: bool) {
        self.more |= more;
    }

    /// Whether more of the outbox is to be offered. It is asked for once until something happens: what is offered may be under
    /// way already.
    pub(super) fn wants_more(&mut self) -> bool {
        let wants = self.more && !self.asked && self.waiting.len() * 2 <= self.max;
        if wants {
            (self.more, self.asked) = (false, true);
        }
        wants
    }

    /// Something happened: more may be asked for again.
    pub(super) fn stir(&mut self) {
        self.asked = false;
    }

    /// Puts a write in its place, unless it or a newer one of its listing is there, and gives back the one whose place it took.
    /// The last one that was never sent makes room: it still waits on disk.
    pub(super) fn put(&mut self, one: Try) -> Option<Try> {
        let mut older = None;
        if let Some(place) = self.places.get(&one.item.store_sku) {
            if self.waiting.get(place).is_some_and(|held| held.item.record >= one.item.record) {
                return None;
            }
            older = self.waiting.remove(place);
        }
        let place = (one.item.class(), one.item.after, one.item.store_sku.clone());
        self.places.insert(one.item.store_sku.clone(), place.clone());
        self.waiting.insert(place, one);
        let untried = |(_, one): &(&Place, &Try)| !one.claimed;
        if self.waiting.len() > self.max
            && let Some(last) = self.waiting.iter().rev().find(untried).map(|(place, _)| place.clone())
        {
            self.waiting.remove(&last);
            self.places.remove(&last.2);
            self.more = true;
        }
        older
    }

    /// Takes the number of a listing out.
    pub(super) fn remove(&mut self, store_sku: &str) -> Option<Try> {
        self.waiting.remove(&self.places.remove(store_sku)?)
    }

    /// The newest number of a listing that waits.
    pub(super) fn newest(&self, store_sku: &str) -> Option<&Try> {
        self.waiting.get(self.places.get(store_sku)?)
    }

    /// Tells a waiting write what the store shows now.
    pub(super) fn shows(&mut self, store_sku: &str, live: Option<i64>) {
        if let Some(mut one) = self.remove(store_sku) {
            one.item.before = live;
            self.put(one);
        }
    }

    /// Takes out, in their order, writes that may go now and are wanted.
    pub(super) fn take(
        &mut self,
        now: Timestamp,
        is_free: impl Fn(&str) -> bool,
        most: usize,
        wanted: impl Fn(&Try) -> bool,
    ) -> Vec<Try> {
        let ready = |one: &&Try| {
            is_free(&one.item.store_sku) && one.not_before.is_none_or(|moment| moment <= now) && wanted(one)
        };
        let taken: Vec<Try> = self.waiting.values().filter(ready).take(most).cloned().collect();
        self.asked &= taken.is_empty();
        for one in &taken {
            self.remove(&one.item.store_sku);
        }
        taken
    }

    /// Takes out everything. What is on disk beyond it is asked for again.
    pub(super) fn clear(&mut self) -> Vec<Try> {
        self.places.clear();
        self.asked &= self.waiting.is_empty();
        std::mem::take(&mut self.waiting).into_values().collect()
    }

    /// When the first write may go that waits for a moment.
    pub(super) fn next_moment(&self, is_free: impl Fn(&str) -> bool) -> Option<Timestamp> {
        let free = self.waiting.values().filter(|one| is_free(&one.item.store_sku));
        free.map(|one| one.not_before.unwrap_or(Timestamp::MIN)).min()
    }
}
