using static TorchSharp.torch;

namespace TorchSharp
{
    using Modules;

    namespace Modules
    {
        public sealed class ReLU : ParameterLessModule<Tensor, Tensor>
        {
            internal ReLU(bool inplace) : base(nameof(ReLU)) => this.inplace = inplace;

            public override Tensor forward(Tensor tensor) => nn.functional.relu(tensor, inplace);

            public bool inplace { get; set; }
        }

        public sealed class Dropout : ParameterLessModule<Tensor, Tensor>
        {
            internal Dropout(double p = 0.5, bool inplace = false) : base(nameof(Dropout))
            {
                this.p = p;
                this.inplace = inplace;
            }

            public override Tensor forward(Tensor tensor) => nn.functional.dropout(tensor, p, training, inplace);

            public bool inplace { get; set; }
            public double p { get; set; }
        }

#nullable enable
        public sealed class Identity : ParameterLessModule<Tensor, Tensor>
        {
            internal Identity() : base(nameof(Identity)) { }

            public override Tensor forward(Tensor tensor) => tensor.alias();
        }
#nullable disable
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static ReLU ReLU(bool inplace = false) => new ReLU(inplace);

            public static Dropout Dropout(double p = 0.5, bool inplace = false) => new Dropout(p, inplace);

#nullable enable
            public static Identity Identity() => new Identity();
#nullable disable

            public static partial class functional
            {
                public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_().alias() : x.relu();

                public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
                    => Native.Make(Native.ths_dropout(Native.Ref(input), p, training, inplace));

                public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

                public static Tensor log_softmax(Tensor x, long dim) => Native.Make(Native.ths_log_softmax(Native.Ref(x), dim, -1));
            }
        }

#nullable enable
        public static Tensor softmax(Tensor input, int dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
    }
}
