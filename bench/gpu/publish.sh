#!/usr/bin/env bash
# Puts everything that the GPU bench needs into one folder, to be carried to a machine without network:
#   publish.sh <folder> [--arch <sm, such as 90>] [--part-size <MiB>] [--without-cuda]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly name=com.github.asus4.onnxruntime.linux-x64-gpu version=0.4.9
readonly sha512=168a4884d13f360fafd97eb9c1573d7253c2042be1bc0e771f1a3653429fe5f19d56c0bb88203e999d0a2d6820710023ed3219ea9362751e000b5d20ef85e8eb
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
# Microsoft.ML.OnnxRuntime.Gpu copies its libraries for Windows, too.
rm -f "$target"/onnxruntime.dll "$target"/onnxruntime_providers_*.dll "$target"/libonnxruntime_providers_tensorrt.so
cp pytorch.py ../pytorch/fast_scnn.py ../pytorch/score.py "$target/"
chmod +x "$target/run.sh" "$target/FastScnn.GpuBench"
[ "$cuda" = 1 ] || { echo "$target: $(du -sh "$target" | cut -f1), without the CUDA provider (run.sh --cpu)"; exit 0; }

# With Microsoft.ML.OnnxRuntime.Gpu from NuGet the library is there already; the offline build of ONNX Runtime has it in a package of npm.
if [ ! -f "$target/$provider" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --loglevel=error "$name@$version" >/dev/null)
  archive=$work/$name-$version.tgz
  echo "$sha512  $archive" | sha512sum --check --status || { echo "$name@$version is not the pinned file: found sha512 $(sha512sum "$archive" | cut -d' ' -f1)." >&2; exit 1; }
  tar -xzf "$archive" -C "$work" --wildcards --strip-components=4 "package/Plugins/Linux/x64/libonnxruntime_providers_*.so"
  cp "$work/$provider" "$target/"
  [ -f "$target/libonnxruntime_providers_shared.so" ] || cp "$work/libonnxruntime_providers_shared.so" "$target/"
fi
# Code for other chips is most of the library; zeros compress to nothing.
[ -z "$arch" ] || python3 keep_arch.py "$target/$provider" "$arch"
if [ "$(stat -c %s "$target/$provider")" -gt $((part * 1024 * 1024)) ]; then
  xz -T0 -2 -c "$target/$provider" | split -b "${part}M" -d -a 3 - "$target/$provider.xz.part-"
  rm "$target/$provider"
fi
echo "$target: $(du -sh "$target" | cut -f1), largest file $(find "$target" -type f -printf '%s\n' | sort -n | tail -1 | numfmt --to=iec)"
