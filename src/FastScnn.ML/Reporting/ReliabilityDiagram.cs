using System.Globalization;
using System.Text;
using FastScnn.ML.Evaluation;

namespace FastScnn.ML.Reporting;

/// <summary>Draws the reliability curve of a calibration as an SVG image: accuracy by confidence, the line where both
/// are equal, and below them the share of pixels in each bin.</summary>
internal static class ReliabilityDiagram
{
    private const int Width = 720, Height = 470, Left = 60, Right = 20, Top = 40, Base = 335, SharesTop = 360,
        SharesBase = 425;

    /// <summary>The text of the image.</summary>
    public static string Draw(SegmentationCalibration calibration)
    {
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12">
            <rect width="{Width}" height="{Height}" fill="white"/>

            """);
        for (int i = 0; i <= 5; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""
                <path d="M{Left} {Y(i / 5.0):F1}H{Width - Right}" stroke="#ddd"/>
                <text x="{Left - 6}" y="{Y(i / 5.0) + 4:F1}" text-anchor="end" fill="#333">{20 * i} %</text>
                <text x="{X(i / 5.0):F1}" y="{SharesBase + 18}" text-anchor="middle" fill="#333">{20 * i} %</text>

                """);
        }
        foreach (CalibrationBin bin in calibration.Bins.Where(bin => bin.Pixels > 0))
        {
            double share = (double)bin.Pixels / calibration.Pixels;
            Bar(svg, bin, Y(bin.Accuracy), Base, "#8fbce6");
            Bar(svg, bin, SharesBase - (SharesBase - SharesTop) * share, SharesBase, "#999");
        }
        string curve = string.Join(' ', calibration.Bins.Where(bin => bin.Pixels > 0).Select(bin =>
            string.Create(CultureInfo.InvariantCulture, $"{X(bin.MeanConfidence):F1},{Y(bin.Accuracy):F1}")));
        svg.Append(CultureInfo.InvariantCulture, $"""
            <path d="M{X(0):F1} {Y(0):F1}L{X(1):F1} {Y(1):F1}" stroke="#333" stroke-dasharray="5 4"/>
            <polyline points="{curve}" fill="none" stroke="#1668b8" stroke-width="2"/>
            <path d="M{Left} {SharesBase}H{Width - Right}" stroke="#ddd"/>
            <path d="M{Left + 10} {Top - 18}h24" stroke="#1668b8" stroke-width="2"/>
            <text x="{Left + 40}" y="{Top - 14}" fill="#333">accuracy by mean confidence</text>
            <path d="M{Left + 240} {Top - 18}h24" stroke="#333" stroke-dasharray="5 4"/>
            <text x="{Left + 270}" y="{Top - 14}" fill="#333">as sure as right</text>
            <rect x="{Left + 410}" y="{Top - 24}" width="24" height="12" fill="#999"/>
            <text x="{Left + 440}" y="{Top - 14}" fill="#333">share of pixels (below)</text>
            <text x="{Width / 2}" y="{Height - 8}" text-anchor="middle" fill="#333">confidence</text>
            </svg>

            """);
        return svg.ToString();
    }

    private static void Bar(StringBuilder svg, CalibrationBin bin, double top, int bottom, string color) =>
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{X(bin.Above) + 1:F1}\" y=\"{top:F1}\" ")
            .Append(CultureInfo.InvariantCulture,
                $"width=\"{X(bin.UpTo) - X(bin.Above) - 2:F1}\" height=\"{bottom - top:F1}\" fill=\"{color}\"/>\n");

    private static double X(double share) => Left + (Width - Left - Right) * share;

    private static double Y(double share) => Base - (Base - Top) * share;
}
