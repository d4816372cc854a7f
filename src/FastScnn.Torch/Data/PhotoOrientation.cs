namespace FastScnn.Torch.Data;

/// <summary>How the stored pixels of a photo lie, with the numbers of EXIF: where the first stored row and the first stored column belong in the upright picture.</summary>
/// <remarks>EXIF 2.32, tag 0x0112. Cameras store the sensor's rows and tell by this tag how to turn them.</remarks>
public enum PhotoOrientation
{
    /// <summary>The first row is the top and the first column the left: upright.</summary>
    TopLeft = 1,

    /// <summary>Left and right are exchanged.</summary>
    TopRight = 2,

    /// <summary>Upside down: to be turned by 180 degrees.</summary>
    BottomRight = 3,

    /// <summary>Top and bottom are exchanged.</summary>
    BottomLeft = 4,

    /// <summary>Rows and columns are exchanged.</summary>
    LeftTop = 5,

    /// <summary>To be turned by 90 degrees clockwise: what phones held upright store.</summary>
    RightTop = 6,

    /// <summary>Rows and columns are exchanged, and the picture is upside down.</summary>
    RightBottom = 7,

    /// <summary>To be turned by 90 degrees anticlockwise.</summary>
    LeftBottom = 8,
}
