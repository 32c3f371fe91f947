//! The language server, by a real client over standard input and output.

mod editor;

use crate::folder::Folder;
use async_lsp::lsp_types::*;
use async_lsp::{ErrorCode, LanguageServer};
use editor::{Editor, at, range, range_text, uri};
use std::fs;
use std::io::{Read, Write};
use std::process::Stdio;

const RULES: &str = "let ร้าน = \"A\"\nlet some = \"A-1\"  # 鞋 👟\nrule \"鞋 👟 กี่\" { order 1 skus some warehouses all stores outlet, nowhere }\n";

fn sound() -> String {
    RULES.lines().skip(1).map(|line| line.replace(", nowhere", "") + "\n").collect()
}

/// A shop whose rule file is called so that its address needs escapes.
fn shop(text: &str) -> (Folder, Url) {
    let folder = Folder::shop();
    fs::remove_file(folder.path().join("rules/a.sync")).unwrap();
    let path = folder.write("rules/ร้าน 👟.sync", text);
    let uri = uri(&path.canonicalize().unwrap());
    (folder, uri)
}

#[tokio::test]
async fn findings_come_while_typing_in_both_encodings() {
    // Thai, Chinese and emoji stand before the fault: bytes and UTF-16 code units differ.
    for (offered, agreed, column) in [
        (vec![PositionEncodingKind::UTF8, PositionEncodingKind::UTF16], PositionEncodingKind::UTF8, 76),
        (vec![PositionEncodingKind::UTF16], PositionEncodingKind::UTF16, 66),
    ] {
        let text: String = RULES.lines().skip(1).map(|line| format!("{line}\n")).collect();
        let (folder, uri) = shop(&text);
        let mut editor = Editor::start(&folder, &offered).await;
        assert_eq!(editor.greeting.capabilities.position_encoding, Some(agreed));
        editor.open(&uri, &text);
        let found = editor.findings(&uri).await;
        let end = column + 7;
        assert_eq!(found, [format!("SS014 1:{column}-1:{end} unknown-store: there is no store `nowhere`")]);
        // `, nowhere` is taken out, two characters before it included.
        editor.change(&uri, Some(range(1, column - 2, column + 7)), "");
        let found = editor.findings(&uri).await;
        assert!(found.iter().all(|found| found.starts_with("SS110")) && found.len() <= 1, "{found:?}");
        assert!(editor.stop().await.success());
    }
}

#[tokio::test]
async fn names_lead_to_their_declarations() {
    let (folder, uri) = shop(&sound());
    let mut editor = Editor::start(&folder, &[]).await;
    editor.open(&uri, &sound());
    let line = sound().lines().nth(1).unwrap().to_owned();
    let column = |before: &str| line[..line.find(before).unwrap()].encode_utf16().count() as u32 + 1;
    let some = column("some");
    let found = editor.server.definition(GotoDefinitionParams {
        text_document_position_params: at(&uri, 1, some),
        work_done_progress_params: Default::default(),
        partial_result_params: Default::default(),
    });
    let Some(GotoDefinitionResponse::Array(found)) = found.await.unwrap() else { panic!("no list") };
    assert_eq!((found[0].uri.clone(), range_text(found[0].range)), (uri.clone(), "0:4-0:8".to_owned()));

    let hover = editor.server.hover(HoverParams {
        text_document_position_params: at(&uri, 1, some),
        work_done_progress_params: Default::default(),
    });
    let HoverContents::Markup(hover) = hover.await.unwrap().unwrap().contents else { panic!("no text") };
    assert!(hover.value.contains("takes 1 SKU of the catalog: `A-1`"), "{}", hover.value);

    let edit = editor.server.rename(RenameParams {
        text_document_position: at(&uri, 1, some),
        new_name: "few".to_owned(),
        work_done_progress_params: Default::default(),
    });
    let changes = edit.await.unwrap().unwrap().changes.unwrap();
    let edits: Vec<String> =
        changes[&uri].iter().map(|edit| format!("{} {}", range_text(edit.range), edit.new_text)).collect();
    assert_eq!(edits, ["0:4-0:8 few".to_owned(), format!("1:{}-1:{} few", some - 1, some + 3)]);
    let refused = editor.server.rename(RenameParams {
        text_document_position: at(&uri, 1, some),
        new_name: "rule".to_owned(),
        work_done_progress_params: Default::default(),
    });
    assert!(refused.await.unwrap_err().to_string().contains("`rule` is a keyword"));

    let references = editor.server.references(ReferenceParams {
        text_document_position: at(&uri, 0, 5),
        context: ReferenceContext { include_declaration: false },
        work_done_progress_params: Default::default(),
        partial_result_params: Default::default(),
    });
    let references: Vec<String> =
        references.await.unwrap().unwrap().iter().map(|one| range_text(one.range)).collect();
    assert_eq!(references, [format!("1:{}-1:{}", some - 1, some + 3)]);
    assert!(editor.stop().await.success());
}

#[tokio::test]
async fn files_at_a_glance_and_in_the_one_style() {
    let (folder, uri) = shop(&sound());
    let mut editor = Editor::start(&folder, &[]).await;
    editor.open(&uri, &sound());
    let document = TextDocumentIdentifier::new(uri.clone());
    let symbols = editor.server.document_symbol(DocumentSymbolParams {
        text_document: document.clone(),
        work_done_progress_params: Default::default(),
        partial_result_params: Default::default(),
    });
    let Some(DocumentSymbolResponse::Nested(symbols)) = symbols.await.unwrap() else { panic!("no symbols") };
    let names: Vec<&str> = symbols.iter().map(|symbol| symbol.name.as_str()).collect();
    assert_eq!(names, ["some", "鞋 👟 กี่"]);

    let lenses = editor.server.code_lens(CodeLensParams {
        text_document: document.clone(),
        work_done_progress_params: Default::default(),
        partial_result_params: Default::default(),
    });
    let lenses: Vec<String> =
        lenses.await.unwrap().unwrap().into_iter().map(|lens| lens.command.unwrap().title).collect();
    assert_eq!(lenses, ["takes 1 SKU in 1 store"]);

    let tokens = editor.server.semantic_tokens_full(SemanticTokensParams {
        text_document: document.clone(),
        work_done_progress_params: Default::default(),
        partial_result_params: Default::default(),
    });
    let Some(SemanticTokensResult::Tokens(tokens)) = tokens.await.unwrap() else { panic!("no tokens") };
    // `let`, `some`, `"A-1"`, the comment in UTF-16, then `rule` on the next line and its name.
    let first: Vec<_> =
        tokens.data.iter().take(6).map(|token| (token.delta_line, token.delta_start, token.length)).collect();
    assert_eq!(first, [(0, 0, 3), (0, 4, 4), (0, 7, 5), (0, 7, 6), (1, 0, 4), (0, 5, 10)]);

    let formatted = editor.server.formatting(DocumentFormattingParams {
        text_document: document,
        options: FormattingOptions::default(),
        work_done_progress_params: Default::default(),
    });
    let formatted = formatted.await.unwrap().unwrap();
    assert_eq!(formatted.len(), 1);
    assert!(formatted[0].new_text.contains("\n  skus       some\n"), "{}", formatted[0].new_text);
    assert!(editor.stop().await.success());
}

#[tokio::test]
async fn what_may_be_written_and_put_right() {
    let text =
        "let a = \"A-1\", \"A-1\"\nrule \"R\" {\n  order 1\n  skus a, \"A-\n  stores outlett\n  w\n}\n";
    let (folder, uri) = shop(text);
    let mut editor = Editor::start(&folder, &[]).await;
    editor.open(&uri, text);
    let mut labels = async |line, character| {
        let found = editor.server.completion(CompletionParams {
            text_document_position: at(&uri, line, character),
            context: None,
            work_done_progress_params: Default::default(),
            partial_result_params: Default::default(),
        });
        let Some(CompletionResponse::List(found)) = found.await.unwrap() else { panic!("no list") };
        found.items.into_iter().map(|item| item.label).collect::<Vec<_>>()
    };
    assert_eq!(labels(3, 13).await, ["A-1", "A-2"]);
    assert_eq!(labels(4, 12).await, ["outlet"]);

    let text = "let a = \"A-1\", \"A-1\"\nrule \"R\" {\n  order 1\n  skus a\n  warehouses all\n  stores outlett\n}\n";
    editor.change(&uri, None, text);
    let mut actions = async |only: Option<CodeActionKind>| {
        let found = editor.server.code_action(CodeActionParams {
            text_document: TextDocumentIdentifier::new(uri.clone()),
            range: Range::new(Position::new(0, 0), Position::new(9, 0)),
            context: CodeActionContext { only: only.map(|kind| vec![kind]), ..Default::default() },
            work_done_progress_params: Default::default(),
            partial_result_params: Default::default(),
        });
        let found = found.await.unwrap().unwrap();
        let described = found.into_iter().map(|action| {
            let CodeActionOrCommand::CodeAction(action) = action else { panic!("a command") };
            let edits = action.edit.unwrap().changes.unwrap().remove(&uri).unwrap();
            format!(
                "{} {}: {} {:?}",
                action.title,
                action.is_preferred.unwrap_or_default(),
                range_text(edits[0].range),
                edits[0].new_text
            )
        });
        described.collect::<Vec<_>>()
    };
    assert_eq!(
        actions(Some(CodeActionKind::QUICKFIX)).await,
        ["remove `\"A-1\"` true: 0:13-0:20 \"\"", "write `outlet` false: 5:9-5:16 \"outlet\""]
    );
    let all = actions(Some(CodeActionKind::SOURCE_FIX_ALL)).await;
    assert_eq!(all.len(), 1);
    assert!(all[0].starts_with("make all safe fixes false: 0:0-7:0 \"let a = \\\"A-1\\\"\\nrule"), "{all:?}");
    assert!(editor.stop().await.success());
}

#[tokio::test]
async fn disk_and_editor_together() {
    let (folder, uri) = shop(&sound());
    let mut editor = Editor::start(&folder, &[]).await;
    editor.open(&uri, &sound());
    assert_eq!(editor.findings(&uri).await, Vec::<String>::new());
    // A file that was never saved counts, and one that is closed counts as it is on the disk.
    let other = editor::uri(&folder.path().canonicalize().unwrap().join("rules/new.sync"));
    editor.open(&other, &sound());
    let found = editor.findings(&uri).await;
    assert!(found.len() == 2 && found.iter().all(|found| found.contains("duplicate")), "{found:?}");
    assert_eq!(editor.findings(&other).await, Vec::<String>::new());
    editor
        .server
        .did_close(DidCloseTextDocumentParams { text_document: TextDocumentIdentifier::new(other.clone()) })
        .unwrap();
    assert_eq!(editor.findings(&uri).await, Vec::<String>::new());
    let lint = folder.run(&["lint", "--format", "json"]);
    assert_eq!(
        (lint.code, lint.findings()),
        (0, vec!["uncovered-sku -:null:null".to_owned()]),
        "{}",
        lint.err
    );
    // The tables are read again where they are others.
    folder.write("catalog/skus.csv", "sku,name\nA-2,Two\n");
    editor.server.did_change_watched_files(DidChangeWatchedFilesParams { changes: Vec::new() }).unwrap();
    let stock = editor::uri(&folder.path().canonicalize().unwrap().join("catalog/stock.csv"));
    let found = editor.findings(&stock).await;
    assert!(found[0].contains("unknown-sku"), "{found:?}");
    // A configuration that is being written is read from the editor.
    let config = editor::uri(&folder.path().canonicalize().unwrap().join("stocksync.yaml"));
    editor.open(&config, "warehouses: [jakarta\n");
    // Those from before it was opened may still be on their way.
    while !editor.findings(&config).await.iter().any(|found| found.contains("bad-config")) {}
    assert!(editor.stop().await.success());
}

#[tokio::test]
async fn what_is_not_understood_ends_nothing() {
    let (folder, uri) = shop(&sound());
    let mut editor = Editor::start(&folder, &[]).await;
    let untitled = Url::parse("untitled:Untitled-1").unwrap();
    editor.open(&untitled, "rule \"R\" { order }\n");
    let found = editor.findings(&untitled).await;
    assert!(found.len() == 1 && found[0].starts_with("SS001"), "{found:?}");
    let alone = tempfile::tempdir().unwrap();
    let outside = editor::uri(&alone.path().canonicalize().unwrap().join("x.sync"));
    editor.open(&outside, "let a = \"A\"\nlet = \n");
    assert_eq!(editor.findings(&outside).await.len(), 1);

    editor.open(&uri, &sound());
    for (line, character) in [(0, 999), (999, 0), (u32::MAX, u32::MAX)] {
        let hover = HoverParams {
            text_document_position_params: at(&uri, line, character),
            work_done_progress_params: Default::default(),
        };
        assert!(editor.server.hover(hover).await.is_ok());
    }
    let hover = HoverParams {
        text_document_position_params: at(&untitled, 0, 0),
        work_done_progress_params: Default::default(),
    };
    assert_eq!(editor.server.hover(hover).await.unwrap(), None);
    let unknown = editor.server.request::<async_lsp::lsp_types::request::Shutdown>(());
    drop(unknown);
    let moniker = MonikerParams {
        text_document_position_params: at(&uri, 0, 0),
        work_done_progress_params: Default::default(),
        partial_result_params: Default::default(),
    };
    let refused =
        editor.server.request::<async_lsp::lsp_types::request::MonikerRequest>(moniker).await.unwrap_err();
    let async_lsp::Error::Response(refused) = refused else { panic!("{refused}") };
    assert_eq!(refused.code, ErrorCode::METHOD_NOT_FOUND);
    // A project whose configuration went away is said.
    fs::remove_file(folder.path().join("stocksync.yaml")).unwrap();
    editor.server.did_change_watched_files(DidChangeWatchedFilesParams { changes: Vec::new() }).unwrap();
    assert!(editor.log().await.contains("cannot read `stocksync.yaml`"));
}

/// Bytes as they are, and how the server ended.
#[track_caller]
fn raw(bytes: &[u8]) -> (String, i32) {
    let folder = Folder::shop();
    let mut child = folder
        .command(&["lsp"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(!err.contains("panicked"), "{err}");
    (out + &err, child.wait().unwrap().code().unwrap())
}

fn framed(messages: &[&str]) -> Vec<u8> {
    messages
        .iter()
        .flat_map(|text| format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes())
        .collect()
}

#[test]
fn a_broken_editor_is_no_reason_to_panic() {
    let start = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#;
    let started = r#"{"jsonrpc":"2.0","method":"initialized","params":{}}"#;
    let stop = r#"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#;
    let exit = r#"{"jsonrpc":"2.0","method":"exit"}"#;
    assert_eq!(raw(&framed(&[start, started, stop, exit])).1, 0);
    assert_eq!(raw(&framed(&[start, started, exit])).1, 1, "without a shutdown");
    assert_eq!(raw(&framed(&[start, started])).1, 1, "gone without a word");
    assert_ne!(raw(b"").1, 0);
    assert_ne!(raw(b"Content-Length: x\r\n\r\n{}").1, 0);
    assert_ne!(raw(&framed(&["{not json"])).1, 0);
    assert_ne!(raw(&framed(&[start, started, "{not json"])).1, 0);
    // Before the greeting there is nothing to ask; between shutdown and exit neither.
    let hover = r#"{"jsonrpc":"2.0","id":7,"method":"textDocument/hover","params":{}}"#;
    assert!(raw(&framed(&[hover, start, started, stop, exit])).0.contains("-32002"));
    assert!(raw(&framed(&[start, started, stop, hover, exit])).0.contains("-32600"));
    // What is taken back is not answered.
    let cancel = r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":7}}"#;
    let answered = raw(&framed(&[start, started, hover, cancel, stop, exit])).0;
    assert!(answered.contains("-32800") || answered.contains("-32602"), "{answered}");
    let nonsense = r#"{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":5,"contentChanges":{}}}"#;
    assert_eq!(raw(&framed(&[start, started, nonsense, stop, exit])).1, 0);
}
