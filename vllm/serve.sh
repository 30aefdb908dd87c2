#!/usr/bin/env bash
# Serves a Qwen model with tool calling for Ralph:  vllm/serve.sh [profile] [further vllm flags …]
#   one-24gb      one RTX 3090/4090 (24 GB): Qwen3.5-27B in 4 bits, 32k window   (default)
#   two-24gb      4090 + 3090, or two of either: Qwen3.5-27B-FP8, 128k window
#   one-32gb      one RTX 5090 (32 GB): Qwen3.5-27B in 4 bits, 96k window
#   one-48gb      one A6000 or L40S (48 GB): Qwen3.5-27B-FP8, 64k window
#   moe-24gb      Qwen3.5-35B-A3B in 4 bits, 24 GB, 32k window; moe-48gb the same in FP8, 42 GB or more
#   h100          one H100/H200: Qwen3.5-27B-FP8, 256k window
#   small-16gb    Qwen3.5-4B,  16 GB       small-24gb   Qwen3.5-9B, 24 GB
#   coder-48gb    Qwen3-Coder-30B-A3B-FP8, 40 GB or more: no thinking
#   qwen3-8b      Qwen3-8B, 24 GB: calls in Hermes JSON, its own template
# --print shows the command instead of running it. --watch ends vLLM when it hangs (requests running, no token made for
# five minutes, while /health still says 200), so that systemd can start it again.
# Environment: PORT (8000), HOST (127.0.0.1), MODEL (another checkpoint), NAME (name under which it is served),
# VLLM (the command; default: vllm), WATCH_SECONDS (60) and WATCH_STRIKES (5).
set -euo pipefail

# Older versions lose calls (before 0.24) or strip white space of arguments (before 0.26); newer ones have not been tried.
VLLM_VERSION="0.29"

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
print=false
watch=false
while [[ "${1:-}" == --print || "${1:-}" == --watch ]]; do
  if [[ "$1" == --print ]]; then print=true; else watch=true; fi
  shift
done
profile="${1:-one-24gb}"
if [[ $# -gt 0 ]]; then shift; fi

# Qwen3.5 and later, Qwen3-Coder: XML calls, our template, thinking parsed apart.
parser=qwen3_xml
template="$here/qwen3-tools.jinja"
thinking=true
gpu=()
environment=()

case "$profile" in
  one-24gb)
    model=Qwen/Qwen3.5-27B-GPTQ-Int4   # 17 GB of weights
    gpu=(
      --max-model-len 32768            # what is left of 24 GB holds 32k to 48k tokens
      --gpu-memory-utilization 0.92    # the rest is for the display and CUDA graphs
      --max-num-seqs 1                 # one session at a time: the whole cache is its own
      --kv-cache-dtype fp8_e4m3        # twice the window; 3-bit caches break JSON
    ) ;;
  two-24gb)
    model=Qwen/Qwen3.5-27B-FP8
    environment=(
      CUDA_DEVICE_ORDER=PCI_BUS_ID     # the order of nvidia-smi
      NCCL_P2P_DISABLE=1               # GeForce cards have no peer to peer; without this start-up hangs
      NCCL_CUMEM_ENABLE=0              # same
      VLLM_TEST_FORCE_FP8_MARLIN=1     # the same kernel on both: a 4090 (W8A8) and a 3090 (W8A16) drift apart otherwise
      OMP_NUM_THREADS=4                # two workers on a desktop CPU
    )
    gpu=(
      --tensor-parallel-size 2         # half of every layer on each card
      --disable-custom-all-reduce      # needs peer to peer
      --max-model-len 131072           # 219520 has been seen to fit without a display
      --gpu-memory-utilization 0.91
      --max-num-seqs 2                 # sessions come one by one; two for the doctor beside a run
      --max-num-batched-tokens 8192    # prefill in pieces that fit beside the cache
      --kv-cache-dtype fp8             # twice the window
    ) ;;
  one-32gb)
    model=Qwen/Qwen3.5-27B-GPTQ-Int4   # 17 GB of weights
    gpu=(
      --max-model-len 98304            # about three times the cache of the 24 GB card
      --gpu-memory-utilization 0.92
      --max-num-seqs 2                 # a session, and the doctor beside it
      --kv-cache-dtype fp8_e4m3        # twice the window
    ) ;;
  one-48gb)
    model=Qwen/Qwen3.5-27B-FP8         # 33 GB with what it needs at run time
    gpu=(
      --max-model-len 65536
      --gpu-memory-utilization 0.92
      --max-num-seqs 2
      --kv-cache-dtype fp8             # twice the window
    ) ;;
  moe-24gb)
    model=Qwen/Qwen3.5-35B-A3B-GPTQ-Int4 # 3 of 35 billion parameters per token: fast, and a little less sure of itself
    gpu=(--max-model-len 32768 --gpu-memory-utilization 0.94 --max-num-seqs 1 --kv-cache-dtype fp8_e4m3) ;;
  moe-48gb)
    model=Qwen/Qwen3.5-35B-A3B-FP8     # 42 GB or more
    gpu=(--max-model-len 65536 --gpu-memory-utilization 0.94 --max-num-seqs 2 --kv-cache-dtype fp8) ;;
  h100)
    model=Qwen/Qwen3.5-27B-FP8
    gpu=(
      --max-model-len 262144           # the model's own limit
      --gpu-memory-utilization 0.92
      --max-num-seqs 8                 # room for several runs
    ) ;;
  small-16gb)
    model=Qwen/Qwen3.5-4B
    gpu=(--max-model-len 32768 --gpu-memory-utilization 0.90 --max-num-seqs 2) ;;
  small-24gb)
    model=Qwen/Qwen3.5-9B
    gpu=(--max-model-len 49152 --gpu-memory-utilization 0.92 --max-num-seqs 2) ;;
  coder-48gb)
    model=Qwen/Qwen3-Coder-30B-A3B-Instruct-FP8
    thinking=none                      # it has no thinking tags
    gpu=(--max-model-len 131072 --gpu-memory-utilization 0.92 --max-num-seqs 2) ;;
  qwen3-8b)
    model=Qwen/Qwen3-8B
    parser=hermes                      # Qwen3 writes its calls as JSON; with qwen3_xml they would stay in the text
    template=""                        # its own template prints calls as JSON too
    gpu=(--max-model-len 32768 --gpu-memory-utilization 0.92 --max-num-seqs 2) ;;
  -h | --help)
    sed -n '2,15p' "${BASH_SOURCE[0]}"; exit 0 ;;
  *)
    echo "no profile \"$profile\"; profiles: one-24gb two-24gb one-32gb one-48gb moe-24gb moe-48gb h100 small-16gb small-24gb coder-48gb qwen3-8b" >&2; exit 2 ;;
esac

model="${MODEL:-$model}"
common=(
  --host "${HOST:-127.0.0.1}" --port "${PORT:-8000}"
  --served-model-name "${NAME:-${model##*/}}"  # a name without the path
  --enable-auto-tool-choice            # without it no call is ever parsed
  --tool-call-parser "$parser"         # qwen3_xml and qwen3_coder are the same code since 0.24
  --enable-prefix-caching              # a session sends its whole history each turn; 95% of it is served from the cache
  --enable-prompt-tokens-details       # usage then says how much came from the cache
  --language-model-only                # no image encoder: memory for the window
)
# Speculative decoding (MTP, ngram) is left out on purpose: together with the prefix cache it corrupts calls until a restart.
[[ "$model" == Qwen/Qwen3-* ]] && common=("${common[@]/--language-model-only/}")
[[ -n "$template" ]] && common+=(--chat-template "$template")
case "$thinking" in
  true) common+=(--reasoning-parser qwen3) ;;     # not optional on 3.5 and later: thinking would land in the text
  none) common+=(--default-chat-template-kwargs '{"thinking_tags": false}') ;;
esac

arguments=()
for argument in serve "$model" "${common[@]}" "${gpu[@]}" "$@"; do
  [[ -n "$argument" ]] && arguments+=("$argument")
done
vllm="${VLLM:-vllm}"

if $print; then
  printf '%s ' "${environment[@]+"${environment[@]}"}" "$vllm"
  printf '%q ' "${arguments[@]}"
  echo
  exit 0
fi

if ! command -v "$vllm" > /dev/null; then
  echo "vllm is not installed; in a fresh virtual environment: pip install 'vllm==$VLLM_VERSION.*'" >&2
  exit 1
fi
installed="$("$vllm" --version 2> /dev/null | grep -oE '[0-9]+\.[0-9]+' | head -1 || true)"
if [[ -n "$installed" && "$installed" != "$VLLM_VERSION" ]]; then
  echo "vllm $installed is installed, $VLLM_VERSION is what this was written for; run 'npm run doctor' once it is up" >&2
fi
if ! $watch; then
  exec env "${environment[@]+"${environment[@]}"}" "$vllm" "${arguments[@]}"
fi

env "${environment[@]+"${environment[@]}"}" "$vllm" "${arguments[@]}" &
server=$!
trap 'kill "$server" 2> /dev/null; wait "$server"; exit' INT TERM

# Sum of a counter over its labels; nothing while the server is still loading.
metric() { awk -v name="^vllm:$1({| )" '$0 ~ name { sum += $NF; seen = 1 } END { if (seen) printf "%d", sum }' <<< "$metrics"; }

strikes=0
before=""
while kill -0 "$server" 2> /dev/null; do
  sleep "${WATCH_SECONDS:-60}" & wait $! || true
  metrics="$(curl -s -m 10 "http://${HOST:-127.0.0.1}:${PORT:-8000}/metrics" || true)"
  running="$(metric num_requests_running)"
  made="$(metric generation_tokens_total)"
  if [[ -n "$made" && "${running:-0}" -gt 0 && "$made" == "$before" ]]; then strikes=$((strikes + 1)); else strikes=0; fi
  before="$made"
  if ((strikes >= ${WATCH_STRIKES:-5})); then
    echo "vLLM hangs: $running requests running, still $made tokens made; ending it" >&2
    kill -KILL "$server" 2> /dev/null || true
    exit 1
  fi
done
wait "$server"
