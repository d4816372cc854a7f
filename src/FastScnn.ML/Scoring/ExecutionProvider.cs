using System.Collections.ObjectModel;
using System.ComponentModel;
using System.Globalization;
using FastScnn.ML.Scoring.Cuda;

namespace FastScnn.ML.Scoring;

/// <summary>An execution provider of ONNX Runtime: what runs the network, such as CUDA or the processor.</summary>
/// <remarks>
/// <para>The names are CPU, CUDA, TensorRT, CoreML, DirectML, OpenVINO, QNN, WebGPU and XNNPACK, in any case. Which of
/// them are there depends on the native ONNX Runtime library of the application: Microsoft.ML.OnnxRuntime.Gpu has CUDA
/// and TensorRT, Microsoft.ML.OnnxRuntime has CoreML on macOS, and other packages (Microsoft.ML.OnnxRuntime.DirectML,
/// Intel.ML.OnnxRuntime.OpenVino, Microsoft.ML.OnnxRuntime.QNN) have the others. The processor is always there.</para>
/// <para>CPU and CUDA were run with this library. The others are put into the session as ONNX Runtime documents them
/// and were not run.</para>
/// </remarks>
/// <example><code>
/// var options = new FastScnnSegmenterOptions
/// {
///     ExecutionProviders =
///     [
///         new("TensorRT") { Options = new Dictionary&lt;string, string&gt; { ["trt_fp16_enable"] = "1" } },
///         "CUDA",
///         "CPU",
///     ]
/// };
/// </code></example>
[TypeConverter(typeof(FromText))]
public sealed record ExecutionProvider
{
    private static readonly (string Name, string RuntimeName)[] s_known =
    [
        ("CPU", SessionFactory.CpuProvider), ("CUDA", CudaProvider.Name), ("TensorRT", "TensorrtExecutionProvider"),
        ("CoreML", "CoreMLExecutionProvider"), ("DirectML", "DmlExecutionProvider"),
        ("OpenVINO", "OpenVINOExecutionProvider"), ("QNN", "QNNExecutionProvider"),
        ("WebGPU", "WebGpuExecutionProvider"), ("XNNPACK", "XnnpackExecutionProvider"),
    ];

    /// <summary>Names a provider.</summary>
    /// <param name="name">A name of the list above, or the one that ONNX Runtime has for it, such as
    /// <c>CUDAExecutionProvider</c>.</param>
    /// <exception cref="ArgumentException">There is no such provider.</exception>
    public ExecutionProvider(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (Name, RuntimeName) = s_known.FirstOrDefault(known => known.Name.Equals(name,
            StringComparison.OrdinalIgnoreCase) || known.RuntimeName.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (Name is null)
            throw new ArgumentException($"There is no execution provider '{name}'; expected one of "
                + $"{string.Join(", ", s_known.Select(known => known.Name))}.", nameof(name));
    }

    /// <summary>Gets the name, as in the list above.</summary>
    public string Name { get; }

    /// <summary>Gets the settings of the provider, by the names in ONNX Runtime's documentation
    /// (https://onnxruntime.ai/docs/execution-providers), such as <c>device_id</c>. For CUDA they replace those of
    /// <see cref="FastScnnSegmenterOptions.Cuda"/>. The processor takes none. Default: none.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    /// <exception cref="ArgumentException">The processor is given some.</exception>
    public IReadOnlyDictionary<string, string> Options
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(Options));
            if (IsCpu && value.Count > 0)
                throw new ArgumentException($"The execution provider CPU has no options; found '{value.Keys.First()}'.",
                    nameof(Options));
            field = new ReadOnlyDictionary<string, string>(new Dictionary<string, string>(value));
        }
    } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The name that ONNX Runtime has for it.</summary>
    internal string RuntimeName { get; }

    internal bool IsCpu => RuntimeName == SessionFactory.CpuProvider;

    internal bool IsCuda => RuntimeName == CudaProvider.Name;

    /// <summary>Names a provider without settings.</summary>
    /// <param name="name">As the constructor takes it.</param>
    public static implicit operator ExecutionProvider(string name) => new(name);

    /// <summary>Compares by value: two with the same name and settings are equal.</summary>
    /// <param name="other">The provider to compare with.</param>
    public bool Equals(ExecutionProvider? other) => other is not null && Name == other.Name
        && Options.Count == other.Options.Count
        && Options.All(option => other.Options.TryGetValue(option.Key, out string? value) && value == option.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Options.Count);

    /// <summary>Gets the name.</summary>
    public override string ToString() => Name;

    // Configurations bind by it.
    private sealed class FromText : TypeConverter
    {
        public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
            sourceType == typeof(string);

        public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
            value is string name ? new ExecutionProvider(name) : base.ConvertFrom(context, culture, value);
    }
}

/// <summary>An execution provider that was asked for and is not used.</summary>
/// <param name="Provider">Its name, as <see cref="ExecutionProvider.Name"/>.</param>
/// <param name="Reason">Why it cannot be used, in a sentence without a full stop.</param>
public sealed record ProviderFailure(string Provider, string Reason);
