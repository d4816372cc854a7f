using FastScnn.Torch.Network;
using FastScnn.Torch.Training.Distributed;
using TorchSharp;
using static TorchSharp.torch;
using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>A training's turn at what libtorch has once for the whole process or thread: trainings of a process take
/// turns, each sets what its result depends on, and puts back what it found.</summary>
/// <remarks>That is the gradient mode, the inference mode and the number of threads of the thread that trains, the
/// default type and device of tensors, and on CUDA devices which products may be rounded. Random numbers are not among
/// it: the network draws from a generator of its own. TorchSharp 0.107 has neither libtorch's deterministic algorithms
/// nor its precision of products on the processor.</remarks>
internal sealed class LibtorchTurn : IDisposable
{
    private static readonly SemaphoreSlim s_turn = new(1, 1);

    // Flows to the threads and tasks that a handler or a decoder starts: a training that one of them waits for could
    // never begin.
    private static readonly AsyncLocal<LibtorchTurn?> s_within = new();

    private readonly int _threads, _foundThreads;
    private readonly ScalarType _foundType;
    private readonly Device _foundDevice;
    private readonly (bool Products, bool Convolutions, bool HalfSums)? _foundRounding;
    private readonly IDisposable _normalMode, _gradients;
    private readonly Action? _giveMemoryBack;
    private bool _ended;

    private LibtorchTurn(int threads, Device device)
    {
        (Device, _threads) = (device, threads);
        (_foundThreads, _foundType, _foundDevice) = (get_num_threads(), get_default_dtype(), get_default_device());
        _foundRounding = device.type == DeviceType.CUDA ? Rounding : null;
        _normalMode = inference_mode(false);
        _gradients = set_grad_enabled(true);
        _giveMemoryBack = device.type == DeviceType.CPU ? NativeSettings.KeepFreedMemory() : null;
        Set();
        s_within.Value = this;
    }

    /// <summary>The device to train on.</summary>
    public Device Device { get; }

    private static (bool Products, bool Convolutions, bool HalfSums) Rounding
    {
        get => (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32,
            backends.cuda.matmul.allow_fp16_reduced_precision_reduction);
        set => (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32,
            backends.cuda.matmul.allow_fp16_reduced_precision_reduction) = value;
    }

    /// <summary>Waits until no other training of the process is under way, and sets libtorch up.</summary>
    /// <exception cref="InvalidOperationException">The caller is within a training that has not ended, or the CUDA
    /// device cannot be used.</exception>
    /// <exception cref="DllNotFoundException">There is no libtorch.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, also while waiting.</exception>
    public static LibtorchTurn Take(TrainingOptions options, ProcessGroup processes,
        CancellationToken cancellationToken)
    {
        if (s_within.Value is { _ended: false })
            throw new InvalidOperationException("A training was started from within another one, such as from its "
                + "progress handler or its decoder. Trainings of one process take turns, so it would wait for ever: "
                + "start it when the other has ended.");
        Device device = CudaDevices.Choose(options.GpuDeviceId + processes.LocalRank);
        s_turn.Wait(cancellationToken);
        try
        {
            return new(options.Threads > 0 ? options.Threads
                : Math.Max(1, Environment.ProcessorCount / processes.ProcessorSharers), device);
        }
        catch
        {
            s_turn.Release();
            throw;
        }
    }

    /// <summary>Calls what is the caller's, such as a progress handler; what it changes of libtorch's state is
    /// undone.</summary>
    public void Call(Action foreign)
    {
        try
        {
            // These put the modes back whatever the handler left behind.
            using IDisposable mode = inference_mode(false), grad = set_grad_enabled(true);
            foreign();
        }
        finally
        {
            Set();
        }
    }

    /// <summary>Puts back what was found, and lets the next training begin. On the thread that took the turn.</summary>
    public void Dispose()
    {
        if (_ended) return;
        _ended = true;
        s_within.Value = null;
        try
        {
            _gradients.Dispose();
            _normalMode.Dispose();
            Set(_foundThreads, _foundType, _foundDevice);
            if (_foundRounding is { } rounding) Rounding = rounding;
            _giveMemoryBack?.Invoke();
        }
        finally
        {
            s_turn.Release();
        }
    }

    private void Set()
    {
        Set(_threads, ScalarType.Float32, CPU);
        // libtorch's own defaults.
        if (_foundRounding is not null) Rounding = (false, true, true);
    }

    private static void Set(int threads, ScalarType type, Device device)
    {
        if (get_num_threads() != threads) set_num_threads(threads);
        if (get_default_dtype() != type) set_default_dtype(type);
        if (!get_default_device().Equals(device)) set_default_device(device);
    }
}

/// <summary>The CUDA devices that can be trained on.</summary>
internal static class CudaDevices
{
    /// <summary>The device of an option: the processor where it is null.</summary>
    /// <exception cref="InvalidOperationException">The device cannot be used.</exception>
    /// <exception cref="DllNotFoundException">There is no libtorch.</exception>
    public static Device Choose(int? gpuDeviceId)
    {
        if (gpuDeviceId is { } index) return Fault(index) is { } fault ? throw fault : device(DeviceType.CUDA, index);
        Libtorch.Load(nameof(FastScnnTrainer));
        return CPU;
    }

    public static InvalidOperationException? Fault(int device)
    {
        bool available = false;
        Libtorch.Load(nameof(FastScnnTrainer), () => available = cuda.is_available());
        if (!available) return new InvalidOperationException(Invariant($"CUDA device {device} cannot be used: ")
            + "libtorch finds no CUDA. Add the package TorchSharp-cuda-linux or TorchSharp-cuda-windows to the "
            + "application, and see that an NVIDIA driver is installed; or train on the processor.");
        return device < cuda.device_count() ? null : new InvalidOperationException(Invariant($"CUDA device {device} ")
            + Invariant($"cannot be used: there are {cuda.device_count()}, numbered from 0."));
    }
}
