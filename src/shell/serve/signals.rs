//! What asks a daemon to stop: SIGTERM and Ctrl-C.

use crate::shell::exit::Exit;

/// What asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Signal {
    /// SIGTERM: whoever runs the daemon stops it.
    Terminate,
    /// Ctrl-C: a person at a terminal.
    Interrupt,
}

impl Signal {
    /// How a run ends that it stopped.
    pub(super) fn exit(self) -> Exit {
        match self {
            Signal::Terminate => Exit::Done,
            Signal::Interrupt => Exit::Interrupted,
        }
    }
}

/// Signals, from the moment on at which this is made.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    /// Never looked at: a file that may not become larger is then a fault that can be told, and no end of the process.
    #[cfg(target_os = "linux")]
    _too_large: tokio::signal::unix::Signal,
}

/// SIGXFSZ.
#[cfg(target_os = "linux")]
const TOO_LARGE: i32 = 25;

#[cfg(unix)]
impl Signals {
    /// Listens for them. To be called within a runtime.
    pub(super) fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            #[cfg(target_os = "linux")]
            _too_large: signal(SignalKind::from_raw(TOO_LARGE))?,
        })
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Interrupt,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    /// Listens for them. To be called within a runtime.
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Signal {
        // Where it cannot be listened for, the system ends the process by itself.
        let heard = tokio::signal::ctrl_c().await;
        if heard.is_err() {
            std::future::pending::<()>().await;
        }
        Signal::Interrupt
    }
}
