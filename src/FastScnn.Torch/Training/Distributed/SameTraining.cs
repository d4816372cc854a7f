using System.Security.Cryptography;
using System.Text;
using FastScnn.Torch.Data;
using static System.FormattableString;

namespace FastScnn.Torch.Training.Distributed;

/// <summary>Whether the processes of a job train the same: a sum over some that train on other samples, or by another
/// recipe, would be wrong without a word.</summary>
internal static class SameTraining
{
    /// <summary>Compares what bears on the result. All processes call it, and throw alike.</summary>
    /// <exception cref="InvalidOperationException">They differ; the message names the first difference.</exception>
    public static void Check(ProcessGroup processes, IReadOnlyDictionary<string, string> recipe,
        SegmentationDataset training, SegmentationDataset? validation)
    {
        if (processes.Count == 1) return;
        string[] facts =
        [
            .. recipe.Select(fact => $"{fact.Key}: {fact.Value}"),
            $"training samples: {Describe(training)}",
            $"validation samples: {(validation is null ? "none" : Describe(validation))}",
            $"version: {typeof(SameTraining).Assembly.GetName().Version}, libtorch {TorchSharp.torch.__version__}",
        ];
        string[][] all = [.. processes.Gather(Encoding.UTF8.GetBytes(string.Join('\0', facts)))
            .Select(bytes => Encoding.UTF8.GetString(bytes).Split('\0'))];
        for (int rank = 1; rank < all.Length; rank++)
            if (all[rank].Except(all[0]).FirstOrDefault() is { } fact)
                throw new InvalidOperationException($"{processes.NameOf(rank)} is not part of the same training: it "
                    + $"has '{fact}', and {processes.NameOf(0)} "
                    + $"'{all[0].First(other => !all[rank].Contains(other))}'. All must have the same options, data "
                    + "and versions.");
    }

    // With the sizes of the files: images of other contents under the same names would train without a word.
    private static string Describe(SegmentationDataset dataset)
    {
        string files = string.Join('\0', dataset.Samples.Select(sample => Invariant(
            $"{sample.Name}\0{Size(sample.ImagePath)}\0{Size(sample.MaskPath)}")));
        return Invariant($"{dataset.Samples.Count}, names and file sizes with the hash ")
            + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(files)))[..16];
    }

    // Rows of a pipeline need not be files.
    private static long Size(string path) =>
        path.Length > 0 && new FileInfo(path) is { Exists: true } file ? file.Length : -1;
}
