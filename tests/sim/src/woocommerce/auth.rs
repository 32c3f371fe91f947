//! Who is asking: Basic over TLS, one-legged OAuth 1.0a over plain HTTP.

use super::fault;
use crate::crypto::{base64, base64_text, hmac_sha1, hmac_sha256};
use crate::http::{Request, Response};
use crate::marketplace::{Now, Setup};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeSet;

/// How far a timestamp may be off, in seconds: `WC_REST_Authentication::check_oauth_timestamp_and_nonce`.
const WINDOW_SECONDS: u64 = 15 * 60;
const RFC3986: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[derive(Debug)]
pub(super) struct Auth {
    key: String,
    secret: String,
    nonces: BTreeSet<String>,
}

type Refused = Box<Response>;

impl Auth {
    pub(super) fn new(setup: &Setup) -> Self {
        let (a, b) = ("a".repeat(40), "b".repeat(40));
        Self {
            key: setup.secret("consumer_key", &format!("ck_{a}")),
            secret: setup.secret("consumer_secret", &format!("cs_{b}")),
            nonces: BTreeSet::new(),
        }
    }

    pub(super) fn secrets(&self) -> Vec<(String, String)> {
        let named = [("consumer_key", &self.key), ("consumer_secret", &self.secret)];
        named.map(|(name, value)| (name.to_owned(), value.clone())).to_vec()
    }

    /// Documents, "Authentication over HTTPS" and "Authentication over HTTP". Over plain HTTP a Basic header is not looked at (observed).
    pub(super) fn check(&mut self, request: &Request, now: Now) -> Result<(), Refused> {
        if request.secure { self.check_basic(request) } else { self.check_oauth(request, now) }
    }

    fn check_basic(&self, request: &Request) -> Result<(), Refused> {
        let header = request.header("authorization").and_then(|header| header.strip_prefix("Basic "));
        let Some(given) = header.and_then(base64_text) else { return Err(nobody()) };
        match given.split_once(':') {
            Some((key, _)) if key != self.key => Err(refused("Consumer key is invalid.")),
            Some((_, secret)) if secret == self.secret => Ok(()),
            _ => Err(refused("Consumer secret is invalid.")),
        }
    }

    /// In the order of `WC_REST_Authentication::perform_oauth_authentication`: key, signature, then timestamp and nonce.
    fn check_oauth(&mut self, request: &Request, now: Now) -> Result<(), Refused> {
        let Some(key) = request.param("oauth_consumer_key") else { return Err(nobody()) };
        if key != self.key {
            return Err(refused("Consumer key is invalid."));
        }
        let given = request.param("oauth_signature").unwrap_or_default();
        if self.signature(request).as_deref() != Some(given) {
            return Err(refused("Invalid signature - provided signature does not match."));
        }
        let time =
            request.number("oauth_timestamp").and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0);
        if time.abs_diff(now.seconds()) > WINDOW_SECONDS {
            return Err(refused("Invalid timestamp."));
        }
        let nonce = request.param("oauth_nonce").unwrap_or_default();
        if nonce.is_empty() || !self.nonces.insert(format!("{time} {nonce}")) {
            return Err(refused("Invalid nonce - nonce has already been used."));
        }
        Ok(())
    }

    /// RFC 5849, section 3.4.1, of the query alone; the key is the consumer secret and `&`.
    pub(super) fn signature(&self, request: &Request) -> Option<String> {
        let encode = |text: &str| utf8_percent_encode(text, RFC3986).to_string();
        let mut params: Vec<(String, String)> = request
            .query
            .iter()
            .filter(|(name, _)| name != "oauth_signature")
            .map(|(name, value)| (encode(name), encode(value)))
            .collect();
        params.sort();
        let params: Vec<String> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let text = format!("{}&{}&{}", request.method, encode(&request.address()), encode(&params.join("&")));
        let key = format!("{}&", self.secret);
        match request.param("oauth_signature_method")? {
            "HMAC-SHA256" => Some(base64(&hmac_sha256(key.as_bytes(), text.as_bytes()))),
            "HMAC-SHA1" => Some(base64(&hmac_sha1(key.as_bytes(), text.as_bytes()))),
            _ => None,
        }
    }
}

/// Without credentials one is nobody, who may see nothing (observed).
fn nobody() -> Refused {
    Box::new(fault(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources."))
}

fn refused(message: &str) -> Refused {
    Box::new(fault(401, "woocommerce_rest_authentication_error", message))
}
