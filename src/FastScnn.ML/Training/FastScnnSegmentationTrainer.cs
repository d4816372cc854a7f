using FastScnn.ML.Catalog;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.ML.Transforms;
using FastScnn.Torch;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Network;
using FastScnn.Torch.Onnx;
using FastScnn.Torch.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;
using static System.FormattableString;

namespace FastScnn.ML.Training;

/// <summary>Trains a Fast-SCNN on images and label maps; an <see cref="IEstimator{TTransformer}"/> for the
/// <see cref="FastScnnSegmentationTransformer"/>.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
///
/// ### Trainer characteristics
/// |  |  |
/// | -- | -- |
/// | Does this trainer need to look at the data to train its parameters? | Yes: at all pixels, once an epoch |
/// | Input column data type | <xref:Microsoft.ML.Data.MLImage> and SegmentationMap, of equal size in a row |
/// | Output column data type | SegmentationMap of the image's size; on request also vectors of <xref:System.Single> |
/// | Required NuGet in addition to Microsoft.ML | FastScnn.ML, and TorchSharp-cpu or TorchSharp-cuda-linux, -windows |
/// | Exportable to ONNX | It runs an ONNX file already |
///
/// ]]></format>
/// <para>The classes are those of the label maps. A row without an image or without a label (null) is left out, with a
/// warning in the log.</para>
/// <para>The result depends on the rows and the options alone, on the processor. Trainings of one process take turns: a
/// second Fit waits until the first has trained, and its cancellation ends the waiting. libtorch's settings are put
/// back as they were; see <see cref="FastScnnTrainer"/>.</para>
/// </remarks>
/// <seealso cref="SemanticSegmentationTrainers.FastScnn(FastScnnSegmentationTrainerOptions)"/>
public sealed class FastScnnSegmentationTrainer : IEstimator<FastScnnSegmentationTransformer>
{
    internal const string Name = "FastScnnTrainer";

    private const string ModelName = "the trained model";

    private readonly IHostEnvironment _environment;
    private readonly FastScnnSegmentationTrainerOptions _options;

    internal FastScnnSegmentationTrainer(IHostEnvironment environment, FastScnnSegmentationTrainerOptions options)
    {
        (_environment, _options) = (environment, options);
        SegmentationColumns.CheckNames(ScoringOptions(), nameof(options.PredictedLabelColumnName));
    }

    /// <summary>Trains. The caller owns the result, alone or through the chain that it becomes part of, and disposes
    /// it.</summary>
    /// <param name="input">The rows to learn from.</param>
    /// <exception cref="ArgumentException">
    /// A column is missing or of another type, there are fewer rows than a batch holds, a batch holds one row, or the
    /// recipe does not fit the classes.
    /// </exception>
    /// <exception cref="InvalidDataException">
    /// No row has an image and a label, an image and its label differ in size, labels differ in their classes, or a
    /// file cannot be read; the message names the row or the files. Or the teacher is no model that gives scores.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The GPU asked for cannot be used, there is no native ONNX Runtime library, or the recipe's output folder holds
    /// another training.
    /// </exception>
    /// <exception cref="DllNotFoundException">There is no libtorch; the message names the packages that hold
    /// it.</exception>
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite; the message names the
    /// batch.</exception>
    /// <exception cref="OperationCanceledException">The token of the options was cancelled.</exception>
    public FastScnnSegmentationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using IChannel channel = _environment.Register(Name).Start("Train");
        TrainingRows.Check(input.Schema, _options, nameof(input));
        if (_options.ValidationSet is { } set)
            TrainingRows.Check(set.Schema, _options, nameof(_options.ValidationSet));
        // Reading rows may take long, so errors that do not depend on them come first.
        byte[]? teacherFile = _options.TeacherFile is { } file ? SessionFactory.ReadFile(file) : null;
        _ = new FastScnnTrainer(_options.Training);
        new FastScnnNetwork(new FastScnnNetworkOptions { Seed = 0 }).Dispose();
        int? device = ChooseDevice(channel);
        string folder = ContextSettings.TempFolder(_environment);
        using TrainingRows training = TrainingRows.Open(input, "training", _options, folder, channel);
        using TrainingRows? validation = _options.ValidationSet is { } rows
            ? TrainingRows.Open(rows, "validation", _options, folder, channel) : null;
        TrainingOptions recipe = TrainingPlan.Make(_options, device, training, validation);
        using OnnxTeacher? teacher = teacherFile is null ? null
            : LoadTeacher(teacherFile, training.Dataset.Classes, device, channel);
        if (teacher is not null)
            recipe = recipe with { Teacher = teacher.Teacher };
        TryScoring(training.Dataset.Classes);
        Func<Stream, PixelBuffer> decoder = ImageDecoder.WithOptions(training.Images with
        {
            MaxPixels = Math.Max(training.Images.MaxPixels, validation?.Images.MaxPixels ?? 0)
        });
        var log = new TrainingChannelLog(channel, _options.Progress);
        log.Starts(recipe, training.Dataset, validation?.Dataset);
        TrainingResult result = new FastScnnTrainer(recipe).Train(training.Dataset, validation?.Dataset, decoder, log,
            _options.CancellationToken);
        log.Ended(result);
        return new FastScnnSegmentationTransformer(_environment, Export(result.Weights), ScoringOptions());
    }

    /// <summary>The shape of the transformed data.</summary>
    /// <param name="inputSchema">The shape of the data.</param>
    /// <exception cref="ArgumentException">There is no column of images or none of maps.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        Columns.Require<ImageDataViewType>(inputSchema, Name, _options.ImageColumnName);
        Columns.Require<SegmentationMapDataViewType>(inputSchema, Name, _options.LabelColumnName);
        return SegmentationColumns.AddTo(inputSchema, ScoringOptions());
    }

    private int? ChooseDevice(IChannel channel)
    {
        (int? device, bool fallback) = ContextSettings.Gpu(_environment,
            _options.GpuDeviceId ?? _options.Training.GpuDeviceId, _options.FallbackToCpu);
        if (device is not { } gpu || FastScnnTrainer.GetUnavailableReason(gpu
            + (_options.Training.Processes?.LocalRank ?? 0)) is not { } reason)
            return device;
        if (!fallback)
            throw new InvalidOperationException($"{reason} Set fallbackToCpu to do that by itself.");
        channel.Warning(MessageSensitivity.None, $"{reason} Training runs on the processor.");
        return null;
    }

    private OnnxTeacher LoadTeacher(byte[] file, ClassList classes, int? device, IChannel channel)
    {
        (FastScnnSegmenterOptions options, Func<SessionOptions>? baseOptions) =
            ContextSettings.Merge(_environment, new FastScnnSegmenterOptions
            {
                GpuDeviceId = device + (_options.Training.Processes?.LocalRank ?? 0),
                FallbackToCpu = _options.FallbackToCpu,
                IntraOpThreads = 1,
            });
        OnnxTeacher teacher = OnnxTeacher.Load(file, _options.TeacherFile!, classes, options, baseOptions);
        if (teacher.FallbackReason is { } reason)
            channel.Warning(MessageSensitivity.None, reason);
        channel.Info(MessageSensitivity.UserData, $"'{_options.TeacherFile}' teaches, on {teacher.ActiveProvider}.");
        return teacher;
    }

    // What the result cannot do without must not fail after hours of training: a network that has learned nothing is
    // scored with first.
    private void TryScoring(ClassList classes)
    {
        using var network = new FastScnnNetwork(new FastScnnNetworkOptions { Classes = classes.Count, Seed = 0 });
        byte[] model = Export(network.ToCheckpoint(new ModelInfo
        {
            Classes = classes,
            Normalization = _options.Training.Normalization,
            InputScale = _options.Training.InputScale
        }));
        (FastScnnSegmenterOptions options, Func<SessionOptions>? baseOptions) =
            ContextSettings.Merge(_environment, ScoringOptions().Segmenter);
        FastScnnSegmenter.Create(model, ModelName, options, baseOptions).Dispose();
    }

    private FastScnnSegmentationOptions ScoringOptions() => new()
    {
        OutputColumnName = _options.PredictedLabelColumnName,
        InputColumnName = _options.ImageColumnName,
        ScoreColumnName = _options.ScoreColumnName,
        ScoreKind = _options.ScoreKind,
        ConfidenceColumnName = _options.ConfidenceColumnName,
        ModelFile = ModelName,
        Segmenter = _options.Segmenter is { GpuDeviceId: null, ExecutionProviders.Count: 0 }
            ? _options.Segmenter with
            {
                GpuDeviceId = _options.GpuDeviceId ?? _options.Training.GpuDeviceId,
                FallbackToCpu = _options.FallbackToCpu
            }
            : _options.Segmenter,
    };

    private static byte[] Export(Checkpoint weights)
    {
        using var model = new MemoryStream();
        OnnxExporter.Export(weights, model);
        return model.ToArray();
    }
}

/// <summary>Fits a recipe to the rows.</summary>
internal static class TrainingPlan
{
    private const int Multiple = 32;
    private const int ImagesLookedAt = 16;

    public static TrainingOptions Make(
        FastScnnSegmentationTrainerOptions options, int? device, TrainingRows training, TrainingRows? validation)
    {
        TrainingOptions recipe = options.Training;
        int rows = training.Dataset.Samples.Count;
        if (rows == 1 && !recipe.FreezeBatchNorm || recipe.DropLast && rows < recipe.StepSize)
            throw FewerRows(rows, recipe);
        if (training.ComeFromFiles || validation is { ComeFromFiles: true })
            recipe = recipe with { CacheBytes = Math.Max(recipe.CacheBytes, options.MemoryBytes) };
        return recipe with
        {
            GpuDeviceId = device,
            Augmentation = options.FitCropToImages ? FitCrop(recipe, training) : recipe.Augmentation,
        };
    }

    private static AugmentationOptions FitCrop(TrainingOptions recipe, TrainingRows training)
    {
        AugmentationOptions augmentation = recipe.Augmentation;
        if (augmentation.BaseSize is not null)
            return augmentation;
        Func<Stream, PixelBuffer> decoder = ImageDecoder.WithOptions(training.Images);
        (int width, int height) = (0, 0);
        for (int i = 0; i < Math.Min(ImagesLookedAt, training.Dataset.Samples.Count); i++)
        {
            PixelBuffer image = training.Dataset.ReadImage(i, decoder);
            (width, height) = (Math.Max(width, image.Width), Math.Max(height, image.Height));
        }
        return augmentation with
        {
            CropWidth = Math.Min(augmentation.CropWidth, RoundUp(width * recipe.InputScale)),
            CropHeight = Math.Min(augmentation.CropHeight, RoundUp(height * recipe.InputScale)),
        };
    }

    private static int RoundUp(double side) => (int)Math.Ceiling(side / Multiple) * Multiple;

    private static ArgumentException FewerRows(int rows, TrainingOptions recipe) => new(
        rows == 1 && !recipe.FreezeBatchNorm
            ? "There is 1 training row with an image and a label; there must be 2 or more, as batch norm needs them. "
                + $"Give more rows, or train on the one with {nameof(TrainingOptions.FreezeBatchNorm)}, which keeps "
                + $"the statistics of {nameof(TrainingOptions.InitialWeights)}, and "
                + $"{nameof(TrainingOptions.BatchSize)} 1."
            : Invariant($"There are {rows} training rows with an image and a label, and ")
                + (recipe.AccumulateSteps == 1
                    ? Invariant($"a batch takes {recipe.BatchSize}; give more rows, or ")
                        + Invariant($"{nameof(TrainingOptions.BatchSize)} {(recipe.FreezeBatchNorm ? 1 : 2)} to {rows}.")
                    : Invariant($"a step takes {recipe.AccumulateSteps} batches of {recipe.BatchSize}; give more rows, or ")
                        + $"a smaller {nameof(TrainingOptions.AccumulateSteps)} or {nameof(TrainingOptions.BatchSize)}."),
        "input");
}
