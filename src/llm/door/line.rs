//! The line to a model: asks until there is an answer or patience ends. In: a question. Out: a response or a failure.
//!
//! When nobody is there, only the first few find out by trying: the line goes dead, and the rest are told so at once. Delays
//! between attempts grow, with a jitter that comes from the question's id, and none of it changes an answer.

use super::ask::Response;
use super::failure::Failure;
use super::id::Id;
use super::key::Key;
use super::model::{Model, Provider};
use super::pace::Pace;
use super::question::Question;
use super::wire::{Trouble, Wire};
use super::{command, estimate};
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long trouble is put up with. The default is for people; tests use shorter times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Attempts at a question that a server is too busy for or fails at.
    pub attempts: u32,
    /// Attempts at connecting.
    pub connects: u32,
    /// Questions in a row that may be given up before all others are.
    pub given_up: u32,
    /// The first wait between attempts; each next is twice as long, and up to twice that by jitter.
    pub first: Duration,
    /// The longest of them.
    pub longest: Duration,
    /// The longest `Retry-After` that is waited for.
    pub retry_after: Duration,
    /// What a minute is, for requests and tokens a minute.
    pub minute: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 6,
            connects: 3,
            given_up: 3,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            retry_after: Duration::from_secs(120),
            minute: Duration::from_secs(60),
        }
    }
}

impl Patience {
    /// The waits between the attempts at a question. Its id seeds the jitter: questions differ, runs do not.
    fn waits(&self, id: Id) -> ExponentialBackoff {
        let seed = id.to_string().bytes().take(16).fold(0, |seed: u64, digit| seed.wrapping_mul(31) + u64::from(digit));
        ExponentialBuilder::new()
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .without_max_times()
            .with_jitter()
            .with_jitter_seed(seed)
            .build()
    }
}

/// Who is at the other end.
enum End {
    Server(Box<Wire>),
    Program(String, Duration),
}

/// A line to a model.
pub(crate) struct Line {
    end: End,
    host: String,
    patience: Patience,
    pace: Pace,
    /// Why nobody needs to try any more.
    dead: Mutex<Option<Failure>>,
    /// Questions in a row that were given up.
    given_up: AtomicU32,
}

impl Line {
    /// To a model, with its key.
    pub fn new(model: &Model, key: Option<Key>, patience: &Patience) -> Result<Self, Failure> {
        let end = match &model.provider {
            Provider::Command(shell) => End::Program(shell.clone(), model.limits.timeout),
            Provider::Chat(_) | Provider::Messages(_) => {
                let endpoint = model.endpoint().expect("whatever is no program has an endpoint");
                End::Server(Box::new(Wire::new(model, endpoint, key)?))
            }
        };
        let (pace, patience) = (Pace::new(&model.limits, patience.minute), patience.clone());
        Ok(Self { end, host: model.host(), patience, pace, dead: Mutex::default(), given_up: AtomicU32::new(0) })
    }

    /// The key in use.
    pub fn key(&self) -> Option<&Key> {
        match &self.end {
            End::Server(wire) => wire.key(),
            End::Program(..) => None,
        }
    }

    /// Asks until there is an answer, or patience ends.
    pub async fn ask(&self, id: Id, question: &Question) -> Result<Response, Failure> {
        let mut waits = self.patience.waits(id);
        let worst = estimate::worst(question);
        for attempt in 1.. {
            if let Some(dead) = self.dead() {
                return Err(dead);
            }
            self.pace.turn(worst.prompt.saturating_add(worst.completion)).await;
            let trouble = match self.exchange(question).await {
                Ok(response) => {
                    self.given_up.store(0, Ordering::Relaxed);
                    return Ok(response);
                }
                Err(trouble) => trouble,
            };
            let wait = match self.judge(trouble, attempt) {
                Next::Wait(said) => waits.next().unwrap_or_default().max(said),
                Next::GiveUp(failure) => return Err(failure),
            };
            tokio::time::sleep(wait).await;
        }
        Err(Failure::Interrupted)
    }

    /// One attempt.
    async fn exchange(&self, question: &Question) -> Result<Response, Trouble> {
        match &self.end {
            End::Server(wire) => wire.exchange(question).await,
            End::Program(shell, timeout) => command::ask(shell, question, *timeout).await.map_err(Trouble::Final),
        }
    }

    /// Is it worth another attempt?
    fn judge(&self, trouble: Trouble, attempts: u32) -> Next {
        let (most, failure, said) = match trouble {
            Trouble::Final(failure) => {
                if matches!(failure, Failure::Down { .. } | Failure::Rejected { status: 401, .. }) {
                    self.cut(&failure);
                }
                return Next::GiveUp(failure);
            }
            Trouble::Unreachable(words) => {
                (self.patience.connects, Failure::Down { host: self.host.clone(), words }, None)
            }
            Trouble::Broken(words) => (self.patience.attempts, Failure::Lost { attempts, words }, None),
            Trouble::Busy { status, words, wait } => {
                (self.patience.attempts, Failure::RateLimited { status, attempts, words }, wait)
            }
            Trouble::Failed { status, words } => {
                (self.patience.attempts, Failure::ServerError { status, attempts, words }, None)
            }
        };
        let too_long = said.is_some_and(|wait| wait > self.patience.retry_after);
        if attempts >= most || too_long {
            return self.give_up(failure);
        }
        // All others had better wait too.
        said.inspect(|wait| self.pace.quiet_for(*wait));
        Next::Wait(said.unwrap_or_default())
    }

    /// Gives a question up; after some of them in a row, or if nobody is there, all others too.
    fn give_up(&self, failure: Failure) -> Next {
        let in_a_row = self.given_up.fetch_add(1, Ordering::Relaxed) + 1;
        if matches!(failure, Failure::Down { .. }) || in_a_row >= self.patience.given_up {
            self.cut(&failure);
        }
        Next::GiveUp(failure)
    }

    /// Nobody needs to try any more.
    fn cut(&self, failure: &Failure) {
        let mut dead = self.dead.lock().unwrap_or_else(PoisonError::into_inner);
        dead.get_or_insert_with(|| failure.clone());
    }

    /// Why nobody needs to try any more.
    fn dead(&self) -> Option<Failure> {
        self.dead.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// After trouble.
enum Next {
    /// At least for this long.
    Wait(Duration),
    GiveUp(Failure),
}
