//! Servers of a test: they end with the test, and with the test's process, however it ends.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Starts `$@` in the group of this shell. When standard input ends - the test dropped it, or died - the whole group is told to end, and is
/// ended ten seconds later; then `$0`, if it is a folder, goes away.
const LEASH: &str = r#"
{ "$@" < /dev/null; echo "exit $?" >> "$STOCKSYNC_TEST_LOG"; } &
trap : TERM
cat > /dev/null
kill -TERM 0
( sleep 10; kill -KILL 0 ) &
wait %1
if [ -d "$0" ]; then rm -rf "$0"; fi
kill -KILL 0
"#;

/// A server that runs.
pub struct Running {
    shell: Child,
    log: PathBuf,
}

/// A folder in which a server runs, which the server's leash takes away.
pub fn run_folder(name: &str) -> PathBuf {
    let folder = tempfile::Builder::new().prefix(name).disable_cleanup(true).tempdir().unwrap().keep();
    // What runs as another user must get here.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

impl Running {
    /// Starts a server as this user and group; `folder` goes away with it, if one is given. What it says goes into `log`.
    pub fn start(command: &Command, folder: Option<&Path>, log: &Path, user: Option<(u32, u32)>) -> Self {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(LEASH).arg(folder.unwrap_or(Path::new("-")));
        shell.arg(command.get_program()).args(command.get_args());
        if let Some(at) = command.get_current_dir() {
            shell.current_dir(at);
        }
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                shell.env(name, value);
            }
        }
        let said = fs::File::create(log).unwrap();
        if let Some((user, group)) = user {
            chown(log, Some(user), Some(group)).unwrap();
            shell.uid(user).gid(group);
        }
        shell.env("STOCKSYNC_TEST_LOG", log).stdin(Stdio::piped());
        shell.stdout(said.try_clone().unwrap()).stderr(said).process_group(0);
        Self { shell: shell.spawn().unwrap(), log: log.to_owned() }
    }

    /// Waits until it is ready.
    #[track_caller]
    pub fn ready(self, seconds: u64, is_ready: impl Fn(&str) -> bool) -> Self {
        let until = Instant::now() + Duration::from_secs(seconds);
        loop {
            let said = fs::read_to_string(&self.log).unwrap_or_default();
            if is_ready(&said) {
                return self;
            }
            let is_over = said.lines().any(|line| line.starts_with("exit "));
            assert!(!is_over && Instant::now() < until, "{} does not start:\n{said}", self.log.display());
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        let group = format!("-{}", self.shell.id());
        Command::new("kill").args(["-KILL", "--", &group]).status().unwrap();
        self.shell.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        drop(self.shell.wait());
    }
}

/// A port on loopback that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Runs a command to its end.
#[track_caller]
pub fn done(command: &mut Command) {
    let ran = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(ran.status.success(), "{command:?}: {}{}", text(&ran.stdout), text(&ran.stderr));
}

/// Who a command runs as that must not be root: its user and group, where this process is root.
pub fn nobody() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let of = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut ids = line.split(':').skip(2).map(|id| id.parse().unwrap());
        Some((ids.next()?, ids.next()?))
    };
    of("postgres").or_else(|| of("nobody"))
}
