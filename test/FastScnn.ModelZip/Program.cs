// FastScnn.ModelZip <model.zip> (<image> <mask>)...: loads the model and says what it makes of the images, and what was
// loaded to do so.
using System.Diagnostics;
using FastScnn.ML.Testing;
using Microsoft.ML;

try
{
    var context = new MLContext();
    ITransformer model = context.Model.Load(args[0], out _);
    ImageAndMask[] rows =
    [
        .. args.Skip(1).Chunk(2).Select(pair => new ImageAndMask { Image = pair[0], Label = pair[1] })
    ];
    Console.Write(ModelReport.Write(context, model, rows));
}
catch (Exception e)
{
    for (Exception? cause = e; cause is not null; cause = cause.InnerException)
        Console.WriteLine($"{cause.GetType().Name}: {cause.Message}");
    return 1;
}

string[] assemblies = [.. AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name!).Where(IsTorch)];
string[] modules =
[
    .. Process.GetCurrentProcess().Modules.Cast<ProcessModule>().Select(m => m.ModuleName).Where(IsTorch)
];
Console.WriteLine($"torch: {string.Join(' ', assemblies.Concat(modules).Distinct())}");
return 0;

static bool IsTorch(string name) =>
    name.Contains("torch", StringComparison.OrdinalIgnoreCase)
        && !name.StartsWith("FastScnn.", StringComparison.Ordinal);
