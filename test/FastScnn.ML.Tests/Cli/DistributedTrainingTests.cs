using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Training;

namespace FastScnn.ML.Tests.Cli;

/// <summary><c>fastscnn train --distributed mpi</c> under mpirun, with one thread for each process.</summary>
[Platform("Linux")]
public class DistributedTrainingTests
{
    private const int Steps = 16;

    private string _data = "";

    [OneTimeSetUp]
    public void WriteScenes()
    {
        if (!MpiCli.Exists) Assert.Ignore("no mpirun here");
        _data = TestFiles.NewFolder();
        StreetSceneOptions options = new() { Width = 96, Height = 64 };
        StreetSceneFolder.Write(_data, "train", 24, options);
        // Three processes have one photo, two and none of them.
        StreetSceneFolder.Write(_data, "val", 2, options);
        (int exit, _, string errors) = Cli.Run(Arguments("start", "--max-steps", "4"));
        Assert.That(exit, Is.Zero, errors);
    }

    [Test]
    public void Two_processes_train_as_one()
    {
        // What batch norm and dropout do depends on the slices.
        string[] options = ["--start-from", Folder("start").LastWeights, "--freeze-batch-norm", "--dropout", "0"];
        Assert.That(Cli.Run(Arguments("one", options)).Exit, Is.Zero);

        (int exit, string output) = MpiCli.Run(2, Arguments("two", [.. options, "--distributed", "mpi"]));

        Assert.That(exit, Is.Zero, output);
        Assert.That(output, Does.Contain("2 processes, 2 of them on this machine, over "));
        Assert.That(Difference("two", "one"), Is.LessThan(1e-4));
        JsonElement[] one = Epochs("one"), two = Epochs("two");
        Assert.That(two, Has.Length.EqualTo(2));
        foreach ((JsonElement mine, JsonElement theirs) in two.Zip(one))
        {
            Assert.That(mine.GetProperty("loss").GetDouble(),
                Is.EqualTo(theirs.GetProperty("loss").GetDouble()).Within(1e-4));
            Assert.That(mine.GetProperty("meanIoU").GetDouble(),
                Is.EqualTo(theirs.GetProperty("meanIoU").GetDouble()).Within(2e-3), "over the photos of all processes");
        }
        Assert.That(Directory.GetFiles(Folder("two").Path).Select(Path.GetFileName),
            Is.EquivalentTo(Directory.GetFiles(Folder("one").Path).Select(Path.GetFileName)), "written once");
    }

    [Test]
    public void A_killed_job_is_resumed_with_the_same_number_and_with_another()
    {
        string[] options = ["--distributed", "mpi", "--save-every", "3"];
        (int exit, string output) = MpiCli.Run(3, Arguments("whole", options));
        Assert.That(exit, Is.Zero, output);
        using (Process job = MpiCli.Start(3, Arguments("killed", options)))
        {
            Wait.Until(job, () => SavedStep("killed") >= 3);
            int[] processes = [.. MpiCli.Children(job.Id)];
            Assert.That(processes, Has.Length.EqualTo(3));
            Process.GetProcessById(processes[1]).Kill();
            Assert.That(job.WaitForExit(TimeSpan.FromSeconds(60)), "the job ends with its process");
            Assert.That(job.ExitCode, Is.Not.Zero);
        }
        Assert.That(SavedStep("killed"), Is.InRange(3, Steps - 1));
        string other = Folder("other").Path;
        Directory.CreateDirectory(other);
        foreach (string file in Directory.GetFiles(Folder("killed").Path))
            File.Copy(file, Path.Combine(other, Path.GetFileName(file)));

        (exit, output) = MpiCli.Run(3, Arguments("killed", [.. options, "--resume"]));
        (int otherExit, string otherOutput) = MpiCli.Run(2, Arguments("other", [.. options, "--resume"]));

        Assert.That(exit, Is.Zero, output);
        Assert.That(File.ReadAllBytes(Folder("killed").LastWeights),
            Is.EqualTo(File.ReadAllBytes(Folder("whole").LastWeights)));
        Assert.That(otherExit, Is.Zero, otherOutput);
        Assert.That(SavedStep("other"), Is.EqualTo(Steps));
    }

    [Test]
    public void A_signal_to_the_launcher_saves_the_state()
    {
        string[] options = ["--distributed", "mpi", "--crop-size", "192x192", "--no-val"];
        using (Process job = MpiCli.Start(2, Arguments("stopped", options)))
        {
            Wait.Until(job, () => File.Exists(Folder("stopped").Log));
            using (Process signal = Process.Start("kill", ["-USR1", $"{job.Id}"])) signal.WaitForExit();
            Assert.That(job.WaitForExit(TimeSpan.FromSeconds(60)), "the job ends");
            Assert.That(job.ExitCode, Is.EqualTo(130));
        }
        Assert.That(Folder("stopped").State, Does.Exist);
        Assert.That(SavedStep("stopped"), Is.LessThan(Steps));
    }

    [Test]
    public void A_file_that_one_process_cannot_read_ends_all_with_its_name()
    {
        string data = TestFiles.NewFolder();
        StreetSceneFolder.Write(data, "train", 24, new() { Width = 96, Height = 64 });
        string damaged = Directory.GetFiles(Path.Combine(data, "images", "train"))[5];
        File.WriteAllBytes(damaged, File.ReadAllBytes(damaged)[..200]);

        (int exit, string output) = MpiCli.Run(2,
            Arguments("damaged", "--distributed", "mpi", "--no-val", "--root", data));

        Assert.That(exit, Is.Not.Zero);
        Assert.That(output, Does.Contain(damaged));
        Assert.That(Folder("damaged").State, Does.Not.Exist);
    }

    [Test]
    public void Processes_that_train_something_else_are_refused()
    {
        (int exit, string output) = MpiCli.RunProgram([
            "-n", "1", "dotnet", Cli.Program, .. Arguments("unequal", "--distributed", "mpi"), ":",
            "-n", "1", "dotnet", Cli.Program, .. Arguments("unequal", "--distributed", "mpi", "--lr", "0.1")]);

        Assert.That(exit, Is.Not.Zero);
        Assert.That(output, Does.Contain("Process 2 of 2").And.Contain("is not part of the same training")
            .And.Contain("0.1"));
    }

    [Test]
    public void Files_of_other_contents_under_the_same_names_are_refused()
    {
        string others = TestFiles.NewFolder();
        StreetSceneFolder.Write(others, "train", 24, new() { Width = 96, Height = 64, Seed = 1 });
        string[] options = ["--distributed", "mpi", "--no-val", "--class-balance", "0"];

        (int exit, string output) = MpiCli.RunProgram([
            "-n", "1", "dotnet", Cli.Program, .. Arguments("others", options), ":",
            "-n", "1", "dotnet", Cli.Program, .. Arguments("others", [.. options, "--root", others])]);

        Assert.That(exit, Is.Not.Zero);
        Assert.That(output, Does.Contain("Process 2 of 2").And.Contain("training samples: 24, names and file sizes"));
    }

    [Test]
    public void A_batch_is_large_enough_for_all()
    {
        (int exit, string output) = MpiCli.Run(4, Arguments("small", "--distributed", "mpi"));

        Assert.That(exit, Is.Not.Zero);
        Assert.That(output, Does.Contain("--batch-size is 6; it must be 8 or more, as 4 processes share it"));
    }

    private TrainingFolder Folder(string name) => new(Path.Combine(_data, "runs", name));

    // An option that is given here takes the place of the one that all have.
    private string[] Arguments(string output, params string[] options)
    {
        string[] common =
        [
            "--root", _data, "--output", Folder(output).Path, "--crop-size", "48x64", "--max-steps", $"{Steps}",
            "--epochs", "4", "--batch-size", "6", "--seed", "5", "--lr", "0.01", "--threads", "1", "--workers", "1",
            "--ema", "0.5", "--clip", "5", "--class-balance", "0.5", "--validate-every", "2",
        ];
        return ["train", .. common.Chunk(2).Where(pair => !options.Contains(pair[0])).SelectMany(pair => pair),
            .. options];
    }

    private double Difference(string one, string other)
    {
        Checkpoint a = Checkpoint.Load(Folder(one).LastWeights), b = Checkpoint.Load(Folder(other).LastWeights);
        return a.Tensors.Where(tensor => tensor.Value.Type == CheckpointType.Float32).Max(tensor =>
            Floats(tensor.Value).Zip(Floats(b.Tensors[tensor.Key]), (x, y) => (double)Math.Abs(x - y)).Max());

        static float[] Floats(CheckpointTensor tensor) =>
            MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span).ToArray();
    }

    private JsonElement[] Epochs(string name) =>
    [
        .. File.ReadLines(Folder(name).Log).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("event").GetString() == "epoch" && line.TryGetProperty("meanIoU", out JsonElement
                score) && score.ValueKind == JsonValueKind.Number),
    ];

    private long SavedStep(string name)
    {
        if (!File.Exists(Folder(name).State)) return 0;
        string position = Checkpoint.Load(Folder(name).State).Metadata["training.position"];
        return JsonDocument.Parse(position).RootElement.GetProperty("Step").GetInt64();
    }
}

/// <summary>Runs the <c>fastscnn</c> program under mpirun.</summary>
internal static class MpiCli
{
    private static readonly string[] s_options =
    [
        "--allow-run-as-root", "--oversubscribe", "--bind-to", "none",
        // There may be more processes than processors.
        "--mca", "mpi_yield_when_idle", "1",
    ];

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    public static bool Exists => Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "mpirun.openmpi"))) == true;

    /// <summary>Starts a job; what it prints goes nowhere.</summary>
    public static Process Start(int count, string[] arguments)
    {
        Process process = Process.Start(Info([.. s_options, "-n", $"{count}", "dotnet", Cli.Program, .. arguments]))!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Runs a job to its end; the output is what it wrote, then its errors.</summary>
    public static (int Exit, string Output) Run(int count, string[] arguments) =>
        RunProgram(["-n", $"{count}", "dotnet", Cli.Program, .. arguments]);

    /// <summary>Runs mpirun with programs of its own for some processes.</summary>
    public static (int Exit, string Output) RunProgram(string[] arguments)
    {
        using Process process = Process.Start(Info([.. s_options, .. arguments]))!;
        Task<string> errors = process.StandardError.ReadToEndAsync(), output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(s_limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"the job did not end: {output.Result}{errors.Result}");
        }
        return (process.ExitCode, output.Result + errors.Result);
    }

    /// <summary>The processes that the launcher started.</summary>
    public static IEnumerable<int> Children(int launcher) =>
        File.ReadAllText($"/proc/{launcher}/task/{launcher}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(int.Parse).Where(id => File.ReadAllText($"/proc/{id}/comm").Trim() == "dotnet");

    private static ProcessStartInfo Info(string[] arguments)
    {
        ProcessStartInfo info = new("mpirun.openmpi", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["TERM"] = "dumb";
        return info;
    }
}
