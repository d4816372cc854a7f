using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Writes a copy of a 64-bit ELF library in which one symbol version that it needs is marked as weak, so that the
/// loader accepts a system library without that version. It does so only where nothing in the library uses a symbol of
/// that version. Source: the symbol versioning chapter of the Linux Standard Base (Elfxx_Verneed, Elfxx_Vernaux,
/// VER_FLG_WEAK) and the ELF-64 object file format.
/// </summary>
public sealed class RelaxSymbolVersion : Task
{
    private const uint StringTable = 3, Rela = 4, Rel = 9, DynamicSymbols = 11, VersionNeeds = 0x6ffffffe,
        SymbolVersions = 0x6fffffff;
    private const int SectionHeaderSize = 64, SymbolSize = 24, VersionMask = 0x7fff, WeakFlag = 2;

    private byte[] _file = Array.Empty<byte>();

    /// <summary>The library. It is only read.</summary>
    [Required]
    public string Source { get; set; } = "";

    /// <summary>Where the copy goes; folders are made.</summary>
    [Required]
    public string Destination { get; set; } = "";

    /// <summary>The version to mark, such as GLIBCXX_3.4.32.</summary>
    [Required]
    public string Version { get; set; } = "";

    /// <summary>
    /// The only symbol that may have this version. It must be undefined, and no relocation may name it.
    /// </summary>
    [Required]
    public string UnusedSymbol { get; set; } = "";

    public override bool Execute()
    {
        try
        {
            _file = File.ReadAllBytes(Source);
            Relax();
            Directory.CreateDirectory(Path.GetDirectoryName(Destination));
            File.WriteAllBytes(Destination, _file);
            return true;
        }
        // The others are what a table that leads outside the file ends in.
        catch (Exception e) when (e is InvalidDataException || e is ArgumentException || e is IndexOutOfRangeException
            || e is OverflowException)
        {
            Log.LogError(
                null, "FASTSCNN002", null, null, 0, 0, 0, 0,
                "{0} does not look as expected, so it is left as it is: {1} Set FastScnnAllowOldLibstdcxx to false; "
                    + "training then needs a system with the libstdc++ of GCC 13 or later.",
                Source, e.Message);
            return false;
        }
    }

    private void Relax()
    {
        if (_file.Length < 64 || U32(0) != 0x464c457f || _file[4] != 2 || _file[5] != 1)
            throw new InvalidDataException("it is no little-endian 64-bit ELF file.");
        List<Section> sections = Sections();
        Section needs = Single(sections, VersionNeeds, "version needs"),
            versions = Single(sections, SymbolVersions, "symbol versions"),
            symbols = Single(sections, DynamicSymbols, "dynamic symbols");

        int need = FindNeed(needs, sections[(int)needs.Link]);
        int version = U16(need + 6);
        Section names = sections[(int)symbols.Link];
        if (names.Type != StringTable || versions.Size / 2 != symbols.Size / SymbolSize)
            throw new InvalidDataException("its tables of symbols do not fit together.");

        var unused = new HashSet<uint>();
        for (int i = 0; i < symbols.Size / SymbolSize; i++)
        {
            if ((U16(versions.Offset + 2 * i) & VersionMask) != version)
                continue;
            int symbol = symbols.Offset + i * SymbolSize;
            string name = Text(names, U32(symbol));
            if (name != UnusedSymbol || U16(symbol + 6) != 0)
                throw new InvalidDataException(
                    "the symbol " + name + " has the version " + Version + ", expected only the undefined symbol "
                        + UnusedSymbol + ".");
            unused.Add((uint)i);
        }
        foreach (Section section in sections)
            if (section.Type == Rela || section.Type == Rel)
                for (int entry = section.Type == Rela ? 24 : 16, at = section.Offset;
                    at < section.Offset + section.Size; at += entry)
                    if (unused.Contains(U32(at + 12)))
                        throw new InvalidDataException("a relocation uses the symbol " + UnusedSymbol + ".");
        _file[need + 4] |= WeakFlag;
    }

    // The place of the one entry that needs the version.
    private int FindNeed(Section needs, Section names)
    {
        int found = -1;
        int library = needs.Offset;
        for (uint left = needs.Info; left > 0; left--, library += (int)U32(library + 12))
        {
            int entry = library + (int)U32(library + 8);
            for (int n = U16(library + 2); n > 0; n--, entry += (int)U32(entry + 12))
            {
                if (Text(names, U32(entry + 8)) != Version)
                    continue;
                if (found >= 0)
                    throw new InvalidDataException("it needs " + Version + " of more than one library.");
                found = entry;
            }
        }
        return found >= 0 ? found : throw new InvalidDataException("it does not need " + Version + ".");
    }

    private List<Section> Sections()
    {
        int start = Place(U64(0x28)), size = U16(0x3a), count = U16(0x3c);
        if (size != SectionHeaderSize || count == 0)
            throw new InvalidDataException("it has no section headers.");
        var sections = new List<Section>();
        for (int i = 0; i < count; i++)
        {
            int header = start + i * size;
            var section = new Section
            {
                Type = U32(header + 4),
                Offset = Place(U64(header + 24)),
                Size = Place(U64(header + 32)),
                Link = U32(header + 40),
                Info = U32(header + 44)
            };
            sections.Add(section);
        }
        return sections;
    }

    private static Section Single(List<Section> sections, uint type, string name)
    {
        List<Section> found = sections.FindAll(section => section.Type == type);
        return found.Count == 1 ? found[0]
            : throw new InvalidDataException("it has " + found.Count + " sections of " + name + ", expected one.");
    }

    private string Text(Section strings, uint offset)
    {
        int start = strings.Offset + (int)offset, end = Array.IndexOf(_file, (byte)0, start);
        return Encoding.ASCII.GetString(_file, start, end - start);
    }

    private ushort U16(int at) => BitConverter.ToUInt16(_file, at);

    private uint U32(int at) => BitConverter.ToUInt32(_file, at);

    private ulong U64(int at) => BitConverter.ToUInt64(_file, at);

    private static int Place(ulong offset) => checked((int)offset);

    private sealed class Section
    {
        public uint Type, Link, Info;
        public int Offset, Size;
    }
}
