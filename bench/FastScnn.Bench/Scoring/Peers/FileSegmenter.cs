using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;

namespace FastScnn.Bench.Scoring.Peers;

/// <summary>Our segmenter, from a JPEG file to a mask.</summary>
internal sealed class FileSegmenter(ScoringFiles files, ScoringCase scored) : IScoringPeer
{
    private readonly FastScnnSegmenter _segmenter = FastScnnSegmenter.Load(files.Scoring,
        new FastScnnSegmenterOptions { IntraOpThreads = scored.Threads });
    private readonly string _image = files.Image(scored);
    private readonly string _mask = files.Image(scored) + $".{scored.Threads}.png";

    public byte[]? Mask { get; private set; }

    public void Score()
    {
        SegmentationMap map = _segmenter.Segment(_image);
        map.SavePng(_mask);
        if (Mask is null)
            Mask = map.ClassIds.ToArray();
    }

    public void Dispose() => _segmenter.Dispose();
}
