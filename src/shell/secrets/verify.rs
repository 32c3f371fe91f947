//! Whether a webhook is signed by who knows the secret.

use super::{Secrets, Signs, sign};
use stocksync_sdk::message::Verify;

const BODY: &str = "{{body}}";

impl Secrets {
    /// Makes the signature that a webhook should have, and compares it in a time that does not tell where they differ.
    ///
    /// # Errors
    /// A placeholder that cannot be filled in, or an algorithm or encoding that is not known.
    pub fn verify(&self, wanted: &Verify, body: &[u8]) -> Result<bool, String> {
        let none = Signs::default();
        let mut text = Vec::new();
        for (at, piece) in wanted.text.split(BODY).enumerate() {
            if at > 0 {
                text.extend_from_slice(body);
            }
            text.extend_from_slice(self.fill(piece, &none)?.as_bytes());
        }
        let key = self.fill(&wanted.key, &none)?;
        let expected = sign::make(&wanted.alg, key.as_bytes(), &text, &wanted.encoding)?;
        Ok(is_same(expected.as_bytes(), wanted.expected.as_bytes()))
    }
}

/// Whether two are the same, in a time that does not tell where they differ.
pub(in crate::shell) fn is_same(ours: &[u8], theirs: &[u8]) -> bool {
    let different = ours.iter().zip(theirs).fold(0, |sum, (ours, theirs)| sum | (ours ^ theirs));
    // The optimizer must not stop at the first difference.
    ours.len() == theirs.len() && std::hint::black_box(different) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        Secrets::new([("key".to_owned(), "Jefe".to_owned())].into())
    }

    fn wanted(text: &str, expected: &str) -> Verify {
        let (alg, key, encoding) = ("hmac-sha256".to_owned(), "{{secret:key}}".to_owned(), "hex".to_owned());
        Verify { id: 1, alg, key, text: text.to_owned(), encoding, expected: expected.to_owned() }
    }

    // RFC 4231, case 2.
    const SIGNED: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

    #[test]
    fn the_body_is_taken_as_it_came() {
        let check = |text: &str, body: &[u8], expected: &str, right: bool| {
            assert_eq!(secrets().verify(&wanted(text, expected), body), Ok(right), "{text}");
        };
        check("{{body}}", b"what do ya want for nothing?", SIGNED, true);
        check("what {{body}} for nothing?", b"do ya want", SIGNED, true);
        check("{{body}}", b"what do ya want for nothing!", SIGNED, false);
        check("{{body}}", b"what do ya want for nothing?", "", false);
        check("{{body}}", b"what do ya want for nothing?", &SIGNED[1..], false);
        // A body is not filled in: whoever sends it would be told by the answer whether he guessed a secret.
        let of_text = sign::make("hmac-sha256", b"Jefe", b"{{secret:key}}", "hex").unwrap_or_default();
        check("{{body}}", b"{{secret:key}}", &of_text, true);
    }

    #[test]
    fn what_cannot_be_compared_is_said() {
        let other = Verify { key: "{{secret:none}}".to_owned(), ..wanted("", "") };
        assert!(secrets().verify(&other, b"").is_err());
        let other = Verify { alg: "md5".to_owned(), ..wanted("", "") };
        assert!(secrets().verify(&other, b"").is_err());
    }
}
