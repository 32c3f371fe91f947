//! What every simulated marketplace is, and which there are.

use crate::http::{Request, Response};
use serde_json::Value;
use std::any::Any;
use std::collections::BTreeMap;

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now(
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub i64,
);

impl Now {
    /// Whole seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

/// A listing that a marketplace begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The store SKU.
    pub sku: String,
    /// The title.
    pub title: String,
    /// Listings of one parent are variations of one product; empty for a product of its own.
    pub parent: String,
    /// What can be sold.
    pub quantity: i64,
}

impl Listing {
    /// A product of its own.
    #[must_use]
    pub fn new(sku: &str, quantity: i64) -> Self {
        Self { sku: sku.to_owned(), title: format!("Title of {sku}"), parent: String::new(), quantity }
    }

    /// The same as a variation.
    #[must_use]
    pub fn of(self, parent: &str) -> Self {
        Self { parent: parent.to_owned(), ..self }
    }
}

/// What a marketplace is made of.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// What it sells.
    pub listings: Vec<Listing>,
    /// Secrets by name, where they must not be its own.
    pub secrets: BTreeMap<String, String>,
}

impl Setup {
    /// Two mugs, and a shirt in three sizes.
    #[must_use]
    pub fn mugs_and_shirts() -> Self {
        let mugs = [("MUG-1", 5), ("MUG-2", 6)].map(|(sku, quantity)| Listing::new(sku, quantity));
        let shirts = [("S-1", 1), ("S-2", 2), ("S-3", 3)];
        let shirts = shirts.map(|(sku, quantity)| Listing::new(sku, quantity).of("SHIRT"));
        Self { listings: mugs.into_iter().chain(shirts).collect(), ..Self::default() }
    }

    /// The secret of this name: the one that was set, or the simulator's own.
    #[must_use]
    pub fn secret(&self, name: &str, own: &str) -> String {
        self.secrets.get(name).cloned().unwrap_or_else(|| own.to_owned())
    }
}

/// A marketplace. It keeps what it is told, and answers as its documents say.
pub trait Marketplace: Any + Send {
    /// As in `connector: NAME`.
    fn name(&self) -> &'static str;

    /// One request.
    fn answer(&mut self, request: &Request, now: Now) -> Response;

    /// What it shows that can be sold: its open orders are taken off.
    fn quantity(&self, sku: &str) -> Option<i64>;

    /// A buyer's order, or whatever else changes a number behind the connector's back; false where there is no such listing.
    fn sell(&mut self, sku: &str, units: i64, now: Now) -> bool;

    /// The settings of a store that stands at this address (`http://127.0.0.1:4711`).
    fn settings(&self, address: &str) -> Value;

    /// Its secrets, by name.
    fn secrets(&self) -> Vec<(String, String)>;

    /// Everything that ever was a secret of its: tokens that it gave out, those that a refresh took out of use among them.
    fn issued(&self) -> Vec<String> {
        self.secrets().into_iter().map(|(_, value)| value).collect()
    }

    /// The access tokens that it gave out so far end now, where it has such.
    fn expire(&mut self) {}

    /// How many requests it refused because there were too many, by its own limits; the doing of a plan of faults is not counted.
    fn refused(&self) -> usize;

    /// So long passes that it may be asked as much at once as it ever may.
    fn rest(&mut self) {}

    /// How it says, at its own will, that it is asked too much.
    fn throttle(&self) -> Response {
        Response::empty(429).header("retry-after", "1")
    }

    /// How it says that something broke inside.
    fn broken(&self) -> Response {
        Response::empty(500)
    }
}

/// A marketplace that can be simulated.
pub struct Kind {
    /// As in `connector: NAME`.
    pub name: &'static str,
    /// Makes one.
    pub make: fn(&Setup) -> Box<dyn Marketplace>,
}

/// Every marketplace that can be simulated.
pub const MARKETPLACES: &[Kind] = &[
    Kind { name: "amazon", make: |setup| Box::new(crate::amazon::Amazon::new(setup)) },
    Kind { name: "ebay", make: |setup| Box::new(crate::ebay::Ebay::new(setup)) },
    Kind { name: "http", make: |setup| Box::new(crate::plain::Plain::new(setup)) },
    Kind { name: "lazada", make: |setup| Box::new(crate::lazada::Lazada::new(setup)) },
    Kind { name: "mercadolibre", make: |setup| Box::new(crate::mercadolibre::MercadoLibre::new(setup)) },
    Kind { name: "shopee", make: |setup| Box::new(crate::shopee::Shopee::new(setup)) },
    Kind { name: "shopify", make: |setup| Box::new(crate::shopify::Shopify::new(setup)) },
    Kind { name: "tiktok", make: |setup| Box::new(crate::tiktok::TikTok::new(setup)) },
    Kind { name: "woocommerce", make: |setup| Box::new(crate::woocommerce::WooCommerce::new(setup)) },
];

/// A new marketplace, by its name.
#[must_use]
pub fn marketplace(name: &str, setup: &Setup) -> Option<Box<dyn Marketplace>> {
    MARKETPLACES.iter().find(|kind| kind.name == name).map(|kind| (kind.make)(setup))
}
