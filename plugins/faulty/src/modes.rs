//! What each mode does.

use crate::Faulty;
use crate::pages::{outcomes, quantity, shelf};
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::message::{Action, BodyRange, Http};
use stocksync_sdk::{Answer, Fault};

/// All modes. Those of the boundary itself (bad rows, garbage for JSON) are libraries in C, in `c/`: the SDK lets no such thing out.
pub(crate) const MODES: &[&str] = &[
    "good",
    "panic",
    "panic-in-open",
    "panic-in-drop",
    "refuses-to-open",
    "endless-actions",
    "endless-rows",
    "endless-waits",
    "huge-output",
    "many-actions",
    "unknown-index",
    "duplicate-index",
    "missing-items",
    "lies-outcome",
    "hang",
    "overflow",
    "abort",
    "wrong-status",
    "asks-outside",
    "asks-absolute",
    "writes-outside",
    "writes-absolute",
    "writes-uncommitted",
    "http-elsewhere",
    "negative-quantity",
    "never-done",
    "secret-echo",
    "bad-body-range",
    "unknown-sku",
    "not-found",
    "fails-whole",
    "escapes-in-text",
    "twice",
    "accepts",
    "silent",
    "refuses-dead",
    "tells",
    "echoes",
    "asks",
];

impl Faulty {
    pub(crate) fn misbehave(&self) -> Result<Answer, Fault> {
        let last = self.items.saturating_sub(1);
        let all: Vec<u32> = (0..self.items).collect();
        let done = Answer::done();
        Ok(match self.mode.as_str() {
            "panic" => explode("on purpose, in `step`"),
            "hang" => hang(),
            "overflow" => overflow(&[self.steps; 256]),
            "abort" => std::process::abort(),
            "wrong-status" => return Err(Fault::wrong_state("not now")),
            "never-done" => Answer::nothing(),
            "endless-actions" => Answer::nothing().read_file(self.steps, "stocksync.yaml"),
            "endless-rows" => Answer::more_rows(self.good()),
            "endless-waits" => Answer::nothing().action(Action::Wait { id: self.steps, seconds: 0.0 }),
            "many-actions" => {
                (0..100_000).fold(Answer::nothing(), |answer, id| answer.read_file(id, "x.csv"))
            }
            "huge-output" => Answer { bodies: vec![0; 512 << 20], ..done.rows(self.good()) },
            "unknown-index" => done.rows(outcomes(&[self.items, u32::MAX], SENT, "")),
            "duplicate-index" => done.rows(outcomes(&[all, vec![last]].concat(), SENT, "")),
            "missing-items" => done.rows(outcomes(all.get(1..).unwrap_or_default(), SENT, "")),
            "lies-outcome" => done.rows(outcomes(&all, 99, "")),
            "not-found" => done.rows(outcomes(&all, FAILED, "not-found: no such listing")),
            "secret-echo" => done.rows(outcomes(&all, FAILED, "rejected: {{secret:token}}")),
            "escapes-in-text" => done.rows(outcomes(&all, FAILED, "rejected: \u{1b}[2J\r\nsent\u{7}")),
            "negative-quantity" => done.rows(self.quantities(-5)),
            "unknown-sku" => done.rows(quantity("nobody-asked", 1)),
            "asks-outside" => Answer::nothing().read_file(1, "../../etc/passwd"),
            "asks-absolute" => Answer::nothing().read_file(1, "/etc/passwd"),
            "writes-outside" => writes("../outside.csv").commit(1, "../outside.csv"),
            "writes-absolute" => writes("/tmp/stocksync-outside.csv").commit(1, "/tmp/stocksync-outside.csv"),
            "writes-uncommitted" => writes("stores/new.csv")
                .rows(self.good())
                .action(Action::Done { error: None, nothing_written: false }),
            "http-elsewhere" => Answer::nothing().http(elsewhere(), b""),
            "bad-body-range" => Answer::nothing().action(Action::WriteFile {
                id: 1,
                path: "stores/new.csv".to_owned(),
                append: BodyRange { offset: u64::MAX, len: 2 },
                commit: true,
            }),
            "twice" => done.rows(self.twice()),
            "accepts" => done.rows(self.accepted()),
            "silent" if self.steps == 1 => writes("stores/silent.csv").commit(1, "stores/silent.csv"),
            "silent" => done,
            "refuses-dead" if self.skus.iter().any(|sku| sku.starts_with("DEAD")) => {
                done.rows(outcomes(&all, FAILED, "rejected: one of them is dead"))
            }
            "tells" => done.rows(self.told()),
            "echoes" => match &self.said {
                None => Answer::nothing().http(self.echo(), self.skus.join(" ").as_bytes()),
                Some(said) if self.operation == "write" => {
                    done.rows(outcomes(&all, FAILED, &format!("rejected: {said}")))
                }
                Some(said) => Answer::failed(said.clone()),
            },
            "asks" if self.operation == "read" => match &self.said {
                None => Answer::nothing().http(self.ask(), b""),
                Some(said) => done.rows(shelf(said)),
            },
            // "good": though no read will show what it says to have sent.
            _ => done.rows(self.good()),
        })
    }
}

impl Faulty {
    /// A request with the secret in every form, which the tests' server says back.
    fn echo(&self) -> Http {
        let url = self.settings.get("url").and_then(serde_json::Value::as_str).unwrap_or_default();
        Http {
            id: 1,
            method: "POST".to_owned(),
            url: format!("{url}/{{{{secret:token|percent}}}}"),
            headers: vec![("x-token".to_owned(), "{{secret:token}} {{secret:token|base64}}".to_owned())],
            ..Http::default()
        }
    }
}

impl Faulty {
    /// A read of everything, with the secret where secrets stand.
    fn ask(&self) -> Http {
        let url = self.settings.get("url").and_then(serde_json::Value::as_str).unwrap_or_default();
        Http {
            id: 1,
            method: "GET".to_owned(),
            url: format!("{url}/stock?key={{{{secret:token|percent}}}}"),
            headers: vec![("authorization".to_owned(), "Bearer {{secret:token}}".to_owned())],
            idempotent: true,
            ..Http::default()
        }
    }
}

fn writes(path: &str) -> Answer {
    Answer::nothing().append(1, path, b"gotcha\n")
}

fn elsewhere() -> Http {
    Http {
        id: 1,
        method: "GET".to_owned(),
        url: "https://elsewhere.example/{{secret:token}}".to_owned(),
        ..Http::default()
    }
}

#[expect(clippy::panic, reason = "this is what the tests of the host are about")]
pub(crate) fn explode<T>(message: &str) -> T {
    panic!("{message}")
}

/// Calls itself until the stack is used up.
#[expect(unconditional_recursion, reason = "this is what the tests of the host are about")]
fn overflow(frame: &[u32; 256]) -> ! {
    let next = std::hint::black_box(frame).map(|word| word.wrapping_add(1));
    overflow(std::hint::black_box(&next))
}

/// Does not come back, and takes no time of the processor.
fn hang() -> ! {
    loop {
        std::thread::park();
    }
}
