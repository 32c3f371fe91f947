//! Drives a connector in memory: on a virtual clock, over files in memory, against a scripted marketplace, and only through
//! the ABI, so that one suite serves connectors in any language. [`contract`] is that suite.

mod contract;
mod run;

pub use contract::{Case, contract};
pub use run::{Item, Run};

use crate::message::Http;
use std::collections::BTreeMap;
use std::fmt;

/// All that is outside a connector.
pub struct World {
    /// Milliseconds since 1970.
    pub now: i64,
    /// The project's files.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The size of a file's chunks in bytes; at least 1.
    pub chunk_bytes: usize,
    /// How many rows a page has that goes to the connector; at least 1.
    pub page_rows: usize,
    /// Whether every response comes twice.
    pub twice: bool,
    /// The values of secrets, filled in as the host does it.
    pub secrets: BTreeMap<String, String>,
    /// The marketplace: a request (secrets filled in) and its body, and what comes back. `None` is a timeout.
    pub shop: Box<Shop>,
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

impl World {
    /// No files, and a marketplace that does not answer.
    #[must_use]
    pub fn new() -> Self {
        Self {
            now: 1_764_000_000_000,
            files: BTreeMap::new(),
            chunk_bytes: 1 << 20,
            page_rows: crate::rows::PAGE_ROWS,
            twice: false,
            secrets: BTreeMap::new(),
            shop: Box::new(|_, _| None),
        }
    }

    /// Puts a file there.
    #[must_use]
    pub fn file(mut self, path: &str, bytes: &[u8]) -> Self {
        self.files.insert(path.to_owned(), bytes.to_vec());
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
