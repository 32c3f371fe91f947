//! Marketplaces that run on this machine: real HTTP servers on loopback, written from the marketplaces' documents and not from
//! the connectors.
//!
//! Each checks what the real one checks — signatures, clock windows, token life, batch limits, throttling, idempotency keys —
//! keeps its state, and can be told to misbehave. Each behaviour names its source where it is built. The same marketplaces are
//! asked in memory by connectors' own tests ([`memory`]).

pub mod amazon;
pub mod crypto;
pub mod ebay;
pub mod faults;
pub mod graphql;
pub mod http;
pub mod json;
pub mod lazada;
pub mod log;
pub mod marketplace;
pub mod memory;
pub mod mercadolibre;
pub mod moment;
pub mod plain;
pub mod rate;
#[cfg(feature = "server")]
pub mod server;
pub mod shopee;
pub mod shopify;
pub mod tiktok;
pub mod tokens;
pub mod woocommerce;

pub use faults::{Fault, Faults};
pub use http::{Request, Response};
pub use marketplace::{Listing, MARKETPLACES, Marketplace, Now, Setup, marketplace};
#[cfg(feature = "server")]
pub use server::Server;
