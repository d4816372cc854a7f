namespace FastScnn.Bench.Scoring;

/// <summary>The times of one size and number of threads.</summary>
internal static class ScoringTable
{
    private static readonly Dictionary<string, string> s_names = new()
    {
        ["transformer"] = "**our transformer**, MLImage -> map",
        ["int8"] = "our transformer with an int8 model",
        ["files"] = "**our segmenter**, JPEG file -> mask file",
        ["stock"] = "stock ML.NET, MLImage -> map",
        ["plain"] = "plain ONNX Runtime, MLImage -> map",
        ["careful"] = "ONNX Runtime with careful loops, MLImage -> map",
        ["session"] = "bare session on our graph, planes -> 1/8 logits",
        ["codec"] = "decoding and encoding alone",
        ["PyTorch plain"] = "PyTorch eager, pixels -> map",
        ["PyTorch tuned"] = "PyTorch eager with tuned malloc and OpenMP",
    };

    public static IEnumerable<string> Lines(IReadOnlyList<ScoringEntrant> entrants, string maskFile)
    {
        yield return "| peer | ms | x our transformer | x bare session | peak MB | masks % |";
        yield return "|---|---|---|---|---|---|";
        byte[]? ours = null;
        (Samples transformer, Samples session) = (Times("transformer"), Times("session"));
        foreach (ScoringEntrant entrant in entrants)
        {
            byte[]? mask = entrant.Finish(maskFile);
            ours ??= mask;
            string agreement = mask is null || ours is null ? ""
                : $"{100.0 * mask.Zip(ours).Count(pair => pair.First == pair.Second) / ours.Length:F2}";
            yield return $"| {s_names[entrant.Name]} | {Cell(entrant.Times)} | {Ratio(entrant.Times, transformer)} | {Ratio(entrant.Times, session)} | {entrant.PeakMegabytes:F0} | {agreement} |";
        }
        if (new[] { "session", "codec", "files" }.All(name => !Times(name).IsEmpty))
        {
            yield return "";
            yield return $"Files: {Times("files").Median / (session.Median + Times("codec").Median):F2} x (bare session + decoding and encoding).";
        }

        Samples Times(string name) => entrants.First(entrant => entrant.Name == name).Times;
    }

    private static string Cell(Samples times) => times.IsEmpty ? "failed" : $"{times}";

    private static string Ratio(Samples times, Samples to) =>
        times.IsEmpty || to.IsEmpty ? "-" : $"{times.Median / to.Median:F2}";
}
