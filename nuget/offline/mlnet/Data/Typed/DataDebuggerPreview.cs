using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data
{
    public sealed class DataDebuggerPreview
    {
        internal static class Defaults
        {
            public const int MaxRows = 100;
        }

        internal DataDebuggerPreview(IDataView data, int maxRows)
        {
            Contracts.CheckValue(data, nameof(data));
            Contracts.CheckParam(maxRows >= 0, nameof(maxRows));
            Schema = data.Schema;

            var rows = new List<RowInfo>();
            using (var cursor = data.GetRowCursor(Schema))
            {
                var readers = Schema.Select(column => Generic.Invoke(MakeReader<int>, column.Type.RawType, (DataViewRow)cursor, column)).ToArray();
                while (rows.Count < maxRows && cursor.MoveNext())
                    rows.Add(new RowInfo(Schema.Select(column => KeyValuePair.Create(column.Name, readers[column.Index]())).ToArray()));
            }
            RowView = rows.ToImmutableArray();
            ColumnView = Schema
                .Select(column => new ColumnInfo(column, rows.Select(row => row.Values[column.Index].Value).ToArray()))
                .ToImmutableArray();
        }

        public DataViewSchema Schema { get; }

        public ImmutableArray<ColumnInfo> ColumnView { get; }

        public ImmutableArray<RowInfo> RowView { get; }

        public override string ToString() => $"{Schema.Count} columns, {RowView.Length} rows";

        // A new variable for each row: its value outlives the row.
        private static System.Func<object> MakeReader<T>(DataViewRow row, DataViewSchema.Column column)
        {
            var getter = row.GetGetter<T>(column);
            return () =>
            {
                T value = default;
                getter(ref value);
                return value;
            };
        }

        public sealed class RowInfo
        {
            internal RowInfo(KeyValuePair<string, object>[] values)
            {
                Values = values;
            }

            public KeyValuePair<string, object>[] Values { get; }

            public override string ToString() => $"{Values.Length} columns";
        }

        public sealed class ColumnInfo
        {
            internal ColumnInfo(DataViewSchema.Column column, object[] values)
            {
                Column = column;
                Values = values;
            }

            public DataViewSchema.Column Column { get; }

            public object[] Values { get; }

            public override string ToString() => $"{Column.Name}: {Column.Type}";
        }
    }
}

namespace Microsoft.ML
{
    public static class DebuggerExtensions
    {
        public static DataDebuggerPreview Preview(this IDataView data, int maxRows = DataDebuggerPreview.Defaults.MaxRows)
            => new(data, maxRows);

        public static DataDebuggerPreview Preview(this ITransformer transformer, IDataView data, int maxRows = DataDebuggerPreview.Defaults.MaxRows)
            => new(transformer.Transform(data), maxRows);

        public static DataDebuggerPreview Preview(
            this IEstimator<ITransformer> estimator,
            IDataView data,
            int maxRows = DataDebuggerPreview.Defaults.MaxRows,
            int maxTrainingRows = DataDebuggerPreview.Defaults.MaxRows)
        {
            Contracts.CheckValue(estimator, nameof(estimator));
            Contracts.CheckValue(data, nameof(data));
            var training = new RowRange(new LocalEnvironment(), data, 0, maxTrainingRows);
            return new DataDebuggerPreview(estimator.Fit(training).Transform(data), maxRows);
        }
    }
}
