using System.CommandLine;
using System.Globalization;
using FastScnn.ML.Scoring;
using FastScnn.ML.Training;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using FastScnn.Torch.Data.Augmentation;
using FastScnn.Torch.Losses;
using FastScnn.Torch.Training;

namespace FastScnn.Tool;

/// <summary>The options of <c>fastscnn train</c> that make up a recipe; names as in the train.py of the reference
/// implementation where it has them.</summary>
internal sealed class RecipeOptions
{
    private readonly Option<int> _epochs = new("--epochs")
    {
        Description = "How often the training images are gone through",
        DefaultValueFactory = _ => 160
    };
    private readonly Option<long?> _maxSteps = new("--max-steps")
    {
        Description = "End after so many steps; the learning rate falls over as many"
    };
    private readonly Option<int> _batchSize = new("--batch-size")
    {
        Description = "Crops in a batch",
        DefaultValueFactory = _ => 8
    };
    private readonly Option<int> _accumulate = new("--accumulate-steps")
    {
        Description = "Batches whose gradients make one step, for batches that do not fit into memory",
        DefaultValueFactory = _ => 1
    };
    private readonly Option<int> _seed = new("--seed")
    {
        Description = "Decides weights, order, crops and dropout",
        DefaultValueFactory = _ => 0
    };
    private readonly Option<string> _crop = new("--crop-size")
    {
        Description = "Crop in pixels of the network's input: one side, or height x width such as 256x320",
        DefaultValueFactory = _ => "768"
    };
    private readonly Option<int?> _base = new("--base-size")
    {
        Description = "Short side that scale 1 stands for; default: that of each image"
    };
    private readonly Option<string> _scale = new("--scale")
    {
        Description = "Random scale of images, from-to",
        DefaultValueFactory = _ => "0.5-2"
    };
    private readonly Option<double> _inputScale = new("--input-scale")
    {
        Description = "Enlarge images for the network, in training, scoring and the exported model; 2 for thin objects",
        DefaultValueFactory = _ => 1
    };
    private readonly Option<double> _maxShare = new("--max-class-share")
    {
        Description = "Share of a crop that one class must stay below; 1 for any",
        DefaultValueFactory = _ => 0.75
    };
    private readonly Option<string> _jitter = new("--jitter")
    {
        Description = "Colour changes: probability, brightness 0-255, contrast, saturation, hue in degrees",
        DefaultValueFactory = _ => "0.5,32,0.5,0.5,36"
    };
    private readonly Option<double> _blur = new("--blur")
    {
        Description = "How often crops are blurred",
        DefaultValueFactory = _ => 0.5
    };
    private readonly Option<string> _warp = new("--warp")
    {
        Description = "Turned and askew crops: probability, most degrees, most shift of a corner as a share of a side",
        DefaultValueFactory = _ => "0,10,0.1"
    };
    private readonly Option<string> _gamma = new("--gamma")
    {
        Description = "Changes of gamma: probability, greatest exponent",
        DefaultValueFactory = _ => "0,1.8"
    };
    private readonly Option<string> _whiteBalance = new("--white-balance")
    {
        Description = "Light of another colour: probability, most that red and blue gain or lose",
        DefaultValueFactory = _ => "0,0.2"
    };
    private readonly Option<string> _noise = new("--noise")
    {
        Description = "Noise: probability, greatest standard deviation 0-64",
        DefaultValueFactory = _ => "0,8"
    };
    private readonly Option<string> _jpeg = new("--jpeg")
    {
        Description = "JPEG artefacts: probability, least quality",
        DefaultValueFactory = _ => "0,30"
    };
    private readonly Option<string> _copyPaste = new("--copy-paste")
    {
        Description = "Rare classes of other crops pasted: probability, share of a crop below which a class is rare",
        DefaultValueFactory = _ => "0,0.05"
    };
    private readonly Option<double> _mosaic = new("--mosaic")
    {
        Description = "How often crops are put together of four",
        DefaultValueFactory = _ => 0
    };
    private readonly Option<string> _optimizer = new("--optimizer")
    {
        Description = "sgd or adamw",
        DefaultValueFactory = _ => "sgd"
    };
    private readonly Option<double> _rate = new("--lr")
    {
        Description = "Highest learning rate",
        DefaultValueFactory = _ => 0.01
    };
    private readonly Option<double> _momentum = new("--momentum")
    {
        Description = "Momentum of sgd",
        DefaultValueFactory = _ => 0.9
    };
    private readonly Option<double?> _decay = new("--weight-decay")
    {
        Description =
            "Weight decay, none on depthwise convolutions, norms and biases; default: 1e-4 for sgd, 0.01 for adamw"
    };
    private readonly Option<string> _schedule = new("--schedule")
    {
        Description = "poly, cosine, one-cycle or constant",
        DefaultValueFactory = _ => "poly"
    };
    private readonly Option<int> _warmUp = new("--warm-up")
    {
        Description = "Steps over which the learning rate first rises",
        DefaultValueFactory = _ => 0
    };
    private readonly Option<string> _loss = new("--loss")
    {
        Description = "ce, ohem, dice, lovasz, or several with weights, such as ce:1,lovasz:0.5",
        DefaultValueFactory = _ => "ce"
    };
    private readonly Option<int> _lossStride = new("--loss-stride")
    {
        Description = "Compare every n-th pixel only, 1 to 8; 2 goes well with --input-scale 2",
        DefaultValueFactory = _ => 1
    };
    private readonly Option<double> _balance = new("--class-balance")
    {
        Description = "Class weights by median frequency to this power: 1 full, 0.5 mild, 0 none",
        DefaultValueFactory = _ => 0
    };
    private readonly Option<bool> _aux = new("--aux")
    {
        Description = "Train with the auxiliary head; 'false' for without",
        DefaultValueFactory = _ => true
    };
    private readonly Option<double> _auxWeight = new("--aux-weight")
    {
        Description = "Weight of the auxiliary head's loss",
        DefaultValueFactory = _ => 0.4
    };
    private readonly Option<double> _dropout = new("--dropout")
    {
        Description = "Share of values that dropout zeroes",
        DefaultValueFactory = _ => 0.1
    };
    private readonly Option<double?> _average = new("--ema")
    {
        Description = "Decay of a moving average of the weights, which is then validated and kept, such as 0.999"
    };
    private readonly Option<double?> _clip = new("--clip") { Description = "Largest norm of the gradients" };
    private readonly Option<string?> _start = new("--start-from")
    {
        Description = "Weights to fine-tune: .pth or .safetensors, also of another number of classes"
    };
    private readonly Option<bool> _freeze = new("--freeze-batch-norm")
    {
        Description = "Keep the statistics of the weights that training starts from"
    };
    private readonly Option<string?> _teacher = new("--teacher")
    {
        Description = "ONNX segmentation model of the same classes whose scores of each crop are learned too"
    };
    private readonly Option<double> _teacherWeight = new("--teacher-weight")
    {
        Description = "Weight of the teacher's loss, which is added to that of the labels",
        DefaultValueFactory = _ => 1
    };
    private readonly Option<double> _teacherTemperature = new("--teacher-temperature")
    {
        Description = "Divides the logits of both before they are compared; above 1 small scores say more",
        DefaultValueFactory = _ => 1
    };
    private readonly Option<int> _validateEvery = new("--validate-every")
    {
        Description = "Epochs between validations",
        DefaultValueFactory = _ => 1
    };
    private readonly Option<int?> _patience = new("--patience")
    {
        Description = "Stop after so many validations without a better mIoU"
    };
    private readonly Option<int?> _saveEvery = new("--save-every")
    {
        Description = "Also save the state every so many steps"
    };
    private readonly Option<int> _workers = new("--workers")
    {
        Description = "Threads that decode and augment",
        DefaultValueFactory = _ => 2
    };
    private readonly Option<int> _cache = new("--cache-mb")
    {
        Description = "Memory for decoded images, in MiB",
        DefaultValueFactory = _ => 0
    };
    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads that compute; 0 for one per core, shared by the processes of a machine",
        DefaultValueFactory = _ => 0
    };
    private readonly Option<string> _precision = new("--precision")
    {
        Description = "What the network computes with: float32, bfloat16, or auto: bfloat16 where it is fast",
        DefaultValueFactory = _ => "float32"
    };
    private readonly Option<int?> _gpu = new("--gpu")
    {
        Description = "CUDA device to train on; with --distributed that of the first process of a machine"
    };
    private readonly Option<bool> _syncBatchNorm = new("--sync-batch-norm")
    {
        Description = "With --distributed: batch norm over the slices of all processes, for slices of few images"
    };

    private readonly Option<string?> _notes = new("--notes")
    {
        Description = "Markdown file that the model card ends with: data, licence, limits"
    };

    public RecipeOptions()
    {
        _optimizer.AcceptOnlyFromAmong("sgd", "adamw");
        _precision.AcceptOnlyFromAmong("float32", "bfloat16", "auto");
        _schedule.AcceptOnlyFromAmong("poly", "cosine", "one-cycle", "constant");
    }

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[]
        {
            _epochs, _maxSteps, _batchSize, _accumulate, _crop, _base, _scale, _inputScale, _maxShare, _jitter, _blur,
            _warp, _gamma, _whiteBalance, _noise, _jpeg, _copyPaste, _mosaic, _optimizer, _rate, _momentum, _decay,
            _schedule, _warmUp, _loss, _lossStride, _balance, _aux, _auxWeight, _dropout, _average, _clip, _start,
            _freeze, _teacher, _teacherWeight, _teacherTemperature, _validateEvery, _patience, _saveEvery, _seed,
            _workers, _cache, _threads, _precision, _gpu, _syncBatchNorm, _notes,
        })
            command.Add(option);
    }

    /// <summary>Loads the teacher; null where there is none. The caller disposes it.</summary>
    public OnnxTeacher? LoadTeacher(ParseResult parsed, ClassList classes, MpiProcesses? processes)
    {
        if (parsed.GetValue(_teacher) is not { } path)
        {
            foreach (Option option in new Option[] { _teacherWeight, _teacherTemperature })
                if (parsed.GetResult(option) is { Implicit: false })
                    throw new ArgumentException($"{option.Name} needs --teacher, the model that teaches.");
            return null;
        }
        return OnnxTeacher.Load(path, classes, new FastScnnSegmenterOptions
        {
            GpuDeviceId = parsed.GetValue(_gpu) + (processes?.LocalRank ?? 0),
            FallbackToCpu = true,
            // Each worker asks about a crop of its own.
            IntraOpThreads = 1,
        });
    }

    /// <summary>The recipe; reads the training masks where class weights are asked for.</summary>
    public TrainingOptions Read(ParseResult parsed, SegmentationDataset training, string output, bool resume,
        MpiProcesses? processes, SegmentationTeacher? teacher) =>
        OptionValues.Read(parsed, values =>
    {
        double balance = values.GetValue(_balance);
        IReadOnlyList<double>? weights = balance == 0 ? null
            : SegmentationLoss.MedianFrequencyWeights(training, balance);
        return new TrainingOptions
        {
            Epochs = values.GetValue(_epochs),
            MaxSteps = values.GetValue(_maxSteps),
            BatchSize = values.GetValue(_batchSize),
            AccumulateSteps = values.GetValue(_accumulate),
            Seed = values.GetValue(_seed),
            Workers = values.GetValue(_workers),
            CacheBytes = values.GetValue(_cache) * 1024L * 1024,
            Augmentation = Augmentation(values),
            InputScale = values.GetValue(_inputScale),
            Loss = Loss(values.GetRequiredValue(_loss), weights, training.Classes.IgnoreIndex),
            LossStride = values.GetValue(_lossStride),
            AuxiliaryHead = values.GetValue(_aux),
            AuxiliaryWeight = values.GetValue(_auxWeight),
            AuxiliaryLoss = SegmentationLoss.CrossEntropy(weights, training.Classes.IgnoreIndex),
            Dropout = values.GetValue(_dropout),
            Optimizer = Optimizer(values),
            Schedule = Schedule(values),
            AverageDecay = values.GetValue(_average),
            MaxGradientNorm = values.GetValue(_clip),
            FreezeBatchNorm = values.GetValue(_freeze),
            InitialWeights = values.GetValue(_start) is { } start ? Checkpoint.Load(start) : null,
            Teacher = teacher,
            TeacherWeight = values.GetValue(_teacherWeight),
            TeacherTemperature = values.GetValue(_teacherTemperature),
            ValidateEvery = values.GetValue(_validateEvery),
            Patience = values.GetValue(_patience),
            SaveEverySteps = values.GetValue(_saveEvery),
            OutputFolder = output,
            Resume = resume,
            TensorBoard = true,
            Command = "fastscnn " + string.Join(' ',
                parsed.Tokens.Select(token => token.Value.Contains(' ') ? $"\"{token.Value}\"" : token.Value)),
            Notes = values.GetValue(_notes) is { } notes ? File.ReadAllText(notes) : null,
            Threads = values.GetValue(_threads),
            Precision = Enum.Parse<Precision>(values.GetRequiredValue(_precision), ignoreCase: true),
            GpuDeviceId = values.GetValue(_gpu),
            Processes = processes,
            SyncBatchNorm = values.GetValue(_syncBatchNorm),
        };
    });

    private AugmentationOptions Augmentation(OptionValues values)
    {
        int[] sides = NumberList.Parse<int>("--crop-size", values.GetRequiredValue(_crop), 'x', NumberList.Whole, 1, 2);
        AugmentationOptions options = new()
        {
            CropHeight = sides[0],
            CropWidth = sides[^1],
            BaseSize = values.GetValue(_base),
            MaxClassFraction = values.GetValue(_maxShare),
            BlurProbability = values.GetValue(_blur),
        };
        double[] scale = NumberList.Parse<double>("--scale", values.GetRequiredValue(_scale), '-', NumberList.Real, 2,
            2);
        options = options with { Scale = (scale[0], scale[1]) };
        double[] jitter = NumberList.Parse<double>("--jitter", values.GetRequiredValue(_jitter), ',', NumberList.Real,
            5, 5);
        options = options with
        {
            ColorProbability = jitter[0],
            Brightness = jitter[1],
            Contrast = jitter[2],
            Saturation = jitter[3],
            HueDegrees = jitter[4],
        };
        double[] warp = Probability(values, _warp, options.RotationDegrees, options.Perspective);
        options = options with { WarpProbability = warp[0], RotationDegrees = warp[1], Perspective = warp[2] };
        double[] gamma = Probability(values, _gamma, options.MaxGamma);
        options = options with { GammaProbability = gamma[0], MaxGamma = gamma[1] };
        double[] balance = Probability(values, _whiteBalance, options.WhiteBalance);
        options = options with { WhiteBalanceProbability = balance[0], WhiteBalance = balance[1] };
        double[] noise = Probability(values, _noise, options.MaxNoise);
        options = options with { NoiseProbability = noise[0], MaxNoise = noise[1] };
        double[] jpeg = Probability(values, _jpeg, options.MinJpegQuality);
        int quality = jpeg[1] == (int)jpeg[1] ? (int)jpeg[1] : throw new ArgumentException(
            $"--jpeg is '{values.GetRequiredValue(_jpeg)}'; the quality must be a whole number, 1 to 95.");
        options = options with { JpegProbability = jpeg[0], MinJpegQuality = quality };
        double[] paste = Probability(values, _copyPaste, options.CopyPasteMaxShare);
        options = options with { CopyPasteProbability = paste[0], CopyPasteMaxShare = paste[1] };
        return options with { MosaicProbability = values.GetValue(_mosaic) };
    }

    // A probability, and what may follow it.
    private static double[] Probability(OptionValues values, Option<string> option, params double[] rest)
    {
        double[] given = NumberList.Parse<double>(option.Name, values.GetRequiredValue(option), ',', NumberList.Real, 1,
            1 + rest.Length);
        return [.. given, .. rest[(given.Length - 1)..]];
    }

    private OptimizerSettings Optimizer(OptionValues values)
    {
        OptimizerSettings settings = values.GetRequiredValue(_optimizer) == "sgd"
            ? new SgdSettings { Momentum = values.GetValue(_momentum) } : new AdamWSettings();
        return values.GetValue(_decay) is { } decay ? settings with { WeightDecay = decay } : settings;
    }

    private LearningRateSchedule Schedule(OptionValues values)
    {
        string kind = values.GetRequiredValue(_schedule);
        double rate = values.GetValue(_rate);
        LearningRateSchedule schedule = kind switch
        {
            "poly" => LearningRateSchedule.Polynomial(rate),
            "cosine" => LearningRateSchedule.Cosine(rate),
            "one-cycle" => LearningRateSchedule.OneCycle(rate),
            _ => LearningRateSchedule.Constant(rate),
        };
        return schedule with { WarmUpSteps = values.GetValue(_warmUp) };
    }

    private static SegmentationLoss Loss(string text, IReadOnlyList<double>? weights, byte ignoreIndex)
    {
        (double Weight, SegmentationLoss Loss)[] parts = [.. text.Split(',').Select(part =>
        {
            string[] pair = part.Split(':');
            double weight = pair.Length == 1 ? 1
                : NumberList.Parse<double>("--loss", pair[1], ':', NumberList.Real, 1, 1)[0];
            return (weight, pair[0] switch
            {
                "ce" => SegmentationLoss.CrossEntropy(weights, ignoreIndex),
                "ohem" => SegmentationLoss.Ohem(classWeights: weights, ignoreIndex: ignoreIndex),
                "dice" => SegmentationLoss.Dice(ignoreIndex: ignoreIndex),
                "lovasz" => SegmentationLoss.Lovasz(ignoreIndex),
                _ => throw new ArgumentException(
                    $"--loss has '{part}'; each part is ce, ohem, dice or lovasz, with or without a weight after a "
                        + "colon."),
            });
        })];
        return parts is [(1, var only)] ? only : SegmentationLoss.Sum(parts);
    }
}
