//! Asks an API that tells of throttling in its answers, and whose tokens end.

use super::link::{Link, Request, Response};
use super::text::one_line;
use serde_json::Value;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// How often a request is sent again that was throttled in its answer, or answered by something that is no answer.
pub const AGAIN_MAX: u32 = 5;

/// An API as [`Client`] needs to know it.
pub trait Api: Send + Sync + 'static {
    /// What an answer means.
    fn judge(&self, response: &Response) -> Judged;

    /// Whether the tokens end so soon that they are refreshed before anything is sent. `now` is in milliseconds since 1970.
    fn is_stale(&self, now: i64) -> bool;

    /// The request that refreshes the tokens; `None` where they cannot be. It must not be marked idempotent: a refresh token may work once.
    fn refresh(&self, now: i64) -> Option<Request>;

    /// Whether the tokens were refreshed.
    ///
    /// # Errors
    /// Why not, in the API's own words.
    fn refreshed(&self, response: &Response) -> Result<(), String>;
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq)]
pub enum Judged {
    /// What was asked for.
    Good(Value),
    /// Not now: it is sent again after so many seconds, which double each time, at most [`AGAIN_MAX`] times; then it is the trouble.
    Again(f64, Trouble),
    /// The token is not good any more, and why: tokens are refreshed once a session, and the request is sent again.
    Expired(String),
    /// It will not do.
    Bad(Trouble),
}

/// Why there is no answer: one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Refused, and surely not done. The line begins with `rejected: `, `throttled: `, `unauthorized: `, `not-found: ` or `locked: `.
    Refused(String),
    /// Nobody knows whether it was done.
    Unknown(String),
}

impl Trouble {
    /// The line.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Refused(text) | Self::Unknown(text) => text,
        }
    }
}

impl Response {
    /// What an answer means that says nothing in the API's own way: something between has answered, or it was damaged on its way.
    #[must_use]
    pub fn foreign(&self) -> Judged {
        let words = self.words();
        match self.status {
            429 => Judged::Again(1.0, Trouble::Refused(format!("throttled: {words}"))),
            200..=299 => Judged::Again(0.5, Trouble::Unknown(words)),
            401 | 403 => Judged::Bad(Trouble::Refused(format!("unauthorized: {words}"))),
            400..=499 => Judged::Bad(Trouble::Refused(format!("rejected: {words}"))),
            _ => Judged::Bad(Trouble::Unknown(words)),
        }
    }
}

/// Asks an API. Clones share the link and the tokens.
pub struct Client<A> {
    api: Arc<A>,
    link: Link,
    tokens: Arc<Mutex<Tokens>>,
}

impl<A> Clone for Client<A> {
    fn clone(&self) -> Self {
        Self { api: Arc::clone(&self.api), link: self.link.clone(), tokens: Arc::clone(&self.tokens) }
    }
}

impl<A: fmt::Debug> fmt::Debug for Client<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("api", &self.api).finish_non_exhaustive()
    }
}

/// Where the tokens stand.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tokens {
    /// As they were configured or kept.
    Old,
    Refreshing,
    /// Refreshed in this session; not once more.
    New,
    /// They could not be.
    Lost(String),
}

impl<A: Api> Client<A> {
    /// Asks over a link.
    pub fn new(api: A, link: Link) -> Self {
        Self { api: Arc::new(api), link, tokens: Arc::new(Mutex::new(Tokens::Old)) }
    }

    /// The API.
    #[must_use]
    pub fn api(&self) -> &A {
        &self.api
    }

    /// The link.
    #[must_use]
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// Sends what `request` makes of the time (milliseconds since 1970): anew each time, since signatures hold it.
    ///
    /// # Errors
    /// There is no answer, or it is a refusal.
    pub async fn ask(&self, request: impl Fn(&A, i64) -> Request + Send + Sync) -> Result<Value, Trouble> {
        if self.api.is_stale(self.link.now()) {
            self.refresh(&Tokens::Old, "the access token has ended").await?;
        }
        let mut again = 0;
        loop {
            self.settled().await?;
            let tokens = self.tokens().clone();
            let sent = self.link.try_send(request(&self.api, self.link.now())).await;
            let response = sent.map_err(|(kind, why)| match kind.as_str() {
                "refused" => Trouble::Refused(format!("rejected: {}", one_line(&why))),
                _ => Trouble::Unknown(one_line(&why)),
            })?;
            match self.api.judge(&response) {
                Judged::Good(value) => return Ok(value),
                Judged::Bad(trouble) => return Err(trouble),
                Judged::Again(_, trouble) if again == AGAIN_MAX => return Err(trouble),
                Judged::Again(seconds, _) => {
                    self.link.wait(seconds * f64::from(1_u32 << again)).await;
                    again += 1;
                }
                Judged::Expired(why) => self.refresh(&tokens, &why).await?,
            }
        }
    }

    /// Waits while somebody else of this session refreshes the tokens.
    async fn settled(&self) -> Result<(), Trouble> {
        poll_fn(|_| match *self.tokens() {
            Tokens::Refreshing => Poll::Pending,
            _ => Poll::Ready(()),
        })
        .await;
        match &*self.tokens() {
            Tokens::Lost(why) => Err(Trouble::Refused(why.clone())),
            _ => Ok(()),
        }
    }

    /// Refreshes the tokens that a request was sent with, unless they are newer by now.
    async fn refresh(&self, sent_with: &Tokens, why: &str) -> Result<(), Trouble> {
        self.settled().await?;
        if *self.tokens() != *sent_with {
            return Ok(());
        }
        let refresh = if *sent_with == Tokens::Old { self.api.refresh(self.link.now()) } else { None };
        let Some(request) = refresh else {
            return Err(Trouble::Refused(format!("unauthorized: {}", one_line(why))));
        };
        *self.tokens() = Tokens::Refreshing;
        let refreshed = match self.link.try_send(request).await {
            Ok(response) => self.api.refreshed(&response),
            Err((kind, _)) if kind == "refreshed" => Ok(()),
            Err((_, why)) => Err(why),
        };
        let tokens = match refreshed {
            Ok(()) => Tokens::New,
            Err(why) => {
                Tokens::Lost(format!("unauthorized: the tokens were not refreshed: {}", one_line(&why)))
            }
        };
        *self.tokens() = tokens;
        self.settled().await
    }

    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
