//! Where log lines go: standard error, for people or as JSON.

use crate::shell::args::LogFormat;
use std::io;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry;

/// From now on, what this program does is logged. What libraries log is left out: they log whole requests, secrets with them.
pub(super) fn begin(format: LogFormat, level: LevelFilter) {
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    let layer = fmt::layer().with_writer(io::stderr).with_ansi(false).with_target(false);
    // A second beginning in one process changes nothing.
    let _ = match format {
        LogFormat::Text => tracing::subscriber::set_global_default(registry().with(layer.with_filter(ours))),
        LogFormat::Json => tracing::subscriber::set_global_default(
            registry().with(layer.json().flatten_event(true).with_filter(ours)),
        ),
    };
}
