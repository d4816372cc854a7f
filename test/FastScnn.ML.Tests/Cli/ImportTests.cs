using System.Text.Json;
using System.Text.Json.Nodes;
using FastScnn.ML.Imaging;
using FastScnn.ML.Scoring;
using FastScnn.Scenes;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.ML.Tests.Cli;

/// <summary><c>fastscnn import</c> on small files, written after the documentation of each tool.</summary>
public class ImportTests
{
    private const int Width = 20, Height = 16;

    [Test]
    public void Labelme_shapes_become_masks_and_the_others_are_told()
    {
        string labels = TestFiles.NewFolder();
        Photo(labels, "a.png");
        Labelme(labels, "a.json", "a.png",
            ("car", "rectangle", "[[2, 2], [10, 8]]", null),
            // A square with a square hole: the way in and out of it encloses nothing.
            ("tree", "polygon", "[[11,2],[19,2],[19,10],[11,10],[11,2],[13,4],[13,8],[17,8],[17,4],[13,4]]", null),
            ("road", "polygon", "[[-5, 12], [25, 12], [25, 30], [-5, 30]]", null),
            ("car", "circle", "[[6, 13], [6, 11]]", null),
            ("car", "linestrip", "[[1, 1], [5, 5]]", null),
            ("car", "polygon", "[[1, 1], [5, 5]]", null),
            ("car", "polygon", "[[30, 1], [35, 5], [30, 5]]", null),
            ("__ignore__", "rectangle", "[[0, 0], [2, 1]]", null),
            ("road", "mask", "[[0, 4], [1, 5]]", Convert.ToBase64String(MaskPng([1, 0, 0, 1], 2))));
        // The image lies in the JSON file alone.
        Photo(labels, "b.png");
        string data = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(labels, "b.png")));
        Labelme(labels, "b.json", "b.png", imageData: data,
            shapes: ("tree", "polygon", "[[0, 0], [4, 0], [4, 4]]", null));
        File.Delete(Path.Combine(labels, "b.png"));
        // Labels and image were moved together, and the path is that of before.
        Photo(labels, "e.png");
        Labelme(labels, "e.json", "../before/e.png", ("car", "rectangle", "[[2, 2], [10, 8]]", null));
        Labelme(labels, "c.json", "gone.png", ("car", "rectangle", "[[2, 2], [10, 8]]", null));
        Photo(labels, "d.png");
        Labelme(labels, "d.json", "d.png");
        File.WriteAllText(Path.Combine(labels, "other.json"), "{}");

        string output = NewOutput();
        JsonNode json = Import(0, "labelme", labels, output, "--val-share", "0");
        Assert.That(Classes(output), Is.EqualTo(new[] { "background", "car", "road", "tree" }), "by name");
        LabelMap mask = Mask(output, "train", "a");
        Assert.That((mask.Width, mask.Height), Is.EqualTo((Width, Height)));
        Assert.That(Count(mask, 1), Is.EqualTo(8 * 6 + Circle(6, 13, 2)), "pixels whose centres are inside");
        Assert.That((mask[2, 2], mask[9, 7], mask[10, 7], mask[9, 8]), Is.EqualTo((1, 1, 0, 0)));
        Assert.That((mask[11, 2], mask[18, 9], mask[14, 5], mask[13, 4], mask[12, 5]), Is.EqualTo((3, 3, 0, 0, 3)),
            "a hole");
        Assert.That(Count(mask, 3), Is.EqualTo(64 - 16));
        Assert.That((mask[0, 15], mask[19, 12], mask[6, 13]), Is.EqualTo((2, 2, 1)),
            "clipped, and below the later circle");
        Assert.That((mask[0, 0], mask[1, 0], mask[2, 0]), Is.EqualTo((255, 255, 0)));
        Assert.That((mask[0, 4], mask[1, 4], mask[0, 5], mask[1, 5]), Is.EqualTo((2, 0, 0, 2)));
        Assert.That(Count(Mask(output, "train", "e"), 1), Is.EqualTo(8 * 6));
        Assert.That((Mask(output, "train", "b")[3, 1], Mask(output, "train", "b")[0, 3]), Is.EqualTo((3, 0)));
        Assert.That(Skipped(json), Is.EquivalentTo(new[]
        {
            "a.png 5: a linestrip, which has no area", "a.png 6: fewer than 3 points",
            "a.png 7: wholly outside of the image",
            "gone.png : no image file; --images names the folder that has them", "d.png : no shape",
            "other.json : a JSON file without \"shapes\", so not one of labelme",
        }));
        Assert.That(File.ReadAllBytes(Path.Combine(output, "images", "train", "a.png")),
            Is.EqualTo(File.ReadAllBytes(Path.Combine(labels, "a.png"))));
        CheckData(output);
    }

    [Test]
    public void Labels_of_another_size_fail_the_command_and_not_the_other_images()
    {
        string labels = TestFiles.NewFolder();
        Photo(labels, "a.png");
        Photo(labels, "b.png", 21);
        foreach (string name in new[] { "a", "b" })
            Labelme(labels, $"{name}.json", $"{name}.png", ("car", "rectangle", "[[2, 2], [10, 8]]", null));
        File.WriteAllText(Path.Combine(labels, "c.json"), "{ \"shapes\": [");
        File.WriteAllBytes(Path.Combine(labels, "d.png"), File.ReadAllBytes(Path.Combine(labels, "a.png"))[..^40]);
        File.WriteAllText(Path.Combine(labels, "e.tif"), "II*");
        foreach ((string name, string image) in new[] { ("d", "d.png"), ("e", "e.tif"), ("f", "a.png") })
            Labelme(labels, $"{name}.json", image, ("car", "rectangle", "[[2, 2], [10, 8]]", null));
        string output = NewOutput();
        JsonNode json = Import(1, "labelme", labels, output, "--val-share", "0");
        string[] faults = [.. json["faults"]!.AsArray().Select(fault => $"{fault!["image"]}: {fault["why"]}")];
        Assert.That(faults, Has.Length.EqualTo(3).And.One.StartsWith("b.png: ").And.One.StartsWith("c.json: ")
            .And.One.StartsWith("d.png: It is a PNG"));
        Assert.That(faults, Has.One.Contains("20 x 16").And.One.Contains("21 x 16").And.One.Contains("is no JSON"));
        Assert.That(Directory.GetFiles(output, "*.png", SearchOption.AllDirectories), Has.Length.EqualTo(2));
        Assert.That(Skipped(json), Is.EquivalentTo(new[]
        {
            "e.tif : a file '.tif', which is not read; convert it to JPEG, PNG or WebP",
            "a.png : labelled twice; the first counts",
        }));
        CheckData(output);
    }

    [Test]
    public void An_image_that_lies_on_its_side_gets_the_mask_that_was_drawn_upright()
    {
        string labels = TestFiles.NewFolder();
        foreach (string name in new[] { "upright", "stored" })
            File.WriteAllBytes(Path.Combine(labels, $"{name}.jpg"), TestImages.Turned(TestImages.Jpeg(40, 24)));
        Labelme(labels, "a.json", "upright.jpg", 24, 40, ("car", "rectangle", "[[0, 30], [24, 40]]", null));
        Labelme(labels, "b.json", "stored.jpg", 40, 24, ("car", "rectangle", "[[30, 0], [40, 24]]", null));
        string output = NewOutput();
        Import(0, "labelme", labels, output, "--val-share", "0");
        LabelMap upright = Mask(output, "train", "upright"), stored = Mask(output, "train", "stored");
        Assert.That((upright.Width, upright.Height, stored.Width, stored.Height), Is.EqualTo((24, 40, 40, 24)));
        Assert.That((Count(upright, 1), Count(stored, 1)), Is.EqualTo((240, 240)));
        CheckData(output);
    }

    [Test]
    public void Coco_polygons_and_both_run_lengths()
    {
        string folder = TestFiles.NewFolder();
        foreach (string name in new[] { "x/a.png", "y/a.png", "b.png", "empty.png" })
            Photo(folder, name, 10, 9);
        // The run lengths are an example of pycocotools: 12 pixels in columns 5 to 7 of rows 2 to 5, and one.
        File.WriteAllText(Path.Combine(folder, "instances.json"), """
            { "images": [
                { "id": 7, "file_name": "x/a.png", "width": 10, "height": 9 },
                { "id": 3, "file_name": "y/a.png", "width": 10, "height": 9 },
                { "id": 4, "file_name": "b.png", "width": 10, "height": 9 },
                { "id": 5, "file_name": "empty.png", "width": 10, "height": 9 },
                { "id": 6, "file_name": "gone.png", "width": 10, "height": 9 } ],
              "categories": [ { "id": 90, "name": "tree" }, { "id": 2, "name": "car" } ],
              "annotations": [
                { "id": 1, "image_id": 7, "category_id": 2, "iscrowd": 0,
                  "segmentation": { "size": [9, 10], "counts": "61X13mN000`0" } },
                { "id": 2, "image_id": 3, "category_id": 2, "iscrowd": 1,
                  "segmentation": { "size": [9, 10], "counts": [6, 1, 40, 4, 5, 4, 5, 4, 21] } },
                { "id": 3, "image_id": 4, "category_id": 90,
                  "segmentation": [[0,0, 2,0, 2,2, 0,2], [4,4, 6,4, 6,6, 4,6]] },
                { "id": 4, "image_id": 4, "category_id": 2, "segmentation": [[0,0, 10,0, 10,9, 0,9]] },
                { "id": 5, "image_id": 4, "category_id": 2, "bbox": [0, 0, 5, 5] },
                { "id": 6, "image_id": 4, "category_id": 2, "segmentation": { "size": [10, 9], "counts": [90] } },
                { "id": 7, "image_id": 4, "category_id": 2, "segmentation": { "size": [9, 10], "counts": [89] } },
                { "id": 8, "image_id": 99, "category_id": 2, "segmentation": [[0,0, 2,0, 2,2]] } ] }
            """);
        string output = NewOutput();
        JsonNode json = Import(0, "coco", folder, output, "--val-share", "0");
        Assert.That(Classes(output), Is.EqualTo(new[] { "background", "car", "tree" }), "by the id of the category");
        LabelMap compressed = Mask(output, "train", "x_a"), list = Mask(output, "train", "y_a");
        Assert.That(compressed.Ids.ToArray(), Is.EqualTo(list.Ids.ToArray()));
        for (int y = 0; y < 9; y++)
            for (int x = 0; x < 10; x++)
                Assert.That(list[x, y] == 1, Is.EqualTo(x is >= 5 and <= 7 && y is >= 2 and <= 5 || (x, y) == (0, 6)));
        LabelMap b = Mask(output, "train", "b");
        Assert.That((Count(b, 2), Count(b, 1)), Is.EqualTo((8, 82)),
            "the smaller object is above, with both its parts");
        Assert.That(Skipped(json), Is.EquivalentTo(new[]
        {
            "b.png 5: a box without a segmentation", "b.png 6: run lengths of another size than the image",
            "b.png 7: run lengths that cannot be read: The run lengths add up to 89 pixels; expected 10 x 9, which is 90.",
            "empty.png : no shape",
            "gone.png : no image file; --images names the folder that has them",
            "instances.json 8: an annotation of an image that the file does not have",
        }));
        CheckData(output);

        string later = NewOutput();
        Import(0, "coco", folder, later, "--val-share", "0", "--overlap", "file", "--keep-empty");
        Assert.That(Count(Mask(later, "train", "b"), 1), Is.EqualTo(90), "the later one is above");
        Assert.That(Count(Mask(later, "train", "empty"), 0), Is.EqualTo(90));
    }

    [Test]
    public void A_pixel_is_inside_where_its_centre_is()
    {
        const int Side = 150;
        Random random = new(1);
        (double X, double Y)[] corners =
        [
            .. Enumerable.Range(0, 25).Select(_ => (random.NextDouble() * 200 - 25, random.NextDouble() * 200 - 25))
        ];
        string labels = TestFiles.NewFolder(), output = NewOutput();
        Photo(labels, "a.png", Side, Side);
        string points = string.Join(", ", corners.Select(p => FormattableString.Invariant($"[{p.X}, {p.Y}]")));
        Labelme(labels, "a.json", "a.png", Side, Side, ("car", "polygon", $"[{points}]", null));
        Import(0, "labelme", labels, output, "--val-share", "0");
        LabelMap mask = Mask(output, "train", "a");
        int compared = 0;
        for (int y = 0; y < Side; y++)
            for (int x = 0; x < Side; x++)
            {
                (bool isInside, double distance) = Place(x + 0.5, y + 0.5);
                // Positions are rounded to 1/64 pixel.
                if (distance < 1.0 / 32)
                    continue;
                compared++;
                Assert.That(mask[x, y] == 1, Is.EqualTo(isInside), $"{x}, {y}, {distance} from an edge");
            }
        Assert.That(compared, Is.GreaterThan(Side * Side * 9 / 10));
        Assert.That(Count(mask, 1), Is.InRange(Side * Side / 5, Side * Side * 4 / 5));

        (bool IsInside, double Distance) Place(double x, double y)
        {
            (bool isInside, double nearest) = (false, double.MaxValue);
            for (int i = 0; i < corners.Length; i++)
            {
                ((double X, double Y) a, (double X, double Y) b) = (corners[i], corners[(i + 1) % corners.Length]);
                if (a.Y > y != b.Y > y && x < a.X + (y - a.Y) / (b.Y - a.Y) * (b.X - a.X))
                    isInside = !isInside;
                double length = (b.X - a.X) * (b.X - a.X) + (b.Y - a.Y) * (b.Y - a.Y),
                    along = Math.Clamp(((x - a.X) * (b.X - a.X) + (y - a.Y) * (b.Y - a.Y)) / length, 0, 1);
                nearest = Math.Min(nearest, double.Hypot(x - a.X - along * (b.X - a.X), y - a.Y - along * (b.Y - a.Y)));
            }
            return (isInside, nearest);
        }
    }

    [Test]
    public void Shapes_of_a_group_are_one_object_and_as_large_as_all_of_them()
    {
        string labels = TestFiles.NewFolder();
        Photo(labels, "a.png");
        File.WriteAllText(Path.Combine(labels, "a.json"), """
            { "imagePath": "a.png", "shapes": [
                { "label": "bus", "shape_type": "rectangle", "points": [[0, 0], [9, 9]] },
                { "label": "tree", "shape_type": "rectangle", "points": [[2, 2], [5, 5]], "group_id": 1 },
                { "label": "tree", "shape_type": "rectangle", "points": [[10, 0], [20, 16]], "group_id": 1 } ] }
            """);
        string output = NewOutput();
        Import(0, "labelme", labels, output, "--val-share", "0", "--overlap", "small");
        Assert.That(Mask(output, "train", "a")[3, 3], Is.EqualTo(1), "the bus, which is smaller than both trees");
        output = NewOutput();
        Import(0, "labelme", labels, output, "--val-share", "0");
        Assert.That(Mask(output, "train", "a")[3, 3], Is.EqualTo(2), "the later one");
    }

    [TestCase("names: [car, 'traffic light']  # two")]
    [TestCase("names:\n  0: car\n  1: \"traffic light\"\nnc: 2")]
    [TestCase("nc: 2\nnames:\n- car\n- traffic light")]
    [TestCase("names: {0: car, 1: traffic light}")]
    public void Yolo_polygons_in_the_splits_of_data_yaml(string names)
    {
        string root = TestFiles.NewFolder();
        foreach (string name in new[] { "train/a.png", "train/b.png", "val/a.png" })
            Photo(root, $"images/{name}");
        File.WriteAllText(Path.Combine(root, "data.yaml"),
            $"# a data set\npath: .\ntrain: images/train\nval:\n  - images/val\n{names}\n");
        Text("labels/train/a.txt", "1 0.1 0.25 0.5 0.25 0.5 0.75 0.1 0.75\n\n0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.6 0.6\n");
        Text("labels/val/a.txt", "0 -0.5 0 0.5 0 0.5 1 -0.5 1\n");
        string output = NewOutput();
        JsonNode json = Import(0, "yolo", root, output);
        Assert.That(Classes(output), Is.EqualTo(new[] { "background", "car", "traffic light" }));
        LabelMap a = Mask(output, "train", "images_train_a");
        Assert.That((Count(a, 2), a[2, 4], a[9, 11], a[1, 4], a[10, 4]), Is.EqualTo((64, 2, 2, 0, 0)));
        Assert.That(Count(Mask(output, "val", "images_val_a"), 1), Is.EqualTo(160));
        Assert.That(Skipped(json), Is.EquivalentTo(new[]
        {
            "images/train/a.png 2: a box of a data set for detection, and no polygon",
            "images/train/a.png 3: a box of a data set for detection, and no polygon", "images/train/b.png : no shape",
        }));
        CheckData(output, "train", "val");

        Text("labels/train/b.txt", "5 0.1 0.1 0.5 0.1 0.5 0.5\n");
        json = Import(1, "yolo", root, NewOutput());
        Assert.That((string?)json["faults"]!.AsArray().Single()!["why"], Does.Contain("'5', which is no class"));

        void Text(string name, string text)
        {
            string path = Path.Combine(root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
    }

    [Test]
    public void Every_class_gets_its_id_and_a_square_of_a_pixel_that_pixel()
    {
        string root = TestFiles.NewFolder();
        Photo(root, "images/a.png");
        File.WriteAllText(Path.Combine(root, "data.yaml"),
            $"train: images\nnames: [{string.Join(", ", Enumerable.Range(1, 254).Select(id => $"c{id}"))}]\n");
        Directory.CreateDirectory(Path.Combine(root, "labels"));
        File.WriteAllLines(Path.Combine(root, "labels", "a.txt"), Enumerable.Range(1, 254).Select(id =>
        {
            double left = (double)(id % Width) / Width, right = (double)(id % Width + 1) / Width,
                top = (double)(id / Width) / Height, bottom = (double)(id / Width + 1) / Height;
            return FormattableString.Invariant(
                $"{id - 1} {left} {top} {right} {top} {right} {bottom} {left} {bottom}");
        }));
        string output = NewOutput();
        Import(0, "yolo", root, output);
        Assert.That(Mask(output, "train", "a").Ids.ToArray(),
            Is.EqualTo(Enumerable.Range(0, Width * Height).Select(i => (byte)(i < 255 ? i : 0))));
    }

    [TestCase("names: &a [car]", "line 2: '&a [car]'")]
    [TestCase("names:\n  one: car", "line 3: the names have the key 'one'")]
    [TestCase("nc: 1", "has no names of classes")]
    [TestCase("names: [car, tree", "line 2: '[car, tree' has no end")]
    public void Yaml_that_is_not_understood_is_named_with_its_line(string names, string message)
    {
        string root = TestFiles.NewFolder();
        Photo(root, "images/a.png");
        File.WriteAllText(Path.Combine(root, "data.yaml"), $"train: images\n{names}\n");
        AssertRefused(message, "yolo", root);
    }

    [Test]
    public void Cvat_polygons_boxes_masks_and_layers()
    {
        string folder = TestFiles.NewFolder();
        Photo(folder, "street/a.png");
        Photo(folder, "street/b.png");
        File.WriteAllText(Path.Combine(folder, "annotations.xml"), """
            <?xml version="1.0" encoding="utf-8"?>
            <annotations>
              <version>1.1</version>
              <meta><task><name>t</name><labels>
                <label><name>tree</name><color>#fa3253</color><attributes></attributes></label>
                <label><name>car</name></label>
              </labels></task></meta>
              <image id="0" name="street/a.png" subset="Train" width="20" height="16">
                <polygon label="car" occluded="0" points="2.00,2.00;10.00,2.00;10.00,8.00;2.00,8.00" z_order="1">
                  <attribute name="color">red</attribute>
                </polygon>
                <box label="tree" xtl="0" ytl="0" xbr="20" ybr="5" z_order="0"></box>
                <box label="tree" xtl="12" ytl="8" xbr="18" ybr="12" rotation="90" z_order="0"></box>
                <mask label="car" rle="1, 2, 3" left="0" top="13" width="3" height="2" z_order="0"></mask>
                <polyline label="car" points="1,1;5,5" z_order="0"></polyline>
              </image>
              <image id="1" name="street/b.png" subset="Validation" width="20" height="16">
                <ellipse label="tree" cx="10" cy="8" rx="4" ry="2" z_order="0"></ellipse>
              </image>
            </annotations>
            """);
        string output = NewOutput();
        JsonNode json = Import(0, "cvat", Path.Combine(folder, "annotations.xml"), output);
        Assert.That(Classes(output), Is.EqualTo(new[] { "background", "tree", "car" }), "as the file has them");
        LabelMap a = Mask(output, "train", "a");
        Assert.That((a[3, 3], a[3, 1], a[0, 4]), Is.EqualTo((2, 1, 1)), "the higher layer is above");
        Assert.That((a[13, 7], a[16, 12], a[12, 9], a[17, 9]), Is.EqualTo((1, 1, 0, 0)), "turned about its centre");
        Assert.That((a[0, 13], a[1, 13], a[2, 13], a[0, 14]), Is.EqualTo((0, 2, 2, 0)), "along the rows");
        Assert.That(Count(Mask(output, "val", "b"), 1), Is.InRange(22, 28));
        Assert.That(Skipped(json), Is.EqualTo(new[] { "street/a.png 5: a polyline, which has no area" }));
        CheckData(output, "train", "val");

        File.WriteAllText(Path.Combine(folder, "video.xml"),
            "<annotations><track id=\"0\" label=\"car\"/></annotations>");
        AssertRefused("CVAT for images 1.1", "cvat", Path.Combine(folder, "video.xml"));
        File.WriteAllText(Path.Combine(folder, "cut.xml"), "<annotations><image name=\"street/a.png\">");
        AssertRefused("is no XML", "cvat", Path.Combine(folder, "cut.xml"));
    }

    [Test]
    public void Label_studio_polygons_rectangles_and_brushes()
    {
        string folder = TestFiles.NewFolder();
        Photo(folder, "a.png");
        Photo(folder, "sub/b.png");
        byte[] alpha = new byte[4 * Width * Height];
        for (int pixel = 30; pixel < 75; pixel++) alpha[4 * pixel + 3] = 255;
        JsonArray rle = [.. Brush(alpha).Select(one => (JsonNode)(int)one)],
            noBytes = [.. Brush(alpha).Select(one => (JsonNode)(one == 0 ? 256 : one))];
        File.WriteAllText(Path.Combine(folder, "project.json"), $$"""
            [ { "id": 1, "data": { "image": "/data/upload/3/1a2b3c4d-a.png" }, "annotations": [
                { "was_cancelled": true, "result": [] },
                { "was_cancelled": false, "result": [
                    {{Result("polygonlabels", "car", "\"points\": [[10,25],[50,25],[50,75],[10,75]]")}},
                    {{Result("rectanglelabels", "tree",
                        "\"x\": 80, \"y\": 50, \"width\": 20, \"height\": 25, \"rotation\": 90")}},
                    {{Result("keypointlabels", "tree", "\"x\": 80, \"y\": 50")}} ] } ],
                "predictions": [ { "result": [] } ] },
              { "id": 2, "data": { "photo": "/data/local-files/?d=sub/b.png" }, "annotations": [ { "result": [
                    {{Result("brushlabels", "tree", $"\"format\": \"rle\", \"rle\": {rle.ToJsonString()}")}},
                    {{Result("brushlabels", "car", $"\"format\": \"rle\", \"rle\": {noBytes.ToJsonString()}")}} ] } ] },
              { "id": 3, "data": { "image": "s3://bucket/c.png" }, "annotations": [] } ]
            """);
        string output = NewOutput();
        JsonNode json = Import(0, "label-studio", folder, output, "--val-share", "0");
        Assert.That(Classes(output), Is.EqualTo(new[] { "background", "car", "tree" }));
        LabelMap a = Mask(output, "train", "1a2b3c4d-a"), b = Mask(output, "train", "b");
        Assert.That((Count(a, 1), a[2, 4], a[9, 11]), Is.EqualTo((64, 1, 1)));
        Assert.That((Count(a, 2), a[15, 8], a[12, 11], a[16, 8]), Is.EqualTo((16, 2, 2, 0)),
            "turned clockwise about its corner");
        Assert.That(Enumerable.Range(0, Width * Height).Where(i => b.Ids.Span[i] == 2),
            Is.EqualTo(Enumerable.Range(30, 45)));
        Assert.That(Skipped(json), Is.EquivalentTo(new[]
        {
            "data/upload/3/1a2b3c4d-a.png 3: a keypointlabels result, which has no area with a class",
            "sub/b.png 2: a brush that cannot be read", "c.png : a task that nobody has annotated",
        }));
        CheckData(output);
        File.WriteAllText(Path.Combine(folder, "project.json"), "[ { \"image\": \"a.png\" } ]");
        AssertRefused("JSON-MIN", "label-studio", folder);

        static string Result(string type, string label, string value) => $$"""
            { "type": "{{type}}", "original_width": 20, "original_height": 16, "image_rotation": 0,
              "value": { {{value}}, "{{type}}": ["{{label}}"] } }
            """;
    }

    [Test]
    public void Classes_of_a_list_count_and_unknown_ones_are_refused()
    {
        string labels = TestFiles.NewFolder(), list = Path.Combine(TestFiles.NewFolder(), "classes.json");
        Photo(labels, "a.png");
        Labelme(labels, "a.json", "a.png", ("car", "rectangle", "[[2, 2], [10, 8]]", null),
            ("bike", "rectangle", "[[2, 2], [4, 4]]", null));
        File.WriteAllText(list, """
            { "ignoreIndex": 9, "classes": [ { "name": "road", "color": [1, 2, 3] },
              { "name": "tree", "color": [4, 5, 6] }, { "name": "car", "color": [7, 8, 9] } ] }
            """);
        AssertRefused("--background is 'background'", "labelme", labels, "--classes", list);
        AssertRefused("'bike' (1 shapes)", "labelme", labels, "--classes", list, "--unlabeled", "ignore");
        string output = NewOutput();
        JsonNode json = Import(0, "labelme", labels, output, "--val-share", "0", "--classes", list, "--unlabeled",
            "ignore", "--ignore-unknown-classes");
        LabelMap mask = Mask(output, "train", "a");
        Assert.That((mask[2, 2], mask[0, 0], Count(mask, 2)), Is.EqualTo((2, 9, 48)));
        Assert.That(Skipped(json), Has.Length.EqualTo(1).And.One.StartsWith("a.png 2: the class 'bike'"));
        Assert.That(ClassList.Load(Path.Combine(output, "classes.json")), Is.EqualTo(ClassList.Load(list)));
        // A class that the tool has already is the background, and comes first.
        output = NewOutput();
        Import(0, "labelme", labels, output, "--val-share", "0", "--background", "car");
        Assert.That(Classes(output), Is.EqualTo(new[] { "car", "bike" }));
    }

    [Test]
    public void Splits_by_share_are_stable_and_lists_name_images()
    {
        string labels = TestFiles.NewFolder(), list = Path.Combine(TestFiles.NewFolder(), "val.txt");
        for (int i = 0; i < 12; i++) Add(i);
        string first = NewOutput(), second = NewOutput();
        Import(0, "labelme", labels, first, "--val-share", "0.4");
        Add(12);
        // What a killed import left is deleted.
        Directory.CreateDirectory(Path.Combine(second, ".importing", "images"));
        Import(0, "labelme", labels, second, "--val-share", "0.4");
        string[] held = Names(first, "val");
        Assert.That(held, Has.Length.InRange(1, 11));
        Assert.That(Names(second, "val").Where(name => name != "p12.png"), Is.EqualTo(held), "no image moves");
        Assert.That(Names(second, "val").Length + Names(second, "train").Length, Is.EqualTo(13));

        File.WriteAllText(list, $"p3.png\n\np5\n{Path.Combine(labels, "p7.png")}\n");
        (int exit, _, string errors) = Run("labelme", labels, first, "--val-list", list);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("--overwrite"), "the folder is not empty");
        File.WriteAllText(Path.Combine(first, "notes.txt"), "mine");
        Import(0, "labelme", labels, first, "--val-list", list, "--overwrite");
        Assert.That(Names(first, "val"), Is.EqualTo(new[] { "p3.png", "p5.png", "p7.png" }));
        Assert.That(Names(first, "train"), Has.Length.EqualTo(10));
        Assert.That(Path.Combine(first, "notes.txt"), Does.Exist);
        CheckData(first, "train", "val");

        File.WriteAllText(list, "p3.png\nq.png\n");
        AssertRefused("line 2: 'q.png' is none of the 13 images", "labelme", labels, "--val-list", list);
        File.WriteAllText(list, "p3.png\np3\n");
        AssertRefused("line 2: 'p3' is the image of line 1 again", "labelme", labels, "--val-list", list);
        (exit, _, errors) = Run("labelme", labels, labels, "--overwrite");
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("in which the image"));
        Assert.That(Names(labels, ""), Has.Length.EqualTo(13), "the source stays");

        void Add(int number)
        {
            Photo(labels, $"p{number}.png");
            Labelme(labels, $"p{number}.json", $"p{number}.png", ("car", "rectangle", "[[2, 2], [10, 8]]", null));
        }

        static string[] Names(string root, string split) => [.. Directory.GetFiles(split.Length == 0 ? root
            : Path.Combine(root, "images", split), "*.png").Select(file => Path.GetFileName(file))
            .Order(StringComparer.Ordinal)];
    }

    [Test]
    public void Rank_puts_the_least_certain_image_first()
    {
        string folder = TestFiles.NewFolder();
        string model = Path.Combine(TestFiles.Root, "samples", "models", "fastscnn-scenes.onnx");
        Photo(folder, "noise.png", 96, 64);
        StreetSceneFolder.Write(folder, "val", 2, new StreetSceneOptions { Width = 192, Height = 128, Seed = 1 });
        foreach (string scene in Directory.GetFiles(Path.Combine(folder, "images", "val")))
            File.Copy(scene, Path.Combine(folder, Path.GetFileName(scene)));
        (int exit, string output, string errors) = Cli.Run("rank", "--model", model, "--input", folder, "--json");
        Assert.That(exit, Is.Zero, errors);
        JsonArray ranked = JsonNode.Parse(output.TrimEnd().Split('\n')[^1])!["images"]!.AsArray();
        using var segmenter = FastScnnSegmenter.Load(model);
        (string Image, double Uncertainty)[] expected =
        [
            .. Directory.GetFiles(folder, "*.png").Select(image => (image, Mean(segmenter.SegmentWithScores(image))))
                .OrderByDescending(one => one.Item2)
        ];
        Assert.That(ranked.Select(one => (string?)one!["image"]), Is.EqualTo(expected.Select(one => one.Image)));
        Assert.That(ranked.Select(one => (double)one!["uncertainty"]!),
            Is.EqualTo(expected.Select(one => one.Uncertainty)).Within(1e-6));
        File.WriteAllText(Path.Combine(folder, "text.jpg"), "no image");
        string list = Path.Combine(folder, "lists", "next.txt");
        (exit, output, errors) =
            Cli.Run("rank", "--model", model, "--input", folder, "--top", "1", "--output", list);
        Assert.That(File.ReadAllText(list).TrimEnd(), Is.EqualTo($"../{Path.GetFileName(expected[0].Image)}"));
        Assert.That((exit, errors.Contains("text.jpg", StringComparison.Ordinal)), Is.EqualTo((1, true)), errors);
        Assert.That(output.Split('\n').Count(line => line.EndsWith(".png", StringComparison.Ordinal)), Is.EqualTo(1),
            output);

        static double Mean(ScoredSegmentation scored) =>
            scored.Confidence.ToArray().Average(confidence => 1 - (double)confidence);
    }

    private static string NewOutput() => Path.Combine(TestFiles.NewFolder(), "data");

    private static (int Exit, string Output, string Errors) Run(string tool, string input, string output,
        params string[] more) => Cli.Run(["import", "--from", tool, "--input", input, "--output", output, .. more]);

    private static JsonNode Import(int expected, string tool, string input, string output, params string[] more)
    {
        (int exit, string text, string errors) = Run(tool, input, output, [.. more, "--json"]);
        Assert.That(exit, Is.EqualTo(expected), text + errors);
        Assert.That(Directory.GetFileSystemEntries(output).Select(Path.GetFileName).Where(name => name != "notes.txt"),
            Is.EquivalentTo(new[] { "images", "masks", "classes.json" }), "nothing is left over");
        return JsonNode.Parse(text.TrimEnd().Split('\n')[^1])!;
    }

    private static void AssertRefused(string message, string tool, string input, params string[] more)
    {
        string output = NewOutput();
        (int exit, _, string errors) = Run(tool, input, output, more);
        Assert.That((exit, errors.Trim().Split('\n').Length), Is.EqualTo((1, 1)), errors);
        Assert.That(errors, Does.Contain(message));
        Assert.That(output, Does.Not.Exist, "nothing half written");
    }

    private static void CheckData(string root, params string[] splits)
    {
        (int exit, string output, string errors) = Cli.Run(["check-data", "--root", root, "--split",
            .. splits.Length > 0 ? splits : ["train"]]);
        Assert.That(exit, Is.Zero, output + errors);
    }

    private static string[] Skipped(JsonNode json) =>
        [.. json["skipped"]!.AsArray().Select(one => $"{one!["image"]} {one["shape"]}: {one["why"]}")];

    private static IEnumerable<string> Classes(string root) =>
        ClassList.Load(Path.Combine(root, "classes.json")).Names;

    private static LabelMap Mask(string root, string split, string name) =>
        IndexPng.Read(Path.Combine(root, "masks", split, $"{name}.png"));

    private static int Count(LabelMap mask, byte id) => mask.Ids.Span.Count(id);

    private static int Circle(double x, double y, double radius) => Enumerable.Range(0, Width * Height).Count(i =>
        double.Hypot(i % Width + 0.5 - x, i / Width + 0.5 - y) < radius);

    private static void Photo(string folder, string name, int width = Width, int height = Height)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Random random = new(name.Length);
        RawPng.Write(path, width, height, RawPng.Rgb, 8,
            (_, _) => [random.Next(256), random.Next(256), random.Next(256)]);
    }

    private static byte[] MaskPng(byte[] values, int width)
    {
        using MemoryStream stream = new();
        IndexPng.Write(stream, width, values.Length / width, values);
        return stream.ToArray();
    }

    private static void Labelme(string folder, string name, string image,
        params (string Label, string Kind, string Points, string? Mask)[] shapes) =>
        Labelme(folder, name, image, Width, Height, shapes);

    private static void Labelme(string folder, string name, string image, int width, int height,
        params (string Label, string Kind, string Points, string? Mask)[] shapes) =>
        Labelme(folder, name, image, null, width, height, shapes);

    private static void Labelme(string folder, string name, string image, string? imageData, int width = Width,
        int height = Height, params (string Label, string Kind, string Points, string? Mask)[] shapes) =>
        File.WriteAllText(Path.Combine(folder, name), $$"""
            { "version": "5.4.1", "flags": {}, "shapes": [ {{string.Join(",\n", shapes.Select(shape => $$"""
                { "label": "{{shape.Label}}", "points": {{shape.Points}},
                  "group_id": null, "shape_type": "{{shape.Kind}}",
                  "flags": {}, "mask": {{JsonSerializer.Serialize(shape.Mask)}} }
                """))}} ],
              "imagePath": "{{image}}", "imageData": {{JsonSerializer.Serialize(imageData)}},
              "imageHeight": {{height}}, "imageWidth": {{width}} }
            """);

    // As rle-pack writes it, with the sizes of counts that Label Studio takes: 3, 4, 8 and 16 bits.
    private static byte[] Brush(byte[] values)
    {
        List<int> bits = [];
        Put(values.Length, 32);
        Put(8 - 1, 5);
        int[] sizes = [3, 4, 8, 16];
        foreach (int size in sizes) Put(size - 1, 4);
        for (int at = 0; at < values.Length;)
        {
            int run = 1;
            while (at + run < values.Length && values[at + run] == values[at]) run++;
            // Single values go into a group without repeats, so that both kinds are there.
            int single = 0;
            while (run == 1 && at + single < values.Length && single < 8
                && (at + single + 1 == values.Length || values[at + single] != values[at + single + 1])) single++;
            int count = run > 1 ? run : single, kind = Array.FindIndex(sizes, size => count - 1 < 1 << size);
            Put(run > 1 ? 1 : 0, 1);
            Put(kind, 2);
            Put(count - 1, sizes[kind]);
            for (int i = 0; i < (run > 1 ? 1 : count); i++) Put(values[at + i], 8);
            at += count;
        }
        while (bits.Count % 8 != 0) bits.Add(0);
        return [.. bits.Chunk(8).Select(chunk => (byte)chunk.Aggregate(0, (value, bit) => value << 1 | bit))];

        void Put(int value, int count)
        {
            for (int i = count - 1; i >= 0; i--) bits.Add(value >> i & 1);
        }
    }
}
