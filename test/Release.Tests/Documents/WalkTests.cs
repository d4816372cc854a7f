using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using FastScnn.ML.Imaging;
using FastScnn.Release.Tests.Packages;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Release.Tests.Documents;

/// <summary>The pages for the first ten minutes, from an empty folder: each command and each program of them, in their
/// order, with the packages of this build.</summary>
public partial class WalkTests
{
    private const string Address = "http://localhost:5000";

    /// <summary>The pages. Other tests leave them out.</summary>
    public static IReadOnlyList<string> Pages { get; } =
        ["docs/first-mask.md", "docs/first-model.md", "docs/first-service.md"];

    [Test]
    public void The_first_mask()
    {
        using Walk walk = new(Pages[0]);
        walk.Go();
        string program = Path.Combine(walk.Root, "FirstMask"), scene = "scene_000000";
        SegmentationMap ofTheTool = SegmentationMap.Load(Path.Combine(walk.Root, "results", $"{scene}_mask.png"),
            ClassList.Load(Path.Combine(walk.Root, "drawn", "classes.json")));
        Assert.That(ofTheTool.ClassFractions.Count(share => share > 0.01), Is.GreaterThan(2));
        Assert.That(SegmentationMap.Load(Path.Combine(program, "mask.png"), ofTheTool.Classes).ClassIds.Span
            .SequenceEqual(ofTheTool.ClassIds.Span), Is.True);
        Assert.That(walk.Output, Does.Contain("vegetation: "));
        Assert.That(File.Exists(Path.Combine(walk.Root, "results", $"{scene}_overlay.png")), Is.True);
    }

    [Test]
    public void The_first_model()
    {
        using Walk walk = new(Pages[1]);
        walk.Go();
        Assert.That(walk.Output, Does.Match(@"data: \d+ train, [1-9]\d* val images").And.Contain("val: 0 faults")
            .And.Contain("1 of 1, mIoU"));
        foreach (string file in new[] { "run1/model.onnx", "report.html", "results/shares.csv" })
            Assert.That(File.Exists(Path.Combine(walk.Root, file)), Is.True, file);
    }

    [Test]
    public void The_first_service()
    {
        using Walk walk = new(Pages[2]);
        walk.Go();
        string folder = Path.Combine(walk.Root, "Service");
        Assert.That(walk.Output, Does.Contain("Healthy").And.Contain("fastscnn_images_total")
            .And.Contain("begins \\\"using FastScnn.ML"));
        using FastScnn.ML.Scoring.FastScnnSegmenter segmenter =
            FastScnn.ML.Scoring.FastScnnSegmenter.Load(Path.Combine(folder, "fastscnn-scenes.onnx"));
        Assert.That(IndexPng.Read(Path.Combine(folder, "mask.png")).Ids.Span.SequenceEqual(segmenter.Segment(
            Path.Combine(folder, "drawn", "images", "train", "scene_000000.png")).ClassIds.Span), Is.True);
    }

    /// <summary>A reader in a folder of his own.</summary>
    private sealed partial class Walk : IDisposable
    {
        // Readers train longer and have larger photos.
        private static readonly Dictionary<string, string> s_small =
            new() { ["--epochs"] = "1", ["--crop-size"] = "64", ["--count"] = "12" };
        private static readonly string s_tool = Path.Combine(TestFiles.Root, "samples", "FastScnn.Tool", "bin",
            Build.Configuration, "net10.0", "fastscnn.dll");

        private readonly string _page;
        private readonly string _parent = Directory.CreateTempSubdirectory("fastscnn-walk-").FullName;
        private readonly Dictionary<string, string> _environment;
        private readonly string _address = $"http://localhost:{FreePort()}";
        private readonly System.Text.StringBuilder _output = new();
        private string _folder;
        private Process? _server;

        public Walk(string page)
        {
            _page = page;
            Root = _folder = Directory.CreateDirectory(Path.Combine(_parent, "walk")).FullName;
            _environment = new() { ["NUGET_PACKAGES"] = Path.Combine(_parent, "packages") };
            File.WriteAllText(Path.Combine(_parent, "nuget.config"),
                $"<configuration><packageSources><add key=\"packed\" value=\"{PackedPackages.Folder}\" "
                    + "/></packageSources></configuration>");
        }

        /// <summary>Where the page starts.</summary>
        public string Root { get; }

        /// <summary>What all commands printed.</summary>
        public string Output => _output.ToString();

        /// <summary>Types all commands and writes all programs.</summary>
        public void Go()
        {
            IEnumerable<(int Line, Action Do)> commands = ShellCommand.Of(MarkdownText.Read(_page))
                .Where(command => command.IsWhole && !command.NotRun)
                .Select(command => (command.Line, (Action)(() => Type(command))));
            IEnumerable<(int Line, Action Do)> programs = Markdown.Blocks(_page).Select(block =>
                (block.Line, (Action)(() => File.WriteAllText(Path.Combine(_folder, "Program.cs"), block.Code))));
            foreach ((_, Action step) in commands.Concat(programs).OrderBy(step => step.Line))
                step();
        }

        public void Dispose()
        {
            if (_server is not null)
            {
                _server.Kill(entireProcessTree: true);
                _server.WaitForExit();
                _server.Dispose();
            }
            Directory.Delete(_parent, recursive: true);
        }

        private void Type(ShellCommand command)
        {
            string[] words = [.. command.Words.Select(word => word.Replace(Address, _address))];
            switch (words)
            {
                // ToolTests installs it.
                case ["dotnet", "tool", "install", "--global", "FastScnn.Tool"]:
                    break;
                case ["cd", var folder]:
                    _folder = Path.Combine(_folder, folder);
                    break;
                case ["fastscnn", ..]:
                    Run(command, "dotnet", [s_tool, .. words[1..].Select((word, i) => Small(words[i], word))]);
                    break;
                case ["dotnet", "add", "package", var package, ..]:
                    Run(command, "dotnet", Version(package) is { } version
                        ? ["add", "package", package, "--version", version] : words[1..]);
                    break;
                case ["dotnet", "run", "--urls", ..]:
                    Serve(words[2..]);
                    break;
                case ["dotnet", ..] or ["curl", ..]:
                    Run(command, words[0], words[1..]);
                    break;
                default:
                    Assert.Fail($"{_page}({command.Line}): no reader of this test types '{words[0]}'");
                    break;
            }
        }

        private static string Small(string option, string value) => s_small.GetValueOrDefault(option) is { } small
            && (option != "--count" || value != "1") ? small : value;

        private void Run(ShellCommand command, string program, string[] arguments)
        {
            (int exit, string output) = Shell.Run(program, _folder, _environment, arguments);
            Assert.That(exit, Is.Zero, $"{_page}({command.Line}): {string.Join(' ', command.Words)}\n{output}");
            _output.Append(output);
        }

        // Until it answers, as a reader waits for its line in the log.
        private void Serve(string[] arguments)
        {
            (int exit, string output) = Shell.Run("dotnet", _folder, _environment, "build");
            Assert.That(exit, Is.Zero, output);
            ProcessStartInfo start = Shell.Start("dotnet", _folder, _environment, ["run", "--no-build", .. arguments]);
            var log = new System.Text.StringBuilder();
            _server = Process.Start(start)!;
            _server.OutputDataReceived += (_, line) => { lock (log) log.AppendLine(line.Data); };
            _server.ErrorDataReceived += (_, line) => { lock (log) log.AppendLine(line.Data); };
            _server.BeginOutputReadLine();
            _server.BeginErrorReadLine();
            using var client = new HttpClient();
            for (var clock = Stopwatch.StartNew(); ; Thread.Sleep(200))
            {
                try
                {
                    if (client.GetAsync(_address + "/health").Result.IsSuccessStatusCode)
                        return;
                }
                catch (AggregateException e) when (e.InnerException is HttpRequestException)
                {
                }
                lock (log)
                    Assert.That(!_server.HasExited && clock.Elapsed < TimeSpan.FromMinutes(2), Is.True,
                        $"{_page}: the service does not answer\n{log}");
            }
        }

        // Of packages that others make, the version that this repository is tested with; a newer one is no news of it.
        private static string? Version(string package)
        {
            string versions = File.ReadAllText(Path.Combine(TestFiles.Root, "Directory.Packages.props"));
            Match match = PackageVersion().Matches(versions).FirstOrDefault(found => found.Groups[1].Value == package)
                ?? Match.Empty;
            return match.Success ? match.Groups[2].Value : null;
        }

        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        [GeneratedRegex("<PackageVersion Include=\"([^\"]+)\" Version=\"([^\"$]+)\"")]
        private static partial Regex PackageVersion();
    }
}
