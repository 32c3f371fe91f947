//! Alerts that wait to be told: together, one of each thing, and not too often. Time is an argument.

use super::{ALERTS_WAITING_MAX, Alert};
use crate::config::AlertKind;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long nobody is told after it failed.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// So many lines stand in the text for people; the others are counted.
const LINES_MAX: usize = 10;

/// Alerts that wait.
#[derive(Debug, Default)]
pub(super) struct Pile {
    waiting: BTreeMap<(AlertKind, (String, String)), Alert>,
    /// Those for which there was no room.
    more: u64,
    /// Nothing is told before this moment.
    not_before: Duration,
}

/// Alerts that are told together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Parcel {
    pub(super) alerts: Vec<Alert>,
    pub(super) more: u64,
}

impl Pile {
    /// Adds an alert; says whether there was room for it.
    pub(super) fn add(&mut self, alert: Alert) -> bool {
        let key = (alert.kind(), alert.subject());
        let fits = self.waiting.len() < ALERTS_WAITING_MAX || self.waiting.contains_key(&key);
        if fits {
            self.waiting.insert(key, alert);
        } else {
            self.more += 1;
        }
        fits
    }

    /// How long it is until something is to be told; `None` where nothing waits.
    pub(super) fn wait(&self, now: Duration) -> Option<Duration> {
        (!self.waiting.is_empty()).then(|| self.not_before.saturating_sub(now))
    }

    /// What is to be told now.
    pub(super) fn take(&mut self, per_minute: u32, now: Duration) -> Option<Parcel> {
        if self.waiting.is_empty() || now < self.not_before {
            return None;
        }
        self.not_before = now + Duration::from_secs(60) / per_minute.max(1);
        let alerts = std::mem::take(&mut self.waiting).into_values().collect();
        Some(Parcel { alerts, more: std::mem::take(&mut self.more) })
    }

    /// Everything, whenever it is: the last words.
    pub(super) fn take_all(&mut self) -> Option<Parcel> {
        self.not_before = Duration::ZERO;
        self.take(1, Duration::ZERO)
    }

    /// Takes back what could not be told. What came meanwhile is newer.
    pub(super) fn put_back(&mut self, parcel: Parcel, now: Duration) {
        self.more += parcel.more;
        for alert in parcel.alerts {
            let key = (alert.kind(), alert.subject());
            if !self.waiting.contains_key(&key) {
                self.add(alert);
            }
        }
        self.not_before = self.not_before.max(now + AFTER_FAILURE);
    }
}

impl Parcel {
    /// As it is told: `text` for people (it is what chat programs show), the rest for programs.
    pub(super) fn to_json(&self) -> Value {
        let count = self.alerts.len() as u64 + self.more;
        let mut lines: Vec<String> = self.alerts.iter().take(LINES_MAX).map(Alert::line).collect();
        if count > lines.len() as u64 {
            lines.push(format!("and {} more", count - lines.len() as u64));
        }
        json!({
            "format_version": 1,
            "text": format!("stocksync: {}", lines.join("\n")),
            "count": count,
            "alerts": self.alerts.iter().map(Alert::to_json).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negative(sku: &str, available: i64) -> Alert {
        Alert::NegativeStock { sku: sku.to_owned(), warehouse: "jakarta".to_owned(), available }
    }

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn what_comes_too_soon_is_told_together_and_once() {
        let mut pile = Pile::default();
        assert_eq!(pile.wait(at(0)), None);
        pile.add(negative("A", -1));
        assert_eq!(pile.take(4, at(0)), Some(Parcel { alerts: vec![negative("A", -1)], more: 0 }));
        pile.add(negative("A", -2));
        pile.add(negative("A", -3));
        pile.add(negative("B", -1));
        assert_eq!((pile.take(4, at(14)), pile.wait(at(14))), (None, Some(at(1))));
        let told = Parcel { alerts: vec![negative("A", -3), negative("B", -1)], more: 0 };
        assert_eq!(pile.take(4, at(15)), Some(told));
    }

    #[test]
    fn what_could_not_be_told_is_told_later_unless_something_newer_is() {
        let mut pile = Pile::default();
        pile.add(negative("A", -1));
        pile.add(negative("B", -1));
        let parcel = pile.take(600, at(0)).unwrap();
        pile.add(negative("A", -2));
        pile.put_back(parcel, at(1));
        assert_eq!(pile.take(600, at(30)), None);
        let told = Parcel { alerts: vec![negative("A", -2), negative("B", -1)], more: 0 };
        assert_eq!(pile.take(600, at(31)), Some(told));
        pile.add(negative("C", -1));
        assert!(pile.take_all().is_some());
    }

    #[test]
    fn the_pile_has_an_end_and_says_so() {
        let mut pile = Pile::default();
        let fits = (0..300).filter(|sku| pile.add(negative(&sku.to_string(), -1))).count();
        assert_eq!(fits, ALERTS_WAITING_MAX);
        let told = pile.take(1, at(0)).unwrap().to_json();
        assert_eq!((&told["count"], told["alerts"].as_array().unwrap().len()), (&Value::from(300), 256));
        let text = told["text"].as_str().unwrap();
        assert!(
            text.starts_with("stocksync: more is ordered than there is: `0` in `jakarta` is at -1\n"),
            "{text}"
        );
        assert!(text.ends_with("\nand 290 more"), "{text}");
    }
}
