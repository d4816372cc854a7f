using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Metrics;
using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>All that a training needs to go on as if it had not been interrupted, as one <c>.safetensors</c>
/// file.</summary>
internal sealed record TrainingState(
    TrainingPosition Position,
    IReadOnlyDictionary<string, string> Recipe,
    Checkpoint Weights,
    Checkpoint? Average,
    IReadOnlyDictionary<string, CheckpointTensor> Optimizer,
    CheckpointTensor Random)
{
    private const int Version = 2;
    private const string VersionKey = "training.version", PositionKey = "training.position",
        HashKey = "training.sha256", RecipePrefix = "training.recipe.";
    private const string WeightsPrefix = "weights/", AveragePrefix = "average/", OptimizerPrefix = "optimizer/",
        RandomKey = "random";

    /// <summary>Writes the state; an existing file is replaced only by a whole new one.</summary>
    public void Save(string path) => ToCheckpoint().SaveSafetensors(path);

    /// <summary>What <see cref="Save"/> writes.</summary>
    public byte[] ToBytes() => ToCheckpoint().ToSafetensors();

    private Checkpoint ToCheckpoint()
    {
        OrderedDictionary<string, string> metadata = new()
        {
            [VersionKey] = $"{Version}",
            [PositionKey] = JsonSerializer.Serialize(Position, TrainingJson.Default.TrainingPosition)
        };
        foreach ((string name, string value) in Recipe)
            metadata[RecipePrefix + name] = value;
        foreach ((string key, string value) in Average?.Metadata ?? new Dictionary<string, string>())
            metadata[AveragePrefix + key] = value;
        KeyValuePair<string, CheckpointTensor>[] tensors =
            [.. Prefixed(WeightsPrefix, Weights.Tensors), .. Prefixed(AveragePrefix, Average?.Tensors),
                .. Prefixed(OptimizerPrefix, Optimizer), KeyValuePair.Create(RandomKey, Random)];
        metadata[HashKey] = Hash(metadata, tensors);
        return new Checkpoint(tensors, metadata);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="CheckpointException">The file is damaged, or no training state; the message names
    /// it.</exception>
    /// <exception cref="IOException">The file cannot be opened or read.</exception>
    public static TrainingState Load(string path) => From(Checkpoint.Load(path), path);

    /// <summary>Reads what <see cref="ToBytes"/> gave.</summary>
    /// <exception cref="CheckpointException">They are damaged.</exception>
    public static TrainingState FromBytes(byte[] bytes, string name) => From(Checkpoint.Read(bytes, name), name);

    private static TrainingState From(Checkpoint file, string path)
    {
        string version = file.Metadata.GetValueOrDefault(VersionKey, "");
        if (version != $"{Version}") throw new CheckpointException(version.Length == 0
            ? $"'{path}' is no training state: its metadata name no version."
            : Invariant(
                $"'{path}' is a training state of version '{version}'; this version of FastScnn.Torch reads {Version}."));
        // A changed weight would go unseen into all that is trained from it.
        if (file.Metadata.GetValueOrDefault(HashKey) != Hash(file.Metadata, file.Tensors))
            throw Throw.StateDamaged(path, "its content is not what was written, by its SHA-256");
        if (!file.Tensors.TryGetValue(RandomKey, out CheckpointTensor? random) || random.Type != CheckpointType.UInt8)
            throw Throw.StateDamaged(path, $"it has no tensor '{RandomKey}' of bytes");
        IReadOnlyDictionary<string, CheckpointTensor> average = Below(AveragePrefix, file.Tensors);
        return new(
            ReadPosition(path, file.Metadata.GetValueOrDefault(PositionKey, "")),
            Below(RecipePrefix, file.Metadata),
            new Checkpoint(Below(WeightsPrefix, file.Tensors)),
            average.Count == 0 ? null : new Checkpoint(average, Below(AveragePrefix, file.Metadata)),
            Below(OptimizerPrefix, file.Tensors),
            random);
    }

    private static string Hash(IEnumerable<KeyValuePair<string, string>> metadata,
        IEnumerable<KeyValuePair<string, CheckpointTensor>> tensors)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string key, string value) in metadata.Where(item => item.Key != HashKey).OrderBy(item => item.Key,
            StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{key}: {value}\n"));
        foreach ((string name, CheckpointTensor tensor) in tensors.OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}: {tensor.Type} [{string.Join(' ', tensor.Shape)}]\n"));
            hash.AppendData(tensor.Bytes.Span);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static TrainingPosition ReadPosition(string path, string text)
    {
        try
        {
            TrainingPosition? position = JsonSerializer.Deserialize(text, TrainingJson.Default.TrainingPosition);
            if (position is
                {
                    Epoch: >= 0, Batch: >= 0, Step: >= 0, BestEpoch: >= 0, Stale: >= 0,
                    BestMeanIoU: null or >= 0 and <= 1
                }) return position;
        }
        catch (JsonException exception)
        {
            throw Throw.StateDamaged(path, $"its position is '{text}'", exception);
        }
        throw Throw.StateDamaged(path, $"its position is '{text}'");
    }

    private static IEnumerable<KeyValuePair<string, CheckpointTensor>> Prefixed(string prefix,
        IReadOnlyDictionary<string, CheckpointTensor>? tensors) =>
        (tensors ?? new Dictionary<string, CheckpointTensor>()).Select(item =>
            KeyValuePair.Create(prefix + item.Key, item.Value));

    private static Dictionary<string, T> Below<T>(string prefix, IReadOnlyDictionary<string, T> items) =>
        items.Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(item => item.Key[prefix.Length..], item => item.Value);
}

/// <summary>How far a training is: what its state holds beside tensors.</summary>
/// <param name="Epoch">Epochs that are done, validation and all.</param>
/// <param name="Batch">Batches of the epoch under way that are done.</param>
/// <param name="Step">Steps of the optimizer that are done.</param>
/// <param name="BestMeanIoU">The best validation mIoU so far; null before the first validation that has one.</param>
/// <param name="BestScores">The scores of the weights that are kept; null where they were not validated, and in states
/// of older versions.</param>
/// <param name="BestEpoch">The epoch of the weights that are kept, from 1; 0 before the first validation.</param>
/// <param name="Stale">Validations since the best one.</param>
/// <param name="Finished">Whether training has ended, so that a resume has nothing left to do.</param>
/// <param name="StoppedEarly">Whether the end was an early stop.</param>
internal sealed record TrainingPosition(
    int Epoch = 0, int Batch = 0, long Step = 0, double? BestMeanIoU = null, SegmentationScores? BestScores = null,
    int BestEpoch = 0,
    int Stale = 0, bool Finished = false, bool StoppedEarly = false);

/// <summary>How positions are written and read, without reflection.</summary>
[JsonSerializable(typeof(TrainingPosition))]
internal sealed partial class TrainingJson : JsonSerializerContext;

/// <summary>What decides the result of a training, as text by name: for the state file, the log and the metadata of the
/// weights.</summary>
internal static class TrainingRecipe
{
    /// <summary>Entries without which the stored tensors or positions have no meaning: a resume with other values is
    /// refused.</summary>
    public static IReadOnlyList<string> Fixed { get; } =
        ["classes", "samples", "batch", "optimizer", "auxiliary head", PrecisionKey, TeacherKey];

    private const string PrecisionKey = "precision", TeacherKey = "teacher";

    /// <summary>Gets an entry of a recipe, also of a stored one; null if the recipe lacks it.</summary>
    public static string? Entry(IReadOnlyDictionary<string, string> recipe, string name) =>
        recipe.GetValueOrDefault(name)
        ?? name switch
        {
            // Older versions had nothing else and did not say so.
            PrecisionKey => ChosenPrecision.Float32Name,
            TeacherKey => "none",
            _ => null,
        };

    /// <summary>Describes a training.</summary>
    public static IReadOnlyDictionary<string, string> Describe(TrainingOptions options, SegmentationDataset dataset,
        long steps, ChosenPrecision precision)
    {
        OrderedDictionary<string, string> recipe = new()
        {
            ["classes"] = string.Join(", ", dataset.Classes.Select(c => c.Name)),
            ["samples"] = Text(dataset.Samples.Count),
            ["batch"] = Text(options.BatchSize)
                + (options.AccumulateSteps == 1 ? "" : $" x {Text(options.AccumulateSteps)}") + (options.DropLast ? "" : ", last smaller batch kept"),
            ["epochs"] = Text(options.Epochs),
            ["steps"] = Text(steps),
            ["seed"] = Text(options.Seed),
            ["augmentation"] = Members(typeof(AugmentationOptions), options.Augmentation),
            ["input scale"] = Text(options.InputScale),
            ["loss"] = options.Loss?.ToString() ?? "cross-entropy",
            ["loss stride"] = Text(options.LossStride),
            ["auxiliary head"] = options.AuxiliaryHead ? "yes" : "no",
            ["auxiliary loss"] = options.AuxiliaryHead
            ? $"{Text(options.AuxiliaryWeight)} x {options.AuxiliaryLoss ?? (object)"loss"}" : "none",
            ["dropout"] = Text(options.Dropout),
            ["optimizer"] = options.Optimizer.GetType().Name,
            ["optimizer settings"] = Members(options.Optimizer.GetType(), options.Optimizer),
            ["schedule"] = $"{options.Schedule.GetType().Name} {Members(options.Schedule.GetType(), options.Schedule)}",
            ["average"] = options.AverageDecay is { } decay ? Text(decay) : "none",
            ["gradient norm"] = options.MaxGradientNorm is { } norm ? Text(norm) : "none",
            ["frozen batch norm"] = options.FreezeBatchNorm ? "yes" : "no",
            ["processes"] = options.Processes is null ? "1" : Text(options.Processes.Count)
                + (options.SyncBatchNorm ? ", batch norm over all" : ", batch norm on each"),
            ["started from"] = options.InitialWeights is null ? "fresh weights" : "given weights",
            [PrecisionKey] = precision.Name,
        };
        if (precision.Reason is { } reason) recipe["precision chosen"] = reason;
        if (options.Teacher is { } teacher)
        {
            recipe[TeacherKey] = teacher.Fingerprint;
            recipe["teacher's loss"] = $"{Text(options.TeacherWeight)} x Kullback-Leibler divergence from "
                + $"'{teacher.Name}', temperature {Text(options.TeacherTemperature)}";
        }
        return recipe;
    }

    // A record prints its numbers in the culture of the machine.
    private static string Members(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type type, object record) =>
        string.Join(", ", type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetIndexParameters().Length == 0)
        .OrderBy(property => property.Name, StringComparer.Ordinal)
        .Select(property => $"{property.Name} {Text(property.GetValue(record))}"));

    private static string Text(object? value) => string.Create(CultureInfo.InvariantCulture, $"{value ?? "none"}");
}
