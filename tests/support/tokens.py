#!/usr/bin/env python3
"""How good is the estimate of tokens (src/llm/estimate.rs)? Compares it with real vocabularies, which the litellm package ships.

Usage: tokens.py KERNEL-REPOSITORY [TAG]      with the python of support/litellm.sh's venv
"""

import os
import re
import subprocess
import sys

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
import litellm.litellm_core_utils.tokenizers as shipped  # noqa: E402

folder = os.path.dirname(shipped.__file__)
os.environ["TIKTOKEN_CACHE_DIR"] = folder
import tiktoken  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

RUN = re.compile(rb"[A-Za-z]+|[0-9]+|(.)\1*", re.S)


def estimate(text):
    """The same as tokens_of()."""
    tokens = 0
    for run in RUN.finditer(text.encode()):
        length, first = len(run.group()), run.group()[:1]
        if first.isalpha():
            tokens += -(-length // 4)
        elif first == b" ":
            tokens += 0 if length == 1 else -(-length // 8)
        elif first.isdigit() or not b"!" <= first <= b"~":
            tokens += length
        else:
            tokens += -(-length // 2)
    return tokens


def pieces(repository, tag):
    """Every so-maniest file of a kernel, cut into 8 KB."""
    git = ["git", "-C", repository]
    names = subprocess.check_output([*git, "ls-tree", "-r", "--name-only", tag]).decode(errors="replace").splitlines()
    names = [n for n in names if n.endswith((".c", ".h", ".dts", ".S")) or "/Kconfig" in n]
    for name in names[:: len(names) // 400]:
        text = subprocess.check_output([*git, "cat-file", "-p", f"{tag}:{name}"]).decode(errors="replace")
        for at in range(0, min(len(text), 40000), 8000):
            if len(text[at : at + 8000]) >= 200:
                yield text[at : at + 8000]


claude = Tokenizer.from_str(open(f"{folder}/anthropic_tokenizer.json").read())
vocabularies = {name: tiktoken.get_encoding(name).encode_ordinary for name in ["cl100k_base", "o200k_base"]}
vocabularies["claude 2"] = lambda text: claude.encode(text).ids
texts = list(pieces(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "v6.1"))
ours = [estimate(text) for text in texts]
for name, encode in vocabularies.items():
    true = [len(encode(text)) for text in texts]
    few = sum(o < t for o, t in zip(ours, true))
    worst = max(t / o for o, t in zip(ours, true))
    print(f"{name}: {len(texts)} pieces, {sum(map(len, texts)) / sum(true):.2f} characters a token,", end=" ")
    print(f"estimate/true {sum(ours) / sum(true):.2f}, too few on {few}, at worst true/estimate {worst:.2f}")
