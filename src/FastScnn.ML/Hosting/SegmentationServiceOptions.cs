using FastScnn.ML.Scoring;
using Microsoft.Extensions.Options;
using static System.FormattableString;

namespace FastScnn.ML.Hosting;

/// <summary>The model of a service, and how many images it takes at once. Set in code, or bound from a configuration
/// section.</summary>
/// <remarks>Read once, when the model is loaded: a configuration that changes later changes nothing. What is wrong is
/// told in an <see cref="OptionsValidationException"/>, when the host starts or the service is first asked
/// for.</remarks>
/// <example><code>
/// // appsettings.json: "FastScnn": { "ModelPath": "model.onnx", "Segmenter": { "IntraOpThreads": 1 } }
/// builder.Services.AddFastScnnSegmenter(options => builder.Configuration.GetSection("FastScnn")
///     .Bind(options, binder => binder.ErrorOnUnknownConfiguration = true)); // or misspelt settings are left out
/// </code></example>
public sealed class SegmentationServiceOptions
{
    /// <summary>The ONNX file; a relative path starts at the current directory. There is no default.</summary>
    public string ModelPath { get; set; } = "";

    /// <summary>How many images are worked on at a time, 1 or more; each takes about 130 bytes a pixel. Default: half
    /// the processor cores, in 2..4.</summary>
    public int MaxConcurrency { get; set; } = FastScnnSegmenter.DefaultConcurrency;

    /// <summary>How many more images wait for their turn before others are refused with a
    /// <see cref="SegmenterBusyException"/>, 0 or more. Default: 32.</summary>
    public int QueueLimit { get; set; } = 32;

    /// <summary>The most bytes of a stream that cannot seek, 1 or more: it is read into memory before its turn. Default:
    /// 64 MiB.</summary>
    public long MaxStreamBytes { get; set; } = 64 << 20;

    /// <summary>How the model runs: device, threads, limits, averaging. Default: as
    /// <see cref="FastScnnSegmenter"/> runs it without options.</summary>
    public FastScnnSegmenterOptions Segmenter { get; set; } = new();
}

/// <summary>Says what is wrong with <see cref="SegmentationServiceOptions"/>.</summary>
internal sealed class SegmentationServiceOptionsValidator : IValidateOptions<SegmentationServiceOptions>
{
    public ValidateOptionsResult Validate(string? name, SegmentationServiceOptions options)
    {
        string[] faults = [.. Faults(options).Select(fault => About(name) + fault)];
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    /// <summary>The service's options, with all faults in one kind of exception, also those of a configuration that
    /// cannot be bound.</summary>
    public static SegmentationServiceOptions Read(IOptionsMonitor<SegmentationServiceOptions> options, string name)
    {
        try
        {
            return options.Get(name);
        }
        // Properties that check what they are given; the binder wraps what they throw, or says itself what it cannot
        // convert.
        catch (Exception e) when (e is not OptionsValidationException
            && (e is InvalidOperationException || e.GetBaseException() is ArgumentException))
        {
            string why = e.GetBaseException() is ArgumentException fault ? fault.Message
                : $"{e.Message} {e.InnerException?.Message}".TrimEnd();
            throw Fault(name, why);
        }
    }

    public static OptionsValidationException Fault(string name, string fault) =>
        new(name, typeof(SegmentationServiceOptions), [About(name) + fault]);

    private static string About(string? name) =>
        string.IsNullOrEmpty(name) ? "The segmenter: " : $"The segmenter '{name}': ";

    private static IEnumerable<string> Faults(SegmentationServiceOptions options)
    {
        const string Path = nameof(SegmentationServiceOptions.ModelPath);
        if (string.IsNullOrWhiteSpace(options.ModelPath))
            yield return $"{Path} is not set; expected an ONNX file.";
        else if (Directory.Exists(options.ModelPath))
            yield return $"{Path} is '{options.ModelPath}', a folder; expected an ONNX file.";
        else if (!File.Exists(options.ModelPath))
            yield return $"{Path} is '{options.ModelPath}', and there is no such file (looked for at "
                + $"'{System.IO.Path.GetFullPath(options.ModelPath)}'); expected an ONNX file.";
        if (options.MaxConcurrency < 1)
            yield return Invariant(
                $"{nameof(options.MaxConcurrency)} is {options.MaxConcurrency}; expected 1 or more.");
        if (options.QueueLimit < 0)
            yield return Invariant($"{nameof(options.QueueLimit)} is {options.QueueLimit}; expected 0 or more.");
        if (options.MaxStreamBytes < 1)
            yield return Invariant(
                $"{nameof(options.MaxStreamBytes)} is {options.MaxStreamBytes}; expected 1 or more.");
        if (options.Segmenter is null)
            yield return $"{nameof(options.Segmenter)} is null; expected {nameof(FastScnnSegmenterOptions)}.";
    }
}
