//! `GET /v1/records`: the query of `stocksync records`, answered as JSON lines, the newest first.

use super::House;
use super::fault::Fault;
use super::query::{self, Query};
use crate::record::{Status, write_json_line};
use crate::shell::records::since;
use crate::shell::state::{First, RecordQuery, SqliteState, State as _};
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

/// So many are answered where nobody says how many, and at most.
const RECORDS: (u64, u64) = (1_000, 10_000);

pub(super) async fn list(
    State(house): State<Arc<House>>,
    RawQuery(raw): RawQuery,
) -> Result<Response, Fault> {
    let query = Query::read(raw.as_deref(), &["sku", "store", "status", "since", "limit"])?;
    let wanted = Wanted::read(&query, &house.current().zone)?;
    let path = house.plot.state.clone();
    let read = tokio::task::spawn_blocking(move || wanted.lines(&path)).await;
    let lines = read.map_err(|_| Fault::internal("the records could not be read"))??;
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response())
}

struct Wanted {
    sku: Option<String>,
    store: Option<String>,
    status: Option<Status>,
    since: Option<Timestamp>,
    limit: u64,
}

impl Wanted {
    fn read(query: &Query, zone: &TimeZone) -> Result<Self, Fault> {
        let status = query.one("status")?.map(|name| {
            let names: Vec<_> = Status::ALL.iter().map(|status| status.name()).collect();
            Status::find(name).ok_or_else(|| {
                query::bad(format!("`{name}` is no status")).with_help(format!("one of {}", names.join(", ")))
            })
        });
        let since = query.one("since")?.map(|text| {
            since(text, zone, Timestamp::now()).map_err(|stop| {
                let fault = query::bad(stop.message.replace("--since ", "since="));
                Fault { help: stop.help, ..fault }
            })
        });
        Ok(Self {
            sku: query.one("sku")?.map(str::to_owned),
            store: query.one("store")?.map(str::to_owned),
            status: status.transpose()?,
            since: since.transpose()?,
            limit: query.number("limit", RECORDS.0, RECORDS.1)?,
        })
    }

    fn lines(&self, path: &Path) -> Result<Vec<u8>, Fault> {
        let query = RecordQuery {
            sku: self.sku.as_deref(),
            store: self.store.as_deref(),
            status: self.status,
            since: self.since,
            first: First::Newest,
            limit: Some(self.limit),
        };
        let mut lines = Vec::new();
        let read = SqliteState::open_for_reading(path).and_then(|mut state| {
            state.records(&query, &mut |record| {
                // A vector takes everything.
                let _ = write_json_line(record, &mut lines);
                ControlFlow::Continue(())
            })
        });
        read.map_err(|fault| Fault { help: fault.help, ..Fault::unavailable(fault.message) })?;
        Ok(lines)
    }
}
