namespace FastScnn.Torch.Data;

/// <summary>Which class id each colour of a colour-coded label stands for. Colours that nothing is said about are faults.</summary>
public sealed class LabelColors
{
    private readonly Dictionary<int, byte> _ids = [];

    /// <summary>Makes a table of colours.</summary>
    /// <param name="colors">Colours and the class ids (or the ignore index) that they stand for. Several colours may stand for one class.</param>
    /// <exception cref="ArgumentException">A colour stands for two ids.</exception>
    public LabelColors(IEnumerable<((byte Red, byte Green, byte Blue) Color, byte Id)> colors)
    {
        ArgumentNullException.ThrowIfNull(colors);
        foreach (((byte red, byte green, byte blue) color, byte id) in colors)
            if (!_ids.TryAdd(Key(color.red, color.green, color.blue), id))
                throw Errors.LabelColorRepeated(color.red, color.green, color.blue, _ids[Key(color.red, color.green, color.blue)], id);
    }

    /// <summary>The classes' own colours; black is ignored unless a class has it.</summary>
    /// <param name="classes">The classes, each in another colour.</param>
    /// <exception cref="ArgumentException">Two classes have one colour.</exception>
    public static LabelColors FromClasses(ClassList classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        var colors = new LabelColors(classes.Select((c, id) => ((c.Red, c.Green, c.Blue), (byte)id)));
        colors.IgnoresBlack = colors._ids.TryAdd(Key(0, 0, 0), classes.IgnoreIndex);
        return colors;
    }

    /// <summary>Whether black is ignored because no class has it.</summary>
    internal bool IgnoresBlack { get; private set; }

    internal bool TryGetId(int color, out byte id) => _ids.TryGetValue(color, out id);

    internal static int Key(byte red, byte green, byte blue) => red << 16 | green << 8 | blue;
}
