//! The hold: one run at a time writes a state. The system drops it when the process ends, however that ends.

use super::{StateFault, StateFaultKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// The most bytes that are read of what a holder says of itself.
const HOLDER_BYTES_MAX: u64 = 4096;
/// What holds a state for a moment only: whoever comes then looks again.
const SOON_OVER: &str = "plan";
/// How often, and after how many milliseconds each time.
const LOOKS_MAX: u32 = 200;
const LOOK_MS: u64 = 10;

/// Who holds a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// `sync`, `apply`, `serve`.
    pub command: String,
    /// Since when.
    pub since: Timestamp,
}

/// A hold on a state, for as long as it lives.
#[derive(Debug)]
pub struct Hold {
    /// Kept open: the lock is the file's.
    _file: File,
}

impl Hold {
    /// Takes the hold, or says who has it.
    pub fn take(path: &Path, holder: &Holder) -> Result<Self, StateFault> {
        let cannot = |error: std::io::Error| {
            StateFault::unusable(format!("cannot lock `{}`: {error}", path.display()))
        };
        let mut file =
            File::options().read(true).write(true).create(true).truncate(false).open(path).map_err(cannot)?;
        let mut looks = 0;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => {
                    let said = said(&mut file);
                    let is_soon_over = said.as_ref().is_some_and(|said| said.command == SOON_OVER);
                    if !is_soon_over || looks == LOOKS_MAX {
                        return Err(held(said));
                    }
                }
                Err(TryLockError::Error(error)) => return Err(cannot(error)),
            }
            looks += 1;
            thread::sleep(Duration::from_millis(LOOK_MS));
        }
        let Holder { pid, command, since } = holder;
        let said = Said { pid: *pid, command: command.clone(), since: since.to_string() };
        let text = serde_json::to_string(&said).unwrap_or_default();
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(cannot)?;
        Ok(Self { _file: file })
    }
}

/// What a holder says of itself in the file.
#[derive(Serialize, Deserialize)]
struct Said {
    pid: u32,
    command: String,
    since: String,
}

/// What the holder says of itself. On some systems a locked file cannot be read, and its holder may not have written yet.
fn said(file: &mut File) -> Option<Said> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(HOLDER_BYTES_MAX).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn held(said: Option<Said>) -> StateFault {
    let message = match said {
        Some(Said { pid, command, since }) => {
            format!("the state is held by `stocksync {command}`, process {pid}, since {since}")
        }
        None => "the state is held by another process".to_owned(),
    };
    StateFault {
        kind: StateFaultKind::Held,
        message,
        help: Some("wait until it ends, or stop it; a hold ends with its process".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(command: &str) -> Holder {
        Holder { pid: 42, command: command.to_owned(), since: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn the_second_is_told_who_holds_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("lock");
        let hold = Hold::take(&path, &holder("sync")).expect("free");
        let fault = Hold::take(&path, &holder("apply")).expect_err("held");
        assert_eq!(fault.kind, StateFaultKind::Held);
        assert_eq!(
            fault.message,
            "the state is held by `stocksync sync`, process 42, since 1970-01-01T00:00:00Z"
        );
        drop(hold);
        Hold::take(&path, &holder("apply")).expect("free again, whatever the file says");
    }

    #[test]
    fn a_plan_is_waited_for() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("lock");
        let hold = Hold::take(&path, &holder("plan")).expect("free");
        thread::scope(|scope| {
            let sync = scope.spawn(|| Hold::take(&path, &holder("sync")).map(drop));
            drop(hold);
            sync.join().expect("no panic").expect("free soon");
        });
    }

    #[test]
    fn garbage_in_the_file_hinders_nobody() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("lock");
        std::fs::write(&path, [0xff; 9000]).expect("written");
        let _hold = Hold::take(&path, &holder("sync")).expect("free");
        assert!(std::fs::metadata(&path).expect("there").len() < 200);
    }
}
