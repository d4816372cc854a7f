using System.Diagnostics;
using System.Globalization;

namespace FastScnn.Bench.Workers;

/// <summary>Environment variables that a side is started with.</summary>
internal sealed record WorkerEnvironment(string Name, IReadOnlyDictionary<string, string> Variables)
{
    /// <summary>Nothing but the number of threads.</summary>
    public static WorkerEnvironment Plain { get; } = new("plain", new Dictionary<string, string>());

    /// <summary>glibc keeps large buffers instead of returning them to the system after every layer, and OpenMP's
    /// threads sleep when they wait.</summary>
    public static WorkerEnvironment Tuned { get; } = new("tuned", new Dictionary<string, string>
    {
        ["MALLOC_MMAP_THRESHOLD_"] = "1073741824",
        ["MALLOC_TRIM_THRESHOLD_"] = "2147483648",
        ["MALLOC_TOP_PAD_"] = "268435456",
        ["OMP_WAIT_POLICY"] = "PASSIVE",
    });

    /// <summary>Keeps our trainer from setting malloc and OpenMP, as it leaves what a user has set: the first is
    /// glibc's own value, the second is read by another OpenMP than the one that is loaded.</summary>
    public static WorkerEnvironment WithoutSettings { get; } = new("settings off", new Dictionary<string, string>
    {
        ["GLIBC_TUNABLES"] = "glibc.malloc.perturb=0",
        ["KMP_BLOCKTIME"] = "200",
    });

    /// <summary>Those that PyTorch is started with.</summary>
    public static IReadOnlyList<WorkerEnvironment> All { get; } = [Plain, Tuned];

    /// <summary>Sets the variables, and leaves nothing that the user's shell sets of them.</summary>
    public void ApplyTo(ProcessStartInfo start, int threads)
    {
        foreach (string name in Tuned.Variables.Keys.Concat(WithoutSettings.Variables.Keys).Append("GOMP_SPINCOUNT"))
            start.Environment.Remove(name);
        foreach ((string name, string value) in Variables)
            start.Environment[name] = value;
        // torch.set_num_threads does not reach the BLAS library.
        foreach (string name in new[] { "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS" })
            start.Environment[name] = threads.ToString(CultureInfo.InvariantCulture);
    }
}
