//! Follows the project's files: what passes `lint` is handed to the engine, what does not is told, and what ran goes on.

use super::alerts::Alerts;
use super::desk::{Asked, Desk, Newest, Reload};
use super::front::{Current, House};
use crate::config::{Config, Secret};
use crate::diagnostic::{Diagnostic, Level};
use crate::report::clean;
use crate::report::lint::sort;
use crate::shell::connect::{Checking, check_stores};
use crate::shell::project::{self, Depth, Project};
use crate::shell::schemas::Schemas;
use crate::shell::seen::{LOOK, Seen, Watch, changed_text, look};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use tracing::{info, warn};

/// So many findings are told; the others are counted.
const FINDINGS_MAX: usize = 20;

/// The thread that looks.
pub(super) struct Watcher {
    stop: SyncSender<()>,
    thread: JoinHandle<()>,
}

/// Whom it tells.
pub(super) struct Told {
    pub(super) desk: Desk,
    pub(super) house: Arc<House>,
    pub(super) alerts: Alerts,
}

/// What a project's files looked like, and where they are.
pub(super) struct Files {
    root: PathBuf,
    rules: String,
    more: Vec<PathBuf>,
}

impl Files {
    /// Those that a configuration names.
    pub(super) fn of(root: &Path, config: &Config) -> Self {
        let tables = &config.catalog;
        let tables = [&tables.skus, &tables.stock, &tables.mappings, &tables.bundles];
        let tokens = config.serve.tokens.iter().filter_map(|(_, secret)| match secret {
            Secret::File(path) => Some(path),
            Secret::Env(_) => None,
        });
        let more = tables.into_iter().chain(tokens).map(|path| root.join(path)).collect();
        Self { root: root.to_path_buf(), rules: config.rules.clone(), more }
    }

    /// What they look like now.
    pub(super) fn look(&self) -> Seen {
        look(&self.root, &self.rules, &self.more)
    }

    /// The same, but for those that were looked at before they were read.
    fn look_since(&self, before: &Seen) -> Seen {
        let mut seen = self.look();
        for (path, looks) in &mut seen {
            if let Some(looked) = before.get(path) {
                *looks = *looked;
            }
        }
        seen
    }
}

impl Watcher {
    /// Begins to look. `read_with` is what the files looked like before they were read.
    pub(super) fn start(files: Files, read_with: Seen, running: Config, told: Told) -> std::io::Result<Self> {
        let (stop, stopped) = sync_channel(1);
        let work = move || run(files, read_with, &running, &told, &stopped);
        let thread = thread::Builder::new().name("files".to_owned()).spawn(work)?;
        Ok(Self { stop, thread })
    }

    /// Ends, once a reading that was begun is done.
    pub(super) fn stop(self) {
        let _ = self.stop.try_send(());
        let _ = self.thread.join();
    }
}

fn run(mut files: Files, read_with: Seen, running: &Config, told: &Told, stopped: &Receiver<()>) {
    let mut watch = Watch::new(read_with);
    while matches!(stopped.recv_timeout(LOOK), Err(RecvTimeoutError::Timeout)) {
        let Some(changed) = watch.next(files.look()) else { continue };
        // Looked at before they are read: what changes meanwhile is seen as a change.
        let before = files.look();
        info!("{}: the project is read again", changed_text(&files.root, &changed));
        let read = read(&files.root).and_then(|project| follow(project, running, told));
        if let Ok(project) = &read {
            files = Files::of(&files.root, &project.config);
        }
        watch = Watch::new(files.look_since(&before));
        let reload = match read {
            Ok(project) => Reload::Sound(Box::new(project)),
            Err(newest) => {
                warn!(findings = newest.count, "the project does not pass `lint`: what ran goes on");
                newest.findings.iter().for_each(|finding| warn!("{finding}"));
                Reload::Unsound(newest)
            }
        };
        if told.desk.tell(Asked::Reload(reload)).is_err() {
            return;
        }
    }
}

/// The project on disk, or what stands against it.
fn read(root: &Path) -> Result<Project, Newest> {
    let mut connectors = None;
    let loaded = project::load(root.to_path_buf(), Depth::Catalog, |config| {
        // What is checked is what will be loaded.
        connectors = Some(check_stores(root, config, &Schemas::NONE));
        Ok(Timestamp::now())
    });
    let of_stores = connectors.map(Checking::join).and_then(Result::ok).unwrap_or_default();
    let (mut project, _) = loaded.map_err(|stop| unsound(vec![stop.message]))?;
    project.diagnostics.extend(of_stores);
    sort(&project.sources, &mut project.diagnostics);
    let denied = project.diagnostics.iter().filter(|finding| finding.level == Level::Deny);
    let findings: Vec<String> = denied.map(|finding| line(&project, finding)).collect();
    match findings.is_empty() {
        false => Err(unsound(findings)),
        true if project.files.is_empty() => {
            Err(unsound(vec![project::no_rules(&project.config.rules).message]))
        }
        true => Ok(project),
    }
}

fn unsound(findings: Vec<String>) -> Newest {
    let count = findings.len() as u64;
    let findings = findings.iter().take(FINDINGS_MAX).map(|line| clean(line).into_owned()).collect();
    Newest { since: Timestamp::now(), findings, count }
}

/// A finding in one line, with its place.
fn line(project: &Project, finding: &Diagnostic) -> String {
    let place = finding.span.map_or_else(String::new, |span| {
        let source = project.sources.get(span.file);
        let place = source.position(span.start);
        format!("{}:{}:{}: ", source.path(), place.line, place.column)
    });
    format!("{place}{} ({})", finding.message, finding.code.name)
}

/// Has the front and the alerts go on by a project's configuration, where that can be.
fn follow(project: Project, running: &Config, told: &Told) -> Result<Project, Newest> {
    let serve = &project.config.serve;
    let current = Current::of(&project).map_err(unsound)?;
    told.house.replace(current);
    told.alerts.follow(super::posting(&project));
    let fixed = [
        ("serve.listen", serve.listen == running.serve.listen),
        ("serve.limits", serve.limits == running.serve.limits),
        ("state", project.config.state == running.state),
    ];
    for (key, _) in fixed.into_iter().filter(|(_, is_same)| !is_same) {
        warn!("`{key}` changed, and counts from the next start");
    }
    Ok(project)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::serve::alerts;
    use crate::shell::serve::desk::{self, DeskLimits, Inbox};
    use crate::shell::serve::front::{Patience, Plot};
    use std::fs;
    use std::net::SocketAddr;
    use std::time::Duration;

    /// Nothing takes longer.
    const PATIENCE: Duration = Duration::from_secs(60);

    const RULE: &str = "rule \"All\" { order 1 skus all warehouses all stores all }\n";

    fn make(folder: &Path) {
        let files = [
            (
                "stocksync.yaml",
                "warehouses: [jakarta]\nstores:\n  outlet: { connector: csv, settings: { path: o.csv } }\n",
            ),
            ("rules/a.sync", RULE),
            ("catalog/skus.csv", "sku,name\nA,One\n"),
            ("catalog/stock.csv", "sku,warehouse,available\nA,jakarta,5\n"),
            ("catalog/mappings.csv", "sku,store,store_sku\nA,outlet,a\n"),
        ];
        for (name, text) in files {
            fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
            fs::write(folder.join(name), text).unwrap();
        }
    }

    fn next(inbox: &Inbox) -> Reload {
        match inbox.wait(PATIENCE) {
            Ok(Asked::Reload(reload)) => reload,
            _ => panic!("a reload was to come"),
        }
    }

    #[test]
    fn what_passes_is_handed_over_and_what_does_not_is_told() {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path());
        let root = folder.path().canonicalize().unwrap();
        let (first, _) = project::load(root.clone(), Depth::Catalog, |_| Ok(Timestamp::UNIX_EPOCH)).unwrap();
        let (desk, inbox) = desk::open(DeskLimits { requests_max: 1, events_max: 1 });
        let (alerts, _untold) = alerts::open();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let (limits, state) = (first.config.serve.limits, root.join("state.db"));
        let plot = Plot {
            desk: desk.clone(),
            limits,
            patience: Patience::default(),
            state,
            alerts: alerts.counts(),
            address,
        };
        let house = House::new(plot, Current::of(&first).unwrap());
        let files = Files::of(&root, &first.config);
        let read_with = files.look();
        let told = Told { desk, house, alerts };
        let watcher = Watcher::start(files, read_with, first.config.clone(), told).unwrap();

        fs::write(root.join("rules/a.sync"), RULE.replace("order 1", "order 22")).unwrap();
        let Reload::Sound(project) = next(&inbox) else { panic!("it is without a fault") };
        assert_eq!(project.rule_count(), 1);

        fs::write(root.join("rules/b.sync"), "rule \"All\" {\n").unwrap();
        let Reload::Unsound(newest) = next(&inbox) else { panic!("it has a fault") };
        assert!(
            newest.findings.iter().any(|line| line.starts_with("rules/b.sync:")),
            "{:?}",
            newest.findings
        );
        assert_eq!(newest.count, newest.findings.len() as u64);

        // A connector that is not there is a fault like any other, and so is a token that cannot be read.
        fs::remove_file(root.join("rules/b.sync")).unwrap();
        let config = fs::read_to_string(root.join("stocksync.yaml")).unwrap();
        for (faulty, said) in [
            (config.replace("connector: csv", "connector: nowhere"), "unknown-connector"),
            (
                format!("{config}serve: {{ tokens: {{ shop: \"file:missing\" }} }}\n"),
                "the token `shop` cannot be read",
            ),
        ] {
            fs::write(root.join("stocksync.yaml"), faulty).unwrap();
            let Reload::Unsound(newest) = next(&inbox) else { panic!("{said}") };
            assert!(newest.findings.iter().any(|line| line.contains(said)), "{:?}", newest.findings);
        }
        watcher.stop();
    }
}
