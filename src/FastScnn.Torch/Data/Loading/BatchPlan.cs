namespace FastScnn.Torch.Data.Loading;

/// <summary>A batch from the choice of its samples until it is handed over.</summary>
internal sealed class BatchPlan(int number, int[] indices, IReadOnlyList<SamplePair> samples)
{
    private readonly Lock _lock = new();
    private SegmentationBatch? _batch;

    /// <summary>The samples, as positions in the data set.</summary>
    public int[] Indices => indices;

    /// <summary>Samples that are not done yet. Guarded by the lock of the run.</summary>
    public int Left { get; set; } = indices.Length;

    /// <summary>The first position in the batch that failed, and why. Guarded by the lock of the run.</summary>
    public (int Position, Exception Cause)? Failure { get; set; }

    /// <summary>The batch itself, which takes memory from the first call on.</summary>
    public SegmentationBatch Batch(int width, int height)
    {
        lock (_lock) return _batch ??= new SegmentationBatch(number, [.. indices.Select(index => samples[index])], width, height);
    }

    /// <summary>Gives the finished batch away, so that only its receiver keeps it alive; or throws what kept a sample from it.</summary>
    public SegmentationBatch Take()
    {
        if (Failure is { } failure) throw Errors.SampleFailed(samples[indices[failure.Position]], failure.Cause);
        SegmentationBatch batch = _batch!;
        _batch = null;
        return batch;
    }
}
