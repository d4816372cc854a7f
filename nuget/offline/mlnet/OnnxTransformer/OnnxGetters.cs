using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Onnx
{
    /// <summary>Runs the model once for a row, however many of its outputs are asked for.</summary>
    internal sealed class RowRun : IDisposable
    {
        private readonly OnnxModel _model;
        private readonly DataViewRow _row;
        private readonly Func<NamedOnnxValue>[] _inputs;
        private readonly string[] _outputNames;
        private IDisposableReadOnlyCollection<DisposableNamedOnnxValue> _outputs;
        private long _position = -1;

        public RowRun(OnnxModel model, DataViewRow row, DataViewSchema.Column[] columns, int[][] shapes, string[] outputNames)
        {
            _model = model;
            _row = row;
            _inputs = columns.Select((column, i) => OnnxGetters.Input(row, column, shapes[i])).ToArray();
            _outputNames = outputNames;
        }

        public NamedOnnxValue Output(string name)
        {
            if (_position != _row.Position)
            {
                NamedOnnxValue[] inputs = _inputs.Select(input => input()).ToArray();
                _outputs?.Dispose();
                _outputs = _model.Run(inputs, _outputNames);
                _position = _row.Position;
            }
            return _outputs.First(output => output.Name == name);
        }

        public void Dispose() => _outputs?.Dispose();
    }

    /// <summary>Between the values of a data view and the tensors of ONNX Runtime.</summary>
    internal static class OnnxGetters
    {
        public static Func<NamedOnnxValue> Input(DataViewRow row, DataViewSchema.Column column, int[] shape)
            => column.Type is VectorDataViewType vector
                ? Call<Func<NamedOnnxValue>>(nameof(VectorInput), vector.ItemType.RawType, row, column, shape)
                : Call<Func<NamedOnnxValue>>(nameof(ScalarInput), column.Type.RawType, row, column);

        public static Delegate Output(RowRun run, string name, DataViewType type)
        {
            if (!(type is VectorDataViewType vector))
                throw Contracts.ExceptNotSupp($"Output '{name}' is a tensor without dimensions, which ML.NET cannot read.");
            return vector.ItemType is TextDataViewType ? TextOutput(run, name) : Call<Delegate>(nameof(VectorOutput), vector.ItemType.RawType, run, name);
        }

        private static Func<NamedOnnxValue> ScalarInput<T>(DataViewRow row, DataViewSchema.Column column)
        {
            ValueGetter<T> getValue = row.GetGetter<T>(column);
            return () =>
            {
                T value = default;
                getValue(ref value);
                return Tensor<T>(column.Name, new[] { value }, new[] { 1, 1 });
            };
        }

        private static Func<NamedOnnxValue> VectorInput<T>(DataViewRow row, DataViewSchema.Column column, int[] shape)
        {
            ValueGetter<VBuffer<T>> getValues = row.GetGetter<VBuffer<T>>(column);
            bool isKnownSize = ((VectorDataViewType)column.Type).IsKnownSize;
            int unknown = Array.IndexOf(shape, 0), known = shape.Where(size => size > 0).Aggregate((x, y) => x * y);
            int[] rowShape = (int[])shape.Clone();
            VBuffer<T> values = default, dense = default;
            return () =>
            {
                getValues(ref values);
                values.CopyToDense(ref dense);
                // As in the real one the length of a row fits the unknown dimension only where the column's own length is unknown.
                if (!isKnownSize)
                {
                    if (unknown < 0)
                        throw new ArgumentOutOfRangeException(column.Name, "A column of unknown length cannot feed a tensor of known shape.");
                    rowShape[unknown] = dense.Length / known;
                }
                return Tensor<T>(column.Name, dense.GetValues().ToArray(), rowShape);
            };
        }

        private static NamedOnnxValue Tensor<T>(string name, T[] values, int[] shape) => values is ReadOnlyMemory<char>[] texts
            ? NamedOnnxValue.CreateFromTensor(name, new DenseTensor<string>(texts.Select(text => text.ToString()).ToArray(), shape))
            : NamedOnnxValue.CreateFromTensor(name, new DenseTensor<T>(values, shape));

        private static Delegate VectorOutput<T>(RowRun run, string name)
        {
            ValueGetter<VBuffer<T>> getter = (ref VBuffer<T> values) =>
            {
                if (!(run.Output(name).AsTensor<T>() is DenseTensor<T> tensor))
                    throw Contracts.Except($"Output column {name} doesn't contain a DenseTensor of expected type {typeof(T)}");
                VBufferEditor<T> editor = VBufferEditor.Create(ref values, (int)tensor.Length);
                tensor.Buffer.Span.CopyTo(editor.Values);
                values = editor.Commit();
            };
            return getter;
        }

        private static Delegate TextOutput(RowRun run, string name)
        {
            ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = (ref VBuffer<ReadOnlyMemory<char>> values) =>
            {
                string[] texts = run.Output(name).AsEnumerable<string>().ToArray();
                VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref values, texts.Length);
                for (int i = 0; i < texts.Length; i++)
                    editor.Values[i] = texts[i].AsMemory();
                values = editor.Commit();
            };
            return getter;
        }

        private static T Call<T>(string method, Type type, params object[] arguments)
            => (T)typeof(OnnxGetters).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static).MakeGenericMethod(type)
                .Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }
}
