//! A PostgreSQL cluster of a test's own, run by somebody who is not root.

use super::process::{Running, done, free_port, nobody, run_folder};
use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

/// A cluster with one user, `medusa`, who needs no password.
pub struct Postgres {
    pub port: u16,
    _running: Running,
}

/// Where PostgreSQL's programs are: on the path, or where Debian has them.
pub fn programs() -> Option<PathBuf> {
    let on_path = Command::new("initdb").arg("--version").output().is_ok_and(|ran| ran.status.success());
    if on_path {
        return Some(PathBuf::new());
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
    let mut programs: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    programs.retain(|programs| programs.join("initdb").exists());
    programs.sort();
    programs.pop()
}

impl Postgres {
    /// A cluster with an empty database.
    pub fn start(database: &str) -> Self {
        let programs = programs().unwrap();
        let (folder, user, port) = (run_folder("stocksync-postgres-"), nobody(), free_port());
        let data = folder.join("data");
        let mut init = Command::new(programs.join("initdb"));
        init.arg("-D").arg(&data).args([
            "-U",
            "medusa",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ]);
        if let Some((user, group)) = user {
            chown(&folder, Some(user), Some(group)).unwrap();
            init.uid(user).gid(group);
        }
        done(init.current_dir(&folder));
        let mut server = Command::new(programs.join("postgres"));
        server.current_dir(&folder).arg("-D").arg(&data).args(["-p", &port.to_string()]);
        for option in
            ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "full_page_writes=off"]
        {
            server.args(["-c", option]);
        }
        let running = Running::start(&server, Some(&folder), &folder.join("postgres.log"), user);
        let running = running.ready(60, |said| said.contains("ready to accept connections"));
        let make = ["-h", "127.0.0.1", "-U", "medusa", "-p", &port.to_string(), database].map(str::to_owned);
        done(Command::new(programs.join("createdb")).args(make));
        Self { port, _running: running }
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://medusa@127.0.0.1:{}/{database}", self.port)
    }
}
