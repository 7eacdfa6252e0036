//! Sends what a plan allows, many at once, until all have arrived or somebody pressed Ctrl-C. In: a [`Plan`], a [`Line`]. Out: the
//! plan with states. Async ends in this file.

use super::ask::Response;
use super::failure::Failure;
use super::ledger::Ledger;
use super::line::Line;
use super::plan::{Item, Plan, Step};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::{JoinError, JoinSet};

/// How often it is looked whether somebody pressed Ctrl-C.
const LOOK: Duration = Duration::from_millis(20);

/// What came, and for which item.
type Arrival = (usize, Result<Response, Failure>);

/// What a round works with.
pub(crate) struct Round<'a> {
    pub plan: &'a mut Plan,
    pub ledger: &'a Ledger,
    /// There is one if anything is to be sent.
    pub line: Option<Arc<Line>>,
    /// Most questions in flight.
    pub concurrency: usize,
    /// Somebody pressed Ctrl-C.
    pub interrupted: &'a AtomicBool,
    /// Told of each item as soon as it has a state.
    pub decided: &'a mut dyn FnMut(&Plan, &Item),
}

impl Round<'_> {
    /// Until nothing is in flight and nothing more may be sent.
    pub async fn run(mut self) {
        let mut flight: JoinSet<Arrival> = JoinSet::new();
        while !self.interrupted.load(Ordering::Relaxed) {
            self.send(&mut flight);
            if flight.is_empty() {
                return;
            }
            tokio::select! {
                Some(joined) = flight.join_next() => self.arrive(joined),
                () = tokio::time::sleep(LOOK) => {}
            }
        }
        // What has arrived by now is paid for, and counts.
        while let Some(joined) = flight.try_join_next() {
            self.arrive(joined);
        }
        flight.shutdown().await;
    }

    /// Sends all that may be sent now.
    fn send(&mut self, flight: &mut JoinSet<Arrival>) {
        while flight.len() < self.concurrency {
            match self.plan.step(self.ledger, flight.is_empty()) {
                Step::Send(index) => {
                    let item = &self.plan.items[index];
                    let (id, question) = (item.id, Arc::clone(&item.question));
                    let line = self.line.clone().expect("open items without a line have failed before");
                    flight.spawn(async move { (index, line.ask(id, &question).await) });
                }
                Step::Pass(index) => (self.decided)(self.plan, &self.plan.items[index]),
                Step::Wait | Step::End => return,
            }
        }
    }

    /// Takes one that arrived.
    fn arrive(&mut self, joined: Result<Arrival, JoinError>) {
        match joined {
            Ok((index, result)) => {
                self.plan.arrived(index, result);
                (self.decided)(self.plan, &self.plan.items[index]);
            }
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // Cancelled: it keeps no state, which means interrupted.
            Err(_) => {}
        }
    }
}
