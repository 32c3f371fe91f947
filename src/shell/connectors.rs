//! `stocksync connectors`.

mod lock;
mod new;

use super::args::{Connectors, TextOrJson};
use super::exit::{Exit, Stop};
use super::locate::Search;
use super::output::Output;
use super::project::{self, Project};
use super::store::Store;
use super::{Run, connect, plugin};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;

pub(super) fn run(args: &Connectors, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    if let Connectors::New(args) = args {
        return new::new(args, run.folder.as_deref(), output);
    }
    let root = project::find(run.folder.as_deref())?;
    let (mut project, _) = project::load(root, project::Depth::Rules, |_| Ok(run.now))?;
    match args {
        Connectors::List { format } => list(&project, *format, output),
        Connectors::Check { store, record } => {
            project.net = project.net.taped(record.as_deref(), None);
            check(&project, store, output)
        }
        Connectors::Lock | Connectors::New(_) => lock::run(&project, output),
    }
}

fn list(project: &Project, format: TextOrJson, output: &mut Output) -> Result<Exit, Stop> {
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for store in &project.config.stores {
        users.entry(&store.connector).or_default().push(&store.name);
    }
    let search = Search::of(&project.root, &project.config.plugins);
    let (mut exit, mut rows) = (Exit::Done, Vec::new());
    for (name, stores) in users {
        let opened = plugin::open_apart(name, &search);
        let row = match &opened {
            Ok(plugin) => json!({
                "name": name, "version": plugin.manifest.version, "file": plugin.path.display().to_string(),
                "sha256": plugin.sha256(), "operations": plugin.manifest.operations, "stores": stores, "error": null,
            }),
            Err(fault) => {
                exit = Exit::Failed;
                json!({ "name": name, "stores": stores, "error": fault.what })
            }
        };
        if format == TextOrJson::Text {
            line(&row, output)?;
        }
        rows.push(row);
    }
    if format == TextOrJson::Json {
        writeln!(output.out, "{:#}", json!({ "format_version": 1, "connectors": rows }))?;
    }
    Ok(exit)
}

fn line(row: &Value, output: &mut Output) -> Result<(), Stop> {
    let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or("");
    let stores = row.get("stores").and_then(Value::as_array).map_or(0, Vec::len);
    if text("error").is_empty() {
        writeln!(output.out, "{} {}  {stores} stores  {}", text("name"), text("version"), text("file"))?;
    } else {
        writeln!(output.out, "{}  {stores} stores  cannot be used: {}", text("name"), text("error"))?;
    }
    Ok(())
}

fn check(project: &Project, name: &str, output: &mut Output) -> Result<Exit, Stop> {
    let id = project.store(name)?;
    let search = Search::of(&project.root, &project.config.plugins);
    let connector = project.config.stores.get(id.0 as usize).map_or("", |store| &store.connector);
    // In a process of its own first: what it does when it is loaded shall not end this one without a word.
    plugin::open_apart(connector, &search)
        .map_err(|fault| Stop { help: fault.help.clone(), ..Stop::failed(&fault) })?;
    let mut store = connect::open_one(project, id)?;
    writeln!(output.out, "connector {} {}: loaded", store.connector(), store.manifest().version)?;
    writeln!(output.out, "settings and secrets: good")?;
    store.check().map_err(|fault| connect::stop(&fault))?;
    let count = count_listings(&mut store).map_err(|fault| connect::stop(&fault))?;
    match count {
        Some(count) => writeln!(output.out, "read: {count} listings")?,
        None => writeln!(output.out, "check: good")?,
    }
    Ok(Exit::Done)
}

/// How many listings a store has, where it can be asked for all.
fn count_listings(store: &mut Store) -> Result<Option<u64>, super::fault::StoreFault> {
    if !store.manifest().operations.iter().any(|operation| operation == "listings") {
        return Ok(None);
    }
    let mut count = 0;
    store.listings(&mut |_| count += 1)?;
    Ok(Some(count))
}
