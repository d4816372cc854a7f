using System.IO.Compression;
using Microsoft.ML;

namespace FastScnn.ML.Tests.Saving;

/// <summary>A model file taken apart into its entries: path, with forward slashes, and content.</summary>
internal sealed class ModelZip : SortedDictionary<string, byte[]>
{
    private ModelZip(Stream file) : base(StringComparer.Ordinal)
    {
        using var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            using var content = new MemoryStream();
            using (Stream stream = entry.Open())
                stream.CopyTo(content);
            Add(entry.FullName.Replace('\\', '/'), content.ToArray());
        }
    }

    public static ModelZip Save(MLContext context, ITransformer model)
    {
        using var file = new MemoryStream();
        context.Model.Save(model, null, file);
        return new ModelZip(file);
    }

    /// <summary>The only entry of a name, in whatever folder.</summary>
    public string Path(string name) =>
        Keys.Single(path => path == name || path.EndsWith("/" + name, StringComparison.Ordinal));

    public ITransformer Load(MLContext context)
    {
        using var file = new MemoryStream();
        Write(file);
        return context.Model.Load(file, out _);
    }

    public void Write(string path)
    {
        using FileStream file = File.Create(path);
        Write(file);
    }

    private void Write(Stream file)
    {
        using var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((string path, byte[] content) in this)
        {
            using Stream entry = archive.CreateEntry(path, CompressionLevel.NoCompression).Open();
            entry.Write(content);
        }
    }
}

internal static class ExceptionCauses
{
    /// <summary>An exception and what it wraps, from the outside in.</summary>
    public static IEnumerable<Exception> Causes(this Exception thrown)
    {
        for (Exception? cause = thrown; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
