//! Git for tests: as nobody in particular, and without anybody's configuration.

use std::path::Path;
use std::process::Command;

/// Runs git in a folder; what it says.
pub fn git(folder: &Path, args: &[&str]) -> String {
    let identity =
        ["-c", "user.name=nobody", "-c", "user.email=nobody@localhost", "-c", "protocol.file.allow=always"];
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(identity).args(args);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{args:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}
