namespace FastScnn.Web;

/// <summary>Answers failures with problem details (RFC 9457) that hold a reason for the client and nothing of the
/// program.</summary>
internal static class Problems
{
    private const int ClientClosedRequest = 499;

    public static async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = ClientClosedRequest;
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is IOException)
        {
            context.Response.StatusCode = ClientClosedRequest;
        }
        catch (Exception e) when (Refused.Of(e) is { } refused)
        {
            if (refused.Status == StatusCodes.Status429TooManyRequests)
                context.Response.Headers.RetryAfter = "1";
            await Results.Problem(refused.Message, statusCode: refused.Status, title: refused.Title)
                .ExecuteAsync(context);
        }
    }
}
