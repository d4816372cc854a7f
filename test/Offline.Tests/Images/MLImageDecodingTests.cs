using Microsoft.ML.Data;

namespace FastScnn.Offline.Tests.Images;

/// <summary>What decoding gives, on files of a few pixels whose values are known.</summary>
public class MLImageDecodingTests
{
    [TestCase("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR42mPgEpE7kWIEAARxAZvOSu3FAAAAAElFTkSuQmCC", new byte[] { 30, 20, 10, 255, 50, 100, 200, 255 }, TestName = "PNG: colour")]
    [TestCase("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAABGdBTUEAAYagMeiWXwAAAA9JREFUeNpj4BKRO5FiBAAEcQGbzkrtxQAAAABJRU5ErkJggg==", new byte[] { 30, 20, 10, 255, 50, 100, 200, 255 }, TestName = "PNG: a gamma chunk changes nothing")]
    [TestCase("iVBORw0KGgoAAAANSUhEUgAAAAMAAAABAQAAAAAzmykZAAAACklEQVR42mNYAAAAogChcQXLQQAAAABJRU5ErkJggg==", new byte[] { 255, 255, 255, 255, 0, 0, 0, 255, 255, 255, 255, 255 }, TestName = "PNG: grey of one bit")]
    [TestCase("iVBORw0KGgoAAAANSUhEUgAAAAQAAAABAgAAAACW50iwAAAACklEQVR42mOQBgAAHQAcI3yPrAAAAABJRU5ErkJggg==", new byte[] { 0, 0, 0, 255, 85, 85, 85, 255, 170, 170, 170, 255, 255, 255, 255, 255 }, TestName = "PNG: grey of two bits")]
    [TestCase("iVBORw0KGgoAAAANSUhEUgAAAAMAAAABBAMAAADpzgmHAAAACVBMVEUBAgMoMjz68OaIsJsxAAAAC0lEQVR42mNgVAAAACUAIumCh+UAAAAASUVORK5CYII=", new byte[] { 3, 2, 1, 255, 60, 50, 40, 255, 230, 240, 250, 255 }, TestName = "PNG: palette of four bits")]
    [TestCase("iVBORw0KGgoAAAANSUhEUgAAAAMAAAABCAMAAAAsPuSGAAAACVBMVEX/AgPIZDz68OZ3k6LQAAAAAnRSTlMAgJsrThgAAAAMSURBVHjaY2BgZAIAAAgABAgdYwoAAAAASUVORK5CYII=", new byte[] { 0, 0, 0, 0, 30, 50, 100, 128, 230, 240, 250, 255 }, TestName = "PNG: palette with transparency is premultiplied")]
    [TestCase("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAEUlEQVR42mM4kWLUwCUi9x8ADlADGuggbTkAAAAASUVORK5CYII=", new byte[] { 25, 50, 100, 128, 30, 20, 10, 255 }, TestName = "PNG: alpha is premultiplied")]
    [TestCase("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAQAAABeK7cBAAAADUlEQVR42mM40eD7HwAGPgKVCwEyEgAAAABJRU5ErkJggg==", new byte[] { 100, 100, 100, 128, 77, 77, 77, 255 }, TestName = "PNG: grey with alpha")]
    public void Png(string base64, byte[] bgra)
    {
        using MLImage image = Decode(base64);
        Assert.Multiple(() =>
        {
            Assert.That(image.PixelFormat, Is.EqualTo(MLPixelFormat.Bgra32));
            Assert.That(image.BitsPerPixel, Is.EqualTo(32));
            Assert.That(image.Height, Is.EqualTo(1));
            Assert.That(image.Width, Is.EqualTo(bgra.Length / 4));
            Assert.That(image.Pixels.ToArray(), Is.EqualTo(bgra));
        });
    }

    [Test]
    public void A_png_of_16_bits_keeps_its_upper_bytes()
    {
        using MLImage image = Decode("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAAAAACB2fwVAAAADUlEQVR42mMQMll9FgADDAG/sefUTQAAAABJRU5ErkJggg==");
        byte[] pixels = image.Pixels.ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(pixels[0], Is.EqualTo(0x12).Within(1));
            Assert.That(pixels[4], Is.EqualTo(0xAB).Within(1));
        });
    }

    [Test]
    public void Bgr_pixels_are_not_premultiplied()
    {
        using MLImage image = Decode("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAEUlEQVR42mM4kWLUwCUi9x8ADlADGuggbTkAAAAASUVORK5CYII=");
        byte[] expected = [50, 100, 200, 30, 20, 10];
        byte[] bgr = image.GetBGRPixels;
        Assert.That(bgr, Has.Length.EqualTo(expected.Length));
        for (int i = 0; i < expected.Length; i++)
            Assert.That(bgr[i], Is.EqualTo(expected[i]).Within(1), $"byte {i}");
    }

    [TestCase("/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAKABQDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFgEBAQEAAAAAAAAAAAAAAAAAAAcI/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AkAQ9pAAB/9k=", 50, 100, 200, TestName = "JPEG: baseline")]
    [TestCase("/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wgARCAAKABQDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAP/xAAWAQEBAQAAAAAAAAAAAAAAAAAABgf/2gAMAwEAAhADEAAAAYiH0gD/xAAUEAEAAAAAAAAAAAAAAAAAAAAg/9oACAEBAAEFAl//xAAUEQEAAAAAAAAAAAAAAAAAAAAQ/9oACAEDAQE/AT//xAAUEQEAAAAAAAAAAAAAAAAAAAAQ/9oACAECAQE/AT//xAAUEAEAAAAAAAAAAAAAAAAAAAAg/9oACAEBAAY/Al//xAAUEAEAAAAAAAAAAAAAAAAAAAAg/9oACAEBAAE/IV//2gAMAwEAAgADAAAAEPPP/8QAFBEBAAAAAAAAAAAAAAAAAAAAEP/aAAgBAwEBPxA//8QAFBEBAAAAAAAAAAAAAAAAAAAAEP/aAAgBAgEBPxA//8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQABPxBf/9k=", 50, 100, 200, TestName = "JPEG: progressive")]
    [TestCase("/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wAALCAAKABQBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAj/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AJ3AB//Z", 77, 77, 77, TestName = "JPEG: grey")]
    [TestCase("/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUVFQwPFxgWFBgSFBUU/8AAFAgACgAUBEMRAE0RAFkRAEsRAP/EABcAAQEBAQAAAAAAAAAAAAAAAAAIBwn/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oADgRDAE0AWQBLAAA/ALAZoi91TAAAAAAB/9k=", 50, 100, 200, TestName = "JPEG: CMYK, inverted as Adobe writes it")]
    [TestCase("/9j/7gAOQWRvYmUAZAAAAAAC/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUVFQwPFxgWFBgSFBUU/8AAFAgACgAUBEMRAE0RAFkRAEsRAP/EABgAAQADAQAAAAAAAAAAAAAAAAAEBwgJ/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAA4EQwBNAFkASwAAPwCQvBm91TAAAAAAB//Z", 50, 100, 200, TestName = "JPEG: YCCK")]
    public void Jpeg(string base64, int blue, int green, int red)
    {
        using MLImage image = Decode(base64);
        byte[] pixels = image.Pixels.ToArray();
        Assert.That((image.Width, image.Height), Is.EqualTo((20, 10)));
        for (int i = 0; i < pixels.Length; i += 4)
        {
            Assert.That(pixels[i], Is.EqualTo(blue).Within(4));
            Assert.That(pixels[i + 1], Is.EqualTo(green).Within(4));
            Assert.That(pixels[i + 2], Is.EqualTo(red).Within(4));
            Assert.That(pixels[i + 3], Is.EqualTo(255));
        }
    }

    [Test]
    public void A_stream_is_read_from_where_it_stands()
    {
        byte[] file = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR42mPgEpE7kWIEAARxAZvOSu3FAAAAAElFTkSuQmCC");
        using var stream = new MemoryStream([1, 2, 3, .. file]);
        stream.Position = 3;
        using MLImage image = MLImage.CreateFromStream(stream);
        Assert.That(image.Width, Is.EqualTo(2));
    }

    private static MLImage Decode(string base64) => MLImage.CreateFromStream(new MemoryStream(Convert.FromBase64String(base64)));
}
