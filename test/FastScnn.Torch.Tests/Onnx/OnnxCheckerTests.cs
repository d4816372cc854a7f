using System.Diagnostics;
using FastScnn.Testing;
using FastScnn.Torch.Onnx;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>ONNX's own checker (Debian's python3-onnx) on every kind of file.</summary>
public class OnnxCheckerTests
{
    private const string Python = "/usr/bin/python3";

    private const string Script = """
        import onnx, sys
        for path in sys.argv[1:]:
            model = onnx.load(path)
            onnx.checker.check_model(model, full_check=True)
            onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
            assert model.ir_version == 8 and [(o.domain, o.version) for o in model.opset_import] == [("", 17)], path
        print("valid:", len(sys.argv) - 1)
        """;

    [Test]
    public void The_checker_accepts_every_kind_of_file()
    {
        if (!File.Exists(Python) || Run("import onnx").ExitCode != 0)
            Assert.Ignore("no onnx.checker here (apt-get install python3-onnx)");
        string folder = TestFiles.NewFolder();
        foreach (OnnxGraph graph in Enum.GetValues<OnnxGraph>())
        {
            OnnxExporter.Export(OnnxModels.Golden, Path.Combine(folder, $"{graph}.onnx"), new() { Graph = graph });
            OnnxExporter.Export(OnnxModels.Golden, Path.Combine(folder, $"{graph}-97x161.onnx"),
                new() { Graph = graph, Height = 97, Width = 161 });
            OnnxExporter.Export(OnnxModels.Golden, Path.Combine(folder, $"{graph}-half.onnx"),
                new() { Graph = graph, Precision = OnnxPrecision.Float16 });
            OnnxExporter.Export(OnnxModels.Golden, Path.Combine(folder, $"{graph}-int8.onnx"),
                OnnxQuantizationTests.Int8(new() { Graph = graph }));
            OnnxExporter.Export(OnnxModels.Golden, Path.Combine(folder, $"{graph}-activations.onnx"),
                new() { Graph = graph, ActivationOutputs = true });
        }
        (int exitCode, string output) = Run(Script, Directory.GetFiles(folder));
        Assert.That((exitCode, output.Trim()), Is.EqualTo((0, "valid: 10")));
    }

    private static (int ExitCode, string Output) Run(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Python) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["-c", script, .. arguments])
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
