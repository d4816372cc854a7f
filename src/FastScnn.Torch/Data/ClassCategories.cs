using static System.FormattableString;

namespace FastScnn.Torch.Data;

/// <summary>Groups of classes that belong together, such as the seven categories of Cityscapes. Immutable.</summary>
internal sealed class ClassCategories
{
    private readonly string[] _names;
    private readonly int[] _categories;

    /// <summary>Puts each class into a category.</summary>
    /// <param name="names">The names of the categories, 1 or more, each used by a class.</param>
    /// <param name="categoryOfEachClass">For each class id the position of its category in
    /// <paramref name="names"/>.</param>
    /// <exception cref="ArgumentException">No category, a position without a name, or a name without a
    /// class.</exception>
    public ClassCategories(IEnumerable<string> names, IEnumerable<int> categoryOfEachClass)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(categoryOfEachClass);
        (_names, _categories) = ([.. names], [.. categoryOfEachClass]);
        if (_names.Length == 0)
            throw new ArgumentException("Classes are grouped into 1 category or more, not 0.", nameof(names));
        for (int id = 0; id < _categories.Length; id++)
            if (_categories[id] < 0 || _categories[id] >= _names.Length)
                throw new ArgumentException(Invariant($"Class {id} is put into category {_categories[id]}; there are ")
                    + Invariant($"{_names.Length} categories, numbered from 0."), nameof(categoryOfEachClass));
        if (_names.Where((_, category) => !_categories.Contains(category)).ToArray() is { Length: > 0 } unused)
            throw new ArgumentException($"Categories without a class: {ErrorText.List(unused)}.",
                nameof(categoryOfEachClass));
    }

    /// <summary>The categories of <see cref="ClassList.Cityscapes"/>: flat, construction, object, nature, sky, human,
    /// vehicle (cityscapesScripts, helpers/labels.py).</summary>
    public static ClassCategories Cityscapes { get; } = new(
        ["flat", "construction", "object", "nature", "sky", "human", "vehicle"],
        [0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6, 6, 6, 6, 6, 6]);

    /// <summary>The names, in the order of the categories.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The number of classes.</summary>
    public int ClassCount => _categories.Length;

    /// <summary>The category of a class, as a position in <see cref="Names"/>.</summary>
    /// <param name="classId">The class, 0..<see cref="ClassCount"/>-1.</param>
    public int this[int classId] => _categories[classId];

    /// <summary>The categories that belong to a known class list: Cityscapes' to its classes, whatever their colours;
    /// null for any other list.</summary>
    /// <param name="classes">The classes.</param>
    public static ClassCategories? Find(ClassList classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        return classes.HasSameNames(ClassList.Cityscapes) ? Cityscapes : null;
    }
}
