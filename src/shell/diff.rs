//! `stocksync diff`: two revisions of the rules, one snapshot of the catalog.

use super::Run;
use super::args::Diff;
use super::exit::{Exit, Stop};
use super::git::Git;
use super::output::Output;
use super::project::{self, Depth, Disk, Overlay, Project, Tree};
use crate::compare::{Comparison, compare};
use crate::report::{COMPARE_FORMATS, CompareReport, Side};
use crate::rules::{Declared, RuleSet, StoreId, WarehouseId};
use jiff::Timestamp;
use std::path::Path;

pub(super) fn run(args: &Diff, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let root = project::find(run.folder.as_deref())?;
    let git = Git::of(&root)?;
    let overlay = Overlay::new();
    let disk = Disk { root: &root, overlay: &overlay };
    let old_commit = git.commit(&args.old)?;
    let (old, new) = match &args.new {
        Some(new) => {
            let new_commit = git.commit(new)?;
            let old = Revision::read(&git.snapshot(&old_commit), &args.old, Some(old_commit), &root, output)?;
            (old, Revision::read(&git.snapshot(&new_commit), new, Some(new_commit), &root, output)?)
        }
        None => {
            let base = git.merge_base(&old_commit, "HEAD")?;
            let name = if base == old_commit {
                args.old.clone()
            } else {
                format!("the merge base with {}", args.old)
            };
            let old = Revision::read(&git.snapshot(&base), &name, Some(base), &root, output)?;
            (old, Revision::read(&disk, "the working tree", None, &root, output)?)
        }
    };
    let (ground, at) = ground(args, run, &root, &disk, [&old, &new])?;
    let Some(catalog) = &ground.catalog else {
        return Err(ground
            .sound(output)
            .err()
            .unwrap_or_else(|| Stop::failed("the catalog could not be read")));
    };
    let (old_rules, new_rules) = (old.renumbered(&ground.declared), new.renumbered(&ground.declared));
    let comparison = compare(&old_rules, &new_rules, catalog, &ground.declared.stores, at);
    let limits = args.fail_on.iter().flat_map(|limits| &limits.0);
    let exceeded: Vec<String> = limits.filter_map(|limit| limit.exceeded(&comparison.total)).collect();
    let report = CompareReport {
        old: old.side(&old_rules),
        new: new.side(&new_rules),
        comparison: &comparison,
        catalog,
        stores: &ground.declared.stores,
        at,
        exceeded: &exceeded,
        color: output.out_color,
        width: output.width,
    };
    let format = COMPARE_FORMATS.iter().find(|format| format.name == args.format);
    if let Some(format) = format.or(COMPARE_FORMATS.first()) {
        (format.render)(&report, &mut output.out)?;
    }
    Ok(exit(args, &comparison, &exceeded))
}

fn exit(args: &Diff, comparison: &Comparison, exceeded: &[String]) -> Exit {
    let changed = args.exit_code && !comparison.rows.is_empty();
    if changed || !exceeded.is_empty() { Exit::Findings } else { Exit::Done }
}

/// Rules without a fault, as they were or are.
struct Revision {
    name: String,
    commit: Option<String>,
    project: Project,
    rules: RuleSet,
}

impl Revision {
    /// Reads one side. Where its rules have a fault, the findings are shown with its name, and the run ends.
    fn read(
        tree: &dyn Tree,
        name: &str,
        commit: Option<String>,
        root: &Path,
        output: &mut Output,
    ) -> Result<Self, Stop> {
        // Rules without a window are judged the same at any moment, and faults do not depend on it.
        let at = |_: &_| Ok(Timestamp::UNIX_EPOCH);
        let (project, _) = project::load_from(tree, root.to_path_buf(), Depth::Rules, at)?;
        let rules = project.checked.rule_set().filter(|_| !project.has_faults()).cloned();
        match rules {
            Some(rules) => Ok(Self { name: name.to_owned(), commit, project, rules }),
            None => {
                let stop = project.sound(output).err();
                output.fault(&format!("the rules of {name} have faults"), None);
                Err(stop.unwrap_or_else(|| Stop::quiet(Exit::Findings)))
            }
        }
    }

    /// The rules, numbered like names that hold all of its own.
    fn renumbered(&self, declared: &Declared) -> RuleSet {
        let own = &self.project.declared;
        let places = |own: &[String], all: &[String]| -> Vec<u16> {
            let place = |name: &String| all.iter().position(|one| one == name).unwrap_or_default() as u16;
            own.iter().map(place).collect()
        };
        let warehouses: Vec<_> =
            places(&own.warehouses, &declared.warehouses).into_iter().map(WarehouseId).collect();
        let stores: Vec<_> = places(&own.stores, &declared.stores).into_iter().map(StoreId).collect();
        self.rules.renumbered(&warehouses, &stores)
    }

    fn side<'a>(&'a self, rules: &'a RuleSet) -> Side<'a> {
        Side { name: &self.name, commit: self.commit.as_deref(), rules, sources: &self.project.sources }
    }
}

/// The working tree's catalog, over the names that any side declares, and the moment.
fn ground(
    args: &Diff,
    run: &Run,
    root: &Path,
    disk: &Disk<'_>,
    sides: [&Revision; 2],
) -> Result<(Project, Timestamp), Stop> {
    let at = |config: &_| project::moment(args.at.as_deref(), config, run.now);
    let (mut ground, at) = project::load_from(&Configured(disk), root.to_path_buf(), Depth::Rules, at)?;
    let mut declared = ground.declared.clone();
    for side in sides {
        let own = &side.project.declared;
        let fresh = |known: &[String], own: &[String]| -> Vec<String> {
            own.iter().filter(|name| !known.contains(name)).cloned().collect()
        };
        let (warehouses, stores) =
            (fresh(&declared.warehouses, &own.warehouses), fresh(&declared.stores, &own.stores));
        declared.warehouses.extend(warehouses);
        declared.stores.extend(stores);
    }
    ground.read_catalog(declared)?;
    Ok((ground, at))
}

/// The working tree's configuration alone: its rules are those of a side, or of none.
struct Configured<'a>(&'a Disk<'a>);

impl Tree for Configured<'_> {
    fn config(&self, bytes_max: usize) -> Result<Vec<u8>, Stop> {
        self.0.config(bytes_max)
    }

    fn rules(&self, _: &str) -> Result<project::RuleTexts, Stop> {
        Ok(project::RuleTexts::default())
    }
}
