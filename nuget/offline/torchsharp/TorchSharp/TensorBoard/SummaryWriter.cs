using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using TorchSharp.Utils.tensorboard;
using TorchSharp.Utils.tensorboard.Enums;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class utils
        {
            public static partial class tensorboard
            {
                public static Modules.SummaryWriter SummaryWriter(string log_dir = null, string filename_suffix = null, bool createRunName = false)
                    => new Modules.SummaryWriter(createRunName && !string.IsNullOrEmpty(log_dir) ? CreateRunName(log_dir) : log_dir, filename_suffix);

                internal static string CreateRunName(string log_dir)
                {
                    var now = DateTime.Now;
                    var month = System.Globalization.CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedMonthNames[now.Month - 1];
                    return Path.Combine(log_dir, $"{month}{now.Day}_{now.Hour}-{now.Minute}-{now.Second}_{Dns.GetHostName()}");
                }
            }
        }
    }

    namespace Modules
    {
        /// <summary>Opens and closes its files for every record, so it needs no disposing; a file that was deleted meanwhile begins anew.</summary>
        public class SummaryWriter
        {
            private const string Default = "__default__";

            private readonly Dictionary<string, string> files = new Dictionary<string, string>();
            private int lastFile;

            internal SummaryWriter(string log_dir, string filename_suffix)
            {
                LogDir = string.IsNullOrEmpty(log_dir) ? torch.utils.tensorboard.CreateRunName("runs") : log_dir;
                files[Default] = NewFile(LogDir, string.IsNullOrEmpty(filename_suffix) ? "" : "." + filename_suffix);
            }

            public string LogDir { get; }

            public void add_scalar(string tag, float scalar_value, int global_step, long? walltime = null)
                => Add(global_step, walltime, () => SummaryMessages.Scalar(tag, scalar_value));

            public void add_scalars(string main_tag, IDictionary<string, float> tag_scalar_dict, int global_step, long? walltime = null)
                => AddTogether(main_tag, tag_scalar_dict.Select(pair => (pair.Key, pair.Value)), global_step, walltime);

            public void add_scalars(string main_tag, IList<(string, float)> tag_scalar_dict, int global_step, long? walltime = null)
                => AddTogether(main_tag, tag_scalar_dict, global_step, walltime);

            public void add_histogram(string tag, torch.Tensor values, int global_step, HistogramBinSelector bins = HistogramBinSelector.Tensorflow, long? walltime = null, long? max_bins = null)
                => Add(global_step, walltime, () => {
                    var histogram = new SummaryHistogram(values, max_bins);
                    // The others count in integers, which the writer then reads as doubles.
                    if (bins != HistogramBinSelector.Tensorflow) throw new ArgumentException($"{nameof(Double)} is not compatible with {torch.ScalarType.Int32}");
                    return SummaryMessages.Histogram(tag, histogram);
                });

            public void add_text(string tag, string text_string, int global_step, long? walltime = null)
                => Add(global_step, walltime, () => SummaryMessages.Text(tag, text_string));

            private void Add(int step, long? walltime, Func<ProtoMessage> value)
            {
                var file = files[Default];
                if (!File.Exists(file)) WriteVersion(file);
                Write(file, SummaryMessages.Event(step, WallTime(walltime), value()));
            }

            private void AddTogether(string main_tag, IEnumerable<(string, float)> values, int step, long? walltime)
            {
                var time = WallTime(walltime);
                foreach (var (key, value) in values) {
                    var record = SummaryMessages.Event(step, time, SummaryMessages.Scalar(main_tag, value));
                    // By key alone, whatever the main tag.
                    if (!files.TryGetValue(key, out var file)) files[key] = file = NewFile(Path.Combine(LogDir, $"{main_tag}_{key}"), "");
                    Write(file, record);
                }
            }

            private string NewFile(string folder, string suffix)
            {
                Directory.CreateDirectory(folder);
                var file = Path.Combine(folder, $"events.out.tfevents.{DateTime.Now.Ticks}.{Dns.GetHostName()}.{Environment.ProcessId}.{Interlocked.Increment(ref lastFile)}{suffix}");
                File.Delete(file);
                WriteVersion(file);
                return file;
            }

            private static long WallTime(long? given) => given ?? DateTimeOffset.Now.ToUnixTimeSeconds();

            // Ticks of local time, not the seconds that the format asks for.
            private static void WriteVersion(string file) => Write(file, SummaryMessages.FileVersion(DateTime.Now.Ticks));

            private static void Write(string file, ProtoMessage message)
            {
                var data = message.ToArray();
                using var stream = File.Open(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
                stream.Seek(0, SeekOrigin.End);
                using var writer = new BinaryWriter(stream);
                writer.Write(data.LongLength);
                writer.Write(Masked(Utils.CRC32C.process(data.LongLength)));
                writer.Write(data);
                writer.Write(Masked(Utils.CRC32C.process(data)));
            }

            private static uint Masked(uint crc) => (crc >> 15 | crc << 17) + 0xa282ead8U;
        }
    }
}
