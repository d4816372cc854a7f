using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace FastScnn.Bench.Serving;

/// <summary>The web sample in a process of its own, on a free port of this machine.</summary>
internal sealed class WebProcess : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _errors = [];

    private WebProcess(Process process, Uri address)
    {
        _process = process;
        Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
    }

    /// <summary>Asks the server.</summary>
    public HttpClient Client { get; }

    /// <summary>Whether it still runs.</summary>
    public bool IsUp => !_process.HasExited;

    /// <summary>Its resident memory in MB.</summary>
    public double Megabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1e6;
        }
    }

    /// <summary>Starts the server and waits until it answers.</summary>
    public static async Task<WebProcess> StartAsync(params string[] settings)
    {
        string output = Path.Join(AppContext.BaseDirectory.TrimEnd('/', '\\').Replace(
            Path.Join("bench", "FastScnn.Bench"), Path.Join("samples", "FastScnn.Web"), StringComparison.Ordinal));
        string url = $"http://127.0.0.1:{FreePort().ToString(CultureInfo.InvariantCulture)}";
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])[Path.Join(output, "FastScnn.Web.dll"), "--urls", url,
            "--Logging:LogLevel:Default", "Error", .. settings])
            start.ArgumentList.Add(argument);
        var server = new WebProcess(Process.Start(start)!, new Uri(url));
        server._process.ErrorDataReceived += (_, line) => server._errors.Add(line.Data ?? "");
        server._process.OutputDataReceived += (_, line) => server._errors.Add(line.Data ?? "");
        server._process.BeginErrorReadLine();
        server._process.BeginOutputReadLine();
        for (int i = 0; i < 600; i++)
        {
            try
            {
                using HttpResponseMessage reply = await server.Client.GetAsync("health");
                return server;
            }
            catch (HttpRequestException) when (server.IsUp)
            {
                await Task.Delay(100);
            }
        }
        server.Dispose();
        throw new InvalidOperationException(
            $"The web sample does not answer: {string.Join(Environment.NewLine, server._errors)}");
    }

    /// <summary>What <c>/health</c> says.</summary>
    public async Task<(HttpStatusCode Code, string Status, int Working, int Waiting)> HealthAsync()
    {
        using HttpResponseMessage reply = await Client.GetAsync("health");
        using JsonDocument json = JsonDocument.Parse(await reply.Content.ReadAsStringAsync());
        JsonElement root = json.RootElement;
        return (reply.StatusCode, root.GetProperty("status").GetString()!, root.GetProperty("working").GetInt32(),
            root.GetProperty("waiting").GetInt32());
    }

    /// <summary>The meters as Prometheus reads them.</summary>
    public async Task<Meters> MetersAsync()
    {
        // The exporter answers from memory for 0.3 s.
        await Task.Delay(1000);
        return new Meters(await Client.GetStringAsync("metrics"));
    }

    public void Dispose()
    {
        Client.Dispose();
        if (IsUp)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Values in the text format of Prometheus.</summary>
internal sealed class Meters(string text)
{
    /// <summary>The sum of a metric over all series that have a label, such as <c>error_type="busy"</c>.</summary>
    public long Sum(string name, string label = "") => (long)text.Split('\n')
        .Where(line => (line.StartsWith(name + "{", StringComparison.Ordinal)
                || line.StartsWith(name + " ", StringComparison.Ordinal))
            && line.Contains(label, StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0],
            CultureInfo.InvariantCulture));
}
