using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastScnn.Torch.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace FastScnn.ML.Tests.Scoring;

/// <summary>What of the CUDA path can be seen without a device.</summary>
public class CudaTests
{
    [TestCase("1.29.0", "no such entry point", 13)]
    [TestCase("1.27.0-dev-20260612", "", 13)]
    [TestCase("1.26.0", "", 12)]
    [TestCase("1.22.1", "Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file", 13)]
    [TestCase("1.29.0", "libcudart.so.12: cannot open shared object file", 12)]
    [TestCase("1.29.0", "Error loading \"cublas64_12.dll\" which is missing", 12)]
    [TestCase("1.29.0", "libcurand.so.10: cannot open shared object file", 13)]
    [TestCase("of another build", "", 13)]
    public void TheVersionOfCudaIsTheOneThatTheRuntimeNeeds(string runtime, string message, int version) =>
        Assert.That(CudaRequirements.CudaVersion(runtime, message), Is.EqualTo(version));

    [Test]
    public void WhatIsMissingIsNamedWithItsVersion()
    {
        Assert.That(CudaRequirements.Missing("1.29.0", "", windows: false, _ => false), Is.EqualTo(new[]
        {
            "the NVIDIA driver (libcuda.so.1)", "CUDA 13 (libcudart.so.13, libcublasLt.so.13)", "cuDNN 9 (libcudnn.so.9)",
        }));
        Assert.That(CudaRequirements.Missing("1.26.0", "", windows: true, library => library is "nvcuda.dll" or "cudart64_12.dll"), Is.EqualTo(new[]
        {
            "CUDA 12 (cublasLt64_12.dll)", "cuDNN 9 (cudnn64_9.dll)",
        }));
        Assert.That(CudaRequirements.Missing("1.29.0", "", windows: false, _ => true), Is.Empty);
    }

    [Test]
    public void TheFallbackSaysWhatThisMachineLacks()
    {
        // No machine has this many devices.
        using var segmenter = FastScnnSegmenter.Load(Models.CamVid, new FastScnnSegmenterOptions { GpuDeviceId = 1000, FallbackToCpu = true });
        bool hasDriver = NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out _);
        Assert.That(segmenter.FallbackReason!.Contains("the NVIDIA driver (", StringComparison.Ordinal), Is.EqualTo(!hasDriver), segmenter.FallbackReason);
        Assert.That(segmenter.FallbackReason, Does.Not.Contain(".."));
    }

    [Test]
    public void OptionsHaveTheirNamesInOnnxRuntime()
    {
        var options = new CudaOptions
        {
            PreferNhwc = true, UseTf32 = false, MemoryLimit = 1L << 31, ConvolutionSearch = CudaConvolutionSearch.Exhaustive,
            Other = new Dictionary<string, string> { ["cudnn_conv_use_max_workspace"] = "0", ["use_tf32"] = "1" },
        };
        Assert.That(options.ToProviderOptions(), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["prefer_nhwc"] = "1", ["cudnn_conv_algo_search"] = "EXHAUSTIVE", ["use_tf32"] = "1", ["gpu_mem_limit"] = "2147483648", ["cudnn_conv_use_max_workspace"] = "0",
        }));
        Assert.That(new CudaOptions().ToProviderOptions(), Is.EquivalentTo(new Dictionary<string, string>
        {
            ["prefer_nhwc"] = "0", ["cudnn_conv_algo_search"] = "HEURISTIC", ["use_tf32"] = "1",
        }));
        Assert.That(new CudaOptions().ToProviderOptions(graph: true), Does.ContainKey("enable_cuda_graph").WithValue("1"));
    }

    [Test]
    public void OptionsThatWouldBreakScoringAreRefused()
    {
        Assert.That(() => new CudaOptions { Other = new Dictionary<string, string> { ["device_id"] = "1" } }, Throws.ArgumentException.With.Message.Contains("GpuDeviceId"));
        Assert.That(() => new CudaOptions { Other = new Dictionary<string, string> { ["enable_cuda_graph"] = "1" } }, Throws.ArgumentException.With.Message.Contains("EnableCudaGraph"));
        Assert.That(() => new CudaOptions { MemoryLimit = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0 bytes"));
        Assert.That(() => new CudaOptions { ConvolutionSearch = (CudaConvolutionSearch)3 }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Heuristic"));
        Assert.That(() => new FastScnnSegmenterOptions { Cuda = null! }, Throws.ArgumentNullException);
    }

    [Test]
    public void ATrialRunSuitsEveryKindOfModel()
    {
        (OnnxExportOptions Options, double Scale)[] kinds =
        [
            (new(), 1), (new() { Graph = OnnxGraph.Interop }, 1), (new() { Height = 64, Width = 96 }, 1), (new() { Precision = OnnxPrecision.Float16 }, 1), (new(), 0.25),
        ];
        foreach (byte[] model in kinds.Select(kind => File.ReadAllBytes(Models.Export("golden/ref19.pth", kind.Options, inputScale: kind.Scale))).Append(Models.Tiny).Append(Models.TinyOfSize(32, 40)))
        {
            using var session = new InferenceSession(model);
            Assert.That(() => TrialRun.Run(session), Throws.Nothing);
        }
    }

    // On the processor, which reads inputs where they lie: it shows that binding again does no harm. bench/gpu shows that it is needed.
    [Test]
    public void APhotoThatIsBoundAgainGivesItsOwnScores()
    {
        using var session = new InferenceSession(Models.CamVid);
        using FramePool once = Pool(session, onCuda: false), again = Pool(session, onCuda: true);
        for (int seed = 1; seed <= 4; seed++)
        {
            using Frame first = once.Rent(96, 64), second = again.Rent(96, 64);
            new Random(seed).NextBytes(first.Bytes);
            first.Bytes.CopyTo(second.Bytes);
            using var options = new RunOptions();
            first.Run(options);
            second.Run(options);
            Assert.That(second.Logits.SequenceEqual(first.Logits), Is.True, $"photo {seed}");
        }
    }

    // On the processor nothing is captured; what photos, scores and threads go through is the same.
    [Test]
    public void Photos_that_share_a_graph_session_get_their_own_scores([Values] bool interop)
    {
        string file = interop ? Models.CamVidInterop : Models.CamVid;
        TensorElementType type = interop ? TensorElementType.Float : TensorElementType.UInt8;
        using var session = new InferenceSession(file);
        int made = 0;
        using FramePool plain = Pool(session, onCuda: false, takesBytes: !interop), replayed = Pool(session, onCuda: true, takesBytes: !interop, size =>
        {
            made++;
            return new SizedSession(null, Graph(file, type, size));
        });
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 4 }, seed =>
        {
            using Frame first = plain.Rent(96, 64), second = replayed.Rent(96, 64);
            var random = new Random(seed);
            random.NextBytes(first.Bytes);
            foreach (ref float value in first.Floats)
                value = random.NextSingle();
            first.Bytes.CopyTo(second.Bytes);
            first.Floats.CopyTo(second.Floats);
            using var options = new RunOptions();
            first.Run(options);
            second.Run(options);
            Assert.That(first.Logits.Length, Is.GreaterThan(0));
            Assert.That(second.Logits.SequenceEqual(first.Logits), Is.True, $"photo {seed}");
            Assert.That(second.ClassIds(96, 64, true), Is.EqualTo(first.ClassIds(96, 64, true)));
        });
        Assert.That((made, replayed.Sessions), Is.EqualTo((1, 1)));
    }

    [Test]
    public void A_graph_session_that_cannot_be_made_says_why_and_leaves_nothing_behind()
    {
        Assert.That(() => new CudaGraphSession(() => new InferenceSession(new byte[] { 1, 2, 3 }), null, "image", TensorElementType.UInt8, [1, 3, 64, 96], "logits", [1, 11, 8, 12]),
            Throws.InstanceOf<OnnxRuntimeException>());
        Assert.That(() => new CudaGraphSession(() => new InferenceSession(Models.CamVid), null, "picture", TensorElementType.UInt8, [1, 3, 64, 96], "logits", [1, 11, 8, 12]),
            Throws.InstanceOf<OnnxRuntimeException>().With.Message.Contains("picture"));
        // Whoever captures next does not wait for those that failed.
        Assert.That(() => CudaCapture.Capturing().Dispose(), Throws.Nothing);
    }

    [Test]
    public void A_graph_session_that_fails_is_used_no_more()
    {
        using var session = new InferenceSession(Models.CamVid);
        int made = 0;
        using FramePool pool = Pool(session, onCuda: true, createForSize: size =>
        {
            made++;
            return new SizedSession(null, Graph(Models.CamVid, TensorElementType.UInt8, size));
        });
        using var options = new RunOptions();
        for (int i = 0; i < FramePool.UsesForSession; i++)
            Score(pool);
        Assert.That((made, pool.Sessions), Is.EqualTo((1, 1)));
        using (Frame beside = pool.Rent(96, 64))
        {
            options.Terminate = true;
            Assert.That(() => Score(pool), Throws.InstanceOf<OnnxRuntimeException>());
            options.Terminate = false;
            Assert.That(() => beside.Run(options), Throws.Nothing, "it was lent before");
        }
        Assert.That(pool.Sessions, Is.Zero);
        Score(pool);
        Assert.That((made, pool.Sessions), Is.EqualTo((1, 0)));

        void Score(FramePool from)
        {
            using Frame frame = from.Rent(96, 64);
            frame.Run(options);
        }
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
        var graph = new CudaGraphSession(
            () =>
            {
                var session = new InferenceSession(Models.CamVid);
                made = new WeakReference(session);
                return session;
            },
            deviceId: null, "image", TensorElementType.UInt8, [1, 3, 64, 96], "logits", [1, 11, 8, 12]);
        (OrtValue photo, OrtValue scores) = graph.Allocate();
        using var options = new RunOptions();
        graph.Run(options, photo, scores);
        return made!;
    }

    private static CudaGraphSession Graph(string file, TensorElementType type, FrameSize size) =>
        new(() => new InferenceSession(file), deviceId: null, "image", type, [1, 3, size.Height, size.Width], "logits", size.ScoresShape!);

    private static FramePool Pool(InferenceSession session, bool onCuda, bool takesBytes = true, Func<FrameSize, SizedSession?>? createForSize = null) => new(session, createForSize)
    {
        Classes = 11, Threads = 1, TakesBytes = takesBytes, BindsCopies = onCuda, OnCuda = onCuda, InputName = "image", OutputName = "logits", UnexpectedScores = _ => new InvalidDataException(),
    };
}
