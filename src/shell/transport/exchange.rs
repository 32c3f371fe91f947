//! One request and its answer.

use super::target::{redirected, target};
use super::trouble::{Trouble, refused, timeout, trouble};
use super::{Landed, failed};
use crate::shell::net::{Finishing, Lane, NetSettings};
use crate::shell::secrets::{Keyring, Secrets};
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Client, Method, Response, Url};
use std::sync::Arc;
use std::time::Duration;
use stocksync_sdk::message::{EventKind, Http};

/// Redirects that are followed, one after the other.
const REDIRECTS_MAX: usize = 3;

/// What all requests of a session share.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) client: Client,
    pub(super) settings: NetSettings,
    pub(super) finishing: Finishing,
    pub(super) hosts: Arc<[String]>,
    pub(super) keys: Keyring,
    pub(super) lane: Arc<Lane>,
}

/// A response, whole.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// A request with its secrets filled in.
struct Filled {
    method: Method,
    url: Url,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
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
            Ok(Answer { status, headers, body }) => {
                Landed { id, event: EventKind::Response { id, status, headers }, body }
            }
            Err(Trouble { kind, message }) => failed(id, kind, &self.keys.vault().redact(&message)),
        }
    }

    /// Sends a request when its turn comes, and reads the answer.
    pub(super) async fn exchange(
        &self,
        secrets: &Secrets,
        http: &Http,
        body: Vec<u8>,
    ) -> Result<Answer, Trouble> {
        let mut filled = fill(&self.hosts, secrets, http, body)?;
        let _seat = self.lane.enter().await;
        for _ in 0..=REDIRECTS_MAX {
            let response = self.head(&filled).await?;
            match next(&filled, &response) {
                Some(url) => filled.url = url,
                None => return self.body(response).await,
            }
        }
        Err(refused(format!("was redirected more than {REDIRECTS_MAX} times")))
    }

    async fn head(&self, filled: &Filled) -> Result<Response, Trouble> {
        let mut request =
            self.client.request(filled.method.clone(), filled.url.clone()).body(filled.body.clone());
        for (name, value) in &filled.headers {
            request = request.header(name, value);
        }
        let (connect, head) = (self.settings.connect_ms, self.settings.head_ms);
        // The client itself sees to the time of the connection, which may be an old one.
        match tokio::time::timeout(Duration::from_millis(connect + head), request.send()).await {
            Err(_) => Err(timeout("the store did not answer", head)),
            Ok(response) => response.map_err(trouble),
        }
    }

    async fn body(&self, response: Response) -> Result<Answer, Trouble> {
        let milliseconds = self.settings.body_ms;
        let whole = read(response, self.settings.body_bytes_max);
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

/// Where a redirect leads that is followed: a read, within the host.
fn next(filled: &Filled, response: &Response) -> Option<Url> {
    let follows =
        filled.method == Method::GET && matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(LOCATION).filter(|_| follows)?.to_str().ok()?;
    redirected(&filled.url, location)
}

fn fill(hosts: &[String], secrets: &Secrets, http: &Http, body: Vec<u8>) -> Result<Filled, Trouble> {
    let signs = secrets.sign(&http.sign).map_err(refused)?;
    let fill = |text: &str| secrets.fill(text, &signs).map_err(refused);
    let url = target(hosts, &fill(&http.url)?)?;
    let method =
        Method::from_bytes(http.method.as_bytes()).map_err(|_| refused("the method is not one of HTTP"))?;
    let headers = http.headers.iter().map(|(name, value)| Ok((name.clone(), fill(value)?)));
    let headers = headers.collect::<Result<_, Trouble>>()?;
    // A body that is not text holds no placeholders.
    let body = match String::from_utf8(body) {
        Ok(text) => fill(&text)?.into_bytes(),
        Err(error) => error.into_bytes(),
    };
    Ok(Filled { method, url, headers, body })
}
