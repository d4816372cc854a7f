namespace FastScnn.Bench.Scoring.Peers;

/// <summary>The peers of this process's kind, by the names that workers are started with.</summary>
internal static class ScoringPeers
{
    public static IReadOnlyDictionary<string, Func<ScoringFiles, ScoringCase, IScoringPeer>> All { get; } =
        new Dictionary<string, Func<ScoringFiles, ScoringCase, IScoringPeer>>
        {
            ["transformer"] = (files, scored) => new Transformer(files, scored, files.Scoring),
            ["int8"] = (files, scored) => new Transformer(files, scored, files.Int8),
            ["files"] = (files, scored) => new FileSegmenter(files, scored),
            ["stock"] = (files, scored) => new StockPipeline(files, scored),
            ["plain"] = (files, scored) => new PlainOnnxRuntime(files, scored),
            ["careful"] = (files, scored) => new CarefulOnnxRuntime(files, scored),
            ["session"] = (files, scored) => new BareSession(files, scored),
            ["codec"] = (files, scored) => new DecodeAndEncode(files, scored),
        };
}
