namespace FastScnn.Notebooks;

/// <summary>A cell of a notebook.</summary>
/// <param name="IsCode">Whether it is C#; else Markdown.</param>
/// <param name="Source">Its text, without a line end at the end.</param>
internal sealed record Cell(bool IsCode, string Source)
{
    public IReadOnlyList<Output> Outputs { get; init; } = [];
}

/// <summary>What a code cell gave.</summary>
/// <param name="Mime">text/plain or an image type.</param>
/// <param name="Data">The text, or the image: SVG as text, others as base64.</param>
internal sealed record Output(string Mime, string Data);
