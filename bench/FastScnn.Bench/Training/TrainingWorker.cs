using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using FastScnn.Torch.Network;
using static TorchSharp.torch;

namespace FastScnn.Bench.Training;

/// <summary>Our side, in a process of its own: answers the commands of bench/pytorch/train.py, and
/// <c>memory</c>.</summary>
internal static class TrainingWorker
{
    public const string Command = "training-worker";

    public static void Run(int threads)
    {
        set_num_threads(threads);
        Answer("ready", Parameters(), $"TorchSharp {Version()}, {RuntimeInformation.FrameworkDescription}");
        using OwnSteps steps = new(threads);
        while (Console.ReadLine()?.Split('\t') is [var command, .. var arguments])
        {
            switch (command, arguments)
            {
                case ("step", [var b, var h, var w, var n]):
                    Answer([command, .. steps.Take(Batch(b, h, w), Number(n))]);
                    break;
                case ("epoch", [var root, var b, var h, var w, var workers, var n]):
                    EndToEndTime time = OwnTraining.Time(root, Batch(b, h, w), Number(workers), Number(n), threads);
                    Answer(command, time.Time.TotalSeconds, time.Images, time.Waiting);
                    break;
                case ("memory", [var root, var b, var h, var w, var workers, var first, var last]):
                    Answer([command, .. OwnTraining.Memory(root, Batch(b, h, w), Number(workers),
                        [Number(first), Number(last)], threads)]);
                    break;
                default:
                    throw new ArgumentException($"unknown command '{string.Join(' ', [command, .. arguments])}'");
            }
        }
    }

    private static long Parameters()
    {
        using FastScnnNetwork network = new(new() { Classes = OwnSteps.Classes.Count, AuxiliaryHead = true });
        return network.parameters().Sum(parameter => parameter.numel());
    }

    private static string Version() =>
        typeof(TorchSharp.torch).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "of unknown version";

    private static BatchSize Batch(string images, string height, string width) =>
        new(Number(images), Number(height), Number(width));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static void Answer(params object[] parts) => Console.WriteLine(string.Join('\t', parts));
}
