//! Answers that say why not.

use crate::shell::serve::desk::{Full, Unable, UnableKind};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::time::Duration;

/// Why a request is not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    /// One line for a person.
    pub(super) message: String,
    /// How to put it right, where that is known.
    pub(super) help: Option<String>,
    /// When to come again.
    pub(super) retry_after: Option<Duration>,
}

impl Fault {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), help: None, retry_after: None }
    }

    #[must_use]
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    #[must_use]
    pub(super) fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Too much at once; the same request may come again.
    pub(super) fn busy(message: impl Into<String>, wait: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, message).after(wait)
    }

    /// The daemon cannot at present; the same request may come again.
    pub(super) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message).after(WAIT)
    }

    /// The daemon's own fault, which nobody outside can do anything about.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }
}

/// What a client is asked to wait where nobody knows better.
const WAIT: Duration = Duration::from_secs(1);

impl From<Full> for Fault {
    fn from(full: Full) -> Self {
        match full {
            Full::Waiting => Self::busy("too much waits to be taken", WAIT)
                .with_help("send it again later: nothing of it was taken"),
            Full::Ended => Self::unavailable("the daemon is stopping"),
        }
    }
}

impl From<Unable> for Fault {
    fn from(unable: Unable) -> Self {
        let Unable { kind, message, help } = unable;
        let status = match kind {
            UnableKind::Unknown => StatusCode::NOT_FOUND,
            UnableKind::Conflict => StatusCode::CONFLICT,
            UnableKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        };
        let retry_after = (kind == UnableKind::Unavailable).then_some(WAIT);
        Self { status, message, help, retry_after }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut body = json!({ "message": self.message });
        if let (Some(help), Some(fields)) = (self.help, body.as_object_mut()) {
            fields.insert("help".to_owned(), Value::from(help));
        }
        let mut response = json_response(self.status, &body);
        if let Some(wait) = self.retry_after {
            // Whole seconds, and none is no wait at all.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A JSON answer.
pub(super) fn json_response(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, JSON)], format!("{body}\n")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_told_in_whole_seconds() {
        for (wait, told) in [(0, "1"), (999, "1"), (1_000, "1"), (1_001, "2")] {
            let response = Fault::busy("x", Duration::from_millis(wait)).into_response();
            assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(response.headers().get(header::RETRY_AFTER).unwrap(), told, "{wait} ms");
        }
    }
}
