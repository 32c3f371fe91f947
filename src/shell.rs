//! The only place that does I/O: one file a subcommand. Each reads, calls the core, and writes.
#![expect(clippy::disallowed_methods, reason = "files, clock and environment are this module's business")]

mod apply;
pub mod args;
mod ask;
mod backtest;
mod base64;
mod carry_out;
mod catalog;
mod connect;
mod connectors;
mod diff;
mod drift;
mod event_file;
mod exit;
mod explain;
pub mod fault;
pub mod files;
mod fmt;
mod forget;
mod git;
mod held;
mod init;
mod intake;
mod isolate;
mod lint;
pub mod locate;
pub mod lock;
mod lsp;
mod man;
pub mod net;
mod output;
mod percent;
mod plan;
pub mod plugin;
pub mod project;
mod records;
mod retry;
mod save;
mod saved;
mod schemas;
pub mod secrets;
mod seen;
pub mod serve;
pub mod session;
pub mod settings;
pub mod state;
pub mod store;
pub mod stores;
mod sync;
mod taken;
mod test;
pub mod transport;
mod versions;
pub mod watchdog;
mod why;

pub use exit::Exit;
pub use output::{Output, Phase};

use crate::threads::Threads;
use args::{Cli, Command};
use exit::Stop;
use jiff::Timestamp;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;

/// As many threads as the machine has. Asked once: the answer stands in files of the kernel.
fn threads() -> Threads {
    static THREADS: OnceLock<Threads> = OnceLock::new();
    *THREADS.get_or_init(|| std::thread::available_parallelism().map_or(Threads::ONE, Threads::new))
}

/// What every command of a run shares.
pub struct Run {
    /// `-C`.
    pub folder: Option<PathBuf>,
    /// When the run began.
    pub now: Timestamp,
    /// `-v`.
    pub verbose: bool,
}

/// Runs the process's own command line.
pub fn main() -> ExitCode {
    if let Some(arguments) = isolate::wanted() {
        return isolate::serve(&arguments);
    }
    let arguments: Vec<_> = std::env::args_os().collect();
    let cli = match Cli::read(&arguments) {
        Ok(cli) => cli,
        Err(fault) => {
            // Help and version are no faults; a closed pipe has nobody left to tell.
            let _ = fault.print();
            return ExitCode::from(if fault.use_stderr() { Exit::Failed.code() } else { 0 });
        }
    };
    let Cli { shared, command } = cli;
    let mut output = Output::standard(shared.color, shared.quiet).timed(shared.verbose);
    let run = Run { folder: shared.folder, now: now(), verbose: shared.verbose };
    let ended = dispatch(&command, &run, &mut output);
    let ended = ended.and_then(|exit| Ok(output.out.flush().map(|()| exit)?));
    ExitCode::from(ended.unwrap_or_else(|stop| say(stop, &mut output)).code())
}

fn dispatch(command: &Command, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    match command {
        Command::Init(args) => init::run(args, run, output),
        Command::Lint(args) => lint::run(args, run, output),
        Command::Fmt(args) => fmt::run(args, run, output),
        Command::Test(args) => test::run(args, run, output),
        Command::Explain(args) => explain::run(args, output),
        Command::Why(args) => why::run(args, run, output),
        Command::Plan(args) => plan::run(args, run, output),
        Command::Apply(args) => apply::run(args, run, output),
        Command::Diff(args) => diff::run(args, run, output),
        Command::Drift(args) => drift::run(args, run, output),
        Command::Backtest(args) => backtest::run(args, run, output),
        Command::Sync(args) => sync::run(args, run, output),
        Command::Serve(args) => serve::run(args, run, output, serve::start),
        Command::Records(args) => records::run(args, run, output),
        Command::Orders(args) => intake::orders(args, run, output),
        Command::Stock(args) => intake::stock(args, run, output),
        Command::Versions(args) => versions::run(args, run, output),
        Command::Connectors(args) => connectors::run(args, run, output),
        Command::Catalog(args) => catalog::run(args, run, output),
        Command::Lsp => lsp::run(run),
        Command::Completions(args) => Ok(man::completions(args, output)),
        Command::Man(args) => man::man(args, output),
    }
}

fn say(stop: Stop, output: &mut Output) -> Exit {
    // What was found so far comes before what ended the run.
    let _ = output.out.flush();
    if !stop.message.is_empty() {
        output.fault(&stop.message, stop.help.as_deref());
    }
    stop.exit
}

/// Where the project keeps its state.
fn state_path(project: &project::Project) -> Result<PathBuf, Stop> {
    let state = &project.config.state;
    let path = state.strip_prefix("sqlite:");
    path.map(|path| project.root.join(path)).ok_or_else(|| {
        Stop::failed("only `sqlite:` states are built yet")
            .with_help("take `state` out of `stocksync.yaml`, or give `sqlite:PATH`")
    })
}

/// The time, to the second: nothing here is told apart by less, and people read it.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
