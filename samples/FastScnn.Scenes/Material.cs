namespace FastScnn.Torch.Scenes;

/// <summary>What a flat surface looks like, point by point.</summary>
internal abstract class Material
{
    /// <summary>The light that a point sends to the camera.</summary>
    /// <param name="u">Metres along the surface's first axis.</param>
    /// <param name="v">Metres along its second axis.</param>
    /// <param name="du">Metres that one pixel covers along the first axis: detail below it must fade.</param>
    /// <param name="dv">The same along the second axis.</param>
    public abstract Rgb Shade(float u, float v, float du, float dv);
}

/// <summary>One colour all over.</summary>
internal sealed class PlainMaterial(Rgb color) : Material
{
    public override Rgb Shade(float u, float v, float du, float dv) => color;
}
