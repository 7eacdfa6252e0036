//! The budget. In: what questions cost at worst, and what they did cost. Out: may the next one be asked?
//!
//! The rule is the one of asking one after the other: *a question is asked if what all questions before it did cost, and what it
//! costs at worst, fit together; the first that does not fit ends asking, for it and for all later ones.* Sending several at once
//! must not change that (see [`plan`](super::plan)). So which questions are answered depends on their order, their texts, the
//! settings and the answers before them, never on threads or time.
//!
//! An answer from the cache or a record counts as much as when it was paid for. So a second run with the same budget stops at the
//! same question as the first, although it pays nothing; to go on from there, raise the budget. A question that this run
//! has counted already is free.

use super::id::Id;
use super::money::{Money, Spent};
use crate::error::{Error, Result};
use std::collections::HashSet;

/// What a run may spend. Without limits, everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Of questions and answers together.
    pub tokens: Option<u64>,
    /// In the currency of the model's prices.
    pub money: Option<Money>,
}

impl Budget {
    /// Reads `200k` (tokens; k, m or g as in git), `2.50` (money: it has a point), or both with a comma between.
    ///
    /// # Errors
    /// It is neither.
    pub fn parse(text: &str) -> Result<Self> {
        let mut budget = Self::default();
        for part in text.split(',').map(str::trim) {
            let understood = match part.contains('.') {
                true => Money::parse(part).map(|money| budget.money = Some(money)),
                false => tokens(part).map(|tokens| budget.tokens = Some(tokens)),
            };
            understood.ok_or_else(|| {
                Error::usage(format!("bad budget '{part}'"))
                    .hint("tokens are written as 200k, money as 2.50, and both as 200k,2.50")
            })?;
        }
        Ok(budget)
    }

    /// Does it hold this?
    pub(crate) fn holds(&self, spent: Spent) -> bool {
        self.tokens.is_none_or(|limit| spent.tokens <= limit) && self.money.is_none_or(|limit| spent.money <= limit)
    }
}

/// A whole number with git's `k`, `m` or `g`.
pub(crate) fn tokens(text: &str) -> Option<u64> {
    let number = text.trim_end_matches(['k', 'K', 'm', 'M', 'g', 'G']);
    let factor = match text[number.len()..].to_ascii_lowercase().as_str() {
        "" => 1,
        "k" => 1_000,
        "m" => 1_000_000,
        "g" => 1_000_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// What a run has spent of its budget, in series order.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    budget: Budget,
    spent: Spent,
    counted: HashSet<Id>,
    /// A question did not fit: no later one is asked.
    stopped: bool,
}

impl Ledger {
    /// Of a budget of which nothing is spent.
    pub fn new(budget: Budget) -> Self {
        Self { budget, ..Self::default() }
    }

    /// By all questions so far.
    pub fn spent(&self) -> Spent {
        self.spent
    }

    /// Has this run counted this question already?
    pub fn has_counted(&self, id: Id) -> bool {
        self.counted.contains(&id)
    }

    /// Would a question fit that costs `worst`, if those before it, which are not counted yet, cost `before`?
    pub fn would_hold(&self, before: Spent, worst: Spent) -> bool {
        !self.stopped && self.budget.holds(self.spent.plus(before).plus(worst))
    }

    /// The next question in order: is it allowed? If it is not, no later one is.
    pub fn admit(&mut self, worst: Spent) -> bool {
        self.stopped = !self.would_hold(Spent::default(), worst);
        !self.stopped
    }

    /// Counts what a question did cost.
    pub fn count(&mut self, id: Id, spent: Spent) {
        self.spent = self.spent.plus(spent);
        self.counted.insert(id);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    fn spend(tokens: u64) -> Spent {
        Spent { tokens, money: Money::default() }
    }

    #[test]
    fn a_budget_is_tokens_or_money_or_both() {
        let both = Budget { tokens: Some(200_000), money: Money::parse("2.50") };
        assert_eq!(Budget::parse("200k,2.50").unwrap(), both);
        assert_eq!(Budget::parse("7").unwrap(), Budget { tokens: Some(7), money: None });
        for bad in ["", "k", "5kk", "2.x", "-3", "1é", "99999999999999999999g"] {
            assert!(Budget::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_first_that_does_not_fit_ends_asking() {
        let mut ledger = Ledger::new(Budget { tokens: Some(100), money: None });
        assert!(ledger.admit(spend(100)));
        ledger.count(Id::of(b"a"), spend(30));
        assert!(!ledger.admit(spend(71)));
        assert!(!ledger.admit(spend(1)), "a smaller one later must not slip in");
    }
}
