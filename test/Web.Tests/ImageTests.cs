using FastScnn.ML.Tests.Images;
using FastScnn.Torch.Data;

namespace FastScnn.Web.Tests;

/// <summary>Every image format that the library reads, and what the server answers where it is cut short, claims too
/// much or is something else.</summary>
public sealed class ImageTests
{
    private Server _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _server = await Server.StartAsync();

    [OneTimeTearDown]
    public ValueTask StopAsync() => _server.DisposeAsync();

    [Test]
    public async Task Every_format_is_taken_and_a_cut_one_refused()
    {
        foreach ((string name, byte[] file) in MadeImages.Whole())
        {
            using HttpResponseMessage reply = await _server.PostAsync(Server.Body(file, "application/octet-stream"));
            Assert.That((int)reply.StatusCode, Is.EqualTo(200), name);
            foreach (int percent in (int[])[10, 50, 90, 99])
                await _server.RefusesAsync(Server.Body(file[..(file.Length * percent / 100)]), 422, "cut short");
        }
    }

    [Test]
    public async Task A_header_that_claims_too_much_takes_no_memory()
    {
        // The first image loads what the server needs for any.
        using (await _server.PostAsync(Server.Body(Server.Image())))
        {
        }
        List<(string Name, byte[] File)> claims = [.. MadeImages.Claiming(16_000), .. MadeImages.Claiming(30_000)];
        List<(string Name, byte[] File)> within = [.. MadeImages.Claiming(8000)];
        long peak = PeakMemory.While(() => RefuseAsync().GetAwaiter().GetResult());
        TestContext.Out.WriteLine($"{peak >> 20} MiB more than before");
        Assert.That(peak, Is.LessThan(200 << 20));

        async Task RefuseAsync()
        {
            foreach ((_, byte[] file) in claims)
                await _server.RefusesAsync(Server.Body(file), 413, "over the limit of 67108864 pixels");
            foreach ((_, byte[] file) in within)
                await _server.RefusesAsync(Server.Body(file), 422, "It ");
        }
    }

    [Test]
    public async Task A_turned_image_comes_upright()
    {
        byte[] png = MadeImages.Png(48, 32, 3, new byte[3 * 48 * 32], false, ("eXIf", MadeImages.Exif(6)));
        using HttpResponseMessage reply = await _server.PostAsync(Server.Body(png));
        string text = await reply.Content.ReadAsStringAsync();
        Assert.That(text, Does.Contain("\"width\":32").And.Contain("\"height\":48"));
    }

    [Test]
    public void The_limit_is_that_of_the_library() =>
        Assert.That(new WebOptions().MaxPixels, Is.EqualTo(ImageFiles.DefaultMaxPixels));
}
