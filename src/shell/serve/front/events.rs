//! `POST /v1/events`: one event or many.

use super::body::{self, Body};
use super::callers::Caller;
use super::fault::{Fault, json_response};
use super::told::{self, AllTold};
use super::{Current, House};
use crate::shell::serve::desk::{Asked, Events, Reply, Verdict};
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;
use std::time::Instant;

/// A body larger than this is read on a thread of its own, so that it holds nobody else up.
const INLINE_BYTES_MAX: usize = 64 << 10;

pub(super) async fn take(
    State(house): State<Arc<House>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, Fault> {
    let written = body::written(request.headers())?;
    let body = body::read(&house, request).await?;
    let arrived = Instant::now();
    let mut all = read(&house, &house.current(), body, written).await?;
    if all.count() == 0 && written == body::Written::Lines {
        return Err(Fault::new(StatusCode::BAD_REQUEST, "there is no event in the body"));
    }
    let verdicts = put(&house, &mut all, caller.0, arrived).await?;
    let judged = all.judged(verdicts);
    // Those that are good are taken all the same; what is sent again does nothing the second time.
    let status = if judged.refused() == 0 { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(json_response(status, &judged.to_json()))
}

async fn read(
    house: &House,
    current: &Arc<Current>,
    body: Body<'_>,
    written: body::Written,
) -> Result<AllTold, Fault> {
    let most = house.plot.limits.waiting_events;
    if body.bytes.len() <= INLINE_BYTES_MAX {
        return told::read(&body.bytes, written, &current.zone, most);
    }
    // Its room is held until it is read.
    let Body { bytes, room: _room } = body;
    let current = Arc::clone(current);
    let read = tokio::task::spawn_blocking(move || told::read(&bytes, written, &current.zone, most)).await;
    read.map_err(|_| Fault::internal("the body could not be read"))?
}

/// Has the engine take what can be taken: when this returns it is on disk.
pub(super) async fn put(
    house: &House,
    all: &mut AllTold,
    actor: String,
    arrived: Instant,
) -> Result<Vec<Verdict>, Fault> {
    let events = all.take_events();
    house.tally.unread_events(all.count() - events.len());
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let (reply, answer) = Reply::pair();
    let asked = Asked::Events(Events { events, actor, arrived, reply });
    Ok(house.ask(asked, answer).await??)
}
