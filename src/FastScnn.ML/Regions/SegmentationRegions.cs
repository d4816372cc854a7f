using System.Collections;
using FastScnn.ML.Imaging;
using FastScnn.Torch;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Regions;

/// <summary>The regions of a map: in the order of their class ids, and within a class of their first pixels, row by row
/// from the top left.</summary>
/// <remarks>Immutable and free of native memory. Outlines and run lengths are made of all regions at once when the
/// first one is asked for. Time grows with the pixels of the map, but for simplified outlines, which sort their
/// corners.</remarks>
/// <seealso cref="SegmentationMap.FindRegions"/>
/// <seealso cref="ScoredSegmentation.FindRegions"/>
public sealed class SegmentationRegions : IReadOnlyList<SegmentationRegion>
{
    private readonly SegmentationRegion[] _regions;
    private readonly Lazy<RegionPolygon[][]> _outlines;
    private readonly Lazy<RunLengths[]> _runs;

    internal SegmentationRegions(SegmentationMap map, ReadOnlySpan<float> confidence, RegionOptions options)
    {
        (Width, Height, Classes) = (map.Width, map.Height, map.Classes);
        RegionLabels labels = RegionLabels.Find(map, confidence, options);
        bool hasConfidence = !confidence.IsEmpty;
        _regions = [.. labels.Regions.Select((counts, i) => new SegmentationRegion(this, i, counts, hasConfidence))];
        _outlines = new(() =>
        {
            RegionPolygon[][] exact = OutlineTracer.Trace(labels, keepMeetings: options.Tolerance > 0);
            return options.Tolerance > 0 ? OutlineSimplifier.Simplify(exact, options.Tolerance) : exact;
        });
        _runs = new(() => RunLengths.Encode(labels));
    }

    /// <summary>Columns of the map.</summary>
    public int Width { get; }

    /// <summary>Rows of the map.</summary>
    public int Height { get; }

    /// <summary>The classes of the regions' ids.</summary>
    public ClassList Classes { get; }

    /// <summary>How many regions there are.</summary>
    public int Count => _regions.Length;

    /// <summary>One region.</summary>
    /// <param name="index">Its place, 0..<see cref="Count"/>-1.</param>
    public SegmentationRegion this[int index] => _regions[index];

    internal RegionPolygon[][] Outlines => _outlines.Value;

    internal RunLengths[] Runs => _runs.Value;

    /// <inheritdoc/>
    public IEnumerator<SegmentationRegion> GetEnumerator() => _regions.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The outlines as a GeoJSON <c>FeatureCollection</c> (RFC 7946): a <c>Polygon</c> or <c>MultiPolygon</c>
    /// for each region, with <c>class_id</c>, <c>class</c>, <c>area</c> in pixels, <c>center_x</c>, <c>center_y</c>
    /// and, where it is known, <c>mean_confidence</c>.</summary>
    /// <param name="transform">Where the map lies in the world; null for coordinates in pixels, with y
    /// downwards.</param>
    /// <remarks>Outer rings are counterclockwise by the numbers of their coordinates, as the RFC wants them. It also
    /// wants degrees of longitude and latitude, and knows no other coordinates: with pixels, or metres of a projection,
    /// the reader has to know what they are.</remarks>
    public string ToGeoJson(GeoTransform? transform = null) => GeoJsonWriter.Write(this, transform);

    /// <summary>The outlines as an SVG image as large as the map: a path for each region, filled in the colour of its
    /// class by the even-odd rule, with the attribute <c>data-class</c> and the name of the class as its
    /// title.</summary>
    public string ToSvg() => SvgWriter.Write(this);

    /// <summary>A table with a row for each region and the columns <c>class_id</c>, <c>class</c>, <c>area</c>,
    /// <c>x</c>, <c>y</c>, <c>width</c>, <c>height</c>, <c>center_x</c>, <c>center_y</c> and <c>mean_confidence</c>,
    /// which is empty where it is not known.</summary>
    public string ToCsv() => CsvWriter.Write(this);

    /// <summary>The JSON file of labelme (https://github.com/wkentaro/labelme) for one image: the outlines as polygons
    /// that people can correct.</summary>
    /// <param name="imagePath">The path of the image from the folder of the JSON file.</param>
    /// <remarks>Polygons of labelme have no holes. They are written in the order in which they are drawn, larger ones
    /// first, so that what lies in a hole covers it; only pixels that are in no region take the class around them. The
    /// image is not in the file. labelme shows images upright, so the map should be of the upright image.</remarks>
    public string ToLabelme(string imagePath)
    {
        ArgumentException.ThrowIfNullOrEmpty(imagePath);
        return LabelmeWriter.Write(this, imagePath);
    }

    /// <summary>Writes one COCO file with the regions of many images, in their order. Categories, images and
    /// annotations are numbered from 1; the id of a category is the id of the class plus 1.</summary>
    /// <param name="path">The file; it is replaced when it exists, and left alone when writing fails.</param>
    /// <param name="classes">The categories.</param>
    /// <param name="images">The file name and the regions of each image; read once, and none is kept.</param>
    /// <param name="forLabeling">Whether the file is for a labelling tool, to correct the regions. Such tools take
    /// polygons alone: each is an annotation by itself, without holes and without a box, larger ones first, so that
    /// what lies in a hole is drawn on top.</param>
    /// <remarks>Polygons of COCO know no holes. Unless it is for labelling, a region without holes is written as its
    /// polygons, and one with holes as run lengths in the text form; <c>iscrowd</c> is 0 for both.</remarks>
    /// <exception cref="ArgumentException">An image has other classes than <paramref name="classes"/>.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveCoco(string path, ClassList classes,
        IEnumerable<(string FileName, SegmentationRegions Regions)> images, bool forLabeling = false)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(images);
        WholeFile.Write(path, stream => CocoWriter.Write(stream, classes, images, forLabeling));
    }

    /// <summary>The outer rings of all polygons, from below to above: those that are in a hole of another one are
    /// smaller than it.</summary>
    internal IEnumerable<(SegmentationRegion Region, IReadOnlyList<PixelPoint> Ring)> FilledOutlines() =>
        this.SelectMany(region => region.Polygons.Select(polygon => (region, polygon.Outer)))
            .OrderByDescending(outline => OutlineTracer.DoubleArea(outline.Outer));
}
