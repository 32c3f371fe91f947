//! Signatures and tokens: "Sign your API request", "Common errors", "Authorization overview (202407)".

use super::{TikTok, fault};
use crate::crypto::{hex, hmac_sha256};
use crate::http::{Request, Response};
use crate::marketplace::Now;
use serde_json::json;

/// Timestamps must lie within 5 minutes before and 30 seconds beyond the current time.
const BEFORE_SECONDS: i64 = 300;
const BEYOND_SECONDS: i64 = 30;

impl TikTok {
    pub(super) fn check(&mut self, request: &Request, now: Now) -> Result<(), Box<Response>> {
        let Some(sign) = request.param("sign") else {
            return Err(refused(
                36_009_004,
                "Missing credentials. The request does not include a required signature in the query.",
            ));
        };
        if request.param("app_key") != Some(&self.app_key) {
            return Err(refused(36_009_004, "Invalid credentials. Invalid `app_key` query parameter."));
        }
        let seconds: i64 = request.param("timestamp").and_then(|time| time.parse().ok()).unwrap_or(0);
        let age = now.seconds() - seconds;
        if age > BEFORE_SECONDS {
            let words = "Invalid timestamp. The value of the `timestamp` query parameter must not be earlier than 5 minutes before the current time.";
            return Err(refused(36_009_004, words));
        }
        if age < -BEYOND_SECONDS {
            let words = "Invalid timestamp. The value of the `timestamp` query parameter must not exceed the current time by more than 30 seconds.";
            return Err(refused(36_009_004, words));
        }
        if sign != self.signature(request) {
            return Err(refused(106_001, "Invalid credentials. The `sign` query parameter is invalid."));
        }
        let token = request.header("x-tts-access-token").unwrap_or_default().to_owned();
        let is_newest = self.tokens.now().0 == token;
        if !self.tokens.is_good(&token, now.0) {
            // A token that ended says so; one that never was, or that another took the place of, is invalid (*unconfirmed* which).
            return Err(match is_newest {
                true => refused(
                    105_002,
                    "Expired credentials. The `access_token` or `x-tts-access-token` header has expired.",
                ),
                false => {
                    refused(36_009_004, "Invalid credentials. The `x-tts-access-token` header is invalid.")
                }
            });
        }
        let for_seller = request.path == "/authorization/202309/shops";
        match request.param("shop_cipher") {
            None if !for_seller => Err(refused(
                106_013,
                "Missing identifier. The `shop_cipher` query parameter is required to identify the target shop.",
            )),
            Some(_) if for_seller => Err(refused(
                36_009_004,
                "Unexpected identifier. The `shop_cipher` query parameter is not required for this request.",
            )),
            Some(cipher) if cipher != self.shop_cipher => {
                Err(refused(36_009_004, "Invalid identifier. The `shop_id` query parameter is invalid."))
            }
            _ => Ok(()),
        }
    }

    /// The secret, path, sorted parameters but `sign` and `access_token`, the body, and the secret again.
    fn signature(&self, request: &Request) -> String {
        let mut params: Vec<&(String, String)> = request
            .query
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "sign" | "access_token"))
            .collect();
        params.sort();
        let plain: String = params.into_iter().map(|(name, value)| format!("{name}{value}")).collect();
        let secret = self.app_secret.as_bytes();
        let text = [secret, request.path.as_bytes(), plain.as_bytes(), &request.body, secret].concat();
        hex(&hmac_sha256(secret, &text))
    }

    /// "Get Refresh Token API". That a refresh token works once is *unconfirmed*; here it does.
    pub(super) fn refresh(&mut self, request: &Request, now: Now) -> Response {
        let is_app = request.param("app_key") == Some(&self.app_key)
            && request.param("app_secret") == Some(&self.app_secret);
        if request.method != "GET" || !is_app || request.param("grant_type") != Some("refresh_token") {
            return fault(200, 36_004_004, "invalid app_key or app_secret");
        }
        match self.tokens.refresh(request.param("refresh_token").unwrap_or_default(), now.0) {
            None => fault(200, 36_004_006, "refresh_token is invalid"),
            Some((access, refresh, ends_ms)) => Response::json(
                200,
                &json!({
                    "code": 0, "message": "success", "request_id": "2022080809462301024509910319695C45",
                    "data": {
                        "access_token": access, "access_token_expire_in": ends_ms / 1000,
                        "refresh_token": refresh, "refresh_token_expire_in": ends_ms / 1000 + 30_000_000,
                        "open_id": "7010736057180325637", "seller_name": "sim", "seller_base_region": "SG", "user_type": 0,
                    },
                }),
            ),
        }
    }

    /// "Webhook configuration" points at the page on signing; that it is the key, then the body, is *unconfirmed* by it, and what clients do.
    pub(super) fn webhook_signature(&self, body: &[u8]) -> String {
        let text = [self.app_key.as_bytes(), body].concat();
        hex(&hmac_sha256(self.app_secret.as_bytes(), &text))
    }
}

/// *Unconfirmed*: the pages name no HTTP status; clients see 401.
fn refused(code: i64, message: &str) -> Box<Response> {
    Box::new(fault(401, code, message))
}
