using System.CommandLine;
using FastScnn.GpuBench;

Option<bool> cpu = new("--cpu")
{
    Description = "Run everything on the processor: shows that the bench works, and nothing worth quoting"
};
Option<int> device = new("--device") { Description = "Number of the CUDA device" };
Option<int> height = new("--height") { Description = "Rows of the image", DefaultValueFactory = _ => 1024 };
Option<int> width = new("--width") { Description = "Columns of the image", DefaultValueFactory = _ => 2048 };
Option<int> rounds = new("--rounds") { Description = "Timed frames of each kind", DefaultValueFactory = _ => 50 };
Option<double> bandwidth = new("--bandwidth")
{
    Description = "Memory bandwidth of the device in TB/s, for the floor",
    DefaultValueFactory = _ => 3.0
};
Option<string> weights = new("--weights")
{
    Description = "Weights to score with",
    DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "fastscnn-scenes.safetensors")
};
Option<string?> output = new("--output") { Description = "Markdown file to write the results to, beside the console" };
Option<string?> exchange = new("--exchange") { Description = "Folder to write the image and its mask to, for PyTorch" };
Option<string> only = new("--only")
{
    Description = "Regular expression of the ways to measure",
    DefaultValueFactory = _ => ""
};
RootCommand root =
    new("Fast-SCNN on a CUDA device: correct against the processor, and milliseconds a frame of every way to score.")
{
    cpu, device, height, width, rounds, bandwidth, weights, only, exchange, output,
};
root.SetAction(parsed => GpuBench.Run(new Settings
{
    Cpu = parsed.GetValue(cpu),
    Device = parsed.GetValue(device),
    Height = parsed.GetValue(height),
    Width = parsed.GetValue(width),
    Rounds = parsed.GetValue(rounds),
    Bandwidth = parsed.GetValue(bandwidth),
    Weights = parsed.GetRequiredValue(weights),
    Only = parsed.GetRequiredValue(only),
    Exchange = parsed.GetValue(exchange),
    Output = parsed.GetValue(output),
}));
return root.Parse(args).Invoke();
