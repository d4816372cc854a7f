using System.Net.Http.Json;
using System.Text.Json;
using FastScnn.Testing;
using Microsoft.Extensions.Options;

namespace FastScnn.Web.Tests;

/// <summary>What lies around <c>POST /segment</c>.</summary>
public sealed class ServerTests
{
    [Test]
    public async Task The_document_names_the_ways_to_send_an_image_and_all_answers()
    {
        await using Server server = await Server.StartAsync();
        JsonElement segment =
            (await server.Client.GetFromJsonAsync<JsonElement>("openapi/v1.json")).GetProperty("paths")
                .GetProperty("/segment").GetProperty("post");
        Assert.Multiple(() =>
        {
            Assert.That(Names(segment.GetProperty("requestBody").GetProperty("content")),
                Is.EquivalentTo(new[] { "image/jpeg", "image/png", "multipart/form-data" }));
            Assert.That(Names(segment.GetProperty("responses")),
                Is.EquivalentTo(new[] { "200", "400", "413", "415", "422", "429" }));
            Assert.That(Names(segment.GetProperty("responses").GetProperty("200").GetProperty("content")),
                Is.EquivalentTo(new[] { "application/json", "image/png" }));
        });

        static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];
    }

    [Test]
    public async Task The_page_and_all_that_it_names_are_served()
    {
        await using Server server = await Server.StartAsync();
        using HttpResponseMessage page = await server.Client.GetAsync("");
        string html = await page.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        Assert.That(page.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'self'"));
        Assert.That(html, Does.Not.Contain("https://"));
        foreach (string file in (string[])["page.css", "page.js", "icon.svg"])
        {
            Assert.That(html, Does.Contain($"\"{file}\""));
            (await server.Client.GetAsync(file)).EnsureSuccessStatusCode().Dispose();
        }
        foreach (string file in (string[])["camera.js", "image.js", "street.jpg"])
        {
            Assert.That(await server.Client.GetStringAsync("page.js"), Does.Contain(file));
            (await server.Client.GetAsync(file)).EnsureSuccessStatusCode().Dispose();
        }
    }

    [Test]
    public async Task The_model_and_the_limits_can_be_asked_for()
    {
        await using Server server = await Server.StartAsync("--maxPixels", "5000");
        ModelReply model = (await server.Client.GetFromJsonAsync<ModelReply>("model"))!;
        Assert.That((model.Name, model.MaxPixels, model.MaxBytes),
            Is.EqualTo(("fastscnn-roads.onnx", 5000L, 20L << 20)));
        Assert.That(model.Classes, Is.EqualTo(server.Segmenter.Classes.Select(c => c.Name)));
    }

    [Test]
    public void Settings_that_make_no_sense_are_named()
    {
        Assert.That(() => WebServer.Create("--maxBytes", "many"),
            Throws.ArgumentException.With.Message.Contains("MaxBytes is 'many'"));
        Assert.That(() => WebServer.Create("--imagesAtOnce", "0"),
            Throws.ArgumentException.With.Message.Contains("ImagesAtOnce is 0"));
        Assert.That(() => WebServer.Create("--model", "none.onnx"),
            Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("ModelPath is 'none.onnx'"));
    }

    [Test]
    public async Task Health_turns_bad_with_the_model_file_and_the_server_goes_on()
    {
        string model = Path.Combine(TestFiles.NewFolder(), "model.onnx");
        byte[] whole = File.ReadAllBytes(new WebOptions().Model);
        File.WriteAllBytes(model, whole);
        await using Server server = await Server.StartAsync("--model", model);
        Assert.That(await HealthAsync(), Is.EqualTo((200, "healthy")));
        File.WriteAllBytes(model, whole[..1000]);
        Assert.That(await HealthAsync(), Is.EqualTo((503, "unhealthy")));
        using (HttpResponseMessage served = await server.PostAsync(Server.Body(Server.Image())))
            Assert.That((int)served.StatusCode, Is.EqualTo(200));
        File.WriteAllBytes(model, whole);
        Assert.That(await HealthAsync(), Is.EqualTo((200, "healthy")));

        async Task<(int, string)> HealthAsync()
        {
            using HttpResponseMessage reply = await server.Client.GetAsync("health");
            return ((int)reply.StatusCode, (await reply.Content.ReadFromJsonAsync<HealthReply>())!.Status);
        }
    }

    [Test]
    public async Task Metrics_say_what_clients_got()
    {
        await using Server server = await Server.StartAsync("--model", CopyOfModel("metered.onnx"));
        const string Model = "fastscnn_model=\"metered.onnx\"";
        for (int i = 0; i < 3; i++)
            (await server.PostAsync(Server.Body(Server.Image()))).EnsureSuccessStatusCode().Dispose();
        await server.RefusesAsync(Server.Body(Server.Image()[..20]), 422, "cut short");
        await server.RefusesAsync(Server.Body("#!/bin/sh"u8.ToArray()), 415, "a text");
        Assert.That(await server.MetricAsync("fastscnn_images_total", Model), Is.EqualTo(3));
        Assert.That(await server.MetricAsync("fastscnn_image_failures_total", Model), Is.EqualTo(2));
        Assert.That(await server.MetricAsync("fastscnn_image_failures_total", "error_type=\"incomplete\""),
            Is.EqualTo(1));
        Assert.That(await server.MetricAsync("fastscnn_stage_duration_seconds_count", "fastscnn_stage=\"wait\""),
            Is.EqualTo(5));
    }

    private static string CopyOfModel(string name)
    {
        string path = Path.Combine(TestFiles.NewFolder(), name);
        File.Copy(new WebOptions().Model, path);
        return path;
    }

    [Test]
    public async Task The_segmenter_is_closed_with_the_server()
    {
        Server server = await Server.StartAsync();
        var segmenter = server.Segmenter;
        await server.DisposeAsync();
        Assert.That(() => segmenter.Segment(new MemoryStream(Server.Image())),
            Throws.InstanceOf<ObjectDisposedException>());
    }
}
