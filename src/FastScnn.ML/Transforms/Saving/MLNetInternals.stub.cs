// The internal members of Microsoft.ML.Core that a transformer of another assembly needs to be saved and loaded as
// itself, made public to compile against. This is no part of FastScnn.ML: FastScnn.ML.csproj compiles it into obj/ as
// an assembly of the same name, and at run time the calls reach the real one (see SavedTransformer.cs).
using System;
using System.IO;
using System.Reflection;

// Below the real one's, so that the real one serves where this one is asked for.
[assembly: AssemblyVersion("0.0.0.0")]

namespace Microsoft.ML
{
    public delegate void SignatureLoadModel(ModelLoadContext ctx);

    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    public sealed class LoadableClassAttribute(Type instType, Type? argType, Type sigType, string userName,
        params string[] loadNames) : Attribute
    {
        public object?[] Arguments { get; } = [instType, argType, sigType, userName, loadNames];
    }

    public readonly struct VersionInfo
    {
        public VersionInfo(
            string modelSignature,
            uint verWrittenCur,
            uint verReadableCur,
            uint verWeCanReadBack,
            string loaderAssemblyName,
            string? loaderSignature,
            string? loaderSignatureAlt) => throw null!;
    }

    public sealed class ModelSaveContext
    {
        public readonly BinaryWriter Writer = null!;

        public void SetVersionInfo(VersionInfo ver) => throw null!;

        public void SaveBinaryStream(string name, Action<BinaryWriter> action) => throw null!;
    }

    public sealed class ModelLoadContext
    {
        public readonly BinaryReader Reader = null!;

        public bool TryLoadBinaryStream(string name, Action<BinaryReader> action) => throw null!;
    }
}
