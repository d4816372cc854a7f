using System.Collections.Generic;

namespace Microsoft.ML.Transforms.Onnx
{
    public sealed class OnnxOptions
    {
        public string ModelFile;

        public string[] InputColumns;

        public string[] OutputColumns;

        public int? GpuDeviceId = null;

        public bool FallbackToCpu = false;

        public IDictionary<string, int[]> ShapeDictionary;

        public int RecursionLimit = 100;

        public int? InterOpNumThreads = null;

        public int? IntraOpNumThreads = null;
    }
}
