using FastScnn.Testing;

namespace FastScnn.Web.Tests;

/// <summary>The page in a headless Chromium, with its fake camera.</summary>
public sealed class PageTests
{
    private const string IsLive = "document.body.classList.contains('live')";

    private static readonly string s_scenes =
        Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx");

    [Test]
    public async Task The_camera_is_shown_under_its_classes_until_it_is_stopped()
    {
        await using Server server = await Server.StartAsync("--model", s_scenes);
        await using Chromium browser = await Chromium.StartAsync(Street());
        await browser.OpenAsync(server.Client.BaseAddress!);
        await browser.ClickAsync("camera");
        await browser.UntilAsync("parseFloat(document.getElementById('rate').textContent) > 0");
        await browser.UntilAsync("parseFloat(document.getElementById('latency').textContent) > 0");
        await browser.UntilAsync("document.querySelectorAll('#classes li').length === 12");
        // As high as the page is, for the picture in the documents.
        await browser.ResizeAsync(1280, 1000);
        await Task.Delay(2000);
        await browser.ScreenshotAsync("camera.png");
        await browser.ResizeAsync(1280, 900);
        string size = await browser.TextAsync("status");
        Assert.That(size, Does.Match(@"The camera: \d+ × \d+\."));
        Assert.That(server.Streams.Open, Is.EqualTo(1));
        // The mask has the colours of the model and lies over the video, as strong as the page says.
        Assert.That((bool)(await browser.EvaluateAsync("""
            (() => {
              const mask = document.getElementById("live-mask"), video = document.getElementById("video");
              const data = mask.getContext("2d").getImageData(0, 0, mask.width, mask.height).data;
              const colors = new Set();
              for (let i = 0; i < data.length; i += 4) colors.add(data.slice(i, i + 3).join());
              const known = [...document.querySelectorAll("#classes .swatch")]
                .map(one => one.style.background.match(/\d+/g).join());
              const a = mask.getBoundingClientRect(), b = video.getBoundingClientRect();
              const size = document.getElementById("status").textContent.match(/\d+ × \d+/)[0];
              return colors.size > 3 && [...colors].every(one => known.includes(one))
                && ["width", "height", "top", "left"].every(side => Math.abs(a[side] - b[side]) < 1)
                && `${mask.width} × ${mask.height}` === size && mask.style.opacity === "0.6";
            })()
            """))!, Is.True);
        await browser.EvaluateAsync("""
            (() => {
              const slider = document.getElementById("opacity");
              slider.value = 30;
              slider.dispatchEvent(new Event("input"));
            })()
            """);
        Assert.That((string?)await browser.EvaluateAsync("document.getElementById('live-mask').style.opacity"),
            Is.EqualTo("0.3"));
        Assert.That((bool)(await browser.EvaluateAsync("document.getElementById('error').hidden"))!, Is.True);
        // The button is there without scrolling, and on a phone nothing is wider than it.
        Assert.That((double)(await browser.EvaluateAsync(
            "innerHeight - document.getElementById('camera').getBoundingClientRect().bottom"))!, Is.Positive);
        await browser.ResizeAsync(390, 844);
        await browser.ScreenshotAsync("camera-phone.png");
        Assert.That((bool)(await browser.EvaluateAsync("document.documentElement.scrollWidth <= innerWidth"))!,
            Is.True);

        await browser.ClickAsync("camera");
        Assert.That(await browser.TextAsync("status"), Is.EqualTo("The camera is off."));
        await browser.UntilAsync(
            "document.getElementById('video').srcObject === null && document.getElementById('drop').offsetHeight > 0");
        await Server.UntilAsync(() => server.Streams.Open == 0, "the stream is closed");

        // Once more, and then an image takes over.
        await browser.ClickAsync("camera");
        await browser.UntilAsync("parseFloat(document.getElementById('rate').textContent) > 0");
        await browser.ClickAsync("street");
        await browser.UntilAsync("document.getElementById('status').textContent.startsWith('street.jpg: ')");
        Assert.That((bool)(await browser.EvaluateAsync($"{IsLive}"))!, Is.False);
        await Server.UntilAsync(() => server.Streams.Open == 0, "the stream is closed");
    }

    [Test]
    public async Task An_image_is_shown_under_its_classes()
    {
        await using Server server = await Server.StartAsync("--model", s_scenes);
        await using Chromium browser = await Chromium.StartAsync();
        // The first image is slower, and the picture of the desktop goes into the documents.
        foreach ((string name, int width, int height) in new[] { ("phone", 390, 844), ("desktop", 1280, 1000) })
        {
            await browser.OpenAsync(server.Client.BaseAddress!, width, height);
            await browser.ScreenshotAsync($"{name}-start.png");
            await browser.ClickAsync("street");
            await browser.UntilAsync("document.getElementById('status').textContent.startsWith('street.jpg: ')");
            await browser.ScreenshotAsync($"{name}-image.png");
            await browser.DarkAsync(true);
            await browser.ScreenshotAsync($"{name}-dark.png");
            await browser.DarkAsync(false);
            Assert.That((bool)(await browser.EvaluateAsync("""
                (() => {
                  const a = document.getElementById("mask").getBoundingClientRect();
                  const b = document.getElementById("image").getBoundingClientRect();
                  return a.width > 100 && a.width === b.width && Math.abs(a.height - b.height) < 1
                    && document.documentElement.scrollWidth <= innerWidth && document.getElementById("error").hidden;
                })()
                """))!, Is.True, name);
        }
    }

    [Test]
    public async Task Chosen_images_are_shown_whole_shrunk_or_refused()
    {
        await using Server server = await Server.StartAsync("--maxPixels", "200000");
        await using Chromium browser = await Chromium.StartAsync();
        await browser.OpenAsync(server.Client.BaseAddress!);
        string folder = TestFiles.NewFolder();
        foreach ((string name, byte[] content, string status, string error) in new[]
        {
            ("portrait.png", Server.Image(".png", 300, 600), "portrait.png: 300 × 600.", ""),
            ("large.jpg", Server.Image(".jpg", 800, 500), "large.jpg: 565 × 353; shrunk before it was sent.", ""),
            ("text.png", "no image"u8.ToArray(), "", "text.png: It "),
            ("cut.jpg", Server.Image(".jpg")[..900], "", "cut.jpg: It "),
        })
        {
            string path = Path.Combine(folder, name);
            File.WriteAllBytes(path, content);
            await browser.ChooseAsync("file", path);
            await browser.UntilAsync("!document.body.classList.contains('working')");
            await browser.ScreenshotAsync(Path.ChangeExtension(name, null) + "-chosen.png");
            Assert.That(await browser.TextAsync("status"), Is.EqualTo(status));
            bool isRefused = !(bool)(await browser.EvaluateAsync("document.getElementById('error').hidden"))!;
            Assert.That(isRefused, Is.EqualTo(error.Length > 0), name);
            if (isRefused)
                Assert.That(await browser.TextAsync("error"), Does.StartWith(error));
            else
                Assert.That((double)(await browser.EvaluateAsync(
                    "innerHeight - document.getElementById('again').getBoundingClientRect().bottom"))!, Is.Positive);
        }
        // The last one that was shown stays, and can be saved.
        Assert.That((string?)await browser.EvaluateAsync("document.getElementById('save-mask').download"),
            Is.EqualTo("large-mask.png"));
        await browser.EvaluateAsync("""
            HTMLAnchorElement.prototype.click = function () {
              const image = new Image();
              image.onload = () => globalThis.saved = `${this.download} ${image.width} ${image.height}`;
              image.src = this.href;
            };
            document.getElementById("save-overlay").click();
            """);
        await browser.UntilAsync("globalThis.saved === 'large-overlay.jpg 565 353'");
    }

    [Test]
    public async Task A_camera_that_is_refused_or_not_there_is_told()
    {
        await using Server server = await Server.StartAsync();
        await using (Chromium browser = await Chromium.StartAsync(isAllowed: false))
            await ErrorAsync(browser, "The camera cannot be used: the browser did not allow it.");
        await using (Chromium browser = await Chromium.StartAsync("none"))
        {
            await ErrorAsync(browser, "The camera cannot be used: no camera was found.");
            await browser.EvaluateAsync("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })");
            await browser.ClickAsync("camera");
            Assert.That(await browser.TextAsync("error"), Does.Contain("pages with https, and on localhost"));
        }

        async Task ErrorAsync(Chromium browser, string text)
        {
            await browser.OpenAsync(server.Client.BaseAddress!);
            await browser.ClickAsync("camera");
            await browser.UntilAsync("!document.getElementById('error').hidden");
            Assert.That(await browser.TextAsync("error"), Does.StartWith(text));
            Assert.That((bool)(await browser.EvaluateAsync(IsLive))!, Is.False);
            await browser.ScreenshotAsync("error.png");
        }
    }

    [Test]
    public async Task What_goes_wrong_with_a_stream_is_told()
    {
        await using Server server = await Server.StartAsync("--streams", "1", "--idleSeconds", "8", "--maxFrameBytes", "200000");
        await using Chromium browser = await Chromium.StartAsync();
        await browser.OpenAsync(server.Client.BaseAddress!);
        await browser.EvaluateAsync("globalThis.toBlob = HTMLCanvasElement.prototype.toBlob");

        // A broken frame is told while the stream goes on.
        await browser.EvaluateAsync(ToBlob("resolve(new Blob(['no image']))"));
        await browser.ClickAsync("camera");
        await browser.UntilAsync("document.getElementById('error').textContent.startsWith('It ')");
        Assert.That((bool)(await browser.EvaluateAsync(IsLive))!, Is.True);
        await browser.EvaluateAsync("HTMLCanvasElement.prototype.toBlob = toBlob");
        await browser.UntilAsync("document.getElementById('error').hidden");

        // No more frames.
        await browser.EvaluateAsync(ToBlob(""));
        await EndAsync("No frame came for 8 seconds.");

        await browser.EvaluateAsync(ToBlob("resolve(new Blob([new Uint8Array(300000)]))"));
        await browser.ClickAsync("camera");
        await EndAsync("The frames are over the server's limit of 200000 bytes.");
        await browser.EvaluateAsync("HTMLCanvasElement.prototype.toBlob = toBlob");

        using (LiveClient other = await LiveClient.ConnectAsync(server))
        {
            await browser.ClickAsync("camera");
            await EndAsync("All places for cameras are taken, 1 at a time");
        }
        await Server.UntilAsync(() => server.Streams.Open == 0, "the other has gone");

        await browser.ClickAsync("camera");
        await browser.UntilAsync("parseFloat(document.getElementById('rate').textContent) > 0");
        await server.StopAsync();
        await EndAsync("The server stops.");
        await browser.ClickAsync("camera");
        await EndAsync("The server cannot be reached.");

        static string ToBlob(string body) =>
            $"HTMLCanvasElement.prototype.toBlob = function (resolve) {{ {body} }}";

        async Task EndAsync(string text)
        {
            await browser.UntilAsync($"!{IsLive}");
            Assert.That(await browser.TextAsync("error"), Does.StartWith(text));
            Assert.That((bool)(await browser.EvaluateAsync("document.getElementById('video').srcObject === null"))!,
                Is.True);
        }
    }

    // A camera that drives along a drawn street: a file of JPEGs, one after the other.
    private static string Street()
    {
        string path = Path.Combine(TestFiles.NewFolder(), "street.mjpeg");
        File.WriteAllBytes(path, [.. Enumerable.Range(0, 4).SelectMany(_ => Server.Image(".jpg", 640, 480))]);
        return path;
    }
}
