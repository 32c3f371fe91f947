//! Bodies: JSON with places in it.

use crate::template::{Allowed, Name, Scope, Template};
use serde_json::{Map, Value};

/// How deep a body may be nested.
const DEPTH_MAX: usize = 32;

/// A body. What is one place alone is filled in with its type; what has nothing there is left out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Plain(Value),
    Text(Template),
    List(Vec<Body>),
    Map(Vec<(Template, Body)>),
    /// A list of one entry that names an item: it stands there once for each.
    EachEntry(Box<Body>),
    /// A map of one field whose name names an item: it stands there once for each.
    EachField(Template, Box<Body>),
}

impl Body {
    /// Reads one; the error stands behind the setting's name.
    pub(crate) fn parse(value: &Value, allowed: Allowed<'_>) -> Result<Self, String> {
        Self::parse_in(value, allowed, 0)
    }

    fn parse_in(value: &Value, allowed: Allowed<'_>, depth: usize) -> Result<Self, String> {
        if depth > DEPTH_MAX {
            return Err(format!("is nested deeper than {DEPTH_MAX}"));
        }
        let within = |value: &Value| Self::parse_in(value, allowed, depth + 1);
        match value {
            Value::String(text) => Ok(Self::Text(Template::parse(text, allowed)?)),
            Value::Array(list) => {
                let mut list: Vec<Self> = list.iter().map(within).collect::<Result<_, _>>()?;
                match (list.pop(), list.is_empty()) {
                    (Some(only), true) if only.names_items() => Ok(Self::EachEntry(Box::new(only))),
                    (Some(last), _) => {
                        list.push(last);
                        Ok(Self::List(list))
                    }
                    (None, _) => Ok(Self::List(list)),
                }
            }
            Value::Object(fields) => {
                let field =
                    |(name, value): (&String, &Value)| Ok((Template::parse(name, allowed)?, within(value)?));
                let mut fields: Vec<(Template, Self)> =
                    fields.iter().map(field).collect::<Result<_, String>>()?;
                let of_item = |(name, _): &(Template, Self)| name.names().any(Name::is_of_item);
                if fields.len() > 1 && fields.iter().any(of_item) {
                    return Err("has a map with a field that is named by an item, and others: it must be the only one".to_owned());
                }
                match fields.pop_if(|field| of_item(field)) {
                    Some((name, value)) => Ok(Self::EachField(name, Box::new(value))),
                    None => Ok(Self::Map(fields)),
                }
            }
            plain => Ok(Self::Plain(plain.clone())),
        }
    }

    /// Every place in it; whether it is in a part that stands there for each item.
    pub(crate) fn names(&self, in_each: bool, found: &mut Vec<(Name, bool)>) {
        match self {
            Self::Plain(_) => {}
            Self::Text(text) => found.extend(text.names().map(|name| (name, in_each))),
            Self::List(list) => list.iter().for_each(|value| value.names(in_each, found)),
            Self::Map(fields) => fields.iter().for_each(|(name, value)| {
                found.extend(name.names().map(|name| (name, in_each)));
                value.names(in_each, found);
            }),
            Self::EachEntry(value) => value.names(true, found),
            Self::EachField(name, value) => {
                found.extend(name.names().map(|name| (name, true)));
                value.names(true, found);
            }
        }
    }

    fn names_items(&self) -> bool {
        let mut found = Vec::new();
        self.names(false, &mut found);
        found.iter().any(|(name, _)| name.is_of_item())
    }

    /// Filled in; nothing where it is a place of which there is nothing. The error is the name of what is missing in a text.
    pub(crate) fn fill(&self, scope: Scope<'_>) -> Result<Option<Value>, String> {
        let each = || scope.items.iter().map(|item| Scope { items: std::slice::from_ref(item), ..scope });
        match self {
            Self::Plain(value) => Ok(Some(value.clone())),
            Self::Text(text) => text.value(scope),
            Self::List(list) => list_of(list.iter().map(|value| value.fill(scope))),
            Self::Map(fields) => {
                map_of(fields.iter().map(|(name, value)| (name.text(scope), value.fill(scope))))
            }
            Self::EachEntry(value) => list_of(each().map(|scope| value.fill(scope))),
            Self::EachField(name, value) => map_of(each().map(|scope| (name.text(scope), value.fill(scope)))),
        }
    }
}

type Filled = Result<Option<Value>, String>;

fn list_of(values: impl Iterator<Item = Filled>) -> Filled {
    let list = values.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Value::Array(list)))
}

fn map_of(fields: impl Iterator<Item = (Result<String, String>, Filled)>) -> Filled {
    let mut map = Map::new();
    for (name, value) in fields {
        if let Some(value) = value? {
            map.insert(name?, value);
        }
    }
    Ok(Some(Value::Object(map)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Values;
    use serde_json::json;

    fn parse(body: &Value) -> Result<Body, String> {
        Body::parse(body, Allowed { names: Name::WRITTEN, secrets: None })
    }

    fn item(sku: &str, quantity: i64, expected: Option<i64>) -> Values {
        Values::from([
            (Name::StoreSku, json!(sku)),
            (Name::Quantity, json!(quantity)),
            (Name::Expected, json!(expected)),
        ])
    }

    #[track_caller]
    fn check(body: Value, expected: &Value) {
        let items = [item("a\",\"x\":\"", 1, Some(4)), item("b", 0, None)];
        let scope = Scope { shared: &Values::new(), items: &items };
        assert_eq!(parse(&body).unwrap().fill(scope).unwrap().as_ref(), Some(expected));
    }

    #[test]
    fn a_list_of_one_stands_there_for_each_item() {
        check(
            json!({ "set": [{ "sku": "{store_sku}", "n": "{quantity}", "was": "{expected}", "unit": 1 }], "tags": ["x"], "all": true }),
            &json!({ "set": [{ "sku": "a\",\"x\":\"", "n": 1, "was": 4, "unit": 1 }, { "sku": "b", "n": 0, "unit": 1 }], "tags": ["x"], "all": true }),
        );
    }

    #[test]
    fn so_does_a_map_of_one() {
        check(
            json!({ "stock": { "{store_sku}": "{quantity|text}" } }),
            &json!({ "stock": { "a\",\"x\":\"": "1", "b": "0" } }),
        );
    }

    #[test]
    fn wrong_ones_are_told() {
        let why = "has a map with a field that is named by an item, and others: it must be the only one";
        assert_eq!(parse(&json!({ "{store_sku}": 1, "x": 2 })), Err(why.to_owned()));
        let deep = (0..40).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(parse(&deep), Err("is nested deeper than 32".to_owned()));
    }

    #[test]
    fn outside_of_a_list_an_item_is_alone() {
        let body = parse(&json!({ "n": "{quantity}", "ids": ["{store_sku}", "x"] })).unwrap();
        let mut names = Vec::new();
        body.names(false, &mut names);
        assert_eq!(names, [(Name::StoreSku, false), (Name::Quantity, false)]);
    }
}
