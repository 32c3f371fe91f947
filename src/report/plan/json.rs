//! `json`: the whole plan for programs, a row a line.

use super::{PlanReport, seconds};
use crate::plan::{Calls, Counts, GuardMet, Head, Problem, Row};
use crate::report::json::write_list;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::json;
use std::io::{self, BufWriter, Write};

pub(super) fn render(report: &PlanReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    let head = report.head;
    write!(out, "{{ \"format_version\": 1, \"plan_id\": {},", serde_json::to_string(&head.plan_id)?)?;
    write!(out, " \"created_at\": \"{}\", \"at\": \"{}\",", head.created_at, head.at)?;
    write!(out, " \"rules_version\": {},", serde_json::to_string(&head.rules_version)?)?;
    let stock = json!({ "age_seconds": head.stock_age_seconds, "orders_taken": head.orders_taken });
    write!(out, "\n  \"stock\": {stock},")?;
    write!(out, "\n  \"summary\": ")?;
    serde_json::to_writer(&mut out, &Summary(head))?;
    let rows = (0..report.rows.len()).map(|index| Line::from(report.rows.row(index)));
    write_list(&mut out, "rows", rows)?;
    write_list(&mut out, "problems", head.problems.iter().map(Trouble::from))?;
    write_list(&mut out, "guards", head.guards.iter().map(Met::from))?;
    out.write_all(b",\n  \"calls\": ")?;
    serde_json::to_writer(&mut out, &CallsByStore(&head.calls))?;
    out.write_all(b" }\n")?;
    out.flush()
}

struct Summary<'a>(&'a Head);

impl Serialize for Summary<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        write_counts(&mut map, &self.0.total)?;
        map.serialize_entry("stores", &Stores(&self.0.stores))?;
        map.end()
    }
}

struct Stores<'a>(&'a [(String, Counts)]);

impl Serialize for Stores<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(store, counts)| (store, StoreCounts(counts))))
    }
}

struct StoreCounts<'a>(&'a Counts);

impl Serialize for StoreCounts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(6))?;
        write_counts(&mut map, self.0)?;
        map.end()
    }
}

fn write_counts<M: SerializeMap>(map: &mut M, counts: &Counts) -> Result<(), M::Error> {
    let Counts { rows, unchanged, raise, lower, to_zero, problems } = counts;
    map.serialize_entry("rows", rows)?;
    map.serialize_entry("unchanged", unchanged)?;
    map.serialize_entry("raise", raise)?;
    map.serialize_entry("lower", lower)?;
    map.serialize_entry("to_zero", to_zero)?;
    map.serialize_entry("problems", problems)
}

#[derive(Serialize)]
struct Line<'a> {
    store: &'a str,
    store_sku: &'a str,
    sku: &'a str,
    current: Option<i64>,
    planned: u64,
    available: u64,
    rule: &'a str,
    order: u32,
    reason: &'static str,
    file: &'a str,
    line: u32,
}

impl<'a> From<Row<'a>> for Line<'a> {
    fn from(row: Row<'a>) -> Self {
        let Row { store, store_sku, sku, current, planned, available, rule, order, reason, file, line } = row;
        let reason = reason.name();
        Self { store, store_sku, sku, current, planned, available, rule, order, reason, file, line }
    }
}

#[derive(Serialize)]
struct Trouble<'a> {
    name: &'static str,
    store: &'a str,
    store_sku: Option<&'a str>,
    message: &'a str,
}

impl<'a> From<&'a Problem> for Trouble<'a> {
    fn from(problem: &'a Problem) -> Self {
        let Problem { store, store_sku, name, message } = problem;
        Self { name, store, store_sku: store_sku.as_deref(), message }
    }
}

#[derive(Serialize)]
struct Met<'a> {
    name: &'static str,
    store: Option<&'a str>,
    limit: &'a str,
    would_be: &'a str,
}

impl<'a> From<&'a GuardMet> for Met<'a> {
    fn from(met: &'a GuardMet) -> Self {
        let GuardMet { store, name, limit, would_be } = met;
        Self { name, store: store.as_deref(), limit, would_be }
    }
}

struct CallsByStore<'a>(&'a [Calls]);

impl Serialize for CallsByStore<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|calls| (&calls.store, Cost::from(calls))))
    }
}

#[derive(Serialize)]
struct Cost {
    requests: u64,
    seconds: f64,
}

impl From<&Calls> for Cost {
    fn from(calls: &Calls) -> Self {
        Self { requests: calls.requests, seconds: seconds(calls) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Outcome, head, hostile, idle, plain};
    use serde_json::{Value, json};

    #[test]
    fn the_keys_are_those_of_the_contract_in_its_order() -> Outcome {
        let rows = hostile().into_iter().skip(4).take(1).collect::<Vec<_>>();
        let expected = r#"{ "format_version": 1, "plan_id": "3f2a91c07d", "created_at": "1970-01-01T00:00:00Z", "at": "1970-01-01T00:00:00Z", "rules_version": "sha256:ab",
  "stock": {"age_seconds":12000,"orders_taken":0},
  "summary": {"rows":8,"unchanged":2,"raise":2,"lower":2,"to_zero":2,"problems":1,"stores":{"outlet":{"rows":6,"unchanged":2,"raise":0,"lower":2,"to_zero":2,"problems":0},"shop_0":{"rows":2,"unchanged":0,"raise":2,"lower":0,"to_zero":0,"problems":1}}},
  "rows": [
    {"store":"shop_0","store_sku":"A-1","sku":"A-1","current":null,"planned":4,"available":25,"rule":"<script>alert(1)</script>","order":10,"reason":"rate","file":"rules/sea.sync","line":5}],
  "problems": [
    {"name":"missing-listing","store":"shop_0","store_sku":"GONE|<b>","message":"the store does not have `GONE|<b>`"}],
  "guards": [
    {"name":"to_zero","store":"outlet","limit":"20%","would_be":"31%"}],
  "calls": {"shop_0":{"requests":13,"seconds":2.6}} }
"#;
        assert_eq!(plain("json", &head(), &rows)?, expected);
        Ok(())
    }

    #[test]
    fn any_name_comes_back_as_it_was() -> Outcome {
        let value: Value = serde_json::from_str(&plain("json", &head(), &hostile())?)?;
        let skus: Vec<_> = (0..6).map(|index| value.pointer(&format!("/rows/{index}/store_sku"))).collect();
        let expected = ["=1+1,\"q\"", "A-2", "a\nb", "รองเท้า-กี่", "A-1", "x\u{1b}[31m"];
        assert_eq!(skus, expected.map(|sku| Some(json!(sku))).each_ref().map(Option::as_ref));
        Ok(())
    }

    #[test]
    fn nothing_to_do_is_empty_lists() -> Outcome {
        let value: Value = serde_json::from_str(&plain("json", &idle(), &Vec::new())?)?;
        for key in ["rows", "problems", "guards"] {
            assert_eq!(value.get(key), Some(&json!([])), "{key}");
        }
        Ok(())
    }
}
