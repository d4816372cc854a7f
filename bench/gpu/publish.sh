#!/usr/bin/env bash
# Puts everything that the GPU bench needs into one folder, to be carried to a machine without network:
#   publish.sh <folder> [--arch <sm, such as 90>] [--part-size <MiB>] [--without-cuda]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly provider=libonnxruntime_providers_cuda.so

usage() { sed -n '2,3s/^# *//p' "$0" >&2; exit 2; }

target="" arch="" part=45 cuda=1
while [ $# -gt 0 ]; do
  case "$1" in
    --arch) arch=$2; shift 2 ;;
    --part-size) part=$2; shift 2 ;;
    --without-cuda) cuda=0; shift ;;
    -*) usage ;;
    *) [ -z "$target" ] || usage; target=$1; shift ;;
  esac
done
[ -n "$target" ] || usage
mkdir -p "$target"
target=$(cd "$target" && pwd)

dotnet publish FastScnn.GpuBench -c Release -r linux-x64 --self-contained -v quiet -o "$target"
# It scores without TorchSharp's native library, and needs no symbols.
rm -f "$target"/*.pdb "$target"/libLibTorchSharp* "$target"/libtorch* "$target"/libc10* "$target"/libgomp*
rm -f "$target"/libonnxruntime_providers_tensorrt.so
cp pytorch.py ../pytorch/fast_scnn.py ../pytorch/score.py "$target/"
chmod +x "$target/run.sh" "$target/FastScnn.GpuBench"
[ "$cuda" = 1 ] || { rm "$target/$provider"; echo "$target: $(du -sh "$target" | cut -f1), without the CUDA provider (run.sh --cpu)"; exit 0; }

# Code for other chips is most of the library; zeros compress to nothing.
[ -z "$arch" ] || python3 keep_arch.py "$target/$provider" "$arch"
if [ "$(stat -c %s "$target/$provider")" -gt $((part * 1024 * 1024)) ]; then
  xz -T0 -2 -c "$target/$provider" | split -b "${part}M" -d -a 3 - "$target/$provider.xz.part-"
  rm "$target/$provider"
fi
echo "$target: $(du -sh "$target" | cut -f1), largest file $(find "$target" -type f -printf '%s\n' | sort -n | tail -1 | numfmt --to=iec)"
