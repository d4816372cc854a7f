using System.Text;
using System.Xml.Linq;
using FastScnn.ML.Evaluation;
using FastScnn.ML.Imaging;
using FastScnn.ML.Reporting;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Data;
using FastScnn.Torch.Metrics;
using Microsoft.ML.Data;

namespace FastScnn.ML.Tests.Reporting;

public class SegmentationReportTests
{
    private static readonly ClassList s_classes =
    [
        new SegmentationClass("left", 255, 0, 0), new SegmentationClass("right", 0, 200, 0),
        new SegmentationClass("never", 0, 0, 9)
    ];

    [Test]
    public void A_report_on_scenes_has_the_scores_and_each_image_once()
    {
        var report = new SegmentationReport(StreetScene.Classes,
            new() { Title = "Scenes", Details = [("Model", "noise")] });
        var counts = new ConfusionCounts(StreetScene.Classes.Count);
        var scenes = new List<(PixelBuffer Image, LabelMap Labels, byte[] Predicted)>();
        for (int i = 0; i < 4; i++)
        {
            (PixelBuffer image, LabelMap labels) = StreetScene.Generate(new() { Width = 64, Height = 48, Seed = i });
            // Scene 0 is right everywhere; the higher the number, the more pixels are wrong.
            byte[] predicted =
            [
                .. labels.Ids.ToArray().Select((id, pixel) => pixel % 5 < i
                    ? (byte)((pixel / 5 + id) % StreetScene.Classes.Count) : id)
            ];
            counts.Add(labels.Ids.Span, predicted, StreetScene.Classes.IgnoreIndex);
            report.Add($"scene{i}", image, new SegmentationMap(labels, StreetScene.Classes),
                new SegmentationMap(new LabelMap(64, 48, predicted), StreetScene.Classes));
            scenes.Add((image, labels, predicted));
        }
        string file = Path.Combine(TestFiles.NewFolder(), "new", "report.html");
        report.Save(file);

        string html = File.ReadAllText(file);
        XElement page = XDocument.Parse(html).Root!;
        var scores = SegmentationScores.From(counts);
        Assert.That(Texts(page, "dd").Select(text => text.Split('%')[0]), Is.EqualTo(new[]
        {
            "noise", Percent(scores.MeanIoU), Percent(scores.PixelAccuracy), Percent(scores.MeanPixelAccuracy),
            Percent(scores.FrequencyWeightedIoU), Percent(report.GetMetrics().MeanBoundaryIoU),
        }));
        Assert.That(page.Descendants("h3").Select(h => h.FirstNode!.ToString()),
            Is.EqualTo(new[] { "scene3", "scene2", "scene1", "scene0" }), "the worst first");
        Assert.That(report.GetMetrics().MeanIoU, Is.EqualTo(scores.MeanIoU));

        SemanticSegmentationMetrics shown = report.GetMetrics();
        Assert.That(Texts(page, "dd").ElementAt(1),
            Does.EndWith(shown.ClassesScored == 12 ? "over all classes" : $"over {shown.ClassesScored} of 12 classes"));
        string[] notes = [.. page.Descendants("strong").Select(strong => strong.Value)];
        Assert.That(notes, Is.EqualTo(shown.NeverLabelled.Count > 0 ? new[] { $"mIoU {shown.MeanIoUText}" } : []));

        XElement classes = Table(page, "classes");
        Assert.That(Texts(classes.Element("tbody")!, "th"), Is.EqualTo(StreetScene.Classes.Select(c => c.Name)));
        Assert.That(
            Texts(classes.Element("tbody")!.Elements("tr").First(), "td"),
            Is.EqualTo(new[] { scores.PerClassIoU[0], shown.PerClassBoundaryIoU[0], scores.PerClassPrecision[0], scores.PerClassRecall[0],
                scores.PerClassF1[0], counts.LabelledPixels(0) / (double)scores.LabelledPixels }
                .Select(score => Percent(score).Trim())));
        Assert.That(page.Descendants("th").Select(th => th.Attribute("scope")?.Value),
            Is.All.EqualTo("row").Or.EqualTo("col"));

        Assert.That(Texts(Table(page, "ranks").Element("tbody")!, "td").Where((_, i) => i % 3 == 0),
            Is.EqualTo(new[] { "scene3", "scene2", "scene0" }), "worst, median, best");

        XElement[] images = [.. page.Descendants("img")];
        Assert.That(images, Has.Length.EqualTo(16));
        Assert.That(images.Select(img => img.Attribute("alt")?.Value), Is.Unique.And.All.Not.Empty);
        Assert.That(Size(images[12]), Is.EqualTo((64, 48)));
        (_, LabelMap truth, byte[] prediction) = scenes[3];
        Assert.That(Ids(images[1]), Is.EqualTo(truth.Ids.ToArray()));
        Assert.That(Ids(images[2]), Is.EqualTo(prediction));
        Assert.That(Ids(images[3]),
            Is.EqualTo(truth.Ids.ToArray().Zip(prediction,
                (t, p) => t == StreetScene.Classes.IgnoreIndex ? 2 : t == p ? 0 : 1)));

        Assert.That(html, Does.Not.Contain("://").And.Not.Contain("<script").And.Not.Contain("@import"),
            "nothing comes from elsewhere");
        Assert.That(Directory.GetFiles(Path.GetDirectoryName(file)!), Is.EqualTo(new[] { file }),
            "no temporary file is left");
    }

    [Test]
    public void Rows_of_the_confusion_matrix_are_shares_of_the_labelled_pixels()
    {
        var report = new SegmentationReport(s_classes);
        Add(report, "a", [0, 0, 0, 0, 1, 1, 255, 255], [0, 0, 0, 1, 1, 9, 0, 1]);
        XElement[] rows = [.. Table(Parse(report), "heat").Element("tbody")!.Elements("tr")];
        Assert.That(rows.Select(row => Texts(row, "td")),
            Is.EqualTo(new[] { new[] { "75", "25", "", "" }, ["", "50", "", "50"], ["", "", "", ""] }));
        Assert.That(rows[0].Elements("td").Select(td => td.Attribute("title")!.Value).Take(2),
            Is.EqualTo(new[] { "left as left: 3 of 4 pixels", "left as right: 1 of 4 pixels" }));
        Assert.That(rows[1].Elements("td").Last().Attribute("title")!.Value,
            Is.EqualTo("right as no class: 1 of 2 pixels"));
    }

    [Test]
    public void Of_many_images_the_worst_and_the_best_are_shown()
    {
        var report = new SegmentationReport(s_classes, new() { ImageCount = 2 });
        foreach (int wrong in new[] { 3, 0, 5, 1, 4, 2 })
            Add(report, $"{wrong} wrong", new byte[8], [.. Enumerable.Repeat((byte)1, wrong), .. new byte[8 - wrong]]);
        Add(report, "unlabelled", [255, 255], [0, 1]);
        XElement page = Parse(report);
        Assert.That(Names(page), Is.EqualTo(new[] { "5 wrong", "4 wrong", "0 wrong", "1 wrong" }));
        Assert.That(page.Value, Does.Contain("of 6 images; 1 without a labelled pixel are left out"));
    }

    [Test]
    public void Images_of_one_score_are_shown_once()
    {
        var report = new SegmentationReport(s_classes, new() { ImageCount = 2 });
        for (int i = 0; i < 6; i++)
            Add(report, $"{i}", [0, 1], [0, 0]);
        Assert.That(Names(Parse(report)), Is.EqualTo(new[] { "0", "1", "5", "4" }));
    }

    [Test]
    public void Images_can_be_left_out()
    {
        var report = new SegmentationReport(s_classes, new() { ImageCount = 0 });
        Add(report, "a", [0, 1], [0, 0]);
        Assert.That(Parse(report).Descendants("img"), Is.Empty);
    }

    [Test]
    public void Names_stand_as_they_are()
    {
        ClassList classes = [new SegmentationClass("<script>alert(1)</script>", 1, 2, 3),
            new SegmentationClass("a & \"b\" 'c'", 4, 5, 6)];
        var report = new SegmentationReport(classes,
            new() { Title = "</title><b>", Details = [("Model", "<i>.onnx")] });
        Add(report, "<img src=x>\u0001\uD83D\uDE00\uD83D.png", [0, 1], [0, 0]);
        string html = report.ToHtml();
        XElement page = XDocument.Parse(html).Root!;
        Assert.That(Names(page).Single(), Is.EqualTo("<img src=x>\uFFFD\uD83D\uDE00\uFFFD.png"),
            "what XML cannot hold is replaced");
        Assert.That(page.Descendants("title").Single().Value, Is.EqualTo("</title><b>"));
        Assert.That(Texts(Table(page, "classes").Element("tbody")!, "th"), Is.EqualTo(classes.Select(c => c.Name)));
        Assert.That(html, Does.Not.Contain("<script").And.Not.Contain("<img src=x").And.Not.Contain("<i>"));
    }

    [Test]
    public void Large_images_are_made_smaller()
    {
        var report = new SegmentationReport(s_classes, new() { MaxImageSide = 20 });
        // Red left and hardly any right; green like a chess board.
        byte[] pixels = [.. Enumerable.Range(0, 1800).SelectMany(
            i => new byte[] { 10, (byte)((i % 60 + i / 60) % 2 * 255), (byte)(i % 60 < 30 ? 200 : 20), 255 })];
        using MLImage image = MLImage.CreateFromPixels(60, 30, MLPixelFormat.Bgra32, pixels);
        var map = new SegmentationMap(new LabelMap(60, 30,
            [.. Enumerable.Range(0, 1800).Select(i => (byte)(i % 60 / 30))]), s_classes);
        report.Add("image", image, map, map);
        XElement[] images = [.. Parse(report).Descendants("img")];
        Assert.That(images.Select(Size), Is.All.EqualTo((20, 10)));
        Assert.That(Ids(images[1]), Is.EqualTo(Enumerable.Range(0, 200).Select(i => i % 20 / 10)));
        using MLImage small = MLImage.CreateFromStream(new MemoryStream(Content(images[0])));
        Assert.That((small.Width, small.Height), Is.EqualTo((20, 10)));
        Assert.That(Bgr(3), Is.EqualTo(new byte[] { 10, 127, 200 }).Within(20),
            "a pixel is the mean of those that it takes the place of");
        Assert.That(Bgr(16), Is.EqualTo(new byte[] { 10, 127, 20 }).Within(20));

        byte[] Bgr(int x)
        {
            int first = 4 * (5 * 20 + x), blue = small.PixelFormat == MLPixelFormat.Bgra32 ? 0 : 2;
            return [small.Pixels[first + blue], small.Pixels[first + 1], small.Pixels[first + 2 - blue]];
        }
    }

    [TestCase(480, 300, 480, 300)]
    [TestCase(1000, 1, 480, 1)]
    [TestCase(30, 20, 30, 20)]
    public void Images_keep_their_shape_and_are_never_made_larger(int width, int height, int shownWidth,
        int shownHeight)
    {
        var report = new SegmentationReport(s_classes);
        var map = new SegmentationMap(new LabelMap(width, height, new byte[width * height]), s_classes);
        report.Add("a", new PixelBuffer(width, height, new byte[3 * width * height]), map, map);
        Assert.That(Parse(report).Descendants("img").Select(Size), Is.All.EqualTo((shownWidth, shownHeight)));
    }

    [Test]
    public void Learning_curves_are_in_the_page()
    {
        const string Svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
        var report = new SegmentationReport(s_classes, new() { ImageCount = 0, LearningCurves = Svg });
        Add(report, "a", [0, 1], [0, 0]);
        Assert.That(Encoding.UTF8.GetString(Content(Parse(report).Descendants("img").Single())), Is.EqualTo(Svg));
    }

    [Test]
    public void Categories_of_Cityscapes_are_scored_too()
    {
        var report = new SegmentationReport(ClassList.Cityscapes);
        Add(report, "a", [0, 1, 2, 2], [1, 0, 2, 3], ClassList.Cityscapes);
        XElement page = Parse(report);
        Assert.That(Texts(page, "h2"), Does.Contain("Categories"));
        Assert.That(Texts(page, "dt"), Does.Contain("Mean category IoU"));
    }

    private static void Add(SegmentationReport report, string name, byte[] label, byte[] prediction,
        ClassList? classes = null) => report.Add(
        name, new PixelBuffer(label.Length, 1, new byte[3 * label.Length]), Map(label, classes ?? report.Classes),
        Map(prediction, classes ?? report.Classes));

    private static SegmentationMap Map(byte[] ids, ClassList classes) => new(new LabelMap(ids.Length, 1, ids), classes);

    private static XElement Parse(SegmentationReport report) => XDocument.Parse(report.ToHtml()).Root!;

    private static XElement Table(XElement page, string kind) =>
        page.Descendants("table").Single(table => table.Attribute("class")?.Value == kind);

    private static string[] Texts(XElement part, string element) =>
    [
        .. part.Descendants(element).Select(e => e.Value.Trim())
    ];

    private static string[] Names(XElement page) =>
    [
        .. page.Descendants("h3").Select(h => ((XText)h.FirstNode!).Value)
    ];

    private static string Percent(double share) => FormattableString.Invariant($"{100 * share:F2} ");

    private static (int, int) Size(XElement img) => ((int)img.Attribute("width")!, (int)img.Attribute("height")!);

    private static byte[] Content(XElement img) =>
        Convert.FromBase64String(img.Attribute("src")!.Value.Split(";base64,")[1]);

    private static byte[] Ids(XElement img) => IndexPng.Read(new MemoryStream(Content(img)), "image").Ids.ToArray();
}
