using System.Text.RegularExpressions;

namespace FastScnn.Notebooks;

/// <summary>Compares a stored notebook with a run: the cells as they are, the outputs in kind and in words. Numbers and pixels differ between machines.</summary>
internal static partial class Drift
{
    /// <summary>The first difference, or null.</summary>
    public static string? Find(IReadOnlyList<Cell> stored, IReadOnlyList<Cell> run)
    {
        if (stored.Count != run.Count)
            return $"it has {stored.Count} cells, expected {run.Count}.";
        for (int i = 0; i < run.Count; i++)
        {
            if ((stored[i].IsCode, stored[i].Source) != (run[i].IsCode, run[i].Source))
                return $"cell {i} is\n{stored[i].Source}\nexpected\n{run[i].Source}";
            string found = Words(stored[i]), expected = Words(run[i]);
            if (found != expected)
                return $"the output of cell {i} is\n{found}\nexpected\n{expected}";
        }
        return null;
    }

    private static string Words(Cell cell) =>
        string.Join('\n', cell.Outputs.Select(output => output.Mime == "text/plain" ? Spaces().Replace(Numbers().Replace(output.Data, "#"), " ") : output.Mime));

    [GeneratedRegex(@"\d+([.,]\d+)*")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
