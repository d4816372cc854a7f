using System.CommandLine;
using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;

namespace FastScnn.Tool;

/// <summary><c>--classes</c> of the commands that make a model of weights: a known list by its name, or a
/// file.</summary>
internal sealed class ClassesOption
{
    private static readonly (string Name, ClassList Classes)[] s_known =
    [
        ("cityscapes", ClassList.Cityscapes), ("camvid", ClassList.CamVid), ("voc", ClassList.PascalVoc)
    ];

    private readonly Option<string?> _option = new("--classes")
    {
        Description =
            $"Names and colours: {string.Join(", ", s_known.Select(known => known.Name))}, or a file such as "
                + "classes.json; default: what the checkpoint says",
    };

    public Option Option => _option;

    /// <summary>The list that was asked for; null where none was.</summary>
    public ClassList? Read(ParseResult parsed) => parsed.GetValue(_option) is not { } value
        ? null
        : s_known.FirstOrDefault(known => known.Name.Equals(value, StringComparison.OrdinalIgnoreCase)).Classes
            ?? ClassList.Load(value);

    /// <summary>The weights with the list that was asked for, or with their own.</summary>
    public Checkpoint Apply(ParseResult parsed, Checkpoint weights) =>
        Read(parsed) is { } classes ? weights.WithInfo(weights.Info with { Classes = classes }) : weights;

    /// <summary>What to do where the exported model has no names of its own; null where it has.</summary>
    public string? Advice(Checkpoint weights)
    {
        if (weights.Info.Classes is not null)
            return null;
        string names =
            $"The weights do not say what their {weights.ClassCount} classes are: they are named \"class 0\" to "
                + $"\"class {weights.ClassCount - 1}\"";
        string? known = s_known.FirstOrDefault(known => known.Classes.Count == weights.ClassCount).Name;
        return known is null ? $"{names}. {_option.Name} <file> names them."
            : $"{names}. If they are those of {known}, give {_option.Name} {known}.";
    }

    /// <summary>What to do where a model's classes are only numbered and the data's are named; null where that is not
    /// so.</summary>
    public static string? AdviceFor(ClassList model, ClassList data) =>
        model.HasSameNames(ClassList.Generic(model.Count)) && model.Count == data.Count
        ? $" The model was exported without names: export it again with --classes "
            + $"{s_known.FirstOrDefault(known => known.Classes.HasSameNames(data)).Name ?? "<the data's classes.json>"}."
        : null;
}
