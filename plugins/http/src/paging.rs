//! From one page to the next.

use crate::access::Access;
use crate::call::Call;
use crate::path::{Path, Row};
use crate::section::Section;
use crate::template::{Name, Values};
use serde_json::{Value, json};
use stocksync_sdk::flow::integer;

/// How a list comes in pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    by: By,
    /// The number of the first page.
    first: u64,
    /// Where the number of all items is.
    total: Option<Path>,
    /// Where it says whether there are more.
    more: Option<Path>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    /// It comes whole.
    Nothing,
    Page,
    Offset,
    Cursor(Path),
    Link,
    NextUrl(Path),
}

/// How far a list was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Position {
    pages: u64,
    items: usize,
    /// How many items the first page had: what a page holds, whatever it was asked for.
    full: usize,
    cursor: Option<Value>,
    /// Path and query of the next page, where an answer told it.
    pub(crate) target: Option<String>,
}

const WAYS: &[&str] = &["page", "offset", "cursor", "link", "next_url"];

impl Paging {
    /// How this call is paged.
    pub(crate) fn parse(of: &Section<'_>, call: &Call) -> Result<Self, String> {
        let Some(section) = of.map("paging")? else {
            if let Some(name) = Name::PAGED.iter().find(|name| call.has(**name)) {
                let what = format!("is missing, and `{{{}}}` is filled in from it", name.word());
                return Err(of.fault("paging", &what));
            }
            return Ok(Self { by: By::Nothing, first: 1, total: None, more: None });
        };
        section.needed("by")?;
        let way = section.word("by", WAYS)?;
        let at = || -> Result<Path, String> {
            let what = format!("is missing: by `{way}`, it is where an answer has the next one");
            section.path("at")?.ok_or_else(|| section.fault("at", &what))
        };
        let (by, name) = match way {
            "page" => (By::Page, Some(Name::Page)),
            "offset" => (By::Offset, Some(Name::Offset)),
            "cursor" => (By::Cursor(at()?), Some(Name::Cursor)),
            "link" => (By::Link, None),
            _ => (By::NextUrl(at()?), None),
        };
        for paged in Name::PAGED {
            let word = paged.word();
            match (name == Some(*paged), call.has(*paged)) {
                (true, false) => {
                    return Err(section.fault(
                        "by",
                        &format!("is `{way}`: put `{{{word}}}` into the `query` or the `body`"),
                    ));
                }
                (false, true) => {
                    return Err(
                        section.fault("by", &format!("is `{way}`, and nothing fills `{{{word}}}` in"))
                    );
                }
                _ => {}
            }
        }
        let (total, more) = (section.path("total")?, section.path("more")?);
        let first = section.count("first", 0, 1)?;
        if first.is_some() && by != By::Page {
            return Err(section.fault("first", "belongs to `by: page`"));
        }
        Ok(Self { by, first: first.unwrap_or(1), total, more })
    }

    /// What is filled in at this position.
    pub(crate) fn values(&self, position: &Position) -> Values {
        let cursor = position.cursor.clone().unwrap_or_default();
        Values::from([
            (Name::Page, json!(self.first + position.pages)),
            (Name::Offset, json!(position.items)),
            (Name::Cursor, cursor),
        ])
    }

    /// The next position; nothing where this answer was the last. `brought` is the answer and what its head told, `target` what it answers.
    pub(crate) fn after(
        &self,
        position: &Position,
        brought: &Value,
        count: usize,
        (access, target): (&Access, &str),
    ) -> Result<Option<Position>, String> {
        let answer = Row::only(brought.get("answer").unwrap_or(&Value::Null));
        let next = Position {
            pages: position.pages + 1,
            items: position.items + count,
            full: if position.pages == 0 { count } else { position.full },
            cursor: None,
            target: None,
        };
        if self.more.as_ref().is_some_and(|path| path.at(&answer).is_none_or(is_nothing)) {
            return Ok(None);
        }
        match &self.by {
            By::Nothing => Ok(None),
            By::Page | By::Offset => Ok(self.has_more(&answer, &next, count)?.then_some(next)),
            By::Cursor(path) => match path.at(&answer).filter(|cursor| !is_nothing(cursor)) {
                None => Ok(None),
                Some(cursor) if position.cursor.as_ref() == Some(cursor) => {
                    Err("the next page has the cursor of this one".to_owned())
                }
                Some(cursor) if holds_placeholder(cursor) => Err("the next page's cursor is none".to_owned()),
                Some(cursor) => Ok(Some(Position { cursor: Some(cursor.clone()), ..next })),
            },
            By::Link => Self::by_url(brought.get("next"), next, access, target),
            By::NextUrl(path) => Self::by_url(path.at(&answer), next, access, target),
        }
    }

    fn has_more(&self, answer: &Row<'_>, next: &Position, count: usize) -> Result<bool, String> {
        if count == 0 {
            return Ok(false);
        }
        if let Some(path) = &self.total {
            let total = path.at(answer).and_then(integer).and_then(|total| usize::try_from(total).ok());
            return total
                .map(|total| next.items < total)
                .ok_or_else(|| "the answer has no number where `paging.total` says".to_owned());
        }
        // How many items a page holds is the shop's to say, whatever it was asked for: as many as the first one has.
        Ok(self.more.is_some() || next.pages == 1 || count >= next.full)
    }

    fn by_url(
        url: Option<&Value>,
        next: Position,
        access: &Access,
        target: &str,
    ) -> Result<Option<Position>, String> {
        match url.and_then(Value::as_str).filter(|url| !url.is_empty()) {
            None => Ok(None),
            Some(url) => match access.target_of(url, target)? {
                same if same == target => Err("the next page is at the address of this one".to_owned()),
                target => Ok(Some(Position { target: Some(target), ..next })),
            },
        }
    }
}

/// What stands for "there is no more".
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty() || text == "false",
        Value::Number(number) => number.as_f64() == Some(0.0),
        _ => false,
    }
}

/// A cursor may go back in a body, where it must not look like a secret's place.
fn holds_placeholder(cursor: &Value) -> bool {
    !(cursor.is_string() || cursor.is_number()) || cursor.as_str().is_some_and(|text| text.contains("{{"))
}
