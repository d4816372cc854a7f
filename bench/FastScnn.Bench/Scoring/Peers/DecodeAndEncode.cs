using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.Bench.Scoring.Peers;

/// <summary>What reading the JPEG file and writing a mask cost by themselves.</summary>
internal sealed class DecodeAndEncode : IScoringPeer
{
    private readonly string _image;
    private readonly string _target;
    private readonly SegmentationMap _map;

    public DecodeAndEncode(ScoringFiles files, ScoringCase scored)
    {
        (_image, _target) = (files.Image(scored), files.Image(scored) + $".{scored.Threads}.copy.png");
        using FastScnnSegmenter segmenter = FastScnnSegmenter.Load(files.Scoring);
        _map = segmenter.Segment(_image);
    }

    public byte[]? Mask => null;

    public void Score()
    {
        using MLImage image = MLImage.CreateFromFile(_image);
        _map.SavePng(_target);
    }

    public void Dispose()
    {
    }
}
