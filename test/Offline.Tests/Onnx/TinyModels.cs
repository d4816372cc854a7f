namespace FastScnn.Offline.Tests.Onnx;

/// <summary>ONNX models of one or two nodes, made with the onnx package (opset 13).</summary>
internal static class TinyModels
{
    /// <summary>uint8 image [1,2,3] to same</summary>
    public static byte[] Bytes => Convert.FromBase64String("CAcSADpVChcKBWltYWdlEgRzYW1lIghJZGVudGl0eRIBZ1obCgVpbWFnZRISChAIAhIMCgIIAQoCCAIKAggDYhoKBHNhbWUSEgoQCAISDAoCCAEKAggCCgIIA0IECgAQDQ==");

    /// <summary>uint8 bytes [n,4] to float floats [n,4]</summary>
    public static byte[] Batch => Convert.FromBase64String("CAcSADpaCiAKBWJ5dGVzEgZmbG9hdHMiBENhc3QqCQoCdG8YAaABAhIBZ1oYCgVieXRlcxIPCg0IAhIJCgMSAW4KAggEYhkKBmZsb2F0cxIPCg0IARIJCgMSAW4KAggEQgQKABAN");

    /// <summary>float values [n,length] to same</summary>
    public static byte[] Variable => Convert.FromBase64String("CAcSADpdChgKBnZhbHVlcxIEc2FtZSIISWRlbnRpdHkSAWdaHwoGdmFsdWVzEhUKEwgBEg8KAxIBbgoIEgZsZW5ndGhiHQoEc2FtZRIVChMIARIPCgMSAW4KCBIGbGVuZ3RoQgQKABAN");

    /// <summary>float values [n,h,w] to same</summary>
    public static byte[] TwoUnknown => Convert.FromBase64String("CAcSADpdChgKBnZhbHVlcxIEc2FtZSIISWRlbnRpdHkSAWdaHwoGdmFsdWVzEhUKEwgBEg8KAxIBbgoDEgFoCgMSAXdiHQoEc2FtZRIVChMIARIPCgMSAW4KAxIBaAoDEgF3QgQKABAN");

    /// <summary>float16 values [1,2] to same</summary>
    public static byte[] Half => Convert.FromBase64String("CAcSADpPChgKBnZhbHVlcxIEc2FtZSIISWRlbnRpdHkSAWdaGAoGdmFsdWVzEg4KDAgKEggKAggBCgIIAmIWCgRzYW1lEg4KDAgKEggKAggBCgIIAkIECgAQDQ==");

    /// <summary>float values [1,3] to twice, negative</summary>
    public static byte[] TwoOutputs => Convert.FromBase64String("CAcSADqJAQocCgZ2YWx1ZXMKBnZhbHVlcxIFdHdpY2UiA0FkZAoXCgZ2YWx1ZXMSCG5lZ2F0aXZlIgNOZWcSAWdaGAoGdmFsdWVzEg4KDAgBEggKAggBCgIIA2IXCgV0d2ljZRIOCgwIARIICgIIAQoCCANiGgoIbmVnYXRpdmUSDgoMCAESCAoCCAEKAggDQgQKABAN");
}
