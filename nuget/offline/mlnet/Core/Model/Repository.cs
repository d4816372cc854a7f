using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>A model file: a zip archive with a directory for each component.</summary>
internal abstract class Repository : IDisposable
{
    protected Repository(IExceptionContext ectx)
    {
        ExceptionContext = ectx;
    }

    public IExceptionContext ExceptionContext { get; }

    public abstract void Dispose();

    protected string EntryName(string dir, string name)
    {
        ExceptionContext.CheckParam(dir == null || !dir.Contains(".."), nameof(dir));
        ExceptionContext.CheckParam(!string.IsNullOrWhiteSpace(name) && !name.Contains(".."), nameof(name));
        return Path.Combine(dir ?? "", name);
    }

    public sealed class Entry(Stream stream, Action<Stream> close) : IDisposable
    {
        private Action<Stream> _close = close;

        public Stream Stream { get; } = stream;

        public void Dispose()
        {
            _close?.Invoke(Stream);
            _close = null;
        }
    }
}

internal sealed class RepositoryWriter : Repository
{
    private readonly ZipArchive _archive;
    private readonly HashSet<string> _names = new();

    private RepositoryWriter(Stream stream, IExceptionContext ectx)
        : base(ectx)
    {
        _archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
    }

    public static RepositoryWriter CreateNew(Stream stream, IExceptionContext ectx)
    {
        ectx.CheckValue(stream, nameof(stream));
        var writer = new RepositoryWriter(stream, ectx);
        using var entry = writer.CreateEntry("TrainingInfo", "Version.txt");
        using var text = new StreamWriter(entry.Stream, leaveOpen: true);
        text.WriteLine(typeof(RepositoryWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>().InformationalVersion);
        return writer;
    }

    // Several entries are open at a time (a component and its parts), and a zip archive writes one at a time.
    public Entry CreateEntry(string dir, string name)
    {
        string path = EntryName(dir, name);
        if (!_names.Add(path))
            throw ExceptionContext.ExceptParam(nameof(name), "Duplicate entry: '{0}'", path);
        return new Entry(new MemoryStream(), stream =>
        {
            using var target = _archive.CreateEntry(path).Open();
            stream.Position = 0;
            stream.CopyTo(target);
        });
    }

    public override void Dispose() => _archive.Dispose();
}

internal sealed class RepositoryReader : Repository
{
    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new();

    private RepositoryReader(Stream stream, IExceptionContext ectx)
        : base(ectx)
    {
        try
        {
            _archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        }
        catch (Exception ex)
        {
            throw ectx.ExceptDecode(ex, "Failed to open a zip archive");
        }
        foreach (var entry in _archive.Entries)
            _entries[entry.FullName.Replace('\\', '/')] = entry;
    }

    public static RepositoryReader Open(Stream stream, IExceptionContext ectx)
    {
        ectx.CheckValue(stream, nameof(stream));
        return new RepositoryReader(stream, ectx);
    }

    public Entry OpenEntryOrNull(string dir, string name)
    {
        if (!_entries.TryGetValue(EntryName(dir, name).Replace('\\', '/'), out var entry))
            return null;
        ExceptionContext.CheckDecode(entry.Length < int.MaxValue, "Repository stream too large to read into memory");
        var content = new MemoryStream();
        using (var source = entry.Open())
            source.CopyTo(content);
        content.Position = 0;
        return new Entry(content, stream => stream.Dispose());
    }

    public override void Dispose() => _archive.Dispose();
}
