//! A marketplace asked in memory, as a connector's own tests do: the part of the host between connector and marketplace —
//! secrets filled in, signatures made, new tokens kept — in its plainest form.

use crate::crypto;
use crate::http::Request;
use crate::marketplace::{Marketplace, Now};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use stocksync_sdk::kit::{Reply, World};
use stocksync_sdk::message::{Http, SaveSecret, Sign};

/// Everything but what RFC 3986 calls unreserved.
const PERCENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// How much time passes with each request, in milliseconds.
const REQUEST_MS: i64 = 100;

/// A marketplace in memory, and what the host keeps for it.
pub struct Memory {
    /// The marketplace.
    pub market: Box<dyn Marketplace>,
    /// The secrets, by name, as they are now.
    pub secrets: BTreeMap<String, String>,
    /// Its clock.
    pub now: Now,
}

impl Memory {
    /// The marketplace with its own secrets, on the clock of a new [`World`].
    #[must_use]
    pub fn new(market: Box<dyn Marketplace>) -> Self {
        let secrets = market.secrets().into_iter().collect();
        Self { market, secrets, now: Now(World::new().now) }
    }

    /// A world of this marketplace alone.
    #[must_use]
    pub fn world(market: Box<dyn Marketplace>) -> World {
        Self::share(Rc::new(RefCell::new(Self::new(market))))
    }

    /// A world of a marketplace that the test goes on to look at.
    #[must_use]
    pub fn share(memory: Rc<RefCell<Self>>) -> World {
        let secrets = memory.borrow().secrets.clone();
        World { secrets, ..World::new() }
            .shop(move |http, body| Some(memory.borrow_mut().exchange(http, body)))
    }

    /// One request, as the host sends it.
    pub fn exchange(&mut self, http: &Http, body: &[u8]) -> Reply {
        let mut signed = BTreeMap::new();
        for sign in &http.sign {
            let value = self.signature(sign, &signed);
            signed.insert(sign.into.clone(), value);
        }
        let fill = |text: &str| fill(text, &self.secrets, &signed);
        let mut request = Request::to(&http.method, &fill(&http.url));
        request =
            http.headers.iter().fold(request, |request, (name, value)| request.header_of(name, &fill(value)));
        request.body = match std::str::from_utf8(body) {
            Ok(text) => fill(text).into_bytes(),
            Err(_) => body.to_vec(),
        };
        self.now.0 += REQUEST_MS;
        let answer = self.market.answer(&request, self.now);
        let mut reply =
            Reply { status: answer.status, headers: answer.headers, body: answer.body, after_ms: REQUEST_MS };
        if (200..300).contains(&answer.status) {
            http.save_secret.iter().for_each(|save| self.keep(save, &mut reply.body));
        }
        reply
    }

    fn signature(&self, sign: &Sign, signed: &BTreeMap<String, String>) -> String {
        let fill = |text: &str| fill(text, &self.secrets, signed);
        let (key, text) = (fill(&sign.key), fill(&sign.text));
        let bytes = match sign.alg.as_str() {
            "hmac-sha256" => crypto::hmac_sha256(key.as_bytes(), text.as_bytes()),
            "hmac-sha1" => crypto::hmac_sha1(key.as_bytes(), text.as_bytes()),
            _ => crypto::sha256(text.as_bytes()),
        };
        match sign.encoding.as_str() {
            "base64" => crypto::base64(&bytes),
            "HEX" => crypto::hex(&bytes).to_uppercase(),
            _ => crypto::hex(&bytes),
        }
    }

    fn keep(&mut self, save: &SaveSecret, body: &mut Vec<u8>) {
        let Ok(mut json) = serde_json::from_slice::<Value>(body) else { return };
        let Some(value) = json.pointer_mut(&save.pointer) else { return };
        if let Value::String(secret) = std::mem::replace(value, Value::from("***")) {
            self.secrets.insert(save.name.clone(), secret);
            *body = json.to_string().into_bytes();
        }
    }
}

/// The text with `{{secret:name|filter…}}` and `{{sign:name|filter…}}` filled in.
fn fill(text: &str, secrets: &BTreeMap<String, String>, signed: &BTreeMap<String, String>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{")
        && let Some((inside, after)) = behind.split_once("}}")
    {
        let (kind, named) = inside.split_once(':').unwrap_or_default();
        let mut parts = named.split('|');
        let name = parts.next().unwrap_or_default();
        let value = match kind {
            "secret" => secrets.get(name),
            "sign" => signed.get(name),
            _ => None,
        };
        filled.push_str(before);
        match value {
            Some(value) => filled.push_str(&parts.fold(value.clone(), filter)),
            None => filled.extend(["{{", inside, "}}"]),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn filter(value: String, filter: &str) -> String {
    match filter {
        "percent" => utf8_percent_encode(&value, PERCENT).to_string(),
        "base64" => crypto::base64(value.as_bytes()),
        "json" => Value::from(value).to_string().trim_matches('"').to_owned(),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn placeholders() {
        let secrets = [("key".to_owned(), "a b".to_owned())].into();
        let signed = [("oauth".to_owned(), "x+/=".to_owned())].into();
        let text = "{{secret:key|percent|percent}}&{{sign:oauth|percent}}&{{secret:none}}&{{\"a\":{}}}";
        assert_eq!(fill(text, &secrets, &signed), "a%2520b&x%2B%2F%3D&{{secret:none}}&{{\"a\":{}}}");
    }
}
