using static FastScnn.Torch.Scenes.Filter;

namespace FastScnn.Torch.Scenes;

/// <summary>Tiles in rows.</summary>
internal sealed class RoofMaterial(Rgb color) : Material
{
    public override Rgb Shade(float u, float v, float du, float dv)
    {
        float row = v / 0.35f;
        row -= MathF.Floor(row);
        return color * (1 + 0.12f * ValueNoise.Sample(u * 0.8f, v * 0.8f) - 0.3f * Band(row, 0, 0.2f, dv / 0.35f) * Visible(0.3f, dv));
    }
}
