//! Tells alerts: a program of the user's gets them on its standard input, an address of the user's by POST.

use super::pile::{Parcel, Pile};
use super::{Note, Waiting};
use crate::config::AlertSettings;
use crate::shell::fault::plainly;
use crate::shell::net::Net;
use crate::shell::secrets;
use crate::shell::transport::reason;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tracing::{info, warn};

/// How long somebody may take to be told, in milliseconds.
const TELL_MS_MAX: u64 = 10_000;
/// The same for the last words of a daemon that stops.
const LAST_TELL_MS_MAX: u64 = 5_000;
/// How long it is from one look at a running program to the next, in milliseconds.
const LOOK_MS: u64 = 20;
/// How long nothing can come before it is looked whether there is something to do, in milliseconds.
const IDLE_MS: u64 = 3_600_000;

/// Who is told, and how.
#[derive(Clone, Debug)]
pub struct Posting {
    /// What the configuration says.
    pub settings: AlertSettings,
    /// The project's folder: commands run there, and files of secrets lie there.
    pub root: PathBuf,
    /// How the network is reached.
    pub net: Net,
}

/// The thread that tells. It ends when it is told to, or when nobody can push any more.
pub struct Messenger(JoinHandle<()>);

impl Messenger {
    /// Begins to tell.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(waiting: Waiting, posting: Posting) -> std::io::Result<Self> {
        let work = move || run(&waiting, posting);
        thread::Builder::new().name("alerts".to_owned()).spawn(work).map(Self)
    }

    /// Waits for its end.
    pub fn join(self) {
        let _ = self.0.join();
    }
}

fn run(waiting: &Waiting, mut posting: Posting) {
    let (mut pile, began) = (Pile::default(), Instant::now());
    loop {
        let wait = pile.wait(began.elapsed()).unwrap_or(Duration::from_millis(IDLE_MS));
        match waiting.queue.recv_timeout(wait) {
            Ok(Note::Follow(other)) => posting = *other,
            Ok(Note::Alert(alert)) => {
                warn!(kind = alert.kind().name(), "{}", alert.line());
                let wanted = posting.settings.on.contains(&alert.kind()) && posting.tells_somebody();
                if wanted && !pile.add(alert) {
                    waiting.counts.dropped(1);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Note::Close) | Err(RecvTimeoutError::Disconnected) => break,
        }
        if let Some(parcel) = pile.take(posting.settings.per_minute, began.elapsed()) {
            let told = posting.tell(&parcel, Duration::from_millis(TELL_MS_MAX));
            if !note(&told, &parcel, waiting) {
                pile.put_back(parcel, began.elapsed());
            }
        }
    }
    if let Some(parcel) = pile.take_all() {
        let told = posting.tell(&parcel, Duration::from_millis(LAST_TELL_MS_MAX));
        note(&told, &parcel, waiting);
    }
}

/// Counts and logs what became of a parcel; whether it was told.
fn note(told: &Result<(), String>, parcel: &Parcel, waiting: &Waiting) -> bool {
    match told {
        Ok(()) => {
            info!(count = parcel.alerts.len(), "alerts were told");
            waiting.counts.told(parcel.alerts.len() as u64);
            true
        }
        Err(why) => {
            warn!(count = parcel.alerts.len(), why, "alerts could not be told");
            waiting.counts.failed();
            false
        }
    }
}

impl Posting {
    fn tells_somebody(&self) -> bool {
        !self.settings.command.is_empty() || self.settings.webhook.is_some()
    }

    /// Tells everybody. Where one of them cannot be told, all are told again later.
    fn tell(&self, parcel: &Parcel, within: Duration) -> Result<(), String> {
        let body = format!("{}\n", parcel.to_json());
        let by_command = match self.settings.command.as_slice() {
            [] => Ok(()),
            [program, arguments @ ..] => self.run(program, arguments, &body, within),
        };
        let by_webhook = match &self.settings.webhook {
            None => Ok(()),
            Some(secret) => secrets::read(&self.root, secret)
                .map_err(|what| format!("the address of the webhook {what}"))
                .and_then(|address| post(&self.net, address, body, within)),
        };
        by_command.and(by_webhook)
    }

    fn run(&self, program: &str, arguments: &[String], body: &str, within: Duration) -> Result<(), String> {
        // A path is one within the project; a bare name is looked for where programs are.
        let place =
            if program.contains('/') { self.root.join(program) } else { Path::new(program).to_path_buf() };
        let mut command = Command::new(place);
        command.args(arguments).current_dir(&self.root);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child =
            command.spawn().map_err(|fault| format!("`{program}` cannot be started: {}", plainly(&fault)))?;
        if let Some(mut input) = child.stdin.take() {
            let body = body.to_owned();
            // One that does not read is not waited for; it is ended below, and its pipe with it.
            thread::spawn(move || drop(input.write_all(body.as_bytes())));
        }
        match ended(&mut child, within) {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("`{program}` ended with {status}")),
            None => {
                // It may have ended by itself just now.
                let _ = child.kill();
                let _ = child.wait();
                Err(format!("`{program}` did not end within {} s", within.as_secs()))
            }
        }
    }
}

fn ended(child: &mut Child, within: Duration) -> Option<ExitStatus> {
    let began = Instant::now();
    while began.elapsed() < within {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(LOOK_MS));
    }
    None
}

fn post(net: &Net, address: String, body: String, within: Duration) -> Result<(), String> {
    let client = net.client()?;
    let (done, ended) = sync_channel(1);
    let abort = net.spawn(async move {
        let request =
            client.post(address).header("content-type", "application/json").body(body).timeout(within);
        let answered = match request.send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("the webhook answered {}", answer.status().as_u16())),
            // Its address is a secret.
            Err(error) => Err(format!("the webhook could not be called: {}", reason(&error.without_url()))),
        };
        let _ = done.send(answered);
    })?;
    ended.recv_timeout(within + Duration::from_millis(LOOK_MS)).unwrap_or_else(|_| {
        abort.abort();
        Err(format!("the webhook did not answer within {} s", within.as_secs()))
    })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::super::{Alert, open};
    use super::*;
    use crate::config::{AlertKind, Secret};
    use std::fs;
    use std::io::{BufRead, BufReader, Read};
    use std::net::{TcpListener, TcpStream};
    use std::os::unix::fs::PermissionsExt;

    fn circuit(store: &str) -> Alert {
        Alert::CircuitOpen { store: store.to_owned(), detail: "503".to_owned() }
    }

    /// Tells one alert, and one that nobody wants to know.
    fn told(folder: &Path, command: &[&str], webhook: Option<Secret>) -> super::super::AlertTotals {
        let settings = AlertSettings {
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            webhook,
            on: vec![AlertKind::CircuitOpen],
            per_minute: 600,
        };
        let posting = Posting { settings, root: folder.to_path_buf(), net: Net::default() };
        let (alerts, waiting) = open();
        let messenger = Messenger::start(waiting, posting).expect("a thread");
        alerts.push(Alert::NegativeStock { sku: "A".to_owned(), warehouse: "b".to_owned(), available: -1 });
        alerts.push(circuit("outlet"));
        let counts = alerts.counts();
        drop(alerts);
        messenger.join();
        counts.totals()
    }

    #[test]
    fn a_command_gets_alerts_on_its_standard_input() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("notify");
        fs::write(&script, "#!/bin/sh\ncat > \"$1\"\n").unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let totals = told(folder.path(), &["./notify", "told.json"], None);
        assert_eq!((totals.told, totals.failed, totals.dropped), (1, 0, 0));
        let told: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.path().join("told.json")).unwrap()).unwrap();
        assert_eq!((&told["count"], &told["alerts"][0]["store"]), (&1.into(), &"outlet".into()));
        assert_eq!(told["alerts"][0]["kind"], "circuit-open");
    }

    #[test]
    fn a_command_that_fails_is_counted_and_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        for command in ["false", "./missing"] {
            let totals = told(folder.path(), &[command], None);
            assert!(totals.failed >= 1 && totals.told == 0, "{command}: {totals:?}");
        }
    }

    #[test]
    fn a_webhook_is_posted_to() {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/hook/hunter2", listener.local_addr().unwrap());
        fs::write(folder.path().join("address"), address).unwrap();
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let heard = request(&stream);
            stream.write_all(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n").unwrap();
            heard
        });
        let totals = told(folder.path(), &[], Some(Secret::File("address".to_owned())));
        assert_eq!((totals.told, totals.failed), (1, 0));
        let heard = served.join().unwrap();
        assert!(heard.starts_with("POST /hook/hunter2 HTTP/1.1"), "{heard}");
        assert!(heard.contains("\"text\":\"stocksync: `outlet` fails again and again"), "{heard}");
    }

    fn request(stream: &TcpStream) -> String {
        let mut reader = BufReader::new(stream);
        let (mut text, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line");
            if let Some(told) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = told.trim().parse().expect("a length");
            }
            text += &line;
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        text + &String::from_utf8(body).expect("text")
    }
}
