//! Settings against the JSON Schema that a connector declares: the part of it that manifests may use.

use crate::diagnostic::nearest;
use serde_json::Value;

/// How deep settings may be nested.
pub const DEPTH_MAX: usize = 32;

/// Every fault of `settings`: a JSON pointer to the place, and what is wrong there.
pub fn check_settings(schema: &Value, settings: &Value) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    // A list of work instead of recursion: settings are nested as deep as their writer likes.
    let mut work = vec![(schema, settings, String::new(), 0)];
    while let Some((schema, value, pointer, depth)) = work.pop() {
        if depth > DEPTH_MAX {
            faults.push((pointer, format!("is nested deeper than {DEPTH_MAX}")));
            continue;
        }
        if let Some(what) = check_value(schema, value) {
            faults.push((pointer, what));
            continue;
        }
        check_keys(schema, value, &pointer, &mut faults);
        for (key, schema, value) in children(schema, value) {
            work.push((schema, value, format!("{pointer}/{}", escape(&key)), depth + 1));
        }
    }
    faults.sort();
    faults
}

fn check_value(schema: &Value, value: &Value) -> Option<String> {
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(some)) => some.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|name| is_type(value, name)) {
        return Some(format!(
            "must be {}",
            types.iter().map(|name| words(name)).collect::<Vec<_>>().join(" or ")
        ));
    }
    if let Some(Value::Array(known)) = schema.get("enum")
        && !known.contains(value)
    {
        return Some(not_among(known, value));
    }
    let minimum = schema.get("minimum").and_then(Value::as_f64)?;
    (value.as_f64()? < minimum).then(|| format!("must be {minimum} or more"))
}

fn not_among(known: &[Value], value: &Value) -> String {
    let shown: Vec<_> = known.iter().map(|one| format!("`{}`", plain(one))).collect();
    let near = nearest(value.as_str().unwrap_or_default(), known.iter().filter_map(Value::as_str));
    let meant = near.map(|name| format!(": did you mean `{name}`?")).unwrap_or_default();
    format!("must be one of {}{meant}", shown.join(", "))
}

fn check_keys(schema: &Value, value: &Value, pointer: &str, faults: &mut Vec<(String, String)>) {
    let Value::Object(settings) = value else { return };
    let known = schema.get("properties").and_then(Value::as_object);
    let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
    for name in required.filter_map(Value::as_str).filter(|name| !settings.contains_key(*name)) {
        faults.push((format!("{pointer}/{}", escape(name)), "is missing".to_owned()));
    }
    if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
        return;
    }
    let is_known = |name: &str| known.is_some_and(|known| known.contains_key(name));
    for name in settings.keys().filter(|name| !is_known(name)) {
        let names = known.into_iter().flatten().map(|(name, _)| name.as_str());
        let meant = nearest(name, names).map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
        faults.push((format!("{pointer}/{}", escape(name)), format!("is not known{meant}")));
    }
}

fn children<'a>(schema: &'a Value, value: &'a Value) -> Vec<(String, &'a Value, &'a Value)> {
    match value {
        Value::Object(settings) => schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(key, schema)| Some((key.clone(), schema, settings.get(key)?)))
            .collect(),
        Value::Array(items) => {
            let of = |schema| items.iter().enumerate().map(move |(at, item)| (at.to_string(), schema, item));
            schema.get("items").map(of).into_iter().flatten().collect()
        }
        _ => Vec::new(),
    }
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        _ => true,
    }
}

fn words(name: &str) -> &str {
    match name {
        "object" => "a map",
        "array" => "a list",
        "string" => "text",
        "boolean" => "`true` or `false`",
        "integer" => "a whole number",
        "number" => "a number",
        "null" => "nothing",
        other => other,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(settings: Value, expected: &[(&str, &str)]) {
        let schema = json!({
            "type": "object", "required": ["path"], "additionalProperties": false,
            "properties": {
                "path": { "type": "string" }, "shop": { "type": "integer", "minimum": 1 },
                "region": { "enum": ["asia", "europe"] }, "tags": { "type": "array", "items": { "type": "string" } },
                "deep": { "type": "object", "additionalProperties": false, "properties": { "on": { "type": "boolean" } } },
            },
        });
        let faults = check_settings(&schema, &settings);
        let faults: Vec<_> = faults.iter().map(|(at, what)| (at.as_str(), what.as_str())).collect();
        assert_eq!(faults, expected);
    }

    #[test]
    fn good_settings_have_no_fault() {
        check(
            json!({ "path": "a.csv", "shop": 1, "region": "asia", "tags": ["x"], "deep": { "on": true } }),
            &[],
        );
    }

    #[test]
    fn every_fault_is_listed() {
        check(
            json!({ "paht": "a", "shop": 0, "region": "europa", "tags": ["x", 2], "deep": { "on": "yes" }, "a/b": 1 }),
            &[
                ("/a~1b", "is not known"),
                ("/deep/on", "must be `true` or `false`"),
                ("/paht", "is not known: did you mean `path`?"),
                ("/path", "is missing"),
                ("/region", "must be one of `asia`, `europe`: did you mean `europe`?"),
                ("/shop", "must be 1 or more"),
                ("/tags/1", "must be text"),
            ],
        );
        check(json!([]), &[("", "must be a map")]);
        check(json!({ "path": "a", "shop": 1.5 }), &[("/shop", "must be a whole number")]);
    }

    #[test]
    fn any_settings_are_good_for_no_schema() {
        assert_eq!(check_settings(&Value::Null, &json!({ "a": [1] })), []);
    }
}
