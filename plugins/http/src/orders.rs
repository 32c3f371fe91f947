//! `orders`: what was ordered since a moment.

use crate::list::List;
use crate::path::{Path, Row};
use crate::site::Asked;
use crate::template::{Name, Scope, Values};
use serde_json::{Value, json};
use stocksync_sdk::flow::{Ended, integer, rfc3339, string};

/// Above it a number is a moment in milliseconds, not in seconds.
const SECONDS_MAX: i64 = 100_000_000_000;

/// How orders are asked for, and what they tell.
#[derive(Clone, Debug)]
pub(crate) struct Orders {
    pub(crate) list: List,
    pub(crate) id: Path,
    pub(crate) placed_at: Path,
    pub(crate) status: Option<Path>,
    pub(crate) lines: Path,
    /// In a line.
    pub(crate) line: Option<Path>,
    pub(crate) store_sku: Path,
    pub(crate) quantity: Path,
    /// The event that a status means; without any, every order was placed.
    pub(crate) events: Vec<(String, &'static str)>,
}

/// Tells of every order that was placed or changed since a moment, in milliseconds since 1970.
pub(crate) async fn since(shop: &Asked, orders: &Orders, since: i64) -> Result<(), Ended> {
    let shared = Values::from([(Name::Since, json!(since))]);
    let scope = Scope { shared: &shared, items: &[] };
    let events = orders.list.all(shop, scope, |row| orders.events(row)).await?;
    shop.link().orders(events.into_iter().flatten().collect()).await;
    Ok(())
}

impl Orders {
    /// An order that is over was placed first: nobody may have told of it before, and the same event twice does nothing.
    fn events(&self, row: &Row<'_>) -> Result<Vec<Value>, String> {
        let kind = match &self.status {
            None => Some("order-placed"),
            Some(path) => {
                let status = path.at(row).and_then(string).unwrap_or_default();
                self.events.iter().find(|(of, _)| *of == status).map(|(_, kind)| *kind)
            }
        };
        let Some(kind) = kind else { return Ok(Vec::new()) };
        let id =
            self.id.at(row).and_then(string).ok_or("an order has no id where `orders.fields.id` says")?;
        let placed_at = self.placed_at.at(row).and_then(moment);
        let placed_at = placed_at
            .ok_or_else(|| format!("the order `{id}` has no moment where `orders.fields.placed_at` says"))?;
        let lines = self.lines.at(row).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let lines: Vec<Value> =
            lines.iter().enumerate().filter_map(|(place, line)| self.line(place, line)).collect();
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let placed = json!({
            "id": format!("{id}:order-placed"), "type": "order-placed", "order": id, "placed_at": placed_at, "lines": lines,
        });
        let end = json!({ "id": format!("{id}:{kind}"), "type": kind, "order": id });
        Ok(if kind == "order-placed" { vec![placed] } else { vec![placed, end] })
    }

    /// A line without SKU or units is no stock of ours.
    fn line(&self, place: usize, line: &Value) -> Option<Value> {
        let row = Row::only(line);
        let store_sku = self.store_sku.at(&row).and_then(string).filter(|sku| !sku.is_empty())?;
        let units = self.quantity.at(&row).and_then(integer).filter(|units| *units > 0)?;
        let name = self
            .line
            .as_ref()
            .and_then(|path| string(path.at(&row)?))
            .unwrap_or_else(|| (place + 1).to_string());
        Some(json!({ "line": name, "store_sku": store_sku, "quantity": units }))
    }
}

/// A moment as RFC 3339: a text is taken for one, a number for seconds or milliseconds since 1970.
fn moment(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        value => {
            let number = value.as_i64()?;
            Some(rfc3339(if number > SECONDS_MAX { number.div_euclid(1000) } else { number }))
        }
    }
}
