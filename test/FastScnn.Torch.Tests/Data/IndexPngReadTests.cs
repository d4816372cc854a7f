using System.Security.Cryptography;
using FastScnn.Testing;
using FastScnn.Torch.Data;

namespace FastScnn.Torch.Tests.Data;

public class IndexPngReadTests
{
    // Sizes, sums and hashes of the stored values, taken with Pillow (grey of fewer than 8 bits divided back to the
    // stored value).
    [TestCase("png_valid/basn0g01.png", 32, 32, 500, "fee3d83c1b62e287")]
    [TestCase("png_valid/basn0g02.png", 32, 32, 1536, "bd14cc029225eafc")]
    [TestCase("png_valid/basn0g04.png", 32, 32, 7168, "b4fbcf460e45f6a9")]
    [TestCase("png_valid/basn0g08.png", 32, 32, 130056, "3f79224ccb00156a")]
    [TestCase("png_valid/basn3p01.png", 32, 32, 512, "b3da8ea8f31027ca")]
    [TestCase("png_valid/basn3p02.png", 32, 32, 1536, "08572da5f73c4b11")]
    [TestCase("png_valid/basn3p04.png", 32, 32, 7072, "bf91537a2275dca6")]
    [TestCase("png_valid/basn3p08.png", 32, 32, 130560, "13a149ddd561daa9")]
    [TestCase("png_valid/bw-gopher.png", 153, 55, 2000220, "77ea1dd8fc3eb4a4")]
    [TestCase("png_valid/ch1n3p04.png", 32, 32, 7072, "bf91537a2275dca6")]
    [TestCase("png_valid/f99n0g04.png", 32, 32, 7540, "d0971a608a226fd0")]
    [TestCase("png_valid/ps1n0g08.png", 32, 32, 130056, "3f79224ccb00156a")]
    [TestCase("png_valid/s01n3p01.png", 1, 1, 0, "6e340b9cffb37a98")]
    [TestCase("png_valid/s03i3p01.png", 3, 3, 1, "cdb032de4c6cb506")]
    [TestCase("png_valid/s07n3p02.png", 7, 7, 104, "dc3eb9d0ad52b341")]
    [TestCase("png_valid/s09i3p02.png", 9, 9, 112, "acdc987a3b75337f")]
    [TestCase("png_valid/s33n3p04.png", 33, 33, 6270, "5d2cefba188d3b09")]
    [TestCase("png_interlaced/basi0g01.png", 32, 32, 500, "fee3d83c1b62e287")]
    [TestCase("png_interlaced/basi0g08.png", 32, 32, 130056, "3f79224ccb00156a")]
    [TestCase("png_interlaced/basi3p01.png", 32, 32, 512, "b3da8ea8f31027ca")]
    [TestCase("png_interlaced/basi3p04.png", 32, 32, 7072, "bf91537a2275dca6")]
    [TestCase("png_interlaced/basi3p08.png", 32, 32, 130560, "13a149ddd561daa9")]
    [TestCase("png_trns/tbbn0g04.png", 32, 32, 10343, "fddc6788a13c81a4")]
    [TestCase("png_trns/tbbn3p08.png", 32, 32, 65424, "696a923fe74f240d")]
    [TestCase("png_trns/tm3n3p02.png", 32, 32, 1536, "1fc25e84b6178c25")]
    [TestCase("png_trns/tp1n3p08.png", 32, 32, 65424, "696a923fe74f240d")]
    [TestCase("png_misc/padded_idat.png", 256, 10, 326400, "e392378f849d67bb")]
    [TestCase("png_misc/tRNS_null_1x1.png", 1, 1, 0, "6e340b9cffb37a98")]
    [TestCase("png_corrupt/small-palette-8.png", 256, 1, 32640, "9bc038d0a0fb391f")]
    [TestCase("labels/all_ignore.png", 64, 32, 522240, "d0ff1b294b5288d1")]
    [TestCase("labels/bad_class_19.png", 64, 32, 17102, "1ab8227be82e3a5f")]
    [TestCase("labels/bad_class_254.png", 64, 32, 17337, "07a0be7eb0c6cc3d")]
    [TestCase("labels/label_16bit.png", 64, 32, 17088, "2c13a13da9303479")]
    [TestCase("labels/label_palette.png", 64, 32, 17088, "2c13a13da9303479")]
    [TestCase("labels/label_palette_trns0.png", 64, 32, 17088, "2c13a13da9303479")]
    [TestCase("labels/label_size_mismatch_63x32.png", 63, 32, 16896, "c0acdf5d8e758666")]
    [TestCase("labels/labelids_not_trainids.png", 64, 32, 31424, "9ff071496e5fb731")]
    [TestCase("labels/ok_trainids_64x32.png", 64, 32, 17088, "2c13a13da9303479")]
    [TestCase("labels/ok_trainids_ignore255.png", 64, 32, 80232, "47d74f9311bcede5")]
    [TestCase("labels/single_class.png", 64, 32, 0, "e5a00aa9991ac8a5")]
    public void Values_come_as_stored(string file, int width, int height, int sum, string hash) =>
        CheckIds(IndexPng.Read(TestFiles.Shared("odd-images", file)), width, height, sum, hash);

    [TestCase("samples/voc/SegmentationClass/2011_000003.png", 500, 338, 2910165, "efe09061abc05a24")]
    [TestCase("samples/ade20k/annotations/validation/ADE_val_00000001.png", 683, 512, 1432183, "b62203af6cf73852")]
    [TestCase("samples/coco-stuff/annotations/val2017/000000000139_labelTrainIds.png", 640, 426, 36127601,
        "250f71ab5b258d1a")]
    [TestCase("camvid/masks/val/0016E5_07959.png", 480, 360, 509346, "dbce05cb575eb6da")]
    public void Labels_of_real_data_sets_are_read(string file, int width, int height, int sum, string hash) =>
        CheckIds(IndexPng.Read(TestFiles.Shared(file)), width, height, sum, hash);

    [TestCase("labels/label_rgb.png", "RGB, so it holds colours")]
    [TestCase("labels/label_rgba.png", "RGBA, so it holds colours")]
    [TestCase("png_interlaced/basi4a08.png", "grey with alpha")]
    [TestCase("png_valid/basn2c16.png", "RGB, so it holds colours")]
    [TestCase("labels/label_lossy.jpg", "is a JPEG")]
    [TestCase("misnamed/jpeg_named.png", "is a JPEG")]
    [TestCase("png_valid/basn0g16.png", "16-bit value 2304 at column 1, row 0")]
    [TestCase("png_interlaced/basi0g16.png", "16-bit value")]
    [TestCase("png_corrupt/xs2n0g01.png", "PNG signature")]
    [TestCase("png_corrupt/xs7n0g01.png", "PNG signature")]
    [TestCase("png_corrupt/xlfn0g04.png", "PNG signature")]
    [TestCase("png_corrupt/xc9n2c08.png", "colour type 9")]
    [TestCase("png_corrupt/xd3n2c08.png", "3 bits")]
    [TestCase("png_corrupt/xdtn0g01.png", "no IDAT")]
    [TestCase("png_corrupt/xcsn0g01.png", "IDAT chunk has a wrong checksum")]
    [TestCase("png_corrupt/x_unexpected_eof.png", "first chunk")]
    [TestCase("png_corrupt/x_ihdr_missing.png", "first chunk")]
    [TestCase("png_corrupt/badadler.png", "damaged")]
    [TestCase("png_corrupt/huge_iCCP_chunk.png", "")]
    [TestCase("png_corrupt/acid2.png", "RGB")]
    [TestCase("png_misc/broken.png", "")]
    [TestCase("png_misc/unknown_compression_method.png", "compression")]
    [TestCase("png_misc/truncated_image.png", "RGB")]
    [TestCase("misnamed/text.png", "PNG signature")]
    [TestCase("misnamed/empty.png", "empty")]
    [TestCase("misnamed/html_404.jpg", "PNG signature")]
    [TestCase("truncated/image_first_00001.png", "inside the signature")]
    [TestCase("truncated/image_first_00008.png", "after the signature")]
    [TestCase("truncated/image_first_00020.png", "inside the IHDR chunk")]
    [TestCase("bombs/header_100000x100000_rgb.png", "")]
    [TestCase("bombs/header_2147483647x1_gray.png", "2147483647 x 1 pixels; the limit is 67108864")]
    [TestCase("bombs/header_65536x65536_gray1.png", "65536 x 65536 pixels; the limit")]
    [TestCase("bombs/real_20000x20000_gray.png", "20000 x 20000 pixels; the limit")]
    [TestCase("bombs/zero_width.png", "sides must be 1")]
    [TestCase("bombs/zero_height.png", "sides must be 1")]
    public void What_is_no_label_is_refused_by_name(string file, string reason) =>
        Assert.That(() => IndexPng.Read(TestFiles.Shared("odd-images", file)),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(Path.GetFileName(file)).And.Message.Contains(
                reason));

    [Test]
    public void Every_odd_image_is_read_or_refused()
    {
        int read = 0, refused = 0;
        foreach (string file in Directory.EnumerateFiles(TestFiles.Shared("odd-images"), "*",
            SearchOption.AllDirectories))
            try
            {
                LabelMap map = IndexPng.Read(new MemoryStream(File.ReadAllBytes(file)), file);
                Assert.That(map.Ids.Length, Is.EqualTo((long)map.Width * map.Height));
                read++;
            }
            catch (InvalidDataException exception)
            {
                Assert.That(exception, Is.TypeOf<InvalidDataException>().With.Message.Contains(file));
                refused++;
            }
        Assert.That((read, refused), Is.EqualTo((42, 79)));
    }

    [Test]
    public void The_pixel_limit_is_the_callers()
    {
        string file = TestFiles.Shared("odd-images", "labels", "label_palette.png");
        Assert.That(() => IndexPng.Read(file, maxPixels: 64 * 32 - 1),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("limit is 2047"));
        Assert.That(IndexPng.Read(file, maxPixels: 64 * 32).Width, Is.EqualTo(64));
    }

    [Test]
    public void A_header_without_pixels_costs_no_memory()
    {
        // 8,000 x 8,000 is under the pixel limit, but ten bytes cannot hold it.
        byte[] png = File.ReadAllBytes(WriteSmall(out _));
        byte[] huge = ReplaceHeader(png, 8000, 8000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => IndexPng.Read(new MemoryStream(huge), "x"),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("cannot hold 8000 x 8000"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(2_000_000));
    }

    [Test]
    public void A_missing_file_is_named() =>
        Assert.That(() => IndexPng.Read("no-such-label.png"),
            Throws.TypeOf<FileNotFoundException>().With.Message.Contains("no-such-label.png"));

    private static void CheckIds(LabelMap map, int width, int height, int sum, string hash)
    {
        Assert.That((map.Width, map.Height), Is.EqualTo((width, height)));
        Assert.That(map.Ids.ToArray().Sum(id => (long)id), Is.EqualTo(sum));
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(map.Ids.Span))[..16], Is.EqualTo(hash));
    }

    private static string WriteSmall(out byte[] ids)
    {
        string path = Path.Combine(TestFiles.NewFolder(), "small.png");
        ids = [0, 1, 2, 3, 4, 5];
        IndexPng.Write(path, 3, 2, ids);
        return path;
    }

    private static byte[] ReplaceHeader(byte[] png, int width, int height)
    {
        byte[] changed = [.. png];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(16), width);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(20), height);
        PngChecksums.Mend(changed);
        return changed;
    }
}
