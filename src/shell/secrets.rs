//! Secrets of a store: read from the environment or a file, filled into requests, and kept out of every text.

use super::fault::clean;
use super::percent;
use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The longest secret, in bytes.
pub const SECRET_BYTES_MAX: u64 = 64 << 10;
/// How a placeholder begins.
pub(super) const PLACEHOLDER: &str = "{{secret:";
const HIDDEN: &str = "***";

/// The secrets of one store, by name.
#[derive(Clone, Default)]
pub struct Secrets {
    values: BTreeMap<String, String>,
    // Every form in which a secret may turn up, the longest first, so that no part of one is left over.
    shapes: Vec<String>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl Secrets {
    /// Reads secrets from where they are: `env:NAME` or `file:PATH`, relative to the project's folder.
    ///
    /// # Errors
    /// Every one that cannot be read, a line each; never a value.
    pub fn load(project: &Path, sources: &BTreeMap<String, String>) -> Result<Self, Vec<String>> {
        let mut values = BTreeMap::new();
        let mut faults = Vec::new();
        for (name, source) in sources {
            match read(project, source) {
                Ok(value) => drop(values.insert(name.clone(), value)),
                Err(what) => faults.push(format!("secret `{}` {what}", clean(name))),
            }
        }
        if faults.is_empty() { Ok(Self::new(values)) } else { Err(faults) }
    }

    /// Secrets by name and value.
    pub fn new(values: BTreeMap<String, String>) -> Self {
        let mut shapes: Vec<String> = values
            .values()
            .filter(|value| !value.is_empty())
            .flat_map(|value| {
                [value.clone(), percent::encode(value, b""), base64(value.as_bytes()), json(value)]
            })
            .collect();
        shapes.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        shapes.dedup();
        Self { values, shapes }
    }

    /// Their names, sorted.
    pub fn names(&self) -> Vec<String> {
        self.values.keys().cloned().collect()
    }

    /// The text with every placeholder filled in, once: what a secret holds is not looked at again.
    ///
    /// # Errors
    /// A placeholder that is not closed, or names no secret or no filter.
    pub fn fill(&self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once(PLACEHOLDER) {
            let (inside, after) = behind
                .split_once("}}")
                .ok_or_else(|| "a placeholder of a secret is not closed".to_owned())?;
            filled.push_str(before);
            filled.push_str(&self.value(inside)?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// The text with every secret hidden, in any form in which it was filled in.
    pub fn redact(&self, text: &str) -> String {
        self.shapes.iter().fold(text.to_owned(), |text, shape| text.replace(shape, HIDDEN))
    }

    fn value(&self, placeholder: &str) -> Result<String, String> {
        let (name, filter) = placeholder.split_once('|').unwrap_or((placeholder, ""));
        let value =
            self.values.get(name).ok_or_else(|| format!("the secret `{}` is not configured", clean(name)))?;
        match filter {
            "" => Ok(value.clone()),
            "percent" => Ok(percent::encode(value, b"")),
            "base64" => Ok(base64(value.as_bytes())),
            "json" => Ok(json(value)),
            other => Err(format!("there is no filter `{}` for secrets", clean(other))),
        }
    }
}

fn read(project: &Path, source: &str) -> Result<String, String> {
    if let Some(name) = source.strip_prefix("env:") {
        let name_ok = !name.is_empty() && !name.contains(['=', '\0']);
        let value = name_ok.then(|| env::var_os(name)).flatten();
        let value = value.ok_or_else(|| format!("is not set: there is no variable `{}`", clean(name)))?;
        return value.into_string().map_err(|_| format!("is not UTF-8 in the variable `{}`", clean(name)));
    }
    if let Some(path) = source.strip_prefix("file:") {
        return read_file(&project.join(path))
            .map_err(|why| format!("cannot be read from `{}`: {why}", clean(path)));
    }
    // What stands there may be the secret itself, so it is not shown.
    Err("must be `env:NAME` or `file:PATH`, never the value itself".to_owned())
}

fn read_file(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > SECRET_BYTES_MAX {
        return Err(format!("it is longer than {} KiB", SECRET_BYTES_MAX >> 10));
    }
    let value = text.strip_suffix('\n').unwrap_or(&text);
    Ok(value.strip_suffix('\r').unwrap_or(value).to_owned())
}

/// The inside of a JSON string.
fn json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default().to_owned()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let word =
            three.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let six = (word >> (18 - 6 * place)) & 63;
            let letter = LETTERS.get(six as usize).copied().unwrap_or(b'=');
            text.push(if place > three.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        let values = [("token", "a/b\"+é"), ("key", "s3cret")];
        Secrets::new(values.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    #[test]
    fn placeholders_are_filled_in_with_their_filter() {
        for (text, expected) in [
            ("plain", "plain"),
            ("k={{secret:key}}!", "k=s3cret!"),
            ("{{secret:token|percent}}", "a%2Fb%22%2B%C3%A9"),
            ("{{secret:token|json}}", "a/b\\\"+é"),
            ("{{secret:key|base64}}{{secret:key}}", "czNjcmV0s3cret"),
        ] {
            assert_eq!(secrets().fill(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_wrong_placeholder_is_refused() {
        for text in ["{{secret:key", "{{secret:other}}", "{{secret:key|rot13}}"] {
            assert!(secrets().fill(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_secret_holds_is_not_filled_in_again() {
        let values = [("a".to_owned(), "{{secret:b}}".to_owned()), ("b".to_owned(), "inner".to_owned())];
        assert_eq!(Secrets::new(values.into()).fill("{{secret:a}}").as_deref(), Ok("{{secret:b}}"));
    }

    #[test]
    fn no_form_of_a_secret_is_shown() {
        let text = "s3cret czNjcmV0 a%2Fb%22%2B%C3%A9 a/b\"+é";
        assert_eq!(secrets().redact(text), "*** *** *** ***");
    }

    #[test]
    fn base64_is_padded() {
        for (text, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn a_file_loses_one_end_of_line_and_a_value_itself_is_refused_unseen() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("token"), "abc\r\n")?;
        let load = |source: &str| {
            Secrets::load(folder.path(), &BTreeMap::from([("token".to_owned(), source.to_owned())]))
        };
        assert_eq!(
            load("file:token").ok().and_then(|s| s.fill("{{secret:token}}").ok()).as_deref(),
            Some("abc")
        );
        let refused = load("hunter2").err().unwrap_or_default().join("\n");
        assert!(refused.contains("env:NAME") && !refused.contains("hunter2"), "{refused}");
        assert!(load("env:STOCKSYNC_NO_SUCH_VARIABLE").is_err());
        assert!(load("file:missing").is_err());
        Ok(())
    }
}
