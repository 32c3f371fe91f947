//! The tables, and how an older file comes forward.
//!
//! Store and rule names are interned in `name`; times are milliseconds since 1970. Listings are keyed by store and
//! store SKU in the table itself: a plan comes in that order, so that a million rows are appended, not searched.

use super::StateFault;
use rusqlite::{Connection, Transaction, TransactionBehavior};

/// Marks the file as ours.
pub(super) const APPLICATION_ID: i64 = 0x5374_6f63;

/// Each brings the schema one version forward; the schema's version is how many have run.
pub(super) const MIGRATIONS: &[&str] = &[FIRST, ORDERS, ADDRESSES, NOTES, LEFT_BEHIND, GOODS, INDEXES];

const FIRST: &str = "
CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE version (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE, rules TEXT NOT NULL) STRICT;
CREATE TABLE activation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL REFERENCES version,
  time INTEGER NOT NULL,
  commit_id TEXT
) STRICT;

CREATE TABLE run (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  plan_id TEXT,
  trigger_kind INTEGER NOT NULL,
  actor TEXT NOT NULL,
  order_id TEXT,
  time INTEGER NOT NULL,
  version INTEGER NOT NULL REFERENCES version,
  commit_id TEXT,
  activation INTEGER REFERENCES activation
) STRICT;
-- `run` is the newest that carries the plan out: only its records say whether the plan is finished.
CREATE TABLE plan (id TEXT PRIMARY KEY, run INTEGER NOT NULL REFERENCES run, finished INTEGER) STRICT, WITHOUT ROWID;

CREATE TABLE record (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES run,
  time INTEGER NOT NULL,
  store INTEGER NOT NULL REFERENCES name,
  store_sku TEXT NOT NULL,
  sku TEXT NOT NULL,
  before INTEGER,
  after INTEGER NOT NULL,
  status INTEGER NOT NULL,
  detail TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  rule INTEGER REFERENCES name
) STRICT;
CREATE INDEX record_sku ON record (sku);
CREATE INDEX record_open ON record (run) WHERE status IN (1, 3, 4);

CREATE TABLE batch (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;
-- phase: 0 waits, 1 in flight, 2 unknown, 3 accepted
-- No foreign keys: with one, SQLite builds a table of its own for every row that is deleted (ten times as slow).
CREATE TABLE outbox (
  store INTEGER NOT NULL,
  store_sku TEXT NOT NULL,
  phase INTEGER NOT NULL DEFAULT 0,
  class INTEGER NOT NULL,
  before INTEGER,
  after INTEGER NOT NULL,
  record INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  batch INTEGER,
  ticket TEXT,
  PRIMARY KEY (store, store_sku)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_order ON outbox (store, phase, class, after, store_sku);
CREATE INDEX outbox_batch ON outbox (batch) WHERE batch IS NOT NULL;

CREATE TABLE known (
  store INTEGER NOT NULL REFERENCES name,
  store_sku TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  time INTEGER NOT NULL,
  written INTEGER,
  activation INTEGER,
  PRIMARY KEY (store, store_sku)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock_seen (id INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT;
";

const ORDERS: &str = "
-- Moments are microseconds here. `received` numbers the events: no two are equal.
CREATE TABLE event (
  received INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  order_name TEXT,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX event_order ON event (order_name) WHERE order_name IS NOT NULL;

-- picks: what was reserved where, by line; unknown: store SKUs that no mapping knows. Both are JSON.
CREATE TABLE customer_order (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  store INTEGER NOT NULL REFERENCES name,
  placed_at INTEGER,
  picks TEXT NOT NULL,
  unknown TEXT NOT NULL,
  UNIQUE (name, store)
) STRICT;
CREATE INDEX customer_order_unknown ON customer_order (id) WHERE unknown <> '[]';

-- owner: an order, or below 0 an adjustment of the ledger.
CREATE TABLE movement (
  owner INTEGER NOT NULL,
  sku TEXT NOT NULL,
  warehouse INTEGER NOT NULL,
  at INTEGER NOT NULL,
  on_hand INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  PRIMARY KEY (owner, sku, warehouse, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX movement_sku ON movement (sku, warehouse, at, on_hand, reserved);

-- source: 1 the ledger, 2 a snapshot.
CREATE TABLE stock_told (
  sku TEXT NOT NULL,
  warehouse INTEGER NOT NULL REFERENCES name,
  source INTEGER NOT NULL,
  units INTEGER NOT NULL,
  as_of INTEGER NOT NULL,
  PRIMARY KEY (sku, warehouse)
) STRICT, WITHOUT ROWID;

-- The SKU '' stands for every SKU.
CREATE TABLE synced (sku TEXT PRIMARY KEY, activation INTEGER NOT NULL REFERENCES activation) STRICT, WITHOUT ROWID;
";

const ADDRESSES: &str = "
CREATE TABLE address (
  store INTEGER NOT NULL,
  store_sku TEXT NOT NULL,
  address TEXT NOT NULL,
  parent TEXT NOT NULL,
  time INTEGER NOT NULL,
  PRIMARY KEY (store, store_sku)
) STRICT, WITHOUT ROWID;
";

const NOTES: &str = "
CREATE TABLE note (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;
";

const LEFT_BEHIND: &str = "
-- What had left when a newer number took its place in the outbox, until its end is known. Phases are those of the outbox.
CREATE TABLE left_behind (
  record INTEGER PRIMARY KEY,
  store INTEGER NOT NULL,
  store_sku TEXT NOT NULL,
  phase INTEGER NOT NULL,
  class INTEGER NOT NULL,
  before INTEGER,
  after INTEGER NOT NULL,
  batch INTEGER,
  ticket TEXT
) STRICT;
CREATE INDEX left_behind_store ON left_behind (store, phase, store_sku);
CREATE INDEX left_behind_batch ON left_behind (batch) WHERE batch IS NOT NULL;
";

const GOODS: &str = "
CREATE TABLE goods_seen (id INTEGER PRIMARY KEY, hashes BLOB NOT NULL) STRICT;
";

const INDEXES: &str = "
-- With an IN of three, SQLite builds a table of its own for every row that is written.
DROP INDEX record_open;
CREATE INDEX record_open ON record (run) WHERE status = 1 OR status = 3 OR status = 4;
-- Only what waits is asked for in this order; what has left is found by its batch.
DROP INDEX outbox_order;
CREATE INDEX outbox_order ON outbox (store, class, after, store_sku) WHERE phase = 0;
";

/// The schema's version that this program writes.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// What a file says of itself: whose it is, and its schema's version.
pub(super) fn identify(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    Ok((pragma("application_id")?, pragma("user_version")?))
}

/// Refuses what is not ours, or newer than this program.
pub(super) fn refuse_foreign(connection: &Connection, (id, version): (i64, i64)) -> Result<(), StateFault> {
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(super::open::fault)?;
    let is_empty = (id, version, tables) == (0, 0, 0);
    if !is_empty && id != APPLICATION_ID {
        return Err(StateFault::unusable("the state file is a database of another program")
            .with_help("name another file under `state`"));
    }
    if version > VERSION {
        return Err(StateFault::unusable(format!(
            "the state file has schema version {version}, and this program knows versions up to {VERSION}"
        ))
        .with_help("use the newer `stocksync` that made it"));
    }
    Ok(())
}

/// Brings the schema forward; nothing happens where it is current.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let (_, version) = identify(&transaction)?;
    for migration in MIGRATIONS.iter().skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    if version < VERSION {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()
}
