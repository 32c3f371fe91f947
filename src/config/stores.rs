//! The stores of `stocksync.yaml`.

use super::names::{KEYWORDS, is_name};
use super::quoted;
use super::reader::Found;
use super::tree::{Key, Kind, Node};
use crate::diagnostic::codes::{BAD_NAME, UNKNOWN_WAREHOUSE};
use crate::diagnostic::{Diagnostic, nearest};
use crate::rules::WarehouseId;
use crate::source::Span;
use serde_json::Value;

/// A declared store.
#[derive(Clone, PartialEq, Debug)]
pub struct Store {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// The plugin's name; empty where none is given, which is reported.
    pub connector: String,
    /// Where that stands.
    pub connector_span: Span,
    /// The plugin's own settings, an object.
    pub settings: Value,
    /// Where they stand.
    pub settings_span: Span,
    /// Where the value of each setting stands.
    pub setting_spans: Vec<(String, Span)>,
    /// By name, in the order of the file.
    pub secrets: Vec<(String, Secret, Span)>,
    /// Which warehouses its orders take from, in turn; `None`: as the rule says.
    pub fulfil_from: Option<Vec<WarehouseId>>,
    /// What it may be asked at most, below what the plugin declares.
    pub limits: StoreLimits,
    /// Nothing is written to it.
    pub paused: bool,
    /// When a listing is read again before it is written.
    pub read_before: ReadBefore,
    /// The plugin runs in a process of its own.
    pub isolate: bool,
    /// What is done about edits made elsewhere.
    pub drift: Drift,
}

/// Where a secret comes from. Its value never stands in the configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Secret {
    /// An environment variable.
    Env(String),
    /// The content of a file.
    File(String),
}

impl Secret {
    /// As it stands in the configuration.
    pub fn source(&self) -> String {
        match self {
            Secret::Env(variable) => format!("env:{variable}"),
            Secret::File(path) => format!("file:{path}"),
        }
    }
}

/// What a store may be asked.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct StoreLimits {
    /// Requests a second.
    pub requests_per_second: Option<f64>,
    /// Requests at a time.
    pub concurrency: Option<u32>,
    /// How many seconds a run waits for what the store has only accepted.
    pub poll_seconds: Option<u64>,
}

/// When a listing is read again before it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ReadBefore {
    /// Before it is raised.
    #[default]
    Raises,
    /// Before every write.
    Always,
    /// Never.
    Never,
}

/// What is done about edits made elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Drift {
    /// They are reported.
    #[default]
    Report,
    /// They are put right.
    Repair,
}

const KEYS: &[&str] = &[
    "connector",
    "settings",
    "secrets",
    "fulfil_from",
    "limits",
    "paused",
    "read_before",
    "isolate",
    "drift",
];

/// A name that can be a warehouse's or a store's; one that cannot is reported.
pub(super) fn judge_name(name: &str, span: Span, kind: &str, found: &mut Found) {
    let shown = quoted(name);
    let (message, help) = if !is_name(name) {
        let message = format!("{shown} cannot be the name of a {kind}");
        (message, "a name starts with `a` to `z` and goes on with `a` to `z`, `0` to `9`, `_` or `-`")
    } else if KEYWORDS.contains(&name) {
        (
            format!("{shown} is a word of the rule language and cannot be the name of a {kind}"),
            "choose another name",
        )
    } else {
        return;
    };
    found.diagnostics.push(Diagnostic::new(&BAD_NAME, span, message).with_help(help));
}

pub(super) fn read(key: &Key, node: &Node, warehouses: &[String], found: &mut Found) -> Store {
    judge_name(&key.text, key.span, "store", found);
    let mut fields = found.fields(node, &format!("the store {}", quoted(&key.text)), KEYS);
    let mut store = Store::new(key);
    match fields.remove("connector") {
        Some(node) => {
            store.connector = found.text(node, "`connector`").unwrap_or_default().to_owned();
            store.connector_span = node.span;
        }
        // What is no map is a fault already.
        None if !node.is_map() => {}
        None => {
            let message = format!("the store {} has no `connector`", quoted(&key.text));
            found.fault(key.span, message, "name the plugin that talks to it, like `connector: csv`");
        }
    }
    if let Some(node) = fields.remove("settings") {
        let entries = found.entries(node, "`settings`");
        store.setting_spans = entries.iter().map(|(key, value)| (key.text.clone(), value.span)).collect();
        store.settings = Value::Object(
            entries.into_iter().map(|(key, value)| (key.text.clone(), value.to_json())).collect(),
        );
        store.settings_span = node.span;
    }
    if let Some(node) = fields.remove("secrets") {
        store.secrets = secrets(node, "`secrets`", "secret", found);
    }
    if let Some(node) = fields.remove("fulfil_from") {
        store.fulfil_from = Some(fulfil_from(node, warehouses, found));
    }
    if let Some(node) = fields.remove("limits") {
        store.limits = limits(node, found);
    }
    if let Some(node) = fields.remove("paused") {
        store.paused = found.switch(node, "`paused`").unwrap_or_default();
    }
    if let Some(node) = fields.remove("isolate") {
        store.isolate = found.switch(node, "`isolate`").unwrap_or_default();
    }
    if let Some(node) = fields.remove("read_before") {
        let choices =
            [("raises", ReadBefore::Raises), ("always", ReadBefore::Always), ("never", ReadBefore::Never)];
        store.read_before = found.choice(node, "`read_before`", &choices).unwrap_or_default();
    }
    if let Some(node) = fields.remove("drift") {
        let choices = [("report", Drift::Report), ("repair", Drift::Repair)];
        store.drift = found.choice(node, "`drift`", &choices).unwrap_or_default();
    }
    store
}

impl Store {
    fn new(key: &Key) -> Self {
        Self {
            name: key.text.clone(),
            span: key.span,
            connector: String::new(),
            connector_span: key.span,
            settings: Value::Object(serde_json::Map::new()),
            settings_span: key.span,
            setting_spans: Vec::new(),
            secrets: Vec::new(),
            fulfil_from: None,
            limits: StoreLimits::default(),
            paused: false,
            read_before: ReadBefore::default(),
            isolate: false,
            drift: Drift::default(),
        }
    }
}

/// Where secrets are, by name. `kind` is what one of them is called.
pub(super) fn secrets(node: &Node, name: &str, kind: &str, found: &mut Found) -> Vec<(String, Secret, Span)> {
    let mut secrets = Vec::new();
    for (key, value) in found.entries(node, name) {
        match secret(value) {
            Some(secret) => secrets.push((key.text.clone(), secret, value.span)),
            // The value may be the real one: it is never shown.
            None => found.fault(
                value.span,
                format!("the {kind} {} must be `env:NAME` or `file:PATH`", quoted(&key.text)),
                "the value itself does not belong in this file; if it stood here, replace it at the store",
            ),
        }
    }
    secrets
}

pub(super) fn secret(node: &Node) -> Option<Secret> {
    let Kind::Scalar(Value::String(text)) = &node.kind else { return None };
    let word = |name: &&str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name.chars().all(|next| next.is_ascii_alphanumeric() || next == '_')
    };
    match text.split_once(':')? {
        ("env", name) => Some(name).filter(word).map(|name| Secret::Env(name.to_owned())),
        ("file", path) if !path.is_empty() => Some(Secret::File(path.to_owned())),
        _ => None,
    }
}

fn fulfil_from(node: &Node, warehouses: &[String], found: &mut Found) -> Vec<WarehouseId> {
    let mut all = Vec::new();
    for item in found.list(node, "`fulfil_from`") {
        let Some(name) = found.text(item, "a warehouse in `fulfil_from`") else { continue };
        match warehouses.iter().position(|warehouse| warehouse == name) {
            Some(at) if all.contains(&WarehouseId(at as u16)) => {}
            Some(at) => all.push(WarehouseId(at as u16)),
            None => {
                let message = format!("the warehouse {} is not declared", quoted(name));
                let help = match nearest(name, warehouses.iter().map(String::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "declare it under `warehouses`".to_owned(),
                };
                found
                    .diagnostics
                    .push(Diagnostic::new(&UNKNOWN_WAREHOUSE, item.span, message).with_help(help));
            }
        }
    }
    all
}

fn limits(node: &Node, found: &mut Found) -> StoreLimits {
    let fields = found.fields(node, "`limits`", &["requests_per_second", "concurrency", "poll_seconds"]);
    let mut limits = StoreLimits::default();
    if let Some(&node) = fields.get("requests_per_second") {
        limits.requests_per_second = match &node.kind {
            Kind::Scalar(value) => value.as_f64().filter(|&rate| rate > 0.0 && rate <= 100_000.0),
            _ => None,
        };
        if limits.requests_per_second.is_none() {
            found.fault(node.span, "`requests_per_second` must be a number above 0", "");
        }
    }
    if let Some(&node) = fields.get("concurrency") {
        let number = found.whole(node, "`concurrency`", (1, 1_000));
        limits.concurrency = number.and_then(|number| u32::try_from(number).ok());
    }
    if let Some(&node) = fields.get("poll_seconds") {
        limits.poll_seconds = found.whole(node, "`poll_seconds`", (0, 3_600));
    }
    limits
}
