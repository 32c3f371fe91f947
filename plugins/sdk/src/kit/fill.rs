//! Secrets filled in, signatures made and tokens kept, as the host does it.

use crate::message::{Http, SaveSecret, Verify};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Above this number of seconds an end of life is a moment, and not a span.
const MOMENT_SECONDS_MIN: f64 = 1e9;

type Texts = BTreeMap<String, String>;

/// A signature as the host makes it, for scripted marketplaces that check one: `alg` and `encoding` as of [`crate::message::Sign`].
///
/// # Errors
/// The algorithm or the encoding is none of those.
pub fn sign(alg: &str, key: &[u8], text: &[u8], encoding: &str) -> Result<String, String> {
    let digest = match alg {
        "sha256" => Sha256::digest(text).to_vec(),
        "plain" => text.to_vec(),
        "hmac-sha256" => mac::<Hmac<Sha256>>(key, text)?,
        "hmac-sha1" => mac::<Hmac<Sha1>>(key, text)?,
        other => return Err(format!("there is no algorithm `{other}`")),
    };
    let hex = || digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    match encoding {
        "hex" => Ok(hex()),
        "HEX" => Ok(hex().to_uppercase()),
        "base64" => Ok(base64(&digest)),
        other => Err(format!("there is no encoding `{other}`")),
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Result<Vec<u8>, String> {
    let mut mac = <M as KeyInit>::new_from_slice(key).map_err(|why| why.to_string())?;
    mac.update(text);
    Ok(mac.finalize().into_bytes().to_vec())
}

/// Makes a request ready to be sent.
pub(super) fn request(mut http: Http, body: &[u8], secrets: &Texts) -> Result<(Http, Vec<u8>), String> {
    let mut signs = Texts::new();
    for wanted in &http.sign {
        let (key, text) = (fill(&wanted.key, secrets, &signs)?, fill(&wanted.text, secrets, &signs)?);
        let made = sign(&wanted.alg, key.as_bytes(), text.as_bytes(), &wanted.encoding)?;
        signs.insert(wanted.into.clone(), made);
    }
    http.url = fill(&http.url, secrets, &signs)?;
    for (_, value) in &mut http.headers {
        *value = fill(value, secrets, &signs)?;
    }
    let body = match std::str::from_utf8(body) {
        Ok(text) => fill(text, secrets, &signs)?.into_bytes(),
        Err(_) => body.to_vec(),
    };
    Ok((http, body))
}

/// Whether a webhook's signature is right.
pub(super) fn is_right(verify: &Verify, body: &[u8], secrets: &Texts) -> Result<bool, String> {
    let none = Texts::new();
    let mut text = Vec::new();
    for (at, piece) in verify.text.split("{{body}}").enumerate() {
        if at > 0 {
            text.extend_from_slice(body);
        }
        text.extend_from_slice(fill(piece, secrets, &none)?.as_bytes());
    }
    let key = fill(&verify.key, secrets, &none)?;
    Ok(sign(&verify.alg, key.as_bytes(), &text, &verify.encoding)? == verify.expected)
}

/// Takes secrets out of a response; with each the moment it ends, in milliseconds since 1970, where the response tells.
pub(super) fn save(
    wanted: &[SaveSecret],
    headers: &mut [(String, String)],
    body: &mut Vec<u8>,
    now: i64,
) -> Vec<(String, String, Option<i64>)> {
    let mut saved = Vec::new();
    for SaveSecret { name, pointer, .. } in wanted {
        let Some(header) = pointer.strip_prefix(SaveSecret::HEADER) else { continue };
        if let Some((_, value)) = headers.iter_mut().find(|(of, _)| of == header) {
            saved.push((name.clone(), std::mem::replace(value, "***".to_owned()), None));
        }
    }
    let Ok(mut json) = serde_json::from_slice::<Value>(body) else { return saved };
    let in_headers = saved.len();
    for SaveSecret { name, pointer, expires_pointer } in wanted {
        let life = expires_pointer.as_deref().and_then(|pointer| json.pointer(pointer));
        let ends = life.and_then(seconds).map(|seconds| {
            let from = if seconds > MOMENT_SECONDS_MIN { 0 } else { now };
            from.saturating_add((seconds * 1000.0) as i64)
        });
        let Some(place) = json.pointer_mut(pointer) else { continue };
        let Some(value) = place.as_str().map(str::to_owned) else { continue };
        *place = Value::from("***");
        saved.push((name.clone(), value, ends));
    }
    if saved.len() > in_headers {
        *body = serde_json::to_vec(&json).unwrap_or_default();
    }
    saved
}

fn seconds(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn fill(text: &str, secrets: &Texts, signs: &Texts) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        filled.push_str(before);
        let (values, inside) = match (behind.strip_prefix("secret:"), behind.strip_prefix("sign:")) {
            (Some(inside), _) => (secrets, inside),
            (None, Some(inside)) => (signs, inside),
            (None, None) => {
                filled.push_str("{{");
                rest = behind;
                continue;
            }
        };
        let (inside, after) = inside.split_once("}}").ok_or("a placeholder is not closed")?;
        let mut parts = inside.split('|');
        let name = parts.next().unwrap_or_default();
        let value = values.get(name).ok_or_else(|| format!("there is no `{name}` to fill in"))?;
        filled.push_str(&parts.try_fold(value.clone(), |value, filter| filtered(&value, filter))?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn filtered(value: &str, filter: &str) -> Result<String, String> {
    match filter {
        "percent" => Ok(percent(value)),
        "base64" => Ok(base64(value.as_bytes())),
        "json" => {
            let quoted = Value::from(value).to_string();
            Ok(quoted
                .strip_prefix('"')
                .and_then(|text| text.strip_suffix('"'))
                .unwrap_or_default()
                .to_owned())
        }
        other => Err(format!("there is no filter `{other}`")),
    }
}

fn percent(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let word =
            three.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS.get((word >> (18 - 6 * place) & 63) as usize).copied().unwrap_or(b'=');
            text.push(if place > three.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Sign;

    fn secrets() -> Texts {
        Texts::from([("key".to_owned(), "Je fe".to_owned()), ("app".to_owned(), "a/b".to_owned())])
    }

    #[test]
    fn signatures_are_those_of_the_standards() {
        // RFC 4231, case 2; RFC 2202, case 2; FIPS 180-2, "abc".
        let text = b"what do ya want for nothing?";
        let check = |alg, key: &[u8], text: &[u8], encoding, expect: &str| {
            assert_eq!(sign(alg, key, text, encoding).as_deref(), Ok(expect));
        };
        let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        check("hmac-sha256", b"Jefe", text, "hex", sha256);
        check("hmac-sha256", b"Jefe", text, "HEX", &sha256.to_uppercase());
        check("hmac-sha1", b"Jefe", text, "hex", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        check("hmac-sha1", b"Jefe", text, "base64", "7/zfauXrL6LSdBbV8YTfnCWafHk=");
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        check("sha256", b"", b"abc", "hex", abc);
        assert!(sign("md5", b"", b"", "hex").is_err() && sign("sha256", b"", b"", "base32").is_err());
    }

    #[test]
    fn a_request_is_filled_and_signed_in_order() -> Result<(), String> {
        let wanted = |key: &str, text: &str, encoding: &str, into: &str| Sign {
            alg: "hmac-sha256".to_owned(),
            key: key.to_owned(),
            text: text.to_owned(),
            encoding: encoding.to_owned(),
            into: into.to_owned(),
        };
        let http = Http {
            url: "https://x.example/{{secret:app|percent|percent}}?s={{sign:two|percent}}&{{other}}"
                .to_owned(),
            headers: vec![("x".to_owned(), "{{sign:one}}".to_owned())],
            sign: vec![
                wanted("{{secret:key}}", "a", "hex", "one"),
                wanted("k", "{{sign:one}}b", "base64", "two"),
            ],
            ..Http::default()
        };
        let (http, body) = request(http, b"{{secret:app|json}} {{secret:app|base64}}", &secrets())?;
        let one = sign("hmac-sha256", b"Je fe", b"a", "hex")?;
        let two = sign("hmac-sha256", b"k", format!("{one}b").as_bytes(), "base64")?;
        assert_eq!(http.url, format!("https://x.example/a%252Fb?s={}&{{{{other}}}}", percent(&two)));
        assert_eq!(http.headers, [("x".to_owned(), one)]);
        assert_eq!(body, b"a/b YS9i");
        for url in ["{{secret:none}}", "{{sign:none}}", "{{secret:app|rot13}}", "{{secret:app"] {
            assert!(
                request(Http { url: url.to_owned(), ..Http::default() }, b"", &secrets()).is_err(),
                "{url}"
            );
        }
        Ok(())
    }

    #[test]
    fn a_webhook_is_compared_with_its_body_as_it_came() -> Result<(), String> {
        let body = b"{{secret:app}}\xff";
        let expected = sign("hmac-sha256", b"Je fe", b"a/b|{{secret:app}}\xff", "base64")?;
        let verify = Verify {
            alg: "hmac-sha256".to_owned(),
            key: "{{secret:key}}".to_owned(),
            text: "{{secret:app}}|{{body}}".to_owned(),
            encoding: "base64".to_owned(),
            expected,
            id: 1,
        };
        assert_eq!(is_right(&verify, body, &secrets()), Ok(true));
        assert_eq!(is_right(&verify, b"another", &secrets()), Ok(false));
        Ok(())
    }

    #[test]
    fn a_token_is_taken_out() {
        let save_one = |body: &str| {
            let mut bytes = body.as_bytes().to_vec();
            let wanted = SaveSecret {
                name: "token".to_owned(),
                pointer: "/data/token".to_owned(),
                expires_pointer: Some("/life".to_owned()),
            };
            let saved = save(&[wanted], &mut [], &mut bytes, 5);
            (saved, String::from_utf8_lossy(&bytes).into_owned())
        };
        let (saved, body) = save_one(r#"{"data":{"token":"t0"},"life":2}"#);
        assert_eq!(saved, [("token".to_owned(), "t0".to_owned(), Some(2005))]);
        assert_eq!(body, r#"{"data":{"token":"***"},"life":2}"#);
        let (saved, _) = save_one(r#"{"data":{"token":"t0"},"life":"1800000000"}"#);
        assert_eq!(saved, [("token".to_owned(), "t0".to_owned(), Some(1_800_000_000_000))]);
        assert_eq!(save_one("{\"data\": 1}"), (Vec::new(), "{\"data\": 1}".to_owned()));
        assert_eq!(save_one("no json"), (Vec::new(), "no json".to_owned()));
        let pointer = format!("{}x-token", SaveSecret::HEADER);
        let wanted = SaveSecret { name: "token".to_owned(), pointer, expires_pointer: None };
        let (mut headers, mut body) = ([("x-token".to_owned(), "t1".to_owned())], b"no json".to_vec());
        let saved = save(&[wanted], &mut headers, &mut body, 5);
        assert_eq!(saved, [("token".to_owned(), "t1".to_owned(), None)]);
        assert_eq!((headers[0].1.as_str(), body.as_slice()), ("***", &b"no json"[..]));
    }
}
