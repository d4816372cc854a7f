using System;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

internal delegate void SignatureLoadModel(ModelLoadContext ctx);

/// <summary>Reads one component of a model and creates its object through the component catalog.</summary>
internal sealed class ModelLoadContext : IDisposable
{
    public const string ModelStreamName = "Model.key";

    public readonly RepositoryReader Repository;
    public readonly string Directory;
    public readonly BinaryReader Reader;
    public readonly string[] Strings;
    public readonly string LoaderAssemblyName;
    internal ModelHeader Header;

    private readonly IExceptionContext _ectx;

    internal ModelLoadContext(RepositoryReader rep, Repository.Entry entry, string dir)
    {
        Repository = rep;
        _ectx = rep.ExceptionContext;
        Directory = dir;
        Reader = new BinaryReader(entry.Stream, Encoding.UTF8, leaveOpen: true);
        Reader.BaseStream.ReadAtLeast(MemoryMarshal.AsBytes(new Span<ModelHeader>(ref Header)), ModelHeader.Size, throwOnEndOfStream: false);
        Header.Validate(Reader.BaseStream.Length);
        Strings = ReadStrings();
        if (Header.FpAssemblyName != 0)
        {
            Reader.BaseStream.Position = Header.FpAssemblyName;
            LoaderAssemblyName = ReadChars(Header.CbAssemblyName);
        }
        Reader.BaseStream.Position = Header.FpTail;
        Contracts.CheckDecode(Reader.ReadUInt64() == ModelHeader.TailSignatureValue, "Corrupt model file tail");
        Reader.BaseStream.Position = Header.FpModel;
    }

    public void Dispose() => Reader.Dispose();

    public static bool LoadModelOrNull<TRes, TSig>(IHostEnvironment env, out TRes result, RepositoryReader rep, string dir, params object[] extra)
        where TRes : class
    {
        using var entry = rep.OpenEntryOrNull(dir, ModelStreamName);
        if (entry == null)
        {
            result = null;
            return false;
        }
        using var ctx = new ModelLoadContext(rep, entry, dir);
        if (!ctx.TryCreate<TRes, TSig>(env, out result, extra))
            throw env.ExceptDecode("Couldn't load model: '{0}'", dir);
        return true;
    }

    public static void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, RepositoryReader rep, string dir, params object[] extra)
        where TRes : class
    {
        if (!LoadModelOrNull<TRes, TSig>(env, out result, rep, dir, extra))
            throw env.ExceptDecode("Corrupt model file");
    }

    public void LoadModel<TRes, TSig>(IHostEnvironment env, out TRes result, string name, params object[] extra)
        where TRes : class
        => LoadModel<TRes, TSig>(env, out result, Repository, Path.Combine(Directory ?? "", name), extra);

    public void CheckAtModel() => _ectx.Check(Reader.BaseStream.Position == Header.FpModel);

    public void CheckAtModel(VersionInfo ver)
    {
        CheckAtModel();
        Header.CheckVersionInfo(ver);
    }

    public string LoadStringOrNull()
    {
        int id = Reader.ReadInt32();
        _ectx.CheckDecode(-1 <= id && id < Strings.Length);
        return id < 0 ? null : Strings[id];
    }

    public string LoadString()
    {
        string str = LoadStringOrNull();
        _ectx.CheckDecode(str != null);
        return str;
    }

    public string LoadNonEmptyString()
    {
        string str = LoadString();
        _ectx.CheckDecode(str.Length > 0);
        return str;
    }

    public bool TryLoadBinaryStream(string name, Action<BinaryReader> action)
    {
        _ectx.CheckNonEmpty(name, nameof(name));
        _ectx.CheckValue(action, nameof(action));
        using var entry = Repository.OpenEntryOrNull(Directory, name);
        if (entry == null)
            return false;
        using var reader = new BinaryReader(entry.Stream, Encoding.UTF8, leaveOpen: true);
        action(reader);
        return true;
    }

    private bool TryCreate<TRes, TSig>(IHostEnvironment env, out TRes result, object[] extra)
        where TRes : class
    {
        if (!string.IsNullOrEmpty(LoaderAssemblyName))
            env.ComponentCatalog.RegisterAssembly(Assembly.Load(LoaderAssemblyName));
        object[] args = [this, .. extra];
        foreach (string signature in (string[])[Header.GetLoaderSig(), Header.GetLoaderSigAlt()])
        {
            if (string.IsNullOrWhiteSpace(signature) || !ComponentCatalog.TryCreateInstance<object, TSig>(env, out var created, signature, "", args))
                continue;
            result = created as TRes;
            if (result == null)
                continue;
            Contracts.CheckDecode(Reader.BaseStream.Position == Header.FpModel + Header.CbModel);
            return true;
        }
        result = null;
        return false;
    }

    private string[] ReadStrings()
    {
        var strings = new string[Header.CbStringTable / sizeof(long)];
        var ends = new long[strings.Length];
        Reader.BaseStream.Position = Header.FpStringTable;
        for (int i = 0; i < ends.Length; i++)
            ends[i] = Reader.ReadInt64();
        long start = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            Contracts.CheckDecode(start <= ends[i] && ends[i] <= Header.CbStringChars && ends[i] % sizeof(char) == 0);
            strings[i] = ReadChars(ends[i] - start);
            start = ends[i];
        }
        Contracts.CheckDecode(start == Header.CbStringChars);
        return strings;
    }

    private string ReadChars(long byteCount) => Encoding.Unicode.GetString(Reader.ReadBytes((int)byteCount));
}
