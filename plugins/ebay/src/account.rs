//! The account's address, its tokens, and what answers mean.

use serde_json::Value;
use stocksync_sdk::flow::{
    Api, Judged, Request, Response, Trouble, entries, integer, one_line, origin, percent,
};
use stocksync_sdk::message::{OpenConfig, SaveSecret, Sign};

const SCOPES: &str = "https://api.ebay.com/oauth/api_scope/sell.inventory https://api.ebay.com/oauth/api_scope/sell.fulfillment.readonly";
/// A token that ends in less than this many milliseconds is replaced first.
const TOKEN_MS_MIN: i64 = 60_000;
/// Too many entries in a bulk call, or entries that it does not take.
pub(crate) const TOO_MANY: &str = "rejected: too many items: ";

/// A seller's account as it is reached.
#[derive(Debug)]
pub(crate) struct Account {
    base: String,
    host: String,
    client_id: String,
    marketplace: Option<String>,
    has_token: bool,
    token_ends: Option<i64>,
}

impl Account {
    pub(crate) fn new(config: &OpenConfig) -> Result<Self, String> {
        let text =
            |name: &str| config.settings.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (base, host) = origin(text("url").unwrap_or("https://api.ebay.com"))
            .map_err(|what| format!("the setting `url` {what}"))?;
        let client_id =
            text("client_id").ok_or("the setting `client_id` must be the application's App ID")?;
        // It stands in a text that the host fills in.
        if client_id.contains(['{', '}', ':']) {
            return Err("the setting `client_id` must be the application's App ID".to_owned());
        }
        Ok(Self {
            base,
            host,
            client_id: client_id.to_owned(),
            marketplace: text("marketplace").map(str::to_owned),
            has_token: config.secrets.iter().any(|name| name == "access_token"),
            token_ends: config.secret_expires.get("access_token").copied(),
        })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The marketplace whose offers count; none for all.
    pub(crate) fn marketplace(&self) -> Option<&str> {
        self.marketplace.as_deref()
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    /// A bulk call: a read, or a write of absolute numbers, which may come twice.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Request {
        self.request("POST", path).header("content-language", "en-US").json(body).idempotent()
    }

    fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, format!("{}{path}", self.base))
            .header("authorization", "Bearer {{secret:access_token}}")
            .header("accept", "application/json")
    }
}

impl Api for Account {
    fn judge(&self, response: &Response) -> Judged {
        let body = response.json();
        let Some(body) = body.filter(Value::is_object) else { return response.foreign() };
        let Some(error) = entries(&body, "/errors").next() else {
            return if matches!(response.status, 200 | 207) {
                Judged::Good(body)
            } else {
                response.foreign()
            };
        };
        let words = words(error);
        match (response.status, error.get("errorId").and_then(integer)) {
            (401, _) => Judged::Expired(words),
            (403, _) => Judged::Bad(Trouble::Refused(format!("unauthorized: {words}"))),
            (404, _) => Judged::Bad(Trouble::Refused(format!("not-found: {words}"))),
            (429, _) => Judged::Again(1.0, Trouble::Refused(format!("throttled: {words}"))),
            (400, Some(25709 | 25002)) => Judged::Bad(Trouble::Refused(format!("{TOO_MANY}{words}"))),
            (400..=499, _) => Judged::Bad(Trouble::Refused(format!("rejected: {words}"))),
            _ => Judged::Bad(Trouble::Unknown(words)),
        }
    }

    fn is_stale(&self, now: i64) -> bool {
        !self.has_token || self.token_ends.is_some_and(|ends| ends.saturating_sub(now) < TOKEN_MS_MIN)
    }

    /// The refresh token lives for 18 months and stays the same.
    fn refresh(&self, _: i64) -> Option<Request> {
        let text = format!("{}:{{{{secret:client_secret}}}}", self.client_id);
        let sign = Sign {
            alg: "plain".to_owned(),
            key: String::new(),
            text,
            encoding: "base64".to_owned(),
            into: "basic".to_owned(),
        };
        let save = SaveSecret {
            name: "access_token".to_owned(),
            pointer: "/access_token".to_owned(),
            expires_pointer: Some("/expires_in".to_owned()),
        };
        let form = format!(
            "grant_type=refresh_token&refresh_token={{{{secret:refresh_token|percent}}}}&scope={}",
            percent(SCOPES)
        );
        let request = Request::new("POST", format!("{}/identity/v1/oauth2/token", self.base))
            .header("authorization", "Basic {{sign:basic}}");
        // The refresh token stays good, so that this may be sent again.
        let request = request.body("application/x-www-form-urlencoded", form).idempotent();
        Some(request.sign(sign).save_secret(save))
    }

    fn refreshed(&self, response: &Response) -> Result<(), String> {
        let body = response.json().unwrap_or_default();
        if response.status == 200 && body.get("access_token").is_some() {
            Ok(())
        } else {
            Err(response.words())
        }
    }
}

/// `25710: We didn't find the entity …`
pub(crate) fn words(error: &Value) -> String {
    let id = error.get("errorId").and_then(integer).map(|id| id.to_string()).unwrap_or_default();
    let text = |name: &str| error.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    one_line(&format!("{id}: {}", text("longMessage").or_else(|| text("message")).unwrap_or_default()))
}
