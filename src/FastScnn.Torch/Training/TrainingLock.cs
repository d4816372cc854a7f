namespace FastScnn.Torch.Training;

/// <summary>Keeps other trainings, also of other processes, out of an output folder until it is disposed or the process ends.</summary>
internal sealed class TrainingLock : IDisposable
{
    private readonly FileStream file;

    /// <param name="folder">The folder; made when missing.</param>
    /// <exception cref="IOException">Another training has the folder, or the folder cannot be written to.</exception>
    public TrainingLock(TrainingFolder folder)
    {
        Directory.CreateDirectory(folder.Path);
        try
        {
            file = new(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (IOException exception)
        {
            throw Errors.FolderTaken(folder.Path, exception);
        }
    }

    public void Dispose() => file.Dispose();
}
