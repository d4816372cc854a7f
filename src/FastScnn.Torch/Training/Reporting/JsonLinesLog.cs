using System.Text.Encodings.Web;
using System.Text.Json;

namespace FastScnn.Torch.Training.Reporting;

/// <summary>Appends JSON objects to a file, one a line (JSON Lines), for a run that may be killed at any time and resumed.</summary>
/// <remarks>
/// Every line is handed to the system whole before <see cref="Write"/> returns, so a killed process loses no line. Others may read the file meanwhile.
/// Steps that a resumed run does again stand there twice; the later line counts. Not for use by several threads or processes at once.
/// </remarks>
internal sealed class JsonLinesLog : IDisposable
{
    // Names in any script stay as they are; the file is no part of a web page.
    private static readonly JsonSerializerOptions Values = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteNumberConverter<double>(), new FiniteNumberConverter<float>() },
    };

    private readonly FileStream stream;

    /// <summary>Opens a file to append to, or makes it and its folder. A last line that a killed process left unfinished is dropped.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file holds something else; it is left as it is.</exception>
    /// <exception cref="IOException">The file cannot be opened or made.</exception>
    public JsonLinesLog(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        // With a buffer of its own the stream would keep lines back.
        stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        try
        {
            JsonLinesEnd.MoveTo(stream, path);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Appends a line.</summary>
    /// <param name="values">
    /// The members of the object: numbers, texts, truth values, times, or arrays and dictionaries of them.
    /// NaN and infinite numbers, for which JSON has no form, become null.
    /// </param>
    /// <exception cref="NotSupportedException">A value has no form in JSON; nothing is written.</exception>
    /// <exception cref="IOException">The line cannot be written.</exception>
    public void Write(IReadOnlyDictionary<string, object?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(values, Values), (byte)'\n'];
        stream.Write(line);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => stream.Dispose();
}
