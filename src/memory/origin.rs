//! Where a resolution comes from: how it was learned, of which commit, by whom and when.

use std::fmt;

/// How a resolution was learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// Somebody settled it in a run.
    Run,
    /// Somebody settled it in the middle of a git command.
    Resolved,
    /// From a commit and what somebody carried it to.
    Commits,
    /// From two commits of which only their likeness says that the one became the other.
    Alike,
    /// From a commit that does not change a file which the one that it became of changes: upstream's side was taken, or it is done elsewhere.
    LeftOut,
    /// From a merge commit.
    Merge,
    /// From git's rerere store.
    Rerere,
}

impl How {
    /// All, with the words that they are written as.
    const WORDS: [(Self, &str); 7] = [
        (Self::Run, "run"),
        (Self::Resolved, "resolved"),
        (Self::Commits, "commits"),
        (Self::Alike, "alike"),
        (Self::LeftOut, "left-out"),
        (Self::Merge, "merge"),
        (Self::Rerere, "rerere"),
    ];

    /// As it is written.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(how, _)| *how == self).map_or("", |(_, word)| word)
    }

    /// As it was written.
    pub fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(how, _)| *how)
    }
}

/// Where a resolution comes from. Words are one line each; empty if not known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// How it was learned.
    pub how: How,
    /// The commit that was carried; of a merge, the merge.
    pub commit: String,
    /// What it was carried to.
    pub result: String,
    /// Its first line.
    pub subject: String,
    /// `Name <mail> seconds zone` of who settled it.
    pub by: String,
    /// The run, by its branch.
    pub run: String,
    /// The new upstream, as it was typed.
    pub onto: String,
}

impl Origin {
    /// Of nothing but a way.
    pub fn new(how: How) -> Self {
        let none = String::new;
        Self { how, commit: none(), result: none(), subject: none(), by: none(), run: none(), onto: none() }
    }

    /// The words with their names, in the order in which they are written.
    pub fn words(&self) -> [(&'static str, &str); 6] {
        [
            ("commit", &self.commit),
            ("result", &self.result),
            ("subject", &self.subject),
            ("by", &self.by),
            ("run", &self.run),
            ("onto", &self.onto),
        ]
    }

    /// Sets one of them; whether there is such a word.
    pub fn set(&mut self, name: &str, word: &str) -> bool {
        let slot = match name {
            "commit" => &mut self.commit,
            "result" => &mut self.result,
            "subject" => &mut self.subject,
            "by" => &mut self.by,
            "run" => &mut self.run,
            "onto" => &mut self.onto,
            _ => return false,
        };
        word.clone_into(slot);
        true
    }

    /// When it was settled, in seconds; 0 if nobody knows.
    pub fn seconds(&self) -> u64 {
        let mut words = self.by.rsplit(' ');
        words.nth(1).and_then(|seconds| seconds.parse().ok()).unwrap_or(0)
    }

    /// Where it was settled, without who did it.
    pub fn place(&self) -> String {
        let mut told = match self.how {
            How::Run => format!("in the run of {}", self.run),
            How::Resolved => "in the middle of a git command".to_owned(),
            How::Commits | How::Alike | How::LeftOut => format!("in commit {}", short(&self.result)),
            How::Merge => format!("in merge {}", short(&self.commit)),
            How::Rerere => "with git rerere".to_owned(),
        };
        let is_of_commit = matches!(self.how, How::Run | How::Commits | How::Alike | How::LeftOut | How::Resolved);
        if is_of_commit && !self.commit.is_empty() {
            told.push_str(&format!(", of commit {}", short(&self.commit)));
        }
        told
    }

    /// Name and mail of who settled it.
    fn who(&self) -> &str {
        self.by.rfind('>').map_or(self.by.as_str(), |end| &self.by[..=end])
    }
}

/// The beginning of an id, as people are told it.
fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place())?;
        if !self.by.is_empty() {
            write!(f, ", by {}", self.who())?;
        }
        Ok(())
    }
}
