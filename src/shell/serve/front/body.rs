//! Bodies of requests: as long as they may be, and no longer than they may take.

use super::House;
use super::fault::Fault;
use axum::body::{Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::SemaphorePermit;
use tokio::time::timeout;

/// So many KiB of bodies are held at once, of all requests together; at least one of the largest size.
pub(super) const BODIES_KIB_MAX: usize = 64 << 10;

/// A body, with its share of the room for bodies as long as it is held.
pub(super) struct Body<'h> {
    pub(super) bytes: Vec<u8>,
    pub(super) room: Vec<SemaphorePermit<'h>>,
}

/// How a body is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Written {
    /// One JSON value.
    Json,
    /// A JSON value a line.
    Lines,
}

/// Reads a body to its end.
pub(super) async fn read(house: &House, request: Request) -> Result<Body<'_>, Fault> {
    let seconds = house.plot.limits.request_seconds;
    let read = timeout(Duration::from_secs(seconds), collect(house, request)).await;
    read.unwrap_or_else(|_| {
        Err(Fault::new(StatusCode::REQUEST_TIMEOUT, format!("the body did not come within {seconds} s")))
    })
}

async fn collect(house: &House, request: Request) -> Result<Body<'_>, Fault> {
    let kib_max = house.plot.limits.body_kib;
    let mut body = request.into_body();
    if body.size_hint().lower() > (kib_max as u64) << 10 {
        return Err(too_large(kib_max));
    }
    let (mut bytes, mut room, mut held_kib) = (Vec::new(), Vec::new(), 0);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| Fault::new(StatusCode::BAD_REQUEST, "the body broke off"))?;
        let Ok(data): Result<Bytes, _> = frame.into_data() else { continue };
        bytes.extend_from_slice(&data);
        if bytes.len() > kib_max << 10 {
            return Err(too_large(kib_max));
        }
        let more = bytes.len().div_ceil(1 << 10) - held_kib;
        let permits = house.bodies.try_acquire_many(u32::try_from(more).unwrap_or(u32::MAX));
        room.push(permits.map_err(|_| Fault::busy("too many bodies at once", Duration::from_secs(1)))?);
        held_kib += more;
    }
    Ok(Body { bytes, room })
}

fn too_large(kib_max: usize) -> Fault {
    Fault::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body is larger than {kib_max} KiB"))
        .with_help("send it in parts; `serve.limits.body_kib` says how large one may be")
}

/// How the body of a request is written. What a browser would send from any page, without asking first, is refused.
pub(super) fn written(headers: &HeaderMap) -> Result<Written, Fault> {
    let unsupported = |message: String| Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(unsupported("a compressed body is not taken".to_owned()));
    }
    let told = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/json" => Ok(Written::Json),
        "application/jsonl" | "application/x-ndjson" | "application/json-lines" => Ok(Written::Lines),
        _ => Err(unsupported("the body is of a type that is not taken".to_owned()).with_help(
            "send `Content-Type: application/json` with an object or a list, or `application/x-ndjson` with an object a line",
        )),
    }
}
