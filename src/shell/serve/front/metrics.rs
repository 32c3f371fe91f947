//! `GET /metrics`: numbers for Prometheus, in its text format 0.0.4.

use super::House;
use super::tally::Counts;
use crate::config::ServeLimits;
use crate::shell::serve::alerts::AlertTotals;
use crate::shell::serve::desk::{Health, Histogram, StoreHealth};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::fmt::{Display, Write};
use std::sync::Arc;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn page(State(house): State<Arc<House>>) -> Response {
    let health = house.health().await;
    let own = Own {
        counts: house.tally.snapshot(),
        connections: house.tally.connections(),
        depth: house.plot.desk.depth(),
        limits: house.plot.limits,
        alerts: house.plot.alerts.totals(),
        is_stopping: house.is_stopping(),
    };
    ([(header::CONTENT_TYPE, TEXT)], write(&own, health.as_deref())).into_response()
}

/// What is known without the engine.
struct Own {
    counts: Counts,
    connections: u64,
    /// Requests and events that wait.
    depth: (usize, usize),
    limits: ServeLimits,
    alerts: AlertTotals,
    is_stopping: bool,
}

fn write(own: &Own, health: Option<&Health>) -> String {
    let mut page = Page::default();
    page.gauge("build_info", "The program's version.", &[(&[("version", env!("CARGO_PKG_VERSION"))], 1)]);
    let ready = !own.is_stopping && health.is_some_and(|health| health.unusable.is_none());
    page.gauge("ready", "Whether events are taken.", &[(&[], u64::from(ready))]);
    page.gauge("engine_up", "Whether the engine answers.", &[(&[], u64::from(health.is_some()))]);
    write_own(own, &mut page);
    if let Some(health) = health {
        write_health(health, own.counts.unread_events, &mut page);
        write_stores(&health.stores, &mut page);
        page.histogram(
            "event_to_written_seconds",
            "From the arrival of an event to the store's answer, for numbers that were sent.",
            &health.latency,
        );
    }
    page.0
}

fn write_own(own: &Own, page: &mut Page) {
    let (requests, events) = (own.depth.0 as u64, own.depth.1 as u64);
    page.gauge("queue_requests", "Requests that wait for the engine.", &[(&[], requests)]);
    page.gauge("queue_requests_max", "How many may.", &[(&[], own.limits.waiting_requests as u64)]);
    page.gauge("queue_events", "Events in them.", &[(&[], events)]);
    page.gauge("queue_events_max", "How many may be.", &[(&[], own.limits.waiting_events as u64)]);
    page.gauge("http_connections", "Connections that are open.", &[(&[], own.connections)]);
    page.head("http_requests_total", "counter", "Requests that were answered.");
    for ((route, status), count) in &own.counts.requests {
        page.sample("http_requests_total", &[("route", route), ("status", &status.to_string())], count);
    }
    page.histogram("http_request_seconds", "How long answers took.", &own.counts.took);
    page.head("webhooks_total", "counter", "Webhooks, by what became of them.");
    for ((store, outcome), count) in &own.counts.webhooks {
        page.sample("webhooks_total", &[("store", store), ("outcome", outcome)], count);
    }
    let AlertTotals { told, failed, dropped } = own.alerts;
    page.head("alerts_total", "counter", "Alerts, by what became of them.");
    for (outcome, count) in [("dropped", dropped), ("failed", failed), ("told", told)] {
        page.sample("alerts_total", &[("outcome", outcome)], count);
    }
}

fn write_health(health: &Health, unread: u64, page: &mut Page) {
    page.gauge(
        "activation",
        "The number of the current activation; 0 before the first.",
        &[(&[], health.activation.unwrap_or(0))],
    );
    page.gauge("rules_info", "The version of the rules.", &[(&[("version", &health.rules_version)], 1)]);
    let findings = health.newest.as_ref().map_or(0, |newest| newest.count);
    page.gauge(
        "rules_refused",
        "Whether the project on disk does not pass, so that an older one runs.",
        &[(&[], u64::from(health.newest.is_some()))],
    );
    page.gauge("rules_findings", "How many findings stand against it.", &[(&[], findings)]);
    page.gauge(
        "switched_off",
        "Whether `inventory_features` is off.",
        &[(&[], u64::from(health.switched_off))],
    );
    page.gauge(
        "negative_stock",
        "SKUs × warehouses of which more is ordered than there is.",
        &[(&[], health.negative)],
    );
    page.gauge("paused_skus", "Merchant SKUs that are paused.", &[(&[], health.paused_skus.len() as u64)]);
    let events = health.events;
    page.head("events_total", "counter", "Events, by the verdict on them.");
    for (verdict, count) in
        [("refused", events.refused + unread), ("repeated", events.repeated), ("taken", events.taken)]
    {
        page.sample("events_total", &[("verdict", verdict)], count);
    }
}

type OfStore = (&'static str, &'static str, &'static str, fn(&StoreHealth) -> u64);

/// One number of each store.
const OF_STORES: [OfStore; 9] = [
    ("store_pending", "gauge", "Numbers that have not left.", |store| store.pending),
    ("store_in_flight", "gauge", "Numbers that left and have no answer yet.", |store| store.in_flight),
    ("store_unknown", "gauge", "Numbers that left, and nobody knows what became of them.", |store| {
        store.unknown
    }),
    ("store_sent_total", "counter", "Numbers that were sent.", |store| store.sent),
    ("store_failed_total", "counter", "Numbers that failed for good.", |store| store.failed),
    ("store_circuit_open", "gauge", "Whether the store is left alone for a while.", |store| {
        u64::from(store.circuit_open)
    }),
    ("store_paused", "gauge", "Whether the store is paused.", |store| u64::from(store.paused)),
    ("store_faulty", "gauge", "Whether the store cannot be worked with at all.", |store| {
        u64::from(store.faulty.is_some())
    }),
    (
        "store_last_success_timestamp_seconds",
        "gauge",
        "When the store last answered well; 0 is never.",
        |store| store.last_success.map_or(0, |moment| u64::try_from(moment.as_second()).unwrap_or(0)),
    ),
];

fn write_stores(stores: &[StoreHealth], page: &mut Page) {
    for (name, kind, help, number) in OF_STORES {
        page.head(name, kind, help);
        for store in stores {
            page.sample(name, &[("store", &store.name)], number(store));
        }
    }
    page.head("store_held", "gauge", "Numbers that a guard holds.");
    for store in stores {
        for held in &store.held_by {
            page.sample("store_held", &[("store", &store.name), ("guard", &held.guard)], held.rows);
        }
    }
}

/// A page of metrics.
#[derive(Default)]
struct Page(String);

type Labels<'a> = &'a [(&'a str, &'a str)];

impl Page {
    fn gauge(&mut self, name: &str, help: &str, samples: &[(Labels<'_>, u64)]) {
        self.head(name, "gauge", help);
        for (labels, value) in samples {
            self.sample(name, labels, value);
        }
    }

    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let Self(page) = self;
        let _ = write!(page, "# HELP stocksync_{name} {help}\n# TYPE stocksync_{name} {kind}\n");
    }

    fn sample(&mut self, name: &str, labels: Labels<'_>, value: impl Display) {
        let Self(page) = self;
        let _ = write!(page, "stocksync_{name}");
        for (at, (label, text)) in labels.iter().enumerate() {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(page, "{}{label}=\"{text}\"", if at == 0 { "{" } else { "," });
        }
        let _ = writeln!(page, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.head(name, "histogram", help);
        let bucket = format!("{name}_bucket");
        for (ms, count) in histogram.cumulative() {
            self.sample(&bucket, &[("le", &seconds(ms * 1_000))], count);
        }
        self.sample(&bucket, &[("le", "+Inf")], histogram.count());
        self.sample(&format!("{name}_sum"), &[], seconds(histogram.sum_us()));
        self.sample(&format!("{name}_count"), &[], histogram.count());
    }
}

/// Microseconds as seconds, without rounding.
fn seconds(us: u64) -> String {
    let fraction = format!("{:06}", us % 1_000_000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction}", us / 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::serve::desk::HeldBy;
    use std::time::Duration;

    #[test]
    fn seconds_are_exact() {
        assert_eq!(
            [0, 1, 1_000, 2_500_000, 60_000_000].map(seconds),
            ["0", "0.000001", "0.001", "2.5", "60"]
        );
    }

    #[test]
    fn names_stay_within_their_quotes() {
        let mut page = Page::default();
        page.sample("x", &[("a", "\"\\\n"), ("b", "")], 1);
        assert_eq!(page.0, "stocksync_x{a=\"\\\"\\\\\\n\",b=\"\"} 1\n");
    }

    #[test]
    fn a_store_has_its_numbers_and_a_histogram_its_sums() {
        let held = HeldBy {
            guard: "to_zero".to_owned(),
            limit: "30%".to_owned(),
            would_be: "31%".to_owned(),
            plan_id: "p".to_owned(),
            rows: 5,
        };
        let store = StoreHealth {
            name: "outlet".to_owned(),
            pending: 3,
            held_by: vec![held],
            ..StoreHealth::default()
        };
        let mut health = Health { stores: vec![store], ..Health::default() };
        health.latency.observe(Duration::from_micros(1_500));
        let own = Own {
            counts: Counts { unread_events: 2, ..Counts::default() },
            connections: 0,
            depth: (0, 0),
            limits: ServeLimits::default(),
            alerts: AlertTotals::default(),
            is_stopping: false,
        };
        let page = write(&own, Some(&health));
        for line in [
            "stocksync_ready 1",
            "stocksync_store_pending{store=\"outlet\"} 3",
            "stocksync_store_held{store=\"outlet\",guard=\"to_zero\"} 5",
            "stocksync_events_total{verdict=\"refused\"} 2",
            "stocksync_event_to_written_seconds_bucket{le=\"0.001\"} 0",
            "stocksync_event_to_written_seconds_bucket{le=\"0.002\"} 1",
            "stocksync_event_to_written_seconds_bucket{le=\"+Inf\"} 1",
            "stocksync_event_to_written_seconds_sum 0.0015",
        ] {
            assert!(page.lines().any(|ours| ours == line), "{line} is not in\n{page}");
        }
        assert!(write(&own, None).contains("stocksync_engine_up 0\n"));
    }
}
