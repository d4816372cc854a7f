using System.CommandLine;
using System.Globalization;
using FastScnn.Torch;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Training;

namespace FastScnn.Teacher;

/// <summary>The options of the command line; names as in <c>fastscnn train</c>.</summary>
internal sealed class TeacherOptions
{
    private readonly Option<string> _root = new("--root")
    {
        Description = "Folder with images/{train,val}, masks/{train,val} and classes.json",
        Required = true
    };
    private readonly Option<bool> _noValidation = new("--no-val") { Description = "Train without validation" };
    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "Folder for teacher.onnx, weights, state and log.jsonl",
        Required = true
    };
    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Go on from the state in the output folder, if there is one; a finished one is exported again"
    };
    private readonly Option<int> _epochs = Number("--epochs", "How often the training images are gone through", 40);
    private readonly Option<int> _batchSize = Number("--batch-size", "Crops in a batch", 8);
    private readonly Option<int> _seed = Number("--seed", "Decides weights, order and crops", 0);
    private readonly Option<int> _validateEvery = Number("--validate-every", "Epochs between validations", 10);
    private readonly Option<int> _saveEvery = Number("--save-every", "Steps between saved states", 50);
    private readonly Option<int> _threads = Number("--threads", "Threads that compute; 0 for one per core", 0);
    private readonly Option<string> _crop = new("--crop-size")
    {
        Description = "Height x width of a crop, in pixels of the network's input",
        DefaultValueFactory = _ => "320x416"
    };
    private readonly Option<string> _scale = new("--scale")
    {
        Description = "Random scale of images, from-to",
        DefaultValueFactory = _ => "0.5-2"
    };
    private readonly Option<double> _inputScale = new("--input-scale")
    {
        Description = "Enlarge images for the network, in training, scoring and the exported model",
        DefaultValueFactory = _ => 1
    };
    private readonly Option<double> _rate = new("--lr")
    {
        Description = "Highest learning rate of the decoder; the encoder has a quarter of it",
        DefaultValueFactory = _ => 8e-4
    };
    private readonly Option<string> _precision = new("--precision")
    {
        Description = "float32, bfloat16, or auto: bfloat16 where it is fast",
        DefaultValueFactory = _ => "auto"
    };

    public TeacherOptions() => _precision.AcceptOnlyFromAmong("float32", "bfloat16", "auto");

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            _root, _output, _resume, _noValidation, _epochs, _batchSize, _crop, _scale, _inputScale, _rate, _seed,
            _validateEvery, _saveEvery, _threads, _precision
        })
            command.Add(option);
    }

    public (SegmentationDataset Training, SegmentationDataset? Validation) Open(ParseResult parsed)
    {
        string root = parsed.GetRequiredValue(_root);
        return (SegmentationDataset.FromFolder(root, "train"),
            parsed.GetValue(_noValidation) ? null : SegmentationDataset.FromFolder(root, "val"));
    }

    public TrainingOptions Read(ParseResult parsed, SegmentationDataset training, Normalization normalization)
    {
        double[] sides = Pair(_crop, 'x'), scale = Pair(_scale, '-');
        return Recipe(training, normalization) with
        {
            Epochs = parsed.GetValue(_epochs),
            BatchSize = parsed.GetValue(_batchSize),
            Seed = parsed.GetValue(_seed),
            Augmentation = Augmentation with
            {
                CropHeight = (int)sides[0],
                CropWidth = (int)sides[1],
                Scale = (scale[0], scale[1])
            },
            InputScale = parsed.GetValue(_inputScale),
            Schedule = LearningRateSchedule.Polynomial(parsed.GetValue(_rate)) with
            {
                WarmUpSteps = 100,
                MaxWarmUpFraction = 0.1
            },
            ValidateEvery = parsed.GetValue(_validateEvery),
            SaveEverySteps = parsed.GetValue(_saveEvery),
            OutputFolder = parsed.GetRequiredValue(_output),
            Resume = parsed.GetValue(_resume),
            Threads = parsed.GetValue(_threads),
            Precision = Enum.Parse<Precision>(parsed.GetRequiredValue(_precision), ignoreCase: true),
        };

        double[] Pair(Option<string> option, char separator)
        {
            string text = parsed.GetRequiredValue(option);
            double[] numbers =
            [
                .. text.Split(separator).Select(part =>
                    double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                        ? number : 0)
            ];
            return numbers is [> 0, > 0] ? numbers : throw new ArgumentException(
                $"{option.Name} is '{text}'; expected two numbers above 0 with '{separator}' between.");
        }
    }

    /// <summary>What has no option: chosen for a few hundred images of few streets.</summary>
    internal static TrainingOptions Recipe(SegmentationDataset training, Normalization normalization) => new()
    {
        Normalization = normalization,
        AuxiliaryHead = false,
        Dropout = 0,
        Loss = SegmentationLoss.CrossEntropy(SegmentationLoss.MedianFrequencyWeights(training, 0.2),
            training.Classes.IgnoreIndex),
        LossStride = 2,
        Optimizer = new AdamWSettings { WeightDecay = 0.02 },
        AverageDecay = 0.995,
        MaxGradientNorm = 5,
        Workers = 1,
        CacheBytes = 512L << 20,
    };

    private static AugmentationOptions Augmentation { get; } = new()
    {
        ColorProbability = 0.8,
        Brightness = 60,
        Contrast = 0.6,
        Saturation = 0.6,
        HueDegrees = 18,
        BlurProbability = 0.3,
    };

    private static Option<int> Number(string name, string description, int value) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => value
    };
}
