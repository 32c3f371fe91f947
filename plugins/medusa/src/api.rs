//! One shop's Admin API: what is sent to it, and what its answers mean.

use serde_json::Value;
use stocksync_sdk::flow::{Api, Client, Judged, Request, Response, Trouble, one_line, origin};
use stocksync_sdk::message::OpenConfig;

/// A shop as it is asked.
pub(crate) type Asked = Client<Medusa>;

/// What a shop's settings say.
#[derive(Debug)]
pub(crate) struct Medusa {
    base: String,
    pub(crate) host: String,
    pub(crate) stock_location: Option<String>,
}

impl Medusa {
    pub(crate) fn new(config: &OpenConfig) -> Result<Self, String> {
        let text =
            |name: &str| config.settings.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let url = text("url").ok_or("the setting `url` is missing")?;
        let (base, host) = origin(url).map_err(|why| format!("the setting `url` {why}"))?;
        if !config.secrets.iter().any(|secret| secret == "api_key") {
            return Err("it needs the secret `api_key`".to_owned());
        }
        Ok(Self { base, host, stock_location: text("stock_location").map(str::to_owned) })
    }

    pub(crate) fn get(&self, path_and_query: &str) -> Request {
        self.signed(Request::get(format!("{}{path_and_query}", self.base)))
    }

    /// Setting numbers twice is setting them once.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Request {
        self.signed(Request::new("POST", format!("{}{path}", self.base)).idempotent().json(body))
    }

    /// A secret key is the user of Basic authentication, without a password; Medusa wants no colon behind it.
    fn signed(&self, request: Request) -> Request {
        request.header("authorization", "Basic {{secret:api_key|base64}}")
    }
}

impl Api for Medusa {
    fn judge(&self, response: &Response) -> Judged {
        let Some(answer) = response.json().filter(Value::is_object) else { return response.foreign() };
        if response.status == 200 {
            return Judged::Good(answer);
        }
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let Some(message) = text("message") else { return response.foreign() };
        let kind = text("type").unwrap_or_default();
        let said = one_line(&if kind.is_empty() { message.to_owned() } else { format!("{kind}: {message}") });
        match response.status {
            401 | 403 => Judged::Bad(Trouble::Refused(format!("unauthorized: {said}"))),
            404 if kind == "not_found" => Judged::Bad(Trouble::Refused(format!("not-found: {said}"))),
            // Another request is changing the same rows.
            409 => Judged::Again(0.5, Trouble::Refused(format!("rejected: {said}"))),
            429 => Judged::Again(1.0, Trouble::Refused(format!("throttled: {said}"))),
            400..=499 => Judged::Bad(Trouble::Refused(format!("rejected: {said}"))),
            _ => Judged::Bad(Trouble::Unknown(said)),
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
