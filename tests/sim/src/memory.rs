//! A marketplace asked in memory, as a connector's own tests do. The kit fills secrets in and signs, as the host does.

use crate::http::Request;
use crate::marketplace::{Marketplace, Now};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use stocksync_sdk::kit::{Reply, Webhook, World};
use stocksync_sdk::message::{self, Http};

/// How much time passes with each request, in milliseconds.
const REQUEST_MS: i64 = 100;

/// A marketplace on the clock of a [`World`].
pub struct Memory<M> {
    /// The marketplace.
    pub market: M,
    /// How far its clock is ahead of the world's, in milliseconds.
    pub ahead_ms: i64,
    clock: Rc<Cell<i64>>,
}

/// A world of this marketplace and its secrets alone.
#[must_use]
pub fn world<M: Marketplace>(market: M) -> World {
    shared(market).0
}

/// A world of this marketplace, and the marketplace, which the test goes on to look at.
#[must_use]
pub fn shared<M: Marketplace>(market: M) -> (World, Rc<RefCell<Memory<M>>>) {
    let secrets = market.secrets().into_iter().collect();
    let world = World { secrets, ..World::new() };
    let memory = Rc::new(RefCell::new(Memory { market, ahead_ms: 0, clock: Rc::clone(&world.clock) }));
    let asked = Rc::clone(&memory);
    (world.shop(move |http, body| Some(asked.borrow_mut().exchange(http, body))), memory)
}

/// Looks at a marketplace in memory, or changes it.
pub fn with<M, T>(memory: &RefCell<Memory<M>>, look: impl FnOnce(&mut M) -> T) -> T {
    look(&mut memory.borrow_mut().market)
}

/// A webhook as it comes to a receiver that is called by this address.
#[must_use]
pub fn handed_on(request: &Request, url: &str) -> Webhook {
    let Request { method, headers, body, .. } = request.clone();
    Webhook { request: message::Request { method, url: url.to_owned(), headers }, body }
}

impl<M: Marketplace> Memory<M> {
    /// What its clock shows.
    #[must_use]
    pub fn now(&self) -> Now {
        Now(self.clock.get() + self.ahead_ms)
    }

    /// One request, as the host sends it.
    pub fn exchange(&mut self, http: &Http, body: &[u8]) -> Reply {
        let request = Request { body: body.to_vec(), ..Request::to(&http.method, &http.url) };
        let headers = http.headers.iter();
        let request = headers.fold(request, |request, (name, value)| request.header_of(name, value));
        let now = self.now();
        let answer = self.market.answer(&request, now);
        Reply { status: answer.status, headers: answer.headers, body: answer.body, after_ms: REQUEST_MS }
    }
}
