using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FastScnn.Web;

/// <summary>Says in the OpenAPI document what the handler's parameters do not: the two ways to send an image.</summary>
internal static class SegmentDocument
{
    public static RouteHandlerBuilder DescribeSegment(this RouteHandlerBuilder endpoint)
    {
        endpoint.WithName("segment").WithSummary("Segments an image").WithDescription(
            "Takes an image (JPEG, PNG, GIF, BMP, WebP, ICO or WBMP) as the body or as the one file of a form. Answers "
            + "with JSON, or with the mask alone where image/png is accepted first: an 8-bit palette PNG of the "
            + "image's size whose indices are the class ids.");
        endpoint.Produces<SegmentReply>(StatusCodes.Status200OK, "application/json", "image/png");
        foreach (int status in (int[])[400, 413, 415, 422, 429])
            endpoint.ProducesProblem(status);
        return endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["image/jpeg"] = File(),
                    ["image/png"] = File(),
                    ["multipart/form-data"] = new()
                    {
                        Schema = new OpenApiSchema
                        {
                            Type = JsonSchemaType.Object,
                            Required = new HashSet<string> { "image" },
                            Properties = new Dictionary<string, IOpenApiSchema> { ["image"] = File().Schema! }
                        }
                    },
                },
            };
            if (operation.Responses?["200"].Content is { } answers)
                answers["image/png"] = File();
            return Task.CompletedTask;
        });
    }

    private static OpenApiMediaType File() =>
        new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } };
}
