use super::*;
use proptest::prelude::*;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn limits(requests_per_second: f64, burst: u32) -> CallLimits {
    CallLimits { requests_per_second, burst }
}

/// Sends as early as allowed, each request so many microseconds later than it might and after a pause; the moments of sending.
fn send(pace: &mut Pace, cost: f64, requests: impl IntoIterator<Item = (u64, u64)>) -> Vec<Duration> {
    let mut now = Duration::ZERO;
    let mut sent = Vec::new();
    for (late_us, idle_ms) in requests {
        now += ms(idle_ms);
        while let Err(again) = pace.take(cost, now) {
            assert!(again > now, "it comes to an end");
            now = again + Duration::from_micros(late_us);
        }
        pace.landed(cost);
        sent.push(now);
    }
    sent
}

/// The most moments in any window that begins with one of them; its end is not part of it.
fn most_within(sent: &[Duration], window: Duration) -> usize {
    let within = |(at, from): (usize, &Duration)| {
        sent.get(at..).unwrap_or_default().iter().take_while(|moment| **moment < *from + window).count()
    };
    sent.iter().enumerate().map(within).max().unwrap_or(0)
}

proptest! {
    #[test]
    fn no_window_holds_more_than_is_allowed(
        rate in prop_oneof![0.01_f64..1.0, 1.0_f64..400.0],
        burst in 0_u32..30,
        requests in prop::collection::vec((0_u64..3_000, prop_oneof![9 => Just(0_u64), 1 => 0_u64..3_000]), 1..400),
        window_ms in 1_000_u64..20_000,
    ) {
        let sent = send(&mut Pace::new(limits(rate, burst), 0.0), 0.0, requests);
        let window = ms(window_ms);
        let allowed = f64::from(burst.max(1) - 1) + (rate * window.as_secs_f64()).ceil();
        prop_assert!(most_within(&sent, window) as f64 <= allowed, "{} > {allowed}", most_within(&sent, window));
    }

    #[test]
    fn no_window_costs_more_than_the_bucket_gives(
        per_second in 1.0_f64..1_000.0,
        costs in prop::collection::vec((0.0_f64..300.0, 0_u64..500), 1..200),
    ) {
        let mut pace = Pace::new(CallLimits::default(), 0.0);
        pace.budget(400.0, 400.0, per_second, Duration::ZERO);
        // The store's own bucket, which refuses what it cannot pay for.
        let (mut bucket, mut at, mut now) = (400.0_f64, Duration::ZERO, Duration::ZERO);
        for (cost, idle) in costs {
            now += ms(idle);
            while let Err(again) = pace.take(cost, now) {
                now = again;
            }
            pace.landed(cost);
            bucket = 400.0_f64.min(bucket + (now - at).as_secs_f64() * per_second) - cost;
            at = now;
            prop_assert!(bucket >= -1e-6, "{bucket}");
        }
    }
}

#[test]
fn nearly_all_that_is_allowed_is_used_however_late_a_caller_wakes() {
    for (rate, burst, late_us) in
        [(50.0, 1, 0), (50.0, 1, 1_500), (3.0, 0, 1_900), (2.0, 40, 0), (200.0, 10, 1_900)]
    {
        let count = 20_000;
        let sent = send(&mut Pace::new(limits(rate, burst), 0.0), 0.0, vec![(late_us, 0); count]);
        let used = count as f64 / sent.last().unwrap().as_secs_f64() / rate;
        assert!(used >= 0.99, "{used} of {rate}");
    }
    let mut pace = Pace::new(CallLimits::default(), 100.0);
    let sent = send(&mut pace, 7.0, vec![(0, 0); 20_000]);
    let used = 20_000.0 * 7.0 / sent.last().unwrap().as_secs_f64() / 100.0;
    assert!((0.99..=1.001).contains(&used), "{used}");
}

#[test]
fn no_limit_makes_nobody_wait() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let sent = send(&mut Pace::new(limits(rate, 0), rate), 1e9, vec![(0, 0); 100]);
        assert_eq!(sent.last(), Some(&Duration::ZERO));
    }
}

#[test]
fn a_burst_goes_at_once_and_the_rest_at_the_pace() {
    let sent = send(&mut Pace::new(limits(10.0, 3), 0.0), 0.0, vec![(0, 0); 5]);
    assert_eq!(sent.iter().filter(|moment| **moment == Duration::ZERO).count(), 3);
    assert!(sent[3] >= ms(100) && sent[3] < ms(102), "{sent:?}");
}

#[test]
fn a_pause_holds_everybody_and_none_shortens_it() {
    let mut pace = Pace::new(limits(10.0, 9), 0.0);
    pace.pause(ms(5_000));
    pace.pause(ms(1_000));
    assert_eq!(pace.take(0.0, ms(4_999)), Err(ms(5_000)));
    assert_eq!(pace.take(0.0, ms(5_000)), Ok(()));
}

#[test]
fn what_costs_more_than_the_bucket_holds_waits_until_it_is_full() {
    let mut pace = Pace::new(CallLimits::default(), 100.0);
    assert_eq!(pace.take(250.0, Duration::ZERO), Ok(()));
    // 150 points are owed, and 1 more is wanted.
    let again = pace.take(1.0, Duration::ZERO).unwrap_err();
    assert!(again > ms(1_510) && again < ms(1_530), "{again:?}");
    assert_eq!(pace.take(1.0, again), Ok(()));
    // What costs nothing waits for no points.
    assert_eq!(pace.take(0.0, again), Ok(()));
}

#[test]
fn what_the_store_says_counts_less_what_is_under_way() {
    let mut pace = Pace::new(CallLimits::default(), 50.0);
    assert_eq!(pace.take(40.0, Duration::ZERO), Ok(()));
    pace.budget(1_990.0, 2_000.0, 100.0, Duration::ZERO);
    assert_eq!(pace.take(1_950.0, Duration::ZERO), Ok(()));
    assert!(pace.take(1.0, Duration::ZERO).is_err());
    pace.landed(40.0);
    pace.landed(1_950.0);
    pace.budget(40.0, 2_000.0, 100.0, ms(10));
    assert_eq!(pace.take(40.0, ms(10)), Ok(()));
    for nonsense in [(f64::NAN, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0)] {
        let before = pace.clone();
        pace.budget(nonsense.0, nonsense.1, nonsense.2, ms(20));
        assert_eq!(pace, before);
    }
}

#[test]
fn a_second_store_of_the_account_narrows_the_limits() {
    for (first, second, rate, burst) in [
        (limits(10.0, 5), limits(4.0, 9), 4.0, 5),
        (limits(4.0, 2), limits(10.0, 5), 4.0, 2),
        (limits(0.0, 0), limits(10.0, 5), 10.0, 5),
        (limits(10.0, 5), limits(0.0, 0), 10.0, 5),
    ] {
        let mut pace = Pace::new(first, 0.0);
        pace.tighten(second);
        assert_eq!(pace, Pace::new(limits(rate, burst), 0.0), "{first:?} {second:?}");
    }
}
