//! What a call leaves behind, as far as its name tells: something that has to be given back, nothing, or nobody knows. In: the name of a
//! function. Out: whether it is known to be of a kind; a name that is in no list is known for nothing.

use bstr::ByteSlice;

/// Parts of names of functions that take something which has to be given back.
const TAKES: [&str; 50] = [
    "alloc", "kcalloc", "dup", "asprintf", "get", "lock", "trylock", "request", "enable", "register", "create", "open",
    "map", "ioremap", "prepare", "add", "start", "init", "hold", "enter", "disable", "stop", "down", "save", "begin",
    "inc", "park", "suspend", "freeze", "block", "pause", "claim", "acquire", "grab", "pin", "attach", "bind",
    "connect", "reserve", "insert", "push", "kmap", "assert", "deassert", "on", "up", "activate", "setup", "boot",
    "load",
];

/// Parts of names of functions that give something back.
const GIVES: [&str; 16] = [
    "free",
    "kfree",
    "kvfree",
    "vfree",
    "put",
    "unlock",
    "release",
    "unregister",
    "destroy",
    "close",
    "unmap",
    "iounmap",
    "unprepare",
    "del",
    "remove",
    "exit",
];

/// Parts of names that undo each other; which of them comes first is the function's own matter.
const OPPOSITES: [(&str, &str); 38] = [
    ("enable", "disable"),
    ("save", "restore"),
    ("down", "up"),
    ("begin", "end"),
    ("start", "stop"),
    ("start", "end"),
    ("start", "finish"),
    ("stop", "wake"),
    ("get", "put"),
    ("lock", "unlock"),
    ("inc", "dec"),
    ("park", "unpark"),
    ("suspend", "resume"),
    ("pause", "resume"),
    ("pause", "unpause"),
    ("freeze", "unfreeze"),
    ("freeze", "thaw"),
    ("block", "unblock"),
    ("mask", "unmask"),
    ("add", "del"),
    ("add", "remove"),
    ("insert", "remove"),
    ("register", "unregister"),
    ("create", "destroy"),
    ("open", "close"),
    ("map", "unmap"),
    ("attach", "detach"),
    ("bind", "unbind"),
    ("connect", "disconnect"),
    ("set", "clear"),
    ("hold", "release"),
    ("claim", "release"),
    ("acquire", "release"),
    ("request", "release"),
    ("push", "pop"),
    ("enter", "exit"),
    ("assert", "deassert"),
    ("on", "off"),
];

/// Beginnings of names of calls that leave nothing behind: they tell, wait, write memory or a register, or set up what is the caller's.
const HARMLESS: [&str; 67] = [
    "dev_dbg",
    "dev_info",
    "dev_notice",
    "dev_warn",
    "dev_err",
    "dev_crit",
    "pr_",
    "printk",
    "netdev_dbg",
    "netdev_info",
    "netdev_warn",
    "netdev_err",
    "netif_dbg",
    "netif_info",
    "netif_warn",
    "netif_err",
    "drm_dbg",
    "drm_info",
    "drm_warn",
    "drm_err",
    "DRM_DEBUG",
    "DRM_INFO",
    "DRM_ERROR",
    "WARN",
    "BUG",
    "BUILD_BUG",
    "trace_",
    "memset",
    "memcpy",
    "memmove",
    "memzero",
    "strscpy",
    "strcpy",
    "strncpy",
    "strlcpy",
    "strcat",
    "strlcat",
    "sprintf",
    "snprintf",
    "scnprintf",
    "vsnprintf",
    "seq_p",
    "bitmap_zero",
    "bitmap_fill",
    "cpu_to_",
    "put_unaligned",
    "INIT_LIST_HEAD",
    "INIT_HLIST_HEAD",
    "INIT_WORK",
    "INIT_DELAYED_WORK",
    "init_completion",
    "init_waitqueue_head",
    "mutex_init",
    "spin_lock_init",
    "raw_spin_lock_init",
    "rwlock_init",
    "sema_init",
    "might_sleep",
    "lockdep_assert",
    "msleep",
    "ssleep",
    "fsleep",
    "usleep_range",
    "udelay",
    "ndelay",
    "mdelay",
    "cond_resched",
];

/// Ends of such names.
const HARMLESS_ENDS: [&str; 5] = ["_set_drvdata", "_set_clientdata", "_set_intfdata", "_set_platdata", "mb"];

/// Ends of names that only look.
const LOOKS: [&str; 10] = [
    "_drvdata",
    "_clientdata",
    "_platdata",
    "_get_irq",
    "_get_resource",
    "_get_name",
    "_get_rate",
    "init_waitqueue_head",
    "_lock_init",
    "init_completion",
];

/// Those that take nothing when given NULL.
const TAKES_NULL: [&str; 6] = ["kfree", "kvfree", "vfree", "kfree_sensitive", "kfree_skb", "of_node_put"];

/// Parts of names of functions that undo what was done to a thing, and not what gave it: `clk_disable_unprepare` is not for what `clk_get` gave.
const UNDOES: [&str; 12] = [
    "disable",
    "unprepare",
    "stop",
    "detach",
    "unregister",
    "del",
    "remove",
    "disconnect",
    "unbind",
    "unlock",
    "exit",
    "cancel",
];

/// Does it take something which has to be given back?
pub fn takes(name: &[u8]) -> bool {
    has_part(name, &TAKES) && !gives(name)
}

/// Does it give something back?
pub fn gives(name: &[u8]) -> bool {
    has_part(name, &GIVES)
}

/// Does it give back what was got, and does not only undo what was done to it?
pub fn gives_what_was_got(name: &[u8]) -> bool {
    gives(name) && !has_part(name, &UNDOES)
}

/// Does it do nothing when given NULL?
pub fn takes_null(name: &[u8]) -> bool {
    TAKES_NULL.iter().any(|known| known.as_bytes() == name)
}

/// Is what it takes given back when the device goes?
pub fn is_managed(name: &[u8]) -> bool {
    [&b"devm_"[..], b"drmm_", b"pcim_"].iter().any(|start| name.starts_with(start))
}

/// Does a function only look at something?
pub fn is_look(name: &[u8]) -> bool {
    LOOKS.iter().any(|end| name.ends_with(end.as_bytes()))
}

/// Does a call that stands as a statement leave nothing behind?
pub fn is_harmless(name: &[u8]) -> bool {
    HARMLESS.iter().any(|start| name.starts_with(start.as_bytes()))
        || HARMLESS_ENDS.iter().any(|end| name.ends_with(end.as_bytes()))
        || is_register_write(name)
}

/// `writel`, `iowrite32`, `__raw_writeb`, with what may stand behind.
fn is_register_write(name: &[u8]) -> bool {
    let name = name.strip_prefix(b"__raw_").unwrap_or(name);
    name.starts_with(b"iowrite")
        || [&b"writeb"[..], b"writew", b"writel", b"writeq"]
            .iter()
            .any(|write| name.strip_prefix(*write).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"_")))
}

/// Is one name the other one with a part that is the opposite: `preempt_disable`, `preempt_enable`?
pub fn is_opposite(one: &[u8], other: &[u8]) -> bool {
    let (one, other): (Vec<&[u8]>, Vec<&[u8]>) = (one.split_str("_").collect(), other.split_str("_").collect());
    let mut differing = one.iter().zip(&other).filter(|(one, other)| one != other);
    let (Some((one_part, other_part)), None) = (differing.next(), differing.next()) else { return false };
    one.len() == other.len()
        && OPPOSITES.iter().any(|(a, b)| {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            (*one_part, *other_part) == (a, b) || (*one_part, *other_part) == (b, a)
        })
}

/// Has a name one of these among its parts between underscores?
fn has_part(name: &[u8], parts: &[&str]) -> bool {
    name.split(|c| *c == b'_').any(|part| {
        parts.iter().any(|word| {
            let word = word.as_bytes();
            // kzalloc, kmalloc, vmalloc: the last part of the word tells.
            part == word || matches!(word, b"alloc" | b"dup" | b"asprintf" | b"lock") && part.ends_with(word)
        })
    })
}
