using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data.Layouts;

public class CamVidDatasetTests
{
    [Test]
    public void SegNets_split_holds_ids()
    {
        Tree tree = new Tree().Image("val/0016E5_07959.png").Label("valannot/0016E5_07959.png", 0, 10, 11);
        var data = SegmentationDataset.FromCamVid(tree.Root, "val");
        Assert.That(data.ReadMask(0).Ids.ToArray(), Is.EqualTo(new byte[] { 0, 10, 11 }));
        Assert.That(data.Classes.IgnoreIndex, Is.EqualTo(11));
    }

    [Test]
    public void Colors_of_the_original_labels_are_grouped_as_SegNet_did()
    {
        byte[][] colors =
        [
            .. ClassList.CamVid.Select(c => new[] { c.Red, c.Green, c.Blue }),
            [128, 0, 192], [64, 128, 192], [192, 128, 64], [192, 0, 192], [64, 192, 0], [0, 64, 64], [0, 0, 0],
        ];
        Tree tree = new Tree().Image("train/a.png").Colors("train_labels/a_L.png", colors);
        var data = SegmentationDataset.FromCamVid(tree.Root, "train");
        // After the 11 classes: lane marking, pickup, child, scooter, wall, traffic light, void.
        Assert.That(data.ReadMask(0).Ids.ToArray(),
            Is.EqualTo(new byte[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 3, 8, 9, 10, 1, 6, 11 }));
    }

    [Test]
    public void Other_colors_are_faults()
    {
        Tree tree = new Tree().Image("train/a.png").Colors("train_labels/a_L.png", [1, 2, 3], [128, 0, 0], [1, 2, 3]);
        Assert.That(() => SegmentationDataset.FromCamVid(tree.Root, "train").ReadMask(0),
            Throws.TypeOf<InvalidDataException>()
            .With.Message.Contains("a_L.png").And.Message.Contains("1,2,3 on 2 pixels"));
    }
}
