using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>
/// The segmentations of rows ahead: a row's photo is copied, as it belongs to the row, and segmented when the row has moved on.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="row">The row that the photos come from, which moves on.</param>
/// <param name="photos">The column of photos.</param>
/// <param name="segmenter">What segments the photos.</param>
/// <param name="detailed">Whether more than maps will be read.</param>
/// <param name="scores">The scores that will be read; null for none.</param>
internal sealed class SegmentationsAhead(
    RowsAhead rows, DataViewRow row, DataViewSchema.Column photos, FastScnnSegmenter segmenter, bool detailed, ScoreKind? scores) : ISegmentationValues
{
    private readonly ValueGetter<MLImage?> _getPhoto = row.GetGetter<MLImage?>(photos);
    private readonly Segmentation[] _segmentations = new Segmentation[rows.Slots];
    private MLImage? _photo;

    /// <summary>Takes the photo of the row at hand. What reading it throws is thrown where its map is read.</summary>
    public void Take(int slot)
    {
        // Scores are large: those of the slot's last row must not be held longer.
        _segmentations[slot] = default;
        try
        {
            _getPhoto(ref _photo);
            if (_photo is not null)
                _segmentations[slot].Photo = segmenter.Copy(_photo);
        }
        catch (Exception e)
        {
            _segmentations[slot].Fault = ExceptionDispatchInfo.Capture(e);
        }
    }

    /// <summary>Segments the photo that was taken. What that throws is thrown where its map is read.</summary>
    public void Finish(int slot)
    {
        ref Segmentation segmentation = ref _segmentations[slot];
        if (segmentation.Photo is not { } photo)
            return;
        try
        {
            if (detailed)
                segmentation.Scored = segmenter.SegmentWithScores(photo.Pixels, photo.Width, photo.Height, photo.Layout, scores: scores);
            segmentation.Map = segmentation.Scored?.Map ?? segmenter.Segment(photo.Pixels, photo.Width, photo.Height, photo.Layout);
        }
        catch (Exception e)
        {
            segmentation.Fault = ExceptionDispatchInfo.Capture(e);
        }
        segmentation.Photo = null;
        photo.Dispose();
    }

    public void Map(ref SegmentationMap? value) => value = Current().Map;

    public void Scores(ref VBuffer<float> value) => SegmentationCells.Copy(Current().Scored?.Scores ?? default, ref value);

    public void Confidence(ref VBuffer<float> value) => SegmentationCells.Copy(Current().Scored?.Confidence ?? default, ref value);

    /// <summary>Lets go of all rows, once nobody works on them.</summary>
    public void Clear()
    {
        foreach (Segmentation segmentation in _segmentations)
            segmentation.Photo?.Dispose();
        Array.Clear(_segmentations);
        _photo = null;
    }

    private Segmentation Current()
    {
        Segmentation current = _segmentations[rows.Slot];
        current.Fault?.Throw();
        return current;
    }

    private struct Segmentation
    {
        public PhotoCopy? Photo;
        public SegmentationMap? Map;
        public ScoredSegmentation? Scored;
        public ExceptionDispatchInfo? Fault;
    }
}
