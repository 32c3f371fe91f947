//! A table that rows are added to.

use crate::catalog::sheet::{self, Kind, SheetRow};
use crate::diagnostic::{Diagnostic, Level};
use crate::report::{LintReport, lint};
use crate::shell::exit::{Exit, Stop};
use crate::shell::output::Output;
use crate::shell::project::Project;
use crate::shell::save;
use crate::source::{FileId, Sources};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Larger files are refused: places in them are 32 bits wide.
const BYTES_MAX: u64 = u32::MAX as u64 - 1;

/// A table of the project, and what was read from it.
pub(super) struct Table {
    name: String,
    path: PathBuf,
    kind: Kind,
    bytes: Vec<u8>,
    pub(super) rows: Vec<SheetRow>,
}

impl Table {
    /// Reads it; one that is not there is empty. Where it has faults, they are reported and the run ends.
    pub(super) fn open(project: &Project, kind: Kind, output: &mut Output) -> Result<Self, Stop> {
        let paths = &project.config.catalog;
        let name = if kind == Kind::Skus { &paths.skus } else { &paths.mappings };
        let path = project.root.join(name);
        let bytes = match fs::File::open(&path) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Vec::new(),
            opened => opened.and_then(read_all).map_err(|fault| unreadable(name, &fault))?,
        };
        let mut rows = Vec::new();
        if !bytes.is_empty() {
            let (_, read) = read(name, bytes.clone(), kind, output)?;
            rows = read;
        }
        Ok(Self { name: name.clone(), path, kind, bytes, rows })
    }

    /// Adds rows at its end, and says how many.
    pub(super) fn add(&self, rows: &[Vec<String>], output: &mut Output) -> Result<(), Stop> {
        let name = &self.name;
        if !rows.is_empty() {
            let new = sheet::append(&self.bytes, self.kind, rows)
                .map_err(|why| Stop::failed(format_args!("cannot add to `{name}`: {why}")))?;
            self.save(&new)?;
        }
        let s = if rows.len() == 1 { "" } else { "s" };
        writeln!(output.out, "{} row{s} added to {name}", rows.len())?;
        Ok(())
    }

    fn save(&self, new: &[u8]) -> Result<(), Stop> {
        let fault = |fault: io::Error| Stop::failed(format_args!("cannot write `{}`: {fault}", self.name));
        if self.path.exists() {
            let new = std::str::from_utf8(new).map_err(|_| Stop::failed("the table is no text"))?;
            return save::rewrite(&self.path, &self.bytes, new).map_err(fault);
        }
        self.path.parent().map_or(Ok(()), fs::create_dir_all).map_err(fault)?;
        save::replace(&self.path, |out| out.write_all(new))
    }
}

/// Reads a file of the user's, `-` for standard input. Where it has faults, they are reported and the run ends.
pub(super) fn import(file: &Path, kind: Kind, output: &mut Output) -> Result<(Sources, Vec<SheetRow>), Stop> {
    let name = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
    let bytes = if file == Path::new("-") {
        read_all(io::stdin().lock())
    } else {
        fs::File::open(file).and_then(read_all)
    };
    let bytes = bytes.map_err(|fault| unreadable(&name, &fault))?;
    read(&name, bytes, kind, output)
}

fn read_all(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(io::Error::other("it is larger than 4 GiB"));
    }
    Ok(bytes)
}

fn unreadable(name: &str, fault: &io::Error) -> Stop {
    Stop::failed(format_args!("cannot read `{name}`: {fault}"))
}

fn read(
    name: &str,
    bytes: Vec<u8>,
    kind: Kind,
    output: &mut Output,
) -> Result<(Sources, Vec<SheetRow>), Stop> {
    let mut sources = Sources::new();
    let file: FileId = sources.add(name, "");
    let (rows, faults) = sheet::read(bytes, kind, file, &mut sources);
    refuse(&sources, &faults, output)?;
    Ok((sources, rows))
}

/// Reports faults, where there are any, and ends the run.
pub(super) fn refuse(sources: &Sources, found: &[Diagnostic], output: &mut Output) -> Result<(), Stop> {
    let faults: Vec<_> = found.iter().filter(|found| found.level == Level::Deny).cloned().collect();
    if faults.is_empty() {
        return Ok(());
    }
    let report = LintReport {
        sources,
        diagnostics: &faults,
        files: 1,
        rules: 0,
        color: output.err_color,
        width: output.width,
        prefix: "",
    };
    lint::render_full(&report, &mut output.err)?;
    Err(Stop::quiet(Exit::Findings))
}
