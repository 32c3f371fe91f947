//! The settings, as the host checks them: unknown names are refused.

use serde_json::{Value, json};

pub(crate) fn settings() -> Value {
    map(
        &[
            (
                "url",
                text("where the shop is reached, with the folder of its API: `https://shop.example/api/v2`"),
            ),
            ("headers", any_map("headers of every request, which may hold `{{secret:…}}`")),
            ("auth", auth()),
            ("sign", sign()),
            ("listings", list(&[("fields", fields())])),
            (
                "read",
                list(&[
                    ("fields", fields()),
                    ("items_max", count("how many listings one request may name", 1)),
                ]),
            ),
            (
                "resolve",
                list(&[
                    ("fields", fields()),
                    ("items_max", count("how many listings one request may name", 1)),
                ]),
            ),
            ("write", write()),
            ("errors", errors()),
            ("orders", orders()),
            ("limits", limits()),
            ("quantity", map(&[("min", count("the smallest", 0)), ("max", count("the largest", 0))], &[])),
        ],
        &["url", "listings"],
    )
}

/// Any secrets: which there are is the settings' to say.
pub(crate) fn secrets() -> Value {
    json!({ "type": "object" })
}

fn map(properties: &[(&str, Value)], required: &[&str]) -> Value {
    let properties: serde_json::Map<String, Value> =
        properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn place(description: &str) -> Value {
    text(&format!("where {description} is: `data.items`, or `/data/items`"))
}

fn count(description: &str, minimum: u64) -> Value {
    json!({ "type": "integer", "minimum": minimum, "description": description })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn any_map(description: &str) -> Value {
    json!({ "type": "object", "description": description })
}

fn codes(description: &str) -> Value {
    json!({ "type": "array", "description": format!("statuses and codes that mean: {description}") })
}

fn auth() -> Value {
    let named =
        map(&[("name", text("its name")), ("value", text("its value: `{{secret:…}}`"))], &["name", "value"]);
    map(
        &[
            ("bearer", text("the token: `{{secret:…}}`")),
            (
                "basic",
                map(
                    &[("user", text("the user")), ("password", text("`{{secret:…}}`"))],
                    &["user", "password"],
                ),
            ),
            ("header", named.clone()),
            ("query", named),
        ],
        &[],
    )
}

fn sign() -> Value {
    map(
        &[
            ("alg", json!({ "enum": ["hmac-sha256", "hmac-sha1", "sha256"] })),
            ("encoding", json!({ "enum": ["hex", "HEX", "base64"] })),
            ("key", text("`{{secret:…}}`")),
            ("text", text("what is signed: `{timestamp}{method}{target}{body}`")),
            ("header", text("the header that the signature goes into")),
            ("timestamp_header", text("the header that the time goes into")),
            ("timestamp", json!({ "enum": ["seconds", "milliseconds"] })),
        ],
        &["text", "header"],
    )
}

fn call() -> Vec<(&'static str, Value)> {
    vec![
        ("method", json!({ "enum": ["GET", "POST", "PUT", "PATCH", "DELETE"] })),
        ("path", text("the path behind `url`")),
        ("query", any_map("parameters of the query")),
        ("body", json!({ "description": "the body, as YAML" })),
    ]
}

fn list(more: &[(&'static str, Value)]) -> Value {
    let paging = map(
        &[
            ("by", json!({ "enum": ["page", "offset", "cursor", "link", "next_url"] })),
            ("first", count("the number of the first page (default 1)", 0)),
            ("total", place("the number of all items")),
            ("more", place("whether there are more")),
            ("at", place("the next cursor or address")),
        ],
        &["by"],
    );
    let mut properties = call();
    properties.push(("items", place("the list")));
    properties.push(("paging", paging));
    properties.extend(more.iter().cloned());
    map(&properties, &["path"])
}

fn fields() -> Value {
    let names = [
        ("store_sku", "the store SKU"),
        ("quantity", "the number"),
        ("held", "what open orders hold of it"),
        ("title", "the title"),
        ("id", "what the shop calls the listing"),
        ("parent", "what the shop calls its product"),
    ];
    map(&names.map(|(name, what)| (name, place(what))), &[])
}

fn write() -> Value {
    let answer = map(
        &[
            ("items", place("the entry of each item")),
            ("store_sku", place("an entry's store SKU")),
            ("id", place("an entry's id")),
            ("quantity", place("the number that the shop shows now")),
            ("code", place("the code of an entry's failure")),
            ("message", place("the words of an entry's failure")),
        ],
        &[],
    );
    let mut properties = call();
    properties.extend([
        ("items_max", count("how many listings one request may have", 1)),
        ("all_or_nothing", flag("whether a request of several is applied as a whole or not at all")),
        ("group_by", json!({ "enum": ["parent"] })),
        ("idempotency_header", text("the header that an idempotency key goes into")),
        ("settles_seconds", count("how long a number takes to show", 0)),
        ("answer", answer),
    ]);
    map(&properties, &["path"])
}

fn errors() -> Value {
    map(
        &[
            ("code", place("the code of a failure")),
            ("message", place("the words of a failure")),
            ("ok", codes("all is well")),
            ("not_found", codes("there is no such listing")),
            ("throttled", codes("too many requests")),
            ("locked", codes("a promotion holds it")),
            ("conflict", codes("another number was there")),
            ("unauthorized", codes("the secrets are not good")),
            ("rejected", codes("it will not do")),
        ],
        &[],
    )
}

fn orders() -> Value {
    let fields = [
        ("id", "an order's id"),
        ("placed_at", "when it was placed"),
        ("status", "its status"),
        ("lines", "its lines"),
        ("line", "a line's id, in the line"),
        ("store_sku", "a line's store SKU, in the line"),
        ("quantity", "a line's units, in the line"),
    ];
    let fields = map(
        &fields.map(|(name, what)| (name, place(what))),
        &["id", "placed_at", "lines", "store_sku", "quantity"],
    );
    let statuses = ["placed", "shipped", "cancelled"]
        .map(|name| (name, json!({ "type": "array", "description": format!("statuses that mean: {name}") })));
    let mut schema = list(&[("fields", fields), ("status", map(&statuses, &[]))]);
    if let Some(required) = schema.get_mut("required") {
        *required = json!(["path", "fields"]);
    }
    schema
}

fn limits() -> Value {
    map(
        &[
            ("requests_per_second", json!({ "type": "number", "description": "requests a second" })),
            ("burst", count("requests that may come at once after a pause", 1)),
            ("concurrency", count("requests side by side", 1)),
        ],
        &[],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever has names of its own refuses others.
    #[test]
    fn unknown_settings_are_refused_everywhere() {
        let mut work = vec![settings()];
        let mut maps = 0;
        while let Some(schema) = work.pop() {
            let Some(properties) = schema["properties"].as_object() else { continue };
            assert_eq!(schema["additionalProperties"], json!(false), "{schema}");
            maps += 1;
            work.extend(properties.values().cloned());
        }
        assert!(maps > 20, "{maps}");
    }
}
