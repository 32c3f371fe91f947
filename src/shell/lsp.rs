//! `stocksync lsp`: the language server. The protocol is the Language Server Protocol 3.17; what is answered comes from `ide`.

mod answers;
mod check;
mod documents;
mod findings;
mod place;

use super::Run;
use super::exit::{Exit, Stop};
use check::World;
use documents::Documents;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use place::Encoding;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

pub(super) fn run(_: &Run) -> Result<Exit, Stop> {
    let (connection, threads) = Connection::stdio();
    let broken = |fault: &dyn std::fmt::Display| {
        Stop::failed(format_args!("the editor's side of the protocol broke: {fault}"))
    };
    let (id, params) = connection.initialize_start().map_err(|fault| broken(&fault))?;
    let encoding = Encoding::agreed(&params);
    let welcome = json!({
        "capabilities": answers::capabilities(encoding),
        "serverInfo": { "name": "stocksync", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, welcome).map_err(|fault| broken(&fault))?;
    let mut server = Server {
        connection: &connection,
        encoding,
        documents: Documents::default(),
        worlds: BTreeMap::new(),
        dirty: BTreeSet::new(),
        loose: BTreeSet::new(),
        queue: VecDeque::new(),
    };
    if params.pointer("/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration")
        == Some(&Value::Bool(true))
    {
        server.watch();
    }
    let exit = server.serve();
    // The threads end when nobody can send to them any more.
    drop(connection);
    // What they could not write has nobody left to read it.
    let _ = threads.join();
    Ok(exit)
}

/// One editor's session.
struct Server<'c> {
    connection: &'c Connection,
    encoding: Encoding,
    documents: Documents,
    /// Each project with an open file, by its folder.
    worlds: BTreeMap<PathBuf, World>,
    /// Projects whose texts changed since they were read.
    dirty: BTreeSet<PathBuf>,
    /// Open documents outside of any project whose texts changed.
    loose: BTreeSet<String>,
    /// What has arrived and is not handled yet.
    queue: VecDeque<Message>,
}

impl Server<'_> {
    /// Handles what arrives until the editor says that it is over.
    fn serve(&mut self) -> Exit {
        loop {
            self.queue.extend(self.connection.receiver.try_iter());
            let message = match self.queue.pop_front() {
                Some(message) => message,
                // Findings wait until nothing else does: who types on would get those of a text that is gone.
                None if self.refresh() => continue,
                None => match self.connection.receiver.recv() {
                    Ok(message) => message,
                    Err(_) => return Exit::Findings,
                },
            };
            match message {
                Message::Request(request) if request.method == "shutdown" => {
                    return self.shut_down(request.id);
                }
                Message::Request(request) => self.request(request),
                Message::Notification(note) if note.method == "exit" => return Exit::Findings,
                Message::Notification(note) => self.notification(note),
                Message::Response(_) => {}
            }
        }
    }

    /// Between `shutdown` and `exit` nothing else is answered.
    fn shut_down(&mut self, id: RequestId) -> Exit {
        self.send(Response::new_ok(id, Value::Null));
        let queued = std::mem::take(&mut self.queue);
        for message in queued.into_iter().chain(self.connection.receiver.iter()) {
            match message {
                Message::Notification(note) if note.method == "exit" => return Exit::Done,
                Message::Request(request) => {
                    let why = "the server was shut down".to_owned();
                    self.send(Response::new_err(request.id, ErrorCode::InvalidRequest as i32, why));
                }
                _ => {}
            }
        }
        Exit::Findings
    }

    fn request(&mut self, request: Request) {
        self.queue.extend(self.connection.receiver.try_iter());
        if self.is_cancelled(&request.id) {
            let why = "cancelled".to_owned();
            return self.send(Response::new_err(request.id, ErrorCode::RequestCanceled as i32, why));
        }
        while self.refresh() {}
        let response = match self.answer(&request.method, &request.params) {
            Ok(result) => Response::new_ok(request.id, result),
            Err(fault) => Response::new_err(request.id, fault.code as i32, fault.message),
        };
        self.send(response);
    }

    /// Whether a later message takes a request back.
    fn is_cancelled(&self, id: &RequestId) -> bool {
        let takes_back = |message: &Message| match message {
            Message::Notification(note) if note.method == "$/cancelRequest" => {
                serde_json::from_value(note.params.get("id").cloned().unwrap_or_default())
                    .is_ok_and(|other: RequestId| other == *id)
            }
            _ => false,
        };
        self.queue.iter().any(takes_back)
    }

    fn notification(&mut self, note: Notification) {
        let params = &note.params;
        let uri = params.pointer("/textDocument/uri").and_then(Value::as_str).unwrap_or("").to_owned();
        match note.method.as_str() {
            "textDocument/didOpen" => self.documents.open(params),
            "textDocument/didChange" => self.documents.change(params, self.encoding),
            "textDocument/didClose" => self.documents.close(&uri),
            "textDocument/didSave" => {}
            "workspace/didChangeWatchedFiles" => {
                self.dirty.extend(self.worlds.keys().cloned());
                return;
            }
            _ => return,
        }
        self.touched(uri);
    }

    /// A document is another now: what it belongs to is read again when there is time.
    fn touched(&mut self, uri: String) {
        match documents::path_of(&uri).and_then(|path| documents::project_of(&path)) {
            Some(root) => _ = self.dirty.insert(root),
            None => _ = self.loose.insert(uri),
        }
    }

    fn send(&self, response: Response) {
        // An editor that is gone is noticed where the next message is waited for.
        let _ = self.connection.sender.send(Message::Response(response));
    }

    fn notify(&self, method: &str, params: Value) {
        let _ = self
            .connection
            .sender
            .send(Message::Notification(Notification { method: method.to_owned(), params }));
    }

    /// Asks to be told of changes on the disk.
    fn watch(&self) {
        let globs = ["**/*.sync", "**/stocksync.yaml", "**/*.csv"].map(|glob| json!({ "globPattern": glob }));
        let registration = json!({ "id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": { "watchers": globs } });
        let params = json!({ "registrations": [registration] });
        let request = Request {
            id: RequestId::from("watch".to_owned()),
            method: "client/registerCapability".to_owned(),
            params,
        };
        let _ = self.connection.sender.send(Message::Request(request));
    }
}

/// Why a request has no answer.
struct Refusal {
    code: ErrorCode,
    message: String,
}

impl Refusal {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
