//! The parameters behind the `?` of an address.

use super::fault::Fault;
use crate::diagnostic::nearest;
use crate::shell::percent;
use axum::http::StatusCode;

/// The most parameters of one request.
const PARAMETERS_MAX: usize = 200;

/// Parameters, each of which is known.
#[derive(Debug)]
pub(super) struct Query(Vec<(&'static str, String)>);

impl Query {
    /// Reads the parameters, of which only these are known.
    pub(super) fn read(raw: Option<&str>, known: &[&'static str]) -> Result<Self, Fault> {
        let mut all = Vec::new();
        for pair in raw.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = text(name)?;
            let Some(&name) = known.iter().find(|&&known| known == name) else {
                let fault = bad(format!("there is no parameter `{name}` here"));
                return Err(match nearest(&name, known.iter().copied()) {
                    Some(near) => fault.with_help(format!("did you mean `{near}`?")),
                    None if known.is_empty() => fault.with_help("it takes none"),
                    None => fault.with_help(format!("known here: {}", known.join(", "))),
                });
            };
            if all.len() == PARAMETERS_MAX {
                return Err(bad(format!("there are more than {PARAMETERS_MAX} parameters")));
            }
            all.push((name, text(value)?));
        }
        Ok(Self(all))
    }

    /// Every value of a parameter.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(known, _)| *known == name).map(|(_, value)| value.clone()).collect()
    }

    /// The only value of a parameter, if there is one.
    pub(super) fn one(&self, name: &str) -> Result<Option<&str>, Fault> {
        let mut values = self.0.iter().filter(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() { Err(bad(format!("`{name}` stands there twice"))) } else { Ok(first) }
    }

    /// A whole number from 1.
    pub(super) fn number(&self, name: &str, default: u64, most: u64) -> Result<u64, Fault> {
        let Some(text) = self.one(name)? else { return Ok(default) };
        let number = text.parse().ok().filter(|number| (1..=most).contains(number));
        number.ok_or_else(|| bad(format!("`{name}` must be a whole number from 1 to {most}")))
    }

    /// `true` or `false`; left empty it is `true`.
    pub(super) fn switch(&self, name: &str) -> Result<bool, Fault> {
        match self.one(name)? {
            None | Some("false") => Ok(false),
            Some("" | "true") => Ok(true),
            Some(_) => Err(bad(format!("`{name}` must be `true` or `false`"))),
        }
    }
}

pub(super) fn bad(message: String) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, message)
}

fn text(encoded: &str) -> Result<String, Fault> {
    let bytes = percent::decode(&encoded.replace('+', " "));
    String::from_utf8(bytes).map_err(|_| bad("a parameter is not UTF-8".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Result<Query, String> {
        Query::read(Some(raw), &["sku", "limit", "all"]).map_err(|fault| fault.message)
    }

    #[test]
    fn parameters_are_read_as_forms_write_them() {
        let query = read("sku=A+1%2B&&sku=%E0%B8%81&limit=7&all").unwrap();
        assert_eq!(query.all("sku"), ["A 1+", "ก"]);
        assert_eq!(query.one("sku").unwrap_err().message, "`sku` stands there twice");
        assert_eq!((query.number("limit", 1, 9).ok(), query.switch("all").ok()), (Some(7), Some(true)));
        assert!(query.number("limit", 1, 6).is_err());
        assert_eq!(read("").unwrap().number("limit", 3, 9).ok(), Some(3));
        assert!(read("all=maybe").unwrap().switch("all").is_err());
    }

    #[test]
    fn what_is_not_known_is_told() {
        assert_eq!(read("skus=A").unwrap_err(), "there is no parameter `skus` here");
        assert_eq!(read("sku=%FF").unwrap_err(), "a parameter is not UTF-8");
        assert_eq!(read(&"sku=A&".repeat(201)).unwrap_err(), "there are more than 200 parameters");
    }
}
