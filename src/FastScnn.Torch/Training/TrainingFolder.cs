using FastScnn.Torch.Training.Reporting;

namespace FastScnn.Torch.Training;

/// <summary>The files that training leaves in its output folder.</summary>
/// <param name="Path">The folder.</param>
public sealed record TrainingFolder(string Path)
{
    /// <summary>The weights with the best validation mIoU so far; the last ones where nothing is validated.</summary>
    public string BestWeights => In("best.safetensors");

    /// <summary>The weights after the last finished epoch.</summary>
    public string LastWeights => In("last.safetensors");

    /// <summary>All that is needed to go on: weights, average, optimizer, position, random state, best score.</summary>
    public string State => In("state.safetensors");

    /// <summary>One JSON object a line for each epoch, resume and end.</summary>
    public string Log => In("log.jsonl");

    /// <summary>How the weights were made and what they score, as Markdown; written at the end.</summary>
    public string ModelCard => In("model-card.md");

    /// <summary>Loss and scores by epoch as an SVG image; written at the end.</summary>
    public string Curves => In("curves.svg");

    /// <summary>The folder of TensorBoard's event files.</summary>
    public string TensorBoard => In("tensorboard");

    /// <summary>There while a training writes to the folder, so that no other does. One that a killed process left does
    /// not block a new training.</summary>
    internal string Lock => In("training.lock");

    /// <summary>Draws loss and validation scores by epoch from <see cref="Log"/>, also while training goes
    /// on.</summary>
    /// <returns>The text of an SVG image; null where there is no log or it has no epoch yet.</returns>
    /// <exception cref="InvalidDataException">The log is none of a training; the message names the file and the
    /// line.</exception>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public string? DrawCurves() => DrawCurves(Log);

    /// <summary>Draws loss and validation scores by epoch from a log that was moved or renamed.</summary>
    /// <param name="logPath">The log, as training writes it to <see cref="Log"/>.</param>
    /// <returns>The text of an SVG image; null where there is no such file or it has no epoch yet.</returns>
    /// <exception cref="InvalidDataException">The log is none of a training; the message names the file and the
    /// line.</exception>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public static string? DrawCurves(string logPath)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(logPath);
        return File.Exists(logPath) && EpochRecord.Read(logPath) is { Count: > 0 } epochs ? LearningCurves.Draw(epochs)
            : null;
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}

/// <summary>Keeps other trainings, also of other processes, out of an output folder until it is disposed or the process
/// ends.</summary>
internal sealed class TrainingLock : IDisposable
{
    private readonly FileStream _file;

    /// <param name="folder">The folder; made when missing.</param>
    /// <exception cref="IOException">Another training has the folder, or the folder cannot be written to.</exception>
    public TrainingLock(TrainingFolder folder)
    {
        Directory.CreateDirectory(folder.Path);
        try
        {
            _file = new(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1,
                FileOptions.DeleteOnClose);
        }
        catch (IOException exception)
        {
            throw new IOException($"The output folder '{folder.Path}' cannot be taken for this training: "
                + $"{exception.Message} Is another one under way there? Wait for it, or choose another folder.",
                exception);
        }
        foreach (string file in new[] { folder.State, folder.BestWeights, folder.LastWeights })
            WholeFile.DeleteLeftovers(file);
    }

    public void Dispose() => _file.Dispose();
}
