//! A daemon that runs for one test.

use crate::client::{Answer, Client};
use crate::folder::Folder;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The token in the file `token` of the project.
pub const TOKEN: &str = "0123456789abcdef";

/// How long anything may take that the test waits for.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Served {
    child: Child,
    address: SocketAddr,
    log: std::path::PathBuf,
}

impl Served {
    #[track_caller]
    pub fn start(folder: &Folder) -> Self {
        Self::start_with(folder, &[])
    }

    /// The same with more flags.
    #[track_caller]
    pub fn start_with(folder: &Folder, flags: &[&str]) -> Self {
        Self::start_by(folder, folder.command(&[&["serve", "--listen", "127.0.0.1:0"], flags].concat()))
    }

    /// The same, started in another way.
    #[track_caller]
    pub fn start_as(folder: &Folder, how: impl FnOnce(Command) -> Command) -> Self {
        Self::start_by(folder, how(folder.command(&["serve", "--listen", "127.0.0.1:0"])))
    }

    #[track_caller]
    fn start_by(folder: &Folder, mut command: Command) -> Self {
        let log = folder.path().join("serve.log");
        let mut child = command.stdout(Stdio::piped()).stderr(File::create(&log).unwrap()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        let Some(address) = line.trim().strip_prefix("listening at http://") else {
            panic!("it does not listen: {line} {}", said())
        };
        Self { child, address: address.parse().unwrap(), log }
    }

    fn client(&self) -> Client {
        Client::new(self.address).with("Authorization", &format!("Bearer {TOKEN}"))
    }

    pub fn post(&self, path: &str, body: &str) -> Answer {
        self.client().post(path, "application/json", body)
    }

    /// What a store tells by itself, with its own headers.
    pub fn hook(&self, path: &str, headers: &[(String, String)], body: &str) -> Answer {
        let client =
            headers.iter().fold(Client::new(self.address), |client, (name, value)| client.with(name, value));
        client.send("POST", path, "", body).answer()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.client().ask("GET", path, "")
    }

    /// The value of a metric without labels.
    pub fn metric(&self, name: &str) -> Option<f64> {
        let text = self.get("/metrics").text;
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    }

    /// Waits until something is so.
    #[track_caller]
    pub fn until(&self, is_so: impl Fn() -> bool, otherwise: impl Fn() -> String) {
        let began = Instant::now();
        while !is_so() {
            let log = || std::fs::read_to_string(&self.log).unwrap_or_default();
            assert!(began.elapsed() < PATIENCE, "it is never so: {}\n{}", otherwise(), log());
            std::thread::yield_now();
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Stops it as a system does; its exit code.
    pub fn stop(self) -> Option<i32> {
        self.end_by("-TERM").0
    }

    /// Ends it by a signal; its exit code, and what it logged.
    pub fn end_by(mut self, signal: &str) -> (Option<i32>, String) {
        let told = Command::new("kill").arg(signal).arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        let code = self.child.wait().unwrap().code();
        (code, std::fs::read_to_string(&self.log).unwrap())
    }

    /// Kills it.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Where the test failed; it has ended otherwise.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
