using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastScnn.ML.Scoring;
using FastScnn.ML.Scoring.Cuda;
using FastScnn.Torch.Data;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>What of the CUDA path can be seen without a device.</summary>
public class CudaTests
{
    [TestCase("1.29.0", "no such entry point", 13)]
    [TestCase("1.27.0-dev-20260612", "", 13)]
    [TestCase("1.26.0", "", 12)]
    [TestCase("1.22.1",
        "Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file", 13)]
    [TestCase("1.29.0", "libcudart.so.12: cannot open shared object file", 12)]
    [TestCase("1.29.0", "Error loading \"cublas64_12.dll\" which is missing", 12)]
    [TestCase("1.29.0", "libcurand.so.10: cannot open shared object file", 13)]
    [TestCase("of another build", "", 13)]
    public void The_version_of_CUDA_is_the_one_that_the_runtime_needs(string runtime, string message, int version) =>
        Assert.That(CudaRequirements.CudaVersion(runtime, message), Is.EqualTo(version));

    [Test]
    public void What_is_missing_is_named_with_its_version()
    {
        Assert.That(CudaRequirements.Missing("1.29.0", "", windows: false, _ => false), Is.EqualTo(new[]
        {
            "the NVIDIA driver (libcuda.so.1)", "CUDA 13 (libcudart.so.13, libcublasLt.so.13)",
            "cuDNN 9 (libcudnn.so.9)",
        }));
        Assert.That(CudaRequirements.Missing("1.26.0", "", windows: true,
            library => library is "nvcuda.dll" or "cudart64_12.dll"), Is.EqualTo(new[]
        {
            "CUDA 12 (cublasLt64_12.dll)", "cuDNN 9 (cudnn64_9.dll)",
        }));
        Assert.That(CudaRequirements.Missing("1.29.0", "", windows: false, _ => true), Is.Empty);
    }

    [Test]
    public void The_fallback_says_what_this_machine_lacks()
    {
        // No machine has this many devices.
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid,
            new FastScnnSegmenterOptions { GpuDeviceId = 1000, FallbackToCpu = true });
        bool hasDriver = NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out _);
        Assert.That(segmenter.FallbackReason!.Contains("the NVIDIA driver (", StringComparison.Ordinal),
            Is.EqualTo(!hasDriver), segmenter.FallbackReason);
        Assert.That(segmenter.FallbackReason, Does.Not.Contain(".."));
    }

    [Test]
    public void Options_have_their_names_in_ONNX_Runtime()
    {
        var options = new CudaOptions
        {
            PreferNhwc = true,
            UseTf32 = false,
            MemoryLimit = 1L << 31,
            ExhaustiveConvolutionSearch = true,
            Other = new Dictionary<string, string> { ["cudnn_conv_use_max_workspace"] = "0", ["use_tf32"] = "1" },
        };
        Assert.That(options.ToProviderOptions(), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["prefer_nhwc"] = "1",
            ["cudnn_conv_algo_search"] = "EXHAUSTIVE",
            ["use_tf32"] = "1",
            ["gpu_mem_limit"] = "2147483648",
            ["cudnn_conv_use_max_workspace"] = "0",
        }));
        Assert.That(new CudaOptions().ToProviderOptions(), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["prefer_nhwc"] = "0",
            ["cudnn_conv_algo_search"] = "HEURISTIC",
            ["use_tf32"] = "1",
        }));
        Assert.That(new CudaOptions().ToProviderOptions(graph: true),
            Does.ContainKey("enable_cuda_graph").WithValue("1"));
    }

    [Test]
    public void Options_that_would_break_scoring_are_refused()
    {
        Assert.That(() => new CudaOptions { Other = new Dictionary<string, string> { ["device_id"] = "1" } },
            Throws.ArgumentException.With.Message.Contains("GpuDeviceId"));
        Assert.That(() => new CudaOptions { Other = new Dictionary<string, string> { ["enable_cuda_graph"] = "1" } },
            Throws.ArgumentException.With.Message.Contains("EnableCudaGraph"));
        Assert.That(() => new CudaOptions { MemoryLimit = 0 },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 bytes"));
        Assert.That(() => new FastScnnSegmenterOptions { Cuda = null! }, Throws.ArgumentNullException);
    }

    [Test]
    public void A_trial_run_suits_every_kind_of_model()
    {
        (OnnxExportOptions Options, double Scale)[] kinds =
        [
            (new(), 1), (new() { Graph = OnnxGraph.Interop }, 1), (new() { Height = 64, Width = 96 }, 1),
            (new() { Precision = OnnxPrecision.Float16 }, 1), (new(), 0.25),
        ];
        foreach (byte[] model in kinds.Select(kind =>
            File.ReadAllBytes(Models.Export("golden/ref19.pth", kind.Options, inputScale: kind.Scale)))
            .Append(Models.Tiny).Append(Models.TinyOfSize(32, 40)))
        {
            using var session = new InferenceSession(model);
            Assert.That(() => TrialRun.Run(session), Throws.Nothing);
        }
    }

    // On the processor nothing is captured; what images, scores and threads go through is the same.
    [Test]
    public void Images_that_share_a_graph_session_get_their_own_scores([Values] bool interop)
    {
        string file = interop ? Models.CamVidInterop : Models.CamVid;
        using var session = new InferenceSession(file);
        var model = new ModelDescription(session, "camvid", new());
        using var buffers = new BufferPool(shape => new ScoringBuffers(model, shape, 1, model.ScoresShape(shape)));
        // Closed with the runner.
        using var plain = new SessionRunner(new InferenceSession(file), model, buffers, deviceGate: null);
        using CudaGraphSession replay = Graph(() => new InferenceSession(file), model);
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 4 }, seed =>
        {
            var image = new PixelSpan(TestImages.Pixels(96, 64, seed), 96, 64, PixelLayout.Bgra32);
            ScoringBuffers first = plain.Buffers.Rent(new(96, 64)), second = replay.Buffers.Rent(new(96, 64));
            first.Fill(image, mirrored: false);
            second.Fill(image, mirrored: false);
            plain.Run(first);
            replay.Run(second);
            Assert.That(first.Scores.Length, Is.EqualTo(interop ? 11 * 96 * 64 : 11 * 12 * 8));
            Assert.That(second.Scores.SequenceEqual(first.Scores), Is.True, $"image {seed}");
            Assert.That(second.ClassIds(96, 64), Is.EqualTo(first.ClassIds(96, 64)));
            plain.Buffers.Return(first);
            replay.Buffers.Return(second);
        });
    }

    [Test]
    public void A_graph_session_that_cannot_be_made_says_why_and_leaves_nothing_behind()
    {
        using var session = new InferenceSession(Models.CamVid);
        var model = new ModelDescription(session, "camvid", new());
        Assert.That(() => Graph(() => new InferenceSession(new byte[] { 1, 2, 3 }), model),
            Throws.InstanceOf<OnnxRuntimeException>());
        Assert.That(() => new CudaGraphSession(() => new InferenceSession(Models.CamVid), null, model, new(96, 64),
            [1, 11, 9, 12], 1), Throws.InstanceOf<OnnxRuntimeException>());
        // Whoever captures next does not wait for those that failed.
        Assert.That(() => CudaCapture.Capturing().Dispose(), Throws.Nothing);
    }

    [Test]
    public void A_graph_session_that_was_forgotten_ends_its_thread()
    {
        WeakReference session = Forget();
        for (int i = 0; i < 50 && session.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(20);
        }
        Assert.That(session.IsAlive, Is.False, "the thread still holds its session");
    }

    // In a method of its own, so that no local variable keeps it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Forget()
    {
        WeakReference? made = null;
        using var described = new InferenceSession(Models.CamVid);
        CudaGraphSession graph = Graph(
            () =>
            {
                var session = new InferenceSession(Models.CamVid);
                made = new WeakReference(session);
                return session;
            },
            new ModelDescription(described, "camvid", new()));
        graph.Run(graph.Buffers.Rent(new(96, 64)));
        return made!;
    }

    private static CudaGraphSession Graph(Func<InferenceSession> create, ModelDescription model) =>
        new(create, deviceId: null, model, new(96, 64), model.ScoresShape(new(96, 64))!, threads: 1);
}
