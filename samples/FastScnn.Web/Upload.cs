using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace FastScnn.Web;

/// <summary>Takes the image out of a request: the only file of a form, or the whole body. Large ones are kept in
/// temporary files, not in memory.</summary>
internal static class Upload
{
    /// <summary>Room for the boundaries and headers of a form around the file.</summary>
    public const int FormOverhead = 16 << 10;

    private const int InMemory = 64 << 10;

    /// <summary>Reads the image. What it returns is at its start, can seek, and is freed when the response
    /// ends.</summary>
    /// <exception cref="RefusedException">There is no image, or one that is too large.</exception>
    /// <exception cref="OperationCanceledException">The client went away.</exception>
    public static async Task<Stream> ReadAsync(HttpRequest request, long maxBytes, CancellationToken cancellation)
    {
        try
        {
            Stream image = request.HasFormContentType ? await FormFileAsync(request, cancellation)
                : await BodyAsync(request, cancellation);
            request.HttpContext.Response.RegisterForDispose(image);
            if (image.Length > maxBytes)
                throw Refused.TooManyBytes(maxBytes);
            return image.Length > 0 ? image : throw Refused.NoImage();
        }
        catch (BadHttpRequestException e)
        {
            throw e.StatusCode == StatusCodes.Status413PayloadTooLarge ? Refused.TooManyBytes(maxBytes)
                : Refused.CutOff();
        }
    }

    private static async Task<Stream> FormFileAsync(HttpRequest request, CancellationToken cancellation)
    {
        try
        {
            // The server's own limit on the body holds for forms too; this one would only give another error.
            request.HttpContext.Features.Set<IFormFeature>(new FormFeature(request,
                new FormOptions { MultipartBodyLengthLimit = long.MaxValue, ValueCountLimit = 16 }));
            IFormCollection form = await request.ReadFormAsync(cancellation);
            return form.Files.Count == 1 ? form.Files[0].OpenReadStream() : throw Refused.Files(form.Files.Count);
        }
        catch (Exception e) when (e is InvalidDataException or (IOException and not BadHttpRequestException))
        {
            throw Refused.BrokenForm(e.Message);
        }
    }

    private static async Task<Stream> BodyAsync(HttpRequest request, CancellationToken cancellation)
    {
        bool isFile = MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            && (type.Type.Equals("image", StringComparison.OrdinalIgnoreCase)
                || type.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase));
        if (!isFile)
            throw Refused.BodyType(request.ContentType);
        FileBufferingReadStream body = new(request.Body, InMemory);
        request.HttpContext.Response.RegisterForDisposeAsync(body);
        await body.DrainAsync(cancellation);
        body.Position = 0;
        return body;
    }
}
