using SkiaSharp;

namespace FastScnn.Tool.Import;

/// <summary>An image with its labels, as the files of a labelling tool have them.</summary>
internal sealed record LabeledImage
{
    /// <summary>Its path as the tool's file states it, with / between folders and nothing in front; it names the image
    /// in messages, and decides its split.</summary>
    public required string Name { get; init; }

    /// <summary>The image file; null where there is none.</summary>
    public required string? Path { get; init; }

    /// <summary>Gives the image where the tool's file contains it and there is no image file.</summary>
    public Func<byte[]>? Embedded { get; init; }

    /// <summary>The size that the labels were drawn at; null where the tool's file does not state it.</summary>
    public (int Width, int Height)? Size { get; init; }

    /// <summary>Whether positions are parts of the image's sides, 0 to 1, and not pixels.</summary>
    public bool IsRelative { get; init; }

    /// <summary>The split that the tool's file states, such as train; null where it states none.</summary>
    public string? Split { get; init; }

    /// <summary>The shapes in the order of the file.</summary>
    public required IReadOnlyList<Shape> Shapes { get; init; }

    /// <summary>A path as <see cref="Name"/> has it.</summary>
    public static string ToName(string path)
    {
        IEnumerable<string> parts = path.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries)
            .Where(part => part is not ("." or "..") && !part.EndsWith(':'));
        return string.Join('/', parts);
    }
}

/// <summary>A labelled area.</summary>
/// <param name="Number">Which shape of the image it is in the tool's file, from 1.</param>
/// <param name="Label">The name of its class.</param>
/// <param name="Parts">What it consists of; a pixel is in the shape where it is in one of them.</param>
internal sealed record Shape(int Number, string Label, IReadOnlyList<ShapePart> Parts)
{
    /// <summary>The layer that the tool's file states; higher ones are above.</summary>
    public int Layer { get; init; }

    /// <summary>Shapes of one image with the same number are one object, and as large as all of them.</summary>
    public int? Group { get; init; }
}

/// <summary>A point of the image: (0, 0) is the outer corner of the first pixel, (1, 1) its inner one.</summary>
internal readonly record struct Position(double X, double Y);

/// <summary>A part of a shape that can be painted by itself.</summary>
internal abstract class ShapePart
{
    /// <summary>The area in pixels.</summary>
    /// <param name="scale">Pixels of the unit of both axes.</param>
    public abstract double Area(Position scale);

    /// <summary>Whether a pixel of an image of this size may be in it.</summary>
    public abstract bool Meets(int width, int height, Position scale);

    /// <summary>Gives its pixels an id.</summary>
    public abstract void Paint(MaskPainter mask, byte id, Position scale);
}

/// <summary>A closed polygon. Where it overlaps itself the even-odd rule holds: what is enclosed twice is
/// outside.</summary>
internal sealed class PolygonPart : ShapePart
{
    private const double MostDeviation = 0.01;

    private readonly Position[] _points;

    private PolygonPart(Position[] points) => _points = points;

    /// <summary>Makes a polygon.</summary>
    /// <param name="points">Its corners.</param>
    /// <param name="why">Why there is none.</param>
    public static PolygonPart? Create(IEnumerable<Position> points, out string why)
    {
        Position[] all = [.. points];
        why = all.Length < 3 ? "fewer than 3 points"
            : all.All(point => double.IsFinite(point.X) && double.IsFinite(point.Y)) ? ""
            : "a point that is not a number";
        return why.Length == 0 ? new(all) : null;
    }

    /// <summary>A rectangle between two corners, turned clockwise about a point.</summary>
    public static PolygonPart? Rectangle(Position a, Position b, double degrees, Position pivot, out string why)
    {
        Position[] corners = [a, new(b.X, a.Y), b, new(a.X, b.Y)];
        PolygonPart? rectangle = Create(corners.Select(point => Turn(point, degrees, pivot)), out why);
        if (rectangle is not null && (a.X == b.X || a.Y == b.Y))
            why = "a rectangle without area";
        return why.Length == 0 ? rectangle : null;
    }

    /// <summary>An ellipse, turned clockwise about its centre: a polygon that deviates by a hundredth of a
    /// pixel.</summary>
    public static PolygonPart? Ellipse(Position centre, double radiusX, double radiusY, double degrees,
        out string why)
    {
        double radius = Math.Max(radiusX, radiusY);
        int corners = radius > MostDeviation
            ? Math.Clamp((int)Math.Ceiling(Math.PI / Math.Acos(1 - MostDeviation / radius)), 16, 4096) : 16;
        PolygonPart? ellipse = Create(Enumerable.Range(0, corners).Select(i => Math.Tau * i / corners).Select(angle =>
            Turn(new(centre.X + radiusX * Math.Cos(angle), centre.Y + radiusY * Math.Sin(angle)), degrees, centre)),
            out why);
        if (ellipse is not null && !(radiusX > 0 && radiusY > 0))
            why = "a circle without radius";
        return why.Length == 0 ? ellipse : null;
    }

    public override double Area(Position scale)
    {
        double sum = 0;
        for (int i = 0; i < _points.Length; i++)
        {
            (Position a, Position b) = (_points[i], _points[(i + 1) % _points.Length]);
            sum += a.X * b.Y - b.X * a.Y;
        }
        return Math.Abs(sum) / 2 * scale.X * scale.Y;
    }

    public override bool Meets(int width, int height, Position scale) =>
        _points.Max(point => point.X) > 0 && _points.Max(point => point.Y) > 0
        && _points.Min(point => point.X) * scale.X < width && _points.Min(point => point.Y) * scale.Y < height;

    public override void Paint(MaskPainter mask, byte id, Position scale)
    {
        using SKPath path = new() { FillType = SKPathFillType.EvenOdd };
        path.AddPoly([.. _points.Select(point => new SKPoint((float)(point.X * scale.X), (float)(point.Y * scale.Y)))]);
        mask.Fill(path, id);
    }

    private static Position Turn(Position point, double degrees, Position pivot)
    {
        if (degrees == 0) return point;
        (double sin, double cos) = Math.SinCos(degrees * Math.PI / 180);
        (double x, double y) = (point.X - pivot.X, point.Y - pivot.Y);
        return new(pivot.X + x * cos - y * sin, pivot.Y + x * sin + y * cos);
    }
}

/// <summary>Pixels as run lengths, which begin with those that are outside.</summary>
internal sealed class RunsPart : ShapePart
{
    private readonly int _left, _top, _width, _height;
    private readonly bool _byColumn;
    private readonly int[] _runs;

    private RunsPart(int left, int top, int width, int height, bool byColumn, int[] runs) =>
        (_left, _top, _width, _height, _byColumn, _runs) = (left, top, width, height, byColumn, runs);

    /// <summary>Makes a part of runs.</summary>
    /// <param name="left">The first column in the image.</param>
    /// <param name="top">The first row in the image.</param>
    /// <param name="width">Columns that the runs cover.</param>
    /// <param name="height">Rows that the runs cover.</param>
    /// <param name="byColumn">Whether runs go down the columns, as COCO's do, and not along the rows.</param>
    /// <param name="runs">The lengths.</param>
    /// <param name="why">Why there is none.</param>
    public static RunsPart? Create(int left, int top, int width, int height, bool byColumn, int[] runs, out string why)
    {
        why = width < 1 || height < 1 || runs.Any(run => run < 0)
            || runs.Sum(run => (long)run) != (long)width * height ? "run lengths that do not add up to their size" : "";
        return why.Length == 0 ? new(left, top, width, height, byColumn, runs) : null;
    }

    public override double Area(Position scale)
    {
        double sum = 0;
        for (int i = 1; i < _runs.Length; i += 2) sum += _runs[i];
        return sum;
    }

    public override bool Meets(int width, int height, Position scale) =>
        _left < width && _top < height && (long)_left + _width > 0 && (long)_top + _height > 0;

    public override void Paint(MaskPainter mask, byte id, Position scale)
    {
        long at = 0;
        for (int i = 0; i < _runs.Length; at += _runs[i++])
        {
            if (i % 2 == 0) continue;
            for (long pixel = at; pixel < at + _runs[i]; pixel++)
                if (_byColumn)
                    mask.Set(_left + pixel / _height, _top + pixel % _height, id);
                else
                    mask.Set(_left + pixel % _width, _top + pixel / _width, id);
        }
    }
}
