//! `write` and `poll`: an item a request, or many; and what became of them.

use crate::access::Draft;
use crate::call::Call;
use crate::catalog::{some, values, whole};
use crate::errors::{CONFLICT, NOT_FOUND, Said};
use crate::path::{Path, Row};
use crate::site::{Asked, Site};
use crate::template::{Name, Scope, Values};
use serde_json::Value;
use std::collections::BTreeMap;
use stocksync_sdk::flow::{Ended, Item, Trouble, Verdict, string};

/// How numbers are set.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) call: Call,
    pub(crate) items_max: u32,
    pub(crate) by_parent: bool,
    pub(crate) all_or_nothing: bool,
    pub(crate) idempotency_header: Option<String>,
    /// How long a number takes to show, in milliseconds.
    pub(crate) settles_ms: i64,
    pub(crate) answer: Option<Answer>,
}

/// Where an answer tells what became of each item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// Where the items are; the answer itself, if nothing else.
    pub(crate) items: Path,
    pub(crate) store_sku: Option<Path>,
    pub(crate) id: Option<Path>,
    pub(crate) quantity: Option<Path>,
    pub(crate) said: Said,
}

/// An item, and what is filled in of it.
type Filled<'a> = (&'a Item, Values);

/// Sets numbers. What the answer shows is settled; what it does not is asked for afterwards, by `poll`.
pub(crate) async fn write(shop: &Asked, spec: &Write, items: &[Item], key: &str) -> Result<(), Ended> {
    let mut filled: Vec<Filled<'_>> = Vec::new();
    for item in items {
        match values(item, shop.api().shop.is_addressed) {
            Some(values) => filled.push((item, values)),
            None => tell(shop, item, "not-found: its address is not one of this shop"),
        }
    }
    for part in filled.chunks(spec.items_max.max(1) as usize) {
        set(shop, spec, part, key).await?;
    }
    Ok(())
}

fn tell(shop: &Asked, item: &Item, why: &str) {
    shop.link().tell(item, Verdict::Failed(why.to_owned()));
}

/// One request.
async fn set(shop: &Asked, spec: &Write, part: &[Filled<'_>], key: &str) -> Result<(), Ended> {
    let tell_all = |why: &str| part.iter().for_each(|(item, _)| tell(shop, item, why));
    let all: Vec<Values> = part.iter().map(|(_, values)| values.clone()).collect();
    let draft = match spec.call.draft(Scope { shared: &Values::new(), items: &all }) {
        Ok(draft) => Draft { target: shop.api().shop.access.target(&draft.target), ..draft },
        Err(why) => {
            tell_all(&format!("rejected: {why}"));
            return Ok(());
        }
    };
    let header = spec.idempotency_header.as_ref().map(|name| (name.clone(), key.to_owned()));
    let draft = Draft { header, ..draft };
    // The number that is set is the same however often it comes, but not what it is compared with.
    let may_repeat = !spec.call.has(Name::Expected) || spec.idempotency_header.is_some();
    let asked = if spec.answer.is_some() { shop.clone() } else { Site::unread(shop) };
    let answer = asked.ask(|site, now| {
        let request = site.shop.access.request(&draft, now);
        if may_repeat { request.idempotent() } else { request.once() }
    });
    match answer.await {
        Ok(brought) => {
            judge(shop, spec, part, brought.get("answer").unwrap_or(&Value::Null));
            Ok(())
        }
        Err(Trouble::Unknown(why)) => Err(Ended::failed(why)),
        Err(Trouble::Refused(why)) if why.starts_with("unauthorized: ") || why.starts_with("throttled: ") => {
            Err(Ended::refused(why))
        }
        Err(Trouble::Refused(why)) if why.starts_with(CONFLICT) => {
            part.iter().for_each(|(item, _)| shop.link().tell(item, Verdict::Conflict(why.clone())));
            Ok(())
        }
        Err(Trouble::Refused(why)) => {
            // Of several nobody knows which one was not found.
            match why.strip_prefix(NOT_FOUND).filter(|_| part.len() > 1) {
                Some(words) => tell_all(&format!("rejected: {words}")),
                None => tell_all(&why),
            }
            Ok(())
        }
    }
}

/// Tells what an answer shows of each item.
fn judge(shop: &Asked, spec: &Write, part: &[Filled<'_>], answer: &Value) {
    let now = shop.link().now().to_string();
    let rows = spec.answer.as_ref().and_then(|answer_of| answer_of.items.rows(answer)).unwrap_or_default();
    for (place, (item, values)) in part.iter().enumerate() {
        let row = spec
            .answer
            .as_ref()
            .and_then(|spec| spec.row(&rows, part.len(), place, values).map(|row| (spec, row)));
        let verdict = row.and_then(|(spec, row)| spec.verdict(shop, row, item.quantity));
        shop.link().tell(item, verdict.unwrap_or_else(|| Verdict::Accepted(now.clone())));
    }
}

impl Answer {
    /// The entry of an item: by its SKU or id, where entries have such, or by its place.
    fn row<'a, 'b>(
        &self,
        rows: &'b [Row<'a>],
        asked: usize,
        place: usize,
        item: &Values,
    ) -> Option<&'b Row<'a>> {
        let is_of = |path: &Path, name: Name, row: &Row<'a>| {
            path.at(row).and_then(string).is_some_and(|text| item.get(&name).and_then(string) == Some(text))
        };
        match (&self.store_sku, &self.id) {
            (Some(path), _) => rows.iter().find(|row| is_of(path, Name::StoreSku, row)),
            (None, Some(path)) => rows.iter().find(|row| is_of(path, Name::Id, row)),
            (None, None) => rows.get(place).filter(|_| rows.len() == asked),
        }
    }

    /// What an entry shows; nothing where it does not show it.
    fn verdict(&self, shop: &Asked, row: &Row<'_>, quantity: i64) -> Option<Verdict> {
        if let Some(why) = shop.api().shop.errors.of_item(&self.said, row) {
            return Some(if why.starts_with(CONFLICT) {
                Verdict::Conflict(why)
            } else {
                Verdict::Failed(why)
            });
        }
        let shown = whole(self.quantity.as_ref()?.at(row)?).ok()?;
        Some(if shown == quantity {
            Verdict::Sent
        } else {
            Verdict::Failed(format!("rejected: the shop shows {shown} instead"))
        })
    }
}

/// What became of numbers that the shop took without showing them. A ticket is the moment of the write.
pub(crate) async fn poll(shop: &Asked, spec: &Write, items: &[Item]) -> Result<(), Ended> {
    let listed = some(shop, items).await?;
    let shown: BTreeMap<&str, i64> =
        listed.iter().map(|row| (row.store_sku.as_str(), row.quantity)).collect();
    let now = shop.link().now();
    for item in items {
        let may_settle = item.ticket.parse::<i64>().is_ok_and(|at| now.saturating_sub(at) < spec.settles_ms);
        let verdict = match shown.get(item.store_sku.as_str()) {
            Some(shown) if *shown == item.quantity => Verdict::Sent,
            _ if may_settle => Verdict::Accepted(item.ticket.clone()),
            Some(shown) => Verdict::Failed(format!("rejected: the shop shows {shown} afterwards")),
            None => Verdict::Failed("not-found: the shop does not show it".to_owned()),
        };
        shop.link().tell(item, verdict);
    }
    Ok(())
}
