//! The daemon: `serve` in `stocksync.yaml`.

use super::reader::{Fields, Found};
use super::stores::{Secret, secrets};
use super::tree::{Kind, Node};
use std::net::{Ipv4Addr, SocketAddr};

/// How the daemon listens, whom it serves, and whom it tells.
#[derive(Clone, PartialEq, Debug)]
pub struct Serve {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Bearer tokens, by the name of who has them.
    pub tokens: Vec<(String, Secret)>,
    /// How the daemon is called from outside, without a `/` at the end; for webhooks whose signature covers the address.
    pub public_url: Option<String>,
    /// What is refused as too much.
    pub limits: ServeLimits,
    /// Who is told of what.
    pub alerts: AlertSettings,
    /// How often what the stores show is compared with what was written, in seconds; 0 is never.
    pub reconcile_seconds: u64,
    /// How often stores are asked for orders, in seconds; 0 is never.
    pub orders_seconds: u64,
}

/// What the daemon refuses as too much.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServeLimits {
    /// Connections at once.
    pub connections: usize,
    /// Requests a second of one token; so many may come at once.
    pub requests_per_second: u32,
    /// The largest body of a request, in KiB.
    pub body_kib: usize,
    /// Requests that wait for the engine.
    pub waiting_requests: usize,
    /// Events in them.
    pub waiting_events: usize,
    /// How long a request may take, in seconds: its body to come, and its answer to be found.
    pub request_seconds: u64,
    /// How long a stop may take, in seconds.
    pub stop_seconds: u64,
}

/// Who is told of what a person should know soon.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlertSettings {
    /// A program and its arguments, which gets the alerts on its standard input. It runs in the project's folder.
    pub command: Vec<String>,
    /// Where an address is that the alerts are posted to.
    pub webhook: Option<Secret>,
    /// Of what.
    pub on: Vec<AlertKind>,
    /// How often a minute at most; what comes meanwhile is told together.
    pub per_minute: u32,
}

/// A kind of alert.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum AlertKind {
    /// A number could not be written.
    FailedWrite,
    /// More is ordered than there is.
    NegativeStock,
    /// A guard holds numbers back.
    Guard,
    /// A store shows another number than was written.
    Drift,
    /// A store is left alone for a while.
    CircuitOpen,
}

impl AlertKind {
    /// Every kind, with its name.
    pub const ALL: [(&str, AlertKind); 5] = [
        ("failed-write", AlertKind::FailedWrite),
        ("negative-stock", AlertKind::NegativeStock),
        ("guard", AlertKind::Guard),
        ("drift", AlertKind::Drift),
        ("circuit-open", AlertKind::CircuitOpen),
    ];

    /// As it stands in configuration and output.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8787)),
            tokens: Vec::new(),
            public_url: None,
            limits: ServeLimits::default(),
            alerts: AlertSettings::default(),
            reconcile_seconds: 3_600,
            orders_seconds: 60,
        }
    }
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            connections: 256,
            requests_per_second: 200,
            body_kib: 4_096,
            waiting_requests: 1_024,
            waiting_events: 20_000,
            request_seconds: 30,
            stop_seconds: 25,
        }
    }
}

impl Default for AlertSettings {
    fn default() -> Self {
        let on = AlertKind::ALL.map(|(_, kind)| kind).to_vec();
        Self { command: Vec::new(), webhook: None, on, per_minute: 4 }
    }
}

/// The longest that is waited between two times of asking a store, in seconds.
const WEEK_SECONDS: u64 = 7 * 86_400;

/// The most words of a command.
const WORDS_MAX: usize = 64;

pub(super) fn read(node: &Node, found: &mut Found) -> Serve {
    let mut serve = Serve::default();
    const KEYS: &[&str] =
        &["listen", "tokens", "public_url", "limits", "alerts", "reconcile_seconds", "orders_seconds"];
    let fields = found.fields(node, "`serve`", KEYS);
    if let Some(&node) = fields.get("listen")
        && let Some(listen) = listen(node, found)
    {
        serve.listen = listen;
    }
    if let Some(&node) = fields.get("tokens") {
        serve.tokens = secrets(node, "`tokens`", "token", found)
            .into_iter()
            .map(|(name, secret, _)| (name, secret))
            .collect();
    }
    serve.public_url = fields.get("public_url").and_then(|node| public_url(node, found));
    if let Some(&node) = fields.get("limits") {
        serve.limits = limits(node, found);
    }
    if let Some(&node) = fields.get("alerts") {
        serve.alerts = alerts(node, found);
    }
    let mut seconds = |name: &str| {
        let node = fields.get(name)?;
        found.whole(node, &format!("`{name}`"), (0, WEEK_SECONDS))
    };
    serve.reconcile_seconds = seconds("reconcile_seconds").unwrap_or(serve.reconcile_seconds);
    serve.orders_seconds = seconds("orders_seconds").unwrap_or(serve.orders_seconds);
    serve
}

fn listen(node: &Node, found: &mut Found) -> Option<SocketAddr> {
    let address = found.text(node, "`listen`")?.parse().ok();
    if address.is_none() {
        found.fault(
            node.span,
            "`listen` must be an address with a port",
            "write it like `127.0.0.1:8787` or `[::1]:8787`; `0.0.0.0:8787` is every address of the machine",
        );
    }
    address
}

fn public_url(node: &Node, found: &mut Found) -> Option<String> {
    let text = found.text(node, "`public_url`")?;
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() || host.contains(['@', '?', '#']) || host.contains(char::is_whitespace) {
        found.fault(
            node.span,
            "`public_url` must be an address that begins with `https://` or `http://`",
            "write it like `https://stock.example.com`",
        );
        return None;
    }
    Some(text.trim_end_matches('/').to_owned())
}

fn limits(node: &Node, found: &mut Found) -> ServeLimits {
    const KEYS: &[&str] = &[
        "connections",
        "requests_per_second",
        "body_kib",
        "waiting_requests",
        "waiting_events",
        "request_seconds",
        "stop_seconds",
    ];
    let fields = found.fields(node, "`limits`", KEYS);
    let mut limits = ServeLimits::default();
    let mut whole = |name: &str, bounds: (u64, u64)| {
        let node = fields.get(name)?;
        found.whole(node, &format!("`{name}`"), bounds)
    };
    let size = |number: Option<u64>, default: usize| number.map_or(default, |number| number as usize);
    limits.connections = size(whole("connections", (1, 100_000)), limits.connections);
    limits.body_kib = size(whole("body_kib", (1, 1 << 20)), limits.body_kib);
    limits.waiting_requests = size(whole("waiting_requests", (1, 1_000_000)), limits.waiting_requests);
    limits.waiting_events = size(whole("waiting_events", (1, 10_000_000)), limits.waiting_events);
    limits.request_seconds = whole("request_seconds", (1, 3_600)).unwrap_or(limits.request_seconds);
    limits.stop_seconds = whole("stop_seconds", (0, 3_600)).unwrap_or(limits.stop_seconds);
    if let Some(number) = whole("requests_per_second", (1, 1_000_000)) {
        limits.requests_per_second = number as u32;
    }
    limits
}

fn alerts(node: &Node, found: &mut Found) -> AlertSettings {
    let fields: Fields<'_> = found.fields(node, "`alerts`", &["command", "webhook", "on", "per_minute"]);
    let mut alerts = AlertSettings::default();
    if let Some(&node) = fields.get("command") {
        let words = found.list(node, "`command`");
        if words.is_empty() && matches!(node.kind, Kind::List(_)) || words.len() > WORDS_MAX {
            found.fault(
                node.span,
                format!("`command` must have 1 to {WORDS_MAX} words"),
                "write it like `[./notify, urgent]`; no shell reads it",
            );
        }
        alerts.command = words
            .iter()
            .filter_map(|word| found.text(word, "a word of `command`"))
            .map(str::to_owned)
            .collect();
    }
    if let Some(&node) = fields.get("webhook") {
        alerts.webhook = super::stores::secret(node);
        if alerts.webhook.is_none() {
            // The address may be a secret: it is never shown.
            found.fault(
                node.span,
                "`webhook` must be `env:NAME` or `file:PATH`, where its address is",
                "an address that anybody may post to is a secret; if it stood here, make a new one",
            );
        }
    }
    if let Some(&node) = fields.get("on") {
        let kinds = found.list(node, "`on`").iter();
        alerts.on = kinds.filter_map(|node| found.choice(node, "a kind in `on`", &AlertKind::ALL)).collect();
        alerts.on.sort_unstable();
        alerts.on.dedup();
    }
    if let Some(&node) = fields.get("per_minute") {
        let number = found.whole(node, "`per_minute`", (1, 600));
        alerts.per_minute = number.map_or(alerts.per_minute, |number| number as u32);
    }
    alerts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::source::Sources;

    fn read(serve: &str) -> (Serve, Vec<String>) {
        let text = format!("serve: {serve}\n");
        let (config, found) = config::read(Sources::new().add("stocksync.yaml", text.as_str()), &text);
        (config.serve, found.into_iter().map(|one| one.message).collect())
    }

    #[test]
    fn every_key_is_read() {
        let (serve, found) = read(
            "{ listen: \"0.0.0.0:80\", tokens: { shop: \"env:T\", wms: \"file:/run/t\" }, public_url: \"https://a.example/\", \
             limits: { connections: 1, requests_per_second: 2, body_kib: 3, waiting_requests: 4, waiting_events: 5, request_seconds: 6, \
             stop_seconds: 0 }, reconcile_seconds: 600, orders_seconds: 0, alerts: { command: [./notify, now], webhook: \"env:U\", on: [guard, drift, guard], per_minute: 7 } }",
        );
        assert_eq!(found, [""; 0]);
        let tokens = [("shop", Secret::Env("T".to_owned())), ("wms", Secret::File("/run/t".to_owned()))];
        let limits = ServeLimits {
            connections: 1,
            requests_per_second: 2,
            body_kib: 3,
            waiting_requests: 4,
            waiting_events: 5,
            request_seconds: 6,
            stop_seconds: 0,
        };
        let alerts = AlertSettings {
            command: ["./notify", "now"].map(str::to_owned).to_vec(),
            webhook: Some(Secret::Env("U".to_owned())),
            on: vec![AlertKind::Guard, AlertKind::Drift],
            per_minute: 7,
        };
        let expected = Serve {
            listen: SocketAddr::from(([0, 0, 0, 0], 80)),
            tokens: tokens.map(|(name, secret)| (name.to_owned(), secret)).to_vec(),
            public_url: Some("https://a.example".to_owned()),
            limits,
            alerts,
            reconcile_seconds: 600,
            orders_seconds: 0,
        };
        assert_eq!(serve, expected);
    }

    #[test]
    fn what_is_wrong_is_told_and_no_secret_shown() {
        for (text, said) in [
            ("{ listen: 8787 }", "`listen` must be a text"),
            ("{ listen: \"localhost:8787\" }", "`listen` must be an address with a port"),
            ("{ tokens: { shop: hunter2hunter2 } }", "the token `shop` must be `env:NAME` or `file:PATH`"),
            ("{ public_url: stock.example.com }", "`public_url` must be an address"),
            ("{ public_url: \"https://me:hunter2@stock.example.com\" }", "`public_url` must be an address"),
            ("{ limits: { connections: 0 } }", "`connections` must be a whole number from 1"),
            ("{ orders_seconds: 604801 }", "`orders_seconds` must be a whole number from 0"),
            ("{ alerts: { command: [] } }", "`command` must have 1 to 64 words"),
            ("{ alerts: { command: notify } }", "`command` must be a list"),
            ("{ alerts: { webhook: \"https://hooks.example/hunter2\" } }", "`webhook` must be `env:NAME`"),
            ("{ alerts: { on: [panic] } }", "a kind in `on` must be `failed-write` or"),
        ] {
            let (_, found) = read(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(
                found.iter().all(|told| told.starts_with(said) && !told.contains("hunter2")),
                "{text}: {found:?}"
            );
        }
    }
}
