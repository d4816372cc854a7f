using System.Globalization;
using FastScnn.Torch.Data;
using Spectre.Console;

namespace FastScnn.Cli;

/// <summary>How much of each photo belongs to each class.</summary>
internal sealed class ShareTable(ClassList classes, IReadOnlyList<SegmentedPhoto> photos)
{
    /// <summary>Writes a line for each photo and a column for each class, as fractions of the photo.</summary>
    public void Save(string path)
    {
        string temporary = path + ".tmp";
        File.WriteAllLines(temporary,
        [
            string.Join(',', classes.Select(c => Quote(c.Name)).Prepend("photo")),
            .. photos.Select(row => string.Join(',', row.Shares.Select(s => s.ToString("F6", CultureInfo.InvariantCulture)).Prepend(Quote(row.Name)))),
        ]);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>The mean over all photos, largest class first, each with its colour.</summary>
    public Table Draw()
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn("class").AddColumn(new TableColumn("share of pixels").RightAligned());
        foreach ((SegmentationClass c, double share) in classes.Select((c, id) => (c, photos.Average(row => row.Shares[id]))).OrderByDescending(pair => pair.Item2))
            table.AddRow(new Markup($"[rgb({c.Red},{c.Green},{c.Blue})]██[/] {Markup.Escape(c.Name)}"), new Text($"{share * 100:F2} %"));
        return table;
    }

    private static string Quote(string text) => text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
