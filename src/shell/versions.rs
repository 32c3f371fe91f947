//! `stocksync versions`.

use super::Run;
use super::args::{TextOrJson, Versions, VersionsCommand};
use super::exit::{Exit, Stop};
use super::output::Output;
use super::project;
use super::state::{Activation, SqliteState, State};
use serde_json::json;
use std::collections::HashSet;
use std::io::Write;

pub(super) fn run(args: &Versions, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let root = project::find(run.folder.as_deref())?;
    let (project, _) = project::load(root, project::Depth::Rules, |_| Ok(run.now))?;
    let mut state = SqliteState::open_for_reading(&super::state_path(&project)?)?;
    let all = state.activations()?;
    match &args.command {
        None => list(&all, args.format, output)?,
        Some(VersionsCommand::Show { activation }) => {
            let rules = rules(&mut state, &all, *activation)?;
            write!(output.out, "{rules}")?;
        }
        Some(VersionsCommand::Diff { old, new }) => {
            let current = all.first().map_or(0, |newest| newest.number);
            let old = rules(&mut state, &all, *old)?;
            let new = rules(&mut state, &all, new.unwrap_or(current))?;
            diff(&old, &new, output)?;
        }
    }
    Ok(Exit::Done)
}

fn list(all: &[Activation], format: TextOrJson, output: &mut Output) -> Result<(), Stop> {
    if format == TextOrJson::Json {
        let rows = all.iter().map(|a| {
            json!({ "activation": a.number, "rules_version": a.version, "time": a.time.to_string(), "commit": a.commit })
        });
        writeln!(
            output.out,
            "{:#}",
            json!({ "format_version": 1, "activations": rows.collect::<Vec<_>>() })
        )?;
        return Ok(());
    }
    if all.is_empty() {
        output.say("no rules were activated yet: the first `stocksync sync` does");
    }
    for (at, activation) in all.iter().enumerate() {
        let current = if at == 0 { "  current" } else { "" };
        let commit = activation.commit.as_deref().map_or("-", |commit| commit.get(..12).unwrap_or(commit));
        let version = activation.version.get(..19).unwrap_or(&activation.version);
        let time = activation.time.round(jiff::Unit::Second).unwrap_or(activation.time);
        writeln!(output.out, "{:>4}  {time}  {version}  {commit}{current}", activation.number)?;
    }
    Ok(())
}

fn rules(state: &mut SqliteState, all: &[Activation], number: u64) -> Result<String, Stop> {
    let found = all.iter().find(|activation| activation.number == number);
    let missing =
        || Stop::failed(format_args!("no activation {number}")).with_help("`stocksync versions` lists them");
    let version = &found.ok_or_else(missing)?.version;
    state.rules(version)?.ok_or_else(missing)
}

/// The canonical form has a rule a line, in an order of its own: what differs is a set of lines.
fn diff(old: &str, new: &str, output: &mut Output) -> Result<(), Stop> {
    let (before, after): (HashSet<&str>, HashSet<&str>) = (old.lines().collect(), new.lines().collect());
    for line in old.lines().filter(|line| !after.contains(line)) {
        writeln!(output.out, "- {}", crate::report::clean(line))?;
    }
    for line in new.lines().filter(|line| !before.contains(line)) {
        writeln!(output.out, "+ {}", crate::report::clean(line))?;
    }
    if before == after {
        output.say("the same rules");
    }
    Ok(())
}
