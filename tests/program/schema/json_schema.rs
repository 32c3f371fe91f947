//! JSON Schema, as much of it as ours uses. Patterns are read over: what they say is tested at the reader.

use serde_json::Value;

/// What a schema may say here; another word would go unchecked.
const KEYWORDS: &[&str] = &[
    "$schema",
    "title",
    "description",
    "default",
    "examples",
    "$defs",
    "$ref",
    "type",
    "enum",
    "properties",
    "required",
    "additionalProperties",
    "propertyNames",
    "items",
    "uniqueItems",
    "minItems",
    "maxItems",
    "maxProperties",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "minLength",
    "pattern",
    "not",
];

/// Every fault of a value, each with its place.
pub(crate) fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let Value::Object(says) = schema else {
        if schema == &Value::Bool(false) {
            found.push(format!("{at}: nothing may stand here"));
        }
        return;
    };
    for (word, what) in says {
        assert!(KEYWORDS.contains(&word.as_str()), "`{word}` is not checked");
        let good = match word.as_str() {
            "$ref" => {
                let target = what.as_str().unwrap().strip_prefix('#').unwrap();
                check(root, root.pointer(target).unwrap(), value, at, found);
                true
            }
            "type" => types(what).iter().any(|name| is_type(value, name)),
            "enum" => what.as_array().unwrap().contains(value),
            "required" => strings(what).all(|name| !value.is_object() || value.get(name).is_some()),
            "minimum" => value.as_f64().is_none_or(|number| number >= what.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= what.as_f64().unwrap()),
            "exclusiveMinimum" => value.as_f64().is_none_or(|number| number > what.as_f64().unwrap()),
            "minLength" => {
                value.as_str().is_none_or(|text| text.chars().count() as u64 >= what.as_u64().unwrap())
            }
            "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= what.as_u64().unwrap()),
            "maxProperties" => {
                value.as_object().is_none_or(|keys| keys.len() as u64 <= what.as_u64().unwrap())
            }
            "uniqueItems" => {
                value.as_array().is_none_or(|all| (1..all.len()).all(|n| !all[..n].contains(&all[n])))
            }
            // A pattern alone cannot be told here, so nothing is forbidden by it either.
            "not" if what.get("pattern").is_some() => true,
            "not" => {
                let mut inside = Vec::new();
                check(root, what, value, at, &mut inside);
                !inside.is_empty()
            }
            _ => true,
        };
        if !good {
            found.push(format!("{at}: `{word}` does not hold"));
        }
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{key}");
        let property = says.get("properties").and_then(|known| known.get(key));
        if let Some(schema) = property.or(says.get("additionalProperties")) {
            check(root, schema, value, &at, found);
        }
        if let Some(schema) = says.get("propertyNames") {
            check(root, schema, &Value::from(key.as_str()), &at, found);
        }
    }
    if let (Some(schema), Some(items)) = (says.get("items"), value.as_array()) {
        items.iter().enumerate().for_each(|(n, item)| check(root, schema, item, &format!("{at}/{n}"), found));
    }
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn types(value: &Value) -> Vec<&str> {
    value.as_str().map_or_else(|| strings(value).collect(), |one| vec![one])
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("no type `{other}`"),
    }
}
