//! The trait that a connector implements, and what goes in and out of a step.

use crate::message::{Action, BodyRange, Event, Http, Manifest, OpenConfig};
use crate::rows::{Page, Rows};

/// A connector: one value is one session, which is one operation on one store.
///
/// It never opens a socket, a file or a clock: it says what it wants done, and is told what came of it.
///
/// ```
/// use stocksync_sdk::message::{EventKind, Manifest, OpenConfig};
/// use stocksync_sdk::{abi::column_id, Answer, Connector, Fault, Input, Page, TextColumn};
///
/// /// A store with one listing, which can only be read.
/// struct Shelf;
///
/// impl Connector for Shelf {
///     fn manifest() -> Manifest {
///         Manifest::new("shelf", env!("CARGO_PKG_VERSION"), &["check", "read"])
///     }
///
///     fn open(_: OpenConfig) -> Result<Self, String> {
///         Ok(Self)
///     }
///
///     fn step(&mut self, input: Input<'_>) -> Result<Answer, Fault> {
///         match &input.event.kind {
///             EventKind::Start { operation, .. } if operation == "check" => Ok(Answer::done()),
///             EventKind::Start { operation, .. } if operation == "read" => {
///                 let skus: TextColumn = ["AB-1"].into_iter().collect();
///                 Ok(Answer::done().rows(Page::new().texts(column_id::STORE_SKU, skus).i64s(column_id::QUANTITY, &[7])))
///             }
///             _ => Err(Fault::wrong_state("this event has no place here")),
///         }
///     }
/// }
///
/// stocksync_sdk::export_connector!(Shelf);
/// # fn main() {}
/// ```
pub trait Connector: Sized + Send + 'static {
    /// What it says of itself; the same every time.
    fn manifest() -> Manifest;

    /// A session for one store.
    ///
    /// # Errors
    /// One line that says which setting is at fault.
    fn open(config: OpenConfig) -> Result<Self, String>;

    /// The manifest for this store, where it depends on the settings.
    fn effective_manifest(&self) -> Option<Manifest> {
        None
    }

    /// One event in, actions out.
    ///
    /// # Errors
    /// Only where the host broke the protocol; what a store says or a file holds is an outcome, or an [`Answer::failed`].
    fn step(&mut self, input: Input<'_>) -> Result<Answer, Fault>;
}

/// What a step is given.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// What happened.
    pub event: &'a Event,
    /// The body of a response, or a piece of a file.
    pub body: &'a [u8],
    /// The rows beside the event.
    pub rows: Rows<'a>,
}

/// What a step answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// What is to be done; see the methods.
    pub actions: Vec<Action>,
    /// The bytes that the actions' bodies are pieces of.
    pub bodies: Vec<u8>,
    /// The rows beside the actions.
    pub page: Page,
}

impl Answer {
    /// Nothing to do: right only where more pages of rows or another answer are still to come.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The operation is over.
    #[must_use]
    pub fn done() -> Self {
        Self::nothing().action(Action::Done { error: None, nothing_written: false })
    }

    /// The operation failed as a whole; what was written before is not known.
    #[must_use]
    pub fn failed(error: impl Into<String>) -> Self {
        Self::nothing().action(Action::Done { error: Some(error.into()), nothing_written: false })
    }

    /// The operation failed as a whole, and nothing was written.
    #[must_use]
    pub fn refused(error: impl Into<String>) -> Self {
        Self::nothing().action(Action::Done { error: Some(error.into()), nothing_written: true })
    }

    /// A page of the answer, with more to follow.
    #[must_use]
    pub fn more_rows(page: Page) -> Self {
        Self::nothing().action(Action::MoreRows {}).rows(page)
    }

    /// Whether this ends the operation.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.actions.iter().any(|action| matches!(action, Action::Done { .. }))
    }

    /// Adds an action.
    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }

    /// Puts rows beside the actions.
    #[must_use]
    pub fn rows(mut self, page: Page) -> Self {
        self.page = page;
        self
    }

    /// Sends a request; `http.body` is set here.
    #[must_use]
    pub fn http(mut self, mut http: Http, body: &[u8]) -> Self {
        http.body = (!body.is_empty()).then(|| self.body(body));
        self.action(Action::Http(Box::new(http)))
    }

    /// Reads a file.
    #[must_use]
    pub fn read_file(self, id: u32, path: &str) -> Self {
        self.action(Action::ReadFile { id, path: path.to_owned() })
    }

    /// Asks for the next piece of a file.
    #[must_use]
    pub fn next_chunk(self, id: u32) -> Self {
        self.action(Action::NextChunk { id })
    }

    /// Adds bytes to the new version of a file.
    #[must_use]
    pub fn append(mut self, id: u32, path: &str, bytes: &[u8]) -> Self {
        let append = self.body(bytes);
        self.action(Action::WriteFile { id, path: path.to_owned(), append, commit: false })
    }

    /// Puts the new version of a file in the old one's place.
    #[must_use]
    pub fn commit(self, id: u32, path: &str) -> Self {
        let append = BodyRange { offset: self.bodies.len() as u64, len: 0 };
        self.action(Action::WriteFile { id, path: path.to_owned(), append, commit: true })
    }

    /// Answers the sender of a webhook.
    #[must_use]
    pub fn reply(mut self, status: u16, body: &[u8]) -> Self {
        let body = (!body.is_empty()).then(|| self.body(body));
        self.action(Action::Reply { status, body })
    }

    fn body(&mut self, bytes: &[u8]) -> BodyRange {
        let offset = self.bodies.len() as u64;
        self.bodies.extend_from_slice(bytes);
        BodyRange { offset, len: bytes.len() as u64 }
    }
}

/// The host broke the protocol. One line for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The input could not be understood: [`crate::abi::STATUS_BAD_INPUT`].
    BadInput(String),
    /// Not possible in this state of the session: [`crate::abi::STATUS_WRONG_STATE`].
    WrongState(String),
}

impl Fault {
    /// A [`Fault::BadInput`].
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::BadInput(message.into())
    }

    /// A [`Fault::WrongState`].
    pub fn wrong_state(message: impl Into<String>) -> Self {
        Self::WrongState(message.into())
    }
}
