//! A connector that misbehaves on purpose, as its setting `mode` says: for the tests of the host.

mod modes;
mod pages;

use modes::MODES;
use serde_json::json;
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
    steps: u32,
}

impl Connector for Faulty {
    fn manifest() -> Manifest {
        Manifest {
            settings: json!({
                "type": "object",
                "properties": {
                    "mode": { "type": "string", "enum": MODES },
                    "only": { "type": "string", "description": "the operation to misbehave in; without it every one" },
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
                Ok(Self { mode, operation, items: 0, skus: Vec::new(), steps: 0 })
            }
        }
    }

    fn step(&mut self, input: Input<'_>) -> Result<Answer, Fault> {
        self.steps += 1;
        if let EventKind::Start { operation, .. } = &input.event.kind {
            if !self.operation.is_empty() && self.operation != *operation {
                self.mode = "good".to_owned();
            }
            operation.clone_into(&mut self.operation);
        }
        self.take(&input);
        if input.event.more_rows {
            return Ok(Answer::nothing());
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
