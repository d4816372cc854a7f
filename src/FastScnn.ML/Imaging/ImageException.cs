namespace FastScnn.ML;

/// <summary>Why an image is refused.</summary>
public enum ImageFault
{
    /// <summary>The file is of a kind that is not read, such as a TIFF, a PDF or a text.</summary>
    UnknownFormat,

    /// <summary>The header says more pixels than the limit.</summary>
    TooLarge,

    /// <summary>The file is cut short.</summary>
    Incomplete,

    /// <summary>The file begins as an image does, and cannot be decoded, or not wholly.</summary>
    Damaged,
}

/// <summary>The facts about an image that is refused: the inner exception of the one that names the image.</summary>
public sealed class ImageException : Exception
{
    internal ImageException(ImageFault fault, string finding)
        : base(finding) => Fault = fault;

    /// <summary>The kind of fault. The message says what was found, in whole sentences about "it", the image, without its name and without advice.</summary>
    public ImageFault Fault { get; }
}
