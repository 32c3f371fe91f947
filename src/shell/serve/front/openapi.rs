//! `GET /v1/openapi.json`: the interface as a document.

use super::fault::{Fault, json_response};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

const DOCUMENT: &str = include_str!("../../../../docs/openapi.json");
const EVENT: &str = include_str!("../../../../docs/events.schema.json");

pub(super) async fn document() -> Result<Response, Fault> {
    let whole = whole().map_err(|_| Fault::internal("the document cannot be read"))?;
    Ok(json_response(StatusCode::OK, &whole))
}

/// The document with the schema of events in it: in the sources it stands in a file of its own.
fn whole() -> serde_json::Result<Value> {
    let mut document: Value = serde_json::from_str(DOCUMENT)?;
    let event: Value = serde_json::from_str(EVENT)?;
    if let Some(place) = document.pointer_mut("/components/schemas/Event") {
        *place = within(event, "/components/schemas/Event");
    }
    if let Some(version) = document.pointer_mut("/info/version") {
        *version = Value::from(env!("CARGO_PKG_VERSION"));
    }
    Ok(document)
}

/// A schema whose references lead from the root of another document.
fn within(mut schema: Value, place: &str) -> Value {
    // As deep as our own schema.
    match &mut schema {
        Value::Object(fields) => {
            fields.remove("$schema");
            for (key, value) in fields.iter_mut() {
                let inside = value.as_str().and_then(|text| text.strip_prefix('#')).filter(|_| key == "$ref");
                *value = match inside {
                    Some(inside) => Value::from(format!("#{place}{inside}")),
                    None => within(value.take(), place),
                };
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = within(item.take(), place)),
        _ => {}
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::super::routes::ROUTES;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_document_has_every_route_and_no_other() {
        let document = whole().unwrap();
        let mut told = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            told.extend(
                methods.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone())),
            );
        }
        let ours = ROUTES.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
        assert_eq!(told, ours);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn look(root: &Value, at: &Value) {
            if let Some(to) = at.get("$ref").and_then(Value::as_str) {
                assert!(to.strip_prefix('#').is_some_and(|to| root.pointer(to).is_some()), "{to}");
            }
            at.as_object().into_iter().flat_map(|fields| fields.values()).for_each(|value| look(root, value));
            at.as_array().into_iter().flatten().for_each(|value| look(root, value));
        }
        let document = whole().unwrap();
        look(&document, &document);
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    }
}
