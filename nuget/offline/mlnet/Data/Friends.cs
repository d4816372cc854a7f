using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Microsoft.ML.Transforms")]
[assembly: InternalsVisibleTo("Microsoft.ML.ImageAnalytics")]
[assembly: InternalsVisibleTo("Microsoft.ML.OnnxTransformer")]
