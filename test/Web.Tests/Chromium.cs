using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastScnn.Testing;

namespace FastScnn.Web.Tests;

/// <summary>A headless Chromium with one page, driven over the DevTools protocol. Skips the test where there is no
/// Chromium.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly ClientWebSocket _tools = new();
    private int _last;

    private Chromium(Process process) => _process = process;

    /// <summary>Starts it with a camera that shows a file, or one that it makes up, or none.</summary>
    /// <param name="camera">"none", "fake", or the path of an MJPEG file.</param>
    /// <param name="isAllowed">Whether the page may use the camera.</param>
    public static async Task<Chromium> StartAsync(string camera = "fake", bool isAllowed = true)
    {
        string profile = TestFiles.NewFolder();
        ProcessStartInfo info = new(Find()) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["--headless=new", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--disable-breakpad",
            "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank"])
            info.ArgumentList.Add(argument);
        if (camera != "none")
            info.ArgumentList.Add("--use-fake-device-for-media-stream");
        if (File.Exists(camera))
            info.ArgumentList.Add($"--use-file-for-fake-video-capture={camera}");
        info.ArgumentList.Add(isAllowed ? "--use-fake-ui-for-media-stream" : "--use-fake-ui-for-media-stream=deny");
        Process process = Process.Start(info)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Chromium browser = new(process);
        try
        {
            await browser.ConnectAsync(Path.Combine(profile, "DevToolsActivePort"));
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens an address in a window of a size.</summary>
    public async Task OpenAsync(Uri address, int width = 1280, int height = 900)
    {
        await ResizeAsync(width, height);
        await SendAsync("Page.navigate", new { url = address.ToString() });
        await UntilAsync("document.readyState === 'complete' && document.getElementById('model').textContent !== ''");
    }

    public Task ResizeAsync(int width, int height) => SendAsync("Emulation.setDeviceMetricsOverride", new
    {
        width,
        height,
        deviceScaleFactor = 1,
        mobile = width < 600
    });

    /// <summary>Takes the dark colours, or the light ones again.</summary>
    public Task DarkAsync(bool isDark) => SendAsync("Emulation.setEmulatedMedia", new
    {
        features = new[] { new { name = "prefers-color-scheme", value = isDark ? "dark" : "light" } }
    });

    /// <summary>What an expression of the page gives.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        JsonNode reply = await SendAsync("Runtime.evaluate", new
        {
            expression,
            awaitPromise = true,
            returnByValue = true,
            userGesture = true
        });
        Assert.That(reply["exceptionDetails"]?.ToJsonString(), Is.Null, expression);
        return reply["result"]!["value"];
    }

    /// <summary>The text of an element.</summary>
    public async Task<string> TextAsync(string id) =>
        (string)(await EvaluateAsync($"document.getElementById('{id}').textContent"))!;

    public Task ClickAsync(string id) => EvaluateAsync($"document.getElementById('{id}').click()");

    /// <summary>Chooses a file in an input.</summary>
    public async Task ChooseAsync(string id, string file)
    {
        JsonNode document = await SendAsync("DOM.getDocument");
        JsonNode input = await SendAsync("DOM.querySelector", new
        {
            nodeId = (int)document["root"]!["nodeId"]!,
            selector = "#" + id
        });
        await SendAsync("DOM.setFileInputFiles", new { nodeId = (int)input["nodeId"]!, files = new[] { file } });
    }

    /// <summary>Waits until an expression of the page is true.</summary>
    public async Task UntilAsync(string expression)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while ((bool?)await EvaluateAsync($"Boolean({expression})") != true)
        {
            if (clock.Elapsed > s_patience)
                Assert.Fail($"{expression}\nstays false; the page:\n"
                    + (string?)await EvaluateAsync("document.body.innerText"));
            await Task.Delay(50);
        }
    }

    /// <summary>A picture of the window, which is kept with the test's results.</summary>
    /// <param name="name">Its file, .png or .jpeg.</param>
    public async Task ScreenshotAsync(string name)
    {
        JsonNode reply = await SendAsync("Page.captureScreenshot", new { format = Path.GetExtension(name)[1..] });
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, name);
        await File.WriteAllBytesAsync(path, Convert.FromBase64String((string)reply["data"]!));
        TestContext.AddTestAttachment(path);
    }

    public ValueTask DisposeAsync()
    {
        _tools.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        // WaitForExitAsync would also wait for the output, which a helper process may hold open.
        _process.WaitForExit(TimeSpan.FromSeconds(10));
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    public async Task<JsonNode> SendAsync(string method, object? parameters = null)
    {
        int id = ++_last;
        using CancellationTokenSource late = new(s_patience);
        await _tools.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters ?? new { } }),
            WebSocketMessageType.Text, endOfMessage: true, late.Token);
        while (true)
        {
            using MemoryStream message = new();
            byte[] buffer = new byte[1 << 16];
            WebSocketReceiveResult part;
            do
            {
                part = await _tools.ReceiveAsync(buffer, late.Token);
                message.Write(buffer, 0, part.Count);
            } while (!part.EndOfMessage);
            JsonNode reply = JsonNode.Parse(message.ToArray())!;
            if ((int?)reply["id"] != id)
                continue;
            return reply["result"]
                ?? throw new InvalidOperationException($"{method}: {reply["error"]!.ToJsonString()}");
        }
    }

    private async Task ConnectAsync(string portFile)
    {
        Stopwatch clock = Stopwatch.StartNew();
        string[] lines = [];
        while (lines.Length == 0)
        {
            if (_process.HasExited || clock.Elapsed > s_patience)
                Assert.Fail("Chromium did not start");
            await Task.Delay(100);
            if (File.Exists(portFile))
                lines = await File.ReadAllLinesAsync(portFile);
        }
        using HttpClient http = new();
        JsonArray pages = (await http.GetFromJsonAsync<JsonArray>($"http://127.0.0.1:{lines[0]}/json"))!;
        string address = (string)pages.First(page => (string)page!["type"]! == "page")!["webSocketDebuggerUrl"]!;
        await _tools.ConnectAsync(new Uri(address), default);
        await SendAsync("Page.enable");
        await SendAsync("Runtime.enable");
    }

    private static string Find()
    {
        string[] names = OperatingSystem.IsWindows() ? ["chrome.exe", "msedge.exe"]
            : ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
        string? found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (found is null)
            Assert.Ignore("no Chromium on the PATH");
        return found!;
    }
}
