//! Connectors whose operations read as what they do: one `async fn` that sends, waits for the answer, and goes on.
//!
//! Nothing here is asynchronous in earnest. [`Flow`] turns events into results of the futures that wait for them, and what they ask
//! for into actions: a future is only a state machine that the compiler writes. No thread, no clock, no I/O.

mod beside;
mod client;
mod items;
mod json;
mod link;
mod listed;
mod moment;
mod origin;
mod text;

pub use beside::{side_by_side, side_by_side_while};
pub use client::{AGAIN_MAX, Api, Client, Judged, Trouble};
pub use items::{Item, Verdict};
pub use json::{entries, integer, string};
pub use link::{Link, Request, Response};
pub use listed::Listed;
pub use moment::rfc3339;
pub use origin::origin;
pub use text::{one_line, percent};

use crate::connector::{Answer, Connector, Fault, Input};
use crate::message::{self, EventKind, Manifest, OpenConfig};
use items::{Outcomes, take};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A store that is spoken to over HTTP. `export_connector!(Flow<Type>)` exports it.
///
/// ```
/// use stocksync_sdk::flow::{Ended, Flow, Job, Link, Request, Shop};
/// use stocksync_sdk::message::{Manifest, OpenConfig};
///
/// struct Kiosk;
///
/// impl Shop for Kiosk {
///     fn manifest() -> Manifest {
///         Manifest::new("kiosk", env!("CARGO_PKG_VERSION"), &["check"])
///     }
///
///     fn open(_: OpenConfig) -> Result<Self, String> {
///         Ok(Self)
///     }
///
///     async fn run(self, _: Job, link: Link) -> Result<(), Ended> {
///         let answer = link.send(Request::get("https://kiosk.example/stock")).await?;
///         if answer.status == 200 { Ok(()) } else { Err(Ended::refused(format!("the kiosk said {}", answer.status))) }
///     }
/// }
///
/// stocksync_sdk::export_connector!(Flow<Kiosk>);
/// # fn main() {}
/// ```
pub trait Shop: Sized + Send + 'static {
    /// What it says of itself; the same every time.
    fn manifest() -> Manifest;

    /// One store, by its settings.
    ///
    /// # Errors
    /// One line that says which setting is at fault.
    fn open(config: OpenConfig) -> Result<Self, String>;

    /// The manifest for this store, where it depends on the settings.
    fn effective_manifest(&self) -> Option<Manifest> {
        None
    }

    /// The same store for one more operation of the session, for those whose manifest says [`Manifest::reusable`].
    fn again(&self) -> Option<Self> {
        None
    }

    /// Carries one operation out, from its start to its end; operations that the manifest does not offer never come here.
    ///
    /// An item that gets no outcome of its own is failed, or unknown, as the end says.
    fn run(self, job: Job, link: Link) -> impl Future<Output = Result<(), Ended>> + Send + 'static;
}

/// What an operation is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// `check`, `read`, `write` …
    pub operation: String,
    /// 32 hexadecimal digits of randomness.
    pub entropy: String,
    /// The same for the same plan and batch.
    pub idempotency_key: String,
    /// Milliseconds since 1970, for `orders`.
    pub since: Option<i64>,
    /// The rows beside the start.
    pub items: Vec<Item>,
    /// What came, for `webhook`.
    pub request: message::Request,
    /// The body of what came, for `webhook`.
    pub body: Vec<u8>,
}

/// Why an operation ended before its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    why: String,
    nothing_written: bool,
}

impl Ended {
    /// Nobody knows what was written of the items that have no outcome yet.
    pub fn failed(why: impl AsRef<str>) -> Self {
        Self { why: one_line(why.as_ref()), nothing_written: false }
    }

    /// Nothing was written of the items that have no outcome yet.
    pub fn refused(why: impl AsRef<str>) -> Self {
        Self { why: one_line(why.as_ref()), nothing_written: true }
    }

    /// The one line for a person.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.why
    }
}

type Running = Pin<Box<dyn Future<Output = Result<(), Ended>> + Send>>;

/// A [`Shop`] as a [`Connector`].
pub struct Flow<S> {
    shop: Option<S>,
    effective: Option<Manifest>,
    job: Job,
    link: Link,
    outcomes: Outcomes,
    running: Option<Running>,
    over: bool,
}

impl<S: fmt::Debug> fmt::Debug for Flow<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow").field("shop", &self.shop).field("over", &self.over).finish_non_exhaustive()
    }
}

impl<S: Shop> Connector for Flow<S> {
    fn manifest() -> Manifest {
        S::manifest()
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        let shop = S::open(config)?;
        Ok(Self {
            effective: shop.effective_manifest(),
            shop: Some(shop),
            job: Job::default(),
            link: Link::default(),
            outcomes: Outcomes::default(),
            running: None,
            over: false,
        })
    }

    fn effective_manifest(&self) -> Option<Manifest> {
        self.effective.clone()
    }

    fn step(&mut self, input: Input<'_>) -> Result<Answer, Fault> {
        if self.over {
            self.renew(&input.event.kind)?;
        }
        self.link.set_now(input.event.now);
        match &input.event.kind {
            EventKind::Start { .. } => self.start(&input)?,
            EventKind::More {} if self.running.is_some() => self.link.page_wanted()?,
            EventKind::More {} if self.shop.is_some() => take(&mut self.job.items, &input.rows)?,
            kind => self.link.arrive(kind, input.body)?,
        }
        if input.event.more_rows {
            return Ok(Answer::nothing());
        }
        self.begin()?;
        Ok(self.go_on())
    }
}

impl<S: Shop> Flow<S> {
    /// One operation is over: the next one starts as the first did, and knows nothing of it.
    fn renew(&mut self, kind: &EventKind) -> Result<(), Fault> {
        if self.shop.is_none() || !matches!(kind, EventKind::Start { .. }) {
            return Err(Fault::wrong_state("the operation is over"));
        }
        (self.link, self.running, self.over) = (Link::default(), None, false);
        Ok(())
    }

    fn start(&mut self, input: &Input<'_>) -> Result<(), Fault> {
        let EventKind::Start { operation, entropy, idempotency_key, since, request } = &input.event.kind
        else {
            return Ok(());
        };
        if !self.job.operation.is_empty() {
            return Err(Fault::wrong_state("an operation has started already"));
        }
        let is_offered = match &self.effective {
            Some(manifest) => manifest.operations.contains(operation),
            None => S::manifest().operations.contains(operation),
        };
        if !is_offered {
            return Err(Fault::bad_input(format!("the operation `{operation}` is not supported")));
        }
        self.job.operation.clone_from(operation);
        self.job.entropy.clone_from(entropy);
        self.job.idempotency_key.clone_from(idempotency_key);
        self.job.since = *since;
        self.job.request = request.clone().unwrap_or_default();
        self.job.body = input.body.to_vec();
        take(&mut self.job.items, &input.rows)
    }

    /// All rows are there.
    fn begin(&mut self) -> Result<(), Fault> {
        if self.running.is_some() {
            return Ok(());
        }
        if self.job.operation.is_empty() {
            return Err(Fault::wrong_state("no operation has started"));
        }
        let Some(shop) = self.shop.take() else { return Ok(()) };
        self.shop = shop.again();
        let job = std::mem::take(&mut self.job);
        self.outcomes = Outcomes::of(&job);
        self.running = Some(Box::pin(shop.run(job, self.link.clone())));
        Ok(())
    }

    /// Lets the operation go on as far as it can.
    fn go_on(&mut self) -> Answer {
        if let Some(running) = &mut self.running
            && let Poll::Ready(end) = running.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        {
            self.link.end(end);
            self.running = Some(Box::pin(std::future::pending()));
        }
        let answer = self.link.answer(&mut self.outcomes);
        self.over = answer.is_done();
        answer
    }
}

#[cfg(test)]
mod tests;
