//! Whatever a store answers, and in whatever order: nothing is lost, nothing is written twice, no limit is passed.

use super::tests::{at, terms};
use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// A store in memory, the outbox on disk, and what is under way between them.
struct World {
    machine: Machine,
    terms: Terms,
    random: u64,
    now: i64,
    /// What the store shows.
    store: HashMap<String, i64>,
    /// The newest number of each listing that waits on disk.
    outbox: BTreeMap<String, Item>,
    sent: Vec<(u64, Vec<Item>)>,
    reads: Vec<(u64, Vec<String>)>,
    /// What the store accepted, and does later.
    tickets: Vec<Item>,
    /// How often the store took a record's number.
    applied: BTreeMap<u64, u32>,
    ended: BTreeMap<u64, u32>,
    /// Those that were marked in flight on disk.
    claimed: BTreeSet<u64>,
    records: u64,
    wanted: BTreeMap<String, u64>,
    is_well: bool,
}

impl World {
    fn new(terms: Terms, random: u64) -> Self {
        Self {
            machine: Machine::new(terms, false),
            terms,
            random,
            now: 0,
            store: HashMap::new(),
            outbox: BTreeMap::new(),
            sent: Vec::new(),
            reads: Vec::new(),
            tickets: Vec::new(),
            applied: BTreeMap::new(),
            ended: BTreeMap::new(),
            claimed: BTreeSet::new(),
            records: 0,
            wanted: BTreeMap::new(),
            is_well: false,
        }
    }

    fn random(&mut self, below: u64) -> u64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % below.max(1)
    }

    /// A new number is planned for a listing: on disk it takes the place of the one that waits.
    fn plan(&mut self, store_sku: &str, after: u64) {
        self.wanted.insert(store_sku.to_owned(), after);
        let before = *self.store.entry(store_sku.to_owned()).or_insert(50);
        if before == after as i64 && !self.outbox.contains_key(store_sku) && !self.is_under_way(store_sku) {
            return;
        }
        self.records += 1;
        let item =
            Item { record: self.records, store_sku: store_sku.to_owned(), before: Some(before), after };
        if let Some(older) = self.outbox.insert(store_sku.to_owned(), item.clone())
            && !self.claimed.contains(&older.record)
        {
            *self.ended.entry(older.record).or_default() += 1;
        }
        self.machine.offer(vec![item], false);
    }

    fn is_under_way(&self, store_sku: &str) -> bool {
        let machine = &self.machine;
        let has_left = machine.busy.contains(store_sku) || machine.accepted.contains_key(store_sku);
        has_left || machine.window.newest(store_sku).is_some()
    }

    fn end(&mut self, item: &Item) {
        *self.ended.entry(item.record).or_default() += 1;
        if self.outbox.get(&item.store_sku).is_some_and(|held| held.record == item.record) {
            self.outbox.remove(&item.store_sku);
        }
    }

    /// Does everything that is to be done now.
    fn work(&mut self) {
        while let Some(next) = self.machine.poll(at(self.now)) {
            match next {
                Do::Send { batch, items } => {
                    assert!(self.terms.items_max == 0 || items.len() <= self.terms.items_max);
                    for item in &items {
                        let twice = self
                            .sent
                            .iter()
                            .flat_map(|(_, items)| items)
                            .chain(&self.tickets)
                            .any(|other| other.store_sku == item.store_sku);
                        let newest = self.outbox.get(&item.store_sku).map(|newest| newest.record);
                        assert_eq!(
                            newest,
                            Some(item.record),
                            "an older number of {} is sent",
                            item.store_sku
                        );
                        assert!(!twice, "two numbers of {} are under way", item.store_sku);
                    }
                    self.claimed.extend(items.iter().map(|item| item.record));
                    self.sent.push((batch, items));
                    assert!(self.sent.len() + self.reads.len() <= self.terms.concurrency);
                }
                Do::Read { read, store_skus } => {
                    self.reads.push((read, store_skus));
                    assert!(self.sent.len() + self.reads.len() <= self.terms.concurrency);
                }
                Do::Settle(settled) => {
                    for (item, outcome) in settled {
                        if !matches!(outcome, Outcome::Unknown(_) | Outcome::Accepted(_)) {
                            self.end(&item);
                        }
                    }
                }
                Do::Resolve(resolved) => resolved.iter().for_each(|(item, _)| self.end(item)),
                Do::Replan(store_skus) => {
                    for store_sku in store_skus {
                        let wanted = self.wanted.get(&store_sku).copied().unwrap_or(0);
                        self.plan(&store_sku, wanted);
                    }
                }
                Do::Fill => {
                    let room = self.machine.room();
                    let held = |item: &&Item| !self.claimed.contains(&item.record);
                    let waiting: Vec<Item> = self.outbox.values().filter(held).cloned().collect();
                    self.machine.offer(waiting.iter().take(room).cloned().collect(), waiting.len() > room);
                }
            }
        }
    }

    /// One thing that is under way ends, somehow.
    fn answer(&mut self) {
        let under_way = self.sent.len() + self.reads.len();
        let most = under_way + self.tickets.len();
        if most == 0 {
            self.now = self.machine.wake(at(self.now)).map_or(self.now + 1, |wake| wake.as_millisecond());
            return;
        }
        self.now += 1;
        let at_place = self.random(most as u64) as usize;
        if at_place >= under_way {
            let item = self.tickets.swap_remove(at_place - under_way);
            self.apply(&item);
            self.machine.ended(&item, &Outcome::Sent);
            self.end(&item);
        } else if at_place < self.sent.len() {
            let (batch, items) = self.sent.swap_remove(at_place);
            self.answer_batch(batch, &items);
        } else {
            let (read, store_skus) = self.reads.swap_remove(at_place - self.sent.len());
            let random = self.random(1 << 20);
            if !self.is_well && self.random(4) == 0 {
                self.machine.unseen(read, "down", None, at(self.now), random);
                return;
            }
            let live =
                store_skus.iter().filter_map(|sku| Some((sku.clone(), *self.store.get(sku)?))).collect();
            self.machine.seen(read, &live, at(self.now));
        }
    }

    fn answer_batch(&mut self, batch: u64, items: &[Item]) {
        let random = self.random(1 << 20);
        let case = if self.is_well { 9 } else { self.random(12) };
        match case {
            0 => self.machine.broke(batch, Broken::NotSent("refused".to_owned(), None), at(self.now), random),
            1 | 2 => {
                // The connection is lost before or after the store took it.
                for item in items.iter().filter(|_| case == 1) {
                    self.apply(item);
                }
                self.machine.broke(batch, Broken::Unknown("lost".to_owned()), at(self.now), random);
            }
            _ => {
                let outcomes = items.iter().map(|item| self.outcome(item)).collect();
                self.machine.answered(batch, outcomes, at(self.now), random);
            }
        }
    }

    fn outcome(&mut self, item: &Item) -> Outcome {
        let case = if self.is_well { 9 } else { self.random(14) };
        let shows = self.store.get(&item.store_sku).copied();
        if self.terms.conditional && shows != item.before {
            return Outcome::Conflict;
        }
        match case {
            0 => Outcome::Failed("throttled: slow down".to_owned()),
            1 => Outcome::Unknown("no word".to_owned()),
            2 => {
                self.apply(item);
                Outcome::Unknown("half an answer".to_owned())
            }
            3 => {
                self.tickets.push(item.clone());
                Outcome::Accepted("t".to_owned())
            }
            _ => {
                self.apply(item);
                Outcome::Sent
            }
        }
    }

    fn apply(&mut self, item: &Item) {
        self.store.insert(item.store_sku.clone(), item.after as i64);
        *self.applied.entry(item.record).or_default() += 1;
    }
}

proptest! {
    #[test]
    fn every_listing_ends_at_its_newest_number(
        seed in any::<u64>(),
        changes in prop::collection::vec((0_u8..12, 0_u64..60, 0_u8..6), 1..120),
        items_max in 0_usize..5, concurrency in 1_usize..5, window_max in 1_usize..20,
        all_or_nothing in any::<bool>(), conditional in any::<bool>(),
    ) {
        let retry = RetryLimits { attempts_max: 50, ..terms().retry };
        let terms = Terms { items_max, concurrency, window_max, all_or_nothing, conditional, retry, ..terms() };
        let mut world = World::new(terms, seed);
        for (listing, number, steps) in changes {
            // Whatever is to be done is done before anything new comes.
            world.work();
            world.plan(&format!("s{listing}"), number);
            for _ in 0..steps {
                world.work();
                world.answer();
            }
        }
        world.is_well = true;
        let mut steps = 0;
        world.work();
        while !world.machine.is_idle() || !world.tickets.is_empty() {
            world.answer();
            world.work();
            steps += 1;
            prop_assert!(steps < 5_000, "it does not end: {:?}", world.machine);
        }
        prop_assert!(world.outbox.is_empty(), "left on disk: {:?}", world.outbox);
        for (store_sku, wanted) in &world.wanted {
            prop_assert_eq!(world.store.get(store_sku).copied(), Some(*wanted as i64), "{}", store_sku);
        }
        for record in 1..=world.records {
            prop_assert_eq!(world.ended.get(&record), Some(&1), "record {} ends once", record);
            prop_assert!(world.applied.get(&record).copied().unwrap_or(0) <= 1, "record {} is written twice", record);
        }
    }
}
