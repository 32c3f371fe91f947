//! `stocksync connectors lock`: notes the builds that the project uses.

use crate::shell::exit::{Exit, Stop};
use crate::shell::locate::Search;
use crate::shell::lock::{self, Lock};
use crate::shell::output::Output;
use crate::shell::plugin::{self, Opened};
use crate::shell::project::Project;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use stocksync_sdk::abi::ABI_VERSION;

pub(super) fn run(project: &Project, output: &mut Output) -> Result<Exit, Stop> {
    let before = Lock::load(&project.root).map_err(|fault| {
        Stop::failed(fault)
            .with_help(format!("move `{}` away; `connectors lock` makes a new one", lock::FILE))
    })?;
    let search = Search::of(&project.root, &project.config.plugins);
    let used: BTreeSet<&str> = project.config.stores.iter().map(|store| store.connector.as_str()).collect();
    let mut after = before.clone();
    after.connectors.retain(|name, _| used.contains(name.as_str()));
    for name in used.into_iter().filter(|name| !name.is_empty()) {
        // In a process of its own: nobody has said yet that it is to be trusted.
        let opened = plugin::probe(name, &search)
            .map_err(|fault| Stop { help: fault.help.clone(), ..Stop::failed(&fault) })?;
        after.insert(name, &opened.manifest.version, ABI_VERSION, opened.sha256());
        say(&before, name, &opened, output)?;
    }
    if after != before || !project.root.join(lock::FILE).exists() {
        let (file, new) = (project.root.join(lock::FILE), project.root.join(format!("{}.new", lock::FILE)));
        fs::write(&new, after.text())
            .and_then(|()| fs::rename(&new, &file))
            .map_err(|error| Stop::failed(format_args!("cannot write `{}`: {error}", file.display())))?;
    }
    Ok(Exit::Done)
}

fn say(before: &Lock, name: &str, opened: &Opened, output: &mut Output) -> Result<(), Stop> {
    let sha256 = opened.sha256();
    let known = before.connectors.get(name).and_then(|locked| locked.sha256.get(&lock::target()));
    let news = match known {
        Some(known) if known == sha256 => "as before",
        Some(_) => "another build than before",
        None => "new",
    };
    writeln!(output.out, "{name} {}  {news}  {sha256}  {}", opened.manifest.version, opened.path.display())?;
    Ok(())
}
