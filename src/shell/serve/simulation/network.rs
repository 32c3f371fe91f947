//! The network between the engine and its stores: work takes its turns, arrives or gets lost, and so do the answers.

use super::project::{Project, STORES};
use super::world::World;
use crate::orders::Event;
use crate::shell::serve::engine::{Ended, Task, Work};
use std::collections::BTreeMap;

/// Work that was begun.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) work: Work,
    /// How many requests of it are still to be sent.
    requests: usize,
    /// How it ends, once it has arrived.
    pub(super) ends: Option<Ended>,
}

/// How work ended, in the same words every time.
pub(super) fn told(ended: &Ended) -> String {
    match ended {
        Ended::Shown(shown) => format!("{:?}", shown.iter().collect::<BTreeMap<_, _>>()),
        other => format!("{other:?}"),
    }
}

impl Project {
    /// Work that begins. All listings of a store are asked for page by page.
    pub(super) fn flight(&self, work: Work) -> Flight {
        let page = self.outlets[usize::from(work.store.0)].terms.reads_max.max(1);
        let requests = match &work.task {
            Task::Read { store_skus } => store_skus.len().div_ceil(page).max(1),
            Task::Send { .. } | Task::Tickets(_) | Task::Orders { .. } => 1,
        };
        Flight { work, requests, ends: None }
    }
}

impl World {
    /// Sends what a flight may send now, at the store's pace; whether all of it is sent.
    fn departs(&mut self, at: usize) -> bool {
        let now_ms = self.now_ms;
        let Flight { work, requests, .. } = &mut self.flights[at];
        let market = &mut self.markets[usize::from(work.store.0)];
        while *requests > 0 && market.asks(now_ms) {
            *requests -= 1;
        }
        *requests == 0
    }

    /// Some of what is under way arrives at its store, and some of what has arrived is answered.
    pub(super) fn land(&mut self) -> Vec<(u64, Ended)> {
        let mut landed = Vec::new();
        for at in 0..self.flights.len() {
            if self.flights[at].ends.is_none() && (self.is_well || self.random.percent(60)) {
                if !self.departs(at) {
                    continue;
                }
                let work = self.flights[at].work.clone();
                let faults = self.faults(&work);
                let ends = match faults {
                    Some(ended) => ended,
                    None => self.arrive(&work),
                };
                self.flights[at].ends = Some(ends);
            } else if self.flights[at].ends.is_some() && (self.is_well || self.random.percent(60)) {
                let Flight { work, ends, .. } = &self.flights[at];
                landed.push((work.id, ends.clone().expect("it ended")));
            }
        }
        landed
    }

    /// How work ends that does not go well, if it does not.
    fn faults(&mut self, work: &Work) -> Option<Ended> {
        let now_ms = self.now_ms;
        let market = &mut self.markets[usize::from(work.store.0)];
        if market.token_ended(now_ms, self.is_well, &mut self.random) {
            let why = "401: the token has expired".to_owned();
            let is_send = matches!(work.task, Task::Send { .. });
            return Some(if is_send { Ended::NotSent(why, None) } else { Ended::Failed(why, None) });
        }
        let (faults, is_broken) = (market.faults, market.is_broken(now_ms));
        if is_broken {
            return Some(self.internal_error(work));
        }
        if self.is_well || !self.random.percent(faults) {
            return None;
        }
        let after = self.random.percent(40).then(|| self.random.next() % 5_000);
        let market = &mut self.markets[usize::from(work.store.0)];
        after.inspect(|after| market.asked_to_wait(now_ms, *after));
        Some(match (&work.task, self.random.below(3)) {
            (Task::Send { .. }, 0) => Ended::NotSent("429: too many requests".to_owned(), after),
            (Task::Send { .. }, 1) => Ended::Lost("the connection broke".to_owned()),
            (Task::Send { .. }, _) => {
                self.arrive(work);
                Ended::Lost("the answer got lost".to_owned())
            }
            (_, 0) => Ended::Failed("the connection broke".to_owned(), None),
            (_, _) => Ended::Failed("503".to_owned(), after),
        })
    }

    /// The store answers 500. Numbers that it was sent it may have taken all the same.
    fn internal_error(&mut self, work: &Work) -> Ended {
        self.markets[usize::from(work.store.0)].errors += 1;
        let why = "500: internal server error".to_owned();
        if !matches!(work.task, Task::Send { .. }) {
            return Ended::Failed(why, None);
        }
        if self.random.percent(30) {
            self.arrive(work);
        }
        Ended::Lost(why)
    }

    /// Work arrives at its store.
    pub(super) fn arrive(&mut self, work: &Work) -> Ended {
        self.note(|| format!("{} arrives", work.id));
        let store = usize::from(work.store.0);
        let market = &mut self.markets[store];
        match &work.task {
            Task::Send { key, items } => Ended::Outcomes(market.take(key, items, &mut self.random)),
            Task::Read { store_skus } => Ended::Shown(market.read(store_skus)),
            Task::Tickets(asked) => {
                market.work_off(&mut self.random, self.is_well);
                Ended::Outcomes(market.asked(asked))
            }
            Task::Orders { since } => {
                let of_store = |event: &&Event| match &event.what {
                    crate::orders::What::Order(order) => order.store.as_deref() == Some(STORES[store]),
                    crate::orders::What::Stock(_) => false,
                };
                let is_new = |event: &&Event| match &event.what {
                    crate::orders::What::Order(order) => match &order.change {
                        crate::orders::OrderChange::Placed { placed_at, .. } => placed_at >= since,
                        _ => event.at.is_none_or(|at| at >= *since),
                    },
                    crate::orders::What::Stock(_) => false,
                };
                Ended::Orders(self.shoppers.events.iter().filter(of_store).filter(is_new).cloned().collect())
            }
        }
    }

    /// No store is asked for more at a time than it takes.
    pub(super) fn limits(&self) {
        for (at, market) in self.markets.iter().enumerate() {
            let machine = |flight: &&Flight| {
                usize::from(flight.work.store.0) == at && matches!(flight.work.task, Task::Send { .. })
            };
            let count = self.flights.iter().filter(machine).count();
            assert!(count <= market.terms.concurrency, "{count} batches are under way at {}", STORES[at]);
            let mut busy: Vec<&String> = Vec::new();
            for flight in self.flights.iter().filter(machine) {
                let Task::Send { items, .. } = &flight.work.task else { continue };
                for item in items {
                    assert!(
                        !busy.contains(&&item.store_sku),
                        "two numbers of {} are under way",
                        item.store_sku
                    );
                    busy.push(&item.store_sku);
                }
            }
        }
    }
}
