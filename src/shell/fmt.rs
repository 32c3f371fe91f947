//! `stocksync fmt`.

use super::args::Fmt;
use super::exit::{Exit, Stop};
use super::fault::plainly;
use super::output::Output;
use super::{Run, project, save};
use crate::diagnostic::{Diagnostic, Level, codes};
use crate::fmt::{Unformatted, format};
use crate::report::{LintReport, changes, lint};
use crate::source::{FileId, Sources};
use crate::syntax::{self, FILE_BYTES_MAX, ast};
use std::collections::{BTreeSet, HashSet};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// What standard input is called.
const INPUT: &str = "<stdin>";

pub(super) fn run(args: &Fmt, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let mut task = Task::new(args, output);
    if args.paths.iter().any(|path| path == Path::new("-")) {
        if args.paths.len() > 1 {
            return Err(Stop::failed("`-` stands alone: standard input is one text"));
        }
        task.standard_input()?;
        task.findings()?;
    } else {
        let paths =
            if args.paths.is_empty() { task.of_project(run)? } else { task.of_paths(run, &args.paths) };
        for (name, path) in &paths {
            task.file(name, path)?;
        }
        task.findings()?;
        task.summary();
        if paths.is_empty() && !task.failed && task.found.is_empty() {
            return Err(Stop::failed("no rule file found").with_exit(Exit::NothingChecked));
        }
    }
    Ok(task.exit())
}

/// What is done with a text that would change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Write,
    List,
    Diff,
}

struct Task<'o> {
    mode: Mode,
    output: &'o mut Output,
    sources: Sources,
    /// Faults of syntax, of all files.
    found: Vec<Diagnostic>,
    /// How many texts were not in the style.
    changed: usize,
    unchanged: usize,
    faulty: usize,
    /// Whether something could not be read or written.
    failed: bool,
}

impl<'o> Task<'o> {
    fn new(args: &Fmt, output: &'o mut Output) -> Self {
        let mode = match (args.diff, args.check) {
            (true, _) => Mode::Diff,
            (false, true) => Mode::List,
            (false, false) => Mode::Write,
        };
        let sources = Sources::new();
        Self { mode, output, sources, found: Vec::new(), changed: 0, unchanged: 0, faulty: 0, failed: false }
    }

    /// The rule files of the project.
    fn of_project(&mut self, run: &Run) -> Result<Vec<(String, PathBuf)>, Stop> {
        let root = project::find(run.folder.as_deref())?;
        let config = project::read_config(&root, &mut self.sources, &mut self.found)?;
        if self.found.iter().any(|finding| finding.level == Level::Deny) {
            // Where the rules are is not known for sure.
            self.findings()?;
            return Err(Stop::quiet(Exit::Findings));
        }
        let found = project::find_rules(&root, &root.join(&config.rules), &config.rules);
        self.not_found(found.faults);
        if found.paths.is_empty() && !self.failed {
            return Err(project::no_rules(&config.rules));
        }
        Ok(found.paths)
    }

    /// The files that were named, and the rule files in the folders. Each once.
    fn of_paths(&mut self, run: &Run, asked: &[PathBuf]) -> Vec<(String, PathBuf)> {
        let mut all = Vec::new();
        for asked in asked {
            let name = asked.to_string_lossy().into_owned();
            let in_folder = run.folder.as_deref().map(|folder| folder.join(asked));
            let path =
                in_folder.filter(|path| !asked.exists() && path.exists()).unwrap_or_else(|| asked.clone());
            match path.canonicalize() {
                Err(fault) => self.not_found(vec![(name.clone(), format!("`{name}`: {}", plainly(&fault)))]),
                Ok(folder) if folder.is_dir() => {
                    let name = name.trim_end_matches(['/', '\\']);
                    let found =
                        project::find_rules(&folder, &folder, if name.is_empty() { "/" } else { name });
                    self.not_found(found.faults);
                    all.extend(found.paths);
                }
                Ok(file) if file.is_file() => all.push((name, file)),
                Ok(_) => self.not_found(vec![(name.clone(), format!("`{name}` is no file"))]),
            }
        }
        all.sort();
        let mut seen = HashSet::new();
        all.retain(|(_, path)| seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
        all
    }

    fn not_found(&mut self, faults: Vec<(String, String)>) {
        for (_, message) in faults {
            self.fail(&message, None);
        }
    }

    fn fail(&mut self, message: &str, help: Option<&str>) {
        self.failed = true;
        self.output.fault(message, help);
    }

    fn file(&mut self, name: &str, path: &Path) -> Result<(), Stop> {
        let bytes = match project::read_at_most(path, FILE_BYTES_MAX + 1) {
            Ok(bytes) => bytes,
            Err(fault) => {
                self.fail(&format!("cannot read `{name}`: {}", plainly(&fault)), None);
                return Ok(());
            }
        };
        let file = project::decode(bytes, name, &codes::SYNTAX, &mut self.sources, &mut self.found);
        let Some(new) = self.formatted(file) else { return Ok(()) };
        let old = self.sources.get(file).text();
        if new == old {
            self.unchanged += 1;
            return Ok(());
        }
        if self.mode == Mode::Write {
            if let Err(fault) = save::rewrite(path, old.as_bytes(), &new) {
                self.fail(&format!("cannot write `{name}`: {}", plainly(&fault)), None);
                return Ok(());
            }
            self.changed += 1;
            return Ok(());
        }
        self.show(file, &new)
    }

    fn standard_input(&mut self) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes);
        read.map_err(|fault| Stop::failed(format_args!("cannot read standard input: {}", plainly(&fault))))?;
        let file = project::decode(bytes, INPUT, &codes::SYNTAX, &mut self.sources, &mut self.found);
        match self.formatted(file) {
            None => Ok(()),
            Some(new) if self.mode == Mode::Write => Ok(self.output.out.write_all(new.as_bytes())?),
            Some(new) if new == self.sources.get(file).text() => Ok(()),
            Some(new) => self.show(file, &new),
        }
    }

    /// What a text would become, where that is known.
    fn formatted(&mut self, file: FileId) -> Option<String> {
        let source = self.sources.get(file);
        // What is no text was found to be none.
        let is_text = !self.found.iter().any(|found| found.span.is_some_and(|span| span.file == file));
        let formatted =
            if is_text { format(file, source.text()) } else { Err(Unformatted::Faults(Vec::new())) };
        match formatted {
            Ok(new) => return Some(new),
            Err(Unformatted::Faults(faults)) => {
                self.faulty += 1;
                self.found.extend(faults);
            }
            Err(Unformatted::TooLarge) => {
                let mib = FILE_BYTES_MAX >> 20;
                let message = format!("`{}` would be larger than {mib} MiB", source.path());
                self.fail(&message, Some("split it: all rule files of a project work as one"));
            }
            Err(Unformatted::Refused(why)) => {
                let message = format!("`{}` is left as it is: {why}", source.path());
                self.fail(&message, Some("this is a fault of the formatter; please report it with the file"));
            }
        }
        None
    }

    fn show(&mut self, file: FileId, new: &str) -> Result<(), Stop> {
        self.changed += 1;
        let source = self.sources.get(file);
        if self.mode == Mode::Diff {
            let color = self.output.out_color;
            return Ok(changes::unified(source.path(), source.text(), new, color, &mut self.output.out)?);
        }
        Ok(writeln!(self.output.out, "{}", source.path())?)
    }

    fn summary(&mut self) {
        let files = |count: usize| if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        let (would, left) = match self.mode {
            Mode::Write => ("formatted", "left unchanged"),
            Mode::List | Mode::Diff => ("would be formatted", "already formatted"),
        };
        let mut said = Vec::new();
        for (count, what) in
            [(self.changed, would), (self.unchanged, left), (self.faulty, "with faults left alone")]
        {
            if count > 0 {
                said.push(format!("{} {what}", files(count)));
            }
        }
        if !said.is_empty() {
            self.output.say(said.join(", "));
        }
    }

    fn findings(&mut self) -> io::Result<()> {
        // What was shown of other files comes first.
        self.output.out.flush()?;
        if self.found.is_empty() {
            return Ok(());
        }
        lint::sort(&self.sources, &mut self.found);
        let files: BTreeSet<FileId> = self.found.iter().filter_map(|found| Some(found.span?.file)).collect();
        let rules =
            files.iter().map(|&file| rule_count(syntax::parse(file, self.sources.get(file).text()).0)).sum();
        let report = LintReport {
            sources: &self.sources,
            diagnostics: &self.found,
            files: files.len(),
            rules,
            color: self.output.err_color,
            width: self.output.width,
            prefix: "",
        };
        lint::render_full(&report, &mut self.output.err)
    }

    fn exit(&self) -> Exit {
        let to_report = !self.found.is_empty() || self.mode != Mode::Write && self.changed > 0;
        let findings = if to_report { Exit::Findings } else { Exit::Done };
        if self.failed { Exit::Failed.or(findings) } else { findings }
    }
}

fn rule_count(file: ast::File) -> usize {
    file.items.iter().filter(|item| matches!(item, ast::Item::Rule(_))).count()
}
