namespace FastScnn.Torch.Data;

/// <summary>How the masks of a data set become class ids.</summary>
/// <param name="Mapping">What stored values stand for.</param>
/// <param name="Colors">What colours stand for; null where masks have none. Made only when needed, because classes may
/// share a colour.</param>
/// <param name="Encoding">Whether values or colours count.</param>
/// <param name="IgnoreUnknownColors">Whether pixels in a colour of no class, or of partial opacity, are ignored instead
/// of refused.</param>
internal sealed record MaskRules(LabelMapping Mapping, Lazy<MaskColors>? Colors = null,
    MaskEncoding Encoding = MaskEncoding.Auto, bool IgnoreUnknownColors = false);

/// <summary>Facts about a mask that its class ids do not show.</summary>
internal sealed class MaskNotes
{
    /// <summary>Pixels of no opacity, which are ignored.</summary>
    public long Transparent { get; set; }

    /// <summary>Pixels of partial opacity that are ignored, as unknown colours are.</summary>
    public long PartlyTransparent { get; set; }

    /// <summary>Pixels whose value or colour the file's tRNS chunk calls transparent; they count as any
    /// other.</summary>
    public long MarkedTransparent { get; set; }

    /// <summary>Colours of no class that are ignored, and how many pixels have each.</summary>
    public IReadOnlyDictionary<int, long> UnknownColors { get; set; } = new Dictionary<int, long>();

    /// <summary>Whether three equal channels were read as class ids.</summary>
    public bool ValuesInColors { get; set; }

    /// <summary>Whether an RGB file holds nothing but a black that is no colour of a class.</summary>
    public bool OnlyBlack { get; set; }

    /// <summary>Pixels whose palette colour is that of another class than their index.</summary>
    public long PaletteConflicts { get; set; }

    /// <summary>One index for which the palette's colour says another class.</summary>
    public (int Index, int IndexId, int ColorId) PaletteExample { get; set; }
}
