//! Login with Amazon: refresh tokens for access tokens.

use crate::http::{Request, Response};
use crate::marketplace::{Now, Setup};
use serde_json::json;

/// How long an access token lasts: "Connecting to the Selling Partner API", `expires_in` 3600.
const TOKEN_SECONDS: i64 = 3_600;

#[derive(Debug)]
pub(super) struct Login {
    client_id: String,
    client_secret: String,
    refresh_token: String,
    tokens: Vec<(String, Now)>,
}

impl Login {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            client_id: setup.secret("client_id", "amzn1.application-oa2-client.sim"),
            client_secret: setup.secret("client_secret", "amzn1.oa2-cs.v1.sim/secret+"),
            refresh_token: setup.secret("refresh_token", "Atzr|sim-refresh-token/+="),
            tokens: Vec::new(),
        }
    }

    pub(super) fn secrets(&self) -> Vec<(String, String)> {
        let all = [
            ("client_id", &self.client_id),
            ("client_secret", &self.client_secret),
            ("refresh_token", &self.refresh_token),
        ];
        all.map(|(name, value)| (name.to_owned(), value.clone())).into()
    }

    pub(super) fn issued(&self) -> Vec<String> {
        let secrets = self.secrets().into_iter().map(|(_, value)| value);
        secrets.chain(self.tokens.iter().map(|(token, _)| token.clone())).collect()
    }

    pub(super) fn expire(&mut self) {
        self.tokens.iter_mut().for_each(|(_, ends)| *ends = Now(i64::MIN));
    }

    /// `POST /auth/o2/token`: "Connecting to the Selling Partner API", step 1; errors as of RFC 6749, section 5.2.
    pub(super) fn token(&mut self, request: &Request, now: Now) -> Response {
        let form = request.form();
        let field = |name: &str| form.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str());
        let wrong = |error: &str, why: &str| {
            let status = if error == "invalid_client" { 401 } else { 400 };
            Response::json(status, &json!({ "error": error, "error_description": why }))
        };
        if field("grant_type") != Some("refresh_token") {
            return wrong("unsupported_grant_type", "The authorization grant type is not supported");
        }
        let is_client = field("client_id") == Some(&self.client_id)
            && field("client_secret") == Some(&self.client_secret);
        if !is_client {
            return wrong("invalid_client", "Client authentication failed");
        }
        if field("refresh_token") != Some(&self.refresh_token) {
            return wrong("invalid_grant", "The request has an invalid grant parameter : refresh_token");
        }
        let token = format!("Atza|sim-access-token-{}", self.tokens.len() + 1);
        self.tokens.push((token.clone(), Now(now.0 + TOKEN_SECONDS * 1_000)));
        Response::json(
            200,
            &json!({
                "access_token": token, "token_type": "bearer", "expires_in": TOKEN_SECONDS, "refresh_token": self.refresh_token,
            }),
        )
    }

    pub(super) fn knows(&self, request: &Request, now: Now) -> bool {
        let token = request.header("x-amz-access-token");
        self.tokens.iter().any(|(known, ends)| Some(known.as_str()) == token && now < *ends)
    }
}

/// Of a token that is missing, unknown or has ended: 403 `Unauthorized` ("SP-API Errors FAQ").
pub(super) fn refused() -> Response {
    let error = json!({
        "code": "Unauthorized", "message": "Access to requested resource is denied.",
        "details": "The access token you provided is revoked, malformed or invalid.",
    });
    Response::json(403, &json!({ "errors": [error] }))
}
