//! The changes of a plan: each drop to zero, the rest grouped where the deltas are the same.

use crate::plan::Row;
use crate::report::plan::{Change, PlanReport, current};
use crate::report::text::{Style, fit, left, paint, right, visible, width};
use std::collections::HashMap;
use std::io::{self, Write};

/// Lines of one store in one section; what is more is counted.
const STORE_LINES_MAX: usize = 200;
/// Store SKUs named in one group, if there is room.
const GROUP_SKUS_MAX: usize = 20;

/// Drops to zero, by store, the largest number first.
pub(super) fn write_to_zero(report: &PlanReport, out: &mut impl Write) -> io::Result<()> {
    let mut by_store: Vec<Vec<Row>> = Vec::new();
    let rows = (0..report.rows.len()).map(|index| report.rows.row(index));
    for row in rows.filter(|row| Change::of(row) == Change::ToZero) {
        match by_store.last_mut() {
            Some(store) if store.last().is_some_and(|last| last.store == row.store) => store.push(row),
            _ => by_store.push(vec![row]),
        }
    }
    if !by_store.is_empty() {
        writeln!(out, "\n{}", paint("Drops to zero", Style::Bold, report.color))?;
    }
    for mut store in by_store {
        store.sort_by(|a, b| b.current.cmp(&a.current).then_with(|| a.store_sku.cmp(b.store_sku)));
        write_store_zeroes(report, &store, out)?;
    }
    Ok(())
}

fn write_store_zeroes(report: &PlanReport, rows: &[Row], out: &mut impl Write) -> io::Result<()> {
    let Some(first) = rows.first() else { return Ok(()) };
    writeln!(out, "  {} ({})", visible(first.store), rows.len())?;
    let shown = || rows.iter().take(STORE_LINES_MAX);
    let number_width = shown().map(|row| width(&current(row))).max().unwrap_or(1).max(5);
    let room = report.width.saturating_sub(40 + number_width).max(10);
    let sku_width = shown().map(|row| width(&visible(row.store_sku))).max().unwrap_or(1).min(room / 2 + 4);
    for row in shown() {
        let delta = format!("{} -> 0", right(&current(row), number_width));
        let why = format!("{}  {} left", row.reason.name(), row.available);
        let rest = report.width.saturating_sub(4 + number_width + 5 + 2 + sku_width + 2);
        let delta = paint(&delta, Style::Red, report.color);
        writeln!(out, "    {delta}  {}  {}", left(row.store_sku, sku_width), with_origin(&why, row, rest))?;
    }
    write_more(rows.len(), out)
}

/// What every listing of a group has in common.
#[derive(PartialEq, Eq, Hash, Clone, Copy)]
struct Delta<'a> {
    change: Change,
    current: Option<i64>,
    planned: u64,
    reason: &'static str,
    rule: &'a str,
}

struct Group<'a> {
    first: Row<'a>,
    change: Change,
    skus: Vec<&'a str>,
    total: usize,
}

/// Everything else, by store; listings that change in the same way by the same rule share a line.
pub(super) fn write_others(report: &PlanReport, out: &mut impl Write) -> io::Result<()> {
    let rows = (0..report.rows.len()).map(|index| report.rows.row(index));
    let mut stores: Vec<Vec<Group>> = Vec::new();
    let mut places: HashMap<Delta, usize> = HashMap::new();
    for row in rows.filter(|row| Change::of(row) != Change::ToZero) {
        let new_store = stores.last().and_then(|groups| groups.first()).map(|group| group.first.store);
        if new_store != Some(row.store) {
            stores.push(Vec::new());
            places.clear();
        }
        if let Some(groups) = stores.last_mut() {
            add(groups, &mut places, row);
        }
    }
    if !stores.is_empty() {
        writeln!(out, "\n{}", paint("Other changes", Style::Bold, report.color))?;
    }
    stores.into_iter().try_for_each(|groups| write_store_groups(report, groups, out))
}

fn add<'a>(groups: &mut Vec<Group<'a>>, places: &mut HashMap<Delta<'a>, usize>, row: Row<'a>) {
    let Row { current, planned, rule, .. } = row;
    let change = Change::of(&row);
    let delta = Delta { change, current, planned, reason: row.reason.name(), rule };
    let place = *places.entry(delta).or_insert(groups.len());
    if place == groups.len() {
        groups.push(Group { first: row, change, skus: Vec::new(), total: 0 });
    }
    if let Some(group) = groups.get_mut(place) {
        group.total += 1;
        if group.skus.len() < GROUP_SKUS_MAX {
            group.skus.push(row.store_sku);
        }
    }
}

fn write_store_groups(report: &PlanReport, mut groups: Vec<Group>, out: &mut impl Write) -> io::Result<()> {
    groups.sort_by(|a, b| {
        let key = |group: &Group<'_>| (group.change, std::cmp::Reverse(group.total));
        key(a).cmp(&key(b)).then_with(|| a.first.store_sku.cmp(b.first.store_sku))
    });
    let listings: usize = groups.iter().map(|group| group.total).sum();
    if let Some(group) = groups.first() {
        writeln!(out, "  {} ({listings})", visible(group.first.store))?;
    }
    let shown = || groups.iter().take(STORE_LINES_MAX);
    let before = shown().map(|group| width(&current(&group.first))).max().unwrap_or(1).max(5);
    let after = shown().map(|group| group.first.planned.to_string().len()).max().unwrap_or(1);
    for group in shown() {
        write_group(report, group, (before, after), out)?;
    }
    let rest: usize = groups.iter().skip(STORE_LINES_MAX).map(|group| group.total).sum();
    if rest > 0 { writeln!(out, "    and {rest} more (--format csv for all)") } else { Ok(()) }
}

fn write_group(
    report: &PlanReport,
    group: &Group,
    (before, after): (usize, usize),
    out: &mut impl Write,
) -> io::Result<()> {
    let row = &group.first;
    let planned = left(&row.planned.to_string(), after);
    let delta = format!("{} -> {planned}", right(&current(row), before));
    let style = match group.change {
        Change::ToZero => Style::Red,
        Change::Lower => Style::Yellow,
        Change::Raise => Style::Green,
        Change::Unchanged => Style::Dim,
    };
    let room = report.width.saturating_sub(4 + before + 4 + after + 2);
    let skus_room = room.saturating_sub((room * 2 / 5).max(30)).max(12);
    let skus = named(group, skus_room);
    let why_room = room.saturating_sub(skus_room + 2);
    let why = with_origin(row.reason.name(), row, why_room);
    writeln!(out, "    {}  {}  {why}", paint(&delta, style, report.color), left(&skus, skus_room))
}

/// As many store SKUs as there is room for, and how many more there are.
fn named(group: &Group, room: usize) -> String {
    let mut text = String::new();
    for (index, sku) in group.skus.iter().enumerate() {
        let more = group.total - index - 1;
        let mut longer = format!("{text}{}{}", if index == 0 { "" } else { ", " }, visible(sku));
        let tail = if more > 0 { width(&format!(" +{more}")) } else { 0 };
        if width(&longer) + tail > room {
            if index > 0 {
                return format!("{text} +{}", more + 1);
            }
            longer = fit(sku, room.saturating_sub(tail));
        }
        text = longer;
    }
    let more = group.total - group.skus.len();
    if more > 0 { format!("{text} +{more}") } else { text }
}

/// A text and the rule behind it, with its place where there is room for that too.
fn with_origin(why: &str, row: &Row, room: usize) -> String {
    if row.rule.is_empty() {
        return fit(why, room);
    }
    let named = format!("{why}  {}", row.rule);
    let placed = format!("{named} {}:{}", row.file, row.line);
    fit(if width(&visible(&placed)) <= room { &placed } else { &named }, room)
}

fn write_more(total: usize, out: &mut impl Write) -> io::Result<()> {
    match total.saturating_sub(STORE_LINES_MAX) {
        0 => Ok(()),
        more => writeln!(out, "    and {more} more (--format csv for all)"),
    }
}
