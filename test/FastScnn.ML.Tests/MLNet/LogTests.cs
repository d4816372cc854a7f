using FastScnn.ML.Catalog;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace FastScnn.ML.Tests.MLNet;

/// <summary>How what a channel is told reaches <c>mlContext.Log</c>.</summary>
public class LogTests
{
    // Catalog/ContextSettings.cs and Training/TrainingChannelLog.cs write so; file names and reasons may hold braces.
    [Test]
    public void A_line_arrives_at_once_as_it_was_written_under_both_names()
    {
        var context = new MLContext();
        var seen = new List<(ChannelMessageKind, string, string)>();
        context.Log += (_, line) => seen.Add((line.Kind, line.Source, line.RawMessage));
        using IChannel channel = ContextSettings.GetEnvironment(context.Transforms).Register("FastScnnSegment")
            .Start("Load");
        channel.Info(MessageSensitivity.UserData, "'{0}.onnx' runs");
        channel.Warning(MessageSensitivity.None, "no {provider");
        Assert.That(seen.Where(line => line.Item1 != ChannelMessageKind.Trace), Is.EqualTo(new[]
        {
            (ChannelMessageKind.Info, "FastScnnSegment; Load", "'{0}.onnx' runs"),
            (ChannelMessageKind.Warning, "FastScnnSegment; Load", "no {provider"),
        }));
    }
}
