//! Who may ask, and how often: bearer tokens, compared in a time that tells nothing, and a pace for each.

use super::fault::Fault;
use crate::config::Secret;
use crate::dispatch::{CallLimits, Pace};
use crate::shell::secrets;
use axum::http::StatusCode;
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A token shorter than this can be guessed, in bytes.
const TOKEN_BYTES_MIN: usize = 16;

/// Everybody who may ask.
pub struct Callers {
    known: Vec<Known>,
    /// Of all who have no token, or a wrong one.
    strangers: Mutex<Pace>,
    began: Instant,
}

struct Known {
    name: String,
    /// Of the token: what is compared has one length, and where two differ says nothing of the token.
    digest: [u8; 32],
    pace: Mutex<Pace>,
}

/// Who asks, by the name of the token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Caller(pub(super) String);

impl fmt::Debug for Callers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.known.iter().map(|known| &known.name)).finish()
    }
}

impl Callers {
    /// Reads the tokens.
    ///
    /// # Errors
    /// A line for each that cannot be used; never a token.
    pub fn read(
        root: &Path,
        tokens: &[(String, Secret)],
        requests_per_second: u32,
    ) -> Result<Self, Vec<String>> {
        let (mut known, mut faults) = (Vec::<Known>::new(), Vec::new());
        for (name, secret) in tokens {
            match read_token(root, secret) {
                Ok(digest) => match known.iter().find(|known| known.digest == digest) {
                    Some(same) => {
                        faults.push(format!("the tokens `{}` and `{name}` are the same", same.name))
                    }
                    None => known.push(Known { name: name.clone(), digest, pace: pace(requests_per_second) }),
                },
                Err(what) => faults.push(format!("the token `{name}` {what}")),
            }
        }
        let strangers = pace(requests_per_second);
        if faults.is_empty() { Ok(Self { known, strangers, began: Instant::now() }) } else { Err(faults) }
    }

    /// Whether everybody who reaches the daemon may ask.
    pub(super) fn is_open(&self) -> bool {
        self.known.is_empty()
    }

    /// Who asks, by the `Authorization` that a request brings.
    pub(super) fn admit(&self, authorization: Option<&[u8]>) -> Result<Caller, Fault> {
        if self.is_open() {
            self.take_turn(&self.strangers)?;
            return Ok(Caller("local".to_owned()));
        }
        let found = self.find(authorization);
        self.take_turn(found.map_or(&self.strangers, |known| &known.pace))?;
        match (found, authorization) {
            (Some(known), _) => Ok(Caller(known.name.clone())),
            (None, Some(_)) => Err(Fault::new(StatusCode::UNAUTHORIZED, "this is none of the tokens")
                .with_help("tokens are named under `serve.tokens` in `stocksync.yaml`")),
            (None, None) => Err(Fault::new(StatusCode::UNAUTHORIZED, "a token is missing")
                .with_help("send `Authorization: Bearer TOKEN`")),
        }
    }

    /// Whether a request is of somebody known; it costs no turn.
    pub(super) fn is_known(&self, authorization: Option<&[u8]>) -> bool {
        self.is_open() || self.find(authorization).is_some()
    }

    fn find(&self, authorization: Option<&[u8]>) -> Option<&Known> {
        let digest = digest(bearer(authorization?)?);
        // All of them are compared, so that the time does not tell which came close.
        let mut found = None;
        for known in &self.known {
            if secrets::is_same(&digest, &known.digest) {
                found = Some(known);
            }
        }
        found
    }

    fn take_turn(&self, pace: &Mutex<Pace>) -> Result<(), Fault> {
        let now = self.began.elapsed();
        let turn = pace.lock().unwrap_or_else(PoisonError::into_inner).take(0.0, now);
        turn.map_err(|ready| Fault::busy("too many requests", ready.saturating_sub(now)))
    }
}

fn pace(requests_per_second: u32) -> Mutex<Pace> {
    let limits =
        CallLimits { requests_per_second: f64::from(requests_per_second), burst: requests_per_second };
    Mutex::new(Pace::new(limits, 0.0))
}

fn read_token(root: &Path, secret: &Secret) -> Result<[u8; 32], String> {
    let token = secrets::read(root, secret)?;
    if token.len() < TOKEN_BYTES_MIN {
        return Err(format!(
            "has fewer than {TOKEN_BYTES_MIN} bytes: `openssl rand -hex 32` makes a good one"
        ));
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("holds what cannot stand in a header: letters, digits and signs only".to_owned());
    }
    Ok(digest(token.as_bytes()))
}

fn digest(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// The token in `Bearer TOKEN`; the word is read in any case.
fn bearer(authorization: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = authorization.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then(|| token.trim_ascii())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const ONE: &str = "0123456789abcdef";
    const TWO: &str = "fedcba9876543210";

    fn callers(tokens: &[(&str, &str)], per_second: u32) -> Result<Callers, Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let mut named = Vec::new();
        for (name, token) in tokens {
            fs::write(folder.path().join(name), format!("{token}\n")).unwrap();
            named.push(((*name).to_owned(), Secret::File((*name).to_owned())));
        }
        Callers::read(folder.path(), &named, per_second)
    }

    fn admit(callers: &Callers, header: &str) -> Result<String, u16> {
        let header = Some(header.as_bytes()).filter(|header| !header.is_empty());
        callers.admit(header).map(|caller| caller.0).map_err(|fault| fault.status.as_u16())
    }

    #[test]
    fn a_token_names_its_caller_and_nothing_else_does() {
        let callers = callers(&[("shop", ONE), ("wms", TWO)], 1_000).unwrap();
        assert_eq!(admit(&callers, &format!("Bearer {ONE}")), Ok("shop".to_owned()));
        assert_eq!(admit(&callers, &format!("bearer  {TWO} ")), Ok("wms".to_owned()));
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "Basic 0123456789abcdef",
            ONE,
            "Bearer 0123456789abcde",
            "Bearer 0123456789abcdeff",
            "Bearer é",
        ] {
            assert_eq!(admit(&callers, wrong), Err(401), "{wrong}");
        }
        assert!(!format!("{callers:?}").contains(ONE));
    }

    #[test]
    fn tokens_that_protect_nothing_are_refused_unseen() {
        let said =
            callers(&[("a", "short"), ("b", "with a space in it"), ("c", ONE), ("d", ONE)], 1).unwrap_err();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said.iter().all(|line| !line.contains(ONE) && !line.contains("short")), "{said:?}");
        assert!(said[2].contains("`c` and `d` are the same"));
        let missing = [("e".to_owned(), Secret::File("no such file".to_owned()))];
        assert!(Callers::read(Path::new("."), &missing, 1).is_err());
    }

    #[test]
    fn who_comes_too_often_waits_and_nobody_else_does() {
        let callers = callers(&[("shop", ONE), ("wms", TWO)], 2).unwrap();
        let shop = format!("Bearer {ONE}");
        assert_eq!([admit(&callers, &shop), admit(&callers, &shop)].map(|told| told.is_ok()), [true, true]);
        let fault = callers.admit(Some(shop.as_bytes())).unwrap_err();
        assert_eq!(fault.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(fault.retry_after.is_some_and(|wait| wait <= std::time::Duration::from_secs(1)));
        assert!(admit(&callers, &format!("Bearer {TWO}")).is_ok());
        // Guessing is slow too.
        assert_eq!([(); 3].map(|()| admit(&callers, "Bearer wrong")), [Err(401), Err(401), Err(429)]);
    }

    #[test]
    fn without_tokens_everybody_is_local() {
        let callers = callers(&[], 1).unwrap();
        assert_eq!(admit(&callers, ""), Ok("local".to_owned()));
        assert_eq!(admit(&callers, ""), Err(429));
    }
}
