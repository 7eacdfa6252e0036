//! The kernel's own build, asked from outside: how a tree is configured, and which objects a configuration builds.
//!
//! `make drivers/x.o` compiles a file that is not enabled, too, as long as its folder is: without its options set it may fail, or pass,
//! for reasons that are nobody's. So each folder's Makefile is asked first, by make itself, with the configuration: is the object in
//! one of its lists, and is the folder in its parent's?
//!
//! ```text
//!   drivers/net/foo.o    drivers/net/Makefile: foo.o in obj-y obj-m lib-y, or in foo-objs foo-y of one of those
//!   drivers/net/         drivers/Makefile:     net/ in obj-y, obj-m          ... up to the top
//! ```

use super::program::{End, Shell};
use crate::error::{Error, Result, io};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Asks a folder's Makefile for its objects and folders; run where the configuration lies.
const QUERY: &str = "\
-include $(KM_OUT)/.config
srctree := .
objtree := $(KM_OUT)
obj := $(KM_FOLDER)
src := $(KM_FOLDER)
include $(KM_FILE)
km-all := $(obj-y) $(obj-m) $(lib-y) $(lib-m) $(subdir-y) $(subdir-m)
km-parts = $(1) $($(1:.o=-objs)) $($(1:.o=-y)) $($(1:.o=-m))
$(info km: $(foreach one,$(km-all),$(if $(filter %.o,$(one)),$(call km-parts,$(one)),$(one))))
km-nothing: ; @:
.PHONY: km-nothing
.DEFAULT_GOAL := km-nothing
";

/// The build of one kernel: its folder for objects, its configuration.
#[derive(Debug)]
pub struct Kbuild {
    /// The folder for objects, below the tree, so that paths in it are relative and the same in every run.
    out: String,
    /// The configuration that was given; none: `make defconfig`.
    config: Option<PathBuf>,
    /// What the Makefile of a folder lists.
    lists: BTreeMap<String, Option<Vec<String>>>,
}

/// Is this the tree of a kernel?
pub fn is_kernel(root: &Path) -> bool {
    ["Kconfig", "Makefile", "scripts/Makefile.build", "scripts/kconfig"].iter().all(|path| root.join(path).exists())
}

/// What the environment of make says beside what the user's does.
pub fn variables(out: &str, config: Option<&Path>) -> Vec<(&'static str, OsString)> {
    let mut all = vec![
        ("KBUILD_OUTPUT", out.into()),
        // The same object for the same source: for ccache, and for whoever compares.
        ("KBUILD_BUILD_TIMESTAMP", "Thu Jan  1 00:00:00 UTC 1970".into()),
        ("KBUILD_BUILD_USER", "kmigrate".into()),
        ("KBUILD_BUILD_HOST", "kmigrate".into()),
    ];
    if std::env::var_os("ARCH").is_none()
        && let Some(arch) = config.and_then(|file| fs::read(file).ok()).and_then(|text| architecture(&text))
    {
        all.push(("ARCH", arch.into()));
    }
    all
}

/// The architecture that a configuration names in its head: `# Linux/arm64 6.12.0 Kernel Configuration`.
fn architecture(config: &[u8]) -> Option<String> {
    let head = config.split(|c| *c == b'\n').take(5).find_map(|line| line.strip_prefix(b"# Linux/"))?;
    let arch: Vec<u8> = head.iter().copied().take_while(|c| c.is_ascii_alphanumeric() || *c == b'_').collect();
    String::from_utf8(arch).ok().filter(|arch| !arch.is_empty())
}

impl Kbuild {
    /// With objects in a folder `out` of the tree.
    pub fn new(out: &str, config: Option<&Path>) -> Self {
        Self { out: out.to_owned(), config: config.map(Path::to_owned), lists: BTreeMap::new() }
    }

    /// Makes the configuration, or makes it fit the tree as it is now. Why not, if it cannot be.
    ///
    /// # Errors
    /// The disk.
    pub fn configure(&mut self, shell: &mut Shell) -> Result<std::result::Result<(), String>> {
        self.lists.clear();
        let out = shell.dir.join(&self.out);
        fs::create_dir_all(&out).map_err(io(out.display()))?;
        let has = out.join(".config").exists();
        // Anew each time: options that a tree does not know yet are dropped from what was made of it.
        if let Some(config) = &self.config {
            fs::copy(config, out.join(".config")).map_err(|e| Error::fatal(format!("{}: {e}", config.display())))?;
        }
        let target = if has || self.config.is_some() { "olddefconfig" } else { "defconfig" };
        let said = shell.run(&format!("make {target}"))?;
        if said.end == End::Well {
            return Ok(Ok(()));
        }
        let text = String::from_utf8_lossy(&said.output).into_owned();
        let last = text.lines().rev().find(|line| !line.trim().is_empty() && !line.starts_with("make")).unwrap_or("");
        Ok(Err(format!("make {target} failed: {}", last.trim())))
    }

    /// What the Makefiles say may have changed.
    pub fn forget(&mut self) {
        self.lists.clear();
    }

    /// Was the object made?
    pub fn has_made(&self, shell: &Shell, target: &str) -> bool {
        self.place(shell, target).exists()
    }

    /// Where an object is made.
    pub fn place(&self, shell: &Shell, target: &str) -> PathBuf {
        shell.dir.join(&self.out).join(target)
    }

    /// Was a header read when an object was made? Kbuild keeps what the compiler says of that beside the object, in `.name.o.cmd`.
    pub fn has_read(&self, shell: &Shell, (target, header): (&str, &str)) -> bool {
        let (folder, name) = target.rsplit_once('/').unwrap_or((".", target));
        let told = fs::read(shell.dir.join(&self.out).join(folder).join(format!(".{name}.cmd"))).unwrap_or_default();
        let mut paths = told.split(|c| c.is_ascii_whitespace());
        paths.any(|path| {
            path.strip_suffix(header.as_bytes()).is_some_and(|before| before.is_empty() || before == b"../")
        })
    }

    /// Why an object is not built with this configuration; `None`: it is.
    ///
    /// # Errors
    /// There is no shell.
    pub fn why_not(&mut self, shell: &mut Shell, target: &str) -> Result<Option<String>> {
        let mut name = target.to_owned();
        let mut folder = above(&name);
        loop {
            let Some(file) = makefile(&shell.dir, &folder) else {
                match folder.is_empty() {
                    true => return Ok(None),
                    false => folder = above(&folder),
                }
                continue;
            };
            let inside = name.strip_prefix(&folder).unwrap_or(&name).trim_start_matches('/').to_owned();
            let list = self.list(shell, (&folder, &file))?;
            // Who cannot be asked may well build it; make will say.
            let listed = list.as_ref().is_none_or(|list| is_listed(list, &inside, folder.is_empty()));
            if !listed {
                let option = fs::read(shell.dir.join(&file)).ok().and_then(|text| option_of(&text, &inside));
                let because = option.map(|option| format!(" ({option})")).unwrap_or_default();
                return Ok(Some(format!("{file} does not list {inside} with this configuration{because}")));
            }
            if folder.is_empty() {
                return Ok(None);
            }
            name = format!("{folder}/");
            folder = above(&folder);
        }
    }

    fn list(&mut self, shell: &mut Shell, (folder, file): (&str, &str)) -> Result<Option<Vec<String>>> {
        if let Some(list) = self.lists.get(folder) {
            return Ok(list.clone());
        }
        let query = shell.dir.join(&self.out).join(".km-query.mk");
        fs::write(&query, QUERY).map_err(io(query.display()))?;
        let (out, arch) = (&self.out, "$(uname -m | sed -e s/i.86/x86/ -e s/x86_64/x86/ -e s/aarch64/arm64/)");
        let line = format!(
            "a=${{ARCH:-{arch}}}; case $a in x86_64|i386) a=x86;; esac; \
             make -s --no-print-directory -f {out}/.km-query.mk KM_OUT={out} KM_FOLDER={folder} KM_FILE={file} \
             SRCARCH=$a ARCH=$a 2>/dev/null"
        );
        let said = shell.run(&line)?;
        let text = String::from_utf8_lossy(&said.output).into_owned();
        let list = text.lines().find_map(|line| line.strip_prefix("km:"));
        let list = list.map(|list| list.split_whitespace().map(str::to_owned).collect());
        self.lists.insert(folder.to_owned(), list.clone());
        Ok(list)
    }
}

/// Is an object or a folder in a list? Older kernels name the folders of the top in their Makefile, which cannot be asked.
fn is_listed(list: &[String], inside: &str, is_top: bool) -> bool {
    let plain = |one: &str| one.trim_start_matches("./").trim_end_matches('/').to_owned();
    let is_it = |one: &String| plain(one) == plain(inside);
    list.iter().any(is_it) || is_top && !list.iter().any(|one| one.ends_with('/'))
}

/// The folder above a path; of one at the top, the empty one.
fn above(path: &str) -> String {
    path.trim_end_matches('/').rsplit_once('/').map(|(dir, _)| dir.to_owned()).unwrap_or_default()
}

/// What Kbuild reads in a folder.
fn makefile(root: &Path, folder: &str) -> Option<String> {
    let path = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    // The Makefile of the top is another thing.
    let names: &[&str] = if folder.is_empty() { &["Kbuild"] } else { &["Kbuild", "Makefile"] };
    names.iter().map(|name| path(name)).find(|path| root.join(path).is_file())
}

/// The option that a Makefile hangs an object or a folder on, as far as one line tells.
fn option_of(makefile: &[u8], inside: &str) -> Option<String> {
    let text = String::from_utf8_lossy(makefile);
    let inside = inside.trim_end_matches('/');
    let line = text.lines().find(|line| {
        let names = line.split_once('=').map(|(_, names)| names).unwrap_or_default();
        names.split_whitespace().any(|name| name.trim_end_matches('/') == inside)
    })?;
    let start = line.find("CONFIG_")?;
    let option = line[start..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
    Some(option.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::program::Guard;

    #[test]
    fn the_head_of_a_configuration_names_its_architecture() {
        let head = b"#\n# Automatically generated file; DO NOT EDIT.\n# Linux/arm64 6.12.0 Kernel Configuration\n#\n";
        assert_eq!(architecture(head).as_deref(), Some("arm64"));
        assert_eq!(architecture(b"CONFIG_X=y\n"), None);
    }

    #[test]
    fn a_makefile_is_asked_by_make_itself_with_the_configuration() {
        let dir = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let at = dir.path().join(path);
            fs::create_dir_all(at.parent().expect("inside")).expect("folders");
            fs::write(at, text).expect("a file");
        };
        write("out/.config", "CONFIG_NET=y\nCONFIG_ACME=m\n# CONFIG_OFF is not set\n");
        write("Kbuild", "obj-y += drivers/\n");
        write("drivers/Makefile", "obj-$(CONFIG_NET) += net/\nobj-$(CONFIG_OFF) += off/\n");
        let net = "obj-$(CONFIG_ACME) += acme.o\nacme-y := a.o sub/b.o\nacme-$(CONFIG_OFF) += c.o\nifeq ($(CONFIG_NET),y)\nobj-y += d.o\nendif\n";
        write("drivers/net/Makefile", net);
        write("drivers/off/Makefile", "obj-y += e.o\n");
        let guard = Guard::over(&dir.path().join("none")).expect("a shell");
        let mut shell = Shell { dir: dir.path().to_owned(), variables: Vec::new(), timeout: None, guard };
        if shell.run("command -v make").expect("a shell").end != End::Well {
            eprintln!("skipped: there is no make");
            return;
        }
        let mut kbuild = Kbuild::new("out", None);
        let mut why = |target: &str| kbuild.why_not(&mut shell, target).expect("a shell");
        for built in ["drivers/net/a.o", "drivers/net/sub/b.o", "drivers/net/d.o"] {
            assert_eq!(why(built), None, "{built}");
        }
        let off = why("drivers/net/c.o").expect("it is not built");
        assert_eq!(off, "drivers/net/Makefile does not list c.o with this configuration (CONFIG_OFF)");
        let off = why("drivers/off/e.o").expect("its folder is not built");
        assert_eq!(off, "drivers/Makefile does not list off/ with this configuration (CONFIG_OFF)");
        assert!(why("arch/arm/a.o").expect("no list has it").starts_with("Kbuild does not list arch/arm"));
    }
}
