//! Where a reader finds a commit of upstream on the web: an address with `%s` for its id, as the setting `kmigrate.commitUrl` gives it.
//!
//! A repository's own configuration may say it, and a report goes to people who have never seen that: only http and https lead anywhere, and
//! no character that could end the address where it is written.

/// An address with one `%s`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitUrl(String);

/// Characters of an address beside letters and digits. Quotes, brackets and backslashes end one in a page or in Markdown.
const PLAIN: &str = "-._~:/?#@!$&*+,;=%[]";
/// Characters of a host, its port with it.
const HOST: &str = "-.:[]";

impl CommitUrl {
    /// Reads a setting.
    ///
    /// # Errors
    /// It is no such address; in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let example = "write it as https://git.kernel.org/torvalds/c/%s";
        let rest = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let Some(rest) = rest else { return Err(format!("only https and http are followed; {example}")) };
        if text.matches("%s").count() != 1 {
            return Err(format!("the id goes where %s stands, once; {example}"));
        }
        let is_one_of = |known: &'static str| move |c: char| c.is_ascii_alphanumeric() || known.contains(c);
        if !text.chars().all(is_one_of(PLAIN)) {
            return Err(format!("it has a character that no address has, or one that ends it; {example}"));
        }
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        match host.is_empty() || !host.chars().all(is_one_of(HOST)) {
            true => Err(format!("it names no host; {example}")),
            false => Ok(Self(text.to_owned())),
        }
    }

    /// As it was given.
    pub fn pattern(&self) -> &str {
        &self.0
    }

    /// The address of a commit; `None` if that is no id.
    pub fn of(&self, id: &str) -> Option<String> {
        let is_id = (7..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit());
        is_id.then(|| self.0.replacen("%s", id, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_goes_where_the_address_says() {
        let url = CommitUrl::parse("https://git.example.org/linux.git/commit/?id=%s").expect("an address");
        let id = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(url.of(id), Some(format!("https://git.example.org/linux.git/commit/?id={id}")));
        assert_eq!(url.of("mm/slab.c"), None);
        assert!(CommitUrl::parse("http://[::1]:8080/c/%s").is_ok());
    }

    #[test]
    fn what_is_no_plain_web_address_is_refused() {
        for text in [
            "",
            "%s",
            "javascript:alert('%s')",
            "javascript://example.org/%0aalert(1)//%s",
            "JavaScript:%s",
            " javascript:%s",
            "data:text/html,%s",
            "file:///etc/%s",
            "//example.org/%s",
            "https://example.org/",
            "https://example.org/%s/%s",
            "https:///%s",
            "https://%s.example.org/",
            "https://git.kernel.org@example.org/%s",
            "https://example.org/%s\" onclick=\"x",
            "https://example.org/%s) [x](y",
            "https://example.org/<%s>",
            "https://example.org/\\%s",
            "https://example.org/\n%s",
            "https://example.org/\u{202e}%s",
        ] {
            assert!(CommitUrl::parse(text).is_err(), "{text:?}");
        }
    }
}
