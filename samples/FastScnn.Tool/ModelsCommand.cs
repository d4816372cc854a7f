using System.CommandLine;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Onnx;

namespace FastScnn.Tool;

/// <summary><c>fastscnn models</c>: the trained models that come with the tool, as files.</summary>
internal static class ModelsCommand
{
    private static readonly (string Name, string About, string Licence)[] s_models =
    [
        ("scenes", "drawn streets, as 'fastscnn generate' draws them: to try things out", "MIT"),
        ("roads", "the surface of roads on photographs, and weights to train your own classes from",
            "CC BY 4.0, with credit to T. Rateke and A. von Wangenheim"),
    ];

    public static Command Create()
    {
        Argument<string?> name = new("name")
        {
            Description = "The model to write; default: only list them",
            Arity = ArgumentArity.ZeroOrOne
        };
        name.AcceptOnlyFromAmong([.. s_models.Select(model => model.Name)]);
        Option<string> output = new("--output", "-o")
        {
            Description = "Folder for the files, created when missing",
            DefaultValueFactory = _ => "."
        };
        Command command = new("models", """
            List the trained models that come with this program, or write one: model.onnx to score with, model.safetensors to train from ('train --start-from'), model.md about its data and licence.
            Example: fastscnn models scenes --output models
            """)
        {
            name, output
        };
        command.SetAction((parsed, _) => Failure.Guard(() =>
        {
            if (parsed.GetValue(name) is { } model)
                Write(model, parsed.GetRequiredValue(output));
            else
                foreach ((string listed, string about, string licence) in s_models)
                    Console.WriteLine($"{listed,-8}{about} ({licence})");
            return Task.FromResult(0);
        }));
        return command;
    }

    private static void Write(string model, string folder)
    {
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, $"fastscnn-{model}"), weights = $"{file}.safetensors";
        foreach (string extension in new[] { "safetensors", "md" })
            OutputFile.Replace($"{file}.{extension}", path =>
            {
                using Stream resource =
                    typeof(ModelsCommand).Assembly.GetManifestResourceStream($"fastscnn-{model}.{extension}")!;
                using FileStream copy = File.Create(path);
                resource.CopyTo(copy);
            });
        Checkpoint checkpoint = Checkpoint.Load(weights);
        OutputFile.Replace($"{file}.onnx", path => OnnxExporter.Export(checkpoint, path));
        Console.WriteLine($"{file}.onnx, .safetensors and .md: {string.Join(", ", checkpoint.Info.Classes!.Names)}; "
            + s_models.Single(listed => listed.Name == model).Licence);
    }
}
