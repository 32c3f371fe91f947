//! Orders that a connector tells, and webhooks, of which no order is believed before its signature is right.

use crate::shell::secrets::Secrets;
use crate::shell::transport::inert;
use serde_json::Value;
use std::sync::Arc;
use stocksync_sdk::message::{Request, Verify};

/// The most orders that one operation may tell.
const ORDERS_MAX: usize = 1_000_000;
/// The largest order, in bytes of JSON.
const ORDER_BYTES_MAX: usize = 1 << 20;
/// The largest body that the sender of a webhook is answered, in bytes.
const REPLY_BYTES_MAX: usize = 64 << 10;

/// What an operation is told about orders.
#[derive(Clone, Copy, Default)]
pub(in crate::shell) enum News<'a> {
    /// It is about none.
    #[default]
    None,
    /// Those since this moment are asked for, in milliseconds since 1970.
    Since(i64),
    /// What this request brings, with its body.
    Webhook(&'a Request, &'a [u8], &'a Arc<Secrets>),
}

impl News<'_> {
    /// What the operation starts with.
    pub(super) fn start(&self) -> (Option<i64>, Option<Request>, Vec<u8>) {
        match self {
            News::None => (None, None, Vec::new()),
            News::Since(since) => (Some(*since), None, Vec::new()),
            News::Webhook(request, body, _) => (None, Some(harmless(request)), inert(body.to_vec())),
        }
    }
}

/// Whoever sent it must not have a secret filled in by what stands in it.
fn harmless(request: &Request) -> Request {
    let harmless = |text: &str| String::from_utf8_lossy(&inert(text.as_bytes().to_vec())).into_owned();
    let header = |(name, value): &(String, String)| (harmless(name), harmless(value));
    Request {
        method: harmless(&request.method),
        url: harmless(&request.url),
        headers: request.headers.iter().map(header).collect(),
    }
}

/// What an operation told of orders.
#[derive(Default)]
pub(in crate::shell) struct Mail {
    pub(in crate::shell) orders: Vec<Value>,
    /// Status and body.
    pub(in crate::shell) reply: Option<(u16, Vec<u8>)>,
    takes_orders: bool,
    webhook: Option<(Vec<u8>, Arc<Secrets>)>,
}

impl Mail {
    pub(super) fn of(news: News<'_>) -> Self {
        let webhook = match news {
            News::Webhook(_, body, secrets) => Some((body.to_vec(), Arc::clone(secrets))),
            News::None | News::Since(_) => None,
        };
        Self { takes_orders: matches!(news, News::Since(_)), webhook, ..Self::default() }
    }

    pub(super) fn order(&mut self, event: Value) -> Result<(), String> {
        if !self.takes_orders {
            return Err(match self.webhook {
                Some(_) => "told an order before its webhook was verified".to_owned(),
                None => "gave an order where none was asked for".to_owned(),
            });
        }
        check(&event)?;
        if self.orders.len() >= ORDERS_MAX {
            return Err(format!("told more than {ORDERS_MAX} orders"));
        }
        self.orders.push(event);
        Ok(())
    }

    /// Whether the webhook is signed as it should be.
    pub(super) fn verify(&mut self, wanted: &Verify) -> Result<bool, String> {
        let (body, secrets) = self.webhook.as_ref().ok_or("verified a webhook where none came")?;
        self.takes_orders = secrets.verify(wanted, body)?;
        Ok(self.takes_orders)
    }

    pub(super) fn reply(&mut self, status: u16, body: &[u8]) -> Result<(), String> {
        if self.webhook.is_none() {
            return Err("answered a webhook where none came".to_owned());
        }
        if !(200..600).contains(&status) || body.len() > REPLY_BYTES_MAX {
            return Err(format!("answered a webhook with status {status} and {} bytes", body.len()));
        }
        self.reply = Some((status, body.to_vec()));
        Ok(())
    }
}

/// What every order must have. What stands in it is judged by whoever takes it.
fn check(event: &Value) -> Result<(), String> {
    let text = |field: &str| event.get(field).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let placed = event.get("type").and_then(Value::as_str) == Some("order-placed");
    match ["id", "type", "order"].into_iter().find(|field| !text(field)) {
        Some(field) => Err(format!("told an order without `{field}`")),
        None if placed && !event.get("lines").is_some_and(Value::is_array) => {
            Err("told an order without `lines`".to_owned())
        }
        None if event.to_string().len() > ORDER_BYTES_MAX => {
            Err(format!("told an order of more than {ORDER_BYTES_MAX} bytes"))
        }
        None => Ok(()),
    }
}
