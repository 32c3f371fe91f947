//! The JSON messages that cross the ABI. Unknown fields are ignored; an unknown kind of event is `STATUS_BAD_INPUT`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The version of these messages.
pub const FORMAT_VERSION: u32 = 1;

/// What a connector says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The connector's name, as in `connector: csv`.
    pub name: String,
    /// The connector's version.
    pub version: String,
    /// The version of the marketplace's API, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// A JSON Schema (object, `properties`, `required`, `additionalProperties`, `type`, `enum`, `description`) of the settings.
    #[serde(default)]
    pub settings: Value,
    /// A JSON Schema of the secrets: every property is a string.
    #[serde(default)]
    pub secrets: Value,
    /// `check`, `resolve`, `read`, `write`, `poll`, `listings`, `orders`, `webhook`.
    pub operations: Vec<String>,
    /// How writes are batched.
    #[serde(default)]
    pub batch: Batch,
    /// The marketplace's limits.
    #[serde(default)]
    pub limits: Limits,
    /// The smallest and largest quantity a listing may have, in the store's units.
    #[serde(default)]
    pub quantity: Bounds,
    /// `available` (default) or `on_hand`.
    #[serde(default)]
    pub quantity_kind: QuantityKind,
    /// How a write behaves.
    #[serde(default)]
    pub write: WriteKind,
    /// Whether a read can ask for some SKUs (`some`) or only for all (`all`).
    #[serde(default)]
    pub read: ReadKind,
    /// Hosts that requests may go to: `api.example.com` or `*.example.com`.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Whether a session whose operation is over takes a `start` again, as if it had just been opened: then opening is paid once for many
    /// operations. Absent, each operation has a session of its own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reusable: bool,
}

/// How writes are batched. 0 or absent is no limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Batch {
    /// The most items in one write session; 0 for no limit: then one session writes everything.
    pub items_max: u32,
    /// The most bytes of one request body; 0 for no limit.
    pub bytes_max: u64,
    /// Whether a write of several items is applied as a whole or not at all.
    pub all_or_nothing: bool,
    /// `parent`: the items of a write session are of one parent product, so that one session is about one request.
    /// Parents are what `resolve` answers; a listing without one is a group by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    /// Whether all items of a parent must be sent: then a session is given every listing of the parent that is known, those that shall not
    /// change with the number that they have and the same as `expected`. Such a session may be above `items_max`.
    pub whole_groups: bool,
}

/// The marketplace's limits. 0 or absent is no limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Requests a second.
    pub requests_per_second: f64,
    /// Requests that may be sent at once after a pause.
    pub burst: u32,
    /// Requests side by side, and write sessions of one store side by side; of [`Manifest::reusable`] ones a few times as many, whose requests
    /// wait for each other.
    pub concurrency: u32,
    /// Cost points a second, for stores that count points.
    pub points_per_second: f64,
    /// `store` (default) or `account`: whether all stores of [`Self::account`] share these limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// In an effective manifest with `scope: account`: what names the account, such as a client id; never a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// Smallest and largest quantity, inclusive, in the store's units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bounds {
    /// The smallest.
    pub min: u64,
    /// The largest.
    pub max: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { min: 0, max: i64::MAX as u64 }
    }
}

/// What a store's quantity counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuantityKind {
    /// What can be sold.
    #[default]
    Available,
    /// What is there; the store takes its own open orders off.
    OnHand,
}

/// How a write behaves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WriteKind {
    /// Whether `expected` is honoured (compare-and-set).
    pub conditional: bool,
    /// Whether an idempotency key is honoured.
    pub idempotent_by_key: bool,
    /// Whether numbers can only be raised.
    pub raise_only: bool,
    /// Whether a write is only accepted, and `poll` tells its end. A `sent` is then taken for `accepted`.
    pub accepted_only: bool,
}

/// What a read can be asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadKind {
    /// The listings that are named in its rows.
    Some,
    /// Everything, always.
    #[default]
    All,
}

/// What `open` is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenConfig {
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The store's name.
    pub store: String,
    /// The store's settings, checked against the schema.
    pub settings: Value,
    /// The names of the secrets that are configured; never their values.
    pub secrets: Vec<String>,
    /// When the secrets end, in milliseconds since 1970, where that is known: of those that [`SaveSecret`] kept.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secret_expires: BTreeMap<String, i64>,
}

/// What the host tells a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// The time in milliseconds since 1970-01-01T00:00:00Z.
    pub now: i64,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
    /// Whether more pages of rows follow for this same event, which the next `more` events bring; the connector answers
    /// each but the last with no action.
    #[serde(default)]
    pub more_rows: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// An operation starts. Rows beside it: the items (`write`), the listings wanted (`read`, empty for all; `resolve`), tickets (`poll`).
    ///
    /// Where the manifest offers `resolve`, every item of `read`, `write` and `poll` has the column `ADDRESS` that `resolve` answered, and `PARENT`
    /// where it answered one; what the store does not have is not among them. `poll` has `STORE_SKU`, `TICKET` and `QUANTITY`, and answers as `write` does.
    Start {
        /// `check`, `resolve`, `read`, `write`, `poll`, `listings`, `orders`, `webhook`.
        operation: String,
        /// 32 hexadecimal digits of randomness, fresh for this session.
        entropy: String,
        /// The same for the same plan and batch; empty for operations that write nothing.
        #[serde(default)]
        idempotency_key: String,
        /// Milliseconds since 1970, for `orders`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<i64>,
        /// What came, for `webhook`; its body is beside it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request: Option<Request>,
    },
    /// A further page of rows of the event before.
    More {},
    /// An HTTP response; its body is beside it.
    Response {
        /// The request it answers.
        id: u32,
        /// The HTTP status.
        status: u16,
        /// Header names in lower case.
        headers: Vec<(String, String)>,
    },
    /// An action that did not succeed.
    Failed {
        /// The action.
        id: u32,
        /// `timeout`, `connect`, `tls`, `too-large`, `not-found`, `refused`, `io`; `refreshed` where a request with [`SaveSecret`] was not sent
        /// because somebody else had refreshed the secrets meanwhile: they are new, go on with them.
        kind: String,
        /// One line for a person.
        #[serde(default)]
        message: String,
    },
    /// A piece of a file, at most 1 MiB; it is the body.
    Chunk {
        /// The `read_file` it belongs to.
        id: u32,
        /// Whether the file ends here.
        last: bool,
    },
    /// A `wait` is over, or a `write_file` is done.
    Timer {
        /// The action.
        id: u32,
    },
    /// A `write_file` with `commit` is done: the file is in place.
    Written {
        /// The action.
        id: u32,
    },
    /// A `verify` came out right. Where it does not, the host ends the session.
    Verified {
        /// The action.
        id: u32,
    },
}

/// A request that somebody sent to the host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `POST` …
    pub method: String,
    /// As the sender called it, as far as the host knows: with scheme and host, path and query.
    pub url: String,
    /// Header names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// The first header of this name, which is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// A piece of `bodies`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyRange {
    /// The first byte.
    pub offset: u64,
    /// How many bytes.
    pub len: u64,
}

/// What a connector answers a step with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Actions {
    /// [`FORMAT_VERSION`].
    #[serde(default)]
    pub format_version: u32,
    /// What it wants done. No action and nothing under way: the host ends the session as a fault.
    pub actions: Vec<Action>,
}

/// One thing that a connector wants done. Rows may stand beside the actions of any step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// Sends a request; answered by `response` or `failed`.
    Http(Box<Http>),
    /// Reads a file of the project; answered by `chunk`s or `failed`.
    ReadFile {
        /// Names the action; unique in the session.
        id: u32,
        /// Relative to the project's folder.
        path: String,
    },
    /// Adds bytes to a new version of a file; with `commit` it takes the old one's place atomically.
    WriteFile {
        /// Names the file being written: the same for every piece of it.
        id: u32,
        /// Relative to the project's folder.
        path: String,
        /// The bytes to add.
        append: BodyRange,
        /// Whether the file is complete. Answered by `written` or `failed`; pieces without it by nothing unless they fail.
        #[serde(default)]
        commit: bool,
    },
    /// Asks for the next `chunk` of a file that is being read: back-pressure. Without it no further chunk comes.
    NextChunk {
        /// The `read_file`.
        id: u32,
    },
    /// Waits; answered by `timer`.
    Wait {
        /// Names the action.
        id: u32,
        /// For how many seconds.
        seconds: f64,
    },
    /// An order that was placed, for `orders` and `webhook`; in a `webhook` only after a `verified`.
    Order {
        /// `id` (of this event; the same whenever it comes again), `type` (`order-placed` …), `order`, `placed_at` (RFC 3339), `lines: [{line, store_sku, quantity}]`; the host adds `store`.
        event: Value,
    },
    /// What of a webhook's request is signed: the host makes the signature, compares it in constant time, and answers `verified` or ends the session as refused.
    Verify(Box<Verify>),
    /// What the sender of a webhook is answered, where status 200 without a body does not do.
    Reply {
        /// The HTTP status.
        status: u16,
        /// The body in `bodies`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<BodyRange>,
    },
    /// What the store itself says of its bucket of cost points; the host paces by it.
    Budget {
        /// Points there now.
        available: f64,
        /// Points there at most.
        maximum: f64,
        /// Points that come back each second.
        per_second: f64,
    },
    /// The rows beside these actions are a page of the answer, and more pages follow: the host calls `more` for the next.
    MoreRows {},
    /// The operation is over. The rows beside it are the last page of the answer.
    Done {
        /// Set where the operation as a whole failed: one line for a person. Items without outcome are `unknown`, or, where `nothing_written` is set, `failed`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// Whether the connector knows that nothing was written.
        #[serde(default)]
        nothing_written: bool,
    },
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Http {
    /// Names the action; unique in the session.
    pub id: u32,
    /// `GET`, `POST` …
    pub method: String,
    /// Absolute; may hold `{{secret:name}}` and `{{sign:name}}`, with filters (`|percent`, `|base64`, `|json`) that chain:
    /// `{{secret:name|percent|percent}}`.
    pub url: String,
    /// May hold the same placeholders, and so may a body that is UTF-8.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body in `bodies`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyRange>,
    /// Whether it may be sent again when nobody knows if it arrived.
    #[serde(default)]
    pub idempotent: bool,
    /// Cost points.
    #[serde(default)]
    pub cost: f64,
    /// Signatures the host makes before sending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sign: Vec<Sign>,
    /// Secrets to take out of the response before the connector sees it. A request with any is taken for one that changes no listing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub save_secret: Vec<SaveSecret>,
}

/// A signature to be made by the host. Those of a request are made in order: a later one may use an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sign {
    /// `hmac-sha256`, `hmac-sha1`, `sha256` (which has no key), or `plain`: the text itself, for the base64 of `Basic` credentials.
    pub alg: String,
    /// May hold placeholders.
    pub key: String,
    /// May hold placeholders.
    pub text: String,
    /// `hex`, `HEX` or `base64`.
    pub encoding: String,
    /// It takes the place of `{{sign:into}}` in URL, headers and body; `{{sign:into|percent}}` is the same, encoded.
    pub into: String,
}

/// A signature to be compared by the host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verify {
    /// Names the action.
    pub id: u32,
    /// As of [`Sign`].
    pub alg: String,
    /// May hold `{{secret:name}}`.
    pub key: String,
    /// May hold `{{secret:name}}`, and `{{body}}` for the bytes of the request's body as they came.
    pub text: String,
    /// As of [`Sign`].
    pub encoding: String,
    /// What the request brought.
    pub expected: String,
}

/// A secret to be taken out of a response: of one with a status of 2xx whose body is JSON and has the pointer, or that has the header. The connector sees `"***"` in its
/// place; the host keeps it on disk before anything else happens, and uses it from then on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaveSecret {
    /// The secret's name.
    pub name: String,
    /// A JSON pointer (RFC 6901) to it, or [`Self::HEADER`] and the name of a response's header in lower case.
    pub pointer: String,
    /// A JSON pointer to its life in seconds, or, above 1 000 000 000, to its end in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_pointer: Option<String>,
}

impl SaveSecret {
    /// What a [`Self::pointer`] begins with that names a header: `header:x-token`.
    pub const HEADER: &str = "header:";
}

/// Settings as names and values, as a connector's tests like to write them.
pub type Settings = BTreeMap<String, Value>;

impl Manifest {
    /// A manifest of nothing but a name, a version and operations; the rest is as by default.
    #[must_use]
    pub fn new(name: &str, version: &str, operations: &[&str]) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            name: name.to_owned(),
            version: version.to_owned(),
            api_version: None,
            settings: Value::Object(serde_json::Map::new()),
            secrets: Value::Object(serde_json::Map::new()),
            operations: operations.iter().map(|&operation| operation.to_owned()).collect(),
            batch: Batch::default(),
            limits: Limits::default(),
            quantity: Bounds::default(),
            quantity_kind: QuantityKind::default(),
            write: WriteKind::default(),
            read: ReadKind::default(),
            hosts: Vec::new(),
            reusable: false,
        }
    }
}
