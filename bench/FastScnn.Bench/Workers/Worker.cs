using System.Collections.Concurrent;
using System.Diagnostics;

namespace FastScnn.Bench.Workers;

/// <summary>A process that answers commands, a line each, parts parted by tabs; an answer starts with the command's
/// name.</summary>
internal sealed class Worker : IDisposable
{
    private const int MostLines = 100;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    private readonly Process _process;
    private readonly BlockingCollection<string?> _lines = [];
    private readonly Queue<string> _diagnostics = [];

    public Worker(ProcessStartInfo start)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => _lines.Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int ProcessId => _process.Id;

    /// <summary>Sends a command and waits for its answer.</summary>
    /// <returns>The parts of the answer after the command's name.</returns>
    /// <exception cref="WorkerFailure">The process ended or gave no answer in time; the message has what it
    /// wrote.</exception>
    public string[] Ask(string command, params ReadOnlySpan<object> arguments)
    {
        try
        {
            _process.StandardInput.WriteLine(string.Join('\t', [command, .. arguments]));
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended, which the answer shows, with the reason.
        }
        return Await(command);
    }

    /// <summary>Waits for a line that starts with a word.</summary>
    /// <exception cref="WorkerFailure">As for <see cref="Ask"/>.</exception>
    public string[] Await(string word)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (_lines.TryTake(out string? line, (int)Math.Max(0, (s_patience - watch.Elapsed).TotalMilliseconds)))
        {
            if (line is null)
            {
                // Also waits until its errors are read.
                _process.WaitForExit();
                throw new WorkerFailure($"ended with exit code {_process.ExitCode}", Diagnostics);
            }
            string[] parts = line.Split('\t');
            if (parts[0] == word) return parts[1..];
            Note(line);
        }
        // A process that hangs must not take time from the others.
        _process.Kill(entireProcessTree: true);
        throw new WorkerFailure($"gave no answer to '{word}' within {s_patience.TotalMinutes:F0} minutes", Diagnostics);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _lines.Dispose();
    }

    private string Diagnostics
    {
        get
        {
            lock (_diagnostics) return string.Join(Environment.NewLine, _diagnostics);
        }
    }

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_diagnostics)
        {
            // libtorch writes many a line about NNPACK where it cannot be started.
            if (_diagnostics.Count == MostLines) _diagnostics.Dequeue();
            _diagnostics.Enqueue(line);
        }
    }
}
