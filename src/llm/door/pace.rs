//! Requests and tokens a minute, and the server's word to wait. In: what is about to be sent. Out: when it may be.
//!
//! Waiting changes when a question is asked, never whether, nor what is asked.

use super::model::Limits;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// The pace of one endpoint.
#[derive(Debug)]
pub(crate) struct Pace {
    requests: Option<u64>,
    tokens: Option<u64>,
    /// Shorter in tests.
    minute: Duration,
    /// Held while waiting, so that requests go in the order in which they came.
    sent: Mutex<VecDeque<(Instant, u64)>>,
    /// The server asked that nobody sends before this.
    quiet_until: std::sync::Mutex<Option<Instant>>,
}

impl Pace {
    /// Of a model.
    pub fn new(limits: &Limits, minute: Duration) -> Self {
        let (requests, tokens) = (limits.requests_per_minute, limits.tokens_per_minute);
        Self { requests, tokens, minute, sent: Mutex::default(), quiet_until: std::sync::Mutex::default() }
    }

    /// Returns when a request of so many tokens may go.
    pub async fn turn(&self, tokens: u64) {
        let mut sent = self.sent.lock().await;
        loop {
            let now = Instant::now();
            let quiet = self.quiet_until().filter(|until| *until > now);
            let full = self.room_at(&mut sent, now, tokens);
            match quiet.max(full) {
                Some(until) => sleep_until(until).await,
                None => break,
            }
        }
        if self.requests.is_some() || self.tokens.is_some() {
            sent.push_back((Instant::now(), tokens));
        }
    }

    /// Nobody sends for this long.
    pub fn quiet_for(&self, wait: Duration) {
        let mut until = self.quiet_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *until = (*until).max(Instant::now().checked_add(wait));
    }

    /// Until when nobody sends.
    fn quiet_until(&self) -> Option<Instant> {
        *self.quiet_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// When the last minute has room; `None` for now. One that alone is over the limit goes when nothing else did.
    fn room_at(&self, sent: &mut VecDeque<(Instant, u64)>, now: Instant, tokens: u64) -> Option<Instant> {
        while sent.front().is_some_and(|(at, _)| *at + self.minute <= now) {
            sent.pop_front();
        }
        let (oldest, _) = sent.front()?;
        let used: u64 = sent.iter().map(|(_, tokens)| tokens).sum();
        let full = self.requests.is_some_and(|limit| sent.len() as u64 >= limit)
            || self.tokens.is_some_and(|limit| used.saturating_add(tokens) > limit);
        full.then(|| *oldest + self.minute)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::super::model::{Model, Provider};
    use super::*;

    /// When each of some requests goes, in milliseconds, with a minute of 60.
    fn times(requests: Option<u64>, tokens: Option<u64>, asked: &[u64]) -> Vec<u128> {
        let limits = Limits {
            requests_per_minute: requests,
            tokens_per_minute: tokens,
            ..Model::new("m", Provider::Command("cat".into())).limits
        };
        let clock = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        clock.block_on(async {
            let pace = Pace::new(&limits, Duration::from_millis(60));
            let start = Instant::now();
            let mut times = Vec::new();
            for tokens in asked {
                pace.turn(*tokens).await;
                times.push(start.elapsed().as_millis());
            }
            times
        })
    }

    #[test]
    fn a_minute_holds_so_many_requests() {
        let times = times(Some(2), None, &[1, 1, 1, 1, 1]);
        assert!(times[1] < 50 && times[2] >= 60 && times[4] >= 120, "{times:?}");
    }

    #[test]
    fn a_minute_holds_so_many_tokens_and_a_giant_goes_alone() {
        let times = times(None, Some(100), &[60, 40, 1, 500]);
        assert!(times[1] < 50 && times[2] >= 60 && times[3] >= 120, "{times:?}");
    }

    #[test]
    fn without_limits_nobody_waits() {
        assert!(times(None, None, &[9; 1000])[999] < 50);
    }
}
