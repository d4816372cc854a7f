using System;
using System.Collections.Generic;
using System.Linq;

#nullable enable
namespace TorchSharp
{
    /// <summary>Owns the tensors that its thread makes while it is the innermost scope.</summary>
    public sealed class DisposeScope : IDisposable
    {
        private DisposeScopeManager? manager;

        internal DisposeScope(DisposeScopeManager manager)
        {
            this.manager = manager;
            OuterScope = manager.CurrentDisposeScope;
        }

        internal DisposeScope? OuterScope { get; set; }

        internal HashSet<IDisposable> Disposables { get; private set; } = new HashSet<IDisposable>(ReferenceEqualityComparer.Instance);

        private DisposeScopeManager Manager => manager ?? throw new ObjectDisposedException(GetType().FullName);

        public IReadOnlyList<IDisposable> DisposablesView {
            get {
                _ = Manager;
                return Disposables.ToArray();
            }
        }

        public int DisposablesCount {
            get {
                _ = Manager;
                return Disposables.Count;
            }
        }

        public T MoveToOuter<T>(T disposable) where T : IDisposable => MoveToOther(OuterScope, disposable);

        public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second)
            where T1 : IDisposable where T2 : IDisposable => MoveToOther(OuterScope, first, second);

        public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
            where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => MoveToOther(OuterScope, first, second, third);

        public void MoveToOuter(params IDisposable[] disposables) => MoveToOuter((IEnumerable<IDisposable>)disposables);

        public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

        public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable
        {
            MoveToOther(scope, new IDisposable[] { disposable });
            return disposable;
        }

        public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second)
            where T1 : IDisposable where T2 : IDisposable
        {
            MoveToOther(scope, new IDisposable[] { first, second });
            return (first, second);
        }

        public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
            where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
        {
            MoveToOther(scope, new IDisposable[] { first, second, third });
            return (first, second, third);
        }

        public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) => MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

        public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
        {
            _ = Manager;
            if (scope is null) {
                Detach(disposables);
                return;
            }
            foreach (var disposable in disposables)
                if (Disposables.Remove(disposable)) Adopt(scope, disposable);
        }

        public T Detach<T>(T disposable) where T : IDisposable
        {
            Detach(new IDisposable[] { disposable });
            return disposable;
        }

        public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second)
            where T1 : IDisposable where T2 : IDisposable
        {
            Detach(new IDisposable[] { first, second });
            return (first, second);
        }

        public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
            where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
        {
            Detach(new IDisposable[] { first, second, third });
            return (first, second, third);
        }

        public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

        public void Detach(IEnumerable<IDisposable> disposables)
        {
            var statistics = Manager.StatisticsInstance.TensorStatistics;
            foreach (var disposable in disposables) {
                if (Disposables.Remove(disposable) && disposable is torch.Tensor tensor) {
                    statistics.DetachedFromScopeCount++;
                    tensor.OwningDisposeScope = null;
                }
            }
        }

        internal static void ReplaceWith(torch.Tensor original, torch.Tensor replacement)
        {
            var scope = original.OwningDisposeScope;
            if (scope is not null && scope.Disposables.Remove(original)) {
                original.OwningDisposeScope = null;
                Adopt(scope, replacement);
            }
        }

        public void Attach(IDisposable disposable) => Attach((IEnumerable<IDisposable>)new[] { disposable });

        public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);

        public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
        {
            var statistics = Manager.StatisticsInstance.TensorStatistics;
            var result = disposables.ToList();
            foreach (var disposable in result)
                if (Adopt(this, disposable)) statistics.AttachedToScopeCount++;
            return result;
        }

        public void DisposeEverything() => DisposeEverythingBut(Enumerable.Empty<IDisposable>());

        public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
        {
            _ = Manager;
            var all = Disposables;
            Disposables = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
            foreach (var disposable in all)
                if (!Disposables.Contains(disposable)) disposable.Dispose();
        }

        public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

        public T DisposeEverythingBut<T>(T keep) where T : IDisposable
        {
            DisposeEverythingBut(new IDisposable[] { keep });
            return keep;
        }

        public void Dispose()
        {
            if (manager is null) return;
            DisposeEverything();
            manager.RemoveDisposeScope(this);
            manager = null;
        }

        public void MarkAsDisposed(IDisposable disposable)
        {
            _ = Manager;
            Disposables.Remove(disposable);
            if (disposable is torch.Tensor tensor) tensor.OwningDisposeScope = null;
        }

        public bool Contains(IDisposable disposable) => Disposables.Contains(disposable);

        private static bool Adopt(DisposeScope scope, IDisposable disposable)
        {
            if (disposable is not torch.Tensor tensor)
                throw new InvalidOperationException("DisposeScope can only manage Tensor or PackedSequence");
            var before = tensor.OwningDisposeScope;
            if (scope == before) return false;
            scope.Disposables.Add(disposable);
            before?.Disposables.Remove(disposable);
            tensor.OwningDisposeScope = scope;
            return true;
        }
    }

    public class DisposeScopeManager
    {
        [ThreadStatic] private static DisposeScopeManager? threadSingleton;

        internal static DisposeScopeManager ThreadSingleton => threadSingleton ??= new DisposeScopeManager();

        internal ThreadDisposeScopeStatistics StatisticsInstance { get; } = new ThreadDisposeScopeStatistics();

        internal DisposeScope? CurrentDisposeScope { get; private set; }

        public static ThreadDisposeScopeStatistics Statistics => ThreadSingleton.StatisticsInstance;

        internal DisposeScope NewDisposeScope() => CurrentDisposeScope = new DisposeScope(this);

        internal DisposeScope? RegisterOnCurrentDisposeScope(torch.Tensor tensor)
        {
            if (CurrentDisposeScope is null) {
                StatisticsInstance.TensorStatistics.CreatedOutsideScopeCount++;
                return null;
            }
            StatisticsInstance.TensorStatistics.CreatedInScopeCount++;
            CurrentDisposeScope.Disposables.Add(tensor);
            return CurrentDisposeScope;
        }

        internal void Disposing(torch.Tensor tensor)
        {
            if (tensor.OwningDisposeScope is null)
                StatisticsInstance.TensorStatistics.DisposedOutsideScopeCount++;
            else
                StatisticsInstance.TensorStatistics.DisposedInScopeCount++;
        }

        // Scopes may be disposed in any order: an outer one is unlinked from under the inner ones.
        internal void RemoveDisposeScope(DisposeScope removed)
        {
            if (CurrentDisposeScope == removed) {
                CurrentDisposeScope = removed.OuterScope;
                return;
            }
            for (var scope = CurrentDisposeScope; scope is not null; scope = scope.OuterScope) {
                if (scope.OuterScope == removed) {
                    scope.OuterScope = removed.OuterScope;
                    return;
                }
            }
        }
    }

    public class ThreadDisposeScopeStatistics
    {
        public long CreatedOutsideScopeCount => TensorStatistics.CreatedOutsideScopeCount;
        public long DisposedOutsideScopeCount => TensorStatistics.DisposedOutsideScopeCount;
        public long CreatedInScopeCount => TensorStatistics.CreatedInScopeCount;
        public long DisposedInScopeCount => TensorStatistics.DisposedInScopeCount;
        public long AttachedToScopeCount => TensorStatistics.AttachedToScopeCount;
        public long DetachedFromScopeCount => TensorStatistics.DetachedFromScopeCount;
        public long ThreadTotalLiveCount => TensorStatistics.ThreadTotalLiveCount;

        public void Reset() => TensorStatistics.Reset();

        public LifetimeStatistics TensorStatistics { get; } = new LifetimeStatistics();
    }

    public class LifetimeStatistics
    {
        public long CreatedOutsideScopeCount { get; internal set; }
        public long DisposedOutsideScopeCount { get; internal set; }
        public long CreatedInScopeCount { get; internal set; }
        public long DisposedInScopeCount { get; internal set; }
        public long AttachedToScopeCount { get; internal set; }
        public long DetachedFromScopeCount { get; internal set; }
        public long ThreadTotalLiveCount => CreatedInScopeCount - DisposedInScopeCount + CreatedOutsideScopeCount - DisposedOutsideScopeCount;

        public void Reset()
        {
            CreatedOutsideScopeCount = 0;
            DisposedOutsideScopeCount = 0;
            CreatedInScopeCount = 0;
            DisposedInScopeCount = 0;
            AttachedToScopeCount = 0;
            DetachedFromScopeCount = 0;
        }
    }

    public static partial class torch
    {
        public static DisposeScope NewDisposeScope() => DisposeScopeManager.ThreadSingleton.NewDisposeScope();

        public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.ThreadSingleton.CurrentDisposeScope;
    }
}
