using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using FastScnn.Torch.Data;

namespace FastScnn.ML;

/// <summary>Parts that the sections of a report share. Elements that HTML does not close by itself must have content, if only an empty text.</summary>
internal static class Html
{
    public static XElement Element(string name, params object?[] content) => new(name, content);

    /// <summary>An attribute, whose text may be anything.</summary>
    public static XAttribute Attribute(string name, string value) => new(name, Clean(value));

    /// <summary>Text, which may be anything: what XML cannot hold, such as control characters in file names, is replaced.</summary>
    public static XText Text(string text) => new(Clean(text));

    /// <summary>A text whose numbers are as in invariant culture.</summary>
    public static XText Text(FormattableString text) => Text(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>A share as per cent; a dash where it is not defined.</summary>
    public static string Percent(double share) => double.IsNaN(share) ? "\u2013" : string.Create(CultureInfo.InvariantCulture, $"{100 * share:F2}");

    /// <summary>A share for the style sheet, 0..1.</summary>
    public static XAttribute Share(double share) => Attribute("style", string.Create(CultureInfo.InvariantCulture, $"--s:{(double.IsNaN(share) ? 0 : share):0.###}"));

    /// <summary>A box in the colour of a class; nothing to those who do not see it.</summary>
    public static XElement Swatch(SegmentationClass color) => Element(
        "span", Attribute("class", "swatch"), Attribute("style", string.Create(CultureInfo.InvariantCulture, $"background:rgb({color.Red},{color.Green},{color.Blue})")), "");

    /// <summary>Classes with their colours, in the order of their ids.</summary>
    public static XElement Legend(string label, IEnumerable<SegmentationClass> classes) =>
        Element("ul", Attribute("class", "legend"), Attribute("aria-label", label), classes.Select(c => Element("li", Swatch(c), Text(c.Name))));

    /// <summary>A table that scrolls by itself where it is wider than the page, with the keyboard too.</summary>
    public static XElement Wide(string label, XElement table) =>
        Element("div", Attribute("class", "wide"), Attribute("role", "region"), Attribute("aria-label", label), Attribute("tabindex", "0"), table);

    private static string Clean(string text)
    {
        StringBuilder? clean = null;
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]);
            if (!isPair && !XmlConvert.IsXmlChar(text[i]))
                (clean ??= new StringBuilder(text))[i] = '\uFFFD';
            i += isPair ? 1 : 0;
        }
        return clean?.ToString() ?? text;
    }
}
