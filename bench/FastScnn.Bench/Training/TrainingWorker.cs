using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using FastScnn.Bench.Training.Peers;
using FastScnn.Torch.Training;

namespace FastScnn.Bench.Training;

/// <summary>A side that runs on .NET, in a process of its own: answers the commands of bench/pytorch/train.py, and ours
/// <c>memory</c>.</summary>
internal static class TrainingWorker
{
    public const string Command = "training-worker", Float32 = "float32", BFloat16 = "bfloat16", Loop = "loop";

    public static void Run(string name, int threads)
    {
        using ITrainingPeer peer = name switch
        {
            Float32 => new OwnPeer(Precision.Float32, threads),
            BFloat16 => new OwnPeer(Precision.BFloat16, threads),
            Loop => new LoopPeer(threads),
            _ => throw new ArgumentException($"unknown side '{name}'"),
        };
        Answer("ready", peer.Parameters, $"TorchSharp {Version()}, {RuntimeInformation.FrameworkDescription}, "
            + $"OMP_WAIT_POLICY {WaitPolicy() ?? "not set"}");
        while (Console.ReadLine()?.Split('\t') is [var command, .. var arguments])
        {
            switch (command, arguments)
            {
                case ("step", [var b, var h, var w, var n]):
                    Answer([command, .. peer.Step(Batch(b, h, w), Number(n))]);
                    break;
                case ("epoch", [var root, var b, var h, var w, var loaders, var n]):
                    EndToEndTime time = peer.Epoch(root, Batch(b, h, w), Number(loaders), Number(n));
                    Answer(command, time.Time.TotalSeconds, time.Images, time.Waiting);
                    break;
                case ("memory", [var root, var b, var h, var w, var loaders, var first, var last]):
                    Answer([command, .. ((OwnPeer)peer).Memory(root, Batch(b, h, w), Number(loaders),
                        [Number(first), Number(last)])]);
                    break;
                default:
                    throw new ArgumentException($"unknown command '{string.Join(' ', [command, .. arguments])}'");
            }
        }
    }

    private static string Version() =>
        typeof(TorchSharp.torch).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0] ?? "of unknown version";

    // .NET's own environment does not show what native code sets.
    private static string? WaitPolicy() =>
        OperatingSystem.IsLinux() ? Marshal.PtrToStringUTF8(GetVariable("OMP_WAIT_POLICY"))
            : Environment.GetEnvironmentVariable("OMP_WAIT_POLICY");

    [DllImport("libc", EntryPoint = "getenv")]
    private static extern nint GetVariable([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    private static BatchSize Batch(string images, string height, string width) =>
        new(Number(images), Number(height), Number(width));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static void Answer(params object[] parts) => Console.WriteLine(string.Join('\t', parts));
}
