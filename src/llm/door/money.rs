//! What answers use, and what that costs: tokens, money, both.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Tokens used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Of the question.
    pub prompt: u64,
    /// Of all samples, hidden reasoning included.
    pub completion: u64,
    /// The server did not say, so these are [estimates](super::tokens_of).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

impl Usage {
    /// Both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            prompt: self.prompt.saturating_add(other.prompt),
            completion: self.completion.saturating_add(other.completion),
            estimated: self.estimated || other.estimated,
        }
    }
}

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
    pub(crate) fn plus(self, other: Self) -> Self {
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

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
}
