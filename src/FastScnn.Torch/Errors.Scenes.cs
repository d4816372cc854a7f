using FastScnn.Torch.Scenes;

namespace FastScnn.Torch;

internal static partial class Errors
{
    public static ArgumentOutOfRangeException SceneSide(string name, int value) =>
        new(name, $"{name} is {value}; a scene is {StreetSceneOptions.MinSide} to {StreetSceneOptions.MaxSide} pixels on each side.");

    public static ArgumentException SceneSplit(string split) =>
        new($"The split '{split}' is no plain folder name; expected one such as 'train' or 'val'.", nameof(split));
}
