//! The errors: deny by nature.

mod project;

pub use project::*;

use super::{Code, Level};

/// Every error, by its code.
pub static ERRORS: &[&Code] = &[
    &SYNTAX,
    &UNKNOWN_FIELD,
    &DUPLICATE_FIELD,
    &MISSING_FIELD,
    &DUPLICATE_RULE,
    &DUPLICATE_LIST,
    &UNKNOWN_LIST,
    &LIST_CYCLE,
    &MIXED_LIST,
    &EMPTY_LIST,
    &NAME_COLLISION,
    &BAD_NAME,
    &UNKNOWN_WAREHOUSE,
    &UNKNOWN_STORE,
    &BAD_QUANTITY,
    &BAD_PERCENTAGE,
    &BAD_MOMENT,
    &EMPTY_WINDOW,
    &AMBIGUOUS_ORDER,
    &PRIORITY_STORE_NOT_IN_STORES,
    &OVERRIDE_STORE_NOT_IN_STORES,
    &DUPLICATE_OVERRIDE,
    &SPLIT_STORE_NOT_IN_STORES,
    &SPLIT_CONFLICT,
    &TOO_MANY_RULES,
    &DUPLICATE_TEST,
    &TEST_NEEDS_MOMENT,
    &UNKNOWN_CONNECTOR,
    &BAD_SETTINGS,
    &BAD_ROW,
    &DUPLICATE_ROW,
    &MAPPING_CONFLICT,
    &NESTED_BUNDLE,
    &BUNDLE_WITH_STOCK,
    &BAD_CONFIG,
    &UNTRUSTED_CONNECTOR,
];

/// `syntax`.
pub static SYNTAX: Code = Code {
    code: "SS001",
    name: "syntax",
    level: Level::Deny,
    what: "a piece of text is not what the language has there",
    why: "what cannot be read cannot be kept; the rest of the file is checked all the same",
    bad: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  threshold 5 6
}"#,
    good: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  threshold 5
}"#,
};

/// `unknown-field`.
pub static UNKNOWN_FIELD: Code = Code {
    code: "SS002",
    name: "unknown-field",
    level: Level::Deny,
    what: "a rule has a field that the language does not know",
    why: "a misspelt field would silently leave its default in force",
    bad: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  treshold 5
}"#,
    good: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  threshold 5
}"#,
};

/// `duplicate-field`.
pub static DUPLICATE_FIELD: Code = Code {
    code: "SS003",
    name: "duplicate-field",
    level: Level::Deny,
    what: "a field stands twice in one rule or one block",
    why: "one of the two values would be ignored without a word",
    bad: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  rate 50%
  rate 60%
}"#,
    good: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  rate 60%
}"#,
};

/// `missing-field`.
pub static MISSING_FIELD: Code = Code {
    code: "SS004",
    name: "missing-field",
    level: Level::Deny,
    what: "a rule lacks `order`, `skus`, `warehouses` or `stores`",
    why: "these have no sensible default: without them nobody knows what the rule is about",
    bad: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  stores all
}"#,
    good: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
}"#,
};

/// `duplicate-rule`.
pub static DUPLICATE_RULE: Code = Code {
    code: "SS005",
    name: "duplicate-rule",
    level: Level::Deny,
    what: "two rules have one name",
    why: "records and plans name rules; a name must say which one",
    bad: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses all stores all }
rule "Shoes" { order 20 skus "ADI-*" warehouses all stores all }"#,
    good: r#"rule "Nike" { order 10 skus "NIKE-*" warehouses all stores all }
rule "Adidas" { order 20 skus "ADI-*" warehouses all stores all }"#,
};

/// `duplicate-list`.
pub static DUPLICATE_LIST: Code = Code {
    code: "SS006",
    name: "duplicate-list",
    level: Level::Deny,
    what: "two lists have one name",
    why: "the order of files never changes a result, so neither can win",
    bad: r#"let shoes = "NIKE-*"
let shoes = "ADI-*""#,
    good: r#"let shoes = "NIKE-*", "ADI-*""#,
};

/// `unknown-list`.
pub static UNKNOWN_LIST: Code = Code {
    code: "SS007",
    name: "unknown-list",
    level: Level::Deny,
    what: "a name in `skus` or in a `let` stands for nothing",
    why: "a list that is not there would take no SKU at all",
    bad: r#"rule "Shoes" { order 10 skus shoes warehouses all stores all }"#,
    good: r#"let shoes = "NIKE-*"
rule "Shoes" { order 10 skus shoes warehouses all stores all }"#,
};

/// `list-cycle`.
pub static LIST_CYCLE: Code = Code {
    code: "SS008",
    name: "list-cycle",
    level: Level::Deny,
    what: "a list names itself, directly or through others",
    why: "what it holds would never be settled",
    bad: r#"let a = b, "NIKE-*"
let b = a, "ADI-*""#,
    good: r#"let a = b, "NIKE-*"
let b = "ADI-*""#,
};

/// `mixed-list`.
pub static MIXED_LIST: Code = Code {
    code: "SS009",
    name: "mixed-list",
    level: Level::Deny,
    what: "SKUs and names of stores or warehouses stand in one list",
    why: "no field takes both",
    bad: r#"let shoes = "NIKE-*", jakarta"#,
    good: r#"let shoes = "NIKE-*"
let near = jakarta"#,
};

/// `empty-list`.
pub static EMPTY_LIST: Code = Code {
    code: "SS010",
    name: "empty-list",
    level: Level::Deny,
    what: "a list of stores or warehouses ends up with nothing in it",
    why: "a rule without stores or warehouses does nothing, which is hardly meant",
    bad: "let near = jakarta, batam except jakarta, batam",
    good: "let near = jakarta, batam except batam",
};

/// `name-collision`.
pub static NAME_COLLISION: Code = Code {
    code: "SS011",
    name: "name-collision",
    level: Level::Deny,
    what: "a list has the name of a store or a warehouse",
    why: "where the name stands, nobody could tell which is meant",
    bad: r#"let jakarta = "NIKE-*""#,
    good: r#"let shoes = "NIKE-*""#,
};

/// `bad-name`.
pub static BAD_NAME: Code = Code {
    code: "SS012",
    name: "bad-name",
    level: Level::Deny,
    what: "a name cannot be written in a rule",
    why: "a name starts with a-z, goes on with a-z, 0-9, `_` and `-`, and is no keyword",
    bad: "warehouses: [Jakarta]",
    good: "warehouses: [jakarta]",
};

/// `unknown-warehouse`.
pub static UNKNOWN_WAREHOUSE: Code = Code {
    code: "SS013",
    name: "unknown-warehouse",
    level: Level::Deny,
    what: "a name is no warehouse of the configuration",
    why: "its stock would be missing from the sum",
    bad: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses jakrta stores all }"#,
    good: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses jakarta stores all }"#,
};

/// `unknown-store`.
pub static UNKNOWN_STORE: Code = Code {
    code: "SS014",
    name: "unknown-store",
    level: Level::Deny,
    what: "a name is no store of the configuration",
    why: "the store that was meant would be left alone",
    bad: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses all stores shoppe_id }"#,
    good: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses all stores shopee_id }"#,
};

/// `bad-quantity`.
pub static BAD_QUANTITY: Code = Code {
    code: "SS015",
    name: "bad-quantity",
    level: Level::Deny,
    what: "a quantity is not a whole number from 0 to 4294967295",
    why: "stock is counted in whole units",
    bad: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  threshold 2.5
}"#,
    good: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  threshold 3
}"#,
};

/// `bad-percentage`.
pub static BAD_PERCENTAGE: Code = Code {
    code: "SS016",
    name: "bad-percentage",
    level: Level::Deny,
    what: "a percentage is not a number from 0% to 1000% with at most two decimal places",
    why: "rates are computed exactly, in hundredths of a percent",
    bad: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  rate 50
}"#,
    good: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  rate 50%
}"#,
};

/// `bad-moment`.
pub static BAD_MOMENT: Code = Code {
    code: "SS017",
    name: "bad-moment",
    level: Level::Deny,
    what: "a moment cannot be read, is on no calendar, or is a local time that exists twice or not at all",
    why: "a rule must begin and end at one instant for everybody",
    bad: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  active from 2026-02-30
}"#,
    good: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  active from 2026-02-28
}"#,
};

/// `empty-window`.
pub static EMPTY_WINDOW: Code = Code {
    code: "SS018",
    name: "empty-window",
    level: Level::Deny,
    what: "a rule ends before it begins",
    why: "it would never be active",
    bad: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  active from 2026-11-28 until 2026-11-27
}"#,
    good: r#"rule "Shoes" {
  order 10
  skus "NIKE-*"
  warehouses all
  stores all
  active from 2026-11-27 until 2026-11-28
}"#,
};

/// `ambiguous-order`.
pub static AMBIGUOUS_ORDER: Code = Code {
    code: "SS019",
    name: "ambiguous-order",
    level: Level::Deny,
    what: "two rules of one order can match one SKU at one time",
    why: "neither goes first, so the number of that SKU would be up to chance; it counts whatever SKUs the catalog holds today",
    bad: r#"rule "Nike" { order 10 skus "NIKE-*" warehouses all stores all }
rule "Red" { order 10 skus "*-RED" warehouses all stores all }"#,
    good: r#"rule "Nike" { order 10 skus "NIKE-*" warehouses all stores all }
rule "Red" { order 20 skus "*-RED" warehouses all stores all }"#,
};

/// `priority-store-not-in-stores`.
pub static PRIORITY_STORE_NOT_IN_STORES: Code = Code {
    code: "SS020",
    name: "priority-store-not-in-stores",
    level: Level::Deny,
    what: "the store of `priority` is not among the stores of the rule",
    why: "every store would be held back for one that the rule never writes",
    bad: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses all stores shopee_id, lazada_id priority store tiktok_id below 20 }"#,
    good: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses all stores shopee_id, lazada_id priority store shopee_id below 20 }"#,
};

/// `override-store-not-in-stores`.
pub static OVERRIDE_STORE_NOT_IN_STORES: Code = Code {
    code: "SS021",
    name: "override-store-not-in-stores",
    level: Level::Deny,
    what: "a `store` block is about a store that is not among the stores of the rule",
    why: "it would change nothing",
    bad: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses all stores shopee_id, lazada_id store tiktok_id { cap 5 } }"#,
    good: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses all stores shopee_id, lazada_id store shopee_id { cap 5 } }"#,
};

/// `duplicate-override`.
pub static DUPLICATE_OVERRIDE: Code = Code {
    code: "SS022",
    name: "duplicate-override",
    level: Level::Deny,
    what: "a rule has two blocks for one store",
    why: "one of them would be ignored without a word",
    bad: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses all stores shopee_id, lazada_id store shopee_id { cap 5 } store shopee_id { rate 50% } }"#,
    good: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses all stores shopee_id, lazada_id store shopee_id { rate 50% cap 5 } }"#,
};

/// `split-store-not-in-stores`.
pub static SPLIT_STORE_NOT_IN_STORES: Code = Code {
    code: "SS023",
    name: "split-store-not-in-stores",
    level: Level::Deny,
    what: "a store of `split` is not among the stores of the rule",
    why: "its share would be lost",
    bad: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses all stores shopee_id, lazada_id split tiktok_id 1, shopee_id 1 }"#,
    good: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses all stores shopee_id, lazada_id split lazada_id 1, shopee_id 1 }"#,
};

/// `split-conflict`.
pub static SPLIT_CONFLICT: Code = Code {
    code: "SS024",
    name: "split-conflict",
    level: Level::Deny,
    what: "something stands beside `split` that breaks its sum, or a store stands in it twice",
    why: "the shares of a pool add up to it exactly: beside it a store may have a `cap` of its own, and nothing else",
    bad: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses all stores shopee_id, lazada_id split shopee_id 1, lazada_id 1 floor 2 }"#,
    good: r#"rule "Shoes" { order 10 skus "NIKE-*" warehouses all stores shopee_id, lazada_id split shopee_id 1, lazada_id 1 }"#,
};

/// `too-many-rules`.
pub static TOO_MANY_RULES: Code = Code {
    code: "SS025",
    name: "too-many-rules",
    level: Level::Deny,
    what: "the project has more rules than its limit",
    why: "the limit is a guard against rules that a script makes by mistake",
    bad: "limits: { rules: 200 }",
    good: "limits: { rules: 500 }",
};

/// `duplicate-test`.
pub static DUPLICATE_TEST: Code = Code {
    code: "SS026",
    name: "duplicate-test",
    level: Level::Deny,
    what: "two tests have one name",
    why: "a failing test is named, and the name must say which one",
    bad: r#"test "sale" { expect "NIKE-1" { shopee_id none } }
test "sale" { expect "NIKE-2" { shopee_id none } }"#,
    good: r#"test "sale" { expect "NIKE-1" { shopee_id none } }
test "sale, size 2" { expect "NIKE-2" { shopee_id none } }"#,
};

/// `test-needs-moment`.
pub static TEST_NEEDS_MOMENT: Code = Code {
    code: "SS027",
    name: "test-needs-moment",
    level: Level::Deny,
    what: "a test expects a number that depends on the time, and does not say when",
    why: "it would pass today and fail tomorrow",
    bad: r#"rule "Sale" { order 10 active until 2026-11-28 skus "NIKE-*" warehouses all stores shopee_id }
test "sale" { stock "NIKE-1" { jakarta 4 } expect "NIKE-1" { shopee_id 4 } }"#,
    good: r#"rule "Sale" { order 10 active until 2026-11-28 skus "NIKE-*" warehouses all stores shopee_id }
test "sale" { at 2026-11-27 stock "NIKE-1" { jakarta 4 } expect "NIKE-1" { shopee_id 4 } }"#,
};
