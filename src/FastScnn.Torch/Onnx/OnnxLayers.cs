namespace FastScnn.Torch.Onnx;

/// <summary>The height and width before and after a resize.</summary>
internal readonly record struct ResizeSize(int FromHeight, int FromWidth, int Height, int Width);

/// <summary>Nodes that more than one part of the network needs.</summary>
internal static class OnnxLayers
{
    extension(OnnxGraphBuilder graph)
    {
        public string Relu(string x) => graph.Node($"{x}.relu", "Relu", [x]);

        public string Cast(string name, string x, int type) => graph.Node(name, "Cast", [x], OnnxAttribute.Int("to", type));

        /// <summary>Bilinear resize with aligned corners to the size of another value, which is a constant where the size is fixed.</summary>
        public string Resize(string name, string x, string like, ResizeSize? size)
        {
            string[] inputs;
            if (size is { } fixedSize)
            {
                // Scales and not sizes: those would hold N too, which stays free.
                string scales = graph.Constant($"{name}.scales",
                    [1, 1, Scale(fixedSize.FromHeight, fixedSize.Height), Scale(fixedSize.FromWidth, fixedSize.Width)], 4);
                inputs = [x, "", scales];
            }
            else
            {
                string channels = graph.Node($"{name}.channels", "Shape", [x], OnnxAttribute.Int("start", 0), OnnxAttribute.Int("end", 2));
                string sides = graph.Node($"{name}.sides", "Shape", [like], OnnxAttribute.Int("start", 2), OnnxAttribute.Int("end", 4));
                inputs = [x, "", "", graph.Node($"{name}.sizes", "Concat", [channels, sides], OnnxAttribute.Int("axis", 0))];
            }
            return graph.Node(name, "Resize", inputs,
                OnnxAttribute.Text("mode", "linear"),
                OnnxAttribute.Text("coordinate_transformation_mode", "align_corners"));
        }

        /// <summary>Bilinear resize by a factor, pixel centres on pixel centres: sides become floor(side * factor).</summary>
        public string Enlarge(string name, string x, float factor) =>
            graph.Node(name, "Resize", [x, "", graph.Constant($"{name}.scales", [1, 1, factor, factor], 4)],
                OnnxAttribute.Text("mode", "linear"),
                OnnxAttribute.Text("coordinate_transformation_mode", "half_pixel"));
    }

    /// <summary>The factor that turns one side into exactly the other when a runtime multiplies, in single or double precision, and cuts off the fraction.</summary>
    internal static float Scale(int from, int to)
    {
        float scale = (float)((double)to / from);
        while ((int)(from * scale) < to || (int)(from * (double)scale) < to)
            scale = MathF.BitIncrement(scale);
        return scale;
    }
}
