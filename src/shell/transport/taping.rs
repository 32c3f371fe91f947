//! Requests on a transcript: written beside what is sent, or answered from one in the store's place.

use super::exchange::{Answer, Filled, Line};
use super::refresh::take;
use super::trouble::{Trouble, refused};
use crate::shell::net::{Asked, Came, Tape};
use crate::shell::secrets::Secrets;
use stocksync_sdk::message::Http;

/// What a connector may be told, of a transcript that anybody may have written.
const KINDS: &[&str] = &["timeout", "connect", "tls", "too-large", "refused"];

impl Line {
    /// Whether nothing is sent at all.
    pub(super) fn replays(&self) -> bool {
        matches!(self.ground.tape.as_deref(), Some(Tape::Replay(_)))
    }

    /// Sends a request once, or takes its answer from a transcript.
    pub(super) async fn once(&self, http: &Http, filled: &Filled) -> Result<Answer, Trouble> {
        let Some(tape) = &self.ground.tape else { return self.sent(filled).await };
        let store = self.keys.vault().store();
        match tape.as_ref() {
            Tape::Replay(player) => {
                let came = player.answer(store, &self.asked(filled));
                came.ok_or_else(|| refused("the request is not in the transcript")).and_then(replayed)
            }
            Tape::Record(recorder) => {
                let answer = self.sent(filled).await;
                recorder.write(store, self.asked(filled), self.came(http, &answer));
                answer
            }
        }
    }

    fn asked(&self, filled: &Filled) -> Asked {
        let hide = |text: &str| self.keys.vault().redact(text);
        Asked {
            method: filled.method.to_string(),
            url: hide(&filled.address),
            headers: filled.headers.iter().map(|(name, value)| (name.clone(), hide(value))).collect(),
            body: hide(&String::from_utf8_lossy(&filled.body)),
        }
    }

    /// What came, without the secrets that are known and those that it brings.
    fn came(&self, http: &Http, answer: &Result<Answer, Trouble>) -> Came {
        let hide = |text: &str| self.keys.vault().redact(text);
        match answer {
            Err(Trouble { kind, message }) => {
                Came::Failed { kind: (*kind).to_owned(), message: hide(message) }
            }
            Ok(answer) => {
                let mut answer = answer.clone();
                let fresh = take(&http.save_secret, &mut answer, 0);
                let fresh = Secrets::new(fresh.into_iter().map(|fresh| (fresh.name, fresh.value)).collect());
                let hide = |text: &str| fresh.redact(&hide(text));
                Came::Response {
                    status: answer.status,
                    headers: answer.headers.iter().map(|(name, value)| (name.clone(), hide(value))).collect(),
                    body: hide(&String::from_utf8_lossy(&answer.body)),
                }
            }
        }
    }
}

fn replayed(came: Came) -> Result<Answer, Trouble> {
    match came {
        Came::Response { status, headers, body } => Ok(Answer { status, headers, body: body.into_bytes() }),
        Came::Failed { kind, message } => {
            let kind = KINDS.iter().find(|known| **known == kind).copied().unwrap_or("io");
            Err(Trouble { kind, message })
        }
    }
}
