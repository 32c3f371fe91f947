//! `stocksync test`.

mod watch;

use super::Run;
use super::args::Test;
use super::exit::{Exit, Stop};
use super::output::Output;
use super::project::{self, Project};
use crate::report::test::render_coverage;
use crate::report::{TEST_FORMATS, TestFormat, TestReport};
use crate::ruletest::coverage::Coverage;
use crate::ruletest::{self, Ground};
use std::path::PathBuf;

pub(super) fn run(args: &Test, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let root = project::find(run.folder.as_deref())?;
    let format = format(&args.format)?;
    if args.watch {
        return watch::run(root, |root, output| once(args, format, root, run, output), output);
    }
    once(args, format, root, run, output).1
}

/// Runs the tests once; with the folder of the rules, as far as it is known.
fn once(
    args: &Test,
    format: &TestFormat,
    root: PathBuf,
    run: &Run,
    output: &mut Output,
) -> (Option<String>, Result<Exit, Stop>) {
    match project::load(root, project::Depth::Rules, |_| Ok(run.now)) {
        Ok((project, _)) => (Some(project.config.rules.clone()), test(args, format, &project, output)),
        Err(stop) => (None, Err(stop)),
    }
}

fn format(name: &str) -> Result<&'static TestFormat, Stop> {
    TEST_FORMATS
        .iter()
        .find(|format| format.name == name)
        .ok_or_else(|| Stop::failed(format_args!("no format `{name}`")))
}

fn test(args: &Test, format: &TestFormat, project: &Project, output: &mut Output) -> Result<Exit, Stop> {
    output.took(&project.phases);
    let Some(rules) = project.checked.rule_set().filter(|_| !project.has_faults()) else {
        return match project.sound(output) {
            Err(stop) => Err(stop),
            Ok(_) => Err(Stop::failed("the rules could not be read")),
        };
    };
    let ground = Ground { rules, declared: &project.declared, sources: &project.sources };
    let wanted = |name: &str| args.filter.as_deref().is_none_or(|text| name.contains(text));
    let tests = project.checked.tests.iter().filter(|test| test.whole && wanted(&test.name));
    let results = ruletest::run(tests, ground);
    if results.is_empty() {
        return Err(none_found(args));
    }
    output.done("running the tests");
    let coverage = args.coverage.then(|| Coverage::of(&project.checked.rules, ground, &results));
    let report = TestReport {
        sources: &project.sources,
        results: &results,
        coverage: coverage.as_ref(),
        color: output.out_color,
        quiet: output.quiet,
        width: output.width,
    };
    (format.render)(&report, &mut output.out)?;
    if let (Some(coverage), false) = (&coverage, format.holds_coverage) {
        render_coverage(coverage, &project.sources, output.err_color, &mut output.err)?;
    }
    let failed = results.iter().any(|result| !result.failures.is_empty());
    Ok(if failed { Exit::Findings } else { Exit::Done })
}

fn none_found(args: &Test) -> Stop {
    let what = args.filter.as_ref().map_or_else(String::new, |text| format!(" whose name holds `{text}`"));
    Stop::failed(format_args!("no test found{what}")).with_exit(Exit::NothingChecked)
}
