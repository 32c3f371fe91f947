//! What every request passes: who asks, and what is counted and logged of it.

use super::fault::Fault;
use super::{Current, House, routes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;
use tracing::{debug, warn};

/// Lets through who may ask.
pub(super) async fn admit(State(house): State<Arc<House>>, mut request: Request, next: Next) -> Response {
    let current = house.current();
    match judge(&house, &current, request.headers()) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(fault) => fault.into_response(),
    }
}

fn judge(house: &House, current: &Current, headers: &HeaderMap) -> Result<super::callers::Caller, Fault> {
    if current.callers.is_open() {
        judge_browser(house.is_local, headers)?;
    }
    current.callers.admit(headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes))
}

/// Whether a request is of somebody who may ask. It costs no turn.
pub(super) fn is_known(house: &House, current: &Current, headers: &HeaderMap) -> bool {
    let callers = &current.callers;
    let is_page = callers.is_open() && judge_browser(house.is_local, headers).is_err();
    !is_page && callers.is_known(headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes))
}

/// Where no token is asked for, a page in a browser of this machine must not ask either: by another site's script, or by
/// a name that was made to lead here.
fn judge_browser(is_local: bool, headers: &HeaderMap) -> Result<(), Fault> {
    let help = "name a token under `serve.tokens` in `stocksync.yaml`, and send it";
    if !is_local {
        // Tokens were taken out of the configuration of a running daemon.
        return Err(
            Fault::new(StatusCode::FORBIDDEN, "without a token only this machine is served").with_help(help)
        );
    }
    if headers.contains_key(header::ORIGIN) {
        return Err(Fault::new(StatusCode::FORBIDDEN, "without a token no page of a browser is served")
            .with_help(help));
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if is_loopback(host) {
        return Ok(());
    }
    Err(Fault::new(StatusCode::MISDIRECTED_REQUEST, "without a token only `localhost` is served")
        .with_help(help))
}

/// Whether a `Host` names this machine itself.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Counts and logs a request. Neither its parameters nor its headers are ever logged: they may hold secrets.
pub(super) async fn observe(State(house): State<Arc<House>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = routes::named(request.extensions().get::<MatchedPath>().map(MatchedPath::as_str));
    let method = request.method().clone();
    let mut response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    house.tally.request(route, status, took);
    let ms = took.as_millis() as u64;
    match status {
        500.. => warn!(%method, route, status, ms, "request"),
        _ => debug!(%method, route, status, ms, "request"),
    }
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(local: bool, headers: &[(header::HeaderName, &'static str)]) -> Result<(), u16> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        judge_browser(local, &headers.collect()).map_err(|fault| fault.status.as_u16())
    }

    #[test]
    fn without_a_token_no_page_of_a_browser_is_served() {
        for host in ["localhost", "LocalHost:8787", "127.0.0.1:8787", "127.9.9.9", "[::1]:8787"] {
            assert_eq!(judged(true, &[(header::HOST, host)]), Ok(()), "{host}");
        }
        for host in ["", "evil.example", "localhost.evil.example", "10.0.0.1:8787", "[::2]", "["] {
            assert_eq!(judged(true, &[(header::HOST, host)]), Err(421), "{host}");
        }
        let origin = (header::ORIGIN, "https://evil.example");
        assert_eq!(judged(true, &[(header::HOST, "localhost"), origin]), Err(403));
        assert_eq!(judged(false, &[(header::HOST, "localhost")]), Err(403));
    }
}
