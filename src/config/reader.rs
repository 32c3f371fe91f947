//! Typed reading of a tree: what is wrong is reported, and the reading goes on.

use super::quoted;
use super::tree::{Key, Kind, Node};
use crate::diagnostic::codes::BAD_CONFIG;
use crate::diagnostic::{Diagnostic, nearest};
use crate::rules::{BasisPoints, basis_points};
use crate::source::Span;
use serde_json::Value;
use std::collections::BTreeMap;

/// Everything found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The values of a map by their known keys.
pub(super) type Fields<'n> = BTreeMap<&'static str, &'n Node>;

impl Found {
    pub(super) fn fault(&mut self, span: Span, message: impl Into<String>, help: &str) {
        let diagnostic = Diagnostic::new(&BAD_CONFIG, span, message);
        self.diagnostics.push(if help.is_empty() { diagnostic } else { diagnostic.with_help(help) });
    }

    /// The entries of a map; none where it is left empty. Of equal keys, the first counts.
    pub(super) fn entries<'n>(&mut self, node: &'n Node, name: &str) -> Vec<(&'n Key, &'n Node)> {
        match &node.kind {
            Kind::Map(entries) => {
                let mut seen = std::collections::BTreeSet::new();
                entries
                    .iter()
                    .filter(|(key, _)| seen.insert(&key.text))
                    .map(|(key, node)| (key, node))
                    .collect()
            }
            Kind::Scalar(Value::Null) => Vec::new(),
            _ => {
                self.fault(node.span, format!("{name} must be a map of keys and values"), "");
                Vec::new()
            }
        }
    }

    /// The fields of a map; keys that are not known are reported.
    pub(super) fn fields<'n>(&mut self, node: &'n Node, name: &str, known: &[&'static str]) -> Fields<'n> {
        let mut fields = Fields::new();
        for (key, value) in self.entries(node, name) {
            match known.iter().find(|&&known| known == key.text) {
                Some(&known) => {
                    fields.insert(known, value);
                }
                None => {
                    let help = match nearest(&key.text, known.iter().copied()) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => format!("known here: {}", known.join(", ")),
                    };
                    self.fault(key.span, format!("unknown key {}", quoted(&key.text)), &help);
                }
            }
        }
        fields
    }

    /// The items of a list; none where it is left empty.
    pub(super) fn list<'n>(&mut self, node: &'n Node, name: &str) -> &'n [Node] {
        match &node.kind {
            Kind::List(items) => items,
            Kind::Scalar(Value::Null) => &[],
            _ => {
                self.fault(node.span, format!("{name} must be a list"), "");
                &[]
            }
        }
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n str> {
        match &node.kind {
            Kind::Scalar(Value::String(text)) if !text.is_empty() => Some(text),
            Kind::Scalar(Value::Number(_) | Value::Bool(_)) => {
                self.fault(node.span, format!("{name} must be a text"), "put it in quotes");
                None
            }
            _ => {
                self.fault(node.span, format!("{name} must be a text"), "");
                None
            }
        }
    }

    pub(super) fn switch(&mut self, node: &Node, name: &str) -> Option<bool> {
        match &node.kind {
            Kind::Scalar(Value::Bool(value)) => Some(*value),
            _ => {
                self.fault(node.span, format!("{name} must be `true` or `false`"), "");
                None
            }
        }
    }

    pub(super) fn whole(&mut self, node: &Node, name: &str, (least, most): (u64, u64)) -> Option<u64> {
        let value = match &node.kind {
            Kind::Scalar(value) => value.as_u64().filter(|number| (least..=most).contains(number)),
            _ => None,
        };
        if value.is_none() {
            self.fault(node.span, format!("{name} must be a whole number from {least} to {most}"), "");
        }
        value
    }

    pub(super) fn choice<T: Copy>(&mut self, node: &Node, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = match &node.kind {
            Kind::Scalar(Value::String(text)) => text,
            _ => "",
        };
        let chosen = choices.iter().find(|(choice, _)| *choice == text).map(|&(_, value)| value);
        if chosen.is_none() {
            let all: Vec<_> = choices.iter().map(|(choice, _)| format!("`{choice}`")).collect();
            let meant = nearest(text, choices.iter().map(|&(choice, _)| choice));
            let help = meant.map(|meant| format!("did you mean `{meant}`?")).unwrap_or_default();
            self.fault(node.span, format!("{name} must be {}", all.join(" or ")), &help);
        }
        chosen
    }

    /// A share: `12.5%`, or `off`.
    pub(super) fn share(&mut self, node: &Node, name: &str) -> Option<Option<BasisPoints>> {
        let share = match scalar_text(node) {
            Some("off") => return Some(None),
            Some(text) => share(text),
            None => None,
        };
        if share.is_none() {
            self.fault(node.span, format!("{name} must be a percentage like `20%`, or `off`"), "");
        }
        share.map(Some)
    }

    /// A duration in seconds: `24h`, or `off`.
    pub(super) fn duration(&mut self, node: &Node, name: &str) -> Option<Option<u64>> {
        let seconds = match scalar_text(node) {
            Some("off") => return Some(None),
            Some(text) => seconds(text),
            None => None,
        };
        if seconds.is_none() {
            self.fault(
                node.span,
                format!("{name} must be a duration like `24h`, `90m` or `2d`, or `off`"),
                "",
            );
        }
        seconds.map(Some)
    }

    /// A path within the project, with `/` and no more words than it needs: one folder has one name.
    pub(super) fn path(&mut self, node: &Node, name: &str) -> Option<String> {
        let text = self.text(node, name)?;
        if stays_inside(text) {
            return Some(shortest(text));
        }
        let message = format!("{name} must be a path within the project folder, with `/`");
        self.fault(node.span, message, "paths are relative to the folder of `stocksync.yaml`, without `..`");
        None
    }
}

/// Whether a path stays within the folder that it starts from, on every system.
pub(super) fn stays_inside(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':');
    let foreign = path.contains('\\') || path.contains(char::is_control);
    !path.is_empty()
        && !path.starts_with('/')
        && !drive
        && !foreign
        && path.split('/').all(|part| part != "..")
}

/// Without `.` and empty parts, which lead nowhere; `.` for the folder itself.
fn shortest(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

fn scalar_text(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Scalar(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// A share of a whole.
fn share(text: &str) -> Option<BasisPoints> {
    let points = basis_points(text.strip_suffix('%')?)?.ok()?;
    u32::try_from(points).ok().filter(|points| *points <= 10_000).map(BasisPoints)
}

fn seconds(text: &str) -> Option<u64> {
    let units = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];
    let (number, unit) =
        units.iter().find_map(|&(suffix, seconds)| Some((text.strip_suffix(suffix)?, seconds)))?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = number.parse::<u64>().ok()?.checked_mul(unit)?;
    (1..=315_360_000).contains(&seconds).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact() {
        let points = |text| share(text).map(|points| points.0);
        assert_eq!(points("20%"), Some(2_000));
        assert_eq!(points("12.5%"), Some(1_250));
        assert_eq!(points("0.05%"), Some(5));
        assert_eq!(points("100%"), Some(10_000));
        for wrong in ["100.01%", "20", "-1%", "1.234%", "%", "1.%", ".5%", "1e2%", " 5%", "99999999999%"] {
            assert_eq!(points(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_have_one_unit() {
        assert_eq!(
            [seconds("45s"), seconds("90m"), seconds("24h"), seconds("2d")],
            [Some(45), Some(5_400), Some(86_400), Some(172_800)]
        );
        for wrong in ["", "h", "24", "0h", "-1h", "1.5h", "1h30m", "+1h", "99999999999999999999d", "24 h"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn paths_are_as_short_as_they_can_be() {
        for path in ["a/b", "./a/b", "a//b", "a/./b/", "././a/b/."] {
            assert_eq!(shortest(path), "a/b");
        }
        assert_eq!([shortest("."), shortest("./")], [".", "."]);
    }

    #[test]
    fn paths_stay_inside() {
        for good in ["rules", "catalog/skus.csv", "./a", "a..b/c", ".stocksync/state.db", "ก/ข.csv"] {
            assert!(stays_inside(good), "{good}");
        }
        for wrong in [
            "",
            "/etc/passwd",
            "..",
            "../x",
            "a/../../b",
            "a/..",
            "C:/x",
            "c:x",
            "a\\b",
            "\\\\host\\x",
            "a\0b",
        ] {
            assert!(!stays_inside(wrong), "{wrong}");
        }
    }
}
