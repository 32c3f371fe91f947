//! `write`: one mutation, which is done as a whole or not at all; what it names as at fault is told and left out, and the rest goes again.

use crate::Asked;
use crate::admin::{Admin, ask};
use crate::catalog::levels;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use stocksync_sdk::flow::{
    AGAIN_MAX, Client, Ended, Item, Job, Trouble, Verdict, entries, integer, one_line,
};

/// How often the rest of a mutation goes again.
const ROUNDS_MAX: u32 = 8;
/// What a mutation costs, and each object in it.
const COST: f64 = 10.0;

/// Writes items; an item is sent where the answer shows its number, or a read back does.
pub(crate) async fn write(shop: &Client<Admin>, job: &Job) -> Result<(), Ended> {
    let mut items: Vec<&Item> = job.items.iter().collect();
    for round in 0..ROUNDS_MAX {
        if items.is_empty() {
            return Ok(());
        }
        let payload = match set(shop, job, &items, round).await {
            Ok(payload) => payload,
            Err(Trouble::Refused(why)) => return fail(shop, &items, &why),
            Err(Trouble::Unknown(why)) => return Err(Ended::failed(why)),
        };
        let errors: Vec<&Value> = entries(&payload, "/userErrors").collect();
        if errors.is_empty() && payload.get("inventoryAdjustmentGroup").is_some_and(Value::is_object) {
            return confirm(shop, &items, &payload).await.map_err(|trouble| Ended::failed(trouble.text()));
        }
        items = match judge(shop, &items, &errors) {
            Ok(rest) => rest,
            Err(Some(why)) => return fail(shop, &items, &why),
            Err(None) => return Err(Ended::failed("the shop did not say what became of the items")),
        };
    }
    fail(shop, &items, "rejected: the shop names new faults each time")
}

/// The same key for the same batch and content, however often it is sent, and another for another.
async fn set(shop: &Client<Admin>, job: &Job, items: &[&Item], round: u32) -> Asked<Value> {
    let location = shop.api().location();
    let quantities = items.iter().map(|item| {
        json!({ "inventoryItemId": item.address, "locationId": location, "quantity": item.quantity, "changeFromQuantity": item.expected })
    });
    let quantities: Vec<Value> = quantities.collect();
    let name = if job.idempotency_key.is_empty() { &job.entropy } else { &job.idempotency_key };
    let input = json!({ "name": "available", "reason": "correction", "quantities": quantities });
    let key = format!("{name}-{round}-{:016x}", fingerprint(input.to_string().as_bytes()));
    let variables = json!({ "input": input, "key": key });
    for attempt in 0..=AGAIN_MAX {
        let mut answer = ask(shop, include_str!("set.graphql"), &variables, COST).await?;
        let payload = answer.get_mut("inventorySetQuantities").map(Value::take).unwrap_or_default();
        let busy =
            entries(&payload, "/userErrors").any(|error| code(error) == "IDEMPOTENCY_CONCURRENT_REQUEST");
        if !busy {
            return Ok(payload);
        }
        shop.link().wait(f64::from(1_u32 << attempt)).await;
    }
    Err(Trouble::Unknown("IDEMPOTENCY_CONCURRENT_REQUEST: an earlier attempt is still under way".to_owned()))
}

/// FNV-1a: it only has to tell contents of one key apart.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn code(error: &Value) -> &str {
    error.get("code").and_then(Value::as_str).unwrap_or_default()
}

/// Tells of the items at fault, and gives the others; `Err` is why all of them failed, if that is known.
fn judge<'a>(
    shop: &Client<Admin>,
    items: &[&'a Item],
    errors: &[&Value],
) -> Result<Vec<&'a Item>, Option<String>> {
    let mut faults: BTreeMap<usize, &Value> = BTreeMap::new();
    for error in errors {
        match index(error).filter(|index| *index < items.len()) {
            Some(index) => drop(faults.entry(index).or_insert(error)),
            // The key of an attempt that failed is used up; the next round has another.
            None if code(error) == "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED" => return Ok(items.to_vec()),
            None => return Err(Some(line("rejected", error))),
        }
    }
    if faults.is_empty() {
        return Err(None);
    }
    let mut rest = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match faults.get(&index) {
            Some(error) => shop.link().tell(item, verdict(error)),
            None => rest.push(*item),
        }
    }
    Ok(rest)
}

/// Which entry an error is about: `["input", "quantities", "3", "quantity"]`.
fn index(error: &Value) -> Option<usize> {
    let field = error.get("field")?.as_array()?;
    field.get(2).and_then(integer).and_then(|index| usize::try_from(index).ok())
}

fn verdict(error: &Value) -> Verdict {
    match code(error) {
        "CHANGE_FROM_QUANTITY_STALE" => Verdict::Conflict(line("", error)),
        "INVALID_INVENTORY_ITEM" => Verdict::Failed(line("not-found", error)),
        _ => Verdict::Failed(line("rejected", error)),
    }
}

fn line(kind: &str, error: &Value) -> String {
    let words =
        format!("{}: {}", code(error), error.get("message").and_then(Value::as_str).unwrap_or_default());
    one_line(&if kind.is_empty() { words } else { format!("{kind}: {words}") })
}

/// Compares what the shop says it shows now. A number that it had already is in no change, and read back.
async fn confirm(shop: &Client<Admin>, items: &[&Item], payload: &Value) -> Asked<()> {
    let mut shown: BTreeMap<&str, Option<i64>> = BTreeMap::new();
    let mut unread = Vec::new();
    for change in entries(payload, "/inventoryAdjustmentGroup/changes") {
        let tracked = change.pointer("/item/tracked") != Some(&Value::Bool(false));
        let after = change.get("quantityAfterChange").and_then(integer);
        if let (Some(id), true) = (change.pointer("/item/id").and_then(Value::as_str), tracked) {
            shown.insert(id, after);
        }
    }
    for item in items {
        match shown.get(item.address.as_str()) {
            Some(Some(after)) => shop.link().tell(item, compared(item, Some(*after))),
            _ => unread.push(*item),
        }
    }
    if unread.is_empty() {
        return Ok(());
    }
    let levels = levels(shop, unread.iter().map(|item| item.address.as_str()).collect()).await?;
    for item in unread {
        shop.link().tell(item, compared(item, levels.get(&item.address).and_then(|level| level.available)));
    }
    Ok(())
}

fn compared(item: &Item, shown: Option<i64>) -> Verdict {
    match shown {
        Some(shown) if shown == item.quantity => Verdict::Sent,
        Some(-1) => Verdict::Failed("rejected: the shop does not track the stock of this item".to_owned()),
        Some(shown) => Verdict::Failed(format!("rejected: the shop shows {shown} instead")),
        None => Verdict::Failed("rejected: the item is not stocked at the location".to_owned()),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the end of a write")]
fn fail(shop: &Client<Admin>, items: &[&Item], why: &str) -> Result<(), Ended> {
    items.iter().for_each(|item| shop.link().tell(item, Verdict::Failed(why.to_owned())));
    Ok(())
}
