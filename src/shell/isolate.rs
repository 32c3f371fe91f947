//! A connector in a process of its own: this same program, started to hold one session and nothing else.
//!
//! Over two pipes go frames with the bytes that otherwise cross the ABI, columns as they are. A stack overflow or an abort ends that
//! process, and one that hangs is killed. It gets none of the environment, where secrets may stand.

mod child;
mod frame;

pub(super) use child::{serve, wanted};

use super::fault::clean;
use super::plugin::Output;
use frame::{ANSWER, Frame, LOADED, OPEN, STEP};
use std::env;
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use stocksync_sdk::rows::Page;

/// The first argument of the program, where it is to hold a connector.
const ARGUMENT: &str = "--hold-connector";
/// How long a process may take to load a library.
const LOAD_MS_MAX: u64 = 10_000;
/// What a library may need to find others; nothing else of the environment is handed on.
const VARIABLES: &[&str] = &["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PATH", "SystemRoot"];

/// Which library, and its hash.
#[derive(Clone, Copy, Debug)]
pub(super) struct Library<'a> {
    pub(super) name: &'a str,
    pub(super) path: &'a Path,
    pub(super) sha256: &'a str,
}

/// Ends a process from outside, whatever it is doing.
#[derive(Clone)]
pub(super) struct Killer(Arc<Mutex<Child>>);

impl Killer {
    /// When this returns nothing is left of it.
    pub(super) fn kill(&self) {
        let mut child = self.lock();
        // One that has ended already need not be killed.
        let _ = child.kill();
        let _ = child.wait();
    }

    /// How it ended; it has ended, or is made to.
    fn wait(&self) -> String {
        let mut child = self.lock();
        match child.wait() {
            Ok(status) => ending(status),
            Err(error) => error.to_string(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Child> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session in another process.
pub(super) struct Session {
    killer: Killer,
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
}

impl Session {
    /// Starts the process. It loads the library by itself: nothing has been waited for yet.
    pub(super) fn start(library: Library<'_>) -> Result<Self, String> {
        let cannot = |error: std::io::Error| format!("cannot be given a process of its own: {error}");
        let mut command = Command::new(env::current_exe().map_err(cannot)?);
        command.arg(ARGUMENT).arg(library.name).arg(library.path).arg(library.sha256);
        command.env_clear().envs(VARIABLES.iter().filter_map(|name| Some((name, env::var_os(name)?))));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(cannot)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let killer = Killer(Arc::new(Mutex::new(child)));
        let (input, output) = pipes.ok_or("cannot be given a process of its own: it has no pipes")?;
        let (input, output) = (Some(BufWriter::new(input)), BufReader::new(output));
        Ok(Self { killer, input, output })
    }

    pub(super) fn killer(&self) -> Killer {
        self.killer.clone()
    }

    /// What the library says of itself, as soon as it is loaded.
    pub(super) fn manifest(&mut self) -> Result<Vec<u8>, String> {
        let mut loaded = self.hear("while it was loaded", LOADED)?;
        loaded.take_part("manifest")
    }

    /// Opens the session; with it the effective manifest, empty where the static one holds.
    pub(super) fn open(&mut self, config: &[u8]) -> Result<Vec<u8>, String> {
        self.say(&Frame::of(OPEN, &[config]));
        self.hear("in `open`", ANSWER)?.take_part("manifest")
    }

    pub(super) fn step(&mut self, event: &[u8], body: &[u8], rows: &Page) -> Result<Output, String> {
        self.say(&Frame::of(STEP, &[event, body]).with_page(rows));
        let mut answer = self.hear("in `step`", ANSWER)?;
        let (actions, bodies) = (answer.take_part("actions")?, answer.take_part("bodies")?);
        let (rows, columns) = answer.take_rows()?;
        Output::of_parts(actions, bodies, rows, columns)
    }

    /// What cannot be said is not heard: the answer tells.
    fn say(&mut self, frame: &Frame) {
        if let Some(input) = &mut self.input
            && frame.write(input).is_err()
        {
            self.input = None;
        }
    }

    fn hear(&mut self, when: &str, kind: u8) -> Result<Frame, String> {
        match Frame::read(&mut self.output) {
            Ok(Some(frame)) if frame.kind == kind => Ok(frame),
            Ok(Some(mut frame)) if frame.kind == frame::FAULT => {
                Err(clean(&String::from_utf8_lossy(&frame.take_part("fault")?)))
            }
            Ok(Some(_)) => Err(self.lost("said what was not its turn to say")),
            Ok(None) => {
                self.input = None;
                Err(format!("ended its process {when}: {}", self.killer.wait()))
            }
            Err(error) => Err(self.lost(&format!("said what cannot be read: {error}"))),
        }
    }

    fn lost(&mut self, what: &str) -> String {
        self.killer.kill();
        what.to_owned()
    }
}

impl Drop for Session {
    /// Closes its input, at which the process closes the session and ends.
    fn drop(&mut self) {
        self.input = None;
        // Until its output ends, so that whoever kills it from outside is not kept from it by this wait.
        let _ = std::io::copy(&mut self.output, &mut std::io::sink());
        self.killer.wait();
    }
}

/// Loads a library in another process, and tells what it says of itself: whatever it does there, it does not do here.
pub(super) fn probe(library: Library<'_>) -> Result<Vec<u8>, String> {
    let mut session = Session::start(library)?;
    let killer = session.killer();
    let (told, heard) = sync_channel(1);
    let wait = move || {
        let _ = told.send(session.manifest());
    };
    thread::Builder::new()
        .name("probe".to_owned())
        .spawn(wait)
        .map_err(|error| format!("has no thread to run on: {error}"))?;
    heard.recv_timeout(Duration::from_millis(LOAD_MS_MAX)).unwrap_or_else(|error| {
        killer.kill();
        Err(match error {
            RecvTimeoutError::Timeout => format!("was not loaded within {LOAD_MS_MAX} ms"),
            RecvTimeoutError::Disconnected => "ended while it was loaded".to_owned(),
        })
    })
}

fn ending(status: std::process::ExitStatus) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        if let Some(signal) = status.signal() {
            let name = match signal {
                4 => " (illegal instruction)",
                6 => " (abort)",
                7 => " (bus error)",
                9 => " (killed)",
                11 => " (segmentation fault)",
                _ => "",
            };
            return format!("signal {signal}{name}");
        }
    }
    status.code().map_or_else(|| "nobody knows how".to_owned(), |code| format!("exit code {code}"))
}
