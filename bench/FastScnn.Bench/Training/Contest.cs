namespace FastScnn.Bench.Training;

/// <summary>All entrants with one number of threads, alive side by side, so that they can take turns.</summary>
internal sealed class Contest : IDisposable
{
    public Contest(int threads, IEnumerable<Side> sides)
    {
        Threads = threads;
        Entrants = [.. sides.Select(side => new Entrant(side, threads))];
        foreach (Entrant entrant in Entrants)
            entrant.AwaitStart();
    }

    public int Threads { get; }

    /// <summary>In the order of the sides.</summary>
    public IReadOnlyList<Entrant> Entrants { get; }

    /// <summary>Whether all train a network of the same size.</summary>
    public bool IsFair =>
        Entrants.Where(entrant => entrant.Failure is null).Select(entrant => entrant.Parameters).Distinct().Count()
            <= 1;

    public void Dispose()
    {
        foreach (Entrant entrant in Entrants)
            entrant.Dispose();
    }
}
