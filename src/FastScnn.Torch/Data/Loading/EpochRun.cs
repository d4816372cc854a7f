namespace FastScnn.Torch.Data.Loading;

/// <summary>The threads that make the batches of one epoch, and the queue between them and the consumer. Samples are
/// started in order; none of a batch is started before fewer than <see cref="LoaderOptions.QueuedBatches"/> batches are
/// under way or ready.</summary>
internal sealed class EpochRun : IDisposable
{
    private readonly BatchPlan[] _plans;
    private readonly Action<BatchPlan, int> _load;
    private readonly int _queued;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _registration;
    private readonly Thread[] _threads;
    private readonly object _gate = new();
    private int _startedBatch, _startedPosition, _taken;
    private bool _stopped;

    /// <summary>Starts the threads.</summary>
    public EpochRun(BatchPlan[] plans, Action<BatchPlan, int> load, LoaderOptions options,
        CancellationToken cancellationToken)
    {
        (_plans, _load, _queued, _cancellationToken) = (plans, load, options.QueuedBatches, cancellationToken);
        _registration = cancellationToken.Register(Stop);
        _threads = new Thread[Math.Min(options.Workers, plans.Sum(plan => plan.Indices.Length))];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"Batch loader {i}" };
            _threads[i].Start();
        }
    }

    /// <summary>The next batch once it is ready, null after the last.</summary>
    /// <exception cref="OperationCanceledException">The token is cancelled.</exception>
    /// <exception cref="InvalidDataException">A sample of the batch cannot be loaded.</exception>
    public SegmentationBatch? Next()
    {
        lock (_gate)
        {
            if (_taken == _plans.Length) return null;
            while (_plans[_taken].Left > 0 && !_stopped) Monitor.Wait(_gate);
            _cancellationToken.ThrowIfCancellationRequested();
            SegmentationBatch batch = _plans[_taken].Take();
            _taken++;
            Monitor.PulseAll(_gate);
            return batch;
        }
    }

    /// <summary>Stops and waits for the threads; a sample that is being decoded is finished first.</summary>
    public void Dispose()
    {
        _registration.Dispose();
        Stop();
        foreach (Thread thread in _threads) thread.Join();
    }

    private void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Work()
    {
        while (Start() is var (plan, position))
        {
            Exception? cause = null;
            try
            {
                _load(plan, position);
            }
            catch (Exception exception)
            {
                // A decoder is the caller's and may throw anything; on a thread of ours it would end the process.
                cause = exception;
            }
            lock (_gate)
            {
                if (cause is not null && (plan.Failure is not { } earlier || position < earlier.Position))
                    plan.Failure = (position, cause);
                if (--plan.Left == 0) Monitor.PulseAll(_gate);
            }
        }
    }

    private (BatchPlan Plan, int Position)? Start()
    {
        lock (_gate)
        {
            while (!_stopped && _startedBatch < _plans.Length && _startedBatch >= _taken + _queued) Monitor.Wait(_gate);
            if (_stopped || _startedBatch == _plans.Length) return null;
            BatchPlan plan = _plans[_startedBatch];
            int position = _startedPosition++;
            if (_startedPosition == plan.Indices.Length) (_startedBatch, _startedPosition) = (_startedBatch + 1, 0);
            return (plan, position);
        }
    }
}

/// <summary>A batch from the choice of its samples until it is handed over.</summary>
internal sealed class BatchPlan
{
    private readonly Lock _lock = new();
    private readonly int _number;
    private readonly int[] _whole;
    private readonly IReadOnlyList<SamplePair> _samples;
    private SegmentationBatch? _batch;

    /// <param name="number">The place in the epoch.</param>
    /// <param name="whole">The samples of the batch, as positions in the data set.</param>
    /// <param name="slice">Which of them are loaded here.</param>
    /// <param name="samples">The data set.</param>
    public BatchPlan(int number, int[] whole, Range slice, IReadOnlyList<SamplePair> samples)
    {
        (_number, _whole, Indices, _samples) = (number, whole, whole[slice], samples);
        Left = Indices.Length;
    }

    /// <summary>The samples to load, as positions in the data set.</summary>
    public int[] Indices { get; }

    /// <summary>Samples that are not done yet. Guarded by the lock of the run.</summary>
    public int Left { get; set; }

    /// <summary>The first position in the batch that failed, and why. Guarded by the lock of the run.</summary>
    public (int Position, Exception Cause)? Failure { get; set; }

    /// <summary>The batch itself, which takes memory from the first call on.</summary>
    public SegmentationBatch Batch(int width, int height, CropTeaching? teaching = null)
    {
        lock (_lock)
            return _batch ??= new SegmentationBatch(_number, Pairs(Indices), width, height, Pairs(_whole), teaching);
    }

    /// <summary>Gives the finished batch away, so that only its receiver keeps it alive; or throws what kept a sample
    /// from it.</summary>
    public SegmentationBatch Take()
    {
        if (Failure is { } failure)
        {
            SamplePair sample = _samples[Indices[failure.Position]];
            (string mixed, Exception cause) = ("", failure.Cause);
            if (cause is PartnerException { InnerException: { } inner } partner)
            {
                (mixed, cause) = ($", which is mixed into '{sample.Name}',", inner);
                sample = _samples[partner.Sample];
            }
            throw new InvalidDataException($"The sample '{sample.Name}' (image '{sample.ImagePath}', mask "
                + $"'{sample.MaskPath}'){mixed} cannot be loaded: {cause.Message}", cause);
        }
        SegmentationBatch batch = _batch!;
        _batch = null;
        return batch;
    }

    private SamplePair[] Pairs(int[] indices) => [.. indices.Select(index => _samples[index])];
}

/// <summary>A sample that was to be mixed into another cannot be loaded; the inner exception says why.</summary>
internal sealed class PartnerException(int sample, Exception cause) : Exception(cause.Message, cause)
{
    /// <summary>Its position in the data set.</summary>
    public int Sample { get; } = sample;
}
