using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public sealed class DataOperationsCatalog : IInternalCatalog
{
    private const int DefaultSplitSeed = 42;

    private readonly IHostEnvironment _env;

    internal DataOperationsCatalog(IHostEnvironment env)
    {
        _env = env;
    }

    IHostEnvironment IInternalCatalog.Environment => _env;

    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, SchemaDefinition schemaDefinition = null)
        where TRow : class
    {
        _env.CheckValue(data, nameof(data));
        return new StreamingDataView<TRow>(_env, data, schemaDefinition);
    }

    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, DataViewSchema schema)
        where TRow : class
    {
        _env.CheckValue(data, nameof(data));
        _env.CheckValue(schema, nameof(schema));
        return new StreamingDataView<TRow>(_env, data, SchemaDefinitions.Of<TRow>(_env, schema));
    }

    public IEnumerable<TRow> CreateEnumerable<TRow>(
        IDataView data,
        bool reuseRowObject,
        bool ignoreMissingColumns = false,
        SchemaDefinition schemaDefinition = null)
        where TRow : class, new()
    {
        _env.CheckValue(data, nameof(data));
        return Enumerate(data, new TypedRowReader<TRow>(_env, data.Schema, ignoreMissingColumns, schemaDefinition), reuseRowObject);
    }

    public IDataView Cache(IDataView input, params string[] columnsToPrefetch)
    {
        _env.CheckValue(input, nameof(input));
        foreach (string name in columnsToPrefetch ?? [])
        {
            if (input.Schema.GetColumnOrNull(name) == null)
                throw _env.ExceptSchemaMismatch(nameof(columnsToPrefetch), "prefetch", name);
        }
        return new CacheDataView(_env, input, columnsToPrefetch ?? []);
    }

    public IDataView ShuffleRows(IDataView input, int? seed = null, int shufflePoolSize = 1000, bool shuffleSource = true)
    {
        _env.CheckValue(input, nameof(input));
        _env.CheckUserArg(shufflePoolSize > 0, nameof(shufflePoolSize), "Must be positive");
        return new ShuffledView(_env, input, seed, shufflePoolSize, shuffleSource);
    }

    public IDataView SkipRows(IDataView input, long count)
    {
        _env.CheckValue(input, nameof(input));
        _env.CheckUserArg(count > 0, nameof(count), "Must be greater than zero.");
        return new RowRange(_env, input, count, long.MaxValue);
    }

    public IDataView TakeRows(IDataView input, long count)
    {
        _env.CheckValue(input, nameof(input));
        _env.CheckUserArg(count > 0, nameof(count), "Must be greater than zero.");
        return new RowRange(_env, input, 0, count);
    }

    public TrainTestData TrainTestSplit(IDataView data, double testFraction = 0.1, string samplingKeyColumnName = null, int? seed = null)
    {
        _env.CheckValue(data, nameof(data));
        _env.CheckParam(0 < testFraction && testFraction < 1, nameof(testFraction), "Must be between 0 and 1 exclusive");
        return Split(data, samplingKeyColumnName, seed, number => number < testFraction);
    }

    public IReadOnlyList<TrainTestData> CrossValidationSplit(IDataView data, int numberOfFolds = 5, string samplingKeyColumnName = null, int? seed = null)
    {
        _env.CheckValue(data, nameof(data));
        _env.CheckParam(numberOfFolds > 1, nameof(numberOfFolds), "Must be more than 1");
        return Enumerable.Range(0, numberOfFolds)
            .Select(fold => Split(data, samplingKeyColumnName, seed, number => (int)(number * numberOfFolds) == fold))
            .ToList();
    }

    private TrainTestData Split(IDataView data, string keyColumnName, int? seed, Func<double, bool> isTest)
    {
        if (keyColumnName != null && data.Schema.GetColumnOrNull(keyColumnName) == null)
            throw _env.ExceptSchemaMismatch("samplingKeyColumn", "SamplingKeyColumn", keyColumnName);
        int usedSeed = seed ?? ((IHostEnvironmentInternal)_env).Seed ?? DefaultSplitSeed;
        return new TrainTestData(
            new SplitFilter(_env, data, keyColumnName, usedSeed, number => !isTest(number)),
            new SplitFilter(_env, data, keyColumnName, usedSeed, isTest));
    }

    private static IEnumerable<TRow> Enumerate<TRow>(IDataView data, TypedRowReader<TRow> reader, bool reuseRowObject)
        where TRow : class, new()
    {
        using var cursor = data.GetRowCursor(reader.Dependencies);
        var fill = reader.MakeFiller(cursor);
        TRow row = null;
        while (cursor.MoveNext())
        {
            if (!reuseRowObject || row == null)
                row = new TRow();
            fill(row);
            yield return row;
        }
    }

    public struct TrainTestData
    {
        public readonly IDataView TrainSet;

        public readonly IDataView TestSet;

        internal TrainTestData(IDataView trainSet, IDataView testSet)
        {
            TrainSet = trainSet;
            TestSet = testSet;
        }
    }
}
