//! Placeholders: `{{secret:NAME}}` and `{{sign:NAME}}`, each with filters (`{{secret:NAME|percent|percent}}`).

use super::hidden::Hidden;
use super::{Secrets, Signs};
use crate::shell::fault::clean;
use crate::shell::{base64, percent};

const SECRET: &str = "{{secret:";
const SIGN: &str = "{{sign:";
/// Filters of one placeholder.
const FILTERS_MAX: usize = 8;

type Filter = fn(&str) -> String;

/// The filters by name.
const FILTERS: &[(&str, Filter)] = &[
    ("percent", |value| percent::encode(value, b"")),
    ("base64", |value| base64::encode(value.as_bytes())),
    ("json", json),
];

/// Whether anything in the text would be filled in: what comes from elsewhere must not reach a request then.
pub(in crate::shell) fn holds_placeholder(text: &str) -> bool {
    text.contains(SECRET) || text.contains(SIGN)
}

pub(super) fn fill(text: &str, secrets: &Secrets, signs: &Signs) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, is_secret, behind)) = next(rest) {
        let (inside, after) =
            behind.split_once("}}").ok_or_else(|| "a placeholder of a secret is not closed".to_owned())?;
        let mut parts = inside.split('|');
        let name = parts.next().unwrap_or_default();
        let value = if is_secret { secrets.values.get(name) } else { signs.get(name) };
        let value = value.ok_or_else(|| match is_secret {
            true => format!("the secret `{}` is not configured", clean(name)),
            false => format!("there is no signature `{}` yet", clean(name)),
        })?;
        filled.push_str(before);
        filled.push_str(&filter(value, parts, &secrets.hidden)?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// What stands before the next placeholder, whether it is a secret's, and what stands behind its beginning.
fn next(text: &str) -> Option<(&str, bool, &str)> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find("{{")?;
        let (before, rest) = text.split_at_checked(at)?;
        if let Some(behind) = rest.strip_prefix(SECRET) {
            return Some((before, true, behind));
        }
        if let Some(behind) = rest.strip_prefix(SIGN) {
            return Some((before, false, behind));
        }
        from = at + 1;
    }
}

fn filter<'a>(value: &str, names: impl Iterator<Item = &'a str>, hidden: &Hidden) -> Result<String, String> {
    let mut value = value.to_owned();
    for (count, name) in names.enumerate() {
        let Some((_, filter)) = FILTERS.iter().find(|(known, _)| *known == name) else {
            return Err(format!("there is no filter `{}` for secrets", clean(name)));
        };
        if count == FILTERS_MAX {
            return Err(format!("a placeholder has more than {FILTERS_MAX} filters"));
        }
        value = filter(&value);
    }
    hidden.pass(&value);
    Ok(value)
}

/// The inside of a JSON string.
pub(super) fn json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        let values = [("token", "a/b\"+é"), ("key", "s3cret"), ("a", "{{secret:b}}"), ("b", "inner")];
        Secrets::new(values.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    #[test]
    fn placeholders_are_filled_in_with_their_filters() {
        for (text, expected) in [
            ("plain {{ {{{ {{sig", "plain {{ {{{ {{sig"),
            ("k={{secret:key}}!", "k=s3cret!"),
            ("{{{secret:key}}}", "{s3cret}"),
            ("{{secret:token|percent}}", "a%2Fb%22%2B%C3%A9"),
            ("{{secret:token|percent|percent}}", "a%252Fb%2522%252B%25C3%25A9"),
            ("{{secret:token|json}}", "a/b\\\"+é"),
            ("{{secret:key|base64}}{{secret:key}}", "czNjcmV0s3cret"),
            ("{{secret:b|base64|percent}}", "aW5uZXI%3D"),
            ("{{secret:a}}", "{{secret:b}}"),
        ] {
            assert_eq!(secrets().fill(text, &Signs::default()).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_wrong_placeholder_is_refused() {
        let many = format!("{{{{secret:key{}}}}}", "|percent".repeat(9));
        for text in [
            "{{secret:key",
            "{{secret:other}}",
            "{{secret:key|rot13}}",
            "{{secret:key|}}",
            "{{sign:s}}",
            &many,
        ] {
            assert!(secrets().fill(text, &Signs::default()).is_err(), "{text}");
        }
    }

    #[test]
    fn no_form_of_a_secret_is_shown() {
        let secrets = secrets();
        let text = "s3cret czNjcmV0 a%2Fb%22%2B%C3%A9 a%252Fb%2522%252B%25C3%25A9 a/b\"+é";
        assert_eq!(secrets.redact(text), "*** *** *** *** ***");
        let odd = secrets.fill("{{secret:key|base64|base64|base64}}", &Signs::default()).unwrap();
        assert_eq!(secrets.redact(&format!("got {odd}")), "got ***");
    }

    #[test]
    fn text_of_others_that_would_be_filled_in_is_known() {
        for (text, holds) in
            [("AB-1", false), ("{{secret:key}}", true), ("x{{sign:", true), ("{{other:x}}", false)]
        {
            assert_eq!(holds_placeholder(text), holds, "{text}");
        }
    }
}
