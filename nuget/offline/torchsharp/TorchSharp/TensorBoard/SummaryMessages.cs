using System;

namespace TorchSharp.Utils.tensorboard
{
    /// <summary>The messages of event.proto, summary.proto and tensor.proto that the writer needs, by field number.</summary>
    internal static class SummaryMessages
    {
        private const int DtString = 7;

        public static ProtoMessage FileVersion(double wallTime) => new ProtoMessage().Add(1, wallTime).AddChosen(3, "brain.Event:2");

        public static ProtoMessage Event(int step, long wallTime, ProtoMessage value)
            => new ProtoMessage().Add(1, (double)wallTime).Add(2, step).Add(5, new ProtoMessage().Add(1, value));

        public static ProtoMessage Scalar(string tag, float value) => Value(tag).AddChosen(2, value);

        public static ProtoMessage Text(string tag, string text)
        {
            ArgumentNullException.ThrowIfNull(text);
            var shape = new ProtoMessage().Add(2, new ProtoMessage().Add(1, 1L));
            var tensor = new ProtoMessage().Add(1, (long)DtString).Add(2, shape).AddChosen(8, text);
            var metadata = new ProtoMessage().Add(1, new ProtoMessage().Add(1, "text"));
            return Value(tag + "/text_summary").Add(8, tensor).Add(9, metadata);
        }

        public static ProtoMessage Histogram(string tag, SummaryHistogram histogram)
            => Value(tag).Add(5, new ProtoMessage().Add(1, histogram.Min).Add(2, histogram.Max).Add(3, histogram.Count).Add(4, histogram.Sum).Add(5, histogram.SumOfSquares)
                .AddPacked(6, histogram.Limits).AddPacked(7, histogram.Counts));

        private static ProtoMessage Value(string tag)
        {
            ArgumentNullException.ThrowIfNull(tag);
            return new ProtoMessage().Add(1, tag);
        }
    }
}
