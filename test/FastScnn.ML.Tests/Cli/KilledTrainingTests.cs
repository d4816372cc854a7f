using System.Diagnostics;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Training;

namespace FastScnn.ML.Tests.Cli;

/// <summary>Kills <c>fastscnn train</c> in the middle of an epoch and resumes it.</summary>
public class KilledTrainingTests
{
    [Test]
    public void A_killed_training_that_is_resumed_gives_the_same_weights()
    {
        string data = TestFiles.NewFolder();
        WriteScenes(data);
        TrainingFolder whole = new(Path.Combine(data, "whole")), killed = new(Path.Combine(data, "killed"));
        Assert.That(Cli.Run(Arguments(data, whole)).Exit, Is.Zero);

        using (Process process = Cli.Start(Arguments(data, killed)))
        {
            // Eight batches an epoch, the state saved after every third: from step 11 on it is one of the second epoch.
            Wait.Until(process, () => SavedStep(killed) >= 11);
            process.Kill();
            process.WaitForExit();
        }
        Assert.That(SavedStep(killed) % 8, Is.Not.Zero, "killed within an epoch");
        Assert.That(SavedStep(killed), Is.LessThan(24), "killed before the end");
        (int exit, string output, string errors) = Cli.Run([.. Arguments(data, killed), "--resume"]);

        Assert.That(exit, Is.Zero, errors);
        Assert.That(output, Does.Contain("epoch 3: loss"));
        foreach ((string mine, string theirs) in new[]
        {
            (killed.BestWeights, whole.BestWeights), (killed.LastWeights, whole.LastWeights),
            (killed.State, whole.State)
        })
            Assert.That(File.ReadAllBytes(mine), Is.EqualTo(File.ReadAllBytes(theirs)), Path.GetFileName(mine));
        Assert.That(File.ReadAllBytes(Path.Combine(killed.Path, "model.onnx")),
            Is.EqualTo(File.ReadAllBytes(Path.Combine(whole.Path, "model.onnx"))));
    }

    [Test]
    public void A_stopped_training_saves_its_state_first_and_is_resumed()
    {
        string data = TestFiles.NewFolder();
        WriteScenes(data);
        TrainingFolder whole = new(Path.Combine(data, "whole")), stopped = new(Path.Combine(data, "stopped"));
        // One epoch, and no state within it but the one that is saved at the signal.
        string[] one = ["--epochs", "1", "--batch-size", "2", "--crop-size", "192x192", "--no-val", "--threads", "1"];
        Assert.That(Cli.Run(["train", "--root", data, "--output", whole.Path, .. one]).Exit, Is.Zero);

        using (Process process = Cli.Start(["train", "--root", data, "--output", stopped.Path, .. one]))
        {
            Wait.Until(process, () => File.Exists(stopped.Log));
            // What Ctrl+C sends is ignored by what a shell started in the background; the program takes both alike.
            using (Process signal = Process.Start("kill", ["-TERM", $"{process.Id}"]))
                signal.WaitForExit();
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.EqualTo(130));
        }
        Assert.That(stopped.State, Does.Exist);
        Assert.That(SavedStep(stopped), Is.LessThan(8), "stopped within the epoch");
        (int exit, _, string errors) = Cli.Run(["train", "--root", data, "--output", stopped.Path, .. one, "--resume"]);

        Assert.That(exit, Is.Zero, errors);
        Assert.That(File.ReadAllBytes(stopped.LastWeights), Is.EqualTo(File.ReadAllBytes(whole.LastWeights)));
    }

    private static void WriteScenes(string folder)
    {
        StreetSceneOptions options = new() { Width = 96, Height = 64 };
        StreetSceneFolder.Write(folder, "train", 16, options);
        StreetSceneFolder.Write(folder, "val", 2, options);
    }

    private static string[] Arguments(string data, TrainingFolder folder) =>
    [
        "train", "--root", data, "--output", folder.Path, "--crop-size", "48x64", "--epochs", "3", "--batch-size", "2",
        "--seed", "5", "--save-every", "3",
        "--optimizer", "adamw", "--lr", "0.002", "--dropout", "0.3", "--ema", "0.9", "--loss", "ce:1,lovasz:0.5",
        "--class-balance", "0.5",
    ];

    private static long SavedStep(TrainingFolder folder)
    {
        if (!File.Exists(folder.State)) return 0;
        string position = Checkpoint.Load(folder.State).Metadata["training.position"];
        return System.Text.Json.JsonDocument.Parse(position).RootElement.GetProperty("Step").GetInt64();
    }
}
