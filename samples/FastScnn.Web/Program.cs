// An image to POST /segment or on the page at /, the mask back. See README.md.
using FastScnn.Web;
using Microsoft.Extensions.Options;

WebApplication app;
try
{
    app = WebServer.Create(args);
}
catch (Exception e) when (e is ArgumentException or OptionsValidationException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
await using (app)
    await app.RunAsync();
return 0;
