using FastScnn.ML.Scoring.Cuda;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML.Scoring;

/// <summary>Runs the network on buffers that its own pool lends.</summary>
/// <remarks>Safe for several threads, each with buffers of its own.</remarks>
internal interface IModelRunner : IDisposable
{
    BufferPool Buffers { get; }

    /// <summary>Whether it replays what was captured once: that is worth nothing after a fault, and the memory for its
    /// buffers is scarce.</summary>
    bool IsReplay { get; }

    /// <exception cref="OnnxRuntimeException">ONNX Runtime cannot run it.</exception>
    void Run(ScoringBuffers buffers);
}

/// <summary>Runs images of any size, or of the one that its session was made for, on any execution provider.</summary>
internal sealed class SessionRunner : IModelRunner
{
    private readonly InferenceSession _session;
    private readonly Lock? _deviceGate;
    private readonly RunOptions _options = new();
    private readonly string[] _inputs, _outputs;

    /// <param name="session">The session, which is closed with the runner.</param>
    /// <param name="model">The inputs and outputs of the model.</param>
    /// <param name="buffers">Ordinary memory; it stays the caller's.</param>
    /// <param name="deviceGate">
    /// Held while the network runs on a CUDA device; null for other providers. Runs of one session at the same time are
    /// allowed, but not safe in all versions (https://github.com/microsoft/onnxruntime/issues/32342), and a device does
    /// one after the other in any case.
    /// </param>
    /// <param name="freesMemory">Whether a run gives the working memory of the session back.</param>
    public SessionRunner(InferenceSession session, ModelDescription model, BufferPool buffers, Lock? deviceGate,
        bool freesMemory = false)
    {
        (_session, _deviceGate, Buffers) = (session, deviceGate, buffers);
        (_inputs, _outputs) = ([model.InputName], [model.OutputName]);
        if (freesMemory)
            _options.AddRunConfigEntry("memory.enable_memory_arena_shrinkage", "cpu:0");
    }

    public BufferPool Buffers { get; }

    public bool IsReplay => false;

    public void Run(ScoringBuffers buffers)
    {
        if (_deviceGate is null)
        {
            RunHere(buffers);
            return;
        }
        using (CudaCapture.Working())
        {
            lock (_deviceGate)
                RunHere(buffers);
        }
    }

    /// <summary>The shape of the scores for an input, found by a run.</summary>
    public long[] FindScoresShape(InputShape shape)
    {
        using ScoringBuffers buffers = Buffers.Rent(shape);
        Run(buffers);
        return buffers.Output!.GetTensorTypeAndShape().Shape;
    }

    public void Dispose()
    {
        using (CudaCapture.Working(_deviceGate is not null))
            _session.Dispose();
        _options.Dispose();
    }

    private void RunHere(ScoringBuffers buffers)
    {
        if (buffers.Output is { } scores)
        {
            _session.Run(_options, _inputs, [buffers.Input], _outputs, [scores]);
            return;
        }
        using IDisposableReadOnlyCollection<OrtValue> found = _session.Run(_options, _inputs, [buffers.Input],
            _outputs);
        buffers.TakeScores(found[0]);
    }
}

/// <summary>A runner for one shape; null where none could be made, or where there is nothing to gain.</summary>
/// <param name="Runner">The runner.</param>
/// <param name="WhyNoGraph">Why it does not replay a CUDA graph, where that was tried.</param>
internal readonly record struct SizedRunner(IModelRunner? Runner, string? WhyNoGraph);

/// <summary>Decides which runner serves an image: a size that comes again and again gets one of its own; folders of
/// mixed sizes go through the one for any size.</summary>
/// <remarks>A size stands for a number of images of a size in one run. A session of one size computes no shapes and has
/// its layout of memory chosen for it: 10 to 15 % faster on two cores of a processor. Safe for several threads. A runner
/// that is given up is closed when the last image that uses it is done.</remarks>
internal sealed class RunnerChoice : IDisposable
{
    /// <summary>How often a size must come before it gets a session: making one takes as long as it saves in about that
    /// many images.</summary>
    public const int UsesForSession = 16;

    /// <summary>How many sizes get sessions of their own; each holds weights and working memory.</summary>
    public const int MaxSessions = 2;

    private const int MaxSizes = 4;

    private readonly Shared<IModelRunner> _anySize, _lastOfAnySize;
    private readonly Func<InputShape, SizedRunner>? _create;
    private readonly Lock _gate = new();

    // In the order of their last use.
    private readonly List<Size> _sizes = [];

    /// <param name="anySize">The runner that takes any size, which is closed with this.</param>
    /// <param name="lastOfAnySize">The same for the last image of a size before it gets a runner of its own; it frees
    /// memory.</param>
    /// <param name="create">Makes a runner for one shape; null where there is nothing to gain.</param>
    public RunnerChoice(IModelRunner anySize, IModelRunner lastOfAnySize, Func<InputShape, SizedRunner>? create)
    {
        (_anySize, _lastOfAnySize) = (new Shared<IModelRunner>(anySize), new Shared<IModelRunner>(lastOfAnySize));
        _create = create;
    }

    /// <summary>Sizes with a session of their own.</summary>
    public int Sessions { get; private set; }

    /// <summary>Why images of the size that came last do not replay a CUDA graph, where that was tried.</summary>
    public string? WhyNoGraph
    {
        get
        {
            lock (_gate)
                return _sizes.FirstOrDefault()?.WhyNoGraph;
        }
    }

    /// <summary>Chooses the runner for a run and takes buffers from it; the caller gives both back.</summary>
    /// <param name="shape">The shape of the input.</param>
    /// <param name="once">Whether the run does not count as one of its size.</param>
    public (Shared<IModelRunner> Runner, ScoringBuffers Buffers) Rent(InputShape shape, bool once = false)
    {
        Shared<IModelRunner> runner = once ? Used(_anySize) : Choose(shape);
        try
        {
            return (runner, runner.Value.Buffers.Rent(shape));
        }
        catch (OnnxRuntimeException) when (runner.Value.IsReplay)
        {
            // The memory that the device reaches fast has an end; this image goes through the session for any size.
            runner.Release();
            runner = Used(_anySize);
            return (runner, runner.Value.Buffers.Rent(shape));
        }
        catch
        {
            runner.Release();
            throw;
        }
    }

    /// <summary>Uses a runner no more that failed: what was captured may be worth nothing. Those for any size are
    /// kept.</summary>
    public void GiveUp(Shared<IModelRunner> runner)
    {
        if (!runner.Value.IsReplay)
            return;
        lock (_gate)
        {
            if (_sizes.Find(size => size.Runner == runner) is not { } size)
                return;
            size.Runner = _anySize;
            Sessions--;
        }
        runner.Release();
    }

    /// <summary>Closes all runners; none may be in use any more.</summary>
    public void Dispose()
    {
        _sizes.ForEach(Forget);
        _lastOfAnySize.Release();
        _anySize.Release();
    }

    private Shared<IModelRunner> Choose(InputShape shape)
    {
        Size size;
        lock (_gate)
        {
            size = Find(shape);
            size.Uses++;
            bool isOpen = _create is not null && size.Runner is null && Sessions < MaxSessions;
            if (!isOpen || size.Uses < UsesForSession)
                return Used(size.Runner ?? (isOpen && size.Uses == UsesForSession - 1 ? _lastOfAnySize : _anySize));
            // Other images of the size go through the session for any while this one is made.
            size.Runner = _anySize;
            Sessions++;
        }
        return Make(size);
    }

    private Shared<IModelRunner> Make(Size size)
    {
        SizedRunner made = default;
        try
        {
            made = _create!(size.Shape);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException)
        {
            // It only saves time: where there is no memory for one more, or the graph takes no fixed shapes, images go
            // on as they did.
        }
        finally
        {
            lock (_gate)
            {
                size.WhyNoGraph = made.WhyNoGraph;
                if (made.Runner is null)
                    Sessions--;
            }
        }
        if (made.Runner is null)
            return Used(_anySize);
        Shared<IModelRunner> runner = Used(new Shared<IModelRunner>(made.Runner));
        lock (_gate)
        {
            if (_sizes.Contains(size))
            {
                size.Runner = runner;
                return runner;
            }
            Sessions--;
        }
        // The size was forgotten meanwhile; no other image will use the runner.
        runner.Release();
        return runner;
    }

    private Size Find(InputShape shape)
    {
        int index = _sizes.FindIndex(size => size.Shape == shape);
        Size found = index < 0 ? new Size(shape) : _sizes[index];
        if (index >= 0)
            _sizes.RemoveAt(index);
        else if (_sizes.Count == MaxSizes)
        {
            Forget(_sizes[^1]);
            _sizes.RemoveAt(MaxSizes - 1);
        }
        _sizes.Insert(0, found);
        return found;
    }

    private void Forget(Size size)
    {
        if (size.Runner is null || size.Runner == _anySize)
            return;
        Sessions--;
        size.Runner.Release();
    }

    private static Shared<IModelRunner> Used(Shared<IModelRunner> runner) =>
        runner.TryUse() ? runner : throw new ObjectDisposedException(nameof(FastScnnSegmenter));

    /// <summary>An input size that images came in lately. Its runner is null while it is not decided.</summary>
    private sealed class Size(InputShape shape)
    {
        public InputShape Shape => shape;

        public int Uses { get; set; }

        public Shared<IModelRunner>? Runner { get; set; }

        public string? WhyNoGraph { get; set; }
    }
}

/// <summary>A value that is disposed when its owner and all who use it have let go of it.</summary>
internal sealed class Shared<T>(T value) where T : class, IDisposable
{
    // One for the owner and one for every use under way.
    private int _users = 1;

    public T Value => value;

    /// <returns>False when the value is disposed.</returns>
    public bool TryUse()
    {
        for (int users = Volatile.Read(ref _users); users > 0;)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
                return true;
            users = seen;
        }
        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            value.Dispose();
    }
}
