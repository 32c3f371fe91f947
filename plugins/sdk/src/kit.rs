//! Drives a connector in memory: on a virtual clock, over files in memory, against a scripted marketplace, and only through
//! the ABI, so that one suite serves connectors in any language. [`contract`] is that suite, [`fuzz`] goes on where it ends.

mod contract;
mod driver;
mod fill;
mod run;

pub use contract::{Case, Sender, Webhook, contract, fuzz};
pub use fill::sign;
pub use run::{Item, Listed, Run};

use crate::message::Http;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

/// When a world begins.
const NOW: i64 = 1_764_000_000_000;

/// All that is outside a connector.
pub struct World {
    /// Milliseconds since 1970.
    pub now: i64,
    /// The same, as it is whenever the marketplace is asked: for one that keeps this and goes by it.
    pub clock: Rc<Cell<i64>>,
    /// The project's files.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The size of a file's chunks in bytes; at least 1.
    pub chunk_bytes: usize,
    /// How many rows a page has that goes to the connector; at least 1.
    pub page_rows: usize,
    /// Whether every response comes twice.
    pub twice: bool,
    /// Whether of several responses the last comes first.
    pub last_first: bool,
    /// Whether a session has carried out other operations before the one that is looked at; for connectors that are
    /// [`reusable`](crate::message::Manifest::reusable).
    pub again: bool,
    /// The values of secrets, filled in as the host does it; what `save_secret` takes out of a response is kept here.
    pub secrets: BTreeMap<String, String>,
    /// When secrets end, in milliseconds since 1970, where that is known.
    pub secret_expires: BTreeMap<String, i64>,
    /// What `resolve` answered, by store SKU: kept as the host keeps it, and forgotten with a `not-found`.
    pub addresses: BTreeMap<String, Address>,
    /// How often a request that is marked idempotent is sent at most, as long as it times out or is answered 429 or 5xx.
    pub tries_max: u32,
    /// Whether every webhook is taken for rightly signed, and what a marketplace says may be anything.
    pub believes: bool,
    /// The marketplace: a request (secrets filled in) and its body, and what comes back. `None` is a timeout.
    pub shop: Box<Shop>,
}

/// What a marketplace calls a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// In the connector's own encoding.
    pub address: String,
    /// What `group_by: parent` groups by; empty for none.
    pub parent: String,
}

/// A marketplace.
pub type Shop = dyn FnMut(&Http, &[u8]) -> Option<Reply>;

/// A marketplace's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How long it takes in milliseconds.
    pub after_ms: i64,
}

impl Reply {
    /// An answer at once.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), ..Self::default() }
    }

    /// The same in JSON.
    #[must_use]
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, body.to_string())
    }
}

impl World {
    /// No files, and a marketplace that does not answer.
    #[must_use]
    pub fn new() -> Self {
        Self {
            now: NOW,
            clock: Rc::new(Cell::new(NOW)),
            files: BTreeMap::new(),
            chunk_bytes: 1 << 20,
            page_rows: crate::rows::PAGE_ROWS,
            twice: false,
            last_first: false,
            again: false,
            secrets: BTreeMap::new(),
            secret_expires: BTreeMap::new(),
            addresses: BTreeMap::new(),
            tries_max: 4,
            believes: false,
            shop: Box::new(|_, _| None),
        }
    }

    /// Puts a file there.
    #[must_use]
    pub fn file(mut self, path: &str, bytes: &[u8]) -> Self {
        self.files.insert(path.to_owned(), bytes.to_vec());
        self
    }

    /// Gives a secret its value.
    #[must_use]
    pub fn secret(mut self, name: &str, value: &str) -> Self {
        self.secrets.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Answers requests.
    #[must_use]
    pub fn shop(mut self, shop: impl FnMut(&Http, &[u8]) -> Option<Reply> + 'static) -> Self {
        self.shop = Box::new(shop);
        self
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("now", &self.now).field("files", &self.files).finish_non_exhaustive()
    }
}
