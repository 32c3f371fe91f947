//! A marketplace asked in memory, as a connector's own tests do. The kit fills secrets in and signs, as the host does.

use crate::http::Request;
use crate::marketplace::{Marketplace, Now};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use stocksync_sdk::kit::{Reply, World};
use stocksync_sdk::message::Http;

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
