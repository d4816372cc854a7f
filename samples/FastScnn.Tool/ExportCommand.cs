using System.CommandLine;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Onnx;

namespace FastScnn.Tool;

/// <summary><c>fastscnn export</c>: a checkpoint in, an ONNX file out.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        Option<string> checkpoint = new("--checkpoint", "-c")
        {
            Description = "Weights: .pth of PyTorch or .safetensors",
            Required = true
        };
        Option<string> output = new("--output", "-o") { Description = "ONNX file to write", Required = true };
        ClassesOption classes = new();
        Option<OnnxGraph> graph = new("--graph")
        {
            Description = "Scoring for this library, Interop (float in, full-size logits out) for other tools",
            DefaultValueFactory = _ => OnnxGraph.Scoring
        };
        Option<int?> height = new("--height") { Description = "Fixes the input height; default: any size" };
        Option<int?> width = new("--width") { Description = "Fixes the input width; default: any size" };
        Option<bool> rawPixels = new("--raw-pixels")
        {
            Description =
                "Interop: takes pixels 0..255 and normalizes inside, as stock ML.NET's ExtractPixels gives them"
        };
        Option<OnnxPrecision> precision = new("--precision")
        {
            Description = "Float32, or Float16 for graphics processors; for Int8 there is 'quantize'",
            DefaultValueFactory = _ => OnnxPrecision.Float32
        };
        Command command = new("export", "Export a checkpoint as ONNX.")
        {
            checkpoint, output, classes.Option, graph, height, width, rawPixels, precision
        };
        command.SetAction((parsed, _) => Failure.Guard(() =>
        {
            string path = parsed.GetRequiredValue(output);
            OnnxExportOptions options = OptionValues.Read(parsed, values => new OnnxExportOptions
            {
                Graph = parsed.GetValue(graph),
                Height = values.GetValue(height),
                Width = values.GetValue(width),
                RawPixels = parsed.GetValue(rawPixels),
                Precision = parsed.GetValue(precision),
            });
            Checkpoint weights = classes.Apply(parsed, Checkpoint.Load(parsed.GetRequiredValue(checkpoint)));
            OutputFile.Prepare(output.Name, path);
            OnnxExporter.Export(weights, path, options);
            Console.WriteLine(
                $"{path}: {parsed.GetValue(graph)} graph, {parsed.GetValue(precision)}, {weights.ClassCount} "
                    + $"classes, {new FileInfo(path).Length / 1024.0 / 1024.0:F1} MiB");
            if (classes.Advice(weights) is { } advice)
                Console.Error.WriteLine(advice);
            return Task.FromResult(0);
        }));
        return command;
    }
}
