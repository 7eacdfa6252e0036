//! Where a model lives. In: a URL from the settings. Out: the URL to post to, and whether it is this machine.

use crate::error::{Error, Result};
use reqwest::Url;
use std::path::PathBuf;

/// What an endpoint understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `/v1/chat/completions`, as OpenAI began it.
    Chat,
    /// `/v1/messages`, Anthropic's.
    Messages,
}

impl Dialect {
    /// The end of every URL of this dialect.
    fn last(self) -> &'static str {
        match self {
            Self::Chat => "chat/completions",
            Self::Messages => "messages",
        }
    }
}

/// An address that questions are posted to. Without user, password and fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    url: Url,
    socket: Option<PathBuf>,
}

impl Address {
    /// Reads `https://host/v1`, `http://localhost:8000`, `unix:/run/model.sock`.
    ///
    /// # Errors
    /// It is none of them, or has a password in it.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(path) = text.strip_prefix("unix:") {
            let url = Url::parse("http://localhost/").expect("a fixed URL");
            return Ok(Self { url, socket: Some(PathBuf::from(path)) });
        }
        // The text is not repeated: it may hold a key.
        let bad =
            || Error::fatal("not the URL of a model").hint("it is https://..., http://... or unix:/path/of/socket");
        let mut url = Url::parse(text).map_err(|_| bad())?;
        if !["http", "https"].contains(&url.scheme()) || !url.has_host() {
            return Err(bad());
        }
        let asked = url.query_pairs().any(|(name, _)| is_name_of_a_key(&name));
        if !url.username().is_empty() || url.password().is_some() || asked {
            return Err(Error::fatal("the URL of a model has a user, a password or a key in it")
                .hint("take it out, and use keyEnv, keyCommand or keyCredential"));
        }
        url.set_fragment(None);
        Ok(Self { url, socket: None })
    }

    /// Where a dialect is spoken below this address: `https://host`, `https://host/v1` and the whole path all mean the same.
    pub(crate) fn post_to(&self, dialect: Dialect) -> Url {
        let mut url = self.url.clone();
        let path = url.path().trim_end_matches('/').to_owned();
        if path.is_empty() {
            url.set_path(&format!("/v1/{}", dialect.last()));
        } else if !path.ends_with(&format!("/{}", dialect.last())) {
            url.set_path(&format!("{path}/{}", dialect.last()));
        }
        url
    }

    /// Host and port, for people; the path of a socket.
    pub fn host(&self) -> String {
        match &self.socket {
            Some(path) => format!("unix:{}", path.display()),
            None => authority(&self.url),
        }
    }

    /// Is it this machine? Loopback addresses, `localhost` (which is never looked up), and sockets.
    pub fn is_local(&self) -> bool {
        self.socket.is_some()
            || match self.url.host_str().map(|h| h.trim_matches(['[', ']'])) {
                Some(host) => is_localhost(host) || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
                None => false,
            }
    }

    /// Is what goes there encrypted?
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The socket, if it is one.
    pub(crate) fn socket(&self) -> Option<&PathBuf> {
        self.socket.as_ref()
    }

    /// The name to pin to this machine, if it is such a name.
    pub(crate) fn name_of_this_machine(&self) -> Option<&str> {
        self.url.host_str().filter(|host| is_localhost(host))
    }

    /// Is the host named exactly this?
    pub(crate) fn is_host(&self, name: &str) -> bool {
        self.socket.is_none() && self.is_encrypted() && self.url.host_str() == Some(name)
    }
}

/// Is this a name under which people write a key in clear?
pub(crate) fn is_name_of_a_key(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    ["key", "apikey", "token", "accesstoken", "secret", "password"].contains(&plain.to_ascii_lowercase().as_str())
}

/// A name that means this machine (RFC 6761, section 6.3).
fn is_localhost(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

/// Host and port as they stand in a URL.
pub(crate) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
mod tests {
    use super::*;

    #[test]
    fn a_base_and_a_whole_path_mean_the_same() {
        for base in ["https://h", "https://h/", "https://h/v1", "https://h/v1/", "https://h/v1/chat/completions"] {
            let url = Address::parse(base).unwrap().post_to(Dialect::Chat);
            assert_eq!(url.as_str(), "https://h/v1/chat/completions", "{base}");
        }
        let other = Address::parse("https://h/api/v3").unwrap();
        assert_eq!(other.post_to(Dialect::Messages).as_str(), "https://h/api/v3/messages");
    }

    #[test]
    fn only_this_machine_is_local() {
        for here in ["http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:8000", "http://LOCALHOST", "unix:/x"] {
            assert!(Address::parse(here).unwrap().is_local(), "{here}");
        }
        for away in ["http://0.0.0.0", "http://10.0.0.1", "http://localhost.example.org", "http://127.0.0.1.nip.io"] {
            assert!(!Address::parse(away).unwrap().is_local(), "{away}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_refused_and_not_repeated() {
        for bad in ["https://me:hunter2@host/v1", "https://host/v1?api-key=hunter2", "https://h?Key=hunter2", "hunter2"]
        {
            let error = Address::parse(bad).unwrap_err();
            assert!(!format!("{error:?}").contains("hunter2"), "{bad}");
        }
        assert!(Address::parse("https://host/v1?api-version=7").is_ok());
        assert!(Address::parse("ftp://host").is_err());
        assert!(Address::parse("file:///etc/passwd").is_err());
    }
}
