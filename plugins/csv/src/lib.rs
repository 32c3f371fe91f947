//! A store that is a CSV file with the columns `store_sku` and `quantity`: the smallest real connector, the one to copy.
//!
//! Everything else in the file — other columns, the order of rows, quotes, line ends, a BOM — stays byte for byte as it is; only the
//! quantity cells that change are written anew, and the file is replaced in one piece. The file is read and written as a stream.

mod bare;
mod file;
mod read;
mod records;
mod seen;
mod skus;
mod write;

use read::Read;
use serde_json::json;
use stocksync_sdk::message::{Bounds, EventKind, Manifest, OpenConfig, WriteKind};
use stocksync_sdk::{Answer, Connector, Fault, Input};
use write::Write;

stocksync_sdk::export_connector!(Csv);

/// The largest quantity: every whole number up to it survives spreadsheets and JSON.
const QUANTITY_MAX: i64 = 9_007_199_254_740_991;

/// A session on one file.
#[derive(Debug)]
struct Csv {
    path: String,
    operation: Operation,
}

#[derive(Debug)]
enum Operation {
    Idle,
    Read(Box<Read>),
    Write(Box<Write>),
    Over,
}

impl Connector for Csv {
    fn manifest() -> Manifest {
        Manifest {
            settings: json!({
                "type": "object",
                "properties": { "path": { "type": "string", "description": "the file, relative to the project's folder" } },
                "required": ["path"],
                "additionalProperties": false,
            }),
            secrets: json!({ "type": "object", "properties": {}, "additionalProperties": false }),
            quantity: Bounds { min: 0, max: QUANTITY_MAX as u64 },
            write: WriteKind { conditional: true, ..WriteKind::default() },
            ..Manifest::new("csv", env!("CARGO_PKG_VERSION"), &["check", "read", "write", "listings"])
        }
    }

    fn open(config: OpenConfig) -> Result<Self, String> {
        match config.settings.get("path").and_then(|path| path.as_str()) {
            Some(path) if !path.is_empty() => Ok(Self { path: path.to_owned(), operation: Operation::Idle }),
            _ => Err("the setting `path` must name a file".to_owned()),
        }
    }

    fn step(&mut self, input: Input<'_>) -> Result<Answer, Fault> {
        if let EventKind::Start { operation, entropy, .. } = &input.event.kind {
            self.start(operation, entropy)?;
        }
        let answer = match &mut self.operation {
            Operation::Idle => return Err(Fault::wrong_state("no operation has started")),
            Operation::Over => return Err(Fault::wrong_state("the operation is over")),
            Operation::Read(read) => read.step(&input)?,
            Operation::Write(write) => write.step(&input)?,
        };
        if answer.is_done() {
            self.operation = Operation::Over;
        }
        Ok(answer)
    }
}

impl Csv {
    fn start(&mut self, operation: &str, entropy: &str) -> Result<(), Fault> {
        if !matches!(self.operation, Operation::Idle) {
            return Err(Fault::wrong_state("an operation has started already"));
        }
        let path = self.path.clone();
        self.operation = match operation {
            "check" => Operation::Read(Box::new(Read::to_check(path, entropy))),
            "read" | "listings" => Operation::Read(Box::new(Read::new(path, entropy))),
            "write" => Operation::Write(Box::new(Write::new(path, entropy))),
            _ => return Err(Fault::bad_input(format!("the operation `{operation}` is not supported"))),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests;
