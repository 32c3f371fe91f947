//! How Shopee is asked, and what its answers mean.

use crate::manifest::BASE_URL;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Api, Client, Judged, Request, Response, Trouble, integer, origin, percent};
use stocksync_sdk::message::{OpenConfig, SaveSecret, Sign};

/// A client of one shop.
pub(crate) type Shops = Client<Shopee>;

/// A token that ends within so many milliseconds is renewed before it is used.
const STALE_MS: i64 = 60_000;

/// One shop.
#[derive(Clone, Debug)]
pub(crate) struct Shopee {
    pub(crate) partner_id: i64,
    pub(crate) shop_id: i64,
    pub(crate) location_id: Option<String>,
    pub(crate) push_url: Option<String>,
    pub(crate) host: String,
    base_url: String,
    can_refresh: bool,
    token_ends: Option<i64>,
}

impl Shopee {
    pub(crate) fn new(config: &OpenConfig) -> Result<Self, String> {
        let id = |name: &str| {
            let id = config.settings.get(name).and_then(integer).filter(|id| *id > 0);
            id.ok_or_else(|| format!("the setting `{name}` must be a whole number above 0"))
        };
        let text = |name: &str| -> Option<String> {
            let text = config.settings.get(name)?.as_str()?;
            Some(text.to_owned()).filter(|text| !text.is_empty())
        };
        let base_url = text("base_url").unwrap_or_else(|| BASE_URL.to_owned());
        let (base_url, host) = origin(&base_url).map_err(|why| format!("the setting `base_url` {why}"))?;
        Ok(Self {
            partner_id: id("partner_id")?,
            shop_id: id("shop_id")?,
            location_id: text("location_id"),
            push_url: text("push_url"),
            host,
            base_url,
            can_refresh: config.secrets.iter().any(|name| name == "refresh_token"),
            token_ends: config.secret_expires.get("access_token").copied(),
        })
    }

    /// A request for a shop: signed, with all of its parameters in the query. `query` is of names and values not yet encoded.
    pub(crate) fn get(&self, path: &str, query: &[(&str, String)], now: i64) -> Request {
        let query: String = query.iter().map(|(name, value)| format!("&{name}={}", percent(value))).collect();
        self.signed("GET", path, &query, now)
    }

    /// The same with a body, which is not signed.
    pub(crate) fn post(&self, path: &str, body: &Value, now: i64) -> Request {
        self.signed("POST", path, "", now).json(body).idempotent()
    }

    fn signed(&self, method: &str, path: &str, query: &str, now: i64) -> Request {
        let (partner, shop, seconds) = (self.partner_id, self.shop_id, now.div_euclid(1000));
        let url = format!(
            "{}{path}?partner_id={partner}&timestamp={seconds}\
             &access_token={{{{secret:access_token|percent}}}}&shop_id={shop}&sign={{{{sign:sign}}}}{query}",
            self.base_url
        );
        let text = format!("{partner}{path}{seconds}{{{{secret:access_token}}}}{shop}");
        Request::new(method, url).sign(sign(text))
    }
}

fn sign(text: String) -> Sign {
    Sign {
        alg: "hmac-sha256".to_owned(),
        key: "{{secret:partner_key}}".to_owned(),
        text,
        encoding: "hex".to_owned(),
        into: "sign".to_owned(),
    }
}

impl Api for Shopee {
    fn judge(&self, response: &Response) -> Judged {
        let Some(body) = response.json().filter(Value::is_object) else { return response.foreign() };
        if response.status >= 500 {
            return Judged::Bad(Trouble::Unknown(response.words()));
        }
        let error = text_of(&body, "error");
        if error.is_empty() && response.status < 300 && body.get("error").is_some() {
            return Judged::Good(body);
        }
        if error.is_empty() {
            return response.foreign();
        }
        // A write that did not do in part says so with an error, and what it did in its lists.
        if body.pointer("/response/failure_list/0").is_some() {
            return Judged::Good(body);
        }
        refusal(error, text_of(&body, "message"))
    }

    fn is_stale(&self, now: i64) -> bool {
        self.can_refresh && self.token_ends.is_some_and(|ends| ends <= now.saturating_add(STALE_MS))
    }

    fn refresh(&self, now: i64) -> Option<Request> {
        if !self.can_refresh {
            return None;
        }
        const PATH: &str = "/api/v2/auth/access_token/get";
        let (partner, seconds) = (self.partner_id, now.div_euclid(1000));
        let url = format!(
            "{}{PATH}?partner_id={partner}&timestamp={seconds}&sign={{{{sign:sign}}}}",
            self.base_url
        );
        let body = json!({
            "refresh_token": "{{secret:refresh_token|json}}", "partner_id": partner, "shop_id": self.shop_id,
        });
        let save = |name: &str, expires: Option<&str>| SaveSecret {
            name: name.to_owned(),
            pointer: format!("/{name}"),
            expires_pointer: expires.map(str::to_owned),
        };
        let request = Request::new("POST", url).sign(sign(format!("{partner}{PATH}{seconds}"))).json(&body);
        // A refresh token works once: the new one comes first.
        Some(
            request
                .save_secret(save("refresh_token", None))
                .save_secret(save("access_token", Some("/expire_in"))),
        )
    }

    fn refreshed(&self, response: &Response) -> Result<(), String> {
        let body = response.json().unwrap_or_default();
        let is_there = |name: &str| !text_of(&body, name).is_empty();
        if response.status < 300 && is_there("access_token") && is_there("refresh_token") {
            return Ok(());
        }
        match text_of(&body, "error") {
            "" => Err(response.words()),
            error => Err(format!("{error}: {}", text_of(&body, "message"))),
        }
    }
}

fn text_of<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What an error means, by its name and, as one name stands for many things, its message.
fn refusal(error: &str, message: &str) -> Judged {
    let (name, words) = (error.to_lowercase(), message.to_lowercase());
    let line = format!("{error}: {message}");
    let has = |of: &[&str]| of.iter().any(|part| words.contains(part));
    let is = |of: &[&str]| of.iter().any(|part| name.contains(part));
    if words.contains("access_token") && is(&["auth", "token"]) {
        return Judged::Expired(line);
    }
    if is(&["rate_limit", "too_many", "busy_limit"]) || has(&["too many", "too frequent", "rate limit"]) {
        return Judged::Again(1.0, Trouble::Refused(format!("throttled: {line}")));
    }
    let inside = is(&["error_inner", "error_server", "error_network", "error_data"]);
    if is(&["system_busy"])
        || (inside && has(&["try", "system error", "interal error", "http call", "parse data"]))
    {
        return Judged::Again(1.0, Trouble::Unknown(line));
    }
    Judged::Bad(Trouble::Refused(format!("{}: {line}", kind(&name, &words))))
}

/// The word that a refusal begins with.
fn kind(name: &str, words: &str) -> &'static str {
    const LOCKED: &[&str] = &["promotion", "holiday", "reserved stock", "reserve stock"];
    const GONE: &[&str] = &["not found", "not exist", "not belong", "wrong model_id"];
    const BARRED: &[&str] = &["error_sign", "error_perm", "access_expired", "no_linked", "shop_banned"];
    let has = |of: &[&str]| of.iter().any(|part| name.contains(part) || words.contains(part));
    if has(LOCKED) {
        "locked"
    } else if has(GONE) || name.contains("not_found") || name.contains("not_belong") {
        "not-found"
    } else if has(BARRED) || words.contains("permission") || words.contains("partner_id") {
        "unauthorized"
    } else {
        "rejected"
    }
}

/// A reason that stands in a list of failures, with the word it begins with.
pub(crate) fn reason(words: &str) -> String {
    format!("{}: {words}", kind("", &words.to_lowercase()))
}
