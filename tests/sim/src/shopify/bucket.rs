//! The bucket of cost points.

use crate::graphql::{Field, Operation};
use crate::marketplace::Now;
use serde_json::{Value, json};

/// Points of one app and shop.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) maximum: f64,
    pub(super) available: f64,
    pub(super) restore: f64,
    /// How many requests were refused.
    pub(super) refused: usize,
    at: Option<Now>,
}

impl Bucket {
    /// Limits, "Rate limits": 100 points a second for a standard shop. That the bucket holds 2,000 is unconfirmed.
    pub(super) fn standard() -> Self {
        Self { maximum: 2000.0, available: 2000.0, restore: 100.0, refused: 0, at: None }
    }

    /// As long passes as it takes to fill.
    pub(super) fn fill(&mut self) {
        self.available = self.maximum;
    }

    /// Takes points, if there are so many.
    pub(super) fn take(&mut self, cost: f64, now: Now) -> bool {
        let since = self.at.map_or(0, |at| now.0 - at.0).max(0) as f64 / 1000.0;
        self.available = (self.available + since * self.restore).min(self.maximum);
        self.at = Some(now);
        let enough = self.available >= cost;
        if enough {
            self.available -= cost;
        } else {
            self.refused += 1;
        }
        enough
    }

    /// Limits, "Rate limits": what every answer brings.
    pub(super) fn extensions(&self, requested: f64, actual: Option<f64>) -> Value {
        let status = json!({ "maximumAvailable": self.maximum, "currentlyAvailable": self.available.floor(), "restoreRate": self.restore });
        json!({ "cost": { "requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status } })
    }
}

/// Limits, "Cost calculation": a scalar 0, an object 1, a mutation 10, a connection by its size. How connections are sized exactly is unconfirmed: here 2 and
/// the objects in it.
pub(super) fn cost(operation: &Operation) -> f64 {
    let base = if operation.is_mutation { 10.0 } else { 0.0 };
    base + operation.fields.iter().map(of).sum::<f64>()
}

fn of(field: &Field) -> f64 {
    if field.fields.is_empty() {
        return 0.0;
    }
    let is_entry = |field: &&Field| matches!(field.name.as_str(), "nodes" | "edges");
    let inside =
        |entries: bool| field.fields.iter().filter(|field| is_entry(field) == entries).map(of).sum::<f64>();
    let size = |name: &str| field.argument(name).as_u64();
    match (size("first").or_else(|| size("last")), field.argument("ids").as_array()) {
        (Some(first), _) => 2.0 + first as f64 * inside(true) + inside(false),
        (None, Some(ids)) => ids.len() as f64 * (1.0 + inside(false)),
        (None, None) => 1.0 + inside(true) + inside(false),
    }
}
