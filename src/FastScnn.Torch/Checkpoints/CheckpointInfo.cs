using System.Collections.ObjectModel;
using System.Globalization;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Checkpoints;

/// <summary>What a checkpoint says about its weights, kept as metadata of a <c>.safetensors</c> file.</summary>
public sealed record CheckpointInfo
{
    private const string Prefix = "fastscnn.";
    internal const string ClassesKey = Prefix + "classes";
    internal const string MeanKey = Prefix + "mean";
    internal const string StdKey = Prefix + "std";
    internal const string InputScaleKey = Prefix + "inputScale";
    private const string TrainingPrefix = Prefix + "training.";

    /// <summary>The classes in the order of the network's outputs, with their colours. Default: null, not known.</summary>
    public ClassList? Classes { get; init; }

    /// <summary>How pixels become the input that the weights were trained on. Default: <see cref="Normalization.ImageNet"/>.</summary>
    public Normalization Normalization { get; init; } = Normalization.ImageNet;

    /// <summary>What the sides of photos are multiplied by before the network sees them, 0.25..8; see <see cref="FastScnn.Torch.Training.TrainingOptions.InputScale"/>. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public double InputScale
    {
        get;
        init => field = value is >= 0.25 and <= 8 ? value : throw Errors.Option(nameof(InputScale), value, "0.25 to 8");
    } = 1;

    /// <summary>Facts about the training as free text by name, such as epochs or scores. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Training { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Writes the facts as metadata: <c>fastscnn.classes</c> (classes.json), <c>fastscnn.mean</c>, <c>fastscnn.std</c>, <c>fastscnn.inputScale</c>, <c>fastscnn.training.NAME</c>.</summary>
    /// <returns>Text by key, for <see cref="Checkpoint.Metadata"/>.</returns>
    public IReadOnlyDictionary<string, string> ToMetadata()
    {
        OrderedDictionary<string, string> metadata = new()
        {
            [MeanKey] = string.Join(' ', Normalization.Mean.Select(Text)),
            [StdKey] = string.Join(' ', Normalization.Std.Select(Text)),
        };
        if (InputScale != 1) metadata[InputScaleKey] = InputScale.ToString("R", CultureInfo.InvariantCulture);
        if (Classes is not null) metadata[ClassesKey] = Classes.ToJson();
        foreach ((string name, string value) in Training)
            metadata[TrainingPrefix + name] = value;
        return metadata;

        static string Text(float value) => value.ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>Reads the facts back; what is absent gets its default, and keys of others are passed over.</summary>
    /// <param name="metadata">Text by key, from <see cref="Checkpoint.Metadata"/>.</param>
    /// <returns>The facts.</returns>
    /// <exception cref="CheckpointException">A value is not what <see cref="ToMetadata"/> writes; the message names its key.</exception>
    public static CheckpointInfo FromMetadata(IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        return new()
        {
            Classes = Read(ClassesKey, text => ClassList.Parse(text, ClassesKey)),
            Normalization = new()
            {
                Mean = Read(MeanKey, text => new Normalization { Mean = Numbers(text) })?.Mean ?? Normalization.ImageNet.Mean,
                Std = Read(StdKey, text => new Normalization { Std = Numbers(text) })?.Std ?? Normalization.ImageNet.Std,
            },
            InputScale = Read(InputScaleKey, text => new CheckpointInfo { InputScale = double.Parse(text, CultureInfo.InvariantCulture) })?.InputScale ?? 1,
            Training = metadata.Where(item => item.Key.StartsWith(TrainingPrefix, StringComparison.Ordinal))
                .ToDictionary(item => item.Key[TrainingPrefix.Length..], item => item.Value),
        };

        T? Read<T>(string key, Func<string, T> parse) where T : class
        {
            if (!metadata.TryGetValue(key, out string? text)) return null;
            try
            {
                return parse(text);
            }
            catch (Exception exception) when (exception is InvalidDataException or FormatException or ArgumentException)
            {
                throw Errors.BadMetadata(key, text, exception);
            }
        }

        static float[] Numbers(string text) => [.. text.Split(' ').Select(number => float.Parse(number, CultureInfo.InvariantCulture))];
    }
}
