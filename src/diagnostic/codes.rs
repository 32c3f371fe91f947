//! The errors: deny by nature.

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
];

/// `syntax`.
pub static SYNTAX: Code =
    Code { code: "SS001", name: "syntax", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `unknown-field`.
pub static UNKNOWN_FIELD: Code =
    Code { code: "SS002", name: "unknown-field", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `duplicate-field`.
pub static DUPLICATE_FIELD: Code =
    Code { code: "SS003", name: "duplicate-field", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `missing-field`.
pub static MISSING_FIELD: Code =
    Code { code: "SS004", name: "missing-field", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `duplicate-rule`.
pub static DUPLICATE_RULE: Code =
    Code { code: "SS005", name: "duplicate-rule", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `duplicate-list`.
pub static DUPLICATE_LIST: Code =
    Code { code: "SS006", name: "duplicate-list", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `unknown-list`.
pub static UNKNOWN_LIST: Code =
    Code { code: "SS007", name: "unknown-list", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `list-cycle`.
pub static LIST_CYCLE: Code =
    Code { code: "SS008", name: "list-cycle", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `mixed-list`.
pub static MIXED_LIST: Code =
    Code { code: "SS009", name: "mixed-list", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `empty-list`.
pub static EMPTY_LIST: Code =
    Code { code: "SS010", name: "empty-list", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `name-collision`.
pub static NAME_COLLISION: Code =
    Code { code: "SS011", name: "name-collision", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `bad-name`.
pub static BAD_NAME: Code =
    Code { code: "SS012", name: "bad-name", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `unknown-warehouse`.
pub static UNKNOWN_WAREHOUSE: Code = Code {
    code: "SS013",
    name: "unknown-warehouse",
    level: Level::Deny,
    what: "",
    why: "",
    bad: "",
    good: "",
};

/// `unknown-store`.
pub static UNKNOWN_STORE: Code =
    Code { code: "SS014", name: "unknown-store", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `bad-quantity`.
pub static BAD_QUANTITY: Code =
    Code { code: "SS015", name: "bad-quantity", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `bad-percentage`.
pub static BAD_PERCENTAGE: Code =
    Code { code: "SS016", name: "bad-percentage", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `bad-moment`.
pub static BAD_MOMENT: Code =
    Code { code: "SS017", name: "bad-moment", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `empty-window`.
pub static EMPTY_WINDOW: Code =
    Code { code: "SS018", name: "empty-window", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `ambiguous-order`.
pub static AMBIGUOUS_ORDER: Code =
    Code { code: "SS019", name: "ambiguous-order", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `priority-store-not-in-stores`.
pub static PRIORITY_STORE_NOT_IN_STORES: Code = Code {
    code: "SS020",
    name: "priority-store-not-in-stores",
    level: Level::Deny,
    what: "",
    why: "",
    bad: "",
    good: "",
};

/// `override-store-not-in-stores`.
pub static OVERRIDE_STORE_NOT_IN_STORES: Code = Code {
    code: "SS021",
    name: "override-store-not-in-stores",
    level: Level::Deny,
    what: "",
    why: "",
    bad: "",
    good: "",
};

/// `duplicate-override`.
pub static DUPLICATE_OVERRIDE: Code = Code {
    code: "SS022",
    name: "duplicate-override",
    level: Level::Deny,
    what: "",
    why: "",
    bad: "",
    good: "",
};

/// `split-store-not-in-stores`.
pub static SPLIT_STORE_NOT_IN_STORES: Code = Code {
    code: "SS023",
    name: "split-store-not-in-stores",
    level: Level::Deny,
    what: "",
    why: "",
    bad: "",
    good: "",
};

/// `split-conflict`.
pub static SPLIT_CONFLICT: Code =
    Code { code: "SS024", name: "split-conflict", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `too-many-rules`.
pub static TOO_MANY_RULES: Code =
    Code { code: "SS025", name: "too-many-rules", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `duplicate-test`.
pub static DUPLICATE_TEST: Code =
    Code { code: "SS026", name: "duplicate-test", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `test-needs-moment`.
pub static TEST_NEEDS_MOMENT: Code = Code {
    code: "SS027",
    name: "test-needs-moment",
    level: Level::Deny,
    what: "",
    why: "",
    bad: "",
    good: "",
};

/// `unknown-connector`.
pub static UNKNOWN_CONNECTOR: Code = Code {
    code: "SS028",
    name: "unknown-connector",
    level: Level::Deny,
    what: "",
    why: "",
    bad: "",
    good: "",
};

/// `bad-settings`.
pub static BAD_SETTINGS: Code =
    Code { code: "SS029", name: "bad-settings", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `bad-row`.
pub static BAD_ROW: Code =
    Code { code: "SS030", name: "bad-row", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `duplicate-row`.
pub static DUPLICATE_ROW: Code =
    Code { code: "SS031", name: "duplicate-row", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `mapping-conflict`.
pub static MAPPING_CONFLICT: Code = Code {
    code: "SS032",
    name: "mapping-conflict",
    level: Level::Deny,
    what: "",
    why: "",
    bad: "",
    good: "",
};

/// `nested-bundle`.
pub static NESTED_BUNDLE: Code =
    Code { code: "SS033", name: "nested-bundle", level: Level::Deny, what: "", why: "", bad: "", good: "" };

/// `bundle-with-stock`.
pub static BUNDLE_WITH_STOCK: Code = Code {
    code: "SS034",
    name: "bundle-with-stock",
    level: Level::Deny,
    what: "",
    why: "",
    bad: "",
    good: "",
};

/// `bad-config`.
pub static BAD_CONFIG: Code =
    Code { code: "SS035", name: "bad-config", level: Level::Deny, what: "", why: "", bad: "", good: "" };
