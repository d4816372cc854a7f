using System.Net.Http.Headers;
using System.Net.Http.Json;
using FastScnn.ML.Imaging;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Web.Tests;

/// <summary>Images in, masks out, and what becomes of files that are none.</summary>
public sealed class SegmentTests
{
    private static readonly byte[] s_image = Server.Image();
    private Server _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _server = await Server.StartAsync("--maxBytes", "60000", "--maxPixels", "20000");

    [OneTimeTearDown]
    public ValueTask StopAsync() => _server.DisposeAsync();

    [TestCase(".png", true)]
    [TestCase(".jpg", true)]
    [TestCase(".png", false)]
    [TestCase(".jpg", false)]
    public async Task The_answer_is_what_the_segmenter_gives(string extension, bool asForm)
    {
        byte[] image = Server.Image(extension);
        SegmentationMap expected = _server.Segmenter.Segment(new MemoryStream(image));
        using HttpResponseMessage reply =
            await _server.PostAsync(asForm ? Server.Form(image) : Server.Body(image, "application/octet-stream"));
        SegmentReply result = (await reply.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<SegmentReply>())!;
        LabelMap mask = IndexPng.Read(new MemoryStream(result.Mask), "the mask");
        Assert.Multiple(() =>
        {
            Assert.That((result.Width, result.Height, mask.Width, mask.Height), Is.EqualTo((96, 64, 96, 64)));
            Assert.That(mask.Ids.Span.SequenceEqual(expected.ClassIds.Span), Is.True);
            Assert.That(result.Classes.Select(c => c.Share), Is.EqualTo(expected.ClassFractions));
            Assert.That(result.Classes.Select(c => c.Name), Is.EqualTo(expected.Classes.Select(c => c.Name)));
            Assert.That(result.Classes[0].Color, Does.Match("^#[0-9a-f]{6}$"));
            Assert.That(new[] { result.Timings.Decode, result.Timings.PreProcess, result.Timings.Inference,
                result.Timings.PostProcess }, Is.All.GreaterThan(0));
        });
    }

    [Test]
    public async Task Who_accepts_an_image_gets_the_mask_alone()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "segment") { Content = Server.Body(s_image) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("image/png"));
        using HttpResponseMessage reply = await _server.Client.SendAsync(request);
        LabelMap mask = IndexPng.Read(await reply.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(), "the mask");
        Assert.That(mask.Ids.Span.SequenceEqual(_server.Segmenter.Segment(new MemoryStream(s_image)).ClassIds.Span),
            Is.True);
    }

    [Test]
    public async Task What_is_no_image_is_refused_with_a_reason()
    {
        await _server.RefusesAsync(Server.Body([]), 400, "empty");
        await _server.RefusesAsync(Server.Form(), 400, "0 files");
        await _server.RefusesAsync(Server.Form([[]]), 400, "empty");
        await _server.RefusesAsync(Server.Form(s_image, s_image), 400, "2 files");
        await _server.RefusesAsync(Server.Body("--x"u8.ToArray(), "multipart/form-data; boundary=y"), 400, "multipart");
        await _server.RefusesAsync(Server.Body(s_image, "multipart/form-data"), 400, "boundary");
        await _server.RefusesAsync(Server.Body(s_image, "application/json"), 415, "'application/json'");
        await _server.RefusesAsync(Server.Body(s_image, type: null), 415, "missing");
        await _server.RefusesAsync(Server.Body("%PDF-1.7"u8.ToArray()), 415, "a PDF document; JPEG, PNG");
        await _server.RefusesAsync(Server.Form("#!/bin/sh"u8.ToArray()), 415, "a text that begins");
    }

    [Test]
    public async Task Too_large_is_refused_by_bytes_and_by_the_pixels_that_a_header_claims()
    {
        byte[] large = [.. s_image, .. new byte[60_000]];
        byte[] claims = [.. s_image];
        (claims[16], claims[20]) = (0x7F, 0x7F);
        PngChecksums.Mend(claims);
        await _server.RefusesAsync(Server.Body(large), 413, "60000 bytes");
        await _server.RefusesAsync(Server.Form(large), 413, "60000 bytes");
        await _server.RefusesAsync(Server.Body([.. large, .. new byte[60_000]]), 413, "60000 bytes");
        await _server.RefusesAsync(Server.Body(Server.Image(".jpg", 200, 101), "image/jpeg"), 413, "20000 pixels");
        await _server.RefusesAsync(Server.Body(claims), 413, "20000 pixels");
    }

    [TestCase(".png")]
    [TestCase(".jpg")]
    public async Task Damaged_images_are_refused_and_never_a_fault_of_the_server(string extension)
    {
        byte[] image = Server.Image(extension);
        await _server.RefusesAsync(Server.Body(image[..20]), 422, "cut short");
        var random = new Random(7);
        for (int i = 0; i < 60; i++)
        {
            byte[] copy = i % 2 == 0 ? image[..(8 + random.Next(image.Length - 8))] : [.. image];
            copy[random.Next(copy.Length)] ^= (byte)(1 + random.Next(255));
            using HttpResponseMessage reply = await _server.PostAsync(Server.Body(copy));
            Assert.That((int)reply.StatusCode, Is.AnyOf(200, 413, 415, 422), $"copy {i}");
        }
    }

    [Test]
    public async Task Other_addresses_and_methods_are_problems_too()
    {
        using HttpResponseMessage missing = await _server.Client.GetAsync("nothing"),
            wrongMethod = await _server.Client.GetAsync("segment");
        Assert.That(((int)missing.StatusCode, missing.Content.Headers.ContentType?.MediaType),
            Is.EqualTo((404, "application/problem+json")));
        Assert.That(((int)wrongMethod.StatusCode, wrongMethod.Content.Headers.ContentType?.MediaType),
            Is.EqualTo((405, "application/problem+json")));
    }
}
