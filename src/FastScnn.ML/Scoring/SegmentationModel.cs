using System.Diagnostics;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring.Cuda;
using FastScnn.Torch.Data;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML.Scoring;

/// <summary>A loaded model: what its file says, and the sessions that run it, shared by all threads.</summary>
internal sealed class SegmentationModel : IDisposable
{
    private readonly BufferPool _buffers;
    private readonly RunnerChoice _runners;
    private volatile string? _whyNotSeveral;

    /// <param name="model">The bytes of the ONNX file.</param>
    /// <param name="name">The name of the model in error messages.</param>
    /// <param name="options">The settings.</param>
    /// <param name="baseOptions">Makes the session options that a provider is added to; null for ours.</param>
    /// <param name="hasSizes">Whether sizes that come often may get sessions of their own, whose scores differ in the
    /// last digits.</param>
    public SegmentationModel(byte[] model, string name, FastScnnSegmenterOptions options,
        Func<SessionOptions>? baseOptions, bool hasSizes = true)
    {
        CreatedSession created = SessionFactory.Create(model, name, options, baseOptions);
        InferenceSession session = created.Session;
        (Provider, ProviderFailures, FallbackReason) = (created.Provider, created.Failures, created.FallbackReason);
        options = created.Options;
        try
        {
            Description = new ModelDescription(session, name, options);
        }
        catch
        {
            session.Dispose();
            throw;
        }
        Lock? deviceGate = Provider == SessionFactory.CpuProvider || options.CreateSessionOptions is not null ? null
            : new Lock();
        _buffers = new BufferPool(shape =>
            new ScoringBuffers(Description, shape, options.Threads, Description.ScoresShape(shape)));
        var anySize = new SessionRunner(session, Description, _buffers, deviceGate);
        var lastOfAnySize = new SessionRunner(session, Description, _buffers, deviceGate, freesMemory: true);
        // Settings that others made may not be changed, and a model of one size has nothing to gain on the processor.
        int? device = Provider == CudaProvider.Name ? options.GpuDeviceId : null;
        bool graphs = device is not null && options.Cuda.EnableCudaGraph
            && (Description.HasFreeSides || Description.IsOfOneSize);
        bool canHaveSizes = hasSizes && options.CreateSessionOptions is null && baseOptions is null
            && options.ExecutionProviders.Count == 0 && (graphs || Description.HasFreeSides);
        _runners = new RunnerChoice(anySize, lastOfAnySize, canHaveSizes ? Create : null);

        SizedRunner Create(InputShape shape)
        {
            string? whyNoGraph = null;
            Dictionary<string, int>? sides = Description.FreeSides(shape);
            try
            {
                if (graphs)
                {
                    long[] scores = Description.ScoresShape(shape) ?? anySize.FindScoresShape(shape);
                    var replay = new CudaGraphSession(
                        () => SessionFactory.CreateForGraph(model, options, device!.Value, sides), device, Description,
                        shape, scores, options.Threads);
                    _buffers.Free(shape);
                    return new SizedRunner(replay, null);
                }
            }
            catch (Exception e) when (e is OnnxRuntimeException or InvalidOperationException
                or EntryPointNotFoundException)
            {
                // It only saves time: what cannot be captured is run as usual.
                whyNoGraph = e.Message;
            }
            return new SizedRunner(
                Description.HasFreeSides
                    ? new SessionRunner(SessionFactory.CreateForSize(model, name, options, sides!), Description,
                        _buffers, deviceGate)
                    : null,
                whyNoGraph);
        }
    }

    public ModelDescription Description { get; }

    public string Provider { get; }

    public IReadOnlyList<ProviderFailure> ProviderFailures { get; }

    public string? FallbackReason { get; }

    /// <summary>Sizes that have a session of their own.</summary>
    public int SizedSessions => _runners.Sessions;

    /// <summary>Why images of the size that came last do not replay a CUDA graph, where that was tried.</summary>
    public string? WhyNoGraph => _runners.WhyNoGraph;

    /// <summary>Whether several images may go through the network in one run.</summary>
    public bool TakesSeveral => _whyNotSeveral is null && Description.TakesSeveral;

    /// <summary>Why a run of several images failed that the file says it takes; null where none did.</summary>
    public string? WhyNotSeveral => _whyNotSeveral;

    /// <summary>Runs the network on an image.</summary>
    /// <param name="image">The pixels.</param>
    /// <param name="inputWidth">Columns of what the network sees.</param>
    /// <param name="inputHeight">Rows of what the network sees.</param>
    /// <param name="mirrored">Whether left and right are exchanged.</param>
    /// <param name="timings">What the parts took is added to it.</param>
    /// <param name="read">Reads the scores, which the next image overwrites.</param>
    /// <param name="once">Whether the image does not count as one of a size that comes often.</param>
    /// <exception cref="InvalidOperationException">ONNX Runtime cannot run the model.</exception>
    public T Run<T>(
        PixelSpan image, int inputWidth, int inputHeight, bool mirrored, ref SegmentationTimings timings,
        Func<ScoringBuffers, T> read, bool once = false) =>
        Run(image, new InputShape(inputWidth, inputHeight), mirrored ? FillMirrored : Fill, ref timings, read, once);

    /// <summary>Runs the network once on several images of one size.</summary>
    /// <param name="shape">The shape of the input.</param>
    /// <param name="images">What <paramref name="fill"/> needs of them.</param>
    /// <param name="fill">Fills the input.</param>
    /// <param name="timings">What the parts took is added to it, for all images together.</param>
    /// <param name="read">Reads the scores, which the next run overwrites. Not called where the run fails.</param>
    /// <returns>Whether it was run. Otherwise the model takes one image at a time after all, whatever its file says,
    /// or there is no memory for so many: <see cref="TakesSeveral"/> is false from then on.</returns>
    public bool TryRunSeveral<T>(InputShape shape, T images, Action<ScoringBuffers, T> fill,
        ref SegmentationTimings timings, Action<ScoringBuffers> read)
    {
        bool isRun = false;
        try
        {
            return Run(images, shape, fill, ref timings, buffers =>
            {
                isRun = true;
                read(buffers);
                return true;
            }, once: false);
        }
        catch (Exception e) when (!isRun && (e is InvalidDataException or OnnxRuntimeException
            || e is InvalidOperationException and not ObjectDisposedException))
        {
            _whyNotSeveral = e.Message;
            return false;
        }
    }

    private static void Fill(ScoringBuffers buffers, PixelSpan image) => buffers.Fill(image, mirrored: false);

    private static void FillMirrored(ScoringBuffers buffers, PixelSpan image) => buffers.Fill(image, mirrored: true);

    private T Run<TImages, T>(TImages images, InputShape shape, Action<ScoringBuffers, TImages> fill,
        ref SegmentationTimings timings, Func<ScoringBuffers, T> read, bool once)
        where TImages : allows ref struct
    {
        long start = Stopwatch.GetTimestamp();
        (Shared<IModelRunner> runner, ScoringBuffers buffers) = _runners.Rent(shape, once);
        bool isWhole = false;
        try
        {
            fill(buffers, images);
            long filled = Stopwatch.GetTimestamp();
            runner.Value.Run(buffers);
            isWhole = true;
            timings = timings with
            {
                PreProcess = timings.PreProcess + Stopwatch.GetElapsedTime(start, filled),
                Inference = timings.Inference + Stopwatch.GetElapsedTime(filled),
            };
            return read(buffers);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidOperationException($"ONNX Runtime could not run '{Description.Name}': {e.Message}", e);
        }
        finally
        {
            if (isWhole)
                runner.Value.Buffers.Return(buffers);
            else
            {
                buffers.Dispose();
                _runners.GiveUp(runner);
            }
            runner.Release();
        }
    }

    public void Dispose()
    {
        _runners.Dispose();
        _buffers.Dispose();
    }
}
