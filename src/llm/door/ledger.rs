//! Money, and the budget. In: what questions cost at worst, and what they did cost. Out: may the next one be asked?
//!
//! The rule is the one of asking one after the other: *a question is asked if what all questions before it did cost, and what it
//! costs at worst, fit together; the first that does not fit ends asking, for it and for all later ones.* Sending several at once
//! must not change that (see [`plan`](super::plan)). So which questions are answered depends on their order, their texts, the
//! settings and the answers before them, never on threads or time.
//!
//! An answer from the cache or a record counts as much as when it was paid for. So a second run with the same budget stops at the
//! same question as the first, although it pays nothing; to go on from there, raise the budget. A question that this run
//! has counted already is free.

use super::ask::Usage;
use super::question::Id;
use crate::error::{Error, Result};
use std::collections::HashSet;
use std::fmt;

/// Digits after the point that are kept: a price per million tokens has six, the price of one token six more.
const DIGITS: u32 = 12;

/// An amount, in 10^-12 of the currency that prices are given in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(u64);

impl Money {
    /// Reads a decimal number such as `2.50`, exactly. `None` if it is none, or too large.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        let kept = part.len() <= DIGITS as usize;
        if whole.is_empty() || !kept || !digits(whole) || !digits(part) {
            return None;
        }
        let part: u64 = format!("{part:0<12}").parse().ok()?;
        let whole: u64 = whole.parse().ok()?;
        whole.checked_mul(10u64.pow(DIGITS))?.checked_add(part).map(Self)
    }

    /// Both together.
    fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Money {
    /// With at least two digits after the point, and at most six.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millionths = self.0.div_ceil(10u64.pow(DIGITS - 6));
        let part = format!("{:06}", millionths % 1_000_000);
        let shown = part.trim_end_matches('0').len().max(2);
        write!(f, "{}.{}", millionths / 1_000_000, &part[..shown])
    }
}

/// What a million tokens cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// Of a question.
    pub prompt: Money,
    /// Of an answer.
    pub completion: Money,
}

impl Price {
    /// What this usage costs, rounded up.
    pub fn of(self, usage: Usage) -> Money {
        let cost = |tokens: u64, price: Money| (u128::from(tokens) * u128::from(price.0)).div_ceil(1_000_000);
        let sum = cost(usage.prompt, self.prompt) + cost(usage.completion, self.completion);
        Money(u64::try_from(sum).unwrap_or(u64::MAX))
    }
}

/// Tokens and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Of questions and answers.
    pub tokens: u64,
    /// At the model's price; nothing where it has none.
    pub money: Money,
}

impl Spent {
    /// What this usage is.
    pub(crate) fn of(usage: Usage, price: Option<Price>) -> Self {
        let tokens = usage.prompt.saturating_add(usage.completion);
        Self { tokens, money: price.unwrap_or_default().of(usage) }
    }

    /// Both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self { tokens: self.tokens.saturating_add(other.tokens), money: self.money.plus(other.money) }
    }

    /// Is neither of both more than this?
    pub(crate) fn fits(self, limit: Self) -> bool {
        self.tokens <= limit.tokens && self.money <= limit.money
    }

    /// What is left of it without a part of it.
    pub(crate) fn minus(self, part: Self) -> Self {
        let money = Money(self.money.0.saturating_sub(part.money.0));
        Self { tokens: self.tokens.saturating_sub(part.tokens), money }
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens", self.tokens)?;
        if self.money == Money::default() { Ok(()) } else { write!(f, " ({})", self.money) }
    }
}

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
    fn money_is_exact() {
        assert_eq!(Money::parse("0.15").unwrap().to_string(), "0.15");
        assert_eq!(Money::parse("3").unwrap().to_string(), "3.00");
        assert_eq!(Money::parse("0.0000001").unwrap().to_string(), "0.000001");
        for bad in ["", ".5", "-1", "1e3", "1.2.3", "0.1234567890123", "99999999999", "1,5"] {
            assert_eq!(Money::parse(bad), None, "{bad}");
        }
        let price = Price { prompt: Money::parse("0.15").unwrap(), completion: Money::parse("0.60").unwrap() };
        let usage = Usage { prompt: 2_000_000, completion: 500_000, estimated: false };
        assert_eq!(price.of(usage), Money::parse("0.60").unwrap());
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
