using FastScnn.ML;

namespace FastScnn.Bench.Scoring.Peers;

/// <summary>Our segmenter, from a JPEG file to a mask file.</summary>
internal sealed class FileSegmenter(ScoringFiles files, ScoringCase scored) : IScoringPeer
{
    private readonly FastScnnSegmenter _segmenter = FastScnnSegmenter.Load(files.Scoring, new FastScnnSegmenterOptions { IntraOpThreads = scored.Threads });
    private readonly string _photo = files.Photo(scored);
    private readonly string _mask = files.Photo(scored) + $".{scored.Threads}.png";

    public byte[]? Mask { get; private set; }

    public void Score()
    {
        SegmentationMap map = _segmenter.Segment(_photo);
        map.SavePng(_mask);
        if (Mask is null)
            Mask = map.ClassIds.ToArray();
    }

    public void Dispose() => _segmenter.Dispose();
}
