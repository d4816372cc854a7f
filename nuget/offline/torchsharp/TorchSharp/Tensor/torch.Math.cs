using System;

#nullable enable
namespace TorchSharp
{
    /// <summary>The same operations as functions.</summary>
    public static partial class torch
    {
        public static Tensor bincount(Tensor input, Tensor? weights = null, long minlength = 0) => input.bincount(weights, minlength);

#nullable disable
        public static Tensor maximum(Tensor input, Tensor other) => input.maximum(other);

        public static Tensor minimum(Tensor input, Tensor other) => input.minimum(other);
    }
}
