using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FastScnn.Notebooks;

/// <summary>Reads and writes notebooks (nbformat 4.5).</summary>
internal static class NotebookFile
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    public static IReadOnlyList<Cell> Read(string file) =>
        [.. JsonNode.Parse(File.ReadAllText(file))!["cells"]!.AsArray()
            .Select(cell => new Cell((string?)cell!["cell_type"] == "code", Text(cell["source"]))
        {
            Outputs = [.. (cell["outputs"] as JsonArray ?? []).Select(ReadOutput)],
        })];

    public static void Write(string file, IReadOnlyList<Cell> cells)
    {
        int executed = 0;
        var notebook = new JsonObject
        {
            ["cells"] = new JsonArray([.. cells.Select((cell, i) => WriteCell(cell, i, cell.IsCode ? ++executed : 0))]),
            ["metadata"] = new JsonObject
            {
                ["kernelspec"] = new JsonObject
                {
                    ["display_name"] = ".NET (C#)",
                    ["language"] = "C#",
                    ["name"] = ".net-csharp"
                },
                ["language_info"] = new JsonObject { ["name"] = "C#", ["file_extension"] = ".cs" },
            },
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
        };
        File.WriteAllText(file, notebook.ToJsonString(s_json) + "\n");
    }

    private static JsonNode WriteCell(Cell cell, int index, int number)
    {
        var json = new JsonObject
        {
            ["cell_type"] = cell.IsCode ? "code" : "markdown",
            ["id"] = $"cell-{index}",
            ["metadata"] = new JsonObject(),
            ["source"] = Lines(cell.Source),
        };
        if (cell.IsCode)
        {
            json["execution_count"] = number;
            json["outputs"] = new JsonArray([.. cell.Outputs.Select(WriteOutput)]);
        }
        return json;
    }

    private static JsonNode WriteOutput(Output output) => output.Mime == "text/plain"
        ? new JsonObject { ["name"] = "stdout", ["output_type"] = "stream", ["text"] = Lines(output.Data) }
        : new JsonObject
        {
            ["data"] = new JsonObject
            {
                [output.Mime] = output.Mime == "image/svg+xml" ? Lines(output.Data) : output.Data
            },
            ["metadata"] = new JsonObject(),
            ["output_type"] = "display_data",
        };

    private static Output ReadOutput(JsonNode? output)
    {
        if (output!["data"] is not JsonObject data)
            return new Output("text/plain", Text(output["text"]));
        (string mime, JsonNode? value) = data.First();
        return new Output(mime, Text(value));
    }

    private static string Text(JsonNode? node) =>
        node is JsonArray lines ? string.Concat(lines.Select(line => (string?)line)) : (string?)node ?? "";

    private static JsonArray Lines(string text)
    {
        string[] lines = text.Split('\n');
        return new JsonArray([.. lines.Select((line, i) => (JsonNode)(i < lines.Length - 1 ? line + "\n" : line))
            .Where(line => (string?)line != "")]);
    }
}
