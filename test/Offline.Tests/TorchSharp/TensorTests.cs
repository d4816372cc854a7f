using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace FastScnn.Offline.Tests.TorchSharp;

/// <summary>What tensors do that code on top of them relies on.</summary>
[TestFixture]
public class TensorTests
{
    [Test]
    public void DataAndItemNeedTheExactType()
    {
        using var floats = tensor(new[] { 1f, 2f, 3f });
        Assert.That(floats.data<float>().ToArray(), Is.EqualTo(new[] { 1f, 2f, 3f }));
        Assert.That(() => floats.data<double>(), Throws.ArgumentException);
        Assert.That(() => floats.sum().item<double>(), Throws.ArgumentException);
        Assert.That(() => floats.item<float>(), Throws.ArgumentException);
        Assert.That(floats.sum().item<float>(), Is.EqualTo(6f));
        Assert.That(floats.sum().ToDouble(), Is.EqualTo(6.0));
    }

    [Test]
    public void DataReadsAViewInItsOwnOrder()
    {
        using var t = arange(6).reshape(2, 3).transpose(0, 1);
        Assert.That(t.is_contiguous(), Is.False);
        Assert.That(t.data<long>().ToArray(), Is.EqualTo(new long[] { 0, 3, 1, 4, 2, 5 }));
        Assert.That(t.data<long>()[1, 1], Is.EqualTo(4));
        Assert.That(() => t.bytes.Length, Throws.InvalidOperationException);
        Assert.That(MemoryMarshal.Cast<byte, long>(t.contiguous().bytes).ToArray(), Is.EqualTo(new long[] { 0, 3, 1, 4, 2, 5 }));
    }

    [Test]
    public void TensorCopiesItsArrayAndFromArrayShares()
    {
        var numbers = new[] { 1f, 2f };
        using var copied = tensor(numbers);
        using var shared = from_array(numbers);
        using var buffer = frombuffer(numbers, ScalarType.Float32, count: 1, offset: 1);
        numbers[1] = 7f;
        Assert.That(copied[1].item<float>(), Is.EqualTo(2f));
        Assert.That(shared[1].item<float>(), Is.EqualTo(7f));
        Assert.That(buffer.data<float>().ToArray(), Is.EqualTo(new[] { 7f }));
        Assert.That(() => tensor(numbers, 3, 1), Throws.ArgumentException);
    }

    [Test]
    public void FactoriesChooseTheirTypes()
    {
        Assert.That(zeros(2, 3).dtype, Is.EqualTo(ScalarType.Float32));
        Assert.That(arange(3).dtype, Is.EqualTo(ScalarType.Int64));
        Assert.That(arange(0.0, 1.0, 0.5).dtype, Is.EqualTo(ScalarType.Float32));
        Assert.That(full(new long[] { 2 }, 1).dtype, Is.EqualTo(ScalarType.Int64));
        Assert.That(full(new long[] { 2 }, 1.5).dtype, Is.EqualTo(ScalarType.Float32));
        Assert.That(tensor(1.5).dtype, Is.EqualTo(ScalarType.Float64));
        Assert.That(tensor(1.5f).dtype, Is.EqualTo(ScalarType.Float32));
        Assert.That(tensor(new byte[] { 1 }, dtype: ScalarType.Int64).dtype, Is.EqualTo(ScalarType.Int64));
        Assert.That(from_array(new float[2, 3]).shape, Is.EqualTo(new long[] { 2, 3 }));
        Assert.That(zeros_like(ones(2, dtype: ScalarType.Int32)).dtype, Is.EqualTo(ScalarType.Int32));
        Assert.That(randint(0, 5, new long[] { 4 }).dtype, Is.EqualTo(ScalarType.Int64));
        Assert.That(linspace(0, 1, 3).data<float>().ToArray(), Is.EqualTo(new[] { 0f, 0.5f, 1f }));
        Assert.That(randperm(9).sort().Values.data<long>().ToArray(), Is.EqualTo(Enumerable.Range(0, 9).Select(i => (long)i)));
    }

    [Test]
    public void IndexersAndSlices()
    {
        using var t = arange(24).reshape(2, 3, 4);
        Assert.That(t[1, 2, 3].item<long>(), Is.EqualTo(23));
        Assert.That(t[0].shape, Is.EqualTo(new long[] { 3, 4 }));
        Assert.That(t[TensorIndex.Ellipsis, TensorIndex.Slice(1, 3)].shape, Is.EqualTo(new long[] { 2, 3, 2 }));
        Assert.That(t[TensorIndex.Colon, -1].shape, Is.EqualTo(new long[] { 2, 4 }));
        Assert.That(t[TensorIndex.None, 0].shape, Is.EqualTo(new long[] { 1, 3, 4 }));
        Assert.That(t.slice(2, 0, 4, 2).data<long>().ToArray()[..2], Is.EqualTo(new long[] { 0, 2 }));
        Assert.That(t.narrow(1, 1, 2).shape, Is.EqualTo(new long[] { 2, 2, 4 }));
        Assert.That(t[t > 20].data<long>().ToArray(), Is.EqualTo(new long[] { 21, 22, 23 }));
        t[0, 0, 0] = tensor(99L);
        t[TensorIndex.Single(1), TensorIndex.Colon, TensorIndex.Single(0)] = zeros(3, dtype: ScalarType.Int64);
        Assert.That(t[0, 0, 0].item<long>(), Is.EqualTo(99));
        Assert.That(t[1, 2, 0].item<long>(), Is.Zero);
        Assert.That(() => t[5], Throws.InstanceOf<ExternalException>());
    }

    [Test]
    public void OperatorsCompareElementByElement()
    {
        using var a = tensor(new[] { 1f, 2f, 3f });
        using var b = tensor(new[] { 3f, 2f, 1f });
        Assert.That((a == b).data<bool>().ToArray(), Is.EqualTo(new[] { false, true, false }));
        Assert.That(a.equal(b).data<bool>().ToArray(), Is.EqualTo(new[] { false, true, false }));
        Assert.That(a.Equals(b), Is.False);
        Assert.That(a.allclose(b + a - b), Is.True);
        Assert.That((1 - a).data<float>().ToArray(), Is.EqualTo(new[] { 0f, -1f, -2f }));
        Assert.That((6.0 / a).data<float>().ToArray(), Is.EqualTo(new[] { 6f, 3f, 2f }));
        Assert.That((a * 2 > 3.5).data<bool>().ToArray(), Is.EqualTo(new[] { false, true, true }));
        Assert.That(where(a > b, a, b).data<float>().ToArray(), Is.EqualTo(new[] { 3f, 2f, 3f }));
        Assert.That(a.clamp(1.5, 2.5).data<float>().ToArray(), Is.EqualTo(new[] { 1.5f, 2f, 2.5f }));
        Assert.That(a.masked_fill(a == 2, -1).data<float>().ToArray(), Is.EqualTo(new[] { 1f, -1f, 3f }));
    }

    [Test]
    public void InPlaceOperationsReturnTheSameObjectButZeroDoesNot()
    {
        using var t = ones(2);
        Assert.That(t.add_(1).mul_(3).sub_(2).fill_(4), Is.SameAs(t));
        Assert.That(t.data<float>().ToArray(), Is.EqualTo(new[] { 4f, 4f }));
        using var zeroed = t.zero_();
        Assert.That(zeroed, Is.Not.SameAs(t));
        Assert.That(t.sum().item<float>(), Is.Zero);
        zeroed.add_(1);
        Assert.That(t.sum().item<float>(), Is.EqualTo(2f));
    }

    [Test]
    public void ReductionsAndOrder()
    {
        using var t = tensor(new[] { 3f, 1f, 2f, 9f, 8f, 7f }, 2, 3);
        Assert.That(t.sum(1).data<float>().ToArray(), Is.EqualTo(new[] { 6f, 24f }));
        Assert.That(t.mean([0, 1]).item<float>(), Is.EqualTo(5f));
        Assert.That(t.argmax(1).data<long>().ToArray(), Is.EqualTo(new long[] { 0, 0 }));
        var (values, indexes) = t.max(0);
        Assert.That(values.data<float>().ToArray(), Is.EqualTo(new[] { 9f, 8f, 7f }));
        Assert.That(indexes.data<long>().ToArray(), Is.EqualTo(new long[] { 1, 1, 1 }));
        var (top, _) = t.flatten().topk(2);
        Assert.That(top.data<float>().ToArray(), Is.EqualTo(new[] { 9f, 8f }));
        Assert.That(t.flatten().sort(descending: true).Indices.data<long>()[0], Is.EqualTo(3));
        Assert.That(bincount(tensor(new long[] { 0, 2, 2 }), minlength: 4).data<long>().ToArray(), Is.EqualTo(new long[] { 1, 0, 2, 0 }));
        Assert.That(t.softmax(1).sum(1).allclose(ones(2)), Is.True);
        Assert.That(nn.functional.log_softmax(t, 1).exp().allclose(t.softmax(1)), Is.True);
    }

    [Test]
    public void ShapesJoinAndPad()
    {
        using var a = ones(2, 3);
        Assert.That(cat([a, a], 1).shape, Is.EqualTo(new long[] { 2, 6 }));
        Assert.That(stack([a, a]).shape, Is.EqualTo(new long[] { 2, 2, 3 }));
        Assert.That(a.unsqueeze(0).permute(2, 0, 1).shape, Is.EqualTo(new long[] { 3, 1, 2 }));
        Assert.That(arange(3).flip(0).data<long>().ToArray(), Is.EqualTo(new long[] { 2, 1, 0 }));
        Assert.That(nn.functional.pad(a, [1, 0, 0, 2]).shape, Is.EqualTo(new long[] { 4, 4 }));
        Assert.That(arange(5).split(2).Select(p => p.shape[0]), Is.EqualTo(new long[] { 2, 2, 1 }));
        Assert.That(() => a.view(7), Throws.InstanceOf<ExternalException>());
        Assert.That(() => a + ones(4), Throws.InstanceOf<ExternalException>());
    }

    [Test]
    public void GradientsFollowTheGraphAndTheThreadsMode()
    {
        using var x = tensor(new[] { 2f, 3f }, requires_grad: true);
        Assert.That(x.grad is null);
        (x * x).sum().backward();
        Assert.That(x.grad!.data<float>().ToArray(), Is.EqualTo(new[] { 4f, 6f }));
        using (no_grad())
        {
            Assert.That((x * x).requires_grad, Is.False);
            bool other = Task.Run(() => is_grad_enabled()).Result;
            Assert.That(other, Is.True, "the mode belongs to the thread");
        }
        Assert.That((x * x).requires_grad, Is.True);
        using (inference_mode()) Assert.That((x * x).requires_grad, Is.False);
        Assert.That(x.detach().requires_grad, Is.False);
        Assert.That(() => x.add_(1), Throws.InstanceOf<ExternalException>(), "a leaf that needs a gradient");
    }

    [Test]
    public void RandomStateComesBack()
    {
        manual_seed(5);
        using var state = get_rng_state();
        using var first = randn(4);
        set_rng_state(state);
        using var again = randn(4);
        Assert.That(again.data<float>().ToArray(), Is.EqualTo(first.data<float>().ToArray()));
        using var own = new Generator(3);
        using var a = rand(3, generator: own);
        own.manual_seed(3);
        using var b = rand(3, generator: own);
        Assert.That(b.data<float>().ToArray(), Is.EqualTo(a.data<float>().ToArray()));
        Assert.That(state.dtype, Is.EqualTo(ScalarType.Byte));
    }

    [Test]
    public void ThreadsAndDevices()
    {
        int before = get_num_threads();
        set_num_threads(1);
        Assert.That(get_num_threads(), Is.EqualTo(1));
        set_num_threads(before);
        Assert.That(CPU.ToString(), Is.EqualTo("cpu"));
        Assert.That(zeros(1).device.type, Is.EqualTo(DeviceType.CPU));
        if (cuda.is_available()) return;
        Assert.That(() => device("cuda:0"), Throws.InvalidOperationException);
    }

    [Test]
    public void ADisposedTensorThrows()
    {
        var t = ones(1);
        t.Dispose();
        Assert.That(t.IsInvalid, Is.True);
        Assert.That(() => t.shape, Throws.InvalidOperationException);
        Assert.That(() => t + 1, Throws.InvalidOperationException);
    }

    [Test]
    public void BytesAndStreams()
    {
        using var t = tensor(new[] { 1, 2, 3 });
        t.bytes[4] = 9;
        Assert.That(t.data<int>()[1], Is.EqualTo(9));
        using var stream = new MemoryStream();
        t.WriteBytesToStream(stream);
        stream.Position = 0;
        using var back = zeros(3, dtype: ScalarType.Int32);
        back.ReadBytesFromStream(stream);
        Assert.That(back.data<int>().ToArray(), Is.EqualTo(new[] { 1, 9, 3 }));
        Assert.That(t.ToString(), Does.Contain("[3], type = Int32, device = cpu"));
    }
}
