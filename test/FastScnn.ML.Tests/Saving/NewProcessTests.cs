using FastScnn.ML.Scoring;
using FastScnn.ML.Testing;
using FastScnn.ML.Transforms;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Saving;

/// <summary>Loads a model file in a process that has nothing else.</summary>
public class NewProcessTests
{
    private static readonly string s_program = Path.Combine(ChildProcess.Folder("FastScnn.ModelZip"),
        "FastScnn.ModelZip.dll");

    [Test]
    public void A_chain_comes_back_from_the_file_alone()
    {
        string folder = TestFiles.NewFolder(), labels = TestFiles.NewFolder(), file = Path.Combine(folder, "model.zip");
        ImageAndMask[] rows =
        [
            Row(TestImages.Street, 480, 360),
            Row(SaveImage(201, 97), 201, 97),
            Row(SaveImage(7, 45), 7, 45),
        ];
        var context = new MLContext();
        // The file must not lead back to the model files.
        (string first, string second) = (Copy(Models.CamVid, folder), Copy(Models.Golden, folder));
        IDataView data = context.Data.LoadFromEnumerable(rows);
        using var model = context.Transforms.LoadImages("Image", null, nameof(ImageAndMask.Image))
            .Append(context.Transforms.FastScnnSegment(nameof(Segmented.PredictedLabel), "Image", first))
            .Append(context.Transforms.FastScnnSegment(new FastScnnSegmentationOptions
            {
                OutputColumnName = nameof(Segmented.Other),
                InputColumnName = "Image",
                ModelFile = second,
                Segmenter = new FastScnnSegmenterOptions { Classes = ClassList.Generic(19) },
            }))
            .Append(context.Transforms.CopyColumns(nameof(Segmented.Copy), nameof(Segmented.PredictedLabel)))
            .Append(context.Transforms.LoadSegmentationMaps(nameof(Segmented.Truth), labels, ClassList.CamVid,
                nameof(ImageAndMask.Label)))
            .Append(context.Transforms.DrawSegmentation("Drawing", "Image", nameof(Segmented.PredictedLabel), 0.25))
            .Fit(data);
        context.Model.Save(model, data.Schema, file);
        string expected = ModelReport.Write(context, model, rows);
        File.Delete(first);
        File.Delete(second);

        (int exit, string output) = ChildProcess.Run(s_program,
            [file, .. rows.SelectMany(row => new[] { row.Image, row.Label })]);
        Assert.That(exit, Is.Zero, output);
        Assert.That(output.TrimEnd(), Is.EqualTo(expected + "torch:"));
        Assert.That(expected, Does.Contain("row: 7x45").And.Contain("engine: 201x97").And.Contain("drawing: 480x360"));
        Assert.That(expected,
            Does.Contain(nameof(FastScnnSegmentationTransformer)).And.Contain(
                nameof(SegmentationMapLoadingTransformer)).And.Contain(nameof(SegmentationDrawingTransformer)));

        ImageAndMask Row(string image, int width, int height)
        {
            byte[] ids = [.. Enumerable.Range(0, width * height).Select(i => (byte)(i % 11))];
            IndexPng.Write(Path.Combine(labels, $"{width}.png"), width, height, ids);
            return new ImageAndMask { Image = image, Label = $"{width}.png" };
        }

        string SaveImage(int width, int height)
        {
            string path = Path.Combine(folder, $"{width}.png");
            using MLImage image = TestImages.Image(width, height);
            image.Save(path);
            return path;
        }
    }

    [Test]
    public void A_damaged_file_says_what_is_wrong()
    {
        var context = new MLContext();
        IDataView data = context.Data.LoadFromEnumerable([new ImageAndMask()]);
        using var model = context.Transforms.LoadImages("Image", null, nameof(ImageAndMask.Image))
            .Append(context.Transforms.FastScnnSegment(nameof(Segmented.PredictedLabel), "Image", Models.CamVid))
            .Fit(data);
        ModelZip zip = ModelZip.Save(context, model);
        zip.Remove(zip.Path("Model.onnx"));
        string file = Path.Combine(TestFiles.NewFolder(), "model.zip");
        zip.Write(file);

        (int exit, string output) = ChildProcess.Run(s_program, file);
        Assert.That(exit, Is.EqualTo(1), output);
        Assert.That(output,
            Does.Contain("InvalidDataException: The model file has no entry 'Model.onnx'").And.Contain(
                nameof(FastScnnSegmentationTransformer)));
    }

    private static string Copy(string file, string folder)
    {
        string copy = Path.Combine(folder, $"{Guid.NewGuid():N}.onnx");
        File.Copy(file, copy);
        return copy;
    }
}
