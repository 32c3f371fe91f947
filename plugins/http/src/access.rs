//! How the shop is reached, and who we are to it.

use crate::section::Section;
use crate::template::{Allowed, Name, Scope, Template, Values};
use serde_json::{Value, json};
use stocksync_sdk::flow::{Request, origin, percent};
use stocksync_sdk::message::Sign;

/// What the program sets itself.
const NOT_TO_SET: &[&str] = &["host", "content-length", "transfer-encoding", "connection"];
/// What a signature may be made of.
const SIGNED: &[Name] = &[Name::Timestamp, Name::Method, Name::Path, Name::Target, Name::Body];

/// The shop's address, and what goes with every request.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    origin: String,
    folder: String,
    pub(crate) host: String,
    headers: Vec<(String, Template)>,
    auth: Auth,
    sign: Option<Signing>,
}

#[derive(Clone, Debug)]
enum Auth {
    None,
    Header(String, Template),
    Basic(String),
    Query(String, Template),
}

/// A signature of our own making.
#[derive(Clone, Debug)]
struct Signing {
    alg: String,
    encoding: String,
    key: String,
    text: Template,
    header: String,
    timestamp_header: Option<String>,
    in_milliseconds: bool,
}

/// A request before it is signed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) method: String,
    /// Path and query, encoded.
    pub(crate) target: String,
    pub(crate) body: Option<Value>,
    /// A header of this request alone.
    pub(crate) header: Option<(String, String)>,
}

impl Access {
    pub(crate) fn parse(settings: &Section<'_>, secrets: &[String]) -> Result<Self, String> {
        let (origin, folder, host) =
            address(settings.needed("url")?).map_err(|what| settings.fault("url", &what))?;
        let allowed = Allowed { names: &[], secrets: Some(secrets) };
        let mut headers = Vec::new();
        if let Some(section) = settings.map("headers")? {
            for (name, _) in section.entries() {
                let text = Template::parse(section.needed(name)?, allowed)
                    .map_err(|what| section.fault(name, &what))?;
                if !text.texts().all(|text| text.bytes().all(|byte| (b' '..=b'~').contains(&byte))) {
                    return Err(section.fault(name, "has a character that no header may have"));
                }
                let is_ours = NOT_TO_SET.iter().any(|ours| ours.eq_ignore_ascii_case(name));
                header_name(name)
                    .filter(|_| !is_ours)
                    .ok_or_else(|| section.fault(name, "is no header that may be set"))?;
                headers.push((name.to_owned(), text));
            }
        }
        let auth = match settings.map("auth")? {
            Some(section) => Auth::parse(settings, &section, allowed)?,
            None => Auth::None,
        };
        let sign = settings.map("sign")?.map(|section| Signing::parse(&section, secrets)).transpose()?;
        Ok(Self { origin, folder, host, headers, auth, sign })
    }

    /// The path and query of an address of the shop that stood in an answer: `https://…`, `/…`, or `?…` behind the path of `before`.
    pub(crate) fn target_of(&self, url: &str, before: &str) -> Result<String, String> {
        let path = before.split('?').next().unwrap_or_default();
        let target = match url.strip_prefix(&self.origin) {
            Some("") => "/".to_owned(),
            Some(rest) if rest.starts_with('/') => rest.to_owned(),
            Some(rest) if rest.starts_with('?') => format!("/{rest}"),
            None if url.starts_with('/') && !url.starts_with("//") => url.to_owned(),
            None if url.starts_with('?') => format!("{path}{url}"),
            _ => return Err("the next page is at another host".to_owned()),
        };
        let is_plain = target.bytes().all(|byte| byte.is_ascii_graphic() && !b"{}<>\"\\^`".contains(&byte));
        let (target, _) = target.split_once('#').unwrap_or((&target, ""));
        if is_plain { Ok(target.to_owned()) } else { Err("the address of the next page is none".to_owned()) }
    }

    /// A path of the settings with the folder that the shop's API is in.
    pub(crate) fn target(&self, path: &str) -> String {
        format!("{}{path}", self.folder)
    }

    /// A request that goes with all that belongs to it. `now` is in milliseconds since 1970.
    pub(crate) fn request(&self, draft: &Draft, now: i64) -> Request {
        let target = match &self.auth {
            Auth::Query(name, value) => with_param(&draft.target, name, value),
            _ => draft.target.clone(),
        };
        let mut request = Request::new(&draft.method, format!("{}{target}", self.origin));
        let is_set = |name: &str| self.headers.iter().any(|(set, _)| set.eq_ignore_ascii_case(name));
        if !is_set("accept") {
            request = request.header("accept", "application/json");
        }
        for (name, value) in &self.headers {
            let is_kind = name.eq_ignore_ascii_case("content-type");
            if !is_kind {
                request = request.header(name, plain(value));
            }
        }
        request = match &self.auth {
            Auth::Header(name, value) => request.header(name, plain(value)),
            Auth::Basic(text) => request.header("authorization", "Basic {{sign:basic}}").sign(Sign {
                alg: "plain".to_owned(),
                key: String::new(),
                text: text.clone(),
                encoding: "base64".to_owned(),
                into: "basic".to_owned(),
            }),
            Auth::None | Auth::Query(..) => request,
        };
        if let Some((name, value)) = &draft.header {
            request = request.header(name, value.clone());
        }
        let body = draft.body.as_ref().map(Value::to_string).unwrap_or_default();
        if let Some(signing) = &self.sign {
            request = signing.sign(request, &draft.method, &target, &body, now);
        }
        if draft.body.is_none() {
            return request;
        }
        let kind = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        request.body(&kind.map_or_else(|| "application/json".to_owned(), |(_, kind)| plain(kind)), body)
    }
}

impl Auth {
    fn parse(settings: &Section<'_>, section: &Section<'_>, allowed: Allowed<'_>) -> Result<Self, String> {
        let ways: Vec<&str> =
            section.entries().filter(|(_, value)| !value.is_null()).map(|(way, _)| way).collect();
        let [way] = ways.as_slice() else {
            return Err(settings.fault("auth", "must have one of `bearer`, `basic`, `header` and `query`"));
        };
        let text = |section: &Section<'_>, name: &str| -> Result<Template, String> {
            let text = section.needed(name)?;
            Template::parse(text, allowed).map_err(|what| section.fault(name, &what))
        };
        if *way == "bearer" {
            let prefixed = format!("Bearer {}", section.needed("bearer")?);
            let value = Template::parse(&prefixed, allowed).map_err(|what| section.fault("bearer", &what))?;
            return Ok(Self::Header("authorization".to_owned(), value));
        }
        let parts = section.map(way)?.ok_or_else(|| section.fault(way, "must be a map"))?;
        if *way == "basic" {
            return Ok(Self::Basic(format!(
                "{}:{}",
                plain(&text(&parts, "user")?),
                plain(&text(&parts, "password")?)
            )));
        }
        let (name, value) = (parts.needed("name")?, text(&parts, "value")?);
        match *way {
            "query" if !name.is_empty() => Ok(Self::Query(percent(name), value)),
            "header" if header_name(name).is_some() => Ok(Self::Header(name.to_owned(), value)),
            _ => Err(parts.fault("name", "is no name")),
        }
    }
}

impl Signing {
    fn parse(section: &Section<'_>, secrets: &[String]) -> Result<Self, String> {
        let alg = section.word("alg", &["hmac-sha256", "hmac-sha1", "sha256"])?;
        let encoding = section.word("encoding", &["hex", "HEX", "base64"])?;
        let key = match (alg, section.text("key")?) {
            ("sha256", Some(_)) => {
                return Err(section.fault("key", "has no place in `sha256`: put it into `sign.text`"));
            }
            ("sha256", None) => String::new(),
            (_, None) => return Err(section.fault("key", "is missing")),
            (_, Some(key)) => {
                let allowed = Allowed { names: &[], secrets: Some(secrets) };
                plain(&Template::parse(key, allowed).map_err(|what| section.fault("key", &what))?)
            }
        };
        let allowed = Allowed { names: SIGNED, secrets: Some(secrets) };
        let text =
            Template::parse(section.needed("text")?, allowed).map_err(|what| section.fault("text", &what))?;
        let header = |name: &str| -> Result<Option<String>, String> {
            let Some(header) = section.text(name)? else { return Ok(None) };
            header_name(header)
                .map(|header| Some(header.to_owned()))
                .ok_or_else(|| section.fault(name, "is no name of a header"))
        };
        let timestamp_header = header("timestamp_header")?;
        if text.names().any(|name| name == Name::Timestamp) && timestamp_header.is_none() {
            return Err(section.fault(
                "text",
                "has `{timestamp}`: set `sign.timestamp_header`, or the shop cannot know it",
            ));
        }
        Ok(Self {
            alg: alg.to_owned(),
            encoding: encoding.to_owned(),
            key,
            text,
            header: header("header")?.ok_or_else(|| section.fault("header", "is missing"))?,
            timestamp_header,
            in_milliseconds: section.word("timestamp", &["seconds", "milliseconds"])? == "milliseconds",
        })
    }

    fn sign(&self, request: Request, method: &str, target: &str, body: &str, now: i64) -> Request {
        let timestamp = if self.in_milliseconds { now } else { now.div_euclid(1000) }.to_string();
        let path = target.split('?').next().unwrap_or_default();
        let shared = Values::from([
            (Name::Timestamp, json!(timestamp)),
            (Name::Method, json!(method)),
            (Name::Path, json!(path)),
            (Name::Target, json!(target)),
            (Name::Body, json!(body)),
        ]);
        let text = self.text.text(Scope { shared: &shared, items: &[] }).unwrap_or_default();
        let request = match &self.timestamp_header {
            Some(header) => request.header(header, timestamp),
            None => request,
        };
        let (alg, encoding, key) = (self.alg.clone(), self.encoding.clone(), self.key.clone());
        let sign = Sign { alg, key, text, encoding, into: "request".to_owned() };
        request.header(&self.header, "{{sign:request}}").sign(sign)
    }
}

/// Scheme with host, folder, and host of `https://shop.example/api`.
fn address(url: &str) -> Result<(String, String, String), String> {
    let wrong = || "must be like `https://shop.example` or `https://shop.example/api`".to_owned();
    let scheme = url.find("://").map_or(0, |at| at + 3);
    let start = url.get(scheme..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| scheme + at);
    let (start, folder) = url.split_at_checked(start).ok_or_else(wrong)?;
    let (origin, host) = origin(start).map_err(|_| wrong())?;
    let folder = folder.trim_end_matches('/');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    if folder.bytes().all(is_plain) { Ok((origin, folder.to_owned(), host)) } else { Err(wrong()) }
}

/// A header's name, if it is one (RFC 9110).
pub(crate) fn header_name(name: &str) -> Option<&str> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (!name.is_empty() && name.bytes().all(is_token)).then_some(name)
}

/// A text that has no places but those of secrets.
fn plain(template: &Template) -> String {
    template.text(Scope { shared: &Values::new(), items: &[] }).unwrap_or_default()
}

/// A parameter of the query, in the place of one of the same name that an address from an answer may have.
fn with_param(target: &str, name: &str, value: &Template) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let is_other = |pair: &&str| !pair.is_empty() && pair.split('=').next() != Some(name);
    let mut pairs: Vec<String> = query.split('&').filter(is_other).map(str::to_owned).collect();
    let value = value.query(Scope { shared: &Values::new(), items: &[] }).unwrap_or_default();
    pairs.push(format!("{name}={value}"));
    format!("{path}?{}", pairs.join("&"))
}
