using System.Diagnostics;

namespace FastScnn.ML.Tests.Cli;

/// <summary>Waits for what another process does.</summary>
internal static class Wait
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    /// <summary>Returns once the condition holds; fails the test when the process ends before, or after a long
    /// time.</summary>
    public static void Until(Process process, Func<bool> condition)
    {
        for (long start = Stopwatch.GetTimestamp(); !condition(); Thread.Sleep(20))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(start) > s_limit)
                Assert.Fail(process.HasExited ? "the program ended too early" : "the program did not come that far");
        }
    }
}
