using Microsoft.ML;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>
/// The values that one cursor or prediction engine reads of a segmentation's columns. A row costs one segmentation, however many of them
/// are read, and however often: a drawing of the map and the map itself, say.
/// </summary>
/// <param name="row">The row, which moves on.</param>
/// <param name="photos">The column of photos.</param>
/// <param name="segmenter">What segments the photos.</param>
/// <param name="detailed">Whether more than maps will be read.</param>
/// <param name="scores">The scores that will be read; null for none.</param>
internal sealed class SegmentationCells(DataViewRow row, DataViewSchema.Column photos, FastScnnSegmenter segmenter, bool detailed, ScoreKind? scores)
    : ISegmentationValues
{
    // The photo belongs to the column that it comes from: its getter frees the last one when it makes the next.
    private readonly ValueGetter<MLImage?> _getPhoto = row.GetGetter<MLImage?>(photos);
    private MLImage? _photo;
    private SegmentationMap? _map;
    private ScoredSegmentation? _scored;
    private long? _position;

    public void Map(ref SegmentationMap? value)
    {
        Segment();
        value = _map;
    }

    public void Scores(ref VBuffer<float> value)
    {
        Segment();
        Copy(_scored?.Scores ?? default, ref value);
    }

    public void Confidence(ref VBuffer<float> value)
    {
        Segment();
        Copy(_scored?.Confidence ?? default, ref value);
    }

    /// <summary>Makes a copy, as the buffer is the reader's to change.</summary>
    public static void Copy(ReadOnlyMemory<float> values, ref VBuffer<float> value)
    {
        VBufferEditor<float> editor = VBufferEditor.Create(ref value, values.Length);
        values.Span.CopyTo(editor.Values);
        value = editor.Commit();
    }

    private void Segment()
    {
        if (_position == row.Position)
            return;
        _getPhoto(ref _photo);
        // Scores are large: the last ones must not be held while the next are made.
        (_map, _scored, _position) = (null, null, null);
        if (_photo is not null && detailed)
            _scored = segmenter.SegmentWithScores(_photo, scores);
        _map = _scored?.Map ?? (_photo is null ? null : segmenter.Segment(_photo));
        _position = row.Position;
    }
}
