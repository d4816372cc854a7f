// An image to POST /segment or on the page at /, the mask back. See README.md.
using FastScnn.Web;

WebApplication app;
try
{
    app = WebServer.Create(args);
}
catch (Exception e) when (e is ArgumentException or IOException or InvalidDataException or InvalidOperationException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
await using (app)
    await app.RunAsync();
return 0;
