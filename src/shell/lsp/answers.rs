//! Requests and their answers.

use super::check::World;
use super::documents;
use super::findings::{finding, workspace_edit};
use super::place::Encoding;
use super::{Refusal, Server};
use crate::fix::{Wanted, fix};
use crate::ide::{self, CompletionKind, TokenKind};
use crate::source::{FileId, Span};
use lsp_server::ErrorCode;
use serde_json::{Value, json};

/// The kinds of semantic tokens, as the protocol numbers them.
const TOKEN_TYPES: &[(TokenKind, &str)] = &[
    (TokenKind::Comment, "comment"),
    (TokenKind::Keyword, "keyword"),
    (TokenKind::Property, "property"),
    (TokenKind::Title, "class"),
    (TokenKind::String, "string"),
    (TokenKind::Number, "number"),
    (TokenKind::List, "variable"),
    (TokenKind::Store, "enumMember"),
    (TokenKind::Warehouse, "namespace"),
];

/// What this server can do.
pub(super) fn capabilities(encoding: Encoding) -> Value {
    let types: Vec<&str> = TOKEN_TYPES.iter().map(|(_, name)| *name).collect();
    json!({
        "positionEncoding": encoding.name(),
        "textDocumentSync": { "openClose": true, "change": 2, "save": true },
        "hoverProvider": true,
        "definitionProvider": true,
        "referencesProvider": true,
        "renameProvider": { "prepareProvider": true },
        "completionProvider": { "triggerCharacters": ["\"", " "] },
        "documentSymbolProvider": true,
        "documentFormattingProvider": true,
        "codeLensProvider": {},
        "codeActionProvider": { "codeActionKinds": ["quickfix", "source.fixAll.stocksync"] },
        "semanticTokensProvider": { "legend": { "tokenTypes": types, "tokenModifiers": ["declaration"] }, "full": true },
    })
}

/// A place that is asked about.
struct Asked<'s> {
    world: &'s World,
    file: FileId,
    offset: u32,
}

impl Server<'_> {
    pub(super) fn answer(&self, method: &str, params: &Value) -> Result<Value, Refusal> {
        match method {
            "textDocument/hover" => self.at(params, |asked| self.hover(asked)),
            "textDocument/definition" => self.at(params, |asked| {
                let found = ide::definition(&asked.world.view(), asked.file, asked.offset);
                self.locations(asked.world, &found)
            }),
            "textDocument/references" => self.at(params, |asked| {
                let declarations = params.pointer("/context/includeDeclaration") == Some(&Value::Bool(true));
                let found = ide::references(&asked.world.view(), asked.file, asked.offset, declarations);
                self.locations(asked.world, &found)
            }),
            "textDocument/completion" => self.at(params, |asked| self.completion(asked)),
            "textDocument/prepareRename" => self.prepare_rename(params),
            "textDocument/rename" => self.rename(params),
            "textDocument/documentSymbol" => self.of_file(params, |asked| self.symbols(asked)),
            "textDocument/codeLens" => self.of_file(params, |asked| self.lenses(asked)),
            "textDocument/semanticTokens/full" => self.of_file(params, |asked| self.tokens(asked)),
            "textDocument/codeAction" => self.of_file(params, |asked| self.actions(asked, params)),
            "textDocument/formatting" => self.formatting(params),
            _ => Err(Refusal::new(ErrorCode::MethodNotFound, format!("`{method}` is not known here"))),
        }
    }

    /// Answers about a place; nothing where it lies in no rule file of a project.
    fn at(&self, params: &Value, answer: impl FnOnce(&Asked<'_>) -> Value) -> Result<Value, Refusal> {
        Ok(self.asked(params)?.map_or(Value::Null, |asked| answer(&asked)))
    }

    /// Answers about a whole rule file of a project.
    fn of_file(&self, params: &Value, answer: impl FnOnce(&Asked<'_>) -> Value) -> Result<Value, Refusal> {
        Ok(self
            .document(params)?
            .map_or(Value::Null, |(world, file)| answer(&Asked { world, file, offset: 0 })))
    }

    fn asked(&self, params: &Value) -> Result<Option<Asked<'_>>, Refusal> {
        let position = params.get("position").ok_or_else(incomplete)?;
        let Some((world, file)) = self.document(params)? else { return Ok(None) };
        let text = world.project.sources.get(file).text();
        let offset = self.encoding.offset(text, position).ok_or_else(incomplete)? as u32;
        Ok(Some(Asked { world, file, offset }))
    }

    /// The rule file that is asked about, where it is one of a project.
    fn document(&self, params: &Value) -> Result<Option<(&World, FileId)>, Refusal> {
        let uri = params.pointer("/textDocument/uri").and_then(Value::as_str).ok_or_else(incomplete)?;
        let Some(path) = documents::path_of(uri) else { return Ok(None) };
        let Some(world) = documents::project_of(&path).and_then(|root| self.worlds.get(&root)) else {
            return Ok(None);
        };
        let file = world.file(&path).filter(|&file| world.view().file(file).is_some());
        Ok(file.map(|file| (world, file)))
    }

    fn range(&self, world: &World, span: Span) -> Value {
        self.encoding.range(world.project.sources.get(span.file), span)
    }

    fn locations(&self, world: &World, spans: &[Span]) -> Value {
        let location = |span: &Span| json!({ "uri": self.documents.uri_of(&world.path(span.file)), "range": self.range(world, *span) });
        spans.iter().map(location).collect()
    }

    fn hover(&self, asked: &Asked<'_>) -> Value {
        let Some((span, text)) = ide::hover(&asked.world.view(), asked.file, asked.offset) else {
            return Value::Null;
        };
        json!({ "contents": { "kind": "markdown", "value": text }, "range": self.range(asked.world, span) })
    }

    fn completion(&self, asked: &Asked<'_>) -> Value {
        let (found, more) = ide::complete(&asked.world.view(), asked.file, asked.offset);
        let item = |one: ide::Completion| {
            let kind = match one.kind {
                CompletionKind::Keyword => 14,
                CompletionKind::Field => 10,
                CompletionKind::List => 6,
                CompletionKind::Store => 20,
                CompletionKind::Warehouse => 9,
                CompletionKind::Sku => 12,
            };
            json!({ "label": one.label, "kind": kind, "detail": one.detail,
                "textEdit": { "range": self.range(asked.world, one.span), "newText": one.text } })
        };
        json!({ "isIncomplete": more, "items": found.into_iter().map(item).collect::<Vec<_>>() })
    }

    fn prepare_rename(&self, params: &Value) -> Result<Value, Refusal> {
        let Some(asked) = self.asked(params)? else { return Ok(Value::Null) };
        let span = ide::rename_place(&asked.world.view(), asked.file, asked.offset);
        let span = span.map_err(|why| Refusal::new(ErrorCode::RequestFailed, why))?;
        Ok(self.range(asked.world, span))
    }

    fn rename(&self, params: &Value) -> Result<Value, Refusal> {
        let Some(asked) = self.asked(params)? else { return Ok(Value::Null) };
        let invalid = || Refusal::new(ErrorCode::InvalidParams, "a new name is needed");
        let new = params.get("newName").and_then(Value::as_str).ok_or_else(invalid)?;
        let edits = ide::rename(&asked.world.view(), asked.file, asked.offset, new);
        let edits = edits.map_err(|why| Refusal::new(ErrorCode::RequestFailed, why))?;
        Ok(workspace_edit(asked.world, &self.documents, self.encoding, &edits))
    }

    fn symbols(&self, asked: &Asked<'_>) -> Value {
        let symbol = |one: ide::Symbol| {
            // Variable, class and method: what editors have a sign for.
            let kind = match one.what {
                "let" => 13,
                "rule" => 5,
                _ => 6,
            };
            json!({ "name": one.name, "detail": one.detail, "kind": kind,
                "range": self.range(asked.world, one.span), "selectionRange": self.range(asked.world, one.name_span) })
        };
        ide::symbols(&asked.world.view(), asked.file).into_iter().map(symbol).collect()
    }

    fn lenses(&self, asked: &Asked<'_>) -> Value {
        let lens = |one: ide::Lens| json!({ "range": self.range(asked.world, one.span), "command": { "title": one.text, "command": "" } });
        ide::lenses(&asked.world.view(), asked.file).into_iter().map(lens).collect()
    }

    /// Five numbers a token: lines and columns since the one before, length, type and modifiers.
    fn tokens(&self, asked: &Asked<'_>) -> Value {
        let source = asked.world.project.sources.get(asked.file);
        let mut data: Vec<u64> = Vec::new();
        let (mut last_line, mut last_column) = (0, 0);
        for token in ide::tokens(&asked.world.view(), asked.file) {
            let position = self.encoding.position(source, token.span.start);
            let number = |key: &str| position.get(key).and_then(Value::as_u64).unwrap_or(0);
            let (line, column) = (number("line"), number("character"));
            let of_type = TOKEN_TYPES.iter().position(|(kind, _)| *kind == token.kind).unwrap_or(0);
            let since = if line == last_line { column - last_column } else { column };
            let length = self.encoding.length(asked.world.project.sources.text(token.span));
            data.extend([line - last_line, since, length as u64, of_type as u64, u64::from(token.declares)]);
            (last_line, last_column) = (line, column);
        }
        json!({ "data": data })
    }

    fn actions(&self, asked: &Asked<'_>, params: &Value) -> Value {
        let world = asked.world;
        let only: Option<Vec<&str>> = params
            .pointer("/context/only")
            .and_then(Value::as_array)
            .map(|kinds| kinds.iter().filter_map(Value::as_str).collect());
        let wants =
            |kind: &str| only.as_ref().is_none_or(|only| only.iter().any(|one| kind.starts_with(one)));
        let mut actions = Vec::new();
        if wants("quickfix") {
            actions.extend(self.quick_fixes(asked, params));
        }
        // Only where it is asked for by name: editors carry it out on saving.
        if only.is_some() && wants("source.fixAll.stocksync") {
            let (texts, _) = fix(&world.project.sources, &world.project.diagnostics, Wanted::Safe, |file| {
                file == asked.file
            });
            let whole = |fixed: crate::fix::Fixed| {
                let end = world.project.sources.get(fixed.file).text().len() as u32;
                crate::diagnostic::Edit { span: Span::new(fixed.file, 0, end), text: fixed.text }
            };
            let edits: Vec<_> = texts.into_iter().map(whole).collect();
            if !edits.is_empty() {
                let edit = workspace_edit(world, &self.documents, self.encoding, &edits);
                actions.push(json!({ "title": "make all safe fixes", "kind": "source.fixAll.stocksync", "edit": edit }));
            }
        }
        actions.into()
    }

    fn quick_fixes(&self, asked: &Asked<'_>, params: &Value) -> Vec<Value> {
        let world = asked.world;
        let text = world.project.sources.get(asked.file).text();
        let place =
            |pointer: &str| params.pointer(pointer).and_then(|place| self.encoding.offset(text, place));
        let (start, end) =
            (place("/range/start").unwrap_or(0) as u32, place("/range/end").unwrap_or(text.len()) as u32);
        let touches = |span: Span| span.file == asked.file && span.start <= end && start <= span.end;
        let found = world.project.diagnostics.iter().filter(|found| found.span.is_some_and(touches));
        let uri = |file: FileId| self.documents.uri_of(&world.path(file));
        let actions = found.flat_map(|found| {
            found.fixes.iter().map(|one| {
                let edit = workspace_edit(world, &self.documents, self.encoding, &one.edits);
                let of = finding(&world.project.sources, found, self.encoding, &uri);
                json!({ "title": one.message, "kind": "quickfix", "diagnostics": [of], "isPreferred": one.safe, "edit": edit })
            })
        });
        actions.collect()
    }

    fn formatting(&self, params: &Value) -> Result<Value, Refusal> {
        let invalid = || Refusal::new(ErrorCode::InvalidParams, "an open document is needed");
        let uri = params.pointer("/textDocument/uri").and_then(Value::as_str).ok_or_else(invalid)?;
        let text = self.documents.text(uri).ok_or_else(invalid)?;
        let mut sources = crate::source::Sources::new();
        let file = sources.add("", text);
        // A text with a fault stays as it is: the findings say why.
        let Ok(new) = crate::fmt::format(file, text) else { return Ok(Value::Null) };
        if new == text {
            return Ok(json!([]));
        }
        let range = self.encoding.range(sources.get(file), Span::new(file, 0, text.len() as u32));
        Ok(json!([{ "range": range, "newText": new }]))
    }
}

fn incomplete() -> Refusal {
    Refusal::new(ErrorCode::InvalidParams, "a document and a position are needed")
}
