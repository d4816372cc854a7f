using FastScnn.Testing;
using NUnit.Framework.Interfaces;

/// <summary>Deletes what the tests of the assembly wrote, 2.6 GB in all, unless one failed and its files are wanted.
/// Without a namespace it serves the whole assembly.</summary>
[SetUpFixture]
public sealed class TemporaryFolders
{
    [OneTimeTearDown]
    public void Delete()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed
            || !Directory.Exists(TestFiles.Temporary))
            return;
        try
        {
            Directory.Delete(TestFiles.Temporary, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Windows keeps files that a process has just left; the next run deletes them.
        }
    }
}
