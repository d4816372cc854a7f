namespace FastScnn.Bench.Workers;

/// <summary>A side's process ended or hung, with what it wrote besides answers.</summary>
internal sealed class WorkerFailure(string what,
    string diagnostics) : Exception($"{what}:{Environment.NewLine}{diagnostics.TrimEnd()}");
