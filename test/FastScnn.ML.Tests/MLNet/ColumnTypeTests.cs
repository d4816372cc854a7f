using FastScnn.ML.Imaging;
using FastScnn.ML.Tests.Transforms;
using FastScnn.ML.Transforms;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace FastScnn.ML.Tests.MLNet;

/// <summary>When ML.NET takes two column types, or two schemas, for the same.</summary>
public class ColumnTypeTests
{
    private readonly MLContext _context = new(seed: 1);

    // Transforms/ColumnTypes.cs registers a new instance each time.
    [Test]
    public void Image_types_without_a_size_are_equal_and_differ_from_those_with_one()
    {
        ImageDataViewType one = new(), other = new();
        Assert.That(one, Is.EqualTo(other));
        Assert.That(one.GetHashCode(), Is.EqualTo(other.GetHashCode()));
        Assert.That(new ImageDataViewType(), Is.Not.EqualTo(new ImageDataViewType(60, 80)));
    }

    // Transforms/ColumnTypes.cs is there for this.
    [Test]
    public void A_member_of_a_stock_image_type_reads_its_very_size_alone()
    {
        string folder = TestFiles.NewFolder();
        using (MLImage image = TestImages.Image(80, 60))
            image.Save(Path.Combine(folder, "a.png"));
        IDataView files = _context.Data.LoadFromEnumerable([new ImageFileRow { File = "a.png" }]);
        IDataView images = _context.Transforms.LoadImages("Image", folder, "File").Fit(files).Transform(files);
        Assert.That(() => _context.Data.CreateEnumerable<SizedRow>(images, reuseRowObject: false).First(),
            Throws.Exception);
        Assert.That(_context.Data.CreateEnumerable<AnySizeRow>(images, reuseRowObject: false)
            .Select(row => row.Image!.Width).Single(), Is.EqualTo(80));
    }

    // Transforms/ColumnTypes.cs gives one instance, so that a map of FastScnnSegment fits a member with the attribute.
    [Test]
    public void A_chain_takes_maps_into_a_custom_mapping()
    {
        IEstimator<ITransformer> mapping =
            _context.Transforms.CustomMapping<MapRow, WidthRow>((row, width) => width.Width = row.PredictedLabel!.Width,
                null);
        IDataView maps = _context.Data.LoadFromEnumerable(
            [new MapRow { PredictedLabel = new SegmentationMap(new LabelMap(3, 1, [0, 1, 0]), ClassList.Generic(2)) }]);
        Assert.That(new EstimatorChain<ITransformer>().Append(mapping).Fit(maps).Transform(maps)
            .GetColumn<float>("Width"), Is.EqualTo(new[] { 3f }));
    }

    private sealed class SizedRow
    {
        [ImageType(60, 80)]
        public MLImage? Image { get; set; }
    }

    private sealed class AnySizeRow
    {
        [AnySizeImageType]
        public MLImage? Image { get; set; }
    }

    private sealed class WidthRow
    {
        public float Width { get; set; }
    }
}
