//! The engine in its world, a turn at a time.
//!
//! A turn is what a loop would do: what came in goes to the engine, what it wants done is asked for, all of it is committed, and
//! only then is anything acknowledged or begun. Between any two of these the process may die; then the engine is started anew
//! from what was committed.

use super::disk::Disk;
use super::market::Market;
use super::network::Flight;
use super::people::Wish;
use super::project::{Listing, Project, STOCK_AT, STORES};
use super::random::Random;
use super::shoppers::Shoppers;
use crate::orders::Event;
use crate::shell::serve::desk::Verdict;
use crate::shell::serve::engine::{Engine, Told, Work};
use crate::shell::state::{First, RecordQuery, State};
use jiff::Timestamp;
use std::ops::ControlFlow;

/// Turns in which anything may happen.
const TURNS: usize = 60;

/// Turns that it may take then until everything has come to rest.
const TURNS_TO_REST_MAX: usize = 3_000;

/// Once all is well, and nothing is under way, so much time goes by at least until the engine is asked again, in milliseconds.
const REST_MS: i64 = 120_000;

/// So many turns of that are enough to see everything twice.
const QUIET_TURNS: usize = 12;

#[derive(Debug)]
pub(super) struct World {
    pub(super) random: Random,
    pub(super) project: Project,
    pub(super) edition: usize,
    pub(super) markets: Vec<Market>,
    pub(super) shoppers: Shoppers,
    /// Events that were not acknowledged, and those that are told twice.
    mail: Vec<Event>,
    /// The next event that nobody was told of.
    told: usize,
    pub(super) flights: Vec<Flight>,
    /// What people want of the engine.
    pub(super) wishes: Vec<Wish>,
    /// True time, in milliseconds; the engine's clock is off by so much.
    pub(super) now_ms: i64,
    off_ms: i64,
    pub(super) is_well: bool,
    pub(super) engine: Option<Engine<Disk>>,
    pub(super) crashes: u64,
    /// What happened, in words, where that is wanted.
    pub(super) log: Option<Vec<String>>,
}

impl World {
    pub(super) fn new(seed: u64, log: Option<Vec<String>>) -> Self {
        let mut random = Random::new(seed);
        let project = Project::new(&mut random);
        let markets = (0..STORES.len())
            .map(|store| {
                let of_store = project.listings.iter().filter(|(at, ..)| *at == store);
                let listings = of_store.map(|(_, store_sku, ..)| store_sku.clone()).collect();
                Market::new(project.outlets[store].terms, listings, STOCK_AT * 1_000, &mut random)
            })
            .collect();
        let now_ms = (STOCK_AT + 10) * 1_000;
        let disk = Disk::new(random.of(&[0, 0, 0, 3]), random.next());
        let mut world = Self {
            random,
            project,
            edition: 0,
            markets,
            shoppers: Shoppers::default(),
            mail: Vec::new(),
            told: 0,
            flights: Vec::new(),
            wishes: Vec::new(),
            now_ms,
            off_ms: 0,
            is_well: false,
            engine: None,
            crashes: 0,
            log,
        };
        world.start(disk);
        world
    }

    /// Writes down what happened, where that is wanted.
    pub(super) fn note(&mut self, what: impl FnOnce() -> String) {
        let now_ms = self.now_ms;
        if let Some(log) = &mut self.log {
            log.push(format!("{now_ms} {}", what()));
        }
    }

    /// Writes down what became of every number, where that is wanted.
    pub(super) fn note_records(&mut self) {
        let (Some(engine), Some(log)) = (&mut self.engine, &mut self.log) else { return };
        let query = RecordQuery { first: First::Oldest, ..RecordQuery::default() };
        let told = engine.state().records(&query, &mut |record| {
            log.push(format!("{record:?}"));
            ControlFlow::Continue(())
        });
        log.extend(told.err().map(|fault| fault.to_string()));
    }

    /// Lets everything happen, then lets everything come to rest.
    pub(super) fn run(&mut self) {
        for _ in 0..TURNS {
            for _ in 0..self.random.below(4) {
                self.happen();
            }
            self.turn();
        }
        self.is_well = true;
        self.now_ms += self.off_ms.abs();
        self.off_ms = 0;
        self.engine().state().fail(0);
        self.markets.iter_mut().for_each(Market::mend);
        self.end_wishes();
        let mut quiet = 0;
        for _ in 0..TURNS_TO_REST_MAX {
            self.allow_all();
            let is_quiet = self.flights.is_empty()
                && self.wishes.is_empty()
                && self.mail.is_empty()
                && self.told == self.shoppers.events.len();
            quiet += usize::from(is_quiet);
            // Stores are compared every ten minutes: after two of them everything was seen. The edge of a rule may have come just now.
            if is_quiet && quiet > QUIET_TURNS && super::truth::waiting(self).is_empty() {
                return;
            }
            self.turn();
        }
        let (waiting, held) = (super::truth::waiting(self), self.engine().guards_met());
        panic!("it does not come to rest: {:?} {waiting:?} {held:?}", self.flights);
    }

    /// The engine's clock.
    pub(super) fn clock(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now_ms + self.off_ms).expect("a moment")
    }

    pub(super) fn engine(&mut self) -> &mut Engine<Disk> {
        self.engine.as_mut().expect("it runs")
    }

    /// The process starts, on a disk that works for as long as that takes.
    fn start(&mut self, mut disk: Disk) {
        let (faults, now) = (disk.fail(0), self.clock());
        let mut engine =
            Engine::start(disk, self.project.setup(self.edition), now).expect("a disk that works");
        engine.state().fail(faults);
        self.engine = Some(engine);
    }

    /// The process dies. What was on its way arrives now or never, and nobody hears of it.
    fn crash(&mut self) {
        self.crashes += 1;
        self.note(|| "it dies".to_owned());
        for flight in std::mem::take(&mut self.flights) {
            if flight.ends.is_none() && self.random.percent(50) {
                self.arrive(&flight.work);
            }
        }
        let disk = self.engine.take().expect("it runs").into_state();
        self.markets.iter_mut().for_each(Market::forget_pace);
        if self.random.percent(30) {
            self.edition = self.random.below(self.project.editions.len());
        }
        self.now_ms += self.random.between(0, 30_000);
        self.start(disk);
    }

    /// Something happens somewhere.
    fn happen(&mut self) {
        let before = self.shoppers.events.len();
        self.befall();
        for at in before..self.shoppers.events.len() {
            let event = crate::orders::write_event(&self.shoppers.events[at]);
            self.note(|| event.to_string());
        }
    }

    fn befall(&mut self) {
        self.now_ms += self.random.between(0, 1_500);
        match self.random.below(23) {
            22 => self.break_store(),
            20 | 21 => self.wish(),
            0..=7 => self.buy(),
            8..=11 => {
                let went_on = self.shoppers.goes_on(&mut self.random, self.now_ms);
                // Some stores show again what was cancelled there, others wait to be told.
                if let Some((store, shown)) = went_on.filter(|(store, _)| store % 2 == 0) {
                    for (store_sku, units) in shown {
                        if let Some(shows) = self.markets[store].shown.get_mut(&store_sku) {
                            *shows += units;
                        }
                    }
                }
            }
            12 | 13 => self.shoppers.stock(&mut self.random, self.now_ms),
            14 => {
                let store = self.random.below(STORES.len());
                let units = self.random.between(0, 40);
                if let Some((_, store_sku, ..)) = self.listing(store).cloned() {
                    self.note(|| format!("somebody sets {store_sku} to {units}"));
                    self.markets[store].edit(&store_sku, units);
                }
            }
            15 => self.off_ms = self.random.of(&[0, 0, 2_000, -2_000, 600_000, -600_000, 3_600_000]),
            16 => self.now_ms += self.random.between(0, 900_000),
            _ => {
                let store = self.random.below(STORES.len());
                self.markets[store].work_off(&mut self.random, false);
            }
        }
    }

    /// Now and then a store answers nothing but 500 for ten minutes.
    fn break_store(&mut self) {
        if self.random.percent(20) {
            let store = self.random.below(STORES.len());
            self.note(|| format!("{} is broken", STORES[store]));
            let now_ms = self.now_ms;
            self.markets[store].breaks(now_ms);
        }
    }

    fn listing(&mut self, store: usize) -> Option<&Listing> {
        let of_store: Vec<usize> =
            (0..self.project.listings.len()).filter(|at| self.project.listings[*at].0 == store).collect();
        if of_store.is_empty() {
            return None;
        }
        let at = self.random.of(&of_store);
        self.project.listings.get(at)
    }

    fn buy(&mut self) {
        let store = self.random.below(STORES.len());
        let mut bought: Vec<(Listing, i64)> = Vec::new();
        for _ in 0..1 + self.random.below(2) {
            let Some(listing) = self.listing(store).cloned() else { return };
            if !Project::is_bought(&listing) {
                continue;
            }
            let wanted = self.random.between(1, 4);
            let units = self.markets[store].buy(&listing.1, wanted);
            if units > 0 && !bought.iter().any(|(other, _)| other.1 == listing.1) {
                bought.push((listing, units));
            } else if let Some((_, sold)) = bought.iter_mut().find(|(other, _)| other.1 == listing.1) {
                *sold += units;
            }
        }
        if !bought.is_empty() {
            let bought: Vec<_> = bought.iter().map(|(listing, units)| (listing, *units)).collect();
            self.shoppers.buys(store, &bought, self.now_ms);
        }
    }

    /// What a loop does in one go. Where the state fails, nothing of it has happened.
    fn turn(&mut self) {
        self.pass_time();
        let events = self.letters();
        let landed = self.land();
        let now = self.clock();
        for (id, ended) in landed {
            self.note(|| format!("{id} ended: {}", super::network::told(&ended)));
            let random = self.random.next();
            // Where the state fails, the store is read to see how it ended.
            let _ = self.engine().ended(id, ended.clone(), now, random);
            if self.random.percent(10) {
                // An answer that comes twice is one.
                let _ = self.engine().ended(id, ended, now, random);
            }
            self.flights.retain(|flight| flight.work.id != id);
        }
        let mut is_awaited = !events.is_empty() || !self.wishes.is_empty();
        let (verdicts, works) = self.verbs(&events, now);
        is_awaited |= verdicts.is_none() || !works.is_empty();
        self.note(|| {
            format!(
                "told {:?}: {verdicts:?}, to do {works:?}",
                events.iter().map(|event| &event.id).collect::<Vec<_>>()
            )
        });
        if !self.is_well && self.random.percent(6) {
            // Whoever told the events heard nothing, and tells them again.
            self.mail.extend(events);
            return self.crash();
        }
        if !is_awaited && self.random.percent(60) {
            // What ended at the stores, and lets nothing leave, waits for the next transaction.
            return self.limits();
        }
        let committed = self.engine().commit().is_ok();
        match verdicts.filter(|_| committed) {
            Some(verdicts) => {
                for (event, verdict) in events.into_iter().zip(verdicts) {
                    if matches!(verdict, Verdict::Refused(_)) || !self.is_well && self.random.percent(10) {
                        self.mail.push(event);
                    }
                }
                self.flights.extend(works.into_iter().map(|work| self.project.flight(work)));
            }
            // What was to be done is void.
            None => self.mail.extend(events),
        }
        self.limits();
        match self.random.below(100) {
            0..3 if !self.is_well => self.crash(),
            3..7 if !self.is_well => {
                self.project.switch(&mut self.random);
                self.follow();
            }
            _ => {}
        }
    }

    /// Other rules come into force.
    pub(super) fn follow(&mut self) {
        self.edition = self.random.below(self.project.editions.len());
        let (edition, switches) = (self.edition, self.project.switches());
        self.note(|| format!("rules {edition}, {switches}"));
        let now = self.clock();
        // Where the state fails, the old rules stay until whoever watches the files tries again.
        loop {
            let setup = self.project.setup(self.edition);
            if self.engine().reload(setup, now).is_ok() && self.engine().commit().is_ok() {
                return;
            }
        }
    }

    /// The engine's verbs, in one transaction: what became of the events, where none of them failed, and what is to be done.
    fn verbs(&mut self, events: &[Event], now: Timestamp) -> (Option<Vec<Verdict>>, Vec<Work>) {
        let mut works = Vec::new();
        let told = |event: &Event| Told { event: event.clone(), actor: "somebody".to_owned(), arrived: now };
        let told: Vec<Told> = events.iter().map(told).collect();
        let verdicts = if told.is_empty() { Ok(Vec::new()) } else { self.engine().events(&told, now) };
        let Ok(verdicts) = verdicts else { return (None, works) };
        if !self.grant(now) {
            return (None, works);
        }
        loop {
            match self.engine().poll(now) {
                Ok(Some(work)) => works.push(work),
                Ok(None) => return (Some(verdicts), works),
                Err(_) => return (None, works),
            }
        }
    }

    fn pass_time(&mut self) {
        let now = self.clock();
        let wake = self.engine().wake(now);
        let until = wake.map(|wake| wake.duration_since(now).as_millis() as i64);
        let pause = match until {
            Some(ms) if self.flights.is_empty() && self.is_well => ms.max(REST_MS),
            Some(ms) if self.flights.is_empty() => ms.clamp(1, 60_000),
            _ => self.random.between(1, 1_000),
        };
        self.now_ms += pause;
    }

    /// Some of the events that are on their way, in any order, some of them twice.
    fn letters(&mut self) -> Vec<Event> {
        let is_late = !self.is_well && self.random.percent(30);
        while !is_late && self.told < self.shoppers.events.len() {
            self.mail.push(self.shoppers.events[self.told].clone());
            self.told += 1;
        }
        let mut letters = Vec::new();
        while !self.mail.is_empty() && (self.is_well || self.random.percent(70)) {
            let at = self.random.below(self.mail.len());
            letters.push(self.mail.swap_remove(at));
        }
        letters
    }
}
