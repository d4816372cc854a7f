namespace FastScnn.Torch.Data;

/// <summary>Whether a pixel of a label file gives its class by a stored value or by a colour.</summary>
public enum LabelEncoding
{
    /// <summary>
    /// By the kind of the file: stored values in grey and palette PNGs, colours in RGB and RGBA. Three equal channels are values where
    /// they are equal everywhere, a value is no colour of a class, and none contradicts the colour of a class.
    /// </summary>
    Auto,

    /// <summary>Stored values: of a palette the index; of RGB and RGBA the one value of three equal channels.</summary>
    Values,

    /// <summary>Colours: of a palette the colour of the index; of grey the grey, so that 255 is white.</summary>
    Colors,
}
