//! A request as the settings describe it.

use crate::access::Draft;
use crate::body::Body;
use crate::section::Section;
use crate::template::{Allowed, Name, Scope, Template};
use serde_json::Value;
use stocksync_sdk::flow::percent;

/// Method, path, query and body.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: String,
    path: Template,
    query: Vec<(String, Param)>,
    body: Option<Body>,
}

/// A parameter of the query.
#[derive(Clone, Debug)]
enum Param {
    /// Left out where there is nothing of it.
    One(Template),
    /// Once for each item: `sku: ["{store_sku}"]`.
    Each(Template),
}

impl Call {
    /// Reads one that is sent by `method` unless it says otherwise, and may have these names in it.
    pub(crate) fn parse(section: &Section<'_>, method: &'static str, names: &[Name]) -> Result<Self, String> {
        let others = ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().filter(|other| *other != method);
        let methods: Vec<&'static str> = std::iter::once(method).chain(others).collect();
        let allowed = Allowed { names, secrets: None };
        let in_path: Vec<Name> = names.iter().copied().filter(|name| !Name::PAGED.contains(name)).collect();
        let path = Template::parse(section.needed("path")?, Allowed { names: &in_path, ..allowed });
        let path = path.and_then(checked_path).map_err(|what| section.fault("path", &what))?;
        let mut query = Vec::new();
        if let Some(params) = section.map("query")? {
            for (name, value) in params.entries() {
                let param = Param::parse(value, allowed).map_err(|what| params.fault(name, &what))?;
                query.push((percent(name), param));
            }
        }
        let body = section.get("body").map(|body| Body::parse(body, allowed));
        let body = body.transpose().map_err(|what| section.fault("body", &what))?;
        let method = section.word("method", &methods)?;
        if method == "GET" && body.is_some() {
            return Err(section.fault("body", "goes with no `GET`: set another `method`"));
        }
        Ok(Self { method: method.to_owned(), path, query, body })
    }

    /// Every name in it, and whether it is in a part that stands there for each item.
    pub(crate) fn names(&self) -> Vec<(Name, bool)> {
        let mut names: Vec<(Name, bool)> = self.path.names().map(|name| (name, false)).collect();
        for (_, param) in &self.query {
            match param {
                Param::One(text) => names.extend(text.names().map(|name| (name, false))),
                Param::Each(text) => names.extend(text.names().map(|name| (name, true))),
            }
        }
        self.body.iter().for_each(|body| body.names(false, &mut names));
        names
    }

    pub(crate) fn has(&self, name: Name) -> bool {
        self.names().iter().any(|(of, _)| *of == name)
    }

    /// Filled in. The error is why that cannot be.
    pub(crate) fn draft(&self, scope: Scope<'_>) -> Result<Draft, String> {
        let path = self.path.path(scope)?;
        // What takes addresses apart takes `..` for the folder above, encoded or not.
        if path.split('/').any(|part| matches!(part, "." | "..")) {
            return Err("what stands in the path must not be `.` or `..`".to_owned());
        }
        let mut params = Vec::new();
        for (name, param) in &self.query {
            match param {
                Param::One(text) => {
                    if text.value(scope)?.is_some() {
                        params.push(format!("{name}={}", text.query(scope)?));
                    }
                }
                Param::Each(text) => {
                    for item in scope.items {
                        let scope = Scope { items: std::slice::from_ref(item), ..scope };
                        params.push(format!("{name}={}", text.query(scope)?));
                    }
                }
            }
        }
        let target = if params.is_empty() { path } else { format!("{path}?{}", params.join("&")) };
        let body = match &self.body {
            Some(body) => body.fill(scope)?,
            None => None,
        };
        Ok(Draft { method: self.method.clone(), target, body, header: None })
    }
}

impl Param {
    fn parse(value: &Value, allowed: Allowed<'_>) -> Result<Self, String> {
        let text = |value: &Value| match value {
            Value::String(text) => Template::parse(text, allowed),
            Value::Number(_) | Value::Bool(_) => Template::parse(&value.to_string(), allowed),
            _ => Err("must be a text or a number, or a list of one text that names an item".to_owned()),
        };
        match value.as_array().map(Vec::as_slice) {
            None => text(value).map(Self::One),
            Some([only]) => {
                let each = text(only)?;
                let names_items = each.names().any(Name::is_of_item);
                let wrong = || "must be a text, or a list of one text that names an item".to_owned();
                names_items.then_some(Self::Each(each)).ok_or_else(wrong)
            }
            Some(_) => Err("must be a text, or a list of one text that names an item".to_owned()),
        }
    }
}

fn checked_path(path: Template) -> Result<Template, String> {
    let begins = path.texts().next().is_some_and(|text| text.starts_with('/'));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%".contains(&byte);
    if !begins {
        return Err("must begin with `/`, and goes behind `url`".to_owned());
    }
    if path.texts().any(|text| text.contains('?')) {
        return Err("has a `?` in it: what stands behind it belongs into `query`".to_owned());
    }
    if !path.texts().all(|text| text.bytes().all(is_plain)) {
        return Err("has a character that no path may have".to_owned());
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Values;
    use serde_json::json;

    fn call(settings: &Value) -> Result<Call, String> {
        let names = [Name::ASKED, Name::PAGED].concat();
        Call::parse(&Section::all(settings), "GET", &names)
    }

    fn draft(settings: &Value, skus: &[&str]) -> Result<String, String> {
        let items: Vec<Values> =
            skus.iter().map(|sku| Values::from([(Name::StoreSku, json!(sku))])).collect();
        let draft = call(settings)?.draft(Scope { shared: &Values::new(), items: &items })?;
        Ok(format!("{} {} {}", draft.method, draft.target, draft.body.unwrap_or_default()))
    }

    #[test]
    fn places_are_encoded_and_never_leave_their_segment() {
        let path = |sku: &str| draft(&json!({ "path": "/p/{store_sku}/stock" }), &[sku]);
        assert_eq!(
            path("a/../b?c#d{{secret:x}}"),
            Ok("GET /p/a%2F..%2Fb%3Fc%23d%7B%7Bsecret%3Ax%7D%7D/stock null".into())
        );
        for sku in ["..", "."] {
            assert_eq!(path(sku), Err("what stands in the path must not be `.` or `..`".into()), "{sku}");
        }
        assert_eq!(path(""), Err("there is no `store_sku` of it".into()));
        assert_eq!(draft(&json!({ "path": "/p/" }), &[]), Ok("GET /p/ null".into()));
    }

    #[test]
    fn queries_are_left_out_repeated_and_joined() {
        let query = json!({ "path": "/p", "query": {
            "all": "{store_skus}", "cursor": "{cursor}", "n": 50, "sku[]": ["{store_sku}"], "with": "a b,c",
        } });
        let expected = "GET /p?all=x%2Cy%26z&n=50&sku%5B%5D=x&sku%5B%5D=y%26z&with=a%20b%2Cc null";
        assert_eq!(draft(&query, &["x", "y&z"]), Ok(expected.into()));
    }

    #[test]
    fn wrong_ones_are_told() {
        for (settings, what) in [
            (json!({}), "the setting `path` is missing"),
            (json!({ "path": "p" }), "the setting `path` must begin with `/`, and goes behind `url`"),
            (
                json!({ "path": "/p?x=1" }),
                "the setting `path` has a `?` in it: what stands behind it belongs into `query`",
            ),
            (json!({ "path": "/a b" }), "the setting `path` has a character that no path may have"),
            (
                json!({ "path": "/p", "method": "GTE" }),
                "the setting `method` must be one of `GET`, `POST`, `PUT`, `PATCH`, `DELETE`",
            ),
            (
                json!({ "path": "/p", "body": {} }),
                "the setting `body` goes with no `GET`: set another `method`",
            ),
            (
                json!({ "path": "/p", "query": { "a": ["x"] } }),
                "the setting `query.a` must be a text, or a list of one text that names an item",
            ),
        ] {
            assert_eq!(call(&settings).map(drop), Err(what.to_owned()));
        }
    }
}
