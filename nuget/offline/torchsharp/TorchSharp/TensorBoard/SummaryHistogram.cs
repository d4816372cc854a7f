using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp.Utils.tensorboard
{
    /// <summary>The values of a tensor sorted into buckets that grow by a tenth from 1e-12 on both sides of 0; only those from the first in use to the last are kept.</summary>
    internal sealed class SummaryHistogram
    {
        private static readonly double[] edges = Edges();

        public SummaryHistogram(torch.Tensor values, long? maxBins)
        {
            if (values.numel() == 0) throw new ArgumentException("The input has no element.");
            using var scope = torch.NewDisposeScope();
            var flat = values.to_type(torch.ScalarType.Float64).reshape(-1);
            (Min, Max, Count, Sum, SumOfSquares) = (flat.min().item<double>(), flat.max().item<double>(), flat.shape[0], flat.sum().item<double>(), (flat * flat).sum().item<double>());

            double[] counts = Counted(flat.data<double>().ToArray()), limits = edges;
            if (counts.Length > maxBins) (counts, limits) = Joined(counts, limits, (int)(counts.Length / maxBins.Value));
            int first = Array.FindIndex(counts, count => count > 0), last = Array.FindLastIndex(counts, count => count > 0);
            if (first < 0) throw new ArgumentException("The histogram is empty, please file a bug report.");
            // TensorBoard takes a limit as the upper one of its bucket, so an empty bucket stands before the first.
            (Counts, Limits) = ([0, .. counts[first..(last + 1)]], limits[first..(last + 2)]);
        }

        public double Min { get; }

        public double Max { get; }

        public double Count { get; }

        public double Sum { get; }

        public double SumOfSquares { get; }

        public double[] Limits { get; }

        public double[] Counts { get; }

        private static double[] Edges()
        {
            var positive = new List<double>();
            for (var v = 1e-12; v < 1e20; v *= 1.1) positive.Add(v);
            return [.. positive.Select(v => -v).Reverse(), 0, .. positive];
        }

        private static double[] Counted(double[] values)
        {
            var counts = new double[edges.Length - 1];
            foreach (var value in values) {
                if (!(value >= edges[0] && value <= edges[^1])) continue;
                var found = Array.BinarySearch(edges, value);
                counts[Math.Min(found < 0 ? ~found - 1 : found, counts.Length - 1)]++;
            }
            return counts;
        }

        private static (double[] counts, double[] limits) Joined(double[] counts, double[] limits, int by)
            => ([.. counts.Chunk(by).Select(joined => joined.Sum())], [.. limits[..^1].Where((_, i) => i % by == 0), limits[^1]]);
    }
}
