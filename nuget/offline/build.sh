#!/usr/bin/env bash
# Builds the offline feed: build.sh <artifacts folder>. Each group is rebuilt only when its files change.
set -euo pipefail
artifacts=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly feed=$artifacts/feed work=$artifacts/offline packages=$artifacts/packages-offline
mkdir -p "$feed" "$work"

main() {
  need_debian_packages g++ libtorch-dev libopenblas0-pthread libturbojpeg0 libpng16-16 npm
  group onnxruntime build_onnxruntime
  group torchsharp build_torchsharp
  group mlnet build_mlnet
}

# group <folder> <function>: runs the function when a file of the folder (or of this level) changed since the last time.
group() {
  local stamp=$work/$1.stamp now
  now=$(find "$1" ./*.sh ./*.props -type f -not -path '*/bin/*' -not -path '*/obj/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ] && return 0
  echo "==> offline feed: building $1"
  rm -f "$stamp"
  "$2"
  echo "$now" > "$stamp"
}

build_onnxruntime() {
  bash onnxruntime/fetch.sh "$work/onnxruntime"
  pack onnxruntime/Managed/Microsoft.ML.OnnxRuntime.Managed.csproj
  pack onnxruntime/Cpu/Microsoft.ML.OnnxRuntime.csproj
  pack onnxruntime/Gpu.Linux/Microsoft.ML.OnnxRuntime.Gpu.Linux.csproj
  pack onnxruntime/Gpu.Windows/Microsoft.ML.OnnxRuntime.Gpu.Windows.csproj
  pack onnxruntime/Gpu/Microsoft.ML.OnnxRuntime.Gpu.csproj
}

build_torchsharp() {
  bash torchsharp/native/build.sh "$work/torchsharp"
  pack torchsharp/TorchSharp/TorchSharp.csproj
  pack torchsharp/TorchSharp-cpu/TorchSharp-cpu.csproj
}

build_mlnet() {
  # The key file of the public key that mlnet/Directory.Build.props states.
  printf "$(sed -n 's|.*<PublicKey>\(.*\)</PublicKey>.*|\1|p' mlnet/Directory.Build.props | sed 's/../\\x&/g')" > "$work/mlnet.snk"
  pack mlnet/DataView/Microsoft.ML.DataView.csproj
  pack mlnet/Microsoft.ML/Microsoft.ML.csproj
  pack mlnet/ImageAnalytics/Microsoft.ML.ImageAnalytics.csproj
  pack mlnet/OnnxTransformer/Microsoft.ML.OnnxTransformer.csproj
}

# Packs into the feed and drops the unpacked copy of the same version, which a restore would else keep using.
pack() {
  local id
  id=$(basename "$1" .csproj)
  dotnet pack "$1" -c Release -o "$feed" -v quiet -nologo
  rm -rf "$packages/${id,,}"
}

# Installs what is missing as root on Debian 12; otherwise says what to run.
need_debian_packages() {
  local missing=() package
  for package in "$@"; do
    case "$package" in
      g++|npm) command -v "$package" >/dev/null || missing+=("$package") ;;
      *) dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package") ;;
    esac
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local os="this system"
  [ -r /etc/os-release ] && os=$(. /etc/os-release; echo "$PRETTY_NAME")
  if ! grep -qs '^VERSION_ID="12"' /etc/os-release || ! grep -qs '^ID=debian' /etc/os-release; then
    echo "The offline feed supports Debian 12, and this is $os. It needs: ${missing[*]} (Debian's names)." >&2
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    printf 'The offline feed needs system packages. Run this, then try again:\n  sudo apt-get update && sudo apt-get install -y --no-install-recommends %s\n' "${missing[*]}" >&2
    exit 1
  fi
  echo "==> offline feed: installing ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

main
