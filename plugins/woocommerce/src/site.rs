//! The shop's address, who we are to it, and what its answers mean.

use serde_json::Value;
use std::sync::atomic::{AtomicU32, Ordering};
use stocksync_sdk::flow::{Api, Judged, Request, Response, Trouble, one_line, origin, percent};
use stocksync_sdk::message::Sign;

const API: &str = "/wp-json/wc/v3";

/// A shop as it is reached.
#[derive(Debug)]
pub(crate) struct Site {
    /// Scheme, host, and the folder that WordPress is in.
    base: String,
    host: String,
    entropy: String,
    requests: AtomicU32,
}

impl Site {
    /// `https://shop.example`, or with a folder, `https://shop.example/blog`.
    pub(crate) fn new(url: &str) -> Result<Self, String> {
        let scheme = url.find("://").map_or(0, |at| at + 3);
        let folder = url.get(scheme..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| scheme + at);
        let (start, folder) = url.split_at_checked(folder).unwrap_or((url, ""));
        let (base, host) = origin(start).map_err(|_| "must be like `https://shop.example`".to_owned())?;
        let folder = folder.trim_end_matches('/');
        if !folder.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte)) {
            return Err("must have no query and no special characters in its path".to_owned());
        }
        Ok(Self {
            base: format!("{base}{folder}"),
            host,
            entropy: String::new(),
            requests: AtomicU32::new(0),
        })
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The same for one session: its requests have numbers of their own.
    pub(crate) fn for_session(self, entropy: &str) -> Self {
        Self { entropy: entropy.to_owned(), ..self }
    }

    /// A read.
    pub(crate) fn get(&self, path: &str, params: &[(&str, &str)], now: i64) -> Request {
        self.request("GET", path, params, now)
    }

    /// A write of absolute numbers, which changes nothing when it comes twice.
    pub(crate) fn post(&self, path: &str, body: &Value, now: i64) -> Request {
        self.request("POST", path, &[], now).json(body).idempotent()
    }

    /// Basic over TLS. Over plain HTTP, which is for shops on this machine, WooCommerce wants OAuth 1.0a without a token.
    fn request(&self, method: &str, path: &str, params: &[(&str, &str)], now: i64) -> Request {
        let url = format!("{}{API}{path}", self.base);
        let plain: Vec<(String, String)> =
            params.iter().map(|(name, value)| (percent(name), percent(value))).collect();
        if self.base.starts_with("http:") {
            return self.oauth(method, &url, plain, now);
        }
        let text = "{{secret:consumer_key}}:{{secret:consumer_secret}}".to_owned();
        Request::new(method, with_query(&url, &plain)).header("authorization", "Basic {{sign:basic}}").sign(
            Sign {
                alg: "plain".to_owned(),
                key: String::new(),
                text,
                encoding: "base64".to_owned(),
                into: "basic".to_owned(),
            },
        )
    }

    /// RFC 5849: method, address and sorted parameters, each encoded, under the secret and `&`.
    fn oauth(&self, method: &str, url: &str, mut params: Vec<(String, String)>, now: i64) -> Request {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let own = [
            ("oauth_consumer_key", "{{secret:consumer_key|percent}}".to_owned()),
            ("oauth_nonce", format!("{}{now:x}{number:x}", self.entropy)),
            ("oauth_signature_method", "HMAC-SHA256".to_owned()),
            ("oauth_timestamp", now.div_euclid(1000).to_string()),
        ];
        params.extend(own.map(|(name, value)| (name.to_owned(), value)));
        params.sort();
        let signed: Vec<String> =
            params.iter().map(|(name, value)| format!("{}%3D{}", percent(name), again(value))).collect();
        let text = format!("{method}&{}&{}", percent(url), signed.join("%26"));
        params.push(("oauth_signature".to_owned(), "{{sign:oauth|percent}}".to_owned()));
        Request::new(method, with_query(url, &params)).sign(Sign {
            alg: "hmac-sha256".to_owned(),
            key: "{{secret:consumer_secret}}&".to_owned(),
            text,
            encoding: "base64".to_owned(),
            into: "oauth".to_owned(),
        })
    }
}

/// A value that is encoded already, encoded once more.
fn again(value: &str) -> String {
    match value.strip_prefix("{{").and_then(|inside| inside.strip_suffix("}}")) {
        Some(placeholder) => format!("{{{{{placeholder}|percent}}}}"),
        None => percent(value),
    }
}

fn with_query(url: &str, params: &[(String, String)]) -> String {
    let params: Vec<String> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if params.is_empty() { url.to_owned() } else { format!("{url}?{}", params.join("&")) }
}

impl Api for Site {
    fn judge(&self, response: &Response) -> Judged {
        let Some(body) = response.json() else { return response.foreign() };
        let Some(code) = body.get("code").and_then(Value::as_str) else {
            // A shop's every error has a code; what else is no answer of it.
            return if (200..300).contains(&response.status) {
                Judged::Good(body)
            } else {
                response.foreign()
            };
        };
        let words =
            one_line(&format!("{code}: {}", body.get("message").and_then(Value::as_str).unwrap_or_default()));
        match response.status {
            // The host sends again what it got no answer to, with the nonce that the shop may have seen.
            401 if words.contains("nonce") => Judged::Again(0.0, Trouble::Unknown(words)),
            401 | 403 => Judged::Bad(Trouble::Refused(format!("unauthorized: {words}"))),
            429 => Judged::Again(1.0, Trouble::Refused(format!("throttled: {words}"))),
            413 => Judged::Bad(Trouble::Refused(format!("{TOO_MANY}{words}"))),
            400..=499 => Judged::Bad(Trouble::Refused(format!("rejected: {words}"))),
            _ => Judged::Bad(Trouble::Unknown(words)),
        }
    }

    fn is_stale(&self, _: i64) -> bool {
        false
    }

    fn refresh(&self, _: i64) -> Option<Request> {
        None
    }

    fn refreshed(&self, _: &Response) -> Result<(), String> {
        Ok(())
    }
}

/// How the trouble begins of a batch that is too large for the shop.
pub(crate) const TOO_MANY: &str = "rejected: too many items: ";
