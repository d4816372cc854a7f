using FastScnn.Torch.Checkpoints;
using FastScnn.Torch.Data;
using static System.FormattableString;

namespace FastScnn.Torch.Training;

/// <summary>Trains a Fast-SCNN on images and masks.</summary>
/// <remarks>
/// <para>The result depends on the data, the options and the number of threads alone, on the processor: a training that
/// was stopped or killed and resumed gives the same weights, byte for byte, as one that was not. On CUDA devices some
/// kernels add in any order.</para>
/// <para>All masks are read once before the first step. What in them bears on the scores is in the first progress
/// report, the result and the log.</para>
/// <para>libtorch has a number of threads, a default type and device of tensors, and gradient and inference modes for
/// the whole process or thread. Training sets them as it needs them and puts back what it found, also when it fails or
/// is cancelled. So that the result does not depend on them, trainings of one process take turns: a second one waits
/// until the first has ended, and a token cancels the waiting too. Weights and dropout draw from a random generator of
/// the training's own; on CUDA devices, dropout draws from the device's generator, which the process shares and which
/// cannot be put back.</para>
/// <para>Other code of the process may use libtorch meanwhile; on other threads it finds the default type and device
/// that training set.</para>
/// </remarks>
public sealed class FastScnnTrainer
{
    /// <summary>Makes a trainer.</summary>
    /// <param name="options">How to train; the defaults if null.</param>
    /// <exception cref="ArgumentException">Batches are of one sample, and <see cref="TrainingOptions.FreezeBatchNorm"/>
    /// is false.</exception>
    public FastScnnTrainer(TrainingOptions? options = null)
    {
        Options = options ?? new();
        if (Options is { BatchSize: 1, FreezeBatchNorm: false })
            throw new ArgumentException($"{nameof(TrainingOptions.BatchSize)} is 1; it must be 2 or more, as "
                + $"{SampleCounts.OneSample}. Single images are trained on {SampleCounts.SingleImages}.",
                nameof(options));
    }

    /// <summary>How it trains.</summary>
    public TrainingOptions Options { get; }

    /// <summary>Gets why a CUDA device cannot be used for training, as a text that says what to do; null where it
    /// can.</summary>
    /// <param name="gpuDeviceId">The number of the device, from 0.</param>
    /// <exception cref="DllNotFoundException">There is no libtorch at all; the message names the packages that hold
    /// it.</exception>
    public static string? GetUnavailableReason(int gpuDeviceId) => CudaDevices.Fault(gpuDeviceId)?.Message;

    /// <summary>Trains from the first step, or from the state in <see cref="TrainingOptions.OutputFolder"/>, to the
    /// end.</summary>
    /// <param name="training">The images and masks to learn from.</param>
    /// <param name="validation">Images and masks of the same classes to choose the best epoch by; null: the last epoch
    /// is taken.</param>
    /// <param name="decoder">The codec for the images; it is called from several threads at once.</param>
    /// <param name="progress">
    /// Called after every step and every validation, on the thread that trains; what a handler changes of libtorch's
    /// settings is undone when it returns.
    /// </param>
    /// <param name="cancellationToken">Ends the training after the step under way; the state is saved first where there
    /// is a folder for it. Ends the waiting for another training too.</param>
    /// <returns>The best weights.</returns>
    /// <exception cref="ArgumentException">
    /// The data set is empty, has one image without <see cref="TrainingOptions.FreezeBatchNorm"/> or makes no full
    /// batch, or an epoch would end with a batch of one sample that batch norm cannot measure, the classes of the data
    /// sets differ, the loss ignores another label, or the initial weights do not fit.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// The folder holds a state and <see cref="TrainingOptions.Resume"/> is false, the state is that of another
    /// training, or the CUDA device cannot be used; or the training is started from within another one, such as from
    /// its progress handler, and so would wait for ever.
    /// </exception>
    /// <exception cref="CheckpointException">The state in the folder, or the initial weights, are damaged.</exception>
    /// <exception cref="InvalidDataException">An image or mask, or the log in the folder, cannot be read, and the
    /// message names the files; or no mask of the training or validation data has a pixel with a class, which is found
    /// before the first step.</exception>
    /// <exception cref="IOException">Another training, also of another process, is under way in the folder, or a file
    /// there cannot be read or written.</exception>
    /// <exception cref="TrainingDivergedException">The loss or the weights became NaN or infinite; the message names
    /// the files of the batch. The output folder keeps what it held before.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public TrainingResult Train(
        SegmentationDataset training,
        SegmentationDataset? validation,
        Func<Stream, PixelBuffer> decoder,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(decoder);
        if (validation is not null && !validation.Classes.Equals(training.Classes))
            throw new ArgumentException("The validation data have other classes than the training data: "
                + $"{Describe(validation.Classes)}, instead of {Describe(training.Classes)}.", nameof(validation));
        foreach (Losses.SegmentationLoss? loss in new[] { Options.Loss, Options.AuxiliaryLoss })
            if (loss is not null && loss.IgnoreIndex != training.Classes.IgnoreIndex)
                throw new ArgumentException(Invariant($"The loss ignores the label {loss.IgnoreIndex}, but the ")
                    + Invariant($"classes of the data set ignore {training.Classes.IgnoreIndex}. Make the loss with ")
                    + Invariant($"ignoreIndex: {training.Classes.IgnoreIndex}."), "options");
        using TrainingRun run = new(Options, training, validation, decoder, cancellationToken);
        return run.Run(progress, cancellationToken);

        static string Describe(ClassList classes) => Invariant(
            $"{classes.Count} ({ErrorText.List(classes.Names)}), {classes.IgnoreIndex} ignored");
    }
}
