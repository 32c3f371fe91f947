//! What a store says is data: the place of a secret in it is taken apart, so that no connector puts it into a request where it would be filled in.

use super::exchange::Answer;
use memchr::memmem;
use serde_json::Value;

/// Behind two braces.
const PLACES: &[&[u8]] = &[b"secret:", b"sign:"];

/// Takes apart whatever in an answer would be filled in.
pub(super) fn defuse(answer: &mut Answer) {
    for (_, value) in &mut answer.headers {
        if let Some(harmless) = apart(value.as_bytes()) {
            *value = String::from_utf8_lossy(&harmless).into_owned();
        }
    }
    answer.body = inert(std::mem::take(&mut answer.body));
}

/// The same bytes, with a space between the braces of everything that would be filled in, in upper or lower case, written plainly or by the escapes of JSON.
pub(in crate::shell) fn inert(body: Vec<u8>) -> Vec<u8> {
    let body = apart(&body).unwrap_or(body);
    if !has_escaped_ascii(&body) {
        return body;
    }
    let Ok(mut json) = serde_json::from_slice::<Value>(&body) else { return body };
    if take_apart(&mut json) { json.to_string().into_bytes() } else { body }
}

fn apart(text: &[u8]) -> Option<Vec<u8>> {
    let is_place = |at: &usize| {
        let behind = text.get(at + 2..).unwrap_or_default();
        let begins =
            |place: &[u8]| behind.get(..place.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(place));
        PLACES.iter().any(|place| begins(place))
    };
    let braces = |from: usize| memmem::find(text.get(from..)?, b"{{").map(|at| from + at);
    // Of three braces the last two may be the ones.
    let found = std::iter::successors(braces(0), |at| braces(at + 1)).filter(is_place);
    let mut harmless = Vec::new();
    let mut from = 0;
    for at in found {
        harmless.extend_from_slice(text.get(from..=at)?);
        harmless.push(b' ');
        from = at + 1;
    }
    if from == 0 {
        return None;
    }
    harmless.extend_from_slice(text.get(from..)?);
    Some(harmless)
}

/// Whether a printable character of ASCII is written as `\u00…`, which few do.
fn has_escaped_ascii(body: &[u8]) -> bool {
    memmem::find_iter(body, b"\\u00")
        .any(|at| body.get(at + 4).is_some_and(|digit| (b'2'..=b'7').contains(digit)))
}

fn take_apart(json: &mut Value) -> bool {
    match json {
        Value::String(text) => match apart(text.as_bytes()) {
            Some(harmless) => {
                *text = String::from_utf8_lossy(&harmless).into_owned();
                true
            }
            None => false,
        },
        Value::Array(all) => take_all_apart(all.iter_mut()),
        Value::Object(all) => {
            let names: Vec<String> =
                all.keys().filter(|name| apart(name.as_bytes()).is_some()).cloned().collect();
            for name in &names {
                // A name that would be filled in is none that anybody asks for.
                all.remove(name);
            }
            take_all_apart(all.values_mut()) || !names.is_empty()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn take_all_apart<'a>(values: impl Iterator<Item = &'a mut Value>) -> bool {
    let mut any = false;
    for value in values {
        any |= take_apart(value);
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::secrets::holds_placeholder;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let harmless = String::from_utf8(inert(text.as_bytes().to_vec())).unwrap();
        assert_eq!(harmless, expected);
        assert!(!holds_placeholder(&harmless.to_lowercase()));
    }

    #[test]
    fn places_of_secrets_are_taken_apart() {
        check("", "");
        check("{\"a\":{\"b\":1.50}}", "{\"a\":{\"b\":1.50}}");
        check("{{other}} {{ secret:a}}", "{{other}} {{ secret:a}}");
        check("x{{secret:a}}{{sign:b|percent}}", "x{ {secret:a}}{ {sign:b|percent}}");
        check("{{{Secret:a}}}", "{{ {Secret:a}}}");
        check("{{{{secret:{{sign:", "{{{ {secret:{ {sign:");
    }

    #[test]
    fn escapes_of_json_hide_nothing() {
        check(r#"{"a":"\u007b\u007bsecret:t}}","b":1}"#, r#"{"a":"{ {secret:t}}","b":1}"#);
        check(r#"["{{\u0073ecret:t}}",2]"#, r#"["{ {secret:t}}",2]"#);
        check(r#"{"\u007B\u007Bsign:t":1,"b":["\u0026"]}"#, r#"{"b":["&"]}"#);
        check(r#"{"a":"\u0026 stays", "b":1.50}"#, r#"{"a":"\u0026 stays", "b":1.50}"#);
        check(r"no json \u007b", r"no json \u007b");
    }
}
