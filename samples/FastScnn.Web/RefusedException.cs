namespace FastScnn.Web;

/// <summary>A request that is the client's fault or comes at a bad time; the message is for the client to
/// read.</summary>
internal sealed class RefusedException(int status, string title, string detail) : Exception(detail)
{
    public int Status => status;

    public string Title => title;
}
