using System;
using System.Runtime.InteropServices;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>
/// The first 256 bytes of a Model.key file. Behind them stand the model's own bytes, its string table (end offsets, then
/// UTF-16 characters), the name of the assembly that loads it, and a closing signature. All positions count from the header.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Size)]
internal struct ModelHeader
{
    public const int Size = 0x100;
    public const ulong SignatureValue = 0x4C45444F4D004C4DUL;
    public const ulong TailSignatureValue = 0x4D4C004D4F44454CUL;
    private const uint VersionWithAssemblyName = 0x00010002;
    private const uint OldestReadableVersion = 0x00010001;

    public ulong Signature;
    public uint VerWritten;
    public uint VerReadable;
    public long FpModel;
    public long CbModel;
    public long FpStringTable;
    public long CbStringTable;
    public long FpStringChars;
    public long CbStringChars;
    public ulong ModelSignature;
    public uint ModelVerWritten;
    public uint ModelVerReadable;
    public ulong LoaderSignature0;
    public ulong LoaderSignature1;
    public ulong LoaderSignature2;
    public ulong LoaderSignatureAlt0;
    public ulong LoaderSignatureAlt1;
    public ulong LoaderSignatureAlt2;
    public long FpTail;
    public long FpLim;
    public long FpAssemblyName;
    public uint CbAssemblyName;

    public static ModelHeader CreateNew() => new()
    {
        Signature = SignatureValue,
        VerWritten = VersionWithAssemblyName,
        VerReadable = VersionWithAssemblyName,
        FpModel = Size,
    };

    public void SetVersionInfo(VersionInfo ver)
    {
        ModelSignature = ver.ModelSignature;
        ModelVerWritten = ver.VerWrittenCur;
        ModelVerReadable = ver.VerReadableCur;
        (LoaderSignature0, LoaderSignature1, LoaderSignature2) = Encode(ver.LoaderSignature);
        (LoaderSignatureAlt0, LoaderSignatureAlt1, LoaderSignatureAlt2) = Encode(ver.LoaderSignatureAlt);
    }

    public readonly string GetLoaderSig() => Decode(LoaderSignature0, LoaderSignature1, LoaderSignature2);

    public readonly string GetLoaderSigAlt() => Decode(LoaderSignatureAlt0, LoaderSignatureAlt1, LoaderSignatureAlt2);

    public readonly void CheckVersionInfo(VersionInfo ver)
    {
        Contracts.CheckDecode(ModelSignature == ver.ModelSignature, "Unknown file type");
        Contracts.CheckDecode(ModelVerReadable <= ModelVerWritten, "Corrupt file header");
        if (ModelVerReadable <= ver.VerWrittenCur && ModelVerWritten >= ver.VerWeCanReadBack)
            return;
        string age = ModelVerReadable > ver.VerWrittenCur ? "new" : "old";
        throw Contracts.ExceptDecode(null,
            "Cause: ML.NET {0} cannot read component '{1}' of the model, because the model is too {2}.\nDebug details: expected version {3}, got {4}.",
            typeof(VersionInfo).Assembly.GetName().Version, ver.LoaderSignature, age, ver.VerWrittenCur, ModelVerReadable);
    }

    /// <summary>Throws where the parts do not follow one another or do not fit into <paramref name="available"/> bytes.</summary>
    public readonly void Validate(long available)
    {
        Contracts.CheckDecode(Signature == SignatureValue, "Wrong file type");
        Contracts.CheckDecode(VerReadable <= VerWritten, "Corrupt file header");
        Contracts.CheckDecode(VerReadable <= VersionWithAssemblyName, "File is too new");
        Contracts.CheckDecode(VerWritten >= OldestReadableVersion, "File is too old");

        Contracts.CheckDecode(FpModel == Size && CbModel >= 0 && CbModel <= available);
        long end = FpModel + CbModel;
        if (FpStringTable == 0)
        {
            Contracts.CheckDecode(CbStringTable == 0 && FpStringChars == 0 && CbStringChars == 0);
        }
        else
        {
            Contracts.CheckDecode(FpStringTable == end && CbStringTable > 0 && CbStringTable <= available && CbStringTable % sizeof(long) == 0);
            Contracts.CheckDecode(FpStringChars == end + CbStringTable && CbStringChars >= 0 && CbStringChars <= available && CbStringChars % sizeof(char) == 0);
            end = FpStringChars + CbStringChars;
        }
        if (FpAssemblyName == 0)
        {
            Contracts.CheckDecode(CbAssemblyName == 0);
        }
        else
        {
            Contracts.CheckDecode(FpAssemblyName == end && CbAssemblyName % sizeof(char) == 0);
            end += CbAssemblyName;
        }
        Contracts.CheckDecode(FpTail == end && FpLim == end + sizeof(ulong) && FpLim <= available);
    }

    private static (ulong, ulong, ulong) Encode(string signature)
    {
        if (signature == null)
            return default;
        Contracts.Check(signature.Length <= 24);
        var words = new ulong[3];
        for (int i = 0; i < signature.Length; i++)
        {
            Contracts.Check(signature[i] <= 0xFF);
            words[i / 8] |= (ulong)signature[i] << (i % 8 * 8);
        }
        return (words[0], words[1], words[2]);
    }

    private static string Decode(params ReadOnlySpan<ulong> words)
    {
        var chars = new char[24];
        for (int i = 0; i < chars.Length; i++)
            chars[i] = (char)((words[i / 8] >> (i % 8 * 8)) & 0xFF);
        return new string(chars).TrimEnd('\0');
    }
}
