using Google.Protobuf;

namespace FastScnn.Torch.Tests.Onnx;

/// <summary>Reads the operations of an ONNX file, as a tool other than ONNX Runtime would.</summary>
internal static class OnnxFile
{
    private const int ModelGraph = 7, GraphNode = 1, NodeOperation = 4;

    /// <summary>The operation of every node, in order.</summary>
    public static List<string> Operations(byte[] model)
    {
        var operations = new List<string>();
        foreach (ByteString graph in Fields(ByteString.CopyFrom(model), ModelGraph))
            foreach (ByteString node in Fields(graph, GraphNode))
                operations.AddRange(Fields(node, NodeOperation).Select(operation => operation.ToStringUtf8()));
        return operations;
    }

    private static List<ByteString> Fields(ByteString message, int field)
    {
        var found = new List<ByteString>();
        CodedInputStream input = message.CreateCodedInput();
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (WireFormat.GetTagFieldNumber(tag) == field)
                found.Add(input.ReadBytes());
            else
                input.SkipLastField();
        }
        return found;
    }
}
