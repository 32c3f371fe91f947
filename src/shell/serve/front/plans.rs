//! What the engine is asked about numbers: what they should be and why, to let go what a guard holds, to pause.

use super::callers::Caller;
use super::fault::{Fault, JSON, json_response};
use super::query::{self, Query};
use super::{House, body};
use crate::shell::args::GUARDS;
use crate::shell::serve::desk::{Asked, Pausable, PlanWanted, Reply};
use axum::Extension;
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;
use tracing::info;

/// So many rows of a plan are answered where nobody says how many, and at most.
const ROWS: (u64, u64) = (1_000, 10_000);

/// `GET /v1/plan`.
pub(super) async fn plan(
    State(house): State<Arc<House>>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Fault> {
    let query = Query::read(raw.as_deref(), &["store", "sku", "all", "limit"])?;
    let wanted = PlanWanted {
        stores: query.all("store"),
        skus: query.all("sku"),
        all: query.switch("all")?,
        rows_max: query.number("limit", ROWS.0, ROWS.1)? as usize,
    };
    let (reply, answer) = Reply::pair();
    Ok(json_text(house.ask(Asked::Plan { wanted, reply }, answer).await??))
}

/// `GET /v1/why/{sku}`.
pub(super) async fn why(
    State(house): State<Arc<House>>,
    Path(sku): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Fault> {
    let store = Query::read(raw.as_deref(), &["store"])?.one("store")?.map(str::to_owned);
    let (reply, answer) = Reply::pair();
    Ok(json_text(house.ask(Asked::Why { sku, store, reply }, answer).await??))
}

/// `POST /v1/plans/{id}/allow`: `{"guards": ["to_zero"]}`.
pub(super) async fn allow(
    State(house): State<Arc<House>>,
    Extension(caller): Extension<Caller>,
    Path(plan_id): Path<String>,
    request: Request,
) -> Result<Response, Fault> {
    body::written(request.headers())?;
    let body = body::read(&house, request).await?;
    let guards = guards(&body.bytes)?;
    info!(plan_id, actor = caller.0, guards = guards.join(","), "a guard is let pass");
    let (reply, answer) = Reply::pair();
    let asked = Asked::Allow { plan_id, guards, actor: caller.0, reply };
    let rows = house.ask(asked, answer).await??;
    Ok(json_response(StatusCode::OK, &json!({ "format_version": 1, "rows": rows })))
}

/// The guards that a body names, each of which there is.
fn guards(body: &[u8]) -> Result<Vec<String>, Fault> {
    let help = "send `{\"guards\": [\"to_zero\"]}` with the guards that are to pass";
    let value: Value = serde_json::from_slice(body).map_err(|fault| {
        query::bad(format!("the body is no JSON: line {}, column {}", fault.line(), fault.column()))
    })?;
    let Some(named) = value.get("guards").and_then(Value::as_array).filter(|named| !named.is_empty()) else {
        return Err(query::bad("no guard is named".to_owned()).with_help(help));
    };
    let known = |guard: &Value| {
        GUARDS.iter().find(|known| Some(**known) == guard.as_str()).map(|known| (*known).to_owned())
    };
    let all: Option<Vec<String>> = named.iter().map(known).collect();
    all.ok_or_else(|| {
        query::bad("there is no such guard".to_owned())
            .with_help(format!("the guards are: {}", GUARDS.join(", ")))
    })
}

pub(super) async fn pause_store(
    state: State<Arc<House>>,
    caller: Extension<Caller>,
    name: Path<String>,
) -> Result<Response, Fault> {
    pause(state, caller, Pausable::Store(name.0), true).await
}

pub(super) async fn resume_store(
    state: State<Arc<House>>,
    caller: Extension<Caller>,
    name: Path<String>,
) -> Result<Response, Fault> {
    pause(state, caller, Pausable::Store(name.0), false).await
}

pub(super) async fn pause_sku(
    state: State<Arc<House>>,
    caller: Extension<Caller>,
    name: Path<String>,
) -> Result<Response, Fault> {
    pause(state, caller, Pausable::Sku(name.0), true).await
}

pub(super) async fn resume_sku(
    state: State<Arc<House>>,
    caller: Extension<Caller>,
    name: Path<String>,
) -> Result<Response, Fault> {
    pause(state, caller, Pausable::Sku(name.0), false).await
}

async fn pause(
    State(house): State<Arc<House>>,
    Extension(caller): Extension<Caller>,
    what: Pausable,
    paused: bool,
) -> Result<Response, Fault> {
    let (kind, name) = match &what {
        Pausable::Store(name) => ("store", name.clone()),
        Pausable::Sku(name) => ("sku", name.clone()),
    };
    let (reply, answer) = Reply::pair();
    house.ask(Asked::Pause { what, paused, reply }, answer).await??;
    info!(kind, name, paused, actor = caller.0, "paused or resumed");
    Ok(json_response(StatusCode::OK, &json!({ "format_version": 1, kind: name, "paused": paused })))
}

fn json_text(text: String) -> Response {
    ([(header::CONTENT_TYPE, JSON)], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_are_named() {
        assert_eq!(guards(br#"{"guards":["to_zero","changed"]}"#).unwrap(), ["to_zero", "changed"]);
        for (body, said) in [
            ("", "the body is no JSON"),
            ("[]", "no guard is named"),
            (r#"{"guards":[]}"#, "no guard is named"),
            (r#"{"guards":["to-zero"]}"#, "there is no such guard"),
            (r#"{"guards":[1]}"#, "there is no such guard"),
        ] {
            let fault = guards(body.as_bytes()).unwrap_err();
            assert!(fault.message.starts_with(said), "{body}: {}", fault.message);
        }
    }
}
