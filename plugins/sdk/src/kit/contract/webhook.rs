//! Webhooks: true ones bring orders, forged ones bring none.

use super::{Broken, Case};
use crate::kit::Run;
use crate::message::{Manifest, Request};
use serde_json::Value;

/// A webhook as a marketplace sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Webhook {
    /// Its head, with a signature that is right.
    pub request: Request,
    /// Its body.
    pub body: Vec<u8>,
}

pub(super) fn forged(case: &Case, manifest: &Manifest, broken: &mut Broken) {
    let offered = manifest.operations.iter().any(|operation| operation == "webhook");
    let Some(make) = case.webhook else {
        return broken.unless(!offered, "webhook", "it is offered, and the case has none");
    };
    let mut world = case.world();
    let webhook = make(&world.secrets);
    let mut hand_on =
        |request: &Request, body: &[u8]| Run::webhook(case.plugin, &mut world, &case.settings, request, body);
    let run = hand_on(&webhook.request, &webhook.body);
    broken.any(&run, "webhook");
    let good = run.end == Some(Ok(())) && run.verified == Some(true) && !run.orders.is_empty();
    broken.unless(good, "webhook", &format!("a true one: {:?}, {} orders", run.end, run.orders.len()));
    for order in &run.orders {
        let has = |field: &str| order.get(field).is_some();
        let placed = order.get("type").and_then(Value::as_str) == Some("order-placed");
        let whole = ["id", "type", "order"].into_iter().all(has) && (!placed || has("lines"));
        broken.unless(
            whole,
            "webhook",
            &format!("an order without `id`, `type`, `order` or `lines`: {order}"),
        );
    }
    let mut changed = webhook.body.clone();
    changed.extend_from_slice(b" ");
    let mut forgeries = vec![("another body", webhook.request.clone(), changed)];
    for at in 0..webhook.request.headers.len() {
        let mut request = webhook.request.clone();
        request.headers.remove(at);
        forgeries.push(("a header missing", request, webhook.body.clone()));
    }
    let bare = Request { headers: Vec::new(), url: webhook.request.url.clone(), ..webhook.request.clone() };
    forgeries.push(("no header at all", bare, b"{}".to_vec()));
    for (what, request, body) in forgeries {
        let run = hand_on(&request, &body);
        broken.any(&run, "webhook");
        let refused = run.orders.is_empty() || run.verified == Some(true) && what == "a header missing";
        broken.unless(refused, "webhook", &format!("{what}, and it brings an order"));
    }
}
