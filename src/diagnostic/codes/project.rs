//! Errors of the configuration and the catalog.

use crate::diagnostic::{Code, Level};

/// `unknown-connector`.
pub static UNKNOWN_CONNECTOR: Code = Code {
    code: "SS028",
    name: "unknown-connector",
    level: Level::Deny,
    what: "a store names a connector of which no plugin is found",
    why: "nothing could be read from the store or written to it",
    bad: r"stores:
  outlet: { connector: cvs }",
    good: r"stores:
  outlet: { connector: csv }",
};

/// `bad-settings`.
pub static BAD_SETTINGS: Code = Code {
    code: "SS029",
    name: "bad-settings",
    level: Level::Deny,
    what: "the settings or secrets of a store are not what its connector declares",
    why: "the connector could not reach the store",
    bad: r"stores:
  outlet: { connector: csv, settings: { file: outlet.csv } }",
    good: r"stores:
  outlet: { connector: csv, settings: { path: outlet.csv } }",
};

/// `bad-row`.
pub static BAD_ROW: Code = Code {
    code: "SS030",
    name: "bad-row",
    level: Level::Deny,
    what: "a row or the whole of a table cannot be read",
    why: "a row that is dropped silently is a wrong number in a store",
    bad: r"sku,warehouse,available
NIKE-1,jakarta,many",
    good: r"sku,warehouse,available
NIKE-1,jakarta,12",
};

/// `duplicate-row`.
pub static DUPLICATE_ROW: Code = Code {
    code: "SS031",
    name: "duplicate-row",
    level: Level::Deny,
    what: "one thing stands in two rows of a table",
    why: "nobody could tell which of the two numbers is true",
    bad: r"sku,warehouse,available
NIKE-1,jakarta,12
NIKE-1,jakarta,3",
    good: r"sku,warehouse,available
NIKE-1,jakarta,15",
};

/// `mapping-conflict`.
pub static MAPPING_CONFLICT: Code = Code {
    code: "SS032",
    name: "mapping-conflict",
    level: Level::Deny,
    what: "one store SKU of a store is mapped to two merchant SKUs",
    why: "it can show the stock of one of them only",
    bad: r"sku,store,store_sku
NIKE-1,shopee_id,A1
NIKE-2,shopee_id,A1",
    good: r"sku,store,store_sku
NIKE-1,shopee_id,A1
NIKE-2,shopee_id,A2",
};

/// `nested-bundle`.
pub static NESTED_BUNDLE: Code = Code {
    code: "SS033",
    name: "nested-bundle",
    level: Level::Deny,
    what: "a part of a bundle is a bundle itself",
    why: "stock is counted in parts that lie in a warehouse",
    bad: r"bundle,sku,units
SET,PAIR,1
PAIR,SOCK,2",
    good: r"bundle,sku,units
SET,SOCK,2
PAIR,SOCK,2",
};

/// `bundle-with-stock`.
pub static BUNDLE_WITH_STOCK: Code = Code {
    code: "SS034",
    name: "bundle-with-stock",
    level: Level::Deny,
    what: "a bundle has stock rows of its own",
    why: "its stock is what its parts allow; two sources would contradict each other",
    bad: r"bundle,sku,units
PAIR,SOCK,2

sku,warehouse,available
PAIR,jakarta,4",
    good: r"bundle,sku,units
PAIR,SOCK,2

sku,warehouse,available
SOCK,jakarta,8",
};

/// `bad-config`.
pub static BAD_CONFIG: Code = Code {
    code: "SS035",
    name: "bad-config",
    level: Level::Deny,
    what: "the configuration has an unknown or repeated key, a value of the wrong type, or a path that leaves the project",
    why: "a setting that is not read is a setting that is not in force",
    bad: "timezome: Asia/Jakarta",
    good: "timezone: Asia/Jakarta",
};

/// `untrusted-connector`.
pub static UNTRUSTED_CONNECTOR: Code = Code {
    code: "SS036",
    name: "untrusted-connector",
    level: Level::Deny,
    what: "a connector that did not come with the program is not in `stocksync.lock`, or another build of it is",
    why: "a connector is loaded into the program and can do what you can: whoever can put a file there could run code as you",
    bad: r"plugins: [plugins]
stores:
  outlet: { connector: csv }",
    good: r"stores:
  outlet: { connector: csv }",
};
