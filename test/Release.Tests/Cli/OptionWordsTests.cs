using System.CommandLine;
using System.Reflection;
using FastScnn.ML.Scoring;
using FastScnn.Tool;
using FastScnn.Torch.Data;

namespace FastScnn.Release.Tests.Cli;

/// <summary>Messages of the command line name its options, never properties of the API.</summary>
public class OptionWordsTests
{
    [Test]
    public void Every_word_is_a_member_of_the_API_and_every_translation_an_option()
    {
        Type[] types =
        [
            .. new[] { typeof(ClassList).Assembly,
                typeof(FastScnnSegmenter).Assembly }.SelectMany(assembly => assembly.GetExportedTypes())
        ];
        HashSet<string> members =
        [
            .. types.SelectMany(type =>
                type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
                    .SelectMany(member => new[] { member.Name, $"{type.Name}.{member.Name}" }))
        ];
        members.UnionWith(types.Select(type => type.FullName!));
        HashSet<string> commands = [.. FastScnnCommand.Create().Subcommands.Select(command => command.Name)];
        HashSet<string> options =
        [
            .. FastScnnCommand.Create().Subcommands.SelectMany(command => command.Options).Select(option => option.Name)
        ];
        foreach ((string api, string option) in OptionWords.Table)
        {
            if (!api.Contains(' '))
                Assert.That(members, Does.Contain(api));
            string[] words = [.. option.Split(' ').Select(word => word.Trim('\''))];
            if (words.Contains("fastscnn"))
                Assert.That(commands, Does.Contain(words[^1]), api);
            else
                Assert.That(options,
                    Does.Contain(words.Single(word => word.StartsWith("--", StringComparison.Ordinal))), api);
        }
    }

    [Test]
    public void No_word_of_the_table_is_left_in_a_message()
    {
        string message = "Set " + string.Join(", then ", OptionWords.Table.Select(word => word.Api)) + " = 3.";
        string translated = OptionWords.Translate(message);
        foreach ((string api, string option) in OptionWords.Table)
            Assert.That(translated, Does.Not.Contain(api).And.Contain(option));
    }

    [TestCase("raise FastScnnSegmenterOptions.MaxPixels, now 5", "raise --max-pixels, now 5")]
    [TestCase("Does 255 mean 'object'? Then give FolderDatasetOptions.LabelRanges 0:0,255:1.",
        "Does 255 mean 'object'? Then give --label-map 0:0,255:1.")]
    [TestCase("'/data/MaxPixels/BatchSize.png' is no image", "'/data/MaxPixels/BatchSize.png' is no image")]
    [TestCase("The network's BatchSize isn't 1", "The network's --batch-size isn't 1")]
    [TestCase("LabelMapping and SubBatchSize stay", "LabelMapping and SubBatchSize stay")]
    public void Whole_words_outside_of_quotes_are_translated(string message, string expected) =>
        Assert.That(OptionWords.Translate(message), Is.EqualTo(expected));
}
