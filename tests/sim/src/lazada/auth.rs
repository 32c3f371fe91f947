//! Signatures and tokens: "Signature algorithm", "Calling parameters", "RefreshAccessToken".

use super::{Lazada, fault};
use crate::crypto::{hex, hmac_sha256};
use crate::http::Response;
use crate::marketplace::Now;
use serde_json::json;

/// The difference between the timestamp and UTC should not exceed 7200 seconds.
const WINDOW_MS: i64 = 7_200_000;

impl Lazada {
    pub(super) fn check(
        &mut self,
        path: &str,
        params: &[(String, String)],
        now: Now,
    ) -> Result<(), Box<Response>> {
        self.check_app(path, params, now)?;
        let token = params.iter().find(|(name, _)| name == "access_token").map(|(_, token)| token.as_str());
        if !self.tokens.is_good(token.unwrap_or_default(), now.0) {
            return Err(refused("IllegalAccessToken", "The specified access token is invalid or expired"));
        }
        Ok(())
    }

    /// That a refresh token works once is *unconfirmed*; here it does.
    pub(super) fn refresh(&mut self, path: &str, params: &[(String, String)], now: Now) -> Response {
        if let Err(refused) = self.check_app(path, params, now) {
            return *refused;
        }
        let token = params.iter().find(|(name, _)| name == "refresh_token").map(|(_, token)| token.as_str());
        let seller_id = self.seller_id.clone();
        match self.tokens.refresh(token.unwrap_or_default(), now.0) {
            None => fault("ISV", "IllegalRefreshToken", "The specified refresh token is invalid or expired"),
            Some((access, refresh, ends_ms)) => Response::json(
                200,
                &json!({
                    "access_token": access, "country": "sg", "refresh_token": refresh, "account_id": "7063844", "code": "0",
                    "country_user_info_list": [{ "country": "sg", "user_id": "10101", "seller_id": seller_id, "short_code": "SG001" }],
                    "account_platform": "seller_center", "refresh_expires_in": "2592000",
                    "expires_in": ((ends_ms - now.0) / 1000).to_string(), "request_id": "0ba2887315178178017221014", "account": "xxx@126.com",
                }),
            ),
        }
    }

    /// The names of these errors but `IllegalAccessToken` are *unconfirmed*.
    fn check_app(&self, path: &str, params: &[(String, String)], now: Now) -> Result<(), Box<Response>> {
        let param = |name: &str| params.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
        if param("app_key") != Some(&self.app_key) {
            return Err(refused("InvalidAppKey", "The specified App Key is invalid"));
        }
        let timestamp: i64 = param("timestamp").and_then(|time| time.parse().ok()).unwrap_or(0);
        if (now.0 - timestamp).abs() > WINDOW_MS {
            return Err(refused("InvalidTimestamp", "The specified timestamp is invalid"));
        }
        if param("sign_method") != Some("sha256") || param("sign") != Some(&self.signature(path, params)) {
            return Err(refused(
                "IncompleteSignature",
                "The request signature does not conform to lazada standards",
            ));
        }
        Ok(())
    }

    /// Names and values in the order of the names, without `sign` and without what is empty, behind the path.
    pub(super) fn signature(&self, path: &str, params: &[(String, String)]) -> String {
        let mut signed: Vec<&(String, String)> =
            params.iter().filter(|(name, value)| name != "sign" && !value.is_empty()).collect();
        signed.sort();
        let plain: String = signed.into_iter().map(|(name, value)| format!("{name}{value}")).collect();
        hex(&hmac_sha256(self.app_secret.as_bytes(), format!("{path}{plain}").as_bytes())).to_uppercase()
    }

    /// "Lazada push mechanism": the app's key, then the body.
    pub(super) fn push_signature(&self, body: &[u8]) -> String {
        hex(&hmac_sha256(self.app_secret.as_bytes(), &[self.app_key.as_bytes(), body].concat()))
    }
}

fn refused(code: &str, message: &str) -> Box<Response> {
    Box::new(fault("ISV", code, message))
}
