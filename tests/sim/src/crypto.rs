//! What marketplaces sign with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// HMAC-SHA256.
#[must_use]
pub fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    mac::<Hmac<Sha256>>(key, text)
}

/// HMAC-SHA1.
#[must_use]
pub fn hmac_sha1(key: &[u8], text: &[u8]) -> Vec<u8> {
    mac::<Hmac<Sha1>>(key, text)
}

/// SHA-256.
#[must_use]
pub fn sha256(text: &[u8]) -> Vec<u8> {
    Sha256::digest(text).to_vec()
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Base64 with padding.
#[must_use]
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// What base64 stands for, if it is base64 of a text.
#[must_use]
pub fn base64_text(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text).ok()?).ok()
}

fn mac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2; RFC 2202, test case 2.
    #[test]
    fn known_answers() {
        let (key, text) = (b"Jefe", b"what do ya want for nothing?");
        assert_eq!(
            hex(&hmac_sha256(key, text)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(hex(&hmac_sha1(key, text)), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(base64_text(&base64(b"a:b")).as_deref(), Some("a:b"));
    }
}
