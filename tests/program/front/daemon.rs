//! A front of its own for one test, before an engine that does as it is told.

use crate::client::Client;
use crate::folder::Folder;
use serde_json::json;
use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use stocksync::orders::Refused;
use stocksync::shell::project::{self, Depth, Project};
use stocksync::shell::serve::alerts::{self, AlertCounts};
use stocksync::shell::serve::desk::{
    self, Asked, Desk, DeskLimits, Events, Health, Inbox, Unable, UnableKind, Verdict,
};
use stocksync::shell::serve::front::{Current, Front, House, Patience, Plot};
use stocksync::shell::serve::{self, Ground};
use stocksync::shell::state::{Holder, SqliteState};

/// The token in the file `token` of the test's project.
pub const TOKEN: &str = "0123456789abcdef";

/// How long anything may take that the test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A daemon without stores and state of its own.
pub struct Daemon {
    pub address: SocketAddr,
    front: Front,
    desk: Desk,
    engine: Arc<Engine>,
    folder: Folder,
}

/// What the engine knows, and was asked.
#[derive(Default)]
struct Engine {
    taken: Mutex<Vec<String>>,
    asked: Mutex<Vec<String>>,
    health: Mutex<Health>,
    /// While somebody has the other side, the engine does nothing.
    hold: Mutex<Option<Receiver<()>>>,
    is_holding: Mutex<bool>,
}

impl Daemon {
    /// With these lines more in `stocksync.yaml`.
    pub fn start(config: &str) -> Self {
        Self::start_in(Folder::shop(), config)
    }

    /// The same in this folder.
    pub fn start_in(folder: Folder, config: &str) -> Self {
        let (daemon, _, inbox) = Self::open(folder, config);
        let own = Arc::clone(&daemon.engine);
        thread::spawn(move || own.run(&inbox));
        daemon
    }

    /// One before the real engine, which begins when it is told to.
    pub fn start_real(config: &str) -> (Self, impl FnOnce()) {
        let (daemon, project, inbox) = Self::open(Folder::shop(), config);
        let holder = Holder { pid: 1, command: "serve".to_owned(), since: jiff::Timestamp::UNIX_EPOCH };
        let state = SqliteState::open(&daemon.state(), &holder).unwrap();
        let desk = daemon.desk.clone();
        let begin = move || {
            let (alerts, _) = alerts::open();
            let (ended, _) = tokio::sync::oneshot::channel();
            assert!(serve::start(Ground { project, state, inbox, desk, alerts, ended }).is_ok());
        };
        (daemon, begin)
    }

    fn open(folder: Folder, config: &str) -> (Self, Project, Inbox) {
        let lines = std::fs::read_to_string(folder.path().join("stocksync.yaml")).unwrap();
        folder.write("stocksync.yaml", format!("{lines}{config}\n"));
        folder.write("token", TOKEN);
        let root = folder.path().canonicalize().unwrap();
        let Ok((project, _)) = project::load(root, Depth::Catalog, |_| Ok(jiff::Timestamp::UNIX_EPOCH))
        else {
            panic!("the project cannot be read")
        };
        assert!(!project.has_faults(), "{:?}", project.diagnostics);
        let limits = project.config.serve.limits;
        let waiting = DeskLimits { requests_max: limits.waiting_requests, events_max: limits.waiting_events };
        let (desk, inbox) = desk::open(waiting);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let plot = Plot {
            desk: desk.clone(),
            limits,
            patience: Patience { head_ms_max: 2_000, stalled_ms_max: 2_000 },
            state: folder.path().join(".stocksync/state.db"),
            alerts: AlertCounts::default(),
            address,
        };
        let current = Current::of(&project).unwrap();
        let Ok(front) = Front::start(listener, &House::new(plot, current)) else {
            panic!("it does not start")
        };
        let engine = Arc::new(Engine::default());
        (Self { address, front, desk, engine, folder }, project, inbox)
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join(".stocksync/state.db")
    }

    /// A client that may ask.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Holds the engine until this is dropped.
    pub fn hold(&self) -> Sender<()> {
        let (held, hold) = channel();
        *lock(&self.engine.hold) = Some(hold);
        held
    }

    pub fn is_holding(&self) -> bool {
        *lock(&self.engine.is_holding)
    }

    /// How many requests wait.
    pub fn depth(&self) -> usize {
        self.desk.depth().0
    }

    /// Waits until something is so.
    #[track_caller]
    pub fn until(&self, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < PATIENCE, "it is never so");
            thread::yield_now();
        }
    }

    /// Makes the engine say other things of itself.
    pub fn health(&self, change: impl FnOnce(&mut Health)) {
        change(&mut lock(&self.engine.health));
    }

    /// The ids of the events that were taken.
    pub fn taken(&self) -> Vec<String> {
        lock(&self.engine.taken).clone()
    }

    /// What else was asked.
    pub fn asked(&self) -> Vec<String> {
        lock(&self.engine.asked).clone()
    }

    /// Stops the front; the thread ends when it has.
    pub fn stop(mut self, within: Duration) -> JoinHandle<()> {
        self.front.begin_stop();
        thread::spawn(move || {
            self.front.drain(within);
            self.front.end();
        })
    }
}

impl Engine {
    fn run(&self, inbox: &Inbox) {
        while let Ok(asked) = inbox.wait(PATIENCE) {
            if let Some(hold) = lock(&self.hold).take() {
                *lock(&self.is_holding) = true;
                // It fails when the other side goes.
                let _ = hold.recv();
                *lock(&self.is_holding) = false;
            }
            self.answer(asked);
        }
    }

    fn answer(&self, asked: Asked) {
        match asked {
            Asked::Events(Events { events, reply, .. }) => {
                reply.send(Ok(events.into_iter().map(|event| self.judge(event.id)).collect()));
            }
            Asked::Plan { wanted, reply } => {
                reply.send(Ok(format!(
                    r#"{{"stores":{},"skus":{},"all":{},"rows_max":{}}}"#,
                    json!(wanted.stores),
                    json!(wanted.skus),
                    wanted.all,
                    wanted.rows_max
                )));
            }
            Asked::Why { sku, reply, .. } if sku == "GONE" => {
                reply.send(Err(Unable::new(UnableKind::Unknown, "no SKU `GONE`")));
            }
            Asked::Why { sku, store, reply } => {
                reply.send(Ok(format!(r#"{{"sku":{},"store":{}}}"#, json!(sku), json!(store))));
            }
            Asked::Allow { plan_id, reply, .. } if plan_id == "gone" => {
                reply.send(Err(Unable::new(UnableKind::Unknown, "no plan `gone`")));
            }
            Asked::Allow { plan_id, guards, actor, reply } => {
                lock(&self.asked).push(format!("allow {plan_id} {} by {actor}", guards.join(",")));
                reply.send(Ok(3));
            }
            Asked::Pause { what, paused, reply } => {
                lock(&self.asked).push(format!("pause {what:?} {paused}"));
                reply.send(Ok(()));
            }
            Asked::Health { reply } => reply.send(Box::new(lock(&self.health).clone())),
            _ => {}
        }
    }

    fn judge(&self, id: String) -> Verdict {
        let mut taken = lock(&self.taken);
        if id.starts_with("refuse") {
            let help = Some("as the test says".to_owned());
            return Verdict::Refused(Refused { message: "refused".to_owned(), help });
        }
        let known: BTreeSet<&String> = taken.iter().collect();
        if known.contains(&id) {
            return Verdict::Repeated;
        }
        taken.push(id);
        Verdict::Taken
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
