namespace FastScnn.Notebooks;

/// <summary>Compares a stored notebook with a run. Cells are the same to the letter. Images are the same in kind, as
/// pixels differ between machines. Printed lines have the same words and whole numbers; numbers with a fraction come
/// from arithmetic that differs between machines, and may differ as <see cref="OutputLine.IsNear"/> says. Lines stand
/// in the same order, but those with such numbers may change places among themselves: rows sorted by shares that are
/// nearly equal do.</summary>
internal static class Drift
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
            IReadOnlyList<Output> found = stored[i].Outputs, expected = run[i].Outputs;
            if (!found.Select(output => output.Mime).SequenceEqual(expected.Select(output => output.Mime)))
                return $"the outputs of cell {i} are [{string.Join(", ", found.Select(output => output.Mime))}], "
                    + $"expected [{string.Join(", ", expected.Select(output => output.Mime))}].";
            foreach ((Output one, Output other) in found.Zip(expected))
            {
                if (one.Mime == "text/plain" && !AreNear(OutputLine.All(one.Data), OutputLine.All(other.Data)))
                    return $"the output of cell {i} is\n{one.Data}\nexpected\n{other.Data}";
            }
        }
        return null;
    }

    private static bool AreNear(IReadOnlyList<OutputLine> found, IReadOnlyList<OutputLine> expected)
    {
        // Lines without fractions in their places; those with, by their words.
        if (!found.Select(Fixed).SequenceEqual(expected.Select(Fixed)))
            return false;
        ILookup<string, OutputLine> rows = expected.Where(line => Fixed(line) is null).ToLookup(line => line.Words);
        return found.Where(line => Fixed(line) is null).GroupBy(line => line.Words).All(group =>
            group.Count() == rows[group.Key].Count()
                && group.Zip(rows[group.Key]).All(pair => pair.First.IsNear(pair.Second)));
    }

    private static string? Fixed(OutputLine line) => line.Fractions.Count == 0 ? line.Words : null;
}
