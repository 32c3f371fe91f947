//! Records, as they are asked for.

use super::{First, RecordQuery, runs::moment};
use crate::record::{Record, Status, Trigger};
use rusqlite::types::ToSql;
use rusqlite::{Connection, Row, named_params};
use std::ops::ControlFlow;

/// Only constants are ever put together here; what a user names is bound.
const SELECT: &str = "
SELECT r.id, r.time, n.trigger_kind, n.actor, n.order_id, r.sku, s.text, r.store_sku, r.before, r.after, r.status,
  r.detail, coalesce(o.attempts, r.attempts), u.text, n.activation, v.hash, n.commit_id, n.plan_id
FROM record r
JOIN run n ON n.id = r.run
JOIN version v ON v.id = n.version
JOIN name s ON s.id = r.store
LEFT JOIN name u ON u.id = r.rule
LEFT JOIN outbox o ON o.store = r.store AND o.store_sku = r.store_sku AND o.record = r.id";

pub(super) fn each(
    connection: &Connection,
    query: &RecordQuery<'_>,
    each: &mut dyn FnMut(&Record<'_>) -> ControlFlow<()>,
) -> rusqlite::Result<()> {
    let status = query.status.map(Status::number);
    let since = query.since.map(|since| since.as_millisecond());
    let limit = query.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX));
    let conditions: [(&str, &str, Option<&dyn ToSql>); 4] = [
        ("r.sku = :sku", ":sku", query.sku.as_ref().map(|sku| sku as &dyn ToSql)),
        (
            "r.store = (SELECT id FROM name WHERE text = :store)",
            ":store",
            query.store.as_ref().map(|store| store as &dyn ToSql),
        ),
        ("r.status = :status", ":status", status.as_ref().map(|status| status as &dyn ToSql)),
        ("r.time >= :since", ":since", since.as_ref().map(|since| since as &dyn ToSql)),
    ];
    let (mut terms, mut bound) = (Vec::new(), named_params! { ":limit": limit }.to_vec());
    for (term, name, value) in conditions {
        if let Some(value) = value {
            terms.push(term);
            bound.push((name, value));
        }
    }
    let filter = if terms.is_empty() { String::new() } else { format!("WHERE {}", terms.join(" AND ")) };
    let order = match query.first {
        First::Newest => "DESC",
        First::Oldest => "ASC",
    };
    let sql = format!("{SELECT} {filter} ORDER BY r.id {order} LIMIT :limit");
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query(bound.as_slice())?;
    while let Some(row) = rows.next()? {
        if each(&record(row)?).is_break() {
            break;
        }
    }
    Ok(())
}

fn record<'a>(row: &'a Row<'_>) -> rusqlite::Result<Record<'a>> {
    let text = |index: usize| Ok::<_, rusqlite::Error>(row.get_ref(index)?.as_str()?);
    let optional = |index: usize| Ok::<_, rusqlite::Error>(row.get_ref(index)?.as_str_or_null()?);
    Ok(Record {
        id: row.get(0)?,
        time: moment(row.get(1)?),
        trigger: known_number(2, row.get(2)?, Trigger::from_number)?,
        actor: text(3)?,
        order_id: optional(4)?,
        sku: text(5)?,
        store: text(6)?,
        store_sku: text(7)?,
        before: row.get(8)?,
        after: row.get(9)?,
        status: known_number(10, row.get(10)?, Status::from_number)?,
        detail: optional(11)?,
        attempts: row.get(12)?,
        rule: optional(13)?,
        activation: row.get(14)?,
        rules_version: text(15)?,
        commit: optional(16)?,
        plan_id: optional(17)?,
    })
}

fn known_number<T>(column: usize, number: u8, find: fn(u8) -> Option<T>) -> rusqlite::Result<T> {
    find(number).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, number.into()))
}
