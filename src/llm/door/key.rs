//! The key that a server wants to see. In: where it is kept. Out: a header, and texts from which it is struck.
//!
//! It is never printed: `Debug` shows nothing of it, and every word that a server sends passes [`Key::redact`].

use super::failure::Failure;
use super::program;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::time::Duration;

/// A key is never given in clear: this says where it is.
#[derive(Clone, PartialEq, Eq)]
pub enum KeySource {
    /// In this variable of the environment.
    Environment(String),
    /// This command, run by `sh`, prints it on its first line.
    Command(String),
    /// git's credential helpers know it under this user name.
    Credential(String),
}

impl fmt::Debug for KeySource {
    /// Without the command: there are people who write `echo sk-...`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => f.debug_tuple("Environment").field(name).finish(),
            Self::Command(_) => f.write_str("Command(..)"),
            Self::Credential(username) => f.debug_tuple("Credential").field(username).finish(),
        }
    }
}

/// What git's credential helpers are asked: `protocol`, `host` (with port) and `username` of `git credential fill`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialRequest {
    /// `https` or `http`.
    pub protocol: String,
    /// Host and port.
    pub host: String,
    /// Whose.
    pub username: String,
}

/// git's credential helpers, which only the `git` room may run.
pub trait Credentials {
    /// `git credential fill`: the password.
    fn fill(&self, about: &CredentialRequest) -> Option<String>;
    /// `git credential approve`: the server took it.
    fn approve(&self, about: &CredentialRequest, password: &str);
    /// `git credential reject`: the server did not.
    fn reject(&self, about: &CredentialRequest, password: &str);
}

/// Shorter ones are no secret, and could not be struck from texts without spoiling them.
const SHORTEST: usize = 4;

/// From this length on a key is also struck from answers. A shorter one ("EMPTY", "dummy", as servers of one's own take them)
/// may well be a word of the code that the answer is about.
const UNMISTAKABLE: usize = 16;

/// How long a command may take to print a key: somebody may have to unlock it.
const UNLOCKING: Duration = Duration::from_secs(120);

/// Most bytes that such a command may print.
const MOST: usize = 64 << 10;

/// A key. Its `Debug` form does not show it.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    secret: SecretString,
    /// git's helpers gave it, and want to hear whether it was taken.
    pub about: Option<CredentialRequest>,
}

impl Key {
    /// A key, if it can be one.
    fn new(text: &str, about: Option<CredentialRequest>) -> Result<Self, Failure> {
        let no = |words: &str| Err(Failure::NoKey { words: words.into() });
        match text.trim() {
            "" => no("what was found is empty"),
            key if key.len() < SHORTEST => no("what was found is too short to be one"),
            key if key.bytes().any(|b| !b.is_ascii_graphic()) => no("what was found has characters that no key has"),
            key => Ok(Self { secret: key.to_owned().into(), about }),
        }
    }

    /// What the server must see. For headers marked as sensitive only.
    pub fn expose(&self) -> &str {
        self.secret.expose_secret()
    }

    /// A server's words about an error, without the key; not with other capitals either, as in the name of a host.
    pub fn redact(&self, text: &str) -> String {
        // ASCII letters keep their places when they change their size.
        let (small, key) = (text.to_ascii_lowercase(), self.expose().to_ascii_lowercase());
        let mut kept = String::new();
        let mut from = 0;
        for (at, _) in small.match_indices(&key) {
            kept.push_str(&text[from..at]);
            kept.push_str("[key]");
            from = at + key.len();
        }
        kept + &text[from..]
    }

    /// A server's answer, without the key.
    pub fn redact_answer(&self, text: &str) -> String {
        if self.expose().len() >= UNMISTAKABLE { self.redact(text) } else { text.to_owned() }
    }
}

/// Looks for the key in these places, in order. `None` if none is named: some servers want none.
pub(crate) fn find(
    sources: &[KeySource],
    site: (&str, &str),
    credentials: Option<&dyn Credentials>,
    block_on: &tokio::runtime::Runtime,
) -> Result<Option<Key>, Failure> {
    let mut last = None;
    for source in sources {
        let found = match source {
            KeySource::Environment(name) => match std::env::var(name) {
                Ok(value) => Key::new(&value, None),
                Err(_) => Err(Failure::NoKey { words: format!("environment variable {name} is not set") }),
            },
            KeySource::Command(command) => block_on.block_on(printed(command)),
            KeySource::Credential(username) => filled(username, site, credentials),
        };
        match found {
            Ok(key) => return Ok(Some(key)),
            Err(failure) => last = Some(failure),
        }
    }
    last.map_or(Ok(None), Err)
}

/// The first line that a command prints.
async fn printed(command: &str) -> Result<Key, Failure> {
    let run = program::Run { shell: command, input: Vec::new(), variables: Vec::new(), most: MOST, timeout: UNLOCKING };
    // What it printed is not repeated: it may hold the key.
    let failed = |_| Failure::NoKey { words: "the key command failed".into() };
    let bytes = run.output().await.map_err(failed)?;
    let text = String::from_utf8_lossy(&bytes);
    Key::new(text.lines().next().unwrap_or_default(), None)
}

/// What git's helpers have.
fn filled(username: &str, site: (&str, &str), credentials: Option<&dyn Credentials>) -> Result<Key, Failure> {
    let (protocol, host) = (site.0.to_owned(), site.1.to_owned());
    let about = CredentialRequest { protocol, host, username: username.to_owned() };
    match credentials.and_then(|c| c.fill(&about)) {
        Some(password) => Key::new(&password, Some(about)),
        None => Err(Failure::NoKey { words: format!("git credential has none for {username}@{}", about.host) }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_shown() {
        let key = Key::new("sk-verysecretverysecret\n", None).unwrap();
        assert!(!format!("{key:?}").contains("verysecret"));
        assert_eq!(key.redact("bad key sk-verysecretverysecret!"), "bad key [key]!");
        assert_eq!(key.redact("é SK-VerySecretVerySecret sk-verysecretverysecret"), "é [key] [key]");
        assert_eq!(key.redact_answer("sk-verysecretverysecret"), "[key]");
    }

    #[test]
    fn a_word_of_the_code_is_not_struck_from_answers() {
        let key = Key::new("EMPTY", None).unwrap();
        assert_eq!(key.redact_answer("LIST_EMPTY(x)"), "LIST_EMPTY(x)");
        assert_eq!(key.redact("wrong key EMPTY"), "wrong key [key]");
    }

    #[test]
    fn what_cannot_be_a_key_is_not_repeated() {
        for bad in ["", "abc", "two words", "späm-secret"] {
            let failure = Key::new(bad, None).unwrap_err();
            assert!(bad.is_empty() || !failure.to_string().contains(bad), "{failure}");
        }
    }
}
