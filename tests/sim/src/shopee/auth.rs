//! Signatures and tokens: guides "API calls" (signature calculation) and "Authorization and Authentication".

use super::{Shopee, fault};
use crate::crypto::{hex, hmac_sha256};
use crate::http::{Request, Response};
use crate::json::at;
use crate::marketplace::Now;
use serde_json::json;

/// Each request must come within 5 minutes of its timestamp.
const WINDOW_SECONDS: i64 = 300;

impl Shopee {
    /// A request for a shop: base string of partner id, path, timestamp, access token and shop id.
    pub(super) fn check(&mut self, request: &Request, now: Now) -> Result<(), Box<Response>> {
        let token = request.param("access_token");
        let shop = request.param("shop_id");
        self.check_app(request, now, &format!("{}{}", token.unwrap_or_default(), shop.unwrap_or_default()))?;
        let token = token.ok_or_else(|| refused("error_param", "There is no access_token in query."))?;
        if !self.tokens.is_good(token, now.0) {
            return Err(refused("error_auth", "Invalid access_token."));
        }
        if shop != Some(self.shop_id.to_string().as_str()) {
            return Err(refused("error_shop", "shopid is invalid"));
        }
        Ok(())
    }

    /// `v2.public.refresh_access_token`: a public API, signed without token and shop; a refresh token can be used once.
    pub(super) fn refresh(&mut self, request: &Request, now: Now) -> Response {
        if let Err(refused) = self.check_app(request, now, "") {
            return *refused;
        }
        let body = request.json().unwrap_or_default();
        if at(&body, "partner_id") != self.partner_id || at(&body, "shop_id") != self.shop_id {
            return fault(403, "error_param", "Invalid partner_id.");
        }
        let token = at(&body, "refresh_token").as_str().unwrap_or_default();
        let (partner_id, shop_id) = (self.partner_id, self.shop_id);
        match self.tokens.refresh(token, now.0) {
            None => {
                let words = "Your refresh token is error ,please check refresh token or shopid.";
                fault(403, "error_shop_refresh_token", words)
            }
            Some((access, refresh, ends_ms)) => Response::json(
                200,
                &json!({
                    "partner_id": partner_id, "refresh_token": refresh, "access_token": access,
                    "expire_in": (ends_ms - now.0) / 1000, "request_id": "83089a02e46d77b64882c0c93aba5267",
                    "error": "", "message": "", "shop_id": shop_id,
                }),
            ),
        }
    }

    fn check_app(&self, request: &Request, now: Now, rest: &str) -> Result<(), Box<Response>> {
        let param =
            |name: &str, missing: &str| request.param(name).ok_or_else(|| refused("error_param", missing));
        let partner = param("partner_id", "There is no partner_id in query.")?;
        let timestamp = param("timestamp", "no timestamp")?;
        let sign = param("sign", "There is no sign in query.")?;
        if partner != self.partner_id.to_string() {
            return Err(refused("error_param", "Invalid partner_id."));
        }
        let seconds: Option<i64> = timestamp.parse().ok();
        if seconds.is_none_or(|seconds| (now.seconds() - seconds).abs() > WINDOW_SECONDS) {
            return Err(refused("error_param", "Invalid timestamp"));
        }
        let base = format!("{partner}{}{timestamp}{rest}", request.path);
        if sign != hex(&hmac_sha256(self.partner_key.as_bytes(), base.as_bytes())) {
            return Err(refused("error_sign", "Wrong sign."));
        }
        Ok(())
    }

    /// Guide "Push mechanism", and the page of each push: the URL as it was set, a bar, and the body.
    #[must_use]
    pub(super) fn push_signature(&self, url: &str, body: &[u8]) -> String {
        let text = [url.as_bytes(), b"|", body].concat();
        hex(&hmac_sha256(self.partner_key.as_bytes(), &text))
    }
}

/// *Unconfirmed*: the pages name no HTTP status; the real gateway answers 403.
fn refused(error: &str, message: &str) -> Box<Response> {
    Box::new(fault(403, error, message))
}
