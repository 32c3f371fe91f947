//! A marketplace asked in memory, as a connector's own tests do. The kit fills secrets in and signs, as the host does.

use crate::http::Request;
use crate::marketplace::{Marketplace, Now};
use std::cell::RefCell;
use std::rc::Rc;
use stocksync_sdk::kit::{Reply, World};
use stocksync_sdk::message::Http;

/// How much time passes with each request, in milliseconds.
const REQUEST_MS: i64 = 100;

/// A marketplace and its clock, which begins as that of a new [`World`] and goes on with each request.
pub struct Memory<M> {
    /// The marketplace.
    pub market: M,
    /// Its clock.
    pub now: Now,
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
    let memory = Rc::new(RefCell::new(Memory { market, now: Now(World::new().now) }));
    let asked = Rc::clone(&memory);
    let world = World { secrets, ..World::new() };
    (world.shop(move |http, body| Some(asked.borrow_mut().exchange(http, body))), memory)
}

impl<M: Marketplace> Memory<M> {
    /// One request, as the host sends it.
    pub fn exchange(&mut self, http: &Http, body: &[u8]) -> Reply {
        let request = Request { body: body.to_vec(), ..Request::to(&http.method, &http.url) };
        let headers = http.headers.iter();
        let request = headers.fold(request, |request, (name, value)| request.header_of(name, value));
        self.now.0 += REQUEST_MS;
        let answer = self.market.answer(&request, self.now);
        Reply { status: answer.status, headers: answer.headers, body: answer.body, after_ms: REQUEST_MS }
    }
}
