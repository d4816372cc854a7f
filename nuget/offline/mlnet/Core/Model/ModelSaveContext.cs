using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Writes one component of a model: a Model.key file in its own directory of the repository.</summary>
public sealed class ModelSaveContext : IDisposable
{
    internal readonly RepositoryWriter Repository;
    internal readonly string Directory;
    internal readonly BinaryWriter Writer;
    internal readonly List<string> Strings = new();
    internal ModelHeader Header;

    private readonly Repository.Entry _entry;
    private readonly IExceptionContext _ectx;
    private string _loaderAssemblyName;

    internal ModelSaveContext(RepositoryWriter rep, string dir, string name)
    {
        Contracts.CheckValue(rep, nameof(rep));
        Repository = rep;
        _ectx = rep.ExceptionContext;
        _ectx.CheckNonEmpty(name, nameof(name));
        Directory = dir;
        _entry = rep.CreateEntry(dir, name);
        Writer = new BinaryWriter(_entry.Stream, Encoding.UTF8, leaveOpen: true);
        Header = ModelHeader.CreateNew();
        Writer.Write(new byte[ModelHeader.Size]);
    }

    public void Dispose()
    {
        Writer.Dispose();
        _entry.Dispose();
    }

    internal static void SaveModel<T>(RepositoryWriter rep, T value, string path)
        where T : class
    {
        if (value is not ICanSaveModel model)
            return;
        using var ctx = new ModelSaveContext(rep, path, ModelLoadContext.ModelStreamName);
        model.Save(ctx);
        ctx.Done();
    }

    internal void SaveModel<T>(T value, string name)
        where T : class
        => SaveModel(Repository, value, Path.Combine(Directory ?? "", name));

    internal void CheckAtModel() => _ectx.Check(Writer.BaseStream.Position == Header.FpModel);

    internal void SetVersionInfo(VersionInfo ver)
    {
        Header.SetVersionInfo(ver);
        _loaderAssemblyName = ver.LoaderAssemblyName;
    }

    internal void SaveBinaryStream(string name, Action<BinaryWriter> action)
    {
        _ectx.CheckNonEmpty(name, nameof(name));
        _ectx.CheckValue(action, nameof(action));
        using var entry = Repository.CreateEntry(Directory, name);
        using var writer = new BinaryWriter(entry.Stream, Encoding.UTF8, leaveOpen: true);
        action(writer);
    }

    internal void SaveStringOrNull(string str)
    {
        if (str == null)
            Writer.Write(-1);
        else
            SaveString(str);
    }

    internal void SaveString(string str)
    {
        _ectx.CheckValue(str, nameof(str));
        int id = Strings.IndexOf(str);
        if (id < 0)
        {
            id = Strings.Count;
            Strings.Add(str);
        }
        Writer.Write(id);
    }

    internal void SaveNonEmptyString(string str)
    {
        _ectx.CheckParam(!string.IsNullOrEmpty(str), nameof(str));
        SaveString(str);
    }

    internal void Done()
    {
        _ectx.Check(Header.ModelSignature != 0, "ModelSignature not specified!");
        Header.CbModel = Writer.BaseStream.Position - Header.FpModel;
        WriteStrings();
        if (!string.IsNullOrEmpty(_loaderAssemblyName))
        {
            Header.FpAssemblyName = Writer.BaseStream.Position;
            Header.CbAssemblyName = (uint)_loaderAssemblyName.Length * sizeof(char);
            Writer.Write(MemoryMarshal.AsBytes(_loaderAssemblyName.AsSpan()));
        }
        Header.FpTail = Writer.BaseStream.Position;
        Writer.Write(ModelHeader.TailSignatureValue);
        Header.FpLim = Writer.BaseStream.Position;
        Writer.Seek(0, SeekOrigin.Begin);
        Writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ModelHeader>(in Header)));
        Dispose();
    }

    private void WriteStrings()
    {
        if (Strings.Count == 0)
            return;
        Header.FpStringTable = Writer.BaseStream.Position;
        Header.CbStringTable = Strings.Count * sizeof(long);
        long end = 0;
        foreach (string item in Strings)
        {
            end += item.Length * sizeof(char);
            Writer.Write(end);
        }
        Header.FpStringChars = Writer.BaseStream.Position;
        Header.CbStringChars = end;
        foreach (string item in Strings)
            Writer.Write(MemoryMarshal.AsBytes(item.AsSpan()));
    }
}
