//! What an answer means.

use crate::path::{Path, Row};
use crate::section::Section;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Judged, Response, Trouble, one_line, string};

/// Why something was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    NotFound,
    Throttled,
    Locked,
    Conflict,
    Unauthorized,
    Rejected,
    /// Nobody knows whether it was.
    Unknown,
}

/// The setting that lists what means it, and the word that its text begins with.
const KINDS: &[(&str, Kind, &str)] = &[
    ("not_found", Kind::NotFound, "not-found"),
    ("throttled", Kind::Throttled, "throttled"),
    ("locked", Kind::Locked, "locked"),
    ("conflict", Kind::Conflict, "conflict"),
    ("unauthorized", Kind::Unauthorized, "unauthorized"),
    ("rejected", Kind::Rejected, "rejected"),
];

/// How a text begins that tells of a conflict.
pub(crate) const CONFLICT: &str = "conflict: ";
pub(crate) const NOT_FOUND: &str = "not-found: ";

/// Where an answer, or an item of it, tells that it failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    code: Option<Path>,
    message: Option<Path>,
}

/// How the shop tells of trouble.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Errors {
    said: Said,
    ok: Vec<String>,
    known: Vec<(String, Kind)>,
    is_conditional: bool,
}

impl Said {
    pub(crate) fn parse(section: &Section<'_>) -> Result<Self, String> {
        Ok(Self { code: section.path("code")?, message: section.path("message")? })
    }
}

impl Errors {
    /// Reads them; none of them needs to be there. Where writes are conditional, 409 and 412 tell of a conflict.
    pub(crate) fn parse(section: Option<&Section<'_>>, is_conditional: bool) -> Result<Self, String> {
        let Some(section) = section else {
            return Ok(Self { ok: vec!["0".to_owned()], is_conditional, ..Self::default() });
        };
        let listed = |name: &str| -> Result<Option<Vec<String>>, String> {
            let wrong =
                || section.fault(name, "must be a list of statuses and codes, as in `[404, NO_SUCH_ITEM]`");
            let Some(value) = section.get(name) else { return Ok(None) };
            let texts = value.as_array().ok_or_else(wrong)?.iter().map(|code| word(code).ok_or_else(wrong));
            texts.collect::<Result<Vec<_>, _>>().map(Some)
        };
        let mut known = Vec::new();
        for (name, kind, _) in KINDS {
            known.extend(listed(name)?.into_iter().flatten().map(|code| (code, *kind)));
        }
        for (at, (code, _)) in known.iter().enumerate() {
            if known.iter().take(at).any(|(other, _)| other == code) {
                return Err(section.fault("", &format!("has `{code}` twice")).replace(".`", "`"));
            }
        }
        let ok = listed("ok")?.unwrap_or_else(|| vec!["0".to_owned()]);
        let said = Said::parse(section)?;
        if said.code.is_none() && section.get("ok").is_some() {
            return Err(section.fault("ok", "names codes: set `errors.code` to where an answer has its code"));
        }
        Ok(Self { said, ok, known, is_conditional })
    }

    /// What an answer means. Of one that `takes_text`, no JSON is expected.
    pub(crate) fn judge(&self, response: &Response, takes_text: bool) -> Judged {
        let is_good = (200..300).contains(&response.status);
        let Some(answer) = response.json() else {
            return match is_good {
                true if takes_text => Judged::Good(brought(response, Value::Null)),
                true => response.foreign(),
                false => trouble(self.of_status(response.status), &response.words()),
            };
        };
        let told = self.told(&self.said, &Row::only(&answer));
        match (is_good, told) {
            (true, None) => Judged::Good(brought(response, answer)),
            (true, Some((kind, words))) => trouble(kind.unwrap_or(Kind::Rejected), &words),
            (false, Some((kind, words))) => {
                let kind = kind.unwrap_or_else(|| self.of_status(response.status));
                trouble(kind, &format!("HTTP {} {words}", response.status))
            }
            (false, None) => trouble(self.of_status(response.status), &response.words()),
        }
    }

    /// Why an item of an answer failed: a whole line; nothing where it did not.
    pub(crate) fn of_item(&self, said: &Said, row: &Row<'_>) -> Option<String> {
        let (kind, words) = self.told(said, row)?;
        Some(line(kind.unwrap_or(Kind::Rejected), &words))
    }

    /// The code that is there, unless it means that all is well, and the words beside it; what it means, where that is set.
    fn told(&self, said: &Said, row: &Row<'_>) -> Option<(Option<Kind>, String)> {
        let value = said.code.as_ref()?.at(row)?;
        let is_nothing = value.as_array().is_some_and(Vec::is_empty);
        let code = word(value).unwrap_or_else(|| one_line(&value.to_string()));
        if is_nothing || code.is_empty() || self.ok.contains(&code) {
            return None;
        }
        let kind = self.known.iter().find(|(known, _)| *known == code).map(|(_, kind)| *kind);
        let message = said.message.as_ref().and_then(|path| string(path.at(row)?)).unwrap_or_default();
        Some((kind, if message.is_empty() { code } else { format!("{code}: {message}") }))
    }

    fn of_status(&self, status: u16) -> Kind {
        let text = status.to_string();
        if let Some((_, kind)) = self.known.iter().find(|(known, _)| *known == text) {
            return *kind;
        }
        match status {
            401 | 403 => Kind::Unauthorized,
            404 | 410 => Kind::NotFound,
            409 | 412 if self.is_conditional => Kind::Conflict,
            423 => Kind::Locked,
            429 => Kind::Throttled,
            400..=499 => Kind::Rejected,
            _ => Kind::Unknown,
        }
    }
}

/// The line of what failed.
fn line(kind: Kind, words: &str) -> String {
    let word = KINDS.iter().find(|(_, of, _)| *of == kind).map_or("rejected", |(_, _, word)| word);
    one_line(&format!("{word}: {words}"))
}

fn trouble(kind: Kind, words: &str) -> Judged {
    match kind {
        Kind::Unknown => Judged::Bad(Trouble::Unknown(one_line(words))),
        Kind::Throttled => Judged::Again(1.0, Trouble::Refused(line(kind, words))),
        _ => Judged::Bad(Trouble::Refused(line(kind, words))),
    }
}

/// A status or a code as a text.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::Bool(flag) => Some(flag.to_string()),
        value => string(value),
    }
}

/// What an answer brings: its JSON, and the address of the next page that stands in its head.
fn brought(response: &Response, answer: Value) -> Value {
    let links = response.headers.iter().filter(|(name, _)| name == "link");
    let next = links.filter_map(|(_, value)| next_link(value)).next().map(str::to_owned);
    let mut brought = json!({ "next": next });
    if let Some(fields) = brought.as_object_mut() {
        fields.insert("answer".to_owned(), answer);
    }
    brought
}

/// The address of `rel="next"` in a `Link` header (RFC 8288).
fn next_link(header: &str) -> Option<&str> {
    let mut rest = header;
    while let Some((_, from)) = rest.split_once('<') {
        let (url, behind) = from.split_once('>')?;
        let params = behind.split('<').next().unwrap_or_default();
        let is_next = params.split([';', ',']).any(|param| {
            param.split_once('=').is_some_and(|(name, value)| {
                let mut kinds = value.trim().trim_matches('"').split_ascii_whitespace();
                name.trim().eq_ignore_ascii_case("rel") && kinds.any(|kind| kind.eq_ignore_ascii_case("next"))
            })
        });
        if is_next {
            return Some(url);
        }
        rest = behind;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(settings: &Value) -> Result<Errors, String> {
        Errors::parse(Section::all(settings).map("errors")?.as_ref(), false)
    }

    #[track_caller]
    fn check(status: u16, body: &str, expected: Judged) {
        let settings = json!({ "errors": {
            "code": "error.code", "message": "error.text", "ok": [0, "OK"],
            "not_found": ["GONE", 490], "throttled": ["SLOW"], "locked": ["PROMO"], "conflict": [418],
        } });
        let response = Response { status, headers: Vec::new(), body: body.into() };
        assert_eq!(errors(&settings).unwrap().judge(&response, false), expected, "{status} {body}");
    }

    fn refused(text: &str) -> Judged {
        Judged::Bad(Trouble::Refused(text.to_owned()))
    }

    #[test]
    fn statuses_and_codes() {
        let good = |answer: Value| Judged::Good(json!({ "answer": answer, "next": null }));
        check(200, r#"{"a":1}"#, good(json!({ "a": 1 })));
        check(200, r#"{"error":{"code":"OK"}}"#, good(json!({ "error": { "code": "OK" } })));
        check(200, r#"{"error":{"code":"GONE","text":"no\nmore"}}"#, refused("not-found: GONE: no more"));
        check(200, r#"{"error":{"code":7}}"#, refused("rejected: 7"));
        check(409, r#"{"error":{"code":"PROMO"}}"#, refused("locked: HTTP 409 PROMO"));
        check(418, "{}", refused("conflict: HTTP 418 {}"));
        check(418, "teapot", refused("conflict: HTTP 418 teapot"));
        check(490, "gone", refused("not-found: HTTP 490 gone"));
        check(404, "{}", refused("not-found: HTTP 404 {}"));
        check(401, "[]", refused("unauthorized: HTTP 401 []"));
        check(500, "{}", Judged::Bad(Trouble::Unknown("HTTP 500 {}".to_owned())));
        check(
            200,
            r#"{"error":{"code":"SLOW"}}"#,
            Judged::Again(1.0, Trouble::Refused("throttled: SLOW".to_owned())),
        );
        check(200, "", Judged::Again(0.5, Trouble::Unknown("HTTP 200".to_owned())));
    }

    #[test]
    fn what_is_no_list_of_codes() {
        let why =
            "the setting `errors.locked` must be a list of statuses and codes, as in `[404, NO_SUCH_ITEM]`";
        assert_eq!(errors(&json!({ "errors": { "locked": "X" } })), Err(why.to_owned()));
        let twice = json!({ "errors": { "locked": ["X"], "rejected": ["X"] } });
        assert_eq!(errors(&twice), Err("the setting `errors` has `X` twice".to_owned()));
        let why = "the setting `errors.ok` names codes: set `errors.code` to where an answer has its code";
        assert_eq!(errors(&json!({ "errors": { "ok": [1] } })), Err(why.to_owned()));
    }

    #[test]
    fn links() {
        for (header, expected) in [
            (r#"<https://a/?p=1>; rel="prev", <https://a/?p=3,4>; rel="next""#, Some("https://a/?p=3,4")),
            (r#"</x>; title="a"; rel=next"#, Some("/x")),
            (r#"</x>; rel="last""#, None),
            ("</x", None),
        ] {
            assert_eq!(next_link(header), expected, "{header}");
        }
    }
}
