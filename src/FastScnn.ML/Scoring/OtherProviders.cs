using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML.Scoring;

/// <summary>Puts execution providers other than CUDA into session options.</summary>
internal static class OtherProviders
{
    // "... is not supported in this build" and "... is not enabled in this build".
    private const string NotBuiltIn = "in this build";

    /// <summary>Adds the provider.</summary>
    /// <returns>Null when it was added; otherwise why not.</returns>
    public static string? TryAppend(SessionOptions settings, ExecutionProvider provider)
    {
        try
        {
            if (provider.Name == "TensorRT")
            {
                using var options = new OrtTensorRTProviderOptions();
                options.UpdateOptions(new(provider.Options));
                settings.AppendExecutionProvider_Tensorrt(options);
            }
            else
                // ONNX Runtime shortens this one, and has the others by these names.
                settings.AppendExecutionProvider(provider.Name == "DirectML" ? "DML" : provider.Name,
                    new(provider.Options));
            return null;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or NotSupportedException
            || e is OnnxRuntimeException && e.Message.Contains(NotBuiltIn, StringComparison.Ordinal))
        {
            return $"this native ONNX Runtime library was built without {provider.Name}";
        }
        catch (OnnxRuntimeException e)
        {
            return e.Message;
        }
    }
}
