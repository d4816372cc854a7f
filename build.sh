#!/usr/bin/env bash
# Drives dotnet for this checkout. Where the NuGet registry has the packages it only calls dotnet;
# where it lacks them it first builds the offline feed (see nuget/offline/README.md).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'EOT'
usage: ./build.sh <command> [-p:<property>=<value> ...] [arguments]

  demo     segment real street photos with trained weights into artifacts/demo
  test     build and run all tests
  build    build the solution
  pack     pack the NuGet packages into artifacts/nupkg
  bench    run all benchmarks into bench/results.md, or one of them: scoring, kernels, training
  run      run the fastscnn command line from the checkout: ./build.sh run segment --help
  sample   run a sample by its number: ./build.sh sample 01 street.jpg
  notebook execute a notebook and write its outputs: ./build.sh notebook samples/notebooks/scoring.ipynb
  clean    delete everything that was built

FASTSCNN_FEED=<folder> takes the ML packages from that folder feed. The versions are MSBuild
properties: MicrosoftMLVersion, TorchSharpVersion, OnnxRuntimeVersion (environment or -p:).
Other arguments go to the program (demo, bench, run, sample, notebook) or to dotnet test, build or pack.
EOT
}

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
readonly configuration=Release
properties=()

main() {
  local command=${1:-help}
  [ $# -gt 0 ] && shift
  while [[ ${1:-} == -p:* ]]; do properties+=("$1"); shift; done
  case "$command" in
    demo)  feed; dotnet run --project samples/FastScnn.Demo -c $configuration -v quiet "${properties[@]}" -- "$@" ;;
    test)  feed; run_tests "$@" ;;
    build) feed; dotnet build FastScnn.MLNet.sln -c $configuration "${properties[@]}" "$@" ;;
    pack)  feed; pack "$@" ;;
    bench) feed; dotnet run --project bench/FastScnn.Bench -c $configuration -v quiet "${properties[@]}" -- "$@" ;;
    run)   feed >&2; exec dotnet run --project samples/FastScnn.Cli -c $configuration -v quiet "${properties[@]}" -- "$@" ;;
    sample) feed; sample "$@" ;;
    notebook) feed; dotnet run --project samples/FastScnn.Notebooks -c $configuration -v quiet "${properties[@]}" -- "$@" ;;
    clean) clean ;;
    help|-h|--help) usage ;;
    *) usage >&2; exit 2 ;;
  esac
}

# Chooses where the ML packages come from and writes that choice to artifacts/feed.props.
feed() {
  mkdir -p artifacts
  if [ -n "${FASTSCNN_FEED:-}" ]; then
    [ -d "$FASTSCNN_FEED" ] || { echo "FASTSCNN_FEED names '$FASTSCNN_FEED', which is not a folder." >&2; exit 1; }
    echo "==> ML packages come from the folder feed $FASTSCNN_FEED"
    # A package folder for each content of the feed: a rebuilt package of the same version must not meet its old unpacked copy.
    write_feed_props "$(cd "$FASTSCNN_FEED" && pwd)" "packages-feed-$(feed_key)" "" "" ""
  elif registry_has_packages; then
    rm -f artifacts/feed.props
  else
    echo "==> THE NUGET REGISTRY HERE HAS NO ML.NET, TORCHSHARP AND ONNX RUNTIME THAT RUN ON THIS SYSTEM: USING THE OFFLINE SUBSETS OF nuget/offline (never published)"
    bash nuget/offline/build.sh "$PWD/artifacts"
    write_feed_props "$PWD/artifacts/feed" packages-offline 5.0.0-offline 0.107.0-offline 1.29.0-offline
  fi
}

feed_key() {
  find "$FASTSCNN_FEED" -name '*.nupkg' -printf '%P %s %T@\n' | sort | cksum | cut -d' ' -f1
}

# write_feed_props <feed folder> <package folder> <Microsoft.ML> <TorchSharp> <OnnxRuntime>; an empty version keeps the default.
write_feed_props() {
  local version_line=""
  [ -n "$3" ] && version_line+="    <MicrosoftMLVersion Condition=\"'\$(MicrosoftMLVersion)' == ''\">$3</MicrosoftMLVersion>"$'\n'
  [ -n "$4" ] && version_line+="    <TorchSharpVersion Condition=\"'\$(TorchSharpVersion)' == ''\">$4</TorchSharpVersion>"$'\n'
  [ -n "$5" ] && version_line+="    <OnnxRuntimeVersion Condition=\"'\$(OnnxRuntimeVersion)' == ''\">$5</OnnxRuntimeVersion>"$'\n'
  cat > artifacts/feed.props.new <<EOT
<Project>
  <PropertyGroup>
${version_line}    <RestoreAdditionalProjectSources>\$(RestoreAdditionalProjectSources);$1</RestoreAdditionalProjectSources>
    <RestorePackagesPath>\$(MSBuildThisFileDirectory)$2</RestorePackagesPath>
  </PropertyGroup>
</Project>
EOT
  # An unchanged file keeps its time, so that a second build stays incremental.
  if cmp -s artifacts/feed.props.new artifacts/feed.props; then rm artifacts/feed.props.new; else mv artifacts/feed.props.new artifacts/feed.props; fi
}

# Asks the registry for the packages by restoring them. The one that mirrors lack most often is asked for alone first:
# the others are large and would be downloaded in vain. Packages that this system cannot load are as good as missing.
registry_has_packages() {
  restores Microsoft.ML.OnnxRuntime.Gpu \
    && restores Microsoft.ML.OnnxRuntime.Gpu Microsoft.ML.ImageAnalytics Microsoft.ML.OnnxTransformer TorchSharp-cpu \
    && torchsharp_loads
}

# Whether the C and C++ libraries of this system are new enough for TorchSharp's native one (that of 0.107 needs GLIBCXX_3.4.32,
# which Debian 12 and Ubuntu 22.04 lack).
torchsharp_loads() {
  command -v ldd >/dev/null || return 0
  local library missing
  library=$(find "$(dotnet nuget locals global-packages --list | sed 's/^global-packages: //')/torchsharp" -path '*/linux-x64/native/libLibTorchSharp.so' 2>/dev/null | sort -V | tail -1)
  missing=$(ldd "${library:-/}" 2>&1 | grep -oE "version \`[A-Z]+_[0-9.]+' not found" | sort -u | paste -sd, || true)
  [ -z "$missing" ] && return 0
  echo "==> The registry has TorchSharp, but its native library cannot be loaded on this system: $missing." >&2
  return 1
}

# restores <package id>...: whether the registry has them all; a fault other than "not found" ends the script
# on a machine that was not set up before.
restores() {
  local probe=artifacts/probe/$# id
  local log=$probe/restore.log
  mkdir -p "$probe"
  echo '<Project />' > "$probe/Directory.Build.props"
  {
    echo '<Project Sdk="Microsoft.NET.Sdk">'
    echo '  <PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup>'
    echo '  <ItemGroup>'
    for id in "$@"; do echo "    <PackageReference Include=\"$id\" />"; done
    echo '  </ItemGroup>'
    echo '</Project>'
  } > "$probe/probe.csproj"
  if dotnet restore "$probe/probe.csproj" "${properties[@]}" >"$log" 2>&1; then return 0; fi
  if grep -qE 'error NU11(01|02|03)' "$log" && ! grep -q 'error NU1301' "$log"; then return 1; fi
  echo "The NuGet registry could not be asked for the packages:" >&2
  tail -5 "$log" >&2
  # A machine that was set up with the offline feed works on without the registry.
  grep -qs packages-offline artifacts/feed.props && return 1
  exit 1
}

# Prints one closing line over all test projects; the results stay in artifacts/test-results.
run_tests() {
  local results=$PWD/artifacts/test-results status=0
  rm -rf "$results"
  dotnet build FastScnn.MLNet.sln -c $configuration "${properties[@]}"
  # One project after the other: several hosts at once would fight over the cores that libtorch uses.
  for project in test/*.Tests/*.csproj; do
    dotnet test "$project" -c $configuration --no-build --results-directory "$results" \
      --logger "trx;LogFileName=$(basename "$project" .csproj).trx" "${properties[@]}" "$@" || status=1
  done
  cat "$results"/*.trx | grep -oE '<UnitTestResult [^>]*outcome="[A-Za-z]+"' | grep -oE '[A-Za-z]+"$' | tr -d '"' | awk '
    { n[$1]++ }
    END { printf "%d passed, %d failed, %d skipped\n", n["Passed"], n["Failed"], n["NotExecuted"] }'
  return $status
}

# sample <number> [argument ...]
sample() {
  local found=(samples/"${1:-none}"-*.cs)
  [ -f "${found[0]}" ] || { printf 'Which sample? One of:\n' >&2; ls samples/*.cs >&2; exit 2; }
  shift
  exec dotnet run -c $configuration "${properties[@]}" "${found[0]}" -- "$@"
}

pack() {
  local suffix=() tool=()
  # A package that was built against the offline subsets must not be mistaken for a real one.
  if [ -f artifacts/feed.props ] && [ -z "${FASTSCNN_FEED:-}" ]; then
    suffix=(-p:VersionSuffix=offline "-p:PackageNotice=NOT FOR PUBLISHING: packed against offline stand-ins of the ML packages.")
    echo "==> packed against the offline subsets: the version ends in -offline, and the packages say so; do not publish"
    tool=(-p:ToolRuntimeIdentifiers=linux-x64)
    echo "==> the tool is packed for Linux alone: the offline subsets have no libraries for Windows"
  elif prerelease_dependencies; then
    suffix=(-p:VersionSuffix=feed "-p:PackageNotice=NOT FOR PUBLISHING: packed against private builds of the ML packages.")
    echo "==> packed against prerelease ML packages: the version ends in -feed, and the packages say so; do not publish"
  fi
  rm -rf artifacts/nupkg
  for project in src/*/*.csproj samples/FastScnn.Tool/*.csproj; do
    dotnet pack "$project" -c $configuration -o artifacts/nupkg "${properties[@]}" "${suffix[@]}" "${tool[@]}" "$@"
  done
}

# A stable package may not depend on a prerelease one (NU5104), and a private build of the ML packages often is one.
prerelease_dependencies() {
  dotnet msbuild src/FastScnn.ML -getProperty:MicrosoftMLVersion,TorchSharpVersion,OnnxRuntimeVersion "${properties[@]}" | grep -q '": ".*-'
}

clean() {
  rm -rf artifacts
  find . -type d \( -name bin -o -name obj \) -not -path './.git/*' -prune -exec rm -rf {} +
}

main "$@"
