//! The account's address, its tokens, and what answers mean.

use serde_json::Value;
use stocksync_sdk::flow::{Api, Judged, Request, Response, Trouble, one_line, origin, string};
use stocksync_sdk::message::{OpenConfig, SaveSecret};

/// A token that ends in less than this many milliseconds is replaced first.
const TOKEN_MS_MIN: i64 = 60_000;
/// The version of a user product's stock was another.
pub(crate) const STALE: &str = "conflict: ";

/// A seller's account as it is reached.
#[derive(Debug)]
pub(crate) struct Account {
    base: String,
    host: String,
    user_id: String,
    client_id: String,
    store: Option<String>,
    has_token: bool,
    token_ends: Option<i64>,
}

impl Account {
    pub(crate) fn new(config: &OpenConfig) -> Result<Self, String> {
        let setting = |name: &str| config.settings.get(name);
        let url = setting("url").and_then(Value::as_str).unwrap_or("https://api.mercadolibre.com");
        let (base, host) = origin(url).map_err(|what| format!("the setting `url` {what}"))?;
        let number = |name: &str| {
            let number = setting(name)
                .and_then(string)
                .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
            number.ok_or_else(|| format!("the setting `{name}` must be a number"))
        };
        Ok(Self {
            base,
            host,
            user_id: number("user_id")?,
            client_id: number("client_id")?,
            store: setting("store_id").map(|_| number("store_id")).transpose()?,
            has_token: config.secrets.iter().any(|name| name == "access_token"),
            token_ends: config.secret_expires.get("access_token").copied(),
        })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The warehouse, in accounts that have some.
    pub(crate) fn store(&self) -> Option<&str> {
        self.store.as_deref()
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    /// A write of absolute numbers, which may come twice.
    pub(crate) fn put(&self, path: &str, body: &Value) -> Request {
        self.request("PUT", path).json(body)
    }

    fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, format!("{}{path}", self.base))
            .header("authorization", "Bearer {{secret:access_token}}")
    }
}

impl Api for Account {
    fn judge(&self, response: &Response) -> Judged {
        let Some(body) = response.json() else { return response.foreign() };
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let words = one_line(&format!("{}: {}", text("error"), text("message")));
        match response.status {
            200 | 201 if body.is_object() || body.is_array() => Judged::Good(with_version(body, response)),
            // A refusal that is not in its words is not of Mercado Libre.
            _ if text("error").is_empty() && text("message").is_empty() => response.foreign(),
            401 => Judged::Expired(words),
            403 => Judged::Bad(Trouble::Refused(format!("unauthorized: {words}"))),
            404 => Judged::Bad(Trouble::Refused(format!("not-found: {words}"))),
            409 => Judged::Bad(Trouble::Refused(format!("{STALE}{words}"))),
            429 => Judged::Again(1.0, Trouble::Refused(format!("throttled: {words}"))),
            400..=499 => Judged::Bad(Trouble::Refused(format!("rejected: {words}"))),
            _ => Judged::Bad(Trouble::Unknown(words)),
        }
    }

    fn is_stale(&self, now: i64) -> bool {
        !self.has_token || self.token_ends.is_some_and(|ends| ends.saturating_sub(now) < TOKEN_MS_MIN)
    }

    /// A refresh token works once, and the answer brings the next.
    fn refresh(&self, _: i64) -> Option<Request> {
        let form = format!(
            "grant_type=refresh_token&client_id={}&client_secret={{{{secret:client_secret|percent}}}}&refresh_token={{{{secret:refresh_token|percent}}}}",
            self.client_id
        );
        let save = |name: &str, ends: Option<&str>| SaveSecret {
            name: name.to_owned(),
            pointer: format!("/{name}"),
            expires_pointer: ends.map(str::to_owned),
        };
        let request =
            Request::new("POST", format!("{}/oauth/token", self.base)).header("accept", "application/json");
        let request = request.body("application/x-www-form-urlencoded", form);
        Some(
            request
                .save_secret(save("access_token", Some("/expires_in")))
                .save_secret(save("refresh_token", None)),
        )
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

/// The version of a stock stands in a header; here it goes with the body.
fn with_version(mut body: Value, response: &Response) -> Value {
    if let (Some(version), Some(body)) = (response.header("x-version"), body.as_object_mut()) {
        body.insert("x-version".to_owned(), version.into());
    }
    body
}
