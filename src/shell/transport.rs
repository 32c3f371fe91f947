//! Carries the requests and waits of one session, side by side, on a small runtime of its own.

use super::fault::clean;
use super::secrets::Secrets;
use reqwest::{Client, Method, Url, redirect};
use std::collections::VecDeque;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use stocksync_sdk::message::{EventKind, Http};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

/// How long a connection may take.
pub const CONNECT_MS_MAX: u64 = 10_000;
/// How long a request may take from its start to its last byte.
pub const REQUEST_MS_MAX: u64 = 60_000;
/// The largest body of a response, in bytes.
pub const RESPONSE_BYTES_MAX: usize = 64 << 20;
/// Requests side by side where the manifest names no limit.
pub const CONCURRENCY: usize = 8;
/// The longest single wait.
pub const WAIT_SECONDS_MAX: f64 = 60.0;

/// What came of an action.
#[derive(Clone, Debug, PartialEq)]
pub struct Landed {
    /// The action.
    pub id: u32,
    /// What the connector is told.
    pub event: EventKind,
    /// The body beside it.
    pub body: Vec<u8>,
}

/// The requests and waits of one session.
#[derive(Debug)]
pub struct Transport {
    hosts: Arc<[String]>,
    secrets: Arc<Secrets>,
    concurrency: usize,
    client: Option<Client>,
    queue: VecDeque<(Http, Vec<u8>)>,
    requests: usize,
    // Before the runtime, so that they end before it does.
    tasks: JoinSet<(Landed, bool)>,
    runtime: Option<Runtime>,
}

impl Transport {
    /// Requests to `hosts`, at most so many side by side (0: as many as is usual). Nothing is opened before it is needed.
    pub fn new(hosts: &[String], secrets: Arc<Secrets>, concurrency: u32) -> Self {
        let concurrency = if concurrency == 0 { CONCURRENCY } else { concurrency.min(64) as usize };
        Self {
            hosts: hosts.into(),
            secrets,
            concurrency,
            client: None,
            queue: VecDeque::new(),
            requests: 0,
            tasks: JoinSet::new(),
            runtime: None,
        }
    }

    /// Takes a request on; it is sent as soon as others leave room.
    pub fn send(&mut self, http: Http, body: Vec<u8>) {
        self.queue.push_back((http, body));
    }

    /// Starts a wait.
    ///
    /// # Errors
    /// The system gives no runtime.
    pub fn wait(&mut self, id: u32, seconds: f64) -> Result<(), String> {
        let seconds = if seconds.is_finite() { seconds.clamp(0.0, WAIT_SECONDS_MAX) } else { 0.0 };
        let handle = self.runtime()?.handle().clone();
        let wait = async move {
            tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
            (Landed { id, event: EventKind::Timer { id }, body: Vec::new() }, false)
        };
        self.tasks.spawn_on(wait, &handle);
        Ok(())
    }

    /// What comes next of all that is under way; `None` where nothing is.
    ///
    /// # Errors
    /// The system gives no runtime or no TLS.
    pub fn landed(&mut self) -> Result<Option<Landed>, String> {
        while self.requests < self.concurrency
            && let Some((http, body)) = self.queue.pop_front()
        {
            self.start(http, body)?;
        }
        let Some(runtime) = &self.runtime else { return Ok(None) };
        match runtime.block_on(self.tasks.join_next()) {
            None => Ok(None),
            Some(Ok((landed, is_request))) => {
                self.requests -= usize::from(is_request);
                Ok(Some(landed))
            }
            Some(Err(_)) => Err("lost a request".to_owned()),
        }
    }

    fn start(&mut self, http: Http, body: Vec<u8>) -> Result<(), String> {
        let handle = self.runtime()?.handle().clone();
        let client = self.client()?;
        let (hosts, secrets) = (Arc::clone(&self.hosts), Arc::clone(&self.secrets));
        self.requests += 1;
        let request = async move {
            let id = http.id;
            let landed = match exchange(&client, &hosts, &secrets, http, body).await {
                Ok((event, body)) => Landed { id, event, body },
                Err(Trouble { kind, message }) => {
                    let message = clean(&secrets.redact(&message));
                    Landed {
                        id,
                        event: EventKind::Failed { id, kind: kind.to_owned(), message },
                        body: Vec::new(),
                    }
                }
            };
            (landed, true)
        };
        self.tasks.spawn_on(request, &handle);
        Ok(())
    }

    fn runtime(&mut self) -> Result<&Runtime, String> {
        if self.runtime.is_none() {
            let made = Builder::new_current_thread().enable_all().build();
            self.runtime = Some(made.map_err(|error| format!("the system gives no runtime: {error}"))?);
        }
        self.runtime.as_ref().ok_or_else(|| "the system gives no runtime".to_owned())
    }

    fn client(&mut self) -> Result<Client, String> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        // A second store finds it installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("stocksync/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_millis(CONNECT_MS_MAX))
            .timeout(Duration::from_millis(REQUEST_MS_MAX))
            .build()
            .map_err(|error| format!("cannot set up HTTP: {}", reason(&error)))?;
        self.client = Some(client.clone());
        Ok(client)
    }
}

struct Trouble {
    kind: &'static str,
    message: String,
}

fn refused(message: impl Into<String>) -> Trouble {
    Trouble { kind: "refused", message: message.into() }
}

async fn exchange(
    client: &Client,
    hosts: &[String],
    secrets: &Secrets,
    http: Http,
    body: Vec<u8>,
) -> Result<(EventKind, Vec<u8>), Trouble> {
    if !http.save_secret.is_empty() {
        return Err(refused("saving secrets is not built yet"));
    }
    let signs = secrets.sign(&http.sign).map_err(refused)?;
    let fill = |text: &str| secrets.fill(text, &signs).map_err(refused);
    let url = target(hosts, &fill(&http.url)?)?;
    let method =
        Method::from_bytes(http.method.as_bytes()).map_err(|_| refused("the method is not one of HTTP"))?;
    let mut request = client.request(method, url).body(fill_body(&fill, body)?);
    for (name, value) in &http.headers {
        request = request.header(name, fill(value)?);
    }
    let mut response = request.send().await.map_err(trouble)?;
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let event = EventKind::Response { id: http.id, status: response.status().as_u16(), headers };
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(trouble)? {
        if body.len() + piece.len() > RESPONSE_BYTES_MAX {
            let message = format!("the response is larger than {} MiB", RESPONSE_BYTES_MAX >> 20);
            return Err(Trouble { kind: "too-large", message });
        }
        body.extend_from_slice(&piece);
    }
    Ok((event, body))
}

/// Bodies that are not text hold no placeholders.
fn fill_body(fill: &impl Fn(&str) -> Result<String, Trouble>, body: Vec<u8>) -> Result<Vec<u8>, Trouble> {
    match String::from_utf8(body) {
        Ok(text) => fill(&text).map(String::into_bytes),
        Err(error) => Ok(error.into_bytes()),
    }
}

/// The address of a request, if the store may be reached there. Looked at after the secrets are filled in: they could change the host.
fn target(hosts: &[String], url: &str) -> Result<Url, Trouble> {
    let url =
        Url::parse(url).map_err(|error| refused(format!("the address of a request is wrong: {error}")))?;
    let host = url.host_str().unwrap_or_default();
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("the address of a request holds a user or a password"));
    }
    if !hosts.iter().any(|pattern| matches_host(pattern, host)) {
        return Err(refused(format!("the connector may not reach `{host}`: its manifest does not name it")));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(host) => Ok(url),
        _ => Err(refused(format!("`{host}` is not asked over https"))),
    }
}

fn matches_host(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(domain) => {
            let inside = host.len().checked_sub(domain.len() + 1).and_then(|at| host.split_at_checked(at));
            inside.is_some_and(|(below, rest)| {
                !below.is_empty()
                    && rest.strip_prefix('.').is_some_and(|rest| rest.eq_ignore_ascii_case(domain))
            })
        }
        None => pattern.eq_ignore_ascii_case(host),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn trouble(error: reqwest::Error) -> Trouble {
    // Its address may hold a secret in a form that redaction does not know.
    let error = error.without_url();
    let kind = if error.is_timeout() {
        "timeout"
    } else if is_tls(&error) {
        "tls"
    } else if error.is_connect() {
        "connect"
    } else if error.is_builder() {
        "refused"
    } else {
        "io"
    };
    Trouble { kind, message: reason(&error) }
}

fn is_tls(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| {
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause.is::<rustls::Error>() || inner.is_some_and(|inner| inner.is::<rustls::Error>())
    })
}

/// The innermost cause says most, the outermost what was being done.
fn reason(error: &(dyn Error + 'static)) -> String {
    match causes(error).last() {
        Some(cause) if !std::ptr::addr_eq(cause, error) => format!("{error}: {cause}"),
        _ => error.to_string(),
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

#[cfg(test)]
mod tests;
