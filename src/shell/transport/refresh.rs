//! A request whose answer brings new secrets: one at a time for a store, and on disk before anything else happens.

use super::exchange::{Answer, Line};
use super::trouble::{Trouble, refused, timeout};
use crate::shell::secrets::{Fresh, Refresh};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use stocksync_sdk::message::{Http, SaveSecret};

/// How long somebody else's refresh is waited for, in milliseconds.
const LOCK_MS_MAX: u64 = 180_000;
/// The longest pause between two looks.
const LOOK_MS_MAX: u64 = 200;
/// What a connector sees in a secret's place.
const TAKEN: &str = "***";
/// A life above this is a moment: so many seconds after 1970 it was 2001.
const MOMENT_SECONDS_MIN: i64 = 1_000_000_000;

impl Line {
    /// Sends it, unless somebody else has refreshed meanwhile, and keeps what it brings.
    pub(super) async fn refresh(self: &Arc<Self>, http: Http, body: Vec<u8>) -> Result<Answer, Trouble> {
        if self.replays() {
            // What a transcript says is no secret, and nothing is kept of it.
            return self.exchange(&self.keys.secrets(), &http, body).await;
        }
        let turn = self.turn().await?;
        let line = Arc::clone(self);
        // A session that ends meanwhile ends this not: the old secrets may be used up, and the new ones are in the answer.
        let work = async move {
            let _seat = line.ground.finishing.seat().await;
            line.refresh_in_turn(turn, http, body).await
        };
        tokio::spawn(work).await.unwrap_or_else(|_| Err(refused("the refresh of the secrets broke off")))
    }

    /// Waits for the right to refresh.
    async fn turn(&self) -> Result<Refresh, Trouble> {
        let (mut waited, mut pause) = (0, 5);
        loop {
            if let Some(turn) = self.keys.vault().try_refresh().map_err(refused)? {
                return Ok(turn);
            }
            if waited >= LOCK_MS_MAX {
                return Err(timeout(
                    "another process did not end its refresh of the store's secrets",
                    waited,
                ));
            }
            tokio::time::sleep(Duration::from_millis(pause)).await;
            waited += pause;
            pause = LOOK_MS_MAX.min(pause * 2);
        }
    }

    async fn refresh_in_turn(&self, turn: Refresh, http: Http, body: Vec<u8>) -> Result<Answer, Trouble> {
        let loaded = self.keys.vault().load().map_err(|faults| refused(faults.join("; ")))?;
        let names = http.save_secret.iter().map(|save| save.name.as_str());
        let known = self.keys.secrets();
        self.keys.adopt(&loaded);
        if !loaded.secrets.agrees(&known, names) {
            let message = "the secrets were refreshed meanwhile".to_owned();
            return Err(Trouble { kind: "refreshed", message });
        }
        let mut answer = self.exchange(&loaded.secrets, &http, body).await?;
        let fresh = match answer.status {
            200..300 => take(&http.save_secret, &mut answer, now()),
            _ => Vec::new(),
        };
        if !fresh.is_empty() {
            let saved = tokio::task::spawn_blocking(move || turn.save(&fresh)).await;
            let saved = saved.unwrap_or_else(|_| Err("the new secrets could not be kept".to_owned()));
            self.keys.adopt(&saved.map_err(|message| Trouble { kind: "io", message })?);
        }
        Ok(answer)
    }
}

/// The secrets in an answer, taken out of it.
pub(super) fn take(wanted: &[SaveSecret], answer: &mut Answer, now_ms: i64) -> Vec<Fresh> {
    let mut fresh = take_headers(wanted, &mut answer.headers);
    fresh.extend(take_fields(wanted, &mut answer.body, now_ms));
    fresh
}

fn take_headers(wanted: &[SaveSecret], headers: &mut [(String, String)]) -> Vec<Fresh> {
    let taken = |save: &SaveSecret| {
        let header = save.pointer.strip_prefix(SaveSecret::HEADER)?;
        let (_, value) = headers.iter_mut().find(|(name, _)| name == header)?;
        let value = std::mem::replace(value, TAKEN.to_owned());
        Some(Fresh { name: save.name.clone(), value, expires_ms: None })
    };
    wanted.iter().filter_map(taken).collect()
}

fn take_fields(wanted: &[SaveSecret], body: &mut Vec<u8>, now_ms: i64) -> Vec<Fresh> {
    let Ok(mut answer) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let life = |save: &SaveSecret| expires(answer.pointer(save.expires_pointer.as_deref()?)?, now_ms);
    let lives: Vec<Option<i64>> = wanted.iter().map(life).collect();
    let mut fresh = Vec::new();
    for (save, expires_ms) in wanted.iter().zip(lives) {
        let place = answer.pointer_mut(&save.pointer).filter(|place| place.is_string() || place.is_number());
        let Some(place) = place else { continue };
        let value = match place.take() {
            Value::String(text) => text,
            other => other.to_string(),
        };
        *place = Value::from(TAKEN);
        fresh.push(Fresh { name: save.name.clone(), value, expires_ms });
    }
    if !fresh.is_empty() {
        *body = answer.to_string().into_bytes();
    }
    fresh
}

/// The end of a life in milliseconds since 1970, of its seconds or its last moment.
fn expires(told: &Value, now_ms: i64) -> Option<i64> {
    let told = told
        .as_i64()
        .or_else(|| told.as_f64().map(|told| told as i64))
        .or_else(|| told.as_str()?.parse().ok())?;
    let milliseconds = told.checked_mul(1_000)?;
    if told > MOMENT_SECONDS_MIN { Some(milliseconds) } else { now_ms.checked_add(milliseconds) }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn save(name: &str, pointer: &str, expires: Option<&str>) -> SaveSecret {
        SaveSecret {
            name: name.to_owned(),
            pointer: pointer.to_owned(),
            expires_pointer: expires.map(str::to_owned),
        }
    }

    #[test]
    fn secrets_are_taken_out_of_an_answer() {
        let mut body = json!({ "data": { "access": "a1", "refresh": 12, "life": 60 }, "other": true });
        let wanted = [
            save("access", "/data/access", Some("/data/life")),
            save("refresh", "/data/refresh", None),
            save("missing", "/data/none", None),
            save("object", "/data", None),
        ];
        let mut bytes = body.to_string().into_bytes();
        let fresh = take_fields(&wanted, &mut bytes, 1_000);
        let told: Vec<_> = fresh.iter().map(|f| (f.name.as_str(), f.value.as_str(), f.expires_ms)).collect();
        assert_eq!(told, [("access", "a1", Some(61_000)), ("refresh", "12", None)]);
        *body.pointer_mut("/data/access").unwrap() = json!("***");
        *body.pointer_mut("/data/refresh").unwrap() = json!("***");
        assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), body);
    }

    #[test]
    fn a_secret_may_stand_in_a_header() {
        let mut headers =
            [("x-other", "o"), ("x-token", "t1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let fresh = take_headers(
            &[save("token", "header:x-token", None), save("none", "header:x-none", None)],
            &mut headers,
        );
        let told: Vec<_> = fresh.iter().map(|f| (f.name.as_str(), f.value.as_str(), f.expires_ms)).collect();
        assert_eq!(told, [("token", "t1", None)]);
        assert_eq!(headers.map(|(_, value)| value), ["o", "***"]);
    }

    #[test]
    fn an_answer_without_them_stays_as_it_is() {
        for text in ["{ \"error\" : 1.0 }", "no json", ""] {
            let mut bytes = text.as_bytes().to_vec();
            assert!(take_fields(&[save("a", "/a", None)], &mut bytes, 0).is_empty());
            assert_eq!(bytes, text.as_bytes());
        }
    }

    #[test]
    fn a_life_is_seconds_or_a_moment() {
        for (told, expected) in [
            (json!(14_400), Some(14_401_000)),
            (json!("60"), Some(61_000)),
            (json!(60.0), Some(61_000)),
            (json!(1_700_000_000), Some(1_700_000_000_000)),
            (json!("soon"), None),
            (json!(i64::MAX), None),
        ] {
            assert_eq!(expires(&told, 1_000), expected, "{told}");
        }
    }
}
