//! Whole round trips through the program: each connector against its simulated marketplace, over HTTP.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "tests work on real folders")]
#![expect(unreachable_pub, reason = "one crate of several files")]

#[path = "support/built.rs"]
mod built;
#[path = "stores/catalog.rs"]
mod catalog;
#[path = "stores/ebay.rs"]
mod ebay;
#[path = "writing/folder.rs"]
#[expect(dead_code, reason = "it has more than these tests need")]
mod folder;
#[path = "stores/http.rs"]
mod http;
#[path = "stores/lazada.rs"]
mod lazada;
#[path = "stores/mercadolibre.rs"]
mod mercadolibre;
#[path = "stores/orders.rs"]
mod orders;
#[path = "stores/shopee.rs"]
mod shopee;
#[path = "stores/shopify.rs"]
mod shopify;
#[path = "stores/tiktok.rs"]
mod tiktok;
#[path = "stores/trip.rs"]
mod trip;
#[path = "stores/woocommerce.rs"]
mod woocommerce;
