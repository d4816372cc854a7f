using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Loading;
using FastScnn.Torch.Training;

namespace FastScnn.Torch;

internal static partial class Errors
{
    public static ArgumentException WarmUpTooLong(long warmUpSteps, long steps) =>
        new(Invariant($"The warm-up takes {warmUpSteps} steps of {steps}; it must leave one step or more."));

    public static ArgumentOutOfRangeException NegativeStep(long step) =>
        new(nameof(step), step, Invariant($"Steps are counted from 0; {step} is none."));

    // Where these reach the command line it puts its options in place of the names of properties; so they stand there alone, with values after them.
    private const string OneSample = "pyramid pooling averages a photo to one value a channel, and batch norm needs two to find their variance";

    private const string SinglePhotos = $"with {nameof(TrainingOptions.FreezeBatchNorm)}, which keeps the statistics of {nameof(TrainingOptions.InitialWeights)}";

    public static ArgumentException BatchesOfOne() =>
        new($"{nameof(LoaderOptions.BatchSize)} is 1; it must be 2 or more, as {OneSample}. Single photos are trained on {SinglePhotos}.", "options");

    public static ArgumentException OnePhoto() =>
        new($"There is one photo to train on; there must be 2 or more, as {OneSample}. Add photos, or train on the one {SinglePhotos}, and {nameof(LoaderOptions.BatchSize)} 1.", "training");

    public static ArgumentException FewerThanBatch(int samples, int batchSize, int least) =>
        new(Invariant($"{(samples == 1 ? "1 photo" : $"{samples} photos")} to train on {(samples == 1 ? "makes" : "make")} no batch of {batchSize}. Add photos, or give {nameof(LoaderOptions.BatchSize)} {(samples > least ? $"{least} to {samples}" : samples)}."), "training");

    public static ArgumentException LastBatchOfOne(int samples, int batchSize) =>
        new(Invariant($"{samples} samples in batches of {batchSize} leave a last batch of 1; it must be of 2 or more, as {OneSample}. ")
            + $"Give another {nameof(LoaderOptions.BatchSize)}, or {nameof(LoaderOptions.DropLast)} = true.", "options");

    public static TrainingDivergedException WeightsDiverged(string name, long step, IReadOnlyList<SamplePair> samples) =>
        new(Invariant($"'{name}' of the network holds NaN or infinite values after {step} steps; such weights are not kept. The last batch was made of {NameList([.. samples.Select(sample => $"'{sample.PhotoPath}'")])}. ")
            + "A lower learning rate, a warm-up or a limit to the norm of the gradients may help; or look at these files.", samples);

    public static ArgumentException NothingToTrain() =>
        new("No parameter of the module asks for a gradient, so there is nothing to train.", "module");

    public static ArgumentException AverageMismatch(IReadOnlyCollection<string> missing, IReadOnlyCollection<string> unexpected, IReadOnlyCollection<string> different)
    {
        string[] parts =
        [
            .. missing.Count > 0 ? [Invariant($"{missing.Count} missing: {NameList(missing)}")] : Array.Empty<string>(),
            .. unexpected.Count > 0 ? [Invariant($"{unexpected.Count} unexpected: {NameList(unexpected)}")] : Array.Empty<string>(),
            .. different.Count > 0 ? [Invariant($"{different.Count} of another shape or type: {NameList(different)}")] : Array.Empty<string>(),
        ];
        return new($"The average does not fit the module; nothing was changed. {string.Join("; ", parts)}.");
    }

    public static CheckpointException AverageUpdates(string key, string found) =>
        new($"The checkpoint holds no moving average: its metadata '{key}' is '{found}' instead of a number of updates.");

    public static string EntryMismatch(string key, string foundType, IEnumerable<long> found, string expectedType, IEnumerable<long> expected) =>
        $"'{key}' is {foundType} {ShapeText(found)} instead of {expectedType} {ShapeText(expected)}";

    public static InvalidOperationException TrainingWithinTraining() =>
        new("A training was started from within another one, such as from its progress handler or its decoder. Trainings of one process take turns, so it would wait for ever: start it when the other has ended.");

    public static IOException FolderTaken(string folder, IOException inner) =>
        new($"The output folder '{folder}' cannot be taken for this training: {inner.Message} Is another one under way there? Wait for it, or choose another folder.", inner);

    public static ArgumentException EvaluatedClasses(int network, int dataset) =>
        new(Invariant($"The network has {network} classes and the data set {dataset}; they must be as many."), "network");

    public static ArgumentException ValidationClasses(ClassList training, ClassList validation) =>
        new(Invariant($"The validation data have other classes than the training data: {validation.Count} ({NameList([.. validation.Select(c => c.Name)])}), {validation.IgnoreIndex} ignored, ")
            + Invariant($"instead of {training.Count} ({NameList([.. training.Select(c => c.Name)])}), {training.IgnoreIndex} ignored."), nameof(validation));

    public static ArgumentException TrainingIgnoreIndex(long loss, byte classes) =>
        new(Invariant($"The loss ignores the label {loss}, but the classes of the data set ignore {classes}. Make the loss with ignoreIndex: {classes}."), "options");

    public static TrainingDivergedException LossDiverged(string what, double value, long step, double rate, IReadOnlyList<SamplePair> samples) =>
        new(Invariant($"The {what} is {value} at step {step} (from 0), learning rate {rate:G4}. The batch was made of {NameList([.. samples.Select(sample => $"'{sample.PhotoPath}'")])}. ")
            + "A lower learning rate, a warm-up or a limit to the norm of the gradients may help; or look at these files.", samples);

    public static InvalidOperationException StateExists(string path) =>
        new($"'{path}' is the state of a training that was begun. To go on with it set {nameof(TrainingOptions.Resume)}; or give another {nameof(TrainingOptions.OutputFolder)}.");

    public static InvalidOperationException StateOfAnotherTraining(string path, IReadOnlyCollection<string> different) =>
        new($"'{path}' is the state of another training, which cannot be resumed with these options. {string.Join("; ", different)}.");

    public static CheckpointException StateVersion(string path, string found, int expected) =>
        new(found.Length == 0
            ? $"'{path}' is no training state: its metadata name no version."
            : Invariant($"'{path}' is a training state of version '{found}'; this version of FastScnn.Torch reads {expected}."));

    public static CheckpointException StateDamaged(string path, string what, Exception? inner) => new($"The training state '{path}' is damaged: {what}.", inner);

    public static string RandomState(IEnumerable<long> found, IEnumerable<long> expected) =>
        $"its random state is {ShapeText(found)} bytes; this libtorch's is {ShapeText(expected)}";

    public static string StateBatch(int batch, int batchesPerEpoch) => Invariant($"it stands after batch {batch} of an epoch, which has {batchesPerEpoch}");

    public static CheckpointException StateWithoutAverage(string path) =>
        new($"The training state '{path}' holds no moving average of the weights, which {nameof(TrainingOptions.AverageDecay)} asks for.");

    public static CheckpointException StateEntry(string key, string type, IEnumerable<long> shape, string? foundType, IEnumerable<long>? found) =>
        new($"The training state's optimizer entry '{key}' is {(foundType is null ? "missing" : $"{foundType} {ShapeText(found ?? [])}")}; {type} {ShapeText(shape)} is expected.");

    public static InvalidOperationException NoCuda(int device) =>
        new(Invariant($"CUDA device {device} cannot be used: libtorch finds no CUDA. Add the package TorchSharp-cuda-linux or TorchSharp-cuda-windows to the application, ")
            + "and see that an NVIDIA driver is installed; or train on the processor.");

    public static InvalidOperationException CudaDeviceCount(int device, int count) =>
        new(Invariant($"CUDA device {device} cannot be used: there are {count}, numbered from 0."));
}
