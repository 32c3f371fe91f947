//! A listing as Amazon shows it.

use crate::api::Amazon;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Listed, entries, integer, one_line};

/// What is asked of every listing.
pub(crate) const DATA: &str = "includedData=summaries,productTypes,fulfillmentAvailability,issues";
/// Amazon takes it for any listing whose product type is not told.
const ANY_TYPE: &str = "PRODUCT";

/// A seller's listing in one marketplace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    pub(crate) sku: String,
    title: String,
    pub(crate) product_type: String,
    /// When it was made, as Amazon writes it.
    pub(crate) created: String,
    /// Who fulfils it, and how many they have.
    channels: Vec<(String, Option<i64>)>,
    /// What Amazon has against its number: one line.
    pub(crate) trouble: Option<String>,
}

impl Listing {
    pub(crate) fn of(entry: &Value, seller: &Amazon) -> Option<Self> {
        let here = |entry: &&Value| {
            entry.get("marketplaceId").and_then(Value::as_str).is_none_or(|id| id == seller.marketplace_id)
        };
        let text = |entry: Option<&Value>, name: &str| {
            entry.and_then(|entry| entry.get(name)).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let summary = entries(entry, "/summaries").find(here);
        let types = [entries(entry, "/productTypes").find(here), summary].map(|of| text(of, "productType"));
        let channel = |channel: &Value| {
            let code = channel.get("fulfillmentChannelCode").and_then(Value::as_str)?.to_owned();
            Some((code, channel.get("quantity").and_then(integer)))
        };
        Some(Self {
            sku: entry.get("sku").and_then(Value::as_str)?.to_owned(),
            title: text(summary, "itemName"),
            product_type: types
                .into_iter()
                .find(|kind| !kind.is_empty())
                .unwrap_or_else(|| ANY_TYPE.to_owned()),
            created: text(summary, "createdDate"),
            channels: entries(entry, "/fulfillmentAvailability").filter_map(channel).collect(),
            trouble: issues(entry, |issue| {
                entries(issue, "/attributeNames").any(|name| name == "fulfillment_availability")
            }),
        })
    }

    /// Its number in the seller's own channel, or in Amazon's where that is all there is.
    pub(crate) fn quantity(&self, seller: &Amazon) -> i64 {
        let own = self.channels.iter().find(|(code, _)| *code == seller.channel);
        own.or(self.channels.first()).and_then(|(_, quantity)| *quantity).unwrap_or(0)
    }

    /// The channel of somebody else who alone fulfils it.
    fn foreign(&self, seller: &Amazon) -> Option<&str> {
        let is_own = self.channels.iter().any(|(code, _)| *code == seller.channel);
        self.channels.first().filter(|_| !is_own).map(|(code, _)| code.as_str())
    }

    pub(crate) fn is_own(&self, seller: &Amazon) -> bool {
        self.foreign(seller).is_none()
    }

    pub(crate) fn listed(&self, seller: &Amazon) -> Listed {
        let address = json!([self.product_type, self.foreign(seller).unwrap_or_default()]).to_string();
        let quantity = self.quantity(seller);
        Listed {
            store_sku: self.sku.clone(),
            title: self.title.clone(),
            address,
            quantity,
            ..Listed::default()
        }
    }
}

/// What an address says: the product type, and who else fulfils it.
pub(crate) struct Place {
    pub(crate) product_type: String,
    pub(crate) foreign: String,
}

impl Place {
    pub(crate) fn parse(address: &str) -> Option<Self> {
        let address: Value = serde_json::from_str(address).ok()?;
        let text = |index: usize| address.get(index)?.as_str().map(str::to_owned);
        Some(Self { product_type: text(0)?, foreign: text(1)? })
    }
}

/// The errors among issues that concern us, on one line.
pub(crate) fn issues(entry: &Value, concerns: impl Fn(&Value) -> bool) -> Option<String> {
    let of = |issue: &Value| {
        let text = |name: &str| issue.get(name).and_then(Value::as_str).unwrap_or_default();
        (text("severity") == "ERROR" && concerns(issue))
            .then(|| format!("{}: {}", text("code"), text("message")))
    };
    let all: Vec<String> = entries(entry, "/issues").filter_map(of).collect();
    (!all.is_empty()).then(|| one_line(&all.join("; ")))
}
