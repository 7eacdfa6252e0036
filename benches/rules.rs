//! Learns upstream's API changes from the first functions that made them and applies what was learned to the rest; says how often that
//! was right.
//!
//! ```text
//! cargo bench --bench rules [-- [-v] [-n 10] [label=old,...>new,...] ...]
//! ```
//!
//! It needs the benchmark kit in `$KMIGRATE_BENCH` (default `~/.cache/kmigrate-bench`); without it, it says so and ends well. The kit is
//! only read. A change is told by the identifiers it is about, old ones and new ones. Functions (tables, types) of v6.1 that hold an old
//! one are taken in the order of their paths; up to the n-th changed one is learned from, the rest is judged.
//!
//! *Expected* is a node (statement, initialiser, declaration) that holds one of the identifiers before or after and differs; it is *right*
//! if the rules make of it what upstream made, *part* if what they make lies on the way there (spdiff, definition 5), else *wrong* or
//! *missed*. A node of which nothing is left, or in which none of the names is, was taken away for another reason: *gone*, not expected;
//! `strict` counts these as expected as well. Precision is right of what was made, recall right of what was expected.
//!
//! Class, after Spinfer's taxonomy (section 2): `C` is written in the list below, by hand: 0 if each changed node can be understood by
//! itself, 1 if several changed nodes of a function belong together, 2 if nodes that stay decide, 3 if what is not there decides, 4 if
//! another function decides. The rest is counted in the functions that are learned from: `I0` if none has two changed nodes, `I2` if two
//! uses are in one node, else `I1`; `V0` if one rule was learned, `V2` if of two rules one's old form is a part of the other's, else `V1`;
//! `N1` if some function has changed lines without the names, else `N0`; `D2` if a rule carries a value over, else `D0`. In scope is what
//! is at most C1, as for Spinfer.

use kmigrate::rule::distance::Distances;
use kmigrate::rule::renames::told_as_before;
use kmigrate::rule::site::{ReadPair, uses};
use kmigrate::rule::{
    Learned, Options, Pair, Requirement, Rule, TermId, Terms, Where, edited, infer_for, print, rewrite,
};
use kmigrate::syntax::items::{Item, ItemKind, items};
use kmigrate::syntax::lex::has_word;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Required changes from 6.1 to 6.12: class by control flow, label, old names, new names.
const CHANGES: &[&str] = &[
    "0 class_create=class_create>class_create",
    "0 probe_new=probe_new>probe",
    "0 vm_flags=vm_flags>vm_flags_set,vm_flags_clear,vm_flags_mod,vm_flags_reset,vm_flags_init,__vm_flags_mod",
    "0 mnt_idmap=user_namespace>mnt_idmap",
    "0 strlcpy=strlcpy>strscpy,strscpy_pad",
    "0 prandom=prandom_u32_max>get_random_u32_below,get_random_u32_inclusive,get_random_u32_above",
    "2 splice_read=generic_file_splice_read>filemap_splice_read,copy_splice_read,shmem_file_splice_read",
    "0 core_layout=core_layout,init_layout>mem",
    "0 dsa_master=dsa_port_to_master>dsa_port_to_conduit",
    "0 spi_devdata=spi_master_get_devdata>spi_controller_get_devdata",
    "0 spi_alloc=spi_alloc_master>spi_alloc_host",
    "0 spi_register=devm_spi_register_master>devm_spi_register_controller",
    "0 strtobool=strtobool>kstrtobool",
    "0 no_llseek=no_llseek>",
    "0 asoc_rtd=asoc_rtd_to_cpu,asoc_rtd_to_codec>snd_soc_rtd_to_cpu,snd_soc_rtd_to_codec",
    "2 fbdev=drm_fbdev_generic_setup>drm_fbdev_ttm_setup,drm_fbdev_shmem_setup,drm_fbdev_dma_setup",
    "0 i_ctime=i_ctime>inode_set_ctime_current,inode_get_ctime,inode_set_ctime,inode_set_ctime_to_ts",
    "0 ida=ida_simple_get,ida_simple_remove>ida_alloc,ida_free,ida_alloc_max,ida_alloc_range,ida_alloc_min",
    "0 sysctl=register_sysctl_table>register_sysctl",
    "1 blkdev=blkdev_get_by_path>bdev_file_open_by_path",
    "0 mem_spread=SLAB_MEM_SPREAD>kmem_cache_create",
    "4 thermal=thermal_zone_device_register>thermal_tripless_zone_device_register,thermal_zone_device_register_with_trips",
    "0 iommu_map=iommu_map>iommu_map",
    "0 pin_user_pages=pin_user_pages>pin_user_pages",
    "0 daifmt=SND_SOC_DAIFMT_CBS_CFS>SND_SOC_DAIFMT_CBC_CFC",
    "0 resv=dma_resv_reserve_shared>dma_resv_reserve_fences",
];

/// Chosen before anything was tuned by them: of the required changes that `survey` finds for rpi-6.1 every seventh, by the alphabet.
const HELD_OUT: &[&str] = &[
    "? DSI_CMD2BKX_SEL=DSI_CMD2BKX_SEL",
    "? DSI_CMD2_BK1_MIPISET1=DSI_CMD2_BK1_MIPISET1",
    "? DSI_CMD2_BK1_VGHSS=DSI_CMD2_BK1_VGHSS",
    "? IMX258_REG_VALUE_16BIT=IMX258_REG_VALUE_16BIT",
    "? asoc_rtd_to_codec=asoc_rtd_to_codec",
    "? detach_dev=detach_dev",
    "? gem_prime_mmap=gem_prime_mmap",
    "? imx290_regval=imx290_regval",
    "? of_overlay_fdt_apply=of_overlay_fdt_apply",
    "? pwm_apply_state=pwm_apply_state",
    "? unmap=unmap",
    "? v4l2_subdev_get_try_format=v4l2_subdev_get_try_format",
    "? vchiq_initialise=vchiq_initialise",
];

/// What must not be taken for required: the old form compiles in 6.12.
const NEGATIVE: &[&str] = &["del_timer", "del_timer_sync", "of_find_property"];

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let is_told = arguments.iter().position(|a| a == "-v").map(|at| arguments.remove(at)).is_some();
    let most = arguments.iter().position(|a| a == "-n").and_then(|at| {
        arguments.remove(at);
        (at < arguments.len()).then(|| arguments.remove(at))?.parse::<usize>().ok()
    });
    let home = std::env::var("HOME").unwrap_or_default();
    let kit = std::env::var("KMIGRATE_BENCH").unwrap_or_else(|_| format!("{home}/.cache/kmigrate-bench"));
    let kit = PathBuf::from(kit).join("repo");
    if !kit.is_dir() {
        return println!("skipped: there is no benchmark kit at {}", kit.display());
    }
    let bench = Bench { kit, most: most.unwrap_or(10), is_told };
    if !arguments.is_empty() {
        bench.all("asked for", arguments.iter().map(String::as_str));
        return;
    }
    let (inside, outside): (Vec<&str>, Vec<&str>) = CHANGES.iter().partition(|c| c.starts_with(['0', '1']));
    let mut total = bench.all("in scope", inside.into_iter());
    total.add(&bench.all("beyond Spinfer's scope", outside.into_iter()));
    println!("== all: {}\n", total.told());
    bench.all("held out", HELD_OUT.iter().copied());
    for name in NEGATIVE {
        println!(
            "negative {name}: {}",
            if bench.is_gone(name) { "NOT DECLARED, would be required" } else { "still declared: never required" }
        );
    }
}

/// Where it reads, and how.
struct Bench {
    kit: PathBuf,
    most: usize,
    is_told: bool,
}

impl Bench {
    /// Output of git in the kit.
    fn git(&self, args: &[&str]) -> Vec<u8> {
        let output = Command::new("git").arg("-C").arg(&self.kit).args(args).output().expect("git runs");
        output.stdout
    }

    /// The C files of v6.1 that hold one of the names, sorted.
    fn files(&self, names: &[&str]) -> Vec<String> {
        let mut args = vec!["grep", "-lwF"];
        names.iter().for_each(|name| args.extend(["-e", name]));
        // Tools and samples are other programs, with names of their own.
        args.extend(["v6.1", "--", "*.c", "*.h", ":!tools", ":!samples", ":!Documentation"]);
        let list = self.git(&args);
        let text = String::from_utf8_lossy(&list).into_owned();
        text.lines().filter_map(|line| line.strip_prefix("v6.1:")).map(str::to_owned).collect()
    }

    /// Whether no header of v6.12 has the name any more.
    fn is_gone(&self, name: &str) -> bool {
        self.git(&["grep", "-lwF", name, "v6.12", "--", "include/*.h", "fs/*.h", "kernel/*.h", "drivers/spi/*.h"])
            .is_empty()
    }

    /// Files of both kernels; those that one of them lacks are left out.
    fn texts(&self, paths: &[String]) -> BTreeMap<String, (Vec<u8>, Vec<u8>)> {
        let mut child = Command::new("git")
            .arg("-C")
            .arg(&self.kit)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("git runs");
        let mut input = child.stdin.take().expect("it is piped");
        let asked: String = paths.iter().map(|p| format!("v6.1:{p}\nv6.12:{p}\n")).collect();
        let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()));
        let mut all = Vec::new();
        child.stdout.take().expect("it is piped").read_to_end(&mut all).expect("git's answer");
        let _ = (writer.join(), child.wait());
        let mut rest = &all[..];
        let mut next = || -> Option<Vec<u8>> {
            let end = rest.iter().position(|c| *c == b'\n')?;
            let head = String::from_utf8_lossy(&rest[..end]).into_owned();
            rest = &rest[end + 1..];
            let length: usize = head.rsplit_once(" blob ")?.1.parse().ok()?;
            let text = rest[..length].to_vec();
            rest = &rest[length + 1..];
            Some(text)
        };
        let mut found = BTreeMap::new();
        for path in paths {
            let (before, after) = (next(), next());
            if let (Some(before), Some(after)) = (before, after) {
                found.insert(path.clone(), (before, after));
            }
        }
        found
    }

    /// A list of changes, with its total.
    fn all<'a>(&self, label: &str, changes: impl Iterator<Item = &'a str>) -> Count {
        let mut total = Count::default();
        println!("== {label}");
        changes.for_each(|change| total.add(&self.one(change)));
        println!("== {label}: {}\n", total.told());
        total
    }

    /// Learns, applies, counts.
    fn one(&self, change: &str) -> Count {
        let (class, change) = change.split_once(' ').unwrap_or(("?", change));
        let (label, names) = change.split_once('=').unwrap_or((change, change));
        let names_told = names.contains('>');
        let (old, new) = names.split_once('>').unwrap_or((names, ""));
        let names: Vec<&str> = old.split(',').collect();
        // Where nobody said what comes instead, whatever came is expected.
        let new: Option<Vec<&str>> = names_told.then(|| new.split(',').filter(|name| !name.is_empty()).collect());
        let texts = self.texts(&self.files(&names));
        let all: Vec<Pair> = texts.iter().flat_map(|(path, texts)| pairs_of(path, texts, &names)).collect();
        let mut changed = 0;
        let cut = all.iter().position(|pair| {
            changed += usize::from(pair.before != pair.after && is_changed(pair, &names));
            changed == self.most
        });
        let (learning, rest) = all.split_at(cut.map_or(all.len(), |at| at + 1));
        let (mut rules, mut time) = (Vec::new(), Duration::ZERO);
        for name in &names {
            let required = if self.is_gone(name) { Requirement::Required } else { Requirement::Unknown };
            let begin = Instant::now();
            let Learned { rules: found, .. } =
                infer_for(name.as_bytes(), learning, &Options { required, ..Options::default() });
            time += begin.elapsed();
            rules.extend(found);
        }
        let mut count = Count::default();
        let judge = Judge { names: &names, new: new.as_deref(), rules: &rules, is_told: self.is_told };
        rest.iter().for_each(|pair| judge.check(pair, &mut count));
        let class = format!("C{class} {}", class_of(learning, &names, &rules));
        println!("{label} [{class}]: {} | {} of {} items, {time:.1?}", count.told(), learning.len(), all.len());
        for rule in rules.iter().filter(|_| self.is_told) {
            println!("   {} [{} in {}]", rule.told(), rule.knowledge.support, rule.knowledge.functions);
        }
        count
    }
}

/// Items of both texts that have the same name and hold one of the names before.
fn pairs_of(path: &str, (before, after): &(Vec<u8>, Vec<u8>), names: &[&str]) -> Vec<Pair> {
    let (old, new) = (items(before), items(after));
    let mut pairs = Vec::new();
    for item in &old.list {
        let text = &before[item.span.clone()];
        let is_code = !matches!(item.kind, ItemKind::Include | ItemKind::Conditional);
        if !is_code || !names.iter().any(|name| has_word(text, name.as_bytes())) {
            continue;
        }
        let same = |other: &&Item| other.kind == item.kind && other.identity(after) == item.identity(before);
        let Some(other) = new.list.iter().find(same) else { continue };
        let function = String::from_utf8_lossy(item.identity(before)).into_owned();
        let after = after[other.span.clone()].to_vec();
        pairs.push(Pair { path: path.to_owned(), function, before: text.to_vec(), after });
    }
    pairs
}

/// Whether a node with one of the names differs.
fn is_changed(pair: &Pair, names: &[&str]) -> bool {
    let mut terms = Terms::new();
    let read = ReadPair::read(&mut terms, &pair.before, &pair.after);
    let mut distances = Distances::default();
    names.iter().any(|n| uses(&terms, &mut distances, n.as_bytes(), (0, &read)).iter().any(|u| u.is_changed()))
}

/// Instances, variants, noise and data flow, as the head of this file says.
fn class_of(learning: &[Pair], names: &[&str], rules: &[Rule]) -> String {
    let (mut instances, mut noise) = (0, 0);
    for pair in learning.iter().filter(|pair| pair.before != pair.after) {
        let mut terms = Terms::new();
        let read = ReadPair::read(&mut terms, &pair.before, &pair.after);
        let mut distances = Distances::default();
        let mut nodes: Vec<usize> = Vec::new();
        for name in names {
            let found = uses(&terms, &mut distances, name.as_bytes(), (0, &read));
            nodes.extend(found.iter().filter(|u| u.is_changed()).map(|u| u.node));
        }
        let distinct: BTreeSet<usize> = nodes.iter().copied().collect();
        instances = instances.max(if distinct.len() < nodes.len() { 2 } else { usize::from(nodes.len() > 1) });
        let lines = |text: &[u8]| text.split(|c| *c == b'\n').map(<[u8]>::to_vec).collect::<BTreeSet<_>>();
        let (old, new) = (lines(&pair.before), lines(&pair.after));
        let gone = old.difference(&new).filter(|line| !names.iter().any(|name| has_word(line, name.as_bytes())));
        noise = noise.max(usize::from(gone.count() > 0));
    }
    let words = |rule: &Rule| rule.changes().first().map(|c| c.before.words()).unwrap_or_default();
    let is_part =
        |a: &Rule, b: &Rule| a != b && words(a).len() < words(b).len() && words(a).iter().all(|w| words(b).contains(w));
    let variants = match rules.len() {
        0 | 1 => 0,
        _ if rules.iter().any(|a| rules.iter().any(|b| is_part(a, b))) => 2,
        _ => 1,
    };
    let data = if rules.iter().any(|rule| !rule.metavariables.is_empty()) { 2 } else { 0 };
    format!("D{data} I{instances} V{variants} N{noise}")
}

/// How often it was right.
#[derive(Default)]
struct Count {
    expected: usize,
    right: usize,
    part: usize,
    wrong: usize,
    missed: usize,
    gone: usize,
    gone_made: usize,
}

impl Count {
    fn add(&mut self, other: &Self) {
        self.expected += other.expected;
        self.right += other.right;
        self.part += other.part;
        self.wrong += other.wrong;
        self.missed += other.missed;
        self.gone += other.gone;
        self.gone_made += other.gone_made;
    }

    fn told(&self) -> String {
        let Self { expected, right, part, wrong, missed, gone, gone_made } = self;
        let made = right + part + wrong;
        let share = |n: usize, of: usize| match of {
            0 => "-".to_owned(),
            _ => format!("{:.1}", 100.0 * n as f64 / of as f64),
        };
        format!(
            "expected {expected}, right {right}, part {part}, wrong {wrong}, missed {missed}, gone {gone} | precision {} (with part {}) recall {} | strict {} {}",
            share(*right, made),
            share(right + part, made),
            share(*right, *expected),
            share(*right, made + gone_made),
            share(*right, expected + gone)
        )
    }
}

/// What judging needs.
struct Judge<'a> {
    names: &'a [&'a str],
    new: Option<&'a [&'a str]>,
    rules: &'a [Rule],
    is_told: bool,
}

impl Judge<'_> {
    /// Applies the rules to one item and compares.
    fn check(&self, pair: &Pair, count: &mut Count) {
        let made = edited(&pair.before, &rewrite(&pair.before, self.rules, Where::Everywhere).edits);
        let mut terms = Terms::new();
        let truth = ReadPair::read(&mut terms, &pair.before, &pair.after);
        let ours = ReadPair::read(&mut terms, &pair.before, &made);
        let mut distances = Distances::default();
        let mut seen = BTreeSet::new();
        for name in self.names {
            let wanted = uses(&terms, &mut distances, name.as_bytes(), (0, &truth));
            let made = uses(&terms, &mut distances, name.as_bytes(), (0, &ours));
            for (want, our) in wanted.iter().zip(&made).filter(|(want, _)| seen.insert(want.node)) {
                let Some((before, made)) = our.levels.last().copied() else { continue };
                let after = want.levels.last().map(|level| level.1);
                let Some(verdict) = self.verdict((&mut terms, &mut distances), (before, made, after), &truth, count)
                else {
                    continue;
                };
                if let (true, Some(after)) = (self.is_told, after) {
                    let show = |id| print::text(&terms, id, &[]).chars().take(160).collect::<String>();
                    println!("  {verdict} {} {}", pair.path, pair.function);
                    println!("    before {}\n    made   {}\n    after  {}", show(before), show(made), show(after));
                }
            }
        }
    }

    /// What became of one node; told if it is not right.
    fn verdict(
        &self,
        (terms, distances): (&mut Terms, &mut Distances),
        (before, made, after): (TermId, TermId, Option<TermId>),
        truth: &ReadPair,
        count: &mut Count,
    ) -> Option<&'static str> {
        let has_name = |after| {
            let Some(new) = self.new else { return true };
            self.names.iter().chain(new).any(|n| terms.holds_word(after, n.as_bytes()))
        };
        let Some(after) = after.filter(|after| *after == before || has_name(*after)) else {
            count.gone += 1;
            count.gone_made += usize::from(after.is_some() && before != made);
            return None;
        };
        count.expected += usize::from(before != after);
        let mut between = |a, b| distances.between(terms, a, b);
        let is_part = between(before, made) + between(made, after) == between(before, after);
        match (before == made, before == after) {
            (true, true) => None,
            (true, false) => {
                count.missed += 1;
                Some("missed")
            }
            // What local variables are called is no part of the change.
            _ if made == after || made == told_as_before(terms, after, &truth.renames) => {
                count.right += 1;
                None
            }
            (false, false) if is_part => {
                count.part += 1;
                Some("part")
            }
            _ => {
                count.wrong += 1;
                Some("wrong")
            }
        }
    }
}
