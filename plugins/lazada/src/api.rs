//! How Lazada is asked, and what its answers mean.

use crate::manifest::{AUTH_URL, COUNTRIES, SKUS_ADVISED, SKUS_MAX};
use serde_json::Value;
use std::collections::BTreeMap;
use stocksync_sdk::flow::{
    Api, Client, Judged, Request, Response, Trouble, integer, origin, percent, string,
};
use stocksync_sdk::message::{OpenConfig, SaveSecret, Sign};

/// A client of one seller.
pub(crate) type Sellers = Client<Lazada>;

/// A token that ends within so many milliseconds is renewed before it is used.
const STALE_MS: i64 = 60_000;
const TOKEN: &str = "{{secret:access_token}}";

/// One seller in one country.
#[derive(Clone, Debug)]
pub(crate) struct Lazada {
    pub(crate) app_key: String,
    pub(crate) seller_id: Option<String>,
    pub(crate) warehouse_code: Option<String>,
    pub(crate) skus_per_request: u32,
    pub(crate) hosts: Vec<String>,
    base_url: String,
    auth_url: String,
    can_refresh: bool,
    token_ends: Option<i64>,
}

impl Lazada {
    pub(crate) fn new(config: &OpenConfig) -> Result<Self, String> {
        let text = |name: &str| config.settings.get(name).and_then(string).filter(|text| !text.is_empty());
        let country = text("country").unwrap_or_default();
        let usual = COUNTRIES.iter().find(|(name, _)| *name == country).map(|(_, url)| (*url).to_owned());
        let usual = usual.ok_or("the setting `country` must be one of sg, th, my, vn, ph, id")?;
        let place = |name: &str, usual: &str| {
            origin(&text(name).unwrap_or_else(|| usual.to_owned()))
                .map_err(|why| format!("the setting `{name}` {why}"))
        };
        let (base_url, host) = place("base_url", &usual)?;
        let (auth_url, auth_host) = place("auth_url", AUTH_URL)?;
        let mut hosts = vec![host, auth_host];
        hosts.dedup();
        let skus = config.settings.get("skus_per_request").map_or(Some(i64::from(SKUS_ADVISED)), integer);
        let skus =
            skus.and_then(|skus| u32::try_from(skus).ok()).filter(|skus| (1..=SKUS_MAX).contains(skus));
        // What is signed may hold no placeholder of a secret.
        let app_key = text("app_key").filter(|key| !key.contains("{{"));
        Ok(Self {
            app_key: app_key.ok_or("the setting `app_key` must be a text")?,
            seller_id: text("seller_id"),
            warehouse_code: text("warehouse_code"),
            skus_per_request: skus
                .ok_or_else(|| format!("the setting `skus_per_request` must be from 1 to {SKUS_MAX}"))?,
            hosts,
            base_url,
            auth_url,
            can_refresh: config.secrets.iter().any(|name| name == "refresh_token"),
            token_ends: config.secret_expires.get("access_token").copied(),
        })
    }

    /// A request with all of its parameters in the query.
    pub(crate) fn get(&self, path: &str, params: &[(&str, String)], now: i64) -> Request {
        let (form, sign) = self.signed(path, params, true, now);
        Request::get(format!("{}/rest{path}?{form}", self.base_url)).sign(sign)
    }

    /// A request with all of its parameters in the body.
    pub(crate) fn post(&self, path: &str, params: &[(&str, String)], now: i64) -> Request {
        let (form, sign) = self.signed(path, params, true, now);
        let request = Request::new("POST", format!("{}/rest{path}", self.base_url)).sign(sign).idempotent();
        request.body("application/x-www-form-urlencoded;charset=utf-8", form)
    }

    /// Parameters as a form, and what is signed of them: names and values as they are, in the order of the names.
    fn signed(&self, path: &str, params: &[(&str, String)], for_seller: bool, now: i64) -> (String, Sign) {
        let mut all: BTreeMap<&str, String> =
            params.iter().map(|(name, value)| (*name, value.clone())).collect();
        all.retain(|_, value| !value.is_empty());
        all.insert("app_key", self.app_key.clone());
        all.insert("sign_method", "sha256".to_owned());
        all.insert("timestamp", now.to_string());
        let mut form: String =
            all.iter().map(|(name, value)| format!("{name}={}&", encoded(value))).collect();
        if for_seller {
            all.insert("access_token", TOKEN.to_owned());
            form.push_str("access_token={{secret:access_token|percent}}&");
        }
        form.push_str("sign={{sign:sign}}");
        let plain: String = all.iter().map(|(name, value)| format!("{name}{value}")).collect();
        let sign = Sign {
            alg: "hmac-sha256".to_owned(),
            key: "{{secret:app_secret}}".to_owned(),
            text: format!("{path}{plain}"),
            encoding: "HEX".to_owned(),
            into: "sign".to_owned(),
        };
        (form, sign)
    }
}

/// A placeholder of ours is filled in encoded, anything else is encoded here.
fn encoded(value: &str) -> String {
    match value {
        REFRESH_TOKEN => "{{secret:refresh_token|percent}}".to_owned(),
        value => percent(value),
    }
}

const REFRESH_TOKEN: &str = "{{secret:refresh_token}}";

impl Api for Lazada {
    fn judge(&self, response: &Response) -> Judged {
        let Some(body) = response.json().filter(Value::is_object) else { return response.foreign() };
        if response.status >= 500 {
            return Judged::Bad(Trouble::Unknown(response.words()));
        }
        match body.get("code").and_then(string).as_deref() {
            Some("0") if response.status < 300 => Judged::Good(body),
            // Which SKUs it is about stands in the answer.
            Some("501") if body.pointer("/detail/0").is_some() => Judged::Good(body),
            Some(code) if code != "0" => refusal(code, message(&body)),
            _ => response.foreign(),
        }
    }

    fn is_stale(&self, now: i64) -> bool {
        self.can_refresh && self.token_ends.is_some_and(|ends| ends <= now.saturating_add(STALE_MS))
    }

    fn refresh(&self, now: i64) -> Option<Request> {
        if !self.can_refresh {
            return None;
        }
        const PATH: &str = "/auth/token/refresh";
        let (form, sign) = self.signed(PATH, &[("refresh_token", REFRESH_TOKEN.to_owned())], false, now);
        let save = |name: &str, expires: &str| SaveSecret {
            name: name.to_owned(),
            pointer: format!("/{name}"),
            expires_pointer: Some(expires.to_owned()),
        };
        // Whether a refresh token works twice is not documented: as if it did not.
        let request = Request::new("POST", format!("{}/rest{PATH}", self.auth_url)).sign(sign);
        let request = request.body("application/x-www-form-urlencoded;charset=utf-8", form);
        let request = request.save_secret(save("refresh_token", "/refresh_expires_in"));
        Some(request.save_secret(save("access_token", "/expires_in")))
    }

    fn refreshed(&self, response: &Response) -> Result<(), String> {
        let body = response.json().unwrap_or_default();
        let token = body.get("access_token").and_then(Value::as_str).unwrap_or_default();
        match body.get("code").and_then(string).as_deref() {
            None | Some("0") if response.status < 300 && !token.is_empty() => Ok(()),
            Some(code) if code != "0" => Err(format!("{code}: {}", message(&body))),
            _ => Err(response.words()),
        }
    }
}

fn message(body: &Value) -> &str {
    body.get("message").and_then(Value::as_str).unwrap_or_default()
}

fn refusal(code: &str, words: &str) -> Judged {
    let line = format!("{code}: {words}");
    match code {
        "IllegalAccessToken" => Judged::Expired(line),
        // "API level QPS limiting flow, please retry in the next second."
        "901" | "ApiCallLimit" | "AppCallLimit" | "SellerCallLimit" => {
            Judged::Again(1.0, Trouble::Refused(format!("throttled: {line}")))
        }
        // "System fluctuation please retry."; "A small number of occurrences are normal."
        "6" | "513" | "1000" => Judged::Again(1.0, Trouble::Unknown(line)),
        _ => Judged::Bad(Trouble::Refused(format!("{}: {line}", kind(code, words)))),
    }
}

/// The word that a refusal begins with, by its code and, as one code stands for many things, its words.
pub(crate) fn kind(code: &str, words: &str) -> &'static str {
    let words = words.to_lowercase();
    let has = |of: &[&str]| of.iter().any(|part| words.contains(part));
    if code == "4170" || has(&["campaign", "promotion", "locked"]) {
        "locked"
    } else if matches!(code, "207" | "208") || has(&["not exist", "not found", "not_found", "not belong"]) {
        "not-found"
    } else if matches!(
        code,
        "IncompleteSignature" | "InvalidTimestamp" | "SellerNotVerified" | "IllegalRefreshToken"
    ) || has(&["permission", "authoriz"])
    {
        "unauthorized"
    } else {
        "rejected"
    }
}
