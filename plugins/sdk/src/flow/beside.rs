//! Several things at once.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Runs futures side by side, at most `at_once` of them, and gives their results in the futures' order.
pub async fn side_by_side<F: Future + Send>(at_once: usize, futures: Vec<F>) -> Vec<F::Output>
where
    F::Output: Send,
{
    side_by_side_while(at_once, futures.into_iter(), |_| true).await
}

/// The same of futures that are made one by one, as long as results are such that it goes on: pages up to an empty one, however many are said to
/// be there. Those that have begun by then are awaited.
pub async fn side_by_side_while<F: Future + Send>(
    at_once: usize,
    futures: impl Iterator<Item = F> + Send,
    goes_on: impl Fn(&F::Output) -> bool + Send,
) -> Vec<F::Output>
where
    F::Output: Send,
{
    let mut results: BTreeMap<usize, F::Output> = BTreeMap::new();
    let mut waiting = futures.map(Box::pin).enumerate().fuse();
    let mut running: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    let mut is_over = false;
    poll_fn(|context| {
        loop {
            while !is_over && running.len() < at_once.max(1) {
                match waiting.next() {
                    Some(next) => running.push(next),
                    None => is_over = true,
                }
            }
            let before = running.len();
            running.retain_mut(|(index, future)| match future.as_mut().poll(context) {
                Poll::Pending => true,
                Poll::Ready(result) => {
                    is_over |= !goes_on(&result);
                    results.insert(*index, result);
                    false
                }
            });
            if running.is_empty() && is_over {
                return Poll::Ready(());
            }
            if running.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await;
    results.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Waker};

    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result,
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    #[test]
    fn results_come_in_order_and_no_more_begin_than_it_goes_on() {
        assert_eq!(now(side_by_side(2, (0..5).map(|n| async move { n }).collect())), [0, 1, 2, 3, 4]);
        assert_eq!(now(side_by_side(2, Vec::<std::future::Ready<u8>>::new())), [0_u8; 0]);
        let begun = AtomicUsize::new(0);
        let pages = (0..1_000_000).map(|page| {
            begun.fetch_add(1, Ordering::Relaxed);
            async move { if page < 4 { 10 } else { 3 } }
        });
        assert_eq!(now(side_by_side_while(2, pages, |count| *count == 10)), [10, 10, 10, 10, 3, 3]);
        assert_eq!(begun.into_inner(), 6);
    }
}
