//! `stocksync serve`: the daemon. Its front speaks HTTP, one thread owns the state, and they meet at a desk.

pub mod alerts;
mod chores;
mod crew;
pub mod desk;
pub mod engine;
pub mod front;
mod listen;
mod log;
mod opening;
mod shown;
mod signals;
#[cfg(test)]
mod simulation;
mod turn;
mod watch;

pub use turn::start;

use super::Run;
use super::args::Serve;
use super::exit::{Exit, Stop};
use super::fault::plainly;
use super::output::Output;
use super::project::{self, Depth, Project};
use super::state::SqliteState;
use super::sync::open_state;
use crate::source::Sources;
use alerts::{Alerts, Messenger, Posting};
use desk::{Asked, Desk, DeskLimits, Inbox};
use front::{Current, Front, House, Patience, Plot};
use signals::{Signal, Signals};
use std::io::Write;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tracing::level_filters::LevelFilter;
use tracing::{error, info, warn};
use watch::{Files, Told, Watcher};

/// How much of the state file is kept in memory, in KiB: a turn touches a few dozen pages, and the system keeps the others at hand.
const STATE_KIB: u32 = 16 << 10;

/// What the engine's thread is given.
pub struct Ground {
    /// A project without a fault.
    pub project: Project,
    /// The state, which nobody else writes.
    pub state: SqliteState,
    /// What it is asked.
    pub inbox: Inbox,
    /// For those who work for it: they tell how their work ended.
    pub desk: Desk,
    /// Where people are told.
    pub alerts: Alerts,
    /// Told when it has ended, with what ended it where that was no order to stop. Dropping it says that it broke.
    pub ended: oneshot::Sender<Result<(), String>>,
}

/// How long the engine may take beyond the time that it was given to stop, in milliseconds.
const BEYOND_MS_MAX: u64 = 2_000;

/// Serves until it is stopped. `start` starts the engine's thread.
pub fn run(
    args: &Serve,
    run: &Run,
    output: &mut Output,
    start: impl FnOnce(Ground) -> Result<(), Stop>,
) -> Result<Exit, Stop> {
    let root = project::find(run.folder.as_deref())?;
    let config = project::read_config(&root, &mut Sources::new(), &mut Vec::new())?;
    // Looked at before they are read: what changes meanwhile is seen as a change.
    let files = Files::of(&root, &config);
    let read_with = files.look();
    let (project, _) = project::load(root, Depth::Catalog, |_| Ok(run.now))?;
    project.sound(output)?;
    let current = Current::of(&project).map_err(|faults| {
        Stop::failed(faults.join("; ")).with_help("`serve.tokens` in `stocksync.yaml` says where they are")
    })?;
    let listener = listen::listen(args.listen, &project.config)?;
    let address = listener.local_addr().map_err(cannot)?;
    let mut state = open_state(&project, "serve", run.now)?;
    state.keep_in_memory(STATE_KIB)?;
    log::begin(args.log, level(run, output));

    let limits = project.config.serve.limits;
    let waiting = DeskLimits { requests_max: limits.waiting_requests, events_max: limits.waiting_events };
    let (desk, inbox) = desk::open(waiting);
    let (alerts, untold) = alerts::open();
    let messenger = Messenger::start(untold, posting(&project)).map_err(cannot)?;
    let plot = Plot {
        desk: desk.clone(),
        limits,
        patience: Patience::default(),
        state: super::state_path(&project)?,
        alerts: alerts.counts(),
        address,
    };
    let house = House::new(plot, current);
    let running = project.config.clone();
    let (ended, engine) = oneshot::channel();
    start(Ground { project, state, inbox, desk: desk.clone(), alerts: alerts.clone(), ended })?;
    let front = Front::start(listener, &house)?;
    let told = Told { desk: desk.clone(), house, alerts: alerts.clone() };
    let watcher = Watcher::start(files, read_with, running, told).map_err(cannot)?;

    writeln!(output.out, "listening at http://{address}")?;
    output.out.flush()?;
    info!(%address, version = env!("CARGO_PKG_VERSION"), "listening");
    let within = Duration::from_secs(limits.stop_seconds);
    let stopped = Running { front, engine, desk, within }.until_stopped()?;
    if !stopped.at_once {
        watcher.stop();
        alerts.close();
        messenger.join();
        info!("stopped");
    }
    Ok(stopped.exit)
}

/// How a daemon stopped.
struct Stopped {
    exit: Exit,
    /// Whether a second signal came: nothing more is waited for.
    at_once: bool,
}

/// A daemon that serves.
struct Running {
    front: Front,
    engine: oneshot::Receiver<Result<(), String>>,
    desk: Desk,
    /// How long a stop may take.
    within: Duration,
}

impl Running {
    /// Serves until a signal comes, or the engine ends by itself; then everything is stopped in its turn.
    fn until_stopped(mut self) -> Result<Stopped, Stop> {
        let mut signals = self.front.wait_for(async { Signals::listen() }).map_err(cannot)?;
        let engine = &mut self.engine;
        let first = self.front.wait_for(async {
            tokio::select! {
                signal = signals.next() => Ok(signal),
                ended = engine => Err(ended),
            }
        });
        self.front.begin_stop();
        let signal = match first {
            Ok(signal) => signal,
            Err(ended) => {
                self.front.end();
                let why = ended.unwrap_or_else(|_| Err("it broke".to_owned())).err().unwrap_or_default();
                error!(why, "the engine ended");
                return Err(Stop::failed(format_args!("the engine ended: {why}"))
                    .with_help("nothing that was acknowledged is lost: start it again"));
            }
        };
        info!("stopping; a second signal ends it at once");
        if self.stop(&mut signals).is_none() {
            return Ok(Stopped { exit: signal.exit(), at_once: false });
        }
        warn!("ended at once: what was in flight is read at the next start");
        Ok(Stopped { exit: Exit::Interrupted, at_once: true })
    }

    /// Answers the requests that were begun, then has the engine finish what is in flight. A signal that comes meanwhile ends it.
    fn stop(mut self, signals: &mut Signals) -> Option<Signal> {
        let (began, within) = (Instant::now(), self.within);
        let (drained, engine, desk) = (self.front.drained(), self.engine, self.desk);
        let stopped = async move {
            // Half of the time for the front, the rest for the engine.
            let _ = tokio::time::timeout(within / 2, drained).await;
            let rest = within.saturating_sub(began.elapsed());
            let told = tokio::task::spawn_blocking(move || desk.tell(Asked::Stop { within: rest })).await;
            let patience = rest + Duration::from_millis(BEYOND_MS_MAX);
            match (told, tokio::time::timeout(patience, engine).await) {
                (Ok(Ok(())), Err(_)) => {
                    warn!("the engine did not end in time: what was in flight is read at the next start")
                }
                (_, Ok(Ok(Err(why)))) => error!(why, "the engine ended"),
                _ => {}
            }
        };
        let second = self.front.wait_for(async {
            tokio::select! {
                signal = signals.next() => Some(signal),
                () = stopped => None,
            }
        });
        self.front.end();
        second
    }
}

fn cannot(fault: std::io::Error) -> Stop {
    Stop::failed(format_args!("cannot serve: {}", plainly(&fault)))
}

/// Who is told of what a person should know.
fn posting(project: &Project) -> Posting {
    let settings = project.config.serve.alerts.clone();
    Posting { settings, root: project.root.clone(), net: project.net.clone() }
}

fn level(run: &Run, output: &Output) -> LevelFilter {
    match (run.verbose, output.quiet) {
        (true, _) => LevelFilter::DEBUG,
        (false, true) => LevelFilter::WARN,
        (false, false) => LevelFilter::INFO,
    }
}
