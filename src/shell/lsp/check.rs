//! Projects read again after a change.

use super::documents::{self, Documents};
use super::{Server, findings};
use crate::diagnostic::Diagnostic;
use crate::ide::View;
use crate::shell::exit::Stop;
use crate::shell::project::{self, Depth, Disk, Project, Stamp};
use crate::source::{FileId, Sources};
use crate::syntax;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A project as it is in the editor.
pub(super) struct World {
    pub(super) project: Project,
    at: Timestamp,
    /// The findings of the tables, which are kept with them.
    of_tables: Vec<Diagnostic>,
    stamp: Stamp,
    /// The documents that findings were sent for.
    published: BTreeSet<String>,
}

impl World {
    pub(super) fn view(&self) -> View<'_> {
        View {
            sources: &self.project.sources,
            files: &self.project.files,
            checked: &self.project.checked,
            config: &self.project.config,
            declared: &self.project.declared,
            catalog: self.project.catalog.as_ref(),
            findings: &self.project.diagnostics,
            at: self.at,
        }
    }

    /// A file of the project by its path.
    pub(super) fn file(&self, path: &Path) -> Option<FileId> {
        let name = path.strip_prefix(&self.project.root).ok()?.to_string_lossy().replace('\\', "/");
        self.project.sources.iter().find(|(_, source)| source.path() == name).map(|(file, _)| file)
    }

    pub(super) fn path(&self, file: FileId) -> PathBuf {
        self.project.root.join(self.project.sources.get(file).path())
    }

    /// Reads the project; its tables only where they are others than in `before`.
    fn read(documents: &Documents, root: &Path, before: Option<World>) -> Result<Self, Stop> {
        let now = crate::shell::now();
        let disk = Disk { root, overlay: &documents.overlay(root) };
        let (mut project, at) = project::load_from(&disk, root.to_path_buf(), Depth::Unjudged, |_| Ok(now))?;
        let stamp = project.stamp();
        let tables = match before.filter(|world| world.stamp == stamp) {
            Some(world) => world.project.into_tables(world.of_tables, world.stamp),
            None => project.read_tables(stamp.clone())?,
        };
        let of_tables = tables.findings.clone();
        project.judge(tables, at);
        Ok(Self { project, at, of_tables, stamp, published: BTreeSet::new() })
    }
}

impl Server<'_> {
    /// Reads again one thing that changed, and sends what is found; whether there was one.
    pub(super) fn refresh(&mut self) -> bool {
        if let Some(root) = self.dirty.pop_first() {
            self.check(root);
            return true;
        }
        let Some(uri) = self.loose.pop_first() else { return false };
        self.check_loose(&uri);
        true
    }

    fn check(&mut self, root: PathBuf) {
        let mut before = self.worlds.remove(&root);
        let published = before.as_mut().map(|world| std::mem::take(&mut world.published)).unwrap_or_default();
        match World::read(&self.documents, &root, before) {
            Ok(mut world) => {
                let now = findings::by_document(&world, &self.documents, self.encoding);
                // A document whose last finding is gone is sent an empty list, once.
                for gone in published.iter().filter(|uri| !now.contains_key(*uri)) {
                    self.publish(gone, json!([]));
                }
                for (uri, list) in &now {
                    self.publish(uri, list.clone());
                }
                world.published = now.into_keys().collect();
                self.worlds.insert(root, world);
            }
            Err(stop) => {
                published.iter().for_each(|uri| self.publish(uri, json!([])));
                let help = stop.help.map_or_else(String::new, |help| format!(" ({help})"));
                let message = format!("{}: {}{help}", root.display(), stop.message);
                self.notify("window/logMessage", json!({ "type": 1, "message": message }));
            }
        }
    }

    /// A document outside of any project: only its syntax can be told.
    fn check_loose(&mut self, uri: &str) {
        let Some(text) =
            self.documents.text(uri).filter(|_| uri.ends_with(".sync") || documents::path_of(uri).is_none())
        else {
            return self.publish(uri, json!([]));
        };
        let mut sources = Sources::new();
        let file = sources.add("", text);
        let (_, faults) = syntax::parse(file, text);
        let list: Vec<Value> = faults
            .iter()
            .map(|finding| findings::finding(&sources, finding, self.encoding, &|_| uri.to_owned()))
            .collect();
        self.publish(uri, list.into());
    }

    fn publish(&self, uri: &str, list: Value) {
        self.notify("textDocument/publishDiagnostics", json!({ "uri": uri, "diagnostics": list }));
    }
}
