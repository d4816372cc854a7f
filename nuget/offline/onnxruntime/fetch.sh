#!/usr/bin/env bash
# Takes ONNX Runtime's own C# sources and its Linux library from a pinned npm package: fetch.sh <folder>.
set -euo pipefail
readonly name=com.github.asus4.onnxruntime version=0.4.9
readonly sha512=064cf176e499f4891e0cfe90f25cf64c553689eee1492bd2ed921fccca28131a2ad02373267bae19a509ec8b288c182a3b8a2e0f58d76a1f0e63225b08ddbd16
readonly target=$1

[ -f "$target/.complete-$version" ] && exit 0
rm -rf "$target"
mkdir -p "$target"
if ! (cd "$target" && npm pack --loglevel=error "$name@$version" >npm.log 2>&1); then
  echo "npm could not fetch $name@$version, which the offline feed takes ONNX Runtime from:" >&2
  tail -5 "$target/npm.log" >&2
  exit 1
fi
readonly archive=$target/$name-$version.tgz
if ! echo "$sha512  $archive" | sha512sum --check --status; then
  echo "$name@$version is not the pinned file: expected sha512 $sha512, found $(sha512sum "$archive" | cut -d' ' -f1)." >&2
  exit 1
fi
tar -xzf "$archive" -C "$target" --strip-components=1 package/LICENSE package/Runtime package/Plugins/Linux/x64
rm -rf "$archive" "$target/Runtime/Training"
touch "$target/.complete-$version"
