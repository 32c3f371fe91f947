//! What became of numbers that Amazon accepted: feeds are asked for, and listings read until they show them.

use crate::api::Asked;
use crate::catalog::find;
use crate::feed::{FED, Progress, is_id, progress};
use crate::write::PATCHED;
use std::collections::{BTreeMap, BTreeSet};
use stocksync_sdk::flow::{Ended, Item, Trouble, Verdict};

/// A number that a listing does not show after that time is given up, in milliseconds.
const SETTLE_MS_MAX: i64 = 24 * 3_600_000;

/// An item, since when it should be there, and why it fails where it is not.
struct Open<'a> {
    item: &'a Item,
    since: i64,
    otherwise: Option<String>,
}

/// Asks for accepted numbers.
pub(crate) async fn poll(seller: &Asked, items: &[Item]) -> Result<(), Ended> {
    let now = seller.link().now();
    let mut feeds: BTreeMap<&str, Vec<(&Item, i64)>> = BTreeMap::new();
    let mut open = Vec::new();
    for item in items {
        let fed =
            item.ticket.strip_prefix(FED).and_then(|fed| fed.split_once(':')).filter(|(id, _)| is_id(id));
        let since = item.ticket.strip_prefix(PATCHED).and_then(|since| since.parse().ok());
        match (fed.map(|(id, message)| (id, message.parse())), since) {
            (Some((id, Ok(message))), _) => feeds.entry(id).or_default().push((item, message)),
            (_, Some(since)) => open.push(Open { item, since, otherwise: None }),
            _ => tell(seller, item, "rejected: its ticket is none of this connector's"),
        }
    }
    for (id, members) in feeds {
        let progress = progress(seller, id).await;
        for (item, message) in members {
            match &progress {
                Ok(Progress::Done(refused)) => match refused.get(&message) {
                    Some(why) => tell(seller, item, &format!("rejected: {why}")),
                    None => open.push(Open { item, since: now, otherwise: None }),
                },
                Ok(Progress::Broken(why)) => {
                    open.push(Open { item, since: now, otherwise: Some(format!("rejected: {why}")) });
                }
                Err(Trouble::Refused(why)) if why.starts_with("not-found: ") => {
                    open.push(Open {
                        item,
                        since: now,
                        otherwise: Some(format!("rejected: the feed is gone: {why}")),
                    });
                }
                Ok(Progress::Running) | Err(_) => wait(seller, item, item.ticket.clone()),
            }
        }
    }
    read_back(seller, &open, now).await;
    Ok(())
}

/// Reads listings; one that cannot be read is asked for once more later.
async fn read_back(seller: &Asked, open: &[Open<'_>], now: i64) {
    let skus: BTreeSet<&str> = open.iter().map(|open| open.item.store_sku.as_str()).collect();
    if skus.is_empty() {
        return;
    }
    let found = match find(seller, &skus).await {
        Ok(found) => found,
        Err(_) => return open.iter().for_each(|open| wait(seller, open.item, open.item.ticket.clone())),
    };
    for Open { item, since, otherwise } in open {
        let Some(listing) = found.get(&item.store_sku) else {
            tell(seller, item, "not-found: the listing is gone");
            continue;
        };
        let shown = listing.quantity(seller.api());
        match (otherwise, &listing.trouble) {
            _ if shown == item.quantity => seller.link().tell(item, Verdict::Sent),
            (Some(why), _) => tell(seller, item, why),
            (None, Some(trouble)) => tell(seller, item, &format!("rejected: {trouble}")),
            (None, None) if now.saturating_sub(*since) > SETTLE_MS_MAX => {
                tell(seller, item, &format!("rejected: Amazon accepted it, and shows {shown} a day later"));
            }
            (None, None) => wait(seller, item, format!("{PATCHED}{since}")),
        }
    }
}

fn tell(seller: &Asked, item: &Item, why: &str) {
    seller.link().tell(item, Verdict::Failed(why.to_owned()));
}

fn wait(seller: &Asked, item: &Item, ticket: String) {
    seller.link().tell(item, Verdict::Accepted(ticket));
}
