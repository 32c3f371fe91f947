//! How TikTok Shop is asked, and what its answers mean.

use crate::manifest::{AUTH_URL, BASE_URL};
use serde_json::Value;
use stocksync_sdk::flow::{
    Api, Client, Judged, Request, Response, Trouble, integer, origin, percent, string,
};
use stocksync_sdk::message::{OpenConfig, SaveSecret, Sign};

/// A client of one shop.
pub(crate) type Tiktoks = Client<TikTok>;

/// A token that ends within so many milliseconds is renewed before it is used.
const STALE_MS: i64 = 60_000;

/// One shop.
#[derive(Clone, Debug)]
pub(crate) struct TikTok {
    pub(crate) app_key: String,
    pub(crate) shop_cipher: String,
    pub(crate) shop_id: Option<String>,
    pub(crate) warehouse_id: Option<String>,
    pub(crate) hosts: Vec<String>,
    base_url: String,
    auth_url: String,
    can_refresh: bool,
    token_ends: Option<i64>,
}

impl TikTok {
    pub(crate) fn new(config: &OpenConfig) -> Result<Self, String> {
        let text = |name: &str| config.settings.get(name).and_then(string).filter(|text| !text.is_empty());
        let plain = |name: &str| {
            // What is signed and sent may hold no placeholder of a secret.
            let text = text(name).filter(|text| !text.contains("{{"));
            text.ok_or_else(|| format!("the setting `{name}` must be a text"))
        };
        let place = |name: &str, usual: &str| {
            origin(&text(name).unwrap_or_else(|| usual.to_owned()))
                .map_err(|why| format!("the setting `{name}` {why}"))
        };
        let (base_url, host) = place("base_url", BASE_URL)?;
        let (auth_url, auth_host) = place("auth_url", AUTH_URL)?;
        let mut hosts = vec![host, auth_host];
        hosts.dedup();
        Ok(Self {
            app_key: plain("app_key")?,
            shop_cipher: plain("shop_cipher")?,
            shop_id: text("shop_id"),
            warehouse_id: text("warehouse_id"),
            hosts,
            base_url,
            auth_url,
            can_refresh: config.secrets.iter().any(|name| name == "refresh_token"),
            token_ends: config.secret_expires.get("access_token").copied(),
        })
    }

    /// A request about the shop. `query` is of names and values not yet encoded.
    pub(crate) fn get(&self, path: &str, query: &[(&str, String)], now: i64) -> Request {
        let request = self.signed("GET", path, query, "", Some(&self.shop_cipher), now);
        request.header("content-type", "application/json")
    }

    /// The same with a body, which is signed as it is sent.
    pub(crate) fn post(&self, path: &str, query: &[(&str, String)], body: &str, now: i64) -> Request {
        let request = self.signed("POST", path, query, body, Some(&self.shop_cipher), now);
        request.body("application/json", body).idempotent()
    }

    /// A request about the seller, who may have several shops.
    pub(crate) fn get_of_seller(&self, path: &str, now: i64) -> Request {
        self.signed("GET", path, &[], "", None, now).header("content-type", "application/json")
    }

    fn signed(
        &self,
        method: &str,
        path: &str,
        query: &[(&str, String)],
        body: &str,
        cipher: Option<&str>,
        now: i64,
    ) -> Request {
        let seconds = now.div_euclid(1000).to_string();
        let mut all: Vec<(&str, &str)> = vec![("app_key", &self.app_key), ("timestamp", &seconds)];
        all.extend(cipher.map(|cipher| ("shop_cipher", cipher)));
        all.extend(query.iter().map(|(name, value)| (*name, value.as_str())));
        all.sort_unstable();
        let plain: String = all.iter().map(|(name, value)| format!("{name}{value}")).collect();
        let encoded: String = all.iter().map(|(name, value)| format!("{name}={}&", percent(value))).collect();
        // The secret wraps what it is the key of as well.
        const SECRET: &str = "{{secret:app_secret}}";
        let sign = Sign {
            alg: "hmac-sha256".to_owned(),
            key: SECRET.to_owned(),
            text: format!("{SECRET}{path}{plain}{body}{SECRET}"),
            encoding: "hex".to_owned(),
            into: "sign".to_owned(),
        };
        let url = format!("{}{path}?{encoded}sign={{{{sign:sign}}}}", self.base_url);
        Request::new(method, url).header("x-tts-access-token", "{{secret:access_token}}").sign(sign)
    }
}

impl Api for TikTok {
    fn judge(&self, response: &Response) -> Judged {
        let Some(body) = response.json().filter(Value::is_object) else { return response.foreign() };
        if response.status >= 500 {
            return Judged::Bad(Trouble::Unknown(response.words()));
        }
        match body.get("code").and_then(integer) {
            Some(0) if response.status < 300 => Judged::Good(body),
            Some(code) if code != 0 => refusal(code, message(&body)),
            _ => response.foreign(),
        }
    }

    fn is_stale(&self, now: i64) -> bool {
        self.can_refresh && self.token_ends.is_some_and(|ends| ends <= now.saturating_add(STALE_MS))
    }

    fn refresh(&self, _: i64) -> Option<Request> {
        if !self.can_refresh {
            return None;
        }
        let url = format!(
            "{}/api/v2/token/refresh?app_key={}&app_secret={{{{secret:app_secret|percent}}}}\
             &refresh_token={{{{secret:refresh_token|percent}}}}&grant_type=refresh_token",
            self.auth_url,
            percent(&self.app_key)
        );
        let save = |name: &str| SaveSecret {
            name: name.to_owned(),
            pointer: format!("/data/{name}"),
            expires_pointer: Some(format!("/data/{name}_expire_in")),
        };
        // Whether a refresh token works twice is not documented: as if it did not.
        let request = Request::new("GET", url).once();
        Some(request.save_secret(save("refresh_token")).save_secret(save("access_token")))
    }

    fn refreshed(&self, response: &Response) -> Result<(), String> {
        let body = response.json().unwrap_or_default();
        let token = body.pointer("/data/access_token").and_then(Value::as_str).unwrap_or_default();
        match body.get("code").and_then(integer) {
            Some(0) if response.status < 300 && !token.is_empty() => Ok(()),
            Some(code) if code != 0 => Err(format!("{code}: {}", message(&body))),
            _ => Err(response.words()),
        }
    }
}

fn message(body: &Value) -> &str {
    body.get("message").and_then(Value::as_str).unwrap_or_default()
}

/// "Common errors", and those of the APIs that are used.
fn refusal(code: i64, words: &str) -> Judged {
    let line = format!("{code}: {words}");
    match code {
        36_009_002 => Judged::Again(1.0, Trouble::Refused(format!("throttled: {line}"))),
        36_009_003 | 36_009_007 => Judged::Again(1.0, Trouble::Unknown(line)),
        105_002 => Judged::Expired(line),
        // One code for a bad token, a bad app and a wrong clock.
        36_009_004 if words.contains("access_token") || words.contains("access-token") => {
            Judged::Expired(line)
        }
        _ => Judged::Bad(Trouble::Refused(format!("{}: {line}", kind(code)))),
    }
}

/// The word that a refusal begins with.
pub(crate) fn kind(code: i64) -> &'static str {
    match code {
        12_052_031 | 12_052_032 | 12_052_048 | 12_052_260 | 12_052_556 => "not-found",
        // Promotions, appeals, auctions, audits, and stock that is kept elsewhere.
        12_052_393 | 12_052_308 | 12_052_371 | 12_052_141 | 12_052_850 | 12_052_901 | 12_052_921 => "locked",
        101_000 | 105_005 | 106_001 | 106_013 | 36_009_004 | 36_009_033 | 12_019_114 => "unauthorized",
        _ => "rejected",
    }
}

/// Whether a write was refused because it did not name the warehouses that the SKU has.
pub(crate) fn is_of_warehouses(code: i64) -> bool {
    matches!(code, 12_019_022 | 12_019_028 | 12_052_037 | 12_052_097 | 12_052_530..=12_052_533)
}
