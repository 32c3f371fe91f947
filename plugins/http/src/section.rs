//! Settings, each with its name, so that a message can tell which one is at fault.

use crate::path::Path;
use serde_json::{Map, Value};

/// A map of settings.
#[derive(Clone, Debug)]
pub(crate) struct Section<'a> {
    fields: Option<&'a Map<String, Value>>,
    name: String,
}

impl<'a> Section<'a> {
    /// All settings of a store.
    pub(crate) fn all(settings: &'a Value) -> Self {
        Self { fields: settings.as_object(), name: String::new() }
    }

    /// The map of this name, if it is there.
    pub(crate) fn map(&self, name: &str) -> Result<Option<Self>, String> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(Self { fields: Some(fields), name: self.full(name) })),
            Some(_) => Err(self.fault(name, "must be a map")),
        }
    }

    /// A value; none where it is absent or null.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.fields?.get(name).filter(|value| !value.is_null())
    }

    /// Every name and value.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        self.fields.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.fault(name, "must be text")),
        }
    }

    pub(crate) fn needed(&self, name: &str) -> Result<&'a str, String> {
        self.text(name)?.ok_or_else(|| self.fault(name, "is missing"))
    }

    /// One of these words; the first where it is absent.
    pub(crate) fn word(&self, name: &str, known: &[&'static str]) -> Result<&'static str, String> {
        let Some(text) = self.text(name)? else { return Ok(known.first().copied().unwrap_or_default()) };
        let listed: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
        let found = known.iter().copied().find(|word| *word == text);
        found.ok_or_else(|| self.fault(name, &format!("must be one of {}", listed.join(", "))))
    }

    /// A whole number within bounds.
    pub(crate) fn count(&self, name: &str, min: u64, max: u64) -> Result<Option<u64>, String> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let count = value.as_u64().filter(|count| (min..=max).contains(count));
        let wrong = || self.fault(name, &format!("must be a whole number from {min} to {max}"));
        count.map(Some).ok_or_else(wrong)
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.fault(name, "must be `true` or `false`")),
        }
    }

    /// A place in an answer.
    pub(crate) fn path(&self, name: &str) -> Result<Option<Path>, String> {
        let text = self.text(name)?;
        text.map(|text| Path::parse(text).map_err(|what| self.fault(name, &what))).transpose()
    }

    /// A message about a setting of this map.
    pub(crate) fn fault(&self, name: &str, what: &str) -> String {
        format!("the setting `{}` {what}", self.full(name))
    }

    fn full(&self, name: &str) -> String {
        if self.name.is_empty() { name.to_owned() } else { format!("{}.{name}", self.name) }
    }
}
