using FastScnn.ML.Training;

namespace FastScnn.ML.Tests.Training;

public class TrainingChannelLogTests
{
    [TestCase("00:02:43", "0:02:43")]
    [TestCase("23:59:59", "23:59:59")]
    [TestCase("2.03:04:05", "2 d 3 h")]
    [TestCase(null, "an unknown time")]
    public void The_time_that_is_left_is_told_as_readers_say_it(string? time, string told) =>
        Assert.That(TrainingChannelLog.Duration(time is null ? null : TimeSpan.ParseExact(time, "c", null)),
            Is.EqualTo(told));
}
