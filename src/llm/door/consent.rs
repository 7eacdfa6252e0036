//! The user's permission to send. In: the setting, and what would go. Out: yes or no; `cli` does the asking.

use super::money::Money;

/// `kmigrate.model.<name>.send`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consent {
    /// Nothing is sent, not even to this machine.
    Never,
    /// The person is asked once a run, before anything leaves this machine.
    #[default]
    Ask,
    /// It is allowed.
    Always,
}

/// What would leave this machine: what a person is told before they say yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The model's name in the settings.
    pub model: String,
    /// Host and port.
    pub host: String,
    /// By https?
    pub encrypted: bool,
    /// Questions that no answer is known to.
    pub questions: usize,
    /// Bytes of their texts.
    pub bytes: u64,
    /// Their tokens, and those of the answers, at worst.
    pub tokens: u64,
    /// What that costs at worst, where the price is known. A budget may end it earlier.
    pub cost: Option<Money>,
    /// What they are about, in order.
    pub labels: Vec<String>,
}

/// Whom to ask for permission.
pub(crate) type Permission = Box<dyn FnMut(&Sending) -> bool>;
