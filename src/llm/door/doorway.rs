//! The door: a model, and all that stands between it and a question. In: asks in series order. Out: answers and failures.

use super::ask::{Answer, Ask, Origin};
use super::consent::{Consent, Permission, Sending};
use super::estimate::{self, Estimate};
use super::failure::Failure;
use super::id::Id;
use super::key::{self, Credentials, Key};
use super::ledger::{Budget, Ledger};
use super::line::{Line, Patience};
use super::model::{Model, TYPED};
use super::money::{Spent, Usage};
use super::plan::{Item, Plan, State};
use super::question::Question;
use super::round::Round;
use super::shelf::{CacheDir, For, Shelf};
use super::wire;
use crate::error::{Error, Result, io};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::runtime::Runtime;

/// A way to ask one model. Synchronous; one call at a time, each with many questions in flight.
pub struct Door {
    pub(crate) model: Model,
    patience: Patience,
    ledger: Ledger,
    pub(crate) cache: Option<Shelf>,
    cache_limit: u64,
    record: Option<Shelf>,
    replay: Option<Shelf>,
    interrupted: Arc<AtomicBool>,
    permission: Option<Permission>,
    /// What the person said.
    permitted: Option<Permitted>,
    /// What was asked now, and not known.
    paid: Spent,
    credentials: Option<Box<dyn Credentials>>,
    /// Made when the first question is sent.
    line: Option<Arc<Line>>,
    /// git's helpers have heard whether their key was taken.
    told: bool,
    runtime: Runtime,
    /// A record that could not be written.
    trouble: Option<Error>,
}

impl Door {
    /// To a model: without cache, record, budget, and without anybody who could be asked for permission.
    ///
    /// # Errors
    /// The system gives no timers or sockets.
    pub fn new(model: Model) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(io("cannot set up the network"))?;
        Ok(Self {
            model,
            patience: Patience::default(),
            ledger: Ledger::default(),
            cache: None,
            cache_limit: 0,
            record: None,
            replay: None,
            interrupted: Arc::default(),
            permission: None,
            permitted: None,
            paid: Spent::default(),
            credentials: None,
            line: None,
            told: false,
            runtime,
            trouble: None,
        })
    }

    /// Spends no more than this.
    ///
    /// # Errors
    /// It is money, and the model has no price.
    pub fn with_budget(mut self, budget: Budget) -> Result<Self> {
        if budget.money.is_some() && self.model.price.is_none() {
            let hint = match self.model.name.as_str() {
                // It is in no settings.
                TYPED => "give a budget in tokens, or the program a name and a price in your settings: \
                    kmigrate.model.<name>.command, .promptPrice and .completionPrice"
                    .to_owned(),
                name => {
                    format!("set kmigrate.model.{name}.promptPrice and .completionPrice, or give a budget in tokens")
                }
            };
            return Err(
                Error::usage(format!("a budget in money, and no price of {} is known", self.model.name)).hint(hint)
            );
        }
        self.ledger = Ledger::new(budget);
        Ok(self)
    }

    /// Keeps answers here, and does not ask for them again.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn with_cache(mut self, cache: &CacheDir) -> Result<Self> {
        self.cache = Some(Shelf::make(&cache.dir, For::Us)?);
        self.cache_limit = cache.limit;
        Ok(self)
    }

    /// Writes every question with its answer into a directory, to be read by people and by [`replaying`](Self::replaying).
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn recording(mut self, dir: &Path) -> Result<Self> {
        self.record = Some(Shelf::make(dir, For::People)?);
        Ok(self)
    }

    /// Asks nobody: answers come from a record, or not at all.
    ///
    /// # Errors
    /// The directory is not there.
    pub fn replaying(mut self, dir: &Path) -> Result<Self> {
        self.replay = Some(Shelf::open(dir, For::People)?);
        Ok(self)
    }

    /// Stops asking when this becomes true; answers that came by then are kept and returned.
    #[must_use]
    pub fn interrupted_by(mut self, flag: Arc<AtomicBool>) -> Self {
        self.interrupted = flag;
        self
    }

    /// Whom to ask before anything leaves this machine, where the setting is [`Consent::Ask`]; again before
    /// more goes than was said.
    #[must_use]
    pub fn permitted_by(mut self, permission: impl FnMut(&Sending) -> bool + 'static) -> Self {
        self.permission = Some(Box::new(permission));
        self
    }

    /// git's credential helpers.
    #[must_use]
    pub fn with_credentials(mut self, credentials: impl Credentials + 'static) -> Self {
        self.credentials = Some(Box::new(credentials));
        self
    }

    /// How long trouble is put up with.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Whom it leads to.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What this run has spent, answers from the cache included: what the budget is measured by.
    pub fn spent(&self) -> Spent {
        self.ledger.spent()
    }

    /// What of that this run has paid for.
    pub fn paid(&self) -> Spent {
        self.paid
    }

    /// Asks all, and answers in the same order. `heard` is told of each as it comes, for showing progress; the result is what
    /// counts. (They differ only where a budget ends and an estimate was too low.)
    ///
    /// Given the same asks in the same calls, the same settings and the same answers, the result is the same.
    pub fn ask_all(
        &mut self,
        asks: &[Ask],
        heard: &mut dyn FnMut(usize, &std::result::Result<Answer, Failure>),
    ) -> Vec<std::result::Result<Answer, Failure>> {
        let mut plan = self.plan(asks);
        if let Err(failure) = self.ready(&plan, asks) {
            plan.fail_open(&failure);
        }
        let mut waiting: Vec<bool> = vec![true; asks.len()];
        let (cache, record, trouble) = (&self.cache, &self.record, &mut self.trouble);
        let mut decided = |plan: &Plan, item: &Item| {
            keep((cache.as_ref(), record.as_ref()), &asks[item.ask].label, item, trouble);
            if let Some(answer) = plan.answer(item.ask).filter(|_| std::mem::take(&mut waiting[item.ask])) {
                heard(item.ask, &answer);
            }
        };
        let round = Round {
            plan: &mut plan,
            ledger: &self.ledger,
            line: self.line.clone(),
            concurrency: self.model.limits.concurrency.max(1),
            interrupted: &self.interrupted,
            decided: &mut decided,
        };
        self.runtime.block_on(round.run());
        self.tell_credentials(&plan);
        plan.settle(&mut self.ledger);
        self.paid = self.paid.plus(plan.paid());
        let answers = (0..asks.len()).map(|ask| plan.answer(ask).unwrap_or(Err(Failure::Empty)));
        let answers: Vec<_> = answers.collect();
        for (ask, answer) in answers.iter().enumerate().filter(|(ask, _)| waiting[*ask]) {
            heard(ask, answer);
        }
        answers
    }

    /// What asking these would take.
    pub fn estimate(&self, asks: &[Ask]) -> Estimate {
        let plan = self.plan(asks);
        let open: Vec<&Item> = plan.open().filter(|item| item.state.is_none()).collect();
        let usages = open.iter().map(|item| estimate::worst(&item.question));
        let sum = usages.fold(Usage::default(), Usage::plus);
        Estimate {
            requests: plan.items.len(),
            known: plan.items.len() - open.len(),
            bytes: open.iter().map(|item| item.question.bytes()).sum(),
            prompt_tokens: sum.prompt,
            completion_tokens: sum.completion,
            cost: self.model.price.map(|price| price.of(sum)),
        }
    }

    /// Exactly what would be sent, without the key: for each request where it goes, an empty line, and its body.
    pub fn preview(&self, ask: &Ask) -> Vec<String> {
        let shown = |question: Question| match self.model.endpoint() {
            Some((dialect, endpoint)) => {
                let url = endpoint.address.post_to(dialect);
                format!("POST {url}\n\n{:#}\n", wire::body(dialect, &question))
            }
            None => format!("{}\n\n{}", self.model.host(), question.plain()),
        };
        Question::all_of(&self.model, ask).into_iter().map(shown).collect()
    }

    /// What would be sent, as a person reads it: where to, and the turns as text.
    pub fn preview_of_text(&self, ask: &Ask) -> String {
        let requests = Question::all_of(&self.model, ask);
        let to = self
            .model
            .endpoint()
            .map_or_else(|| self.model.host(), |(dialect, end)| format!("POST {}", end.address.post_to(dialect)));
        let times = if requests.len() > 1 { format!(", {} times", requests.len()) } else { String::new() };
        let text = requests.first().map(Question::plain).unwrap_or_default();
        format!("{to}{times}\n\n{text}")
    }

    /// Ends it: the cache is cut to its limit.
    ///
    /// # Errors
    /// A record could not be written.
    pub fn close(mut self) -> Result<Spent> {
        if let Some(cache) = &self.cache {
            cache.shrink(self.cache_limit);
        }
        self.trouble.take().map_or_else(|| Ok(self.ledger.spent()), Err)
    }

    /// The questions of asks, with the answers that are known.
    pub(crate) fn plan(&self, asks: &[Ask]) -> Plan {
        Plan::new(&self.model, asks, &self.ledger, |id, question| self.known(id, question))
    }

    /// An answer that is known; with a record to replay, that or nothing.
    fn known(&self, id: Id, question: &Question) -> Option<State> {
        match &self.replay {
            Some(replay) => {
                let found = replay.find(id, question).map(|response| (response, Origin::Replayed));
                Some(found.ok_or(Failure::NotRecorded { id }))
            }
            None => Some(Ok((self.cache.as_ref()?.find(id, question)?, Origin::Cached))),
        }
    }

    /// Permission, key and line, if anything is to be sent.
    fn ready(&mut self, plan: &Plan, asks: &[Ask]) -> std::result::Result<(), Failure> {
        if plan.open().next().is_none() {
            return Ok(());
        }
        if !self.may_send(plan, asks) {
            return Err(Failure::NoConsent { host: self.model.host() });
        }
        if self.line.is_none() {
            let key = self.key()?;
            self.line = Some(Arc::new(Line::new(&self.model, key, &self.patience)?));
        }
        Ok(())
    }

    /// Did the user allow it?
    fn may_send(&mut self, plan: &Plan, asks: &[Ask]) -> bool {
        match self.model.consent {
            Consent::Never => false,
            Consent::Always => true,
            Consent::Ask if self.model.is_local() => true,
            Consent::Ask => {
                let sending = self.sending(plan, asks);
                let worst = self.paid.plus(plan.worst_of_open());
                match self.permitted {
                    Some(Permitted::Nothing) => return false,
                    Some(Permitted::UpTo(limit)) if worst.fits(limit) => return true,
                    _ => {}
                }
                let is_allowed = self.permission.as_mut().is_some_and(|ask| ask(&sending));
                self.permitted = Some(if is_allowed { Permitted::UpTo(worst) } else { Permitted::Nothing });
                is_allowed
            }
        }
    }

    /// What would leave this machine.
    fn sending(&self, plan: &Plan, asks: &[Ask]) -> Sending {
        let worst = plan.open().map(|item| estimate::worst(&item.question));
        let sum = worst.fold(Usage::default(), Usage::plus);
        let mut labels: Vec<String> = plan.open().map(|item| asks[item.ask].label.clone()).collect();
        labels.dedup();
        Sending {
            model: self.model.name.clone(),
            host: self.model.host(),
            encrypted: self.model.endpoint().is_some_and(|(_, endpoint)| endpoint.address.is_encrypted()),
            questions: plan.open().count(),
            bytes: plan.open().map(|item| item.question.bytes()).sum(),
            tokens: sum.prompt.saturating_add(sum.completion),
            cost: self.model.price.map(|price| price.of(sum)),
            labels,
        }
    }

    /// The key, if the model has one.
    fn key(&self) -> std::result::Result<Option<Key>, Failure> {
        let Some((_, endpoint)) = self.model.endpoint() else {
            return Ok(None);
        };
        let protocol = if endpoint.address.is_encrypted() { "https" } else { "http" };
        let site = (protocol, endpoint.address.host());
        key::find(&endpoint.keys, (site.0, &site.1), self.credentials.as_deref(), &self.runtime)
    }

    /// Says once to git's helpers whether their key was taken.
    fn tell_credentials(&mut self, plan: &Plan) {
        let (Some(credentials), Some(line), false) = (&self.credentials, &self.line, self.told) else {
            return;
        };
        let Some((key, about)) = line.key().and_then(|key| Some((key, key.about.as_ref()?))) else {
            return;
        };
        let states = || plan.items.iter().filter_map(|item| item.state.as_ref());
        let refused = |state: &State| matches!(state, Err(Failure::Rejected { status: 401, .. }));
        if states().any(refused) {
            credentials.reject(about, key.expose());
            self.told = true;
        } else if states().any(|state| matches!(state, Ok((_, Origin::Asked)))) {
            credentials.approve(about, key.expose());
            self.told = true;
        }
    }
}

/// What a person allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Permitted {
    /// Nothing, in this run.
    Nothing,
    /// To send until this is spent.
    UpTo(Spent),
}

/// Keeps an answer, as soon as it is there.
fn keep((cache, record): (Option<&Shelf>, Option<&Shelf>), label: &str, item: &Item, trouble: &mut Option<Error>) {
    let Some(Ok((response, origin))) = &item.state else {
        return;
    };
    if let (Some(cache), Origin::Asked) = (cache, origin) {
        // A cache that fails costs money later, and no answer now.
        let _ = cache.keep(label, &item.question, response);
    }
    if let Some(Err(error)) = record.map(|record| record.keep(label, &item.question, response)) {
        trouble.get_or_insert(error);
    }
}
