//! Standard output and standard error, with colour where a person looks.

use crate::report::Color;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Where a run prints to.
pub struct Output {
    /// Results.
    pub out: Box<dyn Write + Send>,
    /// Everything else.
    pub err: Box<dyn Write + Send>,
    /// Whether results are coloured.
    pub out_color: Color,
    /// Whether the rest is coloured.
    pub err_color: Color,
    /// Columns of the terminal, or 80.
    pub width: usize,
    /// Whether a person can be asked.
    pub interactive: bool,
    /// `-q`: results and faults only.
    pub quiet: bool,
    /// Whether a person watches standard error.
    watched: bool,
    /// Whether a line of progress stands on the terminal.
    in_progress: bool,
    /// With `-v`: when the phase began that is not said yet.
    phase: Option<Instant>,
}

/// What took how long.
pub type Phase = (&'static str, Duration);

/// `--color`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Output {
    /// The process's own streams.
    pub fn standard(choice: ColorChoice, quiet: bool) -> Self {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let color = |terminal: bool| match choice {
            ColorChoice::Always => Color::Always,
            ColorChoice::Never => Color::Never,
            ColorChoice::Auto if terminal && !no_color() => Color::Always,
            ColorChoice::Auto => Color::Never,
        };
        Self {
            out_color: color(stdout.is_terminal()),
            err_color: color(stderr.is_terminal()),
            width: width(),
            interactive: io::stdin().is_terminal() && stderr.is_terminal(),
            quiet,
            watched: stderr.is_terminal() && !quiet,
            in_progress: false,
            phase: None,
            out: Box::new(BufWriter::with_capacity(1 << 16, stdout)),
            err: Box::new(stderr),
        }
    }

    /// The same; where `verbose`, it says how long each phase takes.
    #[must_use]
    pub fn timed(mut self, verbose: bool) -> Self {
        self.phase = verbose.then(Instant::now);
        self
    }

    /// Says how long it took what was done since the last time, with `-v`.
    pub fn done(&mut self, what: &'static str) {
        if let Some(began) = self.phase {
            self.took(&[(what, began.elapsed())]);
        }
    }

    /// Says what took how long, with `-v`; the next phase begins now.
    pub fn took(&mut self, phases: &[Phase]) {
        if self.phase.is_none() {
            return;
        }
        self.end_progress();
        for (what, time) in phases {
            let _ = writeln!(self.err, "{:>9.1} ms  {what}", time.as_secs_f64() * 1000.0);
        }
        self.phase = Some(Instant::now());
    }

    /// Shows what is being done, in place of what was shown before; on a terminal only.
    pub fn progress(&mut self, doing: impl std::fmt::Display) {
        if self.watched {
            let _ = write!(self.err, "\r\x1b[2K{doing} …");
            let _ = self.err.flush();
            self.in_progress = true;
        }
    }

    /// Takes the line of progress away: before anything else is printed.
    pub fn end_progress(&mut self) {
        if std::mem::take(&mut self.in_progress) {
            let _ = write!(self.err, "\r\x1b[2K");
            let _ = self.err.flush();
        }
    }

    /// Says something that is no result, unless `-q`.
    pub fn say(&mut self, line: impl std::fmt::Display) {
        self.end_progress();
        if !self.quiet {
            // Nobody is left to tell where standard error is closed.
            let _ = writeln!(self.err, "{line}");
        }
    }

    /// Says what a result leaves out, with `-q` too: who reads it would take it for the whole.
    pub fn note(&mut self, line: &str) {
        self.end_progress();
        let _ = writeln!(self.err, "note: {}", crate::report::clean(line));
    }

    /// Reports what ended the run.
    pub fn fault(&mut self, message: &str, help: Option<&str>) {
        self.end_progress();
        let _ = writeln!(self.err, "error: {}", crate::report::clean(message));
        if let Some(help) = help {
            let _ = writeln!(self.err, "  help: {}", crate::report::clean(help));
        }
    }
}

fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|value| value.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.or_else(terminal).unwrap_or(80).clamp(40, 200)
}
