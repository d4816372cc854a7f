namespace TorchSharp
{
    using Modules;

    namespace Modules
    {
        /// <summary>A tensor that takes over the handle, and the place in the dispose scope, of the one it is made from.</summary>
        public class Parameter : torch.Tensor
        {
            public Parameter(torch.Tensor data, bool requires_grad = true) : base(data.with_requires_grad(requires_grad).MoveHandle(), false)
                => DisposeScope.ReplaceWith(data, this);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Parameter Parameter(Tensor data, bool requires_grad = true) => new Parameter(data, requires_grad);
        }
    }
}
