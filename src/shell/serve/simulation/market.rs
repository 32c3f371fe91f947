//! A marketplace: what it shows, what it does with what it is sent, and the faults that it has.

use super::random::Random;
use crate::dispatch::{CallLimits, Item, Outcome, Pace, Terms};
use crate::shell::state::Pending;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

/// A store, as it is in truth.
#[derive(Debug)]
pub(super) struct Market {
    pub(super) terms: Terms,
    /// What each listing shows.
    pub(super) shown: BTreeMap<String, i64>,
    /// Listings whose number somebody else set, and that were not written since.
    pub(super) edited: BTreeSet<String>,
    /// The record of the number that each listing was given last.
    pub(super) given: BTreeMap<String, u64>,
    /// Whether it only accepts what it is sent, and does it later: at the latest when the listing is read.
    accepts: bool,
    /// What was accepted and not done yet, by ticket; and what became of what was done.
    tickets: BTreeMap<String, Ticket>,
    next_ticket: u64,
    /// What it has been given under each key: the same again does nothing.
    keys: HashMap<String, Vec<Outcome>>,
    /// How faulty it is, in percent.
    pub(super) faults: u64,
    /// Until when the token is good that it is asked with, in milliseconds.
    token_until: i64,
    /// Until when it answers every request with 500, in milliseconds.
    broken_until: i64,
    /// How many requests it answered so.
    pub(super) errors: u64,
    limit: Limit,
}

/// The longest that a token is good, in milliseconds.
const TOKEN_MS_MAX: i64 = 1_800_000;

/// How long a store is broken, in milliseconds.
pub(super) const BROKEN_MS: i64 = 600_000;

/// How often it may be asked: the pace of whoever asks, and a bucket of its own that must never run dry.
#[derive(Clone, Debug)]
struct Limit {
    limits: CallLimits,
    pace: Pace,
    tokens: f64,
    at_ms: i64,
}

impl Limit {
    fn new(now_ms: i64, random: &mut Random) -> Self {
        let requests_per_second = random.of(&[0.5, 2.0, 10.0, 50.0]);
        let limits = CallLimits { requests_per_second, burst: random.of(&[1, 5, 40]) };
        Self { limits, pace: Pace::new(limits, 0.0), tokens: f64::from(limits.burst), at_ms: now_ms }
    }

    fn asks(&mut self, now_ms: i64) -> bool {
        if self.pace.take(1.0, since_ms(now_ms)).is_err() {
            return false;
        }
        let rate = self.limits.requests_per_second;
        let filled = self.tokens + (now_ms - self.at_ms) as f64 / 1_000.0 * rate;
        self.tokens = filled.min(f64::from(self.limits.burst)) - 1.0;
        self.at_ms = now_ms;
        // Whoever wakes a little late does not wait for that the next time.
        assert!(self.tokens > -rate * 0.003 - 1e-6, "a request above the limit: {self:?}");
        true
    }
}

fn since_ms(now_ms: i64) -> Duration {
    Duration::from_millis(now_ms.unsigned_abs())
}

#[derive(Clone, Debug)]
struct Ticket {
    item: Item,
    done: Option<Outcome>,
}

impl Market {
    pub(super) fn new(terms: Terms, listings: Vec<String>, now_ms: i64, random: &mut Random) -> Self {
        let shown = listings.into_iter().map(|listing| (listing, random.between(0, 30))).collect();
        Self {
            terms,
            shown,
            edited: BTreeSet::new(),
            given: BTreeMap::new(),
            accepts: random.percent(25),
            tickets: BTreeMap::new(),
            next_ticket: 0,
            keys: HashMap::new(),
            faults: random.of(&[0, 5, 20, 40]),
            token_until: now_ms + random.between(10_000, TOKEN_MS_MAX),
            broken_until: now_ms,
            errors: 0,
            limit: Limit::new(now_ms, random),
        }
    }

    /// Whether the token is too old that it is asked with. Then a new one is fetched, if that goes well.
    pub(super) fn token_ended(&mut self, now_ms: i64, is_well: bool, random: &mut Random) -> bool {
        let has_ended = self.token_until <= now_ms;
        if has_ended && (is_well || random.percent(70)) {
            self.token_until = now_ms + random.between(10_000, TOKEN_MS_MAX);
        }
        has_ended
    }

    /// From now on it answers every request with 500, for ten minutes.
    pub(super) fn breaks(&mut self, now_ms: i64) {
        self.broken_until = now_ms + BROKEN_MS;
    }

    /// It is well again, whatever befell it.
    pub(super) fn mend(&mut self) {
        self.faults = 0;
        self.broken_until = 0;
    }

    pub(super) fn is_broken(&self, now_ms: i64) -> bool {
        now_ms < self.broken_until
    }

    /// Takes the turn of a request, as whoever sends them does; false where it has to wait.
    pub(super) fn asks(&mut self, now_ms: i64) -> bool {
        self.limit.asks(now_ms)
    }

    /// It wants not to be asked for so long.
    pub(super) fn asked_to_wait(&mut self, now_ms: i64, ms: u64) {
        self.limit.pace.pause(since_ms(now_ms) + Duration::from_millis(ms));
    }

    /// Whoever sends requests has died: the next one knows nothing of those before, and finds that a burst is there again.
    pub(super) fn forget_pace(&mut self) {
        self.limit = Limit {
            pace: Pace::new(self.limit.limits, 0.0),
            tokens: f64::from(self.limit.limits.burst),
            ..self.limit.clone()
        };
    }

    /// Takes a batch.
    pub(super) fn take(&mut self, key: &str, items: &[Item], random: &mut Random) -> Vec<Outcome> {
        assert!(self.terms.items_max == 0 || items.len() <= self.terms.items_max, "a batch is too large");
        let named: BTreeSet<&String> = items.iter().map(|item| &item.store_sku).collect();
        assert_eq!(named.len(), items.len(), "a batch has a listing twice");
        if let Some(outcomes) = self.keys.get(key) {
            return outcomes.clone();
        }
        if self.terms.all_or_nothing && items.len() > 1 && random.percent(self.faults) {
            return vec![Outcome::Failed("one of them is not right".to_owned()); items.len()];
        }
        let outcomes: Vec<Outcome> = items.iter().map(|item| self.one(item, random)).collect();
        // What failed may be tried again under the same key.
        if !outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed(_))) {
            self.keys.insert(key.to_owned(), outcomes.clone());
        }
        outcomes
    }

    fn one(&mut self, item: &Item, random: &mut Random) -> Outcome {
        if random.percent(self.faults / 2) {
            return Outcome::Failed("throttled: too many requests".to_owned());
        }
        let shown = self.shown.get(&item.store_sku).copied();
        if self.terms.conditional && item.before.is_some() && shown != item.before {
            return Outcome::Conflict;
        }
        if self.accepts {
            self.next_ticket += 1;
            let ticket = format!("t{:06}", self.next_ticket);
            self.tickets.insert(ticket.clone(), Ticket { item: item.clone(), done: None });
            return Outcome::Accepted(ticket);
        }
        self.apply(item);
        if random.percent(self.faults / 4) {
            Outcome::Unknown("half an answer".to_owned())
        } else {
            Outcome::Sent
        }
    }

    fn apply(&mut self, item: &Item) {
        self.shown.insert(item.store_sku.clone(), i64::try_from(item.after).expect("small"));
        self.edited.remove(&item.store_sku);
        let last = self.given.entry(item.store_sku.clone()).or_default();
        assert!(*last <= item.record, "{} is set from record {} after {last}", item.store_sku, item.record);
        *last = item.record;
    }

    /// Does some of what it accepted.
    pub(super) fn work_off(&mut self, random: &mut Random, all: bool) {
        let open: BTreeSet<String> = self
            .tickets
            .values()
            .filter(|ticket| ticket.done.is_none())
            .map(|ticket| ticket.item.store_sku.clone())
            .collect();
        for store_sku in open {
            if all || random.percent(50) {
                self.do_accepted(&store_sku);
            }
        }
    }

    /// Does what it accepted for a listing.
    fn do_accepted(&mut self, store_sku: &str) {
        let names: Vec<String> = self.tickets.keys().cloned().collect();
        for name in names {
            let Some(ticket) = self.tickets.get_mut(&name).filter(|ticket| ticket.done.is_none()) else {
                continue;
            };
            if ticket.item.store_sku == store_sku {
                ticket.done = Some(Outcome::Sent);
                let item = ticket.item.clone();
                self.apply(&item);
            }
        }
    }

    /// What became of what it accepted.
    pub(super) fn asked(&self, asked: &[(Pending, String)]) -> Vec<Outcome> {
        let of = |ticket: &String| {
            let ticket = self.tickets.get(ticket)?;
            Some(ticket.done.clone().unwrap_or_else(|| Outcome::Accepted(String::new())))
        };
        asked
            .iter()
            .map(|(_, name)| match of(name) {
                Some(Outcome::Accepted(_)) => Outcome::Accepted(name.clone()),
                Some(outcome) => outcome,
                None => Outcome::Failed("there is no such ticket".to_owned()),
            })
            .collect()
    }

    /// What it shows of these.
    pub(super) fn read(&mut self, store_skus: &[String]) -> HashMap<String, i64> {
        // All of them are asked for page by page; a mapping may know one less.
        let is_whole = store_skus.len() + 1 >= self.shown.len();
        assert!(is_whole || store_skus.len() <= self.terms.reads_max.max(1), "a read is too large");
        store_skus.iter().for_each(|sku| self.do_accepted(sku));
        store_skus.iter().filter_map(|sku| Some((sku.clone(), *self.shown.get(sku)?))).collect()
    }

    /// Somebody buys some of what is shown: how many he gets.
    pub(super) fn buy(&mut self, store_sku: &str, wanted: i64) -> i64 {
        let Some(shown) = self.shown.get_mut(store_sku) else { return 0 };
        let units = wanted.min(*shown);
        *shown -= units.max(0);
        units.max(0)
    }

    /// Somebody sets a number by hand.
    pub(super) fn edit(&mut self, store_sku: &str, units: i64) {
        self.shown.insert(store_sku.to_owned(), units);
        self.edited.insert(store_sku.to_owned());
    }
}
