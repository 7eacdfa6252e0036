#!/usr/bin/env bash
# The model's door against a real server: LiteLLM's proxy on 127.0.0.1, with a master key, mock answers and a mock rate limit, in
# both dialects. Not in CI: it installs `litellm[proxy]` from PyPI into a venv below $KMIGRATE_LITELLM (kept for the next time).
# Usage: litellm.sh [PROGRAM], an `ask` of examples/ask.rs; without it, cargo builds one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${KMIGRATE_LITELLM:-${XDG_CACHE_HOME:-$HOME/.cache}/kmigrate-litellm}
ask=${1:-}
mkdir -p "$cache"

say() { printf '\n== %s\n' "$*"; }

if ! [ -x "$cache/venv/bin/litellm" ]; then
    say 'installing litellm[proxy]'
    python3 -m venv "$cache/venv"
    "$cache/venv/bin/pip" install --quiet 'litellm[proxy]'
fi
if [ -z "$ask" ]; then
    say 'building the example'
    (cd "$here" && cargo build --quiet --example ask)
    target=$(cd "$here" && cargo metadata --format-version 1 --no-deps | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
    ask=$target/debug/examples/ask
fi

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export LITELLM_MASTER_KEY=sk-of-the-mock-proxy-$RANDOM$RANDOM
cat >"$work/proxy.yaml" <<'YAML'
model_list:
  - model_name: mock-good
    litellm_params: {model: openai/mock, api_key: none, mock_response: "int answer = 42;"}
  - model_name: mock-good-anthropic
    litellm_params: {model: anthropic/mock, api_key: none, mock_response: "int answer = 42;"}
  - model_name: mock-limited
    litellm_params: {model: openai/mock, api_key: none, mock_response: "litellm.RateLimitError"}
  - model_name: mock-broken
    litellm_params: {model: openai/mock, api_key: none, mock_response: "litellm.InternalServerError"}
  - model_name: mock-long
    litellm_params: {model: openai/mock, api_key: none, mock_response: "litellm.ContextWindowExceededError"}
litellm_settings: {num_retries: 0}
router_settings: {disable_cooldowns: true, num_retries: 0}
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
  dangerously_allow_mock_testing_request_params: true
YAML

say "starting the proxy ($("$cache/venv/bin/pip" show litellm 2>/dev/null | sed -n "s/^Version: //p")) on 127.0.0.1:$port"
LITELLM_LOCAL_MODEL_COST_MAP=True NO_DOCS=True "$cache/venv/bin/litellm" --config "$work/proxy.yaml" --host 127.0.0.1 --port "$port" \
    --telemetry False >"$work/log" 2>&1 &
server=$!
for _ in $(seq 120); do
    python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/health/liveliness')" 2>/dev/null && break
    kill -0 "$server" 2>/dev/null || { cat "$work/log"; exit 1; }
    sleep 0.5
done

# A config of our own; a proxy in the environment that nothing may go through, since 127.0.0.1 is this machine.
export GIT_CONFIG_GLOBAL=$work/gitconfig GIT_CONFIG_NOSYSTEM=1
export http_proxy=http://127.0.0.1:1 HTTP_PROXY=http://127.0.0.1:1
cd "$work"
model() { # NAME KIND MODEL, then more settings
    git config --global "kmigrate.model.$1.kind" "$2"
    git config --global "kmigrate.model.$1.url" "http://127.0.0.1:$port"
    git config --global "kmigrate.model.$1.model" "$3"
    git config --global "kmigrate.model.$1.keyEnv" LITELLM_MASTER_KEY
}
passed=0 failed=0
expect() { # WHAT PATTERN NAME: asks two questions
    local said
    said=$("$ask" "$3" 'first question' 'second question' 2>&1) || true
    if grep -q -- "$2" <<<"$said" && ! grep -qF -- "$LITELLM_MASTER_KEY" <<<"$said"; then
        passed=$((passed + 1)) && printf 'ok      %s\n' "$1"
    else
        failed=$((failed + 1)) && printf 'FAILED  %s: expected %s\n' "$1" "$2"
    fi
    sed 's/^/        /' <<<"$said"
}

say 'asking'
for kind in openai anthropic; do
    model "good-$kind" "$kind" mock-good
    expect "$kind: an answer" 'int answer = 42;.*Whole.*prompt: [1-9]' "good-$kind"
    model "good2-$kind" "$kind" mock-good-anthropic
    expect "$kind, a model of the other kind behind it: an answer" 'int answer = 42;' "good2-$kind"
    model "limited-$kind" "$kind" mock-limited
    expect "$kind: rate limited" 'rate limited (429) after 6 attempts' "limited-$kind"
    model "broken-$kind" "$kind" mock-broken
    expect "$kind: server error" 'server error (500) after 6 attempts' "broken-$kind"
    model "long-$kind" "$kind" mock-long
    expect "$kind: too long for the model" 'rejected (400)' "long-$kind"
    model "none-$kind" "$kind" no-such-model
    expect "$kind: no such model" 'rejected (4' "none-$kind"
    model "keyless-$kind" "$kind" mock-good
    git config --global "kmigrate.model.keyless-$kind.keyCommand" 'echo sk-a-wrong-key-0815'
    git config --global --unset "kmigrate.model.keyless-$kind.keyEnv"
    expect "$kind: a wrong key" 'rejected (40' "keyless-$kind"
done
model several openai mock-good
git config --global kmigrate.model.several.n 2
expect 'openai: two samples' 'int answer.*int answer' several
model sudden openai mock-good
git config --global kmigrate.model.sudden.body '{"mock_testing_rate_limit_error": true}'
expect 'openai: the mock rate limit of a request' 'rate limited (429)' sudden
printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
