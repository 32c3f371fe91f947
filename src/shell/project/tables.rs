//! The catalog's tables.

use super::Project;
use crate::catalog::{Builder, Kind, Table};
use crate::config::CatalogPaths;
use crate::diagnostic::{Diagnostic, Level, codes};
use crate::shell::exit::Stop;
use crate::shell::fault::plainly;
use crate::source::Span;
use crate::threads::Threads;
use jiff::Timestamp;
use std::path::Path;
use std::time::Duration;
use std::{fs, io, thread};

/// Files larger than this are refused before they are read: places in them are 32 bits wide.
const BYTES_MAX: u64 = u32::MAX as u64 - 1;

/// Smaller tables are read before another thread has come up to speed.
const BYTES_FOR_THREADS: u64 = 1 << 20;

/// How long a stock file that is being written is given to lie still.
const STILL_MILLISECONDS: u64 = 300;

pub(super) fn read(project: &mut Project) -> Result<(), Stop> {
    let declared = project.declared.clone();
    let paths = project.config.catalog.clone();
    let mut builder = Builder::new(&declared);
    if stream(project, &mut builder, &paths.skus, Kind::Skus).is_none()
        && let Some(table) = table(project, &paths.skus, Need::Must)?
    {
        builder.skus(table, &mut project.sources);
    }
    if let Some(table) = table(project, &paths.bundles, Need::May)? {
        builder.bundles(table, &mut project.sources);
    }
    if stream(project, &mut builder, &paths.stock, Kind::Stock).is_none()
        && let Some(table) = table(project, &paths.stock, Need::Still)?
    {
        builder.stock(table, &mut project.sources);
    }
    if stream(project, &mut builder, &paths.mappings, Kind::Mappings).is_none()
        && let Some(table) = table(project, &paths.mappings, Need::Must)?
    {
        builder.mappings(table, &mut project.sources);
    }
    let (catalog, faults) = builder.finish();
    project.diagnostics.extend(faults);
    if project.diagnostics.iter().all(|diagnostic| diagnostic.level != Level::Deny) {
        project.catalog = Some(catalog);
    }
    Ok(())
}

/// Takes a table in that is sound and lies still, as a stream. `None` for any other: nothing was taken in then.
fn stream(project: &mut Project, builder: &mut Builder<'_>, name: &str, kind: Kind) -> Option<()> {
    let path = project.root.join(name);
    let before = Lying::of(&path)?;
    if !path.canonicalize().ok()?.starts_with(&project.root) {
        return None;
    }
    let known = project.sources.len();
    let file = project.sources.add(name, "");
    let scan = || {
        let mut stream = fs::File::open(&path).ok()?;
        let scan = builder.scan(kind, file, &mut stream, threads(before.bytes))?;
        let bytes = if scan.has_findings() { Some(fs::read(&path).ok()?) } else { None };
        (Lying::of(&path)? == before).then_some((scan, bytes))
    };
    let Some((scan, bytes)) = scan() else {
        project.sources.split_off(known);
        return None;
    };
    builder.take(scan, before.modified, bytes, &mut project.sources);
    Some(())
}

/// What tells whether a file was changed.
#[derive(PartialEq, Eq)]
struct Lying {
    bytes: u64,
    modified: Option<Timestamp>,
}

impl Lying {
    fn of(path: &Path) -> Option<Self> {
        let data = fs::metadata(path).ok().filter(|data| data.is_file() && data.len() <= BYTES_MAX)?;
        let modified = data.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
        Some(Self { bytes: data.len(), modified })
    }
}

/// As many threads as the machine has, for a table that is worth starting them.
fn threads(bytes: u64) -> Threads {
    if bytes < BYTES_FOR_THREADS {
        return Threads::ONE;
    }
    crate::shell::threads()
}

/// Whether no table is there at all, as in a repository that holds rules alone.
pub(super) fn none_there(project: &Project) -> bool {
    let CatalogPaths { skus, stock, mappings, bundles } = &project.config.catalog;
    [skus, stock, mappings, bundles].into_iter().all(|name| {
        // A link that leads nowhere is there.
        let table = fs::symlink_metadata(project.root.join(name));
        table.is_err_and(|fault| fault.kind() == io::ErrorKind::NotFound)
    })
}

/// What is said where no table is there.
pub(super) fn why_none(project: &Project) -> String {
    let CatalogPaths { skus, stock, mappings, bundles: _ } = &project.config.catalog;
    format!("there is no catalog (`{skus}`, `{stock}`, `{mappings}`)")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// It must be there.
    Must,
    /// It may be missing.
    May,
    /// It must be there, and not be read while somebody writes it.
    Still,
}

fn table(project: &mut Project, name: &str, need: Need) -> Result<Option<Table>, Stop> {
    let path = project.root.join(name);
    let read = if need == Need::Still { read_still(&path) } else { read_whole(&path) };
    let (bytes, modified, changed) = match read {
        Ok(read) => read,
        Err(fault) if need == Need::May && fault.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(fault) => {
            let config = project.sources.iter().next().map(|(file, _)| Span::new(file, 0, 0));
            let finding = Diagnostic::new(
                &codes::BAD_CONFIG,
                config,
                format!("cannot read `{name}`: {}", plainly(&fault)),
            );
            project.diagnostics.push(finding.with_help("the catalog's tables are named under `catalog`"));
            return Ok(None);
        }
    };
    if !path.canonicalize().is_ok_and(|path| path.starts_with(&project.root)) {
        let message = format!("`{name}` leads out of the project's folder");
        project.diagnostics.push(Diagnostic::new(&codes::BAD_CONFIG, None, message));
        return Ok(None);
    }
    let file = project.sources.add(name, "");
    if changed {
        let message = format!("`{name}` changed while it was read");
        let finding = Diagnostic::new(&codes::BAD_ROW, Span::new(file, 0, 0), message);
        project
            .diagnostics
            .push(finding.with_help("write it under another name, then rename it into its place"));
        return Ok(None);
    }
    Ok(Some(Table { file, bytes, modified }))
}

type Read = (Vec<u8>, Option<Timestamp>, bool);

fn read_whole(path: &Path) -> io::Result<Read> {
    let before = fs::metadata(path)?;
    if !before.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if before.len() > BYTES_MAX {
        return Err(io::Error::other("it is larger than 4 GiB"));
    }
    let bytes = fs::read(path)?;
    let after = fs::metadata(path)?;
    let changed = before.len() != after.len() || before.modified().ok() != after.modified().ok();
    let modified = after.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
    Ok((bytes, modified, changed))
}

/// A file that is being written is read once more after it lay still for a moment.
fn read_still(path: &Path) -> io::Result<Read> {
    let read = read_whole(path)?;
    let whole = read.0.is_empty() || read.0.ends_with(b"\n");
    if whole && !read.2 {
        return Ok(read);
    }
    thread::sleep(Duration::from_millis(STILL_MILLISECONDS));
    read_whole(path)
}
