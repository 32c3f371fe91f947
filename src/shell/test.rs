//! `stocksync test`.

use super::Run;
use super::args::Test;
use super::exit::{Exit, Stop};
use super::output::Output;
use super::project::{self, Project};
use crate::report::clean;
use crate::ruletest::{self, Failure, TestResult};
use std::io::Write;

pub(super) fn run(args: &Test, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let root = project::find(run.folder.as_deref())?;
    let (project, _) = project::load(root, project::Depth::Rules, |_| Ok(run.now))?;
    let Some(rules) = project.checked.rule_set().filter(|_| !project.has_faults()) else {
        return match project.sound(output) {
            Err(stop) => Err(stop),
            Ok(_) => Err(Stop::failed("the rules could not be read")),
        };
    };
    let wanted = |name: &str| args.filter.as_deref().is_none_or(|text| name.contains(text));
    let results: Vec<_> = project
        .checked
        .tests
        .iter()
        .filter(|test| test.whole && wanted(&test.name))
        .map(|test| ruletest::run(test, rules, &project.declared))
        .collect();
    for result in &results {
        print(&project, result, output)?;
    }
    summary(&results, args, output)
}

fn print(project: &Project, result: &TestResult<'_>, output: &mut Output) -> Result<(), Stop> {
    let name = clean(result.name);
    if result.failures.is_empty() {
        if !output.quiet {
            writeln!(output.out, "ok    {name}")?;
        }
        return Ok(());
    }
    writeln!(output.out, "FAIL  {name}")?;
    for failure in &result.failures {
        let source = project.sources.get(failure.span.file);
        let place = source.position(failure.span.start);
        let Failure { sku, store, .. } = failure;
        let (expected, got) = (number(failure.expected), number(failure.got.map(|(units, _)| units)));
        let why = match (failure.got, failure.rule) {
            (Some((_, reason)), Some(rule)) => format!(" ({}, rule `{rule}`)", reason.name()),
            (None, Some(rule)) => format!(" (rule `{rule}` leaves the store alone)"),
            _ => " (no rule takes it)".to_owned(),
        };
        let line = format!("`{sku}` in `{store}`: expected {expected}, got {got}{why}");
        writeln!(output.out, "      {}:{}:{}: {}", source.path(), place.line, place.column, clean(&line))?;
    }
    Ok(())
}

fn number(units: Option<u64>) -> String {
    units.map_or_else(|| "none".to_owned(), |units| units.to_string())
}

fn summary(results: &[TestResult<'_>], args: &Test, output: &mut Output) -> Result<Exit, Stop> {
    if results.is_empty() {
        let what =
            args.filter.as_ref().map_or_else(String::new, |text| format!(" whose name holds `{text}`"));
        return Err(Stop::failed(format_args!("no test found{what}")).with_exit(Exit::NothingChecked));
    }
    let failed = results.iter().filter(|result| !result.failures.is_empty()).count();
    let checked: usize = results.iter().map(|result| result.checked).sum();
    let passed = results.len() - failed;
    writeln!(output.out, "{passed} passed, {failed} failed ({checked} numbers checked)")?;
    Ok(if failed > 0 { Exit::Findings } else { Exit::Done })
}
