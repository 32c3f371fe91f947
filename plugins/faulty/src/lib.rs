//! A connector that misbehaves on purpose, as its setting `mode` says: for the tests of the host.

mod modes;
mod pages;
mod shop;

use modes::MODES;
use serde_json::{Value, json};
use stocksync_sdk::message::{EventKind, Manifest, OpenConfig};
use stocksync_sdk::{Answer, Connector, Fault, Input};

stocksync_sdk::export_connector!(Faulty);

/// A session that will go wrong.
#[derive(Debug)]
struct Faulty {
    mode: String,
    operation: String,
    items: u32,
    skus: Vec<String>,
    /// What is to be written, and what is expected to be there.
    numbers: Vec<(i64, Option<i64>)>,
    /// Where each item is, and what it is a part of; empty where the host does not say.
    addresses: Vec<(String, String)>,
    steps: u32,
    settings: Value,
    /// The store's answer, where it was asked.
    said: Option<String>,
}

impl Connector for Faulty {
    fn manifest() -> Manifest {
        Manifest {
            settings: json!({
                "type": "object",
                "properties": {
                    "mode": { "type": "string", "enum": MODES },
                    "only": { "type": "string", "description": "the operation to misbehave in; without it every one" },
                    "manifest": { "type": "object", "description": "laid over the manifest, as the effective one" },
                    "held": { "type": "integer", "description": "units that open orders hold of every listing" },
                    "addresses": { "type": "object", "description": "by store SKU, what `resolve` answers: lists of address and parent" },
                    "gone": { "type": "array", "description": "addresses where nothing is any more" },
                    "ticket": { "type": "string", "description": "what the mode `accepts` gives for each item" },
                    "polled": { "type": "string", "description": "what `poll` answers of each item: sent, failed or accepted" },
                    "orders": { "type": "array", "description": "what `orders` and `webhook` tell" },
                    "unsigned": { "type": "boolean", "description": "whether `webhook` tells orders without asking for a signature" },
                    "url": { "type": "string", "description": "where the modes `echoes` and `asks` send their requests" },
                },
                "required": ["mode"],
                "additionalProperties": false,
            }),
            secrets: json!({ "type": "object", "properties": { "token": { "type": "string" } } }),
            hosts: vec!["shop.example".to_owned()],
            ..Manifest::new("faulty", env!("CARGO_PKG_VERSION"), &["check", "read", "write", "listings"])
        }
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        let setting =
            |name: &str| config.settings.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let mode = setting("mode").ok_or("the setting `mode` is missing")?;
        match mode.as_str() {
            "panic-in-open" => modes::explode("on purpose, in `open`"),
            "refuses-to-open" => Err("this shop is closed".to_owned()),
            mode if !MODES.contains(&mode) => Err(format!("no mode `{mode}`")),
            _ => {
                let operation = setting("only").unwrap_or_default();
                Ok(Self {
                    mode,
                    operation,
                    items: 0,
                    skus: Vec::new(),
                    numbers: Vec::new(),
                    addresses: Vec::new(),
                    steps: 0,
                    settings: config.settings,
                    said: None,
                })
            }
        }
    }

    fn effective_manifest(&self) -> Option<Manifest> {
        let laid_over = self.settings.get("manifest")?.as_object()?;
        let mut manifest = serde_json::to_value(Self::manifest()).ok()?;
        manifest.as_object_mut()?.extend(laid_over.clone());
        serde_json::from_value(manifest).ok()
    }

    fn step(&mut self, input: Input<'_>) -> Result<Answer, Fault> {
        self.steps += 1;
        if let EventKind::Start { operation, .. } = &input.event.kind {
            if !self.operation.is_empty() && self.operation != *operation {
                self.mode = "good".to_owned();
            }
            operation.clone_into(&mut self.operation);
            // A session may be used again.
            (self.items, self.steps, self.said) = (0, 1, None);
            self.skus.clear();
            self.numbers.clear();
            self.addresses.clear();
        }
        match &input.event.kind {
            EventKind::Failed { message, .. } => return Ok(Answer::refused(message.clone())),
            EventKind::Response { .. } => self.said = Some(String::from_utf8_lossy(input.body).into_owned()),
            _ => {}
        }
        self.take(&input);
        if input.event.more_rows {
            return Ok(Answer::nothing());
        }
        if let Some(answer) = self.shop(&input.event.kind) {
            return Ok(answer);
        }
        self.misbehave()
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        if self.mode == "panic-in-drop" {
            modes::explode::<()>("on purpose, in `drop`");
        }
    }
}
