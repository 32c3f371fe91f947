//! Answers changed in every way there is; always the same for the same dice.

use crate::kit::Reply;
use serde_json::{Map, Value, json};

/// So many edits are made of one answer at most.
const EDITS_MAX: usize = 6;
/// Deeper than any reader of JSON goes.
const DEPTH: usize = 150;
/// As long as no name is.
const LONG: usize = 5_000;

const STATUSES: &[u16] = &[
    200, 201, 202, 204, 206, 207, 301, 304, 400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 502, 503,
    599,
];

const BODIES: &[&[u8]] = &[
    b"",
    b"null",
    b"[]",
    b"{}",
    b"0",
    b"\"\"",
    b"[null]",
    b"<!DOCTYPE html><html><body>Just a moment</body></html>",
    b"\xff\xfe\x00",
    b"{\"error\":null}",
    b"{\"errors\":[]}",
    b"{\"data\":{}}",
    b"{\"code\":\"0\"}",
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "0",
    "-1",
    "1.5",
    "1e400",
    "18446744073709551616",
    "true",
    "null",
    "\u{0}",
    "a\nb\r\n\tc",
    "\u{202E}abc",
    "\u{FEFF}",
    "กี่👟",
    "{{secret:access_token}}",
    "{{sign:url}}",
    "{{secret:",
    "../../etc/passwd",
    "https://elsewhere.example/?a=b",
    "\"',;|&=%2F%00#?/\\",
    "9999-99-99T99:99:99Z",
    "2026-02-30T10:00:00+99:00",
];

const HEADERS: &[(&str, &str)] = &[
    ("retry-after", "-1"),
    ("retry-after", "NaN"),
    ("retry-after", "Wed, 21 Oct 2099 07:28:00 GMT"),
    ("content-type", "text/html"),
    ("content-encoding", "gzip"),
    ("x-wp-totalpages", "99999999999999999999"),
    ("x-wp-total", "-5"),
    ("link", "<>; rel=next"),
    ("x-amzn-ratelimit-limit", "0"),
    ("location", "https://elsewhere.example/"),
];

/// Xorshift: enough for dice.
#[derive(Clone, Debug, Default)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// From 0, below `count`; 0 where `count` is 0.
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % count.max(1)
    }

    pub(super) fn of<T: Clone>(&mut self, list: &[T]) -> Option<T> {
        let at = self.below(list.len());
        list.get(at).cloned()
    }

    /// Others, which say nothing of these.
    pub(super) fn other(&mut self) -> Self {
        let seed = self.below(usize::MAX);
        Self::new(seed as u64)
    }
}

/// Changes an answer; `None` is none at all. `other` is an answer to another question.
pub(super) fn change(mut reply: Reply, other: Option<Reply>, dice: &mut Dice) -> Option<Reply> {
    match dice.below(20) {
        0 => return None,
        1 | 2 => reply.status = dice.of(STATUSES).unwrap_or(200),
        3 => change_headers(&mut reply.headers, dice),
        4 => reply.body = dice.of(BODIES).unwrap_or_default().to_vec(),
        5 | 6 => reply.body = other.unwrap_or_default().body,
        7 => return other,
        8 | 9 => change_bytes(&mut reply.body, dice),
        10 => {
            reply.status = dice.of(STATUSES).unwrap_or(200);
            change_headers(&mut reply.headers, dice);
            change_json(&mut reply.body, dice);
        }
        _ => change_json(&mut reply.body, dice),
    }
    Some(reply)
}

fn change_headers(headers: &mut Vec<(String, String)>, dice: &mut Dice) {
    let at = dice.below(headers.len());
    match dice.below(4) {
        0 => headers.clear(),
        1 if at < headers.len() => drop(headers.remove(at)),
        2 => headers.iter_mut().skip(at).take(1).for_each(|(_, value)| *value = change_text(value, dice)),
        _ => {
            let (name, value) = dice.of(HEADERS).unwrap_or_default();
            headers.retain(|(of, _)| of != name);
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// Cuts, garbles, repeats or adds bytes.
pub(super) fn change_bytes(bytes: &mut Vec<u8>, dice: &mut Dice) {
    const NASTY: &[&[u8]] = &[
        b"\"",
        b",",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
        b"-",
        b"9999999999999999999",
        b"\xEF\xBB\xBF",
        b"{",
        b"]",
    ];
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(40)).min(bytes.len());
        match dice.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << dice.below(8)),
            2 => {
                let piece = bytes.get(at..end).unwrap_or_default().to_vec();
                bytes.splice(at..at, piece);
            }
            3 => drop(bytes.drain(at..end)),
            4 if dice.below(8) == 0 => *bytes = (0..dice.below(500)).map(|_| dice.below(256) as u8).collect(),
            _ => {
                let nasty = dice.of(NASTY).unwrap_or_default();
                bytes.splice(at..at, nasty.iter().copied());
            }
        }
    }
}

/// Changes values; what is no JSON has its bytes changed.
pub(super) fn change_json(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let Ok(mut json) = serde_json::from_slice::<Value>(bytes) else { return change_bytes(bytes, dice) };
    for _ in 0..=dice.below(EDITS_MAX) {
        let graft = {
            let mut left = dice.below(count(&json));
            nth(&mut json, &mut left).cloned().unwrap_or_default()
        };
        let mut left = dice.below(count(&json));
        if let Some(place) = nth(&mut json, &mut left) {
            change_value(place, graft, dice);
        }
    }
    *bytes = json.to_string().into_bytes();
}

fn change_value(place: &mut Value, graft: Value, dice: &mut Dice) {
    match dice.below(8) {
        0 => *place = scalar(dice),
        1 => *place = graft,
        2 if dice.below(4) == 0 => {
            *place = (0..DEPTH).fold(place.take(), |inside, _| json!([inside]));
        }
        2 => *place = json!([place.take()]),
        _ => match place {
            Value::Array(all) => change_array(all, graft, dice),
            Value::Object(all) => change_object(all, graft, dice),
            Value::String(text) => *place = text_or_number(text, dice),
            Value::Number(number) => {
                let number = number.as_i64().unwrap_or_default();
                *place = other_number(number, dice);
            }
            Value::Bool(is) => *place = json!(!*is),
            Value::Null => *place = graft,
        },
    }
}

fn change_array(all: &mut Vec<Value>, graft: Value, dice: &mut Dice) {
    let at = dice.below(all.len());
    match (dice.below(6), all.get(at).cloned()) {
        (0, _) => all.clear(),
        (1, Some(one)) => all.extend(std::iter::repeat_n(one, 1 + dice.below(3))),
        (2, Some(_)) => drop(all.remove(at)),
        (3, _) => all.reverse(),
        (4, _) => all.truncate(at),
        _ => all.push(graft),
    }
}

fn change_object(all: &mut Map<String, Value>, graft: Value, dice: &mut Dice) {
    let names: Vec<String> = all.keys().cloned().collect();
    let name = dice.of(&names).unwrap_or_default();
    match dice.below(5) {
        0 => all.clear(),
        1 | 2 => drop(all.remove(&name)),
        3 => {
            let value = all.remove(&name).unwrap_or_default();
            all.insert(dice.of(&names).unwrap_or_default(), value);
        }
        _ => drop(all.insert(name, graft)),
    }
}

fn scalar(dice: &mut Dice) -> Value {
    match dice.below(4) {
        0 => Value::Null,
        1 => Value::from(dice.of(TEXTS).unwrap_or_default()),
        2 => other_number(1, dice),
        _ => dice.of(&[json!([]), json!({}), json!(true), json!(false)]).unwrap_or_default(),
    }
}

fn other_number(number: i64, dice: &mut Dice) -> Value {
    match dice.below(9) {
        0 => json!(number.wrapping_add(1)),
        1 => json!(number.wrapping_sub(1)),
        2 => json!(number.wrapping_neg()),
        3 => json!(i64::MAX),
        4 => json!(i64::MIN),
        5 => json!(u64::MAX),
        6 => json!(1.5),
        7 => json!(1e300),
        _ => json!(number.to_string()),
    }
}

fn text_or_number(text: &str, dice: &mut Dice) -> Value {
    match text.parse::<i64>() {
        Ok(number) if dice.below(2) == 0 => other_number(number, dice),
        _ => Value::from(change_text(text, dice)),
    }
}

/// Changes a text.
pub(super) fn change_text(text: &str, dice: &mut Dice) -> String {
    let cut = || text.chars().take(text.chars().count() / 2).collect::<String>();
    match dice.below(6) {
        0 => cut(),
        1 => format!("{text}{text}"),
        2 => text.chars().map(|letter| letter.to_ascii_uppercase()).collect(),
        3 if dice.below(8) == 0 => "x".repeat(LONG),
        4 => format!("{text}{}", dice.of(TEXTS).unwrap_or_default()),
        _ => dice.of(TEXTS).unwrap_or_default().to_owned(),
    }
}

/// How many values a JSON value is made of.
fn count(json: &Value) -> usize {
    match json {
        Value::Array(all) => 1 + all.iter().map(count).sum::<usize>(),
        Value::Object(all) => 1 + all.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

fn nth<'a>(json: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(json);
    }
    *left -= 1;
    match json {
        Value::Array(all) => all.iter_mut().find_map(|value| nth(value, left)),
        Value::Object(all) => all.values_mut().find_map(|value| nth(value, left)),
        _ => None,
    }
}
