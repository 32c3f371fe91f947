//! Signatures that a marketplace wants, made of texts and keys that the connector does not see.

use super::Secrets;
use crate::hex::hex;
use crate::shell::base64;
use crate::shell::fault::clean;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use stocksync_sdk::message::Sign;

/// Signatures of one request.
pub(super) const SIGNS_MAX: usize = 8;

/// The signatures of one request, by name.
#[derive(Default)]
pub struct Signs(BTreeMap<String, String>);

impl Signs {
    /// One of them.
    pub(super) fn get(&self, name: &str) -> Option<&String> {
        self.0.get(name)
    }
}

impl Secrets {
    /// Makes signatures in order; a later one may hold an earlier one.
    ///
    /// # Errors
    /// A placeholder that cannot be filled in, or an algorithm or encoding that is not known.
    pub fn sign(&self, wanted: &[Sign]) -> Result<Signs, String> {
        if wanted.len() > SIGNS_MAX {
            return Err(format!("a request has more than {SIGNS_MAX} signatures"));
        }
        let mut signs = Signs::default();
        for Sign { alg, key, text, encoding, into } in wanted {
            let (key, text) = (self.fill(key, &signs)?, self.fill(text, &signs)?);
            let made = make(alg, key.as_bytes(), text.as_bytes(), encoding)?;
            self.hidden.pass(&made);
            signs.0.insert(into.clone(), made);
        }
        Ok(signs)
    }
}

/// The signature of bytes, as text.
pub(super) fn make(alg: &str, key: &[u8], text: &[u8], encoding: &str) -> Result<String, String> {
    let bytes = match alg {
        "hmac-sha256" => hmac::<Hmac<Sha256>>(key, text)?,
        "hmac-sha1" => hmac::<Hmac<Sha1>>(key, text)?,
        "sha256" => Sha256::digest(text).to_vec(),
        "plain" => text.to_vec(),
        other => return Err(format!("there is no signature `{}`", clean(other))),
    };
    match encoding {
        "hex" => Ok(hex(&bytes)),
        "HEX" => Ok(hex(&bytes).to_ascii_uppercase()),
        "base64" => Ok(base64::encode(&bytes)),
        other => Err(format!("there is no encoding `{}` of a signature", clean(other))),
    }
}

fn hmac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Result<Vec<u8>, String> {
    let mac = <M as KeyInit>::new_from_slice(key)
        .map_err(|_| "the key of a signature has a wrong length".to_owned())?;
    Ok(mac.chain_update(text).finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests;
