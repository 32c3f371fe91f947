//! `POST /v1/webhooks/{store}`: what a store tells by itself, verified by its connector.

use super::fault::Fault;
use super::told::AllTold;
use super::{House, body, events};
use crate::dispatch::{CallLimits, Pace};
use crate::shell::connect::spec;
use crate::shell::fault::StoreFault;
use crate::shell::locate::Search;
use crate::shell::project::Project;
use crate::shell::session::Limits;
use crate::shell::store::{Store, StoreSpec, Webhook};
use crate::shell::stores;
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use stocksync_sdk::message;
use tokio::sync::Semaphore;
use tracing::{error, warn};

/// So many webhooks are verified at once.
const VERIFIED_AT_ONCE_MAX: usize = 8;

/// The stores that may tell. Each is opened when it tells for the first time.
pub struct Hooks {
    root: PathBuf,
    search: Search,
    specs: BTreeMap<String, StoreSpec>,
    opened: Mutex<BTreeMap<String, Arc<Store>>>,
    pace: Mutex<Pace>,
    seats: Semaphore,
    began: Instant,
}

impl Hooks {
    /// Of a project's stores.
    pub fn of(project: &Project) -> Self {
        let config = &project.config;
        let named = config
            .stores
            .iter()
            .map(|store| (store.name.clone(), StoreSpec { net: project.net.clone(), ..spec(store) }));
        let rate = config.serve.limits.requests_per_second;
        let limits = CallLimits { requests_per_second: f64::from(rate), burst: rate };
        Self {
            root: project.root.clone(),
            search: Search::of(&project.root, &config.plugins),
            specs: named.collect(),
            opened: Mutex::default(),
            pace: Mutex::new(Pace::new(limits, 0.0)),
            seats: Semaphore::new(VERIFIED_AT_ONCE_MAX),
            began: Instant::now(),
        }
    }

    /// A store, opened where it is not yet.
    fn store(&self, name: &str) -> Result<Option<Arc<Store>>, StoreFault> {
        let Some(spec) = self.specs.get(name) else { return Ok(None) };
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = opened.get(name) {
            return Ok(Some(Arc::clone(store)));
        }
        let mut all = stores::open_all(&self.root, vec![spec.clone()], &self.search, Limits::default());
        let Some(store) = all.pop().transpose()?.map(Arc::new) else { return Ok(None) };
        opened.insert(name.to_owned(), Arc::clone(&store));
        Ok(Some(store))
    }

    fn admit(&self) -> Result<(), Fault> {
        let now = self.began.elapsed();
        let turn = self.pace.lock().unwrap_or_else(PoisonError::into_inner).take(0.0, now);
        turn.map_err(|ready| Fault::busy("too many webhooks", ready.saturating_sub(now)))
    }
}

/// What came of asking a connector.
enum Heard {
    NoStore,
    NoWebhooks,
    Said(Webhook),
}

pub(super) async fn take(
    State(house): State<Arc<House>>,
    Path(store): Path<String>,
    request: Request,
) -> Result<Response, Fault> {
    let current = house.current();
    if !current.hooks.specs.contains_key(&store) {
        return Err(no_store());
    }
    current.hooks.admit()?;
    let (parts, incoming) = request.into_parts();
    let told = as_called(&parts, current.public_url.as_deref());
    let body = body::read(&house, Request::from_parts(parts, incoming)).await?;
    let arrived = Instant::now();
    let within = Duration::from_secs(house.plot.limits.request_seconds);
    let seat = tokio::time::timeout(within, current.hooks.seats.acquire()).await;
    let _seat = seat.map_err(|_| Fault::unavailable("too many webhooks wait"))?;
    let (asked, name) = (Arc::clone(&current), store.clone());
    let bytes = body.bytes;
    let heard = tokio::task::spawn_blocking(move || {
        let Some(store) = asked.hooks.store(&name)? else { return Ok(Heard::NoStore) };
        if !store.takes_webhooks() {
            return Ok(Heard::NoWebhooks);
        }
        store.webhook(&told, &bytes).map(Heard::Said)
    });
    drop(body.room);
    let heard: Result<Heard, StoreFault> =
        heard.await.map_err(|_| Fault::internal("the webhook could not be handed on"))?;
    match heard {
        Ok(Heard::NoStore) => Err(no_store()),
        Ok(Heard::NoWebhooks) => {
            Err(Fault::new(StatusCode::NOT_FOUND, format!("the connector of `{store}` takes no webhooks")))
        }
        Ok(Heard::Said(Webhook::Refused)) => {
            house.tally.webhook(&store, "refused");
            warn!(store, "a webhook is not signed as it should be");
            Err(Fault::new(StatusCode::UNAUTHORIZED, "the signature is not right"))
        }
        Ok(Heard::Said(Webhook::Taken { events, status, body })) => {
            keep(&house, &store, &events, arrived)
                .await
                .inspect_err(|_| house.tally.webhook(&store, "failed"))?;
            house.tally.webhook(&store, "taken");
            Ok(answer(status, body))
        }
        Err(fault) => {
            house.tally.webhook(&store, "failed");
            error!(store, fault = fault.what, "a webhook could not be taken");
            // Whoever asks may be anybody: what went wrong is in the log.
            Err(Fault::internal("the store's connector could not take it"))
        }
    }
}

/// Has the engine keep what a webhook told. What it refuses is refused for good, and sending it again would not help.
async fn keep(house: &House, store: &str, events: &[Value], arrived: Instant) -> Result<(), Fault> {
    let mut all = AllTold::of_values(events, &house.current().zone);
    let verdicts = events::put(house, &mut all, format!("webhook:{store}"), arrived).await?;
    for refusal in all.judged(verdicts).refusals() {
        error!(store, refusal, "an event of a webhook is refused");
    }
    Ok(())
}

fn no_store() -> Fault {
    Fault::new(StatusCode::NOT_FOUND, "there is no such store")
        .with_help("the address ends in the store's name in `stocksync.yaml`")
}

/// The request as its sender called it, as far as that is known: some sign the address too.
fn as_called(parts: &Parts, public_url: Option<&str>) -> message::Request {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let text = |value: &axum::http::HeaderValue| value.to_str().ok().map(str::to_owned);
    let host = parts.headers.get(header::HOST).and_then(text).unwrap_or_default();
    let url = public_url.map_or_else(|| format!("http://{host}{path}"), |base| format!("{base}{path}"));
    let headers =
        parts.headers.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?)));
    message::Request { method: parts.method.to_string(), url, headers: headers.collect() }
}

fn answer(status: u16, body: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(status).ok().filter(|status| status.as_u16() >= 200);
    // What a connector answers is for a store, and nothing for a browser.
    (status.unwrap_or(StatusCode::OK), [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body)
        .into_response()
}
