//! YAML as a tree in which everything has its place.
//!
//! `saphyr-parser` gives the events with their places, which `serde_yaml` does not keep; what a plain scalar means is
//! `serde_yaml`'s word. Equal keys, which `serde_yaml` takes silently, are found here.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::BAD_CONFIG;
use crate::source::{FileId, Span};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use serde_json::Value;
use std::collections::BTreeMap;

/// The configuration may be this long.
pub(super) const BYTES_MAX: usize = 1 << 20;
const DEPTH_MAX: usize = 32;
const NODES_MAX: usize = 200_000;
/// So much text may come about by aliases, which cost a few bytes each.
const ALIASED_BYTES_MAX: usize = 4 << 20;

/// A value and its place.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Kind {
    /// Anything but a list or a map, as YAML 1.2 reads it.
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key and its place.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Key {
    pub(super) text: String,
    pub(super) span: Span,
}

impl Node {
    /// The same as JSON; numbers stay numbers and texts stay texts.
    pub(super) fn to_json(&self) -> Value {
        // No deeper than `DEPTH_MAX`.
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Kind::Map(entries) => Value::Object(
                entries.iter().map(|(key, value)| (key.text.clone(), value.to_json())).collect(),
            ),
        }
    }

    /// Whether it is a map, or left empty.
    pub(super) fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_) | Kind::Scalar(Value::Null))
    }

    /// The bytes of its texts.
    fn text_bytes(&self) -> usize {
        match &self.kind {
            Kind::Scalar(value) => value.as_str().map_or(0, str::len),
            Kind::List(items) => items.iter().map(Node::text_bytes).sum(),
            Kind::Map(entries) => {
                entries.iter().map(|(key, value)| key.text.len() + value.text_bytes()).sum()
            }
        }
    }

    fn size(&self) -> usize {
        match &self.kind {
            Kind::Scalar(_) => 1,
            Kind::List(items) => 1 + items.iter().map(Node::size).sum::<usize>(),
            Kind::Map(entries) => 1 + entries.iter().map(|(_, value)| value.size()).sum::<usize>(),
        }
    }
}

/// The tree of a text, and equal keys in it. A text that is no YAML gives one finding and no tree; so does an empty one,
/// without a finding.
pub(super) fn parse(file: FileId, text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    if text.len() > BYTES_MAX {
        let message = "the configuration is larger than 1 MiB";
        return (None, vec![Diagnostic::new(&BAD_CONFIG, Span::new(file, 0, 0), message)]);
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder::new(file, body, (text.len() - body.len()) as u32);
    let ended = builder.run(body);
    let mut diagnostics = builder.diagnostics;
    diagnostics.extend(ended.err().map(|fault| *fault));
    let sound = !diagnostics.iter().any(|diagnostic| diagnostic.related.is_empty());
    (builder.root.filter(|_| sound), diagnostics)
}

/// A list or map that is not closed yet.
#[derive(Debug)]
enum Open {
    List(u32, usize, Vec<Node>),
    Map(u32, usize, Vec<(Key, Node)>, Option<Key>),
}

type Ended = Result<(), Box<Diagnostic>>;

#[derive(Debug)]
struct Builder {
    file: FileId,
    /// The byte at which each character starts.
    bytes: Vec<u32>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    aliased_bytes: usize,
    root: Option<Node>,
    diagnostics: Vec<Diagnostic>,
}

impl Builder {
    fn new(file: FileId, body: &str, shift: u32) -> Self {
        let bytes =
            body.char_indices().map(|(at, _)| at).chain([body.len()]).map(|at| at as u32 + shift).collect();
        Self {
            file,
            bytes,
            open: Vec::new(),
            anchors: BTreeMap::new(),
            nodes: 0,
            aliased_bytes: 0,
            root: None,
            diagnostics: Vec::new(),
        }
    }

    fn run(&mut self, body: &str) -> Ended {
        for event in Parser::new_from_str(body) {
            match event {
                Ok((event, place)) => self.event(event, place)?,
                Err(error) => {
                    let at = self.byte(*error.marker());
                    let message = match error.info() {
                        "recursion limit exceeded" => too_deep(),
                        info => format!("this is not YAML: {}", info.to_lowercase()),
                    };
                    return Err(self.fault(at, at, message));
                }
            }
        }
        Ok(())
    }

    fn event(&mut self, event: Event<'_>, place: saphyr_parser::Span) -> Ended {
        let (start, end) = (self.byte(place.start), self.byte(place.end));
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(self.fault(start, start, "there is more than one document in the file".into()))
            }
            Event::Scalar(text, style, anchor, _) => {
                let kind = Kind::Scalar(scalar(&text, style));
                self.add(Node { span: Span::new(self.file, start, end), kind }, anchor, Some(&text))
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    return Err(self.fault(
                        start,
                        end,
                        "this alias names something that is not closed yet".into(),
                    ));
                };
                self.nodes += node.size();
                self.aliased_bytes += node.text_bytes();
                let node = node.clone();
                if self.aliased_bytes > ALIASED_BYTES_MAX {
                    let message = format!("aliases stand for more than {} MiB", ALIASED_BYTES_MAX >> 20);
                    return Err(self.fault(start, end, message));
                }
                self.add(node, 0, None)
            }
            Event::SequenceStart(anchor, _) => self.push(Open::List(start, anchor, Vec::new())),
            Event::MappingStart(anchor, _) => self.push(Open::Map(start, anchor, Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            _ => Ok(()),
        }
    }

    fn push(&mut self, open: Open) -> Ended {
        if self.open.len() >= DEPTH_MAX {
            let (Open::List(start, ..) | Open::Map(start, ..)) = open;
            return Err(self.fault(start, start, too_deep()));
        }
        self.open.push(open);
        Ok(())
    }

    fn close(&mut self, end: u32) -> Ended {
        let span = |start: u32| Span::new(self.file, start, end.max(start));
        let (node, anchor) = match self.open.pop() {
            None => return Ok(()),
            Some(Open::List(start, anchor, items)) => {
                (Node { span: span(start), kind: Kind::List(items) }, anchor)
            }
            Some(Open::Map(start, anchor, entries, _)) => {
                let span = span(start);
                self.find_equal_keys(&entries);
                (Node { span, kind: Kind::Map(entries) }, anchor)
            }
        };
        self.add(node, anchor, None)
    }

    /// Puts a value where it belongs. `text` is what a scalar says, in case it is a key.
    fn add(&mut self, node: Node, anchor: usize, text: Option<&str>) -> Ended {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            let message =
                format!("there are more than {NODES_MAX} values, aliases counted as what they name");
            return Err(self.fault(node.span.start, node.span.end, message));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, _, items)) => items.push(node),
            Some(Open::Map(_, _, entries, key)) => match (key.take(), text) {
                (Some(key), _) => entries.push((key, node)),
                (None, Some(text)) => *key = Some(Key { text: text.to_owned(), span: node.span }),
                (None, None) => {
                    let message = "a key must be a plain text";
                    return Err(self.fault(node.span.start, node.span.end, message.into()));
                }
            },
        }
        Ok(())
    }

    fn find_equal_keys(&mut self, entries: &[(Key, Node)]) {
        let mut first: BTreeMap<&str, Span> = BTreeMap::new();
        for (key, _) in entries {
            if let Some(&first) = first.get(key.text.as_str()) {
                let message = format!("the key {} is there twice", crate::config::quoted(&key.text));
                let diagnostic = Diagnostic::new(&BAD_CONFIG, key.span, message);
                self.diagnostics.push(diagnostic.with_related(first, "first here"));
            } else {
                first.insert(&key.text, key.span);
            }
        }
    }

    fn fault(&self, start: u32, end: u32, message: String) -> Box<Diagnostic> {
        Box::new(Diagnostic::new(&BAD_CONFIG, Span::new(self.file, start, end.max(start)), message))
    }

    fn byte(&self, marker: Marker) -> u32 {
        let at = self.bytes.get(marker.index()).or(self.bytes.last());
        at.copied().unwrap_or_default()
    }
}

fn too_deep() -> String {
    format!("this is nested deeper than {DEPTH_MAX} levels")
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style == ScalarStyle::Plain && matches!(text, "true" | "false") {
        return Value::Bool(text == "true");
    }
    let plain = style == ScalarStyle::Plain && !is_plainly_text(text) && !is_percentage(text);
    let read = plain.then(|| serde_yaml::from_str::<Value>(text).ok()).flatten();
    read.filter(|value| !value.is_array() && !value.is_object())
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Whether a plain scalar is a percentage, which is a text to YAML: its numbers have no such sign.
fn is_percentage(text: &str) -> bool {
    let number = text.strip_suffix('%').unwrap_or_default();
    // Dots alone would be the end of a document.
    number.starts_with(|first: char| first.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Whether a plain scalar is a text, as nearly all are, seen without asking: what it begins with makes it no number, and it is none of YAML's few words.
fn is_plainly_text(text: &str) -> bool {
    /// Whatever has meant something else in any version of YAML.
    const WORDS: &[&str] = &["null", "true", "false", "yes", "no", "on", "off", "y", "n", "inf", "nan"];
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(is_plain)
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_plainly_text_is_text_to_yaml(text in "[0-9]{1,3}%|[0-9][0-9.]{0,4}%?|true|false|[a-zA-Z]{1,5}|[a-zA-Z][a-zA-Z0-9_./-]{0,12}|[tT][rR][uU][eE]|[nN][uU][lL][lL]") {
            let asked = serde_yaml::from_str::<Value>(&text).unwrap();
            prop_assert_eq!(scalar(&text, ScalarStyle::Plain), asked.clone());
            let is_text = is_plainly_text(&text) || is_percentage(&text);
            prop_assert!(!is_text || asked == Value::String(text));
        }
    }

    #[test]
    fn words_and_numbers_of_yaml_are_not_plainly_text() {
        for text in [
            "null", "Null", "true", "FALSE", "yes", "off", "inf", "NaN", ".inf", "0x1f", "1e5", "-", "~",
            "a b", "12:30",
        ] {
            assert!(!is_plainly_text(text), "{text}");
        }
        for text in ["csv-file", "Asia/Jakarta", "catalog/skus.csv", "infinity", "e100000"] {
            assert!(is_plainly_text(text), "{text}");
            assert_eq!(serde_yaml::from_str::<Value>(text).unwrap(), Value::String(text.to_owned()));
        }
    }
}
