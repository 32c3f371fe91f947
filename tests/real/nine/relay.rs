//! A real shop behind a server of the simulators: it keeps a log, counts, and can be told to misbehave; what answers is the shop.

use super::super::web::exchange;
use serde_json::{Value, json};
use stocksync_sim::http::{Request, Response};
use stocksync_sim::{Marketplace, Now};

/// What belongs to a connection, and not to what is said over it.
const OF_THE_CONNECTION: &[&str] =
    &["connection", "content-length", "host", "keep-alive", "transfer-encoding"];

/// The way to a shop at this port.
pub struct Relay {
    pub name: &'static str,
    pub port: u16,
    /// Behind its address, in the setting `url`.
    pub folder: &'static str,
    /// The other settings.
    pub settings: Value,
    pub api_key: String,
    /// How the shop says that something broke inside.
    pub broken: Response,
    /// How many requests it refused because there were too many.
    pub refused: usize,
}

impl Marketplace for Relay {
    fn name(&self) -> &'static str {
        self.name
    }

    fn answer(&mut self, request: &Request, _: Now) -> Response {
        let query = if request.raw_query.is_empty() { "" } else { "?" };
        let target = format!("{}{query}{}", request.path, request.raw_query);
        let headers: Vec<(&str, &str)> =
            said(&request.headers).map(|(name, value)| (name.as_str(), value.as_str())).collect();
        match exchange(self.port, &request.method, &target, &headers, &request.body) {
            Ok(raw) => {
                self.refused += usize::from(raw.status == 429);
                Response {
                    status: raw.status,
                    headers: said(&raw.headers).cloned().collect(),
                    body: raw.body,
                }
            }
            // The test sees it: its last run must find no fault.
            Err(why) => Response::bytes(502, "text/plain", why.to_string().into_bytes()),
        }
    }

    /// The shop itself is asked for that.
    fn quantity(&self, _: &str) -> Option<i64> {
        None
    }

    fn sell(&mut self, _: &str, _: i64, _: Now) -> bool {
        false
    }

    fn settings(&self, address: &str) -> Value {
        let mut settings = self.settings.clone();
        settings["url"] = json!(format!("{address}{}", self.folder));
        settings
    }

    fn secrets(&self) -> Vec<(String, String)> {
        vec![("api_key".to_owned(), self.api_key.clone())]
    }

    fn refused(&self) -> usize {
        self.refused
    }

    fn broken(&self) -> Response {
        self.broken.clone()
    }
}

fn said(headers: &[(String, String)]) -> impl Iterator<Item = &(String, String)> {
    headers.iter().filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()))
}
