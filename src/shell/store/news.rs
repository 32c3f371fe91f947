//! Orders: asked for, or brought by a webhook.

use super::{Store, StoreFault};
use crate::shell::session::{Ended, Mail, News, Operation};
use serde_json::Value;
use stocksync_sdk::message::Request;
use stocksync_sdk::rows::Page;

/// What became of a webhook.
#[derive(Clone, Debug, PartialEq)]
pub enum Webhook {
    /// Its signature is right, or it is a ping without orders.
    Taken {
        /// The orders in it, as in the event schema, with `store`.
        events: Vec<Value>,
        /// The HTTP status that its sender is answered.
        status: u16,
        /// The body that goes with it.
        body: Vec<u8>,
    },
    /// It was not signed as it should be: its sender is answered 401.
    Refused,
}

impl Store {
    /// Whether it can be asked for orders.
    pub fn has_orders(&self) -> bool {
        self.offers("orders")
    }

    /// Whether it takes webhooks.
    pub fn takes_webhooks(&self) -> bool {
        self.offers("webhook")
    }

    /// The orders since a moment, in milliseconds since 1970: events as in the event schema, with `store`.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub fn orders(&self, since: i64) -> Result<Vec<Value>, StoreFault> {
        let (ended, mail) = self.hear("orders", News::Since(since))?;
        match ended.error {
            None => Ok(self.named(mail.orders)),
            Some(what) => Err(self.fault(&what)),
        }
    }

    /// Hands a webhook to the connector, and verifies it as the connector says.
    ///
    /// # Errors
    /// The connector cannot take it, whoever sent it: the sender may send it again.
    pub fn webhook(&self, request: &Request, body: &[u8]) -> Result<Webhook, StoreFault> {
        let loaded = self.vault.load().map_err(|faults| self.fault(&faults.join("; ")))?;
        let (ended, mail) = self.hear("webhook", News::Webhook(request, body, &loaded.secrets))?;
        if ended.refused {
            return Ok(Webhook::Refused);
        }
        if let Some(what) = ended.error {
            return Err(self.fault(&what));
        }
        let (status, body) = mail.reply.unwrap_or((200, Vec::new()));
        Ok(Webhook::Taken { events: self.named(mail.orders), status, body })
    }

    fn hear(&self, name: &'static str, news: News<'_>) -> Result<(Ended, Mail), StoreFault> {
        if !self.offers(name) {
            return Err(self.fault(&format!("cannot `{name}`: its manifest does not offer it")));
        }
        let (mut session, _) = self.session().map_err(|what| self.fault(&what))?;
        let mut operation = Operation {
            name,
            idempotency_key: String::new(),
            items: 0,
            page: &|_| Page::new(),
            answer: &mut |_| Ok(()),
            news,
        };
        let ended = session.run(&mut operation).map_err(|what| self.fault(&what))?;
        Ok((ended, session.take_mail()))
    }

    /// Which store an order is of is the host's to say.
    fn named(&self, mut orders: Vec<Value>) -> Vec<Value> {
        for order in &mut orders {
            self.redact(order);
            if let Some(order) = order.as_object_mut() {
                order.insert("store".to_owned(), Value::from(self.name()));
            }
        }
        orders
    }

    /// As deep as JSON is read at all.
    fn redact(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.vault.redact(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.redact(value)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.redact(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}
