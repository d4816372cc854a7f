using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static partial class lr_scheduler
            {
                public abstract class LRScheduler
                {
                    internal Optimizer _optimizer;
                    internal int _last_epoch = -1;
                    internal IList<double> _last_lrs;
                    internal IList<double> _base_lrs;
                    protected int _step_count = 0;

                    protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                    {
                        _optimizer = optimizer;
                        _last_epoch = last_epoch;
                        _base_lrs = optimizer.ParamGroups.Select(group => group.InitialLearningRate).ToList();
                        _last_lrs = optimizer.ParamGroups.Select(group => group.LearningRate).ToList();
                    }

                    public virtual void step() => step(null);

                    public virtual void step(int? epoch)
                    {
                        _step_count++;
                        _last_epoch = epoch ?? _last_epoch + 1;
                        var rates = get_lr().ToList();
                        foreach (var (group, rate) in _optimizer.ParamGroups.Zip(rates)) group.LearningRate = rate;
                        _last_lrs = rates;
                    }

                    protected virtual IEnumerable<double> get_lr() => _optimizer.ParamGroups.Select(group => group.LearningRate);

                    public IEnumerable<double> get_last_lr() => _last_lrs;
                }

                public static partial class impl
                {
                    public class LambdaLR : LRScheduler
                    {
                        private readonly Func<int, double> lambda;

                        public LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) : base(optimizer, last_epoch, verbose)
                        {
                            lambda = lr_lambda;
                            step();
                        }

                        protected override IEnumerable<double> get_lr() => _base_lrs.Select(rate => rate * lambda(_last_epoch));
                    }
                }

                public static LRScheduler LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false)
                    => new impl.LambdaLR(optimizer, lr_lambda, last_epoch, verbose);
            }
        }
    }
}
