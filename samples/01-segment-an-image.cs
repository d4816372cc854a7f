#:project ../src/FastScnn.ML
#:project FastScnn.Scenes
#:property PublishAot=false

// Segments one image, says what is in it, and writes the mask and an overlay beside it.
//
//   dotnet run samples/01-segment-an-image.cs [image] [model.onnx]
//
// Without an image it draws a street, and takes the model that knows drawn streets. For a photograph it takes the one
// that knows the surfaces of roads; name another, such as your own, for anything else.
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Scenes;
using Microsoft.ML.Data;

string file = args.Length > 0 ? args[0] : DrawStreet(Path.Combine("artifacts", "samples"));
string modelFile = args.Length > 1 ? args[1]
    : Path.Combine("samples", "models", args.Length > 0 ? "fastscnn-roads.onnx" : "fastscnn-scenes.onnx");

using var segmenter = FastScnnSegmenter.Load(modelFile);
SegmentationMap map = segmenter.Segment(file);

// The mask is a PNG of class ids with a palette: programs read ids, viewers show colours.
string maskFile = Path.ChangeExtension(file, null) + "_mask.png",
    overlayFile = Path.ChangeExtension(file, null) + "_overlay.png";
map.SaveColorPng(maskFile);
using (MLImage image = ImageDecoder.Read(file))
using (MLImage overlay = map.Overlay(image, opacity: 0.6))
    overlay.Save(overlayFile);

Console.WriteLine($"{file}: {map.Width} x {map.Height} pixels");
foreach ((string name, double share) in map.Classes.Select((c, id) => (c.Name, map.ClassFractions[id]))
    .Where(part => part.Item2 > 0).OrderByDescending(part => part.Item2))
    Console.WriteLine($"{name,-16} {share,7:P1}");
Console.WriteLine($"the class in the middle: {map.Classes[map[map.Width / 2, map.Height / 2]].Name}");
Console.WriteLine(
    $"{map.Timings.Total.TotalMilliseconds:F1} ms, of which the network {map.Timings.Inference.TotalMilliseconds:F1} "
        + $"ms, on {segmenter.ActiveProvider}");
Console.WriteLine($"wrote {maskFile} and {overlayFile}");

static string DrawStreet(string folder)
{
    StreetSceneFolder.Write(folder, "one", 1, new StreetSceneOptions { Seed = 21 });
    return Path.Combine(folder, "images", "one", "scene_000000.png");
}
