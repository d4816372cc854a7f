using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace FastScnn.Tool;

/// <summary>The part of a list of images that one process scores. A hash of an image's path says which part it is in,
/// so a process needs to know neither the others nor how long the list is.</summary>
/// <param name="Number">Which one, from 1.</param>
/// <param name="Count">How many there are.</param>
internal sealed record Shard(int Number, int Count)
{
    private const string SlurmId = "SLURM_ARRAY_TASK_ID", KubernetesIndex = "JOB_COMPLETION_INDEX";

    /// <summary>Reads i/n, auto or auto/n.</summary>
    /// <param name="text">The value of --shard.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <exception cref="ArgumentException">The text is none of these, or what the scheduler set does not fit
    /// it.</exception>
    public static Shard Parse(string text, Func<string, string?> variable)
    {
        string[] parts = text.Split('/');
        int count = 0;
        bool valid = parts.Length <= 2 && (parts.Length == 1 || (Whole(parts[1], out count) && count > 0));
        if (valid && parts[0] == "auto")
            return FromScheduler(text, parts.Length == 1 ? null : count, variable);
        if (valid && Whole(parts[0], out int number) && number >= 1 && number <= count)
            return new(number, count);
        throw new ArgumentException(
            $"--shard is '{text}'; expected i/n, such as 1/16 for the first and 16/16 for the last of 16 shards, or "
                + "'auto'.");
    }

    /// <summary>Whether an image is in this part.</summary>
    /// <param name="key">Its path: see <see cref="InputImage.Key"/>.</param>
    public bool Has(string key) =>
        XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(key)) % (ulong)Count == (ulong)Number - 1;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Count}");

    private static Shard FromScheduler(string text, int? count, Func<string, string?> variable) =>
        (variable(SlurmId), variable(KubernetesIndex)) switch
        {
            ({ }, null) => FromSlurm(text, count, variable),
            (null, { }) => FromKubernetes(text, count, variable),
            var (slurm, _) => throw new ArgumentException(
                $"--shard is '{text}', and {(slurm is null ? "neither" : "both")} {SlurmId} (Slurm) "
                    + $"{(slurm is null ? "nor" : "and")} {KubernetesIndex} (Kubernetes) "
                    + $"{(slurm is null ? "is" : "are")} set; expected one of them, or i/n such as 1/16."),
        };

    // A part of an array that runs again would be taken for the whole of a smaller one; its first task or its number
    // of tasks gives it away.
    private static Shard FromSlurm(string text, int? count, Func<string, string?> variable)
    {
        int id = Read(text, SlurmId, variable), tasks = Read(text, "SLURM_ARRAY_TASK_COUNT", variable),
            first = Read(text, "SLURM_ARRAY_TASK_MIN", variable),
            step = Read(text, "SLURM_ARRAY_TASK_STEP", variable, 1),
            last = Read(text, "SLURM_ARRAY_TASK_MAX", variable, first + ((tasks - 1) * step));
        if (first > 1 || tasks != (count ?? tasks) || step < 1 || last != first + ((tasks - 1) * step)
            || id < first || id > last || (id - first) % step != 0)
            throw new ArgumentException(
                $"--shard is '{text}', and Slurm's array has {tasks} tasks from {first} to {last}, of which this is "
                    + $"{id}; expected {(count is null ? "a whole array" : $"{count} tasks")} from 0 or 1 without "
                    + "gaps. Where some tasks run again, name the shard, such as --shard 6/16.");
        return new(((id - first) / step) + 1, tasks);
    }

    private static Shard FromKubernetes(string text, int? count, Func<string, string?> variable)
    {
        int index = Read(text, KubernetesIndex, variable);
        if (count is null)
            throw new ArgumentException(
                $"--shard is '{text}', and Kubernetes does not say how many completions a Job has; name their number, "
                    + "such as --shard auto/8.");
        return index < count ? new(index + 1, count.Value) : throw new ArgumentException(
            $"--shard is '{text}', and {KubernetesIndex} is {index}; expected 0 to {count - 1}.");
    }

    private static int Read(string text, string name, Func<string, string?> variable, int? other = null) =>
        variable(name) is { } value ? Whole(value, out int number) ? number
            : throw new ArgumentException($"--shard is '{text}', and {name} is '{value}'; expected a whole number.")
        : other ?? throw new ArgumentException(
            $"--shard is '{text}', and {name} is not set; name the shard, such as --shard 6/16.");

    private static bool Whole(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
