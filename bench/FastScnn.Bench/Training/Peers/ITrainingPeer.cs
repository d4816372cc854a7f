namespace FastScnn.Bench.Training.Peers;

/// <summary>A way to train that runs on .NET.</summary>
internal interface ITrainingPeer : IDisposable
{
    /// <summary>The parameters of the network whose steps are timed.</summary>
    long Parameters { get; }

    /// <summary>The milliseconds of some more steps on a random batch.</summary>
    object[] Step(BatchSize size, int count);

    /// <summary>Trains a new network on batches of a folder.</summary>
    EndToEndTime Epoch(string root, BatchSize size, int loaders, int batches);
}
