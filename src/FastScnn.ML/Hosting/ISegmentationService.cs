using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Torch.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.Data;
using static System.FormattableString;

namespace FastScnn.ML.Hosting;

/// <summary>A loaded model for the requests of a server: a few images are worked on at a time, some wait, and the rest
/// is refused, so that memory has a bound.</summary>
/// <remarks>
/// <para><see cref="FastScnnServiceCollectionExtensions.AddFastScnnSegmenter(IServiceCollection,
/// Action{SegmentationServiceOptions})"/> adds it. All members may be called from several threads at once. Images are
/// decoded and segmented on threads of the pool, in the order in which they came.</para>
/// <para>An image whose call is cancelled while it waits leaves its place at once. One whose turn has come is finished,
/// and its place is then free.</para>
/// </remarks>
public interface ISegmentationService
{
    /// <summary>The name that the model was added with; empty for the one without a name.</summary>
    string Name { get; }

    /// <summary>The classes that the maps refer to.</summary>
    ClassList Classes { get; }

    /// <summary>As <see cref="FastScnnSegmenter.ActiveProvider"/>.</summary>
    string ActiveProvider { get; }

    /// <summary>As <see cref="FastScnnSegmenter.FallbackReason"/>.</summary>
    string? FallbackReason { get; }

    /// <summary>How many images are worked on now.</summary>
    int Working { get; }

    /// <summary>How many images wait for their turn now.</summary>
    int Waiting { get; }

    /// <summary>Segments an image file.</summary>
    /// <param name="path">The file, as <see cref="FastScnnSegmenter.Segment(string)"/> takes it.</param>
    /// <param name="cancellationToken">Gives up waiting, and does not start what has not started.</param>
    /// <exception cref="SegmenterBusyException">Too many images wait already.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The container was disposed.</exception>
    /// <remarks>The task fails with what <see cref="FastScnnSegmenter.Segment(string)"/> throws as well.</remarks>
    Task<SegmentationMap> SegmentAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Segments an encoded image (JPEG, PNG and so on).</summary>
    /// <param name="stream">The encoded image, from the current position; not closed. One that can seek is read when
    /// its turn has come, so leave it alone until the task ends. Another, such as the body of a request, is read into
    /// memory first, without a thread that waits, up to <see cref="SegmentationServiceOptions.MaxStreamBytes"/>.</param>
    /// <param name="cancellationToken">As <see cref="SegmentAsync(string, CancellationToken)"/> takes it.</param>
    /// <exception cref="SegmenterBusyException">Too many images wait already.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The container was disposed.</exception>
    /// <exception cref="ArgumentException">A stream that cannot seek is longer than that.</exception>
    /// <remarks>The task fails with what <see cref="FastScnnSegmenter.Segment(Stream)"/> throws as well.</remarks>
    Task<SegmentationMap> SegmentAsync(Stream stream, CancellationToken cancellationToken = default);

    /// <summary>Segments a decoded image.</summary>
    /// <param name="image">The image; it stays the caller's, who leaves it alone until the task ends.</param>
    /// <param name="cancellationToken">As <see cref="SegmentAsync(string, CancellationToken)"/> takes it.</param>
    /// <exception cref="SegmenterBusyException">Too many images wait already.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The container was disposed.</exception>
    /// <remarks>The task fails with what <see cref="FastScnnSegmenter.Segment(MLImage)"/> throws as well.</remarks>
    Task<SegmentationMap> SegmentAsync(MLImage image, CancellationToken cancellationToken = default);

    /// <summary>Segments pixels in memory.</summary>
    /// <param name="image">The pixels, which must not change until the task ends.</param>
    /// <param name="cancellationToken">As <see cref="SegmentAsync(string, CancellationToken)"/> takes it.</param>
    /// <exception cref="SegmenterBusyException">Too many images wait already.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The container was disposed.</exception>
    /// <remarks>The task fails with what <see cref="FastScnnSegmenter.Segment(PixelBuffer)"/> throws as
    /// well.</remarks>
    Task<SegmentationMap> SegmentAsync(PixelBuffer image, CancellationToken cancellationToken = default);

    /// <summary>Does more than segment one image within one turn: scores, regions, encoding the mask.</summary>
    /// <param name="work">The work, called on a thread of the pool when its turn has come; the segmenter stays the
    /// service's.</param>
    /// <param name="cancellationToken">As <see cref="SegmentAsync(string, CancellationToken)"/> takes it; a long work
    /// looks at it itself.</param>
    /// <returns>What <paramref name="work"/> returns.</returns>
    /// <exception cref="SegmenterBusyException">Too many images wait already.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The container was disposed.</exception>
    Task<T> RunAsync<T>(Func<FastScnnSegmenter, T> work, CancellationToken cancellationToken = default);
}

/// <summary>All models that were added to a container.</summary>
public interface ISegmentationServices
{
    /// <summary>Their names, in the order in which they were added; the one without a name is the empty
    /// string.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Gives one of them, which is loaded if it is not yet.</summary>
    /// <param name="name">Its name; case matters.</param>
    /// <exception cref="ArgumentException">No model has that name; the message lists the names.</exception>
    ISegmentationService Get(string name);
}

/// <summary>An image was refused, because the queue of the service is full. A server answers with 429 or
/// 503.</summary>
public sealed class SegmenterBusyException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="maxConcurrency">See <see cref="MaxConcurrency"/>.</param>
    /// <param name="queueLimit">See <see cref="QueueLimit"/>.</param>
    public SegmenterBusyException(int maxConcurrency, int queueLimit)
        : base(Invariant($"{maxConcurrency} images are worked on and {queueLimit} wait, the most that this service ")
            + "takes; try again in a moment.") =>
        (MaxConcurrency, QueueLimit) = (maxConcurrency, queueLimit);

    /// <summary>How many images are worked on, the most at a time.</summary>
    public int MaxConcurrency { get; }

    /// <summary>How many images wait, the most at a time.</summary>
    public int QueueLimit { get; }
}
