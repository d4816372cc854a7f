using FastScnn.Torch.Data;
using Microsoft.ML.Data;

namespace FastScnn.ML;

/// <summary>A folder for rows that memory has no room for: made with the first row, deleted with the object.</summary>
internal sealed class RowFolder(string parent) : IDisposable
{
    private static readonly PhotoDecoder s_decoder = MLImagePhotoDecoder.Create(ImageDecoderOptions.MostPixels);

    private string? _path;
    private int _rows;

    /// <summary>Writes a row as two PNGs, without loss.</summary>
    /// <exception cref="IOException">A file cannot be written; the message says where and what to do.</exception>
    public IKeptRow Write(PixelBuffer photo, LabelMap labels)
    {
        try
        {
            _path ??= Directory.CreateDirectory(Path.Combine(parent, $"fastscnn-{Guid.NewGuid():N}")).FullName;
            string name = Path.Combine(_path, FormattableString.Invariant($"{_rows++}"));
            (string photoPath, string labelPath) = (name + "-photo.png", name + "-label.png");
            using (MLImage image = PhotoImage.Create(photo))
                image.Save(photoPath);
            IndexPng.Write(labelPath, labels.Width, labels.Height, labels.Ids.Span);
            return new FileRow(photoPath, labelPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Errors.RowFolderUnwritable(_path ?? parent, e);
        }
    }

    public void Dispose()
    {
        if (_path is null || !Directory.Exists(_path))
            return;
        Directory.Delete(_path, recursive: true);
        _path = null;
    }

    private sealed class FileRow(string photoPath, string labelPath) : IKeptRow
    {
        public PixelBuffer ReadPhoto()
        {
            using FileStream stream = File.OpenRead(photoPath);
            return s_decoder(stream);
        }

        public LabelMap ReadLabels() => IndexPng.Read(labelPath, long.MaxValue);
    }
}
