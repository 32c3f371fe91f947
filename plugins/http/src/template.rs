//! Texts with places in them: `/products/{id}`, `Bearer {{secret:token}}`.

use serde_json::Value;
use std::collections::BTreeMap;
use stocksync_sdk::flow::{percent, rfc3339, string};

/// What may stand in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    StoreSku,
    Id,
    Parent,
    Quantity,
    Expected,
    StoreSkus,
    Ids,
    Since,
    Page,
    Offset,
    Cursor,
    Timestamp,
    Method,
    Path,
    Target,
    Body,
}

const NAMES: &[(&str, Name)] = &[
    ("store_sku", Name::StoreSku),
    ("id", Name::Id),
    ("parent", Name::Parent),
    ("quantity", Name::Quantity),
    ("expected", Name::Expected),
    ("store_skus", Name::StoreSkus),
    ("ids", Name::Ids),
    ("since", Name::Since),
    ("page", Name::Page),
    ("offset", Name::Offset),
    ("cursor", Name::Cursor),
    ("timestamp", Name::Timestamp),
    ("method", Name::Method),
    ("path", Name::Path),
    ("target", Name::Target),
    ("body", Name::Body),
];

impl Name {
    /// Of an item that is written.
    pub(crate) const WRITTEN: &'static [Self] =
        &[Self::StoreSku, Self::Id, Self::Parent, Self::Quantity, Self::Expected];
    /// Of items that are looked up.
    pub(crate) const ASKED: &'static [Self] =
        &[Self::StoreSku, Self::Id, Self::Parent, Self::StoreSkus, Self::Ids];
    /// Of a page.
    pub(crate) const PAGED: &'static [Self] = &[Self::Page, Self::Offset, Self::Cursor];

    pub(crate) fn word(self) -> &'static str {
        NAMES.iter().find(|(_, name)| *name == self).map_or("", |(word, _)| word)
    }

    /// Whether it differs from item to item.
    pub(crate) fn is_of_item(self) -> bool {
        Self::WRITTEN.contains(&self)
    }
}

/// What stands in places.
pub(crate) type Values = BTreeMap<Name, Value>;

/// What there is to fill in: what all items share, and the items.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) shared: &'a Values,
    pub(crate) items: &'a [Values],
}

impl Scope<'_> {
    fn value(&self, name: Name) -> Option<Value> {
        let joined = |name: Name| {
            let texts = self.items.iter().filter_map(|item| string(item.get(&name)?));
            Some(Value::from(texts.collect::<Vec<_>>().join(",")))
        };
        match name {
            Name::StoreSkus => joined(Name::StoreSku),
            Name::Ids => joined(Name::Id),
            _ => {
                let of_item = self.items.first().and_then(|item| item.get(&name));
                of_item.or_else(|| self.shared.get(&name)).filter(|value| !value.is_null()).cloned()
            }
        }
    }
}

/// A text with places in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(Name, Filter),
    /// The inside of `{{secret:…}}`: name and filters.
    Secret(String),
}

/// How pieces are written: texts, what is filled in, and the filter that secrets get.
struct Writing {
    text: fn(&str) -> String,
    value: fn(&str) -> String,
    secret: &'static str,
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filter {
    None,
    /// A number as a text.
    Text,
    /// A moment as of RFC 3339, or as seconds or milliseconds since 1970.
    Moment,
    Seconds,
    Milliseconds,
}

/// What a text may have in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowed<'a> {
    pub(crate) names: &'a [Name],
    /// The secrets that the store has, where they may stand in the text.
    pub(crate) secrets: Option<&'a [String]>,
}

const SECRET: &str = "{{secret:";

impl Template {
    /// Reads one; the error stands behind the setting's name.
    pub(crate) fn parse(text: &str, allowed: Allowed<'_>) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            plain.push_str(before);
            let (piece, behind) = if let Some(behind) = from.strip_prefix(SECRET) {
                secret(behind, allowed.secrets)?
            } else if from.starts_with("{{sign:") {
                return Err("has `{{sign:` in it: signatures are described by `sign`".to_owned());
            } else if let Some((inside, behind)) = place(from) {
                (named(inside, allowed.names)?, behind)
            } else {
                plain.push('{');
                rest = from.get(1..).unwrap_or_default();
                continue;
            };
            if !plain.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(piece);
            rest = behind;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// The names of its places.
    pub(crate) fn names(&self) -> impl Iterator<Item = Name> + use<'_> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Place(name, _) => Some(*name),
            _ => None,
        })
    }

    /// What stands between its places.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Filled in as a path: what is filled in is percent-encoded. The error is the name of which there is nothing.
    pub(crate) fn path(&self, scope: Scope<'_>) -> Result<String, String> {
        let is_empty = |name: &Name| {
            scope.value(*name).and_then(|value| string(&value)).is_some_and(|text| text.is_empty())
        };
        if let Some(name) = self.names().find(is_empty) {
            return Err(format!("there is no `{}` of it", name.word()));
        }
        self.filled(scope, &Writing { text: str::to_owned, value: percent, secret: "|percent" })
    }

    /// Filled in as a value of a query: all of it is percent-encoded.
    pub(crate) fn query(&self, scope: Scope<'_>) -> Result<String, String> {
        self.filled(scope, &Writing { text: percent, value: percent, secret: "|percent" })
    }

    /// Filled in as a text, as it is.
    pub(crate) fn text(&self, scope: Scope<'_>) -> Result<String, String> {
        self.filled(scope, &Writing { text: str::to_owned, value: str::to_owned, secret: "" })
    }

    /// Filled in as a value: what is one place alone is what stands there, a number as a number; nothing where nothing does.
    pub(crate) fn value(&self, scope: Scope<'_>) -> Result<Option<Value>, String> {
        match self.0.as_slice() {
            [Piece::Place(name, Filter::None)] => Ok(scope.value(*name)),
            [Piece::Place(name, _)] if scope.value(*name).is_none() => Ok(None),
            _ => self.text(scope).map(|text| Some(Value::from(text))),
        }
    }

    fn filled(&self, scope: Scope<'_>, writing: &Writing) -> Result<String, String> {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(&(writing.text)(text)),
                Piece::Secret(inside) => filled.push_str(&format!("{SECRET}{inside}{}}}}}", writing.secret)),
                Piece::Place(name, filter) => {
                    let value = scope.value(*name).and_then(|value| filter.written(&value));
                    let value = value.ok_or_else(|| format!("there is no `{}` of it", name.word()))?;
                    filled.push_str(&(writing.value)(&value));
                }
            }
        }
        Ok(filled)
    }
}

impl Filter {
    fn of(word: &str) -> Option<Self> {
        let known = [("text", Self::Text), ("seconds", Self::Seconds), ("milliseconds", Self::Milliseconds)];
        known.into_iter().find(|(name, _)| *name == word).map(|(_, filter)| filter)
    }

    fn written(self, value: &Value) -> Option<String> {
        match self {
            Self::None | Self::Text => string(value),
            Self::Moment => value.as_i64().map(|ms| rfc3339(ms.div_euclid(1000))),
            Self::Seconds => value.as_i64().map(|ms| ms.div_euclid(1000).to_string()),
            Self::Milliseconds => value.as_i64().map(|ms| ms.to_string()),
        }
    }
}

/// The inside of `{name}` or `{name|filter}`, and what stands behind it. Any other brace is a brace.
fn place(from: &str) -> Option<(&str, &str)> {
    let (inside, behind) = from.strip_prefix('{')?.split_once('}')?;
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    inside.split('|').all(is_word).then_some((inside, behind))
}

fn named(inside: &str, allowed: &[Name]) -> Result<Piece, String> {
    let (word, filter) = inside.split_once('|').map_or((inside, None), |(word, filter)| (word, Some(filter)));
    let name = NAMES.iter().find(|(known, name)| *known == word && allowed.contains(name));
    let Some((_, name)) = name else {
        let known: Vec<String> = allowed.iter().map(|name| format!("`{{{}}}`", name.word())).collect();
        let may = if known.is_empty() {
            "nothing is filled in here".to_owned()
        } else {
            format!("here it may be {}", known.join(", "))
        };
        return Err(format!("has `{{{word}}}`: {may}; a brace that is meant as such has a space behind it"));
    };
    let own = if *name == Name::Since { Filter::Moment } else { Filter::None };
    let filter = filter.map_or(Some(own), Filter::of);
    let fits = match filter {
        Some(Filter::Seconds | Filter::Milliseconds) => *name == Name::Since,
        Some(_) => true,
        None => false,
    };
    match filter {
        Some(filter) if fits => Ok(Piece::Place(*name, filter)),
        _ => Err(format!(
            "has `{{{inside}}}`: behind `|` stands `text`, or `seconds` or `milliseconds` of `{{since}}`"
        )),
    }
}

fn secret<'a>(behind: &'a str, secrets: Option<&[String]>) -> Result<(Piece, &'a str), String> {
    let Some(secrets) = secrets else {
        return Err("has a secret in it: secrets stand in `auth`, `headers` and `sign` alone".to_owned());
    };
    let (inside, behind) =
        behind.split_once("}}").ok_or("has a secret's place that is not closed by `}}`")?;
    let mut parts = inside.split('|');
    let name = parts.next().unwrap_or_default();
    if !secrets.iter().any(|known| known == name) {
        return Err(format!(
            "has `{{{{secret:{name}}}}}`, and the store has no such secret: name it under `secrets`"
        ));
    }
    match parts.find(|filter| !["percent", "base64", "json"].contains(filter)) {
        Some(filter) => {
            Err(format!("has a secret with the filter `{filter}`: there are `percent`, `base64` and `json`"))
        }
        None => Ok((Piece::Secret(inside.to_owned()), behind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(text: &str) -> Result<Template, String> {
        let secrets = ["key".to_owned()];
        let names = [Name::StoreSku, Name::Id, Name::Parent, Name::Quantity, Name::StoreSkus, Name::Since];
        Template::parse(text, Allowed { names: &names, secrets: Some(&secrets) })
    }

    fn shared() -> Values {
        Values::from([(Name::Since, json!(1_764_000_000_123_i64))])
    }

    fn items() -> Vec<Values> {
        let item = |sku: &str, id: u32| {
            Values::from([(Name::StoreSku, json!(sku)), (Name::Id, json!(id)), (Name::Quantity, json!(3))])
        };
        vec![item("a/b ก\"", 7), item("b", 8)]
    }

    #[test]
    fn what_is_filled_in_is_encoded_and_keeps_its_type() {
        let (shared, items) = (shared(), items());
        let scope = Scope { shared: &shared, items: &items };
        let url = |text: &str| parse(text).unwrap().path(scope);
        assert_eq!(url("/p/{id}/{store_sku}?"), Ok("/p/7/a%2Fb%20%E0%B8%81%22?".to_owned()));
        assert_eq!(url("{store_skus}"), Ok("a%2Fb%20%E0%B8%81%22%2Cb".to_owned()));
        assert_eq!(url("{{secret:key|base64}}"), Ok("{{secret:key|base64|percent}}".to_owned()));
        assert_eq!(parse("a b,{quantity}").unwrap().query(scope), Ok("a%20b%2C3".to_owned()));
        assert_eq!(url("{parent}"), Err("there is no `parent` of it".to_owned()));
        let value = |text: &str| parse(text).unwrap().value(scope).unwrap();
        assert_eq!(value("{quantity}"), Some(json!(3)));
        assert_eq!(value("{quantity|text}"), Some(json!("3")));
        assert_eq!(value("n={quantity} { ok { x } } {"), Some(json!("n=3 { ok { x } } {")));
        assert_eq!((value("{parent}"), value("{parent|text}")), (None, None));
    }

    #[test]
    fn moments() {
        let shared = shared();
        let scope = Scope { shared: &shared, items: &[] };
        assert_eq!(parse("{since}").unwrap().value(scope), Ok(Some(json!("2025-11-24T16:00:00Z"))));
        let url = |text: &str| parse(text).unwrap().query(scope).unwrap();
        assert_eq!(
            (url("{since|seconds}"), url("{since|milliseconds}")),
            ("1764000000".into(), "1764000000123".into())
        );
    }

    #[test]
    fn wrong_ones_are_told() {
        for (text, what) in [
            (
                "/p/{sku}",
                "has `{sku}`: here it may be `{store_sku}`, `{id}`, `{parent}`, `{quantity}`, `{store_skus}`, `{since}`; a brace that is meant as such has a space behind it",
            ),
            (
                "{quantity|round}",
                "has `{quantity|round}`: behind `|` stands `text`, or `seconds` or `milliseconds` of `{since}`",
            ),
            (
                "{id|seconds}",
                "has `{id|seconds}`: behind `|` stands `text`, or `seconds` or `milliseconds` of `{since}`",
            ),
            (
                "{{secret:other}}",
                "has `{{secret:other}}`, and the store has no such secret: name it under `secrets`",
            ),
            ("{{secret:key", "has a secret's place that is not closed by `}}`"),
            (
                "{{secret:key|rot13}}",
                "has a secret with the filter `rot13`: there are `percent`, `base64` and `json`",
            ),
            ("{{sign:a}}", "has `{{sign:` in it: signatures are described by `sign`"),
        ] {
            assert_eq!(parse(text), Err(what.to_owned()), "{text}");
        }
        let nothing = Allowed { names: &[], secrets: None };
        assert!(Template::parse("{{secret:key}}", nothing).unwrap_err().contains("alone"));
        assert!(Template::parse("{id}", nothing).unwrap_err().contains("nothing is filled in here"));
    }
}
