//! What a commit message says about the upstream commit its patch was taken from.
//!
//! Only conventions that fill a whole line count: the same words inside a
//! sentence usually speak of some other commit (the one fixed, reverted or
//! depended upon).

use std::cmp::Ordering;
use std::fmt;
use std::sync::LazyLock;

use bstr::ByteSlice;
use regex::bytes::Regex;

/// The convention a claim was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// `commit <sha> upstream.`, as stable kernels write it.
    StableUpstream,
    /// `[ Upstream commit <sha> ]`, the other form in stable kernels.
    StableBracket,
    /// `(cherry picked from commit <sha>)` or `(backported from commit <sha>)`.
    CherryPick,
    /// The `From <sha> Mon Sep 17 00:00:00 2001` line of a mailed patch.
    MailFrom,
    /// `Origin: upstream, <url or sha>` of a DEP-3 patch header.
    Dep3Origin,
    /// `Applied-Upstream: <version, sha or url>` of a DEP-3 patch header.
    Dep3Applied,
    /// `Git-commit: <sha>` of a SUSE patch header.
    SuseGitCommit,
    /// `Patch-mainline: <version>` of a SUSE patch header.
    SuseMainline,
    /// A subject that begins `UPSTREAM:` or `BACKPORT:`, as Android writes it.
    AndroidTag,
    /// `Patch-File: <name>` where the file name holds a kernel version.
    PatchFile,
}

/// What a claim points at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Named {
    /// A commit: 8 to 40, or 64, hex digits in lower case.
    Commit(Vec<u8>),
    /// The release that first held the change.
    Release(Release),
    /// Upstream in general; the message does not say where.
    Nothing,
}

/// One statement that the patch comes from upstream.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The convention the claim was written in.
    pub source: Source,
    /// What the claim points at.
    pub named: Named,
    /// The line that makes the claim, trimmed, as evidence for the reader.
    pub line: String,
}

/// A kernel release or release candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Release {
    /// The 6 of `v6.1.90`.
    pub major: u32,
    /// The 1 of `v6.1.90`.
    pub minor: u32,
    /// The 90 of `v6.1.90`; 0 in `v6.1`.
    pub patch: u32,
    /// The 3 of `v6.1-rc3`; `None` for a release proper.
    pub rc: Option<u32>,
}

impl Release {
    /// Reads `v6.3-rc1`, `6.3` or `6.1.90`; the whole text has to be the version.
    pub fn parse(text: impl AsRef<[u8]>) -> Option<Self> {
        let text = text.as_ref();
        let text = text.strip_prefix(b"v").unwrap_or(text);
        let (version, rc) = match text.split_once_str("-rc") {
            Some((version, rc)) => (version, Some(number(rc)?)),
            None => (text, None),
        };
        let mut parts = version.split(|&byte| byte == b'.').map(number);
        let (major, minor) = (parts.next()??, parts.next()??);
        let patch = parts.next().unwrap_or(Some(0))?;
        let release = Self { major, minor, patch, rc };
        parts.next().is_none().then_some(release)
    }

    /// Whether Linux numbers its releases like this, which tells a kernel
    /// version in a file name from most revisions of boards and standards.
    fn is_plausible(&self) -> bool {
        (self.major, self.minor) == (2, 6) || (self.major >= 3 && self.minor <= 30)
    }
}

impl Ord for Release {
    fn cmp(&self, other: &Self) -> Ordering {
        // A candidate comes before its release, so `None` has to sort last.
        let key = |r: &Self| (r.major, r.minor, r.patch, r.rc.is_none(), r.rc);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Release {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}", self.major, self.minor)?;
        if self.patch > 0 {
            write!(f, ".{}", self.patch)?;
        }
        self.rc.map_or(Ok(()), |rc| write!(f, "-rc{rc}"))
    }
}

/// Every claim in a commit message, in order of appearance; what is named
/// twice is listed once.
pub fn claims(message: &[u8]) -> Vec<Claim> {
    let lines: Vec<&[u8]> = message.lines().collect();
    let mut found: Vec<Claim> = Vec::new();
    let mut opens = true;
    for at in 0..lines.len() {
        let here = claims_of_line(&lines, at, opens);
        opens = !here.is_empty() || may_precede_claim(lines[at]);
        for (source, named) in here {
            if found.iter().all(|claim| claim.named != named) {
                found.push(claim(source, named, lines[at]));
            }
        }
    }
    // A tag says only "from upstream", which a named commit says better.
    let names_commit = |claim: &Claim| matches!(claim.named, Named::Commit(_));
    if let Some(subject) = android_subject(&lines)
        && !found.iter().any(names_commit)
    {
        found.insert(0, claim(Source::AndroidTag, Named::Nothing, subject));
    }
    found
}

/// The release a kernel source tree's top `Makefile` declares.
pub fn release_of_makefile(text: &[u8]) -> Option<Release> {
    let value = |key: &str| {
        let mut values = text.lines().filter_map(|line| assigned(line, key));
        values.next()
    };
    let rc = value("EXTRAVERSION").and_then(|extra| {
        let digits = extra.strip_prefix(b"-rc")?;
        let end = digits.find_not_byteset("0123456789");
        number(&digits[..end.unwrap_or(digits.len())])
    });
    Some(Release {
        major: number(value("VERSION")?)?,
        minor: number(value("PATCHLEVEL")?)?,
        patch: number(value("SUBLEVEL")?)?,
        rc,
    })
}

/// The value a makefile line gives to the variable, without its comment.
fn assigned<'a>(line: &'a [u8], key: &str) -> Option<&'a [u8]> {
    let rest = line.strip_prefix(key.as_bytes())?.trim_start();
    let rest = rest.strip_prefix(b":").unwrap_or(rest);
    let value = rest.strip_prefix(b"=")?;
    let end = value.find_byte(b'#').unwrap_or(value.len());
    Some(value[..end].trim())
}

/// A line longer than this is no claim but data, such as an embedded log.
const LONGEST_LINE: usize = 1000;
/// Text indented deeper than this is a quotation.
const DEEPEST_INDENT: usize = 3;
/// A header field folded over more lines than this is prose.
const MOST_FOLDS: usize = 8;

type Found = Vec<(Source, Named)>;

/// The claims of one line. `opens` says that no sentence runs into it.
fn claims_of_line(lines: &[&[u8]], at: usize, opens: bool) -> Found {
    let Some(line) = candidate(lines[at]) else {
        return Found::new();
    };
    let one = |found: Option<_>| found.into_iter().collect();
    // The first letter rules out nearly all lines before any pattern is run.
    match line[0].to_ascii_lowercase() {
        b'c' | b'u' if opens => one(stable(line, lines.get(at + 1))),
        b'[' => one(commit_by(&BRACKET, line, Source::StableBracket)),
        b'(' => one(commit_by(&CHERRY, line, Source::CherryPick)),
        b'f' | b'>' => one(commit_by(&MAIL, line, Source::MailFrom)),
        b'o' | b'a' | b'g' | b'p' => field(line, &lines[at + 1..]),
        _ => Found::new(),
    }
}

/// The line trimmed, unless its shape already shows that it claims nothing.
fn candidate(line: &[u8]) -> Option<&[u8]> {
    if line.len() > LONGEST_LINE {
        return None;
    }
    let indent = line.iter().take_while(|&&byte| byte == b' ').count();
    let text = line[indent..].trim_end();
    (indent <= DEEPEST_INDENT && !text.is_empty()).then_some(text)
}

/// Whether a claim may stand right below this line. Below prose it is the tail
/// of a sentence, as in "This reverts commit A which is" / "commit B upstream."
fn may_precede_claim(line: &[u8]) -> bool {
    let header = |key: &&str| starts_with_ignoring_case(line, key);
    line.trim().is_empty() || ["From:", "Date:", "Subject:"].iter().any(header)
}

static STABLE: LazyLock<Regex> =
    LazyLock::new(|| compile(r"(?i)^(?:commit\s+SHA\s+upstream|upstream\s+commit\s+SHA)\s*\.?$"));
static BRACKET: LazyLock<Regex> =
    LazyLock::new(|| compile(r"(?i)^\[\s*(?:upstream\s+commit\s+SHA|commit\s+SHA\s+upstream)\s*\.?\s*\]\.?$"));
// A branch or address may follow the commit, on this line or wrapped to the next.
static CHERRY: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"(?i)^\((?:cherry[ -]picked|backported)\s+from\s+commit\s+SHA(?:\s*\)\.?|,?\s[^)]*\)?)?$")
});
static MAIL: LazyLock<Regex> = LazyLock::new(|| compile(r"^>?From\s+SHA\s+Mon Sep 17 00:00:00 2001$"));
static LONE: LazyLock<Regex> = LazyLock::new(|| compile(r"(?i)^(?:commit\s+)?SHA(?:[\s,(].*)?$"));
// An address holds other runs of digits too, so the commit needs a lead-in there.
static IN_HEADER: LazyLock<Regex> =
    LazyLock::new(|| compile(r"(?i)(?:^|[\s,]|/linus/|/commit/|/c/|commit:|[?&;](?:id|h)=)SHA(?:\.patch\b|\b)"));
static LEADING_VERSION: LazyLock<Regex> =
    LazyLock::new(|| compile(r"^(?:[0-9]+-)*v([0-9]+\.[0-9]+(?:\.[0-9]+)?(?:-rc[0-9]+)?)-"));
static INNER_VERSION: LazyLock<Regex> = LazyLock::new(|| compile(r"-v([0-9]+\.[0-9]+(?:\.[0-9]+)?(?:-rc[0-9]+)?)-"));
static BARE_VERSION: LazyLock<Regex> =
    LazyLock::new(|| compile(r"^(?:[0-9]+-)+([0-9]+\.[0-9]+(?:\.[0-9]+)?(?:-rc[0-9]+)?)-"));

/// Compiles a pattern of this module, in which `SHA` captures a commit.
fn compile(pattern: &str) -> Regex {
    let commit = "([0-9a-fA-F]{64}|[0-9a-fA-F]{8,40})";
    // Bytes, not characters: a message need not be UTF-8.
    Regex::new(&format!("(?-u){}", pattern.replace("SHA", commit)))
        .expect("the patterns are constants that the tests compile")
}

/// The commit on a line that has the pattern's shape.
fn commit_by(pattern: &Regex, line: &[u8], source: Source) -> Option<(Source, Named)> {
    let captures = pattern.captures(line)?;
    let sha = captures.iter().skip(1).flatten().next()?;
    Some((source, commit(sha.as_bytes())?))
}

/// The commit of that name; none for the zeros that stand for "not told".
fn commit(sha: &[u8]) -> Option<Named> {
    let told = sha.iter().any(|&digit| digit != b'0');
    told.then(|| Named::Commit(sha.to_ascii_lowercase()))
}

/// The claim of a `commit <sha> upstream` line, unless its sentence goes on.
fn stable(line: &[u8], next: Option<&&[u8]>) -> Option<(Source, Named)> {
    let goes_on = |next: &&[u8]| {
        let next = next.trim();
        let separate = next.is_empty() || next.starts_with(b"[") || next.starts_with(b"(");
        !separate && !STABLE.is_match(next)
    };
    if !line.ends_with(b".") && next.is_some_and(goes_on) {
        return None;
    }
    commit_by(&STABLE, line, Source::StableUpstream)
}

/// The claims of a `Key: value` line; `below` are the lines it may be folded onto.
fn field(line: &[u8], below: &[&[u8]]) -> Found {
    let Some((key, value)) = line.split_once_str(":") else {
        return Found::new();
    };
    let value = value.trim();
    let one = |found: Option<_>| found.into_iter().collect();
    match key.to_ascii_lowercase().as_slice() {
        b"origin" => origin(&unfolded(value, below)),
        b"applied-upstream" => applied(&unfolded(value, below)),
        b"git-commit" => one(commit_by(&LONE, value, Source::SuseGitCommit)),
        b"patch-mainline" => one(release(Source::SuseMainline, Release::parse(value))),
        b"patch-file" => one(release(Source::PatchFile, release_of_file(value))),
        _ => Found::new(),
    }
}

fn release(source: Source, release: Option<Release>) -> Option<(Source, Named)> {
    Some((source, Named::Release(release?)))
}

/// The value of a header field with the indented lines below that continue it.
fn unfolded(value: &[u8], below: &[&[u8]]) -> Vec<u8> {
    let mut whole = value.to_vec();
    for line in below.iter().take(MOST_FOLDS) {
        let indented = line.starts_with(b" ") || line.starts_with(b"\t");
        if !indented || line.len() > LONGEST_LINE || line.trim().is_empty() {
            break;
        }
        whole.push(b' ');
        whole.extend_from_slice(line.trim());
    }
    whole
}

/// The commits of an `Origin:` field, if it speaks of upstream Linux.
fn origin(value: &[u8]) -> Found {
    let says = |word: &&str| starts_with_ignoring_case(value, word);
    let names = |place: &&str| value.contains_str(place);
    let is_upstream = if ["upstream", "backport"].iter().any(says) {
        true
    } else if ["vendor", "other"].iter().any(says) {
        false
    } else {
        // Without a category only the address can tell whose commit it is.
        !value.contains_str("://") || ["kernel.org/", "/torvalds/linux"].iter().any(names)
    };
    if !is_upstream {
        return Found::new();
    }
    header_commits(value).map(|named| (Source::Dep3Origin, named)).collect()
}

/// The commits of an `Applied-Upstream:` field, or the release if it has none.
fn applied(value: &[u8]) -> Found {
    let mut found: Vec<Named> = header_commits(value).collect();
    if found.is_empty() {
        let mut words = value.split(|byte| b" \t,;()".contains(byte));
        found.extend(words.find_map(Release::parse).map(Named::Release));
    }
    let sourced = |named| (Source::Dep3Applied, named);
    found.into_iter().map(sourced).collect()
}

/// The commits in the free text or addresses of a DEP-3 field.
fn header_commits(value: &[u8]) -> impl Iterator<Item = Named> {
    IN_HEADER.captures_iter(value).filter_map(|captures| {
        let (whole, sha) = (captures.get(0)?, captures.get(1)?.as_bytes());
        let next = value.get(whole.end()).copied().unwrap_or(b' ');
        let ends = next.is_ascii_whitespace() || b",.;)>&#".contains(&next);
        // Eight digits without a letter are a date or a bug number.
        let is_number = sha.len() < 12 && sha.iter().all(u8::is_ascii_digit);
        if ends && !is_number { commit(sha) } else { None }
    })
}

/// The release in the name of a patch file, such as `backport/610-v6.3-net.patch`.
fn release_of_file(path: &[u8]) -> Option<Release> {
    let (folder, name) = path.rsplit_once_str("/").unwrap_or((b"", path));
    let read = |pattern: &Regex| {
        let version = pattern.captures(name)?.get(1)?;
        Release::parse(version.as_bytes()).filter(Release::is_plausible)
    };
    let holds_backports = || {
        let mut parts = folder.split_str("/");
        parts.any(|part| part.starts_with(b"backport"))
    };
    // A number without a "v" may be anything, so there the folder has to vouch.
    read(&LEADING_VERSION)
        .or_else(|| read(&INNER_VERSION))
        .or_else(|| holds_backports().then(|| read(&BARE_VERSION))?)
}

/// The subject, if its tag says that the change itself is upstream.
fn android_subject<'a>(lines: &[&'a [u8]]) -> Option<&'a [u8]> {
    let subject = lines.iter().find(|line| !line.trim().is_empty())?;
    let tagged = |text: &'a [u8]| {
        let tags = ["UPSTREAM:", "BACKPORT:"];
        let mut rests = tags.iter().filter_map(|tag| text.strip_prefix(tag.as_bytes()));
        rests.next().map(|rest| rest.trim_start())
    };
    let mut rest = tagged(subject.trim())?;
    while let Some(inner) = tagged(rest) {
        rest = inner;
    }
    // "BACKPORT: FROMLIST: .." adapts a change that upstream had not taken yet.
    let elsewhere = ["FROMLIST", "FROMGIT", "ANDROID", "VENDOR", "CHROMIUM"];
    let is_elsewhere = elsewhere.iter().any(|tag| rest.starts_with(tag.as_bytes()));
    (!is_elsewhere).then_some(*subject)
}

fn claim(source: Source, named: Named, line: &[u8]) -> Claim {
    // The subject is the one line that has not been held to a length.
    let shown = &line[..line.len().min(LONGEST_LINE)];
    let line = shown.trim().to_str_lossy().into_owned();
    Claim { source, named, line }
}

fn starts_with_ignoring_case(text: &[u8], start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
}

fn number(digits: &[u8]) -> Option<u32> {
    // `u32::from_str` would take a sign as well.
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    plain.then(|| digits.to_str().ok()?.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "0123456789abcdef0123456789abcdef01234567";
    const OTHER: &str = "89abcdef0123456789abcdef0123456789abcdef";

    /// The claims of a message in which `SHA` and `OTHER` stand for commits.
    fn read(message: &str) -> Vec<(Source, Named)> {
        let message = message.replace("SHA", SHA).replace("OTHER", OTHER);
        let found = claims(message.as_bytes()).into_iter();
        found.map(|claim| (claim.source, claim.named)).collect()
    }

    fn named(sha: &str) -> Named {
        Named::Commit(sha.as_bytes().to_vec())
    }

    fn version(text: &str) -> Release {
        Release::parse(text).expect("the test gives a version")
    }

    /// Asserts that each line, as a paragraph below a subject, claims just `SHA`.
    fn all_name_the_commit(source: Source, lines: &[&str]) {
        for line in lines {
            let message = format!("net: frob the widget\n\n{line}\n\nIt was not frobbed.\n");
            assert_eq!(read(&message), [(source, named(SHA))], "{line}");
        }
    }

    /// Asserts the release each line claims.
    fn all_name_releases(source: Source, lines: &[(&str, &str)]) {
        for (line, release) in lines {
            let named = Named::Release(version(release));
            assert_eq!(read(&format!("a: b\n\n{line}\n")), [(source, named)], "{line}");
        }
    }

    fn none_is_a_claim(messages: &[&str]) {
        for message in messages {
            assert_eq!(read(message), [], "{message}");
            assert_eq!(read(&format!("a: b\n\n{message}\n")), [], "below: {message}");
        }
    }

    #[test]
    fn a_stable_kernels_upstream_line_names_the_commit() {
        let lines = [
            "commit SHA upstream.",
            "commit SHA upstream",
            " commit SHA upstream. ",
            "Commit SHA upstream.",
            "commit  SHA  Upstream .",
            "Upstream commit SHA",
        ];
        all_name_the_commit(Source::StableUpstream, &lines);
    }

    #[test]
    fn a_stable_line_takes_commits_of_8_to_40_or_64_digits() {
        for (length, taken) in [(7, 0), (8, 1), (12, 1), (40, 1), (41, 0), (63, 0), (64, 1), (65, 0)] {
            let sha = "Abcd1234".repeat(9)[..length].to_owned();
            let found = read(&format!("x\n\ncommit {sha} upstream.\n"));
            assert_eq!(found.len(), taken, "{length} digits");
            if taken == 1 {
                assert_eq!(found[0].1, named(&sha.to_ascii_lowercase()));
            }
        }
    }

    #[test]
    fn stable_lines_may_stand_on_top_of_one_another_or_right_above_the_text() {
        let both = [(Source::StableUpstream, named(SHA)), (Source::StableUpstream, named(OTHER))];
        assert_eq!(read("x\n\ncommit SHA upstream\ncommit OTHER upstream\n"), both);
        assert_eq!(read("commit SHA upstream.\nThe frob is wrong.\n"), both[..1]);
        assert_eq!(read("From: A B <a@b>\ncommit SHA upstream.\n"), both[..1]);
        assert_eq!(read("x\n\ncommit SHA upstream"), both[..1]);
    }

    #[test]
    fn a_bracketed_upstream_line_names_the_commit() {
        let lines = [
            "[ Upstream commit SHA ]",
            "[Upstream commit SHA]",
            "[ upstream commit SHA ] ",
            "  [ Upstream commit SHA. ]",
            "[ commit SHA upstream ]",
        ];
        all_name_the_commit(Source::StableBracket, &lines);
    }

    #[test]
    fn a_cherry_pick_line_names_the_commit() {
        let lines = [
            "(cherry picked from commit SHA)",
            "(cherry-picked from commit SHA)",
            "(backported from commit SHA)",
            "(cherry picked from commit SHA linux-next)",
            "(cherry picked from commit SHA https://example.org/linux.git master)",
            "(backported from commit SHA\n https://example.org/linux.git master)",
        ];
        all_name_the_commit(Source::CherryPick, &lines);
    }

    #[test]
    fn the_from_line_of_a_mailed_patch_names_the_commit() {
        let lines = ["From SHA Mon Sep 17 00:00:00 2001", ">From SHA Mon Sep 17 00:00:00 2001"];
        all_name_the_commit(Source::MailFrom, &lines);
        let first = read("From SHA Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\n");
        assert_eq!(first, [(Source::MailFrom, named(SHA))]);
    }

    #[test]
    fn a_from_line_of_zeros_or_of_another_date_names_nothing() {
        let zeros = format!("From {} Mon Sep 17 00:00:00 2001", "0".repeat(40));
        let dated = "From SHA Tue Sep 18 00:00:00 2001";
        none_is_a_claim(&[&zeros, dated, "From: SHA Mon Sep 17 00:00:00 2001"]);
    }

    #[test]
    fn a_dep3_origin_names_the_commit() {
        let lines = [
            "Origin: upstream, https://git.kernel.org/linus/SHA",
            "Origin: https://git.kernel.org/linus/SHA",
            "Origin: https://git.kernel.org/pub/scm/a/linux.git/commit/?id=SHA",
            "Origin: https://git.kernel.org/pub/scm/a/linux.git/commit/?h=next&id=SHA",
            "Origin: upstream, https://github.com/torvalds/linux/commit/SHA.patch",
            "Origin: backport, SHA (adapted)",
            "Origin: backport, commit SHA",
            "origin: upstream, commit:SHA",
            "Origin: upstream,\n https://git.kernel.org/linus/SHA",
        ];
        all_name_the_commit(Source::Dep3Origin, &lines);
        let two = "Origin: upstream, https://git.kernel.org/linus/SHA, https://git.kernel.org/linus/OTHER";
        let names: Vec<Named> = read(two).into_iter().map(|found| found.1).collect();
        assert_eq!(names, [named(SHA), named(OTHER)]);
    }

    #[test]
    fn a_dep3_origin_elsewhere_or_without_a_commit_claims_nothing() {
        none_is_a_claim(&[
            "Origin: vendor, https://example.org/commit/SHA",
            "Origin: other, SHA",
            "Origin: https://example.org/fork/commit/SHA",
            "Origin: upstream, https://lore.kernel.org/r/20230102030405.12345678-1-a@b",
            "Origin: backport, 20230102",
            "Origin: upstream, https://bugzilla.kernel.org/show_bug.cgi?id=12345678",
            "Origin: upstream, 12ab34cd-1111-2222-3333-444455556666",
            "Origin of the bug: upstream, SHA",
        ]);
    }

    #[test]
    fn an_applied_upstream_field_names_the_commit_or_else_the_release() {
        let lines = [
            "Applied-Upstream: 6.3, commit SHA",
            "Applied-Upstream: commit:SHA",
            "Applied-Upstream: SHA",
            "Applied-Upstream: https://git.kernel.org/linus/SHA",
        ];
        all_name_the_commit(Source::Dep3Applied, &lines);
        let releases = [
            ("Applied-Upstream: 6.3", "6.3"),
            ("Applied-Upstream: v6.3-rc1, https://example.org/x", "6.3-rc1"),
            ("Applied-Upstream: in 6.1.90 (stable)", "6.1.90"),
        ];
        all_name_releases(Source::Dep3Applied, &releases);
        none_is_a_claim(&["Applied-Upstream: yes", "Applied-Upstream: 2023-01-02"]);
    }

    #[test]
    fn a_suse_git_commit_names_the_commit() {
        let lines = ["Git-commit: SHA", "git-commit:SHA", "Git-commit: SHA (partial)"];
        all_name_the_commit(Source::SuseGitCommit, &lines);
        none_is_a_claim(&["Git-commit: to be assigned", "Git-commit: not SHA"]);
    }

    #[test]
    fn a_suse_mainline_field_claims_only_a_version() {
        let releases = [("Patch-mainline: v6.3-rc1", "6.3-rc1"), ("Patch-Mainline: 6.3", "6.3")];
        all_name_releases(Source::SuseMainline, &releases);
        none_is_a_claim(&[
            "Patch-mainline: Never, only for us",
            "Patch-mainline: Not yet",
            "Patch-mainline: Queued in subsystem maintainer repository",
            "Patch-mainline: no, v6.3 has another fix",
        ]);
    }

    #[test]
    fn an_android_subject_claims_upstream_without_saying_where() {
        for subject in ["UPSTREAM: mm: frob", "BACKPORT: mm: frob", "\n BACKPORT: UPSTREAM: mm"] {
            assert_eq!(read(subject), [(Source::AndroidTag, Named::Nothing)]);
        }
    }

    #[test]
    fn an_android_subject_gives_way_to_a_commit_but_not_to_a_release() {
        let picked = read("UPSTREAM: mm: frob\n\n(cherry picked from commit SHA)\n");
        assert_eq!(picked, [(Source::CherryPick, named(SHA))]);
        let filed = read("UPSTREAM: mm: frob\n\nPatch-File: 020-v6.3-mm.patch\n");
        let sources: Vec<Source> = filed.into_iter().map(|found| found.0).collect();
        assert_eq!(sources, [Source::AndroidTag, Source::PatchFile]);
    }

    #[test]
    fn other_android_subjects_claim_nothing() {
        none_is_a_claim(&[
            "FROMLIST: mm: frob",
            "FROMGIT: mm: frob",
            "ANDROID: mm: frob",
            "VENDOR: mm: frob",
            "BACKPORT: FROMLIST: mm: frob",
            "BACKPORT: FROMGIT(next): mm: frob",
            "Revert \"UPSTREAM: mm: frob\"",
            "mm: frob\n\nUPSTREAM: not the subject",
        ]);
    }

    #[test]
    fn a_patch_file_with_a_version_claims_the_release() {
        let releases = [
            ("Patch-File: 610-v6.3-net-foo.patch", "6.3"),
            ("Patch-File: 020-v6.1-01-mm-foo.patch", "6.1"),
            ("Patch-File: 711-v6.7-rc1-net.patch", "6.7-rc1"),
            ("Patch-File: backport/790-64-v6.10-net.patch", "6.10"),
            ("Patch-File: backport-6.1/815-v6.7-4-leds.patch", "6.7"),
            ("Patch-File: backport-6.1/900-v6.1.90-leds.patch", "6.1.90"),
            ("Patch-File: backport/797-6.7-net.patch", "6.7"),
            ("Patch-File: v6.3-net.patch", "6.3"),
            ("Patch-File: fixes/mm-frob-v6.3-adapted.patch", "6.3"),
            ("Patch-File: 020-v6.3-leds-v5.4-x.patch", "6.3"),
        ];
        all_name_releases(Source::PatchFile, &releases);
    }

    #[test]
    fn a_patch_file_without_a_kernel_version_claims_nothing() {
        none_is_a_claim(&[
            "Patch-File: pending/724-net-phy-for-2.5G-links.patch",
            "Patch-File: 0072-Linux-6.1.176-rt64.patch",
            "Patch-File: pending/797-6.7-net.patch",
            "Patch-File: backport-6.1/900-net.patch",
            "Patch-File: v6.3-queue/900-net.patch",
            "Patch-File: 900-board-v1.2-leds.patch",
            "Patch-File: 900-net-v2-frob.patch",
            "Patch-File: 900-rev6.3-frob.patch",
        ]);
    }

    #[test]
    fn prose_about_other_commits_is_no_claim() {
        none_is_a_claim(&[
            "This reverts commit SHA.",
            "Fixes: SHA (\"net: add the frob\")",
            "since commit SHA",
            "commit SHA (\"net: add the frob\") introduced a leak",
            "this depends on commit SHA upstream",
            "this depends on commit SHA upstream.",
            "commit SHA upstream broke this",
            "See upstream commit SHA.",
            "It was [ Upstream commit SHA ] once",
            "Seen (cherry picked from commit SHA) elsewhere",
            "(cherry picked from commit SHA) and (changed) a lot",
            "(see commit SHA)",
            "Link: https://git.kernel.org/linus/SHA",
        ]);
    }

    #[test]
    fn a_sentence_wrapped_around_a_claims_words_is_no_claim() {
        none_is_a_claim(&[
            "This reverts commit OTHER which is\ncommit SHA upstream.",
            "This depends on\ncommit SHA upstream.",
            "Commit SHA upstream\nintroduced a leak.",
        ]);
    }

    #[test]
    fn text_quoted_by_indenting_is_no_claim() {
        none_is_a_claim(&[
            "    commit SHA upstream.",
            "\t[ Upstream commit SHA ]",
            "    (cherry picked from commit SHA)",
        ]);
    }

    #[test]
    fn an_empty_message_claims_nothing() {
        assert_eq!(claims(b""), []);
        assert_eq!(claims(b"\n\n \n"), []);
    }

    #[test]
    fn claims_come_in_order_and_what_is_named_twice_comes_once() {
        let found = read(
            "x\n\n[ Upstream commit OTHER ]\n\nPatch-mainline: v6.3\n\
             Git-commit: SHA\n(cherry picked from commit OTHER)\nApplied-Upstream: 6.3\n",
        );
        let expected = [
            (Source::StableBracket, named(OTHER)),
            (Source::SuseMainline, Named::Release(version("6.3"))),
            (Source::SuseGitCommit, named(SHA)),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_message_that_is_not_utf8_is_read_all_the_same() {
        let mut message = b"x: M\xfcller\n\n\xff\xfe\n\nOrigin: upstream, ".to_vec();
        message.extend_from_slice(SHA.as_bytes());
        message.extend_from_slice(b" \xe9\n");
        let found = claims(&message);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].named, named(SHA));
        assert!(found[0].line.ends_with('\u{fffd}'));
    }

    #[test]
    fn a_message_with_crlf_line_ends_is_read_all_the_same() {
        let text = "x\r\n\r\ncommit SHA upstream\r\n\r\nText.\r\nPatch-mainline: v6.3\r\n";
        let found = claims(text.replace("SHA", SHA).as_bytes());
        let lines: Vec<&str> = found.iter().map(|claim| claim.line.as_str()).collect();
        assert_eq!(lines, [&format!("commit {SHA} upstream"), "Patch-mainline: v6.3"]);
    }

    #[test]
    fn very_long_lines_claim_nothing_and_hide_nothing() {
        let long = format!("commit {SHA} {}upstream.", " ".repeat(5_000_000));
        let folded = format!("Origin: upstream,\n {}", "a".repeat(5_000_000));
        let message = format!("x\n\n{long}\n\n{folded}\n\n[ Upstream commit {OTHER} ]\n");
        assert_eq!(read(&message), [(Source::StableBracket, named(OTHER))]);
        let subject = format!("UPSTREAM: {}", "x".repeat(5_000_000));
        assert!(claims(subject.as_bytes())[0].line.len() <= LONGEST_LINE);
    }

    #[test]
    fn releases_are_ordered_with_candidates_first() {
        let order = ["2.6.39", "3.0", "6.1-rc1", "6.1-rc2", "6.1-rc10", "6.1", "6.1.2", "6.1.10", "6.2-rc1", "6.10"];
        let mut sorted: Vec<Release> = order.iter().rev().map(version_of).collect();
        sorted.sort();
        assert_eq!(sorted, order.iter().map(version_of).collect::<Vec<_>>());
    }

    fn version_of(text: &&str) -> Release {
        version(text)
    }

    #[test]
    fn a_release_is_shown_as_its_tag() {
        for tag in ["v6.3-rc1", "v6.3", "v6.1.90", "v2.6.39"] {
            assert_eq!(version(tag).to_string(), tag);
        }
        assert_eq!(version("6.3.0").to_string(), "v6.3");
    }

    #[test]
    fn what_is_not_wholly_a_version_is_no_release() {
        let wrong = [
            "",
            "v",
            "6",
            "6.",
            ".3",
            "6.3.",
            "6.3.1.2",
            "+6.3",
            "6.3-rc",
            "6.3-rc1-2",
            "6.3-rt1",
            "vv6.3",
            " 6.3",
            "6.99999999999",
            "6.3-rc1-rc2",
        ];
        for text in wrong {
            assert_eq!(Release::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_kernel_makefile_tells_its_release() {
        let release = |text: &str| release_of_makefile(text.as_bytes());
        let of = |sub: &str, extra: &str| {
            release(&format!("# x\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = {sub}\nEXTRAVERSION ={extra}\nNAME = Y\n"))
        };
        assert_eq!(of("0", ""), Some(version("6.1")));
        assert_eq!(of("90", ""), Some(version("6.1.90")));
        assert_eq!(of("0", " -rc3"), Some(version("6.1-rc3")));
        assert_eq!(of("0", " -rc3-local"), Some(version("6.1-rc3")));
        assert_eq!(of("5 # five", " -rt30"), Some(version("6.1.5")));
        let crlf = "VERSION = 6\r\nPATCHLEVEL := 3\r\nSUBLEVEL=1\r\n";
        assert_eq!(release(crlf), Some(version("6.3.1")));
    }

    #[test]
    fn another_makefile_tells_no_release() {
        assert_eq!(release_of_makefile(b""), None);
        assert_eq!(release_of_makefile(b"VERSION = 1\nall:\n"), None);
        let computed = b"VERSION = $(shell x)\nPATCHLEVEL = 1\nSUBLEVEL = 0\n";
        assert_eq!(release_of_makefile(computed), None);
    }
}
