//! Alerts in words and as JSON.

use super::Alert;
use crate::config::AlertKind;
use crate::report::clean;
use serde_json::{Value, json};

impl Alert {
    /// Of which kind it is.
    pub fn kind(&self) -> AlertKind {
        match self {
            Alert::FailedWrite { .. } => AlertKind::FailedWrite,
            Alert::NegativeStock { .. } => AlertKind::NegativeStock,
            Alert::Guard { .. } => AlertKind::Guard,
            Alert::Drift { .. } => AlertKind::Drift,
            Alert::CircuitOpen { .. } => AlertKind::CircuitOpen,
        }
    }

    /// What it is about: a newer one of the same takes its place.
    pub(super) fn subject(&self) -> (String, String) {
        match self {
            Alert::FailedWrite { store, store_sku, .. } | Alert::Drift { store, store_sku, .. } => {
                (store.clone(), store_sku.clone())
            }
            Alert::NegativeStock { sku, warehouse, .. } => (sku.clone(), warehouse.clone()),
            Alert::Guard { store, guard, .. } => (store.clone().unwrap_or_default(), guard.clone()),
            Alert::CircuitOpen { store, .. } => (store.clone(), String::new()),
        }
    }

    /// In one line for a person.
    pub fn line(&self) -> String {
        let line = match self {
            Alert::FailedWrite { store, store_sku, sku, detail } => {
                format!("`{store_sku}` (`{sku}`) could not be written to `{store}`: {detail}")
            }
            Alert::NegativeStock { sku, warehouse, available } => {
                format!("more is ordered than there is: `{sku}` in `{warehouse}` is at {available}")
            }
            Alert::Guard { store, guard, limit, would_be, plan_id } => {
                let of = store.as_ref().map_or_else(String::new, |store| format!(" of `{store}`"));
                format!(
                    "the guard `{guard}` holds numbers{of}: {would_be} is above {limit}; let them go with `POST /v1/plans/{plan_id}/allow`"
                )
            }
            Alert::Drift { store, store_sku, written, live: Some(live) } => {
                format!("`{store_sku}` shows {live} in `{store}`, where {written} was written")
            }
            Alert::Drift { store, store_sku, written, live: None } => {
                format!("`{store_sku}` is gone from `{store}`, where {written} was written")
            }
            Alert::CircuitOpen { store, detail } => {
                format!("`{store}` fails again and again and is left alone for a while: {detail}")
            }
        };
        clean(&line).into_owned()
    }

    pub(super) fn to_json(&self) -> Value {
        let mut value = match self {
            Alert::FailedWrite { store, store_sku, sku, detail } => {
                json!({ "store": store, "store_sku": store_sku, "sku": sku, "detail": detail })
            }
            Alert::NegativeStock { sku, warehouse, available } => {
                json!({ "sku": sku, "warehouse": warehouse, "available": available })
            }
            Alert::Guard { store, guard, limit, would_be, plan_id } => {
                json!({ "store": store, "guard": guard, "limit": limit, "would_be": would_be, "plan_id": plan_id })
            }
            Alert::Drift { store, store_sku, written, live } => {
                json!({ "store": store, "store_sku": store_sku, "written": written, "live": live })
            }
            Alert::CircuitOpen { store, detail } => json!({ "store": store, "detail": detail }),
        };
        if let Some(fields) = value.as_object_mut() {
            fields.insert("kind".to_owned(), Value::from(self.kind().name()));
            fields.insert("message".to_owned(), Value::from(self.line()));
        }
        value
    }
}
