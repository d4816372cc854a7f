#!/usr/bin/env bash
# Runs the published bench on a machine with an NVIDIA driver, CUDA and cuDNN 9; needs no network: run.sh [options of the bench].
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly provider=libonnxruntime_providers_cuda.so

# unpack <xz file> <result>: with whatever this machine has.
unpack() {
  if command -v xz >/dev/null; then xz -dc "$1" > "$2"; return; fi
  python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), open(sys.argv[2], "wb"))' "$1" "$2"
}

# Libraries that were too large to carry whole.
for first in *.part-000; do
  [ -e "$first" ] || continue
  whole=${first%.part-000}
  [ -f "$whole" ] && continue
  cat "$whole".part-* > "$whole.new"
  case "$whole" in
    *.xz) unpack "$whole.new" "${whole%.xz}.new" && mv "${whole%.xz}.new" "${whole%.xz}" && rm "$whole.new" && touch "$whole" ;;
    *) mv "$whole.new" "$whole" ;;
  esac
done

# CUDA and cuDNN: where the system has them, else those that a Python package of them (as PyTorch brings) left in site-packages.
cuda_folders() {
  local root
  for root in /usr/local/cuda/lib64 /usr/local/cuda*/lib64 /usr/lib/x86_64-linux-gnu; do
    [ -d "$root" ] && echo "$root"
  done
  command -v python3 >/dev/null || return 0
  python3 - <<'EOT' 2>/dev/null || true
import glob, os, site, sys
roots = set(site.getsitepackages() + [site.getusersitepackages()] + [p for p in sys.path if p.endswith("-packages")])
for root in sorted(roots):
    for library in glob.glob(os.path.join(root, "nvidia", "*", "lib")) + glob.glob(os.path.join(root, "torch", "lib")):
        print(library)
EOT
}
LD_LIBRARY_PATH=$(cuda_folders | paste -sd:)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export LD_LIBRARY_PATH

if command -v nvidia-smi >/dev/null; then
  GPU_NAME=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -1 || true)
  export GPU_NAME
fi
if [[ " $* " != *" --cpu "* ]]; then
  [ -f "$provider" ] || { echo "There is no $provider beside this script: publish with it (publish.sh without --without-cuda)." >&2; exit 1; }
  if missing=$(ldd "$provider" 2>/dev/null | grep 'not found'); then
    echo "Libraries that $provider needs and this machine lacks:" >&2
    echo "$missing" >&2
    exit 1
  fi
fi
chmod +x FastScnn.GpuBench
if [[ " $* " == *" --cpu "* ]] || ! python3 -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
  exec ./FastScnn.GpuBench "$@"
fi
# PyTorch scores the same image afterwards; nothing else uses the device then.
exchange=$(mktemp -d)
trap 'rm -rf "$exchange"' EXIT
status=0
./FastScnn.GpuBench "$@" --exchange "$exchange" || status=$?
[ ! -f "$exchange/settings.json" ] || python3 pytorch.py "$exchange" || status=$?
exit "$status"
