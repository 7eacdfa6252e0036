//! git's credential helpers: what the user's git knows of a host.

use super::Git;

/// What a helper is asked, and told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account<'a> {
    /// `https` or `http`.
    pub protocol: &'a str,
    /// Host and port.
    pub host: &'a str,
    /// Whose.
    pub username: &'a str,
}

impl Git {
    /// The password that a helper, or the user, gives.
    pub fn password(&self, account: &Account<'_>) -> Option<String> {
        let said = self.output_with(&["credential", "fill"], account.described(None).as_bytes()).ok()?;
        let said = String::from_utf8(said).ok()?;
        said.lines().find_map(|line| line.strip_prefix("password=")).map(str::to_owned)
    }

    /// Tells the helpers whether it was taken. Whether they keep that is their business.
    pub fn tell_password(&self, account: &Account<'_>, password: &str, taken: bool) {
        let word = if taken { "approve" } else { "reject" };
        self.output_with(&["credential", word], account.described(Some(password)).as_bytes()).ok();
    }
}

impl Account<'_> {
    fn described(&self, password: Option<&str>) -> String {
        let password = password.map(|word| format!("password={word}\n")).unwrap_or_default();
        format!("protocol={}\nhost={}\nusername={}\n{password}\n", self.protocol, self.host, self.username)
    }
}
