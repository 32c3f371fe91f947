//! One seller at the Selling Partner API: what is sent, and what answers mean.

use crate::manifest::FEED_FROM;
use serde_json::Value;
use stocksync_sdk::flow::{Api, Client, Judged, Request, Response, Trouble, one_line, origin, percent};
use stocksync_sdk::message::{OpenConfig, SaveSecret};

/// A seller as he is asked.
pub(crate) type Asked = Client<Amazon>;

/// A token that ends within this time is refreshed first, in milliseconds.
const TOKEN_LEFT_MS_MIN: i64 = 60_000;
const LOGIN: &str = "https://api.amazon.com";

/// What a store's settings say.
#[derive(Debug)]
pub(crate) struct Amazon {
    base: String,
    pub(crate) host: String,
    login: String,
    pub(crate) login_host: String,
    pub(crate) seller_id: String,
    pub(crate) marketplace_id: String,
    pub(crate) channel: String,
    pub(crate) feed_from: usize,
    /// When the access token ends, in milliseconds since 1970; 0 where there is none.
    token_ends: i64,
}

impl Amazon {
    pub(crate) fn new(config: &OpenConfig) -> Result<Self, String> {
        let text =
            |name: &str| config.settings.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let id = |name: &str| {
            let id = text(name).filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            id.map(str::to_owned).ok_or_else(|| format!("the setting `{name}` must be of letters and digits"))
        };
        let region = match text("region") {
            Some(region @ ("na" | "eu" | "fe")) => region,
            _ => return Err("the setting `region` must be `na`, `eu` or `fe`".to_owned()),
        };
        let own = format!("https://sellingpartnerapi-{region}.amazon.com");
        let at = |name: &str, own: &str| {
            origin(text(name).unwrap_or(own)).map_err(|why| format!("the setting `{name}` {why}"))
        };
        let ((base, host), (login, login_host)) = (at("base_url", &own)?, at("login_url", LOGIN)?);
        let feed_from = config.settings.get("feed_from").and_then(Value::as_u64);
        let has = |name: &str| config.secrets.iter().any(|secret| secret == name);
        let missing = ["client_id", "client_secret", "refresh_token"].into_iter().find(|name| !has(name));
        if let Some(missing) = missing {
            return Err(format!("it needs the secret `{missing}`"));
        }
        let ends = config.secret_expires.get("access_token").copied().unwrap_or(i64::MAX);
        Ok(Self {
            base,
            host,
            login,
            login_host,
            seller_id: id("seller_id")?,
            marketplace_id: id("marketplace_id")?,
            channel: text("channel").unwrap_or("DEFAULT").to_owned(),
            feed_from: feed_from.and_then(|from| usize::try_from(from).ok()).unwrap_or(FEED_FROM).max(1),
            token_ends: if has("access_token") { ends } else { 0 },
        })
    }

    /// A request to `path`, with a query, as the seller.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        let request = Request::new(method, format!("{}{path}", self.base)).idempotent();
        let request = request.header("x-amz-access-token", "{{secret:access_token}}");
        request.header("user-agent", concat!("stocksync/", env!("CARGO_PKG_VERSION"), " (Language=Rust)"))
    }

    /// The path of one listing, or of all, with the marketplace in its query.
    pub(crate) fn items(&self, sku: Option<&str>) -> String {
        let sku = sku.map(|sku| format!("/{}", percent(sku))).unwrap_or_default();
        let (seller, marketplace) = (&self.seller_id, &self.marketplace_id);
        format!("/listings/2021-08-01/items/{seller}{sku}?marketplaceIds={marketplace}")
    }
}

impl Api for Amazon {
    fn judge(&self, response: &Response) -> Judged {
        let answer = response.json().filter(Value::is_object);
        let Some(answer) = answer else { return response.foreign() };
        let said = || {
            let text = |name: &str| {
                answer.pointer(&format!("/errors/0/{name}")).and_then(Value::as_str).unwrap_or_default()
            };
            one_line(&format!("{}: {} {}", text("code"), text("message"), text("details")))
        };
        match response.status {
            200..=299 => Judged::Good(answer),
            // An expired token is 403, and so is one that may not do this.
            401 | 403 => Judged::Expired(said()),
            404 => Judged::Bad(Trouble::Refused(format!("not-found: {}", said()))),
            429 => Judged::Again(2.0, Trouble::Refused(format!("throttled: {}", said()))),
            400..=499 => Judged::Bad(Trouble::Refused(format!("rejected: {}", said()))),
            _ => Judged::Bad(Trouble::Unknown(said())),
        }
    }

    fn is_stale(&self, now: i64) -> bool {
        self.token_ends.saturating_sub(TOKEN_LEFT_MS_MIN) <= now
    }

    fn refresh(&self, _: i64) -> Option<Request> {
        let save = |name: &str, expires: Option<&str>| SaveSecret {
            name: name.to_owned(),
            pointer: format!("/{name}"),
            expires_pointer: expires.map(str::to_owned),
        };
        let form = "grant_type=refresh_token&refresh_token={{secret:refresh_token|percent}}\
                    &client_id={{secret:client_id|percent}}&client_secret={{secret:client_secret|percent}}";
        let request = Request::new("POST", format!("{}/auth/o2/token", self.login));
        let request = request.body("application/x-www-form-urlencoded;charset=UTF-8", form);
        Some(
            request
                .save_secret(save("access_token", Some("/expires_in")))
                .save_secret(save("refresh_token", None)),
        )
    }

    fn refreshed(&self, response: &Response) -> Result<(), String> {
        let answer = response.json().unwrap_or_default();
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        match (response.status, text("access_token"), text("error")) {
            (200, Some(_), _) => Ok(()),
            (_, _, Some(error)) => Err(format!("{error}: {}", text("error_description").unwrap_or_default())),
            // The body may hold a token that was not taken out of it.
            (status, ..) => Err(format!("HTTP {status}")),
        }
    }
}
