using FastScnn.Torch.Network;
using TorchSharp;
using TorchSharp.Modules;

namespace FastScnn.Torch.Training.Reporting;

/// <summary>Writes values over steps into an event file that TensorBoard shows (<c>tensorboard --logdir</c>).</summary>
/// <remarks>
/// Every call appends one record and closes the file again, so a killed process loses no more than the record it was writing.
/// A run that is resumed in the same folder adds a file of its own, and TensorBoard joins them; steps that are done again stand there twice.
/// Not for use by several threads at once.
/// </remarks>
internal sealed class TensorBoardLog : IDisposable
{
    private readonly SummaryWriter writer;
    private bool disposed;

    /// <summary>Begins an event file.</summary>
    /// <param name="folder">Where the file is made; the folder is made where it is missing.</param>
    /// <exception cref="DllNotFoundException">libtorch, whose package computes the checksums, cannot be loaded.</exception>
    /// <exception cref="IOException">The folder or the file cannot be made.</exception>
    public TensorBoardLog(string folder)
    {
        // An empty name would mean a folder of the writer's own choice.
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        Libtorch.Load(nameof(TensorBoardLog));
        writer = torch.utils.tensorboard.SummaryWriter(folder);
    }

    /// <summary>Adds a value to a curve.</summary>
    /// <param name="tag">The name of the curve; names with a common part before a slash, such as <c>loss/train</c>, are shown together.</param>
    /// <param name="value">The value, stored in single precision; it may be NaN or infinite.</param>
    /// <param name="step">The step, 0 to 2,147,483,647.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is out of range.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(string tag, double value, long step)
    {
        Check(tag, step);
        writer.add_scalar(tag, (float)value, (int)step);
    }

    /// <summary>Adds a text, which TensorBoard shows as Markdown.</summary>
    /// <param name="tag">What the text is about.</param>
    /// <param name="text">The text.</param>
    /// <param name="step">The step, 0 to 2,147,483,647.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is out of range.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void WriteText(string tag, string text, long step)
    {
        ArgumentNullException.ThrowIfNull(text);
        Check(tag, step);
        writer.add_text(tag, text, (int)step);
    }

    /// <summary>Ends the log; there is nothing left to write.</summary>
    public void Dispose() => disposed = true;

    private void Check(string tag, long step)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentException.ThrowIfNullOrWhiteSpace(tag);
        if (step is < 0 or > int.MaxValue) throw Errors.Option(nameof(step), step, $"0 to {int.MaxValue}, which TorchSharp's TensorBoard writer takes");
    }
}
