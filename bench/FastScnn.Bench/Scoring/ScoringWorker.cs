using System.Diagnostics;
using System.Globalization;
using FastScnn.Bench.Scoring.Peers;

namespace FastScnn.Bench.Scoring;

/// <summary>One peer in a process of its own: answers the commands of bench/pytorch/score.py.</summary>
internal static class ScoringWorker
{
    public const string Command = "scoring-worker";

    public static void Run(string peer, string folder, int height, int width, int threads)
    {
        using IScoringPeer scorer = ScoringPeers.All[peer](new ScoringFiles(folder),
            new ScoringCase(height, width, threads));
        Answer("ready");
        while (Console.ReadLine()?.Split('\t') is [var command, .. var arguments])
        {
            switch (command, arguments)
            {
                case ("score", [var count]):
                    Answer([command, .. Enumerable.Range(0, int.Parse(count, CultureInfo.InvariantCulture))
                        .Select(_ => Time(scorer))]);
                    break;
                case ("mask", [var file]):
                    if (scorer.Mask is { } mask)
                        File.WriteAllBytes(file, mask);
                    Answer(command);
                    break;
                case ("memory", []):
                    using (Process self = Process.GetCurrentProcess())
                        Answer(command, self.PeakWorkingSet64);
                    break;
                default:
                    throw new ArgumentException($"unknown command '{string.Join(' ', [command, .. arguments])}'");
            }
        }
    }

    private static object Time(IScoringPeer scorer)
    {
        long start = Stopwatch.GetTimestamp();
        scorer.Score();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void Answer(params object[] parts) => Console.WriteLine(string.Join('\t', parts));
}
