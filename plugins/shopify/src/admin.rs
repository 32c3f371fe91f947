//! The shop's address, who we are to it, and what its answers mean.

use crate::Asked;
use serde_json::{Value, json};
use stocksync_sdk::flow::{
    Api, Client, Judged, Request, Response, Trouble, entries, one_line, origin, percent,
};
use stocksync_sdk::message::{OpenConfig, SaveSecret};

/// The versions that are supported, the newest last. Before 2026-01 there was no compare-and-set with a key.
pub(crate) const VERSIONS: &[&str] = &["2026-01", "2026-04", "2026-07", "2026-10"];
/// A token that ends in less than this many milliseconds is replaced first.
const TOKEN_MS_MIN: i64 = 60_000;

/// A shop as it is reached.
#[derive(Debug)]
pub(crate) struct Admin {
    base: String,
    host: String,
    version: String,
    location: String,
    client_id: Option<String>,
    has_token: bool,
    token_ends: Option<i64>,
}

impl Admin {
    pub(crate) fn new(config: &OpenConfig) -> Result<Self, String> {
        let text = |name: &str| config.settings.get(name).and_then(Value::as_str);
        let shop = text("shop").unwrap_or_default();
        let is_name =
            !shop.is_empty() && shop.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_name {
            return Err("the setting `shop` must be the name in `NAME.myshopify.com`".to_owned());
        }
        let url = text("url").map_or_else(|| format!("https://{shop}.myshopify.com"), str::to_owned);
        let (base, host) = origin(&url).map_err(|what| format!("the setting `url` {what}"))?;
        let version = text("api_version").or(VERSIONS.last().copied()).unwrap_or_default();
        if !VERSIONS.contains(&version) {
            return Err(format!("the setting `api_version` must be one of {}", VERSIONS.join(", ")));
        }
        let location = location(config.settings.get("location").unwrap_or(&Value::Null))
            .ok_or("the setting `location` must be the number of a location")?;
        let client_id = text("client_id").map(str::to_owned);
        let has = |secret: &str| config.secrets.iter().any(|name| name == secret);
        match &client_id {
            None if !has("access_token") => return Err("the secret `access_token` is missing".to_owned()),
            Some(_) if !has("client_secret") => {
                return Err("the secret `client_secret` is missing".to_owned());
            }
            _ => {}
        }
        let token_ends = config.secret_expires.get("access_token").copied();
        let (version, has_token) = (version.to_owned(), has("access_token"));
        Ok(Self { base, host, version, location, client_id, has_token, token_ends })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The id of the location.
    pub(crate) fn location(&self) -> &str {
        &self.location
    }

    /// Every one of these may come twice: queries change nothing, and mutations have a key.
    fn request(&self, document: &str, variables: &Value, cost: f64) -> Request {
        Request::new("POST", format!("{}/admin/api/{}/graphql.json", self.base, self.version))
            .header("x-shopify-access-token", "{{secret:access_token}}")
            .json(&json!({ "query": document, "variables": variables }))
            .cost(cost)
            .idempotent()
    }
}

/// A number, or an id that ends in one.
fn location(value: &Value) -> Option<String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let number = text.strip_prefix("gid://shopify/Location/").unwrap_or(&text);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("gid://shopify/Location/{number}"))
}

/// Asks one document; gives its `data`, and tells the host how many points the shop has left for us.
pub(crate) async fn ask(shop: &Client<Admin>, document: &str, variables: &Value, cost: f64) -> Asked<Value> {
    let mut answer = shop.ask(|admin, _| admin.request(document, variables, cost)).await?;
    let status = answer.pointer("/extensions/cost/throttleStatus");
    let number = |name: &str| status.and_then(|status| status.get(name)).and_then(Value::as_f64);
    if let (Some(available), Some(maximum), Some(restore)) =
        (number("currentlyAvailable"), number("maximumAvailable"), number("restoreRate"))
    {
        shop.link().budget(available, maximum, restore);
    }
    Ok(answer.get_mut("data").map(Value::take).unwrap_or_default())
}

impl Api for Admin {
    fn judge(&self, response: &Response) -> Judged {
        let body = response.json();
        let Some(body) = body.filter(Value::is_object) else { return response.foreign() };
        match body.get("errors") {
            None if body.get("data").is_some_and(Value::is_object) && response.status == 200 => {
                Judged::Good(body)
            }
            None => response.foreign(),
            Some(Value::String(words)) => plain(response.status, words),
            Some(errors) => {
                let first = errors.get(0).unwrap_or(errors);
                let text = |pointer: &str| first.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
                let code = text("/extensions/code");
                let words = one_line(&format!("{code}: {}", text("/message")));
                match code {
                    "THROTTLED" => {
                        Judged::Again(seconds(&body), Trouble::Refused(format!("throttled: {words}")))
                    }
                    "INTERNAL_SERVER_ERROR" | "TIMEOUT" => Judged::Again(0.5, Trouble::Unknown(words)),
                    "ACCESS_DENIED" => Judged::Bad(Trouble::Refused(format!("unauthorized: {words}"))),
                    _ => Judged::Bad(Trouble::Refused(format!("rejected: {words}"))),
                }
            }
        }
    }

    fn is_stale(&self, now: i64) -> bool {
        let ends = self.token_ends.is_some_and(|ends| ends.saturating_sub(now) < TOKEN_MS_MIN);
        self.client_id.is_some() && (ends || !self.has_token)
    }

    /// The client credentials grant.
    fn refresh(&self, _: i64) -> Option<Request> {
        let client_id = self.client_id.as_ref()?;
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={{{{secret:client_secret|percent}}}}",
            percent(client_id)
        );
        let save = SaveSecret {
            name: "access_token".to_owned(),
            pointer: "/access_token".to_owned(),
            expires_pointer: Some("/expires_in".to_owned()),
        };
        let request = Request::new("POST", format!("{}/admin/oauth/access_token", self.base));
        Some(request.body("application/x-www-form-urlencoded", form).idempotent().save_secret(save))
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

/// An error that is a word and not a list, as of a token that is none.
fn plain(status: u16, words: &str) -> Judged {
    let words = one_line(&format!("HTTP {status}: {words}"));
    match status {
        401 => Judged::Expired(words),
        403 => Judged::Bad(Trouble::Refused(format!("unauthorized: {words}"))),
        429 => Judged::Again(1.0, Trouble::Refused(format!("throttled: {words}"))),
        400..=499 => Judged::Bad(Trouble::Refused(format!("rejected: {words}"))),
        _ => Judged::Again(0.5, Trouble::Unknown(words)),
    }
}

/// How long until there are points enough.
fn seconds(body: &Value) -> f64 {
    let number = |pointer: &str| body.pointer(&format!("/extensions/cost/{pointer}")).and_then(Value::as_f64);
    let wanted = number("requestedQueryCost").unwrap_or(100.0)
        - number("throttleStatus/currentlyAvailable").unwrap_or(0.0);
    (wanted / number("throttleStatus/restoreRate").filter(|rate| *rate > 0.0).unwrap_or(100.0))
        .clamp(0.5, 30.0)
}

/// The pages of a connection at `pointer` in the answers, one after the other.
pub(crate) async fn pages(
    shop: &Client<Admin>,
    document: &str,
    variables: &Value,
    pointer: &str,
    (pages_max, cost): (usize, f64),
) -> Asked<Vec<Value>> {
    let mut found = Vec::new();
    let mut variables = variables.clone();
    for _ in 0..pages_max {
        let answer = ask(shop, document, &variables, cost).await?;
        found.extend(entries(&answer, &format!("{pointer}/nodes")).cloned());
        let info = answer.pointer(&format!("{pointer}/pageInfo"));
        let more = info.and_then(|info| info.get("hasNextPage")) == Some(&Value::Bool(true));
        match info.and_then(|info| info.get("endCursor")).filter(|cursor| more && cursor.is_string()) {
            Some(cursor) => {
                if let Some(variables) = variables.as_object_mut() {
                    variables.insert("after".to_owned(), cursor.clone());
                }
            }
            None if info.is_some() => return Ok(found),
            None => return Err(Trouble::Unknown("the shop's answer is not what was asked for".to_owned())),
        }
    }
    Err(Trouble::Refused(format!("rejected: the shop has more than {pages_max} pages")))
}
