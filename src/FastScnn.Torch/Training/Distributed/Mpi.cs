using System.Runtime.InteropServices;
using System.Text;
using FastScnn.Torch.Network;
using static System.FormattableString;

namespace FastScnn.Torch.Training.Distributed;

/// <summary>The functions of an MPI library that is loaded at run time, and the handles that its header gives to
/// communicators, types and operations.</summary>
/// <remarks>MPI's C functions are the same everywhere, its handles are not; each is passed as a word.
/// <list type="bullet">
/// <item>Open MPI 4 and 5 (libmpi.so.40): addresses of its globals <c>ompi_mpi_*</c>. Tried: 4.1.4.</item>
/// <item>MPICH (libmpich.so.12), the libraries of its ABI initiative (Intel MPI, MVAPICH, Cray MPICH) and MS-MPI: 32
/// bits that pass in the lower half of a register or of a stack slot; src/include/mpi.h.in of MPICH, mpi.h of MS-MPI.
/// The two differ in MPI_INT64_T but not in MPI_LONG_LONG. Tried: MPICH 4.0.2.</item>
/// <item>The ABI of MPI 5 (libmpi_abi.so.0): small numbers; MPI 5.0, appendix A, and mpi.h of mpi-forum/mpi-abi-stubs.
/// Not tried.</item>
/// </list></remarks>
internal sealed unsafe class Mpi
{
    public const string Variable = "FASTSCNN_MPI_LIBRARY";

    private readonly string _file;
    private readonly nint _world, _byte, _longLong, _float, _double, _sum, _max, _errorsReturn, _inPlace;
    private readonly int _serialized;

    private readonly delegate* unmanaged<int*, byte***, int, int*, int> _initThread;
    private readonly delegate* unmanaged<int*, int> _initialized;
    private readonly delegate* unmanaged<int> _finalize;
    private readonly delegate* unmanaged<nint, int, int> _abort;
    private readonly delegate* unmanaged<nint, int*, int> _commRank, _commSize;
    private readonly delegate* unmanaged<nint, nint, int> _setErrorHandler;
    private readonly delegate* unmanaged<void*, void*, int, nint, nint, nint, int> _allreduce;
    private readonly delegate* unmanaged<void*, int, nint, int, nint, int> _bcast;
    private readonly delegate* unmanaged<void*, int, nint, void*, int, nint, nint, int> _allgather;
    private readonly delegate* unmanaged<int, byte*, int*, int> _errorString;

    private Mpi(string file, nint module)
    {
        (_file, Version) = (file, "MPI");
        _initThread = (delegate* unmanaged<int*, byte***, int, int*, int>)Function("MPI_Init_thread");
        _initialized = (delegate* unmanaged<int*, int>)Function("MPI_Initialized");
        _finalize = (delegate* unmanaged<int>)Function("MPI_Finalize");
        _abort = (delegate* unmanaged<nint, int, int>)Function("MPI_Abort");
        _commRank = (delegate* unmanaged<nint, int*, int>)Function("MPI_Comm_rank");
        _commSize = (delegate* unmanaged<nint, int*, int>)Function("MPI_Comm_size");
        _setErrorHandler = (delegate* unmanaged<nint, nint, int>)Function("MPI_Comm_set_errhandler");
        _allreduce = (delegate* unmanaged<void*, void*, int, nint, nint, nint, int>)Function("MPI_Allreduce");
        _bcast = (delegate* unmanaged<void*, int, nint, int, nint, int>)Function("MPI_Bcast");
        _allgather = (delegate* unmanaged<void*, int, nint, void*, int, nint, nint, int>)Function("MPI_Allgather");
        _errorString = (delegate* unmanaged<int, byte*, int*, int>)Function("MPI_Error_string");

        // MPI_MAX_LIBRARY_VERSION_STRING is 8192 at most. May be called before MPI is initialized.
        byte* text = stackalloc byte[8193];
        int length;
        Check(((delegate* unmanaged<byte*, int*, int>)Function("MPI_Get_library_version"))(text, &length),
            "MPI_Get_library_version");
        string version = Encoding.UTF8.GetString(text, length);
        Version = ShortVersion(version);

        // Of all but the ABI of MPI 5.
        _serialized = 2;
        int major = 0, minor = 0;
        if (NativeLibrary.TryGetExport(module, "MPI_Abi_get_version", out nint abi)
            && ((delegate* unmanaged<int*, int*, int>)abi)(&major, &minor) == 0 && major > 0)
        {
            (_world, _byte, _longLong, _float, _double) = (0x101, 0x247, 0x20b, 0x210, 0x214);
            (_sum, _max, _errorsReturn, _inPlace, _serialized) = (0x21, 0x23, 0x142, 1, 2048);
        }
        else if (NativeLibrary.TryGetExport(module, "ompi_mpi_comm_world", out _world))
        {
            (_byte, _longLong, _float, _double) = (Function("ompi_mpi_byte"), Function("ompi_mpi_long_long_int"),
                Function("ompi_mpi_float"), Function("ompi_mpi_double"));
            (_sum, _max, _errorsReturn, _inPlace) = (Function("ompi_mpi_op_sum"), Function("ompi_mpi_op_max"),
                Function("ompi_mpi_errors_return"), 1);
        }
        else if (new[] { "MPICH", "Intel", "Microsoft MPI", "MVAPICH" }.Any(version.Contains))
        {
            (_world, _byte, _longLong, _float, _double) = (0x44000000, 0x4c00010d, 0x4c000809, 0x4c00040a, 0x4c00080b);
            (_sum, _max, _errorsReturn, _inPlace) = (0x58000003, 0x58000001, 0x54000001, -1);
        }
        else
        {
            throw new DllNotFoundException($"'{file}' is {Version}, whose handles are not known. Known are Open MPI, "
                + $"MPICH, Intel MPI, MVAPICH, MS-MPI and the ABI of MPI 5. {Advice}");
        }

        nint Function(string name) => NativeLibrary.TryGetExport(module, name, out nint address) ? address
            : throw new DllNotFoundException($"'{file}' has no '{name}', so it is no MPI library. {Advice}");
    }

    /// <summary>Name and version, such as "Open MPI 4.1.4".</summary>
    public string Version { get; }

    /// <summary>Gets whether a call returned an error; what other processes wait for is not known then.</summary>
    public bool HasFailed { get; private set; }

    public bool IsInitialized
    {
        get
        {
            int flag;
            Check(_initialized(&flag), "MPI_Initialized");
            return flag != 0;
        }
    }

    public int Rank
    {
        get
        {
            int rank;
            Check(_commRank(_world, &rank), "MPI_Comm_rank");
            return rank;
        }
    }

    public int Size
    {
        get
        {
            int size;
            Check(_commSize(_world, &size), "MPI_Comm_size");
            return size;
        }
    }

    private static string Advice => OperatingSystem.IsWindows()
        ? $"Install MS-MPI, or set {Variable} to the path of a library."
        : OperatingSystem.IsMacOS()
            ? $"Install Open MPI ('brew install open-mpi'), or set {Variable} to the path of a library."
            : "Install Open MPI ('apt-get install openmpi-bin' on Debian and Ubuntu) or MPICH ('mpich'), or set "
                + $"{Variable} to the path of a library.";

    /// <exception cref="DllNotFoundException">There is no MPI library, or none that is known.</exception>
    public static Mpi Load()
    {
        // UCX, which Open MPI sends through, takes over SIGSEGV and SIGFPE, which .NET turns into exceptions.
        NativeSettings.SetWhereUnset("UCX_ERROR_SIGNALS\0"u8, "\0"u8);
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named) return new(named, LoadNamed(named));
        string[] files = Files();
        foreach (string file in files)
            if (NativeLibrary.TryLoad(file, out nint module))
                return new(file, module);
        throw new DllNotFoundException($"There is no MPI library: looked for {string.Join(", ", files)}. {Advice}");
    }

    /// <summary>Initializes MPI for calls from one thread at a time (MPI 4.0, section 11.6.2), with errors that
    /// return.</summary>
    /// <returns>Whether it gives that level of threads.</returns>
    public bool Initialize()
    {
        int provided;
        Check(_initThread(null, null, _serialized, &provided), "MPI_Init_thread");
        Check(_setErrorHandler(_world, _errorsReturn), "MPI_Comm_set_errhandler");
        return provided >= _serialized;
    }

    public void AllReduce(void* values, int count, Element element, Reduction reduction) =>
        Check(_allreduce((void*)_inPlace, values, count,
            element switch { Element.Float32 => _float, Element.Float64 => _double, _ => _longLong },
            reduction == Reduction.Max ? _max : _sum, _world), "MPI_Allreduce");

    public void Broadcast(void* bytes, int count, int root) =>
        Check(_bcast(bytes, count, _byte, root, _world), "MPI_Bcast");

    public void AllGather(void* own, void* all, int count) =>
        Check(_allgather(own, count, _byte, all, count, _byte, _world), "MPI_Allgather");

    public void Finish() => Check(_finalize(), "MPI_Finalize");

    /// <summary>Ends all processes of the job, this one too.</summary>
    public void Abort(int exitCode) => _ = _abort(_world, exitCode);

    /// <summary>What the error texts call the library.</summary>
    public override string ToString() => $"{Version} ('{_file}')";

    private static nint LoadNamed(string file)
    {
        try
        {
            return NativeLibrary.Load(file);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException($"{Variable} names '{file}', which cannot be loaded. {Advice} The cause: "
                + exception.Message.Trim(), exception);
        }
    }

    // Open MPI: "Open MPI v4.1.4, package: ..."; MPICH: "MPICH Version:\t4.0.2\nMPICH Release date: ...".
    internal static string ShortVersion(string text)
    {
        string line = text.TrimEnd('\0').Trim().Split('\n', ',')[0].Replace(" Version:", "").Replace(" v", " ");
        return string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    // That of the launcher stands first: another one would make a job of one of each process.
    private static string[] Files()
    {
        if (OperatingSystem.IsWindows()) return ["msmpi.dll", "impi.dll"];
        bool isMac = OperatingSystem.IsMacOS();
        string[] open = isMac ? InBrew("libmpi.40.dylib") : ["libmpi.so.40"];
        string[] mpich = isMac ? InBrew("libmpi.12.dylib") : ["libmpich.so.12", "libmpi.so.12"];
        string[] standard = isMac ? InBrew("libmpi_abi.0.dylib") : ["libmpi_abi.so.0"];
        // Set by Hydra, the mpirun of MPICH and Intel MPI.
        bool byHydra = Environment.GetEnvironmentVariable("PMI_RANK") is not null
            && Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_RANK") is null;
        return byHydra ? [.. mpich, .. open, .. standard] : [.. open, .. mpich, .. standard];
    }

    private static string[] InBrew(string name) => [name, $"/opt/homebrew/lib/{name}", $"/usr/local/lib/{name}"];

    private void Check(int code, string function)
    {
        if (code == 0) return;
        HasFailed = true;
        byte* text = stackalloc byte[2049];
        int length = 0;
        _ = _errorString(code, text, &length);
        throw new InvalidOperationException(
            Invariant($"{function} of {this} failed: {Encoding.UTF8.GetString(text, length)} (code {code})."));
    }
}

/// <summary>The processes of MPI_COMM_WORLD.</summary>
internal sealed unsafe class MpiGroup : ProcessGroup
{
    private readonly Mpi _mpi;

    public MpiGroup(Mpi mpi) : base(mpi.Rank, mpi.Size)
    {
        _mpi = mpi;
        Introduce(Environment.MachineName, AllowedProcessors());
    }

    protected override bool HasFailed => _mpi.HasFailed;

    // Elsewhere launchers do not bind, or .NET does not tell.
    private static string AllowedProcessors() => !OperatingSystem.IsLinux() ? ""
        : File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("Cpus_allowed_list:",
            StringComparison.Ordinal)) ?? "";

    protected override void AllReduce(void* values, int count, Element element, Reduction reduction) =>
        _mpi.AllReduce(values, count, element, reduction);

    protected override void Broadcast(void* bytes, int count, int root) => _mpi.Broadcast(bytes, count, root);

    protected override void AllGather(void* own, void* all, int count) => _mpi.AllGather(own, all, count);
}
