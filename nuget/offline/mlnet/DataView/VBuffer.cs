using System;
using System.Collections;
using System.Collections.Generic;

namespace Microsoft.ML.Data;

public readonly struct VBuffer<T> : IEnumerable
{
    private readonly T[] _values;
    private readonly int[] _indices;
    private readonly int _count;

    public readonly int Length;

    public VBuffer(int length, T[] values, int[] indices = null)
        : this(length, length, values, indices)
    {
    }

    public VBuffer(int length, int count, T[] values, int[] indices)
    {
        Check(length >= 0, nameof(length));
        Check(0 <= count && count <= length, nameof(count));
        Check((values?.Length ?? 0) >= count, nameof(values));
        Check(count == length || (indices?.Length ?? 0) >= count, nameof(indices));
        Length = length;
        _count = count;
        _values = values;
        _indices = indices;
    }

    public bool IsDense => _count == Length;

    public ReadOnlySpan<T> GetValues() => _values.AsSpan(0, _count);

    public ReadOnlySpan<int> GetIndices() => IsDense ? default : _indices.AsSpan(0, _count);

    public void CopyToDense(ref VBuffer<T> destination)
    {
        var editor = VBufferEditor.Create(ref destination, Length);
        CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination)
    {
        var editor = VBufferEditor.Create(ref destination, Length, _count);
        GetValues().CopyTo(editor.Values);
        GetIndices().CopyTo(editor.Indices);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination, int sourceIndex, int length)
    {
        Check(0 <= sourceIndex && sourceIndex <= Length, nameof(sourceIndex));
        Check(0 <= length && sourceIndex <= Length - length, nameof(length));
        if (IsDense)
        {
            var dense = VBufferEditor.Create(ref destination, length, length);
            _values.AsSpan(sourceIndex, length).CopyTo(dense.Values);
            destination = dense.Commit();
            return;
        }
        int first = FirstAtLeast(sourceIndex);
        int count = FirstAtLeast(sourceIndex + length) - first;
        var editor = VBufferEditor.Create(ref destination, length, count);
        _values.AsSpan(first, count).CopyTo(editor.Values);
        for (int i = 0; i < editor.Indices.Length; i++)
            editor.Indices[i] = _indices[first + i] - sourceIndex;
        destination = editor.Commit();
    }

    public void CopyTo(Span<T> destination) => CopyTo(destination, 0);

    public void CopyTo(Span<T> destination, int destinationIndex, T defaultValue = default)
    {
        if (destinationIndex < 0 || destinationIndex > destination.Length - Length)
            throw new ArgumentOutOfRangeException(nameof(destination), "Not large enough to hold these values.");
        destination = destination.Slice(destinationIndex, Length);
        if (IsDense)
        {
            GetValues().CopyTo(destination);
            return;
        }
        destination.Fill(defaultValue);
        for (int i = 0; i < _count; i++)
            destination[_indices[i]] = _values[i];
    }

    public IEnumerable<KeyValuePair<int, T>> Items(bool all = false)
    {
        if (IsDense || all)
        {
            for (int i = 0; i < Length; i++)
                yield return new KeyValuePair<int, T>(i, GetItemOrDefault(i));
        }
        else
        {
            for (int i = 0; i < _count; i++)
                yield return new KeyValuePair<int, T>(_indices[i], _values[i]);
        }
    }

    public IEnumerable<T> DenseValues()
    {
        for (int i = 0; i < Length; i++)
            yield return GetItemOrDefault(i);
    }

    public void GetItemOrDefault(int index, ref T destination) => destination = GetItemOrDefault(index);

    public T GetItemOrDefault(int index)
    {
        Check(0 <= index && index < Length, nameof(index));
        if (IsDense)
            return _values[index];
        int position = FirstAtLeast(index);
        return position < _count && _indices[position] == index ? _values[position] : default;
    }

    public IEnumerator GetEnumerator() => _values.GetEnumerator();

    public override string ToString()
        => IsDense ? $"Dense vector of size {Length}" : $"Sparse vector of size {Length}, {_count} explicit values";

    internal VBufferEditor<T> GetEditor(
        int newLogicalLength,
        int? valuesCount,
        int? maxValuesCapacity = null,
        bool keepOldOnResize = false,
        bool requireIndicesOnDense = false)
    {
        if (newLogicalLength < 0)
            throw new ArgumentOutOfRangeException(nameof(newLogicalLength), "Must be non-negative.");
        int count = valuesCount ?? newLogicalLength;
        if (count < 0)
            throw new ArgumentOutOfRangeException(nameof(valuesCount), "If specified, must be non-negative.");
        if (count > newLogicalLength)
            throw new ArgumentOutOfRangeException(nameof(valuesCount), "If specified, must be no greater than newLogicalLength");

        int capacity = maxValuesCapacity ?? Array.MaxLength;
        var values = _values;
        var indices = _indices;
        bool newValues = Grow(ref values, count, capacity, keepOldOnResize);
        bool newIndices = (count != newLogicalLength || requireIndicesOnDense) && Grow(ref indices, count, capacity, keepOldOnResize);
        return new VBufferEditor<T>(newLogicalLength, count, values, indices, requireIndicesOnDense, newValues, newIndices);
    }

    private static bool Grow<TItem>(ref TItem[] array, int needed, int capacity, bool keepOld)
    {
        if (needed > capacity)
            throw new ArgumentOutOfRangeException("max", "min must not exceed max");
        int size = array?.Length ?? 0;
        if (size >= needed)
            return false;
        int grown = (int)Math.Max(needed, Math.Min(size == 0 ? 4 : 2L * size, capacity));
        if (keepOld && size > 0)
            Array.Resize(ref array, grown);
        else
            array = new TItem[grown];
        return true;
    }

    private int FirstAtLeast(int index)
    {
        int found = _count == 0 ? 0 : Array.BinarySearch(_indices, 0, _count, index);
        return found < 0 ? ~found : found;
    }

    private static void Check(bool condition, string parameter)
    {
        if (!condition)
            throw new ArgumentOutOfRangeException(parameter);
    }
}
