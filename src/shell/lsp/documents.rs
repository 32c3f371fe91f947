//! The documents that are open in the editor, and the paths behind their addresses.

use super::place::Encoding;
use crate::shell::percent;
use crate::shell::project::Overlay;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The open documents, by their URIs.
#[derive(Default)]
pub(super) struct Documents {
    open: BTreeMap<String, String>,
}

impl Documents {
    pub(super) fn open(&mut self, params: &Value) {
        let text = |pointer: &str| params.pointer(pointer).and_then(Value::as_str);
        if let (Some(uri), Some(text)) = (text("/textDocument/uri"), text("/textDocument/text")) {
            self.open.insert(uri.to_owned(), text.to_owned());
        }
    }

    /// Changes in their order; each place counts in the text that the ones before have made.
    pub(super) fn change(&mut self, params: &Value, encoding: Encoding) {
        let uri = params.pointer("/textDocument/uri").and_then(Value::as_str).unwrap_or("");
        let Some(text) = self.open.get_mut(uri) else { return };
        for change in params.get("contentChanges").and_then(Value::as_array).into_iter().flatten() {
            let Some(new) = change.get("text").and_then(Value::as_str) else { continue };
            let Some(range) = change.get("range") else {
                *text = new.to_owned();
                continue;
            };
            let place = |key: &str| encoding.offset(text, range.get(key)?);
            if let (Some(start), Some(end)) = (place("start"), place("end")) {
                text.replace_range(start.min(end)..end.max(start), new);
            }
        }
    }

    pub(super) fn close(&mut self, uri: &str) {
        self.open.remove(uri);
    }

    pub(super) fn text(&self, uri: &str) -> Option<&str> {
        self.open.get(uri).map(String::as_str)
    }

    /// The open documents of a folder.
    pub(super) fn inside(&self, root: &Path) -> impl Iterator<Item = &str> {
        let is_inside = move |uri: &str| path_of(uri).is_some_and(|path| path.starts_with(root));
        self.open.keys().map(String::as_str).filter(move |uri| is_inside(uri))
    }

    /// The URI under which the editor knows a file, where it is open.
    pub(super) fn uri_of(&self, path: &Path) -> String {
        let known = self.open.keys().find(|uri| path_of(uri).is_some_and(|open| open == path));
        known.cloned().unwrap_or_else(|| uri_of(path))
    }

    /// The open documents of a project, by their names in it.
    pub(super) fn overlay(&self, root: &Path) -> Overlay {
        let name = |uri: &str| {
            let path = path_of(uri)?;
            Some(path.strip_prefix(root).ok()?.to_string_lossy().replace('\\', "/"))
        };
        self.open.iter().filter_map(|(uri, text)| Some((name(uri)?, text.clone()))).collect()
    }
}

/// The path behind a `file:` URI (RFC 8089); no other kind has one.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    // Between the slashes may stand this machine's name.
    let path = rest.get(rest.find('/')?..)?;
    let path = String::from_utf8(percent::decode(path)).ok()?;
    // `/C:/shop` on Windows.
    let has_drive = path.as_bytes().get(2) == Some(&b':') && cfg!(windows);
    Some(PathBuf::from(if has_drive { path.get(1..)?.to_owned() } else { path }))
}

/// The `file:` URI of a path.
pub(super) fn uri_of(path: &Path) -> String {
    let path = path.to_string_lossy().replace('\\', "/");
    // A path with a drive begins with none.
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("file://{slash}{}", percent::encode(&path, b"/:"))
}

/// The project that a file belongs to: the nearest folder above with a `stocksync.yaml`.
pub(super) fn project_of(path: &Path) -> Option<PathBuf> {
    let folder = path.ancestors().skip(1).find(|folder| folder.join("stocksync.yaml").is_file());
    folder.map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn addresses_there_and_back() {
        for path in ["/a/b.sync", "/ร้าน/鞋 👟%20.sync", "/a#b?c"] {
            assert_eq!(path_of(&uri_of(Path::new(path))).as_deref(), Some(Path::new(path)));
        }
        assert_eq!(path_of("file://localhost/a%zz").as_deref(), Some(Path::new("/a%zz")));
        for none in ["untitled:Untitled-1", "file:", "", "http://x/a", "file:///%FF"] {
            assert_eq!(path_of(none), None, "{none}");
        }
    }

    #[test]
    fn changes_come_in_their_order() {
        let mut documents = Documents::default();
        documents.open(&json!({ "textDocument": { "uri": "u", "text": "鞋b\n" } }));
        let at = |line: u32, from: u32, to: u32, text: &str| json!({ "range": { "start": { "line": line, "character": from }, "end": { "line": line, "character": to } }, "text": text });
        let changes = [at(0, 1, 2, "👟"), at(0, 3, 3, "!"), at(1, 0, 0, "x"), json!({ "nonsense": 1 })];
        documents
            .change(&json!({ "textDocument": { "uri": "u" }, "contentChanges": changes }), Encoding::Utf16);
        assert_eq!(documents.text("u"), Some("鞋👟!\nx"));
        documents.change(
            &json!({ "textDocument": { "uri": "u" }, "contentChanges": [{ "text": "new" }] }),
            Encoding::Utf16,
        );
        assert_eq!(documents.text("u"), Some("new"));
        documents.close("u");
        assert_eq!(documents.text("u"), None);
    }
}
