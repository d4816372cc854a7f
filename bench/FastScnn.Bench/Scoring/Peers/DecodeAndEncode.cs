using FastScnn.ML;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.Bench.Scoring.Peers;

/// <summary>What reading the JPEG file and writing a mask file cost by themselves.</summary>
internal sealed class DecodeAndEncode : IScoringPeer
{
    private readonly string _photo;
    private readonly string _target;
    private readonly SegmentationMap _map;

    public DecodeAndEncode(ScoringFiles files, ScoringCase scored)
    {
        (_photo, _target) = (files.Photo(scored), files.Photo(scored) + $".{scored.Threads}.copy.png");
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(files.Scoring);
        _map = segmenter.Segment(_photo);
    }

    public byte[]? Mask => null;

    public void Score()
    {
        using MLImage image = MLImage.CreateFromFile(_photo);
        _map.SavePng(_target);
    }

    public void Dispose()
    {
    }
}
