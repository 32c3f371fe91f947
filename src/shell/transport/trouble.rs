//! Why a request brought no answer.

use std::error::Error;

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    /// The kind that the connector is told.
    pub(super) kind: &'static str,
    /// One line for a person.
    pub(super) message: String,
}

pub(super) fn refused(message: impl Into<String>) -> Trouble {
    Trouble { kind: "refused", message: message.into() }
}

pub(super) fn timeout(what: &str, milliseconds: u64) -> Trouble {
    Trouble { kind: "timeout", message: format!("{what} within {milliseconds} ms") }
}

pub(super) fn trouble(error: reqwest::Error) -> Trouble {
    // Its address may hold a secret in a form that redaction does not know.
    let error = error.without_url();
    let kind = if is_tls(&error) {
        "tls"
    } else if error.is_connect() {
        "connect"
    } else if error.is_timeout() {
        "timeout"
    } else if error.is_builder() {
        "refused"
    } else {
        "io"
    };
    Trouble { kind, message: reason(&error) }
}

fn is_tls(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| within(cause).any(|inner| inner.is::<rustls::Error>()))
}

/// A cause and all that it wraps: an error of I/O does not name what it wraps as its source, but the source of that.
fn within<'a>(cause: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(cause), |cause| {
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        inner.map(|inner| -> &'a (dyn Error + 'static) { inner })
    })
}

/// The innermost cause says most, the outermost what was being done.
pub(in crate::shell) fn reason(error: &(dyn Error + 'static)) -> String {
    match causes(error).last() {
        Some(cause) if !std::ptr::addr_eq(cause, error) => format!("{error}: {cause}"),
        _ => error.to_string(),
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}
