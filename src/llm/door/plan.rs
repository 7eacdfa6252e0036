//! The questions of one call, in series order. In: asks, and what is known. Out: what to do next, and in the end an answer each.
//!
//! Several questions are in flight at once, and yet exactly those are answered that would be if they were asked one after the
//! other (the rule is in [`ledger`](super::ledger)):
//!
//! ```text
//!     counted      known or answered        in flight       next
//!   |----------|------------------------|----------------|------|
//!      spent          what they cost       at worst       worst     fits: send it now, it would fit in any case
//!                                                                   not:  wait for one in flight, it may cost less
//!                                                                         nothing is in flight: that was the last
//! ```
//!
//! In the end [`settle`](Plan::settle) applies the rule once more, with what they did cost. An estimate that was too low could
//! have let a question go ahead of its turn: its answer is kept, and does not count.

use super::ask::{Answer, Ask, Finish, Origin, Response, Sample};
use super::estimate;
use super::failure::Failure;
use super::id::Id;
use super::ledger::Ledger;
use super::model::Model;
use super::money::{Price, Spent, Usage};
use super::question::Question;
use std::collections::HashMap;
use std::sync::Arc;

/// What became of a question.
pub(crate) type State = Result<(Response, Origin), Failure>;

/// A question of a plan.
pub(crate) struct Item {
    /// Which ask it belongs to.
    pub ask: usize,
    pub id: Id,
    pub question: Arc<Question>,
    /// What it costs at worst. Nothing if it is counted elsewhere, or cannot be asked.
    pub worst: Spent,
    /// Nothing more is charged for it: this run has counted it.
    counted: bool,
    /// An earlier item of this plan is the same question.
    twin: Option<usize>,
    /// It went out.
    sent: bool,
    /// What became of it, once that is known.
    pub state: Option<State>,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Send this item.
    Send(usize),
    /// This item is passed without sending.
    Pass(usize),
    /// Until something in flight arrives.
    Wait,
    /// Nothing more is sent.
    End,
}

/// All questions of a call.
pub(crate) struct Plan {
    pub items: Vec<Item>,
    price: Option<Price>,
    /// The item to look at next.
    next: usize,
    /// What the items before that cost, those in flight at worst.
    before: Spent,
}

impl Plan {
    /// Of asks, in order. `find` looks for answers that are known.
    pub fn new(model: &Model, asks: &[Ask], ledger: &Ledger, find: impl Fn(Id, &Question) -> Option<State>) -> Self {
        let mut seen: HashMap<Id, usize> = HashMap::new();
        let mut items: Vec<Item> = Vec::new();
        for (ask, asked) in asks.iter().enumerate() {
            for question in Question::all_of(model, asked) {
                let id = question.id();
                let twin = seen.get(&id).copied();
                let state =
                    if twin.is_some() { None } else { find(id, &question).or_else(|| too_long(model, &question)) };
                let counted = twin.is_some() || (state.is_some() && ledger.has_counted(id));
                let free = counted || matches!(state, Some(Err(_)));
                let worst = if free { Spent::default() } else { Spent::of(estimate::worst(&question), model.price) };
                seen.entry(id).or_insert(items.len());
                items.push(Item { ask, id, question: Arc::new(question), worst, counted, twin, sent: false, state });
            }
        }
        Self { items, price: model.price, next: 0, before: Spent::default() }
    }

    /// Those that must be sent to be answered.
    pub fn open(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.state.is_none() && item.twin.is_none())
    }

    /// What those cost at worst.
    pub fn worst_of_open(&self) -> Spent {
        self.open().fold(Spent::default(), |sum, item| sum.plus(item.worst))
    }

    /// What those that were sent did cost, as far as can be known.
    pub fn paid(&self) -> Spent {
        self.items.iter().filter(|item| item.sent).fold(Spent::default(), |sum, item| sum.plus(self.cost(item)))
    }

    /// None of the open ones can be sent, for this reason.
    pub fn fail_open(&mut self, failure: &Failure) {
        for item in self.items.iter_mut().filter(|item| item.state.is_none() && item.twin.is_none()) {
            item.state = Some(Err(failure.clone()));
            item.worst = Spent::default();
        }
    }

    /// What to do next. `idle`: nothing is in flight.
    pub fn step(&mut self, ledger: &Ledger, idle: bool) -> Step {
        let Some(item) = self.items.get(self.next) else {
            return Step::End;
        };
        if !ledger.would_hold(self.before, item.worst) {
            return if idle { Step::End } else { Step::Wait };
        }
        let (index, cost) = (self.next, item.state.as_ref().map_or(item.worst, |_| self.cost(item)));
        self.before = self.before.plus(cost);
        self.next += 1;
        let item = &mut self.items[index];
        item.sent = item.state.is_none() && item.twin.is_none();
        if item.sent { Step::Send(index) } else { Step::Pass(index) }
    }

    /// What a sent item brought.
    pub fn arrived(&mut self, index: usize, result: Result<Response, Failure>) {
        self.items[index].state = Some(result.map(|response| (response, Origin::Asked)));
        let item = &self.items[index];
        self.before = self.before.minus(item.worst).plus(self.cost(item));
    }

    /// What an item did cost, as far as can be known.
    fn cost(&self, item: &Item) -> Spent {
        match &item.state {
            _ if item.counted => Spent::default(),
            Some(Ok((response, _))) => Spent::of(response.usage, self.price),
            Some(Err(failure)) if item.sent && failure.may_have_cost() => item.worst,
            _ => Spent::default(),
        }
    }

    /// Counts everything, in order, and gives every item a state. What has none by now was interrupted.
    pub fn settle(&mut self, ledger: &mut Ledger) {
        for index in 0..self.items.len() {
            let item = &self.items[index];
            let (id, worst, twin) = (item.id, item.worst, item.twin);
            if let Some(twin) = twin {
                self.items[index].state = self.items[twin].state.clone();
            } else if !item.counted && !ledger.admit(worst) {
                self.items[index].state = Some(Err(Failure::OverBudget { worst, spent: ledger.spent() }));
            } else {
                self.items[index].state.get_or_insert(Err(Failure::Interrupted));
                let cost = self.cost(&self.items[index]);
                ledger.count(id, cost);
            }
        }
    }

    /// The answer to an ask, if all its questions have a state.
    pub fn answer(&self, ask: usize) -> Option<Result<Answer, Failure>> {
        let first = self.items.partition_point(|item| item.ask < ask);
        let items = self.items[first..].iter().take_while(|item| item.ask == ask);
        let states: Vec<(&Item, &State)> =
            items.map(|item| Some((item, item.state.as_ref()?))).collect::<Option<_>>()?;
        Some(joined(&states, self.price))
    }
}

/// That a question does not fit into what the model takes.
fn too_long(model: &Model, question: &Question) -> Option<State> {
    let tokens = estimate::prompt_tokens(question).saturating_add(u64::from(question.parameters.max_tokens));
    let limit = model.limits.context;
    (tokens > limit).then_some(Err(Failure::TooLong { tokens, limit }))
}

/// What all questions of an ask brought, together.
fn joined(states: &[(&Item, &State)], price: Option<Price>) -> Result<Answer, Failure> {
    let lost = states.iter().find_map(|(_, state)| state.as_ref().err());
    let came: Vec<&(Response, Origin)> = states.iter().filter_map(|(_, state)| state.as_ref().ok()).collect();
    let Some(origin) = came.iter().map(|(_, origin)| *origin).max() else {
        return Err(lost.cloned().unwrap_or(Failure::Empty));
    };
    let samples: Vec<Sample> = came.iter().flat_map(|(response, _)| response.samples.iter().cloned()).collect();
    if !samples.iter().any(Sample::is_whole) {
        return Err(no_whole(&samples, states[0].0.question.parameters.max_tokens));
    }
    let usage = came.iter().fold(Usage::default(), |sum, (response, _)| sum.plus(response.usage));
    Ok(Answer { samples, usage, cost: price.unwrap_or_default().of(usage), origin, lost: lost.cloned() })
}

/// Why none of the samples can be used.
fn no_whole(samples: &[Sample], tokens: u32) -> Failure {
    let refused = samples.iter().find_map(|sample| match &sample.finish {
        Finish::Refused(words) => Some(words.clone()),
        _ => None,
    });
    match refused {
        Some(words) => Failure::Refused { words },
        None if samples.iter().any(|s| s.finish == Finish::Length) => Failure::Truncated { tokens },
        None => Failure::Empty,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::super::ask::{Message, Role};
    use super::super::ledger::Budget;
    use super::super::model::Provider;
    use super::*;

    const WORST: u64 = 100 + 8 + 8 + 1;

    fn asks(count: usize) -> Vec<Ask> {
        let ask = |i| Ask { max_tokens: Some(100), ..Ask::new("l", vec![Message::new(Role::User, format!("{i}"))]) };
        (0..count).map(ask).collect()
    }

    fn response(tokens: u64) -> Response {
        let sample = Sample { text: "x".into(), finish: Finish::Whole, mean_log_probability: None };
        Response { samples: vec![sample], usage: Usage { prompt: tokens, completion: 0, estimated: false } }
    }

    /// Which of ten questions are answered, with so many in flight, arriving in an order that `pick` makes, at these costs.
    fn answered(limit: u64, in_flight: usize, pick: impl Fn(usize) -> usize, cost: impl Fn(usize) -> u64) -> Vec<bool> {
        let model = Model::new("m", Provider::Command("cat".into()));
        let mut ledger = Ledger::new(Budget { tokens: Some(limit), money: None });
        let mut plan = Plan::new(&model, &asks(10), &ledger, |_, _| None);
        let mut flight: Vec<usize> = Vec::new();
        loop {
            while flight.len() < in_flight {
                match plan.step(&ledger, flight.is_empty()) {
                    Step::Send(index) => flight.push(index),
                    Step::Pass(_) => {}
                    Step::Wait | Step::End => break,
                }
            }
            if flight.is_empty() {
                break;
            }
            let index = flight.remove(pick(flight.len()) % flight.len());
            plan.arrived(index, Ok(response(cost(index))));
        }
        plan.settle(&mut ledger);
        (0..10).map(|ask| plan.answer(ask).unwrap().is_ok()).collect()
    }

    #[test]
    fn what_is_answered_does_not_depend_on_how_many_are_in_flight_or_on_who_is_first() {
        let honest: [u64; 10] = [10, 117, 3, 80, 55, 9, 110, 60, 1, 100];
        // Two of these cost more than their worst case: an estimate that was too low.
        let over = [10, 300, 3, 80, 55, 290, 110, 60, 1, 100];
        for limit in (0..1000).step_by(7) {
            for costs in [honest, over].map(|costs| move |index: usize| costs[index]) {
                let one_by_one = answered(limit, 1, |_| 0, costs);
                for in_flight in [2, 3, 16] {
                    assert_eq!(answered(limit, in_flight, |_| 0, costs), one_by_one, "{limit} {in_flight} first");
                    assert_eq!(answered(limit, in_flight, |n| n - 1, costs), one_by_one, "{limit} {in_flight} last");
                    assert_eq!(answered(limit, in_flight, |n| n / 2, costs), one_by_one, "{limit} {in_flight} middle");
                }
                let count = one_by_one.iter().take_while(|ok| **ok).count();
                assert!(one_by_one[count..].iter().all(|ok| !ok), "a later one slipped in: {one_by_one:?}");
            }
        }
    }

    #[test]
    fn the_budget_is_used_up_to_the_worst_case_of_the_next() {
        // Each costs 10: the third is sent at 20 spent if 20 + 117 fit.
        let count = |limit| answered(limit, 16, |_| 0, |_| 10).iter().filter(|ok| **ok).count();
        assert_eq!(count(WORST - 1), 0);
        assert_eq!(count(WORST), 1);
        assert_eq!(count(20 + WORST - 1), 2);
        assert_eq!(count(20 + WORST), 3);
        assert_eq!(count(90 + WORST), 10);
    }

    #[test]
    fn the_same_question_twice_is_asked_and_counted_once() {
        let model = Model::new("m", Provider::Command("cat".into()));
        let mut ledger = Ledger::default();
        let twice = [asks(1), asks(1)].concat();
        let mut plan = Plan::new(&model, &twice, &ledger, |_, _| None);
        assert_eq!(plan.step(&ledger, true), Step::Send(0));
        assert_eq!(plan.step(&ledger, false), Step::Pass(1));
        plan.arrived(0, Ok(response(7)));
        plan.settle(&mut ledger);
        assert_eq!(plan.answer(0), plan.answer(1));
        assert_eq!(ledger.spent().tokens, 7);
        let mut again = Plan::new(&model, &twice, &ledger, |_, _| Some(Ok((response(7), Origin::Cached))));
        again.settle(&mut ledger);
        assert_eq!(ledger.spent().tokens, 7);
    }

    #[test]
    fn what_may_have_been_charged_counts_as_charged() {
        let model = Model::new("m", Provider::Command("cat".into()));
        let mut ledger = Ledger::default();
        let mut plan = Plan::new(&model, &asks(2), &ledger, |_, _| None);
        plan.step(&ledger, true);
        plan.step(&ledger, false);
        plan.arrived(0, Err(Failure::Malformed { words: "?".into() }));
        plan.arrived(1, Err(Failure::Rejected { status: 400, words: "no".into() }));
        plan.settle(&mut ledger);
        assert_eq!(ledger.spent().tokens, WORST);
    }
}
