using FastScnn.Torch.Training.Distributed;
using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>The processes that <c>mpirun</c>, <c>srun</c> or another launcher of MPI started together to train one
/// network, on one machine or several.</summary>
/// <remarks>
/// <para>All of them run the same program: they join, train with the same options and data, and dispose this object.
/// <code>
/// mpirun -n 4 --bind-to none dotnet train.dll
/// </code>
/// With <c>--bind-to none</c> each process may use all processors; Open MPI binds a process to one or two of them
/// otherwise.</para>
/// <para>Errors: what one process throws while it trains is thrown on the others too. One that leaves early, also by an
/// exception of the caller's code, disposes this object, and the others throw at their next step. A process that ends
/// without that is noticed by the launcher, which ends the job. If MPI itself fails, <see cref="Dispose"/> ends the
/// whole job (MPI_Abort) with exit code 1, so catch and report errors before it.</para>
/// <para>Libraries: the first that is found of Open MPI (libmpi.so.40, libmpi.40.dylib) and MPICH or Intel MPI
/// (libmpich.so.12, libmpi.so.12, libmpi.12.dylib), where the launcher's own comes first, then libmpi_abi.so.0; on
/// Windows msmpi.dll, impi.dll. The environment variable <c>FASTSCNN_MPI_LIBRARY</c> names another. Open MPI 4.1.4 and
/// MPICH 4.0.2 on Linux are tested. Intel MPI, MVAPICH, MS-MPI and the ABI of MPI 5 are bound by their published
/// constants and were never run.</para>
/// <para>Source: MPI: A Message-Passing Interface Standard, version 4.0, chapters 6 (collective communication) and 11
/// (process initialization).</para>
/// </remarks>
public sealed class MpiProcesses : IDisposable
{
    private static readonly Lock s_gate = new();
    private static MpiProcesses? s_joined;

    private readonly Mpi _mpi;
    private bool _disposed;

    private MpiProcesses(Mpi mpi)
    {
        _mpi = mpi;
        Group = new MpiGroup(mpi);
    }

    /// <summary>Gets the number of this process, from 0. Process 0 writes what a training writes.</summary>
    public int Rank => Group.Rank;

    /// <summary>Gets the number of processes, 1 or more.</summary>
    public int Count => Group.Count;

    /// <summary>Gets the number of this process among those of its machine, from 0: the number of its GPU, where each
    /// process has one.</summary>
    public int LocalRank => Group.LocalRank;

    /// <summary>Gets the number of processes on this machine. Machines are told apart by their names.</summary>
    public int LocalCount => Group.LocalCount;

    /// <summary>Gets name and version of the MPI library, such as "Open MPI 4.1.4".</summary>
    public string Library => _mpi.Version;

    /// <summary>What the processes do together.</summary>
    internal ProcessGroup Group { get; }

    /// <summary>Joins the other processes, and returns when all have joined. A process that no launcher started is a
    /// job of one.</summary>
    /// <returns>The processes; to be disposed on each of them, after the last training.</returns>
    /// <exception cref="DllNotFoundException">There is no MPI library; the message says what to install.</exception>
    /// <exception cref="InvalidOperationException">MPI fails or cannot be called from several threads, its library is
    /// not the launcher's, or this process has joined before: MPI starts once in a process.</exception>
    public static MpiProcesses Join()
    {
        lock (s_gate)
        {
            if (s_joined is not null)
                throw new InvalidOperationException(s_joined._disposed
                    ? "This process has left MPI, which cannot start twice in a process. Join once, and dispose after "
                        + "the last training."
                    : "This process has joined its MPI job already. Use that object for all trainings.");
            Mpi mpi = Mpi.Load();
            if (mpi.IsInitialized)
                throw new InvalidOperationException(
                    $"Another part of this process has initialized {mpi}. MPI starts once in a process.");
            if (!mpi.Initialize())
            {
                mpi.Finish();
                throw new InvalidOperationException($"{mpi} cannot be called from several threads "
                    + "(MPI_THREAD_SERIALIZED), which training needs. Use a build with threads.");
            }
            var processes = new MpiProcesses(mpi);
            s_joined = processes;
            if (processes.Count == 1 && StartedByLauncher() is { } started)
            {
                processes.Dispose();
                throw new InvalidOperationException($"The launcher started several processes ({started}), but {mpi} "
                    + "finds only this one, so each would train by itself. Start them with the launcher of that "
                    + $"library, name the launcher's library by {Mpi.Variable}, or, for srun, name its protocol by "
                    + "--mpi.");
            }
            return processes;
        }
    }

    /// <summary>Leaves the job: waits for the other processes to do so, or lets them throw if they are elsewhere. Ends
    /// the whole job with exit code 1 instead (MPI_Abort, which does not return) if MPI failed. A second call does
    /// nothing.</summary>
    public void Dispose()
    {
        lock (s_gate)
        {
            if (_disposed) return;
            _disposed = true;
            Group.Leave();
            if (Group.IsBroken)
                _mpi.Abort(1);
            else
                _mpi.Finish();
        }
    }

    private static string? StartedByLauncher()
    {
        string? variable = new[] { "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS" }
            .FirstOrDefault(name => Environment.GetEnvironmentVariable(name) is not null);
        return variable is not null && int.TryParse(Environment.GetEnvironmentVariable(variable), out int count)
            && count > 1 ? Invariant($"{variable} is {count}") : null;
    }
}
