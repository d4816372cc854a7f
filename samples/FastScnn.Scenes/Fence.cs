using static FastScnn.Torch.Scenes.Filter;

namespace FastScnn.Torch.Scenes;

/// <summary>A fence of boards along a garden.</summary>
internal sealed class Fence(RoadLayout road, float lateral, float from, float to, SceneRandom random) : SceneObject
{
    private readonly float _height = random.Next(0.9f, 1.7f);
    private readonly Rgb _wood = random.Pick<Rgb>([new(0.30f, 0.20f, 0.12f), new(0.62f, 0.61f, 0.58f), new(0.18f, 0.2f, 0.2f), new(0.36f, 0.30f, 0.24f)]);

    public override float Far => to;

    public override void CastShadow(Canvas canvas)
    {
        Point3 a = road.At(lateral, from), b = road.At(lateral, to), up = new(0, _height, 0), thick = new(0.15f, 0, 0);
        if (!canvas.Sun.Overcast)
            canvas.Shadow([a, canvas.Sun.ShadowOf(a + up), canvas.Sun.ShadowOf(b + up), b], canvas.GroundSun, 0.2f);
        canvas.Shadow([a - thick, a + thick, b + thick, b - thick], canvas.GroundSky, 0.55f);
    }

    public override void Draw(Canvas canvas)
    {
        Point3 a = road.At(lateral, from), b = road.At(lateral, to), up = new(0, _height, 0), along = (b - a).Unit();
        float side = lateral < 0 ? 1 : -1;
        Rgb light = canvas.Sun.On(new Point3(side, 0, 0), road.SunReaches(canvas.Sun, road.At(lateral, (from + to) / 2, 1)));
        canvas.Fill([a, a + up, b + up, b], a, along, new Point3(0, 1, 0), new Boards(_wood * light, _height), SceneClass.Fence);
    }

    private sealed class Boards(Rgb color, float height) : Material
    {
        public override Rgb Shade(float u, float v, float du, float dv)
        {
            float board = u / 0.14f;
            int number = (int)MathF.Floor(board);
            float tone = 0.3f * (ValueNoise.Cell(number, 1) - 0.5f) * Visible(0.14f, du)
                - 0.6f * Band(board - number, 0, 0.14f, du / 0.14f) * Visible(0.1f, du);
            float post = u / 2.2f;
            tone -= 0.2f * Band(post - MathF.Floor(post), 0, 0.05f, du / 2.2f) + 0.25f * Band(v, height - 0.08f, height - 0.03f, dv);
            return color * (1 + tone);
        }
    }
}
