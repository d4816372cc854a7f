using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FastScnn.Torch.Training.Reporting;

/// <summary>Writes a number so that it can be read back exactly, and null for what is not finite.</summary>
internal sealed class FiniteNumberConverter<T> : JsonConverter<T> where T : struct, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        if (T.IsFinite(value))
            writer.WriteRawValue(value.ToString("R", CultureInfo.InvariantCulture));
        else
            writer.WriteNullValue();
    }

    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>Writes numbers as <see cref="FiniteNumberConverter{T}"/> does, as an array.</summary>
internal sealed class FiniteNumbersConverter : JsonConverter<IReadOnlyList<double>>
{
    private static readonly FiniteNumberConverter<double> One = new();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<double> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (double number in value) One.Write(writer, number, options);
        writer.WriteEndArray();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<double> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();
}
