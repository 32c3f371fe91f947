//! One shop's Admin API: what is sent to it, and what its answers mean.

use crate::manifest::BODY_BYTES_MAX;
use serde_json::{Value, json};
use stocksync_sdk::flow::{Api, Client, Judged, Request, Response, Trouble, one_line, origin};
use stocksync_sdk::message::{OpenConfig, SaveSecret};

/// A shop as it is asked.
pub(crate) type Asked = Client<Vendure>;

/// What a shop's settings say.
#[derive(Debug)]
pub(crate) struct Vendure {
    url: String,
    pub(crate) host: String,
    pub(crate) stock_location: Option<String>,
    channel: Option<String>,
    pub(crate) body_bytes_max: usize,
    access: Access,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    ApiKey,
    /// A session, which a login can give anew where a password is known.
    Session {
        is_there: bool,
        can_login: bool,
    },
}

const LOGIN: &str = "mutation Login($u:String!,$p:String!){login(username:$u,password:$p,rememberMe:true){__typename ... on CurrentUser{id} ... on ErrorResult{errorCode message}}}";

impl Vendure {
    pub(crate) fn new(config: &OpenConfig) -> Result<Self, String> {
        let setting = |name: &str| config.settings.get(name);
        let text = |name: &str| setting(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let (url, host) = text("url").and_then(endpoint).ok_or(
            "the setting `url` must be the address of the Admin API, such as `https://shop.example.com/admin-api`",
        )?;
        let channel = text("channel").map(str::to_owned);
        if channel.as_deref().is_some_and(|token| !token.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err("the setting `channel` must be a channel's token".to_owned());
        }
        let bytes = setting("body_bytes_max").and_then(Value::as_u64).unwrap_or(BODY_BYTES_MAX);
        Ok(Self {
            url,
            host,
            stock_location: text("stock_location").map(str::to_owned),
            channel,
            body_bytes_max: usize::try_from(bytes).unwrap_or(usize::MAX).max(10_000),
            access: Access::of(&config.secrets)?,
        })
    }

    /// A GraphQL request.
    pub(crate) fn query(&self, document: &str, variables: &Value) -> Request {
        let request = self.request(document, variables);
        match self.access {
            Access::ApiKey => request.header("vendure-api-key", "{{secret:api_key}}"),
            Access::Session { .. } => request.header("authorization", "Bearer {{secret:session}}"),
        }
    }

    fn request(&self, document: &str, variables: &Value) -> Request {
        // Setting numbers twice is setting them once.
        let request = Request::new("POST", &self.url).idempotent();
        let request = match &self.channel {
            Some(channel) => request.header("vendure-token", channel),
            None => request,
        };
        request.json(&json!({ "query": document, "variables": variables }))
    }
}

impl Access {
    fn of(secrets: &[String]) -> Result<Self, String> {
        let has = |name: &str| secrets.iter().any(|secret| secret == name);
        let can_login = has("username") && has("password");
        match (has("api_key"), has("session")) {
            (true, _) => Ok(Self::ApiKey),
            (false, is_there) if is_there || can_login => Ok(Self::Session { is_there, can_login }),
            _ => Err("it needs the secret `api_key`, or `username` and `password`".to_owned()),
        }
    }
}

/// The address of an API and its host.
fn endpoint(url: &str) -> Option<(String, String)> {
    let url = url.trim_end_matches('/');
    let path = url.find("://").and_then(|at| url.get(at + 3..)?.find('/').map(|path| at + 3 + path));
    let (base, path) = url.split_at(path.unwrap_or(url.len()));
    let is_path = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte));
    let (base, host) = origin(base).ok().filter(|_| is_path)?;
    Some((format!("{base}{path}"), host))
}

impl Api for Vendure {
    fn judge(&self, response: &Response) -> Judged {
        let Some(answer) = response.json().filter(Value::is_object) else { return response.foreign() };
        let Some(error) = answer.pointer("/errors/0") else {
            return match answer.get("data") {
                Some(data) if data.is_object() && response.status == 200 => Judged::Good(data.clone()),
                _ => response.foreign(),
            };
        };
        let code = error.pointer("/extensions/code").and_then(Value::as_str).unwrap_or_default();
        let words = error.get("message").and_then(Value::as_str).unwrap_or("no reason is given");
        let said = one_line(&if code.is_empty() { words.to_owned() } else { format!("{code}: {words}") });
        match code {
            "FORBIDDEN" => Judged::Expired(said),
            "ENTITY_NOT_FOUND" => Judged::Bad(Trouble::Refused(format!("not-found: {said}"))),
            _ => Judged::Bad(Trouble::Refused(format!("rejected: {said}"))),
        }
    }

    fn is_stale(&self, _: i64) -> bool {
        matches!(self.access, Access::Session { is_there: false, .. })
    }

    fn refresh(&self, _: i64) -> Option<Request> {
        if !matches!(self.access, Access::Session { can_login: true, .. }) {
            return None;
        }
        let who = json!({ "u": "{{secret:username|json}}", "p": "{{secret:password|json}}" });
        let save = SaveSecret {
            name: "session".to_owned(),
            pointer: "header:vendure-auth-token".to_owned(),
            expires_pointer: None,
        };
        Some(self.request(LOGIN, &who).once().save_secret(save))
    }

    fn refreshed(&self, response: &Response) -> Result<(), String> {
        let answer = response.json().unwrap_or_default();
        match answer.pointer("/data/login/__typename").and_then(Value::as_str) {
            Some("CurrentUser") if response.header("vendure-auth-token").is_some() => Ok(()),
            Some("CurrentUser") => {
                Err("the shop gives no token: its `tokenMethod` must include `bearer`".to_owned())
            }
            Some(_) => {
                let said = answer.pointer("/data/login/message").and_then(Value::as_str);
                Err(said.unwrap_or("the login was refused").to_owned())
            }
            None => Err(response.words()),
        }
    }
}
