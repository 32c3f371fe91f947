//! One request and its answer.

use super::door::Door;
use super::inert::defuse;
use super::target::{redirected, target};
use super::trouble::{Trouble, refused, timeout, trouble};
use super::way::Ground;
use super::{Landed, failed};
use crate::dispatch::{Ending, Retry, retry_after};
use crate::shell::net::Going;
use crate::shell::secrets::{Keyring, Secrets};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, Response, Url};
use std::sync::Arc;
use std::time::Duration;
use stocksync_sdk::message::{EventKind, Http};
use tokio::time::Instant;

/// Redirects that are followed, one after the other.
const REDIRECTS_MAX: usize = 3;

/// What all requests of a session share.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) ground: Arc<Ground>,
    pub(super) keys: Keyring,
    pub(super) door: Arc<Door>,
}

/// A response, whole.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// A request with its secrets filled in.
pub(super) struct Filled {
    pub(super) method: Method,
    /// The address as the connector wrote it.
    pub(super) address: String,
    url: Url,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    /// Whether it may change what the store shows.
    changes: bool,
}

impl Line {
    /// Carries a request out, to whatever end.
    pub(super) async fn carry(self: Arc<Self>, http: Http, body: Vec<u8>) -> Landed {
        let id = http.id;
        let ended = if http.save_secret.is_empty() {
            self.exchange(&self.keys.secrets(), &http, body).await
        } else {
            self.refresh(http, body).await
        };
        match ended {
            Ok(mut answer) => {
                defuse(&mut answer);
                let Answer { status, headers, body } = answer;
                Landed { id, event: EventKind::Response { id, status, headers }, body }
            }
            Err(Trouble { kind, message }) => failed(id, kind, &self.keys.vault().redact(&message)),
        }
    }

    /// Sends a request when its turn comes, again where that may help, and reads the last answer.
    pub(super) async fn exchange(
        &self,
        secrets: &Secrets,
        http: &Http,
        body: Vec<u8>,
    ) -> Result<Answer, Trouble> {
        let filled = fill(&self.ground.hosts, secrets, http, body)?;
        let _seat = self.ground.lane.seat().await;
        let began = Instant::now();
        let mut retry = Retry::new(self.ground.settings.retry, Duration::ZERO);
        loop {
            let going = self.turn_of(http).await?;
            let answer = self.once(http, &filled).await;
            drop(going);
            let ending = ending(&answer);
            self.ground.lane.settled(ending);
            let ending = ending.filter(|ending| http.idempotent && ending.may_pass());
            let random = ending.map_or(0, |_| getrandom::u64().unwrap_or_default());
            match ending.and_then(|ending| retry.again(ending, began.elapsed(), random)) {
                Some(moment) => tokio::time::sleep_until(began + moment).await,
                None => return answer,
            }
        }
    }

    /// Waits for the turn of a request, if it is sent at all.
    async fn turn_of(&self, http: &Http) -> Result<Option<Going<'_>>, Trouble> {
        if self.replays() {
            return Ok(None);
        }
        // What gets none never left: as if no connection had stood.
        let going = self.ground.lane.go(http.cost).await;
        going.map(Some).map_err(|message| Trouble { kind: "connect", message })
    }

    /// Sends a request once, by way of the redirects that are followed.
    pub(super) async fn sent(&self, filled: &Filled) -> Result<Answer, Trouble> {
        let mut url = filled.url.clone();
        for _ in 0..=REDIRECTS_MAX {
            let response = self.head(filled, &url).await?;
            match next(&filled.method, &url, &response) {
                Some(to) => url = to,
                None => return self.body(response).await,
            }
        }
        Err(refused(format!("was redirected more than {REDIRECTS_MAX} times")))
    }

    async fn head(&self, filled: &Filled, url: &Url) -> Result<Response, Trouble> {
        let mut request =
            self.ground.client.request(filled.method.clone(), url.clone()).body(filled.body.clone());
        for (name, value) in &filled.headers {
            request = request.header(name, value);
        }
        if filled.changes && !self.door.leave() {
            return Err(refused("the session is over"));
        }
        let (connect, head) = (self.ground.settings.connect_ms, self.ground.settings.head_ms);
        // The client itself sees to the time of the connection, which may be an old one.
        match tokio::time::timeout(Duration::from_millis(connect + head), request.send()).await {
            Err(_) => Err(timeout("the store did not answer", head)),
            Ok(response) => response.map_err(|error| {
                // No connection stood, or there was nothing to send.
                if filled.changes && (error.is_connect() || error.is_builder()) {
                    self.door.came_back();
                }
                trouble(error)
            }),
        }
    }

    async fn body(&self, response: Response) -> Result<Answer, Trouble> {
        let milliseconds = self.ground.settings.body_ms;
        let whole = read(response, self.ground.settings.body_bytes_max);
        match tokio::time::timeout(Duration::from_millis(milliseconds), whole).await {
            Err(_) => Err(timeout("the store did not send its answer to the end", milliseconds)),
            Ok(answer) => answer,
        }
    }
}

async fn read(mut response: Response, bytes_max: usize) -> Result<Answer, Trouble> {
    let too_large = || Trouble {
        kind: "too-large",
        message: format!("the response is larger than {} KiB", bytes_max >> 10),
    };
    let told = response.content_length().and_then(|length| usize::try_from(length).ok());
    if told.is_some_and(|length| length > bytes_max) {
        return Err(too_large());
    }
    let (status, headers) = (response.status().as_u16(), headers(response.headers()));
    let mut body = Vec::with_capacity(told.unwrap_or_default());
    while let Some(piece) = response.chunk().await.map_err(trouble)? {
        if body.len() + piece.len() > bytes_max {
            return Err(too_large());
        }
        body.extend_from_slice(&piece);
    }
    Ok(Answer { status, headers, body })
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect()
}

/// How an attempt ended, where another may end better or the store's trouble counts.
fn ending(answer: &Result<Answer, Trouble>) -> Option<Ending> {
    match answer {
        Ok(answer) => Some(Ending::Status(answer.status, asked(answer))),
        Err(Trouble { kind: "connect", .. }) => Some(Ending::Connect),
        Err(Trouble { kind: "timeout" | "io", .. }) => Some(Ending::Lost),
        Err(_) => None,
    }
}

/// The pause that a store asks for.
fn asked(answer: &Answer) -> Option<Duration> {
    let busy = matches!(answer.status, 429 | 503);
    let (_, value) = answer.headers.iter().filter(|_| busy).find(|(name, _)| name == "retry-after")?;
    retry_after(value, Timestamp::now())
}

/// Where a redirect leads that is followed: a read, within the host.
fn next(method: &Method, url: &Url, response: &Response) -> Option<Url> {
    let follows = *method == Method::GET && matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(LOCATION).filter(|_| follows)?.to_str().ok()?;
    redirected(url, location)
}

fn fill(hosts: &[String], secrets: &Secrets, http: &Http, body: Vec<u8>) -> Result<Filled, Trouble> {
    let signs = secrets.sign(&http.sign).map_err(refused)?;
    let fill = |text: &str| secrets.fill(text, &signs).map_err(refused);
    let address = fill(&http.url)?;
    let url = target(hosts, &address)?;
    let method =
        Method::from_bytes(http.method.as_bytes()).map_err(|_| refused("the method is not one of HTTP"))?;
    let headers = http.headers.iter().map(|(name, value)| Ok((name.clone(), fill(value)?)));
    let headers = headers.collect::<Result<_, Trouble>>()?;
    // A body that is not text holds no placeholders.
    let body = match String::from_utf8(body) {
        Ok(text) => fill(&text)?.into_bytes(),
        Err(error) => error.into_bytes(),
    };
    // New tokens change what is let in, and no listing.
    let changes = !method.is_safe() && http.save_secret.is_empty();
    Ok(Filled { method, address, url, headers, body, changes })
}
