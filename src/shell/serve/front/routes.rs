//! Which addresses there are.

use super::fault::Fault;
use super::{House, events, gate, health, hooks, metrics, openapi, plans, records};
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use std::sync::Arc;

/// Every route, with the method that it takes. The document of the interface has each of them; so do the metrics.
pub(super) const ROUTES: [(&str, &str); 14] = [
    ("POST", "/v1/events"),
    ("POST", "/v1/webhooks/{store}"),
    ("GET", "/v1/records"),
    ("GET", "/v1/plan"),
    ("GET", "/v1/why/{sku}"),
    ("POST", "/v1/plans/{id}/allow"),
    ("POST", "/v1/stores/{store}/pause"),
    ("POST", "/v1/stores/{store}/resume"),
    ("POST", "/v1/skus/{sku}/pause"),
    ("POST", "/v1/skus/{sku}/resume"),
    ("GET", "/v1/openapi.json"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
];

/// All of them, with what each passes.
pub(super) fn router(house: &Arc<House>) -> Router {
    let asked = Router::new()
        .route("/v1/events", post(events::take))
        .route("/v1/records", get(records::list))
        .route("/v1/plan", get(plans::plan))
        .route("/v1/why/{sku}", get(plans::why))
        .route("/v1/plans/{id}/allow", post(plans::allow))
        .route("/v1/stores/{store}/pause", post(plans::pause_store))
        .route("/v1/stores/{store}/resume", post(plans::resume_store))
        .route("/v1/skus/{sku}/pause", post(plans::pause_sku))
        .route("/v1/skus/{sku}/resume", post(plans::resume_sku))
        .route("/metrics", get(metrics::page))
        .route_layer(from_fn_with_state(Arc::clone(house), gate::admit));
    // Who runs the daemon asks how it is, and stores prove who they are by their signatures.
    let open = Router::new()
        .route("/v1/webhooks/{store}", post(hooks::take))
        .route("/v1/openapi.json", get(openapi::document))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready));
    asked
        .merge(open)
        .method_not_allowed_fallback(not_allowed)
        .fallback(unknown)
        .layer(from_fn_with_state(Arc::clone(house), gate::observe))
        .with_state(Arc::clone(house))
}

/// A route as it stands in the table.
pub(super) fn named(path: Option<&str>) -> &'static str {
    let found = ROUTES.iter().find(|(_, route)| Some(*route) == path);
    found.map_or("other", |(_, route)| route)
}

async fn unknown() -> Fault {
    Fault::new(StatusCode::NOT_FOUND, "there is nothing at this address")
        .with_help("`/v1/openapi.json` tells what there is")
}

async fn not_allowed() -> Fault {
    Fault::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not take this method")
        .with_help("`/v1/openapi.json` tells what there is")
}
