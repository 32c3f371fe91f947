//! An editor's side of a session, by an existing client library.

use crate::folder::Folder;
use async_lsp::lsp_types::notification::{LogMessage, PublishDiagnostics};
use async_lsp::lsp_types::request::RegisterCapability;
use async_lsp::lsp_types::*;
use async_lsp::router::Router;
use async_lsp::{LanguageServer, MainLoop, ServerSocket};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::Child;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

/// No answer takes this long, however loaded the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Editor {
    pub server: ServerSocket,
    pub greeting: InitializeResult,
    findings: mpsc::UnboundedReceiver<PublishDiagnosticsParams>,
    logs: mpsc::UnboundedReceiver<String>,
    session: JoinHandle<()>,
    child: Child,
}

struct Heard {
    findings: mpsc::UnboundedSender<PublishDiagnosticsParams>,
    logs: mpsc::UnboundedSender<String>,
}

pub fn uri(path: &Path) -> Url {
    Url::from_file_path(path).unwrap()
}

impl Editor {
    /// Starts the server in a folder, and greets it.
    pub async fn start(folder: &Folder, encodings: &[PositionEncodingKind]) -> Self {
        let (findings_to, findings) = mpsc::unbounded_channel();
        let (logs_to, logs) = mpsc::unbounded_channel();
        let (main_loop, mut server) = MainLoop::new_client(|_| {
            let mut router = Router::new(Heard { findings: findings_to, logs: logs_to });
            router
                .notification::<PublishDiagnostics>(|heard, params| {
                    _ = heard.findings.send(params);
                    ControlFlow::Continue(())
                })
                .notification::<LogMessage>(|heard, params| {
                    _ = heard.logs.send(params.message);
                    ControlFlow::Continue(())
                })
                .request::<RegisterCapability, _>(|_, _| async { Ok(()) });
            router
        });
        let mut command = tokio::process::Command::from(folder.command(&["lsp"]));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let (stdout, stdin) =
            (child.stdout.take().unwrap().compat(), child.stdin.take().unwrap().compat_write());
        // It ends with an error where the server ends first, as it does after `exit`.
        let session = tokio::spawn(async move { _ = main_loop.run_buffered(stdout, stdin).await });
        let general = GeneralClientCapabilities {
            position_encodings: Some(encodings.to_vec()),
            ..GeneralClientCapabilities::default()
        };
        let watching = DidChangeWatchedFilesClientCapabilities {
            dynamic_registration: Some(true),
            ..Default::default()
        };
        let workspace = WorkspaceClientCapabilities {
            did_change_watched_files: Some(watching),
            ..WorkspaceClientCapabilities::default()
        };
        let capabilities = ClientCapabilities {
            general: Some(general),
            workspace: Some(workspace),
            ..ClientCapabilities::default()
        };
        let greeting = tokio::time::timeout(
            PATIENCE,
            server.initialize(InitializeParams { capabilities, ..Default::default() }),
        );
        let greeting = greeting.await.unwrap().unwrap();
        server.initialized(InitializedParams {}).unwrap();
        Self { server, greeting, findings, logs, session, child }
    }

    pub fn open(&mut self, uri: &Url, text: &str) {
        let text_document = TextDocumentItem {
            uri: uri.clone(),
            language_id: "stocksync".into(),
            version: 1,
            text: text.into(),
        };
        self.server.did_open(DidOpenTextDocumentParams { text_document }).unwrap();
    }

    /// Replaces a range, or all of a document.
    pub fn change(&mut self, uri: &Url, range: Option<Range>, text: &str) {
        let text_document = VersionedTextDocumentIdentifier { uri: uri.clone(), version: 2 };
        let change = TextDocumentContentChangeEvent { range, range_length: None, text: text.into() };
        self.server
            .did_change(DidChangeTextDocumentParams { text_document, content_changes: vec![change] })
            .unwrap();
    }

    /// The next findings of a document, as `code start-end message`.
    pub async fn findings(&mut self, uri: &Url) -> Vec<String> {
        let next = async {
            loop {
                let found = self.findings.recv().await.unwrap();
                if found.uri == *uri {
                    return found.diagnostics;
                }
            }
        };
        let found = tokio::time::timeout(PATIENCE, next).await.unwrap();
        found.iter().map(described).collect()
    }

    pub async fn log(&mut self) -> String {
        tokio::time::timeout(PATIENCE, self.logs.recv()).await.unwrap().unwrap()
    }

    /// Ends the session as an editor does.
    pub async fn stop(mut self) -> ExitStatus {
        self.server.shutdown(()).await.unwrap();
        self.server.exit(()).unwrap();
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        self.session.abort();
        ended
    }
}

fn described(found: &Diagnostic) -> String {
    let Some(NumberOrString::String(code)) = &found.code else { panic!("{found:?}") };
    format!("{code} {} {}", range_text(found.range), found.message.lines().next().unwrap())
}

pub fn range_text(range: Range) -> String {
    format!("{}:{}-{}:{}", range.start.line, range.start.character, range.end.line, range.end.character)
}

pub fn range(line: u32, from: u32, to: u32) -> Range {
    Range::new(Position::new(line, from), Position::new(line, to))
}

pub fn at(uri: &Url, line: u32, character: u32) -> TextDocumentPositionParams {
    TextDocumentPositionParams::new(TextDocumentIdentifier::new(uri.clone()), Position::new(line, character))
}
