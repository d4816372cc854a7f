using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Torch.Losses;

/// <summary>Cross-entropy of small logits that are enlarged bilinearly, corner pixels on corner pixels, to the size of
/// the labels: on the processor and in single precision, and without ever writing the enlarged logits to memory, which
/// takes several times as long.</summary>
/// <remarks>Small rows are enlarged in width; between two of them, the rows of labels are gone through in vectors of
/// pixels: logits, softmax and gradient of a vector stay in the cache. What is added up in which order does not depend
/// on the number of threads.</remarks>
internal static unsafe class EnlargedCrossEntropy
{
    // Rows of small logits that one thread takes at a time. Fixed, as the order of sums depends on it.
    private const int RowsAtOnce = 8;

    private static int Lanes => Vector<float>.Count;

    /// <summary>Whether it can be computed here.</summary>
    public static bool Supports(Tensor logits) =>
        logits.device_type == DeviceType.CPU && logits.dtype == ScalarType.Float32;

    /// <summary>The mean over the pixels that count of -w ln p, divided by the mean of w.</summary>
    /// <param name="logits">Float32 [N, classes, h, w] on the CPU.</param>
    /// <param name="labels">Int64 [N, H, W], each a class or one that does not count; one or more count.</param>
    /// <param name="weights">w of each class; all 1 if null.</param>
    /// <param name="ignoreIndex">The label of pixels that do not count.</param>
    public static Tensor Compute(Tensor logits, Tensor labels, double[]? weights, long ignoreIndex) =>
        Function.apply(logits, labels, new Settings(weights, ignoreIndex));

    private sealed record Settings(double[]? Weights, long IgnoreIndex);

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(EnlargedCrossEntropy);

        public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor logits, Tensor labels, var settings) = ((Tensor)arguments[0], (Tensor)arguments[1],
                (Settings)arguments[2]);
            Tensor rows = logits.detach().permute(0, 2, 3, 1).contiguous(), ids = labels.contiguous();
            Tensor gradient = empty_like(rows);
            double loss = new Work(rows, ids, gradient, settings).Run();
            // TorchSharp hands it to libtorch only after this method has returned.
            context.save_for_backward([gradient.permute(0, 3, 1, 2).MoveToOuterDisposeScope()]);
            return tensor((float)loss, ScalarType.Float32, CPU).MoveToOuterDisposeScope();
        }

        public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradients = no_grad();
            Tensor product = context.get_saved_variables()[0] * gradient;
            return [product.MoveToOuterDisposeScope(), null!, null!];
        }
    }

    /// <summary>Where the pixels of an axis lie between those of a smaller one.</summary>
    private readonly struct Axis
    {
        /// <summary>The smaller axis's pixel before each pixel.</summary>
        public readonly int[] Before;

        /// <summary>How far each is from there to the next one, 0..1.</summary>
        public readonly float[] Fraction;

        // As libtorch computes them.
        public Axis(int small, int large)
        {
            float scale = large > 1 ? (float)(small - 1) / (large - 1) : 0;
            (Before, Fraction) = (new int[large], new float[large]);
            for (int i = 0; i < large; i++)
            {
                float place = scale * i;
                Before[i] = Math.Min((int)place, small - 1);
                Fraction[i] = Before[i] == small - 1 ? 0 : Math.Clamp(place - Before[i], 0, 1);
            }
        }
    }

    /// <summary>One batch.</summary>
    private sealed class Work
    {
        private readonly float* _logits, _gradient;
        private readonly long* _labels;
        private readonly int _images, _classes, _height, _width, _labelHeight, _labelWidth, _bands;
        private readonly Axis _rows, _columns;
        private readonly float[] _weights;
        private readonly long _ignored;
        private readonly double[] _losses, _weightSums;
        private readonly float[] _carried;
        // The first row of labels that lies after each small row, and one more.
        private readonly int[] _firstRow;

        public Work(Tensor logits, Tensor labels, Tensor gradient, Settings settings)
        {
            _logits = (float*)Address(logits);
            _gradient = (float*)Address(gradient);
            _labels = (long*)Address(labels);
            (_images, _height, _width, _classes) = ((int)logits.shape[0], (int)logits.shape[1], (int)logits.shape[2],
                (int)logits.shape[3]);
            (_labelHeight, _labelWidth) = ((int)labels.shape[1], (int)labels.shape[2]);
            (_rows, _columns) = (new(_height, _labelHeight), new(_width, _labelWidth));
            _weights = settings.Weights is { } weights ? [.. weights.Select(weight => (float)weight)]
                : [.. Enumerable.Repeat(1f, _classes)];
            _ignored = settings.IgnoreIndex;
            _bands = (_height + RowsAtOnce - 1) / RowsAtOnce;
            (_losses, _weightSums) = (new double[_images * _bands], new double[_images * _bands]);
            _carried = new float[_images * _bands * _width * _classes];
            _firstRow = new int[_height + 1];
            for (int row = 0, label = 0; row <= _height; row++)
            {
                while (label < _labelHeight && _rows.Before[label] < row) label++;
                _firstRow[row] = label;
            }
        }

        /// <summary>Writes the gradient and returns the loss.</summary>
        public double Run()
        {
            int threads = get_num_threads();
            if (threads == 1)
                for (int item = 0; item < _losses.Length; item++) Band(item);
            else
                Parallel.For(0, _losses.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, Band);
            double weights = _weightSums.Sum();
            int row = _width * _classes;
            for (int item = 0; item < _losses.Length; item++)
            {
                int next = (item % _bands + 1) * RowsAtOnce;
                if (next >= _height) continue;
                Span<float> shared = new(_gradient + ((long)(item / _bands) * _height + next) * row, row);
                for (int i = 0; i < row; i++) shared[i] += _carried[item * row + i];
            }
            Span<float> all = new(_gradient, checked(_images * _height * row));
            float factor = (float)(1 / weights);
            int at = 0;
            for (; at <= all.Length - Lanes; at += Lanes)
                (new Vector<float>(all[at..]) * factor).CopyTo(all[at..]);
            for (; at < all.Length; at++) all[at] *= factor;
            return _losses.Sum() / weights;
        }

        // The labels between some small rows of an image. The small row after the last one is the next band's too: what
        // comes to it here is carried to there at the end.
        private void Band(int item)
        {
            (int image, int first) = (item / _bands, item % _bands * RowsAtOnce);
            int end = Math.Min(first + RowsAtOnce, _height), row = _width * _classes;
            int chunks = (_labelWidth + Lanes - 1) / Lanes, wide = chunks * Lanes * _classes;
            float[] buffer = ArrayPool<float>.Shared.Rent(4 * wide + _classes * Lanes);
            fixed (float* start = buffer, carried = &_carried[item * row])
            {
                float* above = start, below = start + wide, fromAbove = start + 2 * wide, fromBelow = start + 3 * wide;
                long offset = (long)image * _height * row;
                float* logits = _logits + offset, gradient = _gradient + offset;
                Clear(fromAbove, wide);
                Enlarge(logits + (long)first * row, above);
                for (int small = first; small < end; small++)
                {
                    Enlarge(logits + (long)Math.Min(small + 1, _height - 1) * row, below);
                    Clear(fromBelow, wide);
                    for (int chunk = 0; chunk < chunks; chunk++)
                        Chunk(item, image, small, chunk, above, below, fromAbove, fromBelow, start + 4 * wide);
                    Shrink(fromAbove, gradient + (long)small * row);
                    float* swapped = above, fromSwapped = fromAbove;
                    above = below;
                    below = swapped;
                    fromAbove = fromBelow;
                    fromBelow = fromSwapped;
                }
                if (end < _height) Shrink(fromAbove, carried);
            }
            ArrayPool<float>.Shared.Return(buffer);
        }

        // The pixels of a vector's width between two small rows.
        private void Chunk(int item, int image, int small, int chunk, float* above, float* below, float* fromAbove,
            float* fromBelow, float* scratch)
        {
            int offset = chunk * Lanes * _classes, left = chunk * Lanes;
            above += offset;
            below += offset;
            fromAbove += offset;
            fromBelow += offset;
            int* ids = stackalloc int[Lanes];
            double loss = 0, weights = 0;
            for (int y = _firstRow[small]; y < _firstRow[small + 1]; y++)
            {
                long* labels = _labels + ((long)image * _labelHeight + y) * _labelWidth + left;
                for (int lane = 0; lane < Lanes; lane++)
                    // No class is negative.
                    ids[lane] = left + lane < _labelWidth && labels[lane] != _ignored ? (int)labels[lane] : -1;
                Vector<int> label = Vector.Load(ids);
                float fraction = _rows.Fraction[y];
                Vector<float> down = new(fraction), up = new(1 - fraction);
                Vector<float> largest = new(float.NegativeInfinity), own = Vector<float>.Zero,
                    weight = Vector<float>.Zero;
                for (int c = 0; c < _classes; c++)
                {
                    Vector<float> value = Vector.Load(above + c * Lanes) * up + Vector.Load(below + c * Lanes) * down;
                    value.Store(scratch + c * Lanes);
                    largest = Vector.MaxNative(largest, value);
                    Vector<int> isOwn = Vector.Equals(label, new Vector<int>(c));
                    own = Vector.ConditionalSelect(isOwn, value, own);
                    weight = Vector.ConditionalSelect(isOwn, new Vector<float>(_weights[c]), weight);
                }
                Vector<float> sum = Vector<float>.Zero;
                for (int c = 0; c < _classes; c++)
                {
                    Vector<float> power = Exp(Vector.Load(scratch + c * Lanes) - largest);
                    power.Store(scratch + c * Lanes);
                    sum += power;
                }
                loss += Vector.Sum(weight * (Vector.Log(sum) + (largest - own)));
                weights += Vector.Sum(weight);
                Vector<float> share = weight / sum;
                for (int c = 0; c < _classes; c++)
                {
                    Vector<float> slope = Vector.Load(scratch + c * Lanes) * share
                        - Vector.ConditionalSelect(Vector.Equals(label, new Vector<int>(c)), weight,
                            Vector<float>.Zero);
                    (Vector.Load(fromAbove + c * Lanes) + slope * up).Store(fromAbove + c * Lanes);
                    (Vector.Load(fromBelow + c * Lanes) + slope * down).Store(fromBelow + c * Lanes);
                }
            }
            _losses[item] += loss;
            _weightSums[item] += weights;
        }

        // From [w, classes] to [chunk, classes, lane].
        private void Enlarge(float* row, float* wide)
        {
            for (int x = 0; x < (_labelWidth + Lanes - 1) / Lanes * Lanes; x++)
            {
                int column = Math.Min(x, _labelWidth - 1), before = _columns.Before[column];
                float fraction = _columns.Fraction[column];
                float* left = row + before * _classes, right = before + 1 < _width ? left + _classes : left;
                float* target = wide + x / Lanes * Lanes * _classes + x % Lanes;
                for (int c = 0; c < _classes; c++)
                    target[c * Lanes] = left[c] * (1 - fraction) + right[c] * fraction;
            }
        }

        // The reverse of it for gradients.
        private void Shrink(float* wide, float* row)
        {
            Clear(row, _width * _classes);
            for (int x = 0; x < _labelWidth; x++)
            {
                int before = _columns.Before[x];
                float fraction = _columns.Fraction[x];
                float* left = row + before * _classes, right = before + 1 < _width ? left + _classes : left;
                float* source = wide + x / Lanes * Lanes * _classes + x % Lanes;
                for (int c = 0; c < _classes; c++)
                {
                    left[c] += source[c * Lanes] * (1 - fraction);
                    right[c] += source[c * Lanes] * fraction;
                }
            }
        }

        private static void Clear(float* values, int count) => new Span<float>(values, count).Clear();

        // libtorch's memory does not move, and the tensor's owner outlives the work.
        private static void* Address(Tensor tensor) => Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
    }

    // e^x for x <= 0 to a relative 2e-7 (the polynomial of Cephes' expf); what is below -87 counts as that. Vector.Exp
    // computes in double precision. NaN stays NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Exp(Vector<float> x)
    {
        x = Vector.MaxNative(new Vector<float>(-87), x);
        // Adding 1.5 * 2^23 rounds to a whole number, which then is in the low bits.
        Vector<float> magic = new(12582912f), shifted = Vector.MultiplyAddEstimate(x, new(1.44269504f), magic);
        Vector<float> whole = shifted - magic;
        Vector<float> rest = Vector.MultiplyAddEstimate(whole, new(-0.693359375f), x);
        rest = Vector.MultiplyAddEstimate(whole, new(2.12194440e-4f), rest);
        Vector<float> sum = new(1.9875691500e-4f);
        sum = Vector.MultiplyAddEstimate(sum, rest, new(1.3981999507e-3f));
        sum = Vector.MultiplyAddEstimate(sum, rest, new(8.3334519073e-3f));
        sum = Vector.MultiplyAddEstimate(sum, rest, new(4.1665795894e-2f));
        sum = Vector.MultiplyAddEstimate(sum, rest, new(1.6666665459e-1f));
        sum = Vector.MultiplyAddEstimate(sum, rest, new(5.0000001201e-1f));
        sum = Vector.MultiplyAddEstimate(sum, rest * rest, rest) + Vector<float>.One;
        Vector<int> power = Vector.ShiftLeft(Vector.AsVectorInt32(shifted), 23) + new Vector<int>(127 << 23);
        return sum * Vector.AsVectorSingle(power);
    }
}
