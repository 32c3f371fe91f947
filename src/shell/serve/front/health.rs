//! `GET /healthz` and `GET /readyz`: whether it lives, and whether it can take what is sent.

use super::fault::json_response;
use super::{House, gate};
use crate::shell::serve::desk::Health;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// It answers: that is all it says.
pub(super) async fn alive() -> Response {
    json_response(StatusCode::OK, &json!({ "status": "alive" }))
}

/// Whether events are taken. Rules on disk that do not pass are told and are no reason not to be ready: what ran goes on.
///
/// Everybody may ask; names and findings are for those who have a token.
pub(super) async fn ready(State(house): State<Arc<House>>, headers: HeaderMap) -> Response {
    let health = house.health().await;
    let is_known = gate::is_known(&house, &house.current(), &headers);
    let why_not = match &health {
        _ if house.is_stopping() => Some("it is stopping"),
        None => Some("the engine does not answer"),
        Some(health) if health.unusable.is_some() => Some("the state cannot be written"),
        Some(_) => None,
    };
    let mut told = Map::new();
    told.insert("ready".to_owned(), Value::from(why_not.is_none()));
    told.extend(why_not.map(|why| ("why".to_owned(), Value::from(why))));
    if let Some(health) = &health {
        told.insert("rules".to_owned(), rules(health, is_known));
        if is_known {
            told.insert("stores".to_owned(), stores(health));
        }
    }
    let status = if why_not.is_none() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json_response(status, &Value::Object(told))
}

fn rules(health: &Health, is_known: bool) -> Value {
    let mut told = json!({
        "activation": health.activation,
        "rules_version": health.rules_version,
        "newest": health.newest.is_none(),
    });
    if let (Some(newest), Some(fields)) = (&health.newest, told.as_object_mut()) {
        fields.insert("refused_since".to_owned(), Value::from(newest.since.to_string()));
        fields.insert("findings".to_owned(), Value::from(newest.count));
        if is_known {
            fields.insert("first_findings".to_owned(), Value::from(newest.findings.clone()));
        }
    }
    told
}

fn stores(health: &Health) -> Value {
    let of = |store: &super::super::desk::StoreHealth| {
        let held = store.held_by.iter().map(|held| {
            json!({
                "guard": held.guard, "limit": held.limit, "would_be": held.would_be,
                "plan_id": held.plan_id, "rows": held.rows,
            })
        });
        json!({
            "store": store.name, "pending": store.pending, "in_flight": store.in_flight, "unknown": store.unknown,
            "sent": store.sent, "failed": store.failed, "circuit_open": store.circuit_open, "paused": store.paused,
            "held_by": held.collect::<Vec<_>>(), "faulty": store.faulty,
            "last_success": store.last_success.map(|moment| moment.to_string()),
        })
    };
    health.stores.iter().map(of).collect()
}
