//! What a running operation has of the world outside: it asks here, and waits here for what comes of it.

use super::Ended;
use super::items::{Item, Outcomes, Verdict};
use crate::connector::{Answer, Fault};
use crate::message::{Action, EventKind, Http, SaveSecret, Sign, Verify};
use crate::rows::{PAGE_ROWS, Page};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// How many orders are told in a step.
const ORDERS_OF_STEP: usize = 1_000;

/// The world outside. Clones are the same link.
#[derive(Clone, Debug, Default)]
pub struct Link(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    now: i64,
    last_id: u32,
    asked: Vec<(Action, Vec<u8>)>,
    waited_for: BTreeSet<u32>,
    arrived: BTreeMap<u32, Arrival>,
    outcomes: Vec<(u32, Verdict)>,
    pages: VecDeque<Page>,
    page_owed: bool,
    end: Option<Result<(), Ended>>,
}

#[derive(Debug)]
enum Arrival {
    Response(Response),
    Failed(String, String),
    Timer,
    Verified,
}

/// A request being made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    http: Http,
    body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// Any request. `GET`, `HEAD`, `PUT` and `DELETE` are idempotent unless said otherwise.
    pub fn new(method: &str, url: impl Into<String>) -> Self {
        let idempotent = matches!(method, "GET" | "HEAD" | "PUT" | "DELETE");
        let http = Http { method: method.to_owned(), url: url.into(), idempotent, ..Http::default() };
        Self { http, body: Vec::new() }
    }

    /// A `GET`.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.http.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body, and says that it is JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Sets the body and its type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    /// The host may send it again where nobody knows whether it arrived.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.http.idempotent = true;
        self
    }

    /// It must not be sent twice.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.http.idempotent = false;
        self
    }

    /// Its cost in points.
    #[must_use]
    pub fn cost(mut self, points: f64) -> Self {
        self.http.cost = points;
        self
    }

    /// A signature to be made by the host.
    #[must_use]
    pub fn sign(mut self, sign: Sign) -> Self {
        self.http.sign.push(sign);
        self
    }

    /// A secret to be taken out of the response by the host.
    #[must_use]
    pub fn save_secret(mut self, save: SaveSecret) -> Self {
        self.http.save_secret.push(save);
        self
    }
}

impl Response {
    /// The body as JSON, if it is.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    /// What the store said, for a person: status and the start of the body.
    #[must_use]
    pub fn words(&self) -> String {
        super::one_line(&format!("HTTP {} {}", self.status, String::from_utf8_lossy(&self.body)))
    }
}

impl Link {
    /// The time in milliseconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.state().now
    }

    /// Sends a request.
    ///
    /// # Errors
    /// No answer came. Nobody knows whether it arrived: [`Ended::failed`].
    pub async fn send(&self, request: Request) -> Result<Response, Ended> {
        self.try_send(request).await.map_err(|(_, why)| Ended::failed(why))
    }

    /// Sends a request whose failure is dealt with.
    ///
    /// # Errors
    /// The kind of failure (`timeout`, `connect`, `refused` …), and a line for a person.
    pub async fn try_send(&self, request: Request) -> Result<Response, (String, String)> {
        let Request { http, body } = request;
        let id = self.ask(|id| Action::Http(Box::new(Http { id, ..http })), body);
        match self.arrival(id).await {
            Arrival::Response(response) => Ok(response),
            Arrival::Failed(kind, why) if why.is_empty() => Err((kind.clone(), format!("no answer: {kind}"))),
            Arrival::Failed(kind, why) => Err((kind, why)),
            Arrival::Timer | Arrival::Verified => {
                Err(("io".to_owned(), "no response came, but something else".to_owned()))
            }
        }
    }

    /// Waits.
    pub async fn wait(&self, seconds: f64) {
        let id = self.ask(|id| Action::Wait { id, seconds }, Vec::new());
        self.arrival(id).await;
    }

    /// Has a webhook's signature verified; where it is not right, the host ends the operation here. `id` is set here.
    pub async fn verify(&self, verify: Verify) {
        let id = self.ask(|id| Action::Verify(Box::new(Verify { id, ..verify })), Vec::new());
        self.arrival(id).await;
    }

    /// Answers the sender of a webhook with a status and no body.
    pub fn reply(&self, status: u16) {
        self.state().asked.push((Action::Reply { status, body: None }, Vec::new()));
    }

    /// Tells what the store says of its bucket of cost points: points now, at most, and back each second.
    pub fn budget(&self, available: f64, maximum: f64, per_second: f64) {
        self.state().asked.push((Action::Budget { available, maximum, per_second }, Vec::new()));
    }

    /// Tells of an order that was placed; see [`Action::Order`]. What has no order's name is the event of no order, and nobody is told.
    pub fn order(&self, event: Value) {
        if event.get("order").and_then(Value::as_str).is_none_or(str::is_empty) {
            return;
        }
        self.state().asked.push((Action::Order { event }, Vec::new()));
    }

    /// Tells of many orders, a thousand a step: the host takes only so much of one.
    pub async fn orders(&self, events: Vec<Value>) {
        for part in events.chunks(ORDERS_OF_STEP) {
            part.iter().for_each(|event| self.order(event.clone()));
            self.wait(0.0).await;
        }
    }

    /// Hands out a page of the answer of at most [`PAGE_ROWS`] rows.
    pub fn page(&self, page: Page) {
        if !page.is_empty() {
            self.state().pages.push_back(page);
        }
    }

    /// Tells what became of an item. Of two verdicts the first counts.
    pub fn tell(&self, item: &Item, verdict: Verdict) {
        self.state().outcomes.push((item.index, verdict));
    }

    /// Tells what an action or a signature came to; see the methods.
    async fn arrival(&self, id: u32) -> Arrival {
        poll_fn(|_| match self.state().arrived.remove(&id) {
            Some(arrival) => Poll::Ready(arrival),
            None => Poll::Pending,
        })
        .await
    }

    fn ask(&self, action: impl FnOnce(u32) -> Action, body: Vec<u8>) -> u32 {
        let mut state = self.state();
        state.last_id += 1;
        let id = state.last_id;
        state.waited_for.insert(id);
        state.asked.push((action(id), body));
        id
    }

    pub(super) fn set_now(&self, now: i64) {
        self.state().now = now;
    }

    pub(super) fn arrive(&self, kind: &EventKind, body: &[u8]) -> Result<(), Fault> {
        let (id, arrival) = match kind {
            EventKind::Response { id, status, headers } => {
                let response = Response { status: *status, headers: headers.clone(), body: body.to_vec() };
                (*id, Arrival::Response(response))
            }
            EventKind::Failed { id, kind, message } => (*id, Arrival::Failed(kind.clone(), message.clone())),
            EventKind::Timer { id } => (*id, Arrival::Timer),
            EventKind::Verified { id } => (*id, Arrival::Verified),
            _ => return Err(Fault::wrong_state("this event has no place here")),
        };
        let mut state = self.state();
        if !state.waited_for.remove(&id) {
            return Err(Fault::wrong_state(format!("nothing waits for an answer {id}")));
        }
        state.arrived.insert(id, arrival);
        Ok(())
    }

    /// The host asks for the next page.
    pub(super) fn page_wanted(&self) -> Result<(), Fault> {
        let mut state = self.state();
        if !std::mem::take(&mut state.page_owed) {
            return Err(Fault::wrong_state("no more rows were promised"));
        }
        Ok(())
    }

    pub(super) fn end(&self, end: Result<(), Ended>) {
        self.state().end = Some(end);
    }

    /// What the operation asked for since the last step.
    pub(super) fn answer(&self, outcomes: &mut Outcomes) -> Answer {
        let mut state = self.state();
        let mut answer = Answer::nothing();
        for (action, body) in std::mem::take(&mut state.asked) {
            answer = match action {
                Action::Http(http) => answer.http(*http, &body),
                action => answer.action(action),
            };
        }
        let mut told = std::mem::take(&mut state.outcomes);
        while !told.is_empty() {
            let rest = told.split_off(told.len().min(PAGE_ROWS));
            let page = outcomes.page(std::mem::replace(&mut told, rest));
            if !page.is_empty() {
                state.pages.push_back(page);
            }
        }
        if !state.page_owed
            && let Some(page) = state.pages.pop_front()
        {
            answer = answer.rows(page);
        }
        if !state.pages.is_empty() && !state.page_owed {
            state.page_owed = true;
            return answer.action(Action::MoreRows {});
        }
        if state.page_owed {
            return answer;
        }
        match state.end.take() {
            None => answer,
            Some(Ok(())) => answer.action(Action::Done { error: None, nothing_written: false }),
            Some(Err(Ended { why, nothing_written })) => {
                answer.action(Action::Done { error: Some(why), nothing_written })
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
